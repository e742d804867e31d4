//! Reading whole values, with or without an afterthought.

use redarium_resp::encode::Encoder;

use super::options::Expiry;
use crate::args::Args;
use crate::command::args::{KEY, one_of, token};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::commands::deadline::{EX, EXAT, PX, PXAT};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::value::Value;

pub(super) const COMMANDS: &[CommandSpec] = &[GET, GETDEL, GETEX, STRLEN];

const GET: CommandSpec = CommandSpec {
    name: "GET",
    group: Group::String,
    since: "1.0.0",
    summary: "Returns the string that a key holds.",
    complexity: "O(1)",
    flags: Flags::READONLY.or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RO", "access"])],
    args: &[KEY],
    see_also: &["SET", "MGET", "GETEX"],
    examples: "\
> GET greeting
(nil)
> SET greeting hello
OK
> GET greeting
\"hello\"
",
    run: get,
    ..CommandSpec::DEFAULT
};

const GETDEL: CommandSpec = CommandSpec {
    name: "GETDEL",
    group: Group::String,
    since: "6.2.0",
    summary: "Returns the string that a key holds and deletes the key.",
    complexity: "O(1)",
    flags: Flags::WRITE.or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RW", "access", "delete"])],
    args: &[KEY],
    see_also: &["GET", "GETEX", "DEL"],
    examples: "\
> SET ticket A7
OK
> GETDEL ticket
\"A7\"
> GETDEL ticket
(nil)
",
    run: getdel,
    ..CommandSpec::DEFAULT
};

const GETEX: CommandSpec = CommandSpec {
    name: "GETEX",
    group: Group::String,
    since: "6.2.0",
    summary: "Returns the string that a key holds and sets or removes the key's time to live.",
    complexity: "O(1)",
    flags: Flags::WRITE.or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RW", "access", "update"])],
    args: &[KEY, one_of("expiration", &[EX, PX, EXAT, PXAT, token("PERSIST")]).optional()],
    see_also: &["GET", "EXPIRE", "PERSIST"],
    examples: "\
> SET session ann
OK
> GETEX session EX 60
\"ann\"
> TTL session
(integer) 60
",
    run: getex,
    ..CommandSpec::DEFAULT
};

const STRLEN: CommandSpec = CommandSpec {
    name: "STRLEN",
    group: Group::String,
    since: "2.2.0",
    summary: "Returns the number of bytes in the string that a key holds.",
    complexity: "O(1)",
    flags: Flags::READONLY.or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RO"])],
    args: &[KEY],
    see_also: &["GET", "GETRANGE", "APPEND"],
    examples: "\
> SET word hello
OK
> STRLEN word
(integer) 5
> STRLEN nothing
(integer) 0
",
    run: strlen,
    ..CommandSpec::DEFAULT
};

fn get(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    match ctx.keys.value(key) {
        None => ctx.reply.null(),
        Some(value) => reply_string(&mut ctx.reply, value)?,
    }
    Ok(Answer::Done)
}

/// Answers with a string value as a bulk string, whatever its encoding.
#[inline]
pub(super) fn reply_string(reply: &mut Encoder<'_>, value: &Value) -> Result<(), CmdError> {
    match value {
        Value::Int(number) => reply.bulk_int(*number),
        Value::Str(bytes) => reply.bulk(bytes),
        Value::Raw(bytes) => reply.bulk(bytes),
        _ => return Err(CmdError::WrongType),
    }
    Ok(())
}

fn getdel(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let place = ctx.keys.locate(key);
    match ctx.keys.read_at(place, key) {
        None => ctx.reply.null(),
        Some(value) => {
            reply_string(&mut ctx.reply, value)?;
            ctx.keys.remove_at(place, key, "del");
        }
    }
    Ok(Answer::Done)
}

fn getex(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let mut persist = false;
    let mut expiry = None;
    while !args.is_empty() {
        if expiry.is_none() && args.take_token("PERSIST") {
            persist = true;
        } else if !persist && let Some(taken) = Expiry::take(&mut args, expiry)? {
            expiry = Some(taken);
        } else {
            return Err(CmdError::Syntax);
        }
    }

    let place = ctx.keys.locate(key);
    let Some(value) = ctx.keys.read_at(place, key) else {
        ctx.reply.null();
        return Ok(Answer::Done);
    };
    reply_string(&mut ctx.reply, value)?;
    if persist && ctx.keys.clear_deadline_at(place) {
        ctx.keys.changed(key, "persist");
    }
    if let Some(expiry) = expiry {
        let deadline = expiry.deadline(ctx.keys.now, "getex")?;
        if deadline <= ctx.keys.now {
            ctx.keys.remove_at(place, key, "del");
        } else {
            ctx.keys.set_deadline_at(place, deadline);
            ctx.keys.changed(key, "expire");
        }
    }
    Ok(Answer::Done)
}

fn strlen(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let len = Value::string_len(ctx.keys.value(args.next_word()?))?;
    ctx.reply.count(len);
    Ok(Answer::Done)
}
