//! Watching keys, so that EXEC does nothing if one of them has changed.

use crate::args::Args;
use crate::command::args::KEY;
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;

pub(super) const COMMANDS: &[CommandSpec] = &[UNWATCH, WATCH];

/// What these commands have in common: anyone may call them at any time.
pub(super) const FLAGS: Flags =
    Flags::NOSCRIPT.or(Flags::LOADING).or(Flags::STALE).or(Flags::FAST).or(Flags::ALLOW_BUSY);

const WATCH: CommandSpec = CommandSpec {
    name: "WATCH",
    group: Group::Transactions,
    since: "2.2.0",
    summary: "Makes the next EXEC do nothing if one of the keys has changed by then.",
    complexity: "O(1) for every key.",
    flags: FLAGS.or(Flags::NEVER_QUEUED),
    keys: &[KeySpec::range(1, -1, 1, &["RO"])],
    args: &[KEY.many()],
    see_also: &["MULTI", "EXEC", "UNWATCH"],
    examples: "\
> WATCH stock
OK
> SET stock 9
OK
> MULTI
OK
> EXEC
(nil)
",
    run: watch,
    ..CommandSpec::DEFAULT
};

const UNWATCH: CommandSpec = CommandSpec {
    name: "UNWATCH",
    group: Group::Transactions,
    since: "2.2.0",
    summary: "Stops watching all keys and forgets that any has changed.",
    complexity: "O(1)",
    flags: FLAGS,
    see_also: &["WATCH", "DISCARD"],
    examples: "\
> WATCH stock
OK
> UNWATCH
OK
",
    run: unwatch,
    ..CommandSpec::DEFAULT
};

fn watch(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    if ctx.client.transaction.is_some() {
        return Err(CmdError::Msg("ERR WATCH inside MULTI is not allowed"));
    }
    for key in args.rest() {
        ctx.keys.watch(ctx.client.id, key);
    }
    ctx.reply.ok();
    Ok(Answer::Done)
}

fn unwatch(ctx: &mut Ctx<'_>, _: Args<'_>) -> Result<Answer, CmdError> {
    ctx.keys.effects.watches.forget(ctx.client.id);
    ctx.reply.ok();
    Ok(Answer::Done)
}
