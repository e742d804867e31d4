//! Every error that a command can answer, with Redis's own words.

use std::fmt;

/// Why a command was refused; [`into_bytes`](Self::into_bytes) is the text after the leading `-` of the reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CmdError {
    /// The key holds another type.
    WrongType,
    /// The words do not fit the command's grammar.
    Syntax,
    /// Not a signed 64-bit integer.
    NotInteger,
    /// Not a floating-point number.
    NotFloat,
    /// Outside of what the command takes.
    OutOfRange,
    /// A count that must not be negative is.
    MustBePositive,
    /// The key does not exist, and the command needs it.
    NoSuchKey,
    /// An index outside of a list.
    IndexOutOfRange,
    /// A sum of scores or floats that is no number.
    NanOrInfinity,
    /// INCR and its kin left the range of i64.
    Overflow,
    /// Longer than `proto-max-bulk-len`.
    TooLong,
    /// Wrong number of words; the lower-case full name of the command.
    Arity(String),
    /// A time to live that is no valid time; the lower-case name of the command.
    InvalidExpire(&'static str),
    /// Any other fixed text, code included.
    Msg(&'static str),
    /// Any other text, code included.
    Text(String),
    /// Any other text that repeats bytes of a client, code included.
    Bytes(Vec<u8>),
    /// The same, where it was counted when it came up: a script passes on what a command has answered.
    Counted(Vec<u8>),
}

impl CmdError {
    /// A text that repeats a word of a client: none of its bytes from the first zero byte on, as in Redis.
    pub fn repeating(before: &str, word: &[u8], after: &str) -> Self {
        let word = word.split(|&byte| byte == 0).next().unwrap_or_default();
        Self::Bytes([before.as_bytes(), word, after.as_bytes()].concat())
    }

    /// A subcommand with the wrong number of words, where its arity does not say so: the word as it was typed.
    pub fn wrong_subcommand(word: &[u8], container: &str) -> Self {
        let after = format!("'. Try {container} HELP.");
        Self::repeating("ERR unknown subcommand or wrong number of arguments for '", word, &after)
    }

    /// All after the leading `-` of the reply; `Display` replaces bytes that are no text.
    pub fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Bytes(bytes) | Self::Counted(bytes) => bytes,
            other => other.to_string().into_bytes(),
        }
    }
}

impl fmt::Display for CmdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::WrongType => "WRONGTYPE Operation against a key holding the wrong kind of value",
            Self::Syntax => "ERR syntax error",
            Self::NotInteger => "ERR value is not an integer or out of range",
            Self::NotFloat => "ERR value is not a valid float",
            Self::OutOfRange => "ERR value is out of range",
            Self::MustBePositive => "ERR value is out of range, must be positive",
            Self::NoSuchKey => "ERR no such key",
            Self::IndexOutOfRange => "ERR index out of range",
            Self::NanOrInfinity => "ERR increment would produce NaN or Infinity",
            Self::Overflow => "ERR increment or decrement would overflow",
            Self::TooLong => "ERR string exceeds maximum allowed size (proto-max-bulk-len)",
            Self::Arity(name) => {
                return write!(f, "ERR wrong number of arguments for '{name}' command");
            }
            Self::InvalidExpire(name) => {
                return write!(f, "ERR invalid expire time in '{name}' command");
            }
            Self::Msg(text) => text,
            Self::Text(text) => text,
            Self::Bytes(bytes) | Self::Counted(bytes) => &String::from_utf8_lossy(bytes),
        };
        f.write_str(text)
    }
}

impl std::error::Error for CmdError {}
