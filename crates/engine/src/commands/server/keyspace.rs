//! Whole databases: their size, emptying and exchanging them.

use redarium_resp::number::parse_i64;

use crate::args::Args;
use crate::command::args::{integer, one_of, token};
use crate::command::{Answer, Arg, CommandSpec, Flags, Group};
use crate::context::Ctx;
use crate::error::CmdError;

pub(super) const COMMANDS: &[CommandSpec] = &[DBSIZE, FLUSHALL, FLUSHDB, SWAPDB];

const DBSIZE: CommandSpec = CommandSpec {
    name: "DBSIZE",
    group: Group::Server,
    since: "1.0.0",
    summary: "Tells how many keys the database has.",
    complexity: "O(1)",
    flags: Flags::READONLY.or(Flags::FAST),
    acl: Some(&["keyspace"]),
    see_also: &["KEYS", "FLUSHDB"],
    examples: "\
> MSET a 1 b 2
OK
> DBSIZE
(integer) 2
",
    run: dbsize,
    ..CommandSpec::DEFAULT
};

const FLUSH_TYPE: Arg =
    one_of("flush-type", &[token("ASYNC").since("4.0.0"), token("SYNC").since("6.2.0")]).optional();

const FLUSH_HISTORY: &[(&str, &str)] = &[("4.0.0", "Takes ASYNC."), ("6.2.0", "Takes SYNC.")];

const FLUSHALL: CommandSpec = CommandSpec {
    name: "FLUSHALL",
    group: Group::Server,
    since: "1.0.0",
    summary: "Removes all keys of all databases.",
    complexity: "O(N) in the number of databases; the keys are freed little by little afterwards.",
    flags: Flags::WRITE.or(Flags::DANGEROUS),
    acl: Some(&["keyspace"]),
    args: &[FLUSH_TYPE],
    history: FLUSH_HISTORY,
    see_also: &["FLUSHDB"],
    examples: "\
> SET a 1
OK
> FLUSHALL
OK
> DBSIZE
(integer) 0
",
    run: flushall,
    ..CommandSpec::DEFAULT
};

const FLUSHDB: CommandSpec = CommandSpec {
    name: "FLUSHDB",
    group: Group::Server,
    since: "1.0.0",
    summary: "Removes all keys of the selected database.",
    complexity: "O(1); the keys are freed little by little afterwards.",
    flags: Flags::WRITE.or(Flags::DANGEROUS),
    acl: Some(&["keyspace"]),
    args: &[FLUSH_TYPE],
    history: FLUSH_HISTORY,
    see_also: &["FLUSHALL", "DEL"],
    examples: "\
> SET a 1
OK
> FLUSHDB
OK
> EXISTS a
(integer) 0
",
    run: flushdb,
    ..CommandSpec::DEFAULT
};

const SWAPDB: CommandSpec = CommandSpec {
    name: "SWAPDB",
    group: Group::Server,
    since: "4.0.0",
    summary: "Exchanges the keys of two databases for everyone at once.",
    complexity: "O(1)",
    flags: Flags::WRITE.or(Flags::FAST).or(Flags::DANGEROUS),
    acl: Some(&["keyspace"]),
    args: &[integer("index1"), integer("index2")],
    see_also: &["SELECT", "MOVE"],
    examples: "\
> SET a 1
OK
> SWAPDB 0 1
OK
> EXISTS a
(integer) 0
",
    run: swapdb,
    ..CommandSpec::DEFAULT
};

fn dbsize(ctx: &mut Ctx<'_>, _: Args<'_>) -> Result<Answer, CmdError> {
    ctx.reply.count(ctx.keys.database().len());
    Ok(Answer::Done)
}

fn flushall(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    check_flush_type(args)?;
    ctx.keys.flush_all();
    ctx.reply.ok();
    Ok(Answer::Done)
}

fn flushdb(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    check_flush_type(args)?;
    ctx.keys.flush();
    ctx.reply.ok();
    Ok(Answer::Done)
}

/// Reads ASYNC or SYNC, which make no difference here: memory is always freed afterwards.
fn check_flush_type(mut args: Args<'_>) -> Result<(), CmdError> {
    let _ = args.take_token("ASYNC") || args.take_token("SYNC");
    args.finish()
}

fn swapdb(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let mut next = |error| {
        let number = parse_i64(args.next_word()?);
        number.and_then(|number| i32::try_from(number).ok()).ok_or(CmdError::Msg(error))
    };
    let first = next("ERR invalid first DB index")?;
    let second = next("ERR invalid second DB index")?;
    let (first, second) = (ctx.keys.db_numbered(first)?, ctx.keys.db_numbered(second)?);
    ctx.keys.swap_databases(first, second);
    ctx.keys.effects.dirty += 1;
    ctx.reply.ok();
    Ok(Answer::Done)
}
