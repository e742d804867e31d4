//! One search of a skip list, step by step, so that two can go side by side.

use super::node::Tower;
use super::{HEAD, SkipList, SkipListStep};
use crate::trace::Trace;

/// A node that a search may go to: what is known of it without a further look.
#[derive(Clone, Copy)]
pub(super) struct Candidate {
    pub(super) score: f64,
    pub(super) node: u32,
    /// How many members stand up to and including it.
    pub(super) rank: u32,
}

/// A search under way: where it is.
pub(super) struct Walk<'a> {
    list: &'a SkipList,
    level: usize,
    /// The tower it stands at, unless the level is 0.
    tower: &'a Tower,
    /// That tower's id, at level 0 the node's.
    pub(super) at: u32,
    /// How many members stand up to and including it.
    pub(super) rank: u32,
}

impl<'a> Walk<'a> {
    /// Starts at the header's highest level in use.
    #[inline]
    pub(super) fn new(list: &'a SkipList) -> Self {
        Self { list, level: list.level - 1, tower: list.towers.get(HEAD), at: HEAD, rank: 0 }
    }

    /// Goes right if `is_before` holds for the next node, else down, noting where the level was left;
    /// false once level 0 was left. The header has the same id as node and as tower.
    #[inline]
    pub(super) fn step(
        &mut self,
        mut is_before: impl FnMut(Candidate) -> bool,
        mut note: impl FnMut(usize, u32, u32),
        trace: &mut impl Trace<SkipListStep>,
    ) -> bool {
        let level = self.level;
        if level == 0 {
            let node = self.list.nodes.get(self.at).next;
            let rank = self.rank + 1;
            if node != HEAD
                && is_before(Candidate { score: self.list.nodes.get(node).score, node, rank })
            {
                (self.at, self.rank) = (node, rank);
                trace.step(SkipListStep::Right { level, to: node, rank });
                return true;
            }
            note(0, self.at, self.rank);
            return false;
        }
        let link = self.tower.link(level);
        if link.next != HEAD {
            let next = self.list.towers.get(link.next);
            let rank = self.rank + link.span;
            if is_before(Candidate { score: next.score, node: next.node, rank }) {
                (self.tower, self.at, self.rank) = (next, link.next, rank);
                trace.step(SkipListStep::Right { level, to: next.node, rank });
                return true;
            }
        }
        note(level, self.at, self.rank);
        self.level -= 1;
        trace.step(SkipListStep::Down { level: self.level });
        if self.level == 0 {
            self.at = self.tower.node;
        }
        true
    }
}
