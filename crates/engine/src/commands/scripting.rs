//! Scripts that a client sends, and functions that the node keeps.
//!
//! How they run is in [`scripting`](crate::scripting).

use crate::command::CommandSpec;

mod eval;
mod fcall;
mod function;
mod function_list;
mod function_payload;
mod script;

pub(crate) use function_payload::Policy;

pub(super) const FILES: &[&[CommandSpec]] =
    &[eval::COMMANDS, fcall::COMMANDS, function::COMMANDS, script::COMMANDS];
