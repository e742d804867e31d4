//! Moving an element from one list to another, or from one end to the other.

use redarium_structures::list_pack::ListPackValue;

use super::{ENDS, limits, next_end, pop_event, push_event};
use crate::args::Args;
use crate::command::args::{key, one_of};
use crate::command::{Answer, CommandSpec, Deprecation, Flags, Group, KeySpec};
use crate::commands::reply;
use crate::context::Ctx;
use crate::error::CmdError;
use crate::types::list::{End, List};

pub(super) const COMMANDS: &[CommandSpec] = &[LMOVE, RPOPLPUSH];

const KEYS: &[KeySpec] =
    &[KeySpec::one(1, &["RW", "access", "delete"]), KeySpec::one(2, &["RW", "insert"])];

const LMOVE: CommandSpec = CommandSpec {
    name: "LMOVE",
    group: Group::List,
    since: "6.2.0",
    summary: "Takes an element from an end of a list, adds it at an end of another and returns it.",
    complexity: "O(1)",
    flags: Flags::WRITE.or(Flags::DENYOOM),
    keys: KEYS,
    args: &[key("source"), key("destination"), one_of("wherefrom", ENDS), one_of("whereto", ENDS)],
    see_also: &["LPOP", "RPUSH", "RPOPLPUSH"],
    examples: "\
> RPUSH todo write test
(integer) 2
> LMOVE todo done LEFT RIGHT
\"write\"
> LRANGE done 0 -1
1) \"write\"
> LMOVE nothing done LEFT RIGHT
(nil)
",
    run: lmove,
    ..CommandSpec::DEFAULT
};

const RPOPLPUSH: CommandSpec = CommandSpec {
    name: "RPOPLPUSH",
    group: Group::List,
    since: "1.2.0",
    summary: "Takes the last element of a list, adds it at the head of another and returns it.",
    complexity: "O(1)",
    flags: Flags::WRITE.or(Flags::DENYOOM),
    keys: KEYS,
    args: &[key("source"), key("destination")],
    deprecated: Some(Deprecation { since: "6.2.0", replaced_by: "LMOVE with RIGHT and LEFT" }),
    see_also: &["LMOVE"],
    examples: "\
> RPUSH todo write test
(integer) 2
> RPOPLPUSH todo done
\"test\"
",
    run: rpoplpush,
    ..CommandSpec::DEFAULT
};

fn lmove(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (source, destination) = (args.next_word()?, args.next_word()?);
    let (from, to) = (next_end(&mut args)?, next_end(&mut args)?);
    lmove_element(ctx, source, destination, from, to)
}

fn rpoplpush(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (source, destination) = (args.next_word()?, args.next_word()?);
    lmove_element(ctx, source, destination, End::Tail, End::Head)
}

fn lmove_element(
    ctx: &mut Ctx<'_>,
    source: &[u8],
    destination: &[u8],
    from: End,
    to: End,
) -> Result<Answer, CmdError> {
    if !move_element(ctx, source, destination, from, to)? {
        ctx.reply.null();
    }
    Ok(Answer::Done)
}

/// Moves an element and answers with it; false, and no answer, if there is none.
pub(super) fn move_element(
    ctx: &mut Ctx<'_>,
    source: &[u8],
    destination: &[u8],
    from: End,
    to: End,
) -> Result<bool, CmdError> {
    let limits = limits(ctx);
    let Some(mut edit) = ctx.keys.edit::<List>(source)? else { return Ok(false) };
    let Some(element) = edit.end(from) else { return Ok(false) };
    reply::element(&mut ctx.reply, element);
    let (text, number) = match element {
        ListPackValue::Str(stored) => (stored.to_vec(), None),
        ListPackValue::Int(stored) => (Vec::new(), Some(stored)),
    };
    let element = number.map_or(ListPackValue::Str(&text), ListPackValue::Int);
    // Redis does not count the digits of a number when it asks whether a listpack has room.
    let bytes = text.len();
    if source == destination {
        let list = &mut *edit;
        list.remove_end(from, &mut ctx.trace);
        list.make_room(1, bytes, limits, &mut ctx.trace);
        list.push(to, element, &mut ctx.trace);
        list.shrink(limits, &mut ctx.trace);
        edit.changed(push_event(to));
        drop(edit);
        ctx.keys.note(source, pop_event(from));
        return Ok(true);
    }
    drop(edit);
    let mut edit = ctx.keys.edit_or_create::<List>(destination)?;
    let list = &mut *edit;
    list.make_room(1, bytes, limits, &mut ctx.trace);
    list.push(to, element, &mut ctx.trace);
    edit.changed(push_event(to));
    drop(edit);
    if let Some(mut edit) = ctx.keys.edit::<List>(source)? {
        let list = &mut *edit;
        list.remove_end(from, &mut ctx.trace);
        list.shrink(limits, &mut ctx.trace);
        edit.changed(pop_event(from));
    }
    Ok(true)
}
