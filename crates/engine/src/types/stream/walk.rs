//! Walking over the living entries of a stream, upwards or downwards, between two ids.

use std::rc::Rc;

use redarium_structures::list_pack::ListPack;
use redarium_structures::radix_tree::{RadixLeaf, RadixWalk};

use super::node::{self, Fields, Head};
use super::{Log, StreamId};

/// One entry.
#[derive(Debug, Clone)]
pub struct Entry<'s> {
    /// Its id.
    pub id: StreamId,
    /// Its fields with their values.
    pub fields: Fields<'s>,
}

/// Living entries in order, or in reverse.
#[derive(Debug, Clone)]
pub struct Entries<'s> {
    nodes: RadixWalk<'s, Rc<ListPack>>,
    first: StreamId,
    last: StreamId,
    reverse: bool,
    node: Option<InNode<'s>>,
    /// Whether the end of the range has been passed.
    is_over: bool,
}

/// The node that a walk is in.
#[derive(Debug, Clone, Copy)]
struct InNode<'s> {
    pack: &'s ListPack,
    master: StreamId,
    head: Head,
    /// Where the next entry begins; `None` at the end.
    next: Option<usize>,
}

impl Log {
    /// The living entries from `first` to `last`, both included, or from `last` down to `first`.
    pub fn entries(&self, first: StreamId, last: StreamId, reverse: bool) -> Entries<'_> {
        let nodes = if reverse {
            self.tree.walk_from(&last.key(), true)
        } else {
            // The first entry may stand in a node that begins before it.
            let from = self.tree.floor(&first.key()).map_or(first.key(), |leaf| leaf.key);
            self.tree.walk_from(&from, false)
        };
        Entries { nodes, first, last, reverse, node: None, is_over: false }
    }

    /// One entry, if it lives.
    pub fn entry(&self, id: StreamId) -> Option<Entry<'_>> {
        self.entries(id, id, false).next()
    }

    /// The first entry that lives, or the last.
    pub fn edge(&self, last: bool) -> Option<Entry<'_>> {
        self.entries(StreamId::MIN, StreamId::MAX, last).next()
    }
}

impl<'s> Entries<'s> {
    /// Stands before the first entry of a node, or behind its last.
    fn enter(&self, leaf: RadixLeaf<'s, Rc<ListPack>>) -> InNode<'s> {
        let (pack, head) = (&**leaf.value, node::head(leaf.value));
        let next = if self.reverse { node::prev(pack, &head, None) } else { head.first_entry };
        InNode { pack, master: StreamId::from_key(&leaf.key), head, next }
    }
}

impl<'s> Iterator for Entries<'s> {
    type Item = Entry<'s>;

    #[inline]
    fn next(&mut self) -> Option<Entry<'s>> {
        while !self.is_over {
            if self.node.is_none() {
                self.node = self.nodes.next().map(|leaf| self.enter(leaf));
            }
            let Some(node) = &mut self.node else { return None };
            let InNode { pack, master, head, next } = node;
            let place = next.and_then(|pos| node::read(pack, head, *master, pos));
            let Some(place) = place else {
                self.node = None;
                continue;
            };
            *next = if self.reverse {
                node::prev(pack, head, Some(place.pos))
            } else {
                node::next(pack, &place)
            };
            self.is_over = if self.reverse { place.id < self.first } else { place.id > self.last };
            let is_within = place.id >= self.first && place.id <= self.last;
            if is_within && !place.is_deleted() {
                return Some(Entry { id: place.id, fields: node::fields(pack, head, &place) });
            }
        }
        None
    }
}
