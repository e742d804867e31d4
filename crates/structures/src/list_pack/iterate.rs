//! Walking over a list pack: its values from either end, and its entries with the layout of their
//! bytes.
//!
//! It knows nothing about how entries are searched or changed.

use std::iter::FusedIterator;

use super::encoding;
use super::{HEADER, ListPack, ListPackValue};

/// Values of a list pack, from either end.
#[derive(Clone)]
pub struct ListPackIter<'a> {
    pack: &'a ListPack,
    /// The next entry from the front.
    front: usize,
    /// The offset behind the next entry from the back; nothing is left when `front` reaches it.
    back: usize,
}

impl<'a> ListPackIter<'a> {
    pub(super) fn new(pack: &'a ListPack, front: usize, back: usize) -> ListPackIter<'a> {
        ListPackIter { pack, front, back }
    }

    /// The position of the entry that `next` would give.
    pub fn position(&self) -> Option<usize> {
        (self.front < self.back).then_some(self.front)
    }
}

impl<'a> Iterator for ListPackIter<'a> {
    type Item = ListPackValue<'a>;

    #[inline]
    fn next(&mut self) -> Option<ListPackValue<'a>> {
        if self.front >= self.back {
            return None;
        }
        let bytes = self.pack.as_bytes();
        let value = encoding::decode(bytes, self.front);
        self.front += encoding::entry_len(bytes, self.front);
        Some(value)
    }
}

impl DoubleEndedIterator for ListPackIter<'_> {
    #[inline]
    fn next_back(&mut self) -> Option<Self::Item> {
        if self.front >= self.back {
            return None;
        }
        self.back = self.pack.prev(self.back)?;
        Some(self.pack.get(self.back))
    }
}

impl FusedIterator for ListPackIter<'_> {}

/// One entry as it lies in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListPackEntryView<'a> {
    /// Its place from the head.
    pub index: usize,
    /// Its position in the pack.
    pub offset: usize,
    /// The name of its encoding, such as `"6-bit str"`.
    pub encoding: &'static str,
    /// Bytes of encoding and length; in the two shortest integer forms they hold the number too.
    pub header_bytes: usize,
    /// Bytes of data behind them.
    pub data_bytes: usize,
    /// Bytes of the length for walking backwards.
    pub backlen_bytes: usize,
    /// What it means.
    pub value: ListPackValue<'a>,
}

/// The entries of a list pack, from head to tail.
#[derive(Clone)]
pub struct ListPackEntries<'a> {
    pack: &'a ListPack,
    pos: usize,
    index: usize,
}

impl<'a> ListPackEntries<'a> {
    pub(super) fn new(pack: &'a ListPack) -> ListPackEntries<'a> {
        ListPackEntries { pack, pos: HEADER, index: 0 }
    }
}

impl<'a> Iterator for ListPackEntries<'a> {
    type Item = ListPackEntryView<'a>;

    fn next(&mut self) -> Option<ListPackEntryView<'a>> {
        let bytes = self.pack.as_bytes();
        let offset = self.pack.at(self.pos)?;
        let (name, header_bytes) = encoding::describe(bytes[offset]);
        let body = encoding::body_len(bytes, offset);
        let backlen_bytes = encoding::backlen_len(body);
        let view = ListPackEntryView {
            index: self.index,
            offset,
            encoding: name,
            header_bytes,
            data_bytes: body - header_bytes,
            backlen_bytes,
            value: encoding::decode(bytes, offset),
        };
        self.index += 1;
        self.pos = offset + body + backlen_bytes;
        Some(view)
    }
}

impl FusedIterator for ListPackEntries<'_> {}
