//! The same streams of commands through `feed`: natively, and the peer over a pipelined connection.

use std::time::Instant;

use e2e::process::Server;
use redarium_engine::{Engine, Options};

use crate::measure::{Spread, batches, encode, pipeline};

/// Commands in each stream.
pub(crate) const COMMANDS: usize = 200_000;

/// Runs of all streams.
const REPEATS: usize = 3;

/// Commands handed in at once.
pub(crate) const BATCH: usize = 100;

/// Keys or members that a stream spreads over.
pub(crate) const KEYS: usize = 100_000;

/// A stream of one command with changing numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stream {
    pub(crate) name: &'static str,
    /// `#` stands for a number below [`KEYS`].
    pub(crate) words: &'static [&'static str],
    /// Lines of each reply.
    lines: usize,
}

const fn stream(name: &'static str, words: &'static [&'static str], lines: usize) -> Stream {
    Stream { name, words, lines }
}

/// In this order: some need an earlier one's data.
pub(crate) const STREAMS: &[Stream] = &[
    stream("set", &["SET", "key:#", "xxx"], 1),
    stream("get", &["GET", "key:#"], 2),
    stream("incr", &["INCR", "counter:#"], 1),
    stream("lpush", &["LPUSH", "list", "xxx"], 1),
    stream("lpop", &["LPOP", "list"], 2),
    stream("sadd", &["SADD", "set", "element:#"], 1),
    stream("hset", &["HSET", "hash", "field:#", "xxx"], 1),
    stream("zadd", &["ZADD", "zset", "#", "element:#"], 1),
    stream("zrange10", &["ZRANGE", "zset", "0", "9"], 21),
    stream("zrank", &["ZRANK", "zset", "element:#"], 1),
];

/// The `n`-th command of a stream.
fn command(words: &[&str], n: usize, out: &mut Vec<u8>) {
    // A full-period walk over the keys: the same for everyone, in no order of memory.
    let number = format!("{:012}", n.wrapping_mul(48_271) % KEYS);
    let words: Vec<String> = words.iter().map(|word| word.replace('#', &number)).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    encode(&words, out);
}

pub(crate) fn run() {
    println!(
        "Streams of {COMMANDS} commands in batches of {BATCH}: million commands a second, median of {REPEATS}"
    );
    println!("  {:<9} {:>7} {:>7} {:>15}", "", "native", "redis", "native ÷ redis");
    for ((stream, native), peer) in STREAMS.iter().zip(native()).zip(peer()) {
        println!("  {:<9} {native:>7.2} {peer:>7.2} {:>15.1}", stream.name, native / peer);
    }
}

/// Medians over [`REPEATS`] runs of all streams.
fn repeat(run: impl Fn() -> Vec<f64>) -> Vec<f64> {
    let runs: Vec<Vec<f64>> = (0..REPEATS).map(|_| run()).collect();
    (0..STREAMS.len())
        .map(|at| Spread::of(runs.iter().map(|run| run[at]).collect()).median)
        .collect()
}

/// Million commands a second through `Engine::feed`, for each stream.
fn native() -> Vec<f64> {
    repeat(|| {
        let mut node = Engine::new(Options { seed: 7, ..Options::default() });
        let me = node.connect("127.0.0.1:1");
        let mut output = Vec::new();
        STREAMS
            .iter()
            .map(|stream| {
                let batches = batches(COMMANDS, BATCH, |n, out| command(stream.words, n, out));
                let start = Instant::now();
                for batch in &batches {
                    node.feed(me, batch);
                    output.clear();
                    node.drain_output(me, &mut output);
                }
                COMMANDS as f64 / start.elapsed().as_secs_f64() / 1e6
            })
            .collect()
    })
}

/// Million commands a second of redis-server over one pipelined connection, for each stream.
pub(crate) fn peer() -> Vec<f64> {
    repeat(|| {
        let server = Server::redis(&[]);
        STREAMS
            .iter()
            .map(|stream| {
                let batches = batches(COMMANDS, BATCH, |n, out| command(stream.words, n, out));
                let start = Instant::now();
                pipeline(&server, &batches, BATCH * stream.lines);
                COMMANDS as f64 / start.elapsed().as_secs_f64() / 1e6
            })
            .collect()
    })
}
