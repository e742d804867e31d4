//! Eviction: a cache that is too small, here and in a real Redis, must serve about the same part of the same requests.

use std::time::{Duration, Instant};

use e2e::process::Server;
use e2e::wire::Wire;
use redarium_engine::config::Config;
use redarium_engine::{ClientId, Engine, Options};
use redarium_structures::rng::Rng;

const POLICIES: &[&str] = &[
    "noeviction",
    "allkeys-lru",
    "allkeys-lfu",
    "allkeys-random",
    "volatile-lru",
    "volatile-lfu",
    "volatile-random",
    "volatile-ttl",
];

/// Different keys that are asked for; about a third of them fit.
const KEYS: u64 = 10_000;

/// Bytes that there are for them, beside what an empty server uses.
const ROOM: usize = 3 * 1024 * 1024;

/// Parts of the trace, each in a second of its own: a key's last use is known to the second.
const PARTS: usize = 8;

/// Requests of each part.
const REQUESTS: usize = 2500;

/// By how many of a hundred requests the two may differ.
const POINTS: f64 = 2.0;

/// The requests of one part: the key of rank n is asked for half as often as that of rank n / 2.
struct Trace {
    /// Sums of weights up to each rank.
    sums: Vec<u64>,
    rng: Rng,
}

impl Trace {
    fn new() -> Self {
        let mut total = 0;
        let sums = (1..=KEYS).map(|rank| {
            total += (1 << 40) / rank;
            total
        });
        Self { sums: sums.collect(), rng: Rng::new(7) }
    }

    fn part(&mut self) -> Vec<u64> {
        let total = *self.sums.last().unwrap();
        let mut draw = || self.rng.next_u64() % total;
        let at = (0..REQUESTS).map(|_| draw());
        at.map(|at| self.sums.partition_point(|&sum| sum <= at) as u64).collect()
    }
}

/// The command that puts a key into the cache; one in ten never ends.
fn set(key: u64) -> String {
    let value = "x".repeat(1000);
    let seconds = 10_000 + key * 7919 % 5000;
    if key.is_multiple_of(10) {
        format!("SET key:{key} {value}\r\n")
    } else {
        format!("SET key:{key} {value} EX {seconds}\r\n")
    }
}

/// A cache under one policy.
trait Cache {
    /// Sends a command and answers its reply.
    fn ask(&mut self, command: &str) -> Vec<u8>;
}

impl Cache for (Engine, ClientId) {
    fn ask(&mut self, command: &str) -> Vec<u8> {
        self.0.feed(self.1, command.as_bytes());
        self.0.take_output(self.1)
    }
}

impl Cache for Wire {
    fn ask(&mut self, command: &str) -> Vec<u8> {
        self.send(command.as_bytes());
        self.reply()
    }
}

/// Asks for keys and puts those that are missing into the cache; how many were there.
fn hits(cache: &mut impl Cache, keys: &[u64]) -> usize {
    let is_hit = |&&key: &&u64| {
        let is_there = !cache.ask(&format!("GET key:{key}\r\n")).starts_with(b"$-1");
        if !is_there {
            cache.ask(&set(key));
        }
        is_there
    };
    keys.iter().filter(is_hit).count()
}

/// How many keys of the trace fit where none is evicted.
fn capacity(cache: &mut impl Cache) -> usize {
    let fits = |&key: &u64| !cache.ask(&set(key)).starts_with(b"-OOM");
    (1..=KEYS).take_while(fits).count()
}

fn ours(policy: &str, room: usize) -> (Engine, ClientId) {
    let config =
        Config { maxmemory: room, maxmemory_policy: policy.to_owned(), ..Config::default() };
    let mut engine =
        Engine::new(Options { start: 1_767_603_600_000, seed: 7, config, ..Options::default() });
    let client = engine.connect("127.0.0.1:50000");
    (engine, client)
}

fn theirs(policy: &str) -> (Wire, Server) {
    let server = Server::redis(&["--maxmemory-policy", policy]);
    let mut wire = Wire::connect(&server);
    let info = String::from_utf8(wire.ask(&["INFO", "memory"])).unwrap();
    let used = info.lines().find_map(|line| line.strip_prefix("used_memory:")).unwrap();
    let room = used.trim().parse::<usize>().unwrap() + ROOM;
    wire.ask(&["CONFIG", "SET", "maxmemory", &room.to_string()]);
    (wire, server)
}

#[test]
fn every_policy_serves_about_as_much_as_in_a_real_redis() {
    // A key takes a little less in Redis 8 than in 7.0: ours get room for as many.
    let fitting = capacity(&mut theirs("noeviction").0);
    let room = ROOM * fitting / capacity(&mut ours("noeviction", ROOM));
    let mut caches: Vec<_> =
        POLICIES.iter().map(|&policy| (policy, ours(policy, room), theirs(policy), 0, 0)).collect();
    let mut trace = Trace::new();
    for part in 0..PARTS {
        let keys = trace.part();
        let started = Instant::now();
        for (_, ours, (theirs, _), our_hits, their_hits) in &mut caches {
            let (our, their) = (hits(ours, &keys), hits(theirs, &keys));
            if part >= PARTS / 2 {
                *our_hits += our;
                *their_hits += their;
            }
            ours.0.advance_to(ours.0.now() + 2000);
        }
        std::thread::sleep(Duration::from_millis(1100).saturating_sub(started.elapsed()));
    }
    let requests = (REQUESTS * (PARTS - PARTS / 2)) as f64;
    let shares: Vec<_> = caches
        .iter()
        .map(|(policy, .., ours, theirs)| {
            let percent = |hits: usize| hits as f64 * 100.0 / requests;
            (*policy, percent(*ours), percent(*theirs))
        })
        .collect();
    let differ = |&&(_, ours, theirs): &&(&str, f64, f64)| (ours - theirs).abs() > POINTS;
    assert!(!shares.iter().any(|share| differ(&share)), "ours and theirs in percent: {shares:?}");
    let served = |policy: &str| shares.iter().find(|(name, ..)| *name == policy).unwrap().1;
    assert!(
        served("allkeys-lfu") > served("allkeys-random") + POINTS,
        "it does matter: {shares:?}"
    );
}
