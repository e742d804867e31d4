//! Names in a console that can be followed: which parts of a text they are, and where they lead.

use redarium_engine::command::Group;
use redarium_resp::{Words, split};

use super::line::spec_of;
use super::output::{Kind, Output};
use crate::protocol::ClientStatus;
use crate::word::word;

/// Commands that answer with names of keys.
const ANSWER_KEYS: [&str; 3] = ["KEYS", "SCAN", "RANDOMKEY"];

/// Where a name leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The picture of a key.
    Key(String),
    /// A line that asks about it.
    Line(String),
    /// A client's console.
    Client(u64),
}

/// A text in parts, and whether each can be followed.
pub fn parts<'a>(kind: &Kind, text: &'a str) -> Vec<(&'a str, bool)> {
    match kind {
        Kind::Input { .. } => input_parts(text),
        Kind::Reply | Kind::Push => reply_parts(text),
        _ => vec![(text, false)],
    }
}

/// Quoted strings, and `id=7` in lists of clients.
fn reply_parts(text: &str) -> Vec<(&str, bool)> {
    let mut parts = Vec::new();
    let (mut from, mut at) = (0, 0);
    let bytes = text.as_bytes();
    while at < bytes.len() {
        let rest = bytes.get(at..).unwrap_or_default();
        let is_start =
            at == 0 || matches!(bytes.get(at - 1), Some(b' ' | b'\n' | b',' | b'[' | b'{'));
        let len = match rest {
            [b'"', ..] if is_start => quoted_len(rest),
            [b'i', b'd', b'=', digits @ ..] if is_start => {
                3 + digits.iter().take_while(|byte| byte.is_ascii_digit()).count()
            }
            _ => 0,
        };
        // An empty string leads nowhere.
        if len > 2 {
            parts.push((text.get(from..at).unwrap_or_default(), false));
            parts.push((text.get(at..at + len).unwrap_or_default(), true));
            at += len;
            from = at;
        } else {
            at += len.max(1);
        }
    }
    parts.push((text.get(from..).unwrap_or_default(), false));
    parts.retain(|(part, _)| !part.is_empty());
    parts
}

/// The length of the quoted string at the beginning; 0 if its line ends first.
fn quoted_len(bytes: &[u8]) -> usize {
    let mut at = 1;
    loop {
        match bytes.get(at) {
            None | Some(b'\n') => return 0,
            Some(b'"') => return at + 1,
            Some(b'\\') => at += 2,
            Some(_) => at += 1,
        }
    }
}

/// The words of a command line that name keys or channels.
fn input_parts(text: &str) -> Vec<(&str, bool)> {
    let Ok(words) = split(text.as_bytes()) else { return vec![(text, false)] };
    let places = named(&words);
    let (mut parts, mut rest) = (Vec::new(), text);
    for (place, bytes) in words.iter().enumerate() {
        if !places.contains(&place) {
            continue;
        }
        // The first occurrence behind what was taken; quoted words may be written in other ways and are left out.
        let Ok(plain) = std::str::from_utf8(bytes) else { continue };
        let Some(at) = rest.find(plain).filter(|_| !plain.is_empty()) else { continue };
        parts.push((rest.get(..at).unwrap_or_default(), false));
        parts.push((rest.get(at..at + plain.len()).unwrap_or_default(), true));
        rest = rest.get(at + plain.len()..).unwrap_or_default();
    }
    parts.push((rest, false));
    parts.retain(|(part, _)| !part.is_empty());
    parts
}

/// The places of words that name keys or channels.
fn named(words: &Words) -> Vec<usize> {
    let slices: Vec<&[u8]> = words.iter().collect();
    let Some(spec) = spec_of(words) else { return Vec::new() };
    let keys = spec.keys.iter().flat_map(|keys| keys.positions(&slices));
    let mut places: Vec<usize> = keys.collect();
    if spec.group == Group::PubSub {
        let last = if spec.name.ends_with("PUBLISH") { 2 } else { words.len() };
        places.extend(1..last);
    }
    places
}

/// Where a part of this block leads.
pub fn place(output: &Output, block: u32, part: &str) -> Option<Place> {
    let at = output.blocks().iter().position(|it| it.id == block)?;
    let blocks = output.blocks().get(..=at)?;
    let here = blocks.last()?;
    if let Some(id) = part.strip_prefix("id=") {
        return id.parse().ok().map(Place::Client);
    }
    let bytes = split(part.as_bytes()).ok()?.get(0)?.to_vec();
    let name = word(&bytes);
    if here.kind == Kind::Push {
        return Some(Place::Line(format!("PUBSUB NUMSUB {name}")));
    }
    let input = blocks.iter().rev().find(|it| matches!(it.kind, Kind::Input { .. }))?;
    let words = split(input.text.as_bytes()).ok()?;
    let spec = spec_of(&words)?;
    if spec.group == Group::PubSub {
        return Some(Place::Line(format!("PUBSUB NUMSUB {name}")));
    }
    let is_key = matches!(here.kind, Kind::Input { .. }) || ANSWER_KEYS.contains(&spec.name);
    let keys: Vec<String> =
        named(&words).into_iter().filter_map(|place| words.get(place).map(word)).collect();
    if is_key || keys.contains(&name) {
        return Some(Place::Key(name));
    }
    // A field or a member is in the picture of its key.
    keys.into_iter().next().map(Place::Key)
}

/// The client with this id.
pub fn client(clients: &[ClientStatus], id: u64) -> Option<&str> {
    clients.iter().find(|it| it.id == id).map(|it| it.name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(kind: &Kind, text: &str) -> Vec<String> {
        let all: Vec<(&str, bool)> = parts(kind, text);
        assert_eq!(all.iter().map(|(part, _)| *part).collect::<String>(), text, "nothing is lost");
        all.iter().filter(|(_, leads)| *leads).map(|(part, _)| (*part).to_owned()).collect()
    }

    #[test]
    fn names_are_found() {
        let reply = "1) \"a \\\" b\"\n2) \"\"\n3) (integer) 7\n1# \"f\" => \"v\"";
        assert_eq!(links(&Kind::Reply, reply), ["\"a \\\" b\"", "\"f\"", "\"v\""]);
        assert_eq!(links(&Kind::Reply, "id=7 addr=127.0.0.1:1\nid=12 x"), ["id=7", "id=12"]);
        assert_eq!(links(&Kind::Reply, "say \"no end"), [""; 0]);
        let input = Kind::Input { prompt: "".into(), facts: None };
        assert_eq!(links(&input, "MSET a 1 b 2"), ["a", "b"]);
        assert_eq!(links(&input, "PUBLISH news hello"), ["news"]);
        assert_eq!(links(&input, "SUBSCRIBE a b"), ["a", "b"]);
        assert_eq!(links(&input, "PING"), [""; 0]);
    }

    #[test]
    fn names_lead_somewhere() {
        let mut output = Output::default();
        let follow =
            |output: &Output, part: &str| place(output, output.blocks().last().unwrap().id, part);
        output.input(">", "HGETALL user:1");
        assert_eq!(follow(&output, "user:1"), Some(Place::Key("user:1".to_owned())));
        output.add(&Kind::Reply, "1) \"name\"");
        assert_eq!(follow(&output, "\"name\""), Some(Place::Key("user:1".to_owned())));
        output.input(">", "KEYS *");
        output.add(&Kind::Reply, "1) \"two words\"");
        let key = Place::Key("\"two words\"".to_owned());
        assert_eq!(follow(&output, "\"two words\""), Some(key));
        output.add(&Kind::Push, "1) \"message\"\n2) \"news\"");
        let line = Place::Line("PUBSUB NUMSUB news".to_owned());
        assert_eq!(follow(&output, "\"news\""), Some(line));
        assert_eq!(follow(&output, "id=7"), Some(Place::Client(7)));
    }
}
