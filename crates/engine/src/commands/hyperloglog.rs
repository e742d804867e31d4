//! `HyperLogLog`s: how many different elements were added, estimated in 12 kB at most.

use redarium_resp::number::IntBuffer;

use crate::command::CommandSpec;
use crate::error::CmdError;
use crate::types::hyper_log_log::{self, Corrupted};
use crate::value::Value;

mod add;
mod count;
mod debug;

pub(super) const FILES: &[&[CommandSpec]] = &[add::COMMANDS, count::COMMANDS, debug::COMMANDS];

/// Refuses whatever is not the string of a `HyperLogLog`.
fn check(value: &Value) -> Result<(), CmdError> {
    if hyper_log_log::is_valid(value.bytes(&mut IntBuffer::new())?) {
        Ok(())
    } else {
        Err(CmdError::Msg("WRONGTYPE Key is not a valid HyperLogLog string value."))
    }
}

impl From<Corrupted> for CmdError {
    fn from(_: Corrupted) -> Self {
        Self::Msg("INVALIDOBJ Corrupted HLL object detected")
    }
}
