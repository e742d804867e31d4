//! Our server and a real Redis beside each other: the same command to both, and whether the answers mean the same.

use std::collections::BTreeSet;

use e2e::process::Server;
use e2e::wire::Wire;
use redarium_engine::command::Flags;
use redarium_engine::table;
use redarium_resp::decode::{Reply, decode};
use redarium_resp::words::{Words, split};

use crate::sameness::{is_known, is_same, modern, scan_of, shown, timeless};
use crate::sentences::{STORED_BY_SORT, Shared};

/// The groups of commands that work on values, each on its own kind.
pub(crate) const VALUE_GROUPS: &[&str] =
    &["string", "list", "hash", "set", "sorted_set", "bitmap", "hyperloglog", "geo", "stream"];

/// Commands that are not compared, each for its reason.
const LEFT_OUT: &[(&str, &str)] = &[
    ("OBJECT REFCOUNT", "small integers are no longer shared"),
    ("XINFO HELP", "the text is our own"),
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
    /// Connections that are told of all changes of keys, once [`watch`](Self::watch) was called.
    watchers: Option<(Wire, Wire)>,
    /// The changes that each had counted when it was asked last.
    changes: (i64, i64),
    servers: (Server, Server),
}

impl Beside {
    pub(crate) fn start() -> Self {
        let servers = (
            Server::redarium(&["--seed", "7"]),
            Server::redis(&["--enable-debug-command", "local"]),
        );
        let (mut ours, mut theirs) = (Wire::connect(&servers.0), Wire::connect(&servers.1));
        // What DUMP gives is then the same.
        ours.ask(&["CONFIG", "SET", "rdb-version", "10"]);
        let (names, _) = decode(&theirs.ask(&["COMMAND", "LIST"])).unwrap().unwrap();
        let names = names.elements().unwrap().iter();
        let names = names.map(|name| name.as_bytes().unwrap().to_ascii_uppercase()).collect();
        Self { ours, theirs, names, errors: 0, watchers: None, changes: (0, 0), servers }
    }

    /// A further connection to each.
    pub(crate) fn connect(&self) -> (Wire, Wire) {
        (Wire::connect(&self.servers.0), Wire::connect(&self.servers.1))
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

    /// Those of them that work on data and answer at once: XREAD and XREADGROUP only wait if told to.
    pub(crate) fn data_commands(&self) -> Vec<Shared> {
        let mut all = self.commands();
        all.retain(|shared| {
            let group = shared.spec.group.name();
            (group == "generic" || VALUE_GROUPS.contains(&group))
                && (!shared.spec.flags.has(Flags::BLOCKING) || group == "stream")
        });
        all
    }

    /// Sends the same to both, and demands nothing of the answers.
    pub(crate) fn prepare(&mut self, commands: &[&str]) {
        for line in commands {
            self.send(&split(line.as_bytes()).unwrap());
        }
    }

    /// From now on [`difference`](Self::difference) also compares what both tell of changes, and how many they count.
    pub(crate) fn watch(&mut self) {
        self.prepare(&["CONFIG SET notify-keyspace-events EAmn"]);
        let mut watchers = self.connect();
        watchers.0.ask(&["PSUBSCRIBE", "__keyevent@*"]);
        watchers.1.ask(&["PSUBSCRIBE", "__keyevent@*"]);
        self.watchers = Some(watchers);
        self.begin();
    }

    /// Leaves out of the comparison what was changed before now.
    pub(crate) fn begin(&mut self) {
        self.difference_of_changes(&Words::new());
    }

    /// What both have told of changes since this was asked last, and how many they have counted: what differs.
    fn difference_of_changes(&mut self, words: &Words) -> Option<String> {
        let (ours, theirs) = self.watchers.as_mut()?;
        let (mut our_events, mut their_events) = (events(ours), events(theirs));
        if words.get(0).is_some_and(|name| name.to_ascii_uppercase().starts_with(b"SORT")) {
            // It looks at other keys in the order of a hash table.
            our_events.sort();
            their_events.sort();
        }
        let before = self.changes;
        let is_counted = !words.get(0).is_some_and(|name| name.eq_ignore_ascii_case(b"XREADGROUP"));
        self.changes = (changes(&mut self.ours), changes(&mut self.theirs));
        // How many a command counts as has changed from version to version; whether it is any has not.
        // XREADGROUP counts none if it has read nothing, since 7.2.
        let has_changed = |after, before| is_counted && after > before;
        let ours = (has_changed(self.changes.0, before.0), our_events);
        let theirs = (has_changed(self.changes.1, before.1), their_events);
        (ours != theirs).then(|| format!("ours:   changed, events: {ours:?}\ntheirs: {theirs:?}"))
    }

    /// Sends one command to both, and demands nothing of the answers.
    pub(crate) fn send(&mut self, words: &Words) {
        self.ours.send_words(words);
        self.theirs.send_words(words);
        self.ours.reply();
        self.theirs.reply();
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
        let (ours, theirs) = (timeless(words, ours), timeless(words, theirs));
        let (ours, theirs) = (modern(ours), modern(theirs));
        if is_same(words, &ours, &theirs) {
            return self.difference_of_changes(words);
        }
        if is_known(words, &ours, &theirs) {
            if ours.is_error() != theirs.is_error() {
                self.forget(words);
            }
            self.begin();
            return None;
        }
        Some(apart(&shown(&ours), &shown(&theirs)))
    }

    /// Removes the keys of a command that only one side has carried out.
    fn forget(&mut self, words: &Words) {
        let all: Vec<&[u8]> = words.iter().collect();
        let spec = all.first().and_then(|name| table::lookup(name));
        let places =
            spec.into_iter().flat_map(|spec| spec.keys).flat_map(|keys| keys.positions(&all));
        for key in places.filter_map(|at| all.get(at)) {
            self.send(&Words::from_slices([b"DEL".as_slice(), key]));
        }
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

    /// Compares what a key holds on both sides, by its digest and its contents, and how it holds it.
    pub(crate) fn difference_of_key(&mut self, key: &[u8]) -> Option<String> {
        let mut differs = |words: &[&[u8]]| {
            let difference = self.difference(&Words::from_slices(words))?;
            Some(format!("{}: {difference}", words[0].escape_ascii()))
        };
        let outside: [&[&[u8]]; 3] =
            [&[b"TYPE", key], &[b"PTTL", key], &[b"OBJECT", b"ENCODING", key]];
        if let Some(difference) = outside.into_iter().find_map(&mut differs) {
            return Some(difference);
        }
        let kind = self.ours_alone(&[b"TYPE", key]);
        let words: &[&[u8]] = match kind.as_bytes().unwrap() {
            b"string" => &[b"GET", key],
            b"list" => &[b"LRANGE", key, b"0", b"-1"],
            b"hash" => &[b"HGETALL", key],
            b"set" => &[b"SMEMBERS", key],
            b"zset" => &[b"ZRANGE", key, b"0", b"-1", b"WITHSCORES"],
            b"stream" => &[b"XINFO", b"STREAM", key, b"FULL", b"COUNT", b"0"],
            _ => return None,
        };
        let digest: [&[u8]; 3] = [b"DEBUG", b"DIGEST-VALUE", key];
        let content = self.difference(&Words::from_slices(words));
        content
            .or_else(|| self.difference(&Words::from_slices(digest)))
            .or_else(|| self.difference_of_bytes(key))
    }

    /// Compares the bytes that a key is stored as, where neither chance nor time is in them.
    fn difference_of_bytes(&mut self, key: &[u8]) -> Option<String> {
        let encoding = self.ours_alone(&[b"OBJECT", b"ENCODING", key]);
        let is_settled = match encoding.as_bytes().unwrap_or_default() {
            b"int" | b"embstr" | b"raw" | b"intset" => true,
            // How many bytes two nodes may have together has changed in 7.2, and SORT heeds the limit since then.
            b"quicklist" if !key.starts_with(STORED_BY_SORT) => {
                let size = self.ours_alone(&[b"CONFIG", b"GET", b"list-max-listpack-size"]);
                !shown(&size).contains("\\n-")
            }
            // Scores in listpacks have all their digits there, and sets of words are no listpacks.
            b"listpack" => {
                let kind = self.ours_alone(&[b"TYPE", key]);
                matches!(kind.as_bytes(), Some(b"list" | b"hash"))
            }
            _ => false,
        };
        if is_settled {
            self.difference(&Words::from_slices([b"DUMP".as_slice(), key]))
        } else {
            None
        }
    }

    fn ours_alone(&mut self, words: &[&[u8]]) -> Reply {
        decode(&self.ours.ask_words(&Words::from_slices(words))).unwrap().unwrap().0
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

/// The changes that a connection was told of before now.
fn events(wire: &mut Wire) -> Vec<String> {
    wire.send(b"PING\r\n");
    let mut events = Vec::new();
    loop {
        let (told, _) = decode(&wire.reply()).unwrap().unwrap();
        match told.elements().unwrap() {
            [_, _, event, key] => {
                let text =
                    |part: &Reply| String::from_utf8_lossy(part.as_bytes().unwrap()).into_owned();
                // When a key is found to be over depends on who looks for it.
                if ![":expired", ":keymiss"].iter().any(|name| text(event).ends_with(name)) {
                    events.push(format!("{} {}", text(event), text(key)));
                }
            }
            _ => return events,
        }
    }
}

/// The changes that a server has counted.
fn changes(wire: &mut Wire) -> i64 {
    let info = String::from_utf8_lossy(&wire.ask(&["INFO", "persistence"])).into_owned();
    let line = info.lines().find_map(|line| line.strip_prefix("rdb_changes_since_last_save:"));
    line.and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// Two answers from a little before the place where they begin to differ.
fn apart(ours: &str, theirs: &str) -> String {
    let common = ours.chars().zip(theirs.chars()).take_while(|(our, their)| our == their).count();
    let from = |text: &str| {
        let dots = if common > 120 { "..." } else { "" };
        dots.chars().chain(text.chars().skip(common.saturating_sub(120))).collect::<String>()
    };
    format!("ours:   {}\ntheirs: {}", from(ours), from(theirs))
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
