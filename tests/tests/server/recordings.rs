//! Whole sequences of commands with the replies that a Redis 8.6.3 gave, played against `redarium serve`.
//!
//! `recordings/README.md` explains the format. Each section is played in both protocols, on a server of its own.

mod compare;
mod format;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{fs, thread};

use e2e::process::Server;
use e2e::wire::{Silence, Wire};
use redarium_resp::decode::{Reply, decode};
use redarium_resp::words::Words;

use compare::{is_same, lines};
use format::{Action, Section, Step, parse};

/// What is not answered as recorded yet: file and section, the command that it concerns (all of the section if it is
/// empty) and the reason. One that is answered as recorded fails the test.
const LATER: &[(&str, &str, &str)] = &[];

/// How many differences of one section are told.
const TOLD_MAX: usize = 8;

/// How long a reply may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a further reply may take, of a command that has waited or of another client's.
const PATIENCE_FOR_MORE: Duration = Duration::from_secs(3);

/// How long nothing must arrive.
const SILENCE: Duration = Duration::from_millis(100);

/// Commands that are answered with one message for each of their words.
const SUBSCRIBING: &[&[u8]] =
    &[b"SUBSCRIBE", b"PSUBSCRIBE", b"SSUBSCRIBE", b"UNSUBSCRIBE", b"PUNSUBSCRIBE", b"SUNSUBSCRIBE"];

/// The connections that a section uses.
struct Player {
    server: Server,
    protocol: u8,
    connections: BTreeMap<char, Wire>,
}

impl Player {
    fn new(section: &Section, protocol: u8) -> Self {
        let server = Server::redarium(&["--seed", "7"]);
        let mut control = Wire::connect(&server);
        for (name, value) in &section.config {
            control.ask(&["CONFIG", "SET", name, value]);
        }
        Self { server, protocol, connections: BTreeMap::new() }
    }

    fn connection(&mut self, name: char) -> &mut Wire {
        self.connections.entry(name).or_insert_with(|| {
            let mut wire = Wire::connect(&self.server);
            if self.protocol == 3 {
                wire.ask(&["HELLO", "3"]);
            }
            wire
        })
    }

    /// Does what a step says; the lines of what was answered.
    fn play(&mut self, step: &Step) -> Vec<String> {
        let naps = step.modifiers.iter().filter_map(|modifier| modifier.strip_prefix("sleep "));
        naps.for_each(|seconds| thread::sleep(Duration::from_secs_f64(seconds.parse().unwrap())));
        let protocol = self.protocol;
        let wire = self.connection(step.connection);
        match &step.action {
            Action::Read => read(wire, protocol, PATIENCE_FOR_MORE).0,
            Action::Silence => match read(wire, protocol, SILENCE).0 {
                nothing if nothing == ["(timeout)"] => vec!["(nothing)".to_owned()],
                lines => lines,
            },
            Action::Raw(bytes) => {
                wire.send(bytes.get(0).unwrap());
                read_reply(wire, protocol)
            }
            Action::Send(words) => {
                wire.send_words(words);
                let address = wire.stream().local_addr().unwrap().to_string();
                self.wait_for(&address, words);
                Vec::new()
            }
            Action::Ask(words) => {
                wire.send_words(words);
                let name = words.get(0).unwrap().to_ascii_uppercase();
                if !SUBSCRIBING.contains(&&name[..]) {
                    return read_reply(wire, protocol);
                }
                let mut all = Vec::new();
                for _ in 0..(words.len() - 1).max(1) {
                    let (lines, reply) = read(wire, protocol, PATIENCE_FOR_MORE);
                    all.extend(lines);
                    if reply.is_none_or(|reply| reply.is_error()) {
                        break;
                    }
                }
                all
            }
        }
    }

    /// Waits until the server has read a command to which it gives no reply for now.
    fn wait_for(&self, address: &str, words: &Words) {
        let name = String::from_utf8_lossy(words.get(0).unwrap()).to_ascii_lowercase();
        let (address, name) = (format!(" addr={address} "), format!(" cmd={name}"));
        let mut control = Wire::connect(&self.server);
        let deadline = Instant::now() + PATIENCE_FOR_MORE;
        while Instant::now() < deadline {
            let clients = control.ask(&["CLIENT", "LIST"]);
            let clients = String::from_utf8_lossy(&clients);
            if clients.lines().any(|line| line.contains(&address) && line.contains(&name)) {
                return;
            }
        }
    }
}

/// Reads one reply, or a line that says why there is none.
fn read(wire: &mut Wire, protocol: u8, limit: Duration) -> (Vec<String>, Option<Reply>) {
    match wire.reply_within(limit) {
        Ok(bytes) => {
            let (reply, _) = decode(&bytes).unwrap().unwrap();
            (lines(&reply, protocol), Some(reply))
        }
        Err(Silence::Closed) => (vec!["(closed)".to_owned()], None),
        Err(Silence::TimedOut) => (vec!["(timeout)".to_owned()], None),
        Err(Silence::Nonsense(trouble)) => (vec![trouble], None),
    }
}

/// Reads a reply and the messages before it.
fn read_reply(wire: &mut Wire, protocol: u8) -> Vec<String> {
    let mut all = Vec::new();
    loop {
        let (lines, reply) = read(wire, protocol, PATIENCE);
        all.extend(lines);
        if !matches!(reply, Some(Reply::Push(_))) {
            return all;
        }
    }
}

/// The entries of the list that a section has met.
type Met = BTreeSet<usize>;

/// Plays a section; what differs and is not on the list, told one after the other.
fn differences(name: &str, section: &Section, protocol: u8, met: &mut Met) -> Vec<String> {
    let mut player = Player::new(section, protocol);
    let mut told = Vec::new();
    for step in &section.steps {
        let (expected, got) = (step.reply(protocol), player.play(step));
        if is_same(expected, &got, &step.modifiers) {
            continue;
        }
        let concerns = |(of, command, _): &(&str, &str, &str)| {
            *of == name && step.command().starts_with(command)
        };
        if let Some(entry) = LATER.iter().position(concerns) {
            met.insert(entry);
            if LATER[entry].1.is_empty() {
                break;
            }
            continue;
        }
        let shown = |lines: &[String]| lines.join("\n            ");
        let (line, text, expected, got) = (step.line, &step.text, shown(expected), shown(&got));
        told.push(format!(
            "{name}, line {line}, RESP{protocol}  {text}\n  expected: {expected}\n  got:      {got}",
        ));
        if told.len() == TOLD_MAX {
            told.push(format!("{name}, RESP{protocol}: perhaps more"));
            break;
        }
    }
    told
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings/core");
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn replies_are_those_of_redis() {
    let (mut played, mut met, mut complaints) = (0, Met::new(), Vec::new());
    for path in files() {
        let file = path.file_stem().unwrap().to_str().unwrap();
        for section in parse(&fs::read_to_string(&path).unwrap()) {
            let name = format!("{file} {}", section.name);
            for &protocol in &section.protocols {
                complaints.extend(differences(&name, &section, protocol, &mut met));
            }
            played += section.steps.len();
        }
    }
    for (index, (section, command, _)) in LATER.iter().enumerate() {
        if !met.contains(&index) {
            complaints.push(format!("{section} {command}: as recorded, take it off the list"));
        }
    }
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
    assert!(played > 1000, "the recordings were found: {played}");
}
