//! Commands that do much at once, on stored data: processor time of the server per command, beside redis-server's.

use std::io::{BufRead as _, BufReader, Write as _};

use e2e::process::Server;

use crate::measure::{Spread, batches, cpu_seconds, encode, pipeline};
use crate::server::nanoseconds;

/// Runs of each command on each server, in turn.
const REPEATS: usize = 3;

/// What no row should be above; those that are carry a mark.
const LIMIT: f64 = 1.3;

/// Keys that SCAN goes through.
const SCANNED: usize = 1_000_000;

/// Commands of data on the wire at once.
const BATCH: usize = 1000;

/// Name, redis-benchmark's words, commands on the wire at once, commands.
const COMMANDS: &[(&str, &[&str], u32, u32)] = &[
    ("SINTER 10k", &["SINTER", "set:a", "set:b"], 1, 400),
    ("SINTERSTORE 10k", &["SINTERSTORE", "to", "set:a", "set:b"], 1, 400),
    ("SUNION 10k", &["SUNION", "set:a", "set:b"], 1, 200),
    ("SUNIONSTORE 10k", &["SUNIONSTORE", "to", "set:a", "set:b"], 1, 200),
    ("SDIFF 10k", &["SDIFF", "set:a", "set:b"], 1, 400),
    ("SDIFFSTORE 10k", &["SDIFFSTORE", "to", "set:a", "set:b"], 1, 400),
    ("ZUNIONSTORE 10k", &["ZUNIONSTORE", "to", "2", "zset:a", "zset:b"], 1, 100),
    ("SORT 10k", &["SORT", "numbers"], 1, 200),
    ("LRANGE 600", &["LRANGE", "list", "0", "599"], 1, 10_000),
    ("XADD", &["XADD", "log", "*", "field", "value"], 100, 400_000),
    ("XRANGE 100", &["XRANGE", "stream", "1000-0", "+", "COUNT", "100"], 10, 20_000),
    (
        "GEOSEARCH 10k",
        &["GEOSEARCH", "places", "FROMLONLAT", "13.5", "37.5", "BYRADIUS", "20", "km"],
        1,
        1_000,
    ),
    ("PFADD", &["PFADD", "visitors", "element:__rand_int__"], 100, 400_000),
    ("BITCOUNT 1 MB", &["BITCOUNT", "bits:a"], 1, 2_000),
    ("BITOP AND 2x1 MB", &["BITOP", "AND", "to", "bits:a", "bits:b"], 1, 1_000),
    ("HSET 100k", &["HSET", "hash", "field:__rand_int__", "other"], 100, 400_000),
    ("HGET 100k", &["HGET", "hash", "field:__rand_int__"], 100, 400_000),
];

pub(crate) fn run() {
    println!("\n  much at once {:>12} {:>12}   ratio: median (min–max)", "redis ns", "ours ns");
    let (redis, ours) = (Server::redis(&[]), Server::redarium(&[]));
    for server in [&redis, &ours] {
        store(server);
    }
    for &(name, words, pipeline, requests) in COMMANDS {
        row(
            name,
            [&redis, &ours].map(|server| move || nanoseconds(server, words, pipeline, requests)),
        );
    }
    for server in [&redis, &ours] {
        let set = |n: usize, out: &mut Vec<u8>| encode(&["SET", &format!("key:{n}"), "v"], out);
        pipeline(server, &batches(SCANNED, BATCH, set), BATCH);
    }
    row("SCAN, each of 1M", [&redis, &ours].map(|server| move || scan(server)));
}

fn row(name: &str, [theirs, ours]: [impl Fn() -> f64; 2]) {
    let pairs: Vec<_> = (0..REPEATS).map(|_| (theirs(), ours())).collect();
    let ratio = Spread::of(pairs.iter().map(|pair| pair.1 / pair.0).collect());
    println!(
        "  {name:<16} {:>8.0} {:>12.0}   {:.2} ({:.2}–{:.2}){}",
        Spread::of(pairs.iter().map(|pair| pair.0).collect()).median,
        Spread::of(pairs.iter().map(|pair| pair.1).collect()).median,
        ratio.median,
        ratio.min,
        ratio.max,
        if ratio.median > LIMIT { " above the limit" } else { "" }
    );
}

/// The data that the commands work on.
fn store(server: &Server) {
    let scattered = |n: usize| n.wrapping_mul(7919) % 10_007;
    let fill = |count: usize, command: &dyn Fn(usize, &mut Vec<u8>)| {
        pipeline(server, &batches(count, BATCH, command), BATCH);
    };
    for (suffix, from) in [("a", 0), ("b", 5_000)] {
        let member = move |n: usize| format!("member:{}", n + from);
        let (set, zset) = (format!("set:{suffix}"), format!("zset:{suffix}"));
        fill(10_000, &|n, out| encode(&["SADD", &set, &member(n)], out));
        fill(10_000, &|n, out| {
            encode(&["ZADD", &zset, &scattered(n).to_string(), &member(n)], out);
        });
        // A string of 1 MB with bits here and there.
        let bits = format!("bits:{suffix}");
        fill(10_000, &|n, out| {
            encode(&["SETRANGE", &bits, &(1_048_476 - n * 104).to_string(), &n.to_string()], out);
        });
    }
    fill(1_000, &|n, out| encode(&["RPUSH", "list", &format!("element:{n}")], out));
    fill(10_000, &|n, out| encode(&["RPUSH", "numbers", &scattered(n).to_string()], out));
    fill(100_000, &|n, out| {
        encode(&["HSET", "hash", &format!("field:{n:012}"), &format!("value:{n}")], out);
    });
    fill(10_000, &|n, out| {
        let (east, north) = (scattered(n) as f64 / 10_007.0, scattered(n * 31) as f64 / 10_007.0);
        let (longitude, latitude) = (format!("{:.6}", 13.0 + east), format!("{:.6}", 37.0 + north));
        encode(&["GEOADD", "places", &longitude, &latitude, &format!("place:{n}")], out);
    });
    let entries = |n: usize, out: &mut Vec<u8>| {
        encode(&["XADD", "stream", &format!("{}-0", n + 1), "field", &format!("value:{n}")], out);
    };
    // Each reply is a length and an id.
    pipeline(server, &batches(20_000, BATCH, entries), 2 * BATCH);
}

/// Processor time per key of a scan through all of them, in nanoseconds.
fn scan(server: &Server) -> f64 {
    let before = cpu_seconds(server.pid());
    let mut stream = server.connect();
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map(Result::unwrap);
    let mut cursor = "0".to_owned();
    loop {
        let mut bytes = Vec::new();
        encode(&["SCAN", &cursor, "COUNT", "1000"], &mut bytes);
        stream.write_all(&bytes).unwrap();
        // An array of two: the cursor behind its length, and an array of keys, each behind its length.
        cursor = lines.nth(2).unwrap();
        let head = lines.next().unwrap();
        let keys: usize = head.trim_start_matches('*').parse().expect("a number of keys");
        if keys > 0 {
            lines.nth(2 * keys - 1).unwrap();
        }
        if cursor == "0" {
            return (cpu_seconds(server.pid()) - before) / SCANNED as f64 * 1e9;
        }
    }
}
