//! The command table checks itself: examples, grammar, facts, style, transcripts and a snapshot for review.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use redarium_engine::command::hint::hint;
use redarium_engine::command::sentence::sentences;
use redarium_engine::command::{Begin, CommandSpec, Find, Flags, Group, KeySpec};
use redarium_engine::{Engine, Options, table};
use redarium_resp::decode::decode_all;
use redarium_resp::words::{Words, split};
use redarium_resp::{quote, render};
use redarium_structures::rng::Rng;

/// A command or subcommand with its container.
#[derive(Clone, Copy)]
struct Named {
    spec: &'static CommandSpec,
    container: Option<&'static CommandSpec>,
}

impl Named {
    /// `OBJECT ENCODING`
    fn name(&self) -> String {
        let container = self.container.map(|container| format!("{} ", container.name));
        format!("{}{}", container.unwrap_or_default(), self.spec.name)
    }

    fn is_help(&self) -> bool {
        self.container.is_some() && self.spec.name == "HELP"
    }

    /// Whether it can be run: all but containers, COMMAND excepted.
    fn is_runnable(&self) -> bool {
        !self.spec.is_container() || self.spec.accepts(1, false)
    }
}

fn all() -> Vec<Named> {
    let mut all = Vec::new();
    for &spec in table::commands() {
        all.push(Named { spec, container: None });
        all.extend(spec.subcommands.iter().map(|sub| Named { spec: sub, container: Some(spec) }));
    }
    all
}

fn engine() -> Engine {
    Engine::new(Options {
        start: 1_767_603_600_000,
        seed: 7,
        has_files: true,
        ..Options::default()
    })
}

/// Fails with all complaints at once.
#[track_caller]
fn assert_none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn examples_are_true() {
    let mut complaints = Vec::new();
    for named in all() {
        let mut node = engine();
        let client = node.connect("127.0.0.1:50000");
        let mut played = String::new();
        for line in named.spec.examples.lines() {
            let Some(command) = line.strip_prefix("> ") else { continue };
            let mut bytes = Vec::new();
            split(command.as_bytes()).unwrap().encode(&mut bytes);
            node.feed(client, &bytes);
            let _ = writeln!(played, "{line}");
            for reply in decode_all(&node.take_output(client)).unwrap() {
                let text = render(&reply);
                played.push_str(&text);
                if !text.ends_with('\n') {
                    played.push('\n');
                }
            }
        }
        if played != named.spec.examples {
            complaints.push(format!(
                "{}: the example says\n{}but the node says\n{played}",
                named.name(),
                named.spec.examples
            ));
        }
    }
    assert_none(&complaints);
}

/// Sentences of the grammar that are a syntax error all the same, because options exclude each other in ways that an
/// argument tree cannot say.
const REFUSED_COMBINATIONS: &[(&str, &str)] = &[
    ("FAILOVER", "ABORT stands alone"),
    ("MEMORY USAGE", "a negative number of samples is a syntax error"),
    ("RESTORE", "IDLETIME and FREQ exclude each other"),
    ("RESTORE-ASKING", "IDLETIME and FREQ exclude each other"),
    ("SHUTDOWN", "ABORT stands alone"),
    ("XCFGSET", "at least one of its two optional arguments must be there"),
];

/// How many random sentences each command is tried with.
const SENTENCES: usize = 300;

#[test]
fn handlers_accept_what_the_grammar_allows() {
    let mut complaints = Vec::new();
    for named in all().into_iter().filter(Named::is_runnable) {
        if REFUSED_COMBINATIONS.iter().any(|(name, _)| *name == named.name()) {
            continue;
        }
        let mut rng = Rng::new(7);
        let mut node = engine();
        let mut seen = BTreeSet::new();
        for (round, words) in
            sentences(named.spec, named.container, &mut rng).take(SENTENCES).enumerate()
        {
            if round == SENTENCES / 2 {
                // The second half meets no keys.
                node = engine();
            }
            let reply = reply_to(&mut node, &words);
            let refusal = ["-ERR syntax error\r\n", "-ERR wrong number of arguments"]
                .into_iter()
                .find(|text| reply.starts_with(text.as_bytes()));
            if let Some(refusal) = refusal
                && seen.insert(refusal)
            {
                complaints.push(format!("{}: {}", shown(&words), refusal.trim_end()));
            }
        }
    }
    assert_none(&complaints);
}

#[test]
fn hints_follow_every_sentence() {
    let mut complaints = Vec::new();
    for named in all().into_iter().filter(Named::is_runnable) {
        let mut rng = Rng::new(7);
        for words in sentences(named.spec, named.container, &mut rng).take(SENTENCES) {
            let typed: Vec<_> = words.iter().collect();
            let lost = (1..=typed.len()).find(|&len| hint(&typed[..len]).is_none());
            if let Some(len) = lost {
                complaints.push(format!("{}: no hint after {len} words", shown(&words)));
                break;
            }
            let rest = hint(&typed).unwrap();
            if !rest.is_empty() && !rest.starts_with('[') {
                complaints.push(format!("{}: complete, but the hint is {rest}", shown(&words)));
                break;
            }
        }
    }
    assert_none(&complaints);
}

/// Runs a command on a connection of its own.
fn reply_to(node: &mut Engine, words: &Words) -> Vec<u8> {
    let client = node.connect("127.0.0.1:50000");
    let mut bytes = Vec::new();
    words.encode(&mut bytes);
    node.feed(client, &bytes);
    let reply = node.take_output(client);
    node.disconnect(client);
    reply
}

fn shown(words: &Words) -> String {
    let is_plain = |word: &[u8]| !word.is_empty() && word.iter().all(u8::is_ascii_graphic);
    let words: Vec<_> =
        words
            .iter()
            .map(|word| {
                if is_plain(word) {
                    String::from_utf8_lossy(word).into_owned()
                } else {
                    quote(word)
                }
            })
            .collect();
    words.join(" ")
}

/// Rows of `data/commands.tsv`: what Redis 8.6.3 says of its commands, by name.
fn facts() -> BTreeMap<String, BTreeMap<&'static str, &'static str>> {
    let mut lines = include_str!("data/commands.tsv").lines();
    let columns: Vec<_> = lines.next().unwrap().split('\t').collect();
    lines
        .map(|line| {
            let row: BTreeMap<_, _> = columns.iter().copied().zip(line.split('\t')).collect();
            (format!("{} {}", row["command"], row["subcommand"]).trim().to_owned(), row)
        })
        .collect()
}

#[test]
fn facts_agree_with_redis() {
    let facts = facts();
    let mut complaints = Vec::new();
    for named in all() {
        let Some(row) = facts.get(&named.name()) else {
            complaints.push(format!("{}: Redis has no such command", named.name()));
            continue;
        };
        let spec = named.spec;
        let deprecated = spec.deprecated.map_or("", |deprecated| deprecated.since);
        let ours = [
            ("group", spec.group.name().to_owned()),
            ("arity", spec.effective_arity(named.container.is_some()).to_string()),
            ("since", spec.since.to_owned()),
            ("deprecated_since", deprecated.to_owned()),
            ("key_specs", spec.keys.iter().map(key_spec_text).collect::<Vec<_>>().join(" ; ")),
            ("command_flags", flags_text(spec.flags)),
            ("acl_categories", spec.categories().join(" ")),
        ];
        for (column, our) in ours {
            let theirs = match column {
                "command_flags" => sorted(row[column].split(' ').filter(|flag| {
                    // Properties that mean nothing without modules or a cluster, or that are derived.
                    !["MODULE", "PROTECTED", "ONLY_SENTINEL", "ASKING", "MOVABLEKEYS"]
                        .contains(flag)
                })),
                "acl_categories" => expected_categories(row),
                _ => row[column].to_owned(),
            };
            let our = if column == "acl_categories" { sorted(our.split(' ')) } else { our };
            if our != theirs {
                complaints
                    .push(format!("{}: {column} is {our:?}, in Redis {theirs:?}", named.name()));
            }
        }
    }
    assert_none(&complaints);
}

fn sorted<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: BTreeSet<_> = words.filter(|word| !word.is_empty()).collect();
    words.into_iter().collect::<Vec<_>>().join(" ")
}

fn flags_text(flags: Flags) -> String {
    let sentinel = flags.has(Flags::SENTINEL).then(|| "SENTINEL".to_owned());
    let names: BTreeSet<_> = flags
        .names()
        .filter(|name| *name != "movablekeys")
        .map(str::to_ascii_uppercase)
        .chain(sentinel)
        .collect();
    names.into_iter().collect::<Vec<_>>().join(" ")
}

/// The categories that a row lists and those that Redis derives from its flags.
fn expected_categories(row: &BTreeMap<&str, &str>) -> String {
    let listed = row["acl_categories"].split(' ').map(str::to_ascii_lowercase);
    let mut names: BTreeSet<String> = listed.filter(|name| !name.is_empty()).collect();
    let flags: BTreeSet<_> = row["command_flags"].split(' ').collect();
    let mut imply = |flag: bool, categories: &[&str]| {
        if flag {
            names.extend(categories.iter().map(|&name| name.to_owned()));
        }
    };
    imply(flags.contains("WRITE"), &["write"]);
    imply(flags.contains("READONLY") && !row["acl_categories"].contains("SCRIPTING"), &["read"]);
    imply(flags.contains("ADMIN"), &["admin", "dangerous"]);
    imply(flags.contains("PUBSUB"), &["pubsub"]);
    imply(flags.contains("BLOCKING"), &["blocking"]);
    imply(true, &[if flags.contains("FAST") { "fast" } else { "slow" }]);
    let names: Vec<_> = names.into_iter().map(|name| format!("@{name}")).collect();
    names.join(" ")
}

fn key_spec_text(spec: &KeySpec) -> String {
    let begin = match spec.begin {
        Begin::Index(index) => format!("idx{index}"),
        Begin::Keyword { word, from } => format!("kw:{word}@{from}"),
        Begin::Unknown => "unknown".to_owned(),
    };
    let find = match spec.find {
        Find::Range { last, step, limit } => format!("range({last},{step},{limit})"),
        Find::Count { at, first, step } => format!("keynum({at},{first},{step})"),
        Find::Unknown | Find::Told(_) => "unknown".to_owned(),
    };
    let shown = ["RO", "RW", "OW", "RM", "variable_flags", "incomplete"];
    let flags: Vec<_> = spec
        .flags
        .iter()
        .filter(|flag| shown.contains(flag))
        .map(|flag| flag.to_ascii_uppercase())
        .collect();
    format!("{begin}:{find}:{}", flags.join("/"))
}

#[test]
fn names_are_unique_and_in_upper_case() {
    let names: Vec<_> = all().iter().map(Named::name).collect();
    let unique: BTreeSet<_> = names.iter().collect();
    assert_eq!(unique.len(), names.len(), "two commands have one name");
    for name in names {
        assert_eq!(name, name.to_ascii_uppercase(), "in upper case");
    }
}

#[test]
fn texts_follow_the_house_style() {
    let mut complaints = Vec::new();
    for named in all() {
        let mut expect = |is_so: bool, wish: &str| {
            if !is_so {
                complaints.push(format!("{}: {wish}", named.name()));
            }
        };
        let spec = named.spec;
        let is_sentence =
            spec.summary.ends_with('.') && spec.summary.starts_with(char::is_uppercase);
        expect(is_sentence, "the summary is not a sentence with a full stop");
        expect(spec.summary.len() <= 100, "the summary is longer than 100 characters");
        expect(
            !named.is_runnable() || spec.complexity.starts_with("O("),
            "the complexity does not start with O(",
        );
        let kinds = [Flags::WRITE, Flags::READONLY];
        let kinds = kinds.into_iter().filter(|kind| spec.flags.has(*kind)).count();
        let has_keys = spec.keys.iter().any(|key| !key.flags.contains(&"not_key"));
        // WATCH does neither, and what a script does nobody knows.
        let has_one_kind =
            kinds == 1 || matches!(spec.group, Group::Transactions | Group::Scripting);
        expect(!has_keys || has_one_kind, "a command with keys either writes or reads");
        let has_timeout =
            spec.args.iter().any(|arg| arg.name == "timeout" || !arg.parts().is_empty());
        expect(
            !spec.flags.has(Flags::BLOCKING) || has_timeout,
            "a blocking command has no timeout argument",
        );
        for related in spec.see_also {
            let words = related.split(' ').map(str::as_bytes).collect::<Vec<_>>();
            let known = table::lookup(words[0]).is_some_and(|spec| {
                words.get(1).is_none_or(|word| spec.subcommand(word).is_some())
            });
            let planned = facts().contains_key(*related);
            expect(known || planned, &format!("see also {related}, which is no command"));
        }
    }
    assert_none(&complaints);
}

#[test]
fn every_command_has_a_transcript() {
    let transcripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/transcripts");
    let missing: Vec<_> = all()
        .iter()
        .filter(|named| named.is_runnable() && !named.is_help())
        .map(|named| {
            let file = named.name().to_ascii_lowercase().replace(' ', "-");
            format!("{}/{file}.txt", named.spec.group.name())
        })
        // A family gets its folder together with all of its transcripts.
        .filter(|file| transcripts.join(file).parent().is_some_and(Path::exists))
        .filter(|file| !transcripts.join(file).exists())
        .map(|file| format!("tests/transcripts/{file} is missing"))
        .collect();
    assert_none(&missing);
}

#[test]
fn the_table_is_as_it_was_reviewed() {
    let mut snapshot = String::new();
    for named in all() {
        let arity = named.spec.effective_arity(named.container.is_some());
        let flags: Vec<_> = named.spec.shown_flags().names().collect();
        let line =
            format!("{} {arity} [{}] {}", named.name(), flags.join(" "), named.spec.syntax());
        let _ = writeln!(snapshot, "{}", line.trim_end());
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots/command_table.txt");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&file, &snapshot).unwrap();
    }
    let reviewed = std::fs::read_to_string(&file).unwrap_or_default();
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<BTreeSet<_>>();
    let (now, before) = (lines(&snapshot), lines(&reviewed));
    let gone = before.difference(&now).map(|line| format!("- {line}"));
    let new = now.difference(&before).map(|line| format!("+ {line}"));
    let changes: Vec<_> = gone.chain(new).collect();
    assert!(
        changes.is_empty(),
        "\n{}\nreview this and run the tests with BLESS=1\n",
        changes.join("\n")
    );
}
