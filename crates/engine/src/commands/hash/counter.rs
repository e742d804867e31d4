//! Counting in fields.

use std::iter::once;

use redarium_resp::long_double::LongDouble;
use redarium_resp::number::IntBuffer;
use redarium_structures::list_pack::{IntText, ListPackValue, parse_integer};

use super::limits;
use crate::args::Args;
use crate::command::args::{KEY, double, integer, word};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;

pub(super) const COMMANDS: &[CommandSpec] = &[HINCRBY, HINCRBYFLOAT];

const HINCRBY: CommandSpec = CommandSpec {
    name: "HINCRBY",
    group: Group::Hash,
    since: "2.0.0",
    summary: "Adds to the integer in a field of a hash; a missing field counts as 0.",
    complexity: "O(1)",
    flags: Flags::WRITE.or(Flags::DENYOOM).or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RW", "access", "update"])],
    args: &[KEY, word("field"), integer("increment")],
    see_also: &["HINCRBYFLOAT", "INCRBY"],
    examples: "\
> HINCRBY stock:1 apples 12
(integer) 12
> HINCRBY stock:1 apples -5
(integer) 7
",
    run: hincrby,
    ..CommandSpec::DEFAULT
};

const HINCRBYFLOAT: CommandSpec = CommandSpec {
    name: "HINCRBYFLOAT",
    group: Group::Hash,
    since: "2.6.0",
    summary: "Adds to the number in a field of a hash, fractions included.",
    complexity: "O(1)",
    flags: Flags::WRITE.or(Flags::DENYOOM).or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RW", "access", "update"])],
    args: &[KEY, word("field"), double("increment")],
    see_also: &["HINCRBY", "INCRBYFLOAT"],
    examples: "\
> HSET account balance 10.50
(integer) 1
> HINCRBYFLOAT account balance 0.1
\"10.6\"
",
    run: hincrbyfloat,
    ..CommandSpec::DEFAULT
};

fn hincrby(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (key, field, amount) = (args.next_word()?, args.next_word()?, args.next_i64()?);
    let (limits, now) = (limits(ctx), ctx.keys.now);
    let mut hash = ctx.keys.edit_or_create_fields(key, once(field))?;
    let old = match hash.get(field, now, &mut ctx.trace) {
        None => 0,
        Some(ListPackValue::Int(number)) => number,
        Some(ListPackValue::Str(text)) => {
            parse_integer(text).ok_or(CmdError::Msg("ERR hash value is not an integer"))?
        }
    };
    let new = old.checked_add(amount).ok_or(CmdError::Overflow)?;
    hash.update(field, IntBuffer::new().format(new), &limits, &mut ctx.trace);
    hash.changed("hincrby");
    drop(hash);
    ctx.reply.integer(new);
    Ok(Answer::Done)
}

fn hincrbyfloat(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (key, field, amount) = (args.next_word()?, args.next_word()?, args.next_word()?);
    let amount = LongDouble::parse(amount).ok_or(CmdError::NotFloat)?;
    if !amount.is_finite() {
        return Err(CmdError::Msg("ERR value is NaN or Infinity"));
    }
    let (limits, now) = (limits(ctx), ctx.keys.now);
    let mut hash = ctx.keys.edit_or_create_fields(key, once(field))?;
    let mut text = IntText::default();
    let old = match hash.get(field, now, &mut ctx.trace) {
        None => LongDouble::parse(b"0"),
        Some(value) => LongDouble::parse(value.text(&mut text)),
    };
    let old = old.ok_or(CmdError::Msg("ERR hash value is not a float"))?;
    let sum = old.checked_add(amount).ok_or(CmdError::NanOrInfinity)?.to_text();
    hash.update(field, &sum, &limits, &mut ctx.trace);
    hash.changed("hincrbyfloat");
    drop(hash);
    ctx.reply.bulk(&sum);
    Ok(Answer::Done)
}
