//! What of a node outlives its process: snapshots, and the log of commands.
//!
//! The engine never touches a file. It says what is to be done to files, in order, as [`FileOp`]s, which the host takes
//! after each call and carries out before it hands on any reply; and it is given the files when a node starts.
//! A background save is a copy of the tables (a pointer per 256 keys) that is written a piece with each tick.

pub(crate) mod canonical;
pub mod load;
pub(crate) mod log;
mod manifest;
mod restate;
mod snapshot;
pub(crate) mod tick;
pub(crate) mod trouble;

use redarium_structures::bytes::Bytes;

use crate::config::Config;
use crate::database::Database;
use crate::effects::Effects;
use crate::error::CmdError;
use manifest::Manifest;
use snapshot::{Form, Snapshot};
use trouble::{Assumed, CANNOT_SAVE, CANNOT_SAVE_USERS, CANNOT_SHUT_DOWN, Trouble};

pub use load::{FileError, Files};
pub use trouble::{Claim, Purpose, Verdict};

/// The time while a log is run: nothing has ended yet, and times that are given are taken as they are.
pub(crate) const LOADING_NOW: i64 = 0;

/// Something to be done to a file. Names are relative to the node's directory, `/` between folders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileOp {
    /// Makes a file of these bytes, in place of what has the name.
    Write {
        /// Its name.
        name: String,
        /// All its bytes.
        bytes: Vec<u8>,
    },
    /// Puts a file of these bytes in place of what has the name: at once or not at all, and to stay.
    Replace {
        /// Its name.
        name: String,
        /// The name that it may have before it is complete.
        temp: String,
        /// All its bytes.
        bytes: Vec<u8>,
        /// What it is for.
        purpose: Purpose,
    },
    /// Adds bytes at the end of a file: all or none.
    Append {
        /// Its name.
        name: String,
        /// What is added.
        bytes: Vec<u8>,
    },
    /// Waits until a file, and that it has this name, would outlive a power failure.
    Sync {
        /// Its name.
        name: String,
    },
    /// Gives a file another name, in place of what has it: at once or not at all, and to stay.
    Rename {
        /// The name it has.
        from: String,
        /// The name it gets.
        to: String,
    },
    /// Reads a file and hands it to [`Engine::take_users`](crate::Engine::take_users).
    ReadUsers {
        /// Its name.
        name: String,
        /// The reply that says that its users are those of the node.
        claim: Claim,
    },
    /// Cuts a file off.
    Truncate {
        /// Its name.
        name: String,
        /// How many bytes stay.
        len: usize,
    },
    /// Removes a file, if it is there.
    Remove {
        /// Its name.
        name: String,
    },
}

/// What a background save or rewrite is at, for INFO.
#[derive(Debug, Clone)]
struct Job {
    snapshot: Snapshot,
    began_at: i64,
}

/// What became of the last background job of a kind.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outcome {
    pub(crate) is_ok: bool,
    /// How long it took; -1 before there was one.
    pub(crate) seconds: i64,
    /// How many there were.
    pub(crate) count: u64,
}

impl Default for Outcome {
    fn default() -> Self {
        Self { is_ok: true, seconds: -1, count: 0 }
    }
}

impl Outcome {
    fn add(&mut self, began_at: i64, now: i64) {
        *self = Self { is_ok: true, seconds: (now - began_at) / 1000, count: self.count + 1 };
    }
}

/// The log of commands as files.
#[derive(Debug, Clone, Default)]
pub(crate) struct LogFiles {
    /// Bytes of all its files.
    pub(crate) size: u64,
    /// Bytes of the file that is being written.
    incr_size: u64,
    /// The same after the last rewrite.
    pub(crate) base_size: u64,
    /// Whether something is written that would not outlive a power failure.
    is_unsynced: bool,
    /// The second since 1970 in which it was last made sure that all would.
    synced_at: i64,
}

/// Where a node stands with its files.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, none of which implies another"
)]
pub struct Persistence {
    /// Whether the host keeps files at all.
    has_files: bool,
    ops: Vec<FileOp>,
    /// When the last snapshot was completed, in milliseconds since 1970.
    pub(crate) saved_at: i64,
    saving: Option<Job>,
    /// Changes that the snapshot that is being written does not lack.
    dirty_before_saving: u64,
    rewriting: Option<Job>,
    is_saving_scheduled: bool,
    is_rewriting_scheduled: bool,
    pub(crate) last_saving: Outcome,
    pub(crate) last_rewriting: Outcome,
    pub(crate) keys_loaded: u64,
    pub(crate) keys_expired_on_load: u64,
    /// The files of the log, as they are listed.
    manifest: Manifest,
    /// The log, while it is on.
    pub(crate) log: Option<LogFiles>,
    /// Libraries of functions, as they were read.
    functions: Vec<Bytes>,
    is_shut_down: bool,
    trouble: Trouble,
    /// Whether commands that write may have to be refused because nothing can be written.
    pub(crate) may_refuse: bool,
}

/// What saving needs to know of the rest of a node.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Data<'a> {
    pub(crate) dbs: &'a [Database],
    pub(crate) config: &'a Config,
    pub(crate) now: i64,
}

impl Persistence {
    /// Where a node begins at `now`.
    pub(crate) fn new(has_files: bool, now: i64) -> Self {
        Self { has_files, saved_at: now, ..Self::default() }
    }

    /// Whether the host keeps files.
    pub(crate) fn has_files(&self) -> bool {
        self.has_files
    }

    /// The code of the libraries of functions, which snapshots hold.
    pub(crate) fn set_functions(&mut self, functions: Vec<Bytes>) {
        self.functions = functions;
    }

    /// Whether a snapshot is being written in the background.
    pub(crate) fn is_saving(&self) -> bool {
        self.saving.is_some()
    }

    /// Whether the log is being rewritten.
    pub(crate) fn is_rewriting(&self) -> bool {
        self.rewriting.is_some()
    }

    /// Whether the log is to be rewritten as soon as the snapshot is written.
    pub(crate) fn is_rewriting_scheduled(&self) -> bool {
        self.is_rewriting_scheduled
    }

    /// Seconds since the beginning of the snapshot and the rewrite that are being written; -1 for none.
    pub(crate) fn job_seconds(&self, now: i64) -> (i64, i64) {
        let seconds =
            |job: &Option<Job>| job.as_ref().map_or(-1, |job| (now - job.began_at) / 1000);
        (seconds(&self.saving), seconds(&self.rewriting))
    }

    /// Whether the node has been shut down.
    pub(crate) fn is_shut_down(&self) -> bool {
        self.is_shut_down
    }

    /// Takes what is to be done to files, in order.
    pub(crate) fn take_ops(&mut self) -> Vec<FileOp> {
        self.trouble.shifts.clear();
        std::mem::take(&mut self.ops)
    }

    /// The whole node as a snapshot file. O(data).
    pub(crate) fn snapshot_bytes(&self, data: Data<'_>) -> Vec<u8> {
        Snapshot::begin(data, Form::Rdb, &self.functions).complete()
    }

    /// The whole node as the commands that make it. O(data).
    pub(crate) fn commands_bytes(&self, data: Data<'_>) -> Vec<u8> {
        Snapshot::begin(data, Form::Commands, &self.functions).complete()
    }

    /// Writes a snapshot at once, which is what `claim` will have said; a background save that is under way is given
    /// up. O(data).
    pub(crate) fn save(
        &mut self,
        data: Data<'_>,
        effects: &mut Effects,
        claim: Option<Claim>,
    ) -> Result<(), CmdError> {
        self.saving = None;
        self.last_saving.count += 1;
        if self.is_disk_in_trouble() {
            return Err(CANNOT_SAVE);
        }
        let bytes = self.snapshot_bytes(data);
        let dirty = std::mem::take(&mut effects.dirty);
        let was_well = self.last_saving.is_ok;
        let assumed = Assumed { claim, dirty, saved_at: self.saved_at, was_well };
        let name = &data.config.dbfilename;
        self.put_in_place("temp-save.rdb", name, bytes, Purpose::Snapshot(assumed));
        self.saved_at = data.now;
        self.last_saving.is_ok = true;
        self.note_health();
        Ok(())
    }

    /// Begins to write a snapshot in the background.
    pub(crate) fn begin_saving(&mut self, data: Data<'_>, effects: &Effects) {
        let snapshot = Snapshot::begin(data, Form::Rdb, &self.functions);
        self.saving = Some(Job { snapshot, began_at: data.now });
        self.dirty_before_saving = effects.dirty;
        self.trouble.tried_at = data.now;
        self.is_saving_scheduled = false;
    }

    /// Has a snapshot written once the rewrite is done.
    pub(crate) fn schedule_saving(&mut self) {
        self.is_saving_scheduled = true;
    }

    /// Begins to rewrite the log in the background: what is logged from here on goes to a new file, and what was
    /// before becomes one that says it shorter. A log that is off is written once.
    pub(crate) fn begin_rewriting(
        &mut self,
        data: Data<'_>,
        effects: &mut Effects,
    ) -> Result<(), CmdError> {
        self.is_rewriting_scheduled = false;
        if self.log.is_some() && self.is_disk_in_trouble() {
            self.last_rewriting.is_ok = false;
            return Err(CmdError::Msg(
                "ERR Can't execute an AOF background rewriting. Please check the server logs for more information.",
            ));
        }
        self.flush_log(data, effects);
        let snapshot = Snapshot::begin(data, Form::of_base(data.config), &self.functions);
        self.rewriting = Some(Job { snapshot, began_at: data.now });
        // What was written to the file before must not be lost with a power failure that spares the new one.
        self.sync_log(data.now);
        if self.log.is_some() {
            self.add_incr(data.config);
            effects.log.select_again();
        }
        Ok(())
    }

    /// Logs to a new file from here on.
    fn add_incr(&mut self, config: &Config) {
        let Some(log) = &mut self.log else { return };
        log.incr_size = 0;
        let name = self.manifest.add_incr(config);
        self.ops.push(FileOp::Write { name: name.clone(), bytes: Vec::new() });
        self.ops.push(FileOp::Sync { name });
        self.write_manifest(config);
    }

    /// Has the log rewritten once the snapshot is written.
    pub(crate) fn schedule_rewriting(&mut self) {
        self.is_rewriting_scheduled = true;
    }

    /// Turns the log on, with all that is there as its beginning. O(data).
    pub(crate) fn start_log(&mut self, data: Data<'_>, effects: &mut Effects) {
        let snapshot = Snapshot::begin(data, Form::of_base(data.config), &self.functions);
        let size = self.write_base(data.config, snapshot.complete());
        let synced_at = data.now / 1000;
        let log = LogFiles { size, base_size: size, synced_at, ..LogFiles::default() };
        self.log = Some(log);
        self.manifest.retire_all_incrs();
        let gone = self.obsolete_files();
        self.add_incr(data.config);
        self.ops.extend(gone);
        effects.log.set_on(true);
    }

    /// Writes a new base in place of all that was logged before; its length in bytes.
    fn write_base(&mut self, config: &Config, bytes: Vec<u8>) -> u64 {
        let len = bytes.len() as u64;
        let name = self.manifest.set_base(config);
        let temp = Manifest::temp_name(config, "rewriteaof-bg.aof");
        self.put_in_place(&temp, &name, bytes, Purpose::Log);
        len
    }

    /// Strikes the files from the list that the base makes obsolete; what removes them once the list is written.
    fn obsolete_files(&mut self) -> Vec<FileOp> {
        let gone = std::mem::take(&mut self.manifest.history);
        gone.iter().map(|listed| FileOp::Remove { name: self.manifest.path(listed) }).collect()
    }

    /// Turns the log off; its files stay.
    pub(crate) fn stop_log(&mut self, data: Data<'_>, effects: &mut Effects) {
        self.flush_log(data, effects);
        self.sync_log(data.now);
        effects.log.set_on(false);
        self.log = None;
        self.rewriting = None;
        self.can_write_log(data.config, effects);
    }

    /// Has a file of users written, which is what `claim` says.
    pub(crate) fn write_users(
        &mut self,
        name: &str,
        bytes: Vec<u8>,
        claim: Claim,
    ) -> Result<(), CmdError> {
        if self.is_disk_in_trouble() {
            return Err(CANNOT_SAVE_USERS);
        }
        self.put_in_place(&format!("{name}.tmp"), name, bytes, Purpose::Users(claim));
        Ok(())
    }

    /// Has a file of users read, which is what `claim` says.
    pub(crate) fn read_users(&mut self, name: &str, claim: Claim) {
        self.ops.push(FileOp::ReadUsers { name: name.to_owned(), claim });
    }

    /// Ends the node as SHUTDOWN does: with a snapshot if `is_saved`, and with a log in which nothing is missing.
    ///
    /// `claim` says to whom it is answered if the snapshot cannot be written, in which case the node does not end
    /// unless `is_forced`.
    pub(crate) fn shut_down(
        &mut self,
        data: Data<'_>,
        effects: &mut Effects,
        is_saved: bool,
        claim: Option<Claim>,
        is_forced: bool,
    ) -> Result<(), CmdError> {
        self.flush_log(data, effects);
        self.sync_log(data.now);
        if is_saved && self.has_files && self.save(data, effects, claim).is_err() && !is_forced {
            return Err(CANNOT_SHUT_DOWN);
        }
        self.is_shut_down = true;
        Ok(())
    }

    /// Writes what was logged since the last time, and makes sure of it as `appendfsync` asks. O(1) if there is
    /// nothing.
    pub(crate) fn flush_log(&mut self, data: Data<'_>, effects: &mut Effects) {
        if !self.can_write_log(data.config, effects) {
            return;
        }
        let Some(log) = &mut self.log else { return };
        if !effects.log.is_empty() {
            let bytes = effects.log.take();
            log.size += bytes.len() as u64;
            log.incr_size += bytes.len() as u64;
            log.is_unsynced = true;
            let name = self.manifest.last_incr().expect("a log that is on has a file");
            self.ops.push(FileOp::Append { name, bytes });
        }
        let is_due = match data.config.appendfsync.as_str() {
            "always" => true,
            "everysec" => data.now / 1000 > log.synced_at,
            _ => false,
        };
        if is_due {
            self.sync_log(data.now);
        }
    }

    fn sync_log(&mut self, now: i64) {
        if self.is_disk_in_trouble() {
            return;
        }
        let Some(log) = &mut self.log else { return };
        if std::mem::take(&mut log.is_unsynced) {
            log.synced_at = now / 1000;
            if let Some(name) = self.manifest.last_incr() {
                self.ops.push(FileOp::Sync { name });
            }
        }
    }

    /// Writes a file under a name of its own and gives it its real one when it is complete.
    fn put_in_place(&mut self, temp: &str, name: &str, bytes: Vec<u8>, purpose: Purpose) {
        let (temp, name) = (temp.to_owned(), name.to_owned());
        self.ops.push(FileOp::Replace { name, temp, bytes, purpose });
    }

    fn write_manifest(&mut self, config: &Config) {
        let bytes = self.manifest.text().into_bytes();
        let temp = Manifest::temp_name(config, &format!("{}.manifest", config.appendfilename));
        self.put_in_place(&temp, &Manifest::name(config), bytes, Purpose::Log);
    }
}
