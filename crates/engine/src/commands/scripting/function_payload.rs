//! All libraries as bytes, out and in again: to another node or a real server.

use crate::args::Args;
use crate::command::args::{one_of, token, word};
use crate::command::{Answer, CommandSpec, Flags, Group};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::rdb::{libraries_from, payload_of_libraries, unseal};

pub(super) const DUMP: CommandSpec = CommandSpec {
    name: "DUMP",
    group: Group::Scripting,
    since: "7.0.0",
    summary: "Returns all libraries as bytes that FUNCTION RESTORE reads, here or on a real server.",
    complexity: "O(N) in the bytes of their code.",
    flags: Flags::NOSCRIPT,
    see_also: &["FUNCTION RESTORE", "DUMP"],
    examples: "\
> FUNCTION DUMP
\"\\r\\x00\\xff2\\xd5\\xf3\\b\\xca\\xd5\\x1a\"
",
    run: dump,
    ..CommandSpec::DEFAULT
};

pub(super) const RESTORE: CommandSpec = CommandSpec {
    name: "RESTORE",
    group: Group::Scripting,
    since: "7.0.0",
    summary: "Makes libraries from the bytes that FUNCTION DUMP has returned, all of them or none.",
    complexity: "O(N) in the bytes of their code.",
    flags: Flags::NOSCRIPT.or(Flags::WRITE).or(Flags::DENYOOM),
    args: &[
        word("serialized-value"),
        one_of("policy", &[token("FLUSH"), token("APPEND"), token("REPLACE")]).optional(),
    ],
    see_also: &["FUNCTION DUMP", "FUNCTION FLUSH"],
    examples: "\
> FUNCTION RESTORE nonsense
(error) ERR DUMP payload version or checksum are wrong
",
    run: restore,
    ..CommandSpec::DEFAULT
};

/// What becomes of the libraries that are there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Policy {
    /// They are removed.
    Flush,
    /// They stay, and none may have the name of a new one.
    Append,
    /// They stay unless a new one has their name.
    Replace,
}

fn dump(ctx: &mut Ctx<'_>, _: Args<'_>) -> Result<Answer, CmdError> {
    let codes = ctx.scripts.libraries.iter().map(|library| &*library.code);
    let payload = payload_of_libraries(codes, ctx.config.saving());
    ctx.reply.bulk(&payload);
    Ok(Answer::Done)
}

fn restore(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    if args.len() > 2 {
        return Err(CmdError::wrong_subcommand(args.word(1).unwrap_or_default(), "FUNCTION"));
    }
    let payload = args.next_word()?;
    let policy = if args.take_token("FLUSH") {
        Policy::Flush
    } else if args.take_token("REPLACE") {
        Policy::Replace
    } else if args.is_empty() || args.take_token("APPEND") {
        Policy::Append
    } else {
        return Err(CmdError::Msg(
            "ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.",
        ));
    };
    // Other than with RESTORE, DEBUG does not turn the checksum off.
    let records = unseal(payload, true)
        .ok_or(CmdError::Msg("ERR DUMP payload version or checksum are wrong"))?;
    let codes = libraries_from(records).map_err(CmdError::Msg)?;
    ctx.restore_libraries(&codes, policy)?;
    ctx.keys.effects.dirty += 1;
    ctx.reply.ok();
    Ok(Answer::Done)
}
