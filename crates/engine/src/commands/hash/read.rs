//! Reading fields by name.

use std::iter::once;

use redarium_resp::encode::Encoder;
use redarium_structures::list_pack::ListPackValue;

use crate::args::Args;
use crate::command::args::{KEY, word};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::commands::reply;
use crate::context::Ctx;
use crate::error::CmdError;
use crate::types::hash::Hash;

pub(super) const COMMANDS: &[CommandSpec] = &[HGET, HMGET, HEXISTS, HSTRLEN, HLEN];

const HGET: CommandSpec = CommandSpec {
    name: "HGET",
    group: Group::Hash,
    since: "2.0.0",
    summary: "Returns the value of a field of a hash.",
    complexity: "O(1)",
    flags: Flags::READONLY.or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RO", "access"])],
    args: &[KEY, word("field")],
    see_also: &["HSET", "HMGET", "HGETALL"],
    examples: "\
> HSET user:1 name ana
(integer) 1
> HGET user:1 name
\"ana\"
> HGET user:1 age
(nil)
",
    run: hget,
    ..CommandSpec::DEFAULT
};

const HMGET: CommandSpec = CommandSpec {
    name: "HMGET",
    group: Group::Hash,
    since: "2.0.0",
    summary: "Returns the values of several fields of a hash.",
    complexity: "O(N), N being the number of fields.",
    flags: Flags::READONLY.or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RO", "access"])],
    args: &[KEY, word("field").many()],
    see_also: &["HGET", "HGETALL"],
    examples: "\
> HSET user:1 name ana team red
(integer) 2
> HMGET user:1 name age
1) \"ana\"
2) (nil)
",
    run: hmget,
    ..CommandSpec::DEFAULT
};

const HEXISTS: CommandSpec = CommandSpec {
    name: "HEXISTS",
    group: Group::Hash,
    since: "2.0.0",
    summary: "Tells whether a hash has a field.",
    complexity: "O(1)",
    flags: Flags::READONLY.or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RO"])],
    args: &[KEY, word("field")],
    see_also: &["HGET"],
    examples: "\
> HSET user:1 name ana
(integer) 1
> HEXISTS user:1 name
(integer) 1
> HEXISTS user:1 age
(integer) 0
",
    run: hexists,
    ..CommandSpec::DEFAULT
};

const HSTRLEN: CommandSpec = CommandSpec {
    name: "HSTRLEN",
    group: Group::Hash,
    since: "3.2.0",
    summary: "Returns the length of a field's value in bytes.",
    complexity: "O(1)",
    flags: Flags::READONLY.or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RO"])],
    args: &[KEY, word("field")],
    see_also: &["HGET"],
    examples: "\
> HSET user:1 name ana
(integer) 1
> HSTRLEN user:1 name
(integer) 3
",
    run: hstrlen,
    ..CommandSpec::DEFAULT
};

const HLEN: CommandSpec = CommandSpec {
    name: "HLEN",
    group: Group::Hash,
    since: "2.0.0",
    summary: "Returns the number of fields of a hash.",
    complexity: "O(1)",
    flags: Flags::READONLY.or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RO"])],
    args: &[KEY],
    see_also: &["HKEYS", "HGETALL"],
    examples: "\
> HSET user:1 name ana team red
(integer) 2
> HLEN user:1
(integer) 2
",
    run: hlen,
    ..CommandSpec::DEFAULT
};

fn hget(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (key, field) = (args.next_word()?, args.next_word()?);
    let now = ctx.keys.now;
    let hash = ctx.keys.read_fields(key, once(field))?;
    value_or_null(&mut ctx.reply, hash.and_then(|hash| hash.get(field, now, &mut ctx.trace)));
    Ok(Answer::Done)
}

/// Answers with a field's value.
#[inline]
pub(super) fn value_or_null(reply: &mut Encoder<'_>, value: Option<ListPackValue<'_>>) {
    match value {
        None => reply.null(),
        Some(value) => reply::element(reply, value),
    }
}

fn hmget(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let now = ctx.keys.now;
    let hash = ctx.keys.read_fields(key, args.rest())?;
    ctx.reply.array(args.len());
    for field in args.rest() {
        let value = hash.and_then(|hash| hash.get(field, now, &mut ctx.trace));
        value_or_null(&mut ctx.reply, value);
    }
    Ok(Answer::Done)
}

fn hexists(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (key, field) = (args.next_word()?, args.next_word()?);
    let now = ctx.keys.now;
    let hash = ctx.keys.read_fields(key, once(field))?;
    let found = hash.is_some_and(|hash| hash.get(field, now, &mut ctx.trace).is_some());
    ctx.reply.integer(i64::from(found));
    Ok(Answer::Done)
}

fn hstrlen(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (key, field) = (args.next_word()?, args.next_word()?);
    let now = ctx.keys.now;
    let hash = ctx.keys.read_fields(key, once(field))?;
    let value = hash.and_then(|hash| hash.get(field, now, &mut ctx.trace));
    ctx.reply.count(value.map_or(0, ListPackValue::text_len));
    Ok(Answer::Done)
}

fn hlen(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let len = ctx.keys.read::<Hash>(key)?.map_or(0, Hash::len);
    ctx.reply.count(len);
    Ok(Answer::Done)
}
