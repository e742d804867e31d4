//! Random commands to us and to a real Redis: the answers mean the same, and so does the data.
//!
//! A failure names the seed and gives a short list of commands that shows it again.
//! `REPLAY_SEEDS=1..40 cargo xtask test server` tries other commands, many of them.

use std::env;
use std::fmt::Write as _;

use redarium_engine::table;
use redarium_resp::words::{Words, quote};
use redarium_structures::rng::Rng;

use crate::beside::{Beside, VALUE_GROUPS};
use crate::sentences::{Shared, damaged};

/// Commands of one seed.
const COMMANDS: usize = 5000;

/// How many of a hundred commands are no sentences of the grammar.
const DAMAGED_PERCENT: u64 = 15;

/// After how many commands one value becomes large.
const LOAD_EVERY: usize = 100;

/// After how many commands all data is compared.
const COMPARED_EVERY: usize = 500;

/// How often fewer commands are tried: what is left to chance would never become short.
const TRIES_MAX: i32 = 1000;

/// Sorted sets whose scores are all equal: in others, ranges of words depend on chance.
const LEXICAL: &str = "lexical";

/// Commands that are not tried, for reasons of their own.
const UNTRIED: &[(&str, &str)] = &[
    ("SPOP", "what is removed by chance would differ from then on"),
    ("PFSELFTEST", "it takes seconds each time"),
    ("PFDEBUG", "it takes apart what it is given"),
];

/// Random commands over few keys. Each family has four of its own, and most keys are of the one that they are used by.
fn commands(all: &[Shared], seed: u64) -> Vec<Words> {
    let mut rng = Rng::new(seed);
    let mut loads = LOADS.iter().cycle();
    (0..COMMANDS)
        .map(|n| match loads.next() {
            Some(load) if n % LOAD_EVERY == 0 => load(),
            _ => some(all, &mut rng),
        })
        .collect()
}

fn some(all: &[Shared], rng: &mut Rng) -> Words {
    let shared = all[rng.below(all.len() as u64) as usize];
    let words = shared.sentence(rng);
    let group = shared.spec.group.name();
    let is_lexical = shared.spec.name.contains("LEX") || words.iter().any(|word| word == b"BYLEX");
    let is_rarely = rng.below(4) == 0;
    let family = match (group, shared.spec.name) {
        _ if is_lexical => LEXICAL,
        ("sorted_set", "ZADD" | "ZREM" | "ZRANGE") if is_rarely => LEXICAL,
        ("generic", _) => {
            let at = rng.below(VALUE_GROUPS.len() as u64 + 1) as usize;
            VALUE_GROUPS.get(at).copied().unwrap_or(LEXICAL)
        }
        // What is one type to several families is used by all of them.
        ("string", _) if is_rarely => ["bitmap", "hyperloglog"][rng.below(2) as usize],
        ("sorted_set", _) if is_rarely => "geo",
        _ => group,
    };
    let is_own = family == LEXICAL || rng.below(4) > 0;
    let word = |word: &[u8]| match word {
        [b'k', b'1'..=b'4'] if is_own => [family.as_bytes(), b":", word].concat(),
        _ => word.to_vec(),
    };
    let mut words: Words = words.iter().map(word).collect();
    if family == LEXICAL && shared.spec.name == "ZADD" {
        let (key, member) = (words.get(1).unwrap(), words.iter().last().unwrap());
        words = Words::from_slices([&b"ZADD"[..], key, b"0", member]);
    }
    if rng.below(100) < DAMAGED_PERCENT && family != LEXICAL {
        words = damaged(&words, rng);
    }
    words
}

/// Many elements at once, for what only shows in large values.
const LOADS: &[fn() -> Words] = &[
    || load("RPUSH list:k1", |n| vec![number(n)]),
    || load("HSET hash:k1", |n| vec![number(n), number(n * 3)]),
    || load("SADD set:k1", |n| vec![number(n)]),
    || load("ZADD sorted_set:k1", |n| vec![number(n), number(n / 2)]),
    || load("PFADD hyperloglog:k1", |n| vec![number(n)]),
    || load("GEOADD geo:k1", |n| vec![number(n % 170), number(n % 80), number(n)]),
    || load("XADD stream:k1 30-*", |n| vec![number(n % 9), number(n)]),
    || {
        load("BITFIELD bitmap:k1", |n| {
            ["SET", "u8", &number(n * 97), "77"].map(str::to_owned).into()
        })
    },
];

fn load(beginning: &str, words: impl FnMut(usize) -> Vec<String>) -> Words {
    let beginning = beginning.split(' ').map(str::to_owned);
    beginning.chain((0..600).map(|n| n * 7 % 600).flat_map(words)).collect()
}

fn number(n: usize) -> String {
    n.to_string()
}

/// Sends commands to both, on empty databases: the place of the first that is answered differently, or after which
/// the data differs, and how. The data is compared every so many commands and after the last.
fn replay(
    beside: &mut Beside,
    setup: &[&str],
    commands: &[Words],
    compared_every: usize,
) -> Option<(usize, String)> {
    beside.prepare(setup);
    beside.begin();
    let mut differs = |(at, words): (usize, &Words)| {
        for words in consumers(words) {
            beside.send(&words);
            beside.begin();
        }
        let mut difference = beside.difference(words);
        let is_last = at + 1 == commands.len();
        if difference.is_none() && (is_last || (at + 1) % compared_every == 0) {
            difference = beside.keys().iter().find_map(|key| {
                let difference = beside.difference_of_key(key)?;
                Some(format!("the data, {}: {difference}", key.escape_ascii()))
            });
        }
        Some((at, difference?))
    };
    commands.iter().enumerate().find_map(&mut differs)
}

/// Commands that make the consumers beforehand that a command may make: since 7.2 it makes them even if there is nothing
/// for them, and so they would differ from then on.
fn consumers(words: &Words) -> Vec<Words> {
    let all: Vec<&[u8]> = words.iter().collect();
    let Some(spec) = table::lookup(all[0]) else { return Vec::new() };
    if !["XREADGROUP", "XCLAIM", "XAUTOCLAIM"].contains(&spec.name) {
        return Vec::new();
    }
    // `XREADGROUP GROUP group consumer`, `XCLAIM key group consumer`.
    let [_, _, group, consumer, ..] = all[..] else { return Vec::new() };
    let keys = spec.keys.iter().flat_map(|keys| keys.positions(&all));
    let create = |key: &[u8]| {
        Words::from_slices([b"XGROUP".as_slice(), b"CREATECONSUMER", key, group, consumer])
    };
    keys.filter_map(|at| all.get(at)).map(|key| create(key)).collect()
}

/// Leaves out commands for as long as there still is a difference at the last one.
fn shorten(beside: &mut Beside, setup: &[&str], mut commands: Vec<Words>) -> Vec<Words> {
    let mut tries = TRIES_MAX;
    let mut fails = |commands: &[Words]| {
        tries -= 1;
        let difference = if tries > 0 { replay(beside, setup, commands, COMMANDS) } else { None };
        difference.is_some_and(|(at, _)| at + 1 == commands.len())
    };
    let mut step = commands.len() / 2;
    while step > 0 {
        let mut at = 0;
        while at + step < commands.len() {
            let without = [&commands[..at], &commands[at + step..]].concat();
            if fails(&without) {
                commands = without;
            } else {
                at += step;
            }
        }
        step /= 2;
    }
    for at in 0..commands.len() {
        // Pairs stay pairs.
        while let len @ 20.. = commands[at].len() {
            let fewer = commands[at].iter().take(2 + (len - 2) / 4 * 2).collect();
            let whole = std::mem::replace(&mut commands[at], fewer);
            if !fails(&commands) {
                commands[at] = whole;
                break;
            }
        }
    }
    commands
}

/// Tries a seed: what differs, and the commands that lead to it.
fn trouble(beside: &mut Beside, all: &[Shared], setup: &[&str], seed: u64) -> Option<String> {
    let mut commands = commands(all, seed);
    let errors = beside.errors;
    let Some((at, difference)) = replay(beside, setup, &commands, COMPARED_EVERY) else {
        let errors = beside.errors - errors;
        return (errors > COMMANDS / 2).then(|| format!("seed {seed}: {errors} are errors"));
    };
    commands.truncate(at + 1);
    let mut text = format!("seed {seed}, {setup:?}: there is a difference after these\n");
    for words in shorten(beside, setup, commands) {
        let line: Vec<String> = words.iter().map(quote).collect();
        writeln!(text, "{}", line.join(" ")).unwrap();
    }
    Some(text + &difference)
}

/// The seeds in `REPLAY_SEEDS`: from one number to another, both included.
fn seeds() -> Option<std::ops::RangeInclusive<u64>> {
    let seeds = env::var("REPLAY_SEEDS").ok()?;
    let (first, last) = seeds.split_once("..").unwrap_or((&seeds, &seeds));
    Some(first.parse().unwrap()..=last.parse().unwrap())
}

/// Tries a seed, or all that are in `REPLAY_SEEDS`.
fn check(setup: &[&str], seed: u64, is_watched: bool) {
    let mut beside = Beside::start();
    if is_watched {
        beside.watch();
    }
    let mut all = beside.data_commands();
    all.retain(|shared| UNTRIED.iter().all(|(untried, _)| *untried != shared.spec.name));
    let seeds = seeds().unwrap_or(seed..=seed);
    let troubles: Vec<String> =
        seeds.filter_map(|seed| trouble(&mut beside, &all, setup, seed)).collect();
    assert!(troubles.is_empty(), "{}", troubles.join("\n\n"));
}

#[test]
fn random_commands_are_answered_as_by_a_real_redis() {
    check(&["HELLO 2", "FLUSHALL"], 1, false);
}

/// WATCH, keyspace notifications, snapshots and replicas all rest on that.
#[test]
fn random_commands_change_what_they_change_in_a_real_redis() {
    check(&["HELLO 2", "FLUSHALL"], 3, true);
}

/// In the other protocol, and with values that soon change their encoding.
#[test]
fn random_commands_are_answered_as_by_a_real_redis_in_resp3() {
    let setup = [
        "HELLO 3",
        "FLUSHALL",
        "CONFIG SET hash-max-listpack-entries 2 zset-max-listpack-entries 2",
        "CONFIG SET set-max-intset-entries 2 list-max-listpack-size 2",
        "CONFIG SET stream-node-max-entries 3",
    ];
    check(&setup, 2, false);
}
