//! What commands did to the keyspace: counters, and the list of changes for those who watch.

use redarium_structures::bytes::Bytes;

use crate::watch::Watches;

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
    /// Who wants to know whether keys change before an EXEC.
    pub watches: Watches,
}

impl Effects {
    /// Counts one change and adds it to the feed if anyone watches.
    #[inline]
    pub fn changed(&mut self, db: usize, key: &[u8], event: &'static str) {
        self.dirty += 1;
        self.note(db, key, event);
    }

    /// Tells of a further event of a change that has been counted.
    #[inline]
    pub fn note(&mut self, db: usize, key: &[u8], event: &'static str) {
        if self.is_heard() {
            self.tell(db, key, event);
        }
    }

    /// Tells that a key was removed because its time was over.
    pub fn expired_key(&mut self, db: usize, key: &[u8]) {
        self.expired += 1;
        self.watches.expired(db, key);
        if self.observed {
            self.record(db, key, "expired");
        }
    }

    /// Whether anyone wants to know of changes; usually nobody does, and nothing is told.
    #[inline]
    pub fn is_heard(&self) -> bool {
        self.observed || !self.watches.is_empty()
    }

    #[cold]
    fn tell(&mut self, db: usize, key: &[u8], event: &'static str) {
        self.watches.changed(db, key);
        if self.observed {
            self.record(db, key, event);
        }
    }

    fn record(&mut self, db: usize, key: &[u8], event: &'static str) {
        if self.changes.len() < CHANGES_MAX {
            self.changes.push(Change { db, key: Bytes::from(key), event });
        } else {
            self.dropped += 1;
        }
    }
}
