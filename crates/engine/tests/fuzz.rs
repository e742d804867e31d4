//! Whatever bytes arrive, the node does not panic, keeps its invariants and goes on serving others.
//!
//! `FUZZ_INPUTS=1000000 cargo test --release -p redarium-engine --test fuzz` tries more.

#![expect(clippy::indexing_slicing, reason = "a test that goes wrong may stop")]

use std::env;

use redarium_engine::command::sentence::sentence;
use redarium_engine::database::Database;
use redarium_engine::table::commands;
use redarium_engine::{ClientId, Engine, Options};
use redarium_resp::words::{Words, quote};
use redarium_structures::rng::Rng;

/// Streams of commands, most of them damaged, unless `FUZZ_INPUTS` says otherwise.
const STREAMS: u64 = 60_000;

/// After how many streams a new node begins: by then somebody may have asked for a password, or turned a user off.
const RENEWED_EVERY: u64 = 2000;

/// Connections that are open at the same time.
const CROWD: usize = 4;

/// No stream is answered with more bytes than this.
const OUTPUT_MAX: usize = 1 << 26;

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

/// A few commands of the table's own grammar, as RESP or as typed lines, some words replaced by edges.
fn stream(rng: &mut Rng) -> Vec<u8> {
    let mut bytes = Vec::new();
    let is_inline = rng.below(8) == 0;
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
        let words: Words = words.into_iter().collect();
        if is_inline {
            let line: Vec<String> = words.iter().map(quote).collect();
            bytes.extend_from_slice(line.join(" ").as_bytes());
            bytes.extend_from_slice(b"\r\n");
        } else {
            words.encode(&mut bytes);
        }
    }
    bytes
}

/// Changes, removes, repeats or cuts off bytes, or goes on with a part of another stream.
fn damage(bytes: &mut Vec<u8>, rng: &mut Rng) {
    for _ in 0..rng.below(4) {
        if bytes.is_empty() {
            return;
        }
        let at = rng.below(bytes.len() as u64) as usize;
        match rng.below(7) {
            0 => bytes[at] = rng.below(256) as u8,
            5 => bytes[at] ^= 1 << rng.below(8),
            6 => {
                let other = stream(rng);
                bytes.truncate(at);
                bytes.extend_from_slice(&other[rng.below(other.len() as u64) as usize..]);
            }
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

/// Feeds bytes in as many pieces as chance will have it.
fn feed(node: &mut Engine, client: ClientId, mut bytes: &[u8], rng: &mut Rng) {
    while !bytes.is_empty() {
        let most = if rng.below(4) == 0 { 3 } else { bytes.len() as u64 };
        let (piece, rest) = bytes.split_at((1 + rng.below(most) as usize).min(bytes.len()));
        node.feed(client, piece);
        bytes = rest;
    }
}

#[test]
fn damaged_streams_do_no_harm() {
    let streams =
        env::var("FUZZ_INPUTS").map_or(STREAMS, |inputs| inputs.parse().expect("a number"));
    let mut node = Engine::new(Options { seed: 1, ..Options::default() });
    let mut crowd: Vec<ClientId> = Vec::new();
    // Everybody waits for the end of a pause, or for the host to save before the node ends.
    let mut may_pause = false;
    for seed in 0..streams {
        let mut rng = Rng::new(seed);
        let mut bytes = stream(&mut rng);
        damage(&mut bytes, &mut rng);
        if crowd.len() < CROWD || rng.below(4) == 0 {
            let client = node.connect("127.0.0.1:2");
            if rng.below(2) == 0 {
                node.feed(client, b"HELLO 3\r\n");
            }
            crowd.push(client);
        }
        let says = |word: &[u8]| bytes.windows(word.len()).any(|at| at.eq_ignore_ascii_case(word));
        may_pause |= says(b"PAUSE") || says(b"SHUTDOWN");
        let client = crowd[rng.below(crowd.len() as u64) as usize];
        feed(&mut node, client, &bytes, &mut rng);
        for &client in &crowd {
            let output = node.take_output(client);
            assert!(output.len() < OUTPUT_MAX, "seed {seed}: {} bytes of output", output.len());
        }
        if crowd.len() > CROWD || node.is_closing(client) {
            node.disconnect(crowd.remove(0));
        }
        node.advance_to(node.now() + rng.below(2000) as i64);
        if seed % 1000 == 500 {
            node.databases().iter().for_each(Database::check);
            // Whoever comes next is served, if only by the answer that a password is needed.
            let next = node.connect("127.0.0.1:3");
            node.feed(next, b"PING\r\n");
            let answer = node.take_output(next);
            assert!(may_pause || !answer.is_empty(), "seed {seed}: the next client is answered");
            node.disconnect(next);
        }
        if node.is_shut_down() || seed % RENEWED_EVERY == 0 {
            node = Engine::new(Options { seed, start: node.now(), ..Options::default() });
            crowd.clear();
            may_pause = false;
        }
    }
}
