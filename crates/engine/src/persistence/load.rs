//! How a node begins with the files of one that was before it.
//!
//! Either all is loaded or nothing: the error names the file, the byte and what is wrong there.
//! Only a log of commands that breaks off at its very end is taken up to its last complete command, if
//! `aof-load-truncated` allows, and cut off there.

use std::borrow::Cow;
use std::fmt;

use redarium_resp::request::{Limits, Parsed, RequestParser};

use super::manifest::{Listed, Manifest};
use super::{FileOp, LOADING_NOW, LogFiles};
use crate::acl::{self, Acl};
use crate::args::Args;
use crate::client::{Client, LOG_READER};
use crate::config::Config;
use crate::database::Database;
use crate::dispatch;
use crate::rdb::{LoadError, Loading, MAGIC, load_file};
use crate::types::stream::Stream;
use crate::value::{Kind as _, Value};
use crate::{Engine, Options};

/// Where the files of a node are. Names are relative to its directory, `/` between folders.
pub trait Files {
    /// All bytes of a file; `None` if there is no such file.
    ///
    /// # Errors
    ///
    /// Why it cannot be read.
    fn read(&self, name: &str) -> Result<Option<Cow<'_, [u8]>>, String>;
}

/// Why a node cannot begin with its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileError {
    /// The file.
    pub name: String,
    /// Where in it, and why.
    pub error: LoadError,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.name, self.error)
    }
}

impl std::error::Error for FileError {}

/// How far a log of commands was run.
#[derive(Debug, PartialEq, Eq)]
enum Replayed {
    Whole,
    /// It breaks off behind so many bytes.
    BreaksOff(usize),
}

impl Engine {
    /// A node that goes on where the one whose files these are has ended. O(data).
    ///
    /// # Errors
    ///
    /// What is wrong with a file; nothing is loaded then, and no file is touched.
    pub fn open(options: Options, files: &dyn Files) -> Result<Self, FileError> {
        let mut node = Self::bare(Options { has_files: true, ..options });
        node.read_users(files)?;
        let list = node.read_list(files)?;
        if let Some(list) = list {
            node.persistence.manifest = list;
        }
        if !node.config.appendonly {
            node.load_snapshot(files)?;
        } else if node.persistence.manifest.is_empty() {
            // Unlike Redis, which would begin with nothing and so lose what is in the snapshot at the next save.
            node.load_snapshot(files)?;
            node.start_log();
        } else {
            node.load_log(files)?;
        }
        Ok(node)
    }

    fn read_users(&mut self, files: &dyn Files) -> Result<(), FileError> {
        let name = self.config.aclfile.clone();
        if name.is_empty() {
            return Ok(());
        }
        let Some(bytes) = read(files, &name)? else {
            return Err(in_file(&name, LoadError::new(0, "there is no such file")));
        };
        let users = acl::file::read(&bytes, &self.config);
        let users = users.map_err(|errors| {
            in_file(&name, LoadError::new(0, String::from_utf8_lossy(&errors).into_owned()))
        })?;
        self.acl.replace_all(users);
        Ok(())
    }

    fn load_snapshot(&mut self, files: &dyn Files) -> Result<(), FileError> {
        let name = self.config.dbfilename.clone();
        let Some(bytes) = read(files, &name)? else { return Ok(()) };
        let len = self.load_snapshot_bytes(&bytes, false).map_err(|error| in_file(&name, error))?;
        if len < bytes.len() {
            let error = LoadError::new(len, "more follows after the end of the snapshot");
            return Err(in_file(&name, error));
        }
        Ok(())
    }

    /// Puts what a snapshot holds in place of all data; how many bytes it takes.
    pub(crate) fn load_snapshot_bytes(
        &mut self,
        bytes: &[u8],
        keeps_dead: bool,
    ) -> Result<usize, LoadError> {
        let loading = Loading {
            config: &self.config,
            seed: self.seed,
            rng: &mut self.rng,
            now: self.now,
            keeps_dead,
        };
        let loaded = load_file(bytes, loading)?;
        self.scripts
            .load_functions(&loaded.functions, &self.config)
            .map_err(|error| LoadError::new(0, format!("a library of functions: {error}")))?;
        self.dbs = loaded.dbs;
        self.persistence.functions = loaded.functions;
        self.persistence.keys_loaded = loaded.keys;
        self.persistence.keys_expired_on_load = loaded.expired;
        Ok(loaded.len)
    }

    /// The list of the files of the log; a log from before there were lists becomes the first of one.
    fn read_list(&mut self, files: &dyn Files) -> Result<Option<Manifest>, FileError> {
        let name = Manifest::name(&self.config);
        if let Some(bytes) = read(files, &name)? {
            let list = Manifest::parse(&bytes, &self.config);
            return list
                .map(Some)
                .map_err(|(offset, what)| in_file(&name, LoadError::new(offset, what)));
        }
        let old = self.config.appendfilename.clone();
        if !self.config.appendonly || read(files, &old)?.is_none() {
            return Ok(None);
        }
        let mut list = Manifest::default();
        list.adopt(&self.config);
        Ok(Some(list))
    }

    fn load_log(&mut self, files: &dyn Files) -> Result<(), FileError> {
        let list = std::mem::take(&mut self.persistence.manifest);
        let listed: Vec<Listed> = list.base.iter().chain(&list.incrs).cloned().collect();
        let (mut size, mut base_size, mut incr_size) = (0, 0, 0);
        self.is_loading = true;
        for (place, file) in listed.iter().enumerate() {
            let name = list.path(file);
            let is_adopted = list.is_adopted() && read(files, &name)?.is_none();
            let read_name = if is_adopted { &file.name } else { &name };
            let Some(bytes) = read(files, read_name)? else {
                let error = LoadError::new(0, "the list of the log names it, but it is not there");
                return Err(in_file(&name, error));
            };
            let mut len = bytes.len();
            if is_adopted {
                let (from, to) = (file.name.clone(), name.clone());
                self.persistence.ops.push(FileOp::Rename { from, to });
            }
            match self.load_part(&bytes).map_err(|error| in_file(&name, error))? {
                Replayed::Whole => {}
                Replayed::BreaksOff(at)
                    if place + 1 == listed.len() && self.config.aof_load_truncated =>
                {
                    len = at;
                    self.persistence.ops.push(FileOp::Truncate { name: name.clone(), len });
                    self.persistence.ops.push(FileOp::Sync { name });
                }
                Replayed::BreaksOff(at) => {
                    let what = "the last command breaks off; `aof-load-truncated` would leave it \
                                out at the end of the last file";
                    return Err(in_file(&name, LoadError::new(at, what)));
                }
            }
            size += len as u64;
            incr_size = len as u64;
            if place == 0 {
                base_size = len as u64;
            }
        }
        self.is_loading = false;
        self.date_consumers();
        self.persistence.keys_loaded = self.dbs.iter().map(|db| db.len() as u64).sum();
        self.forget_loading();
        let is_unlisted = list.incrs.is_empty();
        self.persistence.manifest = list;
        self.persistence.log = Some(LogFiles {
            size,
            base_size,
            incr_size: if is_unlisted { 0 } else { incr_size },
            is_unsynced: false,
            synced_at: self.now / 1000,
        });
        if is_unlisted {
            self.persistence.add_incr(&self.config);
        }
        self.effects.log.set_on(true);
        Ok(())
    }

    /// Readers of streams count as seen now: a log does not tell when they were.
    fn date_consumers(&mut self) {
        let now = self.now;
        for db in &mut self.dbs {
            let ids: Vec<u32> = db.table().ids().collect();
            for id in ids {
                let Value::Stream(stream) = &db.entry(id).value else { continue };
                if stream.groups().all(|(_, group)| group.consumer_count() == 0) {
                    continue;
                }
                if let Some(stream) = Stream::of_mut(&mut db.entry_mut(id).value) {
                    stream.date_consumers(LOADING_NOW, now);
                }
            }
        }
    }

    /// One file of a log: a snapshot, commands, or a snapshot and commands.
    fn load_part(&mut self, bytes: &[u8]) -> Result<Replayed, LoadError> {
        let start =
            if bytes.starts_with(MAGIC) { self.load_snapshot_bytes(bytes, true)? } else { 0 };
        self.replay(bytes, start)
    }

    /// Runs the commands of a log from `start` on.
    fn replay(&mut self, bytes: &[u8], start: usize) -> Result<Replayed, LoadError> {
        // One that may do anything, whoever else may.
        let user = Acl::new(&Config::default()).default_user();
        let mut client = Client::new(LOG_READER, String::new(), self.now, user);
        let mut log = LogReader { bytes, at: start, spans: Vec::new() };
        // Where MULTI stands, and the commands behind it.
        let mut transaction: Option<(usize, Vec<usize>)> = None;
        loop {
            let at = log.at;
            let max_bulk_len = self.config.proto_max_bulk_len as u64;
            let Some(args) = log.next(max_bulk_len)? else {
                let begun = transaction.map(|(at, _)| at);
                return Ok(match begun.or(Some(at).filter(|&at| at < bytes.len())) {
                    Some(at) => Replayed::BreaksOff(at),
                    None => Replayed::Whole,
                });
            };
            let is = |name: &[u8]| args.word(0).is_some_and(|word| word.eq_ignore_ascii_case(name));
            match &mut transaction {
                None if is(b"MULTI") => transaction = Some((at, Vec::new())),
                None => self.run_logged(&mut client, at, args)?,
                Some(_) if is(b"MULTI") => {
                    return Err(LoadError::new(at, "MULTI stands within a transaction"));
                }
                Some((_, places)) if is(b"EXEC") => {
                    let places = std::mem::take(places);
                    transaction = None;
                    let after = log.at;
                    for place in places {
                        log.at = place;
                        if let Some(args) = log.next(max_bulk_len)? {
                            self.run_logged(&mut client, place, args)?;
                        }
                    }
                    log.at = after;
                }
                Some((_, places)) => places.push(at),
            }
        }
    }

    fn run_logged(
        &mut self,
        client: &mut Client,
        at: usize,
        args: Args<'_>,
    ) -> Result<(), LoadError> {
        if let Err(error) = dispatch::resolve(args) {
            let error = error.into_bytes();
            return Err(LoadError::new(at, String::from_utf8_lossy(&error).into_owned()));
        }
        self.run_one(client, args, &mut Vec::new());
        Ok(())
    }
}

/// The databases that commands make which a node with these parameters has written. O(data).
pub(crate) fn run_commands(
    bytes: &[u8],
    config: &Config,
    seed: u64,
    now: i64,
) -> Result<Vec<Database>, LoadError> {
    let config = config.clone();
    let mut node = Engine::bare(Options { start: now, seed, config, has_files: false });
    (node.seed, node.is_loading) = (seed, true);
    match node.replay(bytes, 0)? {
        Replayed::Whole => Ok(node.dbs),
        Replayed::BreaksOff(at) => Err(LoadError::new(at, "the last command breaks off")),
    }
}

/// A cursor over the commands of a log.
struct LogReader<'a> {
    bytes: &'a [u8],
    at: usize,
    spans: Vec<(u32, u32)>,
}

impl<'a> LogReader<'a> {
    /// The next command; `None`, and the cursor stays, if there is no complete one.
    fn next(&mut self, max_bulk_len: u64) -> Result<Option<Args<'_>>, LoadError> {
        self.at += remarks_len(self.bytes.get(self.at..).unwrap_or_default());
        let rest: &'a [u8] = self.bytes.get(self.at..).unwrap_or_default();
        let error = |what: &str| Err(LoadError::new(self.at, what.to_owned()));
        match rest.first() {
            None => return Ok(None),
            Some(b'*') => {}
            Some(_) => return error("a command of the log begins with `*`"),
        }
        let limits = Limits { max_bulk_len, authenticated: true, ..Limits::default() };
        self.spans.clear();
        match RequestParser::default().parse(rest, &limits, &mut self.spans) {
            Ok(Parsed::Incomplete) => Ok(None),
            Ok(Parsed::Command { consumed }) => {
                self.at += consumed;
                Ok(Some(Args::new(rest, &self.spans)))
            }
            Ok(Parsed::Empty { .. } | Parsed::Inline { .. }) => error("a command without words"),
            Err(trouble) => error(&String::from_utf8_lossy(&trouble.to_bytes())),
        }
    }
}

/// Bytes of the lines in front of a command that begin with `#`: Redis can note the time there.
fn remarks_len(bytes: &[u8]) -> usize {
    let mut len = 0;
    while let Some(rest) = bytes.get(len..)
        && rest.starts_with(b"#")
        && let Some(line) = rest.iter().position(|&byte| byte == b'\n')
    {
        len += line + 1;
    }
    len
}

/// The commands of a log that reach beyond `from`, at most `count`: where each begins, how long it is, and its words.
/// What cannot be read is the last, with the error. O(n) in the bytes up to the last of them.
pub(crate) fn commands(
    bytes: &[u8],
    start: usize,
    from: usize,
    count: usize,
    mut each: impl FnMut(usize, usize, Args<'_>),
) -> Option<LoadError> {
    let mut log = LogReader { bytes, at: start, spans: Vec::new() };
    let mut shown = 0;
    while shown < count {
        let begin = log.at;
        match log.next(u64::MAX).map(|args| args.is_some()) {
            Err(error) => return Some(error),
            Ok(false) if log.at < bytes.len() => {
                return Some(LoadError::new(log.at, "the last command breaks off"));
            }
            Ok(false) => return None,
            Ok(true) => {}
        }
        if log.at > from {
            shown += 1;
            let rest = bytes.get(begin..).unwrap_or_default();
            let skipped = remarks_len(rest);
            each(
                begin,
                log.at - begin,
                Args::new(rest.get(skipped..).unwrap_or_default(), &log.spans),
            );
        }
    }
    None
}

fn read<'f>(files: &'f dyn Files, name: &str) -> Result<Option<Cow<'f, [u8]>>, FileError> {
    files.read(name).map_err(|trouble| in_file(name, LoadError::new(0, trouble)))
}

fn in_file(name: &str, error: LoadError) -> FileError {
    FileError { name: name.to_owned(), error }
}
