//! What is typed after `:` at a prompt: things to do to the world instead of commands.
//!
//! Transcripts and the page's console read the same ones; some make sense only where somebody sits and types.

use redarium_resp::Style;

/// Something to do to the world, or to how it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Directive {
    /// Moves the clock by so many milliseconds.
    Advance(u64),
    /// Begins anew with this seed.
    Seed(u64),
    /// Begins anew.
    Reset,
    /// Runs the commands of a file, one a line.
    Load(String),
    /// The power fails, and the node starts again with what is left of its files.
    Crash,
    /// Shuts the node down and starts it again.
    Restart,
    /// The client stops reading what it is sent, or reads again.
    Reading(bool),
    /// Nothing can be written to the node's files any more, or everything can again.
    Disk {
        /// Whether nothing can.
        is_full: bool,
    },
    /// One step back; for a console only.
    Undo,
    /// One step forward again; for a console only.
    Redo,
    /// Shows replies in another of redis-cli's formats; for a console only.
    Set(Style),
    /// Explains the directives; for a console only.
    Help,
}

/// The formats of `:set`, named as redis-cli's options are.
const STYLES: [(&str, Style); 5] = [
    ("no-raw", Style::Terminal),
    ("raw", Style::Raw),
    ("csv", Style::Csv),
    ("json", Style::Json),
    ("quoted-json", Style::QuotedJson),
];

/// Every directive as it may be typed, and what it does.
pub const DIRECTIVES: [(&str, &str); 15] = [
    (":advance 61s", "moves the clock; also 250ms, 5m, 2h, 7d"),
    (":undo", "takes the last step back"),
    (":redo", "does it again"),
    (":reset", "begins anew"),
    (":seed 7", "begins anew with this seed of chance"),
    (":load words", "runs a file of commands; in the page, a word list"),
    (":crash", "the power fails: what is not durable in the node's files is lost"),
    (":restart", "shuts the node down and starts it again with its files"),
    (":disk full", "nothing can be written to the node's files any more"),
    (":disk ok", "it can again"),
    (":stop-reading", "this client leaves what it is sent where it is"),
    (":read-again", "it takes all of it"),
    (":set json", "shows replies as redis-cli --raw, --csv, --json, --quoted-json or --no-raw"),
    (":latency", "not available on one node"),
    (":help", "shows this list"),
];

/// Milliseconds per unit of a duration.
const UNITS: [(&str, u64); 6] = [
    ("ms", 1),
    ("s", 1000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
    ("w", 604_800_000),
];

impl Directive {
    /// Whether it makes sense only where somebody sits and types.
    pub fn is_for_console(&self) -> bool {
        matches!(self, Self::Undo | Self::Redo | Self::Set(_) | Self::Help)
    }

    /// Reads the text behind the colon, or says what is wrong with it and how to mend that.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let rest = rest.trim();
        match name {
            "advance" => duration(rest).map(Self::Advance),
            "seed" => rest
                .parse()
                .map(Self::Seed)
                .or(Err("`:seed` needs a number, as in `:seed 7`".to_owned())),
            "set" => style(rest).map(Self::Set),
            "load" if rest.is_empty() => {
                Err("`:load` needs the name of a file, as in `:load words`".to_owned())
            }
            "load" => Ok(Self::Load(rest.to_owned())),
            "stop-reading" if rest.is_empty() => Ok(Self::Reading(false)),
            "read-again" if rest.is_empty() => Ok(Self::Reading(true)),
            "disk" => match rest {
                "full" => Ok(Self::Disk { is_full: true }),
                "ok" => Ok(Self::Disk { is_full: false }),
                _ => Err("`:disk` is either `:disk full` or `:disk ok`".to_owned()),
            },
            "latency" | "down" | "up" | "partition" | "heal" => {
                Err(format!("`:{name}` is not available on one node yet; take the line out"))
            }
            _ => Self::alone(name, rest),
        }
    }

    /// Reads one of those that take nothing behind them.
    fn alone(name: &str, rest: &str) -> Result<Self, String> {
        let directive = match name {
            "reset" => Self::Reset,
            "crash" => Self::Crash,
            "restart" => Self::Restart,
            "undo" => Self::Undo,
            "redo" => Self::Redo,
            "help" => Self::Help,
            _ => {
                let known: Vec<String> =
                    DIRECTIVES.iter().map(|(typed, _)| format!("`{typed}`")).collect();
                return Err(format!("there is no directive `:{name}`; use {}", known.join(", ")));
            }
        };
        match (rest, name) {
            ("", _) => Ok(directive),
            (_, "crash" | "restart") => Err(format!(
                "`:{name} {rest}` is not available on one node yet; write `:{name}` alone"
            )),
            _ => Err(format!("`:{name}` takes nothing behind it, so not `{rest}`")),
        }
    }
}

fn style(text: &str) -> Result<Style, String> {
    let name = text.trim_start_matches("--");
    STYLES.iter().find(|(it, _)| *it == name).map(|(_, style)| *style).ok_or_else(|| {
        let names = STYLES.map(|(name, _)| format!("`:set {name}`"));
        format!("`{text}` is no format of replies; there are {}", names.join(", "))
    })
}

/// Reads `61s`, `7d`, `1h30m` or `250ms` as milliseconds.
fn duration(text: &str) -> Result<u64, String> {
    let wrong = || format!("`{text}` is no duration; write `250ms`, `61s`, `5m`, `2h` or `7d`");
    let mut rest = text;
    let mut total_ms = 0_u64;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
        let (number, unit) = rest.split_at(digits);
        let letters = unit.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(unit.len());
        let (unit, after) = unit.split_at(letters);
        let scale = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(wrong)?.1;
        let number: u64 = number.parse().ok().ok_or_else(wrong)?;
        total_ms =
            number.checked_mul(scale).and_then(|ms| total_ms.checked_add(ms)).ok_or_else(wrong)?;
        rest = after;
    }
    if text.is_empty() { Err(wrong()) } else { Ok(total_ms) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        for (text, ms) in
            [("250ms", 250), ("61s", 61_000), ("7d", 604_800_000), ("1h30m", 5_400_000), ("0s", 0)]
        {
            assert_eq!(duration(text), Ok(ms), "{text}");
        }
        for text in ["", "5", "s", "5 s", "-5s", "5y", "99999999999999999w", "1.5s"] {
            assert!(duration(text).is_err_and(|error| error.contains("7d")), "{text}");
        }
    }

    #[test]
    fn every_directive_of_the_list_is_read() {
        for (typed, _) in DIRECTIVES.iter().filter(|(typed, _)| *typed != ":latency") {
            let text = typed.strip_prefix(':').unwrap();
            assert!(Directive::parse(text).is_ok(), "{typed}");
        }
        assert_eq!(Directive::parse("set --quoted-json"), Ok(Directive::Set(Style::QuotedJson)));
        assert!(Directive::Undo.is_for_console() && !Directive::Crash.is_for_console());
    }

    #[test]
    fn what_is_not_available_says_so() {
        let error = Directive::parse("crash primary").unwrap_err();
        assert!(error.contains("not available on one node yet"), "{error}");
        let error = Directive::parse("disk").unwrap_err();
        assert!(error.contains("`:disk full`"), "{error}");
        let error = Directive::parse("advnace 5s").unwrap_err();
        assert!(error.contains(":advance 61s"), "names what there is: {error}");
        let error = Directive::parse("undo 3").unwrap_err();
        assert!(error.contains("`3`"), "says where: {error}");
        let error = Directive::parse("set xml").unwrap_err();
        assert!(error.contains("`xml`") && error.contains("`:set json`"), "{error}");
    }
}
