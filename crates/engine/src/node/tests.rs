//! The clock and what is freed, from inside.

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
