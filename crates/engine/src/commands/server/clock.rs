//! What time it is, as far as the node knows.

use crate::command::{Answer, CommandSpec, Flags, Group};

pub(super) const COMMANDS: &[CommandSpec] = &[TIME];

const TIME: CommandSpec = CommandSpec {
    name: "TIME",
    group: Group::Server,
    since: "2.6.0",
    summary: "Returns the clock: seconds since 1970 and the microseconds within that second.",
    complexity: "O(1)",
    flags: Flags::LOADING.or(Flags::STALE).or(Flags::FAST),
    see_also: &["EXPIREAT", "OBJECT IDLETIME"],
    run: |ctx, _| {
        let now = ctx.keys.now;
        ctx.reply.array(2);
        ctx.reply.bulk_int(now.div_euclid(1000));
        ctx.reply.bulk_int(now.rem_euclid(1000) * 1000);
        Ok(Answer::Done)
    },
    ..CommandSpec::DEFAULT
};
