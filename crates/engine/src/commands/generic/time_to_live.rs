//! How long keys still live.

use crate::args::Args;
use crate::command::args::KEY;
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;

pub(super) const COMMANDS: &[CommandSpec] = &[TTL, PTTL, EXPIRETIME, PEXPIRETIME];

const BASE: CommandSpec = CommandSpec {
    group: Group::Generic,
    complexity: "O(1)",
    flags: Flags::READONLY.or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RO", "access"])],
    args: &[KEY],
    ..CommandSpec::DEFAULT
};

const NO_KEY_CAME: &[(&str, &str)] = &[("2.8.0", "Answers -2 where there is no key.")];

const TTL: CommandSpec = CommandSpec {
    name: "TTL",
    since: "1.0.0",
    summary: "Tells how many seconds a key still has: -1 if it has no end, -2 if there is no key.",
    history: NO_KEY_CAME,
    see_also: &["EXPIRE", "PTTL", "EXPIRETIME"],
    examples: "\
> SET code 4711 EX 30
OK
> TTL code
(integer) 30
> TTL nothing
(integer) -2
",
    run: |ctx, args| answer(ctx, args, |at, now| seconds(at.saturating_sub(now))),
    ..BASE
};

const PTTL: CommandSpec = CommandSpec {
    name: "PTTL",
    since: "2.6.0",
    summary: "Tells how many milliseconds a key still has: -1 if it has no end, -2 if there is no key.",
    history: NO_KEY_CAME,
    see_also: &["PEXPIRE", "TTL"],
    examples: "\
> SET code 4711
OK
> PTTL code
(integer) -1
",
    run: |ctx, args| answer(ctx, args, i64::saturating_sub),
    ..BASE
};

const EXPIRETIME: CommandSpec = CommandSpec {
    name: "EXPIRETIME",
    since: "7.0.0",
    summary: "Tells the second since 1970 at which a key ends: -1 if never, -2 if there is no key.",
    see_also: &["EXPIREAT", "PEXPIRETIME"],
    examples: "\
> SET offer 20% EXAT 33177117420
OK
> EXPIRETIME offer
(integer) 33177117420
",
    run: |ctx, args| answer(ctx, args, |at, _| seconds(at)),
    ..BASE
};

const PEXPIRETIME: CommandSpec = CommandSpec {
    name: "PEXPIRETIME",
    since: "7.0.0",
    summary: "Tells the millisecond since 1970 at which a key ends: -1 if never, -2 if there is no key.",
    see_also: &["PEXPIREAT", "EXPIRETIME"],
    examples: "\
> SET offer 20% EXAT 33177117420
OK
> PEXPIRETIME offer
(integer) 33177117420000
",
    run: |ctx, args| answer(ctx, args, |at, _| at),
    ..BASE
};

/// Milliseconds in whole seconds, rounded to the nearest.
fn seconds(ms: i64) -> i64 {
    ms.saturating_add(500) / 1000
}

/// Answers with `time` of the key's deadline and the clock, or with what stands for the lack of one.
fn answer(
    ctx: &mut Ctx<'_>,
    mut args: Args<'_>,
    time: fn(i64, i64) -> i64,
) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let reply = match ctx.keys.look(key) {
        None => -2,
        Some(id) => ctx.keys.database().deadline(id).map_or(-1, |at| time(at, ctx.keys.now)),
    };
    ctx.reply.integer(reply);
    Ok(Answer::Done)
}
