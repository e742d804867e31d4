//! Commands of the family server.

use crate::command::CommandSpec;

pub(super) const FILES: &[&[CommandSpec]] = &[];
