//! How much one node of a quick list may hold: the meaning of Redis's `list-max-listpack-size`.
//!
//! It knows nothing about nodes or lists.

/// No node limited by a number of entries passes this many bytes.
const SAFETY_BYTES: usize = 8192;
/// What Redis adds to a value's length to guess the length of its entry.
const ENTRY_OVERHEAD: usize = 8;

/// A node's limit: -1 to -5 mean 4, 8, 16, 32 or 64 KiB, a positive number means as many entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    configured: i16,
    /// Bytes from which a value is too large for any list pack; 0 leaves that to the limit.
    plain_from: u32,
}

impl Fill {
    /// The limit for a configured number. As in Redis, numbers below -5 mean -5, 0 means 1.
    pub fn new(configured: i64) -> Fill {
        match configured.clamp(-5, i64::from(i16::MAX)) {
            0 => Fill::of(1),
            number => Fill::of(number as i16),
        }
    }

    const fn of(configured: i16) -> Fill {
        Fill { configured, plain_from: 0 }
    }

    /// The same limit, but values of so many bytes and more get nodes of their own, and no others do; 0 changes nothing.
    #[must_use]
    pub fn plain_from(self, bytes: u32) -> Fill {
        Fill { plain_from: bytes, ..self }
    }

    /// The number that was configured, as far as it is told apart from others.
    pub fn configured(self) -> i64 {
        i64::from(self.configured)
    }

    /// The limit in bytes, if it is one.
    pub fn max_bytes(self) -> Option<usize> {
        (self.configured < 0).then(|| 4096 << (-1 - self.configured))
    }

    /// The limit in entries, if it is one.
    pub fn max_entries(self) -> Option<usize> {
        usize::try_from(self.configured).ok()
    }

    /// Whether a list pack of so many bytes and entries is beyond the limit.
    pub fn is_exceeded_by(self, bytes: usize, entries: usize) -> bool {
        match self.max_bytes() {
            Some(most) => bytes > most,
            None => bytes > SAFETY_BYTES || self.max_entries().is_some_and(|most| entries > most),
        }
    }

    /// Whether a value of so many bytes has no place in any list pack and gets a node of its own.
    pub fn is_too_large(self, value_bytes: usize) -> bool {
        match self.plain_from {
            0 => value_bytes > self.max_bytes().unwrap_or(SAFETY_BYTES),
            least => value_bytes >= least as usize,
        }
    }

    /// Whether a list pack of so many bytes and entries may take one more value, by Redis's
    /// estimate.
    pub fn has_room(self, bytes: usize, entries: usize, value_bytes: usize) -> bool {
        !self.is_too_large(value_bytes)
            && !self.is_exceeded_by(bytes + value_bytes + ENTRY_OVERHEAD, entries + 1)
    }
}

impl Default for Fill {
    /// Redis's default, 8 KiB.
    fn default() -> Fill {
        Fill::of(-2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_mean_what_they_mean_in_redis() {
        let bytes: Vec<_> = (-6..0).rev().map(|number| Fill::new(number).max_bytes()).collect();
        let expected = [4096, 8192, 16384, 32768, 65536, 65536].map(Some);
        assert_eq!(bytes, expected, "bytes");
        assert_eq!(Fill::new(0).max_entries(), Some(1), "nothing at all is no limit");
        assert_eq!(Fill::new(1 << 40).max_entries(), Some(32_767), "the most entries");
        assert!(!Fill::new(3).is_exceeded_by(8192, 3), "three of three");
        assert!(Fill::new(3).is_exceeded_by(8192, 4), "four of three");
        assert!(Fill::new(3).is_exceeded_by(8193, 3), "more bytes than is safe");
        assert!(Fill::new(-1).is_too_large(4097) && !Fill::new(-1).is_too_large(4096), "too large");
        let fill = Fill::new(-1).plain_from(10);
        assert!(fill.is_too_large(10) && !fill.is_too_large(9), "too large for a test");
        assert_eq!(fill.plain_from(0), Fill::new(-1), "as before");
    }
}
