//! How one parameter is read from text and shown as text.
//!
//! Error texts are Redis's.
//! This module knows nothing of which parameters there are.

use redarium_resp::number::{parse_f64, parse_i64};

use crate::events::EventClasses;
use crate::output_limit::OutputLimits;

/// Bytes with a unit (`100mb`), a number, a switch or a word: how a parameter is read and written as text.
pub(super) trait Setting: Sized {
    /// Reads `text` or says what is wrong with it, in Redis's words.
    fn parse(text: &str, limits: &Limits) -> Result<Self, String>;
    /// The same, where what `text` does not name stays as it is.
    fn changed_to(&self, text: &str, limits: &Limits) -> Result<Self, String> {
        Self::parse(text, limits)
    }
    /// The text that CONFIG GET answers.
    fn show(&self) -> String;
}

/// What a parameter may be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Limits {
    /// Anything its type allows.
    Any,
    /// A number from the first to the second.
    Range(i64, i64),
    /// A number of bytes from the first to the second, with an optional unit.
    Memory(i64, i64),
    /// `yes` or `no`, of a parameter whose type does not say so.
    Switch,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// What this function accepts; it returns the text in its usual form.
    Checked(fn(&str) -> Result<String, String>),
}

fn parse_number(text: &str, limits: &Limits) -> Result<i64, String> {
    let (min, max) = match *limits {
        Limits::Range(min, max) | Limits::Memory(min, max) => (min, max),
        Limits::Any | Limits::Switch | Limits::OneOf(_) | Limits::Checked(_) => {
            (i64::MIN, i64::MAX)
        }
    };
    let number = match limits {
        Limits::Memory(..) => parse_memory(text).ok_or("argument must be a memory value")?,
        _ => parse_i64(text.as_bytes()).ok_or("argument couldn't be parsed into an integer")?,
    };
    if number < min || number > max {
        return Err(format!("argument must be between {min} and {max} inclusive"));
    }
    Ok(number)
}

/// A number of bytes, or a part of `maxmemory`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemoryShare {
    /// So many bytes.
    Bytes(usize),
    /// So many parts of a hundred, from 1 to 100.
    Percent(u8),
}

impl MemoryShare {
    /// The bytes that these are where `maxmemory` is so many; 0 of no limit.
    pub fn bytes(self, maxmemory: usize) -> usize {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Percent(percent) => (maxmemory as u128 * u128::from(percent) / 100) as usize,
        }
    }
}

impl Setting for MemoryShare {
    fn parse(text: &str, _: &Limits) -> Result<Self, String> {
        let wrong = || "argument must be a memory or percent value".to_owned();
        let Some(percent) = text.strip_suffix('%') else {
            let bytes = parse_memory(text).ok_or_else(wrong)?;
            return Ok(Self::Bytes(usize::try_from(bytes).unwrap_or(usize::MAX)));
        };
        match parse_i64(percent.as_bytes()) {
            Some(0) => Ok(Self::Bytes(0)),
            Some(percent @ 1..=100) => Ok(Self::Percent(percent as u8)),
            Some(101..) => Err("percentage argument must be less or equal to 100".to_owned()),
            _ => Err(wrong()),
        }
    }

    fn show(&self) -> String {
        match self {
            Self::Bytes(bytes) => bytes.to_string(),
            Self::Percent(percent) => format!("{percent}%"),
        }
    }
}

/// A number of bytes with an optional unit: `b`, `k` (1000), `kb` (1024) and so on up to `gb`, in any case.
pub(crate) fn parse_memory(text: &str) -> Option<i64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let factor: i64 = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" => 1000,
        "kb" => 1024,
        "m" => 1_000_000,
        "mb" => 1024 * 1024,
        "g" => 1_000_000_000,
        "gb" => 1024 * 1024 * 1024,
        _ => return None,
    };
    number.parse::<i64>().ok()?.checked_mul(factor)
}

impl Setting for i64 {
    fn parse(text: &str, limits: &Limits) -> Result<Self, String> {
        parse_number(text, limits)
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Setting for usize {
    fn parse(text: &str, limits: &Limits) -> Result<Self, String> {
        parse_number(text, limits).map(|number| Self::try_from(number).unwrap_or(Self::MAX))
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Setting for bool {
    fn parse(text: &str, _: &Limits) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_str() {
            "yes" => Ok(true),
            "no" => Ok(false),
            _ => Err("argument must be 'yes' or 'no'".to_owned()),
        }
    }

    fn show(&self) -> String {
        if *self { "yes" } else { "no" }.to_owned()
    }
}

impl Setting for String {
    fn parse(text: &str, limits: &Limits) -> Result<Self, String> {
        let words = match limits {
            Limits::OneOf(words) => words,
            Limits::Checked(check) => return check(text),
            _ => return Ok(text.to_owned()),
        };
        match words.iter().find(|word| word.eq_ignore_ascii_case(text)) {
            Some(word) => Ok((*word).to_owned()),
            None => Err(format!("argument(s) must be one of the following: {}", words.join(", "))),
        }
    }

    fn show(&self) -> String {
        self.clone()
    }
}

/// Pairs of seconds and changes: `3600 1 300 100`.
pub(super) fn save_points(text: &str) -> Result<String, String> {
    let words: Vec<_> = text.split(' ').filter(|_| !text.is_empty()).collect();
    let is_valid = |(place, word): (usize, &&str)| {
        let least = i64::from(place % 2 == 0);
        parse_i64(word.as_bytes()).is_some_and(|number| number >= least)
    };
    if words.len() % 2 == 0 && words.iter().enumerate().all(is_valid) {
        Ok(words.join(" "))
    } else {
        Err("Invalid save parameters".to_owned())
    }
}

/// Numbers from 0 to 100, or nothing.
pub(super) fn percentiles(text: &str) -> Result<String, String> {
    for word in text.split(' ').filter(|_| !text.is_empty()) {
        let number = parse_f64(word.as_bytes())
            .ok_or("Invalid latency-tracking-info-percentiles parameters")?;
        if !(0.0..=100.0).contains(&number) {
            return Err(
                "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]"
                    .to_owned(),
            );
        }
    }
    Ok(text.to_owned())
}

impl Setting for EventClasses {
    fn parse(text: &str, _: &Limits) -> Result<Self, String> {
        EventClasses::parse(text)
            .ok_or_else(|| "Invalid event class character. Use 'Ag$lshzxeKEtmdnoc'.".to_owned())
    }

    fn show(&self) -> String {
        self.letters()
    }
}

impl Setting for OutputLimits {
    fn parse(text: &str, _: &Limits) -> Result<Self, String> {
        Self::default().changed_by(text)
    }

    fn changed_to(&self, text: &str, _: &Limits) -> Result<Self, String> {
        self.changed_by(text)
    }

    fn show(&self) -> String {
        self.text()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn memory_has_units() {
        for (text, bytes) in [
            ("0", Some(0)),
            ("10B", Some(10)),
            ("1k", Some(1000)),
            ("1kb", Some(1024)),
            ("2MB", Some(2 << 20)),
            ("1g", Some(1_000_000_000)),
            ("", None),
            ("mb", None),
            ("-1", None),
            ("1.5gb", None),
            ("9999999999gb", None),
        ] {
            assert_eq!(parse_memory(text), bytes, "{text:?}");
        }
    }

    #[test]
    fn a_share_of_memory_is_bytes_or_a_percentage() {
        for (text, shown, bytes) in
            [("5%", "5%", 50), ("100%", "100%", 1000), ("0%", "0", 0), ("1kb", "1024", 1024)]
        {
            let share = MemoryShare::parse(text, &Limits::Any).unwrap();
            assert_eq!((share.show().as_str(), share.bytes(1000)), (shown, bytes), "{text}");
        }
        for text in ["101%", "-5%", "5.5%", "%", "x", "-1", "5%x", " 5%", "05%"] {
            assert!(MemoryShare::parse(text, &Limits::Any).is_err(), "{text:?}");
        }
    }

    #[test]
    fn save_points_come_in_pairs() {
        assert_eq!(save_points("").as_deref(), Ok(""), "never");
        assert_eq!(save_points("60 0 900 1").as_deref(), Ok("60 0 900 1"), "two");
        for text in ["60", "0 1", "60 -1", "60 one", "60  1"] {
            assert!(save_points(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn percentiles_are_parts_of_a_hundred() {
        for text in ["", "50", "50 99.5 100"] {
            assert_eq!(percentiles(text).as_deref(), Ok(text), "as given");
        }
        for text in ["101", "-1", "50 ", "half"] {
            assert!(percentiles(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn every_default_is_accepted_and_shown_again() {
        let mut config = Config::default();
        for param in Config::params() {
            let text = param.get(&config);
            assert_eq!(param.set(&mut config, &text), Ok(()), "{} {text:?}", param.name);
            assert_eq!(param.get(&config), text, "{}", param.name);
        }
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> =
            Config::params().flat_map(|param| [Some(param.name), param.alias]).flatten().collect();
        let total = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), total, "two parameters have one name");
    }
}
