//! Sets: an intset while all members are integers, a listpack while small, a hash table once neither will do.
//!
//! As in Redis the change is one-way.

use redarium_structures::bytes::Bytes;
use redarium_structures::hash_table::{HashTable, HashTableStep, hash_bytes};
use redarium_structures::int_set::{IntSet, IntSetStep};
use redarium_structures::list_pack::{
    IntText, ListPack, ListPackStep, ListPackValue, parse_integer,
};
use redarium_structures::rng::Rng;
use redarium_structures::trace::{NoTrace, Trace};

use super::Limits;
use super::encoding::{ConversionStep, Encoding};
use super::sample::{choose, distinct_ids, is_small_part};
use crate::config::Config;

/// When a set changes its encoding.
#[derive(Debug, Clone, Copy)]
pub struct SetLimits {
    /// Members up to which an intset is used.
    pub intset: usize,
    /// When a listpack gives way to a table.
    pub pack: Limits,
}

impl SetLimits {
    /// The limits of `config`; `seed` is that of the hash function.
    pub fn new(config: &Config, seed: u64) -> Self {
        let (entries, value) = (config.set_max_listpack_entries, config.set_max_listpack_value);
        Self { intset: config.set_max_intset_entries, pack: Limits { entries, value, seed } }
    }
}

#[derive(Debug, Clone)]
enum Repr {
    Ints(IntSet),
    Pack(ListPack),
    /// Members, and the seed of their hash function.
    Table(Box<HashTable<Bytes>>, u64),
}

/// What records the steps of every encoding.
pub trait SetTrace:
    Trace<IntSetStep> + Trace<ListPackStep> + Trace<HashTableStep> + Trace<ConversionStep>
{
}

impl<T> SetTrace for T where
    T: Trace<IntSetStep> + Trace<ListPackStep> + Trace<HashTableStep> + Trace<ConversionStep>
{
}

/// A member on its way to several sets, hashed once at most: all sets of a node hash with the same seed.
#[derive(Debug, Clone, Copy)]
pub struct Hashed<'a> {
    member: &'a [u8],
    hash: Option<u64>,
}

impl<'a> Hashed<'a> {
    /// A member that has not been hashed yet.
    pub fn new(member: &'a [u8]) -> Self {
        Self { member, hash: None }
    }

    /// Its bytes.
    pub fn bytes(&self) -> &'a [u8] {
        self.member
    }

    #[inline]
    fn hash(&mut self, seed: u64) -> u64 {
        *self.hash.get_or_insert_with(|| hash_bytes(seed, self.member))
    }
}

/// A set.
#[derive(Debug, Clone)]
pub struct Set {
    repr: Repr,
}

impl Default for Set {
    fn default() -> Self {
        Self { repr: Repr::Ints(IntSet::new()) }
    }
}

impl Set {
    /// Number of members. O(1).
    #[inline]
    pub fn len(&self) -> usize {
        match &self.repr {
            Repr::Ints(ints) => ints.len(),
            Repr::Pack(pack) => pack.len(),
            Repr::Table(table, _) => table.len(),
        }
    }

    /// Whether it has no member. O(1).
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The encoding, as OBJECT ENCODING names it.
    pub fn encoding(&self) -> &'static str {
        match &self.repr {
            Repr::Ints(_) => "intset",
            Repr::Pack(_) => "listpack",
            Repr::Table(..) => "hashtable",
        }
    }

    /// The intset, if it is one.
    pub fn ints(&self) -> Option<&IntSet> {
        if let Repr::Ints(ints) = &self.repr { Some(ints) } else { None }
    }

    /// The listpack, if it is one.
    pub fn pack(&self) -> Option<&ListPack> {
        if let Repr::Pack(pack) = &self.repr { Some(pack) } else { None }
    }

    /// The hash table, if it is one.
    pub fn table(&self) -> Option<&HashTable<Bytes>> {
        if let Repr::Table(table, _) = &self.repr { Some(table) } else { None }
    }

    /// A set of these integers; a table if they are too many for an intset.
    pub fn from_ints(ints: IntSet, limits: &SetLimits) -> Self {
        let is_large = ints.len() > limits.intset;
        let mut set = Self { repr: Repr::Ints(ints) };
        if is_large {
            set.become_table(limits.pack.seed, &mut NoTrace);
        }
        set
    }

    /// A set of the entries of a listpack, all of which differ; a table if they are too many.
    pub fn from_pack(pack: ListPack, limits: &SetLimits) -> Self {
        let is_large = pack.len() > limits.pack.entries;
        let mut set = Self { repr: Repr::Pack(pack) };
        if is_large {
            set.become_table(limits.pack.seed, &mut NoTrace);
        }
        set
    }

    /// Prepares for about `count` more members, of which `first` is one: the encoding may change at once.
    pub fn make_room(
        &mut self,
        first: &[u8],
        count: usize,
        limits: &SetLimits,
        trace: &mut impl Trace<ConversionStep>,
    ) {
        match &self.repr {
            Repr::Ints(ints)
                if ints.is_empty() && (parse_integer(first).is_none() || count > limits.intset) =>
            {
                if count <= limits.pack.entries {
                    self.tell(Encoding::ListPack, trace);
                    self.repr = Repr::Pack(ListPack::new());
                } else {
                    self.become_table(limits.pack.seed, trace);
                }
            }
            Repr::Ints(_) if count > limits.intset => self.become_table(limits.pack.seed, trace),
            Repr::Pack(_) if count > limits.pack.entries => {
                self.become_table(limits.pack.seed, trace);
            }
            _ => {}
        }
    }

    /// Tells of a conversion, before it is made.
    fn tell(&self, to: Encoding, trace: &mut impl Trace<ConversionStep>) {
        let from = match &self.repr {
            Repr::Ints(_) => Encoding::IntSet,
            Repr::Pack(_) => Encoding::ListPack,
            Repr::Table(..) => Encoding::HashTable,
        };
        trace.step(ConversionStep { from, to, len: self.len() });
    }

    fn become_table(&mut self, seed: u64, trace: &mut impl Trace<ConversionStep>) {
        self.tell(Encoding::HashTable, trace);
        let mut table = HashTable::new();
        for member in self.iter() {
            let member = Bytes::from(member.to_vec());
            table.insert(hash_bytes(seed, &member), member, &mut NoTrace);
        }
        self.repr = Repr::Table(Box::new(table), seed);
    }

    /// Becomes a listpack of the same integers, if there is room in one for `member` as well; else a table.
    fn leave_ints(
        &mut self,
        member: &[u8],
        limits: &SetLimits,
        trace: &mut impl Trace<ConversionStep>,
    ) {
        let Repr::Ints(ints) = &self.repr else { return };
        let mut text = IntText::default();
        let ends = [ints.get(0), ints.len().checked_sub(1).and_then(|last| ints.get(last))];
        let longest =
            ends.into_iter().flatten().map(|number| text.write(number).len()).max().unwrap_or(0);
        if ints.len() < limits.pack.entries && longest.max(member.len()) <= limits.pack.value {
            let mut pack = ListPack::new();
            ints.iter().for_each(|number| pack.push_back(number, &mut NoTrace));
            self.tell(Encoding::ListPack, trace);
            self.repr = Repr::Pack(pack);
        } else {
            self.become_table(limits.pack.seed, trace);
        }
    }

    /// Adds a member; whether it is new. O(1), or O(n) while small.
    pub fn add(&mut self, member: &[u8], limits: &SetLimits, trace: &mut impl SetTrace) -> bool {
        self.add_hashed(&mut Hashed::new(member), limits, trace)
    }

    /// As [`add`](Self::add), for a member that goes to several sets.
    pub fn add_hashed(
        &mut self,
        hashed: &mut Hashed<'_>,
        limits: &SetLimits,
        trace: &mut impl SetTrace,
    ) -> bool {
        let member = hashed.member;
        match &mut self.repr {
            Repr::Ints(ints) => {
                let Some(number) = parse_integer(member) else {
                    self.leave_ints(member, limits, trace);
                    return self.add_hashed(hashed, limits, trace);
                };
                let is_new = ints.insert(number, trace);
                if is_new && ints.len() > limits.intset {
                    self.become_table(limits.pack.seed, trace);
                }
                is_new
            }
            Repr::Pack(pack) => {
                if pack.find(member, 0, trace).is_some() {
                    return false;
                }
                if pack.len() < limits.pack.entries
                    && member.len() <= limits.pack.value
                    && pack.has_room_for(member.len())
                {
                    pack.push_back(member, trace);
                    return true;
                }
                self.become_table(limits.pack.seed, trace);
                self.add_hashed(hashed, limits, trace)
            }
            Repr::Table(table, seed) => {
                let hash = hashed.hash(*seed);
                if table.find_traced(hash, |stored| &**stored == member, trace).is_some() {
                    return false;
                }
                table.insert(hash, Bytes::from(member), trace);
                true
            }
        }
    }

    /// Whether it has a member. O(1), or O(log n) and O(n) while small.
    pub fn contains(&self, member: &[u8], trace: &mut impl SetTrace) -> bool {
        self.contains_hashed(&mut Hashed::new(member), trace)
    }

    /// As [`contains`](Self::contains), for a member that is looked up in several sets.
    pub fn contains_hashed(&self, hashed: &mut Hashed<'_>, trace: &mut impl SetTrace) -> bool {
        let member = hashed.member;
        match &self.repr {
            Repr::Ints(ints) => {
                parse_integer(member).is_some_and(|number| ints.contains(number, trace))
            }
            Repr::Pack(pack) => pack.find(member, 0, trace).is_some(),
            Repr::Table(table, seed) => {
                table.find_traced(hashed.hash(*seed), |stored| &**stored == member, trace).is_some()
            }
        }
    }

    /// Removes a member; whether it was there. O(1), or O(n) while small.
    pub fn remove(&mut self, member: &[u8], trace: &mut impl SetTrace) -> bool {
        self.remove_hashed(&mut Hashed::new(member), trace)
    }

    /// As [`remove`](Self::remove), for a member that another set has hashed.
    pub fn remove_hashed(&mut self, hashed: &mut Hashed<'_>, trace: &mut impl SetTrace) -> bool {
        let member = hashed.member;
        match &mut self.repr {
            Repr::Ints(ints) => {
                parse_integer(member).is_some_and(|number| ints.remove(number, trace))
            }
            Repr::Pack(pack) => {
                let Some(at) = pack.find(member, 0, trace) else { return false };
                pack.remove(at, trace);
                true
            }
            Repr::Table(table, seed) => {
                table.remove(hashed.hash(*seed), |stored| &**stored == member, trace).is_some()
            }
        }
    }

    /// All members in the order of memory.
    #[expect(clippy::iter_without_into_iter, reason = "a boxed iterator is not worth a trait")]
    pub fn iter(&self) -> Box<dyn Iterator<Item = ListPackValue<'_>> + '_> {
        match &self.repr {
            Repr::Ints(ints) => Box::new(ints.iter().map(ListPackValue::Int)),
            Repr::Pack(pack) => Box::new(pack.iter()),
            Repr::Table(table, _) => {
                Box::new(table.iter().map(|(_, member)| ListPackValue::Str(member)))
            }
        }
    }

    /// Visits all members in the order of memory until `visit` returns false, with the hashes that a table keeps.
    pub fn each(&self, mut visit: impl FnMut(Hashed<'_>) -> bool) {
        let mut text = IntText::default();
        if let Repr::Table(table, _) = &self.repr {
            let mut hashed = table
                .iter()
                .map(|(id, member)| Hashed { member, hash: Some(u64::from(table.hash_of(id))) });
            hashed.all(visit);
        } else {
            self.iter().all(|member| visit(Hashed::new(member.text(&mut text))));
        }
    }

    /// Visits the members that a cursor stands for and returns the next cursor; 0 when all have been visited.
    ///
    /// A small encoding is visited whole.
    pub fn scan<'s>(
        &'s self,
        cursor: u64,
        mut visit: impl FnMut(ListPackValue<'s>),
        trace: &mut impl Trace<HashTableStep>,
    ) -> u64 {
        if let Repr::Table(table, _) = &self.repr {
            let visit = |id, _: &Bytes| visit(ListPackValue::Str(table.get(id)));
            return table.scan_traced(cursor, visit, trace);
        }
        self.iter().for_each(visit);
        0
    }

    /// A random member; any may come again. O(1), or O(n) in a listpack.
    pub fn random(&self, rng: &mut Rng) -> Option<ListPackValue<'_>> {
        if self.is_empty() {
            return None;
        }
        match &self.repr {
            Repr::Ints(ints) => {
                ints.get(rng.below(ints.len() as u64) as usize).map(ListPackValue::Int)
            }
            Repr::Pack(pack) => {
                let at = pack.seek(rng.below(pack.len() as u64) as i64, &mut NoTrace)?;
                Some(pack.get(at))
            }
            Repr::Table(table, _) => table.random(rng).map(|id| ListPackValue::Str(table.get(id))),
        }
    }

    /// Up to `count` different random members. O(n), or O(count) for a small part of a table.
    pub fn random_distinct(&self, count: usize, rng: &mut Rng) -> Vec<ListPackValue<'_>> {
        match &self.repr {
            Repr::Table(table, _) if is_small_part(count, table.len()) => {
                distinct_ids(table, count, rng)
                    .map(|id| ListPackValue::Str(table.get(id)))
                    .collect()
            }
            _ => choose(self.iter(), self.len(), count, rng).collect(),
        }
    }

    /// Frees up to a chunk of members; whether more are left. Only for a set that nobody can reach any more.
    pub fn drain_chunk(&mut self) -> bool {
        match &mut self.repr {
            Repr::Table(table, _) => table.drain_chunk(),
            _ => false,
        }
    }

    /// Bytes it has allocated, without the members longer than 22 bytes of a table. O(1).
    pub fn heap_bytes(&self) -> usize {
        match &self.repr {
            Repr::Ints(ints) => ints.heap_bytes(),
            Repr::Pack(pack) => pack.heap_bytes(),
            Repr::Table(table, _) => table.heap_bytes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn limits(intset: usize, entries: usize, value: usize) -> SetLimits {
        SetLimits { intset, pack: Limits { entries, value, seed: 5 } }
    }

    /// Random additions and removals against a set of std, integers first, then words.
    #[test]
    fn behaves_like_a_set() {
        for seed in 0..20 {
            let mut rng = Rng::new(seed);
            let limits = limits(20, 30, 10);
            let (mut set, mut model) = (Set::default(), BTreeSet::new());
            for round in 0..600 {
                let number = rng.below(60).to_string();
                let member = if round < 200 { number } else { format!("m{number}") }.into_bytes();
                if rng.below(3) == 0 {
                    assert_eq!(
                        set.remove(&member, &mut NoTrace),
                        model.remove(&member),
                        "same answer"
                    );
                } else {
                    assert_eq!(
                        set.add(&member, &limits, &mut NoTrace),
                        model.insert(member),
                        "same answer"
                    );
                }
                let all: BTreeSet<_> = set.iter().map(ListPackValue::to_vec).collect();
                assert_eq!(all, model, "same contents");
                assert_eq!(set.len(), model.len(), "same size");
            }
            assert_eq!(set.encoding(), "hashtable", "60 words pass every limit sooner or later");
        }
    }

    #[test]
    fn encodings_change_where_redis_changes_them() {
        let limits = limits(3, 4, 8);
        let add = |members: &[&str]| {
            let mut set = Set::default();
            for member in members {
                set.make_room(member.as_bytes(), 1, &limits, &mut NoTrace);
                set.add(member.as_bytes(), &limits, &mut NoTrace);
            }
            set.encoding()
        };
        assert_eq!(add(&["1", "2", "3"]), "intset", "three integers");
        assert_eq!(
            add(&["1", "2", "3", "4"]),
            "hashtable",
            "four are too many for an intset and skip the listpack"
        );
        assert_eq!(add(&["1", "2", "x"]), "listpack", "a word among few integers");
        assert_eq!(add(&["a", "b", "c", "d", "e"]), "hashtable", "five words");
        assert_eq!(add(&["a", "123456789"]), "hashtable", "a long word");
        assert_eq!(
            add(&["1", "123456789", "x"]),
            "hashtable",
            "a long integer, once there is a word"
        );
    }
}
