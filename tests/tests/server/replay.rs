//! Random commands to us and to a real Redis: the answers mean the same, and at the end so does the data.
//!
//! A failure names the seed and gives a short list of commands that shows it again.
//! `REPLAY_SEED=5 cargo xtask test server` tries other commands.

use std::env;
use std::fmt::Write as _;

use redarium_resp::words::{Words, quote};
use redarium_structures::rng::Rng;

use crate::beside::Beside;
use crate::sentences::damaged;

/// Commands in one run.
const COMMANDS: usize = 5000;

/// How many of a hundred commands are no sentences of the grammar.
const DAMAGED_PERCENT: u64 = 15;

/// After how many commands one value becomes large.
const LOAD_EVERY: usize = 100;

/// Random commands over few keys. Most keys are of the family that they are used by.
fn commands(beside: &Beside, seed: u64) -> Vec<Words> {
    let mut all = beside.data_commands();
    // What is removed by chance would differ from then on; and a self-test takes seconds each time.
    all.retain(|shared| !matches!(shared.spec.name, "SPOP" | "PFSELFTEST"));
    let mut rng = Rng::new(seed);
    let mut some = || {
        let shared = all[rng.below(all.len() as u64) as usize];
        let words = shared.sentence(&mut rng);
        let group = match shared.spec.group.name() {
            "generic" => ["string", "list", "hash", "set", "sorted_set"][rng.below(5) as usize],
            group => group,
        };
        let own = rng.below(4) > 0;
        let word = |word: &[u8]| match word {
            [b'k', b'1'..=b'4'] if own => [group.as_bytes(), b":", word].concat(),
            _ => word.to_vec(),
        };
        let words: Words = words.iter().map(word).collect();
        if rng.below(100) < DAMAGED_PERCENT { damaged(&words, &mut rng) } else { words }
    };
    let mut loads = ["RPUSH", "HSET", "SADD", "ZADD"].iter().cycle();
    let each = |n| if n % LOAD_EVERY == 0 { load(loads.next().unwrap()) } else { some() };
    (0..COMMANDS).map(each).collect()
}

/// Many elements at once, for what only shows in large values.
fn load(name: &str) -> Words {
    let key = match name {
        "RPUSH" => "list:k1",
        "HSET" => "hash:k1",
        "SADD" => "set:k1",
        _ => "sorted_set:k1",
    };
    let numbers = (0..600).map(|n| (n * 7 % 600).to_string());
    Words::from_slices([name.to_owned(), key.to_owned()].into_iter().chain(numbers))
}

/// Sends commands to both, on empty databases: the place of the first that is answered differently, and how.
fn replay(beside: &mut Beside, setup: &[&str], commands: &[Words]) -> Option<(usize, String)> {
    beside.prepare(setup);
    let differs = |(at, words): (usize, &Words)| Some((at, beside.difference(words)?));
    commands.iter().enumerate().find_map(differs)
}

/// Leaves out commands for as long as the last one is still answered differently.
fn shorten(beside: &mut Beside, setup: &[&str], mut commands: Vec<Words>) -> Vec<Words> {
    let mut fails = |commands: &[Words]| {
        replay(beside, setup, commands).is_some_and(|(at, _)| at == commands.len() - 1)
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
    commands
}

/// Tries a seed, or the one that is in `REPLAY_SEED`.
fn check(setup: &[&str], seed: u64) {
    let other = env::var("REPLAY_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = other.unwrap_or(seed);
    let mut beside = Beside::start();
    let mut commands = commands(&beside, seed);
    if let Some((at, difference)) = replay(&mut beside, setup, &commands) {
        commands.truncate(at + 1);
        let mut text = String::new();
        for words in shorten(&mut beside, setup, commands) {
            let line: Vec<String> = words.iter().map(quote).collect();
            writeln!(text, "{}", line.join(" ")).unwrap();
        }
        panic!(
            "seed {seed}, {setup:?}: the last of these is answered differently\n{text}{difference}"
        );
    }
    assert!(beside.errors < COMMANDS / 2, "most are errors: {}", beside.errors);
    for key in beside.keys() {
        let difference = beside.difference_of_key(&key);
        assert!(difference.is_none(), "seed {seed}, {key:?}: {}", difference.unwrap_or_default());
    }
}

#[test]
fn random_commands_are_answered_as_by_a_real_redis() {
    check(&["HELLO 2", "FLUSHALL"], 1);
}

/// In the other protocol, and with values that soon change their encoding.
#[test]
fn random_commands_are_answered_as_by_a_real_redis_in_resp3() {
    let setup = [
        "HELLO 3",
        "FLUSHALL",
        "CONFIG SET hash-max-listpack-entries 2 zset-max-listpack-entries 2",
        "CONFIG SET set-max-intset-entries 2 list-max-listpack-size 2",
    ];
    check(&setup, 2);
}
