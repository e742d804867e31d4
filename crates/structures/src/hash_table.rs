//! Redis's hash table: chains in power-of-two bucket arrays, resized a little at a time.
//!
//! While it is being resized there are two bucket arrays, 0 (the old) and 1 (the new), and every
//! change moves one bucket over, so no single command pays for the whole table. SCAN's cursor counts
//! with its bits reversed (Pieter Noordhuis's idea in Redis): buckets that split or merge keep their
//! place in that order, so nothing that stays is missed.
//!
//! The caller brings hash and equality; the table may hold keys, entries, or just ids into another
//! structure. Items live in an [`Arena`], so ids are stable and clones are cheap.

use crate::arena::Arena;
use crate::buckets::{Buckets, Link};
use crate::rng::Rng;
use crate::trace::Trace;

/// Buckets of the first array.
const FIRST_BUCKETS: usize = 4;
/// An array shrinks when fewer than one bucket in this many would be needed.
const SHRINK_FACTOR: usize = 8;
/// Empty buckets that one step of rehashing may pass for each bucket it should move.
const EMPTY_VISITS: usize = 10;
/// Random probes before `random` walks on from where it is; at Redis's worst fill of 1/8 a probe
/// misses this often once in a million draws.
const RANDOM_PROBES: usize = 100;

/// Hashes bytes with XXH3 (64 bits, seeded), the same on every target.
#[inline]
pub fn hash_bytes(seed: u64, bytes: &[u8]) -> u64 {
    xxhash_rust::xxh3::xxh3_64_with_seed(bytes, seed)
}

/// One step of a hash table's algorithms; `table` is 0 (old) or 1 (new), ids are those of items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// Where an item was found: its bucket and the item before it in the chain.
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

    /// Finds the item with this hash for which `eq` holds. O(1) expected; changes nothing.
    #[inline]
    pub fn find(&self, hash: u64, eq: impl FnMut(&T) -> bool) -> Option<u32> {
        self.find_traced(hash, eq, &mut crate::trace::NoTrace)
    }

    /// As [`HashTable::find`], telling the way.
    #[inline]
    pub fn find_traced(
        &self,
        hash: u64,
        mut eq: impl FnMut(&T) -> bool,
        trace: &mut impl Trace<HashTableStep>,
    ) -> Option<u32> {
        let hash = hash as u32;
        for (table, buckets) in self.tables.iter().enumerate() {
            if buckets.len() == 0 {
                break;
            }
            let index = buckets.index(hash);
            if table == 0 && self.is_moved(index) {
                continue;
            }
            trace.step(HashTableStep::Bucket { table, index });
            let mut link = buckets.get(index);
            while let Some(id) = link.id() {
                let slot = self.slots.get(id);
                trace.step(HashTableStep::Compare { id });
                if slot.hash == hash && eq(&slot.item) {
                    return Some(id);
                }
                link = slot.next;
            }
        }
        None
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
    /// a rehash is under way, begins one when fewer than one bucket in eight is needed.
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

    /// Moves up to `buckets` filled buckets to the new array, passing at most ten empty ones for
    /// each; true while a rehash is still under way.
    #[inline]
    pub fn rehash_step(&mut self, buckets: usize, trace: &mut impl Trace<HashTableStep>) -> bool {
        match self.rehash {
            None => false,
            Some(from) => self.move_buckets(from, buckets, trace),
        }
    }

    /// All items with their ids, in the order of the buckets: array 0, then array 1.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        self.tables.iter().enumerate().flat_map(move |(table, buckets)| {
            std::iter::successors(buckets.next_filled(0), |&index| buckets.next_filled(index + 1))
                .flat_map(move |index| self.bucket(table, index))
                .map(|id| (id, self.get(id)))
        })
    }

    /// Visits the items of one bucket (and, during a rehash, of every bucket of the larger array
    /// that it splits into) and returns the cursor of the next, 0 when the round is complete.
    ///
    /// Begin with cursor 0. An item that stays from the first call to the last is visited at least
    /// once, even when the table grows or shrinks in between; an item may be visited twice.
    pub fn scan(&self, cursor: u64, mut visit: impl FnMut(u32, &T)) -> u64 {
        if self.is_empty() {
            return 0;
        }
        let mut visit_bucket = |table: usize, cursor: u64| {
            let index = cursor as usize & (self.tables[table].len() - 1);
            for id in self.bucket(table, index) {
                visit(id, self.get(id));
            }
        };
        if self.rehash.is_none() {
            visit_bucket(0, cursor);
            return next_cursor(cursor, self.mask(0));
        }
        let (small, large) =
            if self.tables[0].len() <= self.tables[1].len() { (0, 1) } else { (1, 0) };
        visit_bucket(small, cursor);
        let split = self.mask(small) ^ self.mask(large);
        let mut cursor = cursor;
        loop {
            visit_bucket(large, cursor);
            cursor = next_cursor(cursor, self.mask(large));
            if cursor & split == 0 {
                return cursor;
            }
        }
    }

    /// Draws an item as Redis does: a random filled bucket, then a random item of its chain. Items
    /// of short chains are drawn more often than those of long ones.
    pub fn random(&self, rng: &mut Rng) -> Option<u32> {
        if self.is_empty() {
            return None;
        }
        // Both arrays as one row, without the buckets that have been moved already.
        let old = self.tables[0].len();
        let moved = self.rehash.unwrap_or(0);
        let row = old + self.tables[1].len() - moved;
        let mut at = 0;
        for _ in 0..RANDOM_PROBES {
            at = moved + rng.below(row as u64) as usize;
            if self.row_bucket(at).id().is_some() {
                break;
            }
        }
        let at = self.next_filled(at).or_else(|| self.next_filled(0))?;
        let (table, index) = if at < old { (0, at) } else { (1, at - old) };
        let chain = self.bucket(table, index).count();
        self.bucket(table, index).nth(rng.below(chain as u64) as usize)
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

    /// The ids of one chain, from its head.
    pub fn bucket(&self, table: usize, index: usize) -> impl Iterator<Item = u32> {
        std::iter::successors(self.tables[table].get(index).id(), |&id| {
            self.slots.get(id).next.id()
        })
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

    /// True for a bucket of array 0 whose items are in array 1 by now.
    #[inline]
    fn is_moved(&self, index: usize) -> bool {
        self.rehash.is_some_and(|next| index < next)
    }

    fn mask(&self, table: usize) -> u64 {
        self.tables[table].len() as u64 - 1
    }

    /// The head of a bucket in the row of both arrays.
    fn row_bucket(&self, at: usize) -> Link {
        let old = self.tables[0].len();
        if at < old { self.tables[0].get(at) } else { self.tables[1].get(at - old) }
    }

    /// The first filled bucket at or after `at` in the row of both arrays.
    fn next_filled(&self, at: usize) -> Option<usize> {
        let old = self.tables[0].len();
        let in_old = if at < old { self.tables[0].next_filled(at) } else { None };
        in_old.or_else(|| Some(old + self.tables[1].next_filled(at.saturating_sub(old))?))
    }

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
            && self.used[0] * SHRINK_FACTOR < buckets
        {
            self.resize(self.used[0].next_power_of_two().max(FIRST_BUCKETS), trace);
        }
        removed.item
    }

    fn resize(&mut self, to: usize, trace: &mut impl Trace<HashTableStep>) {
        let from = self.tables[0].len();
        trace.step(HashTableStep::RehashStart { from, to });
        if from == 0 {
            self.tables[0] = Buckets::new(to);
        } else {
            self.tables[1] = Buckets::new(to);
            self.rehash = Some(0);
        }
    }

    fn move_buckets(
        &mut self,
        from: usize,
        buckets: usize,
        trace: &mut impl Trace<HashTableStep>,
    ) -> bool {
        let mut empty_visits = buckets.saturating_mul(EMPTY_VISITS);
        let mut index = from;
        let mut left = buckets;
        while left > 0 && self.used[0] > 0 {
            if self.tables[0].get(index) == Link::NONE {
                if empty_visits == 0 {
                    break;
                }
                empty_visits -= 1;
            } else {
                self.move_bucket(index, trace);
                left -= 1;
            }
            index += 1;
            self.tables[0].forget_page_before(index);
        }
        self.rehash = Some(index);
        if self.used[0] > 0 {
            return true;
        }
        self.tables[0] = std::mem::take(&mut self.tables[1]);
        self.used = [self.used[1], 0];
        self.rehash = None;
        trace.step(HashTableStep::RehashDone);
        false
    }

    fn move_bucket(&mut self, index: usize, trace: &mut impl Trace<HashTableStep>) {
        trace.step(HashTableStep::RehashBucket { index });
        let mut link = self.tables[0].get(index);
        self.tables[0].set(index, Link::NONE);
        while let Some(id) = link.id() {
            let slot = self.slots.get_mut(id);
            let to = self.tables[1].index(slot.hash);
            link = std::mem::replace(&mut slot.next, self.tables[1].get(to));
            self.tables[1].set(to, Link::to(id));
            self.used[0] -= 1;
            self.used[1] += 1;
            trace.step(HashTableStep::Move { id, from: index, to });
        }
    }
}

/// The cursor after this one in an array with this mask: one is added to the masked bits read from
/// the highest down.
fn next_cursor(cursor: u64, mask: u64) -> u64 {
    (cursor | !mask).reverse_bits().wrapping_add(1).reverse_bits()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::NoTrace;
    use std::collections::{BTreeMap, BTreeSet};

    fn hash(key: u64) -> u64 {
        hash_bytes(1, &key.to_le_bytes())
    }

    fn add(table: &mut HashTable<u64>, key: u64) -> u32 {
        table.insert(hash(key), key, &mut NoTrace)
    }

    fn take(table: &mut HashTable<u64>, key: u64) -> Option<u64> {
        table.remove(hash(key), |&item| item == key, &mut NoTrace)
    }

    fn table_of(keys: std::ops::Range<u64>) -> HashTable<u64> {
        let mut table = HashTable::new();
        for key in keys {
            add(&mut table, key);
        }
        table
    }

    /// Hashes decide the order of SMEMBERS and KEYS, which recorded sessions show.
    #[test]
    fn hashes_never_change() {
        assert_eq!(hash_bytes(0, b""), 0x2d06_8005_38d3_94c2, "XXH3's published empty hash");
        assert_ne!(hash_bytes(1, b"key"), hash_bytes(2, b"key"), "the seed counts");
    }

    #[test]
    fn does_what_a_map_does_and_a_clone_never_changes() {
        for seed in 0..10 {
            let mut rng = Rng::new(seed);
            let mut table = HashTable::new();
            let mut model: BTreeMap<u64, u32> = BTreeMap::new();
            let mut kept = (table.clone(), model.clone());
            for round in 0..6_000 {
                let key = rng.below(3_000);
                let found = table.find(hash(key), |&item| item == key);
                assert_eq!(found, model.get(&key).copied(), "key {key}");
                let growing = rng.below(10) < if round < 3_000 { 9 } else { 1 };
                match (growing, found) {
                    (true, None) => {
                        model.insert(key, add(&mut table, key));
                    }
                    (false, Some(id)) if rng.below(2) == 0 => {
                        assert_eq!(table.remove_id(id, &mut NoTrace), key, "by id");
                        model.remove(&key);
                    }
                    (false, _) => {
                        assert_eq!(take(&mut table, key).is_some(), found.is_some(), "by key");
                        model.remove(&key);
                    }
                    (true, Some(_)) => {}
                }
                assert_eq!(table.len(), model.len(), "length");
                if round % 61 == 0 {
                    table.check();
                    let all: BTreeMap<u64, u32> =
                        table.iter().map(|(id, &key)| (key, id)).collect();
                    assert_eq!(all, model, "iteration");
                    assert_eq!(table.iter().count(), model.len(), "each once");
                    kept.0.check();
                    assert!(
                        kept.1.iter().all(|(key, &id)| kept.0.get(id) == key),
                        "the clone keeps its items"
                    );
                    kept = (table.clone(), model.clone());
                }
            }
        }
    }

    #[test]
    fn scan_visits_what_stays_while_the_table_grows_and_shrinks() {
        for seed in 0..60 {
            let mut rng = Rng::new(seed);
            let mut table = table_of(0..200 + rng.below(400));
            let stay = 100;
            let mut next_key = 1_000;
            let mut seen = BTreeSet::new();
            let mut cursor = 0;
            let mut calls = 0;
            loop {
                cursor = table.scan(cursor, |_, &key| {
                    seen.insert(key);
                });
                calls += 1;
                if cursor == 0 {
                    break;
                }
                assert!(calls < 100_000, "the cursor comes round");
                if seed % 2 == 0 {
                    // A table that grows faster than it is scanned would keep the cursor for ever.
                    for _ in 0..rng.below(20).min(8_000 - next_key) {
                        add(&mut table, next_key);
                        next_key += 1;
                    }
                } else {
                    for _ in 0..rng.below(20) {
                        take(&mut table, stay + rng.below(500));
                    }
                }
            }
            assert!((0..stay).all(|key| seen.contains(&key)), "seed {seed}");
        }
    }

    #[test]
    fn scan_of_a_still_table_visits_each_once() {
        for len in [1, 4, 5, 100, 1_000, 1_025] {
            let table = table_of(0..len);
            let mut seen = Vec::new();
            let mut cursor = table.scan(0, |_, &key| seen.push(key));
            while cursor != 0 {
                cursor = table.scan(cursor, |_, &key| seen.push(key));
            }
            seen.sort_unstable();
            assert!(seen.into_iter().eq(0..len), "{len} items");
        }
    }

    #[test]
    fn grows_and_shrinks_at_redis_points() {
        let mut table = table_of(0..4);
        assert_eq!((table.bucket_count(0), table.rehash_index()), (4, None), "four fit in four");
        add(&mut table, 4);
        assert_eq!(
            (table.bucket_count(1), table.rehash_index()),
            (8, Some(0)),
            "the fifth grows it"
        );
        let mut table = table_of(0..64);
        while table.rehash_step(1, &mut NoTrace) {}
        for key in 8..64 {
            take(&mut table, key);
        }
        assert_eq!((table.bucket_count(0), table.rehash_index()), (64, None), "8 in 64 stay");
        take(&mut table, 7);
        assert_eq!((table.bucket_count(1), table.len()), (8, 7), "7 in 64 shrink");
        while table.rehash_step(1, &mut NoTrace) {}
        table.check();
        assert_eq!(table.bucket_count(0), 8, "done");
    }

    #[test]
    fn random_reaches_everything_and_ends_in_a_sparse_table() {
        let mut rng = Rng::new(3);
        let mut table = table_of(0..50);
        let seen: BTreeSet<u64> =
            (0..5_000).filter_map(|_| table.random(&mut rng)).map(|id| *table.get(id)).collect();
        assert_eq!(seen.len(), 50, "every item is drawn");
        // A huge array with one item left in it, its shrinking not yet begun to move anything.
        for key in 50..20_000 {
            add(&mut table, key);
        }
        while table.rehash_step(100, &mut NoTrace) {}
        table.slots.clear();
        table.tables[0] = Buckets::new(1 << 15);
        table.used = [0; 2];
        add(&mut table, 7);
        assert_eq!(table.random(&mut rng).map(|id| *table.get(id)), Some(7), "the only item");
        table.clear();
        assert_eq!(table.random(&mut rng), None, "nothing to draw");
    }

    #[test]
    fn steps_tell_the_way() {
        let mut table = HashTable::new();
        let mut steps = Vec::new();
        for key in 0..4 {
            table.insert(key, key, &mut NoTrace);
        }
        let id = table.insert(4, 4, &mut steps);
        assert_eq!(
            steps,
            [
                HashTableStep::RehashStart { from: 4, to: 8 },
                HashTableStep::Link { id, table: 1, index: 4 }
            ],
            "the fifth item starts a rehash and goes to the new array"
        );
        steps.clear();
        assert_eq!(table.remove(0, |&item| item == 0, &mut steps), Some(0), "there");
        assert_eq!(
            steps,
            [
                HashTableStep::RehashBucket { index: 0 },
                HashTableStep::Move { id: 0, from: 0, to: 0 },
                HashTableStep::Bucket { table: 1, index: 0 },
                HashTableStep::Compare { id: 0 },
                HashTableStep::Unlink { id: 0, table: 1, index: 0 }
            ],
            "one bucket moves, then the item is found in the new array"
        );
    }

    #[test]
    fn draining_frees_in_chunks() {
        let mut table = table_of(0..1_000);
        let mut chunks = 1;
        while table.drain_chunk() {
            assert_eq!(table.find(hash(1), |&key| key == 1), None, "nothing is found any more");
            chunks += 1;
        }
        assert_eq!((chunks, table.len()), (4, 0), "four chunks of 256");
        table.check();
    }
}
