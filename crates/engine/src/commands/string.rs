//! Strings: bytes, counters, ranges.

use crate::command::CommandSpec;

mod compare;
mod counter;
mod get;
mod increx;
mod lcs;
mod multi;
mod options;
mod range;
mod set;

pub(super) const FILES: &[&[CommandSpec]] = &[
    compare::COMMANDS,
    counter::COMMANDS,
    get::COMMANDS,
    increx::COMMANDS,
    lcs::COMMANDS,
    multi::COMMANDS,
    range::COMMANDS,
    set::COMMANDS,
];
