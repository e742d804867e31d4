//! Files: what is in them, and the commands they become.
//!
//! A file of commands is run as it is. A file of words becomes one set, or groups of anagrams; either way the
//! commands are shown, because they are what runs.

use redarium_engine::table;
use redarium_resp::{Words, split};
use redarium_structures::order;
use redarium_structures::ordered::{OrderedMap, OrderedSet};

use crate::word::word;

/// Bytes that are sent to the worker at a time: progress is shown in between.
pub const CHUNK_BYTES: usize = 1024 * 1024;

/// The largest file that is taken: what the log of a session can hold.
pub const FILE_MAX: usize = 48 * 1024 * 1024;

/// Words of one command at most.
const WORDS_PER_COMMAND: usize = 10_000;

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Nothing.
    Empty,
    /// Requests as clients send them (`redis-cli --pipe`).
    Wire(Vec<u8>),
    /// Command lines.
    Commands(Vec<String>),
    /// One word a line, without repetitions.
    Words(Vec<String>),
    /// It cannot be read; the reason.
    Unknown(String),
}

/// Tells what a file holds.
pub fn classify(bytes: &[u8]) -> Content {
    if bytes.starts_with(b"*") {
        return Content::Wire(bytes.to_vec());
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Content::Unknown("it is neither text nor commands as clients send them".to_owned());
    };
    let text = text.trim_start_matches('\u{feff}');
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let lines: Vec<&str> = lines.filter(|line| !line.starts_with('#')).collect();
    let Some(first) = lines.first() else { return Content::Empty };
    let commands = lines.iter().filter(|line| is_command(line)).count();
    if is_command(first) && commands * 2 > lines.len() {
        return Content::Commands(lines.into_iter().map(str::to_owned).collect());
    }
    if lines.iter().all(|line| line.split_whitespace().count() == 1) {
        let mut seen = OrderedSet::new();
        let words = lines.into_iter().filter(|word| seen.insert(*word));
        return Content::Words(words.map(str::to_owned).collect());
    }
    Content::Unknown(
        "its lines are neither commands (as in `SET greeting hello`) nor single words".to_owned(),
    )
}

/// Whether a line begins with the name of a command and fits it.
fn is_command(line: &str) -> bool {
    let Ok(words) = split(line.as_bytes()) else { return false };
    let spec = words.get(0).and_then(table::lookup);
    spec.is_some_and(|spec| words.len() > 1 || spec.accepts(1, false))
}

/// The commands that put words into one set.
pub fn as_set(words: &[String]) -> Vec<String> {
    let lines = words.chunks(WORDS_PER_COMMAND).map(|chunk| {
        let members: Vec<String> = chunk.iter().map(|it| word(it.as_bytes())).collect();
        format!("SADD words {}", members.join(" "))
    });
    lines.collect()
}

/// In small letters. The browser knows all alphabets; std's table of them would be a part of the download.
fn lower(word: &str) -> String {
    #[cfg(target_arch = "wasm32")]
    return js_sys::JsString::from(word).to_lower_case().into();
    #[cfg(not(target_arch = "wasm32"))]
    word.to_lowercase()
}

/// The commands that put words into a set for each bag of letters, and the sizes of those sets into a sorted set.
pub fn as_anagrams(words: &[String]) -> Vec<String> {
    let mut groups: OrderedMap<String, Vec<&str>> = OrderedMap::new();
    for word in words {
        let mut letters: Vec<char> = lower(word).chars().collect();
        order::sort(&mut letters);
        groups.get_or_default(letters.into_iter().collect::<String>()).push(word);
    }
    let mut lines = Vec::new();
    for (letters, group) in &groups {
        let members: Vec<String> = group.iter().map(|it| word(it.as_bytes())).collect();
        lines.push(format!(
            "SADD {} {}",
            word(format!("anagrams:{letters}").as_bytes()),
            members.join(" ")
        ));
        lines.push(format!("ZADD anagrams:sizes {} {}", group.len(), word(letters.as_bytes())));
    }
    lines
}

/// What can be asked of the groups, as examples.
pub const ANAGRAM_QUESTIONS: [&str; 2] =
    ["ZRANGE anagrams:sizes +inf 6 BYSCORE REV", "SMEMBERS anagrams:opst"];

/// Command lines as requests, in blocks of about [`CHUNK_BYTES`]; lines that cannot be split are left out and counted.
pub fn encode(lines: &[String]) -> (Vec<Vec<u8>>, usize) {
    let (mut chunks, mut chunk, mut wrong) = (Vec::new(), Vec::new(), 0);
    for line in lines {
        match split(line.as_bytes()) {
            Ok(words) if !words.is_empty() => Words::encode(&words, &mut chunk),
            _ => wrong += 1,
        }
        if chunk.len() >= CHUNK_BYTES {
            chunks.push(std::mem::take(&mut chunk));
        }
    }
    if !chunk.is_empty() {
        chunks.push(chunk);
    }
    (chunks, wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|&line| line.to_owned()).collect()
    }

    #[test]
    fn files_are_told_apart() {
        assert_eq!(classify(b"\n \n"), Content::Empty);
        assert_eq!(
            classify(b"*1\r\n$4\r\nPING\r\n"),
            Content::Wire(b"*1\r\n$4\r\nPING\r\n".to_vec())
        );
        assert_eq!(
            classify(b"# planets\nSET a 1\r\nSADD s x\n"),
            Content::Commands(strings(&["SET a 1", "SADD s x"]))
        );
        // Words that happen to be names of commands are words all the same.
        assert_eq!(
            classify(b"set\nget\nset\nappend\n"),
            Content::Words(strings(&["set", "get", "append"]))
        );
        assert!(matches!(classify(b"a b c\nd e\n"), Content::Unknown(_)));
        assert!(matches!(classify(b"\x89PNG\xff\xfe"), Content::Unknown(_)));
    }

    #[test]
    fn words_become_commands() {
        let words = strings(&["stop", "post", "Spot", "cat"]);
        assert_eq!(as_set(&words), ["SADD words stop post Spot cat"]);
        assert_eq!(
            as_anagrams(&words),
            [
                "SADD anagrams:act cat",
                "ZADD anagrams:sizes 1 act",
                "SADD anagrams:opst stop post Spot",
                "ZADD anagrams:sizes 3 opst"
            ]
        );
    }

    #[test]
    fn lines_become_requests() {
        let (chunks, wrong) = encode(&strings(&["PING", "GET \"a", "GET a"]));
        assert_eq!(wrong, 1, "a quote that never closes");
        assert_eq!(chunks, [b"*1\r\n$4\r\nPING\r\n*2\r\n$3\r\nGET\r\n$1\r\na\r\n".to_vec()]);
    }
}
