//! A whole node as a snapshot file, written piece by piece.
//!
//! Magic and version, what the file says about itself, then for each database its number, its sizes and its keys,
//! an end byte and a checksum.

use redarium_structures::bytes::Bytes;

use super::file::{AUX, DEADLINE, END, FREQUENCY, FUNCTION, IDLE, MAGIC, SELECT, SIZES, SUM_BYTES};
use super::{Saver, crc64};
use crate::REDIS_VERSION;
use crate::access::AccessClock;
use crate::config::Config;
use crate::database::{Database, Entry};

/// How a file says when its keys were used.
#[derive(Debug, Clone, Copy)]
enum Uses {
    Unsaid,
    Idle,
    Counted,
}

/// Writes a file.
#[derive(Debug, Clone)]
pub struct FileSaver {
    saver: Saver,
    is_summed: bool,
    uses: Uses,
    clock: AccessClock,
}

impl FileSaver {
    /// Begins a file at `now` milliseconds since 1970; `is_base` if it is the beginning of a log of commands.
    pub fn begin(config: &Config, now: i64, is_base: bool) -> Self {
        let saving = config.saving();
        let uses = match config.maxmemory_policy.as_str() {
            policy if policy.ends_with("-lru") || policy.ends_with("-lrm") => Uses::Idle,
            policy if policy.ends_with("-lfu") => Uses::Counted,
            _ => Uses::Unsaid,
        };
        let mut file = Self {
            saver: Saver::new(saving),
            is_summed: config.rdbchecksum,
            uses,
            clock: AccessClock::looking(now, config),
        };
        file.saver.writer.raw(MAGIC);
        file.saver.writer.raw(format!("{:04}", saving.version).as_bytes());
        file.about("redis-ver", REDIS_VERSION);
        file.about("redis-bits", "64");
        file.about("ctime", &(now / 1000).to_string());
        file.about("aof-base", if is_base { "1" } else { "0" });
        file
    }

    fn about(&mut self, name: &str, value: &str) {
        let writer = &mut self.saver.writer;
        writer.byte(AUX);
        writer.string(name.as_bytes());
        writer.string(value.as_bytes());
    }

    /// A library of functions, which stands in front of all keys.
    pub fn function(&mut self, code: &[u8]) {
        self.saver.writer.byte(FUNCTION);
        self.saver.writer.string(code);
    }

    /// Says that the keys that follow are those of a database.
    pub fn select(&mut self, number: usize, db: &Database) {
        let writer = &mut self.saver.writer;
        writer.byte(SELECT);
        writer.len(number as u64);
        writer.byte(SIZES);
        writer.len(db.len() as u64);
        writer.len(db.deadlines().len() as u64);
    }

    /// A key with all that belongs to it. O(n) in its value.
    pub fn key(&mut self, entry: &Entry, deadline: Option<i64>) {
        let writer = &mut self.saver.writer;
        if let Some(at) = deadline {
            writer.byte(DEADLINE);
            writer.time(at);
        }
        match self.uses {
            Uses::Unsaid => {}
            Uses::Idle => {
                writer.byte(IDLE);
                writer.len(u64::from(self.clock.idle_seconds(entry.access)));
            }
            Uses::Counted => {
                writer.byte(FREQUENCY);
                writer.byte(self.clock.frequency(entry.access) as u8);
            }
        }
        let key: &Bytes = &entry.key;
        self.saver.put_keyed(key, &entry.value);
    }

    /// How many bytes the file has so far.
    pub fn written(&self) -> usize {
        self.saver.writer.written()
    }

    /// The complete file. O(n) for the checksum.
    pub fn finish(mut self) -> Vec<u8> {
        self.saver.writer.byte(END);
        let mut bytes = self.saver.writer.take();
        let sum = if self.is_summed { crc64(0, &bytes).to_le_bytes() } else { [0; SUM_BYTES] };
        bytes.extend_from_slice(&sum);
        bytes
    }
}
