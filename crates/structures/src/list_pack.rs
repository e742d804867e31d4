//! A list of strings and numbers in one run of bytes: how small hashes, lists, sets and sorted sets
//! are stored.
//!
//! Six bytes of header (total bytes as `u32`, entries as `u16`, both little-endian), the entries,
//! and `FF`. An entry carries its own length at both ends, so the pack is read forwards and
//! backwards without any pointer. A search looks at every entry and an edit moves all bytes after
//! it: good up to a few hundred entries, which is why Redis turns bigger ones into other
//! structures.
//!
//! Source: the public list pack specification by Salvatore Sanfilippo; the bytes equal those in a
//! Redis dump. Different from Redis's: the buffer grows by an eighth at a time instead of exactly,
//! and gives memory back when less than half is used.
//!
//! A *position* is the offset of an entry's first byte. Positions come from this pack's own
//! methods, and an edit makes those behind it stale; a position that never was one is the caller's
//! mistake and may panic.
//!
//! It knows nothing about keys, fields, scores or the thresholds of Redis's configuration.

mod edit;
mod encoding;
mod iterate;
mod step;
mod validate;
mod value;

#[cfg(test)]
mod tests;

use crate::trace::Trace;

use encoding::{END, Entry};
pub use iterate::{ListPackEntries, ListPackEntryView, ListPackIter};
pub use step::ListPackStep;
pub use validate::ListPackError;
pub use value::{IntText, ListPackValue, parse_integer};

/// Bytes before the first entry.
const HEADER: usize = 6;
/// The stored count that means "too many to say".
const UNCOUNTED: u16 = u16::MAX;

/// A list pack. Cloning copies its bytes; share one through `Rc` to avoid that.
#[derive(PartialEq, Eq)]
pub struct ListPack {
    /// Header, entries and end mark; header fields always agree with the rest.
    bytes: Vec<u8>,
}

impl ListPack {
    /// The size that Redis never lets a list pack pass (1 GiB); see [`ListPack::has_room_for`].
    pub const MAX_BYTES: usize = 1 << 30;
    /// The size of an empty list pack: header and end mark.
    pub const EMPTY_BYTES: usize = HEADER + 1;

    /// An empty list pack of seven bytes.
    pub fn new() -> ListPack {
        ListPack { bytes: vec![ListPack::EMPTY_BYTES as u8, 0, 0, 0, 0, 0, END] }
    }

    /// An empty list pack with room for `bytes` bytes in all.
    pub fn with_capacity(bytes: usize) -> ListPack {
        let mut pack = ListPack { bytes: Vec::with_capacity(bytes.max(ListPack::EMPTY_BYTES)) };
        pack.bytes.extend_from_slice(&[ListPack::EMPTY_BYTES as u8, 0, 0, 0, 0, 0, END]);
        pack
    }

    /// Takes over bytes from a dump after checking every entry, O(n).
    pub fn from_bytes(bytes: Vec<u8>) -> Result<ListPack, ListPackError> {
        let pack = ListPack { bytes };
        pack.validate()?;
        Ok(pack)
    }

    /// The whole pack as a dump holds it.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many bytes the pack takes, header and end mark included.
    pub fn total_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// How many bytes of memory the pack has reserved.
    pub fn heap_bytes(&self) -> usize {
        self.bytes.capacity()
    }

    /// Whether `bytes` more bytes keep the pack within [`ListPack::MAX_BYTES`].
    pub fn has_room_for(&self, bytes: usize) -> bool {
        self.bytes.len().saturating_add(bytes) <= ListPack::MAX_BYTES
    }

    /// How many entries there are: O(1) up to 65,534 of them, beyond that they are counted.
    pub fn len(&self) -> usize {
        match self.stored_count() {
            UNCOUNTED => self.count_from(HEADER),
            count => usize::from(count),
        }
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.bytes.len() == ListPack::EMPTY_BYTES
    }

    /// The position of the first entry.
    pub fn first(&self) -> Option<usize> {
        self.at(HEADER)
    }

    /// The position of the last entry.
    pub fn last(&self) -> Option<usize> {
        self.prev(self.end())
    }

    /// The position after the entry at `pos`.
    #[inline]
    pub fn next(&self, pos: usize) -> Option<usize> {
        self.at(pos + encoding::entry_len(&self.bytes, pos))
    }

    /// The position before the entry at `pos`.
    #[inline]
    pub fn prev(&self, pos: usize) -> Option<usize> {
        if pos <= HEADER {
            return None;
        }
        let body = encoding::read_backlen(&self.bytes, pos);
        Some(pos - body - encoding::backlen_len(body))
    }

    /// The value of the entry at `pos`.
    #[inline]
    pub fn get(&self, pos: usize) -> ListPackValue<'_> {
        encoding::decode(&self.bytes, pos)
    }

    /// The position of the entry with this index; negative ones count from the tail. O(n), walking
    /// from the nearer end.
    pub fn seek(&self, index: i64, trace: &mut impl Trace<ListPackStep>) -> Option<usize> {
        let len = self.len();
        let index = resolve_index(index, len)?;
        if index <= len / 2 {
            let mut pos = HEADER;
            for passed in 0..index {
                trace.step(ListPackStep::Visit { offset: pos, index: passed });
                pos += encoding::entry_len(&self.bytes, pos);
            }
            trace.step(ListPackStep::Visit { offset: pos, index });
            return Some(pos);
        }
        let mut pos = self.end();
        for passed in (index..len).rev() {
            pos = self.prev(pos)?;
            trace.step(ListPackStep::Visit { offset: pos, index: passed });
        }
        Some(pos)
    }

    /// The first entry whose text is `value`, leaving `skip` entries out between two comparisons: 0
    /// searches all, 1 only the fields of field-value pairs. O(n), passing over strings of another
    /// length without reading them.
    pub fn find(
        &self,
        value: &[u8],
        skip: usize,
        trace: &mut impl Trace<ListPackStep>,
    ) -> Option<usize> {
        self.find_from(HEADER, value, skip, trace)
    }

    /// As [`ListPack::find`], starting with the entry at `pos` (step indexes count from there).
    pub fn find_from(
        &self,
        pos: usize,
        value: &[u8],
        skip: usize,
        trace: &mut impl Trace<ListPackStep>,
    ) -> Option<usize> {
        let bytes = self.bytes.as_slice();
        let number = parse_integer(value);
        let mut pos = pos;
        let mut index = 0;
        let mut passing = 0;
        while bytes[pos] != END {
            trace.step(ListPackStep::Visit { offset: pos, index });
            index += 1;
            let first = bytes[pos];
            let whole = encoding::entry_len(bytes, pos);
            if passing > 0 {
                passing -= 1;
            } else {
                passing = skip;
                // A short string is by far the commonest entry: its length decides before anything
                // is read.
                let found = if first & 0xC0 == 0x80 {
                    usize::from(first & 0x3F) == value.len()
                        && bytes[pos + 1..pos + 1 + value.len()] == *value
                } else {
                    match encoding::decode(bytes, pos) {
                        ListPackValue::Int(stored) => number == Some(stored),
                        ListPackValue::Str(stored) => stored == value,
                    }
                };
                if found {
                    return Some(pos);
                }
            }
            pos += whole;
        }
        None
    }

    /// The values from head to tail.
    pub fn iter(&self) -> ListPackIter<'_> {
        ListPackIter::new(self, HEADER, self.end())
    }

    /// The values from the entry at `pos` to the tail; reverse it to walk from the tail down to
    /// `pos`.
    pub fn iter_from(&self, pos: usize) -> ListPackIter<'_> {
        ListPackIter::new(self, pos, self.end())
    }

    /// The values from the head up to, and without, the entry at `pos`.
    pub fn iter_until(&self, pos: usize) -> ListPackIter<'_> {
        ListPackIter::new(self, HEADER, pos)
    }

    /// Every entry with the layout of its bytes, for pictures.
    pub fn entries(&self) -> ListPackEntries<'_> {
        ListPackEntries::new(self)
    }

    /// How many bytes an entry for this value takes.
    pub fn entry_bytes<'a>(value: impl Into<ListPackValue<'a>>) -> usize {
        Entry::new(value.into()).len()
    }

    /// The offset of the end mark.
    fn end(&self) -> usize {
        self.bytes.len() - 1
    }

    fn at(&self, pos: usize) -> Option<usize> {
        (self.bytes[pos] != END).then_some(pos)
    }

    fn count_from(&self, pos: usize) -> usize {
        let mut pos = pos;
        let mut count = 0;
        while self.bytes[pos] != END {
            pos += encoding::entry_len(&self.bytes, pos);
            count += 1;
        }
        count
    }

    fn stored_count(&self) -> u16 {
        u16::from_le_bytes([self.bytes[4], self.bytes[5]])
    }

    fn store_count(&mut self, count: usize) {
        let count = u16::try_from(count).unwrap_or(UNCOUNTED);
        self.bytes[4..HEADER].copy_from_slice(&count.to_le_bytes());
    }

    fn store_total(&mut self) {
        let total = u32::try_from(self.bytes.len()).expect("callers ask has_room_for first");
        self.bytes[..4].copy_from_slice(&total.to_le_bytes());
    }
}

impl Clone for ListPack {
    /// Copies the bytes and reserves no more than they need.
    fn clone(&self) -> ListPack {
        ListPack { bytes: self.bytes.clone() }
    }
}

impl Default for ListPack {
    fn default() -> ListPack {
        ListPack::new()
    }
}

impl std::fmt::Debug for ListPack {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_list().entries(self.iter()).finish()
    }
}

impl<'a> IntoIterator for &'a ListPack {
    type Item = ListPackValue<'a>;
    type IntoIter = ListPackIter<'a>;

    fn into_iter(self) -> ListPackIter<'a> {
        self.iter()
    }
}

impl<'a> FromIterator<ListPackValue<'a>> for ListPack {
    fn from_iter<I: IntoIterator<Item = ListPackValue<'a>>>(values: I) -> ListPack {
        let mut pack = ListPack::new();
        for value in values {
            pack.push_back(value, &mut crate::trace::NoTrace);
        }
        pack
    }
}

/// The place from the head of an index that may count from the tail.
pub(crate) fn resolve_index(index: i64, len: usize) -> Option<usize> {
    let index = if index < 0 { index.checked_add(i64::try_from(len).ok()?)? } else { index };
    usize::try_from(index).ok().filter(|index| *index < len)
}
