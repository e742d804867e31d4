//! Scripts in Lua: processor time of `redarium serve` beside redis-server, and what they take in WebAssembly.

use e2e::process::Server;
use serde_json::{Value, json};

use crate::browser::{in_chromium, in_node};
use crate::measure::{Spread, cpu_seconds, encode, pipeline};

/// Runs of each script on each server, in turn.
const REPEATS: usize = 3;

const SCRIPT: &str = include_str!("scripts.js");

/// A script that answers with a number.
struct Script {
    name: &'static str,
    source: &'static str,
    /// What it reads as `ARGV[1]`: how often it does its work.
    rounds: usize,
    /// EVALs that are sent at once, and how often.
    batch: usize,
    batches: usize,
}

const SCRIPTS: &[Script] = &[
    // The cost of a run itself.
    Script { name: "EVAL", source: "return 1", rounds: 1, batch: 100, batches: 1000 },
    Script {
        name: "redis.call",
        source: "for i = 1, ARGV[1] do redis.call('INCR', KEYS[1]) end return 1",
        rounds: 1_000_000,
        batch: 1,
        batches: 1,
    },
    Script {
        name: "loop",
        source: "local s = 0 for i = 1, ARGV[1] do s = s + i % 7 end return s",
        rounds: 10_000_000,
        batch: 1,
        batches: 1,
    },
    Script {
        name: "strings",
        source: "local t = {} for i = 1, ARGV[1] do t[#t + 1] = 'k' .. i end return #table.concat(t)",
        rounds: 100_000,
        batch: 1,
        batches: 5,
    },
    Script {
        name: "cjson",
        source: "local n = 0 local r = {name = 'ann', tags = {'a', 'b'}, age = 42.5} \
                 for i = 1, ARGV[1] do n = n + #cjson.decode(cjson.encode(r)).tags end return n",
        rounds: 100_000,
        batch: 1,
        batches: 1,
    },
    Script {
        name: "cmsgpack",
        source: "local n = 0 local r = {name = 'ann', tags = {'a', 'b'}, age = 42.5} \
                 for i = 1, ARGV[1] do n = n + #cmsgpack.unpack(cmsgpack.pack(r)).tags end return n",
        rounds: 100_000,
        batch: 1,
        batches: 1,
    },
];

impl Script {
    /// The EVALs that are sent at once.
    fn commands(&self) -> Vec<u8> {
        let rounds = self.rounds.to_string();
        let mut bytes = Vec::new();
        for _ in 0..self.batch {
            encode(&["EVAL", self.source, "1", "bench:counter", &rounds], &mut bytes);
        }
        bytes
    }

    /// How often its work is done in all.
    fn rounds(&self) -> f64 {
        (self.rounds * self.batch * self.batches) as f64
    }

    /// Processor time of a server for one round, in nanoseconds.
    fn on(&self, server: &Server) -> f64 {
        let batches = vec![self.commands(); self.batches];
        let before = cpu_seconds(server.pid());
        pipeline(server, &batches, self.batch);
        (cpu_seconds(server.pid()) - before) / self.rounds() * 1e9
    }
}

pub(crate) fn run() {
    println!(
        "Scripts: nanoseconds for one round; of the servers, processor time, median of {REPEATS}"
    );
    println!(
        "  {:<11} {:>9} {:>9} {:>13} {:>9} {:>9}",
        "", "redis", "ours", "ours ÷ redis", "Node", "Chromium"
    );
    let (redis, ours) = (Server::redis(&[]), Server::redarium(&[]));
    let texts: Vec<Value> = SCRIPTS
        .iter()
        .map(|script| json!([String::from_utf8(script.commands()).unwrap(), script.batches]))
        .collect();
    let arguments = json!([texts]);
    let (node, chromium) = (in_node(SCRIPT, &arguments), in_chromium(SCRIPT, &arguments));
    for (at, script) in SCRIPTS.iter().enumerate() {
        let runs: Vec<_> = (0..REPEATS).map(|_| (script.on(&redis), script.on(&ours))).collect();
        let theirs = Spread::of(runs.iter().map(|run| run.0).collect()).median;
        let own = Spread::of(runs.iter().map(|run| run.1).collect()).median;
        let in_wasm =
            |times: &[f64]| times.get(at).map_or(f64::NAN, |ms| ms * 1e6 / script.rounds());
        println!(
            "  {:<11} {theirs:>9.0} {own:>9.0} {:>13.2} {:>9.0} {:>9.0}",
            script.name,
            own / theirs,
            in_wasm(&node),
            in_wasm(&chromium)
        );
    }
}
