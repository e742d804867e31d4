//! One Redis node without input, output or a clock of its own.
//!
//! The host connects clients, hands in their bytes and the time, and takes bytes out.
//! The same seed, times and bytes give the same replies on every target.

mod clock;
mod files;
mod scripting;
mod waking;

use redarium_resp::encode::Encoder;
use redarium_resp::request::{Limits, Parsed, RequestParser};
use redarium_structures::ordered::OrderedSet;
use redarium_structures::rng::Rng;

use crate::access::AccessClock;
use crate::acl::Acl;
use crate::args::Args;
use crate::client::{Client, ClientId, Clients};
use crate::command::Answer;
use crate::config::Config;
use crate::context::Ctx;
use crate::database::Database;
use crate::effects::{Change, Effects};
use crate::eviction::Eviction;
use crate::graveyard::Graveyard;
use crate::keyspace::Keys;
use crate::mail::Mail;
use crate::output_limit::{self, FIRST_BUFFER_BYTES};
use crate::persistence::{LOADING_NOW, Persistence};
use crate::pubsub::PubSub;
use crate::scripting::Scripts;
use crate::stats::Stats;
use crate::timing::{Stopwatch, Timing};
use crate::trace::{TraceBuffer, Tracer};
use crate::{dispatch, eviction};

/// The clock goes no further: 146 million years, so that adding a time to live cannot overflow.
const LATEST: i64 = i64::MAX / 2;

/// Slices of 256 elements of what nobody needs any more that a command frees: some 10 microseconds.
const FREED_SLICES_PER_COMMAND: usize = 1;

/// Bytes of a query buffer that is kept for reuse; a larger one is freed once it is empty.
const INPUT_KEPT_MAX: usize = 64 * 1024;

/// What a node starts with.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The clock at the start, in milliseconds since 1970.
    pub start: i64,
    /// Seed of everything that is left to chance.
    pub seed: u64,
    /// The parameters.
    pub config: Config,
    /// Whether the host keeps files and carries out what [`take_file_ops`](Engine::take_file_ops) says.
    pub has_files: bool,
}

/// One Redis node.
///
/// Cloning it is how checkpoints and forks are made: it costs a pointer per chunk of 256 keys, not a copy of the data.
#[derive(Debug, Clone)]
pub struct Engine {
    pub(crate) dbs: Vec<Database>,
    pub(crate) clients: Clients,
    pubsub: PubSub,
    pub(crate) config: Config,
    pub(crate) effects: Effects,
    graveyard: Graveyard,
    stats: Stats,
    pub(crate) acl: Acl,
    eviction: Eviction,
    timing: Timing,
    pub(crate) rng: Rng,
    pub(crate) seed: u64,
    pub(crate) now: i64,
    next_tick: i64,
    /// Ticks that sampled since the last command.
    sampled_ticks: u32,
    trace: Option<Tracer>,
    pub(crate) persistence: Persistence,
    pub(crate) scripts: Scripts,
    /// Whether a log of commands is being run, in which nothing ends by itself.
    pub(crate) is_loading: bool,
    /// Words of the command that is being read; kept to spare an allocation.
    spans: Vec<(u32, u32)>,
}

impl Engine {
    /// A node without data or clients; what is on the host's files from before is not read.
    pub fn new(options: Options) -> Self {
        let mut node = Self::bare(options);
        if node.config.appendonly {
            node.start_log();
        }
        node
    }

    /// A node without data that has not begun to write files.
    pub(crate) fn bare(options: Options) -> Self {
        let Options { start, seed, config, has_files } = options;
        let start = start.clamp(0, LATEST);
        let acl = Acl::new(&config);
        let mut db = Database::default();
        db.keep_account(config.maxmemory > 0);
        let mut rng = Rng::new(seed);
        let hash_seed = rng.next_u64();
        let run_id = {
            let (high, low) = (u128::from(rng.next_u64()), u128::from(rng.next_u64()));
            format!("{:032x}{:08x}", high << 64 | low, rng.next_u64() as u32)
        };
        Self {
            dbs: vec![db; config.databases],
            clients: Clients::default(),
            pubsub: PubSub::default(),
            effects: Effects { classes: config.notify_keyspace_events, ..Effects::default() },
            config,
            graveyard: Graveyard::default(),
            stats: Stats { started_at: start, run_id, ..Stats::default() },
            acl,
            eviction: Eviction::default(),
            timing: Timing::default(),
            rng,
            seed: hash_seed,
            now: start,
            next_tick: start,
            sampled_ticks: 0,
            trace: None,
            persistence: Persistence::new(has_files, start),
            scripts: Scripts::default(),
            is_loading: false,
            spans: Vec::new(),
        }
    }

    /// Opens a connection that comes from `addr`, a text for CLIENT LIST.
    ///
    /// Where there are `maxclients` already, it is answered an error and is to be closed.
    pub fn connect(&mut self, addr: &str) -> ClientId {
        let is_full = self.clients.len() >= self.config.maxclients;
        let id = self.clients.connect(addr.to_owned(), self.now, self.acl.default_user());
        if is_full && let Some(client) = self.clients.get_mut(id) {
            client.output.extend_from_slice(b"-ERR max number of clients reached\r\n");
            client.closing = true;
            self.stats.rejected_connections += 1;
        } else {
            self.stats.connections += 1;
        }
        id
    }

    /// Closes a connection; what it was sent and did not take is lost.
    pub fn disconnect(&mut self, id: ClientId) {
        if self.scripts.running().is_some_and(|run| run.client() == id)
            && let Some(client) = self.clients.get_mut(id)
        {
            // Its script goes on: others may see what it does.
            (client.closing, client.is_gone) = (true, true);
            return;
        }
        self.effects.watches.forget(id);
        self.effects.tracking.stop(id);
        if let Some(mut client) = self.clients.remove(id) {
            self.pubsub.leave(&mut client);
            self.effects.waiters.forget(&mut client);
            self.clients.set_monitor(&mut client, false);
        }
    }

    /// Hands in bytes that a client has sent: any number of commands, or part of one.
    ///
    /// Afterwards call [`take_output`](Self::take_output) for this client and for those that
    /// [`take_woken`](Self::take_woken) names, and [`poll_timeout`](Self::poll_timeout).
    /// Bytes of an unknown client, or of one that is closing, are ignored.
    pub fn feed(&mut self, id: ClientId, bytes: &[u8]) {
        let Some(mut client) = self.clients.remove(id) else { return };
        if !client.closing {
            client.bytes_in += bytes.len() as u64;
            client.active_at = self.now;
            self.stats.bytes_in += bytes.len() as u64;
            self.run_input(&mut client, bytes);
        }
        self.clients.put_back(client);
        self.run_released();
        self.flush_log();
        self.tell_trackers();
        let limit = self.config.maxmemory_clients.bytes(self.config.maxmemory);
        if limit > 0 {
            self.stats.evicted_clients += eviction::evict_clients(&mut self.clients, limit);
        }
    }

    /// Runs what a client has sent before, and `bytes`; what cannot be run yet is kept.
    fn run_input(&mut self, client: &mut Client, bytes: &[u8]) {
        self.sampled_ticks = 0;
        self.timing.started = self.timing.read();
        self.answer(client, |node, client, output| {
            if client.input.is_empty() {
                let consumed = node.run_all(client, bytes, output);
                client.input.extend_from_slice(bytes.get(consumed..).unwrap_or(&[]));
            } else {
                let mut input = std::mem::take(&mut client.input);
                input.extend_from_slice(bytes);
                let consumed = node.run_all(client, &input, output);
                input.drain(..consumed);
                if !input.is_empty() || input.capacity() <= INPUT_KEPT_MAX {
                    client.input = input;
                }
            }
        });
        // As in Redis, what waits for EXEC counts as input too.
        let queued = client.transaction.as_ref().map_or(0, |queue| queue.word_bytes());
        if client.input.len() + queued > self.config.client_query_buffer_limit {
            client.closing = true;
        }
    }

    /// Runs every complete command in `input`; how many bytes they took.
    fn run_all(&mut self, client: &mut Client, input: &[u8], output: &mut Vec<u8>) -> usize {
        let mut parser: RequestParser = std::mem::take(&mut client.parser);
        let mut spans = std::mem::take(&mut self.spans);
        let mut at = 0;
        while !client.closing
            && !client.is_blocked()
            && !self.persistence.is_shut_down()
            && at < input.len()
        {
            let limits = Limits {
                max_bulk_len: self.config.proto_max_bulk_len as u64,
                authenticated: client.authenticated,
                ..Limits::default()
            };
            let rest = input.get(at..).unwrap_or(&[]);
            spans.clear();
            match parser.parse(rest, &limits, &mut spans) {
                Ok(Parsed::Incomplete) => break,
                Ok(Parsed::Empty { consumed }) => at += consumed,
                Ok(Parsed::Command { consumed }) => {
                    if !self.run_unless_postponed(client, Args::new(rest, &spans), output) {
                        break;
                    }
                    at += consumed;
                }
                Ok(Parsed::Inline { consumed, words }) => {
                    let args = Args::new(words.buf(), words.spans());
                    if !self.run_unless_postponed(client, args, output) {
                        break;
                    }
                    at += consumed;
                }
                Err(error) => {
                    Encoder { out: output, protocol: client.protocol }
                        .error([b"ERR ", &error.to_bytes()[..]].concat());
                    client.closing = true;
                }
            }
            if self.effects.waiters.has_ready() && !self.scripts.is_running() {
                self.serve_beside(client, output);
            }
            if self.timing.pending_sleep > 0 {
                self.sleep_beside(client, output);
            }
        }
        client.parser = parser;
        self.spans = spans;
        at
    }

    /// Runs a command, unless a pause holds it back; whether it did.
    #[inline]
    fn run_unless_postponed(
        &mut self,
        client: &mut Client,
        args: Args<'_>,
        output: &mut Vec<u8>,
    ) -> bool {
        let is_due = !self.is_postponed(client, args);
        if is_due {
            self.run_one(client, args, output);
        }
        is_due
    }

    pub(crate) fn run_one(&mut self, client: &mut Client, args: Args<'_>, output: &mut Vec<u8>) {
        self.run_with(client, output, |ctx| dispatch::run(ctx, args));
    }

    /// Lets a client's command do something, and sends what comes of it.
    #[inline]
    fn run_with(
        &mut self,
        client: &mut Client,
        output: &mut Vec<u8>,
        run: impl FnOnce(&mut Ctx<'_>) -> Answer,
    ) {
        if !self.graveyard.is_empty() {
            self.graveyard.free(FREED_SLICES_PER_COMMAND);
        }
        let access = AccessClock::new(self.now, &self.config, &mut self.rng);
        let mut ctx = Ctx {
            reply: Encoder { out: output, protocol: client.protocol },
            keys: Keys {
                dbs: &mut self.dbs,
                db: client.db,
                now: if self.is_loading { LOADING_NOW } else { self.now },
                effects: &mut self.effects,
                seed: self.seed,
                access: if client.no_touch { access.disabled() } else { access },
                graveyard: &mut self.graveyard,
                steps: self.trace.as_ref(),
            },
            client,
            clients: &mut self.clients,
            pubsub: &mut self.pubsub,
            config: &mut self.config,
            stats: &mut self.stats,
            rng: &mut self.rng,
            acl: &mut self.acl,
            eviction: &mut self.eviction,
            timing: &mut self.timing,
            trace: self.trace.as_ref(),
            persistence: &mut self.persistence,
            scripts: &mut self.scripts,
        };
        if run(&mut ctx) == Answer::Close {
            ctx.client.closing = true;
        }
        if !ctx.client.pushes.is_empty() {
            ctx.reply.out.append(&mut ctx.client.pushes);
        }
        let len = ctx.reply.out.len();
        if len > FIRST_BUFFER_BYTES {
            let limits = ctx.config.client_output_buffer_limit;
            if limits.are_exceeded(ctx.client, len, ctx.keys.now) {
                output_limit::close(ctx.client, ctx.stats);
                ctx.reply.out.clear();
            } else if ctx.client.much_output_since.is_some() {
                ctx.clients.with_much_output_mut().insert(ctx.client.id);
            }
        }
    }

    /// Hands in a stopwatch, so that the reports of how long commands take are true; without one they take no time.
    pub fn set_stopwatch(&mut self, stopwatch: Stopwatch) {
        self.timing.set_stopwatch(stopwatch);
    }

    /// Takes the milliseconds for which DEBUG SLEEP has asked everybody to wait; the clock has moved by them already.
    #[must_use]
    pub fn take_pause(&mut self) -> u64 {
        self.timing.take_pause_ms()
    }

    /// Takes the bytes that are ready for a client, in wire order.
    #[must_use]
    pub fn take_output(&mut self, id: ClientId) -> Vec<u8> {
        self.clients
            .get_mut(id)
            .map(|client| std::mem::take(&mut client.output))
            .unwrap_or_default()
    }

    /// Moves the bytes that are ready for a client to the end of `into`; spares the allocation of
    /// [`take_output`](Self::take_output), and the copy as well if `into` is empty.
    pub fn drain_output(&mut self, id: ClientId, into: &mut Vec<u8>) {
        if let Some(client) = self.clients.get_mut(id) {
            if into.is_empty() {
                std::mem::swap(&mut client.output, into);
            } else {
                into.append(&mut client.output);
            }
        }
    }

    /// Takes the connections that have output or are to be closed through what others sent, oldest first.
    ///
    /// Poll after [`feed`](Self::feed) and [`advance_to`](Self::advance_to).
    #[must_use]
    pub fn take_woken(&mut self) -> OrderedSet<ClientId> {
        self.clients.take_woken()
    }

    /// Whether the host should close a connection once its output is sent.
    pub fn is_closing(&self, id: ClientId) -> bool {
        self.clients.get(id).is_none_or(|client| client.closing)
    }

    /// The clock, in milliseconds since 1970.
    pub fn now(&self) -> i64 {
        self.now
    }

    /// Tells clients that keep copies what has changed by itself, and what is broadcast.
    fn tell_trackers(&mut self) {
        let tracking = &mut self.effects.tracking;
        if !tracking.is_empty() {
            tracking.broadcast();
            let (clients, stats) = (&mut self.clients, &mut self.stats);
            let limits = &self.config.client_output_buffer_limit;
            tracking.deliver(&mut Mail { own: None, clients, stats, limits, now: self.now });
        }
    }

    /// The keys as no client sees them.
    fn keys(&mut self) -> Keys<'_> {
        Keys {
            dbs: &mut self.dbs,
            db: 0,
            now: self.now,
            effects: &mut self.effects,
            seed: self.seed,
            access: AccessClock::idle(self.now),
            graveyard: &mut self.graveyard,
            steps: self.trace.as_ref(),
        }
    }

    /// Starts to record changes of keys for [`take_changes`](Self::take_changes), or stops.
    pub fn observe(&mut self, on: bool) {
        self.effects.observed = on;
        self.clients.deliveries_mut().is_on = on || self.trace.is_some();
    }

    /// Takes the changes since the last call and how many more there were than are kept.
    pub fn take_changes(&mut self) -> (Vec<Change>, u64) {
        (std::mem::take(&mut self.effects.changes), std::mem::take(&mut self.effects.dropped))
    }

    /// Starts to record steps of algorithms, at most `limit` until they are taken; 0 stops.
    pub fn record_steps(&mut self, limit: usize) {
        self.trace = (limit > 0).then(|| Tracer::new(limit));
        self.clients.deliveries_mut().is_on = limit > 0 || self.effects.observed;
    }

    /// Takes the steps since the last call.
    pub fn take_steps(&mut self) -> Option<TraceBuffer> {
        self.trace.as_ref().map(Tracer::take)
    }

    /// The databases, for looking.
    pub fn databases(&self) -> &[Database] {
        &self.dbs
    }

    /// Who listens to what, for looking.
    pub fn pubsub(&self) -> &PubSub {
        &self.pubsub
    }

    /// The connections, for looking.
    pub fn clients(&self) -> &Clients {
        &self.clients
    }

    /// The parameters, for looking.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The users, for looking.
    pub(crate) fn acl(&self) -> &Acl {
        &self.acl
    }

    /// Who has to go when memory is short, for looking.
    pub(crate) fn eviction(&self) -> &Eviction {
        &self.eviction
    }

    /// How long commands took, for looking.
    pub(crate) fn timing(&self) -> &Timing {
        &self.timing
    }

    /// The counters, for looking.
    pub(crate) fn effects(&self) -> &Effects {
        &self.effects
    }

    /// The seed of the hash function, for looking.
    pub(crate) fn hash_seed(&self) -> u64 {
        self.seed
    }
}

#[cfg(test)]
mod tests;
