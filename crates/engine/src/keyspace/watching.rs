//! How watched keys are looked up in the databases; who watches them is in [`watch`](crate::watch).

use super::Keys;
use crate::client::ClientId;
use crate::database::Database;
use crate::schedule::is_over;
use crate::watch::Presence;

impl Keys<'_> {
    /// Has a client watch a key of the selected database; the key is left as it is, even if its time is over.
    pub fn watch(&mut self, client: ClientId, key: &[u8]) {
        let is_over = presence(self.database(), self.seed, self.now, key) == Presence::Over;
        self.effects.watches.watch(client, self.db, key, is_over);
    }

    /// Whether a key that the client watches has changed, or has ended and was not yet removed.
    pub fn watched_has_changed(&self, client: ClientId) -> bool {
        let watches = &self.effects.watches;
        watches.has_changed(client)
            || watches.has_ended(client, |db, key| {
                let db = self.dbs.get(db);
                db.map_or(Presence::Absent, |db| presence(db, self.seed, self.now, key))
            })
    }

    /// Exchanges the keys of two databases.
    pub fn swap_databases(&mut self, first: usize, second: usize) {
        let watches = &mut self.effects.watches;
        if !watches.is_empty()
            && let (Some(one), Some(other)) = (self.dbs.get(first), self.dbs.get(second))
        {
            let one = |key: &[u8]| presence(one, self.seed, self.now, key);
            let other = |key: &[u8]| presence(other, self.seed, self.now, key);
            watches.replaced(first, one, other);
            watches.replaced(second, other, one);
        }
        self.dbs.swap(first, second);
        if !self.effects.waiters.is_empty() {
            self.signal_swapped(first, second);
        }
    }

    /// Tells those who watch keys of the selected database that all of them are about to be removed.
    pub(super) fn touch_all_watched(&mut self) {
        let (db, seed, now) = (self.db, self.seed, self.now);
        if let Some(database) = self.dbs.get(db) {
            let before = |key: &[u8]| presence(database, seed, now, key);
            self.effects.watches.replaced(db, before, |_| Presence::Absent);
        }
    }
}

fn presence(db: &Database, seed: u64, now: i64, key: &[u8]) -> Presence {
    match db.find(seed, key) {
        None => Presence::Absent,
        Some(id) if db.deadline(id).is_some_and(|at| is_over(at, now)) => Presence::Over,
        Some(_) => Presence::Alive,
    }
}
