//! Copies of keys, and keys that change their database.

use crate::args::Args;
use crate::command::args::{KEY, integer, key, token};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;

pub(super) const COMMANDS: &[CommandSpec] = &[COPY, MOVE];

const COPY: CommandSpec = CommandSpec {
    name: "COPY",
    group: Group::Generic,
    since: "6.2.0",
    summary: "Copies what a key holds, with its time to live, to another key.",
    complexity: "O(1); a part of a collection is copied when one of both is changed.",
    flags: Flags::WRITE.or(Flags::DENYOOM),
    keys: &[KeySpec::one(1, &["RO", "access"]), KeySpec::one(2, &["OW", "update"])],
    args: &[
        key("source"),
        key("destination"),
        integer("destination-db").after("DB").optional(),
        token("REPLACE").optional(),
    ],
    see_also: &["RENAME", "MOVE"],
    examples: "\
> SET sheep dolly
OK
> COPY sheep clone
(integer) 1
> GET clone
\"dolly\"
> COPY sheep clone
(integer) 0
",
    run: copy,
    ..CommandSpec::DEFAULT
};

const MOVE: CommandSpec = CommandSpec {
    name: "MOVE",
    group: Group::Generic,
    since: "1.0.0",
    summary: "Moves a key to another database, unless its name is taken there.",
    complexity: "O(1)",
    flags: Flags::WRITE.or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RW", "access", "update"])],
    args: &[KEY, integer("db")],
    see_also: &["COPY", "SWAPDB", "SELECT"],
    examples: "\
> SET a 1
OK
> MOVE a 1
(integer) 1
> EXISTS a
(integer) 0
",
    run: move_,
    ..CommandSpec::DEFAULT
};

const SAME: CmdError = CmdError::Msg("ERR source and destination objects are the same");

fn copy(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (from, to) = (args.next_word()?, args.next_word()?);
    let (mut db, mut replace) = (ctx.keys.db, false);
    while !args.is_empty() {
        if args.take_token("REPLACE") {
            replace = true;
        } else if args.len() >= 2 && args.take_token("DB") {
            db = ctx.keys.next_db(&mut args)?;
        } else {
            return Err(CmdError::Syntax);
        }
    }
    if db == ctx.keys.db && from == to {
        return Err(SAME);
    }
    let Some(value) = ctx.keys.value(from).cloned() else {
        ctx.reply.integer(0);
        return Ok(Answer::Done);
    };
    let deadline = ctx.keys.deadline(from).flatten();
    let mut there = ctx.keys.in_db(db);
    let place = there.locate(to);
    let is_copied = replace || !place.is_taken();
    if is_copied {
        let (before, after) = (there.type_at(place), value.type_of());
        let place = there.put_anew(place, to, value);
        if let Some(at) = deadline {
            there.set_deadline_at(place, at);
        }
        there.changed(to, "copy_to");
        there.note_overwritten(before, after, to);
    }
    ctx.reply.integer(i64::from(is_copied));
    Ok(Answer::Done)
}

fn move_(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let db = ctx.keys.next_db(&mut args)?;
    if db == ctx.keys.db {
        return Err(SAME);
    }
    let from = ctx.keys.locate(key);
    let mut there = ctx.keys.in_db(db);
    let to = there.locate(key);
    let is_moved = from.is_taken() && !to.is_taken();
    if is_moved && let Some(taken) = ctx.keys.take_at(from) {
        let mut there = ctx.keys.in_db(db);
        there.give_at(to, key, taken);
        ctx.keys.changed(key, "move_from");
        ctx.keys.in_db(db).note(key, "move_to");
    }
    ctx.reply.integer(i64::from(is_moved));
    Ok(Answer::Done)
}
