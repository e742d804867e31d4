//! The nodes of a quick list: linking, unlinking, splitting and merging them.
//!
//! It knows nothing about indexes or which element a command wants.

use std::rc::Rc;

use super::{QuickList, QuickListStep};
use crate::list_pack::{IntText, ListPack, ListPackStep, ListPackValue};
use crate::trace::Trace;

/// Stands for "no node"; an arena never gives this id.
pub(super) const NIL: u32 = u32::MAX;

/// One link of the chain.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) prev: u32,
    pub(super) next: u32,
    /// How many elements the content holds, so that a walk to an index reads no content.
    pub(super) count: u32,
    pub(super) content: Content,
}

impl Default for Node {
    fn default() -> Node {
        Node { prev: NIL, next: NIL, count: 0, content: Content::Vacant }
    }
}

/// What a node holds; behind `Rc`, so that a cloned list shares it until one of them changes it.
#[derive(Clone, Debug)]
pub(super) enum Content {
    /// Nothing: a vacant slot of the arena.
    Vacant,
    /// At least one element.
    Packed(Rc<ListPack>),
    /// One element too large for a list pack.
    Plain(Rc<[u8]>),
}

impl Content {
    pub(super) fn plain_of(value: ListPackValue<'_>) -> Content {
        Content::Plain(Rc::from(value.text(&mut IntText::default())))
    }

    pub(super) fn pack(&self) -> Option<&ListPack> {
        match self {
            Content::Packed(pack) => Some(pack),
            Content::Plain(_) | Content::Vacant => None,
        }
    }

    pub(super) fn plain(&self) -> Option<&[u8]> {
        match self {
            Content::Plain(element) => Some(element),
            Content::Packed(_) | Content::Vacant => None,
        }
    }

    pub(super) fn bytes(&self) -> usize {
        match self {
            Content::Packed(pack) => pack.total_bytes(),
            Content::Plain(element) => element.len(),
            Content::Vacant => 0,
        }
    }

    /// What this node alone keeps allocated.
    pub(super) fn heap_bytes(&self) -> usize {
        let counters = 2 * size_of::<usize>();
        match self {
            Content::Packed(pack) => counters + size_of::<ListPack>() + pack.heap_bytes(),
            Content::Plain(element) => counters + element.len(),
            Content::Vacant => 0,
        }
    }
}

/// Passes the steps of a node's list pack on as steps of the list.
pub(super) struct InNode<'t, T> {
    pub(super) node: u32,
    pub(super) trace: &'t mut T,
}

impl<T: Trace<QuickListStep>> Trace<ListPackStep> for InNode<'_, T> {
    #[inline]
    fn step(&mut self, step: ListPackStep) {
        self.trace.step(QuickListStep::Pack { node: self.node, step });
    }
}

impl QuickList {
    /// Content for a node's first element: a list pack, or the element alone when it is too large
    /// for one.
    pub(super) fn content_of(&self, value: ListPackValue<'_>) -> Content {
        if self.fill.is_too_large(value.text_len()) {
            return Content::plain_of(value);
        }
        Content::Packed(Rc::new([value].into_iter().collect()))
    }

    /// Whether the node may take one more element of so many bytes; "no" for no node.
    pub(super) fn has_room(&self, id: u32, value_bytes: usize) -> bool {
        if id == NIL {
            return false;
        }
        let node = self.nodes.get(id);
        node.content.pack().is_some_and(|pack| {
            self.fill.has_room(pack.total_bytes(), node.count as usize, value_bytes)
        })
    }

    /// Changes a node's list pack, copying it first when a clone shares it, and brings the counts
    /// up to date.
    #[inline]
    pub(super) fn edit_pack(&mut self, id: u32, edit: impl FnOnce(&mut ListPack)) {
        let node = self.nodes.get_mut(id);
        if let Content::Packed(pack) = &mut node.content {
            let pack = Rc::make_mut(pack);
            edit(pack);
            let count = pack.len();
            self.len = self.len - node.count as usize + count;
            node.count = count as u32;
        }
    }

    /// Adds an element at the tail (`back`) or the head of a node's list pack.
    pub(super) fn push_in_node(
        &mut self,
        id: u32,
        back: bool,
        value: ListPackValue<'_>,
        trace: &mut impl Trace<QuickListStep>,
    ) {
        let trace = &mut InNode { node: id, trace };
        self.edit_pack(id, |pack| {
            if back { pack.push_back(value, trace) } else { pack.push_front(value, trace) }
        });
    }

    /// Makes a node and links it behind `prev`; behind no node means at the head.
    pub(super) fn link_after(
        &mut self,
        prev: u32,
        content: Content,
        trace: &mut impl Trace<QuickListStep>,
    ) -> u32 {
        let next = if prev == NIL { self.head } else { self.nodes.get(prev).next };
        let count = content.pack().map_or(1, ListPack::len);
        self.len += count;
        let id = self.nodes.insert(Node { prev, next, count: count as u32, content });
        self.join(prev, id);
        self.join(id, next);
        trace.step(QuickListStep::Link { node: id, prev: known(prev), next: known(next) });
        id
    }

    /// Takes a node with all its elements out of the chain.
    pub(super) fn unlink(&mut self, id: u32, trace: &mut impl Trace<QuickListStep>) {
        let node = self.nodes.remove(id);
        self.len -= node.count as usize;
        self.join(node.prev, node.next);
        trace.step(QuickListStep::Unlink { node: id });
    }

    pub(super) fn unlink_if_empty(&mut self, id: u32, trace: &mut impl Trace<QuickListStep>) {
        if self.nodes.get(id).count == 0 {
            self.unlink(id, trace);
        }
    }

    fn join(&mut self, left: u32, right: u32) {
        match left {
            NIL => self.head = right,
            left => self.nodes.get_mut(left).next = right,
        }
        match right {
            NIL => self.tail = left,
            right => self.nodes.get_mut(right).prev = left,
        }
    }

    /// Moves the entries from position `pos` on into a new node behind this one.
    pub(super) fn split(&mut self, id: u32, pos: usize, trace: &mut impl Trace<QuickListStep>) {
        let mut tail = ListPack::new();
        let in_node = &mut InNode { node: id, trace };
        self.edit_pack(id, |pack| tail = pack.split_off(pos, in_node));
        let new = self.link_after(id, Content::Packed(Rc::new(tail)), trace);
        trace.step(QuickListStep::Split { node: id, new });
    }

    /// Merges around `center` what fits into one node, in Redis's order: its two neighbours on the
    /// left with each other, those on the right, then `center` with what stands left of it, and the
    /// outcome with what stands right of it.
    pub(super) fn merge_around(&mut self, center: u32, trace: &mut impl Trace<QuickListStep>) {
        let Node { prev, next, .. } = *self.nodes.get(center);
        if prev != NIL {
            self.merge(self.nodes.get(prev).prev, prev, trace);
        }
        if next != NIL {
            self.merge(next, self.nodes.get(next).next, trace);
        }
        let left = self.nodes.get(center).prev;
        let merged = if self.merge(left, center, trace) { left } else { center };
        self.merge(merged, self.nodes.get(merged).next, trace);
    }

    /// Moves all entries of `right` into its neighbour `left` if the limits allow it.
    fn merge(&mut self, left: u32, right: u32, trace: &mut impl Trace<QuickListStep>) -> bool {
        if left == NIL || right == NIL {
            return false;
        }
        let (into, from) = (self.nodes.get(left), self.nodes.get(right));
        let (Content::Packed(pack), Content::Packed(other)) = (&into.content, &from.content) else {
            return false;
        };
        // One header and one end mark go.
        let bytes = pack.total_bytes() + other.total_bytes() - ListPack::EMPTY_BYTES;
        if self.fill.is_exceeded_by(bytes, (into.count + from.count) as usize) {
            return false;
        }
        let other = Rc::clone(other);
        trace.step(QuickListStep::Merge { from: right, into: left });
        self.edit_pack(left, |pack| pack.append_pack(&other, &mut InNode { node: left, trace }));
        self.unlink(right, trace);
        true
    }
}

/// The id as views and steps show it.
pub(super) fn known(id: u32) -> Option<u32> {
    (id != NIL).then_some(id)
}
