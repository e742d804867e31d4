//! Changing a list between its ends: overwriting, inserting, removing, trimming.

use redarium_structures::quick_list::Side;

use super::{clamp_range, limits};
use crate::args::Args;
use crate::command::args::{KEY, integer, one_of, token, word};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::commands::reply;
use crate::context::Ctx;
use crate::error::CmdError;
use crate::types::list::{End, List};

pub(super) const COMMANDS: &[CommandSpec] = &[LSET, LINSERT, LREM, LTRIM];

const LSET: CommandSpec = CommandSpec {
    name: "LSET",
    group: Group::List,
    since: "1.0.0",
    summary: "Overwrites the element of a list at a place.",
    complexity: "O(N), N being the distance from the nearer end.",
    flags: Flags::WRITE.or(Flags::DENYOOM),
    keys: &[KeySpec::one(1, &["RW", "update"])],
    args: &[KEY, integer("index"), word("element")],
    see_also: &["LINDEX", "LINSERT"],
    examples: "\
> RPUSH tasks write test
(integer) 2
> LSET tasks -1 ship
OK
> LRANGE tasks 0 -1
1) \"write\"
2) \"ship\"
",
    run: lset,
    ..CommandSpec::DEFAULT
};

const LINSERT: CommandSpec = CommandSpec {
    name: "LINSERT",
    group: Group::List,
    since: "2.2.0",
    summary: "Inserts an element into a list beside the first one that is equal to a given one.",
    complexity: "O(N), N being the number of elements before that one.",
    flags: Flags::WRITE.or(Flags::DENYOOM),
    keys: &[KeySpec::one(1, &["RW", "insert"])],
    args: &[
        KEY,
        one_of("where", &[token("BEFORE"), token("AFTER")]),
        word("pivot"),
        word("element"),
    ],
    see_also: &["LSET", "LPOS", "RPUSH"],
    examples: "\
> RPUSH tasks write ship
(integer) 2
> LINSERT tasks BEFORE ship test
(integer) 3
> LRANGE tasks 0 -1
1) \"write\"
2) \"test\"
3) \"ship\"
> LINSERT tasks AFTER rest sleep
(integer) -1
",
    run: linsert,
    ..CommandSpec::DEFAULT
};

const LREM: CommandSpec = CommandSpec {
    name: "LREM",
    group: Group::List,
    since: "1.0.0",
    summary: "Removes elements that are equal to a given one: some from the head or tail, or all.",
    complexity: "O(N+M), N being the length of the list and M the number of elements removed.",
    flags: Flags::WRITE,
    keys: &[KeySpec::one(1, &["RW", "delete"])],
    args: &[KEY, integer("count"), word("element")],
    see_also: &["LPOS", "LTRIM"],
    examples: "\
> RPUSH notes do re mi do do
(integer) 5
> LREM notes -2 do
(integer) 2
> LRANGE notes 0 -1
1) \"do\"
2) \"re\"
3) \"mi\"
",
    run: lrem,
    ..CommandSpec::DEFAULT
};

const LTRIM: CommandSpec = CommandSpec {
    name: "LTRIM",
    group: Group::List,
    since: "1.0.0",
    summary: "Removes all elements of a list but those from one place to another.",
    complexity: "O(N), N being the number of elements removed.",
    flags: Flags::WRITE,
    keys: &[KeySpec::one(1, &["RW", "delete"])],
    args: &[KEY, integer("start"), integer("stop")],
    see_also: &["LRANGE", "LPUSH", "LREM"],
    examples: "\
> RPUSH log a b c d
(integer) 4
> LTRIM log -2 -1
OK
> LRANGE log 0 -1
1) \"c\"
2) \"d\"
",
    run: ltrim,
    ..CommandSpec::DEFAULT
};

fn lset(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let limits = limits(ctx);
    // As in Redis, the index is read after the key has been found.
    let mut edit = ctx.keys.edit::<List>(key)?.ok_or(CmdError::NoSuchKey)?;
    let (index, element) = (args.next_i64()?, args.next_word()?);
    let list = &mut *edit;
    list.make_room(1, element.len(), limits, &mut ctx.trace);
    if !list.set(index, element, &mut ctx.trace) {
        return Err(CmdError::IndexOutOfRange);
    }
    list.shrink(limits, &mut ctx.trace);
    edit.changed("lset");
    ctx.reply.ok();
    Ok(Answer::Done)
}

fn linsert(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let side = if args.take_token("BEFORE") {
        Side::Before
    } else if args.take_token("AFTER") {
        Side::After
    } else {
        return Err(CmdError::Syntax);
    };
    let (pivot, element) = (args.next_word()?, args.next_word()?);
    let limits = limits(ctx);
    let Some(mut edit) = ctx.keys.edit::<List>(key)? else {
        ctx.reply.integer(0);
        return Ok(Answer::Done);
    };
    let list = &mut *edit;
    list.make_room(1, element.len(), limits, &mut ctx.trace);
    if list.insert(pivot, side, element, &mut ctx.trace) {
        ctx.reply.count(list.len());
        edit.changed("linsert");
    } else {
        ctx.reply.integer(-1);
    }
    Ok(Answer::Done)
}

fn lrem(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (key, count) = (args.next_word()?, reply::negatable(args.next_i64()?)?);
    let element = args.next_word()?;
    let limits = limits(ctx);
    let mut removed = 0;
    if let Some(mut edit) = ctx.keys.edit::<List>(key)? {
        let list = &mut *edit;
        removed = list.remove_equal(element, count, &mut ctx.trace);
        list.shrink(limits, &mut ctx.trace);
        edit.changed_by(removed as u64, "lrem");
    }
    ctx.reply.count(removed);
    Ok(Answer::Done)
}

fn ltrim(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (key, start, stop) = (args.next_word()?, args.next_i64()?, args.next_i64()?);
    let limits = limits(ctx);
    ctx.reply.ok();
    let Some(mut edit) = ctx.keys.edit::<List>(key)? else { return Ok(Answer::Done) };
    let list = &mut *edit;
    let len = list.len();
    let (first, count) = clamp_range(start, stop, len);
    list.remove_at_end(End::Head, if count == 0 { len } else { first }, &mut ctx.trace);
    list.remove_at_end(End::Tail, list.len() - count, &mut ctx.trace);
    list.shrink(limits, &mut ctx.trace);
    edit.changed_by((len - count) as u64, "ltrim");
    drop(edit);
    if count == len {
        // Redis says so even if nothing had to go.
        ctx.keys.note(key, "ltrim");
    }
    Ok(Answer::Done)
}
