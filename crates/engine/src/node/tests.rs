//! The clock and what is freed, from inside.

use super::clock::SAMPLED_TICKS_MAX;
use super::*;

const START: i64 = 1_767_603_600_000;
const DAY: i64 = 86_400_000;

struct Node {
    engine: Engine,
    client: ClientId,
}

impl Node {
    fn new() -> Self {
        let mut engine = Engine::new(Options { start: START, seed: 7, ..Options::default() });
        let client = engine.connect("127.0.0.1:50000");
        Self { engine, client }
    }

    /// The reply to a command of words without spaces.
    fn run(&mut self, line: &str) -> String {
        self.engine.feed(self.client, format!("{line}\r\n").as_bytes());
        String::from_utf8(self.engine.take_output(self.client)).unwrap()
    }

    fn run_all(&mut self, lines: &[&str]) {
        for line in lines {
            assert!(!self.run(line).starts_with('-'), "{line}");
        }
    }

    fn advance(&mut self, ms: i64) {
        self.engine.advance_to(self.engine.now() + ms);
        self.engine.dbs.iter().for_each(Database::check);
    }

    /// `count` keys that end at random within `within` milliseconds.
    fn fill(&mut self, count: u64, within: u64) {
        let mut rng = Rng::new(count);
        for n in 0..count {
            self.run(&format!("SET key:{n} 1 PX {}", 1 + rng.below(within)));
        }
    }

    /// The events since the last call, with the keys they happened to.
    fn events(&mut self) -> Vec<String> {
        let (changes, _) = self.engine.take_changes();
        changes.iter().map(|change| format!("{} {:?}", change.event, change.key)).collect()
    }

    fn deadlines(&self) -> Vec<(i64, u32)> {
        let all = self.engine.dbs.iter().flat_map(Database::deadlines);
        all.map(|deadline| (deadline.at, deadline.id)).collect()
    }
}

#[test]
fn keys_end_in_the_order_of_their_deadlines_whatever_their_database() {
    for thorough in [false, true] {
        let mut node = Node::new();
        node.run_all(&[
            "SET late 1 PX 90000",
            "SET early 1 PX 200",
            "SELECT 3",
            "SET middle 1 PX 5000",
            "SET never 1",
        ]);
        node.engine.observe(true);
        if thorough {
            node.engine.sampled_ticks = SAMPLED_TICKS_MAX;
        }
        node.advance(DAY);
        let expected = ["early", "middle", "late"].map(|key| format!("expired \"{key}\""));
        assert_eq!(node.events(), expected, "thorough: {thorough}");
        assert_eq!(node.run("DBSIZE"), ":1\r\n", "the one without an end");
        let view = node.engine.inspect().expiry(0, 10);
        assert_eq!((view.expired, view.expired_active, view.total), (3, 3, 0), "counters");
    }
}

#[test]
fn how_the_host_slices_the_time_changes_nothing() {
    for thorough in [false, true] {
        let (mut whole, mut sliced) = (Node::new(), Node::new());
        for node in [&mut whole, &mut sliced] {
            node.fill(3_000, 100_000);
            if thorough {
                node.engine.sampled_ticks = SAMPLED_TICKS_MAX;
            }
        }
        whole.advance(60_000);
        let mut rng = Rng::new(5);
        while sliced.engine.now() < START + 60_000 {
            let step = (1 + rng.below(700) as i64).min(START + 60_000 - sliced.engine.now());
            sliced.engine.advance_to(sliced.engine.now() + step);
        }
        assert_eq!(whole.deadlines(), sliced.deadlines(), "thorough: {thorough}");
        assert_eq!(whole.run("KEYS *"), sliced.run("KEYS *"), "thorough: {thorough}");
        assert!((900..1_700).contains(&whole.deadlines().len()), "most of them are still there");
    }
}

#[test]
fn a_tick_leaves_at_most_a_tenth_and_the_rest_goes_soon() {
    let mut node = Node::new();
    node.fill(4_000, 10_000);
    node.advance(10_100);
    let left = node.deadlines().len();
    assert!(left < 400, "{left} of 4000 left");
    node.advance(60_000);
    assert!(node.deadlines().is_empty(), "all gone a minute later");
    assert_eq!(node.engine.inspect().expiry(0, 0).expired_active, 4_000, "nobody asked for them");
}

#[test]
fn a_jump_costs_what_happens_and_not_the_time() {
    let mut node = Node::new();
    node.fill(2_000, 7 * DAY as u64);
    node.run("SET far 1 PX 9000000000000");
    node.advance(8 * DAY);
    assert_eq!(node.run("DBSIZE"), ":1\r\n", "all but one ended");
    let ticks = node.engine.sampled_ticks;
    node.run("PING");
    node.advance(200 * 365 * DAY);
    assert!(node.engine.sampled_ticks < 10, "{} of them", node.engine.sampled_ticks);
    assert!(ticks < 600_000, "{ticks} of 6,912,000 ticks found something to do");
    assert_eq!(node.run("EXISTS far"), ":1\r\n", "285 years");
    node.advance(i64::MAX - node.engine.now());
    assert_eq!(node.engine.now(), LATEST, "the end of time");
    assert_eq!(node.run("EXISTS far"), ":0\r\n", "ended");
    assert_eq!(node.run("SET a 1 EX 4000000000000000"), "+OK\r\n", "there is still room");
    assert!(
        node.run("SET a 1 EX 9000000000000000").starts_with("-ERR invalid expire"),
        "but not for that"
    );
    node.engine.advance_to(i64::MAX);
    node.engine.advance_to(i64::MIN);
    assert_eq!(node.engine.now(), LATEST, "never back");
}

#[test]
fn ticks_follow_hz() {
    for (hz, period) in
        [("0", 1_000), ("1", 1_000), ("10", 100), ("300", 3), ("500", 2), ("100000", 2)]
    {
        let mut node = Node::new();
        node.run("SET short 1 PX 1");
        // The first tick is at the start.
        node.advance(0);
        node.run(&format!("CONFIG SET hz {hz}"));
        let first = node.engine.poll_timeout().unwrap();
        node.advance(first - node.engine.now());
        assert_eq!(node.run("DBSIZE"), ":0\r\n", "hz {hz}");
        assert_eq!(node.engine.next_tick - first, period, "hz {hz}");
        assert_eq!(node.engine.poll_timeout(), None, "nothing left to do");
    }
}

#[test]
fn large_values_are_freed_little_by_little() {
    let mut node = Node::new();
    node.run("SADD small a b c");
    for n in 0..40 {
        let members: Vec<String> = (0..500).map(|m| format!("{n}:{m}")).collect();
        let words = members.join(" ");
        node.run_all(&[
            &format!("SADD set {words}"),
            &format!("HSET hash {words}"),
            &format!("ZADD zset 1 {}", words.replace(' ', " 1 ")),
        ]);
    }
    node.run("COPY set kept");
    let fork = node.engine.clone();
    assert_eq!(node.run("DEL small"), ":1\r\n", "small");
    assert!(node.engine.graveyard.is_empty(), "freed at once");
    node.run("DEL set");
    assert!(node.engine.graveyard.is_empty(), "its copy has all of it");
    drop(fork);
    assert_eq!(node.run("DEL kept hash"), ":2\r\n", "large");
    assert_eq!(node.engine.graveyard.len(), 2, "freed later");
    node.run("SET zset 1");
    assert_eq!(node.engine.graveyard.len(), 3, "an overwritten value too");
    assert!(node.engine.poll_timeout().is_some(), "the host is asked for time");
    let mut commands = 0;
    while !node.engine.graveyard.is_empty() {
        node.run("PING");
        commands += 1;
    }
    // 20,000 members, 10,000 fields, 20,000 scored members.
    assert!((150..400).contains(&commands), "{commands} commands");
}

#[test]
fn a_flushed_database_is_freed_little_by_little_and_forks_keep_theirs() {
    let mut node = Node::new();
    let members: Vec<String> = (0..2_000).map(|n| format!("m{n}")).collect();
    for n in 0..1_000 {
        node.run(&format!("SET key:{n} {n}"));
    }
    node.run(&format!("SADD set {}", members.join(" ")));
    let mut fork = node.engine.clone();
    let digest = fork.inspect().digest();
    assert_eq!(node.run("FLUSHALL"), "+OK\r\n", "flushed");
    assert_eq!(node.run("DBSIZE"), ":0\r\n", "empty at once");
    assert_eq!(node.engine.graveyard.len(), 1, "a whole table");
    assert!(node.engine.clone().graveyard.is_empty(), "garbage is not copied");
    node.advance(10_000);
    assert!(node.engine.graveyard.is_empty(), "ticks free too");
    assert_eq!(fork.inspect().digest(), digest, "the fork has everything");
    // The fork's values are its own now.
    let client = fork.connect("127.0.0.1:50001");
    fork.feed(client, b"FLUSHALL\r\n");
    fork.graveyard.free(4);
    assert!(!fork.graveyard.is_empty(), "the large set is left");
    fork.graveyard.free(20);
    assert!(fork.graveyard.is_empty(), "and freed");
}

#[test]
fn a_random_key_is_found_among_many_dead_ones() {
    let mut node = Node::new();
    node.fill(3_000, 5);
    node.engine.advance_to(START);
    node.run("SET alive 1");
    node.engine.now += 50;
    assert_eq!(node.run("RANDOMKEY"), "$5\r\nalive\r\n", "the only one alive");
    let left = node.deadlines().len();
    assert!(left >= 2_900, "{left}: few were removed on the way");
    node.run("DEL alive");
    assert_eq!(node.run("RANDOMKEY"), "$-1\r\n", "none");
}

#[test]
fn the_view_shows_what_ends_first() {
    let mut node = Node::new();
    node.run_all(&["SET c 1 PX 300", "SET a 1 PX 100", "SET never 1", "SET b 1 PX 200"]);
    node.engine.now += 150;
    let view = node.engine.inspect().expiry(0, 2);
    let shown: Vec<_> = view
        .entries
        .iter()
        .map(|entry| (entry.key.as_slice(), entry.at - START, entry.dead))
        .collect();
    assert_eq!(shown, [(b"a".as_slice(), 100, true), (b"b", 200, false)], "the first two");
    assert_eq!((view.total, view.now), (3, START + 150), "of three");
    assert_eq!(node.engine.inspect().expiry(99, 2).total, 0, "no such database");
}

#[test]
fn hits_and_misses_are_counted_as_redis_does() {
    let mut node = Node::new();
    node.run_all(&["SET a 1", "SADD set x"]);
    let counts = |node: &Node| (node.engine.effects.hits, node.engine.effects.misses);
    for (line, hits, misses) in [
        ("GET a", 1, 0),
        ("GET b", 0, 1),
        ("EXISTS a b a", 2, 1),
        ("TTL a", 1, 0),
        ("PTTL b", 0, 1),
        ("EXPIRETIME a", 1, 0),
        ("TYPE a", 1, 0),
        ("TOUCH a b", 1, 1),
        ("OBJECT ENCODING a", 1, 0),
        ("OBJECT FREQ b", 0, 1),
        ("COPY a c", 1, 0),
        ("EXPIRE a 100", 0, 0),
        ("PERSIST a", 0, 0),
        ("RENAME c d", 0, 0),
        ("MOVE d 1", 0, 0),
        ("DEL d", 0, 0),
        ("UNLINK nothing", 0, 0),
        ("KEYS *", 0, 0),
        ("SCAN 0", 0, 0),
        ("RANDOMKEY", 0, 0),
        ("DBSIZE", 0, 0),
        ("SET a 2", 0, 0),
    ] {
        let before = counts(&node);
        node.run(line);
        let after = counts(&node);
        assert_eq!((after.0 - before.0, after.1 - before.1), (hits, misses), "{line}");
    }
}

#[test]
fn events_have_redis_names_and_order() {
    let mut node = Node::new();
    node.engine.observe(true);
    for (line, expected) in [
        ("SET a hello", "set \"a\""),
        ("EXPIRE a 100", "expire \"a\""),
        ("PERSIST a", "persist \"a\""),
        ("RENAME a b", "rename_from \"a\", rename_to \"b\""),
        ("RENAME b b", ""),
        ("COPY b c", "copy_to \"c\""),
        ("MOVE c 1", "move_from \"c\", move_to \"c\""),
        ("EXPIRE b 0", "del \"b\""),
        ("DEL b", ""),
        ("SET b 1", "set \"b\""),
        ("UNLINK b", "del \"b\""),
    ] {
        node.run(line);
        assert_eq!(node.events().join(", "), expected, "{line}");
    }
    node.run("SET short 1 PX 1");
    node.events();
    node.engine.now += 5;
    node.run("GET short");
    assert_eq!(node.events(), ["expired \"short\""], "a lookup that comes too late");
    let view = node.engine.inspect().expiry(0, 0);
    assert_eq!((view.expired, view.expired_active), (1, 0), "lazily");
}

/// Sets up hashes whose fields end, among keys that do, in both of two databases.
fn fill_with_fields(node: &mut Node) {
    node.run_all(&[
        "HSET late a 1 b 2",
        "HPEXPIRE late 90000 FIELDS 1 a",
        "HSETEX early PX 80 FIELDS 1 a 1",
        "SET key 1 PX 190",
        "HSETEX whole PX 9000 FIELDS 1 a 1",
        "PEXPIRE whole 300",
        "HSETEX hollow PX 400 FIELDS 1 a 1",
        "PEXPIRE hollow 99000",
        "SELECT 3",
        "HSETEX middle PX 5000 FIELDS 2 a 1 b 2",
        "HSET middle c 3",
        "HPEXPIRE middle 5050 FIELDS 1 c",
    ]);
}

#[test]
fn fields_end_in_the_order_of_their_deadlines_among_keys() {
    for thorough in [false, true] {
        let mut node = Node::new();
        fill_with_fields(&mut node);
        assert!(node.run("INFO keyspace").contains("expires=3,"), "keys that end");
        assert!(node.run("INFO keyspace").contains("subexpiry=4\r"), "hashes whose fields end");
        node.engine.observe(true);
        if thorough {
            node.engine.sampled_ticks = SAMPLED_TICKS_MAX;
        }
        node.advance(DAY);
        let expected = [
            "hexpired \"early\"",
            "del \"early\"",
            "expired \"key\"",
            "expired \"whole\"",
            "hexpired \"hollow\"",
            "del \"hollow\"",
            "hexpired \"middle\"",
            "hexpired \"middle\"",
            "del \"middle\"",
            "hexpired \"late\"",
        ];
        assert_eq!(node.events(), expected, "thorough: {thorough}");
        assert!(node.run("INFO stats").contains("expired_subkeys:6\r"), "six fields");
        assert_eq!(node.run("DBSIZE"), ":0\r\n", "the last database");
        node.run_all(&["SELECT 0", "CONFIG RESETSTAT"]);
        assert_eq!(node.run("HKEYS late"), "*1\r\n$1\r\nb\r\n", "the field without an end");
        assert!(node.run("INFO keyspace").contains("expires=0,avg_ttl=0,subexpiry=0\r"), "nothing");
        assert!(node.run("INFO stats").contains("expired_subkeys:0\r"), "forgotten");
    }
}

#[test]
fn the_node_asks_to_be_called_for_fields_that_end() {
    let mut node = Node::new();
    node.run("HSET h a 1 b 2");
    node.advance(1000);
    assert_eq!(node.engine.poll_timeout(), None, "nothing ends");
    node.run("HPEXPIRE h 5000 FIELDS 1 a");
    let wanted = node.engine.poll_timeout().unwrap();
    assert!(wanted > node.engine.now() && wanted <= node.engine.now() + 100, "at the next tick");
    node.run("HPERSIST h FIELDS 1 a");
    assert_eq!(node.engine.poll_timeout(), None, "nothing ends any more");
    node.run("HPEXPIRE h 5000 FIELDS 1 a");
    node.advance(5099);
    assert_eq!(
        (node.run("HLEN h"), node.engine.poll_timeout()),
        (":1\r\n".to_owned(), None),
        "gone"
    );
}

/// A tick removes so many fields and no more; the next ones go on.
#[test]
fn a_tick_removes_a_bounded_number_of_fields() {
    let mut node = Node::new();
    for hash in 0..20 {
        let words: Vec<_> = (0..1000).map(|field| format!("{field} v")).collect();
        node.run(&format!("HSETEX h{hash} PX 50 FIELDS 1000 {}", words.join(" ")));
    }
    node.advance(100);
    assert!(node.run("INFO stats").contains("expired_subkeys:8000\r"), "the first tick");
    assert_eq!(node.run("DBSIZE"), ":12\r\n", "eight hashes are gone");
    node.advance(200);
    assert_eq!(node.run("DBSIZE"), ":0\r\n", "two ticks more");
}

#[test]
fn events_of_fields_have_redis_names_and_order() {
    let mut node = Node::new();
    node.engine.observe(true);
    for (line, expected) in [
        ("HSETEX h EX 10 FIELDS 2 a 1 b 2", "hset hexpire"),
        ("HSETEX h KEEPTTL FIELDS 1 a 2", "hset"),
        ("HSETEX h FNX FIELDS 1 a 2", ""),
        ("HSETEX h EX 0 FIELDS 1 z 2", "hset hdel"),
        ("HSETEX z PX 0 FIELDS 1 z 2", "hset hdel del"),
        ("HEXPIRE h 20 FIELDS 2 a b", "hexpire"),
        ("HEXPIRE h 20 NX FIELDS 1 a", ""),
        ("HPERSIST h FIELDS 2 a z", "hpersist"),
        ("HPERSIST h FIELDS 2 a z", ""),
        ("HGETEX h FIELDS 1 a", ""),
        ("HGETEX h PX 20 FIELDS 1 a", "hexpire"),
        ("HGETEX h PERSIST FIELDS 1 a", "hpersist"),
        ("HGETEX h PX 0 FIELDS 2 a z", "hdel"),
        ("HGETDEL h FIELDS 1 z", ""),
        ("HSET h a 1 c 1 d 1", "hset"),
        ("HGETDEL h FIELDS 1 d", "hdel"),
        ("HEXPIREAT h 1 FIELDS 1 b", "hdel"),
        ("HPEXPIRE h 40 FIELDS 2 a c", "hexpire"),
    ] {
        node.run(line);
        let (changes, _) = node.engine.take_changes();
        let events: Vec<_> = changes.iter().map(|change| change.event).collect();
        assert_eq!(events.join(" "), expected, "{line}");
    }
    node.advance(40);
    assert_eq!(node.run("HMGET h a x"), "*2\r\n$-1\r\n$-1\r\n", "it has ended");
    assert_eq!(node.events(), ["hexpired \"h\""], "and is removed by who asks");
    node.run("HINCRBY h c x");
    assert_eq!(node.events(), [""; 0], "refused before the key is looked at");
    node.run("HGET h c");
    assert_eq!(node.events(), ["hexpired \"h\"", "del \"h\""], "the last one");
    node.run_all(&["HSETEX h PX 40 FIELDS 1 a 1"]);
    node.events();
    node.advance(40);
    node.run("HSET h a 2");
    assert_eq!(node.events(), ["hexpired \"h\"", "hset \"h\""], "ended, and set again");
}

/// Whatever a hash is done to as a whole, the database knows when its fields end.
#[test]
fn the_schedule_of_fields_follows_the_keys() {
    let mut node = Node::new();
    for line in [
        "HSETEX a PX 9000 FIELDS 2 x 1 y 2",
        "COPY a b",
        "DEBUG RELOAD",
        "HPEXPIRE b 5000 FIELDS 1 x",
        "RENAME a c",
        "COPY c e DB 2",
        "MOVE b 1",
        "HSETEX d PX 100 FIELDS 1 x 1",
        "RENAME c d",
        "SET e 1",
        "RENAME d e",
        "HDEL e x",
        "HPERSIST e FIELDS 1 y",
        "HPEXPIRE e 70 FIELDS 1 y",
        "HSET e y 3",
        "HSETEX e PX 70 FIELDS 1 z 1",
        "SET e x",
        "SWAPDB 0 1",
        "HSETEX e PX 70 FIELDS 1 z 1",
        "DEL e",
        "HGETDEL b FIELDS 1 y",
        "HGETEX b PX 50 FIELDS 1 x",
        "FLUSHDB",
        "FLUSHALL",
    ] {
        assert!(!node.run(line).starts_with('-'), "{line}");
        node.engine.dbs.iter().for_each(Database::check);
        if line == "HSETEX e PX 70 FIELDS 1 z 1" {
            node.advance(10);
        }
    }
    assert!(node.engine.dbs.iter().all(|db| db.field_ends().is_empty()), "nothing is left");
    node.run_all(&["HSETEX a PX 50 FIELDS 1 x 1", "DEBUG SET-ACTIVE-EXPIRE 0"]);
    for thorough in [false, true] {
        node.engine.sampled_ticks = if thorough { SAMPLED_TICKS_MAX } else { 0 };
        node.advance(1000);
        assert_eq!(node.run("HLEN a"), ":1\r\n", "nothing removes it unasked");
    }
    node.run_all(&["DEBUG SET-ACTIVE-EXPIRE 1", "HGET a x"]);
    // A copy of the node has fields and deadlines of its own.
    node.run_all(&["HSETEX a PX 900 FIELDS 2 x 1 y 2"]);
    let mut fork = Node { engine: node.engine.clone(), client: node.client };
    fork.run("HPERSIST a FIELDS 1 x");
    node.advance(1000);
    fork.advance(1000);
    assert_eq!((node.run("HLEN a").as_str(), fork.run("HLEN a").as_str()), (":0\r\n", ":1\r\n"));
}
