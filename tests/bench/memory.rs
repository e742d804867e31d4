//! Memory per key, member and field, beside redis-server's; and what MEMORY USAGE says.

use std::io::{BufRead as _, BufReader, Write as _};

use e2e::process::Server;

use crate::measure::{batches, encode, pipeline, resident_bytes};

/// Things of each kind.
const COUNT: usize = 1_000_000;

/// Things per batch on the wire.
const BATCH: usize = 1000;

/// What is stored, and the command that stores the `n`-th thing.
type Filling = (&'static str, fn(usize, &mut Vec<u8>));

const FILLINGS: &[Filling] = &[
    ("small string", |n, out| encode(&["SET", &format!("key:{n:012}"), &format!("v{n}")], out)),
    ("string of 40", |n, out| encode(&["SET", &format!("key:{n:012}"), &format!("{n:040}x")], out)),
    ("counter", |n, out| encode(&["SET", &format!("key:{n:012}"), &n.to_string()], out)),
    ("key with TTL", |n, out| encode(&["SET", &format!("key:{n:012}"), "v", "EX", "100000"], out)),
    ("member of one sorted set", |n, out| {
        encode(&["ZADD", "zset", &scattered(n), &format!("member:{n:010}")], out);
    }),
    ("member of one set", |n, out| encode(&["SADD", "set", &format!("member:{n:010}")], out)),
    ("field of one hash", |n, out| {
        encode(&["HSET", "hash", &format!("field:{n:010}"), &format!("v{n}")], out);
    }),
    ("field of small hashes", |n, out| {
        encode(
            &["HSET", &format!("hash:{}", n / 20), &format!("f{}", n % 20), &format!("value{n}")],
            out,
        );
    }),
    ("element of one list", |n, out| encode(&["RPUSH", "list", &format!("element:{n}")], out)),
];

/// Scores in no order.
fn scattered(n: usize) -> String {
    (n.wrapping_mul(48_271) % 1_000_003).to_string()
}

pub(crate) fn run() {
    usage();
    println!("Memory in bytes each, {COUNT} of them; ours ÷ redis-server's, lower is better");
    println!("  {:<26} {:>7} {:>7} {:>7}", "", "redis", "ours", "ratio");
    for (name, fill) in FILLINGS {
        let batches = batches(COUNT, BATCH, fill);
        let theirs = bytes_each(&Server::redis(&[]), &batches);
        let ours = bytes_each(&Server::redarium(&[]), &batches);
        println!("  {name:<26} {theirs:>7.1} {ours:>7.1} {:>7.2}", ours / theirs);
    }
}

/// A value of a type, and the command that adds its `n`-th element to a key; of a string all at once.
type Growing = (&'static str, fn(usize, &str, &mut Vec<u8>));

const GROWING: &[Growing] = &[
    ("list", |n, key, out| encode(&["RPUSH", key, &format!("element:{n}")], out)),
    ("hash", |n, key, out| {
        encode(&["HSET", key, &format!("field:{n}"), &format!("value:{n}")], out);
    }),
    ("set of integers", |n, key, out| encode(&["SADD", key, &n.to_string()], out)),
    ("set of words", |n, key, out| encode(&["SADD", key, &format!("member:{n}")], out)),
    ("sorted set", |n, key, out| {
        encode(&["ZADD", key, &scattered(n), &format!("member:{n}")], out);
    }),
    ("stream", |n, key, out| {
        encode(&["XADD", key, &format!("{}-0", n + 1), "field", &format!("value:{n}")], out);
    }),
    ("HyperLogLog", |n, key, out| encode(&["PFADD", key, &format!("element:{n}")], out)),
];

/// Elements of such values, bytes of a string.
const SIZES: [usize; 3] = [10, 1_000, 100_000];

/// MEMORY USAGE here and there. Ours is the model of a Redis 8, where a key shares the block of its object and tables
/// hold single elements without an entry of their own; 7.0.15 takes more for these, and so the ratio is below 1.
fn usage() {
    println!(
        "MEMORY USAGE of one value of n elements (bytes of a string), SAMPLES 0; the peer is 7.0"
    );
    println!("  {:<16} {:>7} {:>9} {:>9} {:>6}   encodings", "", "n", "redis", "ours", "ratio");
    let (redis, ours) = (Server::redis(&[]), Server::redarium(&[]));
    for size in SIZES {
        let key = format!("string:{size}");
        let value = "v".repeat(size);
        show(
            "string",
            size,
            [&redis, &ours].map(|server| {
                let mut set = Vec::new();
                encode(&["SET", &key, &value], &mut set);
                pipeline(server, &[set], 1);
                used(server, &key)
            }),
        );
    }
    for (name, add) in GROWING {
        for size in SIZES {
            let key = format!("{}:{size}", name.replace(' ', "-"));
            let lines = if *name == "stream" { 2 } else { 1 };
            let batch = size.min(BATCH);
            let adding = batches(size, batch, |n, out| add(n, &key, out));
            show(
                name,
                size,
                [&redis, &ours].map(|server| {
                    pipeline(server, &adding, batch * lines);
                    used(server, &key)
                }),
            );
        }
    }
    println!();
}

/// What a server says that a key takes, and how it is stored.
fn used(server: &Server, key: &str) -> (f64, String) {
    let mut bytes = Vec::new();
    encode(&["MEMORY", "USAGE", key, "SAMPLES", "0"], &mut bytes);
    encode(&["OBJECT", "ENCODING", key], &mut bytes);
    let mut stream = server.connect();
    stream.write_all(&bytes).unwrap();
    let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
    let number = lines.next().unwrap();
    let number = number.trim_start_matches(':').parse().expect("an integer");
    (number, lines.nth(1).expect("the length is before it"))
}

fn show(name: &str, size: usize, [theirs, ours]: [(f64, String); 2]) {
    let encodings =
        if theirs.1 == ours.1 { ours.1 } else { format!("{}, ours {}", theirs.1, ours.1) };
    println!(
        "  {name:<16} {size:>7} {:>9} {:>9} {:>6.2}   {encodings}",
        theirs.0,
        ours.0,
        ours.0 / theirs.0
    );
}

fn bytes_each(server: &Server, batches: &[Vec<u8>]) -> f64 {
    let before = resident_bytes(server.pid());
    pipeline(server, batches, BATCH);
    (resident_bytes(server.pid()) - before) / COUNT as f64
}
