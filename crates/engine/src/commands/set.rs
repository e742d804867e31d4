//! Commands of the family set.

use crate::command::CommandSpec;

pub(super) const FILES: &[&[CommandSpec]] = &[];
