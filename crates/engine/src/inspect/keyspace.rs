//! Which keys there are.

use crate::database::{Database, Entry};
use crate::schedule::is_over;
use crate::value::Type;

use super::Inspector;

/// One key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct KeyView {
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
    pub deadline: Option<i64>,
    /// Whether its time is over though it has not been removed yet.
    pub dead: bool,
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
    /// Up to `limit` of them, by name.
    pub keys: Vec<KeyView>,
}

impl Inspector<'_> {
    /// Up to `limit` keys of a database, sorted by name. O(limit log limit).
    pub fn keyspace(&self, db: usize, limit: usize) -> KeyspaceView {
        let now = self.engine.now();
        let mut view = KeyspaceView { db, now, total: 0, keys: Vec::new() };
        if let Some(database) = self.engine.databases().get(db) {
            view.total = database.len();
            view.keys.extend(
                database
                    .table()
                    .iter()
                    .take(limit)
                    .map(|(id, entry)| key_view(database, id, entry, now)),
            );
            view.keys.sort_by(|a, b| a.name.cmp(&b.name));
        }
        view
    }

    /// One key.
    pub fn key(&self, db: usize, name: &[u8]) -> Option<KeyView> {
        let database = self.engine.databases().get(db)?;
        let id = database.find(self.engine.hash_seed(), name)?;
        Some(key_view(database, id, database.entry(id), self.engine.now()))
    }
}

fn key_view(database: &Database, id: u32, entry: &Entry, now: i64) -> KeyView {
    let deadline = database.deadline(id);
    KeyView {
        name: entry.key.to_vec(),
        kind: entry.value.type_of(),
        encoding: entry.encoding().to_owned(),
        len: entry.value.len() as u64,
        deadline,
        dead: deadline.is_some_and(|at| is_over(at, now)),
    }
}
