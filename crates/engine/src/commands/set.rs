//! Sets: members without order, each once.

use crate::command::CommandSpec;
use crate::context::Ctx;
use crate::types::set::SetLimits;

mod algebra;
mod members;
mod random;
mod write;

pub(super) const FILES: &[&[CommandSpec]] =
    &[algebra::COMMANDS, members::COMMANDS, random::COMMANDS, write::COMMANDS];

/// When a set changes its encoding.
fn limits(ctx: &Ctx<'_>) -> SetLimits {
    SetLimits::new(ctx.config, ctx.keys.seed)
}
