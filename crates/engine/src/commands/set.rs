//! Sets: members without order, each once.

use crate::command::CommandSpec;
use crate::context::Ctx;
use crate::types::Limits;
use crate::types::set::SetLimits;

mod algebra;
mod members;
mod random;
mod write;

pub(super) const FILES: &[&[CommandSpec]] =
    &[algebra::COMMANDS, members::COMMANDS, random::COMMANDS, write::COMMANDS];

/// When a set changes its encoding.
fn limits(ctx: &Ctx<'_>) -> SetLimits {
    SetLimits {
        intset: ctx.config.set_max_intset_entries,
        pack: Limits {
            entries: ctx.config.set_max_listpack_entries,
            value: ctx.config.set_max_listpack_value,
            seed: ctx.keys.seed,
        },
    }
}
