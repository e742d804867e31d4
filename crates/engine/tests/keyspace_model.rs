//! Random commands on keys, with jumps of the clock, against a naive model of what they mean.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop"
)]

#[path = "support/model.rs"]
mod model;
#[path = "support/node.rs"]
mod node;

use std::collections::BTreeMap;

use redarium_engine::Options;
use redarium_engine::database::Database;
use redarium_structures::rng::Rng;

use model::{START, bulk, integer, leap, number};
use node::Node;

const DBS: usize = 4;
const KEYS: u64 = 12;
const ROUNDS: u32 = 6_000;

/// What a key holds and when it ends.
#[derive(Clone, Debug, PartialEq)]
struct Held {
    value: String,
    is_set: bool,
    end: Option<i64>,
}

/// Databases as maps that look at the clock whenever they are asked.
struct Model {
    dbs: Vec<BTreeMap<String, Held>>,
    db: usize,
    now: i64,
}

const OK: &str = "+OK\r\n";
const WRONG_TYPE: &str = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";

impl Model {
    fn bury_the_dead(&mut self) {
        for db in &mut self.dbs {
            db.retain(|_, held| held.end.is_none_or(|end| end > self.now));
        }
    }

    fn keys(&mut self) -> &mut BTreeMap<String, Held> {
        &mut self.dbs[self.db]
    }

    /// The reply to a command.
    fn run(&mut self, words: &[&str]) -> String {
        self.bury_the_dead();
        let (now, name) = (self.now, words[0]);
        let key = words.get(1).copied().unwrap_or("");
        match name {
            "SET" => self.set(key, &words[2..]),
            "GET" => match self.keys().get(key) {
                Some(held) if held.is_set => WRONG_TYPE.to_owned(),
                held => bulk(held.map(|held| held.value.as_str())),
            },
            "GETDEL" => match self.keys().get(key) {
                Some(held) if held.is_set => WRONG_TYPE.to_owned(),
                _ => bulk(self.keys().remove(key).as_ref().map(|held| held.value.as_str())),
            },
            "APPEND" => {
                let held = self.keys().entry(key.to_owned());
                let held = held.or_insert(Held { value: String::new(), is_set: false, end: None });
                if held.is_set {
                    return WRONG_TYPE.to_owned();
                }
                held.value.push_str(words[2]);
                integer(held.value.len() as i64)
            }
            "SADD" => match self.keys().get(key) {
                Some(held) if held.is_set => integer(0),
                Some(_) => WRONG_TYPE.to_owned(),
                None => {
                    let held = Held { value: String::new(), is_set: true, end: None };
                    self.keys().insert(key.to_owned(), held);
                    integer(1)
                }
            },
            "DEL" | "UNLINK" => {
                let removed = words[1..].iter().filter(|key| self.keys().remove(**key).is_some());
                integer(removed.count() as i64)
            }
            "EXISTS" | "TOUCH" => {
                let found = words[1..].iter().filter(|key| self.keys().contains_key(**key));
                integer(found.count() as i64)
            }
            "TYPE" => {
                let held = self.keys().get(key);
                let name = held.map_or("none", |held| if held.is_set { "set" } else { "string" });
                format!("+{name}\r\n")
            }
            "TTL" => self.time(key, |end| (end - now + 500) / 1000),
            "PTTL" => self.time(key, |end| end - now),
            "EXPIRETIME" => self.time(key, |end| (end + 500) / 1000),
            "PEXPIRETIME" => self.time(key, |end| end),
            "EXPIRE" => self.expire(key, number(words[2]) * 1000 + now, &words[3..]),
            "PEXPIRE" => self.expire(key, number(words[2]) + now, &words[3..]),
            "EXPIREAT" => self.expire(key, number(words[2]) * 1000, &words[3..]),
            "PEXPIREAT" => self.expire(key, number(words[2]), &words[3..]),
            "PERSIST" => {
                let end = self.keys().get_mut(key).and_then(|held| held.end.take());
                integer(i64::from(end.is_some()))
            }
            "RENAME" | "RENAMENX" => self.rename(key, words[2], name == "RENAMENX"),
            "COPY" => self.copy(key, &words[2..]),
            "MOVE" => {
                let to = number(words[2]) as usize;
                if to == self.db {
                    return "-ERR source and destination objects are the same\r\n".to_owned();
                }
                if self.dbs[to].contains_key(key) {
                    return integer(0);
                }
                let moved = self.keys().remove(key);
                let is_moved = moved.is_some();
                self.dbs[to].extend(moved.map(|held| (key.to_owned(), held)));
                integer(i64::from(is_moved))
            }
            "SELECT" => {
                self.db = number(key) as usize;
                OK.to_owned()
            }
            "SWAPDB" => {
                self.dbs.swap(number(key) as usize, number(words[2]) as usize);
                OK.to_owned()
            }
            "FLUSHDB" => {
                self.keys().clear();
                OK.to_owned()
            }
            other => panic!("the model does not know {other}"),
        }
    }

    fn set(&mut self, key: &str, words: &[&str]) -> String {
        let now = self.now;
        let before = self.keys().get(key).cloned();
        let mut end = None;
        for (at, word) in words.iter().enumerate() {
            match *word {
                "NX" if before.is_some() => return bulk(None),
                "XX" if before.is_none() => return bulk(None),
                "EX" => end = Some(now + number(words[at + 1]) * 1000),
                "PX" => end = Some(now + number(words[at + 1])),
                "KEEPTTL" => end = before.as_ref().and_then(|held| held.end),
                _ => {}
            }
        }
        self.keys().insert(key.to_owned(), Held { value: words[0].to_owned(), is_set: false, end });
        OK.to_owned()
    }

    fn time(&mut self, key: &str, time: impl Fn(i64) -> i64) -> String {
        integer(self.keys().get(key).map_or(-2, |held| held.end.map_or(-1, time)))
    }

    fn expire(&mut self, key: &str, end: i64, conditions: &[&str]) -> String {
        let now = self.now;
        let Some(held) = self.keys().get_mut(key) else { return integer(0) };
        let before = held.end;
        let refused = conditions.iter().any(|condition| match *condition {
            "NX" => before.is_some(),
            "XX" => before.is_none(),
            "GT" => before.is_none_or(|before| end <= before),
            "LT" => before.is_some_and(|before| end >= before),
            other => panic!("no condition {other}"),
        });
        if refused {
            return integer(0);
        }
        held.end = Some(end);
        if end <= now {
            self.keys().remove(key);
        }
        integer(1)
    }

    fn rename(&mut self, from: &str, to: &str, only_if_free: bool) -> String {
        if !self.keys().contains_key(from) {
            return "-ERR no such key\r\n".to_owned();
        }
        let is_free = !self.keys().contains_key(to);
        if is_free || !only_if_free {
            let held = self.keys().remove(from).unwrap();
            self.keys().insert(to.to_owned(), held);
        }
        if only_if_free { integer(i64::from(is_free)) } else { OK.to_owned() }
    }

    fn copy(&mut self, from: &str, words: &[&str]) -> String {
        let to = words[0];
        let db = words.iter().position(|word| *word == "DB");
        let db = db.map_or(self.db, |at| number(words[at + 1]) as usize);
        if db == self.db && from == to {
            return "-ERR source and destination objects are the same\r\n".to_owned();
        }
        let Some(held) = self.keys().get(from).cloned() else { return integer(0) };
        if self.dbs[db].contains_key(to) && !words.contains(&"REPLACE") {
            return integer(0);
        }
        self.dbs[db].insert(to.to_owned(), held);
        integer(1)
    }
}

/// A random command, its words separated by spaces.
fn command(rng: &mut Rng, now: i64) -> String {
    let mut draw = |bound: u64| rng.below(bound);
    let (a, b, db) = (draw(KEYS), draw(KEYS), draw(DBS as u64));
    let seconds = [-1, 0, 1, 2, 5, 60, 100_000][draw(7) as usize];
    let ms = [-5, 0, 1, 30, 500, 1_500, 90_000_000][draw(7) as usize];
    let condition = ["", "", "", " NX", " XX", " GT", " LT", " XX GT"][draw(8) as usize];
    match draw(34) {
        0..=4 => format!("SET k{a} v{}", draw(100)),
        5 => format!("SET k{a} v{} EX {}", draw(100), seconds.max(1)),
        6 | 7 => format!("SET k{a} v{} PX {}", draw(100), ms.max(1)),
        8 => format!("SET k{a} v{} {}", draw(100), ["NX", "XX", "KEEPTTL"][draw(3) as usize]),
        9 => format!("GET k{a}"),
        10 => format!("GETDEL k{a}"),
        11 => format!("APPEND k{a} x"),
        12 => format!("SADD k{a} member"),
        13 => format!("DEL k{a} k{b}"),
        14 => format!("UNLINK k{a}"),
        15 => format!("EXISTS k{a} k{b} k{a}"),
        16 => format!("TOUCH k{a} k{b}"),
        17 => format!("TYPE k{a}"),
        18 => format!("TTL k{a}"),
        19 => format!("PTTL k{a}"),
        20 => format!("EXPIRETIME k{a}"),
        21 => format!("PEXPIRETIME k{a}"),
        22 => format!("EXPIRE k{a} {seconds}{condition}"),
        23 => format!("PEXPIRE k{a} {ms}{condition}"),
        24 => format!("EXPIREAT k{a} {}{condition}", now / 1000 + seconds),
        25 => format!("PEXPIREAT k{a} {}{condition}", now + ms),
        26 => format!("PERSIST k{a}"),
        27 => format!("RENAME k{a} k{b}"),
        28 => format!("RENAMENX k{a} k{b}"),
        29 => format!("COPY k{a} k{b}{}", ["", " REPLACE"][draw(2) as usize]),
        30 => format!("COPY k{a} k{b} DB {db}{}", ["", " REPLACE"][draw(2) as usize]),
        31 => format!("MOVE k{a} {db}"),
        32 => format!("SELECT {db}"),
        _ if draw(4) == 0 => "FLUSHDB".to_owned(),
        _ => format!("SWAPDB {db} {}", draw(DBS as u64)),
    }
}

impl Node {
    /// The bulk strings of a reply, sorted.
    fn names(&mut self, line: &str) -> Vec<String> {
        let reply = self.run(line);
        let mut names: Vec<String> =
            reply.split("\r\n").filter(|part| part.starts_with('k')).map(str::to_owned).collect();
        names.sort_unstable();
        names
    }
}

#[test]
fn commands_mean_what_the_model_says() {
    for seed in 0..4 {
        let mut rng = Rng::new(seed);
        let mut node = Node::new(Options { start: START, seed, ..Options::default() });
        let mut model = Model { dbs: vec![BTreeMap::new(); DBS], db: 0, now: START };
        for round in 0..ROUNDS {
            let line = command(&mut rng, model.now);
            let words: Vec<&str> = line.split(' ').collect();
            let expected = model.run(&words);
            assert_eq!(node.run(&line), expected, "seed {seed}, round {round}, {line}");
            leap(&mut node, &mut model.now, &mut rng);
            if round % 7 == 0 {
                check_listings(&mut node, &mut model, &mut rng);
            }
        }
    }
}

/// KEYS, SCAN, RANDOMKEY and DBSIZE show the living keys, and looking through the views does too.
fn check_listings(node: &mut Node, model: &mut Model, rng: &mut Rng) {
    model.bury_the_dead();
    node.engine.databases().iter().for_each(Database::check);
    let living: Vec<String> = model.keys().keys().cloned().collect();
    let view = node.engine.inspect().expiry(model.db, 100);
    let volatile = model.keys().values().filter(|held| held.end.is_some()).count();
    assert_eq!(view.entries.iter().filter(|entry| !entry.dead).count(), volatile, "the view");
    assert!(view.entries.is_sorted_by_key(|entry| entry.at), "the earliest first");
    let dead = view.total - volatile;
    assert_eq!(node.run("DBSIZE"), integer((living.len() + dead) as i64), "the dead are counted");
    assert_eq!(node.names("KEYS *"), living, "KEYS");
    let random = node.names("RANDOMKEY");
    assert!(random.first().map_or(living.is_empty(), |key| living.contains(key)), "RANDOMKEY");
    let mut scanned = Vec::new();
    let mut cursor = 0;
    loop {
        let reply = node.run(&format!("SCAN {cursor} COUNT {}", 1 + rng.below(5)));
        scanned.extend(reply.split("\r\n").filter(|part| part.starts_with('k')).map(str::to_owned));
        cursor = number(reply.split("\r\n").nth(2).unwrap());
        if cursor == 0 {
            break;
        }
    }
    scanned.sort_unstable();
    scanned.dedup();
    assert_eq!(scanned, living, "SCAN");
}
