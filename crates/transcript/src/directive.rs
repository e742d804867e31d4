//! What is typed after `:` at a prompt: things to do to the world instead of commands.

/// Something to do to the world.
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
    /// Nothing can be written to the node's files any more, or everything can again.
    Disk {
        /// Whether nothing can.
        is_full: bool,
    },
}

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
            "reset" if rest.is_empty() => Ok(Self::Reset),
            "reset" => Err("`:reset` takes nothing behind it".to_owned()),
            "load" if rest.is_empty() => {
                Err("`:load` needs the name of a file next to the transcript".to_owned())
            }
            "load" => Ok(Self::Load(rest.to_owned())),
            "crash" if rest.is_empty() => Ok(Self::Crash),
            "restart" if rest.is_empty() => Ok(Self::Restart),
            "disk" => match rest {
                "full" => Ok(Self::Disk { is_full: true }),
                "ok" => Ok(Self::Disk { is_full: false }),
                _ => Err("`:disk` is either `:disk full` or `:disk ok`".to_owned()),
            },
            "latency" | "crash" | "restart" | "down" | "up" | "partition" | "heal" => {
                Err(format!("`:{name}` is not available on one node yet; take the line out"))
            }
            _ => Err(format!(
                "there is no directive `:{name}`; use `:advance 61s`, `:seed 7`, `:reset`, `:crash`, `:restart`, `:disk full`, `:disk ok` or `:load FILE`"
            )),
        }
    }
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
    fn what_is_not_available_says_so() {
        let error = Directive::parse("crash primary").unwrap_err();
        assert!(error.contains("not available on one node yet"), "{error}");
        let error = Directive::parse("disk").unwrap_err();
        assert!(error.contains("`:disk full`"), "{error}");
        let error = Directive::parse("advnace 5s").unwrap_err();
        assert!(error.contains(":advance 61s"), "names what there is: {error}");
    }
}
