//! Lists: elements in order, added and taken at both ends.

use crate::args::Args;
use crate::command::CommandSpec;
use crate::command::args::{Arg, token};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::types::list::{End, ListLimits};

mod blocking;
mod edit;
mod moving;
mod pop;
mod position;
mod push;
mod read;

pub(super) const FILES: &[&[CommandSpec]] = &[
    blocking::COMMANDS,
    edit::COMMANDS,
    moving::COMMANDS,
    pop::COMMANDS,
    position::COMMANDS,
    push::COMMANDS,
    read::COMMANDS,
];

/// The two ends of a list, as commands call them.
const ENDS: &[Arg] = &[token("LEFT"), token("RIGHT")];

/// Reads `LEFT` or `RIGHT`.
fn next_end(args: &mut Args<'_>) -> Result<End, CmdError> {
    if args.take_token("LEFT") {
        Ok(End::Head)
    } else if args.take_token("RIGHT") {
        Ok(End::Tail)
    } else {
        Err(CmdError::Syntax)
    }
}

/// When a list changes its encoding.
#[inline]
fn limits(ctx: &Ctx<'_>) -> ListLimits {
    ListLimits::new(ctx.config)
}

/// The keyspace event of adding at an end.
fn push_event(end: End) -> &'static str {
    if end == End::Head { "lpush" } else { "rpush" }
}

/// The name of an end.
fn end_name(end: End) -> &'static [u8] {
    if end == End::Head { b"LEFT" } else { b"RIGHT" }
}

/// The command that takes from an end.
fn pop_name(end: End) -> &'static [u8] {
    if end == End::Head { b"LPOP" } else { b"RPOP" }
}

/// The keyspace event of taking from an end.
fn pop_event(end: End) -> &'static str {
    if end == End::Head { "lpop" } else { "rpop" }
}

/// Where a range from `start` to `stop`, both of which may count from the tail, begins among `len` elements, and how
/// many it has.
fn clamp_range(start: i64, stop: i64, len: usize) -> (usize, usize) {
    let len = len as i64;
    let from_head = |index: i64| if index < 0 { index.saturating_add(len).max(-1) } else { index };
    let (start, stop) = (from_head(start).max(0), from_head(stop).min(len - 1));
    if start > stop {
        return (0, 0);
    }
    (start as usize, (stop - start + 1) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_cut_to_the_list() {
        for (start, stop, expected) in [
            (0, -1, (0, 5)),
            (1, 2, (1, 2)),
            (-3, -2, (2, 2)),
            (-100, 100, (0, 5)),
            (3, 1, (0, 0)),
            (5, 9, (0, 0)),
            (0, -6, (0, 0)),
            (4, i64::MAX, (4, 1)),
            (i64::MIN, 0, (0, 1)),
            (0, i64::MIN, (0, 0)),
        ] {
            assert_eq!(clamp_range(start, stop, 5), expected, "{start} to {stop}");
        }
        assert_eq!(clamp_range(0, -1, 0), (0, 0), "of nothing");
    }
}
