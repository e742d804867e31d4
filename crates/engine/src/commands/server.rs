//! Commands about the server itself.

use crate::command::CommandSpec;

mod clock;
mod command;
mod command_keys;
mod config;
mod debug;
mod info;
mod keyspace;
mod latency;
mod lolwut;
mod memory;
mod monitor;
mod persistence;
mod role;
mod slow_log;

pub(super) const FILES: &[&[CommandSpec]] = &[
    clock::COMMANDS,
    command::COMMANDS,
    config::COMMANDS,
    debug::COMMANDS,
    info::COMMANDS,
    keyspace::COMMANDS,
    latency::COMMANDS,
    lolwut::COMMANDS,
    memory::COMMANDS,
    monitor::COMMANDS,
    persistence::COMMANDS,
    role::COMMANDS,
    slow_log::COMMANDS,
];
