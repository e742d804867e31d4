//! What happens when memory is short: keys are evicted by `maxmemory-policy`, or commands that need memory refused.
//!
//! As in Redis the least useful key is not searched for but guessed: a few keys are drawn at random, the best candidates of
//! all draws are kept in a pool of 16, and the best of these goes.
//! What is used is counted by `account.rs` and modelled after a real server, which itself takes about a
//! megabyte more when it is empty.

use redarium_structures::bytes::Bytes;
use redarium_structures::order;
use redarium_structures::rng::Rng;

use crate::access::AccessClock;
use crate::client::{Client, Clients};
use crate::command::Flags;
use crate::config::Config;
use crate::context::Ctx;
use crate::database::Database;
use crate::dispatch::Found;
use crate::error::CmdError;
use crate::footprint;

/// Candidates that are kept from one draw to the next.
pub const POOL_LEN: usize = 16;

/// Keys that one command evicts at most: some milliseconds; the next one goes on.
const EVICTED_PER_COMMAND_MAX: usize = 10_000;

/// Draws for one victim; the second at the latest finds one, as the pool is empty then.
const DRAWS_MAX: usize = 4;

/// Drawn keys that are kept for looking.
const SHOWN_DRAWS_MAX: usize = 64;

/// How victims are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choice {
    /// None is.
    Never,
    Random,
    /// Used the longest ago; under LRM, written the longest ago.
    Idle,
    /// Used the least.
    Rare,
    /// Ends first anyway.
    EndsFirst,
}

/// A policy as `maxmemory-policy` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Policy {
    choice: Choice,
    /// Whether keys without a deadline stay.
    volatile_only: bool,
}

impl Policy {
    fn of(config: &Config) -> Self {
        let name = config.maxmemory_policy.as_str();
        let (keys, choice) = name.split_once('-').unwrap_or(("", ""));
        let choice = match choice {
            "random" => Choice::Random,
            "lru" | "lrm" => Choice::Idle,
            "lfu" => Choice::Rare,
            "ttl" => Choice::EndsFirst,
            _ => Choice::Never,
        };
        Self { choice, volatile_only: keys == "volatile" }
    }

    /// How good a victim an entry is: the higher, the better.
    fn score(self, db: &Database, id: u32, access: AccessClock) -> u64 {
        let stamp = db.entry(id).access;
        match self.choice {
            Choice::Idle => u64::from(access.idle_seconds(stamp)),
            Choice::Rare => u64::from(255 - access.frequency(stamp).min(255)),
            Choice::EndsFirst => u64::MAX - db.deadline(id).unwrap_or(i64::MAX) as u64,
            Choice::Never | Choice::Random => 0,
        }
    }

    fn draw(self, db: &Database, rng: &mut Rng) -> Option<u32> {
        if !self.volatile_only {
            return db.table().random(rng);
        }
        let deadlines = db.deadlines();
        let at = rng.next_u64().checked_rem(deadlines.len() as u64)?;
        Some(deadlines.get(at as usize)?.id)
    }

    fn candidates(self, db: &Database) -> usize {
        if self.volatile_only { db.deadlines().len() } else { db.len() }
    }
}

/// A key that may have to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its database.
    pub db: usize,
    /// The key; it may be gone.
    pub key: Bytes,
    /// How good a victim it is: the higher, the better. Idle seconds, or 255 less the counter of uses, or for the sooner
    /// end the larger number.
    pub score: u64,
}

/// What is remembered from one eviction to the next.
#[derive(Debug, Clone, Default)]
pub struct Eviction {
    /// The best candidates of all draws so far, worst first.
    pub pool: Vec<Candidate>,
    /// The last draw.
    pub drawn: Vec<Candidate>,
    /// The last victim.
    pub victim: Option<Candidate>,
    /// The database from which the next random victim is drawn.
    next_db: usize,
    /// Whether there was too little room for the last command that was looked at.
    pub(crate) is_short: bool,
}

impl Eviction {
    /// Keeps a candidate if there is room or a worse one to drop; among equals the older ones go first.
    fn offer(&mut self, candidate: Candidate) {
        let worse = self.pool.iter().take_while(|other| other.score < candidate.score).count();
        if self.pool.len() < POOL_LEN {
            self.pool.insert(worse, candidate);
        } else if worse > 0 {
            self.pool.remove(0);
            self.pool.insert(worse - 1, candidate);
        }
    }
}

/// Bytes of the tables, and of keys and values beside them, of databases whose sizes are accounted. O(databases).
pub(crate) fn used_by_keys(dbs: &[Database]) -> (usize, usize) {
    let is_used = |db: &&Database| !db.is_empty();
    let tables = dbs.iter().filter(is_used).map(|db| {
        let deadlines = db.deadlines().len();
        footprint::table(db.len()) + if deadlines == 0 { 0 } else { footprint::table(deadlines) }
    });
    (tables.sum(), dbs.iter().map(|db| db.account().bytes()).sum())
}

/// What the node uses while sizes are accounted. O(databases).
fn used(ctx: &mut Ctx<'_>) -> usize {
    for db in ctx.keys.dbs.iter_mut() {
        // One that was loaded from a file begins to be accounted now.
        db.keep_account(true);
        db.settle_account();
    }
    let (tables, values) = used_by_keys(ctx.keys.dbs);
    // A client's buffers come and go within a command; that it is there is what counts.
    let clients = (ctx.clients.len() + 1) * size_of::<Client>();
    tables + values + clients
}

/// Follows a change of parameters: sizes are accounted where there is a `maxmemory`, and another policy begins anew.
pub(crate) fn configure(ctx: &mut Ctx<'_>, policy_changed: bool) {
    for db in ctx.keys.dbs.iter_mut() {
        db.keep_account(ctx.config.maxmemory > 0);
    }
    if policy_changed {
        *ctx.eviction = Eviction::default();
    }
}

/// Makes room before a command runs, where there is a `maxmemory`; refuses the command if it needs memory and none is left.
#[cold]
pub(crate) fn make_room(ctx: &mut Ctx<'_>, found: &Found) -> Result<(), CmdError> {
    ctx.eviction.is_short = !has_room(ctx);
    if !ctx.eviction.is_short || !needs_memory(ctx, found) {
        return Ok(());
    }
    Err(CmdError::Msg("OOM command not allowed when used memory > 'maxmemory'."))
}

/// Whether a command is refused when memory is short: those that may need more, and all that EXEC would have to keep.
fn needs_memory(ctx: &Ctx<'_>, found: &Found) -> bool {
    let flags = found.spec.flags;
    let needs = |flags: Flags| flags.has(Flags::DENYOOM);
    match &ctx.client.transaction {
        Some(queue) if flags.has(Flags::NEVER_QUEUED) => {
            found.spec.name == "EXEC"
                && queue.commands().iter().any(|queued| needs(queued.spec.flags))
        }
        Some(_) => true,
        None => needs(flags),
    }
}

/// Evicts keys until what is used fits in `maxmemory`; false if that cannot be.
fn has_room(ctx: &mut Ctx<'_>) -> bool {
    let policy = Policy::of(ctx.config);
    for _ in 0..EVICTED_PER_COMMAND_MAX {
        if used(ctx) <= ctx.config.maxmemory {
            return true;
        }
        let Some((db, id, score)) = choose(ctx, policy) else { return false };
        let key = ctx.keys.in_db(db).evict(id);
        ctx.eviction.victim = Some(Candidate { db, key, score });
    }
    // Not enough yet, but it goes on with the next command.
    true
}

/// The database, entry and score of the next victim.
fn choose(ctx: &mut Ctx<'_>, policy: Policy) -> Option<(usize, u32, u64)> {
    match policy.choice {
        Choice::Never => None,
        Choice::Random => choose_at_random(ctx, policy),
        Choice::Idle | Choice::Rare | Choice::EndsFirst => (0..DRAWS_MAX).find_map(|_| {
            draw(ctx, policy);
            best_of_pool(ctx, policy)
        }),
    }
}

/// A key of each database in turn.
fn choose_at_random(ctx: &mut Ctx<'_>, policy: Policy) -> Option<(usize, u32, u64)> {
    let count = ctx.keys.dbs.len();
    let first = ctx.eviction.next_db;
    let mut turns = (0..count).map(|turn| (first + turn) % count.max(1));
    let (db, id) = turns.find_map(|db| Some((db, policy.draw(ctx.keys.dbs.get(db)?, ctx.rng)?)))?;
    ctx.eviction.next_db = db + 1;
    ctx.eviction.drawn = vec![candidate(ctx.keys.dbs, db, id, 0)?];
    Some((db, id, 0))
}

/// Offers a few keys of each database to the pool.
fn draw(ctx: &mut Ctx<'_>, policy: Policy) {
    ctx.eviction.drawn.clear();
    for (number, db) in ctx.keys.dbs.iter().enumerate() {
        let samples = policy.candidates(db).min(ctx.config.maxmemory_samples as usize);
        for _ in 0..samples {
            let Some(id) = policy.draw(db, ctx.rng) else { break };
            let score = policy.score(db, id, ctx.keys.access);
            let Some(candidate) = candidate(ctx.keys.dbs, number, id, score) else { break };
            if ctx.eviction.drawn.len() < SHOWN_DRAWS_MAX {
                ctx.eviction.drawn.push(candidate.clone());
            }
            ctx.eviction.offer(candidate);
        }
    }
}

fn candidate(dbs: &[Database], db: usize, id: u32, score: u64) -> Option<Candidate> {
    let key = dbs.get(db)?.entry(id).key.clone();
    Some(Candidate { db, key, score })
}

/// Takes the best candidate that is still there out of the pool, and those that are gone.
fn best_of_pool(ctx: &mut Ctx<'_>, policy: Policy) -> Option<(usize, u32, u64)> {
    while let Some(Candidate { db, key, score }) = ctx.eviction.pool.pop() {
        let Some(database) = ctx.keys.dbs.get(db) else { continue };
        let found = database.find(ctx.keys.seed, &key);
        let stays = |&id: &u32| !policy.volatile_only || database.deadline(id).is_some();
        if let Some(id) = found.filter(stays) {
            return Some((db, id, score));
        }
    }
    None
}

/// Closes the connections that take the most memory until all together fit in `maxmemory-clients`; how many.
///
/// O(clients), where there is such a limit.
pub(crate) fn evict_clients(clients: &mut Clients, limit: usize) -> u64 {
    let mut sizes: Vec<_> = clients
        .iter()
        .filter(|client| !client.closing)
        .map(|client| (client.memory_bytes(), client.id, client.no_evict))
        .collect();
    let mut total: usize = sizes.iter().map(|(bytes, ..)| bytes).sum();
    sizes.retain(|&(.., no_evict)| !no_evict);
    order::sort(&mut sizes);
    let mut evicted = 0;
    while total > limit
        && let Some((bytes, id, _)) = sizes.pop()
    {
        total -= bytes;
        if let Some(client) = clients.get_mut(id) {
            client.closing = true;
            evicted += 1;
        }
        clients.wake(id);
    }
    evicted
}

#[cfg(test)]
mod tests;
