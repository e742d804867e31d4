//! How commands reach keys: reads that expire lazily, and writes through a guard that forgets nothing.
//!
//! Handlers never touch a [`Database`] directly.
//! This module knows nothing of clients or replies.

mod fields;
mod steps;
mod waiting;
mod watching;

pub(crate) use steps::InKeys;
pub use steps::{ExpiryStep, KeysStep};

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use redarium_structures::bytes::Bytes;
use redarium_structures::hash_table::hash_bytes;
use redarium_structures::rng::Rng;

use crate::access::AccessClock;
use crate::args::Args;
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

/// What a key holds, on its way to another name or database.
#[derive(Debug)]
pub struct Taken {
    value: Value,
    access: u32,
    deadline: Option<i64>,
}

impl Taken {
    /// The type of the value.
    pub fn type_of(&self) -> Type {
        self.value.type_of()
    }
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

impl<'a> Keys<'a> {
    /// The selected database.
    #[inline]
    pub fn database(&self) -> &Database {
        self.dbs.get(self.db).expect("SELECT refuses numbers without a database")
    }

    #[inline]
    pub(crate) fn database_mut(&mut self) -> &mut Database {
        self.dbs.get_mut(self.db).expect("SELECT refuses numbers without a database")
    }

    /// Reads the number of a database, which must exist.
    pub fn next_db(&self, args: &mut Args<'_>) -> Result<usize, CmdError> {
        let number = i32::try_from(args.next_i64()?).or(Err(CmdError::Msg(
            "ERR value is out of range, value must between -2147483648 and 2147483647",
        )))?;
        self.db_numbered(number)
    }

    /// The database with a number, which must exist.
    pub fn db_numbered(&self, number: i32) -> Result<usize, CmdError> {
        let db = usize::try_from(number).ok().filter(|&db| db < self.dbs.len());
        db.ok_or(CmdError::Msg("ERR DB index is out of range"))
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

    /// What stands at a place, without any effect.
    #[inline]
    pub fn at(&self, place: Place) -> Option<&Value> {
        Some(&self.database().entry(place.id?).value)
    }

    /// What stands at a place, as a read: counts a hit or miss and records the use.
    #[inline]
    pub fn read_at(&mut self, place: Place, key: &[u8]) -> Option<&Value> {
        let Some(id) = place.id else {
            self.effects.missed(self.db, key);
            return None;
        };
        self.effects.hits += 1;
        if !self.access.counts_writes_only() {
            self.record_use(id);
        }
        Some(&self.database().entry(id).value)
    }

    /// What stands at a place, for writing in place; the caller reports the change with [`changed`](Self::changed).
    #[inline]
    pub fn at_mut(&mut self, place: Place) -> Option<&mut Value> {
        let id = place.id?;
        self.record_use(id);
        let db = self.database_mut();
        db.open(id);
        Some(&mut db.entry_mut(id).value)
    }

    /// The bytes of the string at a place for writing in place, converted to `raw` first; the caller reports the change.
    #[inline]
    pub fn raw_at(&mut self, place: Place) -> Result<&mut Vec<u8>, CmdError> {
        if self.steps.is_some() {
            self.tell_raw(place);
        }
        self.at_mut(place).ok_or(CmdError::NoSuchKey)?.raw_mut()
    }

    /// Puts a value at the place of `key`, whatever stood there; the caller reports the change.
    ///
    /// The key's deadline goes unless `keep_deadline`. The place that is returned is taken.
    #[inline]
    pub fn put(&mut self, place: Place, key: &[u8], value: Value, keep_deadline: bool) -> Place {
        let id = if let Some(id) = place.id {
            let used = self.access.used(self.database().entry(id).access);
            let db = self.database_mut();
            if !keep_deadline {
                db.clear_deadline(id);
            }
            let old = db.replace(id, value);
            if db.entry(id).access != used {
                db.entry_mut(id).access = used;
            }
            self.graveyard.bury(old);
            self.effects.waiters.signal_end(self.db, key);
            id
        } else {
            self.effects.created(self.db, key);
            let access = self.access.fresh();
            self.insert(place.hash, key, value, access)
        };
        Place { id: Some(id), ..place }
    }

    /// As [`put`](Self::put), where Redis removes a key that was there and adds another.
    pub fn put_anew(&mut self, place: Place, key: &[u8], value: Value) -> Place {
        if place.is_taken() {
            self.effects.created(self.db, key);
            self.effects.waiters.signal(self.db, key);
        }
        self.put(place, key, value, false)
    }

    /// As [`put`](Self::put), where Redis counts a key that was there as overwritten.
    #[inline]
    pub fn overwrite(
        &mut self,
        place: Place,
        key: &[u8],
        value: Value,
        keep_deadline: bool,
    ) -> Place {
        if self.effects.is_told() {
            self.note_overwritten(self.type_at(place), value.type_of(), key);
        }
        self.put(place, key, value, keep_deadline)
    }

    /// The type of what stands at a place.
    pub fn type_at(&self, place: Place) -> Option<Type> {
        self.at(place).map(Value::type_of)
    }

    /// Feeds that a value of one type, if there was any, was overwritten by one of another or the same.
    pub fn note_overwritten(&mut self, from: Option<Type>, to: Type, key: &[u8]) {
        if let Some(from) = from {
            self.effects.overwritten(self.db, key, from != to);
        }
    }

    /// Removes what stands at the place of `key` and names the event; whether anything did. O(1): a large value is freed later.
    pub fn remove_at(&mut self, place: Place, key: &[u8], event: &'static str) -> bool {
        let Some(id) = place.id else { return false };
        let entry = self.remove_entry(id);
        self.graveyard.bury(entry.value);
        self.effects.changed(self.db, key, event);
        true
    }

    /// Records a use of the key at a place.
    pub fn use_at(&mut self, place: Place) {
        if let Some(id) = place.id {
            self.record_use(id);
        }
    }

    /// When the key at a place ends, if it does.
    pub fn deadline_at(&self, place: Place) -> Option<i64> {
        self.database().deadline(place.id?)
    }

    /// Sets when the key at a place ends; the caller reports the change.
    pub fn set_deadline_at(&mut self, place: Place, at: i64) {
        if let Some(id) = place.id {
            self.database_mut().set_deadline(id, at);
        }
    }

    /// Lets the key at a place live for ever; whether it had a deadline. The caller reports the change.
    pub fn clear_deadline_at(&mut self, place: Place) -> bool {
        place.id.is_some_and(|id| self.database_mut().clear_deadline(id))
    }

    /// Takes away what stands at a place, without any event or count.
    pub fn take_at(&mut self, place: Place) -> Option<Taken> {
        let id = place.id?;
        let deadline = self.database().deadline(id);
        let Entry { value, access, .. } = self.remove_entry(id);
        Some(Taken { value, access, deadline })
    }

    /// Puts what was taken elsewhere at the place of `key`, deadline and use included; the caller reports the change.
    pub fn give_at(&mut self, place: Place, key: &[u8], taken: Taken) {
        let Taken { value, access, deadline } = taken;
        self.restore_at(place, key, value, deadline, |_| access);
    }

    /// Puts a value with its deadline and the stamp of its last use at the place of `key`, whatever stood there; the
    /// caller reports the change.
    pub fn restore_at(
        &mut self,
        place: Place,
        key: &[u8],
        value: Value,
        deadline: Option<i64>,
        stamp: impl FnOnce(AccessClock) -> u32,
    ) {
        let stamp = stamp(self.access);
        let place = self.put_anew(place, key, value);
        if let Some(id) = place.id {
            self.database_mut().entry_mut(id).access = stamp;
        }
        if let Some(at) = deadline {
            self.set_deadline_at(place, at);
        }
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

    /// Opens a collection for editing, if the key lives.
    #[inline]
    pub fn edit<T: Kind>(&mut self, key: &[u8]) -> Result<Option<Edit<'_, 'a, T>>, CmdError> {
        let Some(id) = self.find(key) else { return Ok(None) };
        if T::of(&self.database().entry(id).value).is_none() {
            return Err(CmdError::WrongType);
        }
        self.record_use(id);
        Ok(Some(Edit::new(self, id)))
    }

    /// Opens a collection for editing; an empty one is created if the key does not live.
    ///
    /// An `Edit` that leaves it empty removes it again.
    #[inline]
    pub fn edit_or_create<T: Kind>(&mut self, key: &[u8]) -> Result<Edit<'_, 'a, T>, CmdError> {
        let place = self.locate(key);
        let id = if let Some(id) = place.id {
            if T::of(&self.database().entry(id).value).is_none() {
                return Err(CmdError::WrongType);
            }
            self.record_use(id);
            id
        } else {
            let (value, access) = (T::new_empty().into_value(), self.access.fresh());
            let id = self.insert(place.hash, key, value, access);
            let mut edit = Edit::new(self, id);
            edit.is_new = true;
            return Ok(edit);
        };
        Ok(Edit::new(self, id))
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

/// An open collection.
///
/// Dropping it removes a collection that has become empty, counts the changes and feeds those who watch.
#[derive(Debug)]
pub struct Edit<'k, 'a, T: Kind> {
    keys: &'k mut Keys<'a>,
    id: u32,
    /// Whether the key did not live before.
    is_new: bool,
    changes: u64,
    event: &'static str,
    /// A further event of the same change; empty if there is none.
    further_event: &'static str,
    /// Fields that were removed because their time was over.
    expired_fields: u64,
    /// When the first element ended by itself before anything was changed.
    earliest_end: i64,
    kind: PhantomData<T>,
}

impl<'k, 'a, T: Kind> Edit<'k, 'a, T> {
    fn new(keys: &'k mut Keys<'a>, id: u32) -> Self {
        keys.database_mut().open(id);
        let earliest_end =
            T::of(&keys.database().entry(id).value).map_or(i64::MAX, T::earliest_end);
        Self {
            keys,
            id,
            is_new: false,
            changes: 0,
            event: "",
            further_event: "",
            expired_fields: 0,
            earliest_end,
            kind: PhantomData,
        }
    }

    /// Says that the collection has changed, and the name of the keyspace event.
    #[inline]
    pub fn changed(&mut self, event: &'static str) {
        self.changed_by(1, event);
    }

    /// Says that the collection has changed in a way for which Redis has no keyspace event, and that WATCH does not see.
    #[inline]
    pub fn changed_quietly(&mut self) {
        self.changes += 1;
    }

    /// Says that `changes` elements have changed; nothing if it is 0.
    #[inline]
    pub fn changed_by(&mut self, changes: u64, event: &'static str) {
        if changes > 0 {
            self.changes += changes;
            self.event = event;
        }
    }

    /// Names a further event of the change that [`changed`](Self::changed) has told of.
    pub fn note(&mut self, event: &'static str) {
        self.further_event = event;
    }
}

impl<T: Kind> Deref for Edit<'_, '_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        T::of(&self.keys.database().entry(self.id).value).expect("opened as this type")
    }
}

impl<T: Kind> DerefMut for Edit<'_, '_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        T::of_mut(&mut self.keys.database_mut().entry_mut(self.id).value)
            .expect("opened as this type")
    }
}

impl<T: Kind> Drop for Edit<'_, '_, T> {
    #[inline]
    fn drop(&mut self) {
        let emptied = self.is_empty();
        let earliest_end = T::earliest_end(self);
        if earliest_end != self.earliest_end {
            let (id, before) = (self.id, self.earliest_end);
            self.keys.database_mut().move_field_end(id, before, earliest_end);
        }
        self.keys.effects.expired_fields += self.expired_fields;
        if !emptied && !self.keys.effects.is_heard() {
            self.keys.effects.dirty += self.changes;
            return;
        }
        let key: Bytes = self.keys.database().entry(self.id).key.clone();
        let (db, effects) = (self.keys.db, &mut *self.keys.effects);
        if self.is_new && !emptied {
            effects.touch(db, &key);
            effects.created(db, &key);
        }
        if self.expired_fields > 0 {
            effects.note(db, &key, "hexpired");
        }
        effects.dirty += self.changes;
        if self.changes > 0 && self.event.is_empty() {
            effects.announce(db, &key, "");
        } else if self.changes > 0 {
            effects.note(db, &key, self.event);
        }
        if !self.further_event.is_empty() {
            effects.note(db, &key, self.further_event);
        }
        if emptied {
            if self.changes > 0 || self.expired_fields > 0 {
                effects.note(db, &key, "del");
            }
            self.keys.remove_entry(self.id);
        }
    }
}
