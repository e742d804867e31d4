//! A host that finds out that a file cannot be written only when it tries: what was answered before is taken back, what
//! must not be lost is done later, and in the end the files say what the node holds.

#![expect(clippy::unwrap_used, reason = "a test to which something unexpected happens has failed")]

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};

use redarium_engine::config::Config;
use redarium_engine::persistence::{FileOp, Files, Verdict};
use redarium_engine::{ClientId, Engine, Options};
use redarium_structures::rng::Rng;

const FULL: &str = "No space left on device";

/// Files in memory, and what could not be done to them yet.
#[derive(Default)]
struct Disk {
    files: BTreeMap<String, Vec<u8>>,
    backlog: VecDeque<FileOp>,
}

impl Files for Disk {
    fn read(&self, name: &str) -> Result<Option<Cow<'_, [u8]>>, String> {
        Ok(self.files.get(name).map(|bytes| Cow::Borrowed(bytes.as_slice())))
    }
}

impl Disk {
    fn apply(&mut self, op: &FileOp) {
        match op.clone() {
            FileOp::Write { name, bytes } | FileOp::Replace { name, bytes, .. } => {
                self.files.insert(name, bytes);
            }
            FileOp::Append { name, bytes } => self.files.entry(name).or_default().extend(bytes),
            FileOp::Remove { name } => drop(self.files.remove(&name)),
            FileOp::Rename { .. } | FileOp::Truncate { .. } => panic!("not at the beginning"),
            FileOp::Sync { .. } | FileOp::ReadUsers { .. } => {}
        }
    }

    /// Does what the node wants, where `fails` says what cannot be done now; what the node has ended with, if it has.
    fn keep(&mut self, node: &mut Engine, mut fails: impl FnMut() -> bool) -> Option<String> {
        let was_stuck = !self.backlog.is_empty();
        self.backlog.extend(node.take_file_ops());
        while let Some(op) = self.backlog.pop_front() {
            if !fails() {
                self.apply(&op);
                continue;
            }
            match node.file_op_failed(&op, FULL) {
                Verdict::Skip => {}
                Verdict::Retry => {
                    self.backlog.push_front(op);
                    let (answered, later): (Vec<_>, _) =
                        self.backlog.drain(..).partition(FileOp::is_answered);
                    self.backlog = later.into();
                    for op in answered {
                        assert_eq!(node.file_op_failed(&op, FULL), Verdict::Skip, "{op:?}");
                    }
                    return None;
                }
                Verdict::End(why) => return Some(why),
            }
        }
        if was_stuck {
            node.set_disk_trouble(None);
            self.backlog.extend(node.take_file_ops());
            while let Some(op) = self.backlog.pop_front() {
                self.apply(&op);
            }
        }
        None
    }
}

fn start(disk: &Disk, parameters: &[(&str, &str)]) -> (Engine, ClientId) {
    let mut config = Config::default();
    for (name, value) in parameters {
        Config::param(name.as_bytes()).unwrap().set(&mut config, value).unwrap();
    }
    let options = Options { start: 1_767_603_600_000, seed: 5, config, has_files: true };
    let mut node = Engine::open(options, disk).unwrap();
    let client = node.connect("test");
    (node, client)
}

fn answer(node: &mut Engine, client: ClientId) -> String {
    String::from_utf8(node.take_output(client)).unwrap()
}

#[test]
fn the_answer_of_save_is_taken_back() {
    let mut disk = Disk::default();
    let (mut node, client) = start(&disk, &[("save", "3600 1")]);
    node.feed(client, b"SET a 1\r\nSAVE\r\nPING\r\nSET a 2\r\n");
    assert_eq!(disk.keep(&mut node, || true), None, "it goes on");
    assert_eq!(answer(&mut node, client), "+OK\r\n-ERR\r\n+PONG\r\n+OK\r\n");
    node.feed(client, b"INFO persistence\r\n");
    let info = answer(&mut node, client);
    assert!(info.contains("rdb_changes_since_last_save:2\r\n"), "{info}");
    assert!(info.contains("rdb_last_bgsave_status:ok\r\n"), "as in Redis: {info}");
    node.feed(client, b"SAVE\r\n");
    assert_eq!(disk.keep(&mut node, || false), None, "it goes on");
    assert_eq!(answer(&mut node, client), "+OK\r\n");
    assert!(disk.files.contains_key("dump.rdb"), "{:?}", disk.files.keys());
}

#[test]
fn several_answers_are_taken_back_each_where_it_stands() {
    let mut disk = Disk::default();
    disk.files.insert("users.acl".to_owned(), b"user ann on nopass\n".to_vec());
    let (mut node, client) = start(&disk, &[("aclfile", "users.acl")]);
    node.feed(client, b"SAVE\r\nACL SAVE\r\nPING\r\nACL LOAD\r\nSAVE\r\nPING\r\nACL USERS\r\n");
    assert_eq!(disk.keep(&mut node, || true), None, "it goes on");
    let answers = answer(&mut node, client);
    let answers: Vec<_> =
        answers.split("\r\n").map(|line| line.get(..12).unwrap_or(line)).collect();
    assert_eq!(
        answers,
        [
            "-ERR",
            "-ERR There w",
            "+PONG",
            "-ERR Error l",
            "-ERR",
            "+PONG",
            "*2",
            "$3",
            "ann",
            "$7",
            "default",
            ""
        ]
    );
}

#[test]
fn a_background_save_that_fails_stops_writes() {
    let mut disk = Disk::default();
    let (mut node, client) = start(&disk, &[("save", "3600 1")]);
    node.feed(client, b"SET a 1\r\nBGSAVE\r\n");
    node.advance_to(node.now() + 1000);
    assert_eq!(disk.keep(&mut node, || true), None, "it goes on");
    answer(&mut node, client);
    node.feed(client, b"SET a 2\r\n");
    assert!(answer(&mut node, client).starts_with("-MISCONF Redis is configured to save"));
    node.feed(client, b"SAVE\r\nSET a 3\r\n");
    assert_eq!(disk.keep(&mut node, || false), None, "it goes on");
    assert_eq!(answer(&mut node, client), "+OK\r\n+OK\r\n", "until one succeeds");
}

#[test]
fn a_node_that_cannot_save_does_not_shut_down() {
    let mut disk = Disk::default();
    let (mut node, client) = start(&disk, &[("save", "3600 1")]);
    node.feed(client, b"SET a 1\r\nSHUTDOWN\r\n");
    assert!(node.is_shut_down() && node.is_closing(client), "so it seems");
    assert_eq!(disk.keep(&mut node, || true), None, "it goes on");
    let text = "+OK\r\n-ERR Errors trying to SHUTDOWN. Check logs.\r\n";
    assert_eq!(answer(&mut node, client), text);
    node.feed(client, b"GET a\r\n");
    assert_eq!(answer(&mut node, client), "$1\r\n1\r\n");
    // Who ends the process hears of it instead.
    node.shut_down();
    assert_eq!(disk.keep(&mut node, || true).as_deref(), Some(FULL));
}

#[test]
fn nothing_is_answered_that_appendfsync_always_would_promise() {
    let mut disk = Disk::default();
    let (mut node, client) = start(&disk, &[("appendonly", "yes"), ("appendfsync", "always")]);
    assert_eq!(disk.keep(&mut node, || false), None, "it begins");
    node.feed(client, b"SET a 1\r\n");
    let why = disk.keep(&mut node, || true);
    assert!(why.is_some_and(|why| why.ends_with(FULL)), "it ends");
    assert!(node.is_shut_down() && node.death().is_some(), "and says so");
}

/// Sends the same random commands to nodes whose disks fail now and then, at any operation, and starts again with
/// what is in the files.
#[test]
fn what_could_not_be_written_is_written_later() {
    for seed in 0..40 {
        let mut rng = Rng::new(seed);
        let mut disk = Disk::default();
        let parameters = [
            ("appendonly", "yes"),
            ("auto-aof-rewrite-min-size", "2kb"),
            ("auto-aof-rewrite-percentage", "50"),
            ("save", "10 5"),
        ];
        let (mut node, client) = start(&disk, &parameters);
        assert_eq!(disk.keep(&mut node, || false), None, "it begins");
        let (mut is_full, mut refused) = (false, 0);
        for _ in 0..600 {
            let (key, value) = (rng.below(20), rng.below(1000));
            let command = match rng.below(12) {
                0 => "BGREWRITEAOF\r\n".to_owned(),
                1 => "BGSAVE\r\n".to_owned(),
                2 => "SAVE\r\n".to_owned(),
                3..=5 => format!("INCR n{key}\r\n"),
                6 | 7 => format!("RPUSH l{key} {value}\r\n"),
                8 => format!("DEL l{key}\r\n"),
                _ => format!("SET s{key} {value}\r\n"),
            };
            node.feed(client, command.as_bytes());
            if rng.below(4) == 0 {
                node.advance_to(node.now() + rng.below(3000) as i64);
            }
            is_full = if is_full { rng.below(10) > 0 } else { rng.below(40) == 0 };
            let is_flaky = is_full;
            let ended = disk.keep(&mut node, || is_flaky && rng.below(3) > 0);
            assert_eq!(ended, None, "seed {seed}: nothing was promised");
            refused += usize::from(answer(&mut node, client).starts_with("-MISCONF"));
        }
        assert!(refused > 0, "seed {seed}: some writes were refused");
        node.advance_to(node.now() + 2000);
        assert_eq!(disk.keep(&mut node, || false), None, "seed {seed}: it goes on");
        assert_eq!(disk.keep(&mut node, || false), None, "seed {seed}: it goes on");
        let (again, _) = start(&disk, &parameters);
        assert_eq!(again.inspect().digest(), node.inspect().digest(), "seed {seed}: the same data");
    }
}
