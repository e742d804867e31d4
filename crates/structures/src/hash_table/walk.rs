//! Going through a hash table: in order, by cursor, by chance.

use super::buckets::Link;
use super::{HashTable, HashTableStep};
use crate::rng::Rng;
use crate::trace::{NoTrace, Trace};

/// Random probes before `random` walks on from where it is; at Redis's worst fill of 1/8 a probe
/// misses this often once in a million draws.
const RANDOM_PROBES: usize = 100;

impl<T: Clone + Default> HashTable<T> {
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
    pub fn scan(&self, cursor: u64, visit: impl FnMut(u32, &T)) -> u64 {
        self.scan_traced(cursor, visit, &mut NoTrace)
    }

    /// As [`HashTable::scan`], telling the way.
    pub fn scan_traced(
        &self,
        cursor: u64,
        mut visit: impl FnMut(u32, &T),
        trace: &mut impl Trace<HashTableStep>,
    ) -> u64 {
        if self.is_empty() {
            return 0;
        }
        let mut visit_bucket = |table: usize, cursor: u64| {
            let index = cursor as usize & (self.tables[table].len() - 1);
            trace.step(HashTableStep::Scan { table, index });
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

    /// The ids of one chain, from its head.
    pub fn bucket(&self, table: usize, index: usize) -> impl Iterator<Item = u32> {
        std::iter::successors(self.tables[table].get(index).id(), |&id| {
            self.slots.get(id).next.id()
        })
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
}

/// The cursor after this one in an array with this mask: one is added to the masked bits read from
/// the highest down.
fn next_cursor(cursor: u64, mask: u64) -> u64 {
    (cursor | !mask).reverse_bits().wrapping_add(1).reverse_bits()
}
