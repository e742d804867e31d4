//! Setting and removing fields.

use std::iter::once;

use super::limits;
use crate::args::Args;
use crate::command::args::{KEY, block, word};
use crate::command::{Answer, CommandSpec, Deprecation, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;

pub(super) const COMMANDS: &[CommandSpec] = &[HSET, HMSET, HSETNX, HDEL];

const HSET: CommandSpec = CommandSpec {
    name: "HSET",
    group: Group::Hash,
    since: "2.0.0",
    summary: "Sets fields of a hash and returns how many of them are new.",
    complexity: "O(1) for each field.",
    flags: Flags::WRITE.or(Flags::DENYOOM).or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RW", "update"])],
    args: &[KEY, block("data", &[word("field"), word("value")]).many()],
    history: &[("4.0.0", "Accepts several fields.")],
    see_also: &["HGET", "HGETALL", "HSETNX", "HDEL"],
    examples: "\
> HSET user:1 name ana team red
(integer) 2
> HSET user:1 team blue
(integer) 0
",
    run: hset,
    ..CommandSpec::DEFAULT
};

const HMSET: CommandSpec = CommandSpec {
    name: "HMSET",
    group: Group::Hash,
    since: "2.0.0",
    summary: "Sets fields of a hash.",
    complexity: "O(N), N being the number of fields.",
    flags: Flags::WRITE.or(Flags::DENYOOM).or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RW", "update"])],
    args: &[KEY, block("data", &[word("field"), word("value")]).many()],
    deprecated: Some(Deprecation { since: "4.0.0", replaced_by: "HSET with several fields" }),
    see_also: &["HSET"],
    examples: "\
> HMSET user:1 name ana team red
OK
",
    run: hmset,
    ..CommandSpec::DEFAULT
};

const HSETNX: CommandSpec = CommandSpec {
    name: "HSETNX",
    group: Group::Hash,
    since: "2.0.0",
    summary: "Sets a field of a hash unless it is there already.",
    complexity: "O(1)",
    flags: Flags::WRITE.or(Flags::DENYOOM).or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RW", "insert"])],
    args: &[KEY, word("field"), word("value")],
    see_also: &["HSET"],
    examples: "\
> HSETNX user:1 name ana
(integer) 1
> HSETNX user:1 name bo
(integer) 0
",
    run: hsetnx,
    ..CommandSpec::DEFAULT
};

const HDEL: CommandSpec = CommandSpec {
    name: "HDEL",
    group: Group::Hash,
    since: "2.0.0",
    summary: "Removes fields from a hash and returns how many were there.",
    complexity: "O(N), N being the number of fields to be removed.",
    flags: Flags::WRITE.or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RW", "delete"])],
    args: &[KEY, word("field").many()],
    history: &[("2.4.0", "Accepts several fields.")],
    see_also: &["HSET", "HEXISTS"],
    examples: "\
> HSET user:1 name ana team red
(integer) 2
> HDEL user:1 team age
(integer) 1
",
    run: hdel,
    ..CommandSpec::DEFAULT
};

fn hset(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    let added = set_pairs(ctx, args)?;
    ctx.reply.integer(added as i64);
    Ok(Answer::Done)
}

fn hmset(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    set_pairs(ctx, args)?;
    ctx.reply.ok();
    Ok(Answer::Done)
}

/// Sets all pairs that follow the key; how many fields are new.
fn set_pairs(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<u64, CmdError> {
    let key = args.next_word()?;
    if args.len() % 2 == 1 {
        return Err(arity(ctx));
    }
    let limits = limits(ctx);
    let mut hash = ctx.keys.edit_or_create_fields(key, args.rest().step_by(2))?;
    let opened = &mut *hash;
    opened.make_room(args.rest(), &limits, &mut ctx.trace);
    let pairs = args.len() / 2;
    let mut added = 0;
    while !args.is_empty() {
        let (field, value) = (args.next_word()?, args.next_word()?);
        added += u64::from(opened.set(field, value, &limits, &mut ctx.trace));
    }
    hash.changed_by(pairs as u64, "hset");
    Ok(added)
}

/// The arity error of the command that is running.
fn arity(ctx: &Ctx<'_>) -> CmdError {
    CmdError::Arity(
        ctx.client
            .last_command
            .map_or_else(String::new, |(spec, container)| spec.full_name(container)),
    )
}

fn hsetnx(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (key, field, value) = (args.next_word()?, args.next_word()?, args.next_word()?);
    let (limits, now) = (limits(ctx), ctx.keys.now);
    let mut hash = ctx.keys.edit_or_create_fields(key, once(field))?;
    let is_new = hash.get(field, now, &mut ctx.trace).is_none();
    if is_new {
        hash.set(field, value, &limits, &mut ctx.trace);
        hash.changed("hset");
    }
    ctx.reply.integer(i64::from(is_new));
    Ok(Answer::Done)
}

fn hdel(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let mut removed = 0;
    if let Some(mut hash) = ctx.keys.edit_fields(key, args.rest())? {
        for field in args.rest() {
            removed += u64::from(hash.remove(field, &mut ctx.trace));
        }
        hash.changed_by(removed, "hdel");
    }
    ctx.reply.integer(removed as i64);
    Ok(Answer::Done)
}
