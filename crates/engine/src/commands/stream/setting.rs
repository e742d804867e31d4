//! What a stream remembers beside its entries: its last id, and the names of messages.

use super::id;
use crate::args::Args;
use crate::command::args::{KEY, integer, word};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::types::stream::{Stream, StreamId};

pub(super) const COMMANDS: &[CommandSpec] = &[XCFGSET, XSETID];

const XCFGSET: CommandSpec = CommandSpec {
    name: "XCFGSET",
    group: Group::Stream,
    since: "8.6.0",
    summary: "Sets for how long and how many names of messages a stream remembers of each producer.",
    complexity: "O(1)",
    flags: Flags::WRITE.or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RW", "update"])],
    args: &[
        KEY,
        integer("idmp-duration").after("IDMP-DURATION").optional(),
        integer("idmp-maxsize").after("IDMP-MAXSIZE").optional(),
    ],
    see_also: &["XADD", "XINFO STREAM"],
    examples: "\
> XADD races IDMP line 1 * rider ana
\"1767603600000-0\"
> XADD races IDMP line 1 * rider ana
\"1767603600000-0\"
> XCFGSET races IDMP-DURATION 300
OK
> XADD races IDMP line 1 * rider ana
\"1767603600000-1\"
",
    run: xcfgset,
    ..CommandSpec::DEFAULT
};

const XSETID: CommandSpec = CommandSpec {
    name: "XSETID",
    group: Group::Stream,
    since: "5.0.0",
    summary: "Sets a stream's last id, as replicas need it.",
    complexity: "O(1)",
    flags: Flags::WRITE.or(Flags::DENYOOM).or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RW", "update"])],
    args: &[
        KEY,
        word("last-id"),
        integer("entries-added").after("ENTRIESADDED").optional().since("7.0.0"),
        word("max-deleted-id").after("MAXDELETEDID").optional().since("7.0.0"),
    ],
    history: &[("7.0.0", "Knows `ENTRIESADDED` and `MAXDELETEDID`.")],
    see_also: &["XADD", "XINFO STREAM"],
    examples: "\
> XADD races 1-1 rider ana
\"1-1\"
> XSETID races 5-0
OK
> XADD races 5-* rider bo
\"5-1\"
",
    run: xsetid,
    ..CommandSpec::DEFAULT
};

fn xcfgset(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let (mut duration_s, mut max_size) = (None, None);
    while args.len() > 1 {
        if args.take_token("IDMP-DURATION") {
            let seconds = args.next_i64()?;
            if !(1..=86_400).contains(&seconds) {
                return Err(CmdError::Msg("ERR IDMP-DURATION must be between 1 and 86400 seconds"));
            }
            duration_s = Some(seconds);
        } else if args.take_token("IDMP-MAXSIZE") {
            let size = args.next_i64()?;
            if !(1..=10_000).contains(&size) {
                return Err(CmdError::Msg("ERR IDMP-MAXSIZE must be between 1 and 10000 entries"));
            }
            max_size = Some(size);
        } else {
            return Err(CmdError::Syntax);
        }
    }
    args.finish()?;
    if duration_s.is_none() && max_size.is_none() {
        return Err(CmdError::Syntax);
    }
    let mut edit = ctx.keys.edit::<Stream>(key)?.ok_or(CmdError::NoSuchKey)?;
    let producers = edit.producers_mut();
    let before = (producers.duration_s, producers.max_size);
    producers.duration_s = duration_s.or(producers.duration_s);
    producers.max_size = max_size.or(producers.max_size);
    if before != (producers.duration_s, producers.max_size) {
        producers.clear();
    }
    edit.changed_quietly();
    ctx.reply.ok();
    Ok(Answer::Done)
}

fn xsetid(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let last = id(args.next_word()?)?;
    let (mut added, mut max_deleted) = (None, StreamId::MIN);
    while args.len() > 1 {
        if args.take_token("ENTRIESADDED") {
            let count = u64::try_from(args.next_i64()?)
                .map_err(|_negative| CmdError::Msg("ERR entries_added must be positive"))?;
            added = Some(count);
        } else if args.take_token("MAXDELETEDID") {
            max_deleted = id(args.next_word()?)?;
            if last < max_deleted {
                return Err(CmdError::Msg(
                    "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id",
                ));
            }
        } else {
            return Err(CmdError::Syntax);
        }
    }
    args.finish()?;
    let mut edit = ctx.keys.edit::<Stream>(key)?.ok_or(CmdError::NoSuchKey)?;
    check(&edit, last, added)?;
    let log = &mut edit.log;
    log.last_id = last;
    if let Some(added) = added {
        log.entries_added = added;
    }
    if max_deleted > StreamId::MIN {
        log.max_deleted_id = max_deleted;
    }
    edit.changed("xsetid");
    ctx.reply.ok();
    Ok(Answer::Done)
}

/// Whether a stream may have this last id, and have had so many entries.
fn check(stream: &Stream, last: StreamId, added: Option<u64>) -> Result<(), CmdError> {
    let log = &stream.log;
    if last < log.max_deleted_id {
        return Err(CmdError::Msg(
            "ERR The ID specified in XSETID is smaller than current max_deleted_entry_id",
        ));
    }
    if log.edge(true).is_some_and(|top| last < top.id) {
        return Err(CmdError::Msg(
            "ERR The ID specified in XSETID is smaller than the target stream top item",
        ));
    }
    if added.is_some_and(|added| added < log.len()) {
        return Err(CmdError::Msg(
            "ERR The entries_added specified in XSETID is smaller than the target stream length",
        ));
    }
    Ok(())
}
