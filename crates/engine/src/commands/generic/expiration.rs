//! Setting when keys end.

use crate::args::Args;
use crate::command::args::{KEY, integer, unix_time};
use crate::command::{Answer, Arg, CommandSpec, Flags, Group, KeySpec};
use crate::commands::deadline::{self, Conditions, MILLISECONDS, SECONDS, Since};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::schedule::is_over;

pub(super) const COMMANDS: &[CommandSpec] = &[EXPIRE, PEXPIRE, EXPIREAT, PEXPIREAT, PERSIST];

const CONDITION: Arg = deadline::CONDITION.since("7.0.0");

const CONDITION_CAME: &[(&str, &str)] = &[("7.0.0", "Takes a condition: NX, XX, GT or LT.")];

const BASE: CommandSpec = CommandSpec {
    group: Group::Generic,
    complexity: "O(1)",
    flags: Flags::WRITE.or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RW", "update"])],
    ..CommandSpec::DEFAULT
};

const EXPIRE: CommandSpec = CommandSpec {
    name: "EXPIRE",
    since: "1.0.0",
    summary: "Lets a key end in so many seconds.",
    args: &[KEY, integer("seconds"), CONDITION],
    history: CONDITION_CAME,
    see_also: &["TTL", "PERSIST", "EXPIREAT", "PEXPIRE"],
    examples: "\
> SET code 4711
OK
> EXPIRE code 30
(integer) 1
> TTL code
(integer) 30
> EXPIRE nothing 30
(integer) 0
",
    run: |ctx, args| expire(ctx, args, "expire", SECONDS, Since::Now),
    ..BASE
};

const PEXPIRE: CommandSpec = CommandSpec {
    name: "PEXPIRE",
    since: "2.6.0",
    summary: "Lets a key end in so many milliseconds.",
    args: &[KEY, integer("milliseconds"), CONDITION],
    history: CONDITION_CAME,
    see_also: &["PTTL", "EXPIRE"],
    examples: "\
> SET lock 1
OK
> PEXPIRE lock 250
(integer) 1
",
    run: |ctx, args| expire(ctx, args, "pexpire", MILLISECONDS, Since::Now),
    ..BASE
};

const EXPIREAT: CommandSpec = CommandSpec {
    name: "EXPIREAT",
    since: "1.2.0",
    summary: "Lets a key end at a second since 1970.",
    args: &[KEY, unix_time("unix-time-seconds"), CONDITION],
    history: CONDITION_CAME,
    see_also: &["EXPIRETIME", "EXPIRE"],
    examples: "\
> SET offer 20%
OK
> EXPIREAT offer 33177117420
(integer) 1
> EXPIRETIME offer
(integer) 33177117420
",
    run: |ctx, args| expire(ctx, args, "expireat", SECONDS, Since::Epoch),
    ..BASE
};

const PEXPIREAT: CommandSpec = CommandSpec {
    name: "PEXPIREAT",
    since: "2.6.0",
    summary: "Lets a key end at a millisecond since 1970.",
    args: &[KEY, unix_time("unix-time-milliseconds"), CONDITION],
    history: CONDITION_CAME,
    see_also: &["PEXPIRETIME", "EXPIREAT"],
    examples: "\
> SET offer 20%
OK
> PEXPIREAT offer 33177117420000
(integer) 1
> EXPIRETIME offer
(integer) 33177117420
",
    run: |ctx, args| expire(ctx, args, "pexpireat", MILLISECONDS, Since::Epoch),
    ..BASE
};

const PERSIST: CommandSpec = CommandSpec {
    name: "PERSIST",
    since: "2.2.0",
    summary: "Lets a key live for ever again.",
    args: &[KEY],
    see_also: &["EXPIRE", "TTL"],
    examples: "\
> SET code 4711 EX 30
OK
> PERSIST code
(integer) 1
> TTL code
(integer) -1
",
    run: persist,
    ..BASE
};

fn parse_conditions(mut args: Args<'_>) -> Result<Conditions, CmdError> {
    let mut conditions = Conditions::default();
    while !args.is_empty() {
        if !conditions.take(&mut args) {
            return Err(CmdError::repeating("ERR Unsupported option ", args.next_word()?, ""));
        }
    }
    let Conditions { nx, xx, gt, lt } = conditions;
    if nx && (xx || gt || lt) {
        return Err(CmdError::Msg(
            "ERR NX and XX, GT or LT options at the same time are not compatible",
        ));
    }
    if gt && lt {
        return Err(CmdError::Msg("ERR GT and LT options at the same time are not compatible"));
    }
    Ok(conditions)
}

fn expire(
    ctx: &mut Ctx<'_>,
    mut args: Args<'_>,
    name: &'static str,
    unit_ms: i64,
    since: Since,
) -> Result<Answer, CmdError> {
    let (key, time) = (args.next_word()?, args);
    let conditions = parse_conditions(time.skip(1))?;
    let at = deadline::moment({ time }.next_i64()?, unit_ms, since, ctx.keys.now)
        .ok_or(CmdError::InvalidExpire(name))?;
    let place = ctx.keys.locate(key);
    // As any write it counts as a use of the key.
    ctx.keys.use_at(place);
    let is_set = place.is_taken() && conditions.allow(ctx.keys.deadline_at(place), at);
    if is_set && is_over(at, ctx.keys.now) {
        ctx.keys.remove_at(place, key, "del");
    } else if is_set {
        ctx.keys.set_deadline_at(place, at);
        ctx.keys.changed(key, "expire");
    }
    ctx.reply.integer(i64::from(is_set));
    Ok(Answer::Done)
}

fn persist(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let place = ctx.keys.locate(key);
    ctx.keys.use_at(place);
    let had_deadline = ctx.keys.clear_deadline_at(place);
    if had_deadline {
        ctx.keys.changed(key, "persist");
    }
    ctx.reply.integer(i64::from(had_deadline));
    Ok(Answer::Done)
}
