//! A set of commands and subcommands: one bit each.

use crate::table::{self, CommandId};

/// Which commands are in the set; those beyond its words are not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct CommandSet {
    words: Vec<u64>,
}

impl CommandSet {
    /// All commands that there are.
    pub(super) fn all() -> Self {
        Self { words: vec![u64::MAX; table::id_count().div_ceil(64)] }
    }

    /// Whether a command is in the set. O(1).
    #[inline]
    pub(super) fn contains(&self, id: CommandId) -> bool {
        let word = self.words.get(usize::from(id / 64));
        word.is_some_and(|word| word >> (id % 64) & 1 == 1)
    }

    /// Adds a command or takes it away.
    pub(super) fn set(&mut self, id: CommandId, is_in: bool) {
        let at = usize::from(id / 64);
        if at >= self.words.len() {
            self.words.resize(at + 1, 0);
        }
        if let Some(word) = self.words.get_mut(at) {
            let bit = 1 << (id % 64);
            *word = if is_in { *word | bit } else { *word & !bit };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_come_and_go() {
        let mut set = CommandSet::default();
        for id in [0, 63, 64, 200] {
            assert!(!set.contains(id), "{id} is not there");
            set.set(id, true);
            assert!(set.contains(id), "{id} is there");
        }
        set.set(64, false);
        assert!(!set.contains(64) && set.contains(63), "only one is gone");
        let all = CommandSet::all();
        assert!((0..table::id_count() as CommandId).all(|id| all.contains(id)), "every command");
    }
}
