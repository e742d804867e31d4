//! WATCH: which clients want to know whether keys change before their EXEC.
//!
//! Every change of a key passes through [`Effects`](crate::effects::Effects), which asks here as long as anyone watches.
//! A client whose key has changed is marked and watches nothing any more: nothing can unmark it but the end of its
//! transaction. As in Redis, a key whose time was over when it was watched counts as absent, and its removal as no change.

use redarium_structures::bytes::Bytes;
use redarium_structures::ordered::OrderedMap;

use crate::client::ClientId;

/// What a database says of a key, without any effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// There is no such key.
    Absent,
    /// It is still there, but its time is over.
    Over,
    /// It lives.
    Alive,
}

/// Clients that watch one key, each with whether the key's time was over when the client began to.
type Watchers = OrderedMap<ClientId, bool>;

/// A client that watches, or that did and whose key has changed.
#[derive(Debug, Clone, Default)]
struct Watcher {
    /// Databases and keys, in the order of WATCH.
    keys: Vec<(usize, Bytes)>,
    has_changed: bool,
}

/// All watched keys of a node. Empty on the usual path, where it costs one comparison.
#[derive(Debug, Clone, Default)]
pub struct Watches {
    /// By database and key.
    keys: OrderedMap<usize, OrderedMap<Bytes, Watchers>>,
    clients: OrderedMap<ClientId, Watcher>,
}

impl Watches {
    /// Whether no client watches, so that no change matters.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Has a client watch a key; `is_over` tells whether the key is still there although its time is over. O(log n).
    ///
    /// Nothing happens if the client watches it already, or if one of its keys has changed.
    pub fn watch(&mut self, client: ClientId, db: usize, key: &[u8], is_over: bool) {
        let watcher = self.clients.get_or_default(client);
        if watcher.has_changed {
            return;
        }
        let key = Bytes::from(key);
        let watchers = self.keys.get_or_default(db).get_or_default(key.clone());
        watchers.get_or_insert_with(client, || {
            watcher.keys.push((db, key));
            is_over
        });
    }

    /// Ends a client's watching and takes its mark away. O(its keys).
    pub fn forget(&mut self, client: ClientId) {
        if let Some(watcher) = self.clients.remove(&client) {
            self.remove_keys(client, watcher.keys);
        }
    }

    /// Whether a key has changed that the client watched.
    pub fn has_changed(&self, client: ClientId) -> bool {
        self.clients.get(&client).is_some_and(|watcher| watcher.has_changed)
    }

    /// What a client watches, in the order of WATCH, as databases and keys.
    pub fn keys_of(&self, client: ClientId) -> &[(usize, Bytes)] {
        self.clients.get(&client).map_or(&[], |watcher| &watcher.keys)
    }

    /// Whether the time of a key has passed since the client began to watch it.
    pub fn has_ended(
        &self,
        client: ClientId,
        mut presence: impl FnMut(usize, &[u8]) -> Presence,
    ) -> bool {
        self.keys_of(client).iter().any(|(db, key)| {
            !self.was_over(client, *db, key) && presence(*db, key) == Presence::Over
        })
    }

    /// How many keys are watched.
    pub fn key_count(&self) -> usize {
        self.keys.values().map(OrderedMap::len).sum()
    }

    /// How many clients watch.
    pub fn client_count(&self) -> usize {
        self.clients.values().filter(|watcher| !watcher.keys.is_empty()).count()
    }

    /// All watched keys with their database and the clients that watch them, by database and key.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &Bytes, impl Iterator<Item = ClientId>)> {
        self.keys.iter().flat_map(|(&db, keys)| {
            keys.iter().map(move |(key, watchers)| (db, key, watchers.keys().copied()))
        })
    }

    /// Marks all who watch a key that has changed.
    #[cold]
    pub fn changed(&mut self, db: usize, key: &[u8]) {
        let is_living = |(&client, &was_over): (&ClientId, &bool)| (!was_over).then_some(client);
        let watchers = self.watchers(db, key).into_iter().flatten();
        let marked: Vec<ClientId> = watchers.filter_map(is_living).collect();
        self.mark(&marked);
    }

    /// Marks all who watch a key that was removed because its time was over, but for those who watched it only after
    /// that: to them it was absent before.
    #[cold]
    pub fn expired(&mut self, db: usize, key: &[u8]) {
        self.changed(db, key);
        self.set_over(db, key, false);
    }

    /// Marks whom the exchange of a database's keys for others concerns; without `after` they are all removed.
    ///
    /// `before` and `after` look up keys of the database as it is and as it will be.
    #[cold]
    pub fn replaced(
        &mut self,
        db: usize,
        before: impl Fn(&[u8]) -> Presence,
        after: impl Fn(&[u8]) -> Presence,
    ) {
        let keys: Vec<Bytes> =
            self.keys.get(&db).into_iter().flat_map(OrderedMap::keys).cloned().collect();
        for key in keys {
            match (before(&key), after(&key)) {
                (Presence::Absent, Presence::Absent) => {}
                // What was over and is gone, or what is over and was not there: absent either way.
                (Presence::Absent, Presence::Over) => self.set_over(db, &key, true),
                (_, Presence::Over) => self.changed(db, &key),
                (_, Presence::Absent) => self.expired(db, &key),
                (_, Presence::Alive) => {
                    self.set_over(db, &key, false);
                    self.changed(db, &key);
                }
            }
        }
    }

    fn watchers(&self, db: usize, key: &[u8]) -> Option<&Watchers> {
        self.keys.get(&db)?.get(key)
    }

    fn was_over(&self, client: ClientId, db: usize, key: &[u8]) -> bool {
        self.watchers(db, key).and_then(|watchers| watchers.get(&client)).is_some_and(|&over| over)
    }

    fn set_over(&mut self, db: usize, key: &[u8], is_over: bool) {
        let watchers = self.keys.get_mut(&db).and_then(|keys| keys.get_mut(key));
        for was_over in watchers.into_iter().flat_map(OrderedMap::values_mut) {
            *was_over = is_over;
        }
    }

    fn mark(&mut self, clients: &[ClientId]) {
        for &client in clients {
            let Some(watcher) = self.clients.get_mut(&client) else { continue };
            watcher.has_changed = true;
            let keys = std::mem::take(&mut watcher.keys);
            self.remove_keys(client, keys);
        }
    }

    fn remove_keys(&mut self, client: ClientId, watched: Vec<(usize, Bytes)>) {
        for (db, key) in watched {
            let Some(keys) = self.keys.get_mut(&db) else { continue };
            if let Some(watchers) = keys.get_mut(&*key) {
                watchers.remove(&client);
                if watchers.is_empty() {
                    keys.remove(&*key);
                }
            }
            if keys.is_empty() {
                self.keys.remove(&db);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: ClientId = ClientId(1);
    const BOB: ClientId = ClientId(2);

    #[test]
    fn a_change_marks_those_who_watch_that_key_of_that_database() {
        let mut watches = Watches::default();
        watches.watch(ANN, 0, b"a", false);
        watches.watch(BOB, 1, b"a", false);
        watches.changed(0, b"b");
        assert!(!watches.has_changed(ANN), "another key");
        watches.changed(0, b"a");
        assert!(watches.has_changed(ANN), "its key");
        assert!(!watches.has_changed(BOB), "another database");
        assert_eq!(watches.keys_of(ANN), [], "who is marked watches nothing any more");
        watches.watch(ANN, 0, b"c", false);
        assert_eq!(watches.keys_of(ANN), [], "and does not begin again");
        watches.forget(ANN);
        watches.forget(BOB);
        assert!(watches.is_empty() && watches.clients.is_empty(), "nothing is left behind");
    }

    #[test]
    fn a_key_that_was_over_when_it_was_watched_may_go_and_must_not_come() {
        let mut watches = Watches::default();
        watches.watch(ANN, 0, b"a", true);
        watches.watch(BOB, 0, b"a", false);
        assert!(!watches.has_ended(ANN, |_, _| Presence::Over), "it had ended before");
        assert!(watches.has_ended(BOB, |_, _| Presence::Over), "it lived before");
        watches.expired(0, b"a");
        assert!(!watches.has_changed(ANN), "absent before, absent now");
        assert!(watches.has_changed(BOB), "it has gone");
        watches.changed(0, b"a");
        assert!(watches.has_changed(ANN), "it has come");
    }

    #[test]
    fn exchanged_databases_change_what_is_in_either() {
        use Presence::{Absent, Alive, Over};
        for (was_over, before, after, is_marked) in [
            (false, Absent, Absent, false),
            (false, Absent, Over, false),
            (false, Absent, Alive, true),
            (false, Alive, Absent, true),
            (false, Alive, Over, true),
            (false, Alive, Alive, true),
            (true, Over, Absent, false),
            (true, Over, Over, false),
            (true, Over, Alive, true),
        ] {
            let mut watches = Watches::default();
            watches.watch(ANN, 0, b"a", was_over);
            watches.replaced(0, |_| before, |_| after);
            assert_eq!(watches.has_changed(ANN), is_marked, "{before:?} became {after:?}");
        }
    }
}
