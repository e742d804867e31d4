//! Damaged files: an error with its place, or all that a file says; never a panic, and no file is harmed.
//!
//! `FILES` is how many damaged files of each kind are tried; a few hundred unless told otherwise.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test to which something unexpected happens has failed"
)]

use std::borrow::Cow;
use std::collections::BTreeMap;

use redarium_engine::config::Config;
use redarium_engine::persistence::{FileOp, Files};
use redarium_engine::{Engine, Options};
use redarium_structures::rng::Rng;

/// Files in memory.
#[derive(Clone, Default)]
struct Memory(BTreeMap<String, Vec<u8>>);

impl Files for Memory {
    fn read(&self, name: &str) -> Result<Option<Cow<'_, [u8]>>, String> {
        Ok(self.0.get(name).map(|bytes| Cow::Borrowed(bytes.as_slice())))
    }
}

impl Memory {
    fn apply(&mut self, ops: Vec<FileOp>) {
        for op in ops {
            match op {
                FileOp::Write { name, bytes } | FileOp::Replace { name, bytes, .. } => {
                    drop(self.0.insert(name, bytes));
                }
                FileOp::Append { name, bytes } => self.0.entry(name).or_default().extend(bytes),
                FileOp::Rename { from, to } => {
                    let bytes = self.0.remove(&from).unwrap();
                    self.0.insert(to, bytes);
                }
                FileOp::Truncate { name, len } => self.0.get_mut(&name).unwrap().truncate(len),
                FileOp::Remove { name } => drop(self.0.remove(&name)),
                FileOp::Sync { .. } | FileOp::ReadUsers { .. } => {}
            }
        }
    }
}

const START: i64 = 1_767_603_600_000;

fn options(config: Config) -> Options {
    Options { start: START, seed: 5, config, has_files: true }
}

/// Commands that make keys of all types.
fn commands() -> String {
    let mut all = String::from(
        "SET int 12\r\nSET text word\r\nSET end 1 PX 100000\r\nRPUSH list a 1 -70000 b\r\nSADD ints 1 2 70000\r\n\
         SADD members a b 3\r\nZADD scores 1 a 1.5 b\r\nHSET hash a 1 b two\r\nHEXPIRE hash 100 FIELDS 1 a\r\n\
         XADD log 1-1 f v\r\nXADD log 2-1 f v\r\nXGROUP CREATE log g 0\r\nXREADGROUP GROUP g ann STREAMS log >\r\n\
         SELECT 3\r\nSET other 1\r\nMULTI\r\nINCR n\r\nINCR n\r\nEXEC\r\nPFADD hll a b c\r\n",
    );
    for n in 0..200 {
        all.extend([
            format!("ZADD many {n} m{n}\r\nHSET table field:{n} {n}\r\n"),
            format!("RPUSH long element:{n}\r\n"),
        ]);
    }
    all.extend([format!("SET compressed {}\r\n", "abc".repeat(100))]);
    all
}

/// The files of a node after these commands.
fn files(config: Config) -> (Memory, u64) {
    let mut files = Memory::default();
    let mut node = Engine::open(options(config), &files).unwrap();
    let client = node.connect("test");
    node.feed(client, commands().as_bytes());
    node.feed(client, b"SAVE\r\n");
    files.apply(node.take_file_ops());
    (files, node.inspect().digest())
}

fn rounds() -> u64 {
    std::env::var("FILES").ok().and_then(|text| text.parse().ok()).unwrap_or(300)
}

fn damage(bytes: &mut Vec<u8>, rng: &mut Rng) {
    let at = rng.below(bytes.len() as u64) as usize;
    match rng.below(4) {
        0 => bytes.truncate(at),
        1 => bytes[at] = rng.next_u64() as u8,
        2 => bytes[at] ^= 1 << rng.below(8),
        _ => {
            let end = (at + 1 + rng.below(20) as usize).min(bytes.len());
            bytes.drain(at..end);
        }
    }
}

/// Damages the file `name` in many ways and opens a node with it.
fn try_damaged(config: &Config, name: &str, whole: u64) {
    let (files, digest) = files(config.clone());
    let node = Engine::open(options(config.clone()), &files).unwrap();
    assert_eq!(node.inspect().digest(), digest, "the whole file says all");
    let mut rng = Rng::new(whole);
    let (mut refused, mut read) = (0, 0);
    for _ in 0..rounds() {
        let mut files = files.clone();
        damage(files.0.get_mut(name).unwrap(), &mut rng);
        match Engine::open(options(config.clone()), &files) {
            Err(error) => {
                refused += 1;
                let text = error.to_string();
                assert!(text.contains("at byte "), "{text}");
                assert!(error.error.offset <= files.0[name].len(), "{text}");
            }
            Ok(mut node) => {
                read += 1;
                node.databases().iter().for_each(redarium_engine::database::Database::check);
                files.apply(node.take_file_ops());
                let again = Engine::open(options(config.clone()), &files);
                assert_eq!(again.unwrap().inspect().digest(), node.inspect().digest(), "the same");
            }
        }
    }
    assert!(refused > 0, "{name}: some are refused, {read} are not");
}

#[test]
fn damaged_snapshots_are_refused() {
    try_damaged(&Config::default(), "dump.rdb", 1);
    // Where no checksum saves us.
    let config = Config { rdbchecksum: false, rdbcompression: false, ..Config::default() };
    try_damaged(&config, "dump.rdb", 2);
}

#[test]
fn damaged_logs_are_refused_or_read_up_to_their_end() {
    let config = Config { appendonly: true, ..Config::default() };
    try_damaged(&config, "appendonlydir/appendonly.aof.1.incr.aof", 3);
    try_damaged(&config, "appendonlydir/appendonly.aof.1.base.rdb", 4);
    try_damaged(&config, "appendonlydir/appendonly.aof.manifest", 5);
}

/// A log cut off at every byte: what is complete is there, and a transaction is whole or not there.
#[test]
fn a_log_that_breaks_off_is_read_up_to_its_last_command() {
    let config = Config { appendonly: true, ..Config::default() };
    let mut files = Memory::default();
    let mut node = Engine::open(options(config.clone()), &files).unwrap();
    let client = node.connect("test");
    node.feed(client, b"SET a 1\r\nMULTI\r\nINCR n\r\nINCR n\r\nEXEC\r\nSET b 1\r\n");
    files.apply(node.take_file_ops());
    let name = "appendonlydir/appendonly.aof.1.incr.aof";
    let bytes = files.0[name].clone();
    let mut seen = Vec::new();
    for cut in 0..=bytes.len() {
        files.0.insert(name.to_owned(), bytes[..cut].to_vec());
        let strict = Config { aof_load_truncated: false, ..config.clone() };
        let is_whole = Engine::open(options(strict), &files).is_ok();
        let mut node = Engine::open(options(config.clone()), &files).unwrap();
        files.apply(node.take_file_ops());
        assert_eq!(is_whole, files.0[name].len() == cut, "{cut}: cut off where it was not whole");
        let client = node.connect("test");
        node.feed(client, b"MGET a n b\r\n");
        let answer = String::from_utf8(node.take_output(client)).unwrap();
        if seen.last() != Some(&answer) {
            seen.push(answer);
        }
    }
    assert_eq!(
        seen,
        [
            "*3\r\n$-1\r\n$-1\r\n$-1\r\n",
            "*3\r\n$1\r\n1\r\n$-1\r\n$-1\r\n",
            "*3\r\n$1\r\n1\r\n$1\r\n2\r\n$-1\r\n",
            "*3\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n1\r\n",
        ]
    );
}
