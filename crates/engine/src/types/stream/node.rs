//! How entries lie in a node: one listpack for up to a hundred of them, whose repeated fields are stored once.
//!
//! The listpack begins with a *master entry*: how many entries live, how many are marked as deleted, the number of
//! fields and the fields of the node's first entry, and a 0. Each entry follows as flags, its id as a difference to
//! the node's id, its values (and its fields, unless they are those of the master entry), and how many elements that
//! were, so that the node can be read from its end. Bytes equal those of a Redis dump.

use redarium_structures::list_pack::{ListPack, ListPackStep, ListPackValue};
use redarium_structures::trace::{NoTrace, Trace};

use super::StreamId;
use crate::trace::Steps;

/// The entry is deleted; it stays until its whole node goes.
const DELETED: i64 = 1;
/// The entry has the fields of the master entry.
const SAME_FIELDS: i64 = 2;

/// A step in the listpack of one node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct StreamNodeStep {
    /// The node's leaf, as in `RadixTreeStep`.
    pub node: u32,
    /// What happened.
    pub step: ListPackStep,
}

/// Passes the steps of a node's listpack on as steps of the stream.
struct InNode<'s, 'a> {
    node: u32,
    steps: &'s mut Steps<'a>,
}

impl Trace<ListPackStep> for InNode<'_, '_> {
    #[inline]
    fn step(&mut self, step: ListPackStep) {
        self.steps.step(StreamNodeStep { node: self.node, step });
    }
}

/// The master entry of a node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    /// Entries that live.
    pub(super) live: u64,
    /// Entries that are marked as deleted.
    pub(super) deleted: u64,
    fields: usize,
    first_field: usize,
    /// Where the first entry begins, if there is one.
    pub(super) first_entry: Option<usize>,
}

/// An entry in its node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// Its id.
    pub(super) id: StreamId,
    /// Where its flags stand.
    pub(super) pos: usize,
    flags: i64,
    fields: usize,
    /// Where its first field or value stands.
    body: usize,
}

impl Place {
    pub(super) fn is_deleted(&self) -> bool {
        self.flags & DELETED != 0
    }

    fn has_same_fields(&self) -> bool {
        self.flags & SAME_FIELDS != 0
    }
}

/// The fields of an entry with their values, in the order in which they were added.
#[derive(Debug, Clone)]
pub struct Fields<'p> {
    pack: &'p ListPack,
    /// Where the next field stands, if they stand in the master entry.
    field: Option<usize>,
    /// Where the next value stands, or the next field if fields and values alternate.
    value: usize,
    left: usize,
}

impl<'p> Iterator for Fields<'p> {
    type Item = (ListPackValue<'p>, ListPackValue<'p>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let at = if let Some(field) = &mut self.field {
            let at = *field;
            *field = self.pack.next(at)?;
            at
        } else {
            let at = self.value;
            self.value = self.pack.next(at)?;
            at
        };
        let value = self.pack.get(self.value);
        self.value = self.pack.next(self.value)?;
        Some((self.pack.get(at), value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Fields<'_> {}

/// An integer of the node's own, which is never anything else.
fn int(pack: &ListPack, pos: usize) -> i64 {
    pack.get(pos).as_int().unwrap_or(0)
}

/// The position `count` elements further on.
fn skip(pack: &ListPack, pos: usize, count: usize) -> Option<usize> {
    let mut pos = pos;
    for _ in 0..count {
        pos = pack.next(pos)?;
    }
    Some(pos)
}

/// Reads the master entry.
pub(super) fn head(pack: &ListPack) -> Head {
    let read = || {
        let live = pack.first()?;
        let deleted = pack.next(live)?;
        let count = pack.next(deleted)?;
        let fields = int(pack, count) as usize;
        let first_field = pack.next(count)?;
        let terminator = skip(pack, first_field, fields)?;
        Some(Head {
            live: int(pack, live) as u64,
            deleted: int(pack, deleted) as u64,
            fields,
            first_field,
            first_entry: pack.next(terminator),
        })
    };
    read().unwrap_or(Head { live: 0, deleted: 0, fields: 0, first_field: 0, first_entry: None })
}

/// Reads the entry whose flags stand at `pos`.
pub(super) fn read(pack: &ListPack, head: &Head, master: StreamId, pos: usize) -> Option<Place> {
    let flags = int(pack, pos);
    let ms = pack.next(pos)?;
    let seq = pack.next(ms)?;
    let id = StreamId {
        ms: master.ms.wrapping_add(int(pack, ms) as u64),
        seq: master.seq.wrapping_add(int(pack, seq) as u64),
    };
    let mut body = pack.next(seq)?;
    let mut fields = head.fields;
    if flags & SAME_FIELDS == 0 {
        fields = int(pack, body) as usize;
        body = pack.next(body)?;
    }
    Some(Place { id, pos, flags, fields, body })
}

/// The fields of an entry.
pub(super) fn fields<'p>(pack: &'p ListPack, head: &Head, place: &Place) -> Fields<'p> {
    let field = place.has_same_fields().then_some(head.first_field);
    Fields { pack, field, value: place.body, left: place.fields }
}

/// Where the entry after this one begins.
pub(super) fn next(pack: &ListPack, place: &Place) -> Option<usize> {
    let elements = if place.has_same_fields() { place.fields } else { 2 * place.fields };
    pack.next(skip(pack, place.body, elements)?)
}

/// Where the entry begins that ends before `end` (at the end of the node if that is `None`).
pub(super) fn prev(pack: &ListPack, head: &Head, end: Option<usize>) -> Option<usize> {
    let mut pos = end.map_or_else(|| pack.last(), |end| pack.prev(end))?;
    if pos < head.first_entry? {
        return None;
    }
    for _ in 0..int(pack, pos) {
        pos = pack.prev(pos)?;
    }
    Some(pos)
}

/// The id of the last entry, even if it is deleted.
pub(super) fn last_id(pack: &ListPack, master: StreamId) -> StreamId {
    let head = head(pack);
    let last = prev(pack, &head, None).and_then(|pos| read(pack, &head, master, pos));
    last.map_or(master, |place| place.id)
}

/// All entries of a node, deleted ones too.
pub(super) fn places(pack: &ListPack, master: StreamId) -> impl Iterator<Item = Place> {
    let head = head(pack);
    let first = head.first_entry.and_then(|pos| read(pack, &head, master, pos));
    std::iter::successors(first, move |place| read(pack, &head, master, next(pack, place)?))
}

/// A node whose first entry this will be.
pub(super) fn begin<'a>(fields: impl Iterator<Item = (&'a [u8], &'a [u8])>) -> ListPack {
    let mut pack = ListPack::new();
    for _ in 0..3 {
        pack.push_back(0, &mut NoTrace);
    }
    let mut count = 0;
    for (field, _) in fields {
        pack.push_back(field, &mut NoTrace);
        count += 1;
    }
    pack.push_back(0, &mut NoTrace);
    if let Some(pos) = pack.first().and_then(|first| skip(&pack, first, 2)) {
        pack.replace(pos, count, &mut NoTrace);
    }
    pack
}

/// Puts an entry behind the others.
pub(super) fn append<'a>(
    pack: &mut ListPack,
    node: u32,
    master: StreamId,
    id: StreamId,
    fields: impl Iterator<Item = (&'a [u8], &'a [u8])> + Clone,
    steps: &mut Steps<'_>,
) {
    let trace = &mut InNode { node, steps };
    let head = head(pack);
    let count = fields.clone().count();
    let is_same = count == head.fields && has_fields(pack, &head, fields.clone());
    pack.push_back(if is_same { SAME_FIELDS } else { 0 }, trace);
    pack.push_back(id.ms.wrapping_sub(master.ms) as i64, trace);
    pack.push_back(id.seq.wrapping_sub(master.seq) as i64, trace);
    if is_same {
        for (_, value) in fields {
            pack.push_back(value, trace);
        }
        pack.push_back(count as i64 + 3, trace);
    } else {
        pack.push_back(count as i64, trace);
        for (field, value) in fields {
            pack.push_back(field, trace);
            pack.push_back(value, trace);
        }
        pack.push_back(2 * count as i64 + 4, trace);
    }
    if let Some(live) = pack.first() {
        pack.replace(live, head.live as i64 + 1, trace);
    }
}

/// Whether the fields of the master entry begin with these.
fn has_fields<'a>(
    pack: &ListPack,
    head: &Head,
    fields: impl Iterator<Item = (&'a [u8], &'a [u8])>,
) -> bool {
    pack.iter_from(head.first_field).zip(fields).all(|(master, (field, _))| master.eq_bytes(field))
}

/// Marks entries as deleted and counts them as such.
pub(super) fn mark_deleted(
    pack: &mut ListPack,
    node: u32,
    places: &[Place],
    steps: &mut Steps<'_>,
) {
    let trace = &mut InNode { node, steps };
    let head = head(pack);
    for place in places {
        // Flags take one element of two bytes, whatever they say: nothing moves.
        pack.replace(place.pos, place.flags | DELETED, trace);
    }
    // Last first: what stands behind a counter may move.
    let count = places.len() as i64;
    let Some(live) = pack.first() else { return };
    if let Some(deleted) = pack.next(live) {
        pack.replace(deleted, head.deleted as i64 + count, trace);
    }
    pack.replace(live, head.live as i64 - count, trace);
}

/// How many entries of a node live and the id of its last one, if it is a node: for listpacks from elsewhere.
pub(super) fn validate(pack: &ListPack, master: StreamId) -> Option<(u64, StreamId)> {
    let mut values = pack.iter();
    let mut next = || values.next();
    let (live, deleted) = (next()?.as_int()?, next()?.as_int()?);
    let shared = u64::try_from(next()?.as_int()?).ok()?;
    for _ in 0..shared {
        next()?;
    }
    if next()?.as_int()? != 0 {
        return None;
    }
    let (mut counts, mut last) = ([0, 0], None);
    while let Some(flags) = next() {
        let flags = flags.as_int().filter(|flags| (0..=DELETED | SAME_FIELDS).contains(flags))?;
        let ms = master.ms.wrapping_add(next()?.as_int()? as u64);
        let seq = master.seq.wrapping_add(next()?.as_int()? as u64);
        let id = StreamId { ms, seq };
        if last.is_none() && id != master || last >= Some(id) {
            return None;
        }
        last = Some(id);
        let (elements, overhead) = if flags & SAME_FIELDS != 0 {
            (shared, 3)
        } else {
            (u64::try_from(next()?.as_int()?).ok()?.checked_mul(2)?, 4)
        };
        for _ in 0..elements {
            next()?;
        }
        if next()?.as_int()? != i64::try_from(elements).ok()?.checked_add(overhead)? {
            return None;
        }
        *counts.get_mut((flags & DELETED) as usize)? += 1;
    }
    (counts == [live, deleted]).then_some((live as u64, last?))
}
