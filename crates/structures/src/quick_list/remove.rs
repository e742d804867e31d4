//! Taking elements out of a quick list: at its ends, by index, by range and by value.
//!
//! A node that loses its last element leaves the chain; nodes that merely shrink are not merged, as
//! in Redis.
//!
//! It knows nothing about adding elements.

use super::node::{Content, InNode, NIL};
use super::{Place, QuickList, QuickListStep};
use crate::list_pack::{ListPack, resolve_index};
use crate::trace::Trace;

impl QuickList {
    /// Takes the first element out, O(1): one node's bytes move at most.
    pub fn pop_front(&mut self, trace: &mut impl Trace<QuickListStep>) -> Option<Vec<u8>> {
        let value = self.front()?.to_vec();
        self.remove_front(trace);
        Some(value)
    }

    /// Takes the last element out, O(1).
    pub fn pop_back(&mut self, trace: &mut impl Trace<QuickListStep>) -> Option<Vec<u8>> {
        let value = self.back()?.to_vec();
        self.remove_back(trace);
        Some(value)
    }

    /// Drops the first element and answers whether there was one; with [`QuickList::front`], a pop
    /// without a copy.
    pub fn remove_front(&mut self, trace: &mut impl Trace<QuickListStep>) -> bool {
        self.remove_end(self.head, ListPack::first, trace)
    }

    /// Drops the last element and answers whether there was one; with [`QuickList::back`], a pop
    /// without a copy.
    pub fn remove_back(&mut self, trace: &mut impl Trace<QuickListStep>) -> bool {
        self.remove_end(self.tail, ListPack::last, trace)
    }

    /// Drops up to `count` elements from the one with index `start` on and answers how many there
    /// were. Nodes that go whole are not read.
    pub fn remove_range(
        &mut self,
        start: i64,
        count: usize,
        trace: &mut impl Trace<QuickListStep>,
    ) -> usize {
        let Some(index) = resolve_index(start, self.len) else { return 0 };
        let removed = count.min(self.len - index);
        let Some((mut id, mut offset)) = self.locate_node(start, trace) else { return 0 };
        let mut left = removed;
        while left > 0 {
            let node = self.nodes.get(id);
            let (next, here) = (node.next, left.min(node.count as usize - offset));
            if here == node.count as usize {
                self.unlink(id, trace);
            } else {
                let trace = &mut InNode { node: id, trace };
                self.edit_pack(id, |pack| {
                    if let Some(pos) = pack.seek(offset as i64, trace) {
                        pack.remove_range(pos, here, trace);
                    }
                });
            }
            left -= here;
            (id, offset) = (next, 0);
        }
        removed
    }

    /// Drops elements equal to `value` and answers how many: the first `count` of them from the
    /// head, for a negative `count` from the tail, for 0 all. O(n); nodes without any stay shared
    /// with clones.
    pub fn remove_equal(
        &mut self,
        value: &[u8],
        count: i64,
        trace: &mut impl Trace<QuickListStep>,
    ) -> usize {
        let most = match usize::try_from(count.unsigned_abs()) {
            Ok(0) | Err(_) => usize::MAX,
            Ok(most) => most,
        };
        let before = self.len;
        let forwards = count >= 0;
        let mut id = if forwards { self.head } else { self.tail };
        let mut index = if forwards { 0 } else { self.len };
        while id != NIL && before - self.len < most {
            let node = self.nodes.get(id);
            let next = if forwards { node.next } else { node.prev };
            let held = node.count as usize;
            let first = if forwards { index } else { index - held };
            trace.step(QuickListStep::VisitNode { node: id, index: first });
            index = if forwards { index + held } else { first };
            let left = most - (before - self.len);
            self.remove_equal_in_node(id, value, left, forwards, trace);
            id = next;
        }
        before - self.len
    }

    fn remove_equal_in_node(
        &mut self,
        id: u32,
        value: &[u8],
        most: usize,
        forwards: bool,
        trace: &mut impl Trace<QuickListStep>,
    ) {
        let pack = match &self.nodes.get(id).content {
            Content::Packed(pack) => pack,
            Content::Plain(element) if **element == *value => return self.unlink(id, trace),
            Content::Plain(_) | Content::Vacant => return,
        };
        // Looking first leaves a pack without such an element untouched and uncopied.
        let mut found = pack.find(value, 0, &mut InNode { node: id, trace });
        if found.is_none() {
            return;
        }
        let in_node = &mut InNode { node: id, trace };
        self.edit_pack(id, |pack| {
            if forwards {
                let mut left = most;
                while let Some(pos) = found.filter(|_| left > 0) {
                    left -= 1;
                    found = pack
                        .remove(pos, in_node)
                        .and_then(|behind| pack.find_from(behind, value, 0, in_node));
                }
                return;
            }
            let mut left = most;
            let mut at = pack.last();
            while let Some(pos) = at.filter(|_| left > 0) {
                // A removal leaves everything before it in place.
                at = pack.prev(pos);
                if pack.get(pos).eq_bytes(value) {
                    pack.remove(pos, in_node);
                    left -= 1;
                }
            }
        });
        self.unlink_if_empty(id, trace);
    }

    /// Takes out the element at a place.
    pub(super) fn remove_at(&mut self, place: Place, trace: &mut impl Trace<QuickListStep>) {
        let Place { node: id, pos } = place;
        if self.nodes.get(id).count == 1 {
            return self.unlink(id, trace);
        }
        let trace = &mut InNode { node: id, trace };
        self.edit_pack(id, |pack| {
            pack.remove(pos, trace);
        });
    }

    fn remove_end(
        &mut self,
        id: u32,
        end: impl Fn(&ListPack) -> Option<usize>,
        trace: &mut impl Trace<QuickListStep>,
    ) -> bool {
        if id == NIL {
            return false;
        }
        let pos = self.nodes.get(id).content.pack().and_then(end).unwrap_or(0);
        self.remove_at(Place { node: id, pos }, trace);
        true
    }
}
