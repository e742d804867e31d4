//! Requests as clients send them: arrays of bulk strings, and inline commands typed by hand.
//!
//! [`RequestParser`] yields places in the caller's buffer and copies nothing.
//! It remembers how far it came inside a command that has not arrived in full, so that a large value in many pieces
//! is looked at once. No length is believed before its bytes are there: memory follows what was received.
//! It knows nothing of sockets and of what the words mean.

use std::fmt;

use crate::number::parse_i64;
use crate::words::{Words, split};

/// Longest line without its end, in bytes: an inline command, or the head of an array or string.
const LINE_MAX: usize = 64 * 1024;
/// Words allowed before a client has authenticated.
const UNAUTHENTICATED_WORDS_MAX: i64 = 10;
/// Bytes in one word allowed before a client has authenticated.
const UNAUTHENTICATED_BULK_MAX: i64 = 16_384;

/// What a client may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest word, in bytes (`proto-max-bulk-len`).
    pub max_bulk_len: u64,
    /// Most words in one command.
    pub max_multibulk: u64,
    /// Longest line that has not ended yet, in bytes.
    pub max_inline: usize,
    /// Clients that have yet to authenticate are held to 10 words of 16,384 bytes.
    pub authenticated: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            max_bulk_len: 512 * 1024 * 1024,
            max_multibulk: i32::MAX as u64,
            max_inline: LINE_MAX,
            authenticated: true,
        }
    }
}

/// What was found at the front of the buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parsed {
    /// A command whose words lie in the buffer at the spans handed back.
    Command {
        /// Bytes to drop before the next call.
        consumed: usize,
    },
    /// A command typed as a line; its words had to be unquoted.
    Inline {
        /// Bytes to drop before the next call.
        consumed: usize,
        /// At least one word.
        words: Words,
    },
    /// An empty line or array, to be ignored.
    Empty {
        /// Bytes to drop before the next call.
        consumed: usize,
    },
    /// More bytes are needed: call again with the same bytes and more behind them.
    Incomplete,
}

/// Why the connection must be closed; displays as Redis's text, without `ERR`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProtocolError {
    /// The number of words is not a number or too large.
    InvalidMultibulkLength,
    /// A word does not begin with `$` but with this byte.
    ExpectedDollar(u8),
    /// The length of a word is not a number, negative or too large.
    InvalidBulkLength,
    /// A line without an end is too long.
    TooBigInlineRequest,
    /// The head of an array has no end.
    TooBigMultibulkCount,
    /// The head of a word has no end.
    TooBigBulkCount,
    /// Quotes in an inline command do not match.
    UnbalancedQuotes,
    /// Too many words before authentication.
    UnauthenticatedMultibulkLength,
    /// Too long a word before authentication.
    UnauthenticatedBulkLength,
    /// One command is larger than 4 GB.
    TooBigRequest,
}

impl ProtocolError {
    /// The text as Redis sends it: a byte that is not ASCII stays as it came.
    pub fn to_bytes(self) -> Vec<u8> {
        match self {
            ProtocolError::ExpectedDollar(got) => {
                [b"Protocol error: expected '$', got '", &[got][..], b"'"].concat()
            }
            _ => self.to_string().into_bytes(),
        }
    }
}

impl fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            ProtocolError::ExpectedDollar(got) => {
                return write!(f, "Protocol error: expected '$', got '{}'", char::from(*got));
            }
            ProtocolError::InvalidMultibulkLength => "invalid multibulk length",
            ProtocolError::InvalidBulkLength => "invalid bulk length",
            ProtocolError::TooBigInlineRequest => "too big inline request",
            ProtocolError::TooBigMultibulkCount => "too big mbulk count string",
            ProtocolError::TooBigBulkCount => "too big bulk count string",
            ProtocolError::UnbalancedQuotes => "unbalanced quotes in request",
            ProtocolError::UnauthenticatedMultibulkLength => "unauthenticated multibulk length",
            ProtocolError::UnauthenticatedBulkLength => "unauthenticated bulk length",
            ProtocolError::TooBigRequest => "too big request",
        };
        write!(f, "Protocol error: {text}")
    }
}

impl std::error::Error for ProtocolError {}

/// Finds commands in a stream of bytes; one for each connection.
#[derive(Clone, Debug, Default)]
pub struct RequestParser {
    /// Words still to come, once the head of the array was read.
    words_left: Option<u64>,
    /// Length of the word being awaited, once its head was read.
    bulk_len: Option<usize>,
    /// Everything before this offset is parsed.
    position: usize,
    /// Everything before this offset was searched for the end of a line.
    searched: usize,
    /// Words found so far in a command that is still incomplete.
    partial: Vec<(u32, u32)>,
}

impl RequestParser {
    /// A parser at the beginning of a stream.
    pub fn new() -> Self {
        RequestParser::default()
    }

    /// Looks for one command at the front of `buf`.
    ///
    /// `words` receives start and end of each word of a [`Parsed::Command`]; otherwise it is left empty.
    /// After [`Parsed::Incomplete`], `buf` must begin with the same bytes in the next call.
    /// After an error the connection is to be closed. O(new bytes), amortised.
    #[inline]
    pub fn parse(
        &mut self,
        buf: &[u8],
        limits: &Limits,
        words: &mut Vec<(u32, u32)>,
    ) -> Result<Parsed, ProtocolError> {
        words.clear();
        let Some(&first) = buf.first() else { return Ok(Parsed::Incomplete) };
        if first != b'*' {
            return self.inline(buf, limits);
        }
        if self.position > 0 {
            std::mem::swap(words, &mut self.partial);
        }
        let result = self.multibulk(buf, limits, words);
        match result {
            Ok(Parsed::Incomplete) if self.position > 0 => {
                std::mem::swap(words, &mut self.partial);
                words.clear();
            }
            Ok(Parsed::Incomplete) => {}
            _ => {
                self.words_left = None;
                self.bulk_len = None;
                self.position = 0;
                self.searched = 0;
            }
        }
        result
    }

    fn multibulk(
        &mut self,
        buf: &[u8],
        limits: &Limits,
        words: &mut Vec<(u32, u32)>,
    ) -> Result<Parsed, ProtocolError> {
        let mut left = match self.words_left {
            Some(left) => left,
            None => match self.array_head(buf, limits)? {
                Some(0) => return Ok(Parsed::Empty { consumed: self.position }),
                Some(len) => len,
                None => return Ok(Parsed::Incomplete),
            },
        };
        while left > 0 {
            let len = match self.bulk_len {
                Some(len) => len,
                None => match self.bulk_head(buf, limits)? {
                    Some(len) => len,
                    None => break,
                },
            };
            let end = self.position.saturating_add(len);
            let Ok(span_end) = u32::try_from(end) else { return Err(ProtocolError::TooBigRequest) };
            if buf.len() < end.saturating_add(2) {
                self.bulk_len = Some(len);
                break;
            }
            words.push((self.position as u32, span_end));
            // The two bytes after a word are skipped unseen, as Redis does.
            self.position = end + 2;
            self.bulk_len = None;
            left -= 1;
        }
        if left == 0 {
            return Ok(Parsed::Command { consumed: self.position });
        }
        self.words_left = Some(left);
        Ok(Parsed::Incomplete)
    }

    /// Reads `*len`; an array of no or negative length counts 0.
    #[inline]
    fn array_head(&mut self, buf: &[u8], limits: &Limits) -> Result<Option<u64>, ProtocolError> {
        if limits.authenticated
            && let Some((len, taken)) = short_head(buf, self.position, b'*')
            && len as u64 <= limits.max_multibulk
        {
            self.position += taken;
            return Ok(Some(len as u64));
        }
        let Some(line) = self.head(buf, limits, ProtocolError::TooBigMultibulkCount)? else {
            return Ok(None);
        };
        let len = line.split_first().and_then(|(_, digits)| parse_i64(digits));
        let len = len.ok_or(ProtocolError::InvalidMultibulkLength)?;
        let count = u64::try_from(len).unwrap_or(0);
        if count > limits.max_multibulk {
            return Err(ProtocolError::InvalidMultibulkLength);
        }
        if !limits.authenticated && len > UNAUTHENTICATED_WORDS_MAX {
            return Err(ProtocolError::UnauthenticatedMultibulkLength);
        }
        Ok(Some(count))
    }

    /// Reads `$len`.
    #[inline]
    fn bulk_head(&mut self, buf: &[u8], limits: &Limits) -> Result<Option<usize>, ProtocolError> {
        if let Some((len, taken)) = short_head(buf, self.position, b'$')
            && len as u64 <= limits.max_bulk_len
        {
            self.position += taken;
            return Ok(Some(len));
        }
        let Some(line) = self.head(buf, limits, ProtocolError::TooBigBulkCount)? else {
            return Ok(None);
        };
        let digits = match line {
            [b'$', digits @ ..] => digits,
            [got, ..] => return Err(ProtocolError::ExpectedDollar(*got)),
            [] => return Err(ProtocolError::ExpectedDollar(b'\r')),
        };
        let len = parse_i64(digits).ok_or(ProtocolError::InvalidBulkLength)?;
        let Ok(bytes) = u64::try_from(len) else { return Err(ProtocolError::InvalidBulkLength) };
        if bytes > limits.max_bulk_len {
            return Err(ProtocolError::InvalidBulkLength);
        }
        if !limits.authenticated && len > UNAUTHENTICATED_BULK_MAX {
            return Err(ProtocolError::UnauthenticatedBulkLength);
        }
        usize::try_from(bytes).map(Some).or(Err(ProtocolError::InvalidBulkLength))
    }

    /// Takes the line at the cursor, which ends with a carriage return and one more byte; `None` if it has not ended.
    #[inline]
    fn head<'b>(
        &mut self,
        buf: &'b [u8],
        limits: &Limits,
        too_big: ProtocolError,
    ) -> Result<Option<&'b [u8]>, ProtocolError> {
        let rest = buf.get(self.position..).unwrap_or_default();
        let skip = self.searched.saturating_sub(self.position);
        let len = match line_end(rest, skip, b'\r') {
            Ok(len) => len,
            Err(searched) => {
                self.searched = self.position + searched;
                return if rest.len() > limits.max_inline { Err(too_big) } else { Ok(None) };
            }
        };
        if rest.len() < len + 2 {
            return Ok(None);
        }
        self.position += len + 2;
        Ok(rest.get(..len))
    }

    fn inline(&mut self, buf: &[u8], limits: &Limits) -> Result<Parsed, ProtocolError> {
        let len = match line_end(buf, self.searched, b'\n') {
            Ok(len) => len,
            Err(searched) => {
                self.searched = searched;
                return if buf.len() > limits.max_inline {
                    Err(ProtocolError::TooBigInlineRequest)
                } else {
                    Ok(Parsed::Incomplete)
                };
            }
        };
        self.searched = 0;
        let line = buf.get(..len).unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let words = split(line).or(Err(ProtocolError::UnbalancedQuotes))?;
        let consumed = len + 1;
        Ok(if words.is_empty() {
            Parsed::Empty { consumed }
        } else {
            Parsed::Inline { consumed, words }
        })
    }
}

/// Where the line ends, or how far it has been searched in vain.
///
/// A zero byte hides every end behind it, as in Redis: such a line only ends by being too long.
#[inline]
fn line_end(bytes: &[u8], searched: usize, end: u8) -> Result<usize, usize> {
    let at = bytes.iter().skip(searched).position(|&byte| byte == end || byte == 0);
    match at.map(|at| searched + at) {
        Some(at) if bytes.get(at) == Some(&end) => Ok(at),
        Some(zero) => Err(zero),
        None => Err(bytes.len()),
    }
}

/// Length and size of a head at `position` if it has one to three digits and is all there.
///
/// Nearly every head is so: this spares the search for its end. Whatever looks different is left to the full reading.
#[inline]
fn short_head(buf: &[u8], position: usize, kind: u8) -> Option<(usize, usize)> {
    let value = |digit: u8| usize::from(digit - b'0');
    match *buf.get(position..)? {
        [first, _, ..] if first != kind => None,
        [_, a @ b'0'..=b'9', b'\r', _, ..] => Some((value(a), 4)),
        [_, a @ b'1'..=b'9', b @ b'0'..=b'9', b'\r', _, ..] => Some((value(a) * 10 + value(b), 5)),
        [_, a @ b'1'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', b'\r', _, ..] => {
            Some((value(a) * 100 + value(b) * 10 + value(c), 6))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_all(input: &[u8]) -> Result<Vec<Words>, ProtocolError> {
        let (mut parser, mut spans, mut commands) = (RequestParser::new(), Vec::new(), Vec::new());
        let mut rest = input;
        loop {
            let consumed = match parser.parse(rest, &Limits::default(), &mut spans)? {
                Parsed::Incomplete => return Ok(commands),
                Parsed::Empty { consumed } => consumed,
                Parsed::Inline { consumed, words } => {
                    commands.push(words);
                    consumed
                }
                Parsed::Command { consumed } => {
                    commands.push(Words::from_spans(rest, &spans));
                    consumed
                }
            };
            rest = &rest[consumed..];
        }
    }

    #[test]
    fn commands_are_found_in_a_pipeline() {
        let input = b"*1\r\n$4\r\nPING\r\n*0\r\n*-1\r\n\r\nSET a \"x\\ny\"\r\nGET a\n*2\r\n$0\r\n\r\n$3\r\na\r\n\r\n*1\r\n$3\r\nab";
        let expected: Vec<Words> =
            [&[&b"PING"[..]][..], &[b"SET", b"a", b"x\ny"], &[b"GET", b"a"], &[b"", b"a\r\n"]]
                .iter()
                .map(|words| words.iter().collect())
                .collect();
        assert_eq!(parse_all(input), Ok(expected), "all but the last, which is incomplete");
    }

    #[test]
    fn a_command_in_pieces_is_the_same_command() {
        let input = b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$12\r\nhello\r\nworld\r\n";
        let mut parser = RequestParser::new();
        let mut spans = Vec::new();
        for len in 0..input.len() {
            let parsed = parser.parse(&input[..len], &Limits::default(), &mut spans);
            assert_eq!((parsed, spans.len()), (Ok(Parsed::Incomplete), 0), "{len} bytes");
        }
        assert_eq!(
            parser.parse(input, &Limits::default(), &mut spans),
            Ok(Parsed::Command { consumed: input.len() }),
            "the last byte completes it"
        );
        assert_eq!(
            Words::from_spans(input, &spans),
            Words::from_slices(["SET", "k", "hello\r\nworld"]),
            "words"
        );
    }

    #[test]
    fn errors_have_the_texts_of_redis() {
        let long = |head: &[u8], fill: u8, len: usize| [head, &vec![fill; len]].concat();
        for (input, text) in [
            (b"*abc\r\n".to_vec(), "invalid multibulk length"),
            (b"*\r\n".to_vec(), "invalid multibulk length"),
            (b"*01\r\n".to_vec(), "invalid multibulk length"),
            (b"*+1\r\n".to_vec(), "invalid multibulk length"),
            (b"*1 \r\n".to_vec(), "invalid multibulk length"),
            (b"*2147483648\r\n".to_vec(), "invalid multibulk length"),
            (b"*1\r\nfoo\r\n".to_vec(), "expected '$', got 'f'"),
            (b"*1\r\n:3\r\n".to_vec(), "expected '$', got ':'"),
            (b"*1\r\n\r\n".to_vec(), "expected '$', got '\r'"),
            (b"*1\r\n$-1\r\n".to_vec(), "invalid bulk length"),
            (b"*1\r\n$\r\n".to_vec(), "invalid bulk length"),
            (b"*1\r\n$536870913\r\n".to_vec(), "invalid bulk length"),
            (b"*1\r\n$99999999999999999999\r\n".to_vec(), "invalid bulk length"),
            (long(b"", b'a', 65_537), "too big inline request"),
            (long(b"*", b'1', 65_536), "too big mbulk count string"),
            (long(b"*1\r\n$", b'1', 65_536), "too big bulk count string"),
            (b"ECHO \"a\n".to_vec(), "unbalanced quotes in request"),
            (b"ECHO \"a\"b\r\n".to_vec(), "unbalanced quotes in request"),
            (b"ECHO \"\\\"\r\n".to_vec(), "unbalanced quotes in request"),
        ] {
            let shown = String::from_utf8_lossy(input.get(..20).unwrap_or(&input)).into_owned();
            let error = parse_all(&input).expect_err(&shown);
            assert_eq!(error.to_string(), format!("Protocol error: {text}"), "{shown}");
        }
        assert_eq!(
            ProtocolError::ExpectedDollar(0xff).to_bytes(),
            b"Protocol error: expected '$', got '\xff'",
            "raw"
        );
    }

    #[test]
    fn what_may_still_become_a_command_is_waited_for() {
        for input in [
            &b"*2147483647\r\n"[..],
            b"PING\0\r\nPING\r\n",
            b"*1\0\r\n",
            b"*1\r\n$4\0\r\n",
            b"*1\r\nfoo",
            b"*1\r\n$536870912\r\n",
            b"*1",
            b"*1\r",
            b"PING",
            b"PING\r",
            &b"a".repeat(65_536),
            &b"*".repeat(65_536),
        ] {
            assert_eq!(parse_all(input), Ok(vec![]), "{} bytes", input.len());
        }
    }

    #[test]
    fn strangers_are_held_to_less() {
        let limits = Limits { authenticated: false, ..Limits::default() };
        let parse = |input: &[u8]| RequestParser::new().parse(input, &limits, &mut Vec::new());
        assert_eq!(
            parse(b"*11\r\n"),
            Err(ProtocolError::UnauthenticatedMultibulkLength),
            "eleven words"
        );
        assert_eq!(
            parse(b"*1\r\n$16385\r\n"),
            Err(ProtocolError::UnauthenticatedBulkLength),
            "a long word"
        );
        assert_eq!(parse(b"*10\r\n$16384\r\n"), Ok(Parsed::Incomplete), "at the limit");
        assert_eq!(parse(b"*-3\r\n"), Ok(Parsed::Empty { consumed: 5 }), "nothing");
    }

    #[test]
    fn inline_commands_are_split_as_in_redis() {
        for (line, expected) in [
            (&b"ECHO 'a\\'b' \r\n"[..], &b"a'b"[..]),
            (b"ECHO \"\\x41\\q\\n\"\r\n", b"Aq\n"),
            (b"ECHO a\"b c\"\r\n", b"ab c"),
            (b"ECHO a\x0bb\r\n", b"a\x0bb"),
            (b"ECHO \x0bab\r\n", b"ab"),
            (b"ECHO \"a\"\x0b\r\n", b"a"),
            (b"  ECHO a\r\r\n", b"a"),
            (b"ECHO \"\"\n", b""),
            (b"ECHO '\\n'\n", b"\\n"),
            (b"ECHO \"\\xg1\"\n", b"xg1"),
            (b"ECHO a\\x41\n", b"a\\x41"),
        ] {
            assert_eq!(
                parse_all(line),
                Ok(vec![Words::from_slices([b"ECHO", expected])]),
                "{line:?}"
            );
        }
    }
}
