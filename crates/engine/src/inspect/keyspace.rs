//! Which keys there are.

use redarium_structures::order;

use super::Inspector;
use crate::access::AccessClock;
use crate::database::{Database, Entry};
use crate::footprint::{self, SAMPLES};
use crate::schedule::is_over;
use crate::value::Type;

/// One key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct KeyView {
    /// Its entry, as in `KeysStep` and `ExpiryStep`.
    pub id: u32,
    /// Its name.
    #[cfg_attr(feature = "serde", serde(with = "super::text"))]
    pub name: Vec<u8>,
    /// What it holds.
    pub kind: Type,
    /// How it is stored, as OBJECT ENCODING says.
    pub encoding: String,
    /// Elements of a collection, bytes of a string.
    pub len: u64,
    /// When it ends, in milliseconds since 1970.
    #[cfg_attr(feature = "serde", serde(with = "redarium_structures::exact::option"))]
    pub deadline: Option<i64>,
    /// Whether its time is over though it has not been removed yet.
    pub dead: bool,
    /// Bytes that it would take with its value in a real Redis, as MEMORY USAGE says.
    pub bytes: usize,
    /// Seconds since it was last used; `None` where uses are counted instead.
    pub idle_seconds: Option<u32>,
    /// The counter of its uses, where they are counted (`maxmemory-policy` with LFU).
    pub frequency: Option<u32>,
}

/// The keys of one database.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct KeyspaceView {
    /// The database.
    pub db: usize,
    /// The clock, in milliseconds since 1970.
    pub now: i64,
    /// Keys in the database.
    pub total: usize,
    /// The first key of the window, in the order of the table.
    pub from: usize,
    /// Up to `limit` of them, by name.
    pub keys: Vec<KeyView>,
}

impl Inspector<'_> {
    /// Up to `limit` keys of a database from the `from`-th of its table on, sorted by name. O(from + limit log limit).
    pub fn keyspace(&self, db: usize, from: usize, limit: usize) -> KeyspaceView {
        let now = self.engine.now();
        let mut view = KeyspaceView { db, now, total: 0, from, keys: Vec::new() };
        if let Some(database) = self.engine.databases().get(db) {
            view.total = database.len();
            view.keys.extend(
                database
                    .table()
                    .iter()
                    .skip(from)
                    .take(limit)
                    .map(|(id, entry)| self.key_view(database, id, entry)),
            );
            order::sort_by(&mut view.keys, |a, b| a.name.cmp(&b.name));
        }
        view
    }

    /// One key.
    pub fn key(&self, db: usize, name: &[u8]) -> Option<KeyView> {
        let database = self.engine.databases().get(db)?;
        let id = database.find(self.engine.hash_seed(), name)?;
        Some(self.key_view(database, id, database.entry(id)))
    }

    fn key_view(self, database: &Database, id: u32, entry: &Entry) -> KeyView {
        let (now, deadline) = (self.engine.now(), database.deadline(id));
        let access = AccessClock::looking(now, self.engine.config());
        let counts = access.counts_uses();
        KeyView {
            id,
            name: entry.key.to_vec(),
            kind: entry.value.type_of(),
            encoding: entry.encoding().to_owned(),
            len: entry.value.len() as u64,
            deadline,
            dead: deadline.is_some_and(|at| is_over(at, now)),
            bytes: footprint::of_key(entry.key.len(), deadline.is_some(), &entry.value, SAMPLES),
            idle_seconds: (!counts).then(|| access.idle_seconds(entry.access)),
            frequency: counts.then(|| access.frequency(entry.access)),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Engine, Options};

    #[test]
    fn a_key_tells_its_size_and_when_it_was_used() {
        let mut node = Engine::new(Options { start: 60_000, ..Options::default() });
        let client = node.connect("test");
        node.feed(client, b"SET greeting hello\r\nSET short 1 PX 5000\r\nSET c x\r\n");
        node.advance_to(63_000);
        node.feed(client, b"GET short\r\n");
        let view = node.inspect().keyspace(0, 0, 99);
        let names: Vec<_> = view.keys.iter().map(|key| key.name.as_slice()).collect();
        assert_eq!(names, [b"c".as_slice(), b"greeting", b"short"], "by name");
        let greeting = &view.keys[1];
        assert_eq!((greeting.bytes, greeting.idle_seconds), (40, Some(3)), "as MEMORY USAGE says");
        let short = node.inspect().key(0, b"short").unwrap();
        assert_eq!((short.idle_seconds, short.deadline), (Some(0), Some(65_000)), "just used");
        assert_eq!(short.frequency, None, "uses are not counted");
        let ids: std::collections::BTreeSet<_> = view.keys.iter().map(|key| key.id).collect();
        assert_eq!(ids.len(), 3, "each has an entry of its own");
        let window = node.inspect().keyspace(0, 2, 99);
        assert_eq!((window.total, window.keys.len()), (3, 1), "a window");

        node.feed(client, b"CONFIG SET maxmemory-policy allkeys-lfu\r\nSET d 1\r\n");
        let counted = node.inspect().key(0, b"d").unwrap();
        assert_eq!((counted.idle_seconds, counted.frequency), (None, Some(5)), "a new key");
    }
}
