//! Collecting commands and running them all at once.

use crate::args::Args;
use crate::command::{Answer, CommandSpec, Flags, Group};
use crate::context::Ctx;
use crate::dispatch;
use crate::error::CmdError;
use crate::transaction::Transaction;

pub(super) const COMMANDS: &[CommandSpec] = &[DISCARD, EXEC, MULTI];

const MULTI: CommandSpec = CommandSpec {
    name: "MULTI",
    group: Group::Transactions,
    since: "1.2.0",
    summary: "Begins a transaction: the commands that follow are collected until EXEC.",
    complexity: "O(1)",
    flags: super::watch::FLAGS.or(Flags::NEVER_QUEUED),
    see_also: &["EXEC", "DISCARD", "WATCH"],
    examples: "\
> MULTI
OK
> INCR visits
QUEUED
> EXEC
1) (integer) 1
",
    run: multi,
    ..CommandSpec::DEFAULT
};

const EXEC: CommandSpec = CommandSpec {
    name: "EXEC",
    group: Group::Transactions,
    since: "1.2.0",
    summary: "Runs the commands collected since MULTI, with nobody else's in between.",
    complexity: "O(N) where N is what the commands of the transaction take.",
    flags: Flags::NOSCRIPT
        .or(Flags::LOADING)
        .or(Flags::STALE)
        .or(Flags::SKIP_SLOWLOG)
        .or(Flags::NEVER_QUEUED),
    see_also: &["MULTI", "DISCARD", "WATCH"],
    examples: "\
> MULTI
OK
> SET a 1
QUEUED
> LPUSH a x
QUEUED
> EXEC
1) OK
2) (error) WRONGTYPE Operation against a key holding the wrong kind of value
",
    run: exec,
    ..CommandSpec::DEFAULT
};

const DISCARD: CommandSpec = CommandSpec {
    name: "DISCARD",
    group: Group::Transactions,
    since: "2.0.0",
    summary: "Gives up the transaction that MULTI began, and stops watching keys.",
    complexity: "O(N), when N is the number of queued commands.",
    flags: super::watch::FLAGS.or(Flags::NEVER_QUEUED),
    see_also: &["MULTI", "EXEC", "UNWATCH"],
    examples: "\
> MULTI
OK
> SET a 1
QUEUED
> DISCARD
OK
> EXISTS a
(integer) 0
",
    run: discard,
    ..CommandSpec::DEFAULT
};

fn multi(ctx: &mut Ctx<'_>, _: Args<'_>) -> Result<Answer, CmdError> {
    if ctx.client.transaction.is_some() {
        return Err(CmdError::Msg("ERR MULTI calls can not be nested"));
    }
    ctx.client.transaction = Some(Box::new(Transaction::default()));
    ctx.reply.ok();
    Ok(Answer::Done)
}

fn discard(ctx: &mut Ctx<'_>, _: Args<'_>) -> Result<Answer, CmdError> {
    if end(ctx).is_none() {
        return Err(CmdError::Msg("ERR DISCARD without MULTI"));
    }
    ctx.reply.ok();
    Ok(Answer::Done)
}

/// Takes the client out of its transaction, watched keys included.
fn end(ctx: &mut Ctx<'_>) -> Option<Box<Transaction>> {
    let transaction = ctx.client.transaction.take()?;
    ctx.keys.effects.watches.forget(ctx.client.id);
    Some(transaction)
}

fn exec(ctx: &mut Ctx<'_>, _: Args<'_>) -> Result<Answer, CmdError> {
    let has_changed = ctx.keys.watched_has_changed(ctx.client.id);
    let Some(transaction) = end(ctx) else {
        return Err(CmdError::Msg("ERR EXEC without MULTI"));
    };
    if transaction.is_refused() {
        return Err(CmdError::Msg("EXECABORT Transaction discarded because of previous errors."));
    }
    if has_changed {
        ctx.reply.null_array();
        return Ok(Answer::Done);
    }
    ctx.reply.array(transaction.commands().len());
    let mut answer = Answer::Done;
    ctx.client.in_exec = true;
    for command in transaction.commands() {
        // SELECT may have moved the client to another database.
        ctx.keys.db = ctx.client.db;
        let call = dispatch::call_queued(ctx, &command.found(), command.args());
        if call == Answer::Close {
            answer = Answer::Close;
        }
    }
    ctx.client.in_exec = false;
    Ok(answer)
}
