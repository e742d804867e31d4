//! Commands used wrongly: too few or too many words, keys of the wrong type, numbers that are none or too large.
//! The answer is always that of a real Redis, and the data is as it would be there.

use std::fmt::Write as _;

use redarium_resp::words::Words;
use redarium_structures::rng::Rng;

use crate::beside::Beside;
use crate::sameness::is_by_chance;
use crate::sentences::{Shared, damaged};

/// Keys of every type, and one that is not there.
const SUBJECTS: &[&str] = &["nothing", "text", "number", "list", "hash", "set", "ints", "zset"];

const SETUP: &[&str] = &[
    "FLUSHALL",
    "SET text hello",
    "SET number 10",
    "RPUSH list a b c 1",
    "HSET hash a 1 b x",
    "SADD set a b x",
    "SADD ints 1 2 3",
    "ZADD zset 1 a 2 b 3 c",
    "SET k1 other",
    "RPUSH k2 a b",
    "SADD k3 a c",
    "ZADD k4 1 a 5 x",
];

/// Words for every count of them that Redis does not accept for a command.
fn wrong_counts(shared: Shared) -> Vec<Words> {
    let is_sub = shared.container.is_some();
    let name = shared.name();
    let least = if is_sub { 2 } else { 1 };
    let counts = (least..least + 8).filter(|&count| !shared.spec.accepts(count, is_sub));
    counts
        .map(|count| {
            let rest = std::iter::repeat_n("x", count - least);
            Words::from_slices(name.split(' ').chain(rest))
        })
        .collect()
}

#[test]
fn a_wrong_number_of_words_is_refused_as_by_a_real_redis() {
    let mut beside = Beside::start();
    let (mut text, mut tried) = (String::new(), 0);
    for shared in beside.commands() {
        for words in wrong_counts(shared) {
            tried += 1;
            if let Some(difference) = beside.difference(&words) {
                writeln!(text, "{words:?}\n{difference}").unwrap();
            }
        }
    }
    assert!(text.is_empty(), "these differ:\n{text}");
    assert!(tried > 300, "only {tried} were tried");
}

/// A sentence with its first key replaced, if it has a key.
fn about(shared: Shared, words: &Words, subject: &str) -> Option<Words> {
    let all: Vec<&[u8]> = words.iter().collect();
    let mut places = shared.spec.keys.iter().flat_map(|keys| keys.positions(&all));
    let first = places.next()?;
    let word = |(at, word)| if at == first { subject.as_bytes() } else { word };
    Some(words.iter().enumerate().map(word).collect())
}

#[test]
fn every_command_meets_every_type_as_in_a_real_redis() {
    let mut beside = Beside::start();
    let mut rng = Rng::new(1);
    let (mut text, mut tried) = (String::new(), 0);
    for shared in beside.data_commands() {
        for subject in SUBJECTS {
            for _ in 0..6 {
                let Some(words) = about(shared, &shared.sentence(&mut rng), subject) else { break };
                beside.prepare(SETUP);
                tried += 1;
                let mut difference = beside.difference(&words);
                if difference.is_none() && !is_by_chance(shared.spec.name) {
                    difference = beside.difference_of_key(subject.as_bytes());
                }
                if let Some(difference) = difference {
                    writeln!(text, "{words:?}\n{difference}").unwrap();
                }
            }
        }
    }
    assert!(text.is_empty(), "these differ:\n{text}");
    assert!(tried > 3000, "only {tried} were tried");
}

/// Numbers that are none, too large or not a number; words that are missing or come twice; options that exclude others.
#[test]
fn every_command_refuses_nonsense_as_a_real_redis_does() {
    let mut beside = Beside::start();
    let mut rng = Rng::new(2);
    let (mut text, mut tried) = (String::new(), 0);
    for shared in beside.data_commands() {
        let own = match shared.spec.group.name() {
            "list" => "list",
            "hash" => "hash",
            "set" => "set",
            "sorted_set" => "zset",
            _ => "number",
        };
        for round in 0..60 {
            if round % 10 == 0 {
                beside.prepare(SETUP);
            }
            let words = shared.sentence(&mut rng);
            let words = damaged(&about(shared, &words, own).unwrap_or(words), &mut rng);
            if shared.spec.name == "SPOP" && words.len() < 3 {
                continue;
            }
            tried += 1;
            let mut difference = beside.difference(&words);
            if difference.is_none() && !is_by_chance(shared.spec.name) {
                difference = beside.difference_of_key(own.as_bytes());
            }
            if let Some(difference) = difference {
                writeln!(text, "{words:?}\n{difference}").unwrap();
                beside.prepare(SETUP);
            }
        }
    }
    assert!(text.is_empty(), "these differ:\n{text}");
    assert!(tried > 3000, "only {tried} were tried");
}

/// Commands that end or silence the connection, make it or the server a replica, change what the others are compared
/// by, or write files.
const UNSETTLING: &[&str] = &[
    "QUIT",
    "RESET",
    "CLIENT REPLY",
    "CLIENT KILL",
    "CLIENT PAUSE",
    "SHUTDOWN",
    "MONITOR",
    "SYNC",
    "PSYNC",
    "REPLICAOF",
    "SLAVEOF",
    "CONFIG REWRITE",
    "SAVE",
    "BGSAVE",
];

/// What they answer when they do not refuse depends on the server.
#[test]
fn commands_about_the_server_refuse_what_a_real_redis_refuses() {
    let mut beside = Beside::start();
    let mut rng = Rng::new(3);
    let (mut text, mut tried) = (String::new(), 0);
    for shared in beside.commands() {
        let is_about_server = ["connection", "server"].contains(&shared.spec.group.name());
        if !is_about_server || UNSETTLING.contains(&&*shared.name()) {
            continue;
        }
        for _ in 0..100 {
            let words = damaged(&shared.sentence(&mut rng), &mut rng);
            tried += 1;
            if let Some(difference) = beside.difference_of_errors(&words) {
                writeln!(text, "{words:?}\n{difference}").unwrap();
            }
        }
    }
    assert!(text.is_empty(), "these differ:\n{text}");
    assert!(tried > 1000, "only {tried} were tried");
}
