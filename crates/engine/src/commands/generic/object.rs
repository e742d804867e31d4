//! How a key's value is stored and when it was used.

use crate::access::AccessClock;
use crate::args::Args;
use crate::command::args::KEY;
use crate::command::help::help;
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::database::Entry;
use crate::error::CmdError;

pub(super) const COMMANDS: &[CommandSpec] = &[OBJECT];

const OBJECT: CommandSpec = CommandSpec {
    name: "OBJECT",
    group: Group::Generic,
    since: "2.2.3",
    summary: "Shows how the value of a key is stored and when it was used.",
    complexity: "Depends on subcommand.",
    subcommands: &[ENCODING, FREQ, help(Group::Generic, "6.2.0"), IDLETIME, REFCOUNT],
    help: include_str!("object_help.txt"),
    ..CommandSpec::DEFAULT
};

const BASE: CommandSpec = CommandSpec {
    group: Group::Generic,
    since: "2.2.3",
    complexity: "O(1)",
    flags: Flags::READONLY,
    keys: &[KeySpec::one(2, &["RO"])],
    args: &[KEY],
    ..CommandSpec::DEFAULT
};

const ENCODING: CommandSpec = CommandSpec {
    name: "ENCODING",
    summary: "Names the way in which the value is stored.",
    see_also: &["TYPE"],
    examples: "\
> MSET number 12 word twelve
OK
> OBJECT ENCODING number
\"int\"
> OBJECT ENCODING word
\"embstr\"
",
    run: encoding,
    ..BASE
};

const FREQ: CommandSpec = CommandSpec {
    name: "FREQ",
    since: "4.0.0",
    summary: "Tells the logarithmic use counter that the policies allkeys-lfu and volatile-lfu keep.",
    see_also: &["OBJECT IDLETIME", "TOUCH"],
    examples: "\
> OBJECT FREQ nothing
(nil)
",
    run: freq,
    ..BASE
};

const IDLETIME: CommandSpec = CommandSpec {
    name: "IDLETIME",
    summary: "Tells how many seconds ago the key was last used.",
    see_also: &["OBJECT FREQ", "TOUCH"],
    examples: "\
> SET a 1
OK
> OBJECT IDLETIME a
(integer) 0
",
    run: idletime,
    ..BASE
};

const REFCOUNT: CommandSpec = CommandSpec {
    name: "REFCOUNT",
    summary: "Tells how often the value is referred to: always 1.",
    examples: "\
> SET a 1
OK
> OBJECT REFCOUNT a
(integer) 1
",
    run: refcount,
    ..BASE
};

const NOT_LFU: CmdError = CmdError::Msg(
    "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching \
     between policies at runtime LRU and LFU data will take some time to adjust.",
);

const NOT_LRU: CmdError = CmdError::Msg(
    "ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching \
     between policies at runtime LRU and LFU data will take some time to adjust.",
);

/// Looks at the key's entry without using it and answers with a number, or with null where there is no key.
fn answer(
    ctx: &mut Ctx<'_>,
    mut args: Args<'_>,
    number: fn(&Entry, AccessClock) -> Result<u32, CmdError>,
) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    match ctx.keys.look_quietly(key) {
        None => ctx.reply.null(),
        Some(id) => {
            let number = number(ctx.keys.database().entry(id), ctx.keys.access)?;
            ctx.reply.integer(i64::from(number));
        }
    }
    Ok(Answer::Done)
}

fn encoding(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    match ctx.keys.look_quietly(key) {
        None => ctx.reply.null(),
        Some(id) => {
            let encoding = ctx.keys.database().entry(id).encoding();
            ctx.reply.bulk(encoding.as_bytes());
        }
    }
    Ok(Answer::Done)
}

fn freq(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    answer(ctx, args, |entry, access| {
        if access.counts_uses() { Ok(access.frequency(entry.access)) } else { Err(NOT_LFU) }
    })
}

fn idletime(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    answer(ctx, args, |entry, access| {
        if access.counts_uses() { Err(NOT_LRU) } else { Ok(access.idle_seconds(entry.access)) }
    })
}

fn refcount(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    answer(ctx, args, |_, _| Ok(1))
}
