//! Differences between us and a real server that have a reason, and those that no longer exist.

use std::fs;
use std::path::Path;

use crate::compare::{Mismatch, Report};

/// The list: `file<TAB>input<TAB>reason` on each line, `#` before remarks.
///
/// A reason that begins with `By chance` is that of answers that may also be the same.
#[derive(Debug, Default)]
pub struct KnownDifferences {
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    line: usize,
    file: String,
    input: String,
    by_chance: bool,
}

impl KnownDifferences {
    /// Reads the list; a file that is not there is an empty one.
    pub fn read(path: &Path) -> Result<Self, String> {
        if !path.exists() {
            return Ok(Self::default());
        }
        let place = |message: &str| format!("{}: {message}", path.display());
        let text = fs::read_to_string(path).map_err(|error| place(&error.to_string()))?;
        Self::parse(&text).map_err(|message| place(&message))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let mut rows = Vec::new();
        for (index, line) in text.lines().enumerate() {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let mut columns = line.split('\t');
            match (columns.next(), columns.next(), columns.next()) {
                (Some(file), Some(input), Some(reason)) if !reason.trim().is_empty() => {
                    rows.push(Row {
                        line: index + 1,
                        file: file.to_owned(),
                        input: command(input).to_owned(),
                        by_chance: reason.starts_with("By chance"),
                    });
                }
                _ => {
                    return Err(format!(
                        "line {}: write the file, the input and the reason, separated by tabs",
                        index + 1
                    ));
                }
            }
        }
        Ok(Self { rows })
    }

    /// Takes the known differences of a file out of its report, and puts those in that differ no longer.
    pub fn apply(&self, file: &Path, report: &mut Report) {
        let rows: Vec<&Row> = self.rows.iter().filter(|row| file.ends_with(&row.file)).collect();
        let mut seen = vec![false; rows.len()];
        report.mismatches.retain(|mismatch| {
            let known = rows.iter().position(|row| row.input == command(&mismatch.input));
            if let Some(seen) = known.and_then(|known| seen.get_mut(known)) {
                *seen = true;
            }
            known.is_none()
        });
        if report.skipped.is_some() {
            return;
        }
        for (row, _) in rows.iter().zip(&seen).filter(|(row, seen)| !**seen && !row.by_chance) {
            report.mismatches.push(Mismatch {
                line: 0,
                input: row.input.clone(),
                what: format!(
                    "is a known difference (line {}) and differs no longer; take it out",
                    row.line
                ),
                expected: Vec::new(),
                got: Vec::new(),
            });
        }
    }
}

/// An input without its prompt, so that either form may be listed.
fn command(input: &str) -> &str {
    let input = input.trim();
    match input.split_once("> ") {
        Some((prompt, command)) if !prompt.contains(char::is_whitespace) => command.trim(),
        _ => input,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(inputs: &[&str]) -> Report {
        let mismatches = inputs.iter().map(|input| Mismatch {
            line: 3,
            input: (*input).to_owned(),
            what: String::new(),
            expected: vec!["OK".to_owned()],
            got: vec!["(nil)".to_owned()],
        });
        Report { played: 9, mismatches: mismatches.collect(), skipped: None }
    }

    #[test]
    fn known_differences_are_taken_out_and_old_ones_put_in() {
        let known = KnownDifferences::parse(
            "# a remark\nset/sadd.txt\t> SADD a\tnewer text\nset/sadd.txt\tSADD b\tnew option\n\
             set/sadd.txt\t> SMEMBERS a\tBy chance: the order of a hash table\n",
        )
        .unwrap();
        let mut same = report(&["> SADD a", "@ann> SADD b", "> SMEMBERS a"]);
        known.apply(Path::new("tests/transcripts/set/sadd.txt"), &mut same);
        assert_eq!(same.mismatches, [], "all are known");

        let mut other = report(&["> SADD a", "> SADD c"]);
        known.apply(Path::new("set/sadd.txt"), &mut other);
        let left: Vec<&str> =
            other.mismatches.iter().map(|mismatch| mismatch.input.as_str()).collect();
        assert_eq!(left, ["> SADD c", "SADD b"], "one is new, one differs no longer");

        let mut elsewhere = report(&["> SADD a"]);
        known.apply(Path::new("other/sadd.txt"), &mut elsewhere);
        assert_eq!(elsewhere.mismatches.len(), 1, "another file");
    }

    #[test]
    fn a_reason_is_asked_for() {
        assert!(KnownDifferences::parse("a.txt\tGET a\t \n").is_err_and(|e| e.contains("line 1")));
    }
}
