//! Which keys will end, and when.

use std::collections::BinaryHeap;

use crate::database::{Database, Deadline};
use crate::schedule::is_over;

use super::Inspector;

/// A key that will end.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ExpiryEntryView {
    /// Its name.
    #[cfg_attr(feature = "serde", serde(with = "super::text"))]
    pub key: Vec<u8>,
    /// When, in milliseconds since 1970.
    #[cfg_attr(feature = "serde", serde(with = "redarium_structures::exact"))]
    pub at: i64,
    /// Whether its time is over though nothing has removed it yet.
    pub dead: bool,
}

/// The keys of one database that will end.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ExpiryView {
    /// The database.
    pub db: usize,
    /// The clock, in milliseconds since 1970.
    pub now: i64,
    /// Keys with a deadline.
    pub total: usize,
    /// Those of them that end first, up to `limit`, the earliest first.
    pub entries: Vec<ExpiryEntryView>,
    /// Keys of all databases that were removed so far because their time was over.
    pub expired: u64,
    /// Those of them that the active cycle removed, and not a command that asked for them.
    pub expired_active: u64,
}

impl Inspector<'_> {
    /// Up to `limit` keys of a database that end first. O(n log limit) in its keys with a deadline.
    pub fn expiry(&self, db: usize, limit: usize) -> ExpiryView {
        let now = self.engine.now();
        let effects = self.engine.effects();
        let database = self.engine.databases().get(db);
        ExpiryView {
            db,
            now,
            total: database.map_or(0, |database| database.deadlines().len()),
            entries: database.map_or_else(Vec::new, |database| entries(database, now, limit)),
            expired: effects.expired,
            expired_active: effects.expired_active,
        }
    }
}

fn entries(database: &Database, now: i64, limit: usize) -> Vec<ExpiryEntryView> {
    let mut first = BinaryHeap::new();
    for &Deadline { at, id } in database.deadlines() {
        if first.len() < limit {
            first.push((at, id));
        } else if let Some(mut last) = first.peek_mut()
            && (at, id) < *last
        {
            *last = (at, id);
        }
    }
    first
        .into_sorted_vec()
        .into_iter()
        .map(|(at, id)| ExpiryEntryView {
            key: database.entry(id).key.to_vec(),
            at,
            dead: is_over(at, now),
        })
        .collect()
}
