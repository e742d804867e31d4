//! Strings: integers, short strings and buffers with room to grow.
//!
//! Unlike the collections a string is not behind a type of its own: its three encodings are variants of [`Value`].

use std::borrow::Cow;
use std::rc::Rc;

use redarium_resp::number::{IntBuffer, parse_i64};
use redarium_structures::bytes::Bytes;
use redarium_structures::trace::Trace;

use crate::error::CmdError;
use crate::value::Value;

/// Bytes of the longest integer, `-9223372036854775808`.
const INT_MAX_LEN: usize = 20;

/// Up to this length a growing buffer doubles, beyond it that much is added, as Redis's SDS strings do.
const PREALLOC_MAX: usize = 1024 * 1024;

/// A step in the buffer of a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum StringStep {
    /// The buffer was too small and another was made.
    Grow {
        /// Bytes there was room for.
        from: usize,
        /// Bytes there is room for now.
        to: usize,
    },
    /// Bytes were written.
    Write {
        /// The first of them.
        at: usize,
        /// How many.
        len: usize,
    },
    /// A bit was set or cleared.
    Bit {
        /// Its offset.
        at: u64,
        /// What it was.
        from: bool,
        /// What it is now.
        to: bool,
    },
}

impl Value {
    /// The value that SET stores: an integer where the bytes are one, as they would be printed.
    #[inline]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        if bytes.len() <= INT_MAX_LEN
            && let Some(number) = parse_i64(bytes)
        {
            return Self::Int(number);
        }
        Self::Str(Bytes::from(bytes))
    }

    /// A string of exactly these bytes in the encoding `raw`.
    pub fn from_raw(bytes: Vec<u8>) -> Self {
        Self::Raw(Rc::new(bytes))
    }

    /// The bytes of a string; `WRONGTYPE` for anything else. The digits of an integer are allocated:
    /// see [`bytes`](Self::bytes).
    pub fn string(&self) -> Result<Cow<'_, [u8]>, CmdError> {
        match self {
            Self::Int(number) => Ok(Cow::Owned(IntBuffer::new().format(*number).to_vec())),
            Self::Str(bytes) => Ok(Cow::Borrowed(bytes)),
            Self::Raw(bytes) => Ok(Cow::Borrowed(bytes)),
            _ => Err(CmdError::WrongType),
        }
    }

    /// The bytes of a string, an integer's digits being written to `digits`; `WRONGTYPE` for anything else.
    #[inline]
    pub fn bytes<'a>(&'a self, digits: &'a mut IntBuffer) -> Result<&'a [u8], CmdError> {
        match self {
            Self::Int(number) => Ok(digits.format(*number)),
            Self::Str(bytes) => Ok(bytes),
            Self::Raw(bytes) => Ok(bytes),
            _ => Err(CmdError::WrongType),
        }
    }

    /// The integer that a string spells, as INCR reads it.
    #[inline]
    pub fn integer(&self) -> Result<i64, CmdError> {
        match self {
            Self::Int(number) => Ok(*number),
            Self::Str(bytes) => parse_i64(bytes).ok_or(CmdError::NotInteger),
            Self::Raw(bytes) => parse_i64(bytes).ok_or(CmdError::NotInteger),
            _ => Err(CmdError::WrongType),
        }
    }

    /// Whether it is a string.
    #[inline]
    pub fn is_string(&self) -> bool {
        matches!(self, Self::Int(_) | Self::Str(_) | Self::Raw(_))
    }

    /// Bytes of a string, of an absent one none; `WRONGTYPE` for anything else. O(1).
    pub fn string_len(value: Option<&Self>) -> Result<usize, CmdError> {
        match value {
            None => Ok(0),
            Some(value) if value.is_string() => Ok(value.len()),
            Some(_) => Err(CmdError::WrongType),
        }
    }

    /// The bytes of a string for editing in place, converted to `raw` first; `WRONGTYPE` for anything else.
    pub fn raw_mut(&mut self) -> Result<&mut Vec<u8>, CmdError> {
        if !matches!(self, Self::Raw(_)) {
            *self = Self::from_raw(self.string()?.into_owned());
        }
        match self {
            Self::Raw(bytes) => Ok(Rc::make_mut(bytes)),
            _ => Err(CmdError::WrongType),
        }
    }

    /// Elements of a collection, bytes of a string. O(1).
    pub fn len(&self) -> usize {
        match self {
            Self::Int(number) => IntBuffer::new().format(*number).len(),
            Self::Str(bytes) => bytes.len(),
            Self::Raw(bytes) => bytes.len(),
            Self::List(list) => list.len(),
            Self::Set(set) => set.len(),
            Self::ZSet(set) => set.len(),
            Self::Hash(hash) => hash.len(),
            Self::Stream(stream) => stream.log.len() as usize,
        }
    }

    /// Whether it has no element or byte.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Makes room in the buffer of a `raw` string so that it can hold `len` bytes, with Redis's spare room:
/// as much again, but not more than 1 MiB. Nothing happens while it fits.
pub fn make_room(buffer: &mut Vec<u8>, len: usize, trace: &mut impl Trace<StringStep>) {
    let from = buffer.capacity();
    if len > from {
        let room = len.saturating_add(len.min(PREALLOC_MAX));
        buffer.reserve_exact(room.saturating_sub(buffer.len()));
        trace.step(StringStep::Grow { from, to: buffer.capacity() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_canonical_spelling_of_an_integer_is_one() {
        for text in ["0", "-1", "9223372036854775807", "-9223372036854775808"] {
            assert_eq!(Value::from_bytes(text.as_bytes()).encoding(0), "int", "{text}");
        }
        for text in ["", "-0", "01", "+1", " 1", "9223372036854775808", "1.0"] {
            assert_eq!(Value::from_bytes(text.as_bytes()).encoding(0), "embstr", "{text}");
        }
    }

    #[test]
    fn every_encoding_gives_its_bytes_back() {
        let long = vec![b'x'; 100];
        for text in [&b"12"[..], b"-5", b"words", &long] {
            let mut value = Value::from_bytes(text);
            assert_eq!(value.bytes(&mut IntBuffer::new()), Ok(text), "as set");
            value.raw_mut().expect("a string").push(b'!');
            assert_eq!(value.encoding(0), "raw", "edited in place");
            assert_eq!(value.len(), text.len() + 1, "one byte more");
        }
    }

    #[test]
    fn a_buffer_grows_to_twice_what_it_must_hold() {
        let mut buffer = vec![0; 10];
        let mut steps = Vec::new();
        make_room(&mut buffer, 12, &mut steps);
        assert_eq!(buffer.capacity(), 24, "doubled");
        make_room(&mut buffer, 24, &mut steps);
        assert_eq!(buffer.capacity(), 24, "it fits");
        make_room(&mut buffer, 3 << 20, &mut steps);
        assert_eq!(buffer.capacity(), 4 << 20, "one MiB more");
        let grown = |from, to| StringStep::Grow { from, to };
        assert_eq!(steps, [grown(10, 24), grown(24, 4 << 20)], "as steps tell");
    }
}
