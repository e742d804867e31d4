//! Putting elements into the middle of a quick list, and over others.
//!
//! A full node is split there, and neighbours that fit together afterwards are merged.
//!
//! It knows nothing about taking elements out.

use super::node::{Content, InNode, Node};
use super::{Place, QuickList, QuickListStep, Side};
use crate::list_pack::{ListPack, ListPackValue};
use crate::trace::Trace;

impl QuickList {
    /// Overwrites the element with this index and answers whether there is one.
    pub fn set<'a>(
        &mut self,
        index: i64,
        value: impl Into<ListPackValue<'a>>,
        trace: &mut impl Trace<QuickListStep>,
    ) -> bool {
        let Some(place) = self.locate(index, trace) else { return false };
        self.overwrite(place, value.into(), trace);
        true
    }

    /// Inserts an element beside the one with this index and answers whether there is one.
    pub fn insert<'a>(
        &mut self,
        index: i64,
        side: Side,
        value: impl Into<ListPackValue<'a>>,
        trace: &mut impl Trace<QuickListStep>,
    ) -> bool {
        let Some(place) = self.locate(index, trace) else { return false };
        self.insert_beside(place, side, value.into(), trace);
        true
    }

    /// Inserts an element beside the first one equal to `pivot` and answers whether there is one.
    /// O(n).
    pub fn insert_at_pivot<'a>(
        &mut self,
        pivot: &[u8],
        side: Side,
        value: impl Into<ListPackValue<'a>>,
        trace: &mut impl Trace<QuickListStep>,
    ) -> bool {
        let Some(place) = self.find(pivot, trace) else { return false };
        self.insert_beside(place, side, value.into(), trace);
        true
    }

    fn insert_beside(
        &mut self,
        place: Place,
        side: Side,
        value: ListPackValue<'_>,
        trace: &mut impl Trace<QuickListStep>,
    ) {
        let Place { node: id, pos } = place;
        let bytes = value.text_len();
        if self.has_room(id, bytes) {
            let trace = &mut InNode { node: id, trace };
            self.edit_pack(id, |pack| match side {
                Side::Before => pack.insert_before(pos, value, trace),
                Side::After => {
                    pack.insert_after(pos, value, trace);
                }
            });
            return;
        }
        let Node { prev, next, ref content, .. } = *self.nodes.get(id);
        // Where a full list pack would have to be split; at its edges it need not be.
        let split_at = content.pack().and_then(|pack| match side {
            Side::Before => (pack.first() != Some(pos)).then_some(pos),
            Side::After => pack.next(pos),
        });
        if let Some(split_at) = split_at {
            self.split(id, split_at, trace);
            if self.fill.is_too_large(bytes) {
                self.link_after(id, self.content_of(value), trace);
                return;
            }
            let right = self.nodes.get(id).next;
            let (target, back) = match side {
                Side::Before => (id, true),
                Side::After => (right, false),
            };
            self.push_in_node(target, back, value, trace);
            self.merge_around(if side == Side::After { id } else { right }, trace);
            return;
        }
        let (neighbour, back, before) = match side {
            Side::Before => (prev, true, prev),
            Side::After => (next, false, id),
        };
        if self.has_room(neighbour, bytes) {
            self.push_in_node(neighbour, back, value, trace);
        } else {
            self.link_after(before, self.content_of(value), trace);
        }
    }

    fn overwrite(
        &mut self,
        place: Place,
        value: ListPackValue<'_>,
        trace: &mut impl Trace<QuickListStep>,
    ) {
        let Place { node: id, pos } = place;
        let too_large = self.fill.is_too_large(value.text_len());
        let node = self.nodes.get_mut(id);
        if let Content::Packed(pack) = &node.content {
            if !too_large && pack.has_room_for(ListPack::entry_bytes(value)) {
                let trace = &mut InNode { node: id, trace };
                self.edit_pack(id, |pack| pack.replace(pos, value, trace));
                return;
            }
        } else if too_large {
            node.content = Content::plain_of(value);
            return;
        }
        let split_at = node.content.pack().and_then(|pack| pack.next(pos));
        if let Some(split_at) = split_at {
            self.split(id, split_at, trace);
        }
        let new = self.link_after(id, self.content_of(value), trace);
        self.remove_at(place, trace);
        self.merge_around(new, trace);
    }
}
