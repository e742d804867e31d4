//! What is done at a place: a key is hashed and looked up once, and then read, replaced, moved or removed.

use super::{Keys, Place};
use crate::access::AccessClock;
use crate::database::Entry;
use crate::error::CmdError;
use crate::value::{Type, Value};

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

impl Keys<'_> {
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
}
