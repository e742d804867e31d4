//! The commands that wait for a sorted set to have members.

use super::pop::{End, next_end, pop};
use crate::args::Args;
use crate::command::args::{Arg, KEY, double, integer, one_of, token};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::commands::multi_pop::MultiPop;
use crate::commands::timeout;
use crate::context::Ctx;
use crate::error::CmdError;
use crate::types::sorted_set::SortedSet;
use crate::value::Type;

pub(super) const COMMANDS: &[CommandSpec] = &[BZMPOP, BZPOPMAX, BZPOPMIN];

const KEY_FLAGS: &[&str] = &["RW", "access", "delete"];
const KEYS: &[KeySpec] = &[KeySpec::range(1, -2, 1, KEY_FLAGS)];
const ARGS: &[Arg] = &[KEY.many(), double("timeout")];
const HISTORY: &[(&str, &str)] = &[("6.0.0", "The timeout may have a fraction.")];

const BZMPOP: CommandSpec = CommandSpec {
    name: "BZMPOP",
    group: Group::SortedSet,
    since: "7.0.0",
    summary: "Takes members of the first of several sorted sets that has any, and waits if none has.",
    complexity: "O(K + M * log N), K being the number of keys, N the size and M the number removed.",
    flags: Flags::WRITE.or(Flags::BLOCKING),
    keys: &[KeySpec::counted(2, KEY_FLAGS)],
    args: &[
        double("timeout"),
        integer("numkeys"),
        KEY.many(),
        one_of("where", &[token("MIN"), token("MAX")]),
        integer("count").after("COUNT").optional(),
    ],
    see_also: &["ZMPOP", "BZPOPMIN", "BZPOPMAX"],
    examples: "\
> ZADD later 10 mail 20 backup
(integer) 2
> BZMPOP 5 2 now later MIN
1) \"later\"
2) 1) 1) \"mail\"
      2) \"10\"
",
    run: bzmpop,
    ..CommandSpec::DEFAULT
};

const BZPOPMAX: CommandSpec = CommandSpec {
    name: "BZPOPMAX",
    group: Group::SortedSet,
    since: "5.0.0",
    summary: "Takes the member with the highest score of a sorted set, and waits if there is none.",
    complexity: "O(log N), N being the size of the sorted set.",
    flags: Flags::WRITE.or(Flags::FAST).or(Flags::BLOCKING),
    keys: KEYS,
    args: ARGS,
    history: HISTORY,
    see_also: &["ZPOPMAX", "BZPOPMIN", "BZMPOP"],
    examples: "\
> ZADD jobs 10 mail 20 backup
(integer) 2
> BZPOPMAX urgent jobs 5
1) \"jobs\"
2) \"backup\"
3) \"20\"
",
    run: |ctx, args| bzpop(ctx, args, End::Max),
    ..CommandSpec::DEFAULT
};

const BZPOPMIN: CommandSpec = CommandSpec {
    name: "BZPOPMIN",
    group: Group::SortedSet,
    since: "5.0.0",
    summary: "Takes the member with the lowest score of a sorted set, and waits if there is none.",
    complexity: "O(log N), N being the size of the sorted set.",
    flags: Flags::WRITE.or(Flags::FAST).or(Flags::BLOCKING),
    keys: KEYS,
    args: ARGS,
    history: HISTORY,
    see_also: &["ZPOPMIN", "BZPOPMAX", "BZMPOP"],
    examples: "\
> ZADD jobs 10 mail 20 backup
(integer) 2
> BZPOPMIN urgent jobs 5
1) \"jobs\"
2) \"mail\"
3) \"10\"
",
    run: |ctx, args| bzpop(ctx, args, End::Min),
    ..CommandSpec::DEFAULT
};

fn bzpop(ctx: &mut Ctx<'_>, args: Args<'_>, end: End) -> Result<Answer, CmdError> {
    let keys = args.take(args.len().saturating_sub(1));
    let until = timeout::seconds(args.skip(keys.len()).next_word()?, ctx.keys.now)?;
    for key in keys.rest() {
        let Some(mut set) = ctx.keys.edit::<SortedSet>(key)? else { continue };
        ctx.reply.array(3);
        ctx.reply.bulk(key);
        pop(&mut set, end, 1, false, &mut ctx.reply, &mut ctx.trace);
        set.changed(end.event());
        drop(set);
        ctx.log_as(&[end.command(), key]);
        return Ok(Answer::Done);
    }
    ctx.park_for(Type::ZSet, args, keys.rest(), until);
    Ok(Answer::Done)
}

fn bzmpop(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let limit = args.next_word()?;
    let request = MultiPop::parse(args, next_end)?;
    let until = timeout::seconds(limit, ctx.keys.now)?;
    if !request.run(ctx)? {
        ctx.park_for(Type::ZSet, args, request.keys.rest(), until);
    }
    Ok(Answer::Done)
}
