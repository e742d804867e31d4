//! Channels and patterns: listening, publishing and looking at who listens.

use crate::command::CommandSpec;

mod publish;
mod state;
mod subscribe;
mod unsubscribe;

pub(super) const FILES: &[&[CommandSpec]] =
    &[publish::COMMANDS, state::COMMANDS, subscribe::COMMANDS, unsubscribe::COMMANDS];
