//! A long list as a chain of list packs: how lists are stored once one list pack would be too long.
//!
//! Each node holds as many neighbouring elements as its limit allows (8 KiB by default), so that an
//! element costs a byte or two beyond its own, a push moves at most one node's bytes, and a walk to
//! an index passes whole nodes. A full node is split by an insertion in its middle, and neighbours
//! that fit together afterwards are merged. An element too large for the limit is a node of its
//! own, called plain.
//!
//! Source: Redis's documentation of `list-max-listpack-size` and `list-compress-depth`, and the
//! behaviour of its servers. Different from Redis's: nodes stand in an arena and their contents
//! behind `Rc`, so that a clone shares all elements with its original; the compress depth is kept
//! and shown, but no node is compressed. As in Redis, a half of a split node and an overwritten
//! element may take a node beyond its limit.
//!
//! It knows nothing about keys, commands, or when a list should be one list pack instead.

mod fill;
mod insert;
mod iterate;
mod node;
mod remove;

#[cfg(test)]
mod tests;

use std::rc::Rc;

use crate::arena::Arena;
use crate::list_pack::{ListPack, ListPackStep, ListPackValue, resolve_index};
use crate::trace::Trace;

pub use fill::Fill;
pub use iterate::{QuickListIter, QuickListNodeView};
use node::{Content, InNode, NIL, Node};

/// What happened inside a quick list; node ids are those of [`QuickList::nodes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum QuickListStep {
    /// A node was looked at or passed over whole.
    VisitNode {
        /// Its id.
        node: u32,
        /// The index of its first element, counted from the head.
        index: usize,
    },
    /// Something happened inside the node's list pack.
    Pack {
        /// The node's id.
        node: u32,
        /// What happened.
        step: ListPackStep,
    },
    /// A new node was linked into the chain.
    Link {
        /// Its id.
        node: u32,
        /// The node before it.
        prev: Option<u32>,
        /// The node behind it.
        next: Option<u32>,
    },
    /// A node left the chain.
    Unlink {
        /// Its id.
        node: u32,
    },
    /// The second part of a node's elements had moved to a new node behind it.
    Split {
        /// The node that kept the first part.
        node: u32,
        /// The node with the second part.
        new: u32,
    },
    /// All elements of one node are about to move to the end of the one before it.
    Merge {
        /// The node that goes.
        from: u32,
        /// The node that grows.
        into: u32,
    },
}

/// Which side of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Towards the head.
    Before,
    /// Towards the tail.
    After,
}

/// A long list of values. Cloning shares all elements: it costs a counter per few hundred nodes.
#[derive(Clone)]
pub struct QuickList {
    nodes: Arena<Node>,
    head: u32,
    tail: u32,
    /// The sum of all nodes' counts.
    len: usize,
    fill: Fill,
    compress_depth: u32,
}

/// Where an element stands: its node, and its position in the node's list pack (0 in a plain node).
#[derive(Clone, Copy)]
struct Place {
    node: u32,
    pos: usize,
}

impl QuickList {
    /// An empty list with this limit per node, and this many nodes at each end that Redis would
    /// leave uncompressed (0: all of them).
    pub fn new(fill: Fill, compress_depth: u32) -> QuickList {
        QuickList { nodes: Arena::new(), head: NIL, tail: NIL, len: 0, fill, compress_depth }
    }

    /// A list whose only node is the given list pack, whatever its size; no element is copied.
    pub fn from_list_pack(
        pack: impl Into<Rc<ListPack>>,
        fill: Fill,
        compress_depth: u32,
    ) -> QuickList {
        let mut list = QuickList::new(fill, compress_depth);
        list.push_back_pack(pack, &mut crate::trace::NoTrace);
        list
    }

    /// All elements in one list pack; nothing is copied when there is one node that nobody shares.
    pub fn into_list_pack(mut self) -> ListPack {
        if self.only_pack().is_some()
            && let Content::Packed(pack) = self.nodes.remove(self.head).content
        {
            return Rc::unwrap_or_clone(pack);
        }
        self.iter().collect()
    }

    /// How many elements there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many nodes there are.
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// The limit of each node.
    pub fn fill(&self) -> Fill {
        self.fill
    }

    /// How many nodes at each end Redis would leave uncompressed; 0 means all.
    pub fn compress_depth(&self) -> u32 {
        self.compress_depth
    }

    /// The list pack of the node with this id; none when it is plain or there is no such node.
    pub fn node_pack(&self, id: u32) -> Option<&ListPack> {
        if self.nodes.contains(id) { self.nodes.get(id).content.pack() } else { None }
    }

    /// The only node's list pack, when there is exactly one node and it is not plain.
    pub fn only_pack(&self) -> Option<&ListPack> {
        if self.nodes.len() == 1 { self.node_pack(self.head) } else { None }
    }

    /// The first element, O(1).
    pub fn front(&self) -> Option<ListPackValue<'_>> {
        self.iter().next()
    }

    /// The last element, O(1).
    pub fn back(&self) -> Option<ListPackValue<'_>> {
        self.iter_rev().next()
    }

    /// Adds an element at the head, O(1): one node's bytes move at most.
    pub fn push_front<'a>(
        &mut self,
        value: impl Into<ListPackValue<'a>>,
        trace: &mut impl Trace<QuickListStep>,
    ) {
        let value = value.into();
        if self.has_room(self.head, value.text_len()) {
            self.push_in_node(self.head, false, value, trace);
        } else {
            self.link_after(NIL, self.content_of(value), trace);
        }
    }

    /// Adds an element at the tail, O(1).
    pub fn push_back<'a>(
        &mut self,
        value: impl Into<ListPackValue<'a>>,
        trace: &mut impl Trace<QuickListStep>,
    ) {
        let value = value.into();
        if self.has_room(self.tail, value.text_len()) {
            self.push_in_node(self.tail, true, value, trace);
        } else {
            self.link_after(self.tail, self.content_of(value), trace);
        }
    }

    /// Adds all elements of a list pack at the tail, as a node of its own whatever its size. O(1).
    pub fn push_back_pack(
        &mut self,
        pack: impl Into<Rc<ListPack>>,
        trace: &mut impl Trace<QuickListStep>,
    ) {
        let pack = pack.into();
        if !pack.is_empty() {
            self.link_after(self.tail, Content::Packed(pack), trace);
        }
    }

    /// The element with this index; negative ones count from the tail. O(n), but whole nodes are
    /// passed over.
    pub fn get(
        &self,
        index: i64,
        trace: &mut impl Trace<QuickListStep>,
    ) -> Option<ListPackValue<'_>> {
        let place = self.locate(index, trace)?;
        Some(self.value_at(place))
    }

    /// The elements from head to tail.
    pub fn iter(&self) -> QuickListIter<'_> {
        QuickListIter::whole(self, true)
    }

    /// The elements from tail to head.
    pub fn iter_rev(&self) -> QuickListIter<'_> {
        QuickListIter::whole(self, false)
    }

    /// The elements from the one with this index to the tail; a range is
    /// `iter_from(start).take(count)`.
    pub fn iter_from(
        &self,
        index: i64,
        trace: &mut impl Trace<QuickListStep>,
    ) -> QuickListIter<'_> {
        match self.locate(index, trace) {
            Some(place) => QuickListIter::within(self, true, place),
            None => QuickListIter::nothing(self),
        }
    }

    /// The elements from the one with this index back to the head.
    pub fn iter_rev_from(
        &self,
        index: i64,
        trace: &mut impl Trace<QuickListStep>,
    ) -> QuickListIter<'_> {
        match self.locate(index, trace) {
            Some(place) => QuickListIter::within(self, false, place),
            None => QuickListIter::nothing(self),
        }
    }

    /// Frees up to 256 nodes and returns true while something is left, so that a huge list can be
    /// dropped in small steps. From the first call on the list is good for nothing else.
    pub fn drain_chunk(&mut self) -> bool {
        self.nodes.drain_chunk()
    }

    /// The bytes this list keeps allocated, those shared with clones included. O(nodes).
    pub fn heap_bytes(&self) -> usize {
        let contents: usize =
            self.node_ids().map(|id| self.nodes.get(id).content.heap_bytes()).sum();
        self.nodes.heap_bytes() + contents
    }

    /// Verifies every invariant, O(n).
    ///
    /// # Panics
    ///
    /// When one does not hold; for tests.
    pub fn check(&self) {
        self.nodes.check();
        let (mut prev, mut nodes, mut len) = (NIL, 0, 0);
        for id in self.node_ids() {
            let node = self.nodes.get(id);
            assert_eq!(node.prev, prev, "links go both ways");
            match &node.content {
                Content::Packed(pack) => {
                    pack.check();
                    assert_eq!(pack.len(), node.count as usize, "a node counts its elements");
                }
                Content::Plain(element) => {
                    assert!(self.fill.is_too_large(element.len()), "only large elements are plain");
                    assert_eq!(node.count, 1, "a plain node is one element");
                }
                Content::Vacant => panic!("a vacant slot is in no chain"),
            }
            assert!(node.count > 0, "no node is empty");
            prev = id;
            nodes += 1;
            len += node.count as usize;
        }
        assert_eq!(self.tail, prev, "the chain ends at the tail");
        assert_eq!(nodes, self.nodes.len(), "every node is in the chain");
        assert_eq!(len, self.len, "the length is the sum of the nodes'");
    }

    /// The node of the element with this index, and the element's index in it, walking from the
    /// nearer end.
    fn locate_node(
        &self,
        index: i64,
        trace: &mut impl Trace<QuickListStep>,
    ) -> Option<(u32, usize)> {
        let index = resolve_index(index, self.len)?;
        if index < self.len / 2 {
            let (mut id, mut first) = (self.head, 0);
            loop {
                trace.step(QuickListStep::VisitNode { node: id, index: first });
                let node = self.nodes.get(id);
                let behind = first + node.count as usize;
                if index < behind {
                    return Some((id, index - first));
                }
                (id, first) = (node.next, behind);
            }
        }
        let (mut id, mut behind) = (self.tail, self.len);
        loop {
            let node = self.nodes.get(id);
            let first = behind - node.count as usize;
            trace.step(QuickListStep::VisitNode { node: id, index: first });
            if index >= first {
                return Some((id, index - first));
            }
            (id, behind) = (node.prev, first);
        }
    }

    fn locate(&self, index: i64, trace: &mut impl Trace<QuickListStep>) -> Option<Place> {
        let (node, offset) = self.locate_node(index, trace)?;
        let pos = match self.nodes.get(node).content.pack() {
            Some(pack) => pack.seek(offset as i64, &mut InNode { node, trace })?,
            None => 0,
        };
        Some(Place { node, pos })
    }

    /// The first element equal to `value`.
    fn find(&self, value: &[u8], trace: &mut impl Trace<QuickListStep>) -> Option<Place> {
        let mut first = 0;
        for id in self.node_ids() {
            trace.step(QuickListStep::VisitNode { node: id, index: first });
            let node = self.nodes.get(id);
            first += node.count as usize;
            let pos = match &node.content {
                Content::Packed(pack) => pack.find(value, 0, &mut InNode { node: id, trace }),
                Content::Plain(element) => (**element == *value).then_some(0),
                Content::Vacant => None,
            };
            if let Some(pos) = pos {
                return Some(Place { node: id, pos });
            }
        }
        None
    }

    fn value_at(&self, place: Place) -> ListPackValue<'_> {
        match &self.nodes.get(place.node).content {
            Content::Packed(pack) => pack.get(place.pos),
            Content::Plain(element) => ListPackValue::Str(element),
            Content::Vacant => ListPackValue::Str(&[]),
        }
    }
}

impl Default for QuickList {
    /// An empty list with Redis's default settings.
    fn default() -> QuickList {
        QuickList::new(Fill::default(), 0)
    }
}

impl std::fmt::Debug for QuickList {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_list().entries(self.iter()).finish()
    }
}

impl<'a> IntoIterator for &'a QuickList {
    type Item = ListPackValue<'a>;
    type IntoIter = QuickListIter<'a>;

    fn into_iter(self) -> QuickListIter<'a> {
        self.iter()
    }
}
