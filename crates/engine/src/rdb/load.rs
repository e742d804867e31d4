//! From the bytes of a dump to a value, or to the finding that they are none.
//!
//! Everything is checked before a value comes out: listpacks and intsets entry by entry, members and fields for
//! repetitions, scores for order.
//! Encodings are chosen as Redis chooses them when it loads: what a listpack or an intset is no longer allowed to hold
//! becomes a table, and what is small enough becomes small.

use std::borrow::Cow;

use redarium_resp::number::parse_f64;
use redarium_structures::bytes::Bytes;
use redarium_structures::int_set::IntSet;
use redarium_structures::list_pack::{ListPack, ListPackValue, parse_integer};
use redarium_structures::order;
use redarium_structures::quick_list::QuickList;
use redarium_structures::rng::Rng;
use redarium_structures::trace::NoTrace;

use super::reader::Reader;
use super::{Kind, Malformed, PACKED_NODE, PLAIN_NODE, stream, zip_list, zip_map};
use crate::config::Config;
use crate::types::Limits;
use crate::types::hash::Hash;
use crate::types::list::{List, ListLimits};
use crate::types::set::{Set, SetLimits};
use crate::types::sorted_set::{Growth, SortedSet};
use crate::value::{Kind as _, Value};

/// What values that are loaded need from their node.
#[derive(Debug)]
pub struct Loader<'a> {
    list: ListLimits,
    set: SetLimits,
    hash: Limits,
    growth: Growth<'a>,
    /// Bytes that the compressed strings of one value may unfold into, all together.
    unfolding_max: usize,
}

impl<'a> Loader<'a> {
    /// With the limits of `config`; `seed` is that of hash functions.
    pub fn new(config: &Config, seed: u64, rng: &'a mut Rng) -> Self {
        Self {
            list: ListLimits::new(config),
            set: SetLimits::new(config, seed),
            hash: Limits::of_hashes(config, seed),
            growth: Growth::new(config, seed, rng),
            unfolding_max: config.proto_max_bulk_len,
        }
    }

    /// The value that bytes stand for, the kind in front. O(n log n).
    pub fn load(&mut self, bytes: &[u8]) -> Result<Value, Malformed> {
        let mut reader = self.reader(bytes);
        let kind = Kind::of(reader.byte()?).ok_or(Malformed)?;
        let value = self.content(&mut reader, kind)?;
        reader.finish()?;
        Ok(value)
    }

    /// A reader that lets no value unfold into more than the node allows.
    pub(super) fn reader<'b>(&self, bytes: &'b [u8]) -> Reader<'b> {
        Reader::new(bytes, self.unfolding_max)
    }

    /// The value whose kind is known and whose content comes next. O(n log n).
    pub(super) fn content(
        &mut self,
        reader: &mut Reader<'_>,
        kind: Kind,
    ) -> Result<Value, Malformed> {
        Ok(match kind {
            Kind::String => Value::from_bytes(&reader.string()?),
            Kind::List => self.list(reader)?.into_value(),
            Kind::ListZip => self.list_of_old(&[reader.string()?])?.into_value(),
            Kind::ListOfZips => self.list_of_zips(reader)?.into_value(),
            Kind::ListOfNodes => self.list_of_nodes(reader)?.into_value(),
            Kind::Set => self.set(reader)?.into_value(),
            Kind::SetOfInts => self.set_of_ints(reader)?.into_value(),
            Kind::SetPack => self.set_pack(reader)?.into_value(),
            Kind::SortedSetOfText => self.sorted_set(reader, Reader::double_text)?.into_value(),
            Kind::SortedSet => self.sorted_set(reader, Reader::double)?.into_value(),
            Kind::SortedSetZip => self.sorted_set_zip(reader)?.into_value(),
            Kind::SortedSetPack => self.sorted_set_pack(reader)?.into_value(),
            Kind::Hash => self.hash(reader)?.into_value(),
            Kind::HashMapOfOld => {
                self.hash_of_old(zip_map::words(&reader.string()?)?)?.into_value()
            }
            Kind::HashZip => self.hash_of_old(zip_list::words(&reader.string()?)?)?.into_value(),
            Kind::HashPack => self.hash_pack(reader)?.into_value(),
            Kind::StreamOfOld | Kind::Stream | Kind::StreamWithActivity => {
                stream::load(reader, kind)?.into_value()
            }
            Kind::TimedHash => self.timed_hash(reader)?.into_value(),
            Kind::TimedHashPack => self.timed_hash_pack(reader)?.into_value(),
        })
    }

    fn list(&self, reader: &mut Reader<'_>) -> Result<List, Malformed> {
        let mut quick = QuickList::new(self.list.fill, self.list.compress_depth);
        for _ in 0..reader.count()? {
            quick.push_back(&*reader.string()?, &mut NoTrace);
        }
        Ok(List::from_quick(quick, self.list))
    }

    fn list_of_nodes(&self, reader: &mut Reader<'_>) -> Result<List, Malformed> {
        let mut quick = QuickList::new(self.list.fill, self.list.compress_depth);
        for _ in 0..reader.count()? {
            match reader.len()? {
                // Large or not, as it was where it came from; what is not large here joins the others.
                PLAIN_NODE => quick.push_back(&*reader.string()?, &mut NoTrace),
                PACKED_NODE => quick.push_back_pack(pack(reader)?, &mut NoTrace),
                _ => return Err(Malformed),
            }
        }
        if quick.is_empty() {
            return Err(Malformed);
        }
        Ok(List::from_quick(quick, self.list))
    }

    fn list_of_zips(&self, reader: &mut Reader<'_>) -> Result<List, Malformed> {
        let nodes: Result<Vec<_>, _> = (0..reader.count()?).map(|_| reader.string()).collect();
        self.list_of_old(&nodes?)
    }

    fn list_of_old(&self, nodes: &[Cow<'_, [u8]>]) -> Result<List, Malformed> {
        let mut quick = QuickList::new(self.list.fill, self.list.compress_depth);
        for node in nodes {
            for word in zip_list::words(node)? {
                quick.push_back(&*word, &mut NoTrace);
            }
        }
        if quick.is_empty() {
            return Err(Malformed);
        }
        Ok(List::from_quick(quick, self.list))
    }

    fn set(&self, reader: &mut Reader<'_>) -> Result<Set, Malformed> {
        let mut set = Set::default();
        let count = reader.count()?;
        for place in 0..count {
            let member = reader.string()?;
            if place == 0 {
                set.make_room(&member, count, &self.set, &mut NoTrace);
            }
            if !set.add(&member, &self.set, &mut NoTrace) {
                return Err(Malformed);
            }
        }
        Ok(set)
    }

    fn set_of_ints(&self, reader: &mut Reader<'_>) -> Result<Set, Malformed> {
        let ints = IntSet::from_bytes(reader.string()?.into_owned()).ok().ok_or(Malformed)?;
        if ints.is_empty() { Err(Malformed) } else { Ok(Set::from_ints(ints, &self.set)) }
    }

    fn set_pack(&self, reader: &mut Reader<'_>) -> Result<Set, Malformed> {
        let pack = distinct(pack(reader)?, 1)?;
        Ok(Set::from_pack(pack, &self.set))
    }

    fn sorted_set<'b>(
        &mut self,
        reader: &mut Reader<'b>,
        score: impl Fn(&mut Reader<'b>) -> Result<f64, Malformed>,
    ) -> Result<SortedSet, Malformed> {
        let mut members = Vec::new();
        for _ in 0..reader.count()? {
            let member = Bytes::from(&*reader.string()?);
            members.push((score(reader)?, member));
        }
        self.sorted_set_of(members)
    }

    fn sorted_set_of(&mut self, members: Vec<(f64, Bytes)>) -> Result<SortedSet, Malformed> {
        if members.is_empty() {
            return Err(Malformed);
        }
        let mut names: Vec<&[u8]> = members.iter().map(|(_, member)| &**member).collect();
        order::sort(&mut names);
        if names.windows(2).any(|pair| matches!(pair, [one, other] if one == other)) {
            return Err(Malformed);
        }
        Ok(SortedSet::from_members(members, &mut self.growth))
    }

    fn sorted_set_zip(&mut self, reader: &mut Reader<'_>) -> Result<SortedSet, Malformed> {
        let mut members = Vec::new();
        for (member, score) in pairs(zip_list::words(&reader.string()?)?)? {
            members.push((parse_f64(&score).ok_or(Malformed)?, Bytes::from(&*member)));
        }
        self.sorted_set_of(members)
    }

    fn sorted_set_pack(&mut self, reader: &mut Reader<'_>) -> Result<SortedSet, Malformed> {
        let pack = distinct(pack(reader)?, 2)?;
        SortedSet::from_pack(pack, &mut self.growth).ok_or(Malformed)
    }

    fn hash(&self, reader: &mut Reader<'_>) -> Result<Hash, Malformed> {
        let mut hash = Hash::default();
        for _ in 0..reader.count()? {
            let (field, value) = (reader.string()?, reader.string()?);
            if !hash.set(&field, &value, &self.hash, &mut NoTrace) {
                return Err(Malformed);
            }
        }
        Ok(hash)
    }

    fn hash_of_old(&self, words: Vec<Cow<'_, [u8]>>) -> Result<Hash, Malformed> {
        let mut hash = Hash::default();
        for (field, value) in pairs(words)? {
            if !hash.set(&field, &value, &self.hash, &mut NoTrace) {
                return Err(Malformed);
            }
        }
        if hash.is_empty() { Err(Malformed) } else { Ok(hash) }
    }

    fn hash_pack(&self, reader: &mut Reader<'_>) -> Result<Hash, Malformed> {
        let pack = distinct(pack(reader)?, 2)?;
        Ok(Hash::from_pack(pack, &self.hash))
    }

    fn timed_hash(&self, reader: &mut Reader<'_>) -> Result<Hash, Malformed> {
        let earliest = reader.time()?;
        let mut hash = Hash::default();
        for _ in 0..reader.count()? {
            let offset = i64::try_from(reader.len()?).ok().ok_or(Malformed)?;
            let (field, value) = (reader.string()?, reader.string()?);
            if !hash.set(&field, &value, &self.hash, &mut NoTrace) {
                return Err(Malformed);
            }
            if offset > 0 {
                let at = earliest.checked_add(offset - 1).filter(|&at| at > 0 && at < i64::MAX);
                hash.set_deadline(&field, Some(at.ok_or(Malformed)?), &mut NoTrace);
            }
        }
        Ok(hash)
    }

    fn timed_hash_pack(&self, reader: &mut Reader<'_>) -> Result<Hash, Malformed> {
        // The listpack says it as well.
        reader.time()?;
        let pack = distinct(pack(reader)?, 3)?;
        Hash::from_timed_pack(pack, &self.hash).ok_or(Malformed)
    }
}

/// A word of an older encoding.
type Word<'a> = Cow<'a, [u8]>;

/// Words that come in pairs.
fn pairs(words: Vec<Word<'_>>) -> Result<impl Iterator<Item = (Word<'_>, Word<'_>)>, Malformed> {
    if !words.len().is_multiple_of(2) {
        return Err(Malformed);
    }
    let mut words = words.into_iter();
    Ok(std::iter::from_fn(move || words.next().zip(words.next())))
}

/// A listpack that is sound in itself.
fn pack(reader: &mut Reader<'_>) -> Result<ListPack, Malformed> {
    ListPack::from_bytes(reader.string()?.into_owned()).ok().ok_or(Malformed)
}

/// The listpack, if it holds groups of `step` entries, and no two groups begin with the same. O(n log n).
fn distinct(pack: ListPack, step: usize) -> Result<ListPack, Malformed> {
    let len = pack.len();
    if len == 0 || !len.is_multiple_of(step) {
        return Err(Malformed);
    }
    let mut names: Vec<_> = pack.iter().step_by(step).map(name).collect();
    order::sort(&mut names);
    let is_repeated = names.windows(2).any(|pair| matches!(pair, [one, other] if one == other));
    if is_repeated { Err(Malformed) } else { Ok(pack) }
}

/// What two entries are compared by: a text that spells an integer equals that integer.
fn name(value: ListPackValue<'_>) -> Result<i64, &[u8]> {
    match value {
        ListPackValue::Int(number) => Ok(number),
        ListPackValue::Str(text) => parse_integer(text).ok_or(text),
    }
}
