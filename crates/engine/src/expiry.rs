//! The active expiry cycle: removes keys whose time is over though nobody asks for them.
//!
//! As in Redis, each tick samples keys that have a deadline, removes those that are past it,
//! and goes on while more than a tenth of a sample was.
//! Work per tick is bounded by a number of samples, where Redis bounds it by time.

use redarium_structures::rng::Rng;

use crate::keyspace::Keys;

/// Keys per sample at effort 1 (Redis: `ACTIVE_EXPIRE_CYCLE_KEYS_PER_LOOP`).
const KEYS_PER_SAMPLE: usize = 20;

/// Samples per tick and database: 8,000 keys, about a millisecond.
const SAMPLES_MAX: usize = 400;

/// One tick over all databases; how many keys it removed.
pub(crate) fn cycle(keys: &mut Keys<'_>, rng: &mut Rng, effort: i64) -> u64 {
    let effort = usize::try_from(effort - 1).unwrap_or(0);
    let per_sample = KEYS_PER_SAMPLE + KEYS_PER_SAMPLE / 4 * effort;
    let acceptable_percent = 10 - effort.min(9);
    let mut removed = 0;
    for db in 0..keys.dbs.len() {
        if keys.dbs.get(db).is_none_or(|database| database.earliest_deadline() >= keys.now) {
            continue;
        }
        let mut keys = keys.in_db(db);
        for _ in 0..SAMPLES_MAX {
            let (sampled, expired) = sample(&mut keys, rng, per_sample);
            removed += expired as u64;
            if expired * 100 <= sampled * acceptable_percent {
                break;
            }
        }
    }
    removed
}

/// Looks at up to `count` random keys with a deadline; how many it saw and how many it removed.
fn sample(keys: &mut Keys<'_>, rng: &mut Rng, count: usize) -> (usize, usize) {
    let count = count.min(keys.database().deadlines().len());
    let mut expired = 0;
    for _ in 0..count {
        let deadlines = keys.database().deadlines();
        if deadlines.is_empty() {
            break;
        }
        let pick = rng.below(deadlines.len() as u64) as usize;
        let Some(&deadline) = deadlines.get(pick) else { break };
        if deadline.at < keys.now {
            keys.expire(deadline.id);
            expired += 1;
        }
    }
    (count, expired)
}

/// Removes every key of every database whose time is over, the earliest deadline first. O(n log n) in those.
///
/// Stands in for the many ticks of a long jump of the clock.
pub(crate) fn sweep(keys: &mut Keys<'_>) -> u64 {
    let mut removed = 0;
    for db in 0..keys.dbs.len() {
        let mut keys = keys.in_db(db);
        let now = keys.now;
        let mut due: Vec<_> = keys
            .database()
            .deadlines()
            .iter()
            .copied()
            .filter(|deadline| deadline.at < now)
            .collect();
        due.sort_by_key(|deadline| (deadline.at, deadline.id));
        for deadline in &due {
            keys.expire(deadline.id);
        }
        removed += due.len() as u64;
    }
    removed
}
