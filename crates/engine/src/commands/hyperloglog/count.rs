//! Counting, of one or of several together, and keeping the union.

use redarium_resp::number::IntBuffer;

use super::check;
use crate::args::Args;
use crate::command::args::{KEY, key};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::types::hyper_log_log::{self, REGISTERS, Registers};
use crate::value::Value;

pub(super) const COMMANDS: &[CommandSpec] = &[PFCOUNT, PFMERGE];

const PFCOUNT: CommandSpec = CommandSpec {
    name: "PFCOUNT",
    group: Group::HyperLogLog,
    since: "2.8.9",
    summary: "Estimates how many different elements were added to one or several HyperLogLogs.",
    complexity: "O(N), N being the number of keys.",
    flags: Flags::READONLY.or(Flags::MAY_REPLICATE),
    keys: &[KeySpec::range(1, -1, 1, &["RW", "access"])],
    args: &[KEY.many()],
    see_also: &["PFADD", "PFMERGE"],
    examples: "\
> PFADD monday ann bob
(integer) 1
> PFADD tuesday bob cid
(integer) 1
> PFCOUNT monday
(integer) 2
> PFCOUNT monday tuesday
(integer) 3
",
    run: pfcount,
    ..CommandSpec::DEFAULT
};

const PFMERGE: CommandSpec = CommandSpec {
    name: "PFMERGE",
    group: Group::HyperLogLog,
    since: "2.8.9",
    summary: "Adds all that was added to some HyperLogLogs to another one.",
    complexity: "O(N), N being the number of keys.",
    flags: Flags::WRITE.or(Flags::DENYOOM),
    keys: &[
        KeySpec::one(1, &["RW", "access", "insert"]),
        KeySpec::range(2, -1, 1, &["RO", "access"]),
    ],
    args: &[key("destkey"), key("sourcekey").many().optional()],
    see_also: &["PFADD", "PFCOUNT"],
    examples: "\
> PFADD monday ann bob
(integer) 1
> PFADD tuesday bob cid
(integer) 1
> PFMERGE week monday tuesday
OK
> PFCOUNT week
(integer) 3
",
    run: pfmerge,
    ..CommandSpec::DEFAULT
};

fn pfcount(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    if args.len() > 1 {
        let (registers, _) = union(ctx, args)?;
        ctx.reply.integer(hyper_log_log::count_registers(&registers) as i64);
        return Ok(Answer::Done);
    }
    let key = args.next_word()?;
    let place = ctx.keys.locate(key);
    let Some(value) = ctx.keys.read_at(place, key) else {
        ctx.reply.integer(0);
        return Ok(Answer::Done);
    };
    check(value)?;
    // The estimate is kept in the string, so that the next one costs nothing: a read that writes.
    let string = ctx.keys.raw_at(place)?;
    let count = if let Some(count) = hyper_log_log::cached(string) {
        count
    } else {
        let count = hyper_log_log::count(string)?;
        hyper_log_log::set_cached(string, count);
        ctx.keys.changed(key, "");
        count
    };
    ctx.reply.integer(count as i64);
    Ok(Answer::Done)
}

/// The registers of all keys together, and whether one of them is dense.
fn union(ctx: &mut Ctx<'_>, keys: Args<'_>) -> Result<(Box<Registers>, bool), CmdError> {
    let mut registers = Box::new([0; REGISTERS]);
    let mut any_dense = false;
    for key in keys.rest() {
        let Some(value) = ctx.keys.value(key) else { continue };
        check(value)?;
        let mut digits = IntBuffer::new();
        let string = value.bytes(&mut digits)?;
        any_dense |= hyper_log_log::is_dense(string);
        hyper_log_log::merge(&mut registers, string)?;
    }
    Ok((registers, any_dense))
}

fn pfmerge(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (registers, any_dense) = union(ctx, args)?;
    let key = args.next_word()?;
    let sparse_max = usize::try_from(ctx.config.hll_sparse_max_bytes).unwrap_or(usize::MAX);
    let mut place = ctx.keys.locate(key);
    if !place.is_taken() {
        place = ctx.keys.put(place, key, Value::from_raw(hyper_log_log::empty()), false);
    }
    let string = ctx.keys.raw_at(place)?;
    if any_dense {
        hyper_log_log::to_dense(string)?;
    }
    for (index, &rank) in registers.iter().enumerate().filter(|(_, rank)| **rank > 0) {
        hyper_log_log::raise(string, index, rank, sparse_max, &mut ctx.trace)?;
    }
    hyper_log_log::invalidate(string);
    // Redis names it like the addition of many elements.
    ctx.keys.changed(key, "pfadd");
    ctx.reply.ok();
    Ok(Answer::Done)
}
