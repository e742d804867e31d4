//! Hashes: fields with values under one key.

use crate::command::CommandSpec;
use crate::context::Ctx;
use crate::types::Limits;

mod counter;
mod expiration;
mod extended;
mod field_args;
mod fields;
mod random;
mod read;
mod time_to_live;
mod write;

pub(super) const FILES: &[&[CommandSpec]] = &[
    counter::COMMANDS,
    expiration::COMMANDS,
    extended::COMMANDS,
    fields::COMMANDS,
    random::COMMANDS,
    read::COMMANDS,
    time_to_live::COMMANDS,
    write::COMMANDS,
];

/// When a hash stops being a listpack.
fn limits(ctx: &Ctx<'_>) -> Limits {
    Limits::of_hashes(ctx.config, ctx.keys.seed)
}
