//! Files of both kinds travel to a real Redis and back, and say the same there by the digests of both.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use e2e::process::Server;
use e2e::wire::Wire;
use redarium_resp::decode::{Reply, decode};
use redarium_resp::words::split;
use redarium_structures::rng::Rng;

/// A directory for the files of one test, removed with it.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("redarium-files-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

/// A server with a connection to it.
pub(crate) struct Side {
    pub(crate) wire: Wire,
    server: Server,
}

impl Side {
    pub(crate) fn ours(folder: &Folder, more: &[&str]) -> Self {
        // Readable by the real Redis.
        let args = ["--dir", folder.path(), "--rdb-version", "10"];
        Self::of(Server::redarium(&[&args[..], more].concat()))
    }

    fn theirs(folder: &Folder, more: &[&str]) -> Self {
        let args = ["--dir", folder.path(), "--enable-debug-command", "local"];
        Self::of(Server::redis(&[&args[..], more].concat()))
    }

    pub(crate) fn of(server: Server) -> Self {
        Self { wire: Wire::connect(&server), server }
    }

    pub(crate) fn run(&mut self, line: &str) -> Reply {
        let reply = self.wire.ask_words(&split(line.as_bytes()).unwrap());
        decode(&reply).unwrap().unwrap().0
    }

    /// Runs a command that answers no error.
    pub(crate) fn do_all<S: AsRef<str>>(&mut self, lines: impl IntoIterator<Item = S>) {
        for line in lines {
            let reply = self.run(line.as_ref());
            assert!(!reply.is_error(), "{:.100}: {reply:?}", line.as_ref());
        }
    }

    fn server(&self) -> &Server {
        &self.server
    }

    /// Ends it as SIGTERM does.
    fn end(mut self) {
        assert!(self.server.signal("TERM").success(), "a clean end");
    }

    /// Ends it without giving it time for anything.
    pub(crate) fn kill(mut self) {
        self.server.signal("KILL");
    }

    /// Every key with what it holds as a digest, its deadline and its encoding.
    pub(crate) fn all(&mut self) -> Vec<String> {
        let mut all = Vec::new();
        for db in 0..4 {
            self.run(&format!("SELECT {db}"));
            let mut keys: Vec<_> = self
                .run("KEYS *")
                .elements()
                .unwrap()
                .iter()
                .map(|key| String::from_utf8(key.as_bytes().unwrap().to_vec()).unwrap())
                .collect();
            keys.sort();
            for key in keys {
                let digest = self.run(&format!("DEBUG DIGEST-VALUE {key}"));
                let end = self.run(&format!("PEXPIRETIME {key}"));
                let groups = self.run(&format!("XINFO GROUPS {key}"));
                let shown = [&digest, &end, &groups].map(redarium_resp::render::render);
                all.push(format!("{db} {key} {}", shown.join(" ")));
            }
        }
        self.run("SELECT 0");
        all
    }
}

/// Fails with the keys that are not the same.
#[track_caller]
fn assert_same(found: &[String], expected: &[String], what: &str) {
    let lacks = |some: &[String], others: &[String]| {
        others.iter().filter(|key| !some.contains(key)).cloned().collect::<Vec<_>>().join("\n")
    };
    let (more, less) = (lacks(expected, found), lacks(found, expected));
    assert!(found == expected, "{what}\n{more}\ninstead of\n{less}");
}

/// Commands that make keys of all types and encodings that both know, in several databases.
pub(crate) fn samples() -> Vec<String> {
    let repeated = |command: &str, count: usize, word: &dyn Fn(usize) -> String| {
        (0..count).map(|n| format!("{command} {}", word(n))).collect::<Vec<_>>()
    };
    let (long, large) = ("x".repeat(100), "y".repeat(9000));
    let mut all: Vec<String> = [
        "SET int 12",
        "SET min -9223372036854775808",
        "SET zeros 00012",
        r#"SET bytes "\x00\xff\r\n""#,
        r#"SET empty """#,
        "SET soon 1 EX 100000",
        "APPEND raw ab",
        "APPEND raw c",
        "RPUSH list a 1 -70000 b 5000000000 00",
        "SADD ints 1 2 -3",
        "SADD ints32 1 2 -70000",
        "SADD ints64 1 2 -5000000000",
        "SADD members a b 3",
        "ZADD scores 1 a 1.5 b -inf c 3e30 d inf e 0.1 f",
        "HSET hash a 1 b two 3 4",
        "EXPIRE hash 100000",
        "XADD stream 1-1 f v",
        "XADD stream 5-1 f v g w",
        "XADD stream 7-1 f v",
        "XDEL stream 5-1",
        "XGROUP CREATE stream g 0",
        "XGROUP CREATE stream h $",
        "XREADGROUP GROUP g ann COUNT 1 STREAMS stream >",
        "XREADGROUP GROUP g bob COUNT 1 STREAMS stream >",
        "XGROUP CREATECONSUMER stream g cy",
        "XACK stream g 1-1",
        "XGROUP CREATE nothing g 5-0 MKSTREAM",
        "SETBIT bits 100000 1",
        "PFADD hll a b c",
        "GEOADD places 13.361389 38.115556 Palermo 15.087269 37.502669 Catania",
        "SELECT 1",
        "SET one 1",
        "SELECT 3",
        "SET three 3 PX 100000000",
        "SELECT 0",
    ]
    .map(str::to_owned)
    .to_vec();
    all.push(format!("SET long {long}"));
    all.push(format!("SET large {}", "abcabcabd".repeat(5000)));
    all.push(format!("RPUSH plain a {large} 5 {large} b"));
    all.push(format!("HSET longer f {long}"));
    all.extend(repeated("RPUSH many-list", 3000, &|n| format!("element:{n}")));
    all.extend(repeated("SADD many-ints", 600, &|n| n.to_string()));
    all.extend(repeated("SADD many-members", 300, &|n| format!("m{n}")));
    all.extend(repeated("ZADD many-scores", 300, &|n| format!("{}.25 m{n}", n % 50)));
    all.extend(repeated("HSET many-fields", 600, &|n| format!("f{n} {n}")));
    all.extend(repeated("XADD many-entries", 300, &|n| format!("{}-1 f {n} g{} x", n + 1, n % 3)));
    all
}

#[test]
fn snapshots_say_the_same_to_a_real_server_and_here() {
    let folder = Folder::new();
    let mut ours = Side::ours(&folder, &["--save", ""]);
    ours.do_all(samples());
    ours.do_all(["SAVE"]);
    let expected = ours.all();
    assert!(expected.len() > 30, "all samples: {}", expected.len());
    ours.end();
    let mut theirs = Side::theirs(&folder, &[]);
    assert_same(&theirs.all(), &expected, "there");
    theirs.do_all(["SET theirs 1", "SAVE", "DEL theirs"]);
    let expected = {
        theirs.do_all(["SET theirs 1"]);
        theirs.all()
    };
    theirs.end();
    let mut back = Side::ours(&folder, &[]);
    assert_same(&back.all(), &expected, "back here");
    back.do_all(["DEBUG RELOAD", "DEBUG LOADAOF"]);
    assert_same(&back.all(), &expected, "and written anew");
}

#[test]
fn their_older_encodings_are_read() {
    // Without LZF, and with tables where we would have listpacks.
    let folder = Folder::new();
    let limits = ["--hash-max-listpack-entries", "0", "--zset-max-listpack-entries", "0"];
    let more = ["--rdbcompression", "no", "--list-max-listpack-size", "2"];
    let mut theirs = Side::theirs(
        &folder,
        &[&limits[..], &more, &["--maxmemory-policy", "allkeys-lfu"]].concat(),
    );
    theirs.do_all(samples());
    theirs.do_all(["SAVE"]);
    let expected = theirs.all();
    theirs.end();
    assert_same(&Side::ours(&folder, &[]).all(), &expected, "the same here");
}

#[test]
fn a_snapshot_that_is_cut_off_or_damaged_is_refused_with_its_place() {
    let folder = Folder::new();
    let mut ours = Side::ours(&folder, &[]);
    ours.do_all(["SET a 1", "RPUSH b 1 2 3", "SAVE"]);
    ours.kill();
    let file = folder.file("dump.rdb");
    let bytes = fs::read(&file).unwrap();
    let mut damaged = bytes.clone();
    damaged[bytes.len() - 1] ^= 1;
    let end = bytes.len() - 9;
    for (bytes, expected) in [
        (&bytes[..end], format!("dump.rdb, at byte {end}: the file breaks off in a record")),
        (&damaged, format!("dump.rdb, at byte {}: the checksum does not fit", end + 1)),
        (b"nonsense", "dump.rdb, at byte 0: a snapshot begins with REDIS".to_owned()),
    ] {
        fs::write(&file, bytes).unwrap();
        let args = ["serve", "--port", "0", "--dir", folder.path()];
        let output = e2e::process::redarium().args(args).output().unwrap();
        let trouble = String::from_utf8_lossy(&output.stderr);
        assert!(trouble.contains(&expected), "{trouble}");
        assert_eq!(trouble.lines().count(), 1, "{trouble}");
        assert_eq!(fs::read(&file).unwrap(), bytes, "the file is left as it was");
    }
}

#[test]
fn a_directory_that_cannot_be_used_is_named() {
    for (args, expected) in [
        (&["--dir", "/nowhere/at/all"][..], "cannot use the directory /nowhere/at/all"),
        (&["--appendonly", "yes"], "--dir"),
        (&["--dir", "/tmp", "--appendonly", "perhaps"], "argument must be 'yes' or 'no'"),
        (&["--dir", "/tmp", "--save", "1"], "Invalid save parameters"),
        (&["--dir", "/tmp", "--dbfilename", "../dump.rdb"], "leads out of the directory"),
    ] {
        let output = e2e::process::redarium().args(["serve", "--port", "0"]).args(args).output();
        let output = output.unwrap();
        let trouble = String::from_utf8_lossy(&output.stderr);
        assert!(trouble.contains(expected), "{args:?}: {trouble}");
        assert!(!output.status.success(), "{args:?}");
    }
    assert!(Path::new("/tmp").is_dir(), "nothing of it is harmed");
}

/// What would do something else at another time, or by another throw of the dice.
fn changing() -> Vec<String> {
    let lines = [
        "SET a 1 EX 100000",
        "SET a 2 KEEPTTL",
        "SET b 1",
        "PEXPIRE b 100000000",
        "EXPIRE b 200000 GT",
        "SETEX c 100000 v",
        "PSETEX d 100000000 v",
        "GETEX d PERSIST",
        "GETEX c EX 5000",
        "SET gone 1",
        "EXPIREAT gone 1",
        "SET past 1 PXAT 1",
        "SET f 10.5",
        "EXPIRE f 100000",
        "INCRBYFLOAT f 0.1",
        "HSET h f 1.5",
        "HINCRBYFLOAT h f 1.25",
        "SADD s a b c d e f g h",
        "SPOP s",
        "SPOP s 3",
        "SADD t a b",
        "SPOP t 5",
        "SET g 1",
        "GETDEL g",
        "GETSET a2 v",
        "RPUSH l a b c d e f",
        "LMPOP 2 none l LEFT COUNT 2",
        "LPOP l",
        "BLPOP none l 0",
        "BLPOP l 0",
        "BLMOVE l l2 LEFT RIGHT 0",
        "RPUSH m a b c d e",
        "BRPOPLPUSH m l2 0",
        "BLMPOP 0 2 none m RIGHT COUNT 2",
        "BRPOP m none 0",
        "ZADD z 1 a 2 b 3 c 4 d",
        "ZPOPMIN z",
        "BZPOPMAX none z 0",
        "ZADD z 5 e 6 f 7 g",
        "BZMPOP 0 1 z MAX",
        "BZPOPMIN z 0",
        "ZMPOP 2 none z MIN",
        "XADD x * f v",
        "XADD x * f v",
        "XADD x MAXLEN ~ 1 * f v",
        "XADD x MAXLEN 2 * f v",
        "XGROUP CREATE x g 0",
        "XGROUP CREATE x h $",
        "XREADGROUP GROUP g ann COUNT 1 STREAMS x >",
        "XREADGROUP GROUP g bob NOACK STREAMS x >",
        "XADD x * f v",
        "XREADGROUP GROUP g ann STREAMS x >",
        "XAUTOCLAIM x g cy 0 0 COUNT 1",
        "XTRIM x MAXLEN 2",
        "XGROUP SETID x h 0",
        "XADD y 5-* f v",
        "PFADD hll a b c d",
        "PFCOUNT hll",
        "SETBIT bits 7 1",
        "GEOADD places 13.361389 38.115556 Palermo",
        "GEOSEARCHSTORE near places FROMMEMBER Palermo BYRADIUS 10 km",
        "SORT l2 ALPHA STORE sorted",
        "COPY a copied",
        "RENAME a2 renamed",
        "MOVE b 2",
        "SELECT 1",
        "SET other 1 EX 100000",
        "MULTI",
        "INCR other",
        "INCR another",
        "SELECT 3",
        "SET third 1",
        "EXEC",
        "SELECT 0",
        "SET e 1",
        "PERSIST e",
        "SWAPDB 1 2",
        "APPEND e 23",
        "LINSERT l BEFORE e x",
        "SINTERSTORE u s s",
        "BITFIELD bits SET u8 0 200 INCRBY u8 8 5",
        "COPY h h2",
        "UNLINK h2",
    ];
    lines.map(str::to_owned).to_vec()
}

const LOGGED: &[&str] = &["--appendonly", "yes", "--appendfsync", "always", "--save", ""];

#[test]
fn logs_say_the_same_to_a_real_server_and_here() {
    let folder = Folder::new();
    let mut ours = Side::ours(&folder, LOGGED);
    ours.do_all(samples());
    ours.do_all(changing());
    // A key and a field that end while nobody looks, and one that somebody asks for.
    ours.do_all(["SET soon 1 PX 1", "SET asked 1 PX 1"]);
    while redarium_resp::render::render(&ours.run("EXISTS asked")) != "(integer) 0" {}
    let expected = ours.all();
    ours.kill();
    let mut again = Side::ours(&folder, LOGGED);
    assert_same(&again.all(), &expected, "after a crash");
    again.do_all(["BGREWRITEAOF", "INCR int"]);
    let expected = again.all();
    while String::from_utf8_lossy(again.run("INFO persistence").as_bytes().unwrap())
        .contains("aof_rewrite_in_progress:1")
    {}
    again.kill();
    let mut theirs = Side::theirs(&folder, &["--appendonly", "yes"]);
    assert_same(&theirs.all(), &expected, "there, and rewritten");
    theirs.do_all(["FLUSHALL"]);
    theirs.do_all(changing());
    theirs.do_all(["CONFIG SET appendfsync always", "SET last 1"]);
    theirs.end();
    // Its log does not say of every group how many entries it has read.
    let mut theirs = Side::theirs(&folder, &["--appendonly", "yes"]);
    let expected = theirs.all();
    theirs.end();
    let mut back = Side::ours(&folder, LOGGED);
    assert_same(&back.all(), &expected, "back here");
}

/// Without a snapshot at the beginning, as commands only.
#[test]
fn logs_of_commands_only_say_the_same() {
    let folder = Folder::new();
    let mut ours = Side::ours(&folder, LOGGED);
    ours.do_all(["CONFIG SET aof-use-rdb-preamble no appendonly no"]);
    ours.do_all(samples());
    ours.do_all(["CONFIG SET appendonly yes"]);
    let expected = ours.all();
    ours.end();
    let mut theirs =
        Side::theirs(&folder, &["--appendonly", "yes", "--aof-use-rdb-preamble", "no"]);
    assert_same(&theirs.all(), &expected, "there");
    theirs.do_all(["BGREWRITEAOF"]);
    while !String::from_utf8_lossy(theirs.run("INFO persistence").as_bytes().unwrap())
        .contains("aof_rewrite_in_progress:0")
    {}
    theirs.end();
    assert_same(&Side::ours(&folder, LOGGED).all(), &expected, "back here");
}

/// How often the program is killed under load.
fn kills() -> u64 {
    std::env::var("KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(5)
}

/// Writers that count up, each in a list of its own and with a counter beside it in one transaction.
const WRITERS: usize = 3;

/// Loads a server until it has answered a random number of times, and kills it in the middle of the next ones; what
/// each writer was told is written.
fn load_and_kill(ours: Side, rng: &mut Rng) -> Vec<i64> {
    let answers = Arc::new(AtomicU32::new(0));
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let mut wire = Wire::connect(ours.server());
            let answers = Arc::clone(&answers);
            std::thread::spawn(move || {
                let mut acknowledged = -1;
                let words =
                    format!("MULTI\r\nRPUSH list:{writer} x\r\nINCR count:{writer}\r\nEXEC\r\n");
                loop {
                    wire.send(words.as_bytes());
                    let mut last = Vec::new();
                    for _ in 0..4 {
                        match wire.try_reply() {
                            Ok(reply) => last = reply,
                            Err(_) => return acknowledged,
                        }
                    }
                    let reply = decode(&last).unwrap().unwrap().0;
                    acknowledged = reply.elements().unwrap()[1].as_integer().unwrap();
                    answers.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    let enough = 1 + rng.below(100) as u32;
    while answers.load(Ordering::Relaxed) < enough && writers.iter().any(|one| !one.is_finished()) {
        std::thread::yield_now();
    }
    ours.kill();
    writers.into_iter().map(|writer| writer.join().unwrap()).collect()
}

/// What is in the lists after a new start, checked to be whole transactions.
fn written(ours: &mut Side) -> Vec<i64> {
    (0..WRITERS)
        .map(|writer| {
            let len = ours.run(&format!("LLEN list:{writer}")).as_integer().unwrap();
            let count = ours.run(&format!("GET count:{writer}"));
            let count: i64 = count
                .as_bytes()
                .map_or(0, |text| std::str::from_utf8(text).unwrap().parse().unwrap());
            assert_eq!(len, count, "a transaction is whole or not there");
            count
        })
        .collect()
}

#[test]
fn a_killed_server_has_lost_nothing_that_it_has_answered() {
    let mut rng = Rng::new(11);
    for policy in ["always", "everysec", "no"] {
        let folder = Folder::new();
        let args = ["--appendonly", "yes", "--appendfsync", policy, "--save", ""];
        let mut before = vec![0; WRITERS];
        for round in 0..kills() {
            let mut ours = Side::ours(&folder, &args);
            let found = written(&mut ours);
            if round % 3 == 1 {
                ours.do_all(["BGREWRITEAOF"]);
            }
            // The process is killed, not the system: what was written to the file is there under every policy.
            for (found, before) in found.iter().zip(&before) {
                assert!(found >= before, "{policy}, {round}: {found} of {before} are there");
            }
            before = load_and_kill(ours, &mut rng);
            assert!(before.iter().any(|&count| count > 0), "something was written");
            // Nobody was answered in this round, perhaps.
            before.iter_mut().zip(found).for_each(|(count, found)| *count = found.max(*count));
        }
        let found = written(&mut Side::ours(&folder, &args));
        assert!(found.iter().zip(&before).all(|(found, before)| found >= before), "{policy}");
    }
}
