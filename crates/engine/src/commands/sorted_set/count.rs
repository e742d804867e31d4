//! Counting the members of a range.

use super::bounds;
use crate::args::Args;
use crate::command::args::{KEY, double, word};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::types::sorted_set::{Interval, SortedSet};

pub(super) const COMMANDS: &[CommandSpec] = &[ZCOUNT, ZLEXCOUNT];

const KEYS: &[KeySpec] = &[KeySpec::one(1, &["RO", "access"])];

const ZCOUNT: CommandSpec = CommandSpec {
    name: "ZCOUNT",
    group: Group::SortedSet,
    since: "2.0.0",
    summary: "Counts the members whose scores are in a range.",
    complexity: "O(log N), N being the size of the sorted set.",
    flags: Flags::READONLY.or(Flags::FAST),
    keys: KEYS,
    args: &[KEY, double("min"), double("max")],
    see_also: &["ZCARD", "ZRANGE"],
    examples: "\
> ZADD game 3900 bo 4200 ana 5100 cy
(integer) 3
> ZCOUNT game (3900 +inf
(integer) 2
",
    run: |ctx, args| count(ctx, args, bounds::scores),
    ..CommandSpec::DEFAULT
};

const ZLEXCOUNT: CommandSpec = CommandSpec {
    name: "ZLEXCOUNT",
    group: Group::SortedSet,
    since: "2.8.9",
    summary: "Counts the members in a range of members, where all scores are equal.",
    complexity: "O(log N), N being the size of the sorted set.",
    flags: Flags::READONLY.or(Flags::FAST),
    keys: KEYS,
    args: &[KEY, word("min"), word("max")],
    see_also: &["ZCARD", "ZRANGE"],
    examples: "\
> ZADD names 0 ana 0 bo 0 cy
(integer) 3
> ZLEXCOUNT names - (c
(integer) 2
",
    run: |ctx, args| count(ctx, args, bounds::members),
    ..CommandSpec::DEFAULT
};

fn count(
    ctx: &mut Ctx<'_>,
    mut args: Args<'_>,
    parse: fn(&[u8], &[u8]) -> Result<Interval, CmdError>,
) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let interval = parse(args.next_word()?, args.next_word()?)?;
    let set = ctx.keys.read::<SortedSet>(key)?;
    ctx.reply.count(set.map_or(0, |set| set.count_interval(&interval, &mut ctx.trace)));
    Ok(Answer::Done)
}
