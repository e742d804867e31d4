//! PUBSUB: who listens to what.

use redarium_structures::glob::matches;

use crate::args::Args;
use crate::command::args::{pattern, word};
use crate::command::help::help;
use crate::command::{Answer, CommandSpec, Flags, Group};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::pubsub::Kind;

pub(super) const COMMANDS: &[CommandSpec] = &[PUBSUB];

const PUBSUB: CommandSpec = CommandSpec {
    name: "PUBSUB",
    group: Group::PubSub,
    since: "2.8.0",
    summary: "A container for commands about channels and who listens to them.",
    complexity: "Depends on subcommand.",
    subcommands: &[
        CHANNELS,
        help(Group::PubSub, "6.2.0"),
        NUMPAT,
        NUMSUB,
        SHARDCHANNELS,
        SHARDNUMSUB,
    ],
    ..CommandSpec::DEFAULT
};

const FLAGS: Flags = Flags::PUBSUB.or(Flags::LOADING).or(Flags::STALE);

const CHANNELS: CommandSpec = CommandSpec {
    name: "CHANNELS",
    group: Group::PubSub,
    since: "2.8.0",
    summary: "Returns the channels that somebody listens to, all or those that match a pattern.",
    complexity: "O(N) where N is the number of such channels.",
    flags: FLAGS,
    args: &[pattern("pattern").optional()],
    see_also: &["PUBSUB NUMSUB", "SUBSCRIBE"],
    examples: "\
> PUBSUB CHANNELS
(empty array)
",
    run: |ctx, args| channels(ctx, args, Kind::Channel),
    ..CommandSpec::DEFAULT
};

const SHARDCHANNELS: CommandSpec = CommandSpec {
    name: "SHARDCHANNELS",
    group: Group::PubSub,
    since: "7.0.0",
    summary: "Returns the shard channels that somebody listens to, all or those that match a pattern.",
    complexity: "O(N) where N is the number of such shard channels.",
    flags: FLAGS,
    args: &[pattern("pattern").optional()],
    see_also: &["PUBSUB SHARDNUMSUB", "SSUBSCRIBE"],
    examples: "\
> PUBSUB SHARDCHANNELS
(empty array)
",
    run: |ctx, args| channels(ctx, args, Kind::Shard),
    ..CommandSpec::DEFAULT
};

const NUMPAT: CommandSpec = CommandSpec {
    name: "NUMPAT",
    group: Group::PubSub,
    since: "2.8.0",
    summary: "Tells to how many different patterns somebody listens.",
    complexity: "O(1)",
    flags: FLAGS,
    see_also: &["PSUBSCRIBE"],
    examples: "\
> PUBSUB NUMPAT
(integer) 0
",
    run: |ctx, _| {
        ctx.reply.count(ctx.pubsub.len(Kind::Pattern));
        Ok(Answer::Done)
    },
    ..CommandSpec::DEFAULT
};

const NUMSUB: CommandSpec = CommandSpec {
    name: "NUMSUB",
    group: Group::PubSub,
    since: "2.8.0",
    summary: "Tells how many clients listen to each of some channels; patterns do not count.",
    complexity: "O(N) where N is the number of channels given.",
    flags: FLAGS,
    args: &[word("channel").optional().many()],
    see_also: &["PUBSUB CHANNELS", "SUBSCRIBE"],
    examples: "\
> PUBSUB NUMSUB news
1) \"news\"
2) (integer) 0
",
    run: |ctx, args| listener_counts(ctx, args, Kind::Channel),
    ..CommandSpec::DEFAULT
};

const SHARDNUMSUB: CommandSpec = CommandSpec {
    name: "SHARDNUMSUB",
    group: Group::PubSub,
    since: "7.0.0",
    summary: "Tells how many clients listen to each of some shard channels.",
    complexity: "O(N) where N is the number of shard channels given.",
    flags: FLAGS,
    args: &[word("shardchannel").optional().many()],
    see_also: &["PUBSUB SHARDCHANNELS", "SSUBSCRIBE"],
    examples: "\
> PUBSUB SHARDNUMSUB news
1) \"news\"
2) (integer) 0
",
    run: |ctx, args| listener_counts(ctx, args, Kind::Shard),
    ..CommandSpec::DEFAULT
};

fn channels(ctx: &mut Ctx<'_>, args: Args<'_>, kind: Kind) -> Result<Answer, CmdError> {
    if args.len() > 1 {
        let name = args.word(1).unwrap_or_default();
        let before = "ERR unknown subcommand or wrong number of arguments for '";
        return Err(CmdError::repeating(before, name, "'. Try PUBSUB HELP."));
    }
    let wanted = |name: &&[u8]| args.peek().is_none_or(|pattern| matches(pattern, name, false));
    let mark = ctx.reply.begin_array();
    let mut count = 0;
    for name in ctx.pubsub.names(kind).map(|name| &**name).filter(wanted) {
        ctx.reply.bulk(name);
        count += 1;
    }
    ctx.reply.end_array(mark, count);
    Ok(Answer::Done)
}

fn listener_counts(ctx: &mut Ctx<'_>, args: Args<'_>, kind: Kind) -> Result<Answer, CmdError> {
    ctx.reply.array(2 * args.len());
    for name in args.rest() {
        ctx.reply.bulk(name);
        ctx.reply.count(ctx.pubsub.listener_count(kind, name));
    }
    Ok(Answer::Done)
}
