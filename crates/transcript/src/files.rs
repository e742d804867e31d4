//! Transcripts in files; `:load` finds its file next to the transcript.

use std::fs;
use std::path::{Path, PathBuf};

use crate::compare::Report;
use crate::parse::{Transcript, parse};
use crate::target::Target;

/// Plays the transcript in `file`; an error says why it cannot be read.
pub fn play(file: &Path, target: &mut dyn Target) -> Result<Report, String> {
    let transcript = read(file)?;
    Ok(crate::play(&transcript, target, &mut |name| load(file, name)))
}

/// Plays the transcript in `file` and writes the outputs into it; whether that changed it.
pub fn bless(file: &Path, target: &mut dyn Target) -> Result<bool, String> {
    let transcript = read(file)?;
    let blessed = crate::bless(&transcript, target, &mut |name| load(file, name))
        .map_err(|(line, message)| format!("line {line}: {message}"))?;
    let is_changed = blessed != transcript;
    if is_changed {
        fs::write(file, blessed.to_string()).map_err(|error| error.to_string())?;
    }
    Ok(is_changed)
}

/// The transcripts at `path`: itself, or all files that end in `.txt` in that folder and below, sorted.
///
/// What `:load` reads is called otherwise.
pub fn find(path: &Path) -> Result<Vec<PathBuf>, String> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let place = |error: std::io::Error| format!("{}: {error}", path.display());
    let mut entries = Vec::new();
    for entry in fs::read_dir(path).map_err(place)? {
        entries.push(entry.map_err(place)?.path());
    }
    entries.sort();
    let mut found = Vec::new();
    for entry in entries {
        if entry.is_dir() || entry.extension().is_some_and(|extension| extension == "txt") {
            found.extend(find(&entry)?);
        }
    }
    Ok(found)
}

fn read(file: &Path) -> Result<Transcript, String> {
    let text = fs::read_to_string(file).map_err(|error| error.to_string())?;
    parse(&text).map_err(|error| error.to_string())
}

fn load(transcript: &Path, name: &str) -> Result<String, String> {
    let path = transcript.parent().unwrap_or(Path::new("")).join(name);
    fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
}
