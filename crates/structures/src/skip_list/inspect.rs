//! Looking at a skip list: its levels for pictures, its memory, its invariants.

use super::node::{TALL_BYTES, Tower};
use super::{HEAD, SkipList};
use std::collections::BTreeMap;

impl SkipList {
    /// How many levels a node has.
    pub fn height(&self, id: u32) -> usize {
        self.tower_of(id).map_or(1, Tower::height)
    }

    /// The links of a node from level 0 up, each the next node (none at the end) and the span; the
    /// span of a last link counts the members that follow.
    pub fn levels(&self, id: u32) -> impl Iterator<Item = (Option<u32>, u32)> {
        let next = self.next(id);
        let lowest = (next, u32::from(next.is_some()));
        let tower = self.tower_of(id);
        let height = if id == HEAD { self.level } else { self.height(id) };
        let upper = tower.into_iter().flat_map(move |tower| {
            (1..height).map(|level| {
                let link = tower.link(level);
                ((link.next != HEAD).then(|| self.towers.get(link.next).node), link.span)
            })
        });
        std::iter::once(lowest).chain(upper)
    }

    /// The links of the header, as [`SkipList::levels`] gives them for a node.
    pub fn head_levels(&self) -> impl Iterator<Item = (Option<u32>, u32)> {
        self.levels(HEAD)
    }

    /// The bytes this list has allocated, not counting what long members own.
    pub fn heap_bytes(&self) -> usize {
        self.nodes.heap_bytes()
            + self.rests.heap_bytes()
            + self.towers.heap_bytes()
            + self.tall * TALL_BYTES
    }

    /// Verifies every invariant.
    ///
    /// # Panics
    ///
    /// When one does not hold; for tests.
    pub fn check(&self) {
        self.nodes.check();
        self.rests.check();
        self.towers.check();
        // Every node's rank, found by walking level 0; the header's is 0.
        let mut rank_of = BTreeMap::from([(HEAD, 0)]);
        let (mut before, mut towers, mut tall) = (HEAD, 1, 1);
        for (at, id) in self.iter().enumerate() {
            let node = self.nodes.get(id);
            assert!(rank_of.insert(id, at as u32 + 1).is_none(), "level 0 is no ring");
            assert_eq!(node.back, before, "node {id} links back");
            assert!(!node.score.is_nan(), "node {id} has a score");
            if before != HEAD {
                let previous = self.nodes.get(before);
                let ascends = self.is_before(previous.score, before, node.score, self.member(id));
                assert!(ascends, "node {id} follows in order");
            }
            if let Some(tower) = self.tower_of(id) {
                assert_eq!((tower.node, tower.score), (id, node.score), "the tower of node {id}");
                assert!((2..=self.level).contains(&tower.height()), "height of node {id}");
                towers += 1;
                tall += usize::from(tower.is_tall());
            }
            before = id;
        }
        assert_eq!(before, self.tail, "the tail is last");
        assert_eq!(rank_of.len(), self.nodes.len(), "every node is in level 0");
        assert_eq!((towers, tall), (self.towers.len(), self.tall), "no other towers");
        for level in 1..self.level {
            let mut at = HEAD;
            let members = self.iter().filter(|&id| self.height(id) > level);
            for id in members.map(Some).chain([None]) {
                let (next, span) = self.levels(at).nth(level).expect("reaches this level");
                assert_eq!(next, id, "level {level} after node {at}");
                let to = id.map_or(self.len() as u32, |id| rank_of[&id]);
                assert_eq!(span, to - rank_of[&at], "span of level {level} after node {at}");
                at = id.unwrap_or(HEAD);
            }
        }
        assert!(
            self.level == 1 || self.head_levels().all(|(next, _)| next.is_some()),
            "no level is empty"
        );
    }

    fn tower_of(&self, id: u32) -> Option<&Tower> {
        let tower = self.rests.get(id).tower;
        (tower != HEAD || id == HEAD).then(|| self.towers.get(tower))
    }
}
