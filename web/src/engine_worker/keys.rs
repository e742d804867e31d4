//! The names of a database's keys in order, kept up to date by the feed of changes instead of being sorted anew.

use std::rc::Rc;

use redarium_engine::Engine;
use redarium_engine::database::Database;
use redarium_engine::value::Type;
use redarium_structures::glob;
use redarium_structures::order;

use crate::protocol::{KeyRow, Keys, KeysQuery, Name};
use crate::word::word;

/// Rows of one answer at most: more than fits on a screen, and far below 64 KB.
const ROWS_MAX: usize = 200;

/// Keys that are looked at for one answer, when most are of another type.
const WALK_MAX: usize = 2000;

/// Sorted names of one database.
#[derive(Debug, Default)]
pub(super) struct KeyIndex {
    db: usize,
    names: Vec<Rc<[u8]>>,
    is_stale: bool,
    /// The last filter and the places of the names that fit it.
    filtered: Option<(String, Vec<u32>)>,
}

impl KeyIndex {
    /// Forgets everything: the world is another one.
    pub(super) fn invalidate(&mut self) {
        self.is_stale = true;
        self.filtered = None;
    }

    /// Takes note that a key was changed, made or removed.
    pub(super) fn changed(&mut self, engine: &Engine, db: usize, name: &[u8]) {
        if db != self.db || self.is_stale {
            return;
        }
        let is_there = engine.inspect().key(db, name).is_some();
        match self.names.binary_search_by(|held| held.as_ref().cmp(name)) {
            Ok(place) if !is_there => {
                self.names.remove(place);
                self.filtered = None;
            }
            Err(place) if is_there => {
                self.names.insert(place, name.into());
                self.filtered = None;
            }
            Ok(_) | Err(_) => {}
        }
    }

    /// The rows that are asked for. O(rows), and O(keys) after a change of the filter.
    pub(super) fn look(&mut self, engine: &Engine, query: &KeysQuery) -> Keys {
        let total = self.refresh(engine, query.db);
        if query.filter.is_empty() {
            self.filtered = None;
        } else if self.filtered.as_ref().is_none_or(|(filter, _)| *filter != query.filter) {
            let fits = |name: &Rc<[u8]>| fits(&query.filter, name);
            let places = (0..).zip(&self.names).filter(|(_, name)| fits(name));
            self.filtered = Some((query.filter.clone(), places.map(|(place, _)| place).collect()));
        }
        let count = query.count.min(ROWS_MAX);
        let row = |name: &Rc<[u8]>| key_row(engine, query.db, name);
        let (matched, from, rows) = match &self.filtered {
            None => {
                let from = query.from.min(self.names.len().saturating_sub(count));
                (
                    self.names.len(),
                    from,
                    self.names.iter().skip(from).take(count).filter_map(row).collect(),
                )
            }
            Some((_, places)) => {
                let from = query.from.min(places.len().saturating_sub(count));
                let shown = places.iter().skip(from).take(count);
                let rows =
                    shown.filter_map(|&place| row(self.names.get(place as usize)?)).collect();
                (places.len(), from, rows)
            }
        };
        Keys { db: query.db, total, matched, from, rows }
    }

    /// Whether it is the index of this database.
    pub(super) fn is_of(&self, db: usize) -> bool {
        self.db == db
    }

    /// Up to `limit` keys that begin with `start`, of one type if that matters. O(log keys) and a bounded walk.
    pub(super) fn starting(
        &mut self,
        engine: &Engine,
        db: usize,
        start: &[u8],
        kind: Option<Type>,
        limit: usize,
    ) -> Vec<Name> {
        self.refresh(engine, db);
        let from = self.names.partition_point(|name| name.as_ref() < start);
        let names = self.names.iter().skip(from).take_while(|name| name.starts_with(start));
        let fitting = names.take(WALK_MAX).filter_map(|name| {
            let of = engine.inspect().type_of(db, name)?;
            let fits = kind.is_none_or(|kind| kind == of);
            fits.then(|| Name { word: word(name), kind: of.name().to_owned() })
        });
        fitting.take(limit).collect()
    }

    /// Brings it up to date, and tells how many keys there are. O(keys log keys) if they were exchanged, else O(1).
    fn refresh(&mut self, engine: &Engine, db: usize) -> usize {
        let total = engine.databases().get(db).map_or(0, Database::len);
        // A whole database may be emptied or swapped without a word about each key.
        if self.is_stale || self.db != db || self.names.len() != total {
            self.rebuild(engine, db);
        }
        total
    }

    fn rebuild(&mut self, engine: &Engine, db: usize) {
        self.db = db;
        self.is_stale = false;
        self.filtered = None;
        self.names.clear();
        if let Some(database) = engine.databases().get(db) {
            self.names.extend(database.table().iter().map(|(_, entry)| Rc::from(&*entry.key)));
        }
        order::sort(&mut self.names);
    }
}

/// What is known of one key.
pub(super) fn key_row(engine: &Engine, db: usize, name: &[u8]) -> Option<KeyRow> {
    let view = engine.inspect().key(db, name)?;
    Some(KeyRow {
        word: word(&view.name),
        kind: view.kind.name().to_owned(),
        encoding: view.encoding,
        len: view.len,
        deadline: view.deadline.map(|at| at as f64),
        is_dead: view.dead,
    })
}

fn fits(filter: &str, name: &[u8]) -> bool {
    if filter.contains(['*', '?', '[']) {
        return glob::matches(filter.as_bytes(), name, true);
    }
    let filter = filter.as_bytes();
    name.windows(filter.len()).any(|part| part.eq_ignore_ascii_case(filter))
}

#[cfg(test)]
mod tests {
    use redarium_engine::Options;

    use super::*;

    fn query(filter: &str, from: usize, count: usize) -> KeysQuery {
        KeysQuery { db: 0, filter: filter.to_owned(), from, count }
    }

    fn words(keys: &Keys) -> Vec<&str> {
        keys.rows.iter().map(|row| row.word.as_str()).collect()
    }

    #[test]
    fn names_stay_sorted_through_changes() {
        let mut engine = Engine::new(Options::default());
        let client = engine.connect("test");
        engine.feed(client, b"MSET b 1 a 1 user:2 1 user:1 1\r\n");
        let mut index = KeyIndex::default();
        let all = index.look(&engine, &query("", 0, 10));
        assert_eq!(words(&all), ["a", "b", "user:1", "user:2"], "by name");

        engine.feed(client, b"DEL a\r\nSET c 1\r\n");
        index.changed(&engine, 0, b"a");
        index.changed(&engine, 0, b"c");
        let filtered = index.look(&engine, &query("USER", 0, 10));
        assert_eq!((words(&filtered), filtered.total), (vec!["user:1", "user:2"], 4), "a part");
        assert_eq!(words(&index.look(&engine, &query("?", 1, 1))), ["c"], "a pattern, a window");

        engine.feed(client, b"SADD user:3 a\r\n");
        let starting = |index: &mut KeyIndex, kind, limit| -> Vec<String> {
            let names = index.starting(&engine, 0, b"user:", kind, limit);
            names.into_iter().map(|name| format!("{} {}", name.word, name.kind)).collect()
        };
        let all = ["user:1 string", "user:2 string", "user:3 set"];
        assert_eq!(starting(&mut index, None, 9), all, "by their beginning");
        assert_eq!(starting(&mut index, Some(Type::Set), 9), ["user:3 set"], "of a type");
        assert_eq!(starting(&mut index, None, 1), ["user:1 string"], "no more than wanted");

        engine.feed(client, b"FLUSHALL\r\n");
        let empty = index.look(&engine, &query("", 3, 10));
        assert_eq!((empty.total, empty.from, empty.rows.len()), (0, 0, 0), "noticed by itself");
    }
}
