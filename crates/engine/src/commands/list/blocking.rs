//! The commands that wait for a list to have elements.
//!
//! Each does what its kin without the B does; where that finds nothing, the client is parked.

use super::moving::move_element;
use super::{ENDS, end_name, limits, next_end, pop_event, pop_name};
use crate::args::Args;
use crate::command::args::{Arg, KEY, double, integer, key, one_of};
use crate::command::{Answer, CommandSpec, Deprecation, Flags, Group, KeySpec};
use crate::commands::multi_pop::MultiPop;
use crate::commands::{reply, timeout};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::types::list::{End, List};
use crate::value::Type;

pub(super) const COMMANDS: &[CommandSpec] = &[BLMOVE, BLMPOP, BLPOP, BRPOP, BRPOPLPUSH];

const POP_FLAGS: &[&str] = &["RW", "access", "delete"];
const POP_KEYS: &[KeySpec] = &[KeySpec::range(1, -2, 1, POP_FLAGS)];
const MOVE_KEYS: &[KeySpec] = &[KeySpec::one(1, POP_FLAGS), KeySpec::one(2, &["RW", "insert"])];

const POP_ARGS: &[Arg] = &[KEY.many(), double("timeout")];
const POP_HISTORY: &[(&str, &str)] = &[("6.0.0", "The timeout may have a fraction.")];

const BLMOVE: CommandSpec = CommandSpec {
    name: "BLMOVE",
    group: Group::List,
    since: "6.2.0",
    summary: "Moves an element from one list to another, and waits for one if there is none.",
    complexity: "O(1)",
    flags: Flags::WRITE.or(Flags::DENYOOM).or(Flags::BLOCKING),
    keys: MOVE_KEYS,
    args: &[
        key("source"),
        key("destination"),
        one_of("wherefrom", ENDS),
        one_of("whereto", ENDS),
        double("timeout"),
    ],
    see_also: &["LMOVE", "BLPOP"],
    examples: "\
> RPUSH todo write test
(integer) 2
> BLMOVE todo doing LEFT RIGHT 5
\"write\"
> LRANGE doing 0 -1
1) \"write\"
",
    run: blmove,
    ..CommandSpec::DEFAULT
};

const BLMPOP: CommandSpec = CommandSpec {
    name: "BLMPOP",
    group: Group::List,
    since: "7.0.0",
    summary: "Takes elements of the first of several lists that has any, and waits if none has.",
    complexity: "O(N+M), N being the number of keys and M the number of elements returned.",
    flags: Flags::WRITE.or(Flags::BLOCKING),
    keys: &[KeySpec::counted(2, POP_FLAGS)],
    args: &[
        double("timeout"),
        integer("numkeys"),
        KEY.many(),
        one_of("where", ENDS),
        integer("count").after("COUNT").optional(),
    ],
    see_also: &["LMPOP", "BLPOP"],
    examples: "\
> RPUSH low one two three
(integer) 3
> BLMPOP 5 2 high low LEFT COUNT 2
1) \"low\"
2) 1) \"one\"
   2) \"two\"
",
    run: blmpop,
    ..CommandSpec::DEFAULT
};

const BLPOP: CommandSpec = CommandSpec {
    name: "BLPOP",
    group: Group::List,
    since: "2.0.0",
    summary: "Takes the first element of the first list that has one, and waits if none has.",
    complexity: "O(N), N being the number of keys.",
    flags: Flags::WRITE.or(Flags::BLOCKING),
    keys: POP_KEYS,
    args: POP_ARGS,
    history: POP_HISTORY,
    see_also: &["LPOP", "BRPOP", "BLMPOP"],
    examples: "\
> RPUSH tasks write test
(integer) 2
> BLPOP urgent tasks 5
1) \"tasks\"
2) \"write\"
",
    run: |ctx, args| pop(ctx, args, End::Head),
    ..CommandSpec::DEFAULT
};

const BRPOP: CommandSpec = CommandSpec {
    name: "BRPOP",
    group: Group::List,
    since: "2.0.0",
    summary: "Takes the last element of the first list that has one, and waits if none has.",
    complexity: "O(N), N being the number of keys.",
    flags: Flags::WRITE.or(Flags::BLOCKING),
    keys: POP_KEYS,
    args: POP_ARGS,
    history: POP_HISTORY,
    see_also: &["RPOP", "BLPOP", "BLMPOP"],
    examples: "\
> RPUSH tasks write test
(integer) 2
> BRPOP urgent tasks 5
1) \"tasks\"
2) \"test\"
",
    run: |ctx, args| pop(ctx, args, End::Tail),
    ..CommandSpec::DEFAULT
};

const BRPOPLPUSH: CommandSpec = CommandSpec {
    name: "BRPOPLPUSH",
    group: Group::List,
    since: "2.2.0",
    summary: "Moves the last element of a list to the head of another, and waits for one if needed.",
    complexity: "O(1)",
    flags: Flags::WRITE.or(Flags::DENYOOM).or(Flags::BLOCKING),
    keys: MOVE_KEYS,
    args: &[key("source"), key("destination"), double("timeout")],
    history: POP_HISTORY,
    deprecated: Some(Deprecation { since: "6.2.0", replaced_by: "BLMOVE with RIGHT and LEFT" }),
    see_also: &["BLMOVE", "RPOPLPUSH"],
    examples: "\
> RPUSH todo write test
(integer) 2
> BRPOPLPUSH todo doing 5
\"test\"
",
    run: brpoplpush,
    ..CommandSpec::DEFAULT
};

fn pop(ctx: &mut Ctx<'_>, args: Args<'_>, end: End) -> Result<Answer, CmdError> {
    let keys = args.take(args.len().saturating_sub(1));
    let until = timeout::seconds(args.skip(keys.len()).next_word()?, ctx.keys.now)?;
    let limits = limits(ctx);
    for key in keys.rest() {
        let Some(mut edit) = ctx.keys.edit::<List>(key)? else { continue };
        let list = &mut *edit;
        ctx.reply.array(2);
        ctx.reply.bulk(key);
        if let Some(element) = list.end(end) {
            reply::element(&mut ctx.reply, element);
        }
        list.remove_end(end, &mut ctx.trace);
        list.shrink(limits, &mut ctx.trace);
        edit.changed(pop_event(end));
        drop(edit);
        ctx.log_as(&[pop_name(end), key]);
        return Ok(Answer::Done);
    }
    ctx.park_for(Type::List, args, keys.rest(), until);
    Ok(Answer::Done)
}

fn blmpop(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let limit = args.next_word()?;
    let request = MultiPop::parse(args, next_end)?;
    let until = timeout::seconds(limit, ctx.keys.now)?;
    if !request.run(ctx)? {
        ctx.park_for(Type::List, args, request.keys.rest(), until);
    }
    Ok(Answer::Done)
}

fn blmove(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (source, destination) = (args.next_word()?, args.next_word()?);
    let (from, to) = (next_end(&mut args)?, next_end(&mut args)?);
    move_or_wait(ctx, args, source, destination, (from, to))
}

fn brpoplpush(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (source, destination) = (args.next_word()?, args.next_word()?);
    move_or_wait(ctx, args, source, destination, (End::Tail, End::Head))
}

fn move_or_wait(
    ctx: &mut Ctx<'_>,
    mut args: Args<'_>,
    source: &[u8],
    destination: &[u8],
    (from, to): (End, End),
) -> Result<Answer, CmdError> {
    let until = timeout::seconds(args.next_word()?, ctx.keys.now)?;
    if move_element(ctx, source, destination, from, to)? {
        ctx.log_as(&[b"LMOVE", source, destination, end_name(from), end_name(to)]);
        return Ok(Answer::Done);
    }
    if ctx.may_block() {
        ctx.park_for(Type::List, args, [source].into_iter(), until);
    } else {
        // A null bulk, as LMOVE's; who has waited in vain gets a null array.
        ctx.reply.null();
    }
    Ok(Answer::Done)
}
