//! Redis's sorted-set skip list: ordered by score, then member; with spans, so that ranks are known.
//!
//! The algorithm is Pugh's ("Skip Lists: A Probabilistic Alternative to Balanced Trees", 1990) with
//! Redis's two additions: each link says how many nodes it spans, and level 0 also links backward.
//! One node in four reaches the next level, 32 levels at most.
//!
//! Nodes hold level 0; the levels above live in towers of one cache line (see `node`), so a search
//! touches one line per comparison. Node 0 is the header: it has every level and no member, and a
//! link to it means "none".

mod inspect;
mod node;
mod range;
#[cfg(test)]
mod tests;
mod walk;

use std::cmp::Ordering;

use crate::arena::Arena;
use crate::bytes::Bytes;
use crate::rng::Rng;
use crate::trace::Trace;
use node::{Level, Node, Rest, Tower};
pub use range::{LexBound, LexRange, ScoreRange};
use walk::{Candidate, Walk};

/// The most levels a node can have, as in Redis: enough for 4^32 members.
pub const MAX_LEVEL: usize = 32;

/// The header's id as node and as tower, and "none" as a link.
const HEAD: u32 = 0;

/// One step of a skip list's algorithms; nodes are ids, 0 is the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum SkipListStep {
    /// The search went right along a level.
    Right {
        /// The level, 0 is the lowest.
        level: usize,
        /// The node arrived at.
        to: u32,
        /// How many members stand up to and including that node.
        rank: u32,
    },
    /// The next node would be too far, so the search went down.
    Down {
        /// The level it is in now.
        level: usize,
    },
    /// A new node's height was drawn.
    Draw {
        /// How many levels the node gets.
        height: usize,
    },
    /// A node was put into a level.
    Link {
        /// The new node.
        node: u32,
        /// The level.
        level: usize,
        /// The node before it.
        before: u32,
    },
    /// A node was taken out of a level.
    Unlink {
        /// The node.
        node: u32,
        /// The level.
        level: usize,
        /// The node before it.
        before: u32,
    },
    /// A link spans more or fewer members than before.
    Span {
        /// The node the link starts from.
        node: u32,
        /// The level.
        level: usize,
        /// The new span.
        span: u32,
    },
    /// The score of a node changed in place, because its neighbours are still on the same sides.
    Rescore {
        /// The node.
        node: u32,
    },
}

/// Where a search left each level: a tower id (a node id at level 0) and the rank there.
type Path = [(u32, u32); MAX_LEVEL];

/// An ordered list of scored members with ranks, stable node ids and cheap clones.
#[derive(Clone, Debug)]
pub struct SkipList {
    nodes: Arena<Node>,
    /// What a search does not read of the nodes, under the same ids.
    rests: Arena<Rest>,
    towers: Arena<Tower>,
    /// Levels in use, at least 1.
    level: usize,
    tail: u32,
    /// Towers that own a second block of levels.
    tall: usize,
}

impl Default for SkipList {
    fn default() -> Self {
        let mut nodes = Arena::new();
        let mut towers = Arena::new();
        let mut rests = Arena::new();
        let head = nodes.insert(Node::default());
        rests.insert(Rest::default());
        let head_tower = towers.insert(Tower::new(HEAD, 0.0, MAX_LEVEL));
        debug_assert!(head == HEAD && head_tower == HEAD, "the first id is 0");
        Self { nodes, rests, towers, level: 1, tail: HEAD, tall: 1 }
    }
}

impl SkipList {
    /// Makes an empty list: a header and nothing else.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many members are in the list.
    #[inline]
    pub fn len(&self) -> usize {
        self.nodes.len() - 1
    }

    /// True when there is no member.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.tail == HEAD
    }

    /// How many levels are in use, at least 1.
    pub fn level(&self) -> usize {
        self.level
    }

    /// The first node.
    #[inline]
    pub fn head(&self) -> Option<u32> {
        self.next(HEAD)
    }

    /// The last node.
    #[inline]
    pub fn tail(&self) -> Option<u32> {
        (self.tail != HEAD).then_some(self.tail)
    }

    /// The node after this one.
    #[inline]
    pub fn next(&self, id: u32) -> Option<u32> {
        let next = self.nodes.get(id).next;
        (next != HEAD).then_some(next)
    }

    /// The node before this one.
    #[inline]
    pub fn prev(&self, id: u32) -> Option<u32> {
        let back = self.nodes.get(id).back;
        (back != HEAD).then_some(back)
    }

    /// The score of a node.
    #[inline]
    pub fn score(&self, id: u32) -> f64 {
        self.nodes.get(id).score
    }

    /// The member of a node.
    #[inline]
    pub fn member(&self, id: u32) -> &Bytes {
        &self.rests.get(id).member
    }

    /// Nodes from the first to the last.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        std::iter::successors(self.head(), |&id| self.next(id))
    }

    /// Adds a member that is not in the list yet and returns its node id. O(log N).
    pub fn insert(
        &mut self,
        score: f64,
        member: Bytes,
        rng: &mut Rng,
        trace: &mut impl Trace<SkipListStep>,
    ) -> u32 {
        debug_assert!(!score.is_nan(), "scores have an order");
        let path = self.path_to(score, &member, trace);
        let id = self.nodes.insert(Node { score, ..Node::default() });
        let same = self.rests.insert(Rest { member, tower: HEAD });
        debug_assert!(id == same, "both arenas give the same ids");
        self.link(id, &path, rng, trace);
        id
    }

    /// Takes a node out and returns its member. O(log N).
    pub fn remove(&mut self, id: u32, trace: &mut impl Trace<SkipListStep>) -> Bytes {
        debug_assert!(id != HEAD, "the header stays");
        let path = self.path_to(self.score(id), self.member(id), trace);
        self.unlink(id, &path, trace);
        self.forget(id)
    }

    /// Gives a node another score; it keeps its id. O(1) when its neighbours stay on the same
    /// sides, else O(log N): it is taken out and put back with a new height, as Redis does.
    pub fn update_score(
        &mut self,
        id: u32,
        score: f64,
        rng: &mut Rng,
        trace: &mut impl Trace<SkipListStep>,
    ) {
        debug_assert!(id != HEAD && !score.is_nan(), "a node and a score with an order");
        let stays = self.prev(id).is_none_or(|prev| self.score(prev) < score)
            && self.next(id).is_none_or(|next| self.score(next) > score);
        if stays {
            self.nodes.get_mut(id).score = score;
            let tower = self.rests.get(id).tower;
            if tower != HEAD {
                self.towers.get_mut(tower).score = score;
            }
            trace.step(SkipListStep::Rescore { node: id });
            return;
        }
        let (from, mut to) = self.paths(id, score, trace);
        // The highest may go with the node.
        let levels = self.level;
        self.unlink(id, &from, trace);
        self.nodes.get_mut(id).score = score;
        // Whatever comes after the node has moved up, and what led to it leads to the one before.
        let rank = from[0].1 + 1;
        for (level, place) in to.iter_mut().enumerate().take(levels) {
            match place.1.cmp(&rank) {
                Ordering::Less => {}
                Ordering::Equal => *place = from[level],
                Ordering::Greater => place.1 -= 1,
            }
        }
        self.link(id, &to, rng, trace);
    }

    /// How many members stand before this node. O(log N).
    pub fn rank(&self, id: u32, trace: &mut impl Trace<SkipListStep>) -> u32 {
        let (score, member) = (self.score(id), self.member(id));
        let is_before = |next: Candidate| {
            next.node != id && self.is_before(next.score, next.node, score, member)
        };
        self.seek(is_before, |_, _, _| {}, trace).1
    }

    /// The node with this many members before it. O(log N).
    pub fn by_rank(&self, rank: u32, trace: &mut impl Trace<SkipListStep>) -> Option<u32> {
        if rank as usize >= self.len() {
            return None;
        }
        let (node, _) = self.seek(|next| next.rank <= rank + 1, |_, _, _| {}, trace);
        Some(node)
    }

    /// Drops everything at once; for huge lists see [`SkipList::drain_chunk`].
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Frees up to 256 members and returns true while something is left, so that a huge list can be
    /// dropped in small steps. From the first call on the list is good for nothing else.
    pub fn drain_chunk(&mut self) -> bool {
        let towers_left = self.towers.drain_chunk();
        let rests_left = self.rests.drain_chunk();
        self.nodes.drain_chunk() || rests_left || towers_left
    }

    /// True when the node with this score and id comes before `score` and `member`.
    #[inline]
    fn is_before(&self, node_score: f64, node: u32, score: f64, member: &[u8]) -> bool {
        node_score <= score && (node_score < score || self.has_lower_member(node, member))
    }

    /// Apart from the comparison of scores, which stays small enough to be part of every loop.
    #[inline(never)]
    fn has_lower_member(&self, node: u32, member: &[u8]) -> bool {
        self.member(node).as_slice() < member
    }

    /// Walks right while `is_before` holds and down when it does not, noting where each level was
    /// left; returns the last node for which it held (the header if none) and its rank.
    #[inline]
    fn seek(
        &self,
        mut is_before: impl FnMut(Candidate) -> bool,
        mut note: impl FnMut(usize, u32, u32),
        trace: &mut impl Trace<SkipListStep>,
    ) -> (u32, u32) {
        let mut walk = Walk::new(self);
        while walk.step(&mut is_before, &mut note, trace) {}
        (walk.at, walk.rank)
    }

    fn path_to(&self, score: f64, member: &[u8], trace: &mut impl Trace<SkipListStep>) -> Path {
        self.path_while(|next| self.is_before(next.score, next.node, score, member), trace)
    }

    /// The path to a node and the path to where it would be with another score.
    ///
    /// Searches wait for memory most of the time, so both go side by side, unless somebody listens.
    fn paths<T: Trace<SkipListStep>>(&self, id: u32, score: f64, trace: &mut T) -> (Path, Path) {
        let member = self.member(id);
        if T::HEARS {
            let from = self.path_to(self.score(id), member, trace);
            return (from, self.path_to(score, member, trace));
        }
        let (mut from, mut to) = ([(HEAD, 0); MAX_LEVEL], [(HEAD, 0); MAX_LEVEL]);
        let (mut old, mut new) = (Walk::new(self), Walk::new(self));
        let old_score = self.score(id);
        let is_before_old =
            |next: Candidate| self.is_before(next.score, next.node, old_score, member);
        let is_before_new = |next: Candidate| self.is_before(next.score, next.node, score, member);
        loop {
            let is_old_under_way =
                old.step(is_before_old, |level, at, rank| from[level] = (at, rank), trace);
            let is_new_under_way =
                new.step(is_before_new, |level, at, rank| to[level] = (at, rank), trace);
            if !is_old_under_way && !is_new_under_way {
                return (from, to);
            }
        }
    }

    fn path_while(
        &self,
        is_before: impl FnMut(Candidate) -> bool,
        trace: &mut impl Trace<SkipListStep>,
    ) -> Path {
        let mut path = [(HEAD, 0); MAX_LEVEL];
        self.seek(is_before, |level, at, rank| path[level] = (at, rank), trace);
        path
    }

    /// Puts a node that is in no level into the list after `path`.
    fn link(&mut self, id: u32, path: &Path, rng: &mut Rng, trace: &mut impl Trace<SkipListStep>) {
        let height = draw_height(rng);
        trace.step(SkipListStep::Draw { height });
        // A node being put back counts in `nodes` already, as a new one does.
        let others = self.len() as u32 - 1;
        for level in self.level..height {
            *self.towers.get_mut(HEAD).link_mut(level) = Level { next: HEAD, span: others };
        }
        self.level = self.level.max(height);

        let (before, rank) = path[0];
        let previous = self.nodes.get_mut(before);
        let next = std::mem::replace(&mut previous.next, id);
        if next == HEAD {
            self.tail = id;
        } else {
            self.nodes.get_mut(next).back = id;
        }
        let tower = if height == 1 {
            HEAD
        } else {
            let tower = Tower::new(id, self.score(id), height);
            self.tall += usize::from(tower.is_tall());
            self.towers.insert(tower)
        };
        let node = self.nodes.get_mut(id);
        (node.next, node.back) = (next, before);
        self.rests.get_mut(id).tower = tower;
        trace.step(SkipListStep::Link { node: id, level: 0, before });

        for (level, &(at, at_rank)) in path.iter().enumerate().take(self.level).skip(1) {
            let previous = self.towers.get_mut(at);
            let before = previous.node;
            let link = previous.link_mut(level);
            if level < height {
                let span = rank - at_rank + 1;
                let rest = Level { next: link.next, span: link.span + 1 - span };
                *link = Level { next: tower, span };
                *self.towers.get_mut(tower).link_mut(level) = rest;
                trace.step(SkipListStep::Link { node: id, level, before });
            } else {
                link.span += 1;
                trace.step(SkipListStep::Span { node: before, level, span: link.span });
            }
        }
    }

    /// Frees the slots of a node that is in no level.
    fn forget(&mut self, id: u32) -> Bytes {
        self.nodes.remove(id);
        self.rests.remove(id).member
    }

    /// Takes a node out of all its levels; `path` must lead to it. It keeps its slot.
    fn unlink(&mut self, id: u32, path: &Path, trace: &mut impl Trace<SkipListStep>) {
        let (&Node { next, back, .. }, &Rest { tower, .. }) =
            (self.nodes.get(id), self.rests.get(id));
        debug_assert!(path[0].0 == back, "the path leads to node {id}");
        for (level, &(at, _)) in path.iter().enumerate().take(self.level).skip(1).rev() {
            let after = if tower != HEAD && self.towers.get(at).link(level).next == tower {
                Some(*self.towers.get(tower).link(level))
            } else {
                None
            };
            let previous = self.towers.get_mut(at);
            let before = previous.node;
            let link = previous.link_mut(level);
            if let Some(after) = after {
                *link = Level { next: after.next, span: link.span + after.span - 1 };
                trace.step(SkipListStep::Unlink { node: id, level, before });
            } else {
                link.span -= 1;
                trace.step(SkipListStep::Span { node: before, level, span: link.span });
            }
        }
        self.nodes.get_mut(back).next = next;
        if next == HEAD {
            self.tail = back;
        } else {
            self.nodes.get_mut(next).back = back;
        }
        trace.step(SkipListStep::Unlink { node: id, level: 0, before: back });
        if tower != HEAD {
            self.tall -= usize::from(self.towers.remove(tower).is_tall());
        }
        while self.level > 1 && self.towers.get(HEAD).link(self.level - 1).next == HEAD {
            self.level -= 1;
        }
    }
}

/// Draws a height: each further level with a chance of one in four.
fn draw_height(rng: &mut Rng) -> usize {
    let quarters = rng.next_u64().trailing_zeros() / 2;
    (1 + quarters as usize).min(MAX_LEVEL)
}
