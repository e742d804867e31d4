//! Commands about the server itself.

use crate::command::CommandSpec;

mod clock;
mod command;
mod command_keys;
mod config;
mod info;
mod keyspace;

pub(super) const FILES: &[&[CommandSpec]] =
    &[clock::COMMANDS, command::COMMANDS, config::COMMANDS, info::COMMANDS, keyspace::COMMANDS];
