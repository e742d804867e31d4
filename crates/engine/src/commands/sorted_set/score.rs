//! Asking for sizes, scores and ranks.

use crate::args::Args;
use crate::command::args::{KEY, token, word};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::types::sorted_set::SortedSet;

pub(super) const COMMANDS: &[CommandSpec] = &[ZCARD, ZSCORE, ZMSCORE, ZRANK, ZREVRANK];

const FLAGS: Flags = Flags::READONLY.or(Flags::FAST);
const KEYS: &[KeySpec] = &[KeySpec::one(1, &["RO", "access"])];

const ZCARD: CommandSpec = CommandSpec {
    name: "ZCARD",
    group: Group::SortedSet,
    since: "1.2.0",
    summary: "Counts the members of a sorted set.",
    complexity: "O(1)",
    flags: FLAGS,
    keys: &[KeySpec::one(1, &["RO"])],
    args: &[KEY],
    see_also: &["ZCOUNT", "ZADD"],
    examples: "\
> ZADD game 4200 ana 3900 bo
(integer) 2
> ZCARD game
(integer) 2
",
    run: zcard,
    ..CommandSpec::DEFAULT
};

const ZSCORE: CommandSpec = CommandSpec {
    name: "ZSCORE",
    group: Group::SortedSet,
    since: "1.2.0",
    summary: "Returns the score of a member.",
    complexity: "O(1)",
    flags: FLAGS,
    keys: KEYS,
    args: &[KEY, word("member")],
    see_also: &["ZMSCORE", "ZRANK"],
    examples: "\
> ZADD game 4200 ana
(integer) 1
> ZSCORE game ana
\"4200\"
> ZSCORE game nobody
(nil)
",
    run: zscore,
    ..CommandSpec::DEFAULT
};

const ZMSCORE: CommandSpec = CommandSpec {
    name: "ZMSCORE",
    group: Group::SortedSet,
    since: "6.2.0",
    summary: "Returns the scores of several members.",
    complexity: "O(N) where N is the number of members asked for.",
    flags: FLAGS,
    keys: KEYS,
    args: &[KEY, word("member").many()],
    see_also: &["ZSCORE"],
    examples: "\
> ZADD game 4200 ana 3900 bo
(integer) 2
> ZMSCORE game bo nobody ana
1) \"3900\"
2) (nil)
3) \"4200\"
",
    run: zmscore,
    ..CommandSpec::DEFAULT
};

const ZRANK: CommandSpec = CommandSpec {
    name: "ZRANK",
    group: Group::SortedSet,
    since: "2.0.0",
    summary: "Returns the place of a member, the lowest score being at 0.",
    complexity: "O(log N), N being the size of the sorted set.",
    flags: FLAGS,
    keys: KEYS,
    args: RANK_ARGS,
    history: RANK_HISTORY,
    see_also: &["ZREVRANK", "ZSCORE", "ZRANGE"],
    examples: "\
> ZADD game 4200 ana 3900 bo
(integer) 2
> ZRANK game ana
(integer) 1
> ZRANK game bo WITHSCORE
1) (integer) 0
2) \"3900\"
",
    run: |ctx, args| rank(ctx, args, false, "zrank"),
    ..CommandSpec::DEFAULT
};

const ZREVRANK: CommandSpec = CommandSpec {
    name: "ZREVRANK",
    group: Group::SortedSet,
    since: "2.0.0",
    summary: "Returns the place of a member, the highest score being at 0.",
    complexity: "O(log N), N being the size of the sorted set.",
    flags: FLAGS,
    keys: KEYS,
    args: RANK_ARGS,
    history: RANK_HISTORY,
    see_also: &["ZRANK", "ZSCORE", "ZRANGE"],
    examples: "\
> ZADD game 4200 ana 3900 bo
(integer) 2
> ZREVRANK game ana
(integer) 0
",
    run: |ctx, args| rank(ctx, args, true, "zrevrank"),
    ..CommandSpec::DEFAULT
};

const RANK_ARGS: &[crate::command::Arg] =
    &[KEY, word("member"), token("WITHSCORE").optional().since("7.2.0")];
const RANK_HISTORY: &[(&str, &str)] = &[("7.2.0", "Knows `WITHSCORE`.")];

fn zcard(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let set = ctx.keys.read::<SortedSet>(args.next_word()?)?;
    ctx.reply.count(set.map_or(0, SortedSet::len));
    Ok(Answer::Done)
}

fn zscore(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (key, member) = (args.next_word()?, args.next_word()?);
    let set = ctx.keys.read::<SortedSet>(key)?;
    match set.and_then(|set| set.score(member, &mut ctx.trace)) {
        Some(score) => ctx.reply.double(score),
        None => ctx.reply.null(),
    }
    Ok(Answer::Done)
}

fn zmscore(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let set = ctx.keys.read::<SortedSet>(args.next_word()?)?;
    ctx.reply.array(args.len());
    for member in args.rest() {
        match set.and_then(|set| set.score(member, &mut ctx.trace)) {
            Some(score) => ctx.reply.double(score),
            None => ctx.reply.null(),
        }
    }
    Ok(Answer::Done)
}

fn rank(
    ctx: &mut Ctx<'_>,
    mut args: Args<'_>,
    reverse: bool,
    name: &str,
) -> Result<Answer, CmdError> {
    let (key, member) = (args.next_word()?, args.next_word()?);
    if args.len() > 1 {
        return Err(CmdError::Arity(name.to_owned()));
    }
    let with_score = args.take_token("WITHSCORE");
    args.finish()?;
    let set = ctx.keys.read::<SortedSet>(key)?;
    match set.and_then(|set| set.rank(member, reverse, &mut ctx.trace)) {
        Some((rank, score)) => {
            if with_score {
                ctx.reply.array(2);
            }
            ctx.reply.count(rank);
            if with_score {
                ctx.reply.double(score);
            }
        }
        None if with_score => ctx.reply.null_array(),
        None => ctx.reply.null(),
    }
    Ok(Answer::Done)
}
