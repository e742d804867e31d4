//! The id of a stream's entry: a time in milliseconds and a number that tells entries of one millisecond apart.

use redarium_resp::number::parse_u64_loosely;
use redarium_structures::radix_tree::RadixKey;

/// Bytes of the longest id: two numbers of twenty digits and a hyphen.
const TEXT_MAX: usize = 41;

/// Bytes of the longest id that is read: numbers may have spaces and zeros in front.
const READ_MAX: usize = 127;

/// An id; ids are in the order of time, then number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct StreamId {
    /// Milliseconds, since 1970 if Redis chose them.
    pub ms: u64,
    /// The number within the millisecond.
    pub seq: u64,
}

impl StreamId {
    /// `0-0`, which no entry has.
    pub const MIN: Self = Self { ms: 0, seq: 0 };
    /// The greatest id.
    pub const MAX: Self = Self { ms: u64::MAX, seq: u64::MAX };

    /// Reads `ms-seq`, or `ms` alone, to which `missing_seq` is added.
    pub fn parse(text: &[u8], missing_seq: u64) -> Option<Self> {
        if text.len() > READ_MAX {
            return None;
        }
        let (ms, seq) = match text.iter().position(|&byte| byte == b'-') {
            None => (text, None),
            Some(at) => (text.get(..at)?, Some(text.get(at + 1..)?)),
        };
        let seq = seq.map_or(Some(missing_seq), parse_u64_loosely)?;
        Some(Self { ms: parse_u64_loosely(ms)?, seq })
    }

    /// Reads `ms-*`: the time alone.
    pub fn parse_open(text: &[u8]) -> Option<u64> {
        parse_u64_loosely(text.strip_suffix(b"-*")?)
    }

    /// The id after this one.
    pub fn next(self) -> Option<Self> {
        let Self { ms, seq } = self;
        match seq.checked_add(1) {
            Some(seq) => Some(Self { ms, seq }),
            None => Some(Self { ms: ms.checked_add(1)?, seq: 0 }),
        }
    }

    /// The id before this one.
    pub fn prev(self) -> Option<Self> {
        let Self { ms, seq } = self;
        match seq.checked_sub(1) {
            Some(seq) => Some(Self { ms, seq }),
            None => Some(Self { ms: ms.checked_sub(1)?, seq: u64::MAX }),
        }
    }

    /// The key under which a radix tree keeps it: both numbers, the most significant byte first.
    pub fn key(self) -> RadixKey {
        (u128::from(self.ms) << 64 | u128::from(self.seq)).to_be_bytes()
    }

    /// The id of a radix tree's key.
    pub fn from_key(key: &RadixKey) -> Self {
        let number = u128::from_be_bytes(*key);
        Self { ms: (number >> 64) as u64, seq: number as u64 }
    }
}

/// Room for the text of one id, so that showing one allocates nothing.
#[derive(Debug, Clone)]
pub struct IdText {
    bytes: [u8; TEXT_MAX],
}

impl Default for IdText {
    fn default() -> Self {
        Self { bytes: [b'0'; TEXT_MAX] }
    }
}

impl IdText {
    /// Writes `ms-seq` and lends the text.
    pub fn write(&mut self, id: StreamId) -> &[u8] {
        let at = self.digits(TEXT_MAX, id.seq);
        let at = self.put(at, b'-');
        let at = self.digits(at, id.ms);
        self.bytes.get(at..).unwrap_or(&[])
    }

    /// Writes a number that ends before `end`; where it begins.
    fn digits(&mut self, end: usize, number: u64) -> usize {
        let (mut at, mut rest) = (end, number);
        loop {
            at = self.put(at, b'0' + (rest % 10) as u8);
            rest /= 10;
            if rest == 0 {
                return at;
            }
        }
    }

    fn put(&mut self, end: usize, byte: u8) -> usize {
        let at = end.saturating_sub(1);
        if let Some(slot) = self.bytes.get_mut(at) {
            *slot = byte;
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(ms: u64, seq: u64) -> StreamId {
        StreamId { ms, seq }
    }

    #[test]
    fn ids_are_read_as_redis_reads_them() {
        for (text, expected) in [
            ("1-2", Some(id(1, 2))),
            ("7", Some(id(7, 9))),
            ("007-+3", Some(id(7, 3))),
            ("0-0", Some(id(0, 0))),
            ("18446744073709551615-18446744073709551615", Some(StreamId::MAX)),
            ("18446744073709551616-0", None),
            ("", None),
            ("-", None),
            ("+", None),
            ("1-", None),
            ("1-x", None),
            ("1-2-3", None),
            ("1-*", None),
            ("a", None),
        ] {
            assert_eq!(StreamId::parse(text.as_bytes(), 9), expected, "{text}");
        }
        assert_eq!(StreamId::parse_open(b"12-*"), Some(12), "an open id");
        assert_eq!(StreamId::parse_open(b"12-1"), None, "a closed one");
    }

    #[test]
    fn ids_are_written_as_they_are_read() {
        for id in [StreamId::MIN, id(10, 200), StreamId::MAX] {
            let text = IdText::default().write(id).to_vec();
            assert_eq!(StreamId::parse(&text, 9), Some(id), "{id:?}");
            assert_eq!(StreamId::from_key(&id.key()), id, "{id:?}");
        }
        assert_eq!(IdText::default().write(id(1, 0)), b"1-0", "nothing before the number");
    }

    #[test]
    fn ids_have_neighbours() {
        assert_eq!(id(1, u64::MAX).next(), Some(id(2, 0)), "the next millisecond");
        assert_eq!(id(2, 0).prev(), Some(id(1, u64::MAX)), "the last one");
        assert_eq!((StreamId::MAX.next(), StreamId::MIN.prev()), (None, None), "the ends");
    }
}
