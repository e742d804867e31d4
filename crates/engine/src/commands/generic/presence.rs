//! Whether keys are there, and what they hold.

use crate::args::Args;
use crate::command::args::KEY;
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;

pub(super) const COMMANDS: &[CommandSpec] = &[EXISTS, TYPE, TOUCH];

const EXISTS: CommandSpec = CommandSpec {
    name: "EXISTS",
    group: Group::Generic,
    since: "1.0.0",
    summary: "Counts which of the given keys exist; a key given twice counts twice.",
    complexity: "O(N) in the number of keys.",
    flags: Flags::READONLY.or(Flags::FAST),
    keys: &[KeySpec::range(1, -1, 1, &["RO"])],
    args: &[KEY.many()],
    history: &[("3.0.3", "Takes several keys.")],
    see_also: &["TYPE", "TOUCH"],
    examples: "\
> SET a 1
OK
> EXISTS a
(integer) 1
> EXISTS a a nothing
(integer) 2
",
    run: exists,
    ..CommandSpec::DEFAULT
};

const TYPE: CommandSpec = CommandSpec {
    name: "TYPE",
    group: Group::Generic,
    since: "1.0.0",
    summary: "Tells the type of what a key holds, or none.",
    complexity: "O(1)",
    flags: Flags::READONLY.or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RO"])],
    args: &[KEY],
    see_also: &["OBJECT", "EXISTS"],
    examples: "\
> SET a 1
OK
> TYPE a
string
> TYPE b
none
",
    run: type_,
    ..CommandSpec::DEFAULT
};

const TOUCH: CommandSpec = CommandSpec {
    name: "TOUCH",
    group: Group::Generic,
    since: "3.2.1",
    summary: "Makes keys count as just used and answers how many of them exist.",
    complexity: "O(N) in the number of keys.",
    flags: Flags::READONLY.or(Flags::FAST),
    keys: &[KeySpec::range(1, -1, 1, &["RO"])],
    args: &[KEY.many()],
    see_also: &["OBJECT", "EXISTS"],
    examples: "\
> SET a 1
OK
> TOUCH a b
(integer) 1
",
    run: touch,
    ..CommandSpec::DEFAULT
};

fn exists(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    let found = args.rest().filter(|key| ctx.keys.look(key).is_some()).count();
    ctx.reply.count(found);
    Ok(Answer::Done)
}

fn type_(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let found = ctx.keys.look(key);
    let name = found.map_or("none", |id| ctx.keys.database().entry(id).value.type_of().name());
    ctx.reply.simple(name);
    Ok(Answer::Done)
}

fn touch(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    let found = args.rest().filter(|key| ctx.keys.touch(key)).count();
    ctx.reply.count(found);
    Ok(Answer::Done)
}
