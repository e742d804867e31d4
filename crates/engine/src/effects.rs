//! What commands did to the keyspace: counters, and the list of changes for those who watch.

use redarium_structures::bytes::Bytes;

/// How many changes are kept until a host takes them; later ones are only counted.
pub const CHANGES_MAX: usize = 1024;

/// One change of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Database.
    pub db: usize,
    /// Key.
    pub key: Bytes,
    /// The keyspace event's name, such as `set`, `zadd`, `del` or `expired`; empty where Redis has none.
    pub event: &'static str,
}

/// Counters of INFO and the feed of changes.
#[derive(Debug, Clone, Default)]
pub struct Effects {
    /// Changes since the last save.
    pub dirty: u64,
    /// Reads that found their key.
    pub hits: u64,
    /// Reads that did not.
    pub misses: u64,
    /// Keys removed because their time was over.
    pub expired: u64,
    /// Those of them that the active cycle removed, and not a command that asked for them.
    pub expired_active: u64,
    /// Fields of hashes removed because their time was over.
    pub expired_fields: u64,
    /// Whether anyone wants the feed.
    pub observed: bool,
    /// The feed, oldest first.
    pub changes: Vec<Change>,
    /// Changes that found the feed full.
    pub dropped: u64,
}

impl Effects {
    /// Counts one change and adds it to the feed if anyone watches.
    #[inline]
    pub fn changed(&mut self, db: usize, key: &[u8], event: &'static str) {
        self.dirty += 1;
        self.note(db, key, event);
    }

    /// Adds an event to the feed without counting a change.
    #[inline]
    pub fn note(&mut self, db: usize, key: &[u8], event: &'static str) {
        if self.observed {
            self.record(db, key, event);
        }
    }

    #[cold]
    fn record(&mut self, db: usize, key: &[u8], event: &'static str) {
        if self.changes.len() < CHANGES_MAX {
            self.changes.push(Change { db, key: Bytes::from(key), event });
        } else {
            self.dropped += 1;
        }
    }
}
