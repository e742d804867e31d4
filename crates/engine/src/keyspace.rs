//! How commands reach keys: reads that expire lazily, and writes through a guard that forgets nothing.
//!
//! Handlers never touch a [`Database`] directly.
//! This module knows nothing of clients or replies.

mod edit;
mod fields;
mod places;
mod steps;
mod waiting;
mod watching;

pub use edit::Edit;
pub use places::Taken;
pub(crate) use steps::InKeys;
pub use steps::{ExpiryStep, KeysStep};

use redarium_structures::bytes::Bytes;
use redarium_structures::hash_table::hash_bytes;
use redarium_structures::rng::Rng;

use crate::access::AccessClock;
use crate::database::{Database, Entry};
use crate::effects::Effects;
use crate::error::CmdError;
use crate::graveyard::Graveyard;
use crate::schedule::is_over;
use crate::trace::{Steps, traced};
use crate::value::{Kind, Type, Value};

/// Dead keys that a search for a random one removes before it searches otherwise.
const RANDOM_TRIES: usize = 100;

/// The keys of the selected database, as one command sees them.
///
/// The clock stands still for as long as this lives.
#[derive(Debug)]
pub struct Keys<'a> {
    /// All databases.
    pub dbs: &'a mut Vec<Database>,
    /// The selected one.
    pub db: usize,
    /// Milliseconds since 1970.
    pub now: i64,
    /// Counters and the feed of changes.
    pub effects: &'a mut Effects,
    /// Seed of the hash function.
    pub seed: u64,
    /// How use of a key is recorded.
    pub access: AccessClock,
    /// Where large values go.
    pub graveyard: &'a mut Graveyard,
    /// Where steps go, if someone records them.
    pub steps: Steps<'a>,
}

/// Where a key stands or would stand, so that it is hashed once however often it is touched.
///
/// It stays true until a key is added to or removed from the database.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    hash: u64,
    id: Option<u32>,
}

impl Place {
    /// Whether the key lives.
    #[inline]
    pub fn is_taken(self) -> bool {
        self.id.is_some()
    }
}

impl Keys<'_> {
    /// The selected database.
    #[inline]
    pub fn database(&self) -> &Database {
        self.dbs.get(self.db).expect("SELECT refuses numbers without a database")
    }

    #[inline]
    pub(crate) fn database_mut(&mut self) -> &mut Database {
        self.dbs.get_mut(self.db).expect("SELECT refuses numbers without a database")
    }

    /// The same keys seen through another database.
    pub fn in_db(&mut self, db: usize) -> Keys<'_> {
        Keys {
            dbs: self.dbs,
            db,
            now: self.now,
            effects: self.effects,
            seed: self.seed,
            access: self.access,
            graveyard: self.graveyard,
            steps: self.steps,
        }
    }

    /// The entry of a living key; one whose time is over is removed first. O(1).
    #[inline]
    pub fn find(&mut self, key: &[u8]) -> Option<u32> {
        self.locate(key).id
    }

    /// Where a key stands or would stand; one whose time is over is removed first. O(1).
    #[inline]
    pub fn locate(&mut self, key: &[u8]) -> Place {
        let (now, hash) = (self.now, hash_bytes(self.seed, key));
        let steps = &mut self.listener();
        let db = self.database_mut();
        let mut id = traced!(steps, {
            db.rehash(1, steps);
            db.find_hashed(hash, key, steps)
        });
        if let Some(found) = id
            && db.deadline(found).is_some_and(|at| is_over(at, now))
        {
            self.expire_on_access(found);
            id = None;
        }
        Place { hash, id }
    }

    #[inline]
    fn insert(&mut self, hash: u64, key: &[u8], value: Value, access: u32) -> u32 {
        self.effects.waiters.signal(self.db, key);
        let steps = &mut self.listener();
        let db = self.database_mut();
        traced!(steps, db.insert_hashed(hash, key, value, access, steps))
    }

    fn remove_entry(&mut self, id: u32) -> Entry {
        let steps = &mut self.listener();
        let db = self.database_mut();
        let entry = traced!(steps, db.remove(id, steps));
        self.effects.waiters.signal_end(self.db, &entry.key);
        entry
    }

    /// Removes an entry whose time is over because a command came upon it.
    #[cold]
    pub(crate) fn expire_on_access(&mut self, id: u32) {
        self.tell(ExpiryStep::Lazy { db: self.db, id });
        self.expire(id);
    }

    /// Removes an entry because memory is short; which key that was.
    pub(crate) fn evict(&mut self, id: u32) -> Bytes {
        let entry = self.remove_entry(id);
        self.effects.evicted_key(self.db, &entry.key);
        self.graveyard.bury(entry.value);
        entry.key
    }

    /// Removes an entry whose time is over.
    #[cold]
    pub(crate) fn expire(&mut self, id: u32) {
        let entry = self.remove_entry(id);
        self.effects.expired_key(self.db, &entry.key);
        self.graveyard.bury(entry.value);
    }

    #[inline]
    fn record_use(&mut self, id: u32) {
        let stamp = self.database().entry(id).access;
        let used = self.access.used(stamp);
        if used != stamp {
            self.database_mut().entry_mut(id).access = used;
        }
    }

    /// The value of a key, of any type.
    #[inline]
    pub fn value(&mut self, key: &[u8]) -> Option<&Value> {
        let place = self.locate(key);
        self.read_at(place, key)
    }

    /// The value of a key of one collection type.
    #[inline]
    pub fn read<T: Kind>(&mut self, key: &[u8]) -> Result<Option<&T>, CmdError> {
        match self.value(key) {
            None => Ok(None),
            Some(value) => T::of(value).map(Some).ok_or(CmdError::WrongType),
        }
    }

    /// The value of a key as it would be read, without any effect: neither expiry nor statistics.
    ///
    /// Several values can be held at once this way; call [`find`](Self::find) on each key before.
    pub fn peek(&self, key: &[u8]) -> Option<&Value> {
        let db = self.database();
        let id = db.find(self.seed, key)?;
        if self.is_dead(id) {
            return None;
        }
        Some(&db.entry(id).value)
    }

    /// Like [`peek`](Self::peek), for one collection type.
    pub fn peek_as<T: Kind>(&self, key: &[u8]) -> Result<Option<&T>, CmdError> {
        match self.peek(key) {
            None => Ok(None),
            Some(value) => T::of(value).map(Some).ok_or(CmdError::WrongType),
        }
    }

    /// A random living key; dead ones that are met are removed. O(1) expected.
    ///
    /// After 100 dead ones in a row the first living one of the table is taken, so that the work stays bounded.
    pub fn random(&mut self, rng: &mut Rng) -> Option<u32> {
        for _ in 0..RANDOM_TRIES {
            let id = self.database().table().random(rng)?;
            if !self.is_dead(id) {
                return Some(id);
            }
            self.expire_on_access(id);
        }
        self.database().table().iter().map(|(id, _)| id).find(|&id| !self.is_dead(id))
    }

    /// Whether the time of an entry is over.
    #[inline]
    pub fn is_dead(&self, id: u32) -> bool {
        self.database().deadline(id).is_some_and(|at| is_over(at, self.now))
    }

    /// The entry of a living key for looking at: counts a hit or a miss, records no use.
    pub fn look(&mut self, key: &[u8]) -> Option<u32> {
        let found = self.look_quietly(key);
        if found.is_none() {
            self.effects.note_miss(self.db, key);
        }
        found
    }

    /// As [`look`](Self::look), but nobody is told of a miss.
    pub fn look_quietly(&mut self, key: &[u8]) -> Option<u32> {
        let found = self.find(key);
        match found {
            Some(_) => self.effects.hits += 1,
            None => self.effects.misses += 1,
        }
        found
    }

    /// Whether a key lives; neither counts as a read nor records a use.
    pub fn contains(&mut self, key: &[u8]) -> bool {
        self.find(key).is_some()
    }

    /// The type of a living key.
    pub fn type_of(&mut self, key: &[u8]) -> Option<Type> {
        let id = self.find(key)?;
        Some(self.database().entry(id).value.type_of())
    }

    /// Sets a key to a value of any type, whatever it held, and names the event.
    ///
    /// Its deadline goes unless `keep_deadline`.
    #[inline]
    pub fn set(&mut self, key: &[u8], value: Value, keep_deadline: bool, event: &'static str) {
        let place = self.locate(key);
        self.overwrite(place, key, value, keep_deadline);
        self.effects.changed(self.db, key, event);
    }

    /// The value of a living key for writing in place; the caller reports the change with [`changed`](Self::changed).
    #[inline]
    pub fn value_mut(&mut self, key: &[u8]) -> Option<&mut Value> {
        let place = self.locate(key);
        self.at_mut(place)
    }

    /// Records a use of a living key, even for a client whose reads record none; whether there is such a key.
    pub fn touch(&mut self, key: &[u8]) -> bool {
        let found = self.look(key);
        if let Some(id) = found {
            let kept = self.access;
            self.access = kept.enforced();
            self.record_use(id);
            self.access = kept;
        }
        found.is_some()
    }

    /// Counts a change that was not made through an [`Edit`].
    #[inline]
    pub fn changed(&mut self, key: &[u8], event: &'static str) {
        self.effects.changed(self.db, key, event);
    }

    /// Feeds a further event of a change that has been counted.
    #[inline]
    pub fn note(&mut self, key: &[u8], event: &'static str) {
        self.effects.note(self.db, key, event);
    }

    /// Removes a living key and says whether there was one; the event is `event`. O(1): a large value is freed later.
    pub fn remove(&mut self, key: &[u8], event: &'static str) -> bool {
        let place = self.locate(key);
        self.remove_at(place, key, event)
    }

    /// When a living key ends, in milliseconds since 1970: `None` if there is no key, `Some(None)` if it never does.
    pub fn deadline(&mut self, key: &[u8]) -> Option<Option<i64>> {
        let id = self.find(key)?;
        Some(self.database().deadline(id))
    }

    /// Removes every key of the selected database. O(1): they are freed later.
    pub fn flush(&mut self) {
        self.remove_all();
        self.effects.tracking.flushed();
    }

    /// Removes every key of every database. O(databases): they are freed later.
    pub fn flush_all(&mut self) {
        for db in 0..self.dbs.len() {
            self.in_db(db).remove_all();
        }
        self.effects.tracking.flushed();
    }

    fn remove_all(&mut self) {
        if !self.effects.watches.is_empty() {
            self.touch_all_watched();
        }
        if !self.effects.waiters.is_empty() {
            self.signal_flush();
        }
        let table = self.database_mut().take_table();
        self.effects.flushed_database(self.db, table.len());
        self.graveyard.bury_table(table);
    }
}
