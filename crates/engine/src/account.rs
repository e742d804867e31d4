//! What the keys of a database take, kept up to date with every write.
//!
//! The sum is of the sizes that MEMORY USAGE tells ([`footprint`]), so that `maxmemory` holds about as many keys here as
//! in a real Redis.
//! An entry that is about to change leaves the sum and comes back with its new size when the sum is next asked for: a
//! write costs what it touches, however large the database is.
//! Only a node with a `maxmemory` keeps it; it is counted anew when one is set.

use redarium_structures::ordered::OrderedSet;

use crate::database::Entry;
use crate::footprint::{self, SAMPLES};

/// The sizes of all entries of a database but those that are open.
#[derive(Debug, Clone, Default)]
pub(crate) struct Account {
    is_kept: bool,
    /// Bytes of the entries that are not open; where a size is estimated it may be taken away a little larger than it was
    /// added, and so the sum a little less than nothing.
    bytes: i64,
    /// Entries that may have changed since they left the sum.
    open: OrderedSet<u32>,
}

/// Bytes that an entry takes, its share of the table apart.
fn size_of_entry(entry: &Entry) -> i64 {
    let size = footprint::of_key(entry.key.len(), entry.has_deadline(), &entry.value, SAMPLES);
    i64::try_from(size).unwrap_or(i64::MAX)
}

impl Account {
    /// One that is kept, of these entries.
    pub(crate) fn of<'a>(entries: impl Iterator<Item = &'a Entry>) -> Self {
        let bytes = entries.map(size_of_entry).fold(0, i64::saturating_add);
        Self { is_kept: true, bytes, open: OrderedSet::new() }
    }

    /// One of no entries, kept if this one is.
    pub(crate) fn emptied(&self) -> Self {
        Self { is_kept: self.is_kept, ..Self::default() }
    }

    /// Whether sizes are summed up.
    #[inline]
    pub(crate) fn is_kept(&self) -> bool {
        self.is_kept
    }

    /// Takes an entry out of the sum before it changes.
    #[cold]
    pub(crate) fn open(&mut self, id: u32, entry: &Entry) {
        if self.open.insert(id) {
            self.bytes = self.bytes.saturating_sub(size_of_entry(entry));
        }
    }

    /// Notes an entry that has just been made and is not in the sum yet.
    #[cold]
    pub(crate) fn add(&mut self, id: u32) {
        self.open.insert(id);
    }

    /// Takes an entry out of the sum for good.
    #[cold]
    pub(crate) fn remove(&mut self, id: u32, entry: &Entry) {
        if !self.open.remove(&id) {
            self.bytes = self.bytes.saturating_sub(size_of_entry(entry));
        }
    }

    /// Whether entries are open.
    pub(crate) fn has_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// Brings open entries back into the sum.
    pub(crate) fn settle<'a>(&mut self, entry: impl Fn(u32) -> &'a Entry) {
        for id in std::mem::take(&mut self.open) {
            self.bytes = self.bytes.saturating_add(size_of_entry(entry(id)));
        }
    }

    /// Bytes of all entries that are not open.
    pub(crate) fn bytes(&self) -> usize {
        usize::try_from(self.bytes).unwrap_or(0)
    }
}
