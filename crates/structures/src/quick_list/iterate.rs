//! Walking over a quick list: its elements in either direction, and its nodes for pictures.
//!
//! It knows nothing about changing a list.

use std::iter::FusedIterator;

use super::node::{Content, NIL, known};
use super::{Place, QuickList};
use crate::list_pack::{ListPack, ListPackIter, ListPackValue};

/// Elements of a quick list from one of them on, in one direction, lent and not copied.
#[derive(Clone)]
pub struct QuickListIter<'a> {
    list: &'a QuickList,
    forwards: bool,
    /// The node that `rest` belongs to.
    node: u32,
    rest: Rest<'a>,
}

/// What is left of the current node.
#[derive(Clone)]
enum Rest<'a> {
    Packed(ListPackIter<'a>),
    Plain(Option<&'a [u8]>),
}

impl<'a> QuickListIter<'a> {
    /// The elements from the end where the walk begins.
    pub(super) fn whole(list: &'a QuickList, forwards: bool) -> QuickListIter<'a> {
        let node = if forwards { list.head } else { list.tail };
        QuickListIter { list, forwards, node, rest: Rest::of(list, node) }
    }

    /// The elements from the one at `place` on.
    pub(super) fn within(list: &'a QuickList, forwards: bool, place: Place) -> QuickListIter<'a> {
        let Place { node, pos } = place;
        let content = &list.nodes.get(node).content;
        let rest = match content.pack() {
            Some(pack) if forwards => Rest::Packed(pack.iter_from(pos)),
            Some(pack) => Rest::Packed(
                pack.next(pos).map_or_else(|| pack.iter(), |behind| pack.iter_until(behind)),
            ),
            None => Rest::Plain(content.plain()),
        };
        QuickListIter { list, forwards, node, rest }
    }

    /// No elements.
    pub(super) fn nothing(list: &'a QuickList) -> QuickListIter<'a> {
        QuickListIter { list, forwards: true, node: NIL, rest: Rest::Plain(None) }
    }
}

impl<'a> Rest<'a> {
    fn of(list: &'a QuickList, node: u32) -> Rest<'a> {
        if node == NIL {
            return Rest::Plain(None);
        }
        let content = &list.nodes.get(node).content;
        match content.pack() {
            Some(pack) => Rest::Packed(pack.iter()),
            None => Rest::Plain(content.plain()),
        }
    }
}

impl<'a> Iterator for QuickListIter<'a> {
    type Item = ListPackValue<'a>;

    #[inline]
    fn next(&mut self) -> Option<ListPackValue<'a>> {
        loop {
            let found = match &mut self.rest {
                Rest::Packed(iter) if self.forwards => iter.next(),
                Rest::Packed(iter) => iter.next_back(),
                Rest::Plain(element) => element.take().map(ListPackValue::Str),
            };
            if found.is_some() || self.node == NIL {
                return found;
            }
            let node = self.list.nodes.get(self.node);
            self.node = if self.forwards { node.next } else { node.prev };
            self.rest = Rest::of(self.list, self.node);
        }
    }
}

impl FusedIterator for QuickListIter<'_> {}

/// A node as pictures show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuickListNodeView {
    /// Its id, the same as in steps.
    pub id: u32,
    /// The node before it.
    pub prev: Option<u32>,
    /// The node behind it.
    pub next: Option<u32>,
    /// How many elements it holds.
    pub count: usize,
    /// The bytes of its list pack, or of its one large element.
    pub bytes: usize,
    /// Whether it holds one large element and no list pack.
    pub plain: bool,
    /// Whether Redis would keep it compressed with the list's compress depth.
    pub compressed: bool,
}

/// Redis does not compress nodes below this many bytes.
const MIN_COMPRESSED_BYTES: usize = 48;

impl QuickList {
    /// The nodes from head to tail.
    pub fn nodes(&self) -> impl Iterator<Item = QuickListNodeView> {
        let depth = self.compress_depth as usize;
        let last = self.nodes.len().saturating_sub(1);
        self.node_ids().enumerate().map(move |(place, id)| {
            let node = self.nodes.get(id);
            let bytes = node.content.bytes();
            QuickListNodeView {
                id,
                prev: known(node.prev),
                next: known(node.next),
                count: node.count as usize,
                bytes,
                plain: node.content.plain().is_some(),
                compressed: depth > 0
                    && place >= depth
                    && last - place >= depth
                    && bytes >= MIN_COMPRESSED_BYTES,
            }
        })
    }

    /// The elements of the node with this id; none if there is no such node.
    pub fn node_values(&self, id: u32) -> impl Iterator<Item = ListPackValue<'_>> {
        let content = self.nodes.contains(id).then(|| &self.nodes.get(id).content);
        let packed = content.and_then(Content::pack).into_iter().flat_map(ListPack::iter);
        packed.chain(content.and_then(Content::plain).map(ListPackValue::Str))
    }

    pub(super) fn node_ids(&self) -> impl Iterator<Item = u32> {
        std::iter::successors(known(self.head), |id| known(self.nodes.get(*id).next))
    }
}
