//! Is anyone there?

use crate::args::Args;
use crate::command::args::word;
use crate::command::{Answer, CommandSpec, Flags, Group};
use crate::context::Ctx;
use crate::error::CmdError;

pub(super) const COMMANDS: &[CommandSpec] = &[PING, ECHO];

const PING: CommandSpec = CommandSpec {
    name: "PING",
    group: Group::Connection,
    since: "1.0.0",
    summary: "Answers, so that a client knows the connection lives.",
    complexity: "O(1)",
    flags: Flags::FAST.or(Flags::SENTINEL),
    args: &[word("message").optional()],
    examples: "\
> PING
PONG
> PING \"are you there\"
\"are you there\"
",
    run: ping,
    ..CommandSpec::DEFAULT
};

const ECHO: CommandSpec = CommandSpec {
    name: "ECHO",
    group: Group::Connection,
    since: "1.0.0",
    summary: "Returns the given string.",
    complexity: "O(1)",
    flags: Flags::FAST.or(Flags::LOADING).or(Flags::STALE),
    args: &[word("message")],
    examples: "\
> ECHO hello
\"hello\"
",
    run: echo,
    ..CommandSpec::DEFAULT
};

fn ping(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    if args.len() > 1 {
        return Err(CmdError::Arity("ping".to_owned()));
    }
    if !ctx.client.subscriptions.is_empty() && !ctx.reply.is_resp3() {
        // The one reply that a RESP2 client gets while it listens has the form of a message.
        ctx.reply.array(2);
        ctx.reply.bulk(b"pong");
        ctx.reply.bulk(args.peek().unwrap_or(b""));
    } else if args.is_empty() {
        ctx.reply.pong();
    } else {
        let message = args.next_word()?;
        ctx.reply.bulk(message);
    }
    Ok(Answer::Done)
}

fn echo(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let message = args.next_word()?;
    ctx.reply.bulk(message);
    Ok(Answer::Done)
}
