//! Asking for members.

use crate::args::Args;
use crate::command::args::{KEY, integer, word};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::commands::reply;
use crate::commands::scan::{self, COUNT, Extra, MATCH, ScanOptions};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::types::set::Set;

pub(super) const COMMANDS: &[CommandSpec] = &[SCARD, SISMEMBER, SMISMEMBER, SMEMBERS, SSCAN];

const SCARD: CommandSpec = CommandSpec {
    name: "SCARD",
    group: Group::Set,
    since: "1.0.0",
    summary: "Returns the number of members of a set.",
    complexity: "O(1)",
    flags: Flags::READONLY.or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RO"])],
    args: &[KEY],
    see_also: &["SMEMBERS", "SINTERCARD"],
    examples: "\
> SADD colours red green
(integer) 2
> SCARD colours
(integer) 2
",
    run: scard,
    ..CommandSpec::DEFAULT
};

const SISMEMBER: CommandSpec = CommandSpec {
    name: "SISMEMBER",
    group: Group::Set,
    since: "1.0.0",
    summary: "Tells whether a set has a member.",
    complexity: "O(1)",
    flags: Flags::READONLY.or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RO"])],
    args: &[KEY, word("member")],
    see_also: &["SMISMEMBER"],
    examples: "\
> SADD colours red
(integer) 1
> SISMEMBER colours red
(integer) 1
> SISMEMBER colours blue
(integer) 0
",
    run: sismember,
    ..CommandSpec::DEFAULT
};

const SMISMEMBER: CommandSpec = CommandSpec {
    name: "SMISMEMBER",
    group: Group::Set,
    since: "6.2.0",
    summary: "Tells of several words whether a set has them as members.",
    complexity: "O(N), N being the number of members asked for.",
    flags: Flags::READONLY.or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RO", "access"])],
    args: &[KEY, word("member").many()],
    see_also: &["SISMEMBER"],
    examples: "\
> SADD colours red
(integer) 1
> SMISMEMBER colours red blue
1) (integer) 1
2) (integer) 0
",
    run: smismember,
    ..CommandSpec::DEFAULT
};

const SMEMBERS: CommandSpec = CommandSpec {
    name: "SMEMBERS",
    group: Group::Set,
    since: "1.0.0",
    summary: "Returns all members of a set.",
    complexity: "O(N), N being the number of members.",
    flags: Flags::READONLY,
    keys: &[KeySpec::one(1, &["RO", "access"])],
    args: &[KEY],
    see_also: &["SSCAN", "SCARD"],
    examples: "\
> SADD colours red green
(integer) 2
> SMEMBERS colours
1) \"red\"
2) \"green\"
",
    run: smembers,
    ..CommandSpec::DEFAULT
};

const SSCAN: CommandSpec = CommandSpec {
    name: "SSCAN",
    group: Group::Set,
    since: "2.8.0",
    summary: "Iterates over the members of a set with a cursor.",
    complexity: "O(1) for each call, O(N) for a whole iteration.",
    flags: Flags::READONLY,
    keys: &[KeySpec::one(1, &["RO", "access"])],
    args: &[KEY, integer("cursor"), MATCH, COUNT],
    see_also: &["SCAN", "SMEMBERS"],
    examples: "\
> SADD colours red green
(integer) 2
> SSCAN colours 0 MATCH g*
1) \"0\"
2) 1) \"green\"
",
    run: sscan,
    ..CommandSpec::DEFAULT
};

fn scard(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let len = ctx.keys.read::<Set>(key)?.map_or(0, Set::len);
    ctx.reply.count(len);
    Ok(Answer::Done)
}

fn sismember(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (key, member) = (args.next_word()?, args.next_word()?);
    let found = ctx.keys.read::<Set>(key)?.is_some_and(|set| set.contains(member, &mut ctx.trace));
    ctx.reply.integer(i64::from(found));
    Ok(Answer::Done)
}

fn smismember(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let set = ctx.keys.read::<Set>(key)?;
    ctx.reply.array(args.len());
    for member in args.rest() {
        let found = set.is_some_and(|set| set.contains(member, &mut ctx.trace));
        ctx.reply.integer(i64::from(found));
    }
    Ok(Answer::Done)
}

fn smembers(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let Some(set) = ctx.keys.read::<Set>(key)? else {
        ctx.reply.set(0);
        return Ok(Answer::Done);
    };
    ctx.reply.set(set.len());
    for member in set.iter() {
        reply::element(&mut ctx.reply, member);
    }
    Ok(Answer::Done)
}

fn sscan(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (key, cursor) = (args.next_word()?, scan::cursor(args.next_word()?)?);
    let Some(set) = ctx.keys.read::<Set>(key)? else {
        // As in Redis, options are not even read where there is nothing to scan.
        reply::scan(&mut ctx.reply, 0, 0);
        return Ok(Answer::Done);
    };
    let options = ScanOptions::parse(args, Extra::None)?;
    let (next, found) = options.collect(cursor, |cursor, found| {
        set.scan(cursor, |member| found.see(member, member), &mut ctx.trace)
    });
    reply::scan(&mut ctx.reply, next, found.len());
    for member in found {
        reply::element(&mut ctx.reply, member);
    }
    Ok(Answer::Done)
}
