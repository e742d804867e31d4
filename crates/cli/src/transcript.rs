//! `redarium transcript`: plays console sessions from files and blesses their outputs.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use redarium_transcript::server::ServerTarget;
use redarium_transcript::{LabTarget, Target, files};

use crate::known_differences::KnownDifferences;

/// What to do with transcripts.
#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// Plays transcripts and reports where the outputs differ.
    Play {
        /// The transcripts.
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
        /// The transcripts.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

/// Does it; every file is reported, whatever became of the others.
pub(crate) fn run(action: &Action) -> ExitCode {
    let is_ok = match action {
        Action::Play { files, server: None, .. } => play(files, &mut LabTarget::default(), None),
        Action::Play { files, server: Some(address), known } => {
            let known = KnownDifferences::read(known);
            let target = ServerTarget::connect(address);
            match known.and_then(|known| Ok((known, target?))) {
                Ok((known, mut target)) => play(files, &mut target, Some(&known)),
                Err(message) => {
                    say(&format!("redarium: {message}\n"));
                    false
                }
            }
        }
        Action::Bless { files } => bless(files),
    };
    if is_ok { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn play(paths: &[PathBuf], target: &mut dyn Target, known: Option<&KnownDifferences>) -> bool {
    let (mut inputs, mut bad) = (0, 0);
    for file in paths {
        match files::play(file, target) {
            Ok(mut report) => {
                inputs += report.played;
                if let Some(known) = known {
                    known.apply(file, &mut report);
                }
                if !report.is_ok() {
                    bad += 1;
                }
                if !report.is_ok() || report.skipped.is_some() {
                    say(&format!("{}\n{report}", file.display()));
                }
            }
            Err(message) => {
                bad += 1;
                say(&format!("{}: {message}\n", file.display()));
            }
        }
    }
    if let Err(message) = target.reset(None) {
        bad += 1;
        say(&format!("after the last file: {message}\n"));
    }
    say(&format!("{} files, {inputs} inputs, {bad} files differ\n", paths.len()));
    bad == 0
}

fn bless(paths: &[PathBuf]) -> bool {
    let mut is_ok = true;
    for file in paths {
        match files::bless(file, &mut LabTarget::default()) {
            Ok(false) => say(&format!("{}: unchanged\n", file.display())),
            Ok(true) => say(&format!("{}: blessed; now read what changed\n", file.display())),
            Err(message) => {
                is_ok = false;
                say(&format!("{}: {message}\n", file.display()));
            }
        }
    }
    is_ok
}

#[expect(clippy::print_stdout, reason = "the report is what the command is for")]
fn say(text: &str) {
    print!("{text}");
}
