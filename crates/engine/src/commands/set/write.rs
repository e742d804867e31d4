//! Adding, removing and moving members.

use redarium_structures::trace::NoTrace;

use super::limits;
use crate::args::Args;
use crate::command::args::{KEY, key, word};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::types::set::Set;

pub(super) const COMMANDS: &[CommandSpec] = &[SADD, SREM, SMOVE];

const SADD: CommandSpec = CommandSpec {
    name: "SADD",
    group: Group::Set,
    since: "1.0.0",
    summary: "Adds members to a set and returns how many of them are new.",
    complexity: "O(1) for each member.",
    flags: Flags::WRITE.or(Flags::DENYOOM).or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RW", "insert"])],
    args: &[KEY, word("member").many()],
    history: &[("2.4.0", "Accepts several members.")],
    see_also: &["SREM", "SISMEMBER", "SMEMBERS"],
    examples: "\
> SADD colours red green red
(integer) 2
> SADD colours green
(integer) 0
",
    run: sadd,
    ..CommandSpec::DEFAULT
};

const SREM: CommandSpec = CommandSpec {
    name: "SREM",
    group: Group::Set,
    since: "1.0.0",
    summary: "Removes members from a set and returns how many were there.",
    complexity: "O(N), N being the number of members to be removed.",
    flags: Flags::WRITE.or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RW", "delete"])],
    args: &[KEY, word("member").many()],
    history: &[("2.4.0", "Accepts several members.")],
    see_also: &["SADD", "SPOP"],
    examples: "\
> SADD colours red green
(integer) 2
> SREM colours red blue
(integer) 1
",
    run: srem,
    ..CommandSpec::DEFAULT
};

const SMOVE: CommandSpec = CommandSpec {
    name: "SMOVE",
    group: Group::Set,
    since: "1.0.0",
    summary: "Moves a member from one set to another.",
    complexity: "O(1)",
    flags: Flags::WRITE.or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RW", "access", "delete"]), KeySpec::one(2, &["RW", "insert"])],
    args: &[key("source"), key("destination"), word("member")],
    see_also: &["SADD", "SREM"],
    examples: "\
> SADD todo write
(integer) 1
> SMOVE todo done write
(integer) 1
> SMOVE todo done write
(integer) 0
",
    run: smove,
    ..CommandSpec::DEFAULT
};

fn sadd(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let limits = limits(ctx);
    let mut edit = ctx.keys.edit_or_create::<Set>(key)?;
    let set = &mut *edit;
    set.make_room(args.peek().unwrap_or(b""), args.len(), &limits, &mut ctx.trace);
    let mut added = 0;
    for member in args.rest() {
        added += u64::from(set.add(member, &limits, &mut ctx.trace));
    }
    edit.changed_by(added, "sadd");
    drop(edit);
    ctx.reply.integer(added as i64);
    Ok(Answer::Done)
}

fn srem(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let mut removed = 0;
    if let Some(mut set) = ctx.keys.edit::<Set>(key)? {
        for member in args.rest() {
            removed += u64::from(set.remove(member, &mut ctx.trace));
        }
        set.changed_by(removed, "srem");
    }
    ctx.reply.integer(removed as i64);
    Ok(Answer::Done)
}

fn smove(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (source, destination, member) = (args.next_word()?, args.next_word()?, args.next_word()?);
    let limits = limits(ctx);
    let keys = &mut ctx.keys;
    keys.find(source);
    keys.find(destination);
    let is_member = match keys.peek_as::<Set>(source)? {
        None => {
            ctx.reply.integer(0);
            return Ok(Answer::Done);
        }
        Some(set) => set.contains(member, &mut NoTrace),
    };
    keys.peek_as::<Set>(destination)?;
    if is_member && source != destination {
        if let Some(mut set) = ctx.keys.edit::<Set>(source)? {
            set.remove(member, &mut ctx.trace);
            set.changed("srem");
        }
        let mut set = ctx.keys.edit_or_create::<Set>(destination)?;
        set.make_room(member, 1, &limits, &mut ctx.trace);
        let is_new = set.add(member, &limits, &mut ctx.trace);
        set.changed_by(u64::from(is_new), "sadd");
    }
    ctx.reply.integer(i64::from(is_member));
    Ok(Answer::Done)
}
