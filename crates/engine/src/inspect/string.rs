//! The bytes of one string and how they are kept.

use redarium_resp::number::IntBuffer;

use crate::value::Value;

use super::Inspector;

/// A string and a window of its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct StringView {
    /// How it is stored, as OBJECT ENCODING says: `int`, `embstr` or `raw`.
    pub encoding: String,
    /// Its bytes.
    pub len: usize,
    /// Bytes it could hold before it had to be moved; of an integer the 8 it takes.
    pub capacity: usize,
    /// The number, where the encoding is `int`.
    #[cfg_attr(feature = "serde", serde(with = "redarium_structures::exact::option"))]
    pub int: Option<i64>,
    /// Where the window begins.
    pub from: usize,
    /// The window: of an integer its digits.
    #[cfg_attr(feature = "serde", serde(with = "super::text"))]
    pub bytes: Vec<u8>,
}

impl Inspector<'_> {
    /// The string that a key holds, with at most `count` of its bytes from `from` on; `None` if there is no such string.
    ///
    /// O(count).
    pub fn string(&self, db: usize, key: &[u8], from: usize, count: usize) -> Option<StringView> {
        let entry = self.entry(db, key)?;
        let mut digits = IntBuffer::new();
        let bytes = entry.value.bytes(&mut digits).ok()?;
        let (int, capacity) = match &entry.value {
            Value::Int(number) => (Some(*number), size_of::<i64>()),
            Value::Raw(buffer) => (None, buffer.capacity()),
            _ => (None, bytes.len()),
        };
        let from = from.min(bytes.len());
        let end = from.saturating_add(count).min(bytes.len());
        Some(StringView {
            encoding: entry.encoding().to_owned(),
            len: bytes.len(),
            capacity,
            int,
            from,
            bytes: bytes.get(from..end).unwrap_or(&[]).to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::{Engine, Options};

    #[test]
    fn a_view_shows_encoding_room_and_a_window() {
        let mut node = Engine::new(Options::default());
        let client = node.connect("test");
        node.feed(client, b"SET n 12345\r\nAPPEND word hello\r\nAPPEND word !\r\nRPUSH list x\r\n");

        let int = node.inspect().string(0, b"n", 0, 100).expect("there is an n");
        assert_eq!((int.encoding.as_str(), int.int, int.capacity), ("int", Some(12345), 8), "n");
        assert_eq!(int.bytes, b"12345", "its digits");

        let raw = node.inspect().string(0, b"word", 4, 10).expect("there is a word");
        assert_eq!((raw.encoding.as_str(), raw.len, raw.capacity), ("raw", 6, 12), "doubled");
        assert_eq!((raw.from, raw.bytes.as_slice()), (4, &b"o!"[..]), "the window");

        let beyond = node.inspect().string(0, b"word", usize::MAX, usize::MAX).expect("as above");
        assert!(beyond.bytes.is_empty() && beyond.from == 6, "cut to the string");
        assert_eq!(node.inspect().string(0, b"list", 0, 1), None, "no string");
        assert_eq!(node.inspect().string(7, b"n", 0, 1), None, "another database");
    }
}
