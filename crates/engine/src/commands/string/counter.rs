//! Counting: integers that stay within 64 bits, and decimal fractions.

use redarium_resp::long_double::LongDouble;
use redarium_resp::number::IntBuffer;
use redarium_structures::bytes::Bytes;

use crate::args::Args;
use crate::command::args::{KEY, double, integer};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::value::Value;

pub(super) const COMMANDS: &[CommandSpec] = &[INCR, DECR, INCRBY, DECRBY, INCRBYFLOAT];

const FLAGS: Flags = Flags::WRITE.or(Flags::DENYOOM).or(Flags::FAST);
const KEYS: &[KeySpec] = &[KeySpec::one(1, &["RW", "access", "update"])];

const INCR: CommandSpec = CommandSpec {
    name: "INCR",
    group: Group::String,
    since: "1.0.0",
    summary: "Adds one to the integer that a key holds; a missing key counts as 0.",
    complexity: "O(1)",
    flags: FLAGS,
    keys: KEYS,
    args: &[KEY],
    see_also: &["INCRBY", "DECR", "INCRBYFLOAT"],
    examples: "\
> INCR visits
(integer) 1
> INCR visits
(integer) 2
",
    run: incr,
    ..CommandSpec::DEFAULT
};

const DECR: CommandSpec = CommandSpec {
    name: "DECR",
    group: Group::String,
    since: "1.0.0",
    summary: "Subtracts one from the integer that a key holds; a missing key counts as 0.",
    complexity: "O(1)",
    flags: FLAGS,
    keys: KEYS,
    args: &[KEY],
    see_also: &["DECRBY", "INCR"],
    examples: "\
> SET seats 10
OK
> DECR seats
(integer) 9
",
    run: decr,
    ..CommandSpec::DEFAULT
};

const INCRBY: CommandSpec = CommandSpec {
    name: "INCRBY",
    group: Group::String,
    since: "1.0.0",
    summary: "Adds to the integer that a key holds; a missing key counts as 0.",
    complexity: "O(1)",
    flags: FLAGS,
    keys: KEYS,
    args: &[KEY, integer("increment")],
    see_also: &["INCR", "DECRBY"],
    examples: "\
> INCRBY points 50
(integer) 50
> INCRBY points -8
(integer) 42
",
    run: incrby,
    ..CommandSpec::DEFAULT
};

const DECRBY: CommandSpec = CommandSpec {
    name: "DECRBY",
    group: Group::String,
    since: "1.0.0",
    summary: "Subtracts from the integer that a key holds; a missing key counts as 0.",
    complexity: "O(1)",
    flags: FLAGS,
    keys: KEYS,
    args: &[KEY, integer("decrement")],
    see_also: &["DECR", "INCRBY"],
    examples: "\
> SET points 50
OK
> DECRBY points 8
(integer) 42
",
    run: decrby,
    ..CommandSpec::DEFAULT
};

const INCRBYFLOAT: CommandSpec = CommandSpec {
    name: "INCRBYFLOAT",
    group: Group::String,
    since: "2.6.0",
    summary: "Adds to the number that a key holds, fractions included; a missing key counts as 0.",
    complexity: "O(1)",
    flags: FLAGS,
    keys: KEYS,
    args: &[KEY, double("increment")],
    see_also: &["INCRBY"],
    examples: "\
> SET price 10.50
OK
> INCRBYFLOAT price 0.1
\"10.6\"
> INCRBYFLOAT price -5
\"5.6\"
",
    run: incrbyfloat,
    ..CommandSpec::DEFAULT
};

fn incr(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    add(ctx, args.next_word()?, 1)
}

fn decr(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    add(ctx, args.next_word()?, -1)
}

fn incrby(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    add(ctx, key, args.next_i64()?)
}

fn decrby(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let amount = args.next_i64()?.checked_neg();
    add(ctx, key, amount.ok_or(CmdError::Msg("ERR decrement would overflow"))?)
}

fn add(ctx: &mut Ctx<'_>, key: &[u8], amount: i64) -> Result<Answer, CmdError> {
    let place = ctx.keys.locate(key);
    let old = match ctx.keys.at(place) {
        None => 0,
        Some(value) => value.integer()?,
    };
    let new = old.checked_add(amount).ok_or(CmdError::Overflow)?;
    ctx.keys.put(place, key, Value::Int(new), true);
    ctx.keys.changed(key, "incrby");
    ctx.reply.integer(new);
    Ok(Answer::Done)
}

fn incrbyfloat(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let amount = args.next_word()?;
    let place = ctx.keys.locate(key);
    let mut digits = IntBuffer::new();
    let old = match ctx.keys.at(place) {
        None => b"0",
        Some(value) => value.bytes(&mut digits)?,
    };
    let old = LongDouble::parse(old).ok_or(CmdError::NotFloat)?;
    let amount = LongDouble::parse(amount).ok_or(CmdError::NotFloat)?;
    let sum = old.checked_add(amount).ok_or(CmdError::NanOrInfinity)?.to_text();
    // Redis stores the text even where it is an integer.
    ctx.keys.put(place, key, Value::Str(Bytes::from(&*sum)), true);
    ctx.keys.changed(key, "incrbyfloat");
    ctx.reply.bulk(&sum);
    Ok(Answer::Done)
}
