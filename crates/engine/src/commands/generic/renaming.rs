//! Giving keys other names.

use crate::args::Args;
use crate::command::args::{KEY, key};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::keyspace::Keys;

pub(super) const COMMANDS: &[CommandSpec] = &[RENAME, RENAMENX];

const RENAME: CommandSpec = CommandSpec {
    name: "RENAME",
    group: Group::Generic,
    since: "1.0.0",
    summary: "Gives a key another name; what had that name before is gone.",
    complexity: "O(1)",
    flags: Flags::WRITE,
    keys: &[KeySpec::one(1, &["RW", "access", "delete"]), KeySpec::one(2, &["OW", "update"])],
    args: &[KEY, key("newkey")],
    history: &[("3.2.0", "The new name may be the old one.")],
    see_also: &["RENAMENX", "COPY", "MOVE"],
    examples: "\
> SET draft hello
OK
> RENAME draft final
OK
> GET final
\"hello\"
",
    run: rename,
    ..CommandSpec::DEFAULT
};

const RENAMENX: CommandSpec = CommandSpec {
    name: "RENAMENX",
    group: Group::Generic,
    since: "1.0.0",
    summary: "Gives a key another name, unless that name is taken.",
    complexity: "O(1)",
    flags: Flags::WRITE.or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RW", "access", "delete"]), KeySpec::one(2, &["OW", "insert"])],
    args: &[KEY, key("newkey")],
    history: &[("3.2.0", "The new name may be the old one, which answers 0.")],
    see_also: &["RENAME"],
    examples: "\
> MSET a 1 b 2
OK
> RENAMENX a b
(integer) 0
> RENAMENX a c
(integer) 1
",
    run: renamenx,
    ..CommandSpec::DEFAULT
};

fn rename(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (from, to) = (args.next_word()?, args.next_word()?);
    if !ctx.keys.contains(from) {
        return Err(CmdError::NoSuchKey);
    }
    if from != to {
        move_to(&mut ctx.keys, from, to);
    }
    ctx.reply.ok();
    Ok(Answer::Done)
}

fn renamenx(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (from, to) = (args.next_word()?, args.next_word()?);
    if !ctx.keys.contains(from) {
        return Err(CmdError::NoSuchKey);
    }
    let is_free = !ctx.keys.contains(to);
    if is_free {
        move_to(&mut ctx.keys, from, to);
    }
    ctx.reply.integer(i64::from(is_free));
    Ok(Answer::Done)
}

/// Moves what `from` holds to `to`, another name.
fn move_to(keys: &mut Keys<'_>, from: &[u8], to: &[u8]) {
    let place = keys.locate(from);
    let Some(taken) = keys.take_at(place) else { return };
    let place = keys.locate(to);
    let (before, after) = (keys.type_at(place), taken.type_of());
    keys.give_at(place, to, taken);
    keys.changed(from, "rename_from");
    keys.note(to, "rename_to");
    keys.note_overwritten(before, after, to);
}
