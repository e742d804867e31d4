//! Going back and forth against fresh replays, forks, clocks and limits.

use redarium_resp::split;
use redarium_structures::rng::Rng;

use super::*;

fn words(line: &str) -> Words {
    split(line.as_bytes()).unwrap()
}

/// A command of the kind that people type, with keys that meet and deadlines that pass.
fn random_command(rng: &mut Rng) -> String {
    let (key, number) = (rng.below(12), rng.below(1000));
    match rng.below(24) {
        0..3 => format!("SET k{key} {number}"),
        3 => format!("SET k{key} {number} PX {}", 1 + rng.below(30_000)),
        4 => format!("APPEND k{key} x"),
        5 => format!("INCRBY k{key} {number}"),
        6 => format!("DEL k{key}"),
        7..9 => format!("SADD s{key} m{number} {number}"),
        9 => format!("SPOP s{key}"),
        10..12 => format!("HSET h{key} f{} {number}", number % 5),
        12 => format!("PEXPIRE h{key} {}", 1 + rng.below(30_000)),
        13..15 => format!("ZADD z{key} {number} m{}", number % 7),
        15..19 => ["MULTI", "EXEC", "UNWATCH", "CLIENT TRACKING ON BCAST"][rng.below(4) as usize]
            .to_owned(),
        19..22 => format!("WATCH k{key} s{key}"),
        22 => format!("ZINCRBY z{key} -5.5 m{}", number % 7),
        _ => "RANDOMKEY".to_owned(),
    }
}

/// One random thing that a person or the host does.
fn random_step(lab: &mut Lab, rng: &mut Rng) {
    let client = if rng.below(3) == 0 { "bob" } else { "ann" };
    match rng.below(20) {
        0 => {
            lab.undo();
        }
        1 => {
            lab.redo();
        }
        2 => {
            lab.seek(rng.below(lab.len() as u64 + 1) as usize);
        }
        3 => lab.advance(rng.below(20_000)).unwrap(),
        4..7 => {
            lab.host_time(rng.below(3_000) as f64);
        }
        7 => lab.disconnect(client).unwrap(),
        8 => {
            lab.feed(client, b"GET k1\r\nSET k2 ");
            lab.feed(client, b"5\r\n");
        }
        _ => {
            lab.run(client, &words(&random_command(rng)));
        }
    }
}

/// What can be seen of a world: its data, clock, clients and the answers to come.
fn looks(lab: &Lab) -> (u64, i64, Vec<String>, Vec<Vec<u8>>) {
    let mut probe = lab.fork();
    let clients = lab.clients().map(|(name, id)| format!("{name}={}", id.0)).collect();
    let asked = ["RANDOMKEY", "SPOP s1", "GET k1", "HGETALL h2", "ZRANGE z3 0 -1", "DBSIZE"];
    let replies = asked.iter().map(|line| probe.run("ann", &words(line))).collect();
    (lab.digest(), lab.now(), clients, replies)
}

#[test]
fn every_position_equals_a_fresh_replay() {
    for seed in 0..6 {
        let mut rng = Rng::new(seed);
        let mut lab = Lab::new(Options::default());
        lab.set_clock(Clock::RealTime { rate: 1.0 });
        for step in 0..600 {
            random_step(&mut lab, &mut rng);
            if step % 25 == 0 {
                let done = lab.log()[..lab.position()].to_vec();
                let replay = Lab::from_log(Options::default(), done).unwrap();
                assert_eq!(looks(&lab), looks(&replay), "seed {seed}, step {step}");
            }
        }
        let log = lab.log().to_vec();
        for _ in 0..40 {
            let position = rng.below(log.len() as u64 + 1) as usize;
            assert!(lab.seek(position), "within the log");
            let replay = Lab::from_log(Options::default(), log[..position].to_vec()).unwrap();
            assert_eq!(looks(&lab), looks(&replay), "seed {seed}, position {position}");
        }
    }
}

#[test]
fn how_the_host_slices_time_changes_nothing() {
    for seed in 0..20 {
        let mut rng = Rng::new(seed);
        let mut whole = Lab::new(Options::default());
        whole.set_clock(Clock::RealTime { rate: 1.0 });
        for key in 0..3000 {
            whole.run("ann", &words(&format!("SET k{key} v PX {}", 1 + rng.below(200_000))));
        }
        let mut sliced = whole.fork();
        let mut left = 240_000;
        whole.host_time(f64::from(left));
        while left > 0 {
            let slice = left.min(1 + rng.below(5000) as i32);
            sliced.host_time(f64::from(slice));
            left -= slice;
        }
        assert_eq!(sliced.log(), whole.log(), "one move of the clock");
        let randoms = |lab: &Lab| lab.fork().run("ann", &words("RANDOMKEY"));
        assert_eq!(randoms(&sliced), randoms(&whole), "seed {seed}: chance took the same turns");
        assert_eq!(sliced.digest(), whole.digest(), "seed {seed}: the same data");
        let sizes = |lab: &Lab| lab.engine().databases()[0].len();
        assert_eq!(sizes(&sliced), sizes(&whole), "seed {seed}: the same keys removed");
    }
}

#[test]
fn a_fork_goes_its_own_way() {
    let mut lab = Lab::new(Options::default());
    lab.run("ann", &words("SET a 1"));
    let before = looks(&lab);
    let mut fork = lab.fork();
    assert_eq!(fork.run("ann", &words("INCR a")), b":2\r\n", "the fork has the data");
    fork.advance(5).unwrap();
    assert_eq!(looks(&lab), before, "the lab it came from is as it was");
    assert_eq!((lab.len(), fork.len()), (1, 3), "each has its own log");
    assert!(fork.undo() && fork.undo() && fork.undo(), "the fork may go back beyond the fork");
    assert_eq!(fork.run("ann", &words("GET a")), b"$-1\r\n", "to the very start");
    assert_eq!(lab.run("ann", &words("GET a")), b"$1\r\n1\r\n", "and the lab does not notice");
}

#[test]
fn undo_and_redo_take_the_time_along() {
    let mut lab = Lab::new(Options::default());
    lab.set_clock(Clock::RealTime { rate: 2.0 });
    assert!(!lab.undo() && !lab.redo(), "nothing was done");
    lab.run("ann", &words("SET a 1"));
    lab.host_time(500.0);
    lab.host_time(500.0);
    lab.run("ann", &words("SET a 2"));
    lab.host_time(100.0);
    assert_eq!(lab.len(), 4, "two commands and two stretches of time");
    let end = looks(&lab);
    assert!(lab.undo(), "the second command and the time since");
    assert_eq!(lab.now(), START + 2000, "as it was typed");
    assert_eq!(lab.host_time(1000.0), 0, "time stands still in the past");
    assert!(lab.redo(), "both again");
    assert_eq!(looks(&lab), end, "the same end");
    assert!(lab.undo() && lab.undo() && !lab.undo(), "two commands to undo");
    assert_eq!((lab.now(), lab.position()), (START, 0), "the start");
    lab.run("ann", &words("SET a 3"));
    assert!(!lab.redo() && lab.len() == 1, "a new command forgets what was undone");
    assert!(!lab.seek(2), "there is no such place");
}

#[test]
fn each_clock_moves_as_it_says() {
    let mut lab = Lab::new(Options::default());
    lab.host_time(1000.0);
    assert_eq!(lab.now(), START, "paused");
    lab.set_clock(Clock::Stepped { ms: 10 });
    lab.run("ann", &words("SET a 1 PX 70000"));
    lab.run("ann", &words("SET b 1 PX 30"));
    lab.host_time(1000.0);
    assert_eq!(lab.now(), START + 20, "two commands");
    lab.set_clock(Clock::Fast);
    assert_eq!(lab.host_time(16.0), 21, "to just after the end of b");
    assert_eq!(lab.run("ann", &words("GET b")), b"$-1\r\n", "b is gone");
    lab.host_time(16.0);
    assert_eq!(lab.now(), START + 70_001, "to just after the end of a");
    lab.run("ann", &words("HSETEX h PX 500 FIELDS 1 f v"));
    assert_eq!(lab.host_time(16.0), 501, "to just after the end of the field");
    assert_eq!(lab.run("bob", &words("BLPOP jobs 2")), b"", "waits");
    assert_eq!(lab.host_time(16.0), 2_001, "to just after the end of bob's wait");
    assert_eq!(lab.take_output("bob"), b"*-1\r\n", "in vain");
    assert_eq!(lab.host_time(16.0), 0, "nothing more will happen");
}

#[test]
fn what_others_are_sent_waits_for_them() {
    let mut lab = Lab::new(Options::default());
    assert_eq!(lab.feed("ann", b"PING\r\nECHO a\r\nPI"), b"+PONG\r\n$1\r\na\r\n", "two answers");
    assert_eq!(lab.run("bob", &words("PING")), b"+PONG\r\n", "another client");
    assert_eq!(lab.feed("ann", b"NG\r\n"), b"+PONG\r\n", "the rest of the third");
    assert_eq!(lab.take_output("ann"), b"", "nothing is left");
    let names: Vec<&str> = lab.clients().map(|(name, _)| name).collect();
    assert_eq!(names, ["ann", "bob"], "both are connected");
    lab.disconnect("ann").unwrap();
    assert_eq!(lab.clients().count(), 1, "one has left");
    lab.feed("bob", b"*1\r\nPING\r\n");
    assert_eq!(lab.clients().count(), 0, "one was cut off for bad manners");
    assert_eq!(lab.run("bob", &words("PING")), b"+PONG\r\n", "and is connected anew");
}

#[test]
fn a_full_log_says_so_and_stays_usable() {
    let mut lab = Lab::new(Options::default());
    let large = Words::from_slices([&b"SET"[..], b"a", &vec![b'x'; BYTES_MAX / 4]]);
    for _ in 0..3 {
        assert_eq!(lab.run("ann", &large), b"+OK\r\n", "there is room");
    }
    let reply = lab.run("ann", &large);
    assert!(reply.starts_with(b"-ERR this session is full"), "a clear error");
    assert_eq!(lab.len(), 3, "it was not run");
    assert!(lab.undo(), "going back still works");
    assert_eq!(lab.run("ann", &words("SET a 1")), b"+OK\r\n", "and makes room");
}

#[test]
fn a_transaction_goes_back_and_forth_with_everything_else() {
    let mut lab = Lab::new(Options::default());
    for line in ["SET stock 5", "WATCH stock", "MULTI", "DECR stock"] {
        lab.run("ann", &words(line));
    }
    let mut fork = lab.fork();
    lab.run("bob", &words("SET stock 0"));
    assert_eq!(lab.run("ann", &words("EXEC")), b"*-1\r\n", "somebody was faster");
    assert!(lab.undo() && lab.undo(), "EXEC and SET");
    assert_eq!(lab.run("ann", &words("EXEC")), b"*1\r\n:4\r\n", "and here nobody was");
    assert_eq!(fork.run("ann", &words("EXEC")), b"*1\r\n:4\r\n", "nor in the fork");
    assert_eq!(lab.digest(), fork.digest(), "the same in both");
}

fn text(lab: &mut Lab, line: &str) -> String {
    let words = split(line.as_bytes()).unwrap();
    String::from_utf8(lab.run("ann", &words)).unwrap()
}

#[test]
fn a_crash_loses_what_is_not_durable_and_can_be_undone() {
    let mut lab = Lab::new(Options::default());
    text(&mut lab, "CONFIG SET appendonly yes appendfsync no");
    text(&mut lab, "SET a 1");
    assert_eq!(lab.files().iter().count(), 3, "the list, the base and the log");
    let log = "appendonlydir/appendonly.aof.1.incr.aof";
    let file = lab.files().get(log).unwrap();
    assert!(file.durable_upto() < file.len(), "nobody has made sure of it");
    let view = lab.file_view(log, 0, 10).unwrap();
    assert_eq!(view.ranges.last().unwrap().text, b"SET a 1", "what stands there");
    let before = lab.digest();
    lab.crash(0).unwrap();
    assert_eq!(text(&mut lab, "GET a"), "$-1\r\n", "lost");
    assert!(lab.undo() && lab.undo(), "the look and the crash");
    assert_eq!(lab.digest(), before, "as if nothing had happened");
    let mut fork = lab.fork();
    fork.restart().unwrap();
    assert_eq!(text(&mut fork, "GET a"), "$1\r\n1\r\n", "a clean end loses nothing");
    lab.crash(u64::MAX).unwrap();
    assert_eq!(text(&mut lab, "GET a"), "$1\r\n1\r\n", "it happened to be written");
}

#[test]
fn a_torn_log_is_read_up_to_its_last_command() {
    let mut lab = Lab::new(Options::default());
    text(&mut lab, "CONFIG SET appendonly yes appendfsync no");
    text(&mut lab, "SET a 1");
    text(&mut lab, "SET b 2");
    // SELECT 0 takes 23 bytes, SET a 1 another 27; the second SET is torn.
    lab.crash(23 + 27 + 5).unwrap();
    assert_eq!(text(&mut lab, "MGET a b"), "*2\r\n$1\r\n1\r\n$-1\r\n");
    let log = lab.files().get("appendonlydir/appendonly.aof.1.incr.aof").unwrap();
    assert_eq!(log.len(), 50, "and cut off there");
}

#[test]
fn a_damaged_file_keeps_the_node_from_starting_and_says_why() {
    let mut lab = Lab::new(Options::default());
    lab.put_file("dump.rdb", b"REDIS0010nonsense").unwrap();
    lab.restart().unwrap();
    // The clean end has written a snapshot of its own, which is sound.
    assert_eq!(lab.trouble(), None, "replaced");
    lab.put_file("dump.rdb", b"REDIS0010\xffnonsense").unwrap();
    lab.crash(0).unwrap();
    let trouble = lab.trouble().unwrap().to_owned();
    assert!(trouble.contains("dump.rdb, at byte 10: the checksum"), "{trouble}");
    assert!(text(&mut lab, "PING").contains(&trouble), "whoever asks is told");
    lab.put_file("dump.rdb", &Lab::new(Options::default()).engine().snapshot()).unwrap();
    lab.restart().unwrap();
    assert_eq!(text(&mut lab, "PING"), "+PONG\r\n", "mended");
}

#[test]
fn users_are_read_from_a_file_and_written_to_it() {
    let config = Config { aclfile: "users.acl".to_owned(), ..Config::default() };
    let mut lab = Lab::new(Options { config, ..Options::default() });
    let say = |lab: &mut Lab, client: &str, line: &str| {
        let words = split(line.as_bytes()).unwrap();
        String::from_utf8(lab.run(client, &words)).unwrap()
    };
    let missing = say(&mut lab, "admin", "ACL LOAD");
    assert!(
        missing.ends_with("opening file 'users.acl': No such file or directory\r\n"),
        "{missing}"
    );
    assert_eq!(say(&mut lab, "admin", "ACL SETUSER ann on nopass ~a* +get +acl|whoami"), "+OK\r\n");
    assert_eq!(say(&mut lab, "admin", "ACL SETUSER bo on nopass +acl|whoami"), "+OK\r\n");
    assert_eq!(say(&mut lab, "admin", "ACL SAVE"), "+OK\r\n");
    lab.crash(0).unwrap();
    for name in ["ann", "bo"] {
        assert_eq!(say(&mut lab, name, &format!("AUTH {name} x")), "+OK\r\n", "there again");
    }
    lab.put_file("users.acl", b"user ann on nopass ~a* +get +acl|whoami\nuser cy oops\n").unwrap();
    let wrong = say(&mut lab, "admin", "ACL LOAD");
    assert!(wrong.starts_with("-ERR users.acl:2: Syntax error. WARNING: "), "{wrong}");
    lab.put_file("users.acl", b"user ann on nopass ~a* +get +acl|whoami\n").unwrap();
    assert_eq!(say(&mut lab, "admin", "ACL LOAD"), "+OK\r\n");
    assert_eq!(
        say(&mut lab, "ann", "ACL WHOAMI"),
        "$3\r\nann\r\n",
        "whose rules are the same stays"
    );
    assert_eq!(
        say(&mut lab, "bo", "ACL WHOAMI"),
        "$7\r\ndefault\r\n",
        "who is gone has to come again"
    );
    lab.set_disk_trouble(Some(DISK_FULL)).unwrap();
    assert!(say(&mut lab, "admin", "ACL SAVE").starts_with("-ERR There was an error"), "no room");
    assert!(lab.undo() && lab.undo(), "before the disk was full");
    assert_eq!(say(&mut lab, "admin", "ACL SAVE"), "+OK\r\n");
}
