//! Setting and getting whole values.

use redarium_resp::encode::Encoder;

use crate::args::Args;
use crate::command::args::KEY;
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::value::Value;

pub(super) const COMMANDS: &[CommandSpec] = &[GET];

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
> GET nothing
(nil)
",
    run: get,
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
pub(super) fn reply_string(reply: &mut Encoder<'_>, value: &Value) -> Result<(), CmdError> {
    match value {
        Value::Int(number) => reply.bulk_int(*number),
        Value::Str(bytes) => reply.bulk(bytes),
        Value::Raw(bytes) => reply.bulk(bytes),
        _ => return Err(CmdError::WrongType),
    }
    Ok(())
}
