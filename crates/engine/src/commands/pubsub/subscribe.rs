//! Beginning to listen.

use redarium_resp::encode::Encoder;

use crate::args::Args;
use crate::client::Replies;
use crate::command::args::{pattern, word};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::pubsub::Kind;

pub(super) const COMMANDS: &[CommandSpec] = &[PSUBSCRIBE, SSUBSCRIBE, SUBSCRIBE];

const FLAGS: Flags =
    Flags::PUBSUB.or(Flags::NOSCRIPT).or(Flags::LOADING).or(Flags::STALE).or(Flags::DENYOOM);

const SUBSCRIBE: CommandSpec = CommandSpec {
    name: "SUBSCRIBE",
    group: Group::PubSub,
    since: "2.0.0",
    summary: "Listens to channels: from now on their messages arrive by themselves.",
    complexity: "O(N) where N is the number of channels given.",
    flags: FLAGS.or(Flags::SENTINEL),
    args: &[word("channel").many()],
    see_also: &["UNSUBSCRIBE", "PSUBSCRIBE", "PUBLISH", "RESET"],
    examples: "\
> SUBSCRIBE news
1) \"subscribe\"
2) \"news\"
3) (integer) 1
",
    run: |ctx, args| subscribe(ctx, args, Kind::Channel, b"subscribe"),
    ..CommandSpec::DEFAULT
};

const PSUBSCRIBE: CommandSpec = CommandSpec {
    name: "PSUBSCRIBE",
    group: Group::PubSub,
    since: "2.0.0",
    summary: "Listens to all channels whose names match glob patterns.",
    complexity: "O(N) where N is the number of patterns given.",
    flags: FLAGS.or(Flags::SENTINEL),
    args: &[pattern("pattern").many()],
    see_also: &["PUNSUBSCRIBE", "SUBSCRIBE", "PUBLISH"],
    examples: "\
> PSUBSCRIBE news.*
1) \"psubscribe\"
2) \"news.*\"
3) (integer) 1
",
    run: |ctx, args| subscribe(ctx, args, Kind::Pattern, b"psubscribe"),
    ..CommandSpec::DEFAULT
};

const SSUBSCRIBE: CommandSpec = CommandSpec {
    name: "SSUBSCRIBE",
    group: Group::PubSub,
    since: "7.0.0",
    summary: "Listens to shard channels, which in a cluster live with the keys of their slot.",
    complexity: "O(N) where N is the number of shard channels given.",
    flags: FLAGS,
    keys: &[KeySpec::range(1, -1, 1, &["not_key"])],
    args: &[word("shardchannel").many()],
    see_also: &["SUNSUBSCRIBE", "SPUBLISH"],
    examples: "\
> SSUBSCRIBE news
1) \"ssubscribe\"
2) \"news\"
3) (integer) 1
",
    run: |ctx, args| subscribe(ctx, args, Kind::Shard, b"ssubscribe"),
    ..CommandSpec::DEFAULT
};

fn subscribe(
    ctx: &mut Ctx<'_>,
    args: Args<'_>,
    kind: Kind,
    verb: &'static [u8],
) -> Result<Answer, CmdError> {
    if kind == Kind::Shard && ctx.client.in_exec {
        return Err(CmdError::Msg("ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client"));
    }
    for name in args.rest() {
        ctx.pubsub.subscribe(kind, name, ctx.client);
        confirm(ctx, kind, verb, Some(name));
    }
    Ok(Answer::Done)
}

/// Answers one change of a client's subscriptions: a push of the verb, the name and how many there are now.
pub(super) fn confirm(ctx: &mut Ctx<'_>, kind: Kind, verb: &[u8], name: Option<&[u8]>) {
    let count = ctx.client.subscriptions.count_with(kind);
    let protocol = ctx.reply.protocol;
    // Pushes reach even a client that wants no replies.
    let is_silent = ctx.client.replies != Replies::On;
    let out = if is_silent { &mut ctx.client.pushes } else { &mut *ctx.reply.out };
    let mut reply = Encoder::new(out, protocol);
    reply.push(3);
    reply.bulk(verb);
    reply.bulk_or_null(name);
    reply.count(count);
}
