//! What the node knows of one connection.

use std::collections::BTreeMap;
use std::rc::Rc;

use redarium_resp::encode::Protocol;
use redarium_resp::request::RequestParser;
use redarium_structures::ordered::OrderedSet;

use crate::acl::User;
use crate::blocking::Waiting;
use crate::command::CommandSpec;
use crate::effects::Effects;
use crate::pubsub::Subscriptions;
use crate::pubsub::deliveries::Deliveries;
use crate::tracking::Mode;
use crate::transaction::Transaction;

/// Number of a connection; counted up from 1 and never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ClientId(pub u64);

/// Who runs the log of commands when a node starts; no connection has this number.
pub(crate) const LOG_READER: ClientId = ClientId(0);

/// Which commands of a connection are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replies {
    /// All.
    On,
    /// None, until CLIENT REPLY ON.
    Off,
    /// All but the next one.
    SkipNext,
    /// All but the one that is running.
    Skip,
}

/// One connection.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent switches, each with its own command"
)]
pub struct Client {
    /// Its number.
    pub id: ClientId,
    /// Where it comes from, as the host says it (`127.0.0.1:50123`).
    pub addr: String,
    /// The name that CLIENT SETNAME gave it.
    pub name: String,
    /// Name of its library (CLIENT SETINFO).
    pub lib_name: String,
    /// Version of its library (CLIENT SETINFO).
    pub lib_ver: String,
    /// RESP2 or RESP3.
    pub protocol: Protocol,
    /// Its selected database.
    pub db: usize,
    /// Whether it may run commands.
    pub authenticated: bool,
    /// Whose rights it has.
    user: Rc<User>,
    /// Whether its user lacks any right at all.
    pub(crate) restricted: bool,
    /// When it connected, in milliseconds since 1970.
    pub connected_at: i64,
    /// When it last sent something or was answered.
    pub active_at: i64,
    /// The command it ran last.
    pub last_command: Option<(&'static CommandSpec, Option<&'static CommandSpec>)>,
    /// What it listens to.
    pub subscriptions: Subscriptions,
    /// Whether it is shown all commands (MONITOR).
    pub is_monitor: bool,
    /// Since when its output has been above the soft limit, in milliseconds since 1970.
    pub(crate) much_output_since: Option<i64>,
    /// Which of its commands are answered (CLIENT REPLY).
    pub replies: Replies,
    /// What it has collected since MULTI.
    pub transaction: Option<Box<Transaction>>,
    /// Whether its EXEC is running: nothing may wait meanwhile.
    pub in_exec: bool,
    /// Whether a script of it calls what is running: nothing may wait meanwhile.
    pub in_script: bool,
    /// Whether its commands leave the last use of keys as it was (CLIENT NO-TOUCH).
    pub no_touch: bool,
    /// Whether it stays when clients take too much memory (CLIENT NO-EVICT).
    pub no_evict: bool,
    /// Whether it wants all data once, and not to follow (REPLCONF rdb-only).
    pub(crate) wants_snapshot_only: bool,
    /// Whether the host should close it once its output is sent.
    pub closing: bool,
    /// Whether the host has closed it already, while its script was half-way.
    pub(crate) is_gone: bool,
    /// Whether it waits, and what for.
    pub waiting: Waiting,
    /// Commands it has run.
    pub commands: u64,
    /// Bytes it has sent and received.
    pub bytes_in: u64,
    /// Bytes that were sent to it.
    pub bytes_out: u64,
    pub(crate) input: Vec<u8>,
    pub(crate) parser: RequestParser,
    pub(crate) output: Vec<u8>,
    /// What its running command has sent to itself; follows the reply.
    pub(crate) pushes: Vec<u8>,
}

impl Client {
    pub(crate) fn new(id: ClientId, addr: String, now: i64, user: Rc<User>) -> Self {
        Self {
            id,
            addr,
            name: String::new(),
            lib_name: String::new(),
            lib_ver: String::new(),
            protocol: Protocol::Resp2,
            db: 0,
            authenticated: user.admits_anyone(),
            restricted: !user.may_do_all(),
            user,
            connected_at: now,
            active_at: now,
            last_command: None,
            subscriptions: Subscriptions::default(),
            is_monitor: false,
            much_output_since: None,
            replies: Replies::On,
            transaction: None,
            in_exec: false,
            in_script: false,
            no_touch: false,
            no_evict: false,
            wants_snapshot_only: false,
            closing: false,
            is_gone: false,
            waiting: Waiting::No,
            commands: 0,
            bytes_in: 0,
            bytes_out: 0,
            input: Vec::new(),
            parser: RequestParser::default(),
            output: Vec::new(),
            pushes: Vec::new(),
        }
    }

    /// The user whose rights it has.
    pub fn user(&self) -> &Rc<User> {
        &self.user
    }

    /// Gives it the rights of a user.
    pub(crate) fn set_user(&mut self, user: Rc<User>) {
        self.restricted = !user.may_do_all();
        self.user = user;
    }

    /// Bytes of memory that the connection takes.
    pub fn memory_bytes(&self) -> usize {
        let queued = self.transaction.as_ref().map_or(0, |queue| queue.memory_bytes());
        size_of::<Self>()
            + self.addr.capacity()
            + self.input.capacity()
            + self.output.capacity()
            + queued
    }

    /// Whether it waits, so that its further commands have to.
    #[inline]
    pub fn is_blocked(&self) -> bool {
        matches!(self.waiting, Waiting::Parked(_) | Waiting::Postponed | Waiting::Script)
    }

    /// Whether it stands for the log of commands that a node reads when it starts.
    pub(crate) fn reads_log(&self) -> bool {
        self.id == LOG_READER
    }

    /// Whether it is sent the reply that it has waited for; only this one is left out if CLIENT REPLY SKIP said so.
    pub(crate) fn takes_reply(&mut self) -> bool {
        let is_answered = self.replies == Replies::On;
        if self.replies == Replies::Skip {
            self.replies = Replies::On;
        }
        is_answered
    }

    /// The letters that CLIENT LIST shows as `flags`; `N` where nothing is special.
    pub fn flag_letters(&self, effects: &Effects) -> String {
        let tracker = effects.tracking.tracker(self.id);
        let flags = [
            (self.is_monitor, 'O'),
            (!self.subscriptions.is_empty(), 'P'),
            (self.transaction.is_some(), 'x'),
            (self.is_blocked() && !matches!(self.waiting, Waiting::Script), 'b'),
            (tracker.is_some(), 't'),
            (tracker.is_some_and(|tracker| tracker.is_redirect_broken), 'R'),
            (tracker.is_some_and(|tracker| tracker.mode == Mode::Broadcast), 'B'),
            (effects.watches.has_changed(self.id), 'd'),
            (self.closing, 'c'),
            (self.no_evict, 'e'),
            (self.no_touch, 'T'),
        ];
        let letters: String =
            flags.iter().filter(|(is_set, _)| *is_set).map(|(_, letter)| letter).collect();
        if letters.is_empty() { "N".to_owned() } else { letters }
    }
}

/// All connections but the one that is being served.
#[derive(Debug, Clone, Default)]
pub struct Clients {
    by_id: BTreeMap<ClientId, Client>,
    last_id: u64,
    /// Those whose output or end the host does not know of yet, because they sent nothing themselves.
    woken: OrderedSet<ClientId>,
    /// Those that are shown all commands; the one that is being served may be among them.
    monitors: OrderedSet<ClientId>,
    /// Those whose output was above the soft limit when it was last looked at.
    with_much_output: OrderedSet<ClientId>,
    /// What listeners were sent lately, if somebody wants to see it.
    deliveries: Deliveries,
}

impl Clients {
    /// Adds a connection.
    pub(crate) fn connect(&mut self, addr: String, now: i64, user: Rc<User>) -> ClientId {
        self.last_id += 1;
        let id = ClientId(self.last_id);
        self.by_id.insert(id, Client::new(id, addr, now, user));
        id
    }

    pub(crate) fn remove(&mut self, id: ClientId) -> Option<Client> {
        self.woken.remove(&id);
        self.take(id)
    }

    /// Takes a connection out for a moment; the host still has to look at it if it had to before.
    pub(crate) fn take(&mut self, id: ClientId) -> Option<Client> {
        self.by_id.remove(&id)
    }

    /// Has the host look at a connection that was given output, or closed, by another one.
    pub(crate) fn wake(&mut self, id: ClientId) {
        self.woken.insert(id);
    }

    /// Takes those that were woken, oldest first.
    pub(crate) fn take_woken(&mut self) -> OrderedSet<ClientId> {
        std::mem::take(&mut self.woken)
    }

    /// Those that are shown all commands.
    #[inline]
    pub fn monitors(&self) -> &OrderedSet<ClientId> {
        &self.monitors
    }

    /// Begins to show all commands to a client, or stops.
    pub(crate) fn set_monitor(&mut self, client: &mut Client, on: bool) {
        client.is_monitor = on;
        if on {
            self.monitors.insert(client.id);
        } else {
            self.monitors.remove(&client.id);
        }
    }

    /// What listeners were sent lately, if somebody wants to see it.
    pub fn deliveries(&self) -> &Deliveries {
        &self.deliveries
    }

    /// The same, for writing.
    pub(crate) fn deliveries_mut(&mut self) -> &mut Deliveries {
        &mut self.deliveries
    }

    /// Those whose output was above the soft limit when it was last looked at.
    pub(crate) fn with_much_output(&self) -> &OrderedSet<ClientId> {
        &self.with_much_output
    }

    /// The same, for writing.
    pub(crate) fn with_much_output_mut(&mut self) -> &mut OrderedSet<ClientId> {
        &mut self.with_much_output
    }

    pub(crate) fn put_back(&mut self, client: Client) {
        self.by_id.insert(client.id, client);
    }

    /// A connection by its number.
    pub fn get(&self, id: ClientId) -> Option<&Client> {
        self.by_id.get(&id)
    }

    /// A connection by its number, for writing.
    pub fn get_mut(&mut self, id: ClientId) -> Option<&mut Client> {
        self.by_id.get_mut(&id)
    }

    /// All of them for writing, oldest first.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Client> {
        self.by_id.values_mut()
    }

    /// All of them, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Client> {
        self.by_id.values()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }
}
