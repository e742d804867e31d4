//! Taking elements from one end.

use redarium_resp::encode::Encoder;

use super::{ENDS, limits, next_end, pop_event, pop_name};
use crate::args::Args;
use crate::command::args::{Arg, KEY, integer, one_of};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::commands::multi_pop::MultiPop;
use crate::commands::reply;
use crate::context::Ctx;
use crate::error::CmdError;
use crate::keyspace::Edit;
use crate::trace::Steps;
use crate::types::list::{End, List, ListLimits};

pub(super) const COMMANDS: &[CommandSpec] = &[LPOP, RPOP, LMPOP];

const KEY_FLAGS: &[&str] = &["RW", "access", "delete"];
const KEYS: &[KeySpec] = &[KeySpec::one(1, KEY_FLAGS)];
const ARGS: &[Arg] = &[KEY, integer("count").optional().since("6.2.0")];

const LPOP: CommandSpec = CommandSpec {
    name: "LPOP",
    group: Group::List,
    since: "1.0.0",
    summary: "Removes and returns the first element of a list, or several.",
    complexity: "O(N), N being the number of elements returned.",
    flags: Flags::WRITE.or(Flags::FAST),
    keys: KEYS,
    args: ARGS,
    history: &[("6.2.0", "Added the count.")],
    see_also: &["RPOP", "LMPOP", "LPUSH"],
    examples: "\
> RPUSH tasks write test ship
(integer) 3
> LPOP tasks
\"write\"
> LPOP tasks 5
1) \"test\"
2) \"ship\"
> LPOP tasks
(nil)
",
    run: |ctx, args| pop(ctx, args, End::Head),
    ..CommandSpec::DEFAULT
};

const RPOP: CommandSpec = CommandSpec {
    name: "RPOP",
    group: Group::List,
    since: "1.0.0",
    summary: "Removes and returns the last element of a list, or several.",
    complexity: "O(N), N being the number of elements returned.",
    flags: Flags::WRITE.or(Flags::FAST),
    keys: KEYS,
    args: ARGS,
    history: &[("6.2.0", "Added the count.")],
    see_also: &["LPOP", "LMPOP", "RPUSH"],
    examples: "\
> RPUSH tasks write test ship
(integer) 3
> RPOP tasks
\"ship\"
> RPOP tasks 5
1) \"test\"
2) \"write\"
",
    run: |ctx, args| pop(ctx, args, End::Tail),
    ..CommandSpec::DEFAULT
};

const LMPOP: CommandSpec = CommandSpec {
    name: "LMPOP",
    group: Group::List,
    since: "7.0.0",
    summary: "Removes and returns elements of the first of several lists that is not empty.",
    complexity: "O(N+M), N being the number of keys and M the number of elements returned.",
    flags: Flags::WRITE,
    keys: &[KeySpec::counted(1, KEY_FLAGS)],
    args: &[
        integer("numkeys"),
        KEY.many(),
        one_of("where", ENDS),
        integer("count").after("COUNT").optional(),
    ],
    see_also: &["LPOP", "RPOP"],
    examples: "\
> RPUSH low one two three
(integer) 3
> LMPOP 2 high low LEFT COUNT 2
1) \"low\"
2) 1) \"one\"
   2) \"two\"
> LMPOP 1 high LEFT
(nil)
",
    run: lmpop,
    ..CommandSpec::DEFAULT
};

fn pop(ctx: &mut Ctx<'_>, mut args: Args<'_>, end: End) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    if !args.is_empty() {
        return pop_several(ctx, key, args, end);
    }
    let limits = limits(ctx);
    let Some(mut edit) = ctx.keys.edit::<List>(key)? else {
        ctx.reply.null();
        return Ok(Answer::Done);
    };
    let list = &mut *edit;
    if let Some(element) = list.end(end) {
        reply::element(&mut ctx.reply, element);
    }
    list.remove_end(end, &mut ctx.trace);
    list.shrink(limits, &mut ctx.trace);
    edit.changed(pop_event(end));
    Ok(Answer::Done)
}

fn pop_several(
    ctx: &mut Ctx<'_>,
    key: &[u8],
    mut args: Args<'_>,
    end: End,
) -> Result<Answer, CmdError> {
    if args.len() > 1 {
        // The event is called as the command.
        return Err(CmdError::Arity(pop_event(end).to_owned()));
    }
    let count = args.next_at_least(0, CmdError::MustBePositive)?;
    let limits = limits(ctx);
    match ctx.keys.edit::<List>(key)? {
        None => ctx.reply.null_array(),
        Some(list) => take(&mut ctx.reply, &mut ctx.trace, list, end, count, limits),
    }
    Ok(Answer::Done)
}

/// Answers with up to `count` elements from an end and removes them.
pub(super) fn take(
    reply: &mut Encoder<'_>,
    trace: &mut Steps<'_>,
    mut edit: Edit<'_, '_, List>,
    end: End,
    count: usize,
    limits: ListLimits,
) {
    let list = &mut *edit;
    let count = count.min(list.len());
    reply.array(count);
    let (first, backwards) = if end == End::Head { (0, false) } else { (-1, true) };
    for element in list.iter_from(first, backwards, trace).take(count) {
        reply::element(reply, element);
    }
    list.remove_at_end(end, count, trace);
    list.shrink(limits, trace);
    edit.changed_by(count as u64, pop_event(end));
}

fn lmpop(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    if !MultiPop::parse(args, next_end)?.run(ctx)? {
        ctx.reply.null_array();
    }
    Ok(Answer::Done)
}

impl MultiPop<'_, End> {
    /// Takes from the first list that there is and answers with its key and the elements; whether there was one.
    pub(super) fn run(self, ctx: &mut Ctx<'_>) -> Result<bool, CmdError> {
        let limits = limits(ctx);
        for key in self.keys.rest() {
            let Some(list) = ctx.keys.edit::<List>(key)? else { continue };
            let count = self.count.min(list.len());
            ctx.reply.array(2);
            ctx.reply.bulk(key);
            take(&mut ctx.reply, &mut ctx.trace, list, self.end, count, limits);
            if ctx.is_logged() {
                ctx.log_as(&[pop_name(self.end), key, count.to_string().as_bytes()]);
            }
            return Ok(true);
        }
        Ok(false)
    }
}
