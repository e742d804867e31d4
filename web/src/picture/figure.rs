//! A drawing as plain words: parts, rows and marks, which flow as wide as there is room; and what is lit in it.
//!
//! Pictures are pure functions from memory to this, so that they can be tested without a browser.

use redarium_structures::ordered::OrderedSet;

/// Marks of one figure at most; above that the rest is counted.
pub const MARKS_MAX: usize = 200;

/// What is drawn.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Figure {
    /// What it shows, for those who do not see it.
    pub label: String,
    /// Its parts, each under a title.
    pub parts: Vec<Part>,
    /// The same as a table.
    pub grid: Grid,
}

/// A part of a figure.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Part {
    /// Says what it is, with its numbers.
    pub title: String,
    /// How its rows lie, a class of the style sheet: `strip`, `buckets` or `chain`.
    pub class: &'static str,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// Marks side by side.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Row {
    /// Stands in front of it, such as the number of a bucket.
    pub name: String,
    /// Names the row itself in what is lit; 0 if nothing does.
    pub id: u64,
    /// Its marks.
    pub marks: Vec<Mark>,
    /// What is left out behind them.
    pub more: String,
}

/// One thing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Mark {
    /// Names it in what is lit, and tells it apart from one state to the next.
    pub id: u64,
    /// What it is, a class of the style sheet.
    pub class: &'static str,
    /// The word on it.
    pub text: String,
    /// A note under it.
    pub note: String,
    /// All that there is to say about it.
    pub about: String,
    /// The command that it writes when it is chosen; none if there is nothing to ask.
    pub line: Option<String>,
}

/// What a state of a search shows besides the memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lit {
    /// Where it stands.
    pub cursor: Option<u64>,
    /// What was looked at.
    pub visited: OrderedSet<u64>,
    /// What was written.
    pub changed: OrderedSet<u64>,
}

impl Lit {
    /// Goes to a mark.
    pub fn visit(&mut self, id: u64) {
        self.cursor = Some(id);
        self.visited.insert(id);
    }

    /// Writes a mark.
    pub fn change(&mut self, id: u64) {
        self.cursor = Some(id);
        self.changed.insert(id);
    }
}

/// A table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Grid {
    /// Heads of the columns.
    pub columns: Vec<&'static str>,
    /// Cells line by line.
    pub rows: Vec<Vec<String>>,
}

impl Figure {
    /// All marks in order.
    pub fn marks(&self) -> impl Iterator<Item = &Mark> {
        self.parts.iter().flat_map(|part| &part.rows).flat_map(|row| &row.marks)
    }

    /// The figure as text, for tests: a line for each row.
    #[cfg(test)]
    pub fn written(&self) -> String {
        use std::fmt::Write as _;
        let mut text = String::new();
        for part in &self.parts {
            let _ = writeln!(text, "{}", part.title);
            for row in &part.rows {
                let marks: Vec<&str> = row.marks.iter().map(|mark| mark.text.as_str()).collect();
                let _ = writeln!(
                    text,
                    "  {}",
                    [&row.name, &marks.join("|"), &row.more].map(String::as_str).join(" ").trim()
                );
            }
        }
        text
    }
}
