//! Commands about the server itself.

use crate::command::CommandSpec;

mod clock;
mod command;
mod command_keys;
mod config;
mod debug;
mod hot_keys;
mod info;
mod keyspace;
mod latency;
mod lolwut;
mod memory;
mod module;
mod monitor;
mod persistence;
mod replication;
mod role;
mod slow_log;

pub(super) const FILES: &[&[CommandSpec]] = &[
    clock::COMMANDS,
    command::COMMANDS,
    config::COMMANDS,
    debug::COMMANDS,
    hot_keys::COMMANDS,
    info::COMMANDS,
    keyspace::COMMANDS,
    latency::COMMANDS,
    lolwut::COMMANDS,
    memory::COMMANDS,
    module::COMMANDS,
    monitor::COMMANDS,
    persistence::COMMANDS,
    replication::COMMANDS,
    role::COMMANDS,
    slow_log::COMMANDS,
];
