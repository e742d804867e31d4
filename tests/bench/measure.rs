//! Processor time, memory and medians.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};

use e2e::process::Server;

/// Clock ticks per second of `/proc/PID/stat`: the same on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;

/// Bytes of a page of memory in `/proc/PID/statm`.
const PAGE_BYTES: f64 = 4096.0;

/// User and system time that a process has used, in seconds.
pub(crate) fn cpu_seconds(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("the server runs, on Linux");
    let (_, after_name) = stat.rsplit_once(')').expect("the name stands in parentheses");
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks: f64 = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
    ticks / TICKS_PER_SECOND
}

/// Memory of a process that is in RAM, in bytes.
pub(crate) fn resident_bytes(pid: u32) -> f64 {
    let statm =
        fs::read_to_string(format!("/proc/{pid}/statm")).expect("the server runs, on Linux");
    statm.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() * PAGE_BYTES
}

/// Smallest, middle and largest of some numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) min: f64,
    pub(crate) median: f64,
    pub(crate) max: f64,
}

impl Spread {
    pub(crate) fn of(mut numbers: Vec<f64>) -> Self {
        numbers.sort_by(f64::total_cmp);
        Self {
            min: numbers[0],
            median: numbers[numbers.len() / 2],
            max: numbers[numbers.len() - 1],
        }
    }
}

/// A command as RESP.
pub(crate) fn encode(words: &[&str], out: &mut Vec<u8>) {
    write!(out, "*{}\r\n", words.len()).unwrap();
    for word in words {
        write!(out, "${}\r\n{word}\r\n", word.len()).unwrap();
    }
}

/// Sends batches of commands, reading the `lines` of replies to each before the next is sent.
pub(crate) fn pipeline(server: &Server, batches: &[Vec<u8>], lines: usize) {
    let mut stream = server.connect();
    let mut reader = BufReader::with_capacity(1 << 16, stream.try_clone().unwrap());
    for batch in batches {
        stream.write_all(batch).unwrap();
        let mut left = lines;
        while left > 0 {
            let bytes = reader.fill_buf().unwrap();
            assert!(!bytes.is_empty(), "the server closed the connection");
            let (found, used) = bytes
                .iter()
                .enumerate()
                .filter(|(_, byte)| **byte == b'\n')
                .take(left)
                .fold((0, bytes.len()), |(found, _), (at, _)| (found + 1, at + 1));
            left -= found;
            let used = if left == 0 { used } else { bytes.len() };
            reader.consume(used);
        }
    }
}

/// `count` commands in batches of `batch`; `command` writes the `n`-th.
pub(crate) fn batches(
    count: usize,
    batch: usize,
    command: impl Fn(usize, &mut Vec<u8>),
) -> Vec<Vec<u8>> {
    (0..count / batch)
        .map(|at| {
            let mut bytes = Vec::new();
            (at * batch..(at + 1) * batch).for_each(|n| command(n, &mut bytes));
            bytes
        })
        .collect()
}
