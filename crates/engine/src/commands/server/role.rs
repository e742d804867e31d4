//! What part a node plays among others: it is always a master, and alone.

use crate::command::{Answer, CommandSpec, Flags, Group};

pub(super) const COMMANDS: &[CommandSpec] = &[ROLE];

const ROLE: CommandSpec = CommandSpec {
    name: "ROLE",
    group: Group::Server,
    since: "2.8.12",
    summary: "Tells the node's part in replication: a master, what it has sent, and its replicas.",
    complexity: "O(1)",
    flags: Flags::NOSCRIPT.or(Flags::LOADING).or(Flags::STALE).or(Flags::FAST).or(Flags::SENTINEL),
    acl: Some(&["admin", "dangerous"]),
    see_also: &["INFO"],
    examples: "\
> ROLE
1) \"master\"
2) (integer) 0
3) (empty array)
",
    run: |ctx, _| {
        ctx.reply.array(3);
        ctx.reply.bulk(b"master");
        ctx.reply.integer(0);
        ctx.reply.array(0);
        Ok(Answer::Done)
    },
    ..CommandSpec::DEFAULT
};
