//! What SCAN, HSCAN, SSCAN and ZSCAN share: cursor, options and the bound on work.

use redarium_resp::number::parse_u64_loosely;
use redarium_structures::glob;
use redarium_structures::list_pack::{IntText, ListPackValue};

use crate::args::Args;
use crate::command::args::{Arg, integer, pattern};
use crate::error::CmdError;

/// Elements that one call aims at unless COUNT says otherwise.
const DEFAULT_COUNT: u64 = 10;

/// Buckets visited per element aimed at, so that a sparse table does not make a call long.
const BUCKETS_PER_COUNT: u64 = 10;

/// `MATCH pattern`, as every one of these commands has it.
pub(super) const MATCH: Arg = pattern("pattern").after("MATCH").optional();

/// `COUNT count`, as every one of these commands has it.
pub(super) const COUNT: Arg = integer("count").after("COUNT").optional();

/// The words of a scan after its cursor.
#[derive(Debug, Clone, Copy)]
pub(super) struct ScanOptions<'a> {
    pattern: Option<&'a [u8]>,
    /// Elements that one call aims at.
    count: u64,
    /// The type that SCAN is to report.
    pub(super) kind: Option<&'a [u8]>,
    /// Whether HSCAN leaves out the values.
    pub(super) no_values: bool,
}

/// Options that not every scan has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extra {
    /// None.
    None,
    /// `TYPE type`.
    Type,
    /// `NOVALUES`.
    NoValues,
}

/// Reads a cursor: as in C's `strtoull`, spaces, a plus sign and zeros in front are let pass.
pub(super) fn cursor(word: &[u8]) -> Result<u64, CmdError> {
    parse_u64_loosely(word).ok_or(CmdError::Msg("ERR invalid cursor"))
}

impl<'a> ScanOptions<'a> {
    /// Reads the options to the last word.
    pub(super) fn parse(mut args: Args<'a>, extra: Extra) -> Result<Self, CmdError> {
        let mut options =
            Self { pattern: None, count: DEFAULT_COUNT, kind: None, no_values: false };
        while !args.is_empty() {
            if args.take_token("COUNT") {
                let count = args.next_i64()?;
                options.count =
                    u64::try_from(count).ok().filter(|&count| count > 0).ok_or(CmdError::Syntax)?;
            } else if args.take_token("MATCH") {
                options.pattern = Some(args.next_word()?).filter(|&pattern| pattern != b"*");
            } else if extra == Extra::Type && args.take_token("TYPE") {
                options.kind = Some(args.next_word()?);
            } else if extra == Extra::NoValues && args.take_token("NOVALUES") {
                options.no_values = true;
            } else {
                return Err(CmdError::Syntax);
            }
        }
        Ok(options)
    }

    /// Calls `step`, which visits the bucket at a cursor, shows each of its elements and returns the next cursor, until
    /// there were enough, the work is enough or the scan is complete: the cursor to continue with, and what passed MATCH.
    pub(super) fn collect<T>(
        &self,
        mut cursor: u64,
        mut step: impl FnMut(u64, &mut Found<'a, T>) -> u64,
    ) -> (u64, Vec<T>) {
        let mut found =
            Found { pattern: self.pattern, seen: 0, text: IntText::default(), passed: Vec::new() };
        for _ in 0..=self.count.saturating_mul(BUCKETS_PER_COUNT) {
            cursor = step(cursor, &mut found);
            if cursor == 0 || found.seen >= self.count {
                break;
            }
        }
        (cursor, found.passed)
    }
}

/// What a scan has come upon.
#[derive(Debug)]
pub(super) struct Found<'a, T> {
    pattern: Option<&'a [u8]>,
    /// Elements, whether or not they pass MATCH: these are what COUNT counts.
    seen: u64,
    text: IntText,
    passed: Vec<T>,
}

impl<T> Found<'_, T> {
    /// Keeps `element` if its name passes MATCH.
    pub(super) fn see(&mut self, name: ListPackValue<'_>, element: T) {
        self.seen += 1;
        let text = name.text(&mut self.text);
        if self.pattern.is_none_or(|pattern| glob::matches(pattern, text, false)) {
            self.passed.push(element);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_are_read_as_c_does() {
        for (word, expected) in [
            ("0", Some(0)),
            ("007", Some(7)),
            ("00", Some(0)),
            ("+1", Some(1)),
            (" 1", Some(1)),
            ("18446744073709551615", Some(u64::MAX)),
            ("18446744073709551616", None),
            ("-1", None),
            ("", None),
            ("+", None),
            ("1 ", None),
            ("1abc", None),
        ] {
            assert_eq!(cursor(word.as_bytes()).ok(), expected, "{word:?}");
        }
    }
}
