//! Commands of the family list.

use crate::command::CommandSpec;

pub(super) const FILES: &[&[CommandSpec]] = &[];
