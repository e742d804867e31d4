//! How ZADD and ZRANK grow from a thousand to a million members, beside redis-server.

use e2e::process::Server;

use crate::measure::{batches, cpu_seconds, encode, pipeline};

const SIZES: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];

/// Commands measured at each size.
const COMMANDS: usize = 1_000_000;

const BATCH: usize = 100;

pub(crate) fn run() {
    println!("Processor time of one command on a sorted set of n members, nanoseconds");
    println!("  {:<6} {:<6} {:>9} {:>9} {:>9} {:>9}   1M ÷ 1k", "", "", "1k", "10k", "100k", "1M");
    for command in ["ZADD", "ZRANK"] {
        for (name, start) in
            [("redis", Server::redis as fn(&[&str]) -> Server), ("ours", Server::redarium)]
        {
            let times: Vec<f64> =
                SIZES.iter().map(|&size| nanoseconds(&start(&[]), command, size)).collect();
            let row: Vec<String> = times.iter().map(|time| format!("{time:>9.0}")).collect();
            println!("  {command:<6} {name:<6} {}   {:.1}", row.join(" "), times[3] / times[0]);
        }
    }
}

fn nanoseconds(server: &Server, command: &str, size: usize) -> f64 {
    let score = |n: usize| (n.wrapping_mul(48_271) % 1_000_003).to_string();
    let member = |n: usize| format!("member:{:07}", n % size);
    let zadd = |n: usize, out: &mut Vec<u8>| encode(&["ZADD", "z", &score(n), &member(n)], out);
    pipeline(server, &batches(size, BATCH, zadd), BATCH);
    let measured = batches(COMMANDS, BATCH, |n, out| {
        let n = n.wrapping_mul(7919);
        match command {
            "ZADD" => encode(&["ZADD", "z", &score(n.wrapping_add(17)), &member(n)], out),
            _ => encode(&["ZRANK", "z", &member(n)], out),
        }
    });
    let before = cpu_seconds(server.pid());
    pipeline(server, &measured, BATCH);
    (cpu_seconds(server.pid()) - before) / COMMANDS as f64 * 1e9
}
