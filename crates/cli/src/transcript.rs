//! `redarium transcript`: plays console sessions from files and blesses their outputs.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use redarium_transcript::known_differences::KnownDifferences;
use redarium_transcript::server::ServerTarget;
use redarium_transcript::{LabTarget, Target, files};

/// What to do with transcripts.
#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// Plays transcripts and reports where the outputs differ.
    Play {
        /// The transcripts; of a folder, all `.txt` files in it and below.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Play on this server instead, as in `redis://127.0.0.1:6379`. ALL ITS DATA IS DELETED, once per file.
        #[arg(long)]
        server: Option<String>,
        /// Differences from the server that are known: file, input and reason, separated by tabs.
        #[arg(long, default_value = "tests/known_differences.tsv")]
        known: PathBuf,
    },
    /// Plays transcripts and writes the outputs into them. Read the difference before you keep it.
    Bless {
        /// The transcripts; of a folder, all `.txt` files in it and below.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

/// Does it; every file is reported, whatever became of the others.
pub(crate) fn run(action: &Action) -> Result<ExitCode, String> {
    let is_ok = match action {
        Action::Play { files, server: None, .. } => {
            play(&find(files)?, &mut LabTarget::default(), &KnownDifferences::default())?
        }
        Action::Play { files, server: Some(address), known } => {
            let known = KnownDifferences::read(known)?;
            play(&find(files)?, &mut ServerTarget::connect(address)?, &known)?
        }
        Action::Bless { files } => bless(&find(files)?),
    };
    Ok(if is_ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn find(paths: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    let found: Result<Vec<_>, String> = paths.iter().map(|path| files::find(path)).collect();
    Ok(found?.concat())
}

/// Plays all; whether they are as written.
fn play(
    paths: &[PathBuf],
    target: &mut dyn Target,
    known: &KnownDifferences,
) -> Result<bool, String> {
    let (mut inputs, mut bad) = (0, 0);
    for path in paths {
        match files::play(path, target) {
            Ok(mut report) => {
                inputs += report.played;
                known.apply(path, &mut report);
                if !report.is_ok() {
                    bad += 1;
                }
                if !report.is_ok() || report.skipped.is_some() {
                    say(&format!("{}\n{report}", path.display()));
                }
            }
            Err(message) => {
                bad += 1;
                say(&format!("{}: {message}\n", path.display()));
            }
        }
    }
    // Leaves a server without data and as it was configured.
    target.reset(None)?;
    say(&format!("{} files, {inputs} inputs, {bad} files differ\n", paths.len()));
    Ok(bad == 0)
}

fn bless(paths: &[PathBuf]) -> bool {
    let mut is_ok = true;
    for path in paths {
        let became = match files::bless(path, &mut LabTarget::default()) {
            Ok(false) => "unchanged".to_owned(),
            Ok(true) => "blessed; now read what changed".to_owned(),
            Err(message) => {
                is_ok = false;
                message
            }
        };
        say(&format!("{}: {became}\n", path.display()));
    }
    is_ok
}

#[expect(clippy::print_stdout, reason = "the report is what the command is for")]
fn say(text: &str) {
    print!("{text}");
}
