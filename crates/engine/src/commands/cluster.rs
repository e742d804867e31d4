//! Clusters: here the answers of a node that is alone.

use crate::command::CommandSpec;

mod alone;

pub(super) const FILES: &[&[CommandSpec]] = &[alone::COMMANDS];
