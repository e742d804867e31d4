//! A sorted set in the encoding that its size asks for: a listpack, or a skip list with a hash table beside it.
//!
//! The listpack holds member, score, member, score, in order. The skip list holds each member once; the hash table
//! holds node ids, so a score is found in O(1) and a rank in O(log N).
//! A set that has grown into a skip list stays one, as in Redis, until a command stores a new one.

mod indexed;
mod pack;
mod walk;

#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::convert::Infallible;

use redarium_structures::bytes::Bytes;
use redarium_structures::list_pack::{IntText, ListPack, ListPackValue};
use redarium_structures::rng::Rng;
use redarium_structures::skip_list::{LexRange, ScoreRange, SkipList};
use redarium_structures::trace::Trace as _;

use super::encoding::{ConversionStep, Encoding};
use super::sample::{choose, is_small_part};
use crate::config::Config;
use crate::trace::Steps;

pub use indexed::Indexed;
pub(crate) use pack::pairs as pack_pairs;
pub use walk::Walk;

/// A sorted set.
#[derive(Debug, Clone)]
pub enum SortedSet {
    /// Few short members (`listpack`).
    ListPack(ListPack),
    /// Anything else (`skiplist`).
    SkipList(Box<Indexed>),
}

/// The step of a listpack that becomes a skip list.
fn conversion(pack: &ListPack) -> ConversionStep {
    ConversionStep { from: Encoding::ListPack, to: Encoding::SkipList, len: pack.len() / 2 }
}

impl Default for SortedSet {
    fn default() -> Self {
        Self::ListPack(ListPack::new())
    }
}

/// What a sorted set that grows needs from its node.
#[derive(Debug)]
pub struct Growth<'a> {
    /// Members up to which it is a listpack.
    pub max_entries: usize,
    /// Bytes of the longest member up to which it is a listpack.
    pub max_value: usize,
    /// Seed of the hash function.
    pub seed: u64,
    /// Where the heights of skip list nodes come from.
    pub rng: &'a mut Rng,
}

impl<'a> Growth<'a> {
    /// With the limits of `config`.
    pub fn new(config: &Config, seed: u64, rng: &'a mut Rng) -> Self {
        let (max_entries, max_value) =
            (config.zset_max_listpack_entries, config.zset_max_listpack_value);
        Self { max_entries, max_value, seed, rng }
    }
}

/// The score of a member before and after an [`upsert`](SortedSet::upsert).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Upserted {
    /// The score it had; `None` if it was no member.
    pub before: Option<f64>,
    /// The score that was decided; `None` if all was left as it was.
    pub after: Option<f64>,
}

/// An interval of a sorted set, by what its members are compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Interval {
    /// By score.
    Score(ScoreRange),
    /// By member, among members of equal scores.
    Lex(LexRange),
}

impl Interval {
    /// Whether a member is not below the interval.
    pub fn reaches_min(&self, member: ListPackValue<'_>, score: f64) -> bool {
        match self {
            Self::Score(range) => range.reaches_min(score),
            Self::Lex(range) => range.reaches_min(member.text(&mut IntText::default())),
        }
    }

    /// Whether a member is not above the interval.
    pub fn reaches_max(&self, member: ListPackValue<'_>, score: f64) -> bool {
        match self {
            Self::Score(range) => range.reaches_max(score),
            Self::Lex(range) => range.reaches_max(member.text(&mut IntText::default())),
        }
    }
}

impl SortedSet {
    /// Frees up to a chunk of members; whether more are left. Only for a set that nobody can reach any more.
    pub fn drain_chunk(&mut self) -> bool {
        match self {
            Self::ListPack(_) => false,
            Self::SkipList(indexed) => indexed.drain_chunk(),
        }
    }

    /// An empty set that is about to get `members` members of at most `longest` bytes.
    pub fn for_members(members: usize, longest: usize, growth: &Growth<'_>) -> Self {
        let mut set = Self::default();
        if members > growth.max_entries || longest > growth.max_value {
            set = Self::SkipList(Box::new(Indexed::new(growth.seed)));
        }
        set
    }

    /// The set of these members, each of which is named once; a listpack if they fit into one. O(N log N).
    pub fn from_members(mut members: Vec<(f64, Bytes)>, growth: &mut Growth<'_>) -> Self {
        sort(&mut members);
        let longest = members.iter().map(|(_, member)| member.len()).max().unwrap_or(0);
        let mut set = Self::for_members(members.len(), longest, growth);
        match &mut set {
            Self::ListPack(pack) => {
                for (score, member) in &members {
                    pack::push_back(pack, member, *score);
                }
            }
            Self::SkipList(indexed) => {
                for (score, member) in members {
                    indexed.insert(member, score, growth.rng, &mut None);
                }
            }
        }
        set
    }

    /// A set of the members and scores of a listpack, all of whose members differ; a skip list if they are too many.
    ///
    /// `None` if they do not stand in order, or if a score is no number. O(N log N).
    pub fn from_pack(pack: ListPack, growth: &mut Growth<'_>) -> Option<Self> {
        if !pack::is_in_order(&pack) {
            None
        } else if pack.len() / 2 > growth.max_entries {
            Some(Self::SkipList(Box::new(Indexed::from_pack(&pack, growth))))
        } else {
            Some(Self::ListPack(pack))
        }
    }

    /// Number of members. O(1).
    #[inline]
    pub fn len(&self) -> usize {
        match self {
            Self::ListPack(pack) => pack.len() / 2,
            Self::SkipList(indexed) => indexed.list().len(),
        }
    }

    /// Whether it has no member. O(1).
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The encoding, as OBJECT ENCODING names it.
    pub fn encoding(&self) -> &'static str {
        match self {
            Self::ListPack(_) => "listpack",
            Self::SkipList(_) => "skiplist",
        }
    }

    /// Bytes on the heap, not counting what long members own.
    pub fn heap_bytes(&self) -> usize {
        match self {
            Self::ListPack(pack) => pack.heap_bytes(),
            Self::SkipList(indexed) => size_of::<Indexed>() + indexed.heap_bytes(),
        }
    }

    /// The skip list, if it is one; for pictures.
    pub fn skip_list(&self) -> Option<&SkipList> {
        match self {
            Self::ListPack(_) => None,
            Self::SkipList(indexed) => Some(indexed.list()),
        }
    }

    /// The score of a member. O(1), in a listpack O(N).
    #[inline]
    pub fn score(&self, member: &[u8], steps: &mut Steps<'_>) -> Option<f64> {
        match self {
            Self::ListPack(pack) => {
                pack::find(pack, member, steps).map(|pos| pack::score(pack, pos))
            }
            Self::SkipList(indexed) => {
                indexed.find(member, steps).map(|id| indexed.list().score(id))
            }
        }
    }

    /// How many members stand before this one (behind it if `reverse`), and its score. O(log N), in a listpack O(N).
    #[inline]
    pub fn rank(
        &self,
        member: &[u8],
        reverse: bool,
        steps: &mut Steps<'_>,
    ) -> Option<(usize, f64)> {
        let (rank, score) = match self {
            Self::ListPack(pack) => {
                let pos = pack::find(pack, member, steps)?;
                (pack.iter_until(pos).count() / 2, pack::score(pack, pos))
            }
            Self::SkipList(indexed) => indexed.rank(member, steps)?,
        };
        Some((if reverse { self.len() - 1 - rank } else { rank }, score))
    }

    /// Adds a member or changes its score.
    ///
    /// `decide` is asked once for the score, knowing the present one; `None` leaves everything as it is.
    /// O(log N), in a listpack O(N).
    #[inline]
    pub fn upsert<E>(
        &mut self,
        member: &[u8],
        decide: impl FnOnce(Option<f64>) -> Result<Option<f64>, E>,
        growth: &mut Growth<'_>,
        steps: &mut Steps<'_>,
    ) -> Result<Upserted, E> {
        let pack = match self {
            Self::SkipList(indexed) => return indexed.upsert(member, decide, growth.rng, steps),
            Self::ListPack(pack) => pack,
        };
        let found = pack::find(pack, member, steps);
        let before = found.map(|pos| pack::score(pack, pos));
        let Some(score) = decide(before)? else { return Ok(Upserted { before, after: None }) };
        match found {
            Some(_) if before == Some(score) => {}
            Some(pos) => {
                pack::remove(pack, pos, 1, steps);
                pack::insert(pack, member, score, steps);
            }
            None if pack.len() / 2 + 1 > growth.max_entries
                || member.len() > growth.max_value
                || !pack.has_room_for(member.len() + pack::OVERHEAD) =>
            {
                steps.step(conversion(pack));
                let mut indexed = Indexed::from_pack(pack, growth);
                indexed.insert(Bytes::from(member), score, growth.rng, steps);
                *self = Self::SkipList(Box::new(indexed));
            }
            None => pack::insert(pack, member, score, steps),
        }
        Ok(Upserted { before, after: Some(score) })
    }

    /// Adds a member or changes its score, whatever it was.
    pub fn set(&mut self, member: &[u8], score: f64, growth: &mut Growth<'_>) {
        let Ok(_) = self.upsert::<Infallible>(member, |_| Ok(Some(score)), growth, &mut None);
    }

    /// Becomes a skip list now if `more` members at once are more than a listpack takes, as ZADD decides it.
    pub fn make_room(&mut self, more: usize, growth: &mut Growth<'_>, steps: &mut Steps<'_>) {
        if let Self::ListPack(pack) = self
            && more > growth.max_entries
        {
            steps.step(conversion(pack));
            *self = Self::SkipList(Box::new(Indexed::from_pack(pack, growth)));
        }
    }

    /// Takes a member out; whether it was one. O(log N), in a listpack O(N).
    pub fn remove(&mut self, member: &[u8], steps: &mut Steps<'_>) -> bool {
        match self {
            Self::ListPack(pack) => {
                let found = pack::find(pack, member, steps);
                found.inspect(|&pos| pack::remove(pack, pos, 1, steps)).is_some()
            }
            Self::SkipList(indexed) => indexed.remove(member, steps),
        }
    }

    /// Takes out the first member (the last if `last`) after `visit` has seen it; whether there was one.
    pub fn pop(
        &mut self,
        last: bool,
        visit: impl FnOnce(ListPackValue<'_>, f64),
        steps: &mut Steps<'_>,
    ) -> bool {
        match self {
            Self::ListPack(pack) => {
                let found =
                    if last { pack.last().and_then(|pos| pack.prev(pos)) } else { pack.first() };
                let Some(pos) = found else { return false };
                visit(pack.get(pos), pack::score(pack, pos));
                pack::remove(pack, pos, 1, steps);
                true
            }
            Self::SkipList(indexed) => indexed.pop(last, visit, steps),
        }
    }

    /// Takes out `count` members from `rank` on; how many there were.
    pub fn remove_ranks(&mut self, rank: usize, count: usize, steps: &mut Steps<'_>) -> usize {
        let count = count.min(self.len().saturating_sub(rank));
        if count == 0 {
            return 0;
        }
        match self {
            Self::ListPack(pack) => {
                if let Some(pos) = pack.seek(2 * rank as i64, steps) {
                    pack::remove(pack, pos, count, steps);
                }
            }
            Self::SkipList(indexed) => indexed.remove_ranks(rank, count),
        }
        count
    }

    /// Takes out the members of an interval; how many there were.
    pub fn remove_interval(&mut self, interval: &Interval, steps: &mut Steps<'_>) -> usize {
        match self {
            Self::ListPack(pack) => {
                let Some(first) = pack::first_in(pack, interval) else { return 0 };
                let count = pack::pairs_from(pack, first)
                    .take_while(|&(_, member, score)| interval.reaches_max(member, score))
                    .count();
                pack::remove(pack, first, count, steps);
                count
            }
            Self::SkipList(indexed) => indexed.remove_interval(interval),
        }
    }

    /// How many members an interval has. O(log N), in a listpack O(N).
    pub fn count_interval(&self, interval: &Interval, steps: &mut Steps<'_>) -> usize {
        match self {
            Self::ListPack(_) => self
                .walk_interval(interval, false, steps)
                .take_while(|&(member, score)| interval.reaches_max(member, score))
                .count(),
            Self::SkipList(indexed) => indexed.count_interval(interval, steps),
        }
    }

    /// All members in order, or in reverse.
    pub fn walk(&self, reverse: bool) -> Walk<'_> {
        self.walk_from(0, reverse, &mut None)
    }

    /// Members from the one that has `rank` members before it (behind it if `reverse`), in order or in reverse.
    pub fn walk_from(&self, rank: usize, reverse: bool, steps: &mut Steps<'_>) -> Walk<'_> {
        Walk::from_rank(self, rank, reverse, steps)
    }

    /// Members from the first of an interval on, or from its last down; where it ends is for the caller to see.
    pub fn walk_interval(
        &self,
        interval: &Interval,
        reverse: bool,
        steps: &mut Steps<'_>,
    ) -> Walk<'_> {
        Walk::from_interval(self, interval, reverse, steps)
    }

    /// One step of a scan: visits members and returns the next cursor, 0 at the end. A listpack is visited whole.
    pub fn scan<'s>(
        &'s self,
        cursor: u64,
        mut visit: impl FnMut(ListPackValue<'s>, f64),
        steps: &mut Steps<'_>,
    ) -> u64 {
        match self {
            Self::ListPack(_) => {
                self.walk(false).for_each(|(member, score)| visit(member, score));
                0
            }
            Self::SkipList(indexed) => indexed.scan(cursor, visit, steps),
        }
    }

    /// A random member with its score; any may come again. O(log N), in a listpack O(N).
    pub fn random(&self, rng: &mut Rng) -> Option<(ListPackValue<'_>, f64)> {
        let rank = rng.below(self.len().max(1) as u64) as usize;
        self.walk_from(rank, false, &mut None).next()
    }

    /// Up to `count` different random members; if that is all of them, the highest first as in Redis.
    /// O(N), or O(count) for a small part of a skip list.
    pub fn random_distinct(&self, count: usize, rng: &mut Rng) -> Vec<(ListPackValue<'_>, f64)> {
        match self {
            _ if count >= self.len() => self.walk(true).collect(),
            Self::SkipList(indexed) if is_small_part(count, self.len()) => {
                indexed.random_distinct(count, rng)
            }
            _ => choose(self.walk(false), self.len(), count, rng).collect(),
        }
    }

    /// Asserts what must hold. O(N log N); for tests.
    ///
    /// # Panics
    ///
    /// When something does not hold.
    pub fn check(&self) {
        match self {
            Self::ListPack(pack) => pack::check(pack),
            Self::SkipList(indexed) => indexed.check(),
        }
    }
}

/// Sorts members as a sorted set does.
pub fn sort(members: &mut [(f64, Bytes)]) {
    members.sort_unstable_by(|a, b| in_order(a.0, &a.1, b.0, &b.1));
}

/// The order of a sorted set: by score, then by member, byte by byte.
fn in_order(score_a: f64, member_a: &[u8], score_b: f64, member_b: &[u8]) -> Ordering {
    score_a.partial_cmp(&score_b).unwrap_or(Ordering::Equal).then_with(|| member_a.cmp(member_b))
}
