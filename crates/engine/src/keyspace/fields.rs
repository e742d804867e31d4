//! How commands reach the fields of hashes: those whose time is over are removed where Redis removes them.
//!
//! A command that names fields removes the dead ones among these; one that passes over all fields leaves them alone,
//! and the active cycle takes the rest. Where nothing has ended this costs one comparison.

use redarium_structures::order;
use redarium_structures::trace::NoTrace;

use super::{Edit, ExpiryStep, Keys, Place};
use crate::error::CmdError;
use crate::schedule::is_over;
use crate::types::hash::{FieldEntry, Hash};
use crate::value::{Kind, Value};

impl<'a> Keys<'a> {
    /// A hash for reading the fields `names`, of which those that have ended are removed first.
    #[inline]
    pub fn read_fields<'w>(
        &mut self,
        key: &[u8],
        names: impl Iterator<Item = &'w [u8]>,
    ) -> Result<Option<&Hash>, CmdError> {
        self.read_hash(key, |hash| hash.remove_dead_of(names))
    }

    /// A hash for reading, from which all fields that have ended are removed first. O(n) in these.
    pub fn read_living(&mut self, key: &[u8]) -> Result<Option<&Hash>, CmdError> {
        let now = self.now;
        self.read_hash(key, |hash| hash.remove_dead_up_to(now, usize::MAX))
    }

    /// Removes all fields that have ended, if the key is a hash. O(n) in these.
    pub fn remove_dead_fields(&mut self, key: &[u8]) {
        let now = self.now;
        self.locate_cleaned(key, |hash| hash.remove_dead_up_to(now, usize::MAX));
    }

    #[inline]
    fn read_hash(
        &mut self,
        key: &[u8],
        clean: impl FnOnce(&mut Edit<'_, 'a, Hash>),
    ) -> Result<Option<&Hash>, CmdError> {
        let place = self.locate_cleaned(key, clean);
        match self.read_at(place, key) {
            None => Ok(None),
            Some(value) => Hash::of(value).map(Some).ok_or(CmdError::WrongType),
        }
    }

    /// Where a key stands, after some of the fields that have ended were removed if it is a hash that has any.
    #[inline]
    fn locate_cleaned(&mut self, key: &[u8], clean: impl FnOnce(&mut Edit<'_, 'a, Hash>)) -> Place {
        let place = self.locate(key);
        if let Some(id) = place.id
            && let Some(Value::Hash(hash)) = self.at(place)
            && hash.earliest_end() <= self.now
        {
            clean(&mut Edit::new(self, id));
            return self.locate(key);
        }
        place
    }

    /// Opens a hash for editing the fields `names`, if the key lives; those of them that have ended are removed first.
    pub fn edit_fields<'w>(
        &mut self,
        key: &[u8],
        names: impl Iterator<Item = &'w [u8]>,
    ) -> Result<Option<Edit<'_, 'a, Hash>>, CmdError> {
        let mut hash = self.edit::<Hash>(key)?;
        if let Some(hash) = &mut hash {
            hash.remove_dead_of(names);
        }
        Ok(hash)
    }

    /// As [`edit_fields`](Self::edit_fields); an empty hash is created if the key does not live.
    #[inline]
    pub fn edit_or_create_fields<'w>(
        &mut self,
        key: &[u8],
        names: impl Iterator<Item = &'w [u8]>,
    ) -> Result<Edit<'_, 'a, Hash>, CmdError> {
        let mut hash = self.edit_or_create::<Hash>(key)?;
        hash.remove_dead_of(names);
        Ok(hash)
    }

    /// Removes up to `limit` fields that end at or before `until` from the hash of the selected database that is due
    /// first; how many.
    pub(crate) fn remove_next_fields(&mut self, until: i64, limit: usize) -> usize {
        let Some((_, id)) = self.database().field_ends().due(until).next() else { return 0 };
        let mut hash = Edit::<Hash>::new(self, id);
        hash.remove_dead_up_to(until, limit);
        hash.expired_fields as usize
    }
}

impl Edit<'_, '_, Hash> {
    #[inline]
    fn remove_dead_of<'w>(&mut self, names: impl Iterator<Item = &'w [u8]>) {
        if self.earliest_end <= self.keys.now {
            self.remove_dead_among(names);
        }
    }

    #[cold]
    fn remove_dead_among<'w>(&mut self, names: impl Iterator<Item = &'w [u8]>) {
        let now = self.keys.now;
        let mut removed = 0;
        for name in names {
            if self.is_dead(name, now) {
                self.remove(name, &mut NoTrace);
                removed += 1;
                self.log_end_of(name);
            }
        }
        self.count_dead(removed);
    }

    fn remove_dead_up_to(&mut self, until: i64, limit: usize) {
        if self.keys.effects.log.is_on() {
            self.log_ends(until, limit);
        }
        let removed = self.remove_dead(until, limit);
        self.count_dead(removed);
    }

    fn count_dead(&mut self, removed: usize) {
        self.expired_fields += removed as u64;
        if removed > 0 {
            self.keys.tell(ExpiryStep::Fields { db: self.keys.db, id: self.id, removed });
        }
    }

    /// Logs that the first `limit` fields are deleted that end up to `until`. O(n log n).
    #[cold]
    fn log_ends(&mut self, until: i64, limit: usize) {
        let due = |field: FieldEntry<'_>| Some((field.deadline?, field.name.to_vec()));
        let mut ends: Vec<_> = self.iter().filter_map(due).collect();
        ends.retain(|&(at, _)| is_over(at, until));
        order::sort_by_key(&mut ends, |&(at, _)| at);
        for (_, name) in ends.iter().take(limit) {
            self.log_end_of(name);
        }
    }

    fn log_end_of(&mut self, name: &[u8]) {
        if self.keys.effects.log.is_on() {
            let key = self.keys.database().entry(self.id).key.clone();
            self.keys.effects.log.put_beside(self.keys.db, &[b"HDEL", &key, name]);
        }
    }
}
