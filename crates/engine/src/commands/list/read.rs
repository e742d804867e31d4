//! Asking for a list's length and for elements by their place.

use super::clamp_range;
use crate::args::Args;
use crate::command::args::{KEY, integer};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::commands::reply;
use crate::context::Ctx;
use crate::error::CmdError;
use crate::types::list::List;

pub(super) const COMMANDS: &[CommandSpec] = &[LLEN, LRANGE, LINDEX];

const LLEN: CommandSpec = CommandSpec {
    name: "LLEN",
    group: Group::List,
    since: "1.0.0",
    summary: "Returns the number of elements of a list.",
    complexity: "O(1)",
    flags: Flags::READONLY.or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RO"])],
    args: &[KEY],
    see_also: &["LRANGE"],
    examples: "\
> RPUSH tasks write test
(integer) 2
> LLEN tasks
(integer) 2
> LLEN nothing
(integer) 0
",
    run: llen,
    ..CommandSpec::DEFAULT
};

const LRANGE: CommandSpec = CommandSpec {
    name: "LRANGE",
    group: Group::List,
    since: "1.0.0",
    summary: "Returns the elements of a list from one place to another, both included.",
    complexity: "O(S+N), S being the distance of the first from an end and N the number of elements.",
    flags: Flags::READONLY,
    keys: &[KeySpec::one(1, &["RO", "access"])],
    args: &[KEY, integer("start"), integer("stop")],
    see_also: &["LINDEX", "LLEN", "LTRIM"],
    examples: "\
> RPUSH tasks write test ship
(integer) 3
> LRANGE tasks 0 1
1) \"write\"
2) \"test\"
> LRANGE tasks -1 -1
1) \"ship\"
",
    run: lrange,
    ..CommandSpec::DEFAULT
};

const LINDEX: CommandSpec = CommandSpec {
    name: "LINDEX",
    group: Group::List,
    since: "1.0.0",
    summary: "Returns the element of a list at a place, counted from 0 or back from -1.",
    complexity: "O(N), N being the distance from the nearer end.",
    flags: Flags::READONLY,
    keys: &[KeySpec::one(1, &["RO", "access"])],
    args: &[KEY, integer("index")],
    see_also: &["LRANGE", "LPOS", "LSET"],
    examples: "\
> RPUSH tasks write test ship
(integer) 3
> LINDEX tasks 0
\"write\"
> LINDEX tasks -1
\"ship\"
> LINDEX tasks 3
(nil)
",
    run: lindex,
    ..CommandSpec::DEFAULT
};

fn llen(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let len = ctx.keys.read::<List>(key)?.map_or(0, List::len);
    ctx.reply.count(len);
    Ok(Answer::Done)
}

fn lrange(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (key, start, stop) = (args.next_word()?, args.next_i64()?, args.next_i64()?);
    let Some(list) = ctx.keys.read::<List>(key)? else {
        ctx.reply.array(0);
        return Ok(Answer::Done);
    };
    let (first, count) = clamp_range(start, stop, list.len());
    ctx.reply.array(count);
    for element in list.iter_from(first as i64, false, &mut ctx.trace).take(count) {
        reply::element(&mut ctx.reply, element);
    }
    Ok(Answer::Done)
}

fn lindex(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let Some(list) = ctx.keys.read::<List>(key)? else {
        // As in Redis, the index is not even read where there is no list.
        ctx.reply.null();
        return Ok(Answer::Done);
    };
    match list.get(args.next_i64()?, &mut ctx.trace) {
        None => ctx.reply.null(),
        Some(element) => reply::element(&mut ctx.reply, element),
    }
    Ok(Answer::Done)
}
