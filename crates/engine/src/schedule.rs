//! What ends when: numbers with the time at which each of them ends, found by either.
//!
//! One keeps the fields of a hash that end, another the hashes of a database that have such fields, where Redis has
//! its ebuckets. It knows nothing of what its numbers stand for.

use std::collections::{BTreeMap, BTreeSet};

/// Entries that one call of [`Schedule::drain_chunk`] frees.
const CHUNK: usize = 256;

/// Whether what ends at `at` has ended.
///
/// Redis lets a key live through the millisecond it ends in, though EXPIREAT with the present time removes it at once.
/// Where the clock stands still that last millisecond would be seen: 60 seconds after `EXPIRE key 60` the key is gone.
#[inline]
pub fn is_over(at: i64, now: i64) -> bool {
    at <= now
}

/// Times by number, and numbers in the order of their times. Times are milliseconds since 1970.
#[derive(Debug, Clone, Default)]
pub struct Schedule {
    times: BTreeMap<u32, i64>,
    order: BTreeSet<(i64, u32)>,
}

impl Schedule {
    /// How many numbers there are. O(1).
    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// Whether nothing ends. O(1).
    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    /// When the first of them ends; `i64::MAX` if none does. O(log n).
    #[inline]
    pub fn earliest(&self) -> i64 {
        self.order.first().map_or(i64::MAX, |&(at, _)| at)
    }

    /// When a number ends, if it does. O(log n).
    pub fn get(&self, id: u32) -> Option<i64> {
        self.times.get(&id).copied()
    }

    /// Sets when a number ends. O(log n).
    pub fn set(&mut self, id: u32, at: i64) {
        if let Some(old) = self.times.insert(id, at) {
            self.order.remove(&(old, id));
        }
        self.order.insert((at, id));
    }

    /// Takes a number out and says when it would have ended. O(log n).
    pub fn remove(&mut self, id: u32) -> Option<i64> {
        let at = self.times.remove(&id)?;
        self.order.remove(&(at, id));
        Some(at)
    }

    /// All times with their numbers, the earliest first.
    pub fn iter(&self) -> impl Iterator<Item = (i64, u32)> {
        self.order.iter().copied()
    }

    /// Those that have ended at `now`, the earliest first.
    pub fn due(&self, now: i64) -> impl Iterator<Item = (i64, u32)> {
        self.iter().take_while(move |&(at, _)| is_over(at, now))
    }

    /// Frees up to 256 entries and says whether more are left; afterwards it is good for nothing else.
    pub fn drain_chunk(&mut self) -> bool {
        for _ in 0..CHUNK {
            self.times.pop_first();
            self.order.pop_first();
        }
        !self.is_empty()
    }

    /// About how many bytes it has allocated: nodes of both trees are three quarters full in the mean.
    pub fn heap_bytes(&self) -> usize {
        let entry = size_of::<(i64, u32)>() + size_of::<i64>() + size_of::<u32>();
        self.len() * entry * 4 / 3
    }

    /// Asserts that both indexes say the same. O(n log n); for tests.
    pub fn check(&self) {
        assert_eq!(self.times.len(), self.order.len(), "one index has more entries");
        for (at, id) in self.iter() {
            assert_eq!(self.get(id), Some(at), "the indexes disagree");
        }
    }
}

#[cfg(test)]
mod tests {
    use redarium_structures::rng::Rng;

    use super::*;

    /// Random changes against a plain list.
    #[test]
    fn behaves_like_a_list_that_is_sorted_when_asked() {
        let mut rng = Rng::new(7);
        let (mut schedule, mut model) = (Schedule::default(), Vec::new());
        for _ in 0..2000 {
            let (id, at) = (rng.below(30) as u32, rng.below(50) as i64);
            let known = model.iter().position(|&(_, other)| other == id);
            if rng.below(3) == 0 {
                let removed = known.map(|place| model.remove(place).0);
                assert_eq!(schedule.remove(id), removed, "the same time");
            } else {
                if let Some(place) = known {
                    model.remove(place);
                }
                schedule.set(id, at);
                model.push((at, id));
            }
            model.sort_unstable();
            schedule.check();
            assert!(schedule.iter().eq(model.iter().copied()), "the same order");
            assert_eq!(schedule.len(), model.len(), "the same size");
            assert_eq!(
                schedule.earliest(),
                model.first().map_or(i64::MAX, |first| first.0),
                "first"
            );
            let due: Vec<_> = model.iter().copied().filter(|&(at, _)| at <= 20).collect();
            assert!(schedule.due(20).eq(due), "what has ended");
        }
    }

    #[test]
    fn is_freed_bit_by_bit() {
        let mut schedule = Schedule::default();
        (0..600).for_each(|id| schedule.set(id, i64::from(600 - id)));
        assert!(schedule.heap_bytes() > 600 * 12, "it takes memory");
        assert!(schedule.drain_chunk() && schedule.drain_chunk(), "two chunks and more");
        assert!(!schedule.drain_chunk() && schedule.is_empty(), "the third is the last");
    }
}
