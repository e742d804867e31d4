//! Strings: integers, short strings and buffers with room to grow.
//!
//! Unlike the collections a string is not behind a type of its own: its three encodings are variants of [`Value`].

use std::borrow::Cow;
use std::rc::Rc;

use redarium_resp::number::{IntBuffer, parse_i64};
use redarium_structures::bytes::Bytes;

use crate::error::CmdError;
use crate::value::Value;

/// Bytes of the longest integer, `-9223372036854775808`.
const INT_MAX_LEN: usize = 20;

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

    /// The bytes of a string; `WRONGTYPE` for anything else.
    pub fn string(&self) -> Result<Cow<'_, [u8]>, CmdError> {
        match self {
            Self::Int(number) => Ok(Cow::Owned(IntBuffer::new().format(*number).to_vec())),
            Self::Str(bytes) => Ok(Cow::Borrowed(bytes)),
            Self::Raw(bytes) => Ok(Cow::Borrowed(bytes)),
            _ => Err(CmdError::WrongType),
        }
    }

    /// The bytes of a string for editing in place, converted to `raw` first; `WRONGTYPE` for anything else.
    pub fn raw_mut(&mut self) -> Result<&mut Vec<u8>, CmdError> {
        if !matches!(self, Self::Raw(_)) {
            *self = Self::Raw(Rc::new(self.string()?.into_owned()));
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
        }
    }

    /// Whether it has no element or byte.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
