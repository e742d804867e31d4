//! What a transcript is played on.

use redarium_lab::{DISK_FULL, Lab, Options, Replies};
use redarium_resp::words::Words;

/// What became of a step that a target may be unable to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It cannot be done here, for this reason; what follows cannot be compared.
    Skipped(String),
}

/// What the transcript expects of a command: how long it is worth waiting for a real server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Some reply.
    Reply,
    /// That the client waits.
    Waits,
    /// No reply at all.
    Silence,
}

/// How a command is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// With these bytes.
    Sent(Vec<u8>),
    /// Not yet: the client waits.
    Waits,
    /// Not at all, as the client wished (CLIENT REPLY).
    Silence,
}

/// Something that runs commands: a lab, or a real server.
///
/// Errors mean that it broke down, not that a command failed.
pub trait Target {
    /// Begins anew: no data, no clients; with this seed if one is given.
    fn reset(&mut self, seed: Option<u64>) -> Result<(), String>;

    /// Lets a client send a command.
    fn run(&mut self, client: &str, words: &Words, expected: Expected) -> Result<Answer, String>;

    /// Lets time pass.
    fn advance(&mut self, ms: u64) -> Result<Outcome, String>;

    /// Ends the node and starts it again with its files; after a power failure if `is_crash`.
    fn restart(&mut self, is_crash: bool) -> Result<Outcome, String>;

    /// Lets a client stop reading what it is sent, or read again.
    fn set_reading(&mut self, client: &str, on: bool) -> Result<Outcome, String>;

    /// Lets writes to the node's files fail, because the disk `is_full`, or succeed again.
    fn set_disk(&mut self, is_full: bool) -> Result<Outcome, String>;

    /// Takes what clients were sent besides those answers, by name.
    fn received(&mut self) -> Result<Vec<(String, Vec<u8>)>, String>;
}

/// Plays on a fresh lab.
#[derive(Debug)]
pub struct LabTarget {
    options: Options,
    lab: Lab,
}

impl LabTarget {
    /// A fresh lab for each transcript.
    pub fn new(options: Options) -> Self {
        Self { lab: Lab::new(options.clone()), options }
    }

    /// Goes on in this lab.
    pub fn resume(lab: Lab) -> Self {
        Self { options: lab.options().clone(), lab }
    }

    /// The lab, as the transcript left it.
    pub fn into_lab(self) -> Lab {
        self.lab
    }
}

impl Default for LabTarget {
    fn default() -> Self {
        Self::new(Options::default())
    }
}

impl Target for LabTarget {
    fn reset(&mut self, seed: Option<u64>) -> Result<(), String> {
        self.options.seed = seed.unwrap_or(self.options.seed);
        self.lab = Lab::new(self.options.clone());
        Ok(())
    }

    fn run(&mut self, client: &str, words: &Words, _: Expected) -> Result<Answer, String> {
        let was_silent = is_silent(&self.lab, client);
        let bytes = self.lab.run(client, words);
        Ok(if !bytes.is_empty() {
            Answer::Sent(bytes)
        } else if was_silent || is_silent(&self.lab, client) || self.lab.trouble().is_some() {
            Answer::Silence
        } else {
            Answer::Waits
        })
    }

    fn advance(&mut self, ms: u64) -> Result<Outcome, String> {
        self.lab.advance(ms).map_err(|full| full.to_string())?;
        Ok(Outcome::Done)
    }

    fn restart(&mut self, is_crash: bool) -> Result<Outcome, String> {
        let done = if is_crash { self.lab.crash(0) } else { self.lab.restart() };
        done.map_err(|full| full.to_string())?;
        Ok(Outcome::Done)
    }

    fn set_reading(&mut self, client: &str, on: bool) -> Result<Outcome, String> {
        self.lab.set_reading(client, on).map_err(|full| full.to_string())?;
        Ok(Outcome::Done)
    }

    fn set_disk(&mut self, is_full: bool) -> Result<Outcome, String> {
        let trouble = is_full.then_some(DISK_FULL);
        self.lab.set_disk_trouble(trouble).map_err(|full| full.to_string())?;
        Ok(Outcome::Done)
    }

    fn received(&mut self) -> Result<Vec<(String, Vec<u8>)>, String> {
        let names: Vec<String> = self.lab.waiting().map(str::to_owned).collect();
        Ok(names
            .into_iter()
            .map(|name| {
                let bytes = self.lab.take_output(&name);
                (name, bytes)
            })
            .collect())
    }
}

/// Whether a client wants its commands not to be answered.
fn is_silent(lab: &Lab, name: &str) -> bool {
    let id = lab.clients().find_map(|(client, id)| (client == name).then_some(id));
    let client = id.and_then(|id| lab.engine().clients().get(id));
    client.is_some_and(|client| client.replies != Replies::On)
}
