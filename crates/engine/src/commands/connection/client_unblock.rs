//! CLIENT UNBLOCK: ends another connection's wait. CLIENT PAUSE and UNPAUSE: make all wait for a time.

use redarium_resp::encode::Encoder;

use crate::args::Args;
use crate::client::ClientId;
use crate::command::args::{integer, one_of, token};
use crate::command::{Answer, CommandSpec, Flags, Group};
use crate::commands::timeout;
use crate::context::Ctx;
use crate::dispatch;
use crate::error::CmdError;

use super::client::OWN_FLAGS;

pub(super) const PAUSE: CommandSpec = CommandSpec {
    name: "PAUSE",
    group: Group::Connection,
    since: "3.0.0",
    summary: "Makes the commands of all connections wait for some time, or only those that write.",
    complexity: "O(1)",
    flags: OWN_FLAGS.or(Flags::ADMIN),
    args: &[
        integer("timeout"),
        one_of("mode", &[token("WRITE"), token("ALL")]).optional().since("6.2.0"),
    ],
    history: &[("6.2.0", "Takes a mode; the default is ALL.")],
    see_also: &["CLIENT UNPAUSE"],
    examples: "\
> CLIENT PAUSE 1000 WRITE
OK
> GET a
(nil)
> CLIENT UNPAUSE
OK
",
    run: pause,
    ..CommandSpec::DEFAULT
};

pub(super) const UNBLOCK: CommandSpec = CommandSpec {
    name: "UNBLOCK",
    group: Group::Connection,
    since: "5.0.0",
    summary: "Ends the wait of another connection, as if in vain or with an error.",
    complexity: "O(log N), N being the number of connections.",
    flags: OWN_FLAGS.or(Flags::ADMIN),
    args: &[
        integer("client-id"),
        one_of("unblock-type", &[token("TIMEOUT"), token("ERROR")]).optional(),
    ],
    see_also: &["CLIENT ID", "CLIENT LIST", "BLPOP"],
    examples: "\
> CLIENT UNBLOCK 99
(integer) 0
",
    run: unblock,
    ..CommandSpec::DEFAULT
};

pub(super) const UNPAUSE: CommandSpec = CommandSpec {
    name: "UNPAUSE",
    group: Group::Connection,
    since: "6.2.0",
    summary: "Lets the commands run that CLIENT PAUSE has made wait.",
    complexity: "O(N), N being the number of connections that wait.",
    flags: OWN_FLAGS.or(Flags::ADMIN),
    see_also: &["CLIENT PAUSE"],
    examples: "\
> CLIENT UNPAUSE
OK
",
    run: |ctx, _| {
        ctx.keys.effects.waiters.end_pause(ctx.clients);
        ctx.reply.ok();
        Ok(Answer::Done)
    },
    ..CommandSpec::DEFAULT
};

/// Refuses more words than one with an option.
fn check_len(args: Args<'_>) -> Result<(), CmdError> {
    if args.len() > 2 {
        return Err(CmdError::wrong_subcommand(args.word(1).unwrap_or_default(), "CLIENT"));
    }
    Ok(())
}

fn pause(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    check_len(args)?;
    let timeout = args.next_word()?;
    let everything = args.is_empty() || args.take_token("ALL");
    if !everything && !args.take_token("WRITE") {
        return Err(CmdError::Msg("ERR CLIENT PAUSE mode must be WRITE or ALL"));
    }
    if let Some(until) = timeout::milliseconds(timeout, ctx.keys.now)? {
        ctx.keys.effects.waiters.pause(until, everything);
    }
    ctx.reply.ok();
    Ok(Answer::Done)
}

fn unblock(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    check_len(args)?;
    let id = args.next_word()?;
    let with_error = args.take_token("ERROR");
    if !with_error && !args.is_empty() && !args.take_token("TIMEOUT") {
        return Err(CmdError::Msg("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR"));
    }
    let id = redarium_resp::number::parse_i64(id).ok_or(CmdError::NotInteger)?;
    let is_unblocked = u64::try_from(id).is_ok_and(|id| end_wait(ctx, ClientId(id), with_error));
    ctx.reply.integer(i64::from(is_unblocked));
    Ok(Answer::Done)
}

/// Ends the wait of a client, if it waits.
fn end_wait(ctx: &mut Ctx<'_>, id: ClientId, with_error: bool) -> bool {
    let Some(client) = ctx.clients.get_mut(id) else { return false };
    let Some(wait) = ctx.keys.effects.waiters.release(client) else { return false };
    dispatch::count_given_up(ctx.stats, &wait, with_error);
    if client.takes_reply() {
        let before = client.output.len();
        let mut reply = Encoder::new(&mut client.output, client.protocol);
        if with_error {
            reply.error("UNBLOCKED client unblocked via CLIENT UNBLOCK");
        } else {
            wait.what.reply_in_vain(&mut reply);
        }
        let written = (client.output.len() - before) as u64;
        client.bytes_out += written;
        ctx.stats.bytes_out += written;
    }
    ctx.clients.wake(id);
    true
}
