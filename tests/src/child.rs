//! A program started by a test: waited for by what it prints, stopped when dropped.

use std::io::{BufRead as _, BufReader};
#[cfg(feature = "server")]
use std::process::ExitStatus;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// Generous: a loaded machine starts a browser driver in seconds.
const START_TIMEOUT: Duration = Duration::from_mins(1);

/// A running program.
#[derive(Debug)]
pub(crate) struct Running(Child);

#[cfg(feature = "server")]
impl Running {
    /// Its number.
    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Waits for the program to end by itself, for as long as a loaded machine may need.
    pub(crate) fn wait(&mut self) -> Result<ExitStatus, String> {
        let deadline = Instant::now() + START_TIMEOUT;
        loop {
            match self.0.try_wait() {
                Ok(Some(status)) => return Ok(status),
                Ok(None) if Instant::now() < deadline => thread::sleep(Duration::from_millis(10)),
                Ok(None) => return Err("it does not end".to_owned()),
                Err(error) => return Err(error.to_string()),
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may be gone already, which is as good.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Starts a program and waits for the line of its output that contains `mark`. Gives that line too.
pub(crate) fn start(command: &mut Command, mark: &str) -> Result<(Running, String), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let mut running = Running(child.map_err(|error| format!("cannot start {name}: {error}"))?);
    let stdout = running.0.stdout.take().expect("it was asked for above");

    // The thread reads to the end, or the program would stop at a full pipe.
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            // Nobody listens once the mark was seen.
            sender.send(line).ok();
        }
    });
    let deadline = Instant::now() + START_TIMEOUT;
    let mut seen = String::new();
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        match lines.recv_timeout(left) {
            Ok(line) if line.contains(mark) => return Ok((running, line)),
            Ok(line) => {
                seen.push_str(&line);
                seen.push('\n');
            }
            Err(RecvTimeoutError::Timeout) => {
                return Err(format!("{name} never said `{mark}`:\n{seen}"));
            }
            Err(RecvTimeoutError::Disconnected) => {
                return Err(format!("{name} ended before it said `{mark}`:\n{seen}"));
            }
        }
    }
}
