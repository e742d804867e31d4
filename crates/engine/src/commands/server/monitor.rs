//! MONITOR: watching all that the server is asked to do.

use crate::args::Args;
use crate::command::{Answer, CommandSpec, Flags, Group};
use crate::context::Ctx;
use crate::error::CmdError;

pub(super) const COMMANDS: &[CommandSpec] = &[MONITOR];

const MONITOR: CommandSpec = CommandSpec {
    name: "MONITOR",
    group: Group::Server,
    since: "1.0.0",
    summary: "Shows every command that runs from now on, whoever sends it, until RESET or QUIT.",
    complexity: "O(1)",
    flags: Flags::ADMIN.or(Flags::NOSCRIPT).or(Flags::LOADING).or(Flags::STALE),
    history: &[("6.0.0", "AUTH is no longer shown with its password.")],
    see_also: &["RESET", "SLOWLOG GET"],
    examples: "\
> MONITOR
OK
",
    run: monitor,
    ..CommandSpec::DEFAULT
};

fn monitor(ctx: &mut Ctx<'_>, _: Args<'_>) -> Result<Answer, CmdError> {
    if !ctx.may_block() {
        return Err(CmdError::Msg("ERR MONITOR isn't allowed for DENY BLOCKING client"));
    }
    // As in Redis, who monitors already is answered nothing.
    if !ctx.client.is_monitor {
        ctx.clients.set_monitor(ctx.client, true);
        ctx.reply.ok();
    }
    Ok(Answer::Done)
}
