//! The active expiry cycle: removes keys and fields of hashes whose time is over though nobody asks for them.
//!
//! As in Redis, each tick looks at some of the keys that have a deadline, goes on from where the last tick stopped,
//! removes those that are past it, and continues while more than a tenth of a sample was.
//! Work per tick is bounded by a number of samples, where Redis bounds it by time.
//! Fields need no samples: the schedule of each database tells which hash is next.

use redarium_structures::order;

use crate::database::Database;
use crate::keyspace::{ExpiryStep, Keys};
use crate::schedule::is_over;

/// Keys per sample at effort 1 (Redis: `ACTIVE_EXPIRE_CYCLE_KEYS_PER_LOOP`).
const KEYS_PER_SAMPLE: usize = 20;

/// Percent of dead keys in a sample that are put up with at effort 1.
const ACCEPTABLE_PERCENT: usize = 10;

/// Samples per tick and database at effort 1: 8,000 keys, one or two milliseconds.
const SAMPLES_MAX: usize = 400;

/// Fields that a tick removes: as many as keys. Redis begins with a tenth of that and goes on the faster, the more are due.
const FIELDS_PER_TICK: usize = 8_000;

/// One tick over all databases at `effort` 1 to 10.
pub(crate) fn cycle(keys: &mut Keys<'_>, effort: i64) {
    remove_fields(keys, keys.now, FIELDS_PER_TICK);
    let more = usize::try_from(effort - 1).unwrap_or(0).min(9);
    let per_sample = KEYS_PER_SAMPLE + KEYS_PER_SAMPLE / 4 * more;
    for db in 0..keys.dbs.len() {
        let mut keys = keys.in_db(db);
        if keys.database().earliest_deadline() > keys.now {
            continue;
        }
        for _ in 0..SAMPLES_MAX {
            let (seen, removed) = sample(&mut keys, per_sample);
            if removed * 100 <= seen * (ACCEPTABLE_PERCENT - more) {
                break;
            }
        }
    }
}

/// Looks at up to `count` keys with a deadline; how many it saw and how many it removed.
fn sample(keys: &mut Keys<'_>, count: usize) -> (usize, usize) {
    let count = count.min(keys.database().deadlines().len());
    let mut removed = 0;
    for _ in 0..count {
        let Some(deadline) = keys.database_mut().visit_deadline() else { break };
        let is_dead = deadline.is_over(keys.now);
        keys.tell(ExpiryStep::Seen { db: keys.db, id: deadline.id, is_dead });
        if is_dead {
            remove(keys, deadline.id);
            removed += 1;
        }
    }
    keys.tell(ExpiryStep::Sample { db: keys.db, seen: count, removed });
    (count, removed)
}

/// Removes a key whose time is over.
pub(crate) fn remove(keys: &mut Keys<'_>, id: u32) {
    keys.expire(id);
    keys.effects.expired_active += 1;
}

/// Removes up to `limit` fields of hashes that end up to `until`, the earliest of all databases first.
pub(crate) fn remove_fields(keys: &mut Keys<'_>, until: i64, limit: usize) {
    let mut left = limit;
    while left > 0
        && let Some((at, db)) = next_field_end(keys.dbs).filter(|&(at, _)| is_over(at, until))
    {
        // At least one, as the schedule knows of no field that is not there.
        left -= keys.in_db(db).remove_next_fields(at, left).clamp(1, left);
    }
}

/// When the next field ends, and in which database.
fn next_field_end(dbs: &[Database]) -> Option<(i64, usize)> {
    let ends = dbs.iter().zip(0..).filter(|(db, _)| !db.field_ends().is_empty());
    ends.map(|(db, number)| (db.field_ends().earliest(), number)).min()
}

/// Every key of every database whose time is over at `now`, as deadline, database and entry; the earliest deadline first.
///
/// O(n) in the keys with a deadline of databases where one is over, O(k log k) in those that are found.
pub(crate) fn due(dbs: &mut [Database], now: i64) -> Vec<(i64, usize, u32)> {
    let mut due = Vec::new();
    for (db, database) in dbs.iter_mut().enumerate() {
        if database.earliest_deadline() <= now {
            due.extend(
                database.due(now).into_iter().map(|deadline| (deadline.at, db, deadline.id)),
            );
        }
    }
    order::sort(&mut due);
    due
}
