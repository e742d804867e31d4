//! A hash table in its buckets: that of a database's keys, or that of one value.

use redarium_structures::hash_table::HashTable;

use super::Inspector;
use crate::types::sorted_set::SortedSet;
use crate::value::Value;

/// Buckets of one array shown at most, and items in them.
pub const BUCKETS_MAX: usize = 1024;

/// Bytes shown of one name at most.
const NAME_BYTES_MAX: usize = 64;

/// A window into a hash table.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct HashTableView {
    /// Items in all.
    pub len: usize,
    /// The array of buckets, and the one to which items move while the table is being resized.
    pub arrays: Vec<BucketArrayView>,
    /// The next bucket of the first array whose items will move, while the table is being resized.
    pub rehash_index: Option<usize>,
}

/// An array of buckets.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct BucketArrayView {
    /// Buckets in all.
    pub size: usize,
    /// Items in them.
    pub used: usize,
    /// The buckets of the window.
    pub buckets: Vec<BucketView>,
}

/// A bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct BucketView {
    /// Its index, as in `HashTableStep`.
    pub index: usize,
    /// Whether a scan that has come to the cursor asked for has visited it.
    pub is_scanned: bool,
    /// Its chain from the head.
    pub items: Vec<HashItemView>,
}

/// An item of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct HashItemView {
    /// The item, as in `HashTableStep`; of keys as in `KeyView`.
    pub id: u32,
    /// The first bytes of its key, field or member.
    #[cfg_attr(feature = "serde", serde(with = "super::text"))]
    pub name: Vec<u8>,
    /// The bits of its hash that choose the bucket: as many of the lowest as the array asks for.
    pub hash: u32,
}

/// What part of a hash table is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BucketWindow {
    /// The first bucket of each array.
    pub from: usize,
    /// How many of each, [`BUCKETS_MAX`] at most.
    pub count: usize,
    /// The cursor of a scan that is under way; 0 for none.
    pub cursor: u64,
}

impl Inspector<'_> {
    /// The table of a database's keys; `None` if there is no such database. O(count).
    pub fn keys_table(&self, db: usize, window: BucketWindow) -> Option<HashTableView> {
        let database = self.engine.databases().get(db)?;
        Some(view(database.table(), window, |entry| entry.key.as_slice()))
    }

    /// The hash table of the set, hash or sorted set at `key`; `None` if it has none. O(count).
    pub fn hash_table(&self, db: usize, key: &[u8], window: BucketWindow) -> Option<HashTableView> {
        match &self.entry(db, key)?.value {
            Value::Set(set) => Some(view(set.table()?, window, |member| member.as_slice())),
            Value::Hash(hash) => Some(view(hash.table()?, window, |field| field.name())),
            Value::ZSet(set) => {
                let SortedSet::SkipList(indexed) = &**set else { return None };
                Some(view(indexed.index(), window, |&node| indexed.list().member(node)))
            }
            _ => None,
        }
    }
}

fn view<'t, T: Clone + Default>(
    table: &'t HashTable<T>,
    window: BucketWindow,
    name: impl Fn(&'t T) -> &'t [u8],
) -> HashTableView {
    let arrays = if table.rehash_index().is_some() { 0..2 } else { 0..1 };
    let mut left = BUCKETS_MAX;
    let mut bucket = |array: usize, index: usize| {
        let items = table.bucket(array, index).take(left).map(|id| {
            let name = name(table.get(id));
            HashItemView {
                id,
                name: name.get(..NAME_BYTES_MAX).unwrap_or(name).to_vec(),
                hash: table.hash_of(id),
            }
        });
        let items: Vec<_> = items.collect();
        left -= items.len();
        BucketView { index, is_scanned: table.is_scanned(array, index, window.cursor), items }
    };
    let arrays = arrays.map(|array| {
        let size = table.bucket_count(array);
        let from = window.from.min(size);
        let end = from.saturating_add(window.count.min(BUCKETS_MAX)).min(size);
        let buckets = (from..end).map(|index| bucket(array, index)).collect();
        BucketArrayView { size, used: table.used(array), buckets }
    });
    HashTableView { len: table.len(), arrays: arrays.collect(), rehash_index: table.rehash_index() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inspect::tests::run;
    use crate::{Engine, Options};

    const ALL: BucketWindow = BucketWindow { from: 0, count: 9999, cursor: 0 };

    fn node(commands: &str) -> Engine {
        let mut node = Engine::new(Options::default());
        run(&mut node, commands);
        node
    }

    fn names(view: &HashTableView) -> Vec<String> {
        let buckets = view.arrays.iter().flat_map(|array| &array.buckets);
        let items = buckets.flat_map(|bucket| &bucket.items);
        let mut names: Vec<_> =
            items.map(|item| String::from_utf8_lossy(&item.name).into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn keys_stand_in_the_buckets_that_their_hashes_choose() {
        let node = node("MSET a 1 b 2 c 3 d 4\r\n");
        let view = node.inspect().keys_table(0, ALL).unwrap();
        assert_eq!((view.len, view.rehash_index), (4, None), "four keys");
        let array = &view.arrays[0];
        assert_eq!((array.size, array.used, array.buckets.len()), (4, 4, 4), "four buckets");
        assert_eq!(names(&view), ["a", "b", "c", "d"], "all");
        for bucket in &array.buckets {
            for item in &bucket.items {
                assert_eq!(item.hash as usize % 4, bucket.index, "the lowest bits");
            }
        }
        let window = BucketWindow { from: 3, count: 9, cursor: 0 };
        let view = node.inspect().keys_table(0, window).unwrap();
        assert_eq!(view.arrays[0].buckets, array.buckets[3..], "a window");
        assert_eq!(node.inspect().keys_table(99, ALL), None, "no such database");
    }

    #[test]
    fn a_table_that_grows_has_two_arrays_and_a_place() {
        let node = node(
            "SADD s a b c d e f g h i j k l m n o p\r\nCONFIG SET set-max-listpack-entries 1\r\nSADD s q\r\n",
        );
        let view = node.inspect().hash_table(0, b"s", ALL).unwrap();
        assert_eq!((view.len, view.arrays.len()), (17, 2), "being resized");
        assert_eq!((view.arrays[0].size, view.arrays[1].size), (16, 32), "to twice as many");
        assert_eq!(view.arrays[0].used + view.arrays[1].used, 17, "each is in one");
        assert_eq!(names(&view).len(), 17, "and shown once");
        let moved = view.rehash_index.unwrap();
        let before = &view.arrays[0].buckets[..moved];
        assert!(before.iter().all(|bucket| bucket.items.is_empty()), "those before it are empty");
    }

    #[test]
    fn a_cursor_tells_which_buckets_a_scan_has_visited() {
        let mut node = node("CONFIG SET set-max-listpack-entries 0\r\nSADD s a b c d e f g h\r\n");
        let client = node.connect("test");
        node.record_steps(100);
        node.feed(client, b"SSCAN s 0 COUNT 3\r\n");
        let reply = String::from_utf8(node.take_output(client)).unwrap();
        let cursor: u64 = reply.lines().nth(2).unwrap().parse().unwrap();
        assert_ne!(cursor, 0, "not yet done: {reply}");
        let view = node.inspect().hash_table(0, b"s", BucketWindow { cursor, ..ALL }).unwrap();
        let buckets = view.arrays.iter().flat_map(|array| &array.buckets);
        let scanned = buckets.filter(|bucket| bucket.is_scanned);
        let visited: usize = scanned.map(|bucket| bucket.items.len()).sum();
        assert_eq!(reply.matches("$1\r\n").count(), visited + 1, "as many as the reply: {reply}");
        let view = node.inspect().hash_table(0, b"s", ALL).unwrap();
        let any = view.arrays[0].buckets.iter().any(|bucket| bucket.is_scanned);
        assert!(!any, "cursor 0 begins");
    }

    #[test]
    fn every_type_with_a_table_shows_it() {
        let limits = "CONFIG SET hash-max-listpack-entries 0 zset-max-listpack-entries 0\r\n";
        let node = node(&format!("{limits}HSET h f v\r\nZADD z 1 m\r\nSET s x\r\nSADD i 1\r\n"));
        let table = |key: &str| node.inspect().hash_table(0, key.as_bytes(), ALL);
        assert_eq!(names(&table("h").unwrap()), ["f"], "fields");
        assert_eq!(names(&table("z").unwrap()), ["m"], "members");
        for key in ["s", "i", "x"] {
            assert_eq!(table(key), None, "{key} has none");
        }
    }
}
