//! Ceasing to listen.

use super::subscribe::confirm;
use crate::args::Args;
use crate::command::args::{pattern, word};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::pubsub::Kind;

pub(super) const COMMANDS: &[CommandSpec] = &[PUNSUBSCRIBE, SUNSUBSCRIBE, UNSUBSCRIBE];

const FLAGS: Flags = Flags::PUBSUB.or(Flags::NOSCRIPT).or(Flags::LOADING).or(Flags::STALE);

const UNSUBSCRIBE: CommandSpec = CommandSpec {
    name: "UNSUBSCRIBE",
    group: Group::PubSub,
    since: "2.0.0",
    summary: "Stops listening to channels, or to all of them if none is given.",
    complexity: "O(N) where N is the number of channels given.",
    flags: FLAGS.or(Flags::SENTINEL),
    args: &[word("channel").optional().many()],
    see_also: &["SUBSCRIBE", "RESET"],
    examples: "\
> UNSUBSCRIBE news
1) \"unsubscribe\"
2) \"news\"
3) (integer) 0
",
    run: |ctx, args| unsubscribe(ctx, args, Kind::Channel, b"unsubscribe"),
    ..CommandSpec::DEFAULT
};

const PUNSUBSCRIBE: CommandSpec = CommandSpec {
    name: "PUNSUBSCRIBE",
    group: Group::PubSub,
    since: "2.0.0",
    summary: "Stops listening to patterns, or to all of them if none is given.",
    complexity: "O(N) where N is the number of patterns given.",
    flags: FLAGS.or(Flags::SENTINEL),
    args: &[pattern("pattern").optional().many()],
    see_also: &["PSUBSCRIBE", "RESET"],
    examples: "\
> PUNSUBSCRIBE
1) \"punsubscribe\"
2) (nil)
3) (integer) 0
",
    run: |ctx, args| unsubscribe(ctx, args, Kind::Pattern, b"punsubscribe"),
    ..CommandSpec::DEFAULT
};

const SUNSUBSCRIBE: CommandSpec = CommandSpec {
    name: "SUNSUBSCRIBE",
    group: Group::PubSub,
    since: "7.0.0",
    summary: "Stops listening to shard channels, or to all of them if none is given.",
    complexity: "O(N) where N is the number of shard channels given.",
    flags: FLAGS,
    keys: &[KeySpec::range(1, -1, 1, &["not_key"])],
    args: &[word("shardchannel").optional().many()],
    see_also: &["SSUBSCRIBE", "RESET"],
    examples: "\
> SUNSUBSCRIBE news
1) \"sunsubscribe\"
2) \"news\"
3) (integer) 0
",
    run: |ctx, args| unsubscribe(ctx, args, Kind::Shard, b"sunsubscribe"),
    ..CommandSpec::DEFAULT
};

fn unsubscribe(
    ctx: &mut Ctx<'_>,
    args: Args<'_>,
    kind: Kind,
    verb: &'static [u8],
) -> Result<Answer, CmdError> {
    if !args.is_empty() {
        for name in args.rest() {
            ctx.pubsub.unsubscribe(kind, name, ctx.client);
            confirm(ctx, kind, verb, Some(name));
        }
        return Ok(Answer::Done);
    }
    let names = ctx.client.subscriptions.names(kind);
    for name in &names {
        ctx.pubsub.unsubscribe(kind, name, ctx.client);
        confirm(ctx, kind, verb, Some(name));
    }
    if names.is_empty() {
        confirm(ctx, kind, verb, None);
    }
    Ok(Answer::Done)
}
