//! What redis-cli prints for one session in each of its formats: `recordings/console/`.
//!
//! `session.txt` holds the lines that are typed; `FORMAT.txt` repeats each behind `> ` and has below it, behind `| `,
//! what redis-cli 7.0.15 prints when it talks to `redarium serve`. The stage `server` compares redis-cli with these
//! files (`BLESS=1` writes them), and the stage `page` the console of the page.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// A format of redis-cli.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// The name of its file, without `.txt`.
    pub name: &'static str,
    /// How redis-cli is started.
    pub args: &'static [&'static str],
    /// What the page is told first.
    pub set: &'static str,
}

/// All formats, in both protocols where that makes a difference.
pub const FORMATS: [Format; 8] = [
    Format { name: "no-raw", args: &["--no-raw"], set: ":set no-raw" },
    Format { name: "no-raw-resp3", args: &["--no-raw", "-3"], set: ":set no-raw" },
    Format { name: "raw", args: &["--raw"], set: ":set raw" },
    Format { name: "raw-resp3", args: &["--raw", "-3"], set: ":set raw" },
    Format { name: "csv-resp3", args: &["--csv", "-3"], set: ":set csv" },
    Format { name: "json-resp2", args: &["--json", "-2"], set: ":set json" },
    Format { name: "json", args: &["--json"], set: ":set json" },
    Format { name: "quoted-json", args: &["--quoted-json"], set: ":set quoted-json" },
];

impl Format {
    /// Whether the connection speaks RESP3.
    pub fn is_resp3(&self) -> bool {
        self.args.contains(&"-3") || matches!(self.args, ["--json" | "--quoted-json"])
    }

    /// The file of what redis-cli prints.
    pub fn path(&self) -> PathBuf {
        folder().join(format!("{}.txt", self.name))
    }

    /// The lines and what is printed for each.
    ///
    /// # Panics
    ///
    /// If the file is missing or does not begin with an input.
    pub fn read(&self) -> Vec<(String, String)> {
        let text = fs::read_to_string(self.path()).expect("the recording is there");
        let mut entries: Vec<(String, Vec<&str>)> = Vec::new();
        for line in text.lines() {
            if let Some(input) = line.strip_prefix("> ") {
                entries.push((input.to_owned(), Vec::new()));
            } else if let Some(output) = line.strip_prefix("| ") {
                entries.last_mut().expect("an input comes first").1.push(output);
            }
        }
        entries.into_iter().map(|(input, lines)| (input, lines.join("\n"))).collect()
    }
}

/// The lines that are typed.
///
/// # Panics
///
/// If the file is missing.
pub fn session() -> Vec<String> {
    let text = fs::read_to_string(folder().join("session.txt")).expect("the session is there");
    text.lines().map(str::to_owned).collect()
}

/// The text of a file in which these lines have these outputs.
pub fn write(entries: &[(String, String)]) -> String {
    let mut text = String::new();
    for (input, output) in entries {
        let _ = writeln!(text, "> {input}");
        for line in output.split('\n') {
            let _ = writeln!(text, "| {line}");
        }
    }
    text
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings/console")
}
