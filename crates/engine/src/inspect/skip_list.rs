//! How a sorted set lies in memory: its skip list, or its listpack.

use redarium_structures::list_pack::ListPack;
use redarium_structures::skip_list::SkipList;

use super::Inspector;
use crate::types::sorted_set::SortedSet;
use crate::value::Value;

/// Nodes of one view at most: more than a picture can show.
pub const NODES_MAX: usize = 512;

/// A window into a sorted set.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SkipListView {
    /// The key.
    #[cfg_attr(feature = "serde", serde(with = "super::text"))]
    pub key: Vec<u8>,
    /// `skiplist`, or `listpack`, which has members in order but no levels.
    pub encoding: String,
    /// Members in all.
    pub len: u64,
    /// Levels in use; 0 in a listpack.
    pub level: usize,
    /// The header's links from level 0 up.
    pub head_levels: Vec<SkipListLinkView>,
    /// Members in order, from the rank that was asked for.
    pub nodes: Vec<SkipListNodeView>,
}

/// A member and where it stands.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SkipListNodeView {
    /// The node, as in `SkipListStep`; in a listpack the member's offset, as in `ListPackStep`.
    pub id: u32,
    /// The member.
    #[cfg_attr(feature = "serde", serde(with = "super::text"))]
    pub member: Vec<u8>,
    /// Its score.
    pub score: f64,
    /// How many members stand before it.
    pub rank: u64,
    /// Its links from level 0 up.
    pub levels: Vec<SkipListLinkView>,
    /// The node before it; `None` for the first.
    pub back: Option<u32>,
}

/// A link to a node further on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SkipListLinkView {
    /// The next node of this level; `None` at the end.
    pub to: Option<u32>,
    /// How many members further on it stands; at the end, how many members follow.
    pub span: u32,
}

impl Inspector<'_> {
    /// Up to `count` members (and no more than [`NODES_MAX`]) of the sorted set at `key` from a rank on; `None` if there
    /// is none. O(log N + count).
    pub fn skip_list(
        &self,
        db: usize,
        key: &[u8],
        from_rank: usize,
        count: usize,
    ) -> Option<SkipListView> {
        let Value::ZSet(set) = &self.entry(db, key)?.value else { return None };
        let count = count.min(NODES_MAX);
        let mut view = SkipListView {
            key: key.to_vec(),
            encoding: set.encoding().to_owned(),
            len: set.len() as u64,
            level: 0,
            head_levels: Vec::new(),
            nodes: Vec::new(),
        };
        match &**set {
            SortedSet::ListPack(pack) => view.nodes = pack_nodes(pack, from_rank, count),
            SortedSet::SkipList(indexed) => {
                let list = indexed.list();
                view.level = list.level();
                view.head_levels = list.head_levels().map(link).collect();
                view.nodes = list_nodes(list, from_rank, count);
            }
        }
        Some(view)
    }
}

fn link((to, span): (Option<u32>, u32)) -> SkipListLinkView {
    SkipListLinkView { to, span }
}

fn list_nodes(list: &SkipList, from_rank: usize, count: usize) -> Vec<SkipListNodeView> {
    use redarium_structures::trace::NoTrace;

    let first = u32::try_from(from_rank).ok().and_then(|rank| list.by_rank(rank, &mut NoTrace));
    std::iter::successors(first, |&id| list.next(id))
        .take(count)
        .enumerate()
        .map(|(at, id)| SkipListNodeView {
            id,
            member: list.member(id).to_vec(),
            score: list.score(id),
            rank: (from_rank + at) as u64,
            levels: list.levels(id).map(link).collect(),
            back: list.prev(id),
        })
        .collect()
}

fn pack_nodes(pack: &ListPack, from_rank: usize, count: usize) -> Vec<SkipListNodeView> {
    let mut back = None;
    let mut nodes = Vec::new();
    for (rank, (offset, member, score)) in crate::types::sorted_set::pack_pairs(pack).enumerate() {
        if nodes.len() == count {
            break;
        }
        let id = offset as u32;
        if rank >= from_rank {
            nodes.push(SkipListNodeView {
                id,
                member: member.to_vec(),
                score,
                rank: rank as u64,
                levels: Vec::new(),
                back,
            });
        }
        back = Some(id);
    }
    nodes
}

#[cfg(test)]
mod tests {
    use crate::inspect::tests::run;
    use crate::inspect::{SkipListLinkView, SkipListView};
    use crate::trace::Step;
    use crate::{Engine, Options};
    use redarium_structures::skip_list::SkipListStep;

    fn view(node: &Engine, from_rank: usize, count: usize) -> SkipListView {
        node.inspect().skip_list(0, b"z", from_rank, count).unwrap()
    }

    #[test]
    fn a_listpack_has_members_but_no_levels() {
        let mut node = Engine::new(Options::default());
        run(&mut node, "ZADD z 2 b 1 a 1.5 10\r\n");
        let all = view(&node, 0, 10);
        assert_eq!((all.encoding.as_str(), all.len, all.level), ("listpack", 3, 0), "small");
        let members: Vec<_> = all.nodes.iter().map(|node| node.member.as_slice()).collect();
        assert_eq!(members, [b"a".as_slice(), b"10", b"b"], "in order");
        assert_eq!(all.nodes[2].back, Some(all.nodes[1].id), "ids are offsets");
        assert_eq!(view(&node, 1, 1).nodes, all.nodes[1..2], "a window");
        assert_eq!(node.inspect().skip_list(0, b"y", 0, 9), None, "no such key");
    }

    #[test]
    fn a_skip_list_shows_the_nodes_that_steps_name() {
        let mut node = Engine::new(Options::default());
        node.record_steps(10_000);
        for n in 0..300 {
            run(&mut node, &format!("ZADD z {n} m{n}\r\n"));
        }
        let all = view(&node, 0, 1_000);
        assert_eq!((all.encoding.as_str(), all.len), ("skiplist", 300), "grown");
        assert_eq!(all.head_levels.len(), all.level, "a link for each level");
        assert_eq!(all.nodes[7].rank, 7, "ranks");
        assert_eq!(all.nodes[0].levels[0], SkipListLinkView { to: Some(all.nodes[1].id), span: 1 });
        assert_eq!(view(&node, 298, 9).nodes, all.nodes[298..], "the last ones");
        assert_eq!(view(&node, 300, 9).nodes, [], "beyond the end");

        node.take_steps();
        run(&mut node, "ZRANK z m123\r\n");
        let steps = node.take_steps().unwrap();
        let reached = steps.steps().iter().rev().find_map(|step| match step {
            Step::SkipList(SkipListStep::Right { to, rank, .. }) => Some((*to, *rank)),
            _ => None,
        });
        let (to, rank) = reached.unwrap();
        assert_eq!(all.nodes[rank as usize - 1].id, to, "the picture finds the step's node");
    }
}
