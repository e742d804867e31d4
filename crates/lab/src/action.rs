//! What can be done to a world, and its compact written form.
//!
//! Words are written as a command line, so that a saved session can be read by people.

use std::fmt;
use std::rc::Rc;

use redarium_resp::words::{Words, quote, split};
use serde::{Deserialize, Serialize};

/// One thing that was done. Cloning costs a reference count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Written", try_from = "Written")]
pub enum Action {
    /// A client sent a command.
    Run {
        /// Its name; it is connected when it first appears.
        client: Rc<str>,
        /// The words of the command.
        words: Rc<Words>,
    },
    /// A client sent bytes that need not be a whole command.
    Feed {
        /// Its name; it is connected when it first appears.
        client: Rc<str>,
        /// What it sent.
        bytes: Rc<[u8]>,
    },
    /// A client went away.
    Disconnect {
        /// Its name.
        client: Rc<str>,
    },
    /// Someone moved the clock.
    Advance {
        /// By how many milliseconds.
        ms: u64,
    },
    /// A client stopped reading what it is sent, or reads again.
    Reading {
        /// Its name.
        client: Rc<str>,
        /// Whether it reads.
        on: bool,
    },
    /// The clock ran on by itself.
    Elapse {
        /// By how many milliseconds.
        ms: u64,
    },
    /// A script that is half-way got its next slices.
    Turn {
        /// How many.
        count: u32,
        /// By how many milliseconds the clock moved before each.
        ms: u64,
    },
    /// The power failed, and the node started again with the files that were left.
    Crash {
        /// How many bytes of each file that were not durable had been written by chance.
        kept: u64,
    },
    /// The node was shut down and started again.
    Restart,
    /// The disk filled up or broke, or was mended.
    Disk {
        /// Why nothing can be written from here on, in the words of the system; `None` if everything can.
        trouble: Option<Rc<str>>,
    },
    /// Someone put a file among those of the node.
    PutFile {
        /// Its name.
        name: Rc<str>,
        /// What stands in it.
        bytes: Rc<[u8]>,
    },
}

impl Action {
    /// Whether somebody did it; else it happened by itself, and is undone with what was done before it.
    pub fn is_somebodys(&self) -> bool {
        !matches!(self, Self::Elapse { .. } | Self::Turn { .. })
    }

    /// The memory that the action takes in a log, in bytes, roughly.
    pub(crate) fn bytes(&self) -> usize {
        let content = match self {
            Self::Run { words, .. } => words.memory_bytes(),
            Self::Feed { bytes, .. } | Self::PutFile { bytes, .. } => bytes.len(),
            Self::Disconnect { .. }
            | Self::Advance { .. }
            | Self::Elapse { .. }
            | Self::Turn { .. }
            | Self::Crash { .. }
            | Self::Disk { .. }
            | Self::Reading { .. }
            | Self::Restart => 0,
        };
        size_of::<Self>() + content
    }
}

/// An action as it is written: short tags, words as one quoted line.
#[derive(Serialize, Deserialize)]
enum Written {
    #[serde(rename = "r")]
    Run(String, String),
    #[serde(rename = "f")]
    Feed(String, String),
    #[serde(rename = "d")]
    Disconnect(String),
    #[serde(rename = "a")]
    Advance(u64),
    #[serde(rename = "e")]
    Elapse(u64),
    #[serde(rename = "t")]
    Turn(u32, u64),
    #[serde(rename = "c")]
    Crash(u64),
    #[serde(rename = "s")]
    Restart,
    #[serde(rename = "k")]
    Disk(Option<String>),
    #[serde(rename = "w")]
    Reading(String, bool),
    #[serde(rename = "p")]
    PutFile(String, String),
}

impl From<Action> for Written {
    fn from(action: Action) -> Self {
        match action {
            Action::Run { client, words } => Self::Run(client.as_ref().to_owned(), line(&words)),
            Action::Feed { client, bytes } => Self::Feed(client.as_ref().to_owned(), quote(&bytes)),
            Action::Disconnect { client } => Self::Disconnect(client.as_ref().to_owned()),
            Action::Advance { ms } => Self::Advance(ms),
            Action::Elapse { ms } => Self::Elapse(ms),
            Action::Turn { count, ms } => Self::Turn(count, ms),
            Action::Crash { kept } => Self::Crash(kept),
            Action::Restart => Self::Restart,
            Action::Disk { trouble } => {
                Self::Disk(trouble.map(|trouble| trouble.as_ref().to_owned()))
            }
            Action::Reading { client, on } => Self::Reading(client.as_ref().to_owned(), on),
            Action::PutFile { name, bytes } => {
                Self::PutFile(name.as_ref().to_owned(), quote(&bytes))
            }
        }
    }
}

impl TryFrom<Written> for Action {
    type Error = ActionError;

    fn try_from(written: Written) -> Result<Self, ActionError> {
        let words = |line: &str| split(line.as_bytes()).or(Err(ActionError));
        Ok(match written {
            Written::Run(client, line) => {
                Self::Run { client: client.into(), words: Rc::new(words(&line)?) }
            }
            Written::Feed(client, text) => {
                let bytes = words(&text)?;
                Self::Feed { client: client.into(), bytes: bytes.get(0).ok_or(ActionError)?.into() }
            }
            Written::Disconnect(client) => Self::Disconnect { client: client.into() },
            Written::Advance(ms) => Self::Advance { ms },
            Written::Elapse(ms) => Self::Elapse { ms },
            Written::Turn(count, ms) => Self::Turn { count, ms },
            Written::Crash(kept) => Self::Crash { kept },
            Written::Restart => Self::Restart,
            Written::Disk(trouble) => Self::Disk { trouble: trouble.map(Into::into) },
            Written::Reading(client, on) => Self::Reading { client: client.into(), on },
            Written::PutFile(name, text) => {
                let bytes = words(&text)?;
                let bytes = bytes.get(0).ok_or(ActionError)?.into();
                Self::PutFile { name: name.into(), bytes }
            }
        })
    }
}

/// Words as a line that splits into the same words.
fn line(words: &Words) -> String {
    let mut line = String::new();
    for word in words.iter() {
        if !line.is_empty() {
            line.push(' ');
        }
        let plain = !word.is_empty()
            && word.iter().all(|byte| byte.is_ascii_graphic() && !b"\"'\\".contains(byte));
        match std::str::from_utf8(word) {
            Ok(text) if plain => line.push_str(text),
            _ => line.push_str(&quote(word)),
        }
    }
    line
}

/// A written action has quotes that do not match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActionError;

impl fmt::Display for ActionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the quotes of a command in the saved session do not match")
    }
}

impl std::error::Error for ActionError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_words_read_back() {
        for words in [
            vec![&b"SET"[..], b"a key", b"\x00\xff\r\n\"'\\"],
            vec![&b"GET"[..], b"", b"caf\xc3\xa9"],
            vec![&b"PING"[..]],
        ] {
            let words = Words::from_slices(words);
            let action = Action::Run { client: "ann".into(), words: Rc::new(words) };
            let written = Written::from(action.clone());
            assert_eq!(Action::try_from(written), Ok(action), "the same action");
        }
        let action = Action::Feed { client: "".into(), bytes: b"*1\r\n$4\r\nPI"[..].into() };
        assert_eq!(Action::try_from(Written::from(action.clone())), Ok(action), "raw bytes");
        for action in [
            Action::Crash { kept: 3 },
            Action::Turn { count: 2, ms: 16 },
            Action::Restart,
            Action::Disk { trouble: Some("No space left on device".into()) },
            Action::Disk { trouble: None },
            Action::Reading { client: "ann".into(), on: false },
            Action::PutFile { name: "dump.rdb".into(), bytes: b"REDIS\x00\xff\""[..].into() },
            Action::PutFile { name: "empty".into(), bytes: Rc::default() },
        ] {
            assert_eq!(Action::try_from(Written::from(action.clone())), Ok(action), "files");
        }
        let bad = Written::Run("ann".to_owned(), "GET \"a".to_owned());
        assert_eq!(Action::try_from(bad), Err(ActionError), "a quote that never closes");
    }
}
