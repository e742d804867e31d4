//! Snapshots and the log of commands: writing them, and the end of the node.

use crate::args::Args;
use crate::command::args::{one_of, token};
use crate::command::{Answer, CommandSpec, Flags, Group};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::persistence::Claim;
use crate::persistence::tick::has_save_points;

pub(super) const COMMANDS: &[CommandSpec] = &[BGREWRITEAOF, BGSAVE, LASTSAVE, SAVE, SHUTDOWN];

const SAVE: CommandSpec = CommandSpec {
    name: "SAVE",
    group: Group::Server,
    since: "1.0.0",
    summary: "Writes all data to the snapshot file while everybody waits.",
    complexity: "O(N) in all data.",
    flags: Flags::ADMIN.or(Flags::NOSCRIPT).or(Flags::NO_ASYNC_LOADING).or(Flags::NO_MULTI),
    see_also: &["BGSAVE", "LASTSAVE"],
    examples: "\
> SET a 1
OK
> SAVE
OK
",
    run: save,
    ..CommandSpec::DEFAULT
};

const BGSAVE: CommandSpec = CommandSpec {
    name: "BGSAVE",
    group: Group::Server,
    since: "1.0.0",
    summary: "Begins to write all data, as it is now, to the snapshot file in the background.",
    complexity: "O(N) in the number of keys divided by 256.",
    flags: Flags::ADMIN.or(Flags::NOSCRIPT).or(Flags::NO_ASYNC_LOADING),
    args: &[token("SCHEDULE").optional().since("3.2.2")],
    history: &[("3.2.2", "Takes SCHEDULE.")],
    see_also: &["SAVE", "LASTSAVE"],
    examples: "\
> BGSAVE
Background saving started
> BGSAVE
(error) ERR Background save already in progress
",
    run: bgsave,
    ..CommandSpec::DEFAULT
};

const LASTSAVE: CommandSpec = CommandSpec {
    name: "LASTSAVE",
    group: Group::Server,
    since: "1.0.0",
    summary: "Tells when the last snapshot was complete, in seconds since 1970.",
    complexity: "O(1)",
    flags: Flags::LOADING.or(Flags::STALE).or(Flags::FAST),
    acl: Some(&["admin", "dangerous"]),
    see_also: &["SAVE", "BGSAVE"],
    run: last_save,
    ..CommandSpec::DEFAULT
};

const BGREWRITEAOF: CommandSpec = CommandSpec {
    name: "BGREWRITEAOF",
    group: Group::Server,
    since: "1.0.0",
    summary: "Begins to write the log of commands anew, as short as it can be, in the background.",
    complexity: "O(N) in the number of keys divided by 256.",
    flags: Flags::ADMIN.or(Flags::NOSCRIPT).or(Flags::NO_ASYNC_LOADING),
    see_also: &["BGSAVE", "CONFIG SET"],
    examples: "\
> CONFIG SET appendonly yes
OK
> BGREWRITEAOF
Background append only file rewriting started
",
    run: rewrite,
    ..CommandSpec::DEFAULT
};

const SHUTDOWN: CommandSpec = CommandSpec {
    name: "SHUTDOWN",
    group: Group::Server,
    since: "1.0.0",
    summary: "Writes what is to be kept and ends the node.",
    complexity: "O(N) in all data if it is saved, else O(1).",
    flags: Flags::ADMIN
        .or(Flags::NOSCRIPT)
        .or(Flags::LOADING)
        .or(Flags::STALE)
        .or(Flags::NO_MULTI)
        .or(Flags::SENTINEL)
        .or(Flags::ALLOW_BUSY),
    args: &[
        one_of("nosave_save", &[token("NOSAVE"), token("SAVE")]).optional(),
        token("NOW").optional().since("7.0.0"),
        token("FORCE").optional().since("7.0.0"),
        token("ABORT").optional().since("7.0.0"),
    ],
    history: &[("7.0.0", "Takes NOW, FORCE and ABORT.")],
    see_also: &["SAVE"],
    examples: "\
> SHUTDOWN ABORT
(error) ERR No shutdown in progress.
",
    run: shutdown,
    ..CommandSpec::DEFAULT
};

const IN_PROGRESS: CmdError = CmdError::Msg("ERR Background save already in progress");

/// Refuses what needs files where the host keeps none.
fn check_files(ctx: &Ctx<'_>) -> Result<(), CmdError> {
    if ctx.persistence.has_files() {
        Ok(())
    } else {
        Err(CmdError::Msg("ERR this node keeps no files; start it with --dir to have some"))
    }
}

fn save(ctx: &mut Ctx<'_>, _: Args<'_>) -> Result<Answer, CmdError> {
    check_files(ctx)?;
    if ctx.persistence.is_saving() {
        return Err(IN_PROGRESS);
    }
    let claim = Claim::next(ctx);
    let (persistence, data, effects) = ctx.saving();
    persistence.save(data, effects, Some(claim))?;
    ctx.reply.ok();
    Ok(Answer::Done)
}

fn bgsave(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let is_scheduling = args.take_token("SCHEDULE");
    args.finish()?;
    check_files(ctx)?;
    if ctx.persistence.is_saving() {
        return Err(IN_PROGRESS);
    }
    if ctx.persistence.is_rewriting() {
        if !is_scheduling {
            return Err(CmdError::Msg(
                "ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in order to \
                 schedule a BGSAVE whenever possible.",
            ));
        }
        ctx.persistence.schedule_saving();
        ctx.reply.simple("Background saving scheduled");
    } else {
        let (persistence, data, effects) = ctx.saving();
        persistence.begin_saving(data, effects);
        ctx.reply.simple("Background saving started");
    }
    Ok(Answer::Done)
}

fn last_save(ctx: &mut Ctx<'_>, _: Args<'_>) -> Result<Answer, CmdError> {
    ctx.reply.integer(ctx.persistence.saved_at / 1000);
    Ok(Answer::Done)
}

fn rewrite(ctx: &mut Ctx<'_>, _: Args<'_>) -> Result<Answer, CmdError> {
    check_files(ctx)?;
    if ctx.persistence.is_rewriting() {
        let text = "ERR Background append only file rewriting already in progress";
        return Err(CmdError::Msg(text));
    }
    if ctx.persistence.is_saving() {
        ctx.persistence.schedule_rewriting();
        ctx.reply.simple("Background append only file rewriting scheduled");
    } else {
        let (persistence, data, effects) = ctx.saving();
        persistence.begin_rewriting(data, effects)?;
        ctx.reply.simple("Background append only file rewriting started");
    }
    Ok(Answer::Done)
}

fn shutdown(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let mut is_saved = None;
    let (mut is_aborting, mut is_hasty, mut is_forced) = (false, false, false);
    while !args.is_empty() {
        if is_saved != Some(true) && args.take_token("NOSAVE") {
            is_saved = Some(false);
        } else if is_saved != Some(false) && args.take_token("SAVE") {
            is_saved = Some(true);
        } else if args.take_token("NOW") {
            // There is nobody to wait for.
            is_hasty = true;
        } else if args.take_token("FORCE") {
            is_forced = true;
        } else if args.take_token("ABORT") {
            is_aborting = true;
        } else {
            return Err(CmdError::Syntax);
        }
    }
    if is_aborting {
        let is_alone = is_saved.is_none() && !is_hasty && !is_forced;
        let text = "ERR No shutdown in progress.";
        return Err(if is_alone { CmdError::Msg(text) } else { CmdError::Syntax });
    }
    if let Some(run) = ctx.scripts.running().filter(|_| is_saved != Some(false)) {
        // Half of what the script does must not be saved.
        return Err(CmdError::Msg(run.busy_text()));
    }
    if is_saved == Some(true) {
        check_files(ctx)?;
    }
    let is_saved = is_saved.unwrap_or_else(|| has_save_points(ctx.config));
    let claim = Some(Claim::next(ctx)).filter(|_| !is_forced);
    let (persistence, data, effects) = ctx.saving();
    persistence.shut_down(data, effects, is_saved, claim, is_forced)?;
    Ok(Answer::Close)
}
