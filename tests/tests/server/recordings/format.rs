//! The text format of recordings, which `recordings/README.md` explains: into sections and steps.

use redarium_resp::words::{Words, split};

/// A part of a recording that begins on an empty server.
#[derive(Debug)]
pub(super) struct Section {
    pub(super) name: String,
    pub(super) protocols: Vec<u8>,
    /// Parameters to set first.
    pub(super) config: Vec<(String, String)>,
    pub(super) steps: Vec<Step>,
}

/// What one connection does.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) line: usize,
    pub(super) text: String,
    pub(super) connection: char,
    pub(super) action: Action,
    pub(super) modifiers: Vec<String>,
    resp2: Vec<String>,
    resp3: Option<Vec<String>>,
}

impl Step {
    /// The command as it is written; nothing if none is sent.
    pub(super) fn command(&self) -> &str {
        self.text.split_once(' ').map_or("", |(_, command)| command)
    }

    /// The lines of the recorded reply.
    pub(super) fn reply(&self, protocol: u8) -> &[String] {
        self.resp3.as_ref().filter(|_| protocol == 3).unwrap_or(&self.resp2)
    }
}

#[derive(Debug)]
pub(super) enum Action {
    /// Send a command and read its reply.
    Ask(Words),
    /// Send a command that will wait.
    Send(Words),
    /// Send bytes and read a reply.
    Raw(Words),
    /// Read one more reply.
    Read,
    /// See that nothing arrives.
    Silence,
}

/// Reads a recording.
pub(super) fn parse(text: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut modifiers = Vec::new();
    for (line, text) in (1..).zip(text.lines()) {
        if let Some(head) = text.strip_prefix("=== ") {
            sections.push(section(head));
            continue;
        }
        let Some(section) = sections.last_mut() else { continue };
        if text.is_empty() || text.starts_with("##") {
        } else if let Some(modifier) = text.strip_prefix('@') {
            modifiers.push(modifier.to_owned());
        } else if let Some((connection, action)) = action(text) {
            let modifiers = std::mem::take(&mut modifiers);
            let text = text.to_owned();
            let (resp2, resp3) = (Vec::new(), None);
            section.steps.push(Step { line, text, connection, action, modifiers, resp2, resp3 });
        } else {
            let step = section.steps.last_mut().unwrap();
            match (text, &mut step.resp3) {
                ("|3", resp3) => *resp3 = Some(Vec::new()),
                (_, Some(reply)) => reply.push(text.to_owned()),
                (_, None) => step.resp2.push(text.to_owned()),
            }
        }
    }
    sections
}

fn section(head: &str) -> Section {
    let mut words = head.split_whitespace();
    let name = words.next().unwrap().to_owned();
    let mut section = Section { name, protocols: vec![2, 3], config: vec![], steps: vec![] };
    for option in words {
        let (name, value) = option.split_once('=').unwrap();
        let values = value.split(',');
        match name {
            "proto" => section.protocols = values.map(|digit| digit.parse().unwrap()).collect(),
            "config" => {
                let pairs = values.map(|pair| pair.split_once(':').unwrap());
                section.config = pairs.map(|(name, to)| (name.to_owned(), to.to_owned())).collect();
            }
            other => panic!("{head}: {other}?"),
        }
    }
    section
}

/// The connection of a line that says what it does.
fn action(text: &str) -> Option<(char, Action)> {
    let connection = text.chars().next()?;
    if !connection.is_ascii_digit() && !connection.is_ascii_lowercase() {
        return None;
    }
    let (sign, words) = text[1..].split_once(' ').unwrap_or((&text[1..], ""));
    let action = match sign {
        ">" => Action::Ask(expanded(words)),
        ">&" => Action::Send(expanded(words)),
        "!" => Action::Raw(split(words.as_bytes()).unwrap()),
        "<" => Action::Read,
        "<?" => Action::Silence,
        _ => return None,
    };
    Some((connection, action))
}

/// The words of a line, with `rep(..)`, `seq(..)` and `alt(..)` written out.
fn expanded(line: &str) -> Words {
    let mut words = Words::new();
    for word in split(line.as_bytes()).unwrap().iter() {
        match macro_words(word) {
            Some(many) => many.iter().for_each(|word| words.push(word.as_bytes())),
            None => words.push(word),
        }
    }
    words
}

fn macro_words(word: &[u8]) -> Option<Vec<String>> {
    let (name, arguments) = str::from_utf8(word).ok()?.strip_suffix(')')?.split_once('(')?;
    let arguments: Vec<_> = arguments.split(',').collect();
    let range = |from: &str, to: &str| Some(from.parse::<i64>().ok()?..=to.parse().ok()?);
    match (name, &arguments[..]) {
        ("rep", [text, count]) => Some(vec![text.repeat(count.parse().ok()?)]),
        ("seq", [text, from, to]) => Some(range(from, to)?.map(|n| format!("{text}{n}")).collect()),
        ("alt", [text, from, to, other]) => {
            let pair = |n| [format!("{text}{n}"), format!("{other}{n}")];
            Some(range(from, to)?.flat_map(pair).collect())
        }
        _ => None,
    }
}
