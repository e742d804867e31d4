//! Replies back into values, for the console, scripts and tests.
//!
//! [`Decoder`] takes bytes as they arrive. It first finds the end of a reply, remembering how far it came,
//! and builds the value when all of it is there, so no announced length is believed and nothing is built twice.
//! Depth and lengths are bounded and every fault is a value. It knows nothing of what replies mean.

use std::fmt;

use crate::encode::{Encoder, Protocol};
use crate::number::{parse_f64, parse_i64};

/// How deep replies may nest.
pub const DEPTH_MAX: usize = 128;
/// Longest string, in bytes.
const BULK_MAX: i64 = 512 * 1024 * 1024;
/// Most elements one aggregate may announce.
const ELEMENTS_MAX: i64 = i32::MAX as i64;
/// Longest line, in bytes: statuses and errors are short.
const LINE_MAX: usize = 1024 * 1024;

/// One reply of a server.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// A status line such as `OK`.
    Simple(Vec<u8>),
    /// An error line, all after the `-`.
    Error(Vec<u8>),
    /// An integer.
    Integer(i64),
    /// A string of any bytes.
    Bulk(Vec<u8>),
    /// No value: the null string of RESP2 or the null of RESP3.
    Null,
    /// No array, in RESP2.
    NullArray,
    /// Replies in order.
    Array(Vec<Reply>),
    /// Pairs, in the order they were sent.
    Map(Vec<(Reply, Reply)>),
    /// Replies whose order means nothing; kept as sent.
    Set(Vec<Reply>),
    /// A message that answers no request.
    Push(Vec<Reply>),
    /// A double, with the digits that were sent.
    Double {
        /// As sent.
        text: Vec<u8>,
        /// As understood; NaN is possible.
        value: f64,
    },
    /// True or false.
    Bool(bool),
    /// The digits of an integer of any size.
    BigNumber(Vec<u8>),
    /// Text that is to be shown as it is.
    Verbatim {
        /// `txt` or `mkd`.
        format: [u8; 3],
        /// The text without its format.
        text: Vec<u8>,
    },
    /// Remarks about a reply, before the reply itself.
    Attribute {
        /// The remarks.
        pairs: Vec<(Reply, Reply)>,
        /// What they are about.
        reply: Box<Reply>,
    },
}

impl Reply {
    /// A bulk string.
    pub fn bulk(bytes: impl AsRef<[u8]>) -> Self {
        Reply::Bulk(bytes.as_ref().to_vec())
    }

    /// Whether this is an error line (errors inside aggregates do not count).
    pub fn is_error(&self) -> bool {
        matches!(self, Reply::Error(_))
    }

    /// Whether this is a null of either kind.
    pub fn is_null(&self) -> bool {
        matches!(self, Reply::Null | Reply::NullArray)
    }

    /// The bytes of a string, status, error, double, big number or verbatim text.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Reply::Simple(text)
            | Reply::Error(text)
            | Reply::Bulk(text)
            | Reply::BigNumber(text)
            | Reply::Double { text, .. }
            | Reply::Verbatim { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The value of an integer.
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Reply::Integer(value) => Some(*value),
            _ => None,
        }
    }

    /// The elements of an array, set or push.
    pub fn elements(&self) -> Option<&[Reply]> {
        match self {
            Reply::Array(elements) | Reply::Set(elements) | Reply::Push(elements) => Some(elements),
            _ => None,
        }
    }

    /// Appends the reply as a server would send it to a client of that protocol.
    ///
    /// RESP2 has no attributes, so only what they describe is written.
    pub fn write(&self, out: &mut Vec<u8>, protocol: Protocol) {
        let mut encoder = Encoder::new(out, protocol);
        match self {
            Reply::Simple(text) => encoder.simple(text),
            Reply::Error(text) => encoder.error(text),
            Reply::Integer(value) => encoder.integer(*value),
            Reply::Bulk(bytes) => encoder.bulk(bytes),
            Reply::Null => encoder.null(),
            Reply::NullArray => encoder.null_array(),
            Reply::Array(elements) => {
                encoder.array(elements.len());
                write_all(elements, out, protocol);
            }
            Reply::Set(elements) => {
                encoder.set(elements.len());
                write_all(elements, out, protocol);
            }
            Reply::Push(elements) => {
                encoder.push(elements.len());
                write_all(elements, out, protocol);
            }
            Reply::Map(pairs) => {
                encoder.map(pairs.len());
                write_pairs(pairs, out, protocol);
            }
            Reply::Double { text, .. } => encoder.double_text(text),
            Reply::Bool(value) => encoder.bool(*value),
            Reply::BigNumber(digits) => encoder.big_number(digits),
            Reply::Verbatim { format, text } => encoder.verbatim(*format, text),
            Reply::Attribute { pairs, reply } => {
                if protocol == Protocol::Resp3 {
                    encoder.attribute(pairs.len());
                    write_pairs(pairs, out, protocol);
                }
                reply.write(out, protocol);
            }
        }
    }
}

fn write_all(elements: &[Reply], out: &mut Vec<u8>, protocol: Protocol) {
    for element in elements {
        element.write(out, protocol);
    }
}

fn write_pairs(pairs: &[(Reply, Reply)], out: &mut Vec<u8>, protocol: Protocol) {
    for (key, value) in pairs {
        key.write(out, protocol);
        value.write(out, protocol);
    }
}

/// Why bytes are not a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// No reply begins with this byte.
    UnknownType(u8),
    /// A length is not a number, negative or too large.
    InvalidLength,
    /// An integer, double, boolean or big number cannot be read.
    InvalidValue,
    /// A string is not followed by the end of its line.
    MissingLineEnd,
    /// A line does not end.
    LineTooLong,
    /// Aggregates nest more than [`DEPTH_MAX`] deep.
    TooDeep,
    /// The bytes end inside a reply, where none may follow.
    Incomplete,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DecodeError::UnknownType(byte) => {
                return write!(f, "no reply begins with '{}'", char::from(*byte).escape_default());
            }
            DecodeError::InvalidLength => "a length in the reply is not valid",
            DecodeError::InvalidValue => "a value in the reply is not valid",
            DecodeError::MissingLineEnd => "a string in the reply is longer than announced",
            DecodeError::LineTooLong => "a line in the reply does not end",
            DecodeError::TooDeep => "the reply is nested too deeply",
            DecodeError::Incomplete => "the reply is not complete",
        })
    }
}

impl std::error::Error for DecodeError {}

/// Reads one reply at the front of `buf`: the value and its length in bytes, or `None` if it is not complete.
///
/// Where bytes arrive in pieces, a [`Decoder`] avoids starting over.
pub fn decode(buf: &[u8]) -> Result<Option<(Reply, usize)>, DecodeError> {
    Decoder::new().decode(buf)
}

/// Reads all replies in `buf`, which must end with a reply.
pub fn decode_all(buf: &[u8]) -> Result<Vec<Reply>, DecodeError> {
    let (mut replies, mut rest) = (Vec::new(), buf);
    while !rest.is_empty() {
        let (reply, len) = decode(rest)?.ok_or(DecodeError::Incomplete)?;
        replies.push(reply);
        rest = rest.get(len..).unwrap_or_default();
    }
    Ok(replies)
}

/// Finds replies in a stream of bytes; one for each connection.
#[derive(Clone, Debug, Default)]
pub struct Decoder {
    /// Everything before this offset was seen to be well-formed.
    position: usize,
    /// Elements still to come in each aggregate that is open at `position`, outermost first.
    open: Vec<u64>,
}

impl Decoder {
    /// A decoder at the beginning of a stream.
    pub fn new() -> Self {
        Decoder::default()
    }

    /// Reads one reply at the front of `buf`: the value and its length in bytes, or `None` if it is not complete.
    ///
    /// After `None`, `buf` must begin with the same bytes in the next call. After an error the stream is lost.
    pub fn decode(&mut self, buf: &[u8]) -> Result<Option<(Reply, usize)>, DecodeError> {
        let end = match self.find_end(buf) {
            Ok(None) => return Ok(None),
            Ok(Some(end)) => end,
            Err(error) => {
                *self = Decoder::default();
                return Err(error);
            }
        };
        *self = Decoder::default();
        let mut position = 0;
        let reply = build(buf.get(..end).unwrap_or_default(), &mut position, 0)?;
        // All bytes are there, so there is a reply.
        Ok(reply.map(|reply| (reply, end)))
    }

    fn find_end(&mut self, buf: &[u8]) -> Result<Option<usize>, DecodeError> {
        while let Some((item, next)) = read_item(buf, self.position)? {
            self.position = next;
            if let Item::Aggregate(kind, len) = item {
                let len = len as u64;
                let elements = match kind {
                    Kind::Array | Kind::Set | Kind::Push => len,
                    Kind::Map => 2 * len,
                    Kind::Attribute => 2 * len + 1,
                };
                if self.open.len() >= DEPTH_MAX {
                    return Err(DecodeError::TooDeep);
                }
                self.open.push(elements);
            } else if let Some(left) = self.open.last_mut() {
                *left -= 1;
            }
            while self.open.last() == Some(&0) {
                self.open.pop();
                if let Some(left) = self.open.last_mut() {
                    *left -= 1;
                }
            }
            if self.open.is_empty() {
                return Ok(Some(self.position));
            }
        }
        Ok(None)
    }
}

enum Kind {
    Array,
    Set,
    Push,
    Map,
    Attribute,
}

/// One line of the wire and, for a string, its bytes.
enum Item {
    Scalar(Reply),
    /// A string lies at this range; it is copied only when the reply is built.
    Bulk(usize, usize),
    Verbatim(usize, usize),
    Aggregate(Kind, i64),
}

/// Reads the item at `position`, and says where the next one begins; `None` if it is not complete.
fn read_item(buf: &[u8], position: usize) -> Result<Option<(Item, usize)>, DecodeError> {
    let rest = buf.get(position..).unwrap_or_default();
    let Some((&kind, rest)) = rest.split_first() else { return Ok(None) };
    if !b"+-:$*%~>,#_(=!|".contains(&kind) {
        return Err(DecodeError::UnknownType(kind));
    }
    let window = rest.get(..LINE_MAX).unwrap_or(rest);
    let Some(len) = window.windows(2).position(|pair| pair == b"\r\n") else {
        return if rest.len() > LINE_MAX { Err(DecodeError::LineTooLong) } else { Ok(None) };
    };
    let line = rest.get(..len).unwrap_or_default();
    let next = position + 1 + len + 2;
    let item = match kind {
        b'+' => Item::Scalar(Reply::Simple(line.to_vec())),
        b'-' => Item::Scalar(Reply::Error(line.to_vec())),
        b':' => {
            let digits = line.strip_prefix(b"+").unwrap_or(line);
            Item::Scalar(Reply::Integer(parse_i64(digits).ok_or(DecodeError::InvalidValue)?))
        }
        b',' => Item::Scalar(double(line)?),
        b'#' => Item::Scalar(Reply::Bool(match line {
            b"t" => true,
            b"f" => false,
            _ => return Err(DecodeError::InvalidValue),
        })),
        b'_' if line.is_empty() => Item::Scalar(Reply::Null),
        b'_' => return Err(DecodeError::InvalidValue),
        b'(' => Item::Scalar(big_number(line)?),
        b'$' if line == b"-1" => Item::Scalar(Reply::Null),
        b'*' if line == b"-1" => Item::Scalar(Reply::NullArray),
        b'$' | b'=' | b'!' => return string(buf, kind, line, next),
        _ => {
            let kind = match kind {
                b'~' => Kind::Set,
                b'>' => Kind::Push,
                b'%' => Kind::Map,
                b'|' => Kind::Attribute,
                _ => Kind::Array,
            };
            Item::Aggregate(kind, length(line, ELEMENTS_MAX)?)
        }
    };
    Ok(Some((item, next)))
}

fn string(
    buf: &[u8],
    kind: u8,
    line: &[u8],
    start: usize,
) -> Result<Option<(Item, usize)>, DecodeError> {
    let end = start + length(line, BULK_MAX)? as usize;
    let Some(line_end) = buf.get(end..end + 2) else { return Ok(None) };
    if line_end != b"\r\n" {
        return Err(DecodeError::MissingLineEnd);
    }
    let item = match kind {
        b'=' if buf.get(start..end).is_none_or(|text| text.get(3) != Some(&b':')) => {
            return Err(DecodeError::InvalidValue);
        }
        b'=' => Item::Verbatim(start, end),
        b'!' => Item::Scalar(Reply::Error(buf.get(start..end).unwrap_or_default().to_vec())),
        _ => Item::Bulk(start, end),
    };
    Ok(Some((item, end + 2)))
}

fn length(line: &[u8], max: i64) -> Result<i64, DecodeError> {
    parse_i64(line).filter(|len| (0..=max).contains(len)).ok_or(DecodeError::InvalidLength)
}

fn double(line: &[u8]) -> Result<Reply, DecodeError> {
    let value = match line {
        b"nan" | b"-nan" => f64::NAN,
        _ => parse_f64(line).ok_or(DecodeError::InvalidValue)?,
    };
    Ok(Reply::Double { text: line.to_vec(), value })
}

fn big_number(line: &[u8]) -> Result<Reply, DecodeError> {
    let digits = line.strip_prefix(b"-").or(line.strip_prefix(b"+")).unwrap_or(line);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(DecodeError::InvalidValue);
    }
    Ok(Reply::BigNumber(line.to_vec()))
}

/// Builds the reply at `position`. The bytes were checked, depth included; an attribute and its reply share a level.
fn build(buf: &[u8], position: &mut usize, depth: usize) -> Result<Option<Reply>, DecodeError> {
    if depth > DEPTH_MAX {
        return Err(DecodeError::TooDeep);
    }
    let Some((item, next)) = read_item(buf, *position)? else { return Ok(None) };
    *position = next;
    Ok(Some(match item {
        Item::Scalar(reply) => reply,
        Item::Bulk(start, end) => Reply::Bulk(buf.get(start..end).unwrap_or_default().to_vec()),
        Item::Verbatim(start, end) => {
            let bytes = buf.get(start..end).unwrap_or_default();
            let (format, text) = bytes.split_first_chunk::<3>().unwrap_or((b"txt", bytes));
            Reply::Verbatim { format: *format, text: text.get(1..).unwrap_or_default().to_vec() }
        }
        Item::Aggregate(Kind::Array, len) => Reply::Array(elements(buf, position, depth, len)?),
        Item::Aggregate(Kind::Set, len) => Reply::Set(elements(buf, position, depth, len)?),
        Item::Aggregate(Kind::Push, len) => Reply::Push(elements(buf, position, depth, len)?),
        Item::Aggregate(Kind::Map, len) => Reply::Map(pairs(buf, position, depth, len)?),
        Item::Aggregate(Kind::Attribute, len) => {
            let pairs = pairs(buf, position, depth, len)?;
            let Some(reply) = build(buf, position, depth + 1)? else { return Ok(None) };
            Reply::Attribute { pairs, reply: Box::new(reply) }
        }
    }))
}

fn elements(
    buf: &[u8],
    position: &mut usize,
    depth: usize,
    len: i64,
) -> Result<Vec<Reply>, DecodeError> {
    let mut elements = Vec::with_capacity(len as usize);
    for _ in 0..len {
        elements.extend(build(buf, position, depth + 1)?);
    }
    Ok(elements)
}

fn pairs(
    buf: &[u8],
    position: &mut usize,
    depth: usize,
    len: i64,
) -> Result<Vec<(Reply, Reply)>, DecodeError> {
    let mut pairs = Vec::with_capacity(len as usize);
    for _ in 0..len {
        let key = build(buf, position, depth + 1)?;
        pairs.extend(key.zip(build(buf, position, depth + 1)?));
    }
    Ok(pairs)
}
