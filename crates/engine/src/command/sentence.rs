//! Random commands that a spec's grammar allows: for the table's own test, and for whoever wants to try commands out.
//!
//! The same generator state gives the same sentence.
//! Words are drawn from small sets, so that sentences meet each other's keys, members and fields.

use redarium_resp::words::Words;
use redarium_structures::rng::Rng;

use super::{Arg, ArgKind, CommandSpec};

/// One random command that the grammar of `spec` allows, its name included.
pub fn sentence(spec: &CommandSpec, container: Option<&CommandSpec>, rng: &mut Rng) -> Words {
    let owners = [spec.name, container.map_or("", |container| container.name), spec.group.name()];
    let mut writer =
        Writer { words: Words::new(), owners, rng, announced: None, last_count: 1, streams: None };
    if let Some(container) = container {
        writer.words.push(container.name.as_bytes());
    }
    writer.words.push(spec.name.as_bytes());
    writer.sequence(spec.args);
    writer.words
}

/// Endlessly many random commands that the grammar of `spec` allows.
pub fn sentences<'a>(
    spec: &'a CommandSpec,
    container: Option<&'a CommandSpec>,
    rng: &'a mut Rng,
) -> impl Iterator<Item = Words> + 'a {
    std::iter::repeat_with(move || sentence(spec, container, rng))
}

/// Most repetitions of an argument that may be repeated.
const REPEATED_MAX: u64 = 3;

/// Words for arguments that few words fit: who has the argument (a command, its container or a group), its name, the words.
const FITTING: &[(&str, &str, &[&str])] = &[
    ("XADD", "id", IDS),
    ("XREADGROUP", "id", &[">", ">", ">", "0", "5-2"]),
    ("XREAD", "id", &["0", "$", "3", "8-1", "13-1"]),
    ("XGROUP", "id", &["0", "$", "2-1", "13"]),
    ("stream", "id", IDS),
    ("stream", "lastid", IDS),
    ("stream", "last-id", &["13", "21-3", "30-1"]),
    ("stream", "max-deleted-id", &["0-1", "1-1", "13"]),
    ("stream", "threshold", &["0", "1", "2", "5", "10", "3-0"]),
    ("stream", "start", &["-", "0", "2-1", "(3", "8-1"]),
    ("stream", "end", &["+", "5-2", "(13", "21"]),
    // What is too large is cut, by some versions only.
    ("XGROUP", "entries-read", &["0", "-1"]),
    ("stream", "group", &["g1", "g2"]),
    ("stream", "consumer", &["ann", "bob", "cy"]),
    ("bitmap", "encoding", &["u8", "i8", "i5", "u16", "u1", "i64", "u63"]),
    ("BITFIELD", "offset", &["0", "3", "7", "8", "100"]),
    ("BITFIELD_RO", "offset", &["0", "3", "7", "8", "100"]),
    ("SETBIT", "value", &["0", "1"]),
    ("bitmap", "offset", &["0", "1", "7", "8", "100", "1000"]),
    ("bitmap", "bit", &["0", "1"]),
    ("geo", "longitude", &["13.361389", "15.087269", "-122.27652", "2.35", "0", "180"]),
    ("geo", "latitude", &["38.115556", "37.502669", "37.805186", "48.85", "0", "-85"]),
    ("geo", "radius", &["1", "200", "200000", "5000.5"]),
    ("geo", "width", &["1", "300", "300000"]),
    ("geo", "height", &["1.5", "400", "400000"]),
    ("ZRANGE", "start", &["0", "1", "-2", "(1", "-inf", "-", "[a", "(b"]),
    ("ZRANGE", "stop", &["-1", "2", "1", "(10", "+inf", "+", "[c", "(hello"]),
    ("ZRANGESTORE", "min", &["0", "1", "-2", "(1", "-inf", "-", "[a", "(b"]),
    ("ZRANGESTORE", "max", &["-1", "2", "1", "(10", "+inf", "+", "[c", "(hello"]),
    ("sorted_set", "min", &["-", "[1", "(1", "[a", "(b"]),
    ("sorted_set", "max", &["+", "[c", "(c", "(hello", "[y"]),
    (
        "scripting",
        "script",
        &[
            "return 1",
            "return {KEYS[1], ARGV[1]}",
            "return redis.call('TYPE', KEYS[1])",
            "return redis.pcall('GET', KEYS[1])",
            "return redis.call('nosuch')",
        ],
    ),
    ("scripting", "sha1", &["e0e1f9fabfc9d4800c877a703b823ac0578ff8db", "E0E1", "f"]),
    (
        "scripting",
        "function-code",
        &[
            "#!lua name=a\nredis.register_function('f', function(keys, args) return keys end)",
            "#!lua name=b\nredis.register_function('g', function(keys, args) return 2 end)",
            "#!lua name=a\nredis.register_function('g', function(keys, args) return 3 end)",
            "#!lua name=b",
        ],
    ),
    ("scripting", "function", &["f", "g", "h"]),
    ("SCAN", "type", &["string", "list", "set", "zset", "hash", "stream"]),
];

/// Ids of entries of streams.
const IDS: &[&str] = &["1-1", "2", "3-1", "5-2", "8-1", "13-1", "21-3", "2-*"];

/// Values and names of every size and encoding.
const VALUES: &[&str] = &[
    "a",
    "b",
    "c",
    "d",
    "1",
    "2",
    "300",
    "-70000",
    "5000000000",
    "1.5",
    "hello world",
    "",
    "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy",
];

struct Writer<'a> {
    words: Words,
    /// Names under which `FITTING` may have words.
    owners: [&'static str; 3],
    rng: &'a mut Rng,
    /// How often the next argument must be repeated, because `numkeys` has just said so.
    announced: Option<u64>,
    /// What the last such number was; WEIGHTS takes as many.
    last_count: u64,
    /// How many keys came last, if any number may; streams to read take as many ids.
    streams: Option<u64>,
}

impl Writer<'_> {
    fn sequence(&mut self, args: &[Arg]) {
        for (place, arg) in args.iter().enumerate() {
            // What a number before it has announced is not left out.
            if arg.optional && self.announced.is_none() && self.rng.below(2) == 0 {
                continue;
            }
            if announces(arg, args.get(place + 1)) {
                self.count(arg);
            } else {
                self.repeated(arg);
            }
        }
    }

    /// A number of repetitions, which the next argument will keep to.
    fn count(&mut self, arg: &Arg) {
        let count = 1 + self.rng.below(REPEATED_MAX);
        self.token(arg);
        self.words.push(count.to_string().as_bytes());
        self.announced = Some(count);
        self.last_count = count;
    }

    fn repeated(&mut self, arg: &Arg) {
        let times = match self.announced.take() {
            Some(count) => count,
            None if arg.name == "weight" => self.last_count,
            None if arg.name == "id" && self.streams.is_some() => self.streams.unwrap_or(1),
            None if arg.many => 1 + self.rng.below(REPEATED_MAX),
            None => 1,
        };
        self.streams = (arg.many && matches!(arg.kind, ArgKind::Key)).then_some(times);
        for round in 0..times {
            if round == 0 || arg.many_token {
                self.token(arg);
            }
            self.once(arg);
        }
    }

    fn token(&mut self, arg: &Arg) {
        if let Some(token) = arg.token {
            self.words.push(token.as_bytes());
        }
    }

    fn once(&mut self, arg: &Arg) {
        match arg.kind {
            ArgKind::Token => {}
            ArgKind::Block(parts) => self.sequence(parts),
            ArgKind::OneOf(choices) => {
                let choice = self.rng.below(choices.len().max(1) as u64) as usize;
                if let Some(choice) = choices.get(choice) {
                    self.repeated(choice);
                }
            }
            ArgKind::Key => self.pick(&["k1", "k2", "k3", "k4"]),
            _ if let Some(words) = self.fitting(arg) => self.pick(words),
            ArgKind::Word if matches!(arg.name, "value" | "element" | "member" | "field") => {
                self.pick(VALUES);
            }
            ArgKind::Word => self.pick(&["a", "b", "c", "1", "hello world", ""]),
            // COUNT 0 is a syntax error where the count is that of a scan.
            ArgKind::Integer if arg.token == Some("COUNT") => self.pick(&["1", "2", "10"]),
            ArgKind::Integer => self.pick(&["1", "2", "3", "10", "0", "-1"]),
            ArgKind::Double => self.pick(&["1", "1.5", "-2", "1e3", "0"]),
            ArgKind::Pattern => self.pick(&["*", "k?", "[ab]*"]),
            ArgKind::UnixTime => self.pick(&["4102444800", "4102444800000", "1"]),
        }
    }

    /// Words that fit an argument better than what its kind says. Where numbers may be meant, other words are no use.
    fn fitting(&self, arg: &Arg) -> Option<&'static [&'static str]> {
        let is_word = matches!(arg.kind, ArgKind::Word);
        let fits = |(owner, name, _): &&(&str, &str, _)| {
            *name == arg.name && self.owners.contains(owner) && (is_word || *owner != "sorted_set")
        };
        FITTING.iter().find(fits).map(|&(_, _, words)| words)
    }

    fn pick(&mut self, choices: &[&str]) {
        let choice = self.rng.below(choices.len() as u64) as usize;
        self.words.push(choices.get(choice).unwrap_or(&"").as_bytes());
    }
}

/// Whether an argument says how often the one after it comes: `numkeys key [key ...]`.
pub(super) fn announces(arg: &Arg, next: Option<&Arg>) -> bool {
    matches!(arg.kind, ArgKind::Integer)
        && arg.name.starts_with("num")
        && next.is_some_and(|next| next.many)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::args::{KEY, block, double, integer, one_of, token, word};

    const SPEC: CommandSpec = CommandSpec {
        name: "SUM",
        args: &[
            integer("numkeys"),
            KEY.many(),
            double("weight").after("WEIGHTS").many().optional(),
            one_of("how", &[token("FAST"), block("slow", &[word("pace")]).after("SLOW")]),
        ],
        ..CommandSpec::DEFAULT
    };

    fn texts(seed: u64, count: usize) -> Vec<Vec<String>> {
        sentences(&SPEC, None, &mut Rng::new(seed))
            .take(count)
            .map(|words| {
                words.iter().map(|word| String::from_utf8_lossy(word).into_owned()).collect()
            })
            .collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_sentences() {
        assert_eq!(texts(7, 20), texts(7, 20), "the generator alone decides");
        assert_ne!(texts(7, 20), texts(8, 20), "and it does decide");
    }

    #[test]
    fn announced_numbers_are_kept() {
        for words in texts(1, 200) {
            let keys: usize = words[1].parse().unwrap();
            let rest = &words[2 + keys..];
            let weights = if rest[0] == "WEIGHTS" { 1 + keys } else { 0 };
            let tail = &rest[weights..];
            assert!(
                matches!(tail, [fast] if fast == "FAST")
                    || matches!(tail, [slow, _] if slow == "SLOW"),
                "{words:?} does not end in exactly one choice"
            );
        }
    }
}
