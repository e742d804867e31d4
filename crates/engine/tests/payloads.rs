//! Payloads that have been tampered with: each is refused whole, or is a sound value in every respect.
//!
//! `FUZZ_INPUTS=1000000 cargo test --release -p redarium-engine --test payloads` tries more.

#![expect(clippy::indexing_slicing, reason = "a test that goes wrong may stop")]

use std::collections::BTreeSet;
use std::env;

use redarium_engine::config::Config;
use redarium_engine::database::Database;
use redarium_engine::rdb::{Loader, Saver, Saving, VERSION, seal};
use redarium_engine::types::stream::StreamId;
use redarium_engine::value::{Type, Value};
use redarium_engine::{Engine, Options};
use redarium_resp::words::Words;
use redarium_structures::rng::Rng;
use redarium_structures::trace::NoTrace;

/// Payloads that the loader is shown, unless `FUZZ_INPUTS` says otherwise.
const PAYLOADS: u64 = 200_000;

/// One of so many payloads is also restored by a node and used afterwards.
const RESTORED_EVERY: u64 = 10;

/// Bytes on the heap that a value may take for each of its payload: a compressed byte gives up to 88, and in a table each
/// of them may be a member.
const HEAP_FACTOR: usize = 88 * 100;

fn payloads() -> u64 {
    env::var("FUZZ_INPUTS").map_or(PAYLOADS, |inputs| inputs.parse().expect("a number"))
}

/// Commands that make one key `k` of each kind and encoding, as small as it gets.
const SAMPLES: &[&str] = &[
    "SET k 70000;",
    "SET k aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaabaaaaaaaaaaaaaaaaaaaaaa;",
    "RPUSH k a 1 -70000 b 300;",
    "CONFIG SET list-max-listpack-size 2;RPUSH k a b 1 2 70000 c;",
    "CONFIG SET list-max-listpack-size 1;RPUSH k a LARGE 70000;",
    "RPUSH k aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;",
    "PFADD k a b c d;",
    "SADD k 1 2 -3;",
    "SADD k 1 70000 -3 5000000000;",
    "SADD k a b 3 -9000;",
    "CONFIG SET set-max-intset-entries 0 set-max-listpack-entries 0;SADD k a b 3 4 word;",
    "ZADD k 1 a 1.5 b -inf c 3e30 d;",
    "CONFIG SET zset-max-listpack-entries 0;ZADD k 1 a 2 b 2 c -inf d;",
    "HSET k a 1 b two 3 4;",
    "CONFIG SET hash-max-listpack-entries 0;HSET k a 1 b two 3 4;",
    "XADD k 1-1 f v;XADD k 1-2 f 300;XADD k 9-1 g 1 h 2;XDEL k 1-2;",
    "CONFIG SET stream-node-max-entries 2;XADD k 1-1 f v;XADD k 2-1 f v;XADD k 3-1 f v;XGROUP CREATE k g 0;\
     XREADGROUP GROUP g ann COUNT 2 STREAMS k >;XREADGROUP GROUP g bob STREAMS k >;",
    "HSET k a 1 b two 3 4;HPEXPIRE k 300 FIELDS 1 b;HPEXPIRE k 70000 FIELDS 1 3;",
    "CONFIG SET hash-max-listpack-entries 0;HSET k a 1 b two 3 4;HPEXPIRE k 300 FIELDS 2 b 3;",
];

/// Numbers that lengths and counts break on.
const EDGES: &[u8] = &[0, 1, 2, 0x3F, 0x40, 0x7F, 0x80, 0x81, 0xC0, 0xC3, 0xF0, 0xF4, 0xFE, 0xFF];

fn samples() -> Vec<Vec<u8>> {
    let mut samples = Vec::new();
    for commands in SAMPLES {
        let mut node = Engine::new(Options { seed: 3, ..Options::default() });
        let client = node.connect("127.0.0.1:1");
        let large = "y".repeat(9000);
        node.feed(client, commands.replace(';', "\r\n").replace("LARGE", &large).as_bytes());
        let output = node.take_output(client);
        let is_error = output.split(|&byte| byte == b'\n').any(|line| line.starts_with(b"-"));
        assert!(!is_error, "{commands}: {}", output.escape_ascii());
        let (_, entry) = node.databases()[0].table().iter().next().expect("a key was made");
        for (version, compression) in [(10, false), (VERSION, true)] {
            samples.push(Saver::new(Saving { version, compression }).save(&entry.value));
        }
    }
    samples
}

/// A sample with a few bytes changed, put in, taken out or repeated, or with the end of another.
fn tampered(samples: &[Vec<u8>], rng: &mut Rng) -> Vec<u8> {
    let below = |rng: &mut Rng, len: usize| rng.below(len as u64) as usize;
    let mut bytes = samples[below(rng, samples.len())].clone();
    for _ in 0..=rng.below(3) {
        if bytes.is_empty() {
            return bytes;
        }
        let at = below(rng, bytes.len());
        match rng.below(9) {
            0 => bytes[at] = rng.below(256) as u8,
            1 => bytes[at] ^= 1 << rng.below(8),
            2 => bytes[at] = EDGES[below(rng, EDGES.len())],
            3 => bytes[at] = bytes[at].wrapping_add(rng.below(3) as u8).wrapping_sub(1),
            4 => bytes.insert(at, EDGES[below(rng, EDGES.len())]),
            5 => {
                bytes.remove(at);
            }
            6 => bytes.truncate(at),
            7 => {
                let part = bytes[at..].to_vec();
                bytes.extend_from_slice(&part);
            }
            _ => {
                let other = &samples[below(rng, samples.len())];
                bytes.truncate(at);
                bytes.extend_from_slice(&other[below(rng, other.len())..]);
            }
        }
    }
    bytes
}

/// Everything in a value, in an order that does not depend on chance.
fn contents(value: &Value) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut all: Vec<_> = match value {
        Value::Int(_) | Value::Str(_) | Value::Raw(_) => {
            vec![(value.string().expect("a string").into_owned(), Vec::new())]
        }
        Value::List(list) => {
            return list.iter().map(|value| (value.to_vec(), Vec::new())).collect();
        }
        Value::Set(set) => set.iter().map(|member| (member.to_vec(), Vec::new())).collect(),
        Value::ZSet(set) => set
            .walk(false)
            .map(|(member, score)| (member.to_vec(), score.to_bits().to_be_bytes().to_vec()))
            .collect(),
        Value::Hash(hash) => {
            let end = |end: Option<i64>| end.map_or(Vec::new(), |at| at.to_be_bytes().to_vec());
            hash.iter()
                .map(|field| {
                    (field.name.to_vec(), [field.value.to_vec(), end(field.deadline)].concat())
                })
                .collect()
        }
        Value::Stream(stream) => {
            let entries = stream.log.entries(StreamId::MIN, StreamId::MAX, false);
            entries
                .map(|entry| {
                    let words =
                        entry.fields.flat_map(|(field, value)| [field.to_vec(), value.to_vec()]);
                    (entry.id.key().to_vec(), words.collect::<Vec<_>>().join(&0))
                })
                .collect()
        }
    };
    all.sort();
    all
}

/// Asserts that a value is sound: not empty, nothing twice, everything found, every structure in order.
fn check(value: &Value) {
    let all = contents(value);
    assert_eq!(all.len(), if value.is_string() { 1 } else { value.len() }, "all are counted");
    let may_be_empty = value.type_of() == Type::Stream;
    assert!(may_be_empty || !all.is_empty(), "no collection is empty");
    let names: BTreeSet<_> = all.iter().map(|(name, _)| name).collect();
    match value {
        Value::Int(_) | Value::Str(_) | Value::Raw(_) => {}
        Value::List(list) => {
            if let Some(pack) = list.pack() {
                pack.check();
            }
            if let Some(quick) = list.quick() {
                quick.check();
            }
        }
        Value::Set(set) => {
            assert_eq!(names.len(), set.len(), "no member twice");
            assert!(names.iter().all(|name| set.contains(name, &mut NoTrace)), "each is found");
            if let Some(ints) = set.ints() {
                ints.check();
            }
            if let Some(pack) = set.pack() {
                pack.check();
            }
        }
        Value::ZSet(set) => {
            assert_eq!(names.len(), set.len(), "no member twice");
            set.check();
        }
        Value::Hash(hash) => {
            assert_eq!(names.len(), hash.len(), "no field twice");
            let is_found = |name: &[u8]| hash.get(name, i64::MIN, &mut NoTrace).is_some();
            assert!(names.iter().all(|name| is_found(name)), "each is found");
            hash.check();
            if let Some(pack) = hash.pack().or(hash.timed_pack()) {
                pack.check();
            }
        }
        Value::Stream(stream) => stream.check(),
    }
}

#[test]
fn tampered_values_are_sound_or_refused() {
    let samples = samples();
    let config = Config::default();
    let mut rng = Rng::new(1);
    let (mut accepted, mut refused) = (0, 0);
    for seed in 0..payloads() {
        let bytes = tampered(&samples, &mut Rng::new(seed));
        let Ok(value) = Loader::new(&config, 9, &mut rng).load(&bytes) else {
            refused += 1;
            continue;
        };
        accepted += 1;
        check(&value);
        let heap = value.heap_bytes();
        assert!(heap < (bytes.len() + 64) * HEAP_FACTOR, "seed {seed}: {heap} bytes");
        let again = Saver::new(Saving { version: VERSION, compression: true }).save(&value);
        let back = Loader::new(&config, 9, &mut rng).load(&again);
        assert_eq!(
            back.map(|back| contents(&back)),
            Ok(contents(&value)),
            "seed {seed}: {}",
            bytes.escape_ascii()
        );
    }
    // Both happen often, or the test would show nothing.
    assert!(accepted > payloads() / 20, "{accepted} were accepted");
    assert!(refused > payloads() / 5, "{refused} were refused");
}

/// Commands that read and change a key of any type.
const USES: &str = "DUMP k;APPEND k x;LRANGE k 0 -1;LINSERT k BEFORE a z;LSET k 1 y;LPOP k;RPUSH k 1;\
                    SMEMBERS k;SADD k a 7 new;SREM k 1;SPOP k;ZRANGE k 0 -1 WITHSCORES;ZADD k 1.5 a 9 new;\
                    ZREM k b;ZPOPMIN k;HGETALL k;HSET k a 2 new 3;HDEL k b;OBJECT ENCODING k;\
                    XINFO STREAM k FULL;XREVRANGE k + -;XADD k * f v;XTRIM k MAXLEN 2;XDEL k 9-1;XINFO GROUPS k;\
                    XREADGROUP GROUP g c STREAMS k >;XPENDING k g;XAUTOCLAIM k g c 0 0;XREADGROUP GROUP g c STREAMS k 0;";

#[test]
fn restored_keys_can_be_used() {
    let samples = samples();
    let mut node = Engine::new(Options { seed: 1, ..Options::default() });
    let uses = USES.replace(';', "\r\n");
    let (mut restored, tried) = (0, payloads() / RESTORED_EVERY);
    for seed in 0..tried {
        let mut payload = tampered(&samples, &mut Rng::new(payloads() + seed));
        seal(&mut payload, VERSION);
        let client = node.connect("127.0.0.1:2");
        let replaces = seed % 2 == 0;
        let mut words = Words::from_slices([&b"RESTORE"[..], b"k", b"0", &payload]);
        if replaces {
            words.push(b"REPLACE");
            node.feed(client, b"SET k old EX 100\r\n");
            let _ = node.take_output(client);
        }
        let mut command = Vec::new();
        words.encode(&mut command);
        node.feed(client, &command);
        let reply = node.take_output(client);
        let keys = node.databases()[0].len();
        if reply == b"+OK\r\n" {
            restored += 1;
            assert_eq!(keys, 1, "seed {seed}: made");
            node.feed(client, uses.as_bytes());
        } else {
            assert_eq!(reply, b"-ERR Bad data format\r\n", "seed {seed}");
            assert_eq!(keys, usize::from(replaces), "seed {seed}: nothing half made");
            node.feed(client, b"GET k\r\nTTL k\r\n");
            let kept = node.take_output(client);
            let old: &[u8] = if replaces { b"$3\r\nold\r\n:100\r\n" } else { b"$-1\r\n:-2\r\n" };
            assert_eq!(kept, old, "seed {seed}: what was there is still there");
        }
        if let Some((_, entry)) = node.databases()[0].table().iter().next() {
            check(&entry.value);
        }
        node.feed(client, b"FLUSHALL\r\n");
        node.disconnect(client);
    }
    node.databases().iter().for_each(Database::check);
    assert!(restored > tried / 20, "{restored} were restored");
}
