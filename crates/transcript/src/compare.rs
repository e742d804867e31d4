//! Expected lines against those that came, placeholders included, and the report of what differs.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::{self, Write as _};

use crate::parse::{Command, Input, Output, Transcript, indent};
use crate::play::{Played, Playthrough};

/// What came of playing a transcript.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Inputs that were played and compared.
    pub played: usize,
    /// What differs, in order.
    pub mismatches: Vec<Mismatch>,
    /// From which line on nothing could be played, and why.
    pub skipped: Option<(usize, String)>,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The line of the input or push, counted from 1.
    pub line: usize,
    /// The input that it belongs to, as it was written.
    pub input: String,
    /// What differs, in words; empty for the output of the input itself.
    pub what: String,
    /// The lines that were expected.
    pub expected: Vec<String>,
    /// The lines that came.
    pub got: Vec<String>,
}

impl Report {
    /// Whether everything was as expected; a part that was skipped counts as such.
    pub fn is_ok(&self) -> bool {
        self.mismatches.is_empty()
    }

    /// The target broke down at this line.
    pub(crate) fn broken(line: usize, what: String) -> Self {
        let mismatch =
            Mismatch { line, input: String::new(), what, expected: Vec::new(), got: Vec::new() };
        Self { mismatches: vec![mismatch], ..Self::default() }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for mismatch in &self.mismatches {
            write!(f, "{mismatch}")?;
        }
        if let Some((line, reason)) = &self.skipped {
            writeln!(f, "line {line}: skipped from here on: {reason}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.input)?;
        if !self.what.is_empty() {
            write!(f, "{}{}", if self.input.is_empty() { "" } else { "   " }, self.what)?;
        }
        let mut lines = String::from("\n");
        indent(&mut lines, "  - ", &self.expected);
        indent(&mut lines, "  + ", &self.got);
        f.write_str(&lines)
    }
}

/// Compares a transcript with what came of it.
pub(crate) fn compare(transcript: &Transcript, through: &Playthrough) -> Report {
    let pairs = transcript.inputs().zip(&through.played);
    let mut mismatches: Vec<Mismatch> =
        pairs.filter_map(|(input, played)| compare_output(input, played)).collect();
    mismatches.extend(compare_pushes(transcript, through));
    mismatches.sort_by_key(|mismatch| mismatch.line);
    Report { played: through.played.len(), mismatches, skipped: through.skipped.clone() }
}

/// Compares what clients receive later: each in its order, at the input that causes it or further down.
pub(crate) fn compare_pushes(transcript: &Transcript, through: &Playthrough) -> Vec<Mismatch> {
    let mut mismatches = Vec::new();
    let mut waiting = Received::default();
    for (input, played) in transcript.inputs().zip(&through.played) {
        waiting.add(input, played);
        for push in &input.pushes {
            let got = waiting.take(&push.client);
            if !got.as_ref().is_some_and(|got| matches(&push.output, got)) {
                mismatches.push(Mismatch {
                    line: push.line,
                    input: input.text.clone(),
                    what: format!("@{} receives", push.client),
                    expected: push.output.lines.clone(),
                    got: got.unwrap_or_else(|| vec!["(nothing)".to_owned()]),
                });
            }
        }
    }
    if through.skipped.is_none() {
        mismatches.extend(waiting.rest());
    }
    mismatches
}

fn compare_output(input: &Input, played: &Played) -> Option<Mismatch> {
    if matches(&input.output, &played.output) {
        return None;
    }
    let mut what = String::new();
    if input.output.lines.is_empty() && matches!(input.command, Command::Run(_)) {
        let _ = write!(what, "(no output is written below it)");
    }
    Some(Mismatch {
        line: input.line,
        input: input.text.clone(),
        what,
        expected: input.output.lines.clone(),
        got: played.output.clone(),
    })
}

/// What clients have received and no line of the transcript has shown yet.
#[derive(Default)]
struct Received<'a> {
    by_client: BTreeMap<&'a str, VecDeque<(&'a Input, &'a [String])>>,
}

impl<'a> Received<'a> {
    fn add(&mut self, input: &'a Input, played: &'a Played) {
        for (client, lines) in &played.received {
            self.by_client.entry(client).or_default().push_back((input, lines));
        }
    }

    fn take(&mut self, client: &str) -> Option<Vec<String>> {
        let (_, lines) = self.by_client.get_mut(client)?.pop_front()?;
        Some(lines.to_vec())
    }

    fn rest(self) -> impl Iterator<Item = Mismatch> {
        self.by_client.into_iter().flat_map(|(client, rest)| {
            rest.into_iter().map(move |(input, lines)| Mismatch {
                line: input.line,
                input: input.text.clone(),
                what: format!("@{client} receives what no line shows"),
                expected: Vec::new(),
                got: lines.to_vec(),
            })
        })
    }
}

/// Whether lines are as expected: `...` stands for any lines, `[..]` for any characters within one.
/// O(expected lines * lines).
pub(crate) fn matches(expected: &Output, got: &[String]) -> bool {
    // Whether the patterns so far match the first `n` lines, for each n.
    let mut reached = vec![false; got.len() + 1];
    if let Some(start) = reached.first_mut() {
        *start = true;
    }
    for pattern in &expected.lines {
        let mut next = vec![false; got.len() + 1];
        if pattern == "..." {
            let mut any = false;
            for (to, from) in next.iter_mut().zip(&reached) {
                any |= from;
                *to = any;
            }
        } else {
            let parts: Vec<&str> = pattern.split("[..]").collect();
            for ((to, from), line) in next.iter_mut().skip(1).zip(&reached).zip(got) {
                *to = *from && is_line_like(&parts, line);
            }
        }
        reached = next;
    }
    reached.last() == Some(&true)
}

/// Whether a line consists of these parts with anything between them; the first match of each part will do.
fn is_line_like(parts: &[&str], line: &str) -> bool {
    let [first, middle @ .., last] = parts else {
        return parts.first().is_some_and(|only| *only == line);
    };
    let Some(mut rest) = line.strip_prefix(first) else { return false };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn placeholders_match_any_lines_and_any_characters() {
        for (pattern, text, is_match) in [
            ("a", "a", true),
            ("a", "b", false),
            ("a", "a\nb", false),
            ("", "", true),
            ("", "a", false),
            ("...", "", true),
            ("...", "a\nb", true),
            ("a\n...\nd", "a\nb\nc\nd", true),
            ("a\n...\nd", "a\nd", true),
            ("a\n...\nd", "a\nb", false),
            ("...\nb\n...\nb", "a\nb\nc\nb", true),
            ("id=[..] addr=[..]", "id=3 addr=127.0.0.1:5", true),
            ("id=[..] addr=[..]", "id=3 adr=127.0.0.1:5", false),
            ("[..]", "", false),
            ("[..]", "anything", true),
            ("a[..]a", "a", false),
            ("a[..]a", "aa", true),
        ] {
            let expected = Output { lines: lines(pattern) };
            assert_eq!(matches(&expected, &lines(text)), is_match, "{pattern:?} and {text:?}");
        }
    }
}
