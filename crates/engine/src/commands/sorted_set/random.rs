//! Members by chance.

use super::{reply_len, reply_scored};
use crate::args::Args;
use crate::command::args::{KEY, block, integer, token};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::commands::reply;
use crate::context::Ctx;
use crate::error::CmdError;
use crate::types::sorted_set::SortedSet;

pub(super) const COMMANDS: &[CommandSpec] = &[ZRANDMEMBER];

const ZRANDMEMBER: CommandSpec = CommandSpec {
    name: "ZRANDMEMBER",
    group: Group::SortedSet,
    since: "6.2.0",
    summary: "Returns one or more random members of a sorted set.",
    complexity: "O(N), N being the number of members returned.",
    flags: Flags::READONLY,
    keys: &[KeySpec::one(1, &["RO", "access"])],
    args: &[KEY, block("options", &[integer("count"), token("WITHSCORES").optional()]).optional()],
    see_also: &["SRANDMEMBER", "HRANDFIELD"],
    examples: "\
> ZADD hat 1 only
(integer) 1
> ZRANDMEMBER hat
\"only\"
> ZRANDMEMBER hat -2
1) \"only\"
2) \"only\"
",
    run: zrandmember,
    ..CommandSpec::DEFAULT
};

fn zrandmember(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    if args.is_empty() {
        match ctx.keys.read::<SortedSet>(key)?.and_then(|set| set.random(ctx.rng)) {
            None => ctx.reply.null(),
            Some((member, _)) => reply::element(&mut ctx.reply, member),
        }
        return Ok(Answer::Done);
    }
    let count = reply::random_count(args.next_i64()?)?;
    let with_scores = args.take_token("WITHSCORES");
    args.finish()?;
    if with_scores && !(-i64::MAX / 2..=i64::MAX / 2).contains(&count) {
        return Err(CmdError::OutOfRange);
    }
    let Some(set) = ctx.keys.read::<SortedSet>(key)? else {
        ctx.reply.array(0);
        return Ok(Answer::Done);
    };
    let wanted = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
    let reply = &mut ctx.reply;
    let chosen = if count < 0 { Vec::new() } else { set.random_distinct(wanted, ctx.rng) };
    let members = if count < 0 { wanted } else { chosen.len() };
    reply.array(reply_len(reply, members, with_scores));
    let repeated = (chosen.len()..members).filter_map(|_| set.random(ctx.rng));
    for (member, score) in chosen.into_iter().chain(repeated) {
        if with_scores {
            reply_scored(reply, member, score);
        } else {
            reply::element(reply, member);
        }
    }
    Ok(Answer::Done)
}
