//! The life of a connection: greeting, password, database, and how it ends.

use redarium_resp::encode::Protocol;
use redarium_resp::number::parse_i64;

use super::client::checked_name;
use crate::REDIS_VERSION;
use crate::acl::log::Reason;
use crate::acl::{DEFAULT_USER, rights};
use crate::args::Args;
use crate::client::Replies;
use crate::command::args::{block, integer, word};
use crate::command::{Answer, CommandSpec, Deprecation, Flags, Group};
use crate::context::Ctx;
use crate::error::CmdError;

pub(super) const COMMANDS: &[CommandSpec] = &[AUTH, HELLO, QUIT, RESET, SELECT];

/// The flags of commands that answer anyone at any time.
const OPEN_FLAGS: Flags = Flags::NOSCRIPT
    .or(Flags::LOADING)
    .or(Flags::STALE)
    .or(Flags::FAST)
    .or(Flags::NO_AUTH)
    .or(Flags::ALLOW_BUSY);

const AUTH: CommandSpec = CommandSpec {
    name: "AUTH",
    group: Group::Connection,
    since: "1.0.0",
    summary: "Gives the password, so that the connection may run commands.",
    complexity: "O(N) where N is the number of passwords of the user.",
    flags: OPEN_FLAGS.or(Flags::SENTINEL),
    args: &[word("username").optional().since("6.0.0"), word("password")],
    history: &[("6.0.0", "A user can be named before the password.")],
    see_also: &["HELLO", "CONFIG SET"],
    examples: "\
> CONFIG SET requirepass \"open sesame\"
OK
> AUTH default \"open sesame\"
OK
",
    run: auth,
    ..CommandSpec::DEFAULT
};

fn auth(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    if args.len() > 2 {
        return Err(CmdError::Syntax);
    }
    if args.len() == 1 {
        if ctx.acl.default_user().needs_no_password() {
            return Err(CmdError::Msg(
                "ERR AUTH <password> called without any password configured for the default user. \
                 Are you sure your configuration is correct?",
            ));
        }
        let password = args.next_word()?;
        authenticate(ctx, DEFAULT_USER, password, args)?;
    } else {
        let (user, password) = (args.next_word()?, args.next_word()?);
        authenticate(ctx, user, password, args)?;
    }
    ctx.reply.ok();
    Ok(Answer::Done)
}

/// Gives the client the rights of a user if the password is right; `args` are the words of the command.
fn authenticate(
    ctx: &mut Ctx<'_>,
    name: &[u8],
    password: &[u8],
    args: Args<'_>,
) -> Result<(), CmdError> {
    let Some(user) = ctx.acl.authenticate(name, password) else {
        let object = args.word(0).unwrap_or_default().to_vec();
        rights::log_refusal(ctx, Reason::Auth, object, name.to_vec(), args);
        return Err(CmdError::Msg("WRONGPASS invalid username-password pair or user is disabled."));
    };
    ctx.client.authenticated = true;
    ctx.client.set_user(user);
    Ok(())
}

const HELLO: CommandSpec = CommandSpec {
    name: "HELLO",
    group: Group::Connection,
    since: "6.0.0",
    summary: "Greets the server: agrees on the protocol and tells who it is.",
    complexity: "O(1)",
    flags: OPEN_FLAGS.or(Flags::SENTINEL),
    args: &[block(
        "arguments",
        &[
            integer("protover"),
            block("auth", &[word("username"), word("password")]).after("AUTH").optional(),
            word("clientname").after("SETNAME").optional(),
        ],
    )
    .optional()],
    history: &[("6.2.0", "The protocol can be left out to keep it as it is.")],
    see_also: &["AUTH", "CLIENT SETNAME"],
    examples: "\
> HELLO 4
(error) NOPROTO unsupported protocol version
",
    run: hello,
    ..CommandSpec::DEFAULT
};

fn hello(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let mut protocol = ctx.client.protocol;
    if !args.is_empty() {
        let version = parse_i64(args.next_word()?)
            .ok_or(CmdError::Msg("ERR Protocol version is not an integer or out of range"))?;
        protocol = match version {
            2 => Protocol::Resp2,
            3 => Protocol::Resp3,
            _ => return Err(CmdError::Msg("NOPROTO unsupported protocol version")),
        };
    }
    let mut credentials = None;
    let mut name = None;
    while let Some(option) = args.peek() {
        if args.len() >= 3 && args.take_token("AUTH") {
            credentials = Some((args.next_word()?, args.next_word()?));
        } else if args.len() >= 2 && args.take_token("SETNAME") {
            name = Some(checked_name(args.next_word()?)?);
        } else {
            return Err(CmdError::repeating("ERR Syntax error in HELLO option '", option, "'"));
        }
    }
    if let Some((user, password)) = credentials {
        authenticate(ctx, user, password, args)?;
    }
    if !ctx.client.authenticated && !ctx.acl.default_user().admits_anyone() {
        return Err(CmdError::Msg(
            "NOAUTH HELLO must be called with the client already authenticated, otherwise the \
             HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and \
             select the RESP protocol version at the same time",
        ));
    }
    if let Some(name) = name {
        name.clone_into(&mut ctx.client.name);
    }
    set_protocol(ctx, protocol);
    greet(ctx);
    Ok(Answer::Done)
}

fn set_protocol(ctx: &mut Ctx<'_>, protocol: Protocol) {
    ctx.client.protocol = protocol;
    ctx.reply.protocol = protocol;
}

fn greet(ctx: &mut Ctx<'_>) {
    let id = ctx.client.id.0 as i64;
    let reply = &mut ctx.reply;
    reply.map(7);
    reply.bulk(b"server");
    reply.bulk(b"redis");
    reply.bulk(b"version");
    reply.bulk(REDIS_VERSION.as_bytes());
    reply.bulk(b"proto");
    reply.integer(if reply.is_resp3() { 3 } else { 2 });
    reply.bulk(b"id");
    reply.integer(id);
    reply.bulk(b"mode");
    reply.bulk(b"standalone");
    reply.bulk(b"role");
    reply.bulk(b"master");
    reply.bulk(b"modules");
    reply.array(0);
}

const QUIT: CommandSpec = CommandSpec {
    name: "QUIT",
    group: Group::Connection,
    since: "1.0.0",
    summary: "Closes the connection once all replies are sent.",
    complexity: "O(1)",
    flags: OPEN_FLAGS.or(Flags::NEVER_QUEUED),
    arity: -1,
    deprecated: Some(Deprecation { since: "7.2.0", replaced_by: "just closing the connection" }),
    see_also: &["RESET"],
    examples: "\
> QUIT
OK
",
    run: quit,
    ..CommandSpec::DEFAULT
};

fn quit(ctx: &mut Ctx<'_>, _: Args<'_>) -> Result<Answer, CmdError> {
    ctx.reply.ok();
    Ok(Answer::Close)
}

const RESET: CommandSpec = CommandSpec {
    name: "RESET",
    group: Group::Connection,
    since: "6.2.0",
    summary: "Makes the connection as if it had just been opened.",
    complexity: "O(1)",
    flags: OPEN_FLAGS.or(Flags::NEVER_QUEUED),
    see_also: &["QUIT", "HELLO"],
    examples: "\
> CLIENT SETNAME worker
OK
> RESET
RESET
> CLIENT GETNAME
(nil)
",
    run: reset,
    ..CommandSpec::DEFAULT
};

fn reset(ctx: &mut Ctx<'_>, _: Args<'_>) -> Result<Answer, CmdError> {
    ctx.client.transaction = None;
    ctx.keys.effects.watches.forget(ctx.client.id);
    ctx.keys.effects.tracking.stop(ctx.client.id);
    ctx.pubsub.leave(ctx.client);
    ctx.clients.set_monitor(ctx.client, false);
    ctx.client.db = 0;
    ctx.client.name.clear();
    ctx.client.replies = Replies::On;
    ctx.client.no_touch = false;
    ctx.client.no_evict = false;
    let user = ctx.acl.default_user();
    ctx.client.authenticated = user.admits_anyone();
    ctx.client.set_user(user);
    set_protocol(ctx, Protocol::Resp2);
    ctx.reply.simple("RESET");
    Ok(Answer::Done)
}

const SELECT: CommandSpec = CommandSpec {
    name: "SELECT",
    group: Group::Connection,
    since: "1.0.0",
    summary: "Changes the database of the connection.",
    complexity: "O(1)",
    flags: Flags::LOADING.or(Flags::STALE).or(Flags::FAST),
    args: &[integer("index")],
    see_also: &["SWAPDB", "MOVE"],
    examples: "\
> SELECT 1
OK
> SELECT 16
(error) ERR DB index is out of range
",
    run: select,
    ..CommandSpec::DEFAULT
};

fn select(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    ctx.client.db = ctx.keys.next_db(&mut args)?;
    ctx.reply.ok();
    Ok(Answer::Done)
}
