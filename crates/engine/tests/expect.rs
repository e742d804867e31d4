//! What is offered and what is marked while a command is typed, against all that Redis accepts.
#![expect(clippy::indexing_slicing, reason = "a test that cannot go on should stop")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use redarium_engine::command::expect::{Expected, fits, read};
use redarium_engine::command::mistake::mistake;
use redarium_engine::command::sentence::sentence;
use redarium_engine::command::{ArgKind, CommandSpec};
use redarium_engine::{Engine, Options, table};
use redarium_resp::words::{Words, split};
use redarium_structures::rng::Rng;

/// Sentences of each command.
const SENTENCES: usize = 60;

type Named = (&'static CommandSpec, Option<&'static CommandSpec>);

fn all() -> Vec<Named> {
    let with_subs = |&spec: &&'static CommandSpec| {
        let subs = spec.subcommands.iter().map(move |sub| (sub, Some(spec)));
        std::iter::once((spec, None)).chain(subs)
    };
    table::commands().iter().flat_map(with_subs).collect()
}

fn shown(words: &[&[u8]]) -> String {
    words.iter().map(|word| redarium_resp::quote(word)).collect::<Vec<_>>().join(" ")
}

/// What is marked in a line that Redis accepts.
fn complaint(words: &[&[u8]]) -> Option<String> {
    table::lookup(words.first()?)?;
    mistake(words, true).map(|found| format!("{}: {}", shown(words), found.reason))
}

#[test]
fn every_sentence_can_be_completed_word_by_word() {
    let mut complaints = BTreeSet::new();
    let mut rng = Rng::new(11);
    for (spec, container) in all() {
        let names = if container.is_some() { 2 } else { 1 };
        for _ in 0..SENTENCES {
            let words = sentence(spec, container, &mut rng);
            let words: Vec<&[u8]> = words.iter().skip(names).collect();
            for at in 0..words.len() {
                let reading = read(spec, words.get(..at).unwrap());
                let is_offered = reading.next.iter().any(|next| match next {
                    Expected::Keyword(token, _) => words[at].eq_ignore_ascii_case(token.as_bytes()),
                    Expected::Value(arg) => fits(arg, spec.group, words[at]),
                });
                if !is_offered {
                    complaints.insert(format!("{} {}: word {at}", spec.name, shown(&words)));
                }
            }
            let whole = read(spec, &words);
            // FCALL may name no key, but then its number of keys must say so.
            let may_lack_keys =
                spec.args.iter().any(|arg| arg.optional && matches!(arg.kind, ArgKind::Key));
            if whole.fits != words.len() || !whole.is_whole && !may_lack_keys {
                complaints.insert(format!("{} {}: not whole", spec.name, shown(&words)));
            }
        }
    }
    let complaints: Vec<_> = complaints.into_iter().collect();
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn a_sentence_without_its_last_words_is_not_whole() {
    let is_whole = |name: &str, words: &[&[u8]]| {
        read(table::lookup(name.as_bytes()).expect("it is a command"), words).is_whole
    };
    assert!(is_whole("PING", &[]) && is_whole("SELECT", &[b"1"]) && is_whole("SET", &[b"a", b"1"]));
    assert!(!is_whole("SELECT", &[]) && !is_whole("SET", &[b"a"]), "words are missing");
    assert!(!is_whole("SET", &[b"a", b"1", b"EX"]) && !is_whole("GET", &[b"a", b"b"]));
}

#[test]
fn nothing_is_marked_in_what_transcripts_and_examples_accept() {
    let mut lines = Vec::new();
    for (spec, _) in all() {
        collect(spec.examples, &mut lines);
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/transcripts");
    for group in fs::read_dir(folder).unwrap() {
        let group = group.unwrap().path();
        for file in fs::read_dir(&group).into_iter().flatten() {
            collect(&fs::read_to_string(file.unwrap().path()).unwrap(), &mut lines);
        }
    }
    assert!(lines.len() > 2000, "{} lines", lines.len());
    let complaints: Vec<_> = lines
        .iter()
        .filter_map(|line| {
            let words = split(line.as_bytes()).ok()?;
            complaint(&words.iter().collect::<Vec<_>>())
        })
        .collect();
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

/// The inputs of a transcript that were not answered with an error.
fn collect(transcript: &str, lines: &mut Vec<String>) {
    let mut input: Option<&str> = None;
    for line in transcript.lines() {
        if let Some((_, typed)) = line.split_once("> ").filter(|(prompt, _)| {
            prompt.is_empty() || prompt.starts_with('@') && !prompt.contains(' ')
        }) {
            lines.extend(input.take().map(str::to_owned));
            input = Some(typed).filter(|typed| !typed.starts_with(':'));
        } else if line.contains("(error)") {
            input = None;
        }
    }
    lines.extend(input.map(str::to_owned));
}

#[test]
fn nothing_is_marked_that_the_engine_accepts() {
    let mut rng = Rng::new(5);
    let mut complaints = BTreeSet::new();
    for (spec, container) in all() {
        for _ in 0..SENTENCES {
            let mut engine = Engine::new(Options::default());
            let client = engine.connect("test");
            let words = sentence(spec, container, &mut rng);
            let words = bent(&words, if container.is_some() { 2 } else { 1 }, &mut rng);
            let mut bytes = Vec::new();
            words.encode(&mut bytes);
            engine.feed(client, &bytes);
            let output = engine.take_output(client);
            if output.is_empty() || output.starts_with(b"-") {
                continue;
            }
            complaints.extend(complaint(&words.iter().collect::<Vec<_>>()));
        }
    }
    let complaints: Vec<_> = complaints.into_iter().collect();
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

/// The same words with one of them twice, gone, elsewhere or another one.
fn bent(words: &Words, names: usize, rng: &mut Rng) -> Words {
    let mut list: Vec<Vec<u8>> = words.iter().map(<[u8]>::to_vec).collect();
    for _ in 0..=rng.below(2) {
        let free = list.len() - names;
        if free == 0 {
            break;
        }
        let mut any = || names + rng.below(free as u64) as usize;
        let (from, to) = (any(), any());
        match rng.below(5) {
            0 => list.insert(to, list[from].clone()),
            1 => drop(list.remove(from)),
            2 => list.swap(from, to),
            3 => list.extend_from_within(from..),
            _ => {
                let odd: &[&[u8]] =
                    &[b"1.5", b"+1", b" 1", b"inf", b"(1", b"0x10", b"", b"1e3", b"-0"];
                list[from] = odd[rng.below(odd.len() as u64) as usize].to_vec();
            }
        }
    }
    Words::from_slices(list)
}
