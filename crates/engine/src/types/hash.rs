//! Hashes: a listpack while small, a hash table once they are not, with or without fields that end by themselves.
//!
//! As in Redis each change is one-way: a hash that has become a table stays one, and so does a listpack with room for
//! deadlines. What has ended is still there until something removes it; whoever reads says what time it is.

mod field_table;
mod timed_pack;

#[cfg(test)]
mod tests;

use redarium_structures::hash_table::{HashTable, HashTableStep};
use redarium_structures::list_pack::{ListPack, ListPackStep, ListPackValue};
use redarium_structures::rng::Rng;
use redarium_structures::trace::{NoTrace, Trace};

use super::Limits;
use super::encoding::{ConversionStep, Encoding};
use super::sample::{choose, is_small_part};
use crate::schedule::is_over;
use field_table::FieldTable;

pub use field_table::Field;
use timed_pack::{TimedPack, is_dead};

#[derive(Debug, Clone)]
enum Repr {
    /// Field, value, field, value, …
    Pack(ListPack),
    /// Field, value, deadline, field, value, deadline, …
    TimedPack(Box<TimedPack>),
    Table(Box<FieldTable>),
}

/// What records the steps of every encoding.
pub trait HashTrace: Trace<ListPackStep> + Trace<HashTableStep> + Trace<ConversionStep> {}

impl<T: Trace<ListPackStep> + Trace<HashTableStep> + Trace<ConversionStep>> HashTrace for T {}

/// A hash.
#[derive(Debug, Clone)]
pub struct Hash {
    repr: Repr,
}

/// A field as it stands in memory.
#[derive(Debug, Clone, Copy)]
pub struct FieldEntry<'a> {
    /// Its place in a listpack, counted in fields, or its id in the table as steps name it.
    pub id: u32,
    /// Its name.
    pub name: ListPackValue<'a>,
    /// Its value.
    pub value: ListPackValue<'a>,
    /// When it ends, if it does, in milliseconds since 1970; it may have ended.
    pub deadline: Option<i64>,
}

impl Default for Hash {
    fn default() -> Self {
        Self { repr: Repr::Pack(ListPack::new()) }
    }
}

impl Hash {
    /// Number of fields, those included that have ended and are still there. O(1).
    #[inline]
    pub fn len(&self) -> usize {
        match &self.repr {
            Repr::Pack(pack) => pack.len() / 2,
            Repr::TimedPack(pack) => pack.len(),
            Repr::Table(table) => table.len(),
        }
    }

    /// Whether it has no field. O(1).
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of fields that have not ended at `now`. O(1), or O(n) in those that have.
    pub fn living_len(&self, now: i64) -> usize {
        self.len()
            - match &self.repr {
                Repr::Pack(_) => 0,
                Repr::TimedPack(pack) => pack.dead_len(now),
                Repr::Table(table) => table.dead_len(now),
            }
    }

    /// The encoding, as OBJECT ENCODING names it.
    pub fn encoding(&self) -> &'static str {
        match &self.repr {
            Repr::Pack(_) => "listpack",
            Repr::TimedPack(_) => "listpackex",
            Repr::Table(_) => "hashtable",
        }
    }

    /// When the first field ends, in milliseconds since 1970; `i64::MAX` if none does. O(1), or O(log n) for a table.
    #[inline]
    pub fn earliest_end(&self) -> i64 {
        match &self.repr {
            Repr::Pack(_) => i64::MAX,
            Repr::TimedPack(pack) => pack.earliest_end(),
            Repr::Table(table) => table.earliest_end(),
        }
    }

    /// The listpack of fields and values, if it is one.
    pub fn pack(&self) -> Option<&ListPack> {
        if let Repr::Pack(pack) = &self.repr { Some(pack) } else { None }
    }

    /// A hash of the fields and values of a listpack, all of whose fields differ; a table if they are too many.
    pub fn from_pack(pack: ListPack, limits: &Limits) -> Self {
        let is_large = pack.len() / 2 > limits.entries;
        let mut hash = Self { repr: Repr::Pack(pack) };
        if is_large {
            hash.become_table(limits.seed, &mut NoTrace);
        }
        hash
    }

    /// The hash table, if it is one.
    pub fn table(&self) -> Option<&HashTable<Field>> {
        if let Repr::Table(table) = &self.repr { Some(table.table()) } else { None }
    }

    /// The listpack of fields, values and deadlines, if it is one.
    pub fn timed_pack(&self) -> Option<&ListPack> {
        if let Repr::TimedPack(pack) = &self.repr { Some(pack.pack()) } else { None }
    }

    /// A hash of the fields, values and deadlines of a listpack, all of whose fields differ; a table if they are too many.
    ///
    /// `None` if the deadlines are none or out of order.
    pub fn from_timed_pack(pack: ListPack, limits: &Limits) -> Option<Self> {
        let mut hash = Self { repr: Repr::TimedPack(Box::new(TimedPack::from_triples(pack)?)) };
        if hash.len() > limits.entries {
            hash.become_table(limits.seed, &mut NoTrace);
        }
        Some(hash)
    }

    /// Becomes a table if one of the words that are about to be stored is too long for a listpack.
    ///
    /// Redis decides this before it stores the first of them.
    pub fn make_room<'w>(
        &mut self,
        words: impl Iterator<Item = &'w [u8]>,
        limits: &Limits,
        trace: &mut impl Trace<ConversionStep>,
    ) {
        let pack = match &self.repr {
            Repr::Pack(pack) => pack,
            Repr::TimedPack(pack) => pack.pack(),
            Repr::Table(_) => return,
        };
        let mut bytes = 0;
        for word in words {
            if word.len() > limits.value {
                return self.become_table(limits.seed, trace);
            }
            bytes += word.len();
        }
        if !pack.has_room_for(bytes) {
            self.become_table(limits.seed, trace);
        }
    }

    /// Becomes a listpack with room for deadlines if it is one without, as Redis's does before the first is set. O(n).
    pub fn make_timed(&mut self, trace: &mut impl Trace<ConversionStep>) {
        if let Repr::Pack(pack) = &self.repr {
            let (from, to) = (Encoding::ListPack, Encoding::ListPackEx);
            trace.step(ConversionStep { from, to, len: self.len() });
            self.repr = Repr::TimedPack(Box::new(TimedPack::new(pack)));
        }
    }

    fn become_table(&mut self, seed: u64, trace: &mut impl Trace<ConversionStep>) {
        let from = match &self.repr {
            Repr::Pack(_) => Encoding::ListPack,
            Repr::TimedPack(_) => Encoding::ListPackEx,
            Repr::Table(_) => return,
        };
        trace.step(ConversionStep { from, to: Encoding::HashTable, len: self.len() });
        let mut table = FieldTable::new(seed);
        for FieldEntry { name, value, deadline, .. } in self.iter() {
            let name = name.to_vec();
            table.set(&name, &value.to_vec(), false, &mut NoTrace);
            if deadline.is_some() {
                table.set_deadline(&name, deadline, &mut NoTrace);
            }
        }
        self.repr = Repr::Table(Box::new(table));
    }

    /// The value of a field that has not ended at `now`. O(1), or O(n) while small.
    #[inline]
    pub fn get<T>(&self, name: &[u8], now: i64, trace: &mut T) -> Option<ListPackValue<'_>>
    where
        T: HashTrace,
    {
        match &self.repr {
            Repr::Pack(pack) => {
                let at = pack.find(name, 1, trace)?;
                Some(pack.get(pack.next(at)?))
            }
            Repr::TimedPack(pack) => {
                let (value, deadline) = pack.get(name, trace)?;
                (!is_dead(deadline, now)).then_some(value)
            }
            Repr::Table(table) => table.get(name, now, trace),
        }
    }

    /// When a field ends that has not ended at `now`, if it does; `None` if there is no such field.
    /// O(log n), or O(n) while small.
    pub fn deadline<T>(&self, name: &[u8], now: i64, trace: &mut T) -> Option<Option<i64>>
    where
        T: HashTrace,
    {
        let end = self.end_of(name, trace).filter(|&end| !is_over(end, now))?;
        Some((end != i64::MAX).then_some(end))
    }

    /// Whether a field is still there though it has ended at `now`.
    pub fn is_dead(&self, name: &[u8], now: i64) -> bool {
        self.end_of(name, &mut NoTrace).is_some_and(|end| is_over(end, now))
    }

    /// When a field ends, `i64::MAX` if it never does, whether or not it has; `None` if there is no such field.
    fn end_of<T>(&self, name: &[u8], trace: &mut T) -> Option<i64>
    where
        T: HashTrace,
    {
        match &self.repr {
            Repr::Pack(pack) => pack.find(name, 1, trace).map(|_| i64::MAX),
            Repr::TimedPack(pack) => {
                pack.get(name, trace).map(|(_, deadline)| deadline.unwrap_or(i64::MAX))
            }
            Repr::Table(table) => table.end_of(name, trace),
        }
    }

    /// Sets a field, which no longer ends; whether it is new. O(1), or O(n) while small.
    ///
    /// One that has ended must have been removed before, here and in [`update`](Self::update).
    #[inline]
    pub fn set<T>(&mut self, name: &[u8], value: &[u8], limits: &Limits, trace: &mut T) -> bool
    where
        T: HashTrace,
    {
        self.put(name, value, false, limits, trace)
    }

    /// Sets a field, which ends when it would have before; whether it is new. O(1), or O(n) while small.
    pub fn update<T>(&mut self, name: &[u8], value: &[u8], limits: &Limits, trace: &mut T) -> bool
    where
        T: HashTrace,
    {
        self.put(name, value, true, limits, trace)
    }

    fn put<T>(
        &mut self,
        name: &[u8],
        value: &[u8],
        keep_deadline: bool,
        limits: &Limits,
        trace: &mut T,
    ) -> bool
    where
        T: HashTrace,
    {
        if name.len() > limits.value || value.len() > limits.value {
            self.become_table(limits.seed, trace);
        }
        let is_new = match &mut self.repr {
            Repr::Pack(pack) => {
                if let Some(at) = pack.find(name, 1, trace).and_then(|at| pack.next(at)) {
                    pack.replace(at, value, trace);
                    return false;
                }
                pack.push_back(name, trace);
                pack.push_back(value, trace);
                true
            }
            Repr::TimedPack(pack) => pack.set(name, value, keep_deadline, trace),
            Repr::Table(table) => return table.set(name, value, keep_deadline, trace),
        };
        if is_new && self.len() > limits.entries {
            self.become_table(limits.seed, trace);
        }
        is_new
    }

    /// Sets when a field ends, or that it never does; nothing if there is no such field. O(log n), or O(n) while small.
    pub fn set_deadline<T>(&mut self, name: &[u8], at: Option<i64>, trace: &mut T)
    where
        T: HashTrace,
    {
        if at.is_some() {
            self.make_timed(trace);
        }
        match &mut self.repr {
            Repr::Pack(_) => {}
            Repr::TimedPack(pack) => pack.set_deadline(name, at, trace),
            Repr::Table(table) => table.set_deadline(name, at, trace),
        }
    }

    /// Removes a field; whether it was there. O(1), or O(n) while small.
    pub fn remove<T>(&mut self, name: &[u8], trace: &mut T) -> bool
    where
        T: HashTrace,
    {
        match &mut self.repr {
            Repr::Pack(pack) => {
                let Some(at) = pack.find(name, 1, trace) else { return false };
                pack.remove_range(at, 2, trace);
                true
            }
            Repr::TimedPack(pack) => pack.remove(name, trace),
            Repr::Table(table) => table.remove(name, trace),
        }
    }

    /// Removes up to `limit` fields that have ended at `now`, the earliest first; how many.
    /// O(log n) for each, or O(n) while small.
    pub fn remove_dead(&mut self, now: i64, limit: usize) -> usize {
        match &mut self.repr {
            Repr::Pack(_) => 0,
            Repr::TimedPack(pack) => pack.remove_dead(now, limit),
            Repr::Table(table) => table.remove_dead(now, limit),
        }
    }

    /// The fields that have not ended at `now` with their values, in the order of memory.
    pub fn living(
        &self,
        now: i64,
    ) -> Box<dyn Iterator<Item = (ListPackValue<'_>, ListPackValue<'_>)> + '_> {
        match &self.repr {
            Repr::Pack(pack) => Box::new(pairs(pack)),
            Repr::TimedPack(pack) => Box::new(
                pack.iter()
                    .filter(move |field| !is_dead(field.deadline, now))
                    .map(|field| (field.name, field.value)),
            ),
            Repr::Table(table) => Box::new(table.living(now)),
        }
    }

    /// All fields in the order of memory, those included that have ended and are still there.
    #[expect(clippy::iter_without_into_iter, reason = "a boxed iterator is not worth a trait")]
    pub fn iter(&self) -> Box<dyn Iterator<Item = FieldEntry<'_>> + '_> {
        match &self.repr {
            Repr::Pack(pack) => {
                Box::new((0..).zip(pairs(pack)).map(|(id, (name, value))| FieldEntry {
                    id,
                    name,
                    value,
                    deadline: None,
                }))
            }
            Repr::TimedPack(pack) => Box::new(pack.iter()),
            Repr::Table(table) => Box::new(table.iter()),
        }
    }

    /// Visits the fields that a cursor stands for and that have not ended at `now`; returns the next cursor, 0 when all
    /// have been visited.
    ///
    /// A listpack is visited whole.
    pub fn scan<'s>(
        &'s self,
        cursor: u64,
        now: i64,
        mut visit: impl FnMut(ListPackValue<'s>, ListPackValue<'s>),
        trace: &mut impl Trace<HashTableStep>,
    ) -> u64 {
        if let Repr::Table(table) = &self.repr {
            return table.scan(cursor, now, visit, trace);
        }
        self.living(now).for_each(|(name, value)| visit(name, value));
        0
    }

    /// A random field with its value; any may come again. O(1), or O(n) while small.
    ///
    /// What has ended must have been removed before, here and in [`random_distinct`](Self::random_distinct).
    pub fn random(&self, rng: &mut Rng) -> Option<(ListPackValue<'_>, ListPackValue<'_>)> {
        let (pack, entries_per_field) = match &self.repr {
            Repr::Pack(pack) => (pack, 2),
            Repr::TimedPack(pack) => (pack.pack(), 3),
            Repr::Table(table) => return table.random(rng),
        };
        if pack.is_empty() {
            return None;
        }
        let index = rng.below(self.len() as u64) as i64 * entries_per_field;
        let at = pack.seek(index, &mut NoTrace)?;
        Some((pack.get(at), pack.get(pack.next(at)?)))
    }

    /// Up to `count` different random fields with their values. O(n), or O(count) for a small part of a table.
    pub fn random_distinct(
        &self,
        count: usize,
        rng: &mut Rng,
    ) -> Vec<(ListPackValue<'_>, ListPackValue<'_>)> {
        match &self.repr {
            Repr::Table(table) if is_small_part(count, table.len()) => {
                table.random_distinct(count, rng)
            }
            _ => choose(self.living(i64::MIN), self.len(), count, rng).collect(),
        }
    }

    /// Frees up to a chunk of fields; whether more are left. Only for a hash that nobody can reach any more.
    pub fn drain_chunk(&mut self) -> bool {
        match &mut self.repr {
            Repr::Pack(_) | Repr::TimedPack(_) => false,
            Repr::Table(table) => table.drain_chunk(),
        }
    }

    /// Bytes it has allocated, without the names and values longer than 22 bytes of a table. O(1).
    pub fn heap_bytes(&self) -> usize {
        match &self.repr {
            Repr::Pack(pack) => pack.heap_bytes(),
            Repr::TimedPack(pack) => size_of::<TimedPack>() + pack.pack().heap_bytes(),
            Repr::Table(table) => size_of::<FieldTable>() + table.heap_bytes(),
        }
    }

    /// Asserts what must hold between fields and deadlines. O(n log n); for tests.
    pub fn check(&self) {
        match &self.repr {
            Repr::Pack(_) => {}
            Repr::TimedPack(pack) => {
                let ends: Vec<_> =
                    pack.iter().map(|field| field.deadline.unwrap_or(i64::MAX)).collect();
                assert!(ends.is_sorted(), "fields stand in the order in which they end");
            }
            Repr::Table(table) => table.check(),
        }
    }
}

/// Names with values, of a listpack of pairs.
fn pairs(pack: &ListPack) -> impl Iterator<Item = (ListPackValue<'_>, ListPackValue<'_>)> {
    let mut entries = pack.iter();
    std::iter::from_fn(move || Some((entries.next()?, entries.next()?)))
}
