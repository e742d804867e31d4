//! A copy of a node on its way into a file, a piece at a time.

use redarium_structures::bytes::Bytes;

use super::Data;
use super::restate::CommandSaver;
use crate::config::Config;
use crate::database::Database;
use crate::rdb::FileSaver;

/// How a node is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As a snapshot of its own.
    Rdb,
    /// As a snapshot that is the beginning of a log.
    Base,
    /// As the commands that make it.
    Commands,
}

impl Form {
    /// What a log begins with.
    pub(super) fn of_base(config: &Config) -> Self {
        if config.aof_use_rdb_preamble { Self::Base } else { Self::Commands }
    }
}

#[derive(Debug, Clone)]
enum Out {
    File(Box<FileSaver>),
    Commands(CommandSaver),
}

/// A node as it was at one moment; copying the tables cost a pointer per 256 keys.
#[derive(Debug, Clone)]
pub(super) struct Snapshot {
    dbs: Vec<Database>,
    /// The database that is being written.
    db: usize,
    /// Its keys that are not.
    ids: std::vec::IntoIter<u32>,
    out: Out,
}

impl Snapshot {
    /// Takes the copy. O(keys / 256).
    pub(super) fn begin(data: Data<'_>, form: Form, functions: &[Bytes]) -> Self {
        let mut out = if form == Form::Commands {
            Out::Commands(CommandSaver::default())
        } else {
            let is_base = form == Form::Base;
            Out::File(Box::new(FileSaver::begin(data.config, data.now, is_base)))
        };
        for code in functions {
            match &mut out {
                Out::File(file) => file.function(code),
                Out::Commands(commands) => commands.function(code),
            }
        }
        let mut snapshot = Self { dbs: data.dbs.to_vec(), db: 0, ids: Vec::new().into_iter(), out };
        snapshot.open_db();
        snapshot
    }

    /// Begins with the keys of the database `self.db`, if it has any.
    fn open_db(&mut self) {
        let Some(db) = self.dbs.get(self.db).filter(|db| !db.is_empty()) else { return };
        self.ids = db.table().ids().collect::<Vec<_>>().into_iter();
        match &mut self.out {
            Out::File(file) => file.select(self.db, db),
            Out::Commands(commands) => commands.select(self.db),
        }
    }

    /// Writes about `bytes` more; whether it is complete.
    pub(super) fn step(&mut self, bytes: usize) -> bool {
        let until = self.written().saturating_add(bytes);
        while self.written() < until {
            let Some(db) = self.dbs.get(self.db) else { return true };
            if let Some(id) = self.ids.next() {
                let (entry, deadline) = (db.entry(id), db.deadline(id));
                match &mut self.out {
                    Out::File(file) => file.key(entry, deadline),
                    Out::Commands(commands) => commands.key(entry, deadline),
                }
            } else {
                self.db += 1;
                self.open_db();
            }
        }
        false
    }

    fn written(&self) -> usize {
        match &self.out {
            Out::File(file) => file.written(),
            Out::Commands(commands) => commands.written(),
        }
    }

    /// The file, after the last step.
    pub(super) fn finish(self) -> Vec<u8> {
        match self.out {
            Out::File(file) => file.finish(),
            Out::Commands(commands) => commands.finish(),
        }
    }

    /// The file, all steps at once. O(data).
    pub(super) fn complete(mut self) -> Vec<u8> {
        while !self.step(usize::MAX) {}
        self.finish()
    }
}
