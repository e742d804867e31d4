//! Our server and a real Redis beside each other: the same command to both, and whether the answers mean the same.

use std::collections::BTreeSet;

use e2e::process::Server;
use e2e::wire::Wire;
use redarium_engine::command::Flags;
use redarium_engine::table;
use redarium_resp::decode::{Reply, decode};
use redarium_resp::words::{Words, split};

use crate::sameness::{is_known, is_same, modern, scan_of, shown};
use crate::sentences::Shared;

/// The groups of commands that work on data; not streams, whose ids are times.
const DATA_GROUPS: &[&str] =
    &["generic", "string", "list", "hash", "set", "sorted_set", "bitmap", "hyperloglog", "geo"];

/// Commands that are not compared, each for its reason.
const LEFT_OUT: &[(&str, &str)] = &[
    ("OBJECT HELP", "the help texts are our own"),
    ("OBJECT REFCOUNT", "small integers are no longer shared"),
    ("OBJECT IDLETIME", "it depends on when one asks"),
    ("DEBUG", "a real server may not be asked, and knows other words"),
    ("DUMP", "the format has a version"),
    ("RESTORE", "the format has a version"),
    ("MIGRATE", "it needs a third server"),
];

/// Two servers, a connection to each.
pub(crate) struct Beside {
    ours: Wire,
    theirs: Wire,
    names: BTreeSet<Vec<u8>>,
    /// Errors that we have answered so far.
    pub(crate) errors: usize,
    _servers: (Server, Server),
}

impl Beside {
    pub(crate) fn start() -> Self {
        let servers = (Server::redarium(&["--seed", "7"]), Server::redis(&[]));
        let (ours, mut theirs) = (Wire::connect(&servers.0), Wire::connect(&servers.1));
        let (names, _) = decode(&theirs.ask(&["COMMAND", "LIST"])).unwrap().unwrap();
        let names = names.elements().unwrap().iter();
        let names = names.map(|name| name.as_bytes().unwrap().to_ascii_uppercase()).collect();
        Self { ours, theirs, names, errors: 0, _servers: servers }
    }

    /// All commands and subcommands that both have, but for those that are left out.
    pub(crate) fn commands(&self) -> Vec<Shared> {
        let mut all = Vec::new();
        for &spec in table::commands() {
            let container = (!spec.subcommands.is_empty()).then_some(spec);
            let specs =
                if container.is_some() { spec.subcommands } else { std::slice::from_ref(spec) };
            all.extend(specs.iter().map(|spec| Shared { spec, container }));
        }
        all.retain(|shared| {
            let name = shared.name();
            self.names.contains(name.replace(' ', "|").as_bytes())
                && LEFT_OUT.iter().all(|(left_out, _)| *left_out != name)
        });
        all
    }

    /// Those of them that work on data and answer at once.
    pub(crate) fn data_commands(&self) -> Vec<Shared> {
        let mut all = self.commands();
        all.retain(|shared| {
            DATA_GROUPS.contains(&shared.spec.group.name())
                && !shared.spec.flags.has(Flags::BLOCKING)
        });
        all
    }

    /// Sends the same to both, and demands nothing of the answers.
    pub(crate) fn prepare(&mut self, commands: &[&str]) {
        for line in commands {
            let words = split(line.as_bytes()).unwrap();
            self.ours.send_words(&words);
            self.theirs.send_words(&words);
        }
        for _ in commands {
            self.ours.reply();
            self.theirs.reply();
        }
    }

    /// Sends the same bytes' worth of words to both: the answers as they came, if they do not mean the same.
    pub(crate) fn difference(&mut self, words: &Words) -> Option<String> {
        self.ours.send_words(words);
        self.theirs.send_words(words);
        let (mut ours, mut theirs) = (reply(&mut self.ours, words), reply(&mut self.theirs, words));
        self.errors += usize::from(ours.is_error());
        if let Some((cursor, _)) = scan_of(words)
            && !ours.is_error()
            && !theirs.is_error()
        {
            ours = scan_all(&mut self.ours, words, cursor);
            theirs = scan_all(&mut self.theirs, words, cursor);
        }
        let (ours, theirs) = (modern(ours), modern(theirs));
        if is_same(words, &ours, &theirs) || is_known(words, &ours, &theirs) {
            return None;
        }
        Some(format!("ours:   {}\ntheirs: {}", shown(&ours), shown(&theirs)))
    }

    /// Sends the same words to both: the answers as they came, if one is an error and the other is none or another one.
    pub(crate) fn difference_of_errors(&mut self, words: &Words) -> Option<String> {
        self.ours.send_words(words);
        self.theirs.send_words(words);
        let (ours, theirs) = (reply(&mut self.ours, words), reply(&mut self.theirs, words));
        let is_fine = !ours.is_error() && !theirs.is_error();
        if is_fine || is_same(words, &ours, &theirs) || is_known(words, &ours, &theirs) {
            return None;
        }
        Some(format!("ours:   {}\ntheirs: {}", shown(&ours), shown(&theirs)))
    }

    /// Compares what a key holds on both sides.
    pub(crate) fn difference_of_key(&mut self, key: &[u8]) -> Option<String> {
        let asked = Words::from_slices([b"TYPE", key]);
        if let Some(difference) = self.difference(&asked) {
            return Some(difference);
        }
        let (kind, _) = decode(&self.ours.ask_words(&asked)).unwrap().unwrap();
        let words: &[&[u8]] = match kind.as_bytes().unwrap() {
            b"string" => &[b"GET", key],
            b"list" => &[b"LRANGE", key, b"0", b"-1"],
            b"hash" => &[b"HGETALL", key],
            b"set" => &[b"SMEMBERS", key],
            b"zset" => &[b"ZRANGE", key, b"0", b"-1", b"WITHSCORES"],
            _ => return None,
        };
        let content = self.difference(&Words::from_slices(words));
        content.or_else(|| self.difference(&Words::from_slices([b"PTTL", key])))
    }

    /// All keys that either side has in the selected database.
    pub(crate) fn keys(&mut self) -> BTreeSet<Vec<u8>> {
        let mut keys = BTreeSet::new();
        for wire in [&mut self.ours, &mut self.theirs] {
            let (reply, _) = decode(&wire.ask(&["KEYS", "*"])).unwrap().unwrap();
            let found = reply.elements().unwrap().iter();
            keys.extend(found.filter_map(|key| key.as_bytes().map(<[u8]>::to_vec)));
        }
        keys
    }
}

fn reply(wire: &mut Wire, words: &Words) -> Reply {
    let bytes = wire.try_reply().unwrap_or_else(|trouble| panic!("{words:?}: {trouble}"));
    decode(&bytes).unwrap().unwrap().0
}

/// Goes through everything from the beginning, whatever the cursor says: all elements, or the error.
fn scan_all(wire: &mut Wire, words: &Words, cursor: usize) -> Reply {
    let mut all = Vec::new();
    let mut at = b"0".to_vec();
    for _ in 0..10_000 {
        let place = |(index, word)| if index == cursor { at.as_slice() } else { word };
        wire.send_words(&words.iter().enumerate().map(place).collect());
        let answer = reply(wire, words);
        let Some([next, elements]) = answer.elements() else { return answer };
        all.extend_from_slice(elements.elements().unwrap_or_default());
        at = next.as_bytes().unwrap_or_default().to_vec();
        if at == b"0" {
            return Reply::Array(all);
        }
    }
    panic!("{words:?} comes to no end");
}
