//! Connections: greeting, protocol, name, database.

use crate::command::CommandSpec;

mod client;
mod client_kill;
mod client_list;
mod client_tracking;
mod client_unblock;
mod ping;
mod session;

pub(crate) use client_list::running_line;

pub(super) const FILES: &[&[CommandSpec]] = &[client::COMMANDS, ping::COMMANDS, session::COMMANDS];
