//! Reading a whole node from a snapshot file, record by record, with the place of everything that is wrong.
//!
//! Nothing is believed: lengths, checksum, numbers of databases and repeated keys are checked, and whoever loads gets
//! all of it or an error.

use std::borrow::Cow;
use std::fmt;

use redarium_structures::bytes::Bytes;
use redarium_structures::hash_table::hash_bytes;
use redarium_structures::rng::Rng;
use redarium_structures::trace::NoTrace;

use super::reader::Reader;
use super::{Kind, Loader, Malformed, VERSION, crc64};
use crate::access::AccessClock;
use crate::config::Config;
use crate::database::Database;
use crate::schedule::is_over;
use crate::value::Value;

/// What every file begins with.
pub(crate) const MAGIC: &[u8; 5] = b"REDIS";
/// A number about slots of a cluster follows; of no meaning here.
const SLOT: u8 = 244;
/// A library of functions follows.
pub(super) const FUNCTION: u8 = 245;
/// Seconds follow for which the next key was not used.
pub(super) const IDLE: u8 = 248;
/// A count of uses of the next key follows.
pub(super) const FREQUENCY: u8 = 249;
/// A name and a value follow that say something about the file.
pub(super) const AUX: u8 = 250;
/// The numbers of keys and deadlines of the database follow.
pub(super) const SIZES: u8 = 251;
/// The milliseconds since 1970 follow at which the next key ends.
pub(super) const DEADLINE: u8 = 252;
/// The same in seconds, as Redis wrote it before version 2.6.
const DEADLINE_SECONDS: u8 = 253;
/// The number of a database follows.
pub(super) const SELECT: u8 = 254;
/// The checksum follows, and nothing else.
pub(super) const END: u8 = 255;
/// Bytes of the checksum.
pub(super) const SUM_BYTES: usize = 8;
/// Digits of the version.
const VERSION_DIGITS: usize = 4;
/// The first version with a checksum.
const SUMMED_SINCE: u16 = 5;

/// Why bytes are no file that can be loaded, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadError {
    /// Bytes of the file in front of the place.
    pub offset: usize,
    /// What is wrong there.
    pub what: Cow<'static, str>,
}

impl LoadError {
    pub(crate) fn new(offset: usize, what: impl Into<Cow<'static, str>>) -> Self {
        Self { offset, what: what.into() }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at byte {}: {}", self.offset, self.what)
    }
}

impl std::error::Error for LoadError {}

/// A part of a file: where it begins, and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) offset: usize,
    pub(super) meaning: &'static str,
    pub(super) text: Vec<u8>,
}

/// A key as it stands in a file.
#[derive(Debug)]
pub(super) struct Record {
    key: Bytes,
    value: Value,
    deadline: Option<i64>,
    idle_seconds: Option<u64>,
    frequency: Option<u8>,
}

/// What stands next in a file.
#[derive(Debug)]
pub(super) enum Item {
    Aux,
    Database(u64),
    Sizes,
    Function(Bytes),
    Key(Box<Record>),
    End,
}

/// A cursor over the records of a file.
#[derive(Debug)]
pub(super) struct FileReader<'a, 'l> {
    bytes: &'a [u8],
    reader: Reader<'a>,
    loader: Loader<'l>,
    version: u16,
    /// What has been read, if someone wants to know.
    pub(super) parts: Option<Vec<Part>>,
}

impl<'a, 'l> FileReader<'a, 'l> {
    /// Reads magic and version; `parts` is where everything that is read is noted down.
    pub(super) fn new(
        bytes: &'a [u8],
        loader: Loader<'l>,
        parts: Option<Vec<Part>>,
    ) -> Result<Self, LoadError> {
        let mut reader = loader.reader(bytes);
        let magic = reader.array();
        if magic != Ok(*MAGIC) {
            return Err(LoadError::new(0, "a snapshot begins with REDIS"));
        }
        let digits = reader.array::<VERSION_DIGITS>().unwrap_or_default();
        let version = std::str::from_utf8(&digits).ok().and_then(|digits| digits.parse().ok());
        let Some(version) = version.filter(|version| (1..=VERSION).contains(version)) else {
            let digits = digits.escape_ascii();
            let what = format!("the version `{digits}` is none from 1 to {VERSION}");
            return Err(LoadError::new(MAGIC.len(), what));
        };
        let mut file = Self { bytes, reader, loader, version, parts };
        file.note(0, "magic", format!("version {version}").as_bytes());
        Ok(file)
    }

    /// How many bytes are read.
    pub(super) fn offset(&self) -> usize {
        self.bytes.len() - self.reader.left()
    }

    fn note(&mut self, offset: usize, meaning: &'static str, text: &[u8]) {
        if let Some(parts) = &mut self.parts {
            parts.push(Part { offset, meaning, text: text.to_vec() });
        }
    }

    /// Reads something, or says where it broke off.
    fn read<T>(
        &mut self,
        what: &'static str,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, Malformed>,
    ) -> Result<T, LoadError> {
        let offset = self.offset();
        read(&mut self.reader).map_err(|Malformed| {
            let is_cut = self.reader.left() == 0;
            let trouble = if is_cut { "the file breaks off in" } else { "there is no valid" };
            LoadError::new(offset, format!("{trouble} {what}"))
        })
    }

    /// The next item. O(n) in it.
    pub(super) fn next(&mut self) -> Result<Item, LoadError> {
        let (mut deadline, mut idle_seconds, mut frequency) = (None, None, None);
        loop {
            let offset = self.offset();
            let code = self.read("a record", Reader::byte)?;
            match code {
                SLOT => {
                    for _ in 0..3 {
                        self.read("number of a slot", Reader::len)?;
                    }
                    self.note(offset, "slot", b"");
                }
                FUNCTION => {
                    let code = self.read("library of functions", Reader::string)?;
                    self.note(offset, "function", &code);
                    return Ok(Item::Function(Bytes::from(&*code)));
                }
                IDLE => {
                    let seconds = self.read("time without use", Reader::len)?;
                    self.note(offset, "idle", seconds.to_string().as_bytes());
                    idle_seconds = Some(seconds);
                }
                FREQUENCY => {
                    let count = self.read("count of uses", Reader::byte)?;
                    self.note(offset, "frequency", count.to_string().as_bytes());
                    frequency = Some(count);
                }
                AUX => {
                    let name = self.read("name of a field about the file", Reader::string)?;
                    let value = self.read("value of a field about the file", Reader::string)?;
                    self.note(offset, "about", &[&name, &b" = "[..], &value].concat());
                    return Ok(Item::Aux);
                }
                SIZES => {
                    let keys = self.read("number of keys", Reader::len)?;
                    let ends = self.read("number of deadlines", Reader::len)?;
                    let text = format!("{keys} keys, {ends} with a deadline");
                    self.note(offset, "sizes", text.as_bytes());
                    return Ok(Item::Sizes);
                }
                DEADLINE => {
                    let at = self.read("deadline", Reader::time)?;
                    self.note(offset, "deadline", at.to_string().as_bytes());
                    deadline = Some(at);
                }
                DEADLINE_SECONDS => {
                    let seconds = self.read("deadline", Reader::array)?;
                    let at = i64::from(i32::from_le_bytes(seconds)) * 1000;
                    self.note(offset, "deadline", at.to_string().as_bytes());
                    deadline = Some(at);
                }
                SELECT => {
                    let number = self.read("number of a database", Reader::len)?;
                    self.note(offset, "database", number.to_string().as_bytes());
                    return Ok(Item::Database(number));
                }
                END => {
                    self.note(offset, "end", b"");
                    self.check_sum()?;
                    return Ok(Item::End);
                }
                code => {
                    let kind = Kind::of(code).ok_or_else(|| unknown(offset, code))?;
                    let (key, value) = self.key(offset, kind)?;
                    let record = Record { key, value, deadline, idle_seconds, frequency };
                    return Ok(Item::Key(Box::new(record)));
                }
            }
        }
    }

    fn key(&mut self, offset: usize, kind: Kind) -> Result<(Bytes, Value), LoadError> {
        self.note(offset, "kind", kind.name().as_bytes());
        let at = self.offset();
        let key = self.read("name of a key", Reader::string)?;
        self.note(at, "key", &key);
        let at = self.offset();
        self.reader.next_value();
        let value = self.loader.content(&mut self.reader, kind).map_err(|Malformed| {
            let is_cut = self.reader.left() == 0;
            let trouble = if is_cut { "the file breaks off in" } else { "there is no valid" };
            let (kind, key) = (kind.name(), key.escape_ascii());
            LoadError::new(at, format!("{trouble} {kind} of the key `{key:.100}`"))
        })?;
        self.note(at, "value", &key);
        Ok((Bytes::from(&*key), value))
    }

    fn check_sum(&mut self) -> Result<(), LoadError> {
        if self.version < SUMMED_SINCE {
            return Ok(());
        }
        let offset = self.offset();
        let sum = u64::from_le_bytes(self.read("checksum", Reader::array)?);
        self.note(offset, "checksum", format!("{sum:016x}").as_bytes());
        let summed = self.bytes.get(..offset).unwrap_or(self.bytes);
        if sum != 0 && sum != crc64(0, summed) {
            return Err(LoadError::new(offset, "the checksum does not fit to what is before it"));
        }
        Ok(())
    }
}

fn unknown(offset: usize, code: u8) -> LoadError {
    LoadError::new(offset, format!("no record begins with the byte {code}"))
}

/// What is read from a file.
#[derive(Debug)]
pub struct Loaded {
    /// The databases, as many as the node has.
    pub dbs: Vec<Database>,
    /// Libraries of functions.
    pub functions: Vec<Bytes>,
    /// Keys in them.
    pub keys: u64,
    /// Keys that were left out because their time is over.
    pub expired: u64,
    /// Bytes that the file takes of those that were given.
    pub len: usize,
}

/// What loading needs to know of the node.
#[derive(Debug)]
pub struct Loading<'a> {
    /// The parameters.
    pub config: &'a Config,
    /// Seed of the hash functions.
    pub seed: u64,
    /// The node's one source of chance.
    pub rng: &'a mut Rng,
    /// Milliseconds since 1970.
    pub now: i64,
    /// Whether keys stay whose time is over: commands of a log that follow may still speak of them.
    pub keeps_dead: bool,
}

/// Reads a file into new databases. O(n log n).
///
/// # Errors
///
/// What is wrong first, and where; nothing is loaded then.
pub fn load_file(bytes: &[u8], loading: Loading<'_>) -> Result<Loaded, LoadError> {
    let Loading { config, seed, rng, now, keeps_dead } = loading;
    let access = AccessClock::looking(now, config);
    let mut file = FileReader::new(bytes, Loader::new(config, seed, rng), None)?;
    let mut loaded = Loaded {
        dbs: vec![Database::default(); config.databases],
        functions: Vec::new(),
        keys: 0,
        expired: 0,
        len: 0,
    };
    let mut selected = 0;
    loop {
        let offset = file.offset();
        match file.next()? {
            Item::Aux | Item::Sizes => {}
            Item::Database(number) => {
                selected = usize::try_from(number).unwrap_or(usize::MAX);
                if selected >= loaded.dbs.len() {
                    let what = format!("there is no database {number} here; raise `databases`");
                    return Err(LoadError::new(offset, what));
                }
            }
            Item::Function(code) => loaded.functions.push(code),
            Item::Key(record) => {
                if !keeps_dead && record.deadline.is_some_and(|at| is_over(at, now)) {
                    loaded.expired += 1;
                    continue;
                }
                let db = loaded.dbs.get_mut(selected).expect("checked when it was selected");
                add(db, seed, *record, access).map_err(|key| {
                    let key = key.escape_ascii();
                    LoadError::new(offset, format!("the key `{key:.100}` stands here again"))
                })?;
                loaded.keys += 1;
            }
            Item::End => break,
        }
    }
    loaded.len = file.offset();
    Ok(loaded)
}

/// Adds a key to a database, or gives back the name that is taken already.
fn add(db: &mut Database, seed: u64, record: Record, access: AccessClock) -> Result<(), Bytes> {
    let Record { key, value, deadline, idle_seconds, frequency } = record;
    let hash = hash_bytes(seed, &key);
    db.rehash(1, &mut NoTrace);
    if db.find_hashed(hash, &key, &mut NoTrace).is_some() {
        return Err(key);
    }
    let stamp = match (idle_seconds, frequency) {
        (Some(seconds), _) => access.idle_for(i64::try_from(seconds).unwrap_or(i64::MAX)),
        (None, Some(frequency)) => access.used_often(frequency),
        (None, None) => access.fresh(),
    };
    let id = db.insert_hashed(hash, &key, value, stamp, &mut NoTrace);
    if let Some(at) = deadline {
        db.set_deadline(id, at);
    }
    Ok(())
}
