//! What keys would take in the memory of a real Redis, by what it is for.

use redarium_structures::order;

use super::Inspector;
use crate::footprint::{self, SAMPLES};
use crate::value::Type;

/// Keys of one view at most.
pub const KEYS_MAX: usize = 1024;

/// The bytes of some keys of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct MemoryView {
    /// The database.
    pub db: usize,
    /// Keys in it.
    pub total: usize,
    /// The first key of the window, in the order of the table.
    pub from: usize,
    /// Bytes of all keys of the window together.
    pub bytes: usize,
    /// The keys of the window, the largest first.
    pub keys: Vec<KeyMemoryView>,
}

/// The bytes of one key with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct KeyMemoryView {
    /// Its name.
    #[cfg_attr(feature = "serde", serde(with = "super::text"))]
    pub name: Vec<u8>,
    /// What it holds.
    pub kind: Type,
    /// How it is stored, as OBJECT ENCODING says.
    pub encoding: String,
    /// Bytes of its name.
    pub key: usize,
    /// Bytes of what it holds, as clients see it; of numbers the digits, of scores 8 and of stream ids 16 each.
    pub value: usize,
    /// Bytes of everything else; small where numbers take less than their digits.
    pub overhead: usize,
}

impl Inspector<'_> {
    /// The bytes of up to `count` keys (and no more than [`KEYS_MAX`]) of a database from the `from`-th of its table on,
    /// as MEMORY USAGE tells them. O(from + count log count).
    pub fn memory(&self, db: usize, from: usize, count: usize) -> MemoryView {
        let mut view = MemoryView { db, total: 0, from, bytes: 0, keys: Vec::new() };
        let Some(database) = self.engine.databases().get(db) else { return view };
        view.total = database.len();
        for (id, entry) in database.table().iter().skip(from).take(count.min(KEYS_MAX)) {
            let has_deadline = database.deadline(id).is_some();
            let split = footprint::split(entry.key.len(), has_deadline, &entry.value, SAMPLES);
            view.bytes += split.key + split.value + split.overhead;
            view.keys.push(KeyMemoryView {
                name: entry.key.to_vec(),
                kind: entry.value.type_of(),
                encoding: entry.encoding().to_owned(),
                key: split.key,
                value: split.value,
                overhead: split.overhead,
            });
        }
        order::sort_by(&mut view.keys, |a, b| {
            let size = |key: &KeyMemoryView| key.key + key.value + key.overhead;
            size(b).cmp(&size(a)).then_with(|| a.name.cmp(&b.name))
        });
        view
    }
}

#[cfg(test)]
mod tests {
    use crate::{Engine, Options};

    #[test]
    fn the_parts_of_a_key_are_what_memory_usage_says() {
        let mut node = Engine::new(Options::default());
        let client = node.connect("test");
        node.feed(
            client,
            b"SET greeting hello\r\nHSET h a 1 bb 22\r\nZADD z 1 a\r\nXADD x * f v\r\n",
        );
        node.feed(client, b"RPUSH l one two\r\nSADD s a 5\r\nSET n 12345 EX 100\r\n");
        let _ = node.take_output(client);
        let view = node.inspect().memory(0, 0, 99);
        assert_eq!((view.total, view.keys.len()), (7, 7), "every key");
        let mut bytes = 0;
        for key in &view.keys {
            let name = String::from_utf8_lossy(&key.name).into_owned();
            node.feed(client, format!("MEMORY USAGE {name}\r\n").as_bytes());
            let reply = String::from_utf8(node.take_output(client)).unwrap();
            let total = key.key + key.value + key.overhead;
            assert_eq!(reply, format!(":{total}\r\n"), "{name}: {key:?}");
            assert_eq!(key.key, name.len(), "{name}");
            bytes += total;
        }
        assert_eq!(view.bytes, bytes, "together");
        let value = |name: &str| view.keys.iter().find(|key| key.name == name.as_bytes()).unwrap();
        let values = ["greeting", "h", "z", "x", "l", "s"].map(|name| value(name).value);
        assert_eq!(values, [5, 6, 9, 18, 6, 2], "what was stored");
        assert_eq!(node.inspect().memory(0, 5, 99).keys.len(), 2, "a window");
        assert_eq!(node.inspect().memory(99, 0, 99).total, 0, "no such database");
    }
}
