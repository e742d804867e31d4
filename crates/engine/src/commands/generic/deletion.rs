//! Removing keys.

use crate::args::Args;
use crate::command::args::KEY;
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;

pub(super) const COMMANDS: &[CommandSpec] = &[DEL, UNLINK];

const DEL: CommandSpec = CommandSpec {
    name: "DEL",
    group: Group::Generic,
    since: "1.0.0",
    summary: "Removes keys and answers how many there were.",
    complexity: "O(N) in the number of keys; a large value is freed little by little afterwards.",
    flags: Flags::WRITE,
    keys: &[KeySpec::range(1, -1, 1, &["RM", "delete"])],
    args: &[KEY.many()],
    see_also: &["UNLINK", "EXISTS", "FLUSHDB"],
    examples: "\
> MSET a 1 b 2
OK
> DEL a b c
(integer) 2
",
    run: del,
    ..CommandSpec::DEFAULT
};

const UNLINK: CommandSpec = CommandSpec {
    name: "UNLINK",
    group: Group::Generic,
    since: "4.0.0",
    summary: "Removes keys at once and frees their values afterwards.",
    complexity: "O(1) for each key; large values are freed little by little afterwards.",
    flags: Flags::WRITE.or(Flags::FAST),
    keys: &[KeySpec::range(1, -1, 1, &["RM", "delete"])],
    args: &[KEY.many()],
    see_also: &["DEL"],
    examples: "\
> SET a 1
OK
> UNLINK a b
(integer) 1
",
    run: del,
    ..CommandSpec::DEFAULT
};

/// DEL and UNLINK do the same here: no value is freed in one go.
fn del(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    let removed = args.rest().filter(|key| ctx.keys.remove(key, "del")).count();
    ctx.reply.count(removed);
    Ok(Answer::Done)
}
