//! What is still to be typed: the rest of a command's syntax after the words that are already there.
//!
//! Words are matched by position; options that have been given are no longer shown.
//! The text is that of redis-cli's hints; `tests/data/hints.tsv` has its rules and examples.

use redarium_resp::number::{parse_f64, parse_i64};
use redarium_resp::words::split;
use redarium_structures::order;

use super::derive::{Style, least_words};
use super::sentence::announces;
use super::{Arg, ArgKind, CommandSpec, derive};
use crate::table;

/// The syntax that remains after `words` (all complete, the command's name first).
///
/// `None` if no command begins like this; an empty text if nothing more can follow.
pub fn hint(words: &[&[u8]]) -> Option<String> {
    let (&name, rest) = words.split_first()?;
    let spec = table::lookup(name)?;
    if !spec.is_container() {
        return remaining(spec.args, rest);
    }
    let Some((&sub, rest)) = rest.split_first() else { return Some(subcommands(spec)) };
    remaining(spec.subcommand(sub)?.args, rest)
}

/// What redis-cli shows behind a line that is being typed; empty if it knows nothing.
///
/// Of a word that has only been begun it takes no notice, except for the arguments before the first option.
pub fn hint_behind(line: &str) -> String {
    let Ok(words) = split(line.as_bytes()) else { return String::new() };
    let words: Vec<&[u8]> = words.iter().collect();
    behind(&words, line.ends_with(char::is_whitespace)).unwrap_or_default()
}

fn behind(words: &[&[u8]], is_complete: bool) -> Option<String> {
    let (_, before) = words.split_last()?;
    if is_complete || before.is_empty() {
        return hint(words);
    }
    let spec = table::lookup(before.first()?)?;
    let (spec, names) = match before.get(1).and_then(|sub| spec.subcommand(sub)) {
        Some(sub) => (sub, 2),
        None => (spec, 1),
    };
    let is_plain = |arg: &&Arg| !arg.optional && !has_keyword(arg);
    let plain = spec.args.iter().take_while(is_plain).count();
    let takes_notice = before.len() - names < plain || spec.is_container();
    let taken = if takes_notice { hint(words) } else { None };
    taken.or_else(|| hint(before))
}

fn subcommands(spec: &CommandSpec) -> String {
    let mut names: Vec<_> = spec.subcommands.iter().map(|sub| sub.name).collect();
    order::sort(&mut names);
    let names = names.join("|");
    if spec.accepts(1, false) { format!("[{names}]") } else { names }
}

/// How far some words fit the beginning of some arguments.
enum Fit {
    /// They do not.
    No,
    /// They fit and end before the arguments do; this may follow.
    Open(String),
    /// The first so many words fill the arguments; this may follow directly after them.
    Full(usize, String),
}

fn remaining(args: &[Arg], words: &[&[u8]]) -> Option<String> {
    match sequence(args, words) {
        Fit::Open(rest) => Some(rest),
        Fit::Full(used, rest) if used == words.len() => Some(rest),
        Fit::Full(..) | Fit::No => None,
    }
}

/// Fits words to arguments in order; optional ones that stand together may come in any order.
fn sequence(args: &[Arg], words: &[&[u8]]) -> Fit {
    let mut used = 0;
    let mut at = 0;
    let mut count = None;
    let mut tail = String::new();
    while let Some(arg) = args.get(at) {
        let left = words.get(used..).unwrap_or(&[]);
        let after = args.get(at + 1..).unwrap_or(&[]);
        if arg.optional {
            let run = args.get(at..).unwrap_or(&[]);
            let run_len = run.iter().take_while(|arg| arg.optional).count();
            let (run, after) = run.split_at(run_len);
            match options(run, left, least_words(after)) {
                Fit::Open(rest) => return Fit::Open(join(&[rest, syntax_of_all(after)])),
                Fit::Full(taken, rest) => {
                    used += taken;
                    tail = rest;
                }
                Fit::No => {}
            }
            at += run_len;
            continue;
        }
        if left.is_empty() {
            return Fit::Open(join(&[tail, syntax_of_all(args.get(at..).unwrap_or(&[]))]));
        }
        let limit = count.take();
        match repeated(arg, left, limit) {
            Fit::No => return Fit::No,
            Fit::Open(rest) => return Fit::Open(join(&[rest, syntax_of_all(after)])),
            Fit::Full(taken, rest) => {
                used += taken;
                tail = rest;
            }
        }
        if announces(arg, after.first()) {
            count = words.get(used - 1).and_then(|word| parse_i64(word));
        }
        at += 1;
    }
    Fit::Full(used, tail)
}

/// Fits words to a run of optional arguments, in any order, each at most once.
///
/// The last `reserved` words belong to what follows, unless keywords show otherwise.
fn options(run: &[Arg], words: &[&[u8]], reserved: usize) -> Fit {
    let mut open: Vec<&Arg> = run.iter().collect();
    let mut used = 0;
    let mut tail = String::new();
    loop {
        let left = words.get(used..).unwrap_or(&[]);
        if left.is_empty() {
            let rest: Vec<_> = open.iter().map(|arg| syntax_of(arg)).collect();
            return Fit::Full(used, join(&[tail, rest.join(" ")]));
        }
        // Keywords first: an option without one would take any word.
        let by_keyword = open.iter().position(|arg| starts_with_keyword(arg, left));
        let by_place = || open.iter().position(|arg| left.len() > reserved && !has_keyword(arg));
        let place = by_keyword.or_else(by_place);
        let Some(place) = place else { return Fit::Full(used, String::new()) };
        let arg = open.remove(place);
        match repeated(arg, left, None) {
            Fit::No => {}
            Fit::Open(rest) => {
                let others: Vec<_> = open.iter().map(|arg| syntax_of(arg)).collect();
                return Fit::Open(join(&[rest, others.join(" ")]));
            }
            Fit::Full(taken, rest) => {
                used += taken;
                tail = rest;
            }
        }
    }
}

/// Whether an argument always begins with a keyword.
pub(super) fn has_keyword(arg: &Arg) -> bool {
    arg.token.is_some()
        || match arg.kind {
            ArgKind::OneOf(choices) => choices.iter().all(has_keyword),
            ArgKind::Block(parts) => first_parts(parts).all(has_keyword),
            _ => false,
        }
}

/// The parts of a block that its first word can belong to.
fn first_parts(parts: &[Arg]) -> impl Iterator<Item = &Arg> {
    let optional = parts.iter().take_while(|part| part.optional).count();
    parts.iter().take(optional + 1)
}

fn starts_with_keyword(arg: &Arg, words: &[&[u8]]) -> bool {
    if let Some(token) = arg.token {
        return is_word(words, token);
    }
    match arg.kind {
        ArgKind::OneOf(choices) => choices.iter().any(|choice| starts_with_keyword(choice, words)),
        ArgKind::Block(parts) => first_parts(parts).any(|part| starts_with_keyword(part, words)),
        _ => false,
    }
}

fn is_word(words: &[&[u8]], token: &str) -> bool {
    words.first().is_some_and(|word| word.eq_ignore_ascii_case(token.as_bytes()))
}

/// Fits words to an argument as often as it may come, or `limit` times.
fn repeated(arg: &Arg, words: &[&[u8]], limit: Option<i64>) -> Fit {
    if !arg.many {
        return with_token(arg, words);
    }
    let token = if arg.many_token { arg.token } else { None };
    let again = syntax_of(&Arg { many: false, optional: false, token, ..*arg });
    let mut used = 0;
    let mut times = 0;
    while times == 0 || (used < words.len() && limit.is_none_or(|limit| times < limit)) {
        let left = words.get(used..).unwrap_or(&[]);
        let fit =
            if times == 0 || arg.many_token { with_token(arg, left) } else { once(arg, left) };
        match fit {
            Fit::No if times == 0 => return Fit::No,
            Fit::No => return Fit::Full(used, String::new()),
            Fit::Open(rest) => return Fit::Open(format!("{rest} [{again} ...]")),
            Fit::Full(taken, _) => used += taken,
        }
        times += 1;
    }
    match limit {
        Some(limit) if times >= limit => Fit::Full(used, String::new()),
        Some(_) => Fit::Open(format!("{again} [{again} ...]")),
        None => Fit::Full(used, format!("[{again} ...]")),
    }
}

fn with_token(arg: &Arg, words: &[&[u8]]) -> Fit {
    let Some(token) = arg.token else { return once(arg, words) };
    if !is_word(words, token) {
        return Fit::No;
    }
    if matches!(arg.kind, ArgKind::Token) {
        return Fit::Full(1, String::new());
    }
    let left = words.get(1..).unwrap_or(&[]);
    if left.is_empty() {
        return Fit::Open(syntax_of(&Arg { token: None, optional: false, many: false, ..*arg }));
    }
    match once(arg, left) {
        Fit::Full(used, rest) => Fit::Full(used + 1, rest),
        other => other,
    }
}

fn once(arg: &Arg, words: &[&[u8]]) -> Fit {
    match arg.kind {
        ArgKind::Block(parts) => sequence(parts, words),
        ArgKind::OneOf(choices) => {
            let keyword = choices.iter().find(|choice| starts_with_keyword(choice, words));
            let choice = keyword.or_else(|| choices.iter().find(|choice| !has_keyword(choice)));
            choice.map_or(Fit::No, |choice| repeated(choice, words, None))
        }
        ArgKind::Integer => number(words, |word| parse_i64(word).is_some()),
        ArgKind::Double => number(words, |word| parse_f64(word).is_some()),
        _ => Fit::Full(1, String::new()),
    }
}

fn number(words: &[&[u8]], is_number: impl Fn(&[u8]) -> bool) -> Fit {
    if words.first().is_some_and(|word| is_number(word)) {
        Fit::Full(1, String::new())
    } else {
        Fit::No
    }
}

fn syntax_of_all(args: &[Arg]) -> String {
    derive::syntax_of_all(args, Style::Cli)
}

fn syntax_of(arg: &Arg) -> String {
    derive::syntax_of(arg, Style::Cli)
}

fn join(parts: &[String]) -> String {
    let shown: Vec<_> = parts.iter().filter(|part| !part.is_empty()).cloned().collect();
    shown.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::args::{KEY, block, double, integer, one_of, token, word};

    const ZADD: &[Arg] = &[
        KEY,
        one_of("condition", &[token("NX"), token("XX")]).optional(),
        token("CH").optional(),
        block("data", &[double("score"), word("member")]).many(),
    ];

    const SINTERCARD: &[Arg] =
        &[integer("numkeys"), KEY.many(), integer("limit").after("LIMIT").optional()];

    const SET: &[Arg] = &[
        KEY,
        word("value"),
        one_of("condition", &[token("NX"), token("XX")]).optional(),
        token("GET").optional(),
        one_of("expiration", &[integer("seconds").after("EX"), token("KEEPTTL")]).optional(),
    ];

    #[track_caller]
    fn check(args: &[Arg], typed: &str, expected: Option<&str>) {
        let words: Vec<&[u8]> = typed.split_ascii_whitespace().map(str::as_bytes).collect();
        assert_eq!(remaining(args, &words).as_deref(), expected, "after {typed:?}");
    }

    #[test]
    fn positional_words_disappear_as_they_are_typed() {
        check(SET, "", Some("key value [NX|XX] [GET] [EX seconds|KEEPTTL]"));
        check(SET, "k", Some("value [NX|XX] [GET] [EX seconds|KEEPTTL]"));
        check(SET, "k v", Some("[NX|XX] [GET] [EX seconds|KEEPTTL]"));
    }

    #[test]
    fn options_disappear_in_any_order() {
        check(SET, "k v get", Some("[NX|XX] [EX seconds|KEEPTTL]"));
        check(SET, "k v EX", Some("seconds [NX|XX] [GET]"));
        check(SET, "k v EX 10 xx", Some("[GET]"));
        check(SET, "k v EX ten", None);
        check(SET, "k v GET KEEPTTL NX", Some(""));
        check(SET, "k v SOON", None);
    }

    #[test]
    fn what_may_be_repeated_stays() {
        check(ZADD, "board", Some("[NX|XX] [CH] score member [score member ...]"));
        check(ZADD, "board CH", Some("[NX|XX] score member [score member ...]"));
        check(ZADD, "board CH 1", Some("member [score member ...]"));
        check(ZADD, "board 1 ann", Some("[score member ...]"));
    }

    #[test]
    fn an_announced_number_of_keys_is_counted() {
        check(SINTERCARD, "2", Some("key [key ...] [LIMIT limit]"));
        check(SINTERCARD, "2 a", Some("key [key ...] [LIMIT limit]"));
        check(SINTERCARD, "2 a b", Some("[LIMIT limit]"));
        check(SINTERCARD, "2 a b LIMIT", Some("limit"));
    }

    #[test]
    fn a_word_that_may_be_left_out_leaves_enough_for_the_others() {
        let auth = &[word("username").optional(), word("password")];
        check(auth, "", Some("[username] password"));
        check(auth, "secret", Some(""));
        check(auth, "ann secret", Some(""));
        check(auth, "ann secret now", None);
    }

    #[test]
    fn commands_are_found_by_name() {
        assert_eq!(hint(&[b"no-such-command"]), None, "unknown");
        assert_eq!(hint(&[b"echo"]).as_deref(), Some("message"), "whatever its case");
        assert_eq!(
            hint(&[b"config", b"set", b"hz"]).as_deref(),
            Some("value [parameter value ...]"),
            "a subcommand, in the middle of a pair"
        );
        assert_eq!(hint(&[b"CONFIG", b"nothing"]), None, "no such subcommand");
        let subcommands = hint(&[b"CONFIG"]).unwrap();
        assert!(subcommands.starts_with("GET|HELP|"), "{subcommands}");
    }
}
