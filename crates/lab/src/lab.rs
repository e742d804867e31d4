//! The lab itself: actions in, replies out, and back again.

use std::fmt;
use std::rc::Rc;

use redarium_engine::Engine;
use redarium_engine::config::Config;
use redarium_engine::database::Database;
use redarium_engine::effects::Change;
use redarium_engine::inspect::{FileView, file_view};
use redarium_engine::trace::TraceBuffer;
use redarium_resp::Words;
use redarium_structures::ordered::OrderedMap;

use crate::action::Action;
use crate::clock::{Clock, Ticker};
use crate::files::VirtualFiles;
use crate::history::Checkpoints;
use crate::world::World;

/// Where the clock stands unless told otherwise: Monday, 5 January 2026, 09:00 UTC.
pub const START: i64 = 1_767_603_600_000;

/// Actions that a log holds: hours of typing, and a replay within a second.
pub const ACTIONS_MAX: usize = 200_000;

/// Bytes that a log holds: what a page can keep beside the data itself.
pub const BYTES_MAX: usize = 64 * 1024 * 1024;

/// Bytes that wait for a host to take them, for each client; later ones are lost (Redis cuts the client off at 32 MB).
pub const OUTBOX_MAX: usize = 32 * 1024 * 1024;

/// What a system says when a disk has no room left; for [`Lab::set_disk_trouble`].
pub const DISK_FULL: &str = "No space left on device";

/// How a world begins.
#[derive(Debug, Clone)]
pub struct Options {
    /// Seed of everything that is left to chance.
    pub seed: u64,
    /// The clock at the start, in milliseconds since 1970.
    pub start: i64,
    /// The parameters.
    pub config: Config,
    /// Whether what is done is written down; without it there is no undo, and no limit to what can be done.
    pub history: bool,
    /// Whether a script that takes long goes on a slice with each look at the host's time, while others are served or
    /// told that the node is busy; else it runs to its end at once.
    pub slices: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { seed: 7, start: START, config: Config::default(), history: true, slices: false }
    }
}

/// The log has reached [`ACTIONS_MAX`] or [`BYTES_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogFull;

impl fmt::Display for LogFull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "this session is full: it holds up to {ACTIONS_MAX} actions and {} MB; start a new one",
            BYTES_MAX / 1024 / 1024
        )
    }
}

impl std::error::Error for LogFull {}

/// A world with its history.
///
/// `clone` is what [`fork`](Self::fork) does.
#[derive(Debug, Clone)]
pub struct Lab {
    options: Options,
    world: World,
    log: Rc<Vec<Action>>,
    log_bytes: usize,
    position: usize,
    checkpoints: Checkpoints,
    outboxes: OrderedMap<Rc<str>, Vec<u8>>,
    ticker: Ticker,
    steps_limit: usize,
    observed: bool,
}

impl Lab {
    /// A new world. Its clock is paused.
    pub fn new(options: Options) -> Self {
        let Options { seed, start, config, history: _, slices } = options.clone();
        let world = World::new(start, seed, config, slices);
        Self {
            options,
            checkpoints: Checkpoints::new(world.clone()),
            world,
            log: Rc::default(),
            log_bytes: 0,
            position: 0,
            outboxes: OrderedMap::new(),
            ticker: Ticker::default(),
            steps_limit: 0,
            observed: false,
        }
    }

    /// The world that `actions` lead to; the same ones always lead to the same world.
    pub fn from_log(
        options: Options,
        actions: impl IntoIterator<Item = Action>,
    ) -> Result<Self, LogFull> {
        let mut lab = Self::new(options);
        for action in actions {
            lab.append(&action)?;
        }
        lab.outboxes.clear();
        Ok(lab)
    }

    /// How the world began.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Lets a client send a command, and answers what it is sent back: nothing if it now waits.
    ///
    /// The client is connected when its name first appears. What others are sent waits for
    /// [`take_output`](Self::take_output), and so does what this client was sent before.
    /// A full log is answered as an error reply and nothing is run.
    pub fn run(&mut self, client: &str, words: &Words) -> Vec<u8> {
        let client = self.name(client);
        let action = Action::Run { client: Rc::clone(&client), words: Rc::new(words.clone()) };
        let reply = self.reply_to(&client, &action);
        if let Clock::Stepped { ms } = self.ticker.mode {
            self.elapse(ms);
        }
        reply
    }

    /// Like [`run`](Self::run), for bytes that need not be one whole command.
    pub fn feed(&mut self, client: &str, bytes: &[u8]) -> Vec<u8> {
        let client = self.name(client);
        let action = Action::Feed { client: Rc::clone(&client), bytes: bytes.into() };
        self.reply_to(&client, &action)
    }

    /// Closes a client's connection, if it has one; the next command opens a new one.
    pub fn disconnect(&mut self, client: &str) -> Result<(), LogFull> {
        if !self.world.clients.contains_key(client) {
            return Ok(());
        }
        let client = self.name(client);
        self.append(&Action::Disconnect { client })
    }

    /// Lets a client stop reading what it is sent, so that it waits in the node and counts towards
    /// `client-output-buffer-limit`, or read again.
    pub fn set_reading(&mut self, client: &str, on: bool) -> Result<(), LogFull> {
        let client = self.name(client);
        self.append(&Action::Reading { client, on })
    }

    /// Whether a client reads what it is sent.
    pub fn is_reading(&self, client: &str) -> bool {
        !self.world.stalled.contains(client)
    }

    /// Moves the clock by hand.
    pub fn advance(&mut self, ms: u64) -> Result<(), LogFull> {
        self.append(&Action::Advance { ms })
    }

    /// Lets the power fail and starts the node again with what is left of its files: what is durable, and of each file
    /// `kept` bytes more that happened to be written.
    ///
    /// All clients are gone. A node that cannot start says why in [`trouble`](Self::trouble).
    pub fn crash(&mut self, kept: u64) -> Result<(), LogFull> {
        self.append(&Action::Crash { kept })
    }

    /// Shuts the node down, as SHUTDOWN does, and starts it again. All clients are gone.
    pub fn restart(&mut self) -> Result<(), LogFull> {
        self.append(&Action::Restart)
    }

    /// Puts a file among those of the node, such as a snapshot of a real server; the next start finds it.
    pub fn put_file(&mut self, name: &str, bytes: &[u8]) -> Result<(), LogFull> {
        self.append(&Action::PutFile { name: name.into(), bytes: bytes.into() })
    }

    /// Lets every write to the node's files fail from here on, with this text of the system
    /// (such as [`DISK_FULL`]), or lets them succeed again.
    pub fn set_disk_trouble(&mut self, trouble: Option<&str>) -> Result<(), LogFull> {
        self.append(&Action::Disk { trouble: trouble.map(Into::into) })
    }

    /// Why nothing can be written to the node's files, if nothing can.
    pub fn disk_trouble(&self) -> Option<&str> {
        self.world.disk_trouble.as_deref()
    }

    /// The files of the node.
    pub fn files(&self) -> &VirtualFiles {
        &self.world.files
    }

    /// What stands in a file: up to `count` ranges of bytes that reach beyond the byte `from`; `None` without such a
    /// file. O(n) up to the last of them.
    pub fn file_view(&self, name: &str, from: usize, count: usize) -> Option<FileView> {
        let file = self.world.files.get(name)?;
        let content = (&*file.bytes(), file.durable_upto());
        Some(file_view(name, content, self.world.engine.config(), from, count))
    }

    /// Why the node does not run, if it does not: it was shut down, or a file is damaged.
    pub fn trouble(&self) -> Option<&str> {
        self.world.trouble.as_deref()
    }

    /// Tells how much of the host's time has passed; the clock follows as its mode says.
    ///
    /// A script that is half-way goes on, also where the clock stands.
    /// Answers by how many milliseconds it moved. While the lab looks at its past, time stands still:
    /// else a look would cost the future. Consecutive moves are one action in the log.
    pub fn host_time(&mut self, elapsed_ms: f64) -> u64 {
        if self.position < self.log.len() {
            return 0;
        }
        let ms = match self.ticker.mode {
            Clock::Paused | Clock::Stepped { .. } => 0,
            Clock::RealTime { rate } => self.ticker.real_time(elapsed_ms, rate),
            Clock::Fast => self.until_next_event(),
        };
        if self.world.engine.is_script_running() {
            // A full log stops the script; the next command says so.
            let _ = self.append(&Action::Turn { count: 1, ms });
        } else {
            self.elapse(ms);
        }
        ms
    }

    /// Milliseconds until just after the earliest deadline of a key or a field or end of a client's wait; 0 if there is
    /// none.
    fn until_next_event(&self) -> u64 {
        let engine = &self.world.engine;
        let keys = engine.databases().iter().flat_map(Database::deadlines);
        let fields = engine.databases().iter().flat_map(|db| db.field_ends().iter());
        let ends = keys.map(|deadline| deadline.at).chain(fields.map(|(at, _)| at));
        let events = ends.chain(engine.next_timeout());
        let next = events.filter(|&at| at >= self.now()).min();
        next.map_or(0, |at| at.saturating_sub(self.now()) as u64 + 1)
    }

    /// Says what makes the clock move from here on. Not part of the log.
    pub fn set_clock(&mut self, mode: Clock) {
        self.ticker = Ticker::new(mode);
    }

    /// What makes the clock move.
    pub fn clock(&self) -> Clock {
        self.ticker.mode
    }

    /// The virtual time, in milliseconds since 1970.
    pub fn now(&self) -> i64 {
        self.world.engine.now()
    }

    /// Takes what a client was sent besides the answers of [`run`](Self::run): pushes, and replies it waited for.
    pub fn take_output(&mut self, client: &str) -> Vec<u8> {
        self.outboxes.remove(client).unwrap_or_default()
    }

    /// Whom something waits for, by name.
    pub fn waiting(&self) -> impl Iterator<Item = &str> {
        self.outboxes.keys().map(AsRef::as_ref)
    }

    /// The connected clients, by name.
    pub fn clients(&self) -> impl Iterator<Item = (&str, redarium_engine::ClientId)> {
        self.world.clients.iter().map(|(name, &id)| (name.as_ref(), id))
    }

    /// The node, for looking.
    pub fn engine(&self) -> &Engine {
        &self.world.engine
    }

    /// A hash of all data: equal for equal databases, whatever led to them. O(data).
    pub fn digest(&self) -> u64 {
        self.world.engine.inspect().digest()
    }

    /// Starts to record steps of algorithms, at most `limit` until they are taken; 0 stops. Not part of the log.
    pub fn record_steps(&mut self, limit: usize) {
        self.steps_limit = limit;
        self.world.engine.record_steps(limit);
    }

    /// Takes the steps since the last call.
    pub fn take_steps(&mut self) -> Option<TraceBuffer> {
        self.world.engine.take_steps()
    }

    /// Starts or stops to record changes of keys. Not part of the log.
    pub fn observe(&mut self, on: bool) {
        self.observed = on;
        self.world.engine.observe(on);
    }

    /// Takes the changes since the last call and how many more there were than are kept.
    pub fn take_changes(&mut self) -> (Vec<Change>, u64) {
        self.world.engine.take_changes()
    }

    /// Everything that was done, the redoable tail included.
    pub fn log(&self) -> &[Action] {
        &self.log
    }

    /// How many actions of the log led to this world.
    pub fn position(&self) -> usize {
        self.position
    }

    /// How many actions the log holds.
    pub fn len(&self) -> usize {
        self.log.len()
    }

    /// Whether nothing was ever done.
    pub fn is_empty(&self) -> bool {
        self.log.is_empty()
    }

    /// Goes back to before the last thing that somebody did; whether there was any.
    ///
    /// Time that ran on by itself goes with it.
    pub fn undo(&mut self) -> bool {
        let done = self.log.get(..self.position).unwrap_or_default();
        let last = done.iter().rposition(Action::is_somebodys);
        last.is_some_and(|position| self.seek(position))
    }

    /// Does again what was undone, and lets the time after it pass; whether there was anything.
    pub fn redo(&mut self) -> bool {
        let undone = self.log.get(self.position..).unwrap_or_default();
        let Some(next) = undone.iter().position(Action::is_somebodys) else { return false };
        let rest = undone.get(next + 1..).unwrap_or_default();
        let until = rest.iter().position(Action::is_somebodys).unwrap_or(rest.len());
        self.seek(self.position + next + 1 + until)
    }

    /// Goes to the world after the first `position` actions; whether the log is that long.
    ///
    /// What waited for clients is dropped. O(actions since the checkpoint before it).
    pub fn seek(&mut self, position: usize) -> bool {
        if position > self.log.len() {
            return false;
        }
        let (from, _) = self.checkpoints.latest(position).expect("the start is always kept");
        if self.position < from || self.position > position {
            self.go_back(position);
        } else {
            self.replay(self.position, position);
        }
        true
    }

    /// Goes to the world after the first `position` actions by way of the checkpoint before it.
    fn go_back(&mut self, position: usize) {
        let (from, saved) = self.checkpoints.latest(position).expect("the start is always kept");
        self.world = saved.clone();
        self.replay(from, position);
    }

    /// Does the actions from `from` to `position` again.
    fn replay(&mut self, from: usize, position: usize) {
        self.world.engine.record_steps(0);
        self.world.engine.observe(false);
        for action in self.log.get(from..position).unwrap_or_default() {
            self.world.apply(action, |_, _| ());
        }
        self.world.engine.record_steps(self.steps_limit);
        self.world.engine.observe(self.observed);
        let _ = self.world.engine.take_changes();
        self.outboxes.clear();
        self.position = position;
    }

    /// A copy that goes its own way; costs a pointer per 256 keys, not a copy of the data.
    #[must_use]
    ///
    /// While a script is half-way, the copy is made of the log, as a node cannot be copied then.
    pub fn fork(&self) -> Self {
        let mut copy = self.clone();
        if self.world.engine.is_script_running() && self.options.history {
            copy.go_back(self.position);
            copy.outboxes.clone_from(&self.outboxes);
        }
        copy
    }

    /// A name that shares its letters with the client of that name, if there is one.
    fn name(&self, client: &str) -> Rc<str> {
        match self.world.clients.get(client).and_then(|id| self.world.name_of(*id)) {
            Some(name) => Rc::clone(name),
            None => client.into(),
        }
    }

    fn elapse(&mut self, ms: u64) {
        if ms > 0 {
            // A full log stops the clock; the next command says so.
            let _ = self.append(&Action::Elapse { ms });
        }
    }

    fn reply_to(&mut self, client: &Rc<str>, action: &Action) -> Vec<u8> {
        let earlier = self.outboxes.remove(client);
        let result = self.append(action);
        let reply = self.outboxes.remove(client).unwrap_or_default();
        if let Some(earlier) = earlier {
            self.outboxes.insert(Rc::clone(client), earlier);
        }
        match result {
            Ok(()) => reply,
            Err(full) => format!("-ERR {full}\r\n").into_bytes(),
        }
    }

    /// Does one action and writes it down; what was undone before is forgotten.
    fn append(&mut self, action: &Action) -> Result<(), LogFull> {
        if self.options.history {
            self.write_down(action)?;
        }
        let outboxes = &mut self.outboxes;
        self.world.apply(action, |name, output| {
            let outbox = outboxes.get_or_default(Rc::clone(name));
            if outbox.is_empty() {
                *outbox = output;
            } else if outbox.len() + output.len() <= OUTBOX_MAX {
                outbox.extend_from_slice(&output);
            }
        });
        if matches!(action, Action::Crash { .. } | Action::Restart) {
            self.world.engine.record_steps(self.steps_limit);
            self.world.engine.observe(self.observed);
        }
        Ok(())
    }

    fn write_down(&mut self, action: &Action) -> Result<(), LogFull> {
        self.forget_undone();
        if let Action::Elapse { ms } = *action
            && let Some(Action::Elapse { ms: before }) = Rc::make_mut(&mut self.log).last_mut()
        {
            *before = before.saturating_add(ms);
        } else if let Action::Turn { count, ms } = *action
            && let Some(Action::Turn { count: before, ms: same }) =
                Rc::make_mut(&mut self.log).last_mut()
            && *same == ms
        {
            *before = before.saturating_add(count);
        } else {
            let bytes = action.bytes();
            if self.log.len() >= ACTIONS_MAX || self.log_bytes + bytes > BYTES_MAX {
                return Err(LogFull);
            }
            if action.is_somebodys() && !self.world.engine.is_script_running() {
                // Only here the action before is complete: time that runs on would be added to it.
                self.checkpoints.before(self.position, bytes, &self.world);
            }
            self.log_bytes += bytes;
            self.position += 1;
            Rc::make_mut(&mut self.log).push(action.clone());
        }
        Ok(())
    }

    fn forget_undone(&mut self) {
        if self.position < self.log.len() {
            let log = Rc::make_mut(&mut self.log);
            self.log_bytes -=
                log.drain(self.position..).map(|action| action.bytes()).sum::<usize>();
            self.checkpoints.truncate(self.position);
        }
    }
}

#[cfg(test)]
mod tests;
