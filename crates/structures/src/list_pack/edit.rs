//! Changing a list pack: entries put in, written over, taken out, and moved to another pack.
//!
//! It knows nothing about what an entry looks like: see `encoding`.

use super::encoding::{self, END, Entry};
use super::{HEADER, ListPack, ListPackStep, ListPackValue, UNCOUNTED};
use crate::trace::Trace;

impl ListPack {
    /// Puts a value behind the last entry.
    pub fn push_back<'a>(
        &mut self,
        value: impl Into<ListPackValue<'a>>,
        trace: &mut impl Trace<ListPackStep>,
    ) {
        self.insert_at(self.end(), value.into(), trace);
    }

    /// Puts a value before the first entry; every byte moves.
    pub fn push_front<'a>(
        &mut self,
        value: impl Into<ListPackValue<'a>>,
        trace: &mut impl Trace<ListPackStep>,
    ) {
        self.insert_at(HEADER, value.into(), trace);
    }

    /// Puts many values behind the last entry, in order, reserving memory for them once.
    pub fn append<'a>(
        &mut self,
        values: impl Iterator<Item = ListPackValue<'a>> + Clone,
        trace: &mut impl Trace<ListPackStep>,
    ) {
        let bytes = values.clone().map(|value| Entry::new(value).len()).sum();
        self.reserve(bytes, trace);
        for value in values {
            self.insert_at(self.end(), value, trace);
        }
    }

    /// Puts a value before the entry at `pos`; the new entry is at `pos` then.
    pub fn insert_before<'a>(
        &mut self,
        pos: usize,
        value: impl Into<ListPackValue<'a>>,
        trace: &mut impl Trace<ListPackStep>,
    ) {
        self.insert_at(pos, value.into(), trace);
    }

    /// Puts a value behind the entry at `pos` and answers the new entry's position.
    pub fn insert_after<'a>(
        &mut self,
        pos: usize,
        value: impl Into<ListPackValue<'a>>,
        trace: &mut impl Trace<ListPackStep>,
    ) -> usize {
        let pos = pos + encoding::entry_len(&self.bytes, pos);
        self.insert_at(pos, value.into(), trace);
        pos
    }

    /// Writes another value over the entry at `pos`, which keeps its position.
    pub fn replace<'a>(
        &mut self,
        pos: usize,
        value: impl Into<ListPackValue<'a>>,
        trace: &mut impl Trace<ListPackStep>,
    ) {
        let entry = Entry::new(value.into());
        let from = encoding::entry_len(&self.bytes, pos);
        let to = entry.len();
        let behind = pos + from;
        let moved = if from == to { 0 } else { self.bytes.len() - behind };
        if to > from {
            self.open_gap(behind, to - from, trace);
        } else if to < from {
            self.bytes.copy_within(behind.., pos + to);
            self.bytes.truncate(self.bytes.len() - (from - to));
            self.give_back(trace);
        }
        entry.write(&mut self.bytes[pos..pos + to]);
        self.store_total();
        trace.step(ListPackStep::Replace { offset: pos, from, to, moved });
    }

    /// Takes out the entry at `pos` and answers the position of the one that followed, if any.
    pub fn remove(&mut self, pos: usize, trace: &mut impl Trace<ListPackStep>) -> Option<usize> {
        self.remove_range(pos, 1, trace)
    }

    /// Takes out up to `count` entries from `pos` on and answers the position of the one that
    /// followed, if any.
    pub fn remove_range(
        &mut self,
        pos: usize,
        count: usize,
        trace: &mut impl Trace<ListPackStep>,
    ) -> Option<usize> {
        let mut behind = pos;
        let mut removed = 0;
        while removed < count && self.bytes[behind] != END {
            behind += encoding::entry_len(&self.bytes, behind);
            removed += 1;
        }
        if removed == 0 {
            return self.at(pos);
        }
        let moved = self.bytes.len() - behind;
        self.bytes.copy_within(behind.., pos);
        self.bytes.truncate(pos + moved);
        trace.step(ListPackStep::Remove { offset: pos, bytes: behind - pos, moved });
        self.give_back(trace);
        self.store_total();
        match self.stored_count() {
            // It may have become countable again.
            UNCOUNTED => self.store_count(self.count_from(HEADER)),
            count => self.store_count(usize::from(count) - removed),
        }
        self.at(pos)
    }

    /// Takes out everything from `pos` on and answers it as a list pack of its own; no entry is
    /// decoded.
    #[must_use]
    pub fn split_off(&mut self, pos: usize, trace: &mut impl Trace<ListPackStep>) -> ListPack {
        let end = self.end();
        let tail = &self.bytes[pos..end];
        let mut other = ListPack::with_capacity(ListPack::EMPTY_BYTES + tail.len());
        other.bytes.truncate(HEADER);
        other.bytes.extend_from_slice(tail);
        other.bytes.push(END);
        other.store_total();
        let (len, moved_len) = (self.len(), other.count_from(HEADER));
        other.store_count(moved_len);
        self.bytes.truncate(pos);
        self.bytes.push(END);
        self.store_total();
        self.store_count(len - moved_len);
        trace.step(ListPackStep::Remove { offset: pos, bytes: end - pos, moved: 1 });
        self.give_back(trace);
        other
    }

    /// Puts all entries of `other` behind those of this one; no entry is decoded.
    pub fn append_pack(&mut self, other: &ListPack, trace: &mut impl Trace<ListPackStep>) {
        let len = self.len() + other.len();
        let entries = &other.bytes[HEADER..other.end()];
        let offset = self.end();
        self.reserve(entries.len(), trace);
        self.bytes.truncate(offset);
        self.bytes.extend_from_slice(entries);
        self.bytes.push(END);
        self.store_total();
        self.store_count(len);
        trace.step(ListPackStep::Insert { offset, bytes: entries.len(), moved: 1 });
    }

    fn insert_at(
        &mut self,
        pos: usize,
        value: ListPackValue<'_>,
        trace: &mut impl Trace<ListPackStep>,
    ) {
        let entry = Entry::new(value);
        let whole = entry.len();
        let moved = self.bytes.len() - pos;
        self.open_gap(pos, whole, trace);
        entry.write(&mut self.bytes[pos..pos + whole]);
        self.store_total();
        match self.stored_count() {
            UNCOUNTED => {}
            count => self.store_count(usize::from(count) + 1),
        }
        trace.step(ListPackStep::Insert { offset: pos, bytes: whole, moved });
    }

    /// Moves everything from `pos` on by `bytes`; what the gap holds is not defined.
    fn open_gap(&mut self, pos: usize, bytes: usize, trace: &mut impl Trace<ListPackStep>) {
        let len = self.bytes.len();
        self.reserve(bytes, trace);
        self.bytes.resize(len + bytes, 0);
        self.bytes.copy_within(pos..len, pos + bytes);
    }

    /// Makes room for `more` bytes. Doubling, as `Vec` does, would waste half of the memory that
    /// compactness is for.
    fn reserve(&mut self, more: usize, trace: &mut impl Trace<ListPackStep>) {
        let from = self.bytes.capacity();
        let needed = self.bytes.len() + more;
        if needed > from {
            let target = needed + needed / 8;
            self.bytes.reserve_exact(target - self.bytes.len());
            trace.step(ListPackStep::Grow { from, to: self.bytes.capacity() });
        }
    }

    /// Gives memory back when less than half of it is used.
    fn give_back(&mut self, trace: &mut impl Trace<ListPackStep>) {
        let from = self.bytes.capacity();
        let len = self.bytes.len();
        if from > 64 && len < from / 2 {
            self.bytes.shrink_to(len + len / 8);
            trace.step(ListPackStep::Shrink { from, to: self.bytes.capacity() });
        }
    }
}
