//! Taking members out, by name or by range.

use super::bounds;
use crate::args::Args;
use crate::command::args::{KEY, double, integer, word};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::trace::Steps;
use crate::types::sorted_set::{Interval, SortedSet};

pub(super) const COMMANDS: &[CommandSpec] =
    &[ZREM, ZREMRANGEBYRANK, ZREMRANGEBYSCORE, ZREMRANGEBYLEX];

const KEYS: &[KeySpec] = &[KeySpec::one(1, &["RW", "delete"])];
const RANGE_COMPLEXITY: &str =
    "O(log N + M), N being the size of the sorted set and M the number of members removed.";

const ZREM: CommandSpec = CommandSpec {
    name: "ZREM",
    group: Group::SortedSet,
    since: "1.2.0",
    summary: "Removes members from a sorted set; the last one takes the key with it.",
    complexity: "O(M * log N), N being the size of the sorted set and M the number of members given.",
    flags: Flags::WRITE.or(Flags::FAST),
    keys: KEYS,
    args: &[KEY, word("member").many()],
    history: &[("2.4.0", "Takes several members at once.")],
    see_also: &["ZADD", "ZPOPMIN", "ZREMRANGEBYSCORE"],
    examples: "\
> ZADD game 3900 bo 4200 ana
(integer) 2
> ZREM game bo nobody
(integer) 1
",
    run: zrem,
    ..CommandSpec::DEFAULT
};

const ZREMRANGEBYRANK: CommandSpec = CommandSpec {
    name: "ZREMRANGEBYRANK",
    group: Group::SortedSet,
    since: "2.0.0",
    summary: "Removes the members in a range of ranks.",
    complexity: RANGE_COMPLEXITY,
    flags: Flags::WRITE,
    keys: KEYS,
    args: &[KEY, integer("start"), integer("stop")],
    see_also: &["ZREM", "ZRANGE"],
    examples: "\
> ZADD game 3900 bo 4200 ana 5100 cy
(integer) 3
> ZREMRANGEBYRANK game 0 -3
(integer) 1
> ZRANGE game 0 -1
1) \"ana\"
2) \"cy\"
",
    run: zremrangebyrank,
    ..CommandSpec::DEFAULT
};

const ZREMRANGEBYSCORE: CommandSpec = CommandSpec {
    name: "ZREMRANGEBYSCORE",
    group: Group::SortedSet,
    since: "1.2.0",
    summary: "Removes the members whose scores are in a range.",
    complexity: RANGE_COMPLEXITY,
    flags: Flags::WRITE,
    keys: KEYS,
    args: &[KEY, double("min"), double("max")],
    see_also: &["ZREM", "ZRANGE"],
    examples: "\
> ZADD visits 100 ana 160 bo 220 cy
(integer) 3
> ZREMRANGEBYSCORE visits -inf (160
(integer) 1
",
    run: |ctx, args| remove_interval(ctx, args, bounds::scores, "zremrangebyscore"),
    ..CommandSpec::DEFAULT
};

const ZREMRANGEBYLEX: CommandSpec = CommandSpec {
    name: "ZREMRANGEBYLEX",
    group: Group::SortedSet,
    since: "2.8.9",
    summary: "Removes the members in a range of members, where all scores are equal.",
    complexity: RANGE_COMPLEXITY,
    flags: Flags::WRITE,
    keys: KEYS,
    args: &[KEY, word("min"), word("max")],
    see_also: &["ZREM", "ZRANGE"],
    examples: "\
> ZADD names 0 ana 0 bo 0 cy
(integer) 3
> ZREMRANGEBYLEX names [b (c
(integer) 1
",
    run: |ctx, args| remove_interval(ctx, args, bounds::members, "zremrangebylex"),
    ..CommandSpec::DEFAULT
};

fn zrem(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    remove(ctx, key, "zrem", |set, steps| {
        args.rest().filter(|member| set.remove(member, steps)).count()
    })
}

fn zremrangebyrank(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let (start, stop) = (args.next_i64()?, args.next_i64()?);
    remove(ctx, key, "zremrangebyrank", |set, steps| {
        let ranks = bounds::ranks(start, stop, set.len());
        set.remove_ranks(ranks.start, ranks.len(), steps)
    })
}

fn remove_interval(
    ctx: &mut Ctx<'_>,
    mut args: Args<'_>,
    parse: fn(&[u8], &[u8]) -> Result<Interval, CmdError>,
    event: &'static str,
) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let interval = parse(args.next_word()?, args.next_word()?)?;
    remove(ctx, key, event, |set, steps| set.remove_interval(&interval, steps))
}

/// Lets `take` remove members of the set at `key` and answers with what it returns, their number.
fn remove(
    ctx: &mut Ctx<'_>,
    key: &[u8],
    event: &'static str,
    take: impl FnOnce(&mut SortedSet, &mut Steps<'_>) -> usize,
) -> Result<Answer, CmdError> {
    let removed = match ctx.keys.edit::<SortedSet>(key)? {
        None => 0,
        Some(mut set) => {
            let removed = take(&mut set, &mut ctx.trace);
            set.changed_by(removed as u64, event);
            removed
        }
    };
    ctx.reply.count(removed);
    Ok(Answer::Done)
}
