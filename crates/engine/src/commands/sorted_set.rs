//! Sorted sets.

use crate::command::CommandSpec;

pub(super) const FILES: &[&[CommandSpec]] = &[];
