//! How commands of O(1) and O(log n) grow from a thousand to a million elements, beside redis-server.

use e2e::process::Server;

use crate::measure::{batches, cpu_seconds, encode, pipeline};

const SIZES: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];

/// Commands measured at each size.
const COMMANDS: usize = 1_000_000;

const BATCH: usize = 100;

/// A command on a value of `size` elements.
struct Growth {
    name: &'static str,
    /// Lines of a reply while the value is filled, and while the command is measured.
    lines: [usize; 2],
    /// Adds the `n`-th element.
    fill: fn(n: usize, out: &mut Vec<u8>),
    /// The `n`-th command; `n` is scattered.
    command: fn(n: usize, size: usize, out: &mut Vec<u8>),
}

const ROWS: &[Growth] = &[
    Growth {
        name: "ZADD",
        lines: [1, 1],
        fill: zadd,
        command: |n, size, out| {
            encode(&["ZADD", "z", &score(n.wrapping_add(17)), &member(n % size)], out);
        },
    },
    Growth {
        name: "ZRANK",
        lines: [1, 1],
        fill: zadd,
        command: |n, size, out| encode(&["ZRANK", "z", &member(n % size)], out),
    },
    Growth {
        name: "ZRANGE 1",
        lines: [1, 3],
        fill: zadd,
        command: |n, size, out| {
            let rank = (n % size).to_string();
            encode(&["ZRANGE", "z", &rank, &rank], out);
        },
    },
    Growth {
        name: "HGET",
        lines: [1, 2],
        fill: |n, out| encode(&["HSET", "h", &member(n), "value"], out),
        command: |n, size, out| encode(&["HGET", "h", &member(n % size)], out),
    },
    Growth {
        name: "SADD",
        lines: [1, 1],
        fill: |n, out| encode(&["SADD", "s", &member(n)], out),
        command: |n, size, out| encode(&["SADD", "s", &member(n % size)], out),
    },
    Growth {
        name: "LINDEX -1",
        lines: [1, 2],
        fill: |n, out| encode(&["RPUSH", "l", &member(n)], out),
        command: |_, _, out| encode(&["LINDEX", "l", "-1"], out),
    },
    Growth { name: "XADD", lines: [2, 2], fill: xadd, command: |n, _, out| xadd(n, out) },
];

fn score(n: usize) -> String {
    (n.wrapping_mul(48_271) % 1_000_003).to_string()
}

fn member(n: usize) -> String {
    format!("member:{n:07}")
}

fn zadd(n: usize, out: &mut Vec<u8>) {
    encode(&["ZADD", "z", &score(n), &member(n)], out);
}

fn xadd(_: usize, out: &mut Vec<u8>) {
    encode(&["XADD", "x", "*", "field", "value"], out);
}

pub(crate) fn run() {
    println!("Processor time of one command on a value of n elements, nanoseconds");
    println!("  {:<9} {:<6} {:>9} {:>9} {:>9} {:>9}   1M ÷ 1k", "", "", "1k", "10k", "100k", "1M");
    for row in ROWS {
        for (name, start) in
            [("redis", Server::redis as fn(&[&str]) -> Server), ("ours", Server::redarium)]
        {
            let times: Vec<f64> =
                SIZES.iter().map(|&size| nanoseconds(&start(&[]), row, size)).collect();
            let shown: Vec<String> = times.iter().map(|time| format!("{time:>9.0}")).collect();
            println!(
                "  {:<9} {name:<6} {}   {:.1}",
                row.name,
                shown.join(" "),
                times[3] / times[0]
            );
        }
    }
}

fn nanoseconds(server: &Server, row: &Growth, size: usize) -> f64 {
    let [filling, measuring] = row.lines.map(|lines| lines * BATCH);
    pipeline(server, &batches(size, BATCH, row.fill), filling);
    let measured =
        batches(COMMANDS, BATCH, |n, out| (row.command)(n.wrapping_mul(7919), size, out));
    let before = cpu_seconds(server.pid());
    pipeline(server, &measured, measuring);
    (cpu_seconds(server.pid()) - before) / COMMANDS as f64 * 1e9
}
