//! COMMAND: what the table says about the commands.

use redarium_structures::glob::matches;

use super::command_keys::{get_keys, get_keys_and_flags};
use crate::args::Args;
use crate::command::args::{one_of, pattern, word};
use crate::command::help::help;
use crate::command::{Answer, CommandSpec, Flags, Group, docs, info};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::table;

pub(super) const COMMANDS: &[CommandSpec] = &[COMMAND];

const FLAGS: Flags = Flags::LOADING.or(Flags::STALE).or(Flags::SENTINEL);
const ACL: Option<&[&str]> = Some(&["connection"]);

const COMMAND: CommandSpec = CommandSpec {
    name: "COMMAND",
    group: Group::Server,
    since: "2.8.13",
    summary: "Returns what there is to know about all commands.",
    complexity: "O(N) where N is the number of commands.",
    flags: FLAGS,
    acl: ACL,
    arity: -1,
    see_also: &["COMMAND DOCS", "COMMAND LIST"],
    subcommands: &[
        COUNT,
        DOCS,
        GETKEYS,
        GETKEYSANDFLAGS,
        CommandSpec { flags: FLAGS, acl: ACL, ..help(Group::Server, "5.0.0") },
        INFO,
        LIST,
    ],
    run: all,
    ..CommandSpec::DEFAULT
};

fn all(ctx: &mut Ctx<'_>, _: Args<'_>) -> Result<Answer, CmdError> {
    let commands = table::commands();
    ctx.reply.array(commands.len());
    for spec in commands {
        info::write(&mut ctx.reply, spec, None);
    }
    Ok(Answer::Done)
}

const COUNT: CommandSpec = CommandSpec {
    name: "COUNT",
    group: Group::Server,
    since: "2.8.13",
    summary: "Returns how many commands there are.",
    complexity: "O(1)",
    flags: FLAGS,
    acl: ACL,
    see_also: &["COMMAND LIST"],
    run: |ctx, _| {
        ctx.reply.count(table::commands().len());
        Ok(Answer::Done)
    },
    ..CommandSpec::DEFAULT
};

const DOCS: CommandSpec = CommandSpec {
    name: "DOCS",
    group: Group::Server,
    since: "7.0.0",
    summary: "Returns the documentation of commands: summary, history, arguments.",
    complexity: "O(N) where N is the number of commands to look up.",
    flags: FLAGS,
    acl: ACL,
    args: &[word("command-name").optional().many()],
    see_also: &["COMMAND INFO"],
    examples: "\
> COMMAND DOCS no-such-command
(empty array)
",
    run: docs,
    ..CommandSpec::DEFAULT
};

fn docs(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    if args.is_empty() {
        let commands = table::commands();
        ctx.reply.map(commands.len());
        for spec in commands {
            docs::write_entry(&mut ctx.reply, spec, None);
        }
        return Ok(Answer::Done);
    }
    let found: Vec<_> = args.rest().filter_map(table::by_full_name).collect();
    ctx.reply.map(found.len());
    for (_, (spec, container)) in found {
        docs::write_entry(&mut ctx.reply, spec, container);
    }
    Ok(Answer::Done)
}

const GETKEYS: CommandSpec = CommandSpec {
    name: "GETKEYS",
    group: Group::Server,
    since: "2.8.13",
    summary: "Returns the keys among the words of a command.",
    complexity: "O(N) where N is the number of words of the command.",
    flags: FLAGS,
    acl: ACL,
    args: &[word("command"), word("arg").optional().many()],
    see_also: &["COMMAND GETKEYSANDFLAGS"],
    examples: "\
> COMMAND GETKEYS GET greeting
1) \"greeting\"
> COMMAND GETKEYS PING
(error) ERR The command has no key arguments
",
    run: get_keys,
    ..CommandSpec::DEFAULT
};

const GETKEYSANDFLAGS: CommandSpec = CommandSpec {
    name: "GETKEYSANDFLAGS",
    group: Group::Server,
    since: "7.0.0",
    summary: "Returns the keys among the words of a command, and what it would do to them.",
    complexity: "O(N) where N is the number of words of the command.",
    flags: FLAGS,
    acl: ACL,
    args: &[word("command"), word("arg").optional().many()],
    see_also: &["COMMAND GETKEYS"],
    examples: "\
> COMMAND GETKEYSANDFLAGS GET greeting
1) 1) \"greeting\"
   2) 1) RO
      2) access
",
    run: get_keys_and_flags,
    ..CommandSpec::DEFAULT
};

const INFO: CommandSpec = CommandSpec {
    name: "INFO",
    group: Group::Server,
    since: "2.8.13",
    summary: "Returns arity, flags, keys and ACL categories of commands.",
    complexity: "O(N) where N is the number of commands to look up.",
    flags: FLAGS,
    acl: ACL,
    args: &[word("command-name").optional().many()],
    history: &[("7.0.0", "Without a name all commands are described.")],
    see_also: &["COMMAND DOCS"],
    examples: "\
> COMMAND INFO no-such-command
1) (nil)
",
    run: describe,
    ..CommandSpec::DEFAULT
};

fn describe(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    if args.is_empty() {
        return all(ctx, args);
    }
    ctx.reply.array(args.len());
    for name in args.rest() {
        match table::by_full_name(name) {
            Some((_, (spec, container))) => info::write(&mut ctx.reply, spec, container),
            None => ctx.reply.null(),
        }
    }
    Ok(Answer::Done)
}

const LIST: CommandSpec = CommandSpec {
    name: "LIST",
    group: Group::Server,
    since: "7.0.0",
    summary: "Returns the names of all commands and subcommands, or of some.",
    complexity: "O(N) where N is the number of commands.",
    flags: FLAGS,
    acl: ACL,
    args: &[one_of(
        "filterby",
        &[
            word("module-name").after("MODULE"),
            word("category").after("ACLCAT"),
            pattern("pattern").after("PATTERN"),
        ],
    )
    .after("FILTERBY")
    .optional()],
    see_also: &["COMMAND COUNT"],
    examples: "\
> COMMAND LIST FILTERBY PATTERN hell?
1) \"hello\"
",
    run: list,
    ..CommandSpec::DEFAULT
};

/// Which commands COMMAND LIST names.
enum Filter<'a> {
    All,
    Module,
    Category(&'a [u8]),
    Pattern(&'a [u8]),
}

impl<'a> Filter<'a> {
    fn parse(mut args: Args<'a>) -> Result<Self, CmdError> {
        if args.is_empty() {
            return Ok(Self::All);
        }
        if !args.take_token("FILTERBY") || args.len() != 2 {
            return Err(CmdError::Syntax);
        }
        if args.take_token("MODULE") {
            Ok(Self::Module)
        } else if args.take_token("ACLCAT") {
            Ok(Self::Category(args.next_word()?))
        } else if args.take_token("PATTERN") {
            Ok(Self::Pattern(args.next_word()?))
        } else {
            Err(CmdError::Syntax)
        }
    }

    fn accepts(&self, spec: &CommandSpec, name: &str) -> bool {
        match self {
            Self::All => true,
            // No command comes from a module.
            Self::Module => false,
            Self::Category(wanted) => spec
                .categories()
                .iter()
                .any(|category| category.trim_start_matches('@').as_bytes() == *wanted),
            Self::Pattern(pattern) => matches(pattern, name.as_bytes(), true),
        }
    }
}

fn list(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    let filter = Filter::parse(args)?;
    let array = ctx.reply.begin();
    let mut len = 0;
    for spec in table::commands() {
        let subcommands = spec.subcommands.iter().map(|sub| (sub, Some(*spec)));
        for (spec, container) in std::iter::once((*spec, None)).chain(subcommands) {
            let name = spec.full_name(container);
            if filter.accepts(spec, &name) {
                ctx.reply.bulk(name.as_bytes());
                len += 1;
            }
        }
    }
    ctx.reply.end_array(array, len);
    Ok(Answer::Done)
}
