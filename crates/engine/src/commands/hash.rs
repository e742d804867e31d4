//! Commands of the family hash.

use crate::command::CommandSpec;

pub(super) const FILES: &[&[CommandSpec]] = &[];
