//! What commands did to the keyspace: counters, and the list of changes for those who watch.

use redarium_structures::bytes::Bytes;

use crate::blocking::Waiters;
use crate::events::EventClasses;
use crate::persistence::log::CommandLog;
use crate::tracking::Tracking;
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
    /// Keys removed because memory was short.
    pub evicted: u64,
    /// Whether anyone wants the feed.
    pub observed: bool,
    /// The feed, oldest first.
    pub changes: Vec<Change>,
    /// Changes that found the feed full.
    pub dropped: u64,
    /// Events that subscribers are to be told of.
    pub classes: EventClasses,
    /// Those that have happened and were not told yet, oldest first.
    pub(crate) events: Vec<Change>,
    /// What a node that starts anew has to run.
    pub log: CommandLog,
    /// Who wants to know whether keys change before an EXEC.
    pub watches: Watches,
    /// Who keeps copies of which keys.
    pub tracking: Tracking,
    /// Clients that wait for keys.
    pub waiters: Waiters,
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
        if !self.tracking.is_empty() {
            self.tracking.changed(key);
        }
        self.announce(db, key, "expired");
        self.log.put_beside(db, &[b"DEL", key]);
    }

    /// Tells that a key was removed because memory was short.
    pub fn evicted_key(&mut self, db: usize, key: &[u8]) {
        self.evicted += 1;
        self.note(db, key, "evicted");
        self.log.put_beside(db, &[b"DEL", key]);
    }

    /// Counts a read that found no key.
    #[inline]
    pub fn missed(&mut self, db: usize, key: &[u8]) {
        self.misses += 1;
        self.note_miss(db, key);
    }

    /// Tells of a read that found no key and has been counted.
    #[inline]
    pub fn note_miss(&mut self, db: usize, key: &[u8]) {
        self.announce_if_told(db, key, "keymiss");
    }

    /// Tells that a key was added.
    #[inline]
    pub fn created(&mut self, db: usize, key: &[u8]) {
        self.announce_if_told(db, key, "new");
    }

    /// Tells that a value was put in the place of another one, which was of another type if `type_changed`.
    pub fn overwritten(&mut self, db: usize, key: &[u8], type_changed: bool) {
        self.announce_if_told(db, key, "overwritten");
        if type_changed {
            self.announce_if_told(db, key, "type_changed");
        }
    }

    /// Counts the removal of all keys of a database; the feed tells of it as `flush` of an empty key.
    pub fn flushed_database(&mut self, db: usize, keys: usize) {
        self.dirty += keys as u64;
        if self.observed {
            self.record(db, b"", "flush");
        }
    }

    /// Whether anyone wants to know of changes; usually nobody does, and nothing is told.
    #[inline]
    pub fn is_heard(&self) -> bool {
        self.observed || self.is_told() || !self.watches.is_empty() || !self.tracking.is_empty()
    }

    /// Whether subscribers are told of events.
    #[inline]
    pub fn is_told(&self) -> bool {
        !self.classes.is_empty()
    }

    #[cold]
    fn tell(&mut self, db: usize, key: &[u8], event: &'static str) {
        // To Redis, who reads which entries of a stream is no change of the stream.
        if !event.starts_with("xgroup-") && event != "xsetid" {
            self.touch(db, key);
        }
        self.announce(db, key, event);
    }

    /// Tells those who watch a key or keep a copy that it has changed.
    pub(crate) fn touch(&mut self, db: usize, key: &[u8]) {
        self.watches.changed(db, key);
        self.tracking.changed(key);
    }

    /// Adds an event to the feed and to what subscribers are told, where somebody wants it.
    pub(crate) fn announce(&mut self, db: usize, key: &[u8], event: &'static str) {
        if self.observed {
            self.record(db, key, event);
        }
        self.announce_if_told(db, key, event);
    }

    /// Adds an event that is no change to what subscribers are told.
    #[inline]
    fn announce_if_told(&mut self, db: usize, key: &[u8], event: &'static str) {
        if self.is_told() && self.classes.include(event) {
            self.events.push(Change { db, key: Bytes::from(key), event });
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
