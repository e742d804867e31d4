//! Several clients at once, to us and to a real Redis: WATCH, MULTI, EXEC and DISCARD among random commands on few keys.
//!
//! A failure names the seed and gives a short list of commands that shows it again.

use std::fmt::Write as _;
use std::thread::sleep;
use std::time::Duration;

use e2e::wire::Wire;
use redarium_resp::decode::{Reply, decode};
use redarium_resp::words::{Words, quote, split};
use redarium_structures::rng::Rng;

use crate::beside::Beside;
use crate::sameness::{is_known, is_same, modern, shown};
use crate::sentences::Shared;

/// Clients that take turns.
const CLIENTS: usize = 3;

/// Commands in one run.
const COMMANDS: usize = 20_000;

/// The groups of the other commands.
const GROUPS: &[&str] = &["generic", "string", "list", "hash", "set", "sorted_set"];

/// What is said about transactions, with how often.
const OF_TRANSACTIONS: &[(&str, u64)] = &[
    ("MULTI", 8),
    ("EXEC", 9),
    ("DISCARD", 2),
    ("WATCH k1", 3),
    ("WATCH k2 k3", 3),
    ("WATCH k3 k4 k3", 2),
    ("UNWATCH", 1),
    ("RESET", 1),
    ("NOSUCH command", 1),
    ("SET k1", 1),
    ("EXEC now", 1),
    ("SELECT 1", 1),
    ("SELECT 0", 3),
    ("SWAPDB 0 1", 1),
    ("FLUSHDB", 1),
    ("MOVE k1 1", 1),
    ("RENAME k1 k2", 1),
    ("COPY k2 k3 REPLACE", 1),
    ("SET k4 soon PX 1", 1),
    ("PERSIST k4", 1),
    ("LMOVE k1 k2 LEFT RIGHT", 1),
    ("WATCH h", 1),
    ("PFCOUNT h", 1),
    ("PFADD h a b c", 1),
    ("XADD k1 5-1 a b", 1),
    ("XGROUP CREATE k1 g 0", 1),
    ("XREADGROUP GROUP g ann STREAMS k1 >", 1),
    ("XACK k1 g 5-1", 1),
    ("XDEL k1 5-1", 1),
    ("XSETID k1 9-9", 1),
];

/// After this a key with a millisecond to live is gone on both sides.
const TIME_TO_END: Duration = Duration::from_millis(5);

/// A command and who sends it.
type Line = (usize, Words);

fn program(beside: &Beside, seed: u64) -> Vec<Line> {
    let mut all: Vec<Shared> = beside.data_commands();
    let is_left_out =
        |name: &str| name.ends_with("SCAN") || matches!(name, "SPOP" | "PFSELFTEST" | "KEYS");
    all.retain(|shared| {
        GROUPS.contains(&shared.spec.group.name()) && !is_left_out(shared.spec.name)
    });
    let mut rng = Rng::new(seed);
    let total: u64 = OF_TRANSACTIONS.iter().map(|(_, weight)| weight).sum();
    let mut line = || {
        let client = rng.below(CLIENTS as u64) as usize;
        if rng.below(2) == 0 {
            let shared = all[rng.below(all.len() as u64) as usize];
            return (client, shared.sentence(&mut rng));
        }
        let mut at = rng.below(total);
        let chosen = OF_TRANSACTIONS.iter().find(|(_, weight)| {
            let is_it = at < *weight;
            at = at.saturating_sub(*weight);
            is_it
        });
        (client, split(chosen.unwrap().0.as_bytes()).unwrap())
    };
    (0..COMMANDS).map(|_| line()).collect()
}

/// The clients of both servers, with what each has queued.
struct Crowd {
    clients: Vec<(Wire, Wire)>,
    queued: Vec<Vec<Words>>,
    /// How often EXEC ran commands, and how often it did not because a watched key had changed.
    runs: [usize; 2],
}

impl Crowd {
    fn new(beside: &Beside) -> Self {
        let clients = (0..CLIENTS).map(|_| beside.connect()).collect();
        Self { clients, queued: vec![Vec::new(); CLIENTS], runs: [0, 0] }
    }

    /// Makes everything as it was at the start.
    fn reset(&mut self) {
        for (ours, theirs) in &mut self.clients {
            for wire in [ours, theirs] {
                wire.ask(&["RESET"]);
                wire.ask(&["FLUSHALL"]);
            }
        }
        self.queued = vec![Vec::new(); CLIENTS];
    }

    /// The answers as they came, if they do not mean the same.
    fn difference(&mut self, (client, words): &Line) -> Option<String> {
        let (ours, theirs) = &mut self.clients[*client];
        let [ours, theirs] =
            [ours, theirs].map(|wire| modern(decode(&wire.ask_words(words)).unwrap().unwrap().0));
        let queued = &mut self.queued[*client];
        let is_exec = words.get(0) == Some(b"EXEC");
        self.runs[0] += usize::from(is_exec && ours.elements().is_some_and(|all| !all.is_empty()));
        self.runs[1] += usize::from(is_exec && matches!(ours, Reply::Null | Reply::NullArray));
        let has_ended = match words.get(0).unwrap() {
            b"EXEC" => !matches!(&ours, Reply::Error(_)) || shown(&ours).contains("EXECABORT"),
            b"DISCARD" | b"RESET" => true,
            _ => false,
        };
        let is_fine = match (&ours, &theirs) {
            (Reply::Array(ours), Reply::Array(theirs)) if is_exec => {
                ours.len() == theirs.len()
                    && ours.len() == queued.len()
                    && queued
                        .iter()
                        .zip(ours.iter().zip(theirs))
                        .all(|(words, (ours, theirs))| is_fine(words, ours, theirs))
            }
            _ => is_fine(words, &ours, &theirs),
        };
        let ends_soon = |words: &Words| words.get(2) == Some(b"soon");
        if shown(&ours) != "+QUEUED\\r\\n"
            && (ends_soon(words) || has_ended && queued.iter().any(ends_soon))
        {
            sleep(TIME_TO_END);
        }
        if has_ended {
            queued.clear();
        } else if shown(&ours) == "+QUEUED\\r\\n" {
            queued.push(words.clone());
        }
        (!is_fine).then(|| format!("ours:   {}\ntheirs: {}", shown(&ours), shown(&theirs)))
    }

    /// The place of the first line that is answered differently, and how.
    fn play(&mut self, lines: &[Line]) -> Option<(usize, String)> {
        self.reset();
        let differs = |(at, line)| Some((at, self.difference(line)?));
        lines.iter().enumerate().find_map(differs)
    }

    /// Leaves out lines for as long as the last one is still answered differently.
    fn shorten(&mut self, mut lines: Vec<Line>) -> Vec<Line> {
        let mut step = lines.len() / 2;
        while step > 0 {
            let mut at = 0;
            while at + step < lines.len() {
                let without = [&lines[..at], &lines[at + step..]].concat();
                if self.play(&without).is_some_and(|(at, _)| at == without.len() - 1) {
                    lines = without;
                } else {
                    at += step;
                }
            }
            step /= 2;
        }
        lines
    }
}

fn is_fine(words: &Words, ours: &Reply, theirs: &Reply) -> bool {
    is_same(words, ours, theirs) || is_known(words, ours, theirs)
}

#[test]
fn clients_that_interleave_are_answered_as_by_a_real_redis() {
    let seed = std::env::var("REPLAY_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(3);
    let beside = Beside::start();
    let mut lines = program(&beside, seed);
    let mut crowd = Crowd::new(&beside);
    let Some((at, difference)) = crowd.play(&lines) else {
        assert!(crowd.runs.iter().all(|&runs| runs > 100), "both happen: {:?}", crowd.runs);
        return;
    };
    lines.truncate(at + 1);
    let mut text = String::new();
    for (client, words) in crowd.shorten(lines) {
        let line: Vec<String> = words.iter().map(quote).collect();
        writeln!(text, "@{client}> {}", line.join(" ")).unwrap();
    }
    panic!("seed {seed}: the last of these is answered differently\n{text}{difference}");
}
