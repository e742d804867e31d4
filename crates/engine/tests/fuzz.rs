//! Whatever bytes arrive, the node does not panic, keeps its invariants and goes on serving others.

#![expect(clippy::indexing_slicing, reason = "a test that goes wrong may stop")]

use redarium_engine::command::sentence::sentence;
use redarium_engine::table::commands;
use redarium_engine::{Engine, Options};
use redarium_structures::rng::Rng;

/// Streams of commands, most of them damaged.
const STREAMS: u64 = 100_000;

/// Numbers and words that sit on the edges of what commands take.
const EDGES: &[&str] = &[
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "-1",
    "0",
    "1e308",
    "-inf",
    "nan",
    "",
    "(",
    "[",
    "*",
    "\\",
];

/// A few commands of the table's own grammar as RESP, some words replaced by edges.
fn stream(rng: &mut Rng) -> Vec<u8> {
    let mut bytes = Vec::new();
    for _ in 0..=rng.below(6) {
        let table = commands();
        let spec = table[rng.below(table.len() as u64) as usize];
        let (spec, container) = if spec.subcommands.is_empty() {
            (spec, None)
        } else {
            (&spec.subcommands[rng.below(spec.subcommands.len() as u64) as usize], Some(spec))
        };
        let mut words: Vec<Vec<u8>> =
            sentence(spec, container, rng).iter().map(<[u8]>::to_vec).collect();
        if rng.below(3) == 0 {
            let at = rng.below(words.len() as u64) as usize;
            words[at] = EDGES[rng.below(EDGES.len() as u64) as usize].as_bytes().to_vec();
        }
        bytes.extend_from_slice(format!("*{}\r\n", words.len()).as_bytes());
        for word in &words {
            bytes.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
            bytes.extend_from_slice(word);
            bytes.extend_from_slice(b"\r\n");
        }
    }
    bytes
}

/// Changes, removes, repeats or cuts off bytes.
fn damage(bytes: &mut Vec<u8>, rng: &mut Rng) {
    for _ in 0..rng.below(4) {
        if bytes.is_empty() {
            return;
        }
        let at = rng.below(bytes.len() as u64) as usize;
        match rng.below(5) {
            0 => bytes[at] = rng.below(256) as u8,
            1 => {
                bytes.remove(at);
            }
            2 => bytes.insert(at, b"*$\r\n0189-"[rng.below(9) as usize]),
            3 => bytes.truncate(at),
            _ => {
                let tail = bytes[at..].to_vec();
                bytes.extend_from_slice(&tail);
            }
        }
    }
}

#[test]
fn damaged_streams_do_no_harm() {
    let mut node = Engine::new(Options { seed: 1, ..Options::default() });
    for seed in 0..STREAMS {
        let mut rng = Rng::new(seed);
        let mut bytes = stream(&mut rng);
        damage(&mut bytes, &mut rng);
        let client = node.connect("127.0.0.1:2");
        let cut = rng.below(bytes.len() as u64 + 1) as usize;
        node.feed(client, &bytes[..cut]);
        node.feed(client, &bytes[cut..]);
        let _ = node.take_output(client);
        node.disconnect(client);
        node.advance_to(node.now() + rng.below(2000) as i64);
        if node.is_shut_down() {
            // That was a SHUTDOWN.
            node = Engine::new(Options { seed, start: node.now(), ..Options::default() });
        }
        if seed % 1000 == 0 {
            node.databases().iter().for_each(redarium_engine::database::Database::check);
            // Whoever comes next is served, if only by the answer that a password is needed.
            let next = node.connect("127.0.0.1:3");
            node.feed(next, b"PING\r\n");
            assert!(
                !node.take_output(next).is_empty(),
                "seed {seed}: the node answers the next client"
            );
            node.disconnect(next);
        }
    }
}
