//! How often each command ran, how long it took, and how often it was refused or failed.
//!
//! A command is an index here, so that counting one costs a few instructions.

use super::histogram::Histogram;
use crate::table::{self, CommandId, Named};

/// What is counted of one command or subcommand.
#[derive(Debug, Clone, Default)]
pub(crate) struct CommandStats {
    /// How often it ran.
    pub(crate) calls: u64,
    /// Microseconds that it took in all.
    pub(crate) micros: u64,
    /// How often it was refused before it ran.
    pub(crate) rejected: u64,
    /// How often it ran and answered an error.
    pub(crate) failed: u64,
    /// How long it took, in classes.
    pub(crate) durations: Histogram,
}

impl CommandStats {
    /// Microseconds of a call, as a mean.
    pub(crate) fn micros_per_call(&self) -> f64 {
        if self.calls == 0 { 0.0 } else { self.micros as f64 / self.calls as f64 }
    }
}

/// The counters of all commands.
#[derive(Debug, Clone, Default)]
pub(crate) struct ByCommand {
    /// Indexed by number of the command; empty until the first is counted.
    rows: Vec<CommandStats>,
}

impl ByCommand {
    /// The counters of a command. O(1).
    #[inline]
    pub(crate) fn row(&mut self, id: CommandId) -> &mut CommandStats {
        if self.rows.is_empty() {
            self.rows.resize_with(table::id_count(), CommandStats::default);
        }
        self.rows.get_mut(id as usize).expect("ids are smaller than their count")
    }

    /// The commands that have been counted, by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Named, &CommandStats)> {
        let is_used = |row: &CommandStats| row.calls + row.rejected + row.failed > 0;
        self.rows.iter().enumerate().filter(move |(_, row)| is_used(row)).filter_map(|(id, row)| {
            let named = table::by_id(id as CommandId)?;
            Some((named, row))
        })
    }

    /// The counters of one command, for looking.
    pub(crate) fn get(&self, id: CommandId) -> Option<&CommandStats> {
        self.rows.get(id as usize)
    }
}
