//! What may follow while a command is typed: words to choose from, and the rest of the syntax as a hint.

use redarium_engine::command::derive::CATEGORIES;
use redarium_engine::command::expect::Expected;
use redarium_engine::command::hint::hint_behind;
use redarium_engine::command::manual::groups;
use redarium_engine::command::mistake::Typed;
use redarium_engine::command::{Arg, ArgKind, CommandSpec, Group};
use redarium_engine::inspect::Naming;
use redarium_engine::table;
use redarium_engine::value::Type;
use redarium_transcript::DIRECTIVES;

use super::typing::{Typing, last_statement};
use crate::protocol::{Name, Names, NamesQuery};
use crate::word::word;

/// Choices that are shown at most.
const CHOICES_MAX: usize = 100;

/// A word that may follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The word as it is typed.
    pub text: String,
    /// What it means, in a few words; may be empty.
    pub note: String,
    /// What TYPE answers, if it is a key.
    pub kind: String,
}

/// All that may follow at the end of what is typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offers {
    /// Where the word begins that a choice replaces, in bytes.
    pub start: usize,
    /// What stands there so far.
    pub part: Vec<u8>,
    /// Words from the grammar, in its order.
    pub choices: Vec<Choice>,
    /// Names that only the node knows.
    pub query: Option<NamesQuery>,
}

impl Offers {
    /// What may follow at the end of `text`; `db` is the one in which its command would run.
    pub fn at(text: &str, db: usize) -> Self {
        let from = last_statement(text);
        let mut offers = Self::in_line(text.get(from..).unwrap_or_default(), db);
        offers.start += from;
        offers
    }

    fn in_line(line: &str, db: usize) -> Self {
        let typing = Typing::read(line);
        let open = if typing.is_complete { None } else { typing.spans.last().cloned() };
        let start = open.as_ref().map_or(line.len(), |span| span.start);
        let part = open.and_then(|_| typing.words.last().cloned()).unwrap_or_default();
        let mut offers = Self { start, part, ..Self::default() };
        if line.trim_start().starts_with(':') {
            offers.directives(line);
            return offers;
        }
        if line.is_empty() || line.starts_with('#') {
            return offers;
        }
        let command = typing.command();
        let before = command.len() - usize::from(!typing.is_complete).min(command.len());
        let before = command.get(..before).unwrap_or_default();
        offers.words(before, db, typing.first > 0);
        let model = if offers.part.is_empty() { before.first().copied() } else { None };
        let model = model.unwrap_or(&offers.part).first().copied();
        offers.fit(model.is_some_and(|first| first.is_ascii_lowercase()));
        offers
    }

    /// With the names that the node knows.
    pub fn with(&self, names: &[Name]) -> Vec<Choice> {
        let typed = String::from_utf8_lossy(&self.part);
        let fits = |name: &&Name| crate::word::bytes(&name.word).starts_with(&self.part);
        let names = names.iter().filter(fits).map(|name| Choice {
            text: name.word.clone(),
            note: name.kind.clone(),
            kind: name.kind.clone(),
        });
        let mut choices: Vec<_> =
            self.choices.iter().cloned().chain(names).take(CHOICES_MAX).collect();
        // What is typed already needs no completion.
        if matches!(choices.as_slice(), [only] if only.text.eq_ignore_ascii_case(&typed)) {
            choices.clear();
        }
        choices
    }

    fn words(&mut self, before: &[&[u8]], db: usize, is_repeated: bool) {
        let Some(name) = before.first() else {
            self.commands();
            if !is_repeated {
                self.add("HELP", "explains commands");
                self.add("CLEAR", "empties the console");
            }
            self.choices.sort_by(|a, b| a.text.cmp(&b.text));
            return;
        };
        if name.eq_ignore_ascii_case(b"help") {
            match before {
                [_] => {
                    self.commands();
                    for group in groups() {
                        self.add(&format!("@{group}"), "a group of commands");
                    }
                }
                [_, container] => self.subcommands(table::lookup(container)),
                _ => {}
            }
            return;
        }
        if before.len() == 1 {
            self.subcommands(table::lookup(name));
        }
        let Some(typed) = Typed::read(before) else { return };
        if typed.names() + typed.reading.fits < before.len() {
            return;
        }
        for next in &typed.reading.next {
            match next {
                Expected::Keyword(token, arg) => {
                    let syntax = arg.cli_syntax();
                    let note = if syntax.starts_with(token) { syntax } else { String::new() };
                    self.add(token, if note == *token { "" } else { &note });
                }
                Expected::Value(arg) => self.values(arg, typed.spec, before, db),
            }
        }
    }

    /// Words for a value.
    fn values(&mut self, arg: &Arg, spec: &CommandSpec, before: &[&[u8]], db: usize) {
        match arg.name {
            "command" | "command-name" => return self.commands(),
            "category" => {
                return CATEGORIES
                    .iter()
                    .for_each(|name| self.add(name.trim_start_matches('@'), ""));
            }
            "type" if spec.name == "SCAN" => {
                let kinds =
                    [Type::String, Type::List, Type::Set, Type::ZSet, Type::Hash, Type::Stream];
                return kinds.iter().for_each(|kind| self.add(kind.name(), ""));
            }
            _ => {}
        }
        let what = if matches!(arg.kind, ArgKind::Key) {
            // What is written anew may have been anything before.
            let is_target =
                ["destination", "newkey", "storekey", "storedistkey"].contains(&arg.name);
            Some(Names::Keys(type_of(spec).filter(|_| !is_target)))
        } else {
            naming(arg, spec, before).map(|naming| {
                let inside = matches!(
                    naming,
                    Naming::Fields | Naming::Members | Naming::Groups | Naming::Consumers(_)
                );
                Names::Of(naming, if inside { key_of(spec, before) } else { String::new() })
            })
        };
        if self.query.is_none() {
            let start = self.part.clone();
            self.query = what.map(|what| NamesQuery { db, what, start });
        }
    }

    fn commands(&mut self) {
        for spec in table::commands() {
            self.add(spec.name, spec.summary);
        }
    }

    fn subcommands(&mut self, spec: Option<&'static CommandSpec>) {
        let mut subs: Vec<_> = spec.iter().flat_map(|spec| spec.subcommands).collect();
        subs.sort_unstable_by_key(|sub| sub.name);
        for sub in subs {
            self.add(sub.name, sub.summary);
        }
    }

    fn directives(&mut self, line: &str) {
        self.start = line.len() - line.trim_start().len();
        let typed = line.trim_start();
        self.part = typed.as_bytes().to_vec();
        let fits = DIRECTIVES.iter().filter(|(form, _)| form.starts_with(typed));
        self.choices.extend(fits.map(|&(form, note)| Choice {
            text: form.to_owned(),
            note: note.to_owned(),
            kind: String::new(),
        }));
    }

    fn add(&mut self, text: &str, note: &str) {
        let (text, note) = (text.to_owned(), note.to_owned());
        self.choices.push(Choice { text, note, kind: String::new() });
    }

    /// Leaves those that begin as what is typed, in small letters if that is how one types.
    fn fit(&mut self, lower: bool) {
        let part = &self.part;
        self.choices.retain(|choice| {
            choice.text.as_bytes().get(..part.len()).is_some_and(|it| it.eq_ignore_ascii_case(part))
        });
        self.choices.truncate(CHOICES_MAX);
        if lower {
            self.choices.iter_mut().for_each(|choice| choice.text.make_ascii_lowercase());
        }
    }
}

/// The type of key that a command wants, if it wants one.
fn type_of(spec: &CommandSpec) -> Option<Type> {
    match spec.group {
        Group::String | Group::Bitmap | Group::HyperLogLog => Some(Type::String),
        Group::List => Some(Type::List),
        Group::Hash => Some(Type::Hash),
        Group::Set => Some(Type::Set),
        Group::SortedSet | Group::Geo => Some(Type::ZSet),
        Group::Stream => Some(Type::Stream),
        _ => None,
    }
}

/// What an argument names, beside keys.
fn naming(arg: &Arg, spec: &CommandSpec, before: &[&[u8]]) -> Option<Naming> {
    Some(match (spec.group, arg.name) {
        (Group::Hash, "field") => Naming::Fields,
        (Group::Set | Group::SortedSet | Group::Geo, "member" | "member1" | "member2") => {
            Naming::Members
        }
        (Group::Stream, "group") => Naming::Groups,
        (Group::Stream, "consumer") => {
            // It stands behind its group, wherever that is.
            Naming::Consumers(before.last()?.to_vec())
        }
        (Group::PubSub, "channel") => Naming::Channels,
        (Group::PubSub, "shardchannel") => Naming::ShardChannels,
        (Group::Server, "parameter") => Naming::Parameters,
        (_, "username") => Naming::Users,
        _ => return None,
    })
}

/// The word of the key whose fields or members are meant.
fn key_of(spec: &CommandSpec, before: &[&[u8]]) -> String {
    let place = spec.keys.iter().flat_map(|keys| keys.positions(before)).next();
    // Until all its words are there, a command may not tell its keys; mostly the first word is one.
    let key = before.get(place.unwrap_or(1));
    key.map_or_else(String::new, |key| word(key))
}

/// What is still to be typed, to be shown behind the line.
pub fn ghost(line: &str) -> String {
    if line.starts_with([':', '#']) {
        return String::new();
    }
    let hint = hint_behind(line);
    if hint.is_empty() || line.ends_with(' ') { hint } else { format!(" {hint}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(line: &str) -> Vec<String> {
        Offers::at(line, 0).with(&[]).into_iter().map(|choice| choice.text).collect()
    }

    fn query(line: &str) -> Option<(Names, String)> {
        let query = Offers::at(line, 0).query?;
        Some((query.what, String::from_utf8(query.start).unwrap()))
    }

    #[test]
    fn names_are_completed_in_the_case_they_were_begun() {
        assert_eq!(texts("zrevrank"), [""; 0], "nothing to add");
        assert_eq!(texts("zad"), ["zadd"]);
        assert_eq!(texts("ZAD"), ["ZADD"]);
        assert_eq!(texts("config g"), ["get"]);
        assert_eq!(texts("HELP ZAD"), ["ZADD"]);
        assert_eq!(texts("HELP @li"), ["@list"]);
        assert_eq!(texts("3 INCRBYF"), ["INCRBYFLOAT"], "behind a number");
        assert_eq!(texts(":adv"), [":advance 61s"]);
        assert!(texts("SE").contains(&"SET".to_owned()), "also names that are whole");
        assert_eq!(texts("").len(), 0, "nothing before anything is typed");
    }

    #[test]
    fn options_that_may_still_follow_are_offered_in_any_order() {
        assert_eq!(texts("COPY a b "), ["DB", "REPLACE"]);
        assert_eq!(texts("copy a b replace "), ["db"], "in the case of the command");
        assert_eq!(texts("SCAN 0 COUNT 5 "), ["MATCH", "TYPE"]);
        assert_eq!(texts("SCAN 0 TYPE z"), ["zset"]);
        assert_eq!(texts("SET a 1 N"), ["NX"]);
        assert_eq!(texts("LMOVE a b "), ["LEFT", "RIGHT"]);
        let ex = Offers::at("SET a 1 EX", 0).with(&[]);
        assert_eq!(ex[0].note, "EX seconds", "what follows an option is told");
    }

    #[test]
    fn names_are_asked_for_by_what_the_command_wants() {
        let keys = |kind| Names::Keys(kind);
        let of = |naming, key: &str| Names::Of(naming, key.to_owned());
        for (line, what, start) in [
            ("LPUSH que", keys(Some(Type::List)), "que"),
            ("ZADD ", keys(Some(Type::ZSet)), ""),
            ("DEL a us", keys(None), "us"),
            ("SINTERSTORE d", keys(None), "d"),
            ("HGET user:1 na", of(Naming::Fields, "user:1"), "na"),
            ("HGETEX \"a b\" FIELDS 1 f", of(Naming::Fields, "\"a b\""), "f"),
            ("SREM s ", of(Naming::Members, "s"), ""),
            ("ZSCORE z a", of(Naming::Members, "z"), "a"),
            ("XACK x g", of(Naming::Groups, "x"), "g"),
            ("XGROUP DELCONSUMER x night n", of(Naming::Consumers(b"night".to_vec()), "x"), "n"),
            ("PUBLISH ne", of(Naming::Channels, ""), "ne"),
            ("CONFIG SET max", of(Naming::Parameters, ""), "max"),
            ("GET \"two wo", keys(Some(Type::String)), "two wo"),
        ] {
            assert_eq!(query(line), Some((what, start.to_owned())), "{line:?}");
        }
        assert_eq!(query("SET a "), None, "a value is nobody's name");
    }

    #[test]
    fn names_follow_the_words_of_the_grammar() {
        let offers = Offers::at("ZADD z N", 0);
        let name = |word: &str| Name { word: word.to_owned(), kind: String::new() };
        let texts: Vec<_> =
            offers.with(&[name("Nora"), name("old")]).into_iter().map(|it| it.text).collect();
        assert_eq!(texts, ["NX", "Nora"], "and those that no longer fit go");
    }

    #[test]
    fn the_rest_of_the_syntax_is_shown() {
        assert_eq!(ghost("get"), " key");
        assert_eq!(ghost("get "), "key");
        assert_eq!(ghost("get a"), "");
        assert_eq!(ghost("nonsense"), "");
        assert!(ghost("ZADD game ").contains("score member"), "options and pairs");
    }
}
