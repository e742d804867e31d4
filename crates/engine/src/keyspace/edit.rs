//! Writes to collections, through a guard that forgets nothing.

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use redarium_structures::bytes::Bytes;

use super::Keys;
use crate::error::CmdError;
use crate::value::Kind;

/// An open collection.
///
/// Dropping it removes a collection that has become empty, counts the changes and feeds those who watch.
#[derive(Debug)]
pub struct Edit<'k, 'a, T: Kind> {
    pub(super) keys: &'k mut Keys<'a>,
    pub(super) id: u32,
    /// Whether the key did not live before.
    is_new: bool,
    changes: u64,
    event: &'static str,
    /// A further event of the same change; empty if there is none.
    further_event: &'static str,
    /// Fields that were removed because their time was over.
    pub(super) expired_fields: u64,
    /// When the first element ended by itself before anything was changed.
    pub(super) earliest_end: i64,
    kind: PhantomData<T>,
}

impl<'a> Keys<'a> {
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
}

impl<'k, 'a, T: Kind> Edit<'k, 'a, T> {
    pub(super) fn new(keys: &'k mut Keys<'a>, id: u32) -> Self {
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
