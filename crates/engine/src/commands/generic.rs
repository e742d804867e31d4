//! Commands on keys of any type: presence, names, time to live.

use crate::command::CommandSpec;

mod copying;
mod deletion;
mod dump;
mod expiration;
mod listing;
mod migration;
mod object;
mod presence;
mod renaming;
mod scan;
mod sort;
mod time_to_live;
mod waiting;

pub(super) const FILES: &[&[CommandSpec]] = &[
    copying::COMMANDS,
    deletion::COMMANDS,
    dump::COMMANDS,
    expiration::COMMANDS,
    listing::COMMANDS,
    migration::COMMANDS,
    object::COMMANDS,
    presence::COMMANDS,
    renaming::COMMANDS,
    scan::COMMANDS,
    sort::COMMANDS,
    time_to_live::COMMANDS,
    waiting::COMMANDS,
];
