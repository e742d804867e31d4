//! Which keys there are: all that match, or any one.

use redarium_structures::glob;

use crate::args::Args;
use crate::command::args::pattern;
use crate::command::{Answer, CommandSpec, Flags, Group};
use crate::context::Ctx;
use crate::error::CmdError;

pub(super) const COMMANDS: &[CommandSpec] = &[KEYS, RANDOMKEY];

const KEYS: CommandSpec = CommandSpec {
    name: "KEYS",
    group: Group::Generic,
    since: "1.0.0",
    summary: "Lists all keys that match a pattern; SCAN does it without stopping everyone.",
    complexity: "O(N) in the number of keys of the database.",
    flags: Flags::READONLY.or(Flags::DANGEROUS),
    args: &[pattern("pattern")],
    see_also: &["SCAN", "RANDOMKEY", "DBSIZE"],
    examples: "\
> MSET page:home 12 page:help 3 user:1 ann
OK
> KEYS user:?
1) \"user:1\"
> KEYS *login*
(empty array)
",
    run: keys,
    ..CommandSpec::DEFAULT
};

const RANDOMKEY: CommandSpec = CommandSpec {
    name: "RANDOMKEY",
    group: Group::Generic,
    since: "1.0.0",
    summary: "Returns any key of the database.",
    complexity: "O(1)",
    flags: Flags::READONLY.or(Flags::TOUCHES_ARBITRARY_KEYS),
    args: &[],
    see_also: &["KEYS", "SCAN"],
    examples: "\
> RANDOMKEY
(nil)
> SET only 1
OK
> RANDOMKEY
\"only\"
",
    run: randomkey,
    ..CommandSpec::DEFAULT
};

fn keys(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let pattern = args.next_word()?;
    let mark = ctx.reply.begin_array();
    let mut found = 0;
    for (id, entry) in ctx.keys.database().table().iter() {
        if (pattern == b"*" || glob::matches(pattern, &entry.key, false)) && !ctx.keys.is_dead(id) {
            ctx.reply.bulk(&entry.key);
            found += 1;
        }
    }
    ctx.reply.end_array(mark, found);
    Ok(Answer::Done)
}

fn randomkey(ctx: &mut Ctx<'_>, _: Args<'_>) -> Result<Answer, CmdError> {
    match ctx.keys.random(ctx.rng) {
        Some(id) => ctx.reply.bulk(&ctx.keys.database().entry(id).key),
        None => ctx.reply.null(),
    }
    Ok(Answer::Done)
}
