//! FUNCTION: the libraries of functions that the node keeps.

use super::function_list::{LIST, STATS};
use super::function_payload::{DUMP, RESTORE};
use crate::args::Args;
use crate::command::args::{one_of, token, word};
use crate::command::help::help;
use crate::command::{Answer, CommandSpec, Flags, Group};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::scripting::run::{self, Kind};

pub(super) const COMMANDS: &[CommandSpec] = &[FUNCTION];

const FUNCTION: CommandSpec = CommandSpec {
    name: "FUNCTION",
    group: Group::Scripting,
    since: "7.0.0",
    summary: "A container for commands about libraries of functions.",
    complexity: "Depends on subcommand.",
    subcommands: &[
        DELETE,
        DUMP,
        FLUSH,
        help(Group::Scripting, "7.0.0"),
        KILL,
        LIST,
        LOAD,
        RESTORE,
        STATS,
    ],
    help: include_str!("function_help.txt"),
    ..CommandSpec::DEFAULT
};

const LOAD: CommandSpec = CommandSpec {
    name: "LOAD",
    group: Group::Scripting,
    since: "7.0.0",
    summary: "Makes a library of functions from its code, and returns its name.",
    complexity: "O(1) and what the code does while it is loaded.",
    flags: Flags::NOSCRIPT.or(Flags::WRITE).or(Flags::DENYOOM),
    args: &[token("REPLACE").optional(), word("function-code")],
    see_also: &["FCALL", "FUNCTION LIST", "FUNCTION DELETE"],
    examples: "\
> FUNCTION LOAD \"#!lua name=shop\\nredis.register_function('price', function() return 5 end)\"
\"shop\"
> FCALL price 0
(integer) 5
> FUNCTION LOAD \"#!lua name=shop\\nredis.register_function('price', function() return 6 end)\"
(error) ERR Library 'shop' already exists
",
    run: load,
    ..CommandSpec::DEFAULT
};

const DELETE: CommandSpec = CommandSpec {
    name: "DELETE",
    group: Group::Scripting,
    since: "7.0.0",
    summary: "Removes a library with all of its functions.",
    complexity: "O(N) where N is the number of its functions.",
    flags: Flags::NOSCRIPT.or(Flags::WRITE),
    args: &[word("library-name")],
    see_also: &["FUNCTION LOAD", "FUNCTION FLUSH"],
    examples: "\
> FUNCTION LOAD \"#!lua name=shop\\nredis.register_function('price', function() return 5 end)\"
\"shop\"
> FUNCTION DELETE shop
OK
> FCALL price 0
(error) ERR Function not found
",
    run: delete,
    ..CommandSpec::DEFAULT
};

const FLUSH: CommandSpec = CommandSpec {
    name: "FLUSH",
    group: Group::Scripting,
    since: "7.0.0",
    summary: "Removes all libraries.",
    complexity: "O(N) where N is the number of functions.",
    flags: Flags::NOSCRIPT.or(Flags::WRITE),
    args: &[one_of("flush-type", &[token("ASYNC"), token("SYNC")]).optional()],
    see_also: &["FUNCTION DELETE", "FUNCTION RESTORE"],
    examples: "\
> FUNCTION LOAD \"#!lua name=shop\\nredis.register_function('price', function() return 5 end)\"
\"shop\"
> FUNCTION FLUSH
OK
> FUNCTION LIST
(empty array)
",
    run: flush,
    ..CommandSpec::DEFAULT
};

const KILL: CommandSpec = CommandSpec {
    name: "KILL",
    group: Group::Scripting,
    since: "7.0.0",
    summary: "Ends the function that runs, unless it has already written.",
    complexity: "O(1)",
    flags: Flags::NOSCRIPT.or(Flags::ALLOW_BUSY),
    see_also: &["SCRIPT KILL", "FUNCTION STATS"],
    examples: "\
> FUNCTION KILL
(error) NOTBUSY No scripts in execution right now.
",
    run: |ctx, _| run::kill(ctx, Kind::Function),
    ..CommandSpec::DEFAULT
};

fn load(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let mut is_replacing = false;
    while args.len() > 1 {
        if !args.take_token("REPLACE") {
            let option = args.next_word()?;
            return Err(CmdError::repeating("ERR Unknown option given: ", option, ""));
        }
        is_replacing = true;
    }
    let name = ctx.load_library(args.next_word()?, is_replacing)?;
    ctx.keys.effects.dirty += 1;
    ctx.reply.bulk(&name);
    Ok(Answer::Done)
}

fn delete(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    if !ctx.delete_library(args.next_word()?) {
        return Err(CmdError::Msg("ERR Library not found"));
    }
    ctx.keys.effects.dirty += 1;
    ctx.reply.ok();
    Ok(Answer::Done)
}

/// Whether words are those of a command that flushes: none, SYNC or ASYNC.
pub(super) fn is_flush(mut args: Args<'_>) -> bool {
    let _ = args.take_token("SYNC") || args.take_token("ASYNC");
    args.is_empty()
}

fn flush(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    if args.len() > 1 {
        return Err(CmdError::wrong_subcommand(args.word(1).unwrap_or_default(), "FUNCTION"));
    }
    if !is_flush(args) {
        return Err(CmdError::Msg("ERR FUNCTION FLUSH only supports SYNC|ASYNC option"));
    }
    ctx.delete_libraries();
    ctx.keys.effects.dirty += 1;
    ctx.reply.ok();
    Ok(Answer::Done)
}
