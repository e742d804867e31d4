//! Redis's hash table: chains in power-of-two bucket arrays, resized a little at a time.
//!
//! While it is being resized there are two bucket arrays, 0 (the old) and 1 (the new), and every
//! change moves one bucket over, so no single command pays for the whole table. SCAN's cursor counts
//! with its bits reversed (Pieter Noordhuis's idea in Redis): buckets that split or merge keep their
//! place in that order, so nothing that stays is missed.
//!
//! The caller brings hash and equality; the table may hold keys, entries, or just ids into another
//! structure. Items live in an [`Arena`], so ids are stable and clones are cheap.

mod buckets;
mod rehash;
#[cfg(test)]
mod tests;
mod walk;

use crate::arena::Arena;
use crate::trace::{NoTrace, Trace};
use buckets::{Buckets, Link};

/// Buckets of the first array.
const FIRST_BUCKETS: usize = 4;
/// An array shrinks when there are this many buckets or more for each item.
const SHRINK_FACTOR: usize = 8;

/// Hashes bytes with XXH3 (64 bits, seeded), the same on every target.
#[inline]
pub fn hash_bytes(seed: u64, bytes: &[u8]) -> u64 {
    xxhash_rust::xxh3::xxh3_64_with_seed(bytes, seed)
}

/// One step of a hash table's algorithms; `table` is 0 (old) or 1 (new), ids are those of items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum HashTableStep {
    /// The hash led to this bucket.
    Bucket {
        /// Which bucket array.
        table: usize,
        /// Which bucket.
        index: usize,
    },
    /// This item of the chain was looked at.
    Compare {
        /// The item.
        id: u32,
    },
    /// A new item became the head of a chain.
    Link {
        /// The item.
        id: u32,
        /// Which bucket array.
        table: usize,
        /// Which bucket.
        index: usize,
    },
    /// A scan visited this bucket.
    Scan {
        /// Which bucket array.
        table: usize,
        /// Which bucket.
        index: usize,
    },
    /// An item left its chain.
    Unlink {
        /// The item.
        id: u32,
        /// Which bucket array.
        table: usize,
        /// Which bucket.
        index: usize,
    },
    /// A second array was made (or the first one, when `from` is 0) and items begin to move there.
    RehashStart {
        /// Buckets of the old array.
        from: usize,
        /// Buckets of the new array.
        to: usize,
    },
    /// The items of this bucket of the old array move to the new one.
    RehashBucket {
        /// Which bucket of array 0.
        index: usize,
    },
    /// An item became the head of a chain in the new array.
    Move {
        /// The item.
        id: u32,
        /// Which bucket of array 0 it left.
        from: usize,
        /// Which bucket of array 1 it is in now.
        to: usize,
    },
    /// The old array is empty and gone; the new one is array 0 from here on.
    RehashDone,
}

#[derive(Clone, Debug, Default)]
struct Slot<T> {
    hash: u32,
    next: Link,
    item: T,
}

/// Where an item is: its bucket and the item before it in the chain.
struct Place {
    table: usize,
    index: usize,
    before: Option<u32>,
    id: u32,
}

/// A hash table with incremental rehashing, stable ids and cheap clones.
#[derive(Clone, Debug)]
pub struct HashTable<T> {
    slots: Arena<Slot<T>>,
    tables: [Buckets; 2],
    /// Items per array.
    used: [usize; 2],
    /// The next bucket of array 0 to move; all before it are empty.
    rehash: Option<usize>,
}

impl<T: Clone + Default> Default for HashTable<T> {
    fn default() -> Self {
        Self {
            slots: Arena::new(),
            tables: [Buckets::default(), Buckets::default()],
            used: [0; 2],
            rehash: None,
        }
    }
}

impl<T: Clone + Default> HashTable<T> {
    /// Makes a table that owns no memory yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many items are in the table.
    #[inline]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// True when there is no item.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// The item with this id.
    #[inline]
    pub fn get(&self, id: u32) -> &T {
        &self.slots.get(id).item
    }

    /// The item with this id, to be changed; what its hash is made of must stay.
    #[inline]
    pub fn get_mut(&mut self, id: u32) -> &mut T {
        &mut self.slots.get_mut(id).item
    }

    /// The stored hash of an item: the low 32 bits of what `insert` was given.
    pub fn hash_of(&self, id: u32) -> u32 {
        self.slots.get(id).hash
    }

    /// True when `id` names an item.
    pub fn contains_id(&self, id: u32) -> bool {
        self.slots.contains(id)
    }

    /// Finds the id of the item with this hash for which `eq` holds. O(1) expected; changes nothing.
    ///
    /// When the items are ids of another structure, mind that this is the id in this table: what it
    /// holds is `*table.get(id)`.
    #[inline]
    pub fn find(&self, hash: u64, eq: impl FnMut(&T) -> bool) -> Option<u32> {
        self.find_traced(hash, eq, &mut NoTrace)
    }

    /// As [`HashTable::find`], telling the way.
    #[inline]
    pub fn find_traced(
        &self,
        hash: u64,
        mut eq: impl FnMut(&T) -> bool,
        trace: &mut impl Trace<HashTableStep>,
    ) -> Option<u32> {
        Some(self.locate(hash as u32, |_, item| eq(item), trace)?.id)
    }

    /// Adds an item that is not there yet, with its hash, and returns its id. O(1) expected: moves
    /// one bucket when a rehash is under way, begins one when there is an item for every bucket.
    pub fn insert(&mut self, hash: u64, item: T, trace: &mut impl Trace<HashTableStep>) -> u32 {
        let hash = hash as u32;
        self.rehash_step(1, trace);
        if self.rehash.is_none() && self.used[0] >= self.tables[0].len() {
            self.resize((self.used[0] + 1).next_power_of_two().max(FIRST_BUCKETS), trace);
        }
        let table = usize::from(self.rehash.is_some());
        let index = self.tables[table].index(hash);
        let next = self.tables[table].get(index);
        let id = self.slots.insert(Slot { hash, next, item });
        self.tables[table].set(index, Link::to(id));
        self.used[table] += 1;
        trace.step(HashTableStep::Link { id, table, index });
        id
    }

    /// Takes out the item with this hash for which `eq` holds. O(1) expected: moves one bucket when
    /// a rehash is under way, begins one when there are eight buckets or more for each item.
    pub fn remove(
        &mut self,
        hash: u64,
        mut eq: impl FnMut(&T) -> bool,
        trace: &mut impl Trace<HashTableStep>,
    ) -> Option<T> {
        self.rehash_step(1, trace);
        let place = self.locate(hash as u32, |_, item| eq(item), trace)?;
        Some(self.unlink(&place, trace))
    }

    /// Takes out the item with this id, as [`HashTable::remove`] does.
    ///
    /// # Panics
    ///
    /// When there is no such item.
    pub fn remove_id(&mut self, id: u32, trace: &mut impl Trace<HashTableStep>) -> T {
        self.rehash_step(1, trace);
        let hash = self.hash_of(id);
        let place = self
            .locate(hash, |found, _| found == id, trace)
            .expect("a live id is in the chain of its hash");
        self.unlink(&place, trace)
    }

    /// How many buckets array 0 or 1 has; array 1 has none unless a rehash is under way.
    pub fn bucket_count(&self, table: usize) -> usize {
        self.tables[table].len()
    }

    /// How many items are in array 0 or 1.
    pub fn used(&self, table: usize) -> usize {
        self.used[table]
    }

    /// The next bucket of array 0 to be moved, when a rehash is under way.
    pub fn rehash_index(&self) -> Option<usize> {
        self.rehash
    }

    /// Whether a scan that has come to `cursor` has visited a bucket; of cursor 0, which begins a round, none.
    pub fn is_scanned(&self, table: usize, index: usize, cursor: u64) -> bool {
        let mask = self.tables[table].len().saturating_sub(1) as u64;
        (index as u64).reverse_bits() < (cursor & mask).reverse_bits()
    }

    /// All ids from low to high: the order of the arena's memory, for pictures.
    pub fn ids(&self) -> impl Iterator<Item = u32> {
        self.slots.ids()
    }

    /// Drops everything at once; for huge tables see [`HashTable::drain_chunk`].
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Frees up to 256 items and returns true while something is left, so that a huge table can be
    /// dropped in small steps. From the first call on the table finds nothing any more.
    pub fn drain_chunk(&mut self) -> bool {
        self.drain_chunk_with(drop)
    }

    /// As [`HashTable::drain_chunk`], handing over each item that no clone shares.
    pub fn drain_chunk_with(&mut self, mut each: impl FnMut(T)) -> bool {
        self.tables = Default::default();
        self.used = [0; 2];
        self.rehash = None;
        self.slots.drain_chunk_with(|slot| each(slot.item))
    }

    /// The bytes this table has allocated, not counting what its items own.
    pub fn heap_bytes(&self) -> usize {
        self.slots.heap_bytes() + self.tables[0].heap_bytes() + self.tables[1].heap_bytes()
    }

    /// Verifies every invariant.
    ///
    /// # Panics
    ///
    /// When one does not hold; for tests.
    pub fn check(&self) {
        self.slots.check();
        let mut linked = 0;
        for table in [0, 1] {
            let len = self.tables[table].len();
            assert!(len == 0 || len.is_power_of_two(), "array {table} has {len} buckets");
            let mut used = 0;
            for index in 0..len {
                for id in self.bucket(table, index) {
                    assert!(self.slots.contains(id), "item {id} lives");
                    assert_eq!(self.tables[table].index(self.hash_of(id)), index, "item {id}");
                    assert!(table == 1 || !self.is_moved(index), "bucket {index} was moved");
                    used += 1;
                    assert!(used <= self.len(), "no chain is a ring");
                }
            }
            assert_eq!(used, self.used[table], "array {table} counts its items");
            linked += used;
        }
        assert_eq!(linked, self.len(), "every item is in a chain");
        assert_eq!(self.rehash.is_some(), self.tables[1].len() > 0, "two arrays only in a rehash");
    }

    #[inline]
    fn locate(
        &self,
        hash: u32,
        mut eq: impl FnMut(u32, &T) -> bool,
        trace: &mut impl Trace<HashTableStep>,
    ) -> Option<Place> {
        for (table, buckets) in self.tables.iter().enumerate() {
            if buckets.len() == 0 {
                break;
            }
            let index = buckets.index(hash);
            if table == 0 && self.is_moved(index) {
                continue;
            }
            trace.step(HashTableStep::Bucket { table, index });
            let mut before = None;
            let mut link = buckets.get(index);
            while let Some(id) = link.id() {
                let slot = self.slots.get(id);
                trace.step(HashTableStep::Compare { id });
                if slot.hash == hash && eq(id, &slot.item) {
                    return Some(Place { table, index, before, id });
                }
                before = Some(id);
                link = slot.next;
            }
        }
        None
    }

    fn unlink(&mut self, place: &Place, trace: &mut impl Trace<HashTableStep>) -> T {
        let &Place { table, index, before, id } = place;
        let removed = self.slots.remove(id);
        match before {
            Some(before) => self.slots.get_mut(before).next = removed.next,
            None => self.tables[table].set(index, removed.next),
        }
        self.used[table] -= 1;
        trace.step(HashTableStep::Unlink { id, table, index });
        let buckets = self.tables[0].len();
        if self.rehash.is_none()
            && buckets > FIRST_BUCKETS
            && self.used[0] * SHRINK_FACTOR <= buckets
        {
            self.resize(self.used[0].next_power_of_two().max(FIRST_BUCKETS), trace);
        }
        removed.item
    }
}
