//! Hashes: a listpack of fields and values in turn while small, a hash table once it is not.
//!
//! As in Redis the change is one-way: a hash that has become a table stays one.

use redarium_structures::bytes::Bytes;
use redarium_structures::hash_table::{HashTable, HashTableStep, hash_bytes};
use redarium_structures::list_pack::{ListPack, ListPackStep, ListPackValue};
use redarium_structures::rng::Rng;
use redarium_structures::trace::{NoTrace, Trace};

use super::Limits;
use super::sample::{choose, distinct_ids, is_small_part};

/// A field with its value, in a table.
#[derive(Debug, Clone, Default)]
struct Field {
    name: Bytes,
    value: Bytes,
}

#[derive(Debug, Clone)]
enum Repr {
    /// Field, value, field, value, …
    Pack(ListPack),
    /// Fields by name, and the seed of their hash function.
    Table(Box<HashTable<Field>>, u64),
}

/// A hash.
#[derive(Debug, Clone)]
pub struct Hash {
    repr: Repr,
}

impl Default for Hash {
    fn default() -> Self {
        Self { repr: Repr::Pack(ListPack::new()) }
    }
}

impl Hash {
    /// Number of fields. O(1).
    #[inline]
    pub fn len(&self) -> usize {
        match &self.repr {
            Repr::Pack(pack) => pack.len() / 2,
            Repr::Table(table, _) => table.len(),
        }
    }

    /// Whether it has no field. O(1).
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The encoding, as OBJECT ENCODING names it.
    pub fn encoding(&self) -> &'static str {
        match &self.repr {
            Repr::Pack(_) => "listpack",
            Repr::Table(..) => "hashtable",
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
            hash.convert(limits.seed);
        }
        hash
    }

    /// Becomes a table if one of the words that are about to be stored is too long for a listpack.
    ///
    /// Redis decides this before it stores the first of them.
    pub fn make_room<'w>(&mut self, words: impl Iterator<Item = &'w [u8]>, limits: &Limits) {
        if let Repr::Pack(pack) = &self.repr {
            let mut bytes = 0;
            for word in words {
                if word.len() > limits.value {
                    return self.convert(limits.seed);
                }
                bytes += word.len();
            }
            if !pack.has_room_for(bytes) {
                self.convert(limits.seed);
            }
        }
    }

    fn convert(&mut self, seed: u64) {
        let Repr::Pack(pack) = &self.repr else { return };
        let mut table = HashTable::new();
        let mut entries = pack.iter();
        while let (Some(name), Some(value)) = (entries.next(), entries.next()) {
            let field =
                Field { name: Bytes::from(name.to_vec()), value: Bytes::from(value.to_vec()) };
            table.insert(hash_bytes(seed, &field.name), field, &mut NoTrace);
        }
        self.repr = Repr::Table(Box::new(table), seed);
    }

    /// The value of a field. O(1), or O(n) while small.
    #[inline]
    pub fn get<T>(&self, name: &[u8], trace: &mut T) -> Option<ListPackValue<'_>>
    where
        T: Trace<ListPackStep> + Trace<HashTableStep>,
    {
        match &self.repr {
            Repr::Pack(pack) => {
                let at = pack.find(name, 1, trace)?;
                Some(pack.get(pack.next(at)?))
            }
            Repr::Table(table, seed) => {
                let id = table.find_traced(
                    hash_bytes(*seed, name),
                    |field| &*field.name == name,
                    trace,
                )?;
                Some(ListPackValue::Str(&table.get(id).value))
            }
        }
    }

    /// Sets a field; whether it is new. O(1), or O(n) while small.
    pub fn set<T>(&mut self, name: &[u8], value: &[u8], limits: &Limits, trace: &mut T) -> bool
    where
        T: Trace<ListPackStep> + Trace<HashTableStep>,
    {
        if name.len() > limits.value || value.len() > limits.value {
            self.convert(limits.seed);
        }
        match &mut self.repr {
            Repr::Pack(pack) => {
                if let Some(at) = pack.find(name, 1, trace).and_then(|at| pack.next(at)) {
                    pack.replace(at, value, trace);
                    return false;
                }
                pack.push_back(name, trace);
                pack.push_back(value, trace);
                if pack.len() / 2 > limits.entries {
                    self.convert(limits.seed);
                }
                true
            }
            Repr::Table(table, seed) => {
                let hash = hash_bytes(*seed, name);
                if let Some(id) = table.find_traced(hash, |field| &*field.name == name, trace) {
                    table.get_mut(id).value = Bytes::from(value);
                    return false;
                }
                table.insert(
                    hash,
                    Field { name: Bytes::from(name), value: Bytes::from(value) },
                    trace,
                );
                true
            }
        }
    }

    /// Removes a field; whether it was there. O(1), or O(n) while small.
    pub fn remove<T>(&mut self, name: &[u8], trace: &mut T) -> bool
    where
        T: Trace<ListPackStep> + Trace<HashTableStep>,
    {
        match &mut self.repr {
            Repr::Pack(pack) => {
                let Some(at) = pack.find(name, 1, trace) else { return false };
                pack.remove_range(at, 2, trace);
                true
            }
            Repr::Table(table, seed) => {
                table.remove(hash_bytes(*seed, name), |field| &*field.name == name, trace).is_some()
            }
        }
    }

    /// All fields with their values, in the order of memory.
    #[expect(clippy::iter_without_into_iter, reason = "a boxed iterator is not worth a trait")]
    pub fn iter(&self) -> Box<dyn Iterator<Item = (ListPackValue<'_>, ListPackValue<'_>)> + '_> {
        match &self.repr {
            Repr::Pack(pack) => {
                let mut entries = pack.iter();
                Box::new(std::iter::from_fn(move || Some((entries.next()?, entries.next()?))))
            }
            Repr::Table(table, _) => Box::new(table.iter().map(|(_, field)| {
                (ListPackValue::Str(&field.name), ListPackValue::Str(&field.value))
            })),
        }
    }

    /// Visits the fields that a cursor stands for and returns the next cursor; 0 when all have been visited.
    ///
    /// A listpack is visited whole.
    pub fn scan<'s>(
        &'s self,
        cursor: u64,
        mut visit: impl FnMut(ListPackValue<'s>, ListPackValue<'s>),
    ) -> u64 {
        match &self.repr {
            Repr::Pack(_) => {
                self.iter().for_each(|(name, value)| visit(name, value));
                0
            }
            Repr::Table(table, _) => table.scan(cursor, |id, _| {
                let field = table.get(id);
                visit(ListPackValue::Str(&field.name), ListPackValue::Str(&field.value));
            }),
        }
    }

    /// A random field with its value; any may come again. O(1), or O(n) while small.
    pub fn random(&self, rng: &mut Rng) -> Option<(ListPackValue<'_>, ListPackValue<'_>)> {
        match &self.repr {
            Repr::Pack(pack) => {
                if pack.is_empty() {
                    return None;
                }
                let at = pack.seek(rng.below(self.len() as u64) as i64 * 2, &mut NoTrace)?;
                Some((pack.get(at), pack.get(pack.next(at)?)))
            }
            Repr::Table(table, _) => {
                let field = table.get(table.random(rng)?);
                Some((ListPackValue::Str(&field.name), ListPackValue::Str(&field.value)))
            }
        }
    }

    /// Up to `count` different random fields with their values. O(n), or O(count) for a small part of a table.
    pub fn random_distinct(
        &self,
        count: usize,
        rng: &mut Rng,
    ) -> Vec<(ListPackValue<'_>, ListPackValue<'_>)> {
        match &self.repr {
            Repr::Table(table, _) if is_small_part(count, table.len()) => {
                distinct_ids(table, count, rng)
                    .map(|id| {
                        let field = table.get(id);
                        (ListPackValue::Str(&field.name), ListPackValue::Str(&field.value))
                    })
                    .collect()
            }
            _ => choose(self.iter(), self.len(), count, rng).collect(),
        }
    }

    /// Frees up to a chunk of fields; whether more are left. Only for a hash that nobody can reach any more.
    pub fn drain_chunk(&mut self) -> bool {
        match &mut self.repr {
            Repr::Pack(_) => false,
            Repr::Table(table, _) => table.drain_chunk(),
        }
    }

    /// Bytes it has allocated, without the names and values longer than 22 bytes of a table. O(1).
    pub fn heap_bytes(&self) -> usize {
        match &self.repr {
            Repr::Pack(pack) => pack.heap_bytes(),
            Repr::Table(table, _) => table.heap_bytes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Random sets and removals against a map, across the change of encoding.
    #[test]
    fn behaves_like_a_map() {
        for seed in 0..20 {
            let mut rng = Rng::new(seed);
            let limits = Limits { entries: 16, value: 20, seed: 3 };
            let (mut hash, mut model) = (Hash::default(), BTreeMap::new());
            for _ in 0..500 {
                let name = rng.below(40).to_string().into_bytes();
                let value = vec![b'v'; rng.below(19) as usize];
                if rng.below(3) == 0 {
                    assert_eq!(
                        hash.remove(&name, &mut NoTrace),
                        model.remove(&name).is_some(),
                        "same answer"
                    );
                } else {
                    let is_new = hash.set(&name, &value, &limits, &mut NoTrace);
                    assert_eq!(is_new, model.insert(name, value).is_none(), "same answer");
                }
                assert_eq!(hash.len(), model.len(), "same size");
                let all: BTreeMap<_, _> =
                    hash.iter().map(|(name, value)| (name.to_vec(), value.to_vec())).collect();
                assert_eq!(all, model, "same contents");
            }
            assert_eq!(
                hash.encoding(),
                "hashtable",
                "40 names pass the limit of 16 sooner or later"
            );
        }
    }

    #[test]
    fn a_long_value_makes_it_a_table() {
        let limits = Limits { entries: 16, value: 4, seed: 3 };
        let mut hash = Hash::default();
        hash.set(b"a", b"1234", &limits, &mut NoTrace);
        assert_eq!(hash.encoding(), "listpack", "four bytes are allowed");
        hash.set(b"a", b"12345", &limits, &mut NoTrace);
        assert_eq!(hash.encoding(), "hashtable", "five are not");
        assert_eq!(
            hash.get(b"a", &mut NoTrace).map(ListPackValue::to_vec),
            Some(b"12345".to_vec()),
            "value kept"
        );
    }
}
