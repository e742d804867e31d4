//! What a typed line asks for: a command, help, or something to do to the world.

use redarium_engine::command::CommandSpec;
use redarium_engine::table;
use redarium_resp::{Words, split};
use redarium_transcript::Directive;

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
    /// One step back.
    Undo,
    /// One step forward again.
    Redo,
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
                let error_text = "(error) Invalid argument(s)".to_owned();
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
        Self::Command(words)
    }

    fn directive(text: &str) -> Self {
        match text {
            "undo" => return Self::Undo,
            "redo" => return Self::Redo,
            _ => {}
        }
        match Directive::parse(text) {
            Ok(directive) => Self::Direct(directive),
            Err(error) => Self::Wrong {
                error: format!("(error) {error}"),
                advice: "`:undo` and `:redo` step back and forward.".to_owned(),
            },
        }
    }
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
        assert_eq!(Line::parse(":undo"), Line::Undo);
        assert_eq!(Line::parse(":advance 61s"), Line::Direct(Directive::Advance(61_000)));
        assert_eq!(Line::parse("help SET"), Line::Help(vec!["SET".to_owned()]));
        assert_eq!(Line::parse("clear"), Line::Clear);
        assert_eq!(Line::parse(" GET a "), Line::Command(Words::from_slices(["GET", "a"])));
        let Line::Wrong { error, advice } = Line::parse("SET a \"b") else { panic!("it is wrong") };
        assert_eq!(error, "(error) Invalid argument(s)", "as redis-cli says");
        assert!(advice.contains("column 7"), "{advice}");
        assert!(matches!(Line::parse(":advance soon"), Line::Wrong { .. }));
    }

    #[test]
    fn old_commands_name_todays_form() {
        let words = |line: &str| split(line.as_bytes()).unwrap();
        assert_eq!(todays_form(&words("setnx a 1")).as_deref(), Some("today: SET key value NX"));
        assert_eq!(todays_form(&words("SET a 1")), None);
    }
}
