//! A listpack or an intset byte by byte: what a small value is.

use redarium_structures::list_pack::{ListPack, ListPackEntryView, ListPackValue};

use super::{Inspector, beginning};
use crate::types::sorted_set::SortedSet;
use crate::value::Value;

/// Entries or numbers of one view at most.
pub const ENTRIES_MAX: usize = 512;

/// Bytes shown of one entry at most.
const ENTRY_BYTES_MAX: usize = 64;

/// A window into a listpack.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ListPackView {
    /// Its bytes: a header of 6, the entries, and one that ends it.
    pub bytes: usize,
    /// Bytes of memory that are set aside for it.
    pub capacity: usize,
    /// Entries in all.
    pub len: usize,
    /// Entries up to which the value stays a listpack, where that is what limits it.
    pub entries_max: Option<usize>,
    /// Bytes of an entry up to which the value stays a listpack, where that is what limits it.
    pub entry_bytes_max: Option<usize>,
    /// The first entry of the window.
    pub from: usize,
    /// The entries of the window.
    pub entries: Vec<PackEntryView>,
}

/// An entry of a listpack.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PackEntryView {
    /// Where it begins, as in `ListPackStep`.
    pub offset: usize,
    /// The name of its encoding, such as `6-bit str`.
    pub encoding: String,
    /// Bytes that tell encoding and length; in the shortest integers they are the number, too.
    pub header_bytes: usize,
    /// Bytes of data.
    pub data_bytes: usize,
    /// Bytes that tell its length to whoever comes from behind.
    pub backlen_bytes: usize,
    /// Whether it is stored as a number.
    pub is_int: bool,
    /// The first bytes of its text.
    #[cfg_attr(feature = "serde", serde(with = "super::text"))]
    pub value: Vec<u8>,
}

/// A window into an intset.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct IntSetView {
    /// Its bytes: a header of 8 and the numbers.
    pub bytes: usize,
    /// Bytes of each number: 2, 4 or 8.
    pub width: usize,
    /// Numbers in all.
    pub len: usize,
    /// Numbers up to which the set stays an intset.
    pub entries_max: usize,
    /// The first number of the window.
    pub from: usize,
    /// The numbers of the window, ascending.
    pub values: Vec<IntSetNumberView>,
}

/// A number of an intset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct IntSetNumberView {
    /// Where it begins.
    pub offset: usize,
    /// The number.
    #[cfg_attr(feature = "serde", serde(with = "redarium_structures::exact"))]
    pub value: i64,
}

impl Inspector<'_> {
    /// Up to `count` entries (and no more than [`ENTRIES_MAX`]) of the listpack that is the value of `key`, or that is
    /// the node `node` of its quicklist or stream; `None` if there is no such listpack. O(from + count).
    pub fn list_pack(
        &self,
        db: usize,
        key: &[u8],
        node: Option<u32>,
        from: usize,
        count: usize,
    ) -> Option<ListPackView> {
        let config = self.engine.config();
        let (pack, limits) = match (&self.entry(db, key)?.value, node) {
            (Value::List(list), None) => (list.pack()?, None),
            (Value::List(list), Some(node)) => {
                let quick = list.quick()?;
                let is_there = quick.nodes().any(|one| one.id == node);
                (is_there.then(|| quick.node_pack(node))??, None)
            }
            (Value::Stream(stream), Some(leaf)) => (stream.log.node_pack(leaf)?, None),
            (Value::Set(set), None) => {
                let limits = (config.set_max_listpack_entries, config.set_max_listpack_value);
                (set.pack()?, Some(limits))
            }
            (Value::Hash(hash), None) => {
                let (fields, value) =
                    (config.hash_max_listpack_entries, config.hash_max_listpack_value);
                let words = if hash.timed_pack().is_some() { 3 } else { 2 };
                (hash.pack().or(hash.timed_pack())?, Some((fields.saturating_mul(words), value)))
            }
            (Value::ZSet(set), None) => {
                let SortedSet::ListPack(pack) = &**set else { return None };
                let members = config.zset_max_listpack_entries.saturating_mul(2);
                (pack, Some((members, config.zset_max_listpack_value)))
            }
            _ => return None,
        };
        Some(view(pack, limits, from, count.min(ENTRIES_MAX)))
    }

    /// Up to `count` numbers (and no more than [`ENTRIES_MAX`]) of the intset at `key`; `None` if there is none. O(count).
    pub fn int_set(&self, db: usize, key: &[u8], from: usize, count: usize) -> Option<IntSetView> {
        let Value::Set(set) = &self.entry(db, key)?.value else { return None };
        let ints = set.ints()?;
        let bytes = ints.as_bytes().len();
        let header = bytes - ints.len() * ints.width();
        let shown = from..from.saturating_add(count.min(ENTRIES_MAX)).min(ints.len());
        let number = |index: usize| {
            let value = ints.get(index)?;
            Some(IntSetNumberView { offset: header + index * ints.width(), value })
        };
        Some(IntSetView {
            bytes,
            width: ints.width(),
            len: ints.len(),
            entries_max: self.engine.config().set_max_intset_entries,
            from,
            values: shown.filter_map(number).collect(),
        })
    }
}

fn view(
    pack: &ListPack,
    limits: Option<(usize, usize)>,
    from: usize,
    count: usize,
) -> ListPackView {
    ListPackView {
        bytes: pack.total_bytes(),
        capacity: pack.heap_bytes(),
        len: pack.len(),
        entries_max: limits.map(|(entries, _)| entries),
        entry_bytes_max: limits.map(|(_, bytes)| bytes),
        from,
        entries: pack.entries().skip(from).take(count).map(|one| entry(&one)).collect(),
    }
}

fn entry(entry: &ListPackEntryView<'_>) -> PackEntryView {
    PackEntryView {
        offset: entry.offset,
        encoding: entry.encoding.to_owned(),
        header_bytes: entry.header_bytes,
        data_bytes: entry.data_bytes,
        backlen_bytes: entry.backlen_bytes,
        is_int: matches!(entry.value, ListPackValue::Int(_)),
        value: beginning(entry.value, ENTRY_BYTES_MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inspect::tests::run;
    use crate::{Engine, Options};

    fn node(commands: &str) -> Engine {
        let mut node = Engine::new(Options::default());
        run(&mut node, commands);
        node
    }

    #[test]
    fn entries_stand_one_behind_the_other() {
        let node = node("HSET h name ana age 31\r\n");
        let view = node.inspect().list_pack(0, b"h", None, 0, 99).unwrap();
        assert_eq!((view.bytes, view.len), (6 + 6 + 5 + 5 + 2 + 1, 4), "header, entries, end");
        assert_eq!((view.entries_max, view.entry_bytes_max), (Some(1024), Some(64)), "limits");
        let mut offset = 6;
        for entry in &view.entries {
            assert_eq!(entry.offset, offset, "without a gap");
            offset += entry.header_bytes + entry.data_bytes + entry.backlen_bytes;
        }
        assert_eq!(offset + 1, view.bytes, "up to the end");
        let last = &view.entries[3];
        assert_eq!((last.encoding.as_str(), last.is_int), ("7-bit uint", true), "a number");
        assert_eq!((last.header_bytes, last.data_bytes, last.backlen_bytes), (1, 0, 1), "bytes");
        let window = node.inspect().list_pack(0, b"h", None, 1, 2).unwrap();
        assert_eq!(window.entries, view.entries[1..3], "a window");
    }

    #[test]
    fn nodes_of_quicklists_and_streams_are_listpacks() {
        let node =
            node("CONFIG SET list-max-listpack-size 2\r\nRPUSH l a b c\r\nXADD s 1-1 f v\r\n");
        let list = node.inspect().list(0, b"l", 0, 9, 0).unwrap();
        let pack = node.inspect().list_pack(0, b"l", Some(list.nodes[1].id), 0, 9).unwrap();
        assert_eq!((pack.len, pack.entries[0].value.as_slice()), (1, b"c".as_slice()), "the last");
        assert_eq!(pack.entries_max, None, "limited otherwise");
        assert_eq!(node.inspect().list_pack(0, b"l", Some(777), 0, 9), None, "no such node");
        assert_eq!(node.inspect().list_pack(0, b"l", None, 0, 9), None, "not one listpack");
        let stream = node.inspect().stream(0, b"s", (0, 0), 9).unwrap();
        let pack = node.inspect().list_pack(0, b"s", Some(stream.nodes[0].id), 0, 99).unwrap();
        assert!(pack.entries.iter().any(|entry| entry.value == b"v"), "the entry's value");
    }

    #[test]
    fn an_intset_is_as_wide_as_its_widest_number() {
        let mut node = node("SADD i 3 1 2\r\nSADD w x\r\n");
        let view = node.inspect().int_set(0, b"i", 1, 9).unwrap();
        assert_eq!((view.width, view.len, view.bytes), (2, 3, 14), "two bytes each");
        let second = IntSetNumberView { offset: 10, value: 2 };
        assert_eq!(view.values, [second, IntSetNumberView { offset: 12, value: 3 }], "a window");
        let client = node.connect("test");
        node.feed(client, b"SADD i 9007199254740993\r\n");
        let view = node.inspect().int_set(0, b"i", 0, 9).unwrap();
        assert_eq!((view.width, view.entries_max, view.values.len()), (8, 512, 4), "all widened");
        assert_eq!(node.inspect().int_set(0, b"w", 0, 9), None, "another encoding");
    }
}
