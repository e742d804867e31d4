//! One Redis node without input, output or a clock of its own.
//!
//! The host connects clients, hands in their bytes and the time, and takes bytes out.
//! The same seed, times and bytes give the same replies on every target.

use redarium_resp::encode::Encoder;
use redarium_resp::request::{Limits, Parsed, RequestParser};
use redarium_structures::rng::Rng;

use crate::access::AccessClock;
use crate::args::Args;
use crate::client::{Client, ClientId, Clients};
use crate::command::Answer;
use crate::config::Config;
use crate::context::Ctx;
use crate::database::Database;
use crate::effects::{Change, Effects};
use crate::keyspace::Keys;
use crate::stats::Stats;
use crate::trace::TraceBuffer;
use crate::{dispatch, expiry};

/// Ticks without a command between them that sample for dead keys; after these a sweep does the work of each.
///
/// Counted from command to command, not from call to call: how a host slices the time must not change what happens.
/// A minute of watching, and little work for a jump of years.
const SAMPLED_TICKS_MAX: u32 = 600;

/// Buckets that a tick moves in each database that is being rehashed.
const REHASH_BUCKETS_PER_TICK: usize = 1000;

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
}

/// One Redis node.
///
/// Cloning it is how checkpoints and forks are made: it costs a pointer per chunk of 256 keys, not a copy of the data.
#[derive(Debug, Clone)]
pub struct Engine {
    dbs: Vec<Database>,
    clients: Clients,
    config: Config,
    effects: Effects,
    stats: Stats,
    rng: Rng,
    seed: u64,
    now: i64,
    next_tick: i64,
    /// Ticks that sampled since the last command.
    sampled_ticks: u32,
    trace: Option<TraceBuffer>,
    /// Words of the command that is being read; kept to spare an allocation.
    spans: Vec<(u32, u32)>,
}

impl Engine {
    /// A node without data or clients.
    pub fn new(options: Options) -> Self {
        let Options { start, seed, config } = options;
        let mut rng = Rng::new(seed);
        let hash_seed = rng.next_u64();
        let run_id = {
            let (high, low) = (u128::from(rng.next_u64()), u128::from(rng.next_u64()));
            format!("{:032x}{:08x}", high << 64 | low, rng.next_u64() as u32)
        };
        Self {
            dbs: vec![Database::default(); config.databases],
            clients: Clients::default(),
            config,
            effects: Effects::default(),
            stats: Stats { started_at: start, run_id, ..Stats::default() },
            rng,
            seed: hash_seed,
            now: start,
            next_tick: start,
            sampled_ticks: 0,
            trace: None,
            spans: Vec::new(),
        }
    }

    /// Opens a connection that comes from `addr`, a text for CLIENT LIST.
    pub fn connect(&mut self, addr: &str) -> ClientId {
        self.stats.connections += 1;
        let authenticated = self.config.requirepass.is_empty();
        self.clients.connect(addr.to_owned(), self.now, authenticated)
    }

    /// Closes a connection; what it was sent and did not take is lost.
    pub fn disconnect(&mut self, id: ClientId) {
        self.clients.remove(id);
    }

    /// Hands in bytes that a client has sent: any number of commands, or part of one.
    ///
    /// Afterwards call [`take_output`](Self::take_output) for every client and [`poll_timeout`](Self::poll_timeout).
    /// Bytes of an unknown client, or of one that is closing, are ignored.
    pub fn feed(&mut self, id: ClientId, bytes: &[u8]) {
        let Some(mut client) = self.clients.remove(id) else { return };
        if !client.closing {
            self.feed_client(&mut client, bytes);
        }
        self.clients.put_back(client);
    }

    fn feed_client(&mut self, client: &mut Client, bytes: &[u8]) {
        self.sampled_ticks = 0;
        client.bytes_in += bytes.len() as u64;
        client.active_at = self.now;
        self.stats.bytes_in += bytes.len() as u64;
        let mut output = std::mem::take(&mut client.output);
        let before = output.len();
        if client.input.is_empty() {
            let consumed = self.run_all(client, bytes, &mut output);
            client.input.extend_from_slice(bytes.get(consumed..).unwrap_or(&[]));
        } else {
            let mut input = std::mem::take(&mut client.input);
            input.extend_from_slice(bytes);
            let consumed = self.run_all(client, &input, &mut output);
            input.drain(..consumed);
            if !input.is_empty() || input.capacity() <= INPUT_KEPT_MAX {
                client.input = input;
            }
        }
        if client.input.len() > self.config.client_query_buffer_limit {
            client.closing = true;
        }
        let written = (output.len() - before) as u64;
        client.bytes_out += written;
        self.stats.bytes_out += written;
        client.output = output;
    }

    /// Runs every complete command in `input`; how many bytes they took.
    fn run_all(&mut self, client: &mut Client, input: &[u8], output: &mut Vec<u8>) -> usize {
        let mut parser: RequestParser = std::mem::take(&mut client.parser);
        let mut spans = std::mem::take(&mut self.spans);
        let mut at = 0;
        while !client.closing && at < input.len() {
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
                    self.run_one(client, Args::new(rest, &spans), output);
                    at += consumed;
                }
                Ok(Parsed::Inline { consumed, words }) => {
                    self.run_one(client, Args::new(words.buf(), words.spans()), output);
                    at += consumed;
                }
                Err(error) => {
                    Encoder { out: output, protocol: client.protocol }
                        .error(format!("ERR {error}"));
                    client.closing = true;
                }
            }
        }
        client.parser = parser;
        self.spans = spans;
        at
    }

    fn run_one(&mut self, client: &mut Client, args: Args<'_>, output: &mut Vec<u8>) {
        let mut ctx = Ctx {
            reply: Encoder { out: output, protocol: client.protocol },
            keys: Keys {
                dbs: &mut self.dbs,
                db: client.db,
                now: self.now,
                effects: &mut self.effects,
                seed: self.seed,
                access: AccessClock::new(self.now, self.config.counts_uses()),
            },
            client,
            clients: &mut self.clients,
            config: &mut self.config,
            stats: &mut self.stats,
            rng: &mut self.rng,
            trace: self.trace.as_mut(),
        };
        if dispatch::run(&mut ctx, args) == Answer::Close {
            ctx.client.closing = true;
        }
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
    /// [`take_output`](Self::take_output).
    pub fn drain_output(&mut self, id: ClientId, into: &mut Vec<u8>) {
        if let Some(client) = self.clients.get_mut(id) {
            into.append(&mut client.output);
        }
    }

    /// Whether the host should close a connection once its output is sent.
    pub fn is_closing(&self, id: ClientId) -> bool {
        self.clients.get(id).is_none_or(|client| client.closing)
    }

    /// The clock, in milliseconds since 1970.
    pub fn now(&self) -> i64 {
        self.now
    }

    /// Moves the clock forward to `to`, doing on the way what falls due, each thing at its own time.
    ///
    /// A clock that would run backwards stays where it is.
    pub fn advance_to(&mut self, to: i64) {
        let period = 1000 / self.config.hz.clamp(1, 500);
        while self.next_tick <= to {
            let due = self.next_due();
            if due > self.next_tick {
                // Nothing can happen before `due`: go to the first tick after it.
                let target = due.min(to.saturating_add(1));
                let ticks = (target - self.next_tick).div_euclid(period).max(1);
                self.next_tick = self.next_tick.saturating_add(ticks.saturating_mul(period));
                continue;
            }
            self.now = self.now.max(self.next_tick);
            self.tick(self.sampled_ticks >= SAMPLED_TICKS_MAX);
            self.sampled_ticks = self.sampled_ticks.saturating_add(1);
            self.next_tick += period;
        }
        self.now = self.now.max(to);
    }

    /// A time before which a tick would change nothing.
    fn next_due(&mut self) -> i64 {
        let mut due = i64::MAX;
        for db in &mut self.dbs {
            if db.rehash(0) {
                return i64::MIN;
            }
            if db.earliest_deadline() < self.next_tick {
                db.refresh_earliest_deadline();
            }
            due = due.min(db.earliest_deadline());
        }
        due
    }

    fn tick(&mut self, thorough: bool) {
        for db in &mut self.dbs {
            db.rehash(REHASH_BUCKETS_PER_TICK);
        }
        let mut keys = Keys {
            dbs: &mut self.dbs,
            db: 0,
            now: self.now,
            effects: &mut self.effects,
            seed: self.seed,
            access: AccessClock::new(self.now, self.config.counts_uses()),
        };
        if thorough {
            expiry::sweep(&mut keys);
        } else {
            expiry::cycle(&mut keys, &mut self.rng, self.config.active_expire_effort);
        }
    }

    /// When the node next wants [`advance_to`](Self::advance_to) to be called, if at all; poll again after
    /// [`feed`](Self::feed) and `advance_to`. Extra calls do nothing.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<i64> {
        let works = self
            .dbs
            .iter()
            .any(|db| !db.deadlines().is_empty() || db.table().rehash_index().is_some());
        works.then_some(self.next_tick)
    }

    /// Starts to record changes of keys for [`take_changes`](Self::take_changes), or stops.
    pub fn observe(&mut self, on: bool) {
        self.effects.observed = on;
    }

    /// Takes the changes since the last call and how many more there were than are kept.
    pub fn take_changes(&mut self) -> (Vec<Change>, u64) {
        (std::mem::take(&mut self.effects.changes), std::mem::take(&mut self.effects.dropped))
    }

    /// Starts to record steps of algorithms, at most `limit` until they are taken; 0 stops.
    pub fn record_steps(&mut self, limit: usize) {
        self.trace = (limit > 0).then(|| TraceBuffer::new(limit));
    }

    /// Takes the steps since the last call.
    pub fn take_steps(&mut self) -> Option<TraceBuffer> {
        let taken = self.trace.clone()?;
        self.trace.as_mut().expect("checked above").clear();
        Some(taken)
    }

    /// The databases, for looking.
    pub fn databases(&self) -> &[Database] {
        &self.dbs
    }

    /// The connections, for looking.
    pub fn clients(&self) -> &Clients {
        &self.clients
    }

    /// The parameters, for looking.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The seed of the hash function, for looking.
    pub(crate) fn hash_seed(&self) -> u64 {
        self.seed
    }
}
