//! Strings: bytes, counters, ranges.

use crate::command::CommandSpec;

mod set;

pub(super) const FILES: &[&[CommandSpec]] = &[set::COMMANDS];
