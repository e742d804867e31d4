//! CLIENT: what the server knows of a connection and what a connection says of itself.

use super::client_kill::kill;
use super::client_list::{client_info, client_list};
use super::client_tracking::{CACHING, GETREDIR, TRACKING, TRACKINGINFO};
use super::client_unblock::{PAUSE, UNBLOCK, UNPAUSE};
use crate::args::Args;
use crate::client::Replies;
use crate::command::args::{Arg, integer, one_of, token, word};
use crate::command::help::help;
use crate::command::{Answer, CommandSpec, Flags, Group};
use crate::context::Ctx;
use crate::error::CmdError;

pub(super) const COMMANDS: &[CommandSpec] = &[CLIENT];

const CLIENT: CommandSpec = CommandSpec {
    name: "CLIENT",
    group: Group::Connection,
    since: "2.4.0",
    summary: "A container for commands about client connections.",
    complexity: "Depends on subcommand.",
    flags: Flags::SENTINEL,
    subcommands: &[
        CACHING,
        GETNAME,
        GETREDIR,
        CommandSpec { flags: HELP_FLAGS, ..help(Group::Connection, "5.0.0") },
        ID,
        INFO,
        KILL,
        LIST,
        NO_EVICT,
        NO_TOUCH,
        PAUSE,
        REPLY,
        SETINFO,
        SETNAME,
        TRACKING,
        TRACKINGINFO,
        UNBLOCK,
        UNPAUSE,
    ],
    help: include_str!("client_help.txt"),
    ..CommandSpec::DEFAULT
};

const HELP_FLAGS: Flags = Flags::LOADING.or(Flags::STALE).or(Flags::SENTINEL);

/// The flags of subcommands that concern only the client itself.
pub(super) const OWN_FLAGS: Flags =
    Flags::NOSCRIPT.or(Flags::LOADING).or(Flags::STALE).or(Flags::SENTINEL);

const GETNAME: CommandSpec = CommandSpec {
    name: "GETNAME",
    group: Group::Connection,
    since: "2.6.9",
    summary: "Returns the name of the connection.",
    complexity: "O(1)",
    flags: OWN_FLAGS,
    see_also: &["CLIENT SETNAME"],
    examples: "\
> CLIENT GETNAME
(nil)
> CLIENT SETNAME worker-1
OK
> CLIENT GETNAME
\"worker-1\"
",
    run: |ctx, _| {
        let name = Some(ctx.client.name.as_bytes()).filter(|name| !name.is_empty());
        ctx.reply.bulk_or_null(name);
        Ok(Answer::Done)
    },
    ..CommandSpec::DEFAULT
};

const ID: CommandSpec = CommandSpec {
    name: "ID",
    group: Group::Connection,
    since: "5.0.0",
    summary: "Returns the number of the connection.",
    complexity: "O(1)",
    flags: OWN_FLAGS,
    see_also: &["CLIENT INFO", "CLIENT LIST"],
    examples: "\
> CLIENT ID
(integer) 1
",
    run: |ctx, _| {
        ctx.reply.integer(ctx.client.id.0 as i64);
        Ok(Answer::Done)
    },
    ..CommandSpec::DEFAULT
};

const INFO: CommandSpec = CommandSpec {
    name: "INFO",
    group: Group::Connection,
    since: "6.2.0",
    summary: "Returns all that the server knows of the connection, as one line of fields.",
    complexity: "O(1)",
    flags: OWN_FLAGS,
    see_also: &["CLIENT LIST"],
    run: client_info,
    ..CommandSpec::DEFAULT
};

/// The types of clients, as arguments.
const TYPES: &[Arg] = &[token("NORMAL"), token("MASTER"), token("REPLICA"), token("PUBSUB")];

const KILL: CommandSpec = CommandSpec {
    name: "KILL",
    group: Group::Connection,
    since: "2.4.0",
    summary: "Closes connections: the one from an address, or all that meet some conditions.",
    complexity: "O(N) where N is the number of client connections.",
    flags: OWN_FLAGS.or(Flags::ADMIN),
    args: &[one_of(
        "filter",
        &[
            word("ip:port").deprecated("2.8.12"),
            one_of(
                "new-format",
                &[
                    integer("client-id").after("ID").since("2.8.12"),
                    one_of("client-type", TYPES).after("TYPE").since("2.8.12"),
                    word("username").after("USER"),
                    word("ip:port").after("ADDR"),
                    word("ip:port").after("LADDR").since("6.2.0"),
                    one_of("skipme", &[token("YES"), token("NO")]).after("SKIPME"),
                    integer("maxage").after("MAXAGE").since("7.4.0"),
                ],
            )
            .many()
            .since("2.8.12"),
        ],
    )],
    history: &[
        ("2.8.12", "Conditions can be given by name."),
        ("3.2.0", "`master` is a type of its own."),
        ("5.0.0", "`slave` is also called `replica`."),
        ("6.2.0", "`LADDR` names the local address."),
        ("7.4.0", "`MAXAGE` closes old connections."),
    ],
    see_also: &["CLIENT LIST"],
    examples: "\
> CLIENT KILL ID 99
(integer) 0
> CLIENT KILL 10.0.0.1:5000
(error) ERR No such client
",
    run: kill,
    ..CommandSpec::DEFAULT
};

const LIST: CommandSpec = CommandSpec {
    name: "LIST",
    group: Group::Connection,
    since: "2.4.0",
    summary: "Returns all connections, one line of fields each.",
    complexity: "O(N) where N is the number of client connections.",
    flags: OWN_FLAGS.or(Flags::ADMIN),
    args: &[one_of(
        "filter",
        &[
            one_of("client-type", TYPES).after("TYPE").since("5.0.0"),
            integer("client-id").after("ID").many().since("6.2.0"),
        ],
    )
    .optional()],
    arity: -2,
    history: &[
        ("2.8.12", "Each line begins with the number of the client."),
        ("5.0.0", "`TYPE` filters by type."),
        (
            "6.2.0",
            "`ID` filters by number; lines tell `user`, `argv-mem`, `tot-mem`, `laddr` and `redir`.",
        ),
        ("7.0.0", "Lines tell `resp`, `multi-mem`, `rbs` and `rbp`."),
        ("7.2.0", "Lines tell `lib-name` and `lib-ver`."),
    ],
    see_also: &["CLIENT INFO"],
    examples: "\
> CLIENT LIST TYPE guests
(error) ERR Unknown client type 'guests'
",
    run: client_list,
    ..CommandSpec::DEFAULT
};

/// ON or OFF.
const SWITCH: &[Arg] = &[one_of("enabled", &[token("ON"), token("OFF")])];

/// Reads ON or OFF as the last word.
fn switch(mut args: Args<'_>) -> Result<bool, CmdError> {
    let on = args.take_token("ON");
    if on || args.take_token("OFF") { Ok(on) } else { Err(CmdError::Syntax) }
}

const NO_EVICT: CommandSpec = CommandSpec {
    name: "NO-EVICT",
    group: Group::Connection,
    since: "7.0.0",
    summary: "Keeps the connection open even when clients take too much memory.",
    complexity: "O(1)",
    flags: OWN_FLAGS.or(Flags::ADMIN),
    args: SWITCH,
    see_also: &["CLIENT NO-TOUCH"],
    run: |ctx, args| {
        ctx.client.no_evict = switch(args)?;
        ctx.reply.ok();
        Ok(Answer::Done)
    },
    ..CommandSpec::DEFAULT
};

const NO_TOUCH: CommandSpec = CommandSpec {
    name: "NO-TOUCH",
    group: Group::Connection,
    since: "7.2.0",
    summary: "Lets the connection look at keys without counting as a use of them.",
    complexity: "O(1)",
    flags: Flags::NOSCRIPT.or(Flags::LOADING).or(Flags::STALE),
    args: SWITCH,
    see_also: &["OBJECT IDLETIME", "TOUCH"],
    run: |ctx, args| {
        ctx.client.no_touch = switch(args)?;
        // For what follows in the same transaction.
        let access = ctx.keys.access;
        ctx.keys.access = if ctx.client.no_touch { access.disabled() } else { access.enforced() };
        ctx.reply.ok();
        Ok(Answer::Done)
    },
    ..CommandSpec::DEFAULT
};

const REPLY: CommandSpec = CommandSpec {
    name: "REPLY",
    group: Group::Connection,
    since: "3.2.0",
    summary: "Turns the replies to the connection off or on, or leaves out the next one.",
    complexity: "O(1)",
    flags: OWN_FLAGS,
    args: &[one_of("action", &[token("ON"), token("OFF"), token("SKIP")])],
    run: reply,
    ..CommandSpec::DEFAULT
};

fn reply(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    if args.take_token("ON") {
        ctx.client.replies = Replies::On;
        ctx.reply.ok();
    } else if args.take_token("OFF") {
        ctx.client.replies = Replies::Off;
    } else if args.take_token("SKIP") {
        if ctx.client.replies != Replies::Off {
            ctx.client.replies = Replies::SkipNext;
        }
    } else {
        return Err(CmdError::Syntax);
    }
    Ok(Answer::Done)
}

const SETNAME: CommandSpec = CommandSpec {
    name: "SETNAME",
    group: Group::Connection,
    since: "2.6.9",
    summary: "Gives the connection a name; an empty one takes it away.",
    complexity: "O(1)",
    flags: OWN_FLAGS,
    args: &[word("connection-name")],
    see_also: &["CLIENT GETNAME", "CLIENT LIST"],
    examples: "\
> CLIENT SETNAME worker-1
OK
> CLIENT SETNAME \"two words\"
(error) ERR Client names cannot contain spaces, newlines or special characters.
",
    run: set_name,
    ..CommandSpec::DEFAULT
};

fn set_name(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    checked_name(args.next_word()?)?.clone_into(&mut ctx.client.name);
    ctx.reply.ok();
    Ok(Answer::Done)
}

/// A name for a connection, if it can stand in a line of CLIENT LIST.
pub(super) fn checked_name(name: &[u8]) -> Result<&str, CmdError> {
    printable(name).ok_or(CmdError::Msg(
        "ERR Client names cannot contain spaces, newlines or special characters.",
    ))
}

/// The word as text, if it has only visible ASCII characters.
fn printable(word: &[u8]) -> Option<&str> {
    word.iter().all(u8::is_ascii_graphic).then(|| str::from_utf8(word).ok()).flatten()
}

const SETINFO: CommandSpec = CommandSpec {
    name: "SETINFO",
    group: Group::Connection,
    since: "7.2.0",
    summary: "Tells the name or version of the client's library.",
    complexity: "O(1)",
    flags: OWN_FLAGS,
    args: &[one_of("attr", &[word("libname").after("LIB-NAME"), word("libver").after("LIB-VER")])],
    see_also: &["CLIENT INFO", "CLIENT SETNAME"],
    examples: "\
> CLIENT SETINFO LIB-NAME redis-py
OK
> CLIENT SETINFO COLOUR red
(error) ERR Unrecognized option 'COLOUR'
",
    run: set_info,
    ..CommandSpec::DEFAULT
};

fn set_info(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let option = args.next_word()?;
    let value = args.next_word()?;
    let field = if option.eq_ignore_ascii_case(b"lib-name") {
        &mut ctx.client.lib_name
    } else if option.eq_ignore_ascii_case(b"lib-ver") {
        &mut ctx.client.lib_ver
    } else {
        return Err(CmdError::repeating("ERR Unrecognized option '", option, "'"));
    };
    let value = printable(value).ok_or_else(|| {
        let after = " cannot contain spaces, newlines or special characters.";
        CmdError::repeating("ERR ", option, after)
    })?;
    value.clone_into(field);
    ctx.reply.ok();
    Ok(Answer::Done)
}
