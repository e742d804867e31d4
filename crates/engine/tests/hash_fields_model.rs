//! Random commands on fields of hashes that end, with jumps of the clock, against a naive model of what they mean.
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

const KEYS: u64 = 4;
const FIELDS: u64 = 12;
const ROUNDS: u32 = 4_000;

/// A value and when its field ends.
type Field = (String, Option<i64>);

/// Hashes as maps that look at the clock whenever they are asked.
#[derive(Default)]
struct Model {
    hashes: BTreeMap<String, BTreeMap<String, Field>>,
    now: i64,
}

fn array(items: &[String]) -> String {
    format!("*{}\r\n{}", items.len(), items.concat())
}

/// The words behind `FIELDS numfields`.
fn fields<'a>(words: &[&'a str]) -> Vec<&'a str> {
    let at = words.iter().position(|word| *word == "FIELDS").unwrap();
    words[at + 2..].to_vec()
}

impl Model {
    fn bury_the_dead(&mut self) {
        for hash in self.hashes.values_mut() {
            hash.retain(|_, (_, end)| end.is_none_or(|end| end > self.now));
        }
        self.hashes.retain(|_, hash| !hash.is_empty());
    }

    fn end(&self, option: &str, word: &str) -> Option<i64> {
        match option {
            "EX" => Some(self.now + number(word) * 1000),
            "PX" => Some(self.now + number(word)),
            "PXAT" => Some(number(word)),
            _ => None,
        }
    }

    /// The reply to a command.
    fn run(&mut self, words: &[&str]) -> String {
        self.bury_the_dead();
        let (now, name, key) = (self.now, words[0], words[1].to_owned());
        let mut hash = self.hashes.get(&key).cloned().unwrap_or_default();
        let each = |names: &[&str], answer: &mut dyn FnMut(&str) -> String| {
            array(&names.iter().map(|name| answer(name)).collect::<Vec<_>>())
        };
        let reply = match name {
            "HSET" => {
                let pairs = words[2..].chunks(2);
                let added = pairs.filter(|pair| {
                    hash.insert(pair[0].to_owned(), (pair[1].to_owned(), None)).is_none()
                });
                integer(added.count() as i64)
            }
            "HSETNX" => {
                let is_new = !hash.contains_key(words[2]);
                if is_new {
                    hash.insert(words[2].to_owned(), (words[3].to_owned(), None));
                }
                integer(i64::from(is_new))
            }
            "HDEL" => {
                integer(words[2..].iter().filter(|n| hash.remove(**n).is_some()).count() as i64)
            }
            "HGET" => bulk(hash.get(words[2]).map(|field| field.0.as_str())),
            "HEXISTS" => integer(i64::from(hash.contains_key(words[2]))),
            "HSTRLEN" => integer(hash.get(words[2]).map_or(0, |field| field.0.len() as i64)),
            "HMGET" => each(&words[2..], &mut |name| bulk(hash.get(name).map(|f| f.0.as_str()))),
            "HINCRBY" => {
                let field = hash.entry(words[2].to_owned()).or_insert(("0".to_owned(), None));
                field.0 = (number(&field.0) + number(words[3])).to_string();
                integer(number(&field.0))
            }
            "HTTL" | "HPTTL" | "HEXPIRETIME" | "HPEXPIRETIME" => {
                each(&fields(words), &mut |field| {
                    integer(match hash.get(field) {
                        None => -2,
                        Some((_, None)) => -1,
                        Some((_, Some(end))) => match name {
                            "HTTL" => (end - now + 999) / 1000,
                            "HPTTL" => end - now,
                            "HEXPIRETIME" => (end + 999) / 1000,
                            _ => *end,
                        },
                    })
                })
            }
            "HPERSIST" => each(&fields(words), &mut |field| {
                integer(match hash.get_mut(field) {
                    None => -2,
                    Some((_, end)) => end.take().map_or(-1, |_| 1),
                })
            }),
            "HEXPIRE" | "HPEXPIRE" | "HPEXPIREAT" => {
                let end = match name {
                    "HEXPIRE" => now + number(words[2]) * 1000,
                    "HPEXPIRE" => now + number(words[2]),
                    _ => number(words[2]),
                };
                let condition = words[3];
                each(&fields(words), &mut |field| {
                    integer(expire(&mut hash, field, end, condition, now))
                })
            }
            "HGETEX" => {
                let end = self.end(words[2], words[3]);
                each(&fields(words), &mut |field| {
                    let Some((value, old)) = hash.get_mut(field) else { return bulk(None) };
                    let value = value.clone();
                    if words[2] == "PERSIST" {
                        *old = None;
                    } else if let Some(end) = end {
                        *old = Some(end);
                        hash.retain(|_, (_, end)| end.is_none_or(|end| end > now));
                    }
                    bulk(Some(&value))
                })
            }
            "HGETDEL" => each(&fields(words), &mut |field| {
                bulk(hash.remove(field).map(|field| field.0).as_deref())
            }),
            "HSETEX" => {
                let (pairs, end) = (fields(words), self.end(words[3], words[4]));
                let known =
                    pairs.iter().step_by(2).filter(|name| hash.contains_key(**name)).count();
                let allowed = match words[2] {
                    "FNX" => known == 0,
                    "FXX" => known == pairs.len() / 2,
                    _ => true,
                };
                if allowed {
                    for pair in pairs.chunks(2) {
                        let old = hash.get(pair[0]).and_then(|field| field.1);
                        let end = if words[3] == "KEEPTTL" { old } else { end };
                        hash.insert(pair[0].to_owned(), (pair[1].to_owned(), end));
                    }
                }
                integer(i64::from(allowed))
            }
            "COPY" | "RENAME" => {
                let to = words[2].to_owned();
                if key == to || hash.is_empty() {
                    return String::new();
                }
                self.hashes.insert(to, hash.clone());
                if name == "RENAME" {
                    hash.clear();
                }
                if name == "COPY" { integer(1) } else { "+OK\r\n".to_owned() }
            }
            other => panic!("{other}?"),
        };
        self.hashes.insert(key, hash);
        self.bury_the_dead();
        reply
    }
}

/// What HEXPIRE answers for a field, and does to it.
fn expire(
    hash: &mut BTreeMap<String, Field>,
    field: &str,
    end: i64,
    condition: &str,
    now: i64,
) -> i64 {
    let Some((_, old)) = hash.get_mut(field) else { return -2 };
    let allowed = match condition {
        "NX" => old.is_none(),
        "XX" => old.is_some(),
        "GT" => old.is_some_and(|old| end > old),
        "LT" => old.is_none_or(|old| end < old),
        _ => true,
    };
    if !allowed {
        return 0;
    }
    *old = Some(end);
    if end <= now {
        hash.remove(field);
        return 2;
    }
    1
}

/// A random command, its words separated by spaces.
fn command(rng: &mut Rng, now: i64) -> String {
    let mut draw = |bound: u64| rng.below(bound);
    let (key, a, b, c) = (draw(KEYS), draw(FIELDS), draw(FIELDS), draw(FIELDS));
    let value = draw(1000);
    let seconds = [0, 1, 2, 5, 60, 100_000][draw(6) as usize];
    let ms = [0, 1, 30, 500, 1_500, 90_000_000][draw(6) as usize];
    let condition = ["FIELDS", "FIELDS", "NX", "XX", "GT", "LT"][draw(6) as usize];
    let names = format!("FIELDS 3 f{a} f{b} f{c}");
    let conditions =
        if condition == "FIELDS" { names.clone() } else { format!("{condition} {names}") };
    let existence = ["", "", "FNX", "FXX"][draw(4) as usize];
    let pairs = format!("FIELDS 2 f{a} {value} f{b} {}", value + 1);
    match draw(23) {
        0..=2 => format!("HSET k{key} f{a} {value} f{b} 1"),
        3 => format!("HSETNX k{key} f{a} {value}"),
        4 => format!("HDEL k{key} f{a} f{b}"),
        5 => format!("HGET k{key} f{a}"),
        6 => format!("HMGET k{key} f{a} f{b} f{c}"),
        7 => format!("HEXISTS k{key} f{a}"),
        8 => format!("HSTRLEN k{key} f{a}"),
        9 => format!("HINCRBY k{key} f{a} {value}"),
        10 => {
            let name = ["HTTL", "HPTTL", "HEXPIRETIME", "HPEXPIRETIME"][draw(4) as usize];
            format!("{name} k{key} {names}")
        }
        11 | 12 => format!("HEXPIRE k{key} {seconds} {conditions}"),
        13 | 14 => format!("HPEXPIRE k{key} {ms} {conditions}"),
        15 => format!("HPEXPIREAT k{key} {} {conditions}", now + ms),
        16 => format!("HPERSIST k{key} {names}"),
        17 => match draw(4) {
            0 => format!("HGETEX k{key} EX {seconds} {names}"),
            1 => format!("HGETEX k{key} PX {ms} {names}"),
            2 => format!("HGETEX k{key} PXAT {} {names}", now + ms),
            _ => format!("HGETEX k{key} PERSIST {names}"),
        },
        18 => format!("HGETDEL k{key} {names}"),
        19 => format!("HSETEX k{key} {existence} PX {ms} {pairs}"),
        20 => format!("HSETEX k{key} {existence} KEEPTTL {pairs}"),
        21 => format!("COPY k{key} k{} REPLACE", draw(KEYS)),
        _ => format!("RENAME k{key} k{}", draw(KEYS)),
    }
}

impl Node {
    /// The bulk strings of a reply to a command that passes over fields.
    fn pairs(&mut self, line: &str) -> BTreeMap<String, String> {
        let reply = self.run(line);
        let bulks: Vec<_> = reply.split("\r\n").skip(2).step_by(2).collect();
        bulks.chunks_exact(2).map(|pair| (pair[0].to_owned(), pair[1].to_owned())).collect()
    }
}

#[test]
fn commands_mean_what_the_model_says() {
    for seed in 0..6 {
        let mut rng = Rng::new(seed);
        let mut node = Node::new(Options { start: START, seed, ..Options::default() });
        let mut model = Model { now: START, ..Model::default() };
        // Tables only, both encodings, listpacks only.
        node.run(&format!(
            "CONFIG SET hash-max-listpack-entries {}",
            [0, 6, 512][seed as usize % 3]
        ));
        for round in 0..ROUNDS {
            let line = command(&mut rng, model.now);
            let words: Vec<&str> = line.split(' ').collect();
            let expected = model.run(&words);
            if expected.is_empty() {
                continue;
            }
            if matches!(words[0], "COPY" | "RENAME") {
                // Removes what has ended, of which the node need not know that it was the last field.
                node.run(&format!("HRANDFIELD {}", words[1]));
            }
            let line = line.replace("  ", " ");
            assert_eq!(node.run(&line), expected, "seed {seed}, round {round}, {line}");
            leap(&mut node, &mut model.now, &mut rng);
            if round % 5 == 0 {
                check_hashes(&mut node, &mut model, &mut rng);
            }
        }
    }
}

/// What passes over whole hashes shows the living fields; HLEN counts the others until they are removed.
fn check_hashes(node: &mut Node, model: &mut Model, rng: &mut Rng) {
    model.bury_the_dead();
    node.engine.databases().iter().for_each(Database::check);
    for key in (0..KEYS).map(|key| format!("k{key}")) {
        let hash = model.hashes.get(&key).cloned().unwrap_or_default();
        let living: BTreeMap<_, _> =
            hash.iter().map(|(name, (value, _))| (name.clone(), value.clone())).collect();
        let len = number(node.run(&format!("HLEN {key}")).trim_start_matches(':').trim_end());
        assert!(len >= hash.len() as i64, "HLEN {key}");
        let view = node.engine.inspect().hash(0, key.as_bytes(), 0, 100);
        assert_eq!(view.as_ref().map_or(0, |view| view.len), len as usize, "the view's length");
        let fields = view.map(|view| view.fields).unwrap_or_default();
        let seen: BTreeMap<_, _> = fields
            .into_iter()
            .filter(|field| !field.dead)
            .map(|field| (field.name, (field.value, field.deadline)))
            .collect();
        let expected: BTreeMap<_, _> = hash
            .iter()
            .map(|(name, (value, end))| (name.clone().into_bytes(), (value.clone().into(), *end)))
            .collect();
        assert_eq!(seen, expected, "the view of {key}");
        assert_eq!(node.pairs(&format!("HGETALL {key}")), living, "HGETALL {key}");
        if rng.below(3) == 0 {
            assert_eq!(node.pairs(&format!("HRANDFIELD {key} 99 WITHVALUES")), living, "{key}");
            assert_eq!(node.run(&format!("HLEN {key}")), integer(living.len() as i64), "{key}");
        }
    }
}
