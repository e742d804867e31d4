//! Moving from one bucket array to another, a little at a time.

use super::buckets::{Buckets, Link};
use super::{HashTable, HashTableStep};
use crate::trace::Trace;

/// Empty buckets that one step of rehashing may pass for each bucket it should move.
const EMPTY_VISITS: usize = 10;

impl<T: Clone + Default> HashTable<T> {
    /// Moves up to `buckets` filled buckets to the new array, passing at most ten empty ones for
    /// each; true while a rehash is still under way.
    #[inline]
    pub fn rehash_step(&mut self, buckets: usize, trace: &mut impl Trace<HashTableStep>) -> bool {
        match self.rehash {
            None => false,
            Some(from) => self.move_buckets(from, buckets, trace),
        }
    }

    /// True for a bucket of array 0 whose items are in array 1 by now.
    #[inline]
    pub(super) fn is_moved(&self, index: usize) -> bool {
        self.rehash.is_some_and(|next| index < next)
    }

    /// Makes an array of `to` buckets, to which the items move from now on.
    pub(super) fn resize(&mut self, to: usize, trace: &mut impl Trace<HashTableStep>) {
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
