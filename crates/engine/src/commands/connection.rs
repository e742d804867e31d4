//! Connections: greeting, protocol, name, database.

use crate::command::CommandSpec;

mod ping;

pub(super) const FILES: &[&[CommandSpec]] = &[ping::COMMANDS];
