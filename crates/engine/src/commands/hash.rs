//! Hashes: fields with values under one key.

use crate::command::CommandSpec;
use crate::context::Ctx;
use crate::types::Limits;

mod counter;
mod fields;
mod random;
mod read;
mod write;

pub(super) const FILES: &[&[CommandSpec]] =
    &[counter::COMMANDS, fields::COMMANDS, random::COMMANDS, read::COMMANDS, write::COMMANDS];

/// When a hash stops being a listpack.
fn limits(ctx: &Ctx<'_>) -> Limits {
    Limits::of_hashes(ctx.config, ctx.keys.seed)
}
