//! Sending a message to all who listen.

use crate::args::Args;
use crate::command::args::word;
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::mail::Mail;
use crate::pubsub::PubSub;

pub(super) const COMMANDS: &[CommandSpec] = &[PUBLISH, SPUBLISH];

const FLAGS: Flags =
    Flags::PUBSUB.or(Flags::LOADING).or(Flags::STALE).or(Flags::FAST).or(Flags::MAY_REPLICATE);

const PUBLISH: CommandSpec = CommandSpec {
    name: "PUBLISH",
    group: Group::PubSub,
    since: "2.0.0",
    summary: "Sends a message to all who listen to a channel now; nobody else will ever see it.",
    complexity: "O(N+M) where N is the number of listeners of the channel and M the number of all patterns.",
    flags: FLAGS.or(Flags::SENTINEL),
    args: &[word("channel"), word("message")],
    see_also: &["SUBSCRIBE", "PSUBSCRIBE", "PUBSUB NUMSUB"],
    examples: "\
> PUBLISH news hello
(integer) 0
",
    run: |ctx, args| publish(ctx, args, PubSub::publish),
    ..CommandSpec::DEFAULT
};

const SPUBLISH: CommandSpec = CommandSpec {
    name: "SPUBLISH",
    group: Group::PubSub,
    since: "7.0.0",
    summary: "Sends a message to all who listen to a shard channel now.",
    complexity: "O(N) where N is the number of listeners of the shard channel.",
    flags: FLAGS,
    keys: &[KeySpec::one(1, &["not_key"])],
    args: &[word("shardchannel"), word("message")],
    see_also: &["SSUBSCRIBE", "PUBLISH"],
    examples: "\
> SPUBLISH news hello
(integer) 0
",
    run: |ctx, args| publish(ctx, args, PubSub::publish_to_shard),
    ..CommandSpec::DEFAULT
};

fn publish(
    ctx: &mut Ctx<'_>,
    mut args: Args<'_>,
    send: fn(&PubSub, &mut Mail<'_>, &[u8], &[u8]) -> usize,
) -> Result<Answer, CmdError> {
    let (channel, message) = (args.next_word()?, args.next_word()?);
    let (mut mail, pubsub, _) = ctx.mail();
    let receivers = send(pubsub, &mut mail, channel, message);
    ctx.reply.count(receivers);
    Ok(Answer::Done)
}
