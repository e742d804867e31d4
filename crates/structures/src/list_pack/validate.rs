//! Proving that bytes are a sound list pack, before anything reads them.
//!
//! It knows nothing about what the entries mean.

use super::encoding::{self, END};
use super::{HEADER, ListPack, UNCOUNTED};

/// Why bytes are not a list pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListPackError {
    /// Shorter than an empty list pack.
    TooShort,
    /// The header's total differs from the number of bytes given.
    WrongTotal,
    /// The last byte is not the end mark.
    NoEnd,
    /// The entry at this offset is malformed or reaches past the end.
    BadEntry(usize),
    /// The header's count differs from the number of entries.
    WrongCount,
}

impl ListPack {
    /// Verifies every invariant, O(n).
    ///
    /// # Panics
    ///
    /// When one does not hold; for tests.
    pub fn check(&self) {
        assert_eq!(self.validate(), Ok(()), "a list pack must always be a valid dump");
        let forwards = self.iter().count();
        assert_eq!(self.iter().rev().count(), forwards, "both directions meet the same entries");
    }

    pub(super) fn validate(&self) -> Result<(), ListPackError> {
        let bytes = self.bytes.as_slice();
        if bytes.len() < ListPack::EMPTY_BYTES {
            return Err(ListPackError::TooShort);
        }
        let total = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        if total as usize != bytes.len() {
            return Err(ListPackError::WrongTotal);
        }
        if bytes[self.end()] != END {
            return Err(ListPackError::NoEnd);
        }
        let mut pos = HEADER;
        let mut count = 0;
        while pos < self.end() {
            pos += encoding::validated_entry_len(bytes, pos, self.end())
                .ok_or(ListPackError::BadEntry(pos))?;
            count += 1;
        }
        match self.stored_count() {
            UNCOUNTED => Ok(()),
            stored if usize::from(stored) == count => Ok(()),
            _ => Err(ListPackError::WrongCount),
        }
    }
}
