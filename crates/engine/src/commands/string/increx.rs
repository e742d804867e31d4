//! Counting within bounds and with a time to live: what a rate limiter needs, in one step.

use std::cmp::Ordering;

use redarium_resp::long_double::LongDouble;
use redarium_resp::number::{IntBuffer, parse_i64};
use redarium_structures::bytes::Bytes;

use super::options::Expiry;
use crate::args::Args;
use crate::command::args::{KEY, double, integer, one_of, token, word};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::commands::deadline::{EX, EXAT, PX, PXAT};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::keyspace::Place;
use crate::value::Value;

pub(super) const COMMANDS: &[CommandSpec] = &[INCREX];

const INCREX: CommandSpec = CommandSpec {
    name: "INCREX",
    group: Group::String,
    since: "8.8.0",
    summary: "Adds to the number that a key holds, within bounds, and sets the key's time to live.",
    complexity: "O(1)",
    flags: Flags::WRITE.or(Flags::DENYOOM).or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RW", "access", "update"])],
    args: &[
        KEY,
        one_of("increment", &[double("float").after("BYFLOAT"), integer("integer").after("BYINT")])
            .optional(),
        token("SATURATE").optional(),
        word("lowerbound").after("LBOUND").optional(),
        word("upperbound").after("UBOUND").optional(),
        one_of("expiration", &[EX, PX, EXAT, PXAT, token("PERSIST")]).optional(),
        token("ENX").optional(),
    ],
    see_also: &["INCRBY", "INCRBYFLOAT", "EXPIRE"],
    examples: "\
> INCREX requests UBOUND 2 EX 60 ENX
1) (integer) 1
2) (integer) 1
> INCREX requests BYINT 5 UBOUND 2 EX 60 ENX
1) (integer) 1
2) (integer) 0
> INCREX requests BYINT 5 UBOUND 2 SATURATE
1) (integer) 2
2) (integer) 1
",
    run: increx,
    ..CommandSpec::DEFAULT
};

/// The options of INCREX; numbers are read once it is known of which kind they are.
#[derive(Debug, Default, Clone, Copy)]
struct Options<'a> {
    by_float: bool,
    amount: Option<&'a [u8]>,
    lower: Option<&'a [u8]>,
    upper: Option<&'a [u8]>,
    saturate: bool,
    lifetime: Lifetime<'a>,
}

/// What becomes of the key's time to live.
#[derive(Debug, Default, Clone, Copy)]
struct Lifetime<'a> {
    expiry: Option<Expiry<'a>>,
    persist: bool,
    only_if_none: bool,
}

impl<'a> Options<'a> {
    fn read(mut args: Args<'a>) -> Result<Self, CmdError> {
        let mut options = Self::default();
        let lifetime = &mut options.lifetime;
        while !args.is_empty() {
            if options.amount.is_none() && args.take_token("BYINT") {
                options.amount = Some(args.next_word()?);
            } else if options.amount.is_none() && args.take_token("BYFLOAT") {
                options.amount = Some(args.next_word()?);
                options.by_float = true;
            } else if args.take_token("LBOUND") {
                options.lower = Some(args.next_word()?);
            } else if args.take_token("UBOUND") {
                options.upper = Some(args.next_word()?);
            } else if args.take_token("SATURATE") {
                options.saturate = true;
            } else if args.take_token("ENX") {
                lifetime.only_if_none = true;
            } else if lifetime.expiry.is_none() && args.take_token("PERSIST") {
                lifetime.persist = true;
            } else if !lifetime.persist
                && let Some(expiry) = Expiry::take(&mut args, lifetime.expiry)?
            {
                lifetime.expiry = Some(expiry);
            } else {
                return Err(CmdError::Syntax);
            }
        }
        if lifetime.only_if_none && lifetime.expiry.is_none() {
            return Err(CmdError::Msg("ERR ENX requires one of EX, PX, EXAT or PXAT"));
        }
        Ok(options)
    }
}

fn increx(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let options = Options::read(args)?;
    if options.by_float { by_float(ctx, key, options) } else { by_int(ctx, key, options) }
}

fn by_int(ctx: &mut Ctx<'_>, key: &[u8], options: Options<'_>) -> Result<Answer, CmdError> {
    let number = |word: Option<&[u8]>, absent: i64, error: &'static str| {
        word.map_or(Some(absent), parse_i64).ok_or(CmdError::Msg(error))
    };
    let amount = number(options.amount, 1, "ERR Increment is not an integer or out of range")?;
    let lower = number(options.lower, i64::MIN, "ERR LBOUND is not an integer or out of range")?;
    let upper = number(options.upper, i64::MAX, "ERR UBOUND is not an integer or out of range")?;
    check_bounds(lower > upper)?;
    let deadline = options.lifetime.deadline(ctx)?;

    let place = ctx.keys.locate(key);
    let old = match ctx.keys.at(place) {
        None => 0,
        Some(value) => value.integer()?,
    };
    // No sum of two 64-bit integers leaves 128 bits.
    let sum = i128::from(old) + i128::from(amount);
    let new = sum.clamp(i128::from(lower), i128::from(upper)) as i64;
    ctx.reply.array(2);
    if i128::from(new) != sum && !options.saturate {
        ctx.reply.integer(old);
        ctx.reply.integer(0);
        return Ok(Answer::Done);
    }
    let applied = new.checked_sub(old).ok_or(CmdError::Overflow)?;
    let place = ctx.keys.put(place, key, Value::Int(new), true);
    ctx.keys.changed(key, "incrby");
    options.lifetime.apply(ctx, key, place, deadline);
    ctx.reply.integer(new);
    ctx.reply.integer(applied);
    Ok(Answer::Done)
}

fn by_float(ctx: &mut Ctx<'_>, key: &[u8], options: Options<'_>) -> Result<Answer, CmdError> {
    let number = |word: Option<&[u8]>, absent: LongDouble, error: &'static str| {
        word.map_or(Some(absent), LongDouble::parse).ok_or(CmdError::Msg(error))
    };
    let max = LongDouble::MAX;
    let amount = number(options.amount, LongDouble::ZERO, "ERR Increment is not a valid float")?;
    let lower = number(options.lower, max.negated(), "ERR LBOUND is not a valid float")?;
    let upper = number(options.upper, max, "ERR UBOUND is not a valid float")?;
    check_bounds(lower.compare(&upper) == Ordering::Greater)?;
    let deadline = options.lifetime.deadline(ctx)?;

    let mut digits = IntBuffer::new();
    let place = ctx.keys.locate(key);
    let old = match ctx.keys.at(place) {
        None => LongDouble::ZERO,
        Some(value) => LongDouble::parse(value.bytes(&mut digits)?).ok_or(CmdError::NotFloat)?,
    };
    if !old.is_finite() || !amount.is_finite() {
        return Err(CmdError::NanOrInfinity);
    }
    // Only two numbers of the same sign have a sum beyond all bounds.
    let beyond = if amount.compare(&LongDouble::ZERO) == Ordering::Less { lower } else { upper };
    let (new, is_within) = match old.checked_add(amount) {
        None => (beyond, false),
        Some(sum) if sum.compare(&lower) == Ordering::Less => (lower, false),
        Some(sum) if sum.compare(&upper) == Ordering::Greater => (upper, false),
        Some(sum) => (sum, true),
    };
    ctx.reply.array(2);
    if !is_within && !options.saturate {
        ctx.reply.double_text(&old.to_text());
        ctx.reply.double_text(b"0");
        return Ok(Answer::Done);
    }
    let applied = new.checked_add(old.negated()).ok_or(CmdError::NanOrInfinity)?.to_text();
    let new = new.to_text();
    let place = ctx.keys.put(place, key, Value::Str(Bytes::from(&*new)), true);
    ctx.keys.changed(key, "incrbyfloat");
    options.lifetime.apply(ctx, key, place, deadline);
    ctx.reply.double_text(&new);
    ctx.reply.double_text(&applied);
    Ok(Answer::Done)
}

fn check_bounds(are_crossed: bool) -> Result<(), CmdError> {
    if are_crossed {
        return Err(CmdError::Msg("ERR LBOUND can't be greater than UBOUND"));
    }
    Ok(())
}

impl Lifetime<'_> {
    fn deadline(&self, ctx: &Ctx<'_>) -> Result<Option<i64>, CmdError> {
        self.expiry.map(|expiry| expiry.deadline(ctx.keys.now, "increx")).transpose()
    }

    /// Does what was asked to the key at a place; `deadline` is what [`deadline`](Self::deadline) said.
    fn apply(&self, ctx: &mut Ctx<'_>, key: &[u8], place: Place, deadline: Option<i64>) {
        if self.persist && ctx.keys.clear_deadline_at(place) {
            ctx.keys.note(key, "persist");
        }
        let is_left = self.only_if_none && ctx.keys.deadline_at(place).is_some();
        if let Some(deadline) = deadline.filter(|_| !is_left) {
            ctx.keys.set_deadline_at(place, deadline);
            ctx.keys.note(key, "expire");
        }
    }
}
