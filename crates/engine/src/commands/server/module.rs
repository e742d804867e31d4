//! MODULE: there are none, and none can be loaded.

use crate::args::Args;
use crate::command::args::{block, word};
use crate::command::help::help;
use crate::command::{Answer, CommandSpec, Flags, Group};
use crate::context::Ctx;
use crate::error::CmdError;

pub(super) const COMMANDS: &[CommandSpec] = &[MODULE];

const MODULE: CommandSpec = CommandSpec {
    name: "MODULE",
    group: Group::Server,
    since: "4.0.0",
    summary: "A container for commands about modules, which extend a real server.",
    complexity: "Depends on subcommand.",
    subcommands: &[help(Group::Server, "5.0.0"), LIST, LOAD, LOADEX, UNLOAD],
    help: include_str!("module_help.txt"),
    ..CommandSpec::DEFAULT
};

const LIST: CommandSpec = CommandSpec {
    name: "LIST",
    group: Group::Server,
    since: "4.0.0",
    summary: "Lists the modules; there are none.",
    complexity: "O(1)",
    flags: Flags::ADMIN.or(Flags::NOSCRIPT),
    examples: "\
> MODULE LIST
(empty array)
",
    run: |ctx, _| {
        ctx.reply.array(0);
        Ok(Answer::Done)
    },
    ..CommandSpec::DEFAULT
};

/// A subcommand that a server refuses unless it was started to allow it.
const REFUSED: CommandSpec = CommandSpec {
    group: Group::Server,
    since: "4.0.0",
    complexity: "O(1)",
    flags: Flags::ADMIN.or(Flags::NOSCRIPT).or(Flags::NO_ASYNC_LOADING),
    see_also: &["MODULE LIST"],
    run: refuse,
    ..CommandSpec::DEFAULT
};

const LOAD: CommandSpec = CommandSpec {
    name: "LOAD",
    summary: "Loads a module; refused.",
    args: &[word("path"), word("arg").optional().many()],
    ..REFUSED
};

const LOADEX: CommandSpec = CommandSpec {
    name: "LOADEX",
    since: "7.0.0",
    summary: "Loads a module with parameters; refused.",
    args: &[
        word("path"),
        block("configs", &[word("name"), word("value")])
            .after("CONFIG")
            .optional()
            .many_with_token(),
        word("args").after("ARGS").optional().many(),
    ],
    arity: -3,
    ..REFUSED
};

const UNLOAD: CommandSpec = CommandSpec {
    name: "UNLOAD",
    summary: "Unloads a module; refused.",
    args: &[word("name")],
    ..REFUSED
};

fn refuse(_: &mut Ctx<'_>, _: Args<'_>) -> Result<Answer, CmdError> {
    Err(CmdError::Msg(
        "ERR MODULE command not allowed. If the enable-module-command option is set to \"local\", you can run it from \
         a local connection, otherwise you need to set this option in the configuration file, and then restart the \
         server.",
    ))
}
