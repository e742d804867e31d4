//! Files that cannot be written: what is taken back, what is refused meanwhile, and when it is tried again.
//!
//! A host that knows that its disk is in trouble says so ([`Engine::set_disk_trouble`]), and nothing is asked for until
//! it is over. One that finds out when it does what it was asked for says what failed ([`Engine::file_op_failed`]).

use std::rc::Rc;

use super::{FileOp, Persistence, tick};
use crate::Engine;
use crate::acl::{DEFAULT_USER, User, file};
use crate::client::ClientId;
use crate::config::Config;
use crate::context::Ctx;
use crate::effects::Effects;
use crate::error::CmdError;
use redarium_structures::ordered::OrderedMap;

/// Seconds from a background save that failed to the next that is begun by itself.
pub(super) const RETRY_SECONDS: i64 = 5;

const SNAPSHOTS_FAIL: CmdError = CmdError::Msg(
    "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Commands that may \
     modify the data set are disabled, because this instance is configured to report errors during writes if RDB \
     snapshotting fails (stop-writes-on-bgsave-error option). Please check the Redis logs for details about the RDB error.",
);

/// What SHUTDOWN is answered when the snapshot cannot be written.
pub(crate) const CANNOT_SHUT_DOWN: CmdError =
    CmdError::Msg("ERR Errors trying to SHUTDOWN. Check logs.");

/// What ACL SAVE is answered when the file cannot be written.
pub(crate) const CANNOT_SAVE_USERS: CmdError = CmdError::Msg(
    "ERR There was an error trying to save the ACLs. Please check the server logs for more information",
);

/// What SAVE is answered when the snapshot cannot be written: no more than that, as in Redis.
pub(crate) const CANNOT_SAVE: CmdError = CmdError::Msg("ERR");

/// A reply that says that a file was written, before it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    pub(crate) client: ClientId,
    /// Where in the client's output it stands, or would stand.
    pub(crate) at: usize,
}

impl Claim {
    /// The reply that comes next.
    pub(crate) fn next(ctx: &Ctx<'_>) -> Self {
        Self { client: ctx.client.id, at: ctx.reply.out.len() }
    }
}

/// What was assumed when a file was handed to the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assumed {
    /// What SAVE or SHUTDOWN has answered; `None` for a background save.
    pub(crate) claim: Option<Claim>,
    /// Changes that the snapshot does not lack.
    pub(crate) dirty: u64,
    /// When the last snapshot before it was completed.
    pub(crate) saved_at: i64,
    /// Whether the last save before it was well.
    pub(crate) was_well: bool,
}

/// What a file that is replaced is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A snapshot; whoever writes the next one does not need this one.
    Snapshot(Assumed),
    /// A part of the log of commands, without which what follows means nothing.
    Log,
    /// All users, as ACL SAVE has answered.
    Users(Claim),
}

impl FileOp {
    /// Whether a reply speaks of it: then it is done before that is handed on, or has failed.
    pub fn is_answered(&self) -> bool {
        match self {
            Self::Replace { purpose: Purpose::Snapshot(assumed), .. } => assumed.claim.is_some(),
            Self::Replace { purpose: Purpose::Users(_), .. } | Self::ReadUsers { .. } => true,
            _ => false,
        }
    }
}

/// What the host has to do with something that it could not do to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Leave it, and go on with what follows.
    Skip,
    /// Do it again later, and before anything that follows but what [`is_answered`](FileOp::is_answered).
    Retry,
    /// End the node without handing on any reply, and say why.
    End(String),
}

/// What is said of something that is still to be done.
const OK: &[u8] = b"+OK\r\n";

/// What is wrong with the disk, and what has come of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Trouble {
    /// Why nothing can be written, if nothing can.
    disk: Option<String>,
    /// Whether the log lacks something because of that.
    is_log_behind: bool,
    /// When a background save last began, in milliseconds since 1970.
    pub(super) tried_at: i64,
    /// Where replies became longer than they were when claims were made, and by how many bytes.
    pub(super) shifts: Vec<(Claim, usize)>,
    /// Why the node could not go on.
    death: Option<String>,
}

impl Persistence {
    /// Whether nothing can be written at present.
    pub(crate) fn is_disk_in_trouble(&self) -> bool {
        self.trouble.disk.is_some()
    }

    /// Whether the log has all that was written.
    pub(crate) fn is_log_well(&self) -> bool {
        !self.trouble.is_log_behind
    }

    /// Notes whether commands that write have to be looked at. To be called whenever something fails or works again.
    pub(super) fn note_health(&mut self) {
        self.may_refuse = self.trouble.is_log_behind || !self.last_saving.is_ok;
    }

    /// Why a command that writes is refused, if it is.
    #[cold]
    pub(crate) fn refusal(&self, config: &Config) -> Option<CmdError> {
        let needs_snapshots = config.stop_writes_on_bgsave_error && tick::has_save_points(config);
        if needs_snapshots && !self.last_saving.is_ok {
            Some(SNAPSHOTS_FAIL)
        } else if self.trouble.is_log_behind && self.log.is_some() {
            let why = self.trouble.disk.as_deref().unwrap_or("unknown error");
            Some(CmdError::Text(format!("MISCONF Errors writing to the AOF file: {why}")))
        } else {
            None
        }
    }

    /// Whether the log can be written; if not, notes what is missing, and that the node ends if its clients were
    /// promised that nothing would be.
    pub(super) fn can_write_log(&mut self, config: &Config, effects: &Effects) -> bool {
        let is_behind =
            self.trouble.disk.is_some() && (self.trouble.is_log_behind || !effects.log.is_empty());
        if is_behind != self.trouble.is_log_behind {
            self.trouble.is_log_behind = is_behind;
            self.note_health();
        }
        if is_behind && config.appendfsync == "always" {
            let why = self.trouble.disk.clone().unwrap_or_default();
            self.end(&why);
        }
        self.trouble.disk.is_none() && self.trouble.death.is_none()
    }

    fn end(&mut self, why: &str) {
        self.trouble.death = Some(format!(
            "the log of commands cannot be written, and appendfsync is always: {why}"
        ));
        self.is_shut_down = true;
    }

    /// A background save was in vain.
    pub(super) fn fail_saving(&mut self) {
        self.last_saving.is_ok = false;
        self.note_health();
    }
}

impl Engine {
    /// Says that no file can be written from here on, and why (`No space left on device`), or that it can again.
    pub fn set_disk_trouble(&mut self, why: Option<&str>) {
        self.persistence.trouble.disk = why.map(str::to_owned);
        self.persistence.trouble.is_log_behind &= why.is_some();
        self.persistence.note_health();
        self.flush_log();
    }

    /// Why the node has ended by itself, if it has: it could not keep what it would have promised. Its clients get no
    /// further replies.
    pub fn death(&self) -> Option<&str> {
        self.persistence.trouble.death.as_deref()
    }

    /// Takes back what was assumed of something that the host could not do to a file.
    ///
    /// To be called before replies are handed on. Once everything is done that had to be tried again, the host says so
    /// with [`set_disk_trouble`](Self::set_disk_trouble).
    pub fn file_op_failed(&mut self, op: &FileOp, why: &str) -> Verdict {
        match op {
            FileOp::Replace { purpose: Purpose::Snapshot(assumed), .. } => {
                self.take_back_snapshot(*assumed, why)
            }
            FileOp::Replace { purpose: Purpose::Users(claim), .. } => {
                self.take_back(*claim, &CANNOT_SAVE_USERS);
                Verdict::Skip
            }
            FileOp::ReadUsers { name, claim } => {
                let before = "ERR Error loading ACLs, opening file '";
                let error = CmdError::Text(format!("{before}{name}': {why}"));
                self.take_back(*claim, &error);
                Verdict::Skip
            }
            FileOp::Remove { .. } => Verdict::Skip,
            _ if self.persistence.log.is_some() && self.config.appendfsync == "always" => {
                self.persistence.end(why);
                Verdict::End(self.death().unwrap_or_default().to_owned())
            }
            _ => {
                self.persistence.trouble.disk = Some(why.to_owned());
                self.persistence.trouble.is_log_behind = true;
                self.persistence.note_health();
                Verdict::Retry
            }
        }
    }

    fn take_back_snapshot(&mut self, assumed: Assumed, why: &str) -> Verdict {
        self.effects.dirty += assumed.dirty;
        self.persistence.saved_at = assumed.saved_at;
        self.persistence.last_saving.is_ok = assumed.was_well;
        self.persistence.note_health();
        let Some(claim) = assumed.claim else {
            if self.persistence.is_shut_down {
                return Verdict::End(why.to_owned());
            }
            self.persistence.fail_saving();
            return Verdict::Skip;
        };
        let error = if std::mem::take(&mut self.persistence.is_shut_down) {
            CANNOT_SHUT_DOWN
        } else {
            CANNOT_SAVE
        };
        self.take_back(claim, &error);
        Verdict::Skip
    }

    /// Puts an error in place of a reply that was not true.
    fn take_back(&mut self, claim: Claim, error: &CmdError) {
        // One that was told that the node ends was to be closed with it.
        let is_ended = *error == CANNOT_SHUT_DOWN;
        let Some(client) = self.clients.get_mut(claim.client) else { return };
        let shifts = &mut self.persistence.trouble.shifts;
        let is_before =
            |shift: &&(Claim, usize)| shift.0.client == claim.client && shift.0.at < claim.at;
        let at = claim.at + shifts.iter().filter(is_before).map(|shift| shift.1).sum::<usize>();
        let Some(said) = client.output.get(at..) else { return };
        let said_len = if said.starts_with(OK) { OK.len() } else { 0 };
        let error = [b"-", &error.clone().into_bytes()[..], b"\r\n"].concat();
        shifts.push((claim, error.len() - said_len));
        client.output.splice(at..at + said_len, error);
        client.closing &= !is_ended;
    }

    /// Puts the users of a file in place of all, as ACL LOAD has said; or takes that back, because something is wrong.
    ///
    /// Connections of users that are gone or have other rules are closed, those of the default user excepted.
    pub fn take_users(&mut self, claim: Claim, bytes: &[u8]) {
        match file::read(bytes, &self.config) {
            Ok(users) => self.put_users(users),
            Err(errors) => {
                let errors: Vec<u8> = [b"ERR ", &errors[..]].concat();
                self.take_back(claim, &CmdError::Bytes(errors));
            }
        }
    }

    fn put_users(&mut self, users: OrderedMap<Vec<u8>, Rc<User>>) {
        self.acl.replace_all(users);
        let default = self.acl.default_user();
        let mut woken = Vec::new();
        for client in self.clients.iter_mut() {
            let user = self.acl.user(&client.user().name);
            let is_same = user.is_some_and(|user| user.line() == client.user().line());
            match user {
                Some(user) if is_same || client.user().name == DEFAULT_USER => {
                    client.set_user(Rc::clone(user));
                }
                _ => {
                    client.set_user(Rc::clone(&default));
                    client.closing = true;
                    woken.push(client.id);
                }
            }
        }
        for id in woken {
            self.clients.wake(id);
        }
    }

    /// Lets nobody have a reply of a node that has ended by itself.
    pub(crate) fn silence(&mut self) {
        if self.persistence.trouble.death.is_some() {
            self.clients.iter_mut().for_each(|client| client.output.clear());
        }
    }
}
