//! Scripts and functions: those that the node knows, the one that runs, and what they have logged.

use redarium_script::LogLevel;

use super::Inspector;
use crate::client::ClientId;

/// A script that EVALSHA finds.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ScriptView {
    /// Its SHA1 digest, by which it is found.
    pub sha: String,
    /// Its text; bytes that are none are replaced.
    pub source: String,
    /// Whether it makes room for others when there are many: SCRIPT LOAD makes it stay.
    pub may_be_evicted: bool,
}

/// A function of a library.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FunctionView {
    /// Its name.
    pub name: String,
    /// What its author says of it; empty for nothing.
    pub description: String,
    /// What it says it does or does not do.
    pub flags: Vec<String>,
}

/// A library of functions.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LibraryView {
    /// Its name.
    pub name: String,
    /// Its code.
    pub code: String,
    /// Its functions.
    pub functions: Vec<FunctionView>,
}

/// A script or function that is half-way.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RunningView {
    /// The digest of the script or the name of the function.
    pub name: String,
    /// Whether it is a function.
    pub is_function: bool,
    /// Who runs it.
    pub client: ClientId,
    /// When it began, in milliseconds since 1970.
    pub started_at: i64,
    /// Whether it has called a command that writes, so that it cannot be killed.
    pub has_written: bool,
    /// Whether others are told that the node is busy.
    pub is_slow: bool,
}

/// A line that a script has logged.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LogLineView {
    /// `debug`, `verbose`, `notice` or `warning`.
    pub level: String,
    /// What it says.
    pub text: String,
}

/// The scripts and functions of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ScriptsView {
    /// How many scripts the node knows.
    pub total: usize,
    /// Up to `limit` of them, by their digests.
    pub scripts: Vec<ScriptView>,
    /// How many libraries there are.
    pub libraries_total: usize,
    /// Up to `limit` of them, by their names.
    pub libraries: Vec<LibraryView>,
    /// The script that is half-way.
    pub running: Option<RunningView>,
    /// Bytes that the machines of scripts and functions hold.
    pub machine_bytes: usize,
    /// The last lines that scripts have logged, oldest first.
    pub lines: Vec<LogLineView>,
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn level_name(level: LogLevel) -> String {
    let name = match level {
        LogLevel::Debug => "debug",
        LogLevel::Verbose => "verbose",
        LogLevel::Notice => "notice",
        LogLevel::Warning => "warning",
    };
    name.to_owned()
}

impl Inspector<'_> {
    /// Up to `limit` scripts and as many libraries. O(limit × their size).
    pub fn scripts(&self, limit: usize) -> ScriptsView {
        let scripts = &self.engine.scripts;
        let (of_scripts, of_functions) = scripts.machine_bytes();
        let known = scripts.cache.iter().take(limit);
        let libraries = scripts.libraries.iter().take(limit).map(|library| LibraryView {
            name: text(&library.name),
            code: text(&library.code),
            functions: library
                .functions
                .iter()
                .map(|function| FunctionView {
                    name: text(&function.name),
                    description: text(function.description.as_deref().unwrap_or_default()),
                    flags: function.flags.names().map(str::to_owned).collect(),
                })
                .collect(),
        });
        ScriptsView {
            total: scripts.cache.len(),
            scripts: known
                .map(|(sha, source, may_be_evicted)| ScriptView {
                    sha: sha.to_owned(),
                    source: text(source),
                    may_be_evicted,
                })
                .collect(),
            libraries_total: scripts.libraries.len(),
            libraries: libraries.collect(),
            running: scripts.running().map(|run| RunningView {
                name: text(run.name()),
                is_function: run.is_function(),
                client: run.client(),
                started_at: run.started_at(),
                has_written: run.has_written,
                is_slow: run.is_slow(),
            }),
            machine_bytes: of_scripts + of_functions,
            lines: scripts
                .lines
                .iter()
                .map(|line| LogLineView { level: level_name(line.level), text: text(&line.text) })
                .collect(),
        }
    }
}
