//! Saved worlds along the log, so that going back replays little.

use std::rc::Rc;

use crate::world::World;

/// Actions from one checkpoint to the next.
///
/// A checkpoint costs a pointer per 256 keys at once, and later a copy of each of those chunks that is written.
/// Replaying this many commands takes well under a millisecond.
const ACTIONS_PER_CHECKPOINT: usize = 64;

/// Bytes of actions after which a checkpoint is due earlier: large values take longer to replay than small ones.
const BYTES_PER_CHECKPOINT: usize = 512 * 1024;

/// Checkpoints that are kept, besides the start.
///
/// Thinned out so that gaps grow with age, 24 leave a gap of at most about a third of the distance to now:
/// some 3,000 of 10,000 actions, a few milliseconds of replay.
const KEPT_MAX: usize = 24;

/// A world as it was before the action at `position`.
#[derive(Debug)]
struct Checkpoint {
    position: usize,
    world: World,
}

/// Checkpoints in order of their position; the first is the start at 0 and stays.
#[derive(Debug, Clone)]
pub(crate) struct Checkpoints {
    kept: Vec<Rc<Checkpoint>>,
    bytes_since: usize,
}

impl Checkpoints {
    pub(crate) fn new(start: World) -> Self {
        Self { kept: vec![Rc::new(Checkpoint { position: 0, world: start })], bytes_since: 0 }
    }

    /// Before an action of `bytes` is done at `position`: saves the world if it is time to.
    ///
    /// The action before it must be complete, that is, never be merged with a later one.
    pub(crate) fn before(&mut self, position: usize, bytes: usize, world: &World) {
        let last = self.kept.last().map_or(0, |checkpoint| checkpoint.position);
        let passed = position.saturating_sub(last);
        if passed >= ACTIONS_PER_CHECKPOINT
            || (passed > 0 && self.bytes_since >= BYTES_PER_CHECKPOINT)
        {
            self.kept.push(Rc::new(Checkpoint { position, world: world.clone() }));
            self.bytes_since = 0;
            if self.kept.len() > KEPT_MAX + 1 {
                self.thin_out();
            }
        }
        self.bytes_since += bytes;
    }

    /// Drops the checkpoint that is missed least: where the gap it would leave is smallest for its age.
    fn thin_out(&mut self) {
        let now = self.kept.last().map_or(0, |checkpoint| checkpoint.position);
        let mut least = (1, f64::INFINITY);
        for (index, three) in self.kept.windows(3).enumerate() {
            if let [before, at, after] = three {
                let gap = (after.position - before.position) as f64;
                let missed = gap / (now - at.position) as f64;
                if missed < least.1 {
                    least = (index + 1, missed);
                }
            }
        }
        if least.0 < self.kept.len() {
            self.kept.remove(least.0);
        }
    }

    /// Forgets what comes after `position`.
    pub(crate) fn truncate(&mut self, position: usize) {
        self.kept.retain(|checkpoint| checkpoint.position <= position);
        self.bytes_since = 0;
    }

    /// The latest saved world at or before `position`, and where it stands.
    pub(crate) fn latest(&self, position: usize) -> Option<(usize, &World)> {
        let checkpoint = self.kept.iter().rev().find(|saved| saved.position <= position)?;
        Some((checkpoint.position, &checkpoint.world))
    }
}

#[cfg(test)]
mod tests {
    use redarium_engine::config::Config;

    use super::*;

    #[test]
    fn gaps_grow_with_age() {
        let world = World::new(0, 7, Config::default(), false);
        let mut checkpoints = Checkpoints::new(world.clone());
        for position in 0..20_000 {
            checkpoints.before(position, 10, &world);
        }
        assert!(checkpoints.kept.len() <= KEPT_MAX + 1, "bounded");
        let positions: Vec<usize> = checkpoints.kept.iter().map(|saved| saved.position).collect();
        assert_eq!(positions.first(), Some(&0), "the start stays");
        for pair in positions.windows(2) {
            let (gap, age) = (pair[1] - pair[0], 20_000 - pair[0]);
            assert!(
                gap <= (age / 2).max(2 * ACTIONS_PER_CHECKPOINT),
                "a gap of {gap} at age {age}"
            );
        }
    }
}
