//! The bits of a string.

use redarium_resp::number::IntBuffer;

use super::Inspector;
use crate::types::bitmap;

/// Bits of one view at most.
pub const BITS_MAX: u64 = 65_536;

/// A window into the bits of a string.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct BitmapView {
    /// Bits in all: eight for each byte.
    pub len: u64,
    /// The first bit of the window.
    pub from: u64,
    /// How many bits of the window are set.
    pub ones: u64,
    /// The offsets of those.
    pub set: Vec<u64>,
    /// Bits in the window.
    pub count: u64,
}

impl Inspector<'_> {
    /// Up to `count` bits (and no more than [`BITS_MAX`]) of the string at `key` from the bit `from` on; `None` if there is
    /// no string. O(count).
    pub fn bitmap(&self, db: usize, key: &[u8], from: u64, count: u64) -> Option<BitmapView> {
        let entry = self.entry(db, key)?;
        let mut digits = IntBuffer::new();
        let bytes = entry.value.bytes(&mut digits).ok()?;
        let len = bytes.len() as u64 * 8;
        let from = from.min(len);
        let end = from.saturating_add(count.min(BITS_MAX)).min(len);
        Some(BitmapView {
            len,
            from,
            ones: bitmap::count(bytes, from..end),
            set: (from..end).filter(|&bit| bitmap::get(bytes, bit)).collect(),
            count: end - from,
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::{Engine, Options};

    #[test]
    fn a_view_shows_the_bits_of_its_window() {
        let mut node = Engine::new(Options::default());
        let client = node.connect("test");
        node.feed(client, b"SETBIT days 3 1\r\nSETBIT days 17 1\r\nRPUSH list x\r\nSET n 1\r\n");
        let view = node.inspect().bitmap(0, b"days", 0, 99).unwrap();
        assert_eq!((view.len, view.count, view.ones), (24, 24, 2), "three bytes");
        assert_eq!(view.set, [3, 17], "as set");
        let window = node.inspect().bitmap(0, b"days", 4, 10).unwrap();
        assert_eq!((window.from, window.count, window.ones), (4, 10, 0), "a window");
        assert_eq!(node.inspect().bitmap(0, b"n", 0, 99).unwrap().set, [2, 3, 7], "of a digit");
        let beyond = node.inspect().bitmap(0, b"days", u64::MAX, u64::MAX).unwrap();
        assert_eq!((beyond.from, beyond.count), (24, 0), "cut to the string");
        assert_eq!(node.inspect().bitmap(0, b"list", 0, 9), None, "no string");
    }
}
