//! `redarium serve` beside redis-server under redis-benchmark: processor time of the server per operation.

use std::process::{Command, Stdio};

use e2e::process::Server;

use crate::heavy;
use crate::measure::{Spread, cpu_seconds};

/// Runs of each test on each server, in turn.
const REPEATS: usize = 3;

/// Name, redis-benchmark's own words for it.
const TESTS: &[(&str, &[&str])] = &[
    ("PING", &["-t", "ping_mbulk"]),
    ("SET", &["-t", "set"]),
    ("GET", &["-t", "get"]),
    ("INCR", &["-t", "incr"]),
    ("LPUSH", &["-t", "lpush"]),
    ("LPOP", &["-t", "lpop"]),
    ("SADD", &["-t", "sadd"]),
    ("HSET", &["-t", "hset"]),
    ("ZADD", &["ZADD", "bench:zset", "__rand_int__", "member:__rand_int__"]),
    ("ZRANGE 10", &["ZRANGE", "bench:zset", "0", "9"]),
    ("ZRANK", &["ZRANK", "bench:zset", "member:__rand_int__"]),
    ("MSET 10", &["-t", "mset"]),
];

pub(crate) fn run() {
    println!(
        "Server processor time per operation, 20 clients, 100,000 keys; ours ÷ redis-server's, lower is better"
    );
    for (pipeline, requests) in [(100, 400_000), (1, 60_000)] {
        println!(
            "\n  -P {pipeline:<6} {:>9} {:>9}   ratio: median (min–max)",
            "redis ns", "ours ns"
        );
        let (redis, ours) = (Server::redis(&[]), Server::redarium(&[]));
        for (name, words) in TESTS {
            let mut pairs = Vec::new();
            for _ in 0..REPEATS {
                let theirs = nanoseconds(&redis, words, pipeline, requests);
                pairs.push((theirs, nanoseconds(&ours, words, pipeline, requests)));
            }
            let ratio = Spread::of(pairs.iter().map(|pair| pair.1 / pair.0).collect());
            let redis_ns = Spread::of(pairs.iter().map(|pair| pair.0).collect()).median;
            let ours_ns = Spread::of(pairs.iter().map(|pair| pair.1).collect()).median;
            println!(
                "  {name:<9} {redis_ns:>9.0} {ours_ns:>9.0}   {:.2} ({:.2}–{:.2})",
                ratio.median, ratio.min, ratio.max
            );
        }
    }
    heavy::run();
}

/// Processor time of a server per request, in nanoseconds.
pub(crate) fn nanoseconds(server: &Server, words: &[&str], pipeline: u32, requests: u32) -> f64 {
    let before = cpu_seconds(server.pid());
    let status = Command::new("redis-benchmark")
        .args(["-p", &server.port().to_string(), "-c", "20", "-r", "100000", "-q"])
        .args(["-P", &pipeline.to_string(), "-n", &requests.to_string()])
        .args(words)
        .stdout(Stdio::null())
        .status()
        .expect("redis-benchmark is installed");
    assert!(status.success(), "redis-benchmark failed on {words:?}");
    (cpu_seconds(server.pid()) - before) / f64::from(requests) * 1e9
}
