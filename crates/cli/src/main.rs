//! `redarium`: the engine behind TCP, and transcripts from the command line.

mod directory;
mod serve;
mod transcript;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A live Redis under glass: the same engine as in the page, from the command line.
#[derive(Debug, Parser)]
#[command(name = "redarium", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves one node over RESP and TCP, for redis-cli and every client library.
    Serve(serve::Options),
    /// Plays console sessions, or writes their outputs.
    #[command(subcommand)]
    Transcript(transcript::Action),
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Serve(options) => finish(serve::serve(&options)),
        Command::Transcript(action) => {
            transcript::run(&action).unwrap_or_else(|message| finish(Err(message)))
        }
    }
}

/// One clear line on the error output and a non-zero exit, if something went wrong.
#[expect(clippy::print_stderr, reason = "a command-line tool says there what went wrong")]
fn finish(result: Result<(), String>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("redarium: {message}");
            ExitCode::FAILURE
        }
    }
}
