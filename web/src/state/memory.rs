//! What is looked at: a window into the list of keys, and the picture of one key.

use std::rc::Rc;

use crate::picture::model::Picture;
use crate::protocol::{From, Keys, KeysQuery, Look, PictureQuery, Seen};

/// Members of a picture's window.
pub const PICTURE_NODES: usize = 24;

/// The key that the picture shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Focus {
    /// The database.
    pub db: usize,
    /// The key's word.
    pub key: String,
}

/// What is looked at.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Memory {
    /// What the list of keys is asked for.
    pub query: KeysQuery,
    /// What it shows.
    pub keys: Rc<Keys>,
    /// Keys that the last change touched.
    pub glowing: Rc<Vec<(usize, String)>>,
    /// Counts changes, so that the same key can glow again.
    pub glow_serial: u32,
    /// The key that the picture shows.
    pub focus: Option<Focus>,
    /// Whether it stays with that key.
    pub is_pinned: bool,
    /// Where the picture begins.
    pub from: From,
    /// The picture.
    pub picture: Option<Rc<Picture>>,
}

impl Memory {
    /// What is visible.
    pub fn look(&self) -> Look {
        let picture = self.focus.as_ref().map(|focus| PictureQuery {
            db: focus.db,
            key: focus.key.clone(),
            from: self.from,
            count: PICTURE_NODES,
        });
        Look { keys: (self.query.count > 0).then(|| self.query.clone()), picture }
    }

    pub(super) fn seen(&mut self, seen: Seen) {
        if let Some(keys) = seen.keys
            && *self.keys != keys
        {
            self.keys = Rc::new(keys);
        }
        let shows = |picture: &Picture| {
            self.focus.as_ref().is_some_and(|it| it.db == picture.db && it.key == picture.key)
        };
        if let Some(picture) = seen.picture.filter(shows)
            && self.picture.as_deref() != Some(&picture)
        {
            self.picture = Some(Rc::new(picture));
        }
    }

    /// The picture goes along with commands unless it is pinned.
    pub(super) fn follow(&mut self, db: usize, key: &str) {
        if !self.is_pinned {
            self.focus(db, key.to_owned());
            // A command shows where it went, wherever a person looked before.
            self.from = From::Around;
        }
        if self.query.db != db {
            self.select(db);
        }
    }

    pub(super) fn focus(&mut self, db: usize, key: String) {
        let focus = Some(Focus { db, key });
        if self.focus != focus {
            self.focus = focus;
            self.from = From::Around;
        }
    }

    pub(super) fn pin(&mut self, on: bool) {
        self.is_pinned = on && self.focus.is_some();
    }

    pub(super) fn from(&mut self, from: From) {
        self.from = from;
    }

    pub(super) fn changed(&mut self, keys: Vec<(usize, String)>) {
        self.glowing = Rc::new(keys);
        self.glow_serial += 1;
    }

    pub(super) fn select(&mut self, db: usize) {
        self.query = KeysQuery { db, from: 0, ..self.query.clone() };
    }

    pub(super) fn filter(&mut self, filter: String) {
        self.query = KeysQuery { filter, from: 0, ..self.query.clone() };
    }

    pub(super) fn rows(&mut self, from: usize, count: usize) {
        self.query.from = from;
        self.query.count = count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_follows_commands_unless_it_is_pinned() {
        let mut memory = Memory::default();
        memory.follow(0, "a");
        memory.from(From::Rank(80));
        memory.follow(0, "a");
        assert_eq!(memory.from, From::Around, "where the command went");
        memory.follow(1, "b");
        let focus = |key: &str, db| Some(Focus { db, key: key.to_owned() });
        assert_eq!((memory.focus.clone(), memory.query.db), (focus("b", 1), 1));
        memory.pin(true);
        memory.follow(0, "c");
        assert_eq!(memory.focus, focus("b", 1), "it stays");
    }
}
