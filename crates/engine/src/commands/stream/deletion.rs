//! Taking entries out: one by one, or from the beginning.

use super::options::{Options, TRIM};
use super::{IDS, REFERENCES, id, references_and_ids};
use crate::args::Args;
use crate::command::args::{KEY, word};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::types::stream::Stream;

pub(super) const COMMANDS: &[CommandSpec] = &[XDEL, XDELEX, XTRIM];

const XDEL: CommandSpec = CommandSpec {
    name: "XDEL",
    group: Group::Stream,
    since: "5.0.0",
    summary: "Deletes entries and tells how many there were; groups go on knowing them.",
    complexity: "O(1) for each entry.",
    flags: Flags::WRITE.or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RW", "delete"])],
    args: &[KEY, word("id").many()],
    see_also: &["XDELEX", "XTRIM", "XADD"],
    examples: "\
> XADD races 1-1 rider ana
\"1-1\"
> XDEL races 1-1 9-9
(integer) 1
> EXISTS races
(integer) 1
",
    run: xdel,
    ..CommandSpec::DEFAULT
};

const XDELEX: CommandSpec = CommandSpec {
    name: "XDELEX",
    group: Group::Stream,
    since: "8.2.0",
    summary: "Deletes entries, saying what becomes of those that groups still know or want.",
    complexity: "O(1) for each entry.",
    flags: Flags::WRITE.or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RW", "delete"])],
    args: &[KEY, REFERENCES, IDS],
    see_also: &["XDEL", "XACKDEL"],
    examples: "\
> XADD races 1-1 rider ana
\"1-1\"
> XGROUP CREATE races judges 0
OK
> XDELEX races ACKED IDS 2 1-1 9-9
1) (integer) 2
2) (integer) -1
> XDELEX races DELREF IDS 1 1-1
1) (integer) 1
",
    run: xdelex,
    ..CommandSpec::DEFAULT
};

const XTRIM: CommandSpec = CommandSpec {
    name: "XTRIM",
    group: Group::Stream,
    since: "5.0.0",
    summary: "Deletes the oldest entries, down to a length or up to an id.",
    complexity: "O(N), N being the number of entries that go; whole nodes go at once.",
    flags: Flags::WRITE,
    keys: &[KeySpec::one(1, &["RW", "delete"])],
    args: &[KEY, TRIM, REFERENCES.since("8.2.0")],
    history: &[
        ("6.2.0", "Knows `MINID` and `LIMIT`."),
        ("8.2.0", "Knows `KEEPREF`, `DELREF` and `ACKED`."),
    ],
    see_also: &["XADD", "XDEL"],
    examples: "\
> XADD races 1-1 rider ana
\"1-1\"
> XADD races 2-1 rider bo
\"2-1\"
> XTRIM races MINID 2
(integer) 1
> XTRIM races MAXLEN ~ 0
(integer) 1
",
    run: xtrim,
    ..CommandSpec::DEFAULT
};

fn xdel(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let Some(mut edit) = ctx.keys.edit::<Stream>(key)? else {
        ctx.reply.integer(0);
        return Ok(Answer::Done);
    };
    args.rest().try_for_each(|word| id(word).map(drop))?;
    let mut deleted = 0;
    for word in args.rest() {
        deleted += u64::from(edit.log.delete(id(word)?, &mut ctx.trace));
    }
    edit.changed_by(deleted, "xdel");
    ctx.reply.integer(deleted as i64);
    Ok(Answer::Done)
}

fn xdelex(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let (references, ids) = references_and_ids(&mut args)?;
    let mut edit = ctx.keys.edit::<Stream>(key)?;
    ctx.reply.array(ids.len());
    let mut deleted = 0;
    for id in ids {
        let outcome = match &mut edit {
            None => Some(false),
            Some(edit) => edit.delete_with(id, references, &mut ctx.trace),
        };
        deleted += u64::from(outcome == Some(true));
        ctx.reply.integer(outcome.map_or(2, |lived| if lived { 1 } else { -1 }));
    }
    if let Some(edit) = &mut edit {
        edit.changed_by(deleted, "xdel");
    }
    Ok(Answer::Done)
}

fn xtrim(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let trim = Options::of_trim(&mut args)?.trim(ctx.config).ok_or(CmdError::Syntax)?;
    let Some(mut edit) = ctx.keys.edit::<Stream>(key)? else {
        ctx.reply.integer(0);
        return Ok(Answer::Done);
    };
    let deleted = edit.trim(&trim, &mut ctx.trace);
    edit.changed_by(deleted, "xtrim");
    ctx.reply.integer(deleted as i64);
    Ok(Answer::Done)
}
