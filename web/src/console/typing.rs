//! A line while it is typed: its words and where they stand, and what is wrong with it before it is entered.

use std::ops::Range;

use redarium_engine::command::mistake::{Typed, mistake};
use redarium_engine::table;
use redarium_resp::number::parse_i64;
use redarium_resp::split;
use redarium_transcript::DIRECTIVES;

use super::line::{is_open, statements};

/// Bytes of the longest line that is looked at while it is typed; beyond lies what is pasted.
const LINE_MAX: usize = 4096;

/// The words of a line as far as it is typed, quotes that are still open included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typing {
    /// The words.
    pub words: Vec<Vec<u8>>,
    /// Where each of them stands in the line, in bytes, with its quotes.
    pub spans: Vec<Range<usize>>,
    /// Whether something follows the last word, so that it does not grow any more.
    pub is_complete: bool,
    /// Words before the command: 1 for the number that repeats it.
    pub first: usize,
}

/// A part of a line that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Where it stands, in bytes.
    pub span: Range<usize>,
    /// What is wrong, and what to try.
    pub reason: String,
}

impl Typing {
    /// Reads a line.
    pub fn read(line: &str) -> Self {
        let mut typing = Self { is_complete: true, ..Self::default() };
        let bytes = line.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            if bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
                at += 1;
                continue;
            }
            let (end, closing) = word_end(bytes, at);
            let piece = bytes.get(at..end).unwrap_or_default();
            let word = split(piece)
                .or_else(|_| split(&[piece, closing.as_slice()].concat()))
                .ok()
                .and_then(|words| words.get(0).map(<[u8]>::to_vec));
            typing.words.push(word.unwrap_or_default());
            typing.spans.push(at..end);
            typing.is_complete = end < bytes.len();
            at = end;
        }
        let is_repeat = typing.words.first().is_some_and(|word| parse_i64(word).is_some());
        typing.first = usize::from(is_repeat && (typing.words.len() > 1 || typing.is_complete));
        typing
    }

    /// The words of the command, its name first.
    pub fn command(&self) -> Vec<&[u8]> {
        self.words.iter().skip(self.first).map(Vec::as_slice).collect()
    }

    /// The full name of the command, such as `CONFIG GET`.
    pub fn subject(&self) -> Option<String> {
        let command = self.command();
        let spec = table::lookup(command.first()?)?;
        let sub = command.get(1).and_then(|word| spec.subcommand(word));
        Some(sub.map_or_else(|| spec.name.to_owned(), |sub| format!("{} {}", spec.name, sub.name)))
    }

    /// Whether Redis would not miss any word.
    pub fn is_whole(&self) -> bool {
        let command = self.command();
        Typed::read(&command).is_some_and(|typed| typed.reading.is_whole)
    }
}

/// Where the word ends that begins at a place, and the quote that is missing there.
fn word_end(line: &[u8], start: usize) -> (usize, Option<u8>) {
    let mut at = start;
    while let Some(&byte) = line.get(at) {
        match byte {
            b'"' | b'\'' => {
                at += 1;
                loop {
                    match line.get(at) {
                        None => return (line.len(), Some(byte)),
                        Some(b'\\') => at = (at + 2).min(line.len()),
                        Some(&other) => {
                            at += 1;
                            if other == byte {
                                break;
                            }
                        }
                    }
                }
            }
            _ if byte.is_ascii_whitespace() => break,
            _ => at += 1,
        }
    }
    (at, None)
}

/// Where the last of several commands begins that are typed one below the other.
pub fn last_statement(text: &str) -> usize {
    if !text.contains('\n') {
        return 0;
    }
    if text.ends_with('\n') && !is_open(text) {
        return text.len();
    }
    statements(text).last().and_then(|last| text.rfind(last)).unwrap_or(0)
}

/// What is wrong with the last command of a text, if anything is; never what Redis accepts.
pub fn mark(text: &str) -> Option<Mark> {
    if text.len() > LINE_MAX {
        return None;
    }
    let from = last_statement(text);
    let mut mark = mark_in(text.get(from..)?)?;
    mark.span = mark.span.start + from..mark.span.end + from;
    Some(mark)
}

fn mark_in(line: &str) -> Option<Mark> {
    if line.trim_start().starts_with("# ") {
        return None;
    }
    let typing = Typing::read(line);
    let first = typing.words.first()?;
    if first.starts_with(b":") {
        return directive(line, &typing);
    }
    if let Err(error) = split(line.as_bytes()) {
        let end = typing.spans.iter().find(|span| span.contains(&error.position))?.end;
        let reason = format!("{error}.").replacen("the", "The", 1);
        return Some(Mark { span: error.position..end, reason });
    }
    let is_ours = |name: &str| first.eq_ignore_ascii_case(name.as_bytes());
    let begins = |name: &str| {
        name.as_bytes().get(..first.len()).is_some_and(|head| head.eq_ignore_ascii_case(first))
    };
    let is_open = !typing.is_complete && typing.words.len() == 1;
    if first == b"?" || is_ours("help") || is_ours("clear") && typing.words.len() == 1 {
        return None;
    }
    // What has been begun can become one of these, or a number before a command.
    if is_open && (begins("help") || begins("clear") || parse_i64(first).is_some()) {
        return None;
    }
    let found = mistake(&typing.command(), typing.is_complete)?;
    let span = typing.spans.get(typing.first + found.word)?.clone();
    Some(Mark { span, reason: found.reason })
}

fn directive(line: &str, typing: &Typing) -> Option<Mark> {
    let span = typing.spans.first()?.clone();
    let name = line.get(span.clone())?;
    let names = || DIRECTIVES.iter().map(|(form, _)| form.split(' ').next().unwrap_or(form));
    let is_known = if typing.is_complete {
        names().any(|known| known == name)
    } else {
        names().any(|known| known.starts_with(name))
    };
    (!is_known)
        .then(|| Mark { span, reason: format!("There is no directive {name}; :help lists them.") })
}

#[cfg(test)]
mod tests {
    use redarium_engine::command::sentence::sentence;
    use redarium_structures::rng::Rng;

    use super::*;
    use crate::word::word;

    #[test]
    fn words_are_found_where_they_stand() {
        let typing = Typing::read("  SET \"a key\" 'it");
        let words: Vec<_> = typing.words.iter().map(|word| String::from_utf8_lossy(word)).collect();
        assert_eq!(words, ["SET", "a key", "it"], "an open quote does not hide its word");
        assert_eq!(typing.spans, [2..5, 6..13, 14..17]);
        assert!(!typing.is_complete, "it may grow");
        assert_eq!(Typing::read("3 INCR n ").command(), [b"INCR", &b"n"[..]], "repeated");
        assert_eq!(Typing::read("config get x").subject().as_deref(), Some("CONFIG GET"));
        assert!(Typing::read("GET a").is_whole() && !Typing::read("SET a").is_whole());
    }

    #[track_caller]
    fn check(line: &str, marked: &str, reason: &str) {
        let mark = mark(line).unwrap_or_else(|| panic!("{line:?} is wrong"));
        assert_eq!((&line[mark.span], mark.reason.as_str()), (marked, reason), "{line:?}");
    }

    #[test]
    fn the_wrong_word_is_marked() {
        check(
            "  BRPOPPUSH a",
            "BRPOPPUSH",
            "There is no command BRPOPPUSH. Did you mean BRPOPLPUSH?",
        );
        check("SET \"a b\" 1 EX ten", "ten", "ten is not an integer, as seconds must be.");
        check("SET a \"b c", "\"b c", "The quote at column 7 is never closed.");
        check("SET \"a\"b c", "\"b", "The closing quote at column 7 must be followed by a space.");
        check("3 INCRR n", "INCRR", "There is no command INCRR. Did you mean INCR?");
        check("SET a 1\nGETT a", "GETT", "There is no command GETT. Did you mean GET?");
        check(":undu", ":undu", "There is no directive :undu; :help lists them.");
        for line in
            ["", "# a remark", "3", "hel", "HELP anything", "clear", ":adv", ":advance 1s", "?"]
        {
            assert_eq!(mark(line), None, "{line:?}");
        }
    }

    #[test]
    fn what_the_table_can_say_is_never_marked_in_any_stage() {
        let mut rng = Rng::new(3);
        for &spec in table::commands() {
            let whole = std::iter::once((spec, None));
            let subs = spec.subcommands.iter().map(|sub| (sub, Some(spec)));
            for (spec, container) in whole.chain(subs).filter(|(spec, _)| !spec.is_container()) {
                for _ in 0..12 {
                    let words = sentence(spec, container, &mut rng);
                    let line = words.iter().map(word).collect::<Vec<_>>().join(" ");
                    let ends = line.char_indices().map(|(at, _)| at).chain([line.len()]);
                    for typed in ends.filter_map(|end| line.get(..end)) {
                        let found = mark(typed).filter(|_| split(typed.as_bytes()).is_ok());
                        assert_eq!(found, None, "{typed:?}");
                    }
                    assert_eq!(mark(&format!("{line} ")), None, "{line:?}");
                }
            }
        }
    }
}
