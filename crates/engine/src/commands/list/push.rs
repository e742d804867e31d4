//! Adding elements at one end.

use redarium_structures::list_pack::ListPackValue;

use super::{limits, push_event};
use crate::args::Args;
use crate::command::args::{Arg, KEY, word};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::types::list::{End, List};

pub(super) const COMMANDS: &[CommandSpec] = &[LPUSH, RPUSH, LPUSHX, RPUSHX];

const FLAGS: Flags = Flags::WRITE.or(Flags::DENYOOM).or(Flags::FAST);
const KEYS: &[KeySpec] = &[KeySpec::one(1, &["RW", "insert"])];
const ARGS: &[Arg] = &[KEY, word("element").many()];

const LPUSH: CommandSpec = CommandSpec {
    name: "LPUSH",
    group: Group::List,
    since: "1.0.0",
    summary: "Adds elements at the head of a list, the last one first, and returns its length.",
    complexity: "O(1) for each element.",
    flags: FLAGS,
    keys: KEYS,
    args: ARGS,
    history: &[("2.4.0", "Accepts several elements.")],
    see_also: &["RPUSH", "LPUSHX", "LPOP", "LRANGE"],
    examples: "\
> LPUSH tasks write test
(integer) 2
> LRANGE tasks 0 -1
1) \"test\"
2) \"write\"
",
    run: |ctx, args| push(ctx, args, End::Head),
    ..CommandSpec::DEFAULT
};

const RPUSH: CommandSpec = CommandSpec {
    name: "RPUSH",
    group: Group::List,
    since: "1.0.0",
    summary: "Adds elements at the tail of a list and returns its length.",
    complexity: "O(1) for each element.",
    flags: FLAGS,
    keys: KEYS,
    args: ARGS,
    history: &[("2.4.0", "Accepts several elements.")],
    see_also: &["LPUSH", "RPUSHX", "RPOP", "LRANGE"],
    examples: "\
> RPUSH tasks write test
(integer) 2
> LRANGE tasks 0 -1
1) \"write\"
2) \"test\"
",
    run: |ctx, args| push(ctx, args, End::Tail),
    ..CommandSpec::DEFAULT
};

const LPUSHX: CommandSpec = CommandSpec {
    name: "LPUSHX",
    group: Group::List,
    since: "2.2.0",
    summary: "Adds elements at the head of a list, but only if there is one.",
    complexity: "O(1) for each element.",
    flags: FLAGS,
    keys: KEYS,
    args: ARGS,
    history: &[("4.0.0", "Accepts several elements.")],
    see_also: &["LPUSH", "RPUSHX"],
    examples: "\
> LPUSHX tasks write
(integer) 0
> LPUSH tasks write
(integer) 1
> LPUSHX tasks test
(integer) 2
",
    run: |ctx, args| push_to_existing(ctx, args, End::Head),
    ..CommandSpec::DEFAULT
};

const RPUSHX: CommandSpec = CommandSpec {
    name: "RPUSHX",
    group: Group::List,
    since: "2.2.0",
    summary: "Adds elements at the tail of a list, but only if there is one.",
    complexity: "O(1) for each element.",
    flags: FLAGS,
    keys: KEYS,
    args: ARGS,
    history: &[("4.0.0", "Accepts several elements.")],
    see_also: &["RPUSH", "LPUSHX"],
    examples: "\
> RPUSHX tasks write
(integer) 0
> RPUSH tasks write
(integer) 1
> RPUSHX tasks test
(integer) 2
",
    run: |ctx, args| push_to_existing(ctx, args, End::Tail),
    ..CommandSpec::DEFAULT
};

fn push(ctx: &mut Ctx<'_>, mut args: Args<'_>, end: End) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let limits = limits(ctx);
    let mut edit = ctx.keys.edit_or_create::<List>(key)?;
    let list = &mut *edit;
    list.make_room(args.len(), bytes(args), limits, &mut ctx.trace);
    for element in args.rest() {
        list.push(end, ListPackValue::from(element), &mut ctx.trace);
    }
    ctx.reply.count(list.len());
    edit.changed_by(args.len() as u64, push_event(end));
    Ok(Answer::Done)
}

fn push_to_existing(ctx: &mut Ctx<'_>, args: Args<'_>, end: End) -> Result<Answer, CmdError> {
    let is_there = ctx.keys.edit::<List>(args.peek().unwrap_or(b""))?.is_some();
    if is_there {
        return push(ctx, args, end);
    }
    ctx.reply.integer(0);
    Ok(Answer::Done)
}

/// Bytes of all remaining words.
fn bytes(args: Args<'_>) -> usize {
    args.rest().map(<[u8]>::len).sum()
}
