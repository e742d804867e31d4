//! A large hash: a hash table of fields, and beside it when those end that do.
//!
//! A hash without such fields pays one pointer for the possibility.

use redarium_structures::bytes::Bytes;
use redarium_structures::hash_table::{HashTable, HashTableStep, hash_bytes};
use redarium_structures::list_pack::ListPackValue;
use redarium_structures::rng::Rng;
use redarium_structures::trace::{NoTrace, Trace};

use super::FieldEntry;
use super::timed_pack::is_dead;
use crate::schedule::Schedule;
use crate::types::sample::distinct_ids;

/// A field with its value.
#[derive(Debug, Clone, Default)]
pub struct Field {
    pub(super) name: Bytes,
    value: Bytes,
}

impl Field {
    /// Its name.
    pub fn name(&self) -> &[u8] {
        &self.name
    }

    fn pair(&self) -> (ListPackValue<'_>, ListPackValue<'_>) {
        (ListPackValue::Str(&self.name), ListPackValue::Str(&self.value))
    }
}

/// Fields by name.
#[derive(Debug, Clone)]
pub(super) struct FieldTable {
    table: HashTable<Field>,
    /// The seed of the hash function.
    seed: u64,
    /// When fields end, by their ids in the table; the box is there from the first such field on.
    ends: Option<Box<Schedule>>,
}

impl FieldTable {
    pub(super) fn new(seed: u64) -> Self {
        Self { table: HashTable::new(), seed, ends: None }
    }

    pub(super) fn table(&self) -> &HashTable<Field> {
        &self.table
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.table.len()
    }

    #[inline]
    fn find(&self, name: &[u8], trace: &mut impl Trace<HashTableStep>) -> Option<u32> {
        let hash = hash_bytes(self.seed, name);
        self.table.find_traced(hash, |field| &*field.name == name, trace)
    }

    fn end(&self, id: u32) -> Option<i64> {
        self.ends.as_ref()?.get(id)
    }

    /// When the first field ends; `i64::MAX` if none does. O(log n).
    #[inline]
    pub(super) fn earliest_end(&self) -> i64 {
        self.ends.as_ref().map_or(i64::MAX, |ends| ends.earliest())
    }

    /// The value of a field that has not ended at `now`. O(1), or O(log n) where a field has ended.
    #[inline]
    pub(super) fn get(
        &self,
        name: &[u8],
        now: i64,
        trace: &mut impl Trace<HashTableStep>,
    ) -> Option<ListPackValue<'_>> {
        let id = self.find(name, trace)?;
        if self.ends.is_some() && self.earliest_end() <= now && is_dead(self.end(id), now) {
            return None;
        }
        Some(ListPackValue::Str(&self.table.get(id).value))
    }

    /// When a field ends, `i64::MAX` if it never does; `None` if there is no such field. O(log n).
    pub(super) fn end_of(&self, name: &[u8], trace: &mut impl Trace<HashTableStep>) -> Option<i64> {
        self.find(name, trace).map(|id| self.end(id).unwrap_or(i64::MAX))
    }

    /// Sets a field, which no longer ends unless `keep_deadline`; whether it is new. O(1), or O(log n) if others end.
    #[inline]
    pub(super) fn set(
        &mut self,
        name: &[u8],
        value: &[u8],
        keep_deadline: bool,
        trace: &mut impl Trace<HashTableStep>,
    ) -> bool {
        let hash = hash_bytes(self.seed, name);
        let found = self.table.find_traced(hash, |field| &*field.name == name, trace);
        if let Some(id) = found {
            self.table.get_mut(id).value = Bytes::from(value);
            if !keep_deadline && let Some(ends) = &mut self.ends {
                ends.remove(id);
            }
            return false;
        }
        let field = Field { name: Bytes::from(name), value: Bytes::from(value) };
        self.table.insert(hash, field, trace);
        true
    }

    /// Sets when a field ends, or that it never does; nothing if there is no such field. O(log n).
    pub(super) fn set_deadline(
        &mut self,
        name: &[u8],
        at: Option<i64>,
        trace: &mut impl Trace<HashTableStep>,
    ) {
        let Some(id) = self.find(name, trace) else { return };
        if let Some(at) = at {
            self.ends.get_or_insert_default().set(id, at);
        } else if let Some(ends) = &mut self.ends {
            ends.remove(id);
        }
    }

    /// Removes a field; whether it was there. O(1), or O(log n) if others end.
    pub(super) fn remove(&mut self, name: &[u8], trace: &mut impl Trace<HashTableStep>) -> bool {
        if self.ends.is_none() {
            let hash = hash_bytes(self.seed, name);
            return self.table.remove(hash, |field| &*field.name == name, trace).is_some();
        }
        let Some(id) = self.find(name, trace) else { return false };
        self.remove_id(id, trace);
        true
    }

    fn remove_id(&mut self, id: u32, trace: &mut impl Trace<HashTableStep>) {
        self.table.remove_id(id, trace);
        if let Some(ends) = &mut self.ends {
            ends.remove(id);
        }
    }

    /// How many fields have ended at `now`. O(n) in these.
    pub(super) fn dead_len(&self, now: i64) -> usize {
        self.ends.as_ref().map_or(0, |ends| ends.due(now).count())
    }

    /// Removes up to `limit` fields that have ended at `now`, the earliest first; how many. O(log n) for each.
    pub(super) fn remove_dead(&mut self, now: i64, limit: usize) -> usize {
        let mut removed = 0;
        while removed < limit
            && let Some((_, id)) = self.ends.as_ref().and_then(|ends| ends.due(now).next())
        {
            self.remove_id(id, &mut NoTrace);
            removed += 1;
        }
        removed
    }

    /// The fields that have not ended at `now` with their values, in the order of the table.
    pub(super) fn living(
        &self,
        now: i64,
    ) -> impl Iterator<Item = (ListPackValue<'_>, ListPackValue<'_>)> {
        let some_dead = self.earliest_end() <= now;
        self.table
            .iter()
            .filter(move |&(id, _)| !(some_dead && is_dead(self.end(id), now)))
            .map(|(_, field)| field.pair())
    }

    /// All fields in the order of the table, whether or not they have ended.
    pub(super) fn iter(&self) -> impl Iterator<Item = FieldEntry<'_>> {
        self.table.iter().map(|(id, field)| {
            let (name, value) = field.pair();
            FieldEntry { id, name, value, deadline: self.end(id) }
        })
    }

    /// Visits the fields that a cursor stands for and that have not ended at `now`; returns the next cursor.
    pub(super) fn scan<'s>(
        &'s self,
        cursor: u64,
        now: i64,
        mut visit: impl FnMut(ListPackValue<'s>, ListPackValue<'s>),
        trace: &mut impl Trace<HashTableStep>,
    ) -> u64 {
        let some_dead = self.earliest_end() <= now;
        let visit = |id, _: &Field| {
            if !(some_dead && is_dead(self.end(id), now)) {
                let (name, value) = self.table.get(id).pair();
                visit(name, value);
            }
        };
        self.table.scan_traced(cursor, visit, trace)
    }

    /// A random field with its value, whether or not it has ended. O(1) expected.
    pub(super) fn random(&self, rng: &mut Rng) -> Option<(ListPackValue<'_>, ListPackValue<'_>)> {
        Some(self.table.get(self.table.random(rng)?).pair())
    }

    /// Up to `count` different random fields with their values, whether or not they have ended; for a `count` that is
    /// a small part of all. O(count) expected.
    pub(super) fn random_distinct(
        &self,
        count: usize,
        rng: &mut Rng,
    ) -> Vec<(ListPackValue<'_>, ListPackValue<'_>)> {
        distinct_ids(&self.table, count, rng).map(|id| self.table.get(id).pair()).collect()
    }

    /// Frees up to a chunk of fields; whether more are left.
    pub(super) fn drain_chunk(&mut self) -> bool {
        let ends_left = self.ends.as_mut().is_some_and(|ends| ends.drain_chunk());
        self.table.drain_chunk() || ends_left
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.table.heap_bytes() + self.ends.as_ref().map_or(0, |ends| ends.heap_bytes())
    }

    /// Asserts what must hold between the fields and their ends. O(n log n); for tests.
    pub(super) fn check(&self) {
        self.table.check();
        if let Some(ends) = &self.ends {
            ends.check();
            for (_, id) in ends.iter() {
                assert!(self.table.contains_id(id), "a field that is not there ends");
            }
        }
    }
}
