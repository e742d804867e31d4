//! How clients that wait learn of what happens to many keys at once; who waits is in [`blocking`](crate::blocking).

use super::Keys;
use crate::database::Database;
use crate::schedule::is_over;

impl Keys<'_> {
    /// Says that a key holds more than before of what clients may wait for. O(1) if nobody waits.
    #[inline]
    pub fn signal(&mut self, key: &[u8]) {
        self.effects.waiters.signal(self.db, key);
    }

    /// Tells those who wait in two databases whose keys have just been exchanged.
    pub(super) fn signal_swapped(&mut self, first: usize, second: usize) {
        let (seed, now) = (self.seed, self.now);
        for (db, other) in [(first, second), (second, first)] {
            let (Some(present), Some(former)) = (self.dbs.get(db), self.dbs.get(other)) else {
                continue;
            };
            self.effects.waiters.signal_all(db, |key, awaits_end| {
                lives_in(present, seed, now, key) || awaits_end && lives_in(former, seed, now, key)
            });
        }
    }

    /// Tells those who wait for the end of keys of the selected database that all of these are about to be removed.
    pub(super) fn signal_flush(&mut self) {
        let (seed, now) = (self.seed, self.now);
        if let Some(database) = self.dbs.get(self.db) {
            self.effects.waiters.signal_all(self.db, |key, awaits_end| {
                awaits_end && lives_in(database, seed, now, key)
            });
        }
    }
}

fn lives_in(db: &Database, seed: u64, now: i64, key: &[u8]) -> bool {
    db.find(seed, key).is_some_and(|id| db.deadline(id).is_none_or(|at| !is_over(at, now)))
}
