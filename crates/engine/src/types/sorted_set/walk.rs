//! Walking over a sorted set, up or down.

use redarium_structures::list_pack::{ListPack, ListPackValue};
use redarium_structures::skip_list::SkipList;

use super::{Interval, SortedSet, pack};
use crate::trace::Steps;

/// Jumps of at least so many members go by rank instead of one by one.
const JUMP_MIN: usize = 16;

/// Members with their scores, upwards or downwards.
#[derive(Debug, Clone)]
pub struct Walk<'a> {
    at: At<'a>,
    reverse: bool,
}

/// The member that comes next.
#[derive(Debug, Clone)]
enum At<'a> {
    Pack(&'a ListPack, Option<usize>),
    List(&'a SkipList, Option<u32>),
}

impl<'a> Walk<'a> {
    #[inline]
    pub(super) fn from_rank(
        set: &'a SortedSet,
        rank: usize,
        reverse: bool,
        steps: &mut Steps<'_>,
    ) -> Self {
        let len = set.len();
        let at = match set {
            SortedSet::ListPack(pack) => {
                let rank = if reverse { len.checked_sub(rank + 1) } else { Some(rank) };
                At::Pack(pack, rank.and_then(|rank| pack.seek(2 * rank as i64, steps)))
            }
            SortedSet::SkipList(indexed) => {
                let list = indexed.list();
                let id = match (rank, reverse) {
                    (0, false) => list.head(),
                    (0, true) => list.tail(),
                    (rank, _) if rank >= len => None,
                    (rank, false) => list.by_rank(rank as u32, steps),
                    (rank, true) => list.by_rank((len - 1 - rank) as u32, steps),
                };
                At::List(list, id)
            }
        };
        Self { at, reverse }
    }

    pub(super) fn from_interval(
        set: &'a SortedSet,
        interval: &Interval,
        reverse: bool,
        steps: &mut Steps<'_>,
    ) -> Self {
        let at = match (set, reverse) {
            (SortedSet::ListPack(pack), false) => At::Pack(pack, pack::first_in(pack, interval)),
            (SortedSet::ListPack(pack), true) => At::Pack(pack, pack::last_in(pack, interval)),
            (SortedSet::SkipList(indexed), false) => {
                At::List(indexed.list(), indexed.first_in(interval, steps))
            }
            (SortedSet::SkipList(indexed), true) => {
                At::List(indexed.list(), indexed.last_in(interval, steps))
            }
        };
        Self { at, reverse }
    }

    /// Passes over `count` members. O(log N), in a listpack O(N).
    pub fn jump(&mut self, count: usize, steps: &mut Steps<'_>) {
        if let At::List(list, at) = &mut self.at
            && let Some(id) = *at
            && count >= JUMP_MIN
        {
            let rank = list.rank(id, steps) as usize;
            let rank = if self.reverse { rank.checked_sub(count) } else { rank.checked_add(count) };
            *at = rank
                .and_then(|rank| u32::try_from(rank).ok())
                .and_then(|rank| list.by_rank(rank, steps));
            return;
        }
        for _ in 0..count {
            if self.next().is_none() {
                break;
            }
        }
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = (ListPackValue<'a>, f64);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.at {
            At::List(list, at) => {
                let list: &'a SkipList = list;
                let id = (*at)?;
                *at = if self.reverse { list.prev(id) } else { list.next(id) };
                Some((ListPackValue::Str(list.member(id)), list.score(id)))
            }
            At::Pack(pack, at) => {
                let pack: &'a ListPack = pack;
                let pos = (*at)?;
                *at = if self.reverse {
                    pack.prev(pos).and_then(|pos| pack.prev(pos))
                } else {
                    pack.next(pos).and_then(|pos| pack.next(pos))
                };
                Some((pack.get(pos), pack::score(pack, pos)))
            }
        }
    }
}
