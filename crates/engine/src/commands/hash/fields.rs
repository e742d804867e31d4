//! All fields at once, or bit by bit with a cursor.

use redarium_structures::list_pack::ListPackValue;

use crate::args::Args;
use crate::command::args::{KEY, integer, token};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::commands::reply;
use crate::commands::scan::{self, COUNT, Extra, MATCH, ScanOptions};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::types::hash::Hash;

pub(super) const COMMANDS: &[CommandSpec] = &[HGETALL, HKEYS, HVALS, HSCAN];

const HGETALL: CommandSpec = CommandSpec {
    name: "HGETALL",
    group: Group::Hash,
    since: "2.0.0",
    summary: "Returns all fields of a hash with their values.",
    complexity: "O(N), N being the number of fields.",
    flags: Flags::READONLY,
    keys: &[KeySpec::one(1, &["RO", "access"])],
    args: &[KEY],
    see_also: &["HKEYS", "HVALS", "HSCAN"],
    examples: "\
> HSET user:1 name ana team red
(integer) 2
> HGETALL user:1
1) \"name\"
2) \"ana\"
3) \"team\"
4) \"red\"
",
    run: hgetall,
    ..CommandSpec::DEFAULT
};

const HKEYS: CommandSpec = CommandSpec {
    name: "HKEYS",
    group: Group::Hash,
    since: "2.0.0",
    summary: "Returns the names of all fields of a hash.",
    complexity: "O(N), N being the number of fields.",
    flags: Flags::READONLY,
    keys: &[KeySpec::one(1, &["RO", "access"])],
    args: &[KEY],
    see_also: &["HVALS", "HGETALL"],
    examples: "\
> HSET user:1 name ana team red
(integer) 2
> HKEYS user:1
1) \"name\"
2) \"team\"
",
    run: hkeys,
    ..CommandSpec::DEFAULT
};

const HVALS: CommandSpec = CommandSpec {
    name: "HVALS",
    group: Group::Hash,
    since: "2.0.0",
    summary: "Returns the values of all fields of a hash.",
    complexity: "O(N), N being the number of fields.",
    flags: Flags::READONLY,
    keys: &[KeySpec::one(1, &["RO", "access"])],
    args: &[KEY],
    see_also: &["HKEYS", "HGETALL"],
    examples: "\
> HSET user:1 name ana team red
(integer) 2
> HVALS user:1
1) \"ana\"
2) \"red\"
",
    run: hvals,
    ..CommandSpec::DEFAULT
};

const HSCAN: CommandSpec = CommandSpec {
    name: "HSCAN",
    group: Group::Hash,
    since: "2.8.0",
    summary: "Iterates over the fields of a hash with a cursor.",
    complexity: "O(1) for each call, O(N) for a whole iteration.",
    flags: Flags::READONLY,
    keys: &[KeySpec::one(1, &["RO", "access"])],
    args: &[KEY, integer("cursor"), MATCH, COUNT, token("NOVALUES").optional().since("7.4.0")],
    history: &[("7.4.0", "Added NOVALUES.")],
    see_also: &["SCAN", "HGETALL"],
    examples: "\
> HSET user:1 name ana team red
(integer) 2
> HSCAN user:1 0 MATCH n*
1) \"0\"
2) 1) \"name\"
   2) \"ana\"
",
    run: hscan,
    ..CommandSpec::DEFAULT
};

fn hgetall(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (key, now) = (args.next_word()?, ctx.keys.now);
    let Some(hash) = ctx.keys.read::<Hash>(key)? else {
        ctx.reply.map(0);
        return Ok(Answer::Done);
    };
    ctx.reply.map(hash.living_len(now));
    for (field, value) in hash.living(now) {
        reply::element(&mut ctx.reply, field);
        reply::element(&mut ctx.reply, value);
    }
    Ok(Answer::Done)
}

fn hkeys(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    one_side(ctx, args, |(field, _)| field)
}

fn hvals(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    one_side(ctx, args, |(_, value)| value)
}

fn one_side(
    ctx: &mut Ctx<'_>,
    mut args: Args<'_>,
    side: for<'v> fn((ListPackValue<'v>, ListPackValue<'v>)) -> ListPackValue<'v>,
) -> Result<Answer, CmdError> {
    let (key, now) = (args.next_word()?, ctx.keys.now);
    let Some(hash) = ctx.keys.read::<Hash>(key)? else {
        ctx.reply.array(0);
        return Ok(Answer::Done);
    };
    ctx.reply.array(hash.living_len(now));
    for pair in hash.living(now) {
        reply::element(&mut ctx.reply, side(pair));
    }
    Ok(Answer::Done)
}

fn hscan(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (key, cursor) = (args.next_word()?, scan::cursor(args.next_word()?)?);
    let now = ctx.keys.now;
    let Some(hash) = ctx.keys.read::<Hash>(key)? else {
        // As in Redis, options are not even read where there is nothing to scan.
        reply::scan(&mut ctx.reply, 0, 0);
        return Ok(Answer::Done);
    };
    let options = ScanOptions::parse(args, Extra::NoValues)?;
    let (next, found) = options.collect(cursor, |cursor, found| {
        hash.scan(cursor, now, |field, value| found.see(field, (field, value)), &mut ctx.trace)
    });
    reply::scan(
        &mut ctx.reply,
        next,
        if options.no_values { found.len() } else { found.len() * 2 },
    );
    for (field, value) in found {
        reply::element(&mut ctx.reply, field);
        if !options.no_values {
            reply::element(&mut ctx.reply, value);
        }
    }
    Ok(Answer::Done)
}
