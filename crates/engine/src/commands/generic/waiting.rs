//! Waiting for replicas and files; there is no replica, and what is in a file is so at once.

use redarium_resp::number::parse_i64;
use redarium_resp::words::Words;

use crate::args::Args;
use crate::blocking::{Wait, WaitFor};
use crate::command::args::integer;
use crate::command::{Answer, CommandSpec, Flags, Group};
use crate::commands::timeout;
use crate::context::Ctx;
use crate::error::CmdError;

pub(super) const COMMANDS: &[CommandSpec] = &[WAIT, WAITAOF];

const WAIT: CommandSpec = CommandSpec {
    name: "WAIT",
    group: Group::Generic,
    since: "3.0.0",
    summary: "Waits until so many replicas have what the connection wrote, and tells how many have.",
    complexity: "O(1)",
    flags: Flags::BLOCKING,
    acl: Some(&["connection"]),
    args: &[integer("numreplicas"), integer("timeout")],
    see_also: &["WAITAOF"],
    examples: "\
> SET a 1
OK
> WAIT 0 1000
(integer) 0
",
    run: wait,
    ..CommandSpec::DEFAULT
};

const WAITAOF: CommandSpec = CommandSpec {
    name: "WAITAOF",
    group: Group::Generic,
    since: "7.2.0",
    summary: "Waits until what the connection wrote is in the files of this server and of replicas.",
    complexity: "O(1)",
    flags: Flags::BLOCKING,
    acl: Some(&["connection"]),
    args: &[integer("numlocal"), integer("numreplicas"), integer("timeout")],
    see_also: &["WAIT"],
    examples: "\
> WAITAOF 0 0 1000
1) (integer) 0
2) (integer) 0
> WAITAOF 1 0 1000
(error) ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.
",
    run: waitaof,
    ..CommandSpec::DEFAULT
};

fn wait(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let replicas = args.next_i64()?;
    let until = timeout::milliseconds(args.next_word()?, ctx.keys.now)?;
    if replicas <= 0 || !ctx.may_block() {
        ctx.reply.integer(0);
    } else {
        park(ctx, args, WaitFor::Replicas, until);
    }
    Ok(Answer::Done)
}

fn waitaof(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let local = match args.next_i64()? {
        local @ 0..=1 => local == 1,
        _ => return Err(CmdError::Msg("ERR value is out of range, value must between 0 and 1")),
    };
    let replicas = parse_i64(args.next_word()?).ok_or(CmdError::NotInteger)?;
    if replicas < 0 {
        return Err(CmdError::MustBePositive);
    }
    let until = timeout::milliseconds(args.next_word()?, ctx.keys.now)?;
    let has_file = ctx.config.appendonly;
    if local && !has_file {
        return Err(CmdError::Msg(
            "ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.",
        ));
    }
    let what = WaitFor::Files { has_file };
    if replicas == 0 || !ctx.may_block() {
        what.reply_in_vain(&mut ctx.reply);
    } else {
        park(ctx, args, what, until);
    }
    Ok(Answer::Done)
}

/// Parks the client until its time is over: replicas will not come.
fn park(ctx: &mut Ctx<'_>, args: Args<'_>, what: WaitFor, until: Option<i64>) {
    let words = Words::from_slices(args.all());
    ctx.park(Wait::for_keys(what, words, std::iter::empty(), until));
}
