//! Transactions: several commands at once, and only if nothing has changed meanwhile.

use crate::command::CommandSpec;

mod multi;
mod watch;

pub(super) const FILES: &[&[CommandSpec]] = &[multi::COMMANDS, watch::COMMANDS];
