//! What a typed line asks for: a command, help, or something to do to the world.

use redarium_engine::command::CommandSpec;
use redarium_engine::table;
use redarium_resp::words::SplitErrorKind;
use redarium_resp::{SplitError, Words, split};
use redarium_transcript::Directive;

/// How often a command can be repeated at once; redis-cli knows no end.
const REPEAT_MAX: usize = 10_000;

/// A line that was entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// Nothing, or a comment.
    Empty,
    /// A command for the engine.
    Command(Words),
    /// HELP and what about.
    Help(Vec<String>),
    /// CLEAR.
    Clear,
    /// Something to do to the world.
    Direct(Directive),
    /// A command so many times.
    Repeat(usize, String),
    /// It cannot be understood: redis-cli's words and ours.
    Wrong {
        /// Shown as an error.
        error: String,
        /// What to try.
        advice: String,
    },
}

impl Line {
    /// Reads a line.
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        if let Some(directive) = text.strip_prefix(':') {
            return Self::directive(directive.trim());
        }
        // As in transcripts: lines that explain what follows.
        if text.is_empty() || text.starts_with("# ") {
            return Self::Empty;
        }
        let words = match split(text.as_bytes()) {
            Ok(words) => words,
            Err(error) => {
                let error_text = "Invalid argument(s)".to_owned();
                return Self::Wrong { error: error_text, advice: format!("{error}.") };
            }
        };
        let first = words.get(0).unwrap_or_default();
        let is = |name: &str| first.eq_ignore_ascii_case(name.as_bytes());
        if is("help") || first == b"?" {
            let about = words.iter().skip(1).map(|word| String::from_utf8_lossy(word).into_owned());
            return Self::Help(about.collect());
        }
        if is("clear") && words.len() == 1 {
            return Self::Clear;
        }
        if words.len() > 1
            && let Some(times) = redarium_resp::number::parse_i64(first)
        {
            return Self::repeat(times, text);
        }
        Self::Command(words)
    }

    /// `5 INCR n`, as redis-cli reads it.
    fn repeat(times: i64, text: &str) -> Self {
        let command = text.split_once(char::is_whitespace).map_or("", |(_, rest)| rest.trim());
        if matches!(Self::parse(command), Self::Repeat(..)) {
            let error = "Invalid redis-cli repeat command option value.".to_owned();
            return Self::Wrong {
                error,
                advice: "One number before a command is enough.".to_owned(),
            };
        }
        match usize::try_from(times) {
            Ok(times @ 1..=REPEAT_MAX) => Self::Repeat(times, command.to_owned()),
            Ok(times @ 1..) => Self::Wrong {
                error: "Invalid redis-cli repeat command option value.".to_owned(),
                advice: format!(
                    "{times} times are too many here; {REPEAT_MAX} at once are possible."
                ),
            },
            _ => Self::Wrong {
                error: "Invalid redis-cli repeat command option value.".to_owned(),
                advice: "A number before a command says how often it is run, as in `3 INCR n`."
                    .to_owned(),
            },
        }
    }

    fn directive(text: &str) -> Self {
        match Directive::parse(text) {
            Ok(directive) => Self::Direct(directive),
            Err(error) => Self::Wrong {
                error: format!("(error) {error}"),
                advice: "`:help` lists what can stand behind a colon.".to_owned(),
            },
        }
    }
}

/// Lines that a quote may stay open.
const OPEN_MAX: usize = 200;

/// Whether a quote is open at the end of a text.
pub fn is_open(text: &str) -> bool {
    !text.trim_start().starts_with([':', '#'])
        && matches!(split(text.as_bytes()), Err(SplitError { kind: SplitErrorKind::Unclosed, .. }))
}

/// What is entered with a text: its lines, except where a quote goes on from one to the next.
pub fn statements(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let ends = rest.match_indices('\n').map(|(at, _)| at).chain([rest.len()]);
        let mut ends = ends.take(OPEN_MAX);
        let first = ends.next().unwrap_or(rest.len());
        let part = |end: usize| rest.get(..end).unwrap_or(rest);
        let end = if is_open(part(first)) {
            // One that never closes is wrong by itself and leaves the other lines alone.
            ends.find(|&end| !is_open(part(end))).unwrap_or(first)
        } else {
            first
        };
        let (statement, after) = rest.split_at(end);
        found.push(statement.trim_end_matches('\r'));
        rest = after.strip_prefix('\n').unwrap_or(after);
    }
    found.retain(|statement| !statement.trim().is_empty());
    found
}

/// The command or subcommand that these words name.
pub fn spec_of(words: &Words) -> Option<&'static CommandSpec> {
    let spec = table::lookup(words.get(0)?)?;
    Some(words.get(1).and_then(|sub| spec.subcommand(sub)).unwrap_or(spec))
}

/// What is typed today instead, if the command is an old one.
pub fn todays_form(words: &Words) -> Option<String> {
    spec_of(words)?.deprecated.map(|old| format!("today: {}", old.replaced_by))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_apart() {
        assert_eq!(Line::parse("   "), Line::Empty);
        assert_eq!(Line::parse("# a note"), Line::Empty);
        assert_eq!(Line::parse(":undo"), Line::Direct(Directive::Undo));
        assert_eq!(Line::parse("3  INCR n"), Line::Repeat(3, "INCR n".to_owned()));
        assert!(matches!(Line::parse("-1 INCR n"), Line::Wrong { .. }));
        assert!(matches!(Line::parse("3"), Line::Command(_)), "a command of that name");
        assert_eq!(Line::parse(":advance 61s"), Line::Direct(Directive::Advance(61_000)));
        assert_eq!(Line::parse("help SET"), Line::Help(vec!["SET".to_owned()]));
        assert_eq!(Line::parse("clear"), Line::Clear);
        assert_eq!(Line::parse(" GET a "), Line::Command(Words::from_slices(["GET", "a"])));
        let Line::Wrong { error, advice } = Line::parse("SET a \"b") else { panic!("it is wrong") };
        assert_eq!(error, "Invalid argument(s)", "as redis-cli says");
        assert!(advice.contains("column 7"), "{advice}");
        assert!(matches!(Line::parse(":advance soon"), Line::Wrong { .. }));
    }

    #[test]
    fn a_quote_may_go_on_from_line_to_line() {
        let text = "SET a 1\r\n\nEVAL \"return 1\n+ 2\" 0\nGET a";
        assert_eq!(statements(text), ["SET a 1", "EVAL \"return 1\n+ 2\" 0", "GET a"]);
        assert_eq!(statements("SET a \"b\nGET a"), ["SET a \"b", "GET a"], "never closed");
        assert!(is_open("SET a '{") && !is_open("SET a 'b'c") && !is_open("# don't"));
    }

    #[test]
    fn old_commands_name_todays_form() {
        let words = |line: &str| split(line.as_bytes()).unwrap();
        assert_eq!(todays_form(&words("setnx a 1")).as_deref(), Some("today: SET key value NX"));
        assert_eq!(todays_form(&words("SET a 1")), None);
    }
}
