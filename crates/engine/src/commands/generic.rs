//! Commands of the family generic.

use crate::command::CommandSpec;

pub(super) const FILES: &[&[CommandSpec]] = &[];
