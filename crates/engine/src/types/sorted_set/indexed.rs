//! A sorted set in a skip list, with a hash table of its nodes beside it.

use redarium_structures::bytes::Bytes;
use redarium_structures::hash_table::{HashTable, hash_bytes};
use redarium_structures::list_pack::{IntText, ListPack, ListPackValue};
use redarium_structures::rng::Rng;
use redarium_structures::skip_list::SkipList;
use redarium_structures::trace::NoTrace;

use super::{Growth, Interval, Upserted, pack};
use crate::trace::{Steps, traced};
use crate::types::sample::distinct_ids;

/// Members in order, and where each is.
#[derive(Debug, Clone)]
pub struct Indexed {
    list: SkipList,
    /// Node ids by the hash of their members.
    index: HashTable<u32>,
    seed: u64,
}

impl Indexed {
    pub(super) fn new(seed: u64) -> Self {
        Self { list: SkipList::new(), index: HashTable::new(), seed }
    }

    /// Frees up to a chunk of members; whether more are left. Afterwards it is good for nothing else.
    pub(super) fn drain_chunk(&mut self) -> bool {
        let list_left = self.list.drain_chunk();
        self.index.drain_chunk() || list_left
    }

    pub(super) fn from_pack(pack: &ListPack, growth: &mut Growth<'_>) -> Self {
        let mut indexed = Self::new(growth.seed);
        for (_, member, score) in
            pack.first().into_iter().flat_map(|pos| pack::pairs_from(pack, pos))
        {
            let member = Bytes::from(member.text(&mut IntText::default()));
            indexed.insert(member, score, growth.rng, &mut None);
        }
        indexed
    }

    /// The members in order.
    #[inline]
    pub fn list(&self) -> &SkipList {
        &self.list
    }

    /// The hash table of node ids.
    pub fn index(&self) -> &HashTable<u32> {
        &self.index
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.list.heap_bytes() + self.index.heap_bytes()
    }

    #[inline]
    fn hash(&self, member: &[u8]) -> u64 {
        hash_bytes(self.seed, member)
    }

    #[inline]
    fn find_hashed(&self, hash: u64, member: &[u8], steps: &mut Steps<'_>) -> Option<u32> {
        let is_it = |&id: &u32| self.list.member(id).as_slice() == member;
        let slot = traced!(steps, self.index.find_traced(hash, is_it, steps));
        slot.map(|slot| *self.index.get(slot))
    }

    /// The node of a member.
    #[inline]
    pub(super) fn find(&self, member: &[u8], steps: &mut Steps<'_>) -> Option<u32> {
        self.find_hashed(self.hash(member), member, steps)
    }

    #[inline]
    pub(super) fn rank(&self, member: &[u8], steps: &mut Steps<'_>) -> Option<(usize, f64)> {
        let id = self.find(member, steps)?;
        let rank = traced!(steps, self.list.rank(id, steps));
        Some((rank as usize, self.list.score(id)))
    }

    /// Adds a member that is not there.
    pub(super) fn insert(
        &mut self,
        member: Bytes,
        score: f64,
        rng: &mut Rng,
        steps: &mut Steps<'_>,
    ) {
        let hash = self.hash(&member);
        self.insert_hashed(hash, member, score, rng, steps);
    }

    #[inline]
    fn insert_hashed(
        &mut self,
        hash: u64,
        member: Bytes,
        score: f64,
        rng: &mut Rng,
        steps: &mut Steps<'_>,
    ) {
        traced!(steps, {
            let id = self.list.insert(score, member, rng, steps);
            self.index.insert(hash, id, steps);
        });
    }

    #[inline]
    pub(super) fn upsert<E>(
        &mut self,
        member: &[u8],
        decide: impl FnOnce(Option<f64>) -> Result<Option<f64>, E>,
        rng: &mut Rng,
        steps: &mut Steps<'_>,
    ) -> Result<Upserted, E> {
        let hash = self.hash(member);
        let found = self.find_hashed(hash, member, steps);
        let before = found.map(|id| self.list.score(id));
        let Some(score) = decide(before)? else { return Ok(Upserted { before, after: None }) };
        match found {
            Some(_) if before == Some(score) => {}
            Some(id) => traced!(steps, self.list.update_score(id, score, rng, steps)),
            None => self.insert_hashed(hash, Bytes::from(member), score, rng, steps),
        }
        Ok(Upserted { before, after: Some(score) })
    }

    pub(super) fn remove(&mut self, member: &[u8], steps: &mut Steps<'_>) -> bool {
        let (hash, list) = (self.hash(member), &self.list);
        let is_it = |&id: &u32| list.member(id).as_slice() == member;
        traced!(steps, {
            let removed = self.index.remove(hash, is_it, steps);
            removed.inspect(|&id| drop(self.list.remove(id, steps))).is_some()
        })
    }

    pub(super) fn pop(
        &mut self,
        last: bool,
        visit: impl FnOnce(ListPackValue<'_>, f64),
        steps: &mut Steps<'_>,
    ) -> bool {
        let Some(id) = (if last { self.list.tail() } else { self.list.head() }) else {
            return false;
        };
        let score = self.list.score(id);
        let member = traced!(steps, self.list.remove(id, steps));
        visit(ListPackValue::Str(&member), score);
        let hash = self.hash(&member);
        traced!(steps, self.index.remove(hash, |&found| found == id, steps));
        true
    }

    pub(super) fn remove_ranks(&mut self, rank: usize, count: usize) {
        let Self { list, index, seed } = self;
        list.delete_range_by_rank(rank as u32, (rank + count - 1) as u32, |id, member| {
            index.remove(hash_bytes(*seed, member), |&found| found == id, &mut NoTrace);
        });
    }

    pub(super) fn remove_interval(&mut self, interval: &Interval) -> usize {
        let Self { list, index, seed } = self;
        let forget = |id: u32, member: &Bytes| {
            index.remove(hash_bytes(*seed, member), |&found| found == id, &mut NoTrace);
        };
        match interval {
            Interval::Score(range) => list.delete_range_by_score(range, forget),
            Interval::Lex(range) => list.delete_range_by_lex(range, forget),
        }
    }

    pub(super) fn first_in(&self, interval: &Interval, steps: &mut Steps<'_>) -> Option<u32> {
        traced!(
            steps,
            match interval {
                Interval::Score(range) => self.list.first_in_score_range(range, steps),
                Interval::Lex(range) => self.list.first_in_lex_range(range, steps),
            }
        )
    }

    pub(super) fn last_in(&self, interval: &Interval, steps: &mut Steps<'_>) -> Option<u32> {
        traced!(
            steps,
            match interval {
                Interval::Score(range) => self.list.last_in_score_range(range, steps),
                Interval::Lex(range) => self.list.last_in_lex_range(range, steps),
            }
        )
    }

    pub(super) fn count_interval(&self, interval: &Interval, steps: &mut Steps<'_>) -> usize {
        let (Some(first), Some(last)) =
            (self.first_in(interval, steps), self.last_in(interval, steps))
        else {
            return 0;
        };
        let mut rank = |id| traced!(steps, self.list.rank(id, steps));
        let (first, last) = (rank(first), rank(last));
        (last + 1).saturating_sub(first) as usize
    }

    pub(super) fn scan<'s>(
        &'s self,
        cursor: u64,
        mut visit: impl FnMut(ListPackValue<'s>, f64),
        steps: &mut Steps<'_>,
    ) -> u64 {
        let visit = |_, &id: &u32| {
            let (member, score) = self.member(id);
            visit(member, score);
        };
        self.index.scan_traced(cursor, visit, steps)
    }

    pub(super) fn random_distinct(
        &self,
        count: usize,
        rng: &mut Rng,
    ) -> Vec<(ListPackValue<'_>, f64)> {
        distinct_ids(&self.index, count, rng)
            .map(|slot| self.member(*self.index.get(slot)))
            .collect()
    }

    fn member(&self, id: u32) -> (ListPackValue<'_>, f64) {
        (ListPackValue::Str(self.list.member(id)), self.list.score(id))
    }

    pub(super) fn check(&self) {
        self.list.check();
        self.index.check();
        assert_eq!(self.list.len(), self.index.len(), "each node is in the hash table");
        for id in self.list.iter() {
            assert_eq!(self.find(self.list.member(id), &mut None), Some(id), "each is found");
        }
    }
}
