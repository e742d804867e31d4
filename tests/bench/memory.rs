//! Memory per key, member and field, beside redis-server's.

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
    println!("Memory in bytes each, {COUNT} of them; ours ÷ redis-server's, lower is better");
    println!("  {:<26} {:>7} {:>7} {:>7}", "", "redis", "ours", "ratio");
    for (name, fill) in FILLINGS {
        let batches = batches(COUNT, BATCH, fill);
        let theirs = bytes_each(&Server::redis(&[]), &batches);
        let ours = bytes_each(&Server::redarium(&[]), &batches);
        println!("  {name:<26} {theirs:>7.1} {ours:>7.1} {:>7.2}", ours / theirs);
    }
}

fn bytes_each(server: &Server, batches: &[Vec<u8>]) -> f64 {
    let before = resident_bytes(server.pid());
    pipeline(server, batches, BATCH);
    (resident_bytes(server.pid()) - before) / COUNT as f64
}
