//! Reading entries by their ids.

use super::{interval_end, reply_entries};
use crate::args::Args;
use crate::command::args::{KEY, integer, word};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::types::stream::Stream;

pub(super) const COMMANDS: &[CommandSpec] = &[XLEN, XRANGE, XREVRANGE];

const XLEN: CommandSpec = CommandSpec {
    name: "XLEN",
    group: Group::Stream,
    since: "5.0.0",
    summary: "Tells how many entries a stream has.",
    complexity: "O(1)",
    flags: Flags::READONLY.or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RO"])],
    args: &[KEY],
    see_also: &["XADD", "XINFO STREAM"],
    examples: "\
> XADD races 1-1 rider ana
\"1-1\"
> XLEN races
(integer) 1
",
    run: xlen,
    ..CommandSpec::DEFAULT
};

const XRANGE: CommandSpec = CommandSpec {
    name: "XRANGE",
    group: Group::Stream,
    since: "5.0.0",
    summary: "Returns the entries between two ids, `-` being the lowest and `+` the highest.",
    complexity: "O(log N + M), N being the size of the stream and M the number of entries returned.",
    flags: Flags::READONLY,
    keys: &[KeySpec::one(1, &["RO", "access"])],
    args: &[KEY, word("start"), word("end"), integer("count").after("COUNT").optional()],
    history: &[("6.2.0", "An id after `(` is itself left out.")],
    see_also: &["XREVRANGE", "XREAD", "XLEN"],
    examples: "\
> XADD races 1-1 rider ana
\"1-1\"
> XADD races 2-1 rider bo
\"2-1\"
> XRANGE races (1-1 +
1) 1) \"2-1\"
   2) 1) \"rider\"
      2) \"bo\"
",
    run: |ctx, args| range(ctx, args, false),
    ..CommandSpec::DEFAULT
};

const XREVRANGE: CommandSpec = CommandSpec {
    name: "XREVRANGE",
    group: Group::Stream,
    since: "5.0.0",
    summary: "Returns the entries between two ids, the highest first.",
    complexity: "O(log N + M), N being the size of the stream and M the number of entries returned.",
    flags: Flags::READONLY,
    keys: &[KeySpec::one(1, &["RO", "access"])],
    args: &[KEY, word("end"), word("start"), integer("count").after("COUNT").optional()],
    history: &[("6.2.0", "An id after `(` is itself left out.")],
    see_also: &["XRANGE"],
    examples: "\
> XADD races 1-1 rider ana
\"1-1\"
> XADD races 2-1 rider bo
\"2-1\"
> XREVRANGE races + - COUNT 1
1) 1) \"2-1\"
   2) 1) \"rider\"
      2) \"bo\"
",
    run: |ctx, args| range(ctx, args, true),
    ..CommandSpec::DEFAULT
};

fn xlen(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let stream = ctx.keys.read::<Stream>(args.next_word()?)?;
    ctx.reply.integer(stream.map_or(0, |stream| stream.log.len() as i64));
    Ok(Answer::Done)
}

fn range(ctx: &mut Ctx<'_>, mut args: Args<'_>, reverse: bool) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let (start, end) = (args.next_word()?, args.next_word()?);
    let (start, end) = if reverse { (end, start) } else { (start, end) };
    let (first, last) = (interval_end(start, false)?, interval_end(end, true)?);
    let mut count = usize::MAX;
    while !args.is_empty() {
        if args.len() < 2 || !args.take_token("COUNT") {
            return Err(CmdError::Syntax);
        }
        count = usize::try_from(args.next_i64()?).unwrap_or(0);
    }
    match ctx.keys.read::<Stream>(key)? {
        None => ctx.reply.array(0),
        Some(_) if count == 0 => ctx.reply.null_array(),
        Some(stream) => {
            let entries = stream.log.entries(first, last, reverse);
            reply_entries(&mut ctx.reply, entries, count);
        }
    }
    Ok(Answer::Done)
}
