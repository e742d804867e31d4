//! The first word of a command that cannot stand where it is, and why: before the command is run.
//!
//! Nothing is a mistake that Redis accepts; much that it refuses is none here, as only words are looked at.

use super::expect::{Expected, Reading, fits, read};
use super::{Arg, ArgKind, CommandSpec, Group};
use crate::table;

/// Commands that look for their key before they read what follows: where there is no such key, they accept anything.
/// The last one accepts what it documents for its sibling only.
const KEY_FIRST: &[&str] = &[
    "DELEX",
    "GEORADIUSBYMEMBER",
    "GEORADIUSBYMEMBER_RO",
    "GETEX",
    "HSCAN",
    "LINDEX",
    "SSCAN",
    "ZSCAN",
    "BITFIELD_RO",
];

/// Names or keywords that one message lists.
const LISTED_MAX: usize = 8;

/// A word that cannot stand where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Its place among the words.
    pub word: usize,
    /// What is wrong, and what to try.
    pub reason: String,
}

/// A command as far as it is typed.
#[derive(Debug, Clone)]
pub struct Typed {
    /// The command or subcommand.
    pub spec: &'static CommandSpec,
    /// Its container, if it has one.
    pub container: Option<&'static CommandSpec>,
    /// How its words after the name are read.
    pub reading: Reading,
}

impl Typed {
    /// Reads complete words, the name first; `None` while the name is unknown or that of a container.
    pub fn read(words: &[&[u8]]) -> Option<Self> {
        let spec = table::lookup(words.first()?)?;
        if let Some(sub) = words.get(1).and_then(|word| spec.subcommand(word)) {
            let reading = read(sub, words.get(2..).unwrap_or_default());
            return Some(Self { spec: sub, container: Some(spec), reading });
        }
        if spec.is_container() && (words.len() > 1 || !spec.accepts(1, false)) {
            return None;
        }
        Some(Self { spec, container: None, reading: read(spec, words.get(1..)?) })
    }

    /// Words of its name.
    pub fn names(&self) -> usize {
        if self.container.is_some() { 2 } else { 1 }
    }
}

/// The first mistake among words; of the last one only if no ending could help it, unless it `is_complete`.
pub fn mistake(words: &[&[u8]], is_complete: bool) -> Option<Mistake> {
    let (&last, before) = words.split_last()?;
    if !is_complete {
        return mistake(before, true).or_else(|| {
            let could_be = if before.is_empty() {
                table::commands().iter().any(|spec| begins(spec.name, last))
            } else {
                could_stand(before, last)
            };
            if could_be { None } else { mistake(words, true) }
        });
    }
    let name = words.first()?;
    let Some(spec) = table::lookup(name) else {
        return Some(Mistake { word: 0, reason: unknown(name) });
    };
    let Some(typed) = Typed::read(words) else {
        let reason = unknown_subcommand(spec, words.get(1)?);
        return Some(Mistake { word: 1, reason });
    };
    let (spec, reading) = (typed.spec, &typed.reading);
    let at = typed.names() + reading.fits;
    let word = words.get(at)?;
    // A command that sets its own limit knows better than its grammar.
    let is_allowed = reading.next.is_empty()
        && spec.arity != 0
        && spec.accepts(words.len(), typed.container.is_some());
    if is_allowed || KEY_FIRST.contains(&spec.name) {
        return None;
    }
    Some(Mistake { word: at, reason: refusal(&typed, word) })
}

/// Whether a word that is still being typed can become one that may follow.
fn could_stand(before: &[&[u8]], last: &[u8]) -> bool {
    let Some(typed) = Typed::read(before) else {
        let container = before.first().and_then(|name| table::lookup(name));
        return container
            .is_some_and(|spec| spec.subcommands.iter().any(|sub| begins(sub.name, last)));
    };
    // A container that can also be called alone.
    if before.len() == 1 && typed.spec.subcommands.iter().any(|sub| begins(sub.name, last)) {
        return true;
    }
    let could_be = |next: &Expected| match next {
        Expected::Keyword(token, _) => begins(token, last),
        Expected::Value(arg) => could_become(arg, typed.spec.group, last),
    };
    typed.reading.next.iter().any(could_be)
}

/// Whether a beginning is one of a name, whatever its case.
fn begins(name: &str, part: &[u8]) -> bool {
    name.as_bytes().get(..part.len()).is_some_and(|head| head.eq_ignore_ascii_case(part))
}

/// Whether a value that is still being typed can become one that is taken.
fn could_become(arg: &Arg, group: Group, part: &[u8]) -> bool {
    match arg.kind {
        ArgKind::Double => could_be_number(part),
        ArgKind::Integer if group == Group::SortedSet => could_be_number(part),
        ArgKind::Integer | ArgKind::UnixTime => {
            matches!(part, b"" | b"-" | b"#") || fits(arg, group, part)
        }
        _ => true,
    }
}

fn could_be_number(part: &[u8]) -> bool {
    let part = part.strip_prefix(b"(").unwrap_or(part).trim_ascii_start();
    let part = part.strip_prefix(b"-").or(part.strip_prefix(b"+")).unwrap_or(part);
    match part {
        // Hexadecimal digits and both marks of exponents.
        [b'0'..=b'9' | b'.', rest @ ..] => {
            rest.iter().all(|byte| byte.is_ascii_hexdigit() || b"xXpP.+-".contains(byte))
        }
        word => begins("INFINITY", word),
    }
}

fn unknown(name: &[u8]) -> String {
    let names = table::commands().iter().map(|spec| spec.name);
    let shown = String::from_utf8_lossy(name);
    match nearest(name, names) {
        Some(near) => format!("There is no command {shown}. Did you mean {near}?"),
        None => format!("There is no command {shown}. HELP shows how to find one."),
    }
}

fn unknown_subcommand(spec: &CommandSpec, name: &[u8]) -> String {
    let names = spec.subcommands.iter().map(|sub| sub.name);
    let shown = String::from_utf8_lossy(name);
    match nearest(name, names.clone()) {
        Some(near) => format!("{} has no {shown}. Did you mean {near}?", spec.name),
        None => format!("{} has no {shown}, but {}.", spec.name, list(names)),
    }
}

/// Why a word cannot stand where the reading ends.
fn refusal(typed: &Typed, word: &[u8]) -> String {
    let shown = String::from_utf8_lossy(word);
    let next = &typed.reading.next;
    let tokens = next.iter().filter_map(|next| match next {
        Expected::Keyword(token, _) => Some(*token),
        Expected::Value(_) => None,
    });
    let number = next.iter().find_map(|next| match next {
        Expected::Value(arg) => Some(*arg),
        Expected::Keyword(..) => None,
    });
    if next.is_empty() {
        let container = typed.container.map_or(String::new(), |it| format!("{} ", it.name));
        let name = format!("{container}{}", typed.spec.name);
        return match typed.spec.cli_syntax() {
            syntax if syntax.is_empty() => format!("{shown} is one too many: {name} stands alone."),
            syntax => format!("{shown} is one too many: {name} {syntax}."),
        };
    }
    let kind = |arg: &Arg| {
        if matches!(arg.kind, ArgKind::Double) { "a number" } else { "an integer" }
    };
    match (number, tokens.clone().next().is_some()) {
        (Some(arg), false) => format!("{shown} is not {}, as {} must be.", kind(arg), arg.name),
        (Some(arg), true) => {
            format!("{shown} is neither {} ({}) nor one of {}.", kind(arg), arg.name, list(tokens))
        }
        (None, _) => match nearest(word, tokens.clone()) {
            Some(near) => format!("{shown} cannot stand here. Did you mean {near}?"),
            None => format!("{shown} cannot stand here, but {}.", list(tokens)),
        },
    }
}

/// A few names as text.
fn list(names: impl Iterator<Item = &'static str> + Clone) -> String {
    let more = names.clone().count() > LISTED_MAX;
    let names: Vec<_> = names.take(LISTED_MAX).collect();
    match names.split_last() {
        _ if more => format!("{}, \u{2026}", names.join(", ")),
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// The name that takes the fewest changes, if those are few for a word of this length.
fn nearest(word: &[u8], names: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    // Longer words are no names with mistakes in them.
    let word = word.to_ascii_uppercase();
    let allowed = match word.len() {
        0 | 1 | 31.. => return None,
        2..=4 => 1,
        5..=7 => 2,
        _ => 3,
    };
    let near = names.map(|name| (changes(&word, name.as_bytes()), name));
    let best = near.filter(|&(distance, _)| distance <= allowed).min_by_key(|&(distance, name)| {
        let common = name.bytes().zip(&word).take_while(|(ours, typed)| ours == *typed).count();
        (distance, std::cmp::Reverse(common))
    });
    best.map(|(_, name)| name)
}

/// Letters to add, remove, change or swap with their neighbours (optimal string alignment). O(product of the lengths).
fn changes(a: &[u8], b: &[u8]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (at, letter) in a.iter().enumerate() {
        let mut row = vec![at + 1];
        for (to, other) in b.iter().enumerate() {
            let cell = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX - 1);
            let mut least = cell(&last, to) + usize::from(letter != other);
            least = least.min(cell(&last, to + 1) + 1).min(cell(&row, to) + 1);
            let is_swap =
                at > 0 && to > 0 && a.get(at - 1) == Some(other) && b.get(to - 1) == Some(letter);
            if is_swap {
                least = least.min(cell(&before, to - 1) + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The marked word and the reason; a space at the end completes the last word.
    fn marked(line: &str) -> Option<(&str, String)> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let bytes: Vec<&[u8]> = words.iter().map(|word| word.as_bytes()).collect();
        let found = mistake(&bytes, line.ends_with(' '))?;
        Some((words[found.word], found.reason))
    }

    #[track_caller]
    fn check(line: &str, word: &str, reason: &str) {
        assert_eq!(marked(line), Some((word, reason.to_owned())), "{line:?}");
    }

    #[test]
    fn mistakes_are_named_with_what_to_try() {
        check("BRPOPPUSH ", "BRPOPPUSH", "There is no command BRPOPPUSH. Did you mean BRPOPLPUSH?");
        check("gte a", "gte", "There is no command gte. Did you mean GET?");
        check(
            "frobnicate",
            "frobnicate",
            "There is no command frobnicate. HELP shows how to find one.",
        );
        check("CONFIG GTE a", "GTE", "CONFIG has no GTE. Did you mean GET?");
        check("GET a b", "b", "b is one too many: GET key.");
        check("MULTI now", "now", "now is one too many: MULTI stands alone.");
        check("SET a 1 EX ten", "ten", "ten is not an integer, as seconds must be.");
        check("INCRBYFLOAT a ten", "ten", "ten is not a number, as increment must be.");
        check(
            "ZADD z GTT 1 a",
            "GTT",
            "GTT is neither a number (score) nor one of NX, XX, GT, LT, CH or INCR.",
        );
        check("HELLO 3 ATH u p", "ATH", "ATH cannot stand here. Did you mean AUTH?");
        check("SET a 1 NX XX ", "XX", "XX cannot stand here. Did you mean EX?");
    }

    #[test]
    fn what_can_still_become_right_is_left_alone() {
        for line in [
            "",
            "BRPOPP".get(..5).unwrap(),
            "SE",
            "CONFIG",
            "CONFIG G",
            "COMMAND D",
            "SET a 1 E",
            "SET a 1 EX -",
            "ZADD z X",
            "ZADD z -in",
            "INCRBY a ",
            "GEOADD g (",
            "SET a 1 EX 10 EX 20 ",
            "SORT l ASC DESC ",
            "EXPIRE a 1 XX GT ",
            "LINDEX nothing first ",
        ] {
            assert_eq!(marked(line), None, "{line:?}");
        }
    }

    #[test]
    fn changes_are_counted() {
        for (a, b, count) in [("", "AB", 2), ("AB", "BA", 1), ("GET", "GET", 0), ("SET", "GETS", 2)]
        {
            assert_eq!(changes(a.as_bytes(), b.as_bytes()), count, "{a} {b}");
        }
    }
}
