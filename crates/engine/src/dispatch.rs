//! From the words of a command to its handler: lookup, arity, authentication, then the handler itself.
//!
//! Each check is one function that may refuse; a later check relies on the earlier ones.

use redarium_resp::encode::Protocol;

use crate::acl::rights;
use crate::args::Args;
use crate::blocking::{Pause, Wait, Waiting};
use crate::client::{Client, Replies};
use crate::command::{Answer, CommandSpec, Flags, Group, derive};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::eviction;
use crate::hot_keys;
use crate::monitor;
use crate::persistence::canonical;
use crate::persistence::log::Mark;
use crate::stats::Stats;
use crate::table::{self, CommandId, Row};
use crate::timing;

/// Bytes of the words that an "unknown command" error repeats.
const UNKNOWN_ARGS_MAX: usize = 128;

/// Runs one command; its reply or error stands in `ctx.reply` afterwards.
#[inline]
pub(crate) fn run(ctx: &mut Ctx<'_>, args: Args<'_>) -> Answer {
    if ctx.keys.effects.tracking.is_empty() {
        run_untracked(ctx, args)
    } else {
        run_tracked(ctx, args)
    }
}

/// Runs a command while some client keeps copies of what it has read; what is to be told of follows the reply.
#[cold]
fn run_tracked(ctx: &mut Ctx<'_>, args: Args<'_>) -> Answer {
    begin_tracked(ctx);
    let answer = run_untracked(ctx, args);
    end_tracked(ctx);
    answer
}

fn begin_tracked(ctx: &mut Ctx<'_>) {
    let id = ctx.client.id;
    ctx.keys.effects.tracking.begin(id, ctx.config.tracking_table_max_keys, ctx.rng);
    ctx.deliver_notices();
    ctx.reply.out.append(&mut ctx.client.pushes);
}

fn end_tracked(ctx: &mut Ctx<'_>) {
    let id = ctx.client.id;
    let is_about_clients = ctx
        .client
        .last_command
        .is_some_and(|(_, container)| container.is_some_and(|spec| spec.name == "CLIENT"));
    let tracking = &mut ctx.keys.effects.tracking;
    if !is_about_clients
        && ctx.client.transaction.is_none()
        && let Some(tracker) = tracking.tracker_mut(id)
    {
        tracker.is_caching_said = false;
    }
    tracking.end();
    ctx.deliver_notices();
}

fn run_untracked(ctx: &mut Ctx<'_>, args: Args<'_>) -> Answer {
    let reply_start = ctx.reply.out.len();
    match admit(ctx, args) {
        Ok(found)
            if ctx.client.transaction.is_some() && !found.spec.flags.has(Flags::NEVER_QUEUED) =>
        {
            queue(ctx, &found, args);
        }
        Ok(found) => return call(ctx, &found, args),
        Err(_) if is_cross_protocol(args) => {
            ctx.reply.out.clear();
            return Answer::Close;
        }
        Err(error) => refuse(ctx, args, error),
    }
    if ctx.client.replies != Replies::On {
        withhold(ctx, reply_start);
    }
    Answer::Done
}

/// Runs the handler of a command that was admitted; `args` are all its words.
#[inline]
pub(crate) fn call(ctx: &mut Ctx<'_>, found: &Found, args: Args<'_>) -> Answer {
    let reply_start = ctx.reply.out.len();
    let started = ctx.timing.started;
    // One that waited and runs again has been counted and shown.
    let is_first_time = matches!(ctx.client.waiting, Waiting::No);
    if is_first_time {
        ctx.stats.commands += 1;
        ctx.client.commands += 1;
    }
    let logged = ctx.is_logged().then(|| ctx.keys.effects.log.begin(ctx.keys.effects.dirty));
    let result = (found.spec.run)(ctx, args.skip(found.name_words()));
    let mut micros = 0;
    if !ctx.client.is_blocked() {
        micros = timing::account(ctx, found, args, started, result.is_err());
    }
    let answer = result.unwrap_or_else(|error| {
        ctx.reply.out.truncate(reply_start);
        if let CmdError::Counted(text) = error {
            ctx.reply.error(text);
        } else {
            answer_error(ctx, error.into_bytes());
        }
        Answer::Done
    });
    if ctx.timing.hot_keys.is_on() && !ctx.client.is_blocked() {
        hot_keys::count(ctx, found, args, micros, ctx.reply.out.len() - reply_start);
    }
    if !ctx.keys.effects.events.is_empty() {
        ctx.tell_events();
    }
    if let Some(mark) = logged {
        log_effects(ctx, found.spec, args, &mark);
    }
    if found.spec.flags.has(Flags::READONLY) && !ctx.keys.effects.tracking.is_empty() {
        remember_reads(ctx, found.spec, args);
    }
    if is_first_time && !ctx.clients.monitors().is_empty() {
        monitor::show(ctx, found, args);
    }
    if ctx.client.replies != Replies::On && !ctx.client.is_blocked() {
        withhold(ctx, reply_start);
    }
    answer
}

/// Gives the script of a client, whose command is `args`, another slice; its reply stands in `ctx.reply` if it has ended.
pub(crate) fn run_on(ctx: &mut Ctx<'_>, args: Args<'_>) -> Answer {
    let Ok(found) = resolve(args) else { return Answer::Done };
    let is_tracked = !ctx.keys.effects.tracking.is_empty();
    if is_tracked {
        begin_tracked(ctx);
    }
    let answer = call(ctx, &found, args);
    if is_tracked {
        end_tracked(ctx);
    }
    answer
}

/// Counts a command whose client has waited in vain: it does not run again, which would count it.
pub(crate) fn count_given_up(stats: &mut Stats, wait: &Wait, has_failed: bool) {
    if let Ok(found) = resolve(Args::new(wait.words.buf(), wait.words.spans())) {
        let row = stats.by_command.row(found.id);
        row.calls += 1;
        row.failed += u64::from(has_failed);
    }
}

/// Whether a command has to wait for the end of a pause; what would be refused anyway is refused at once.
pub(crate) fn is_paused(client: &Client, args: Args<'_>, pause: Pause) -> bool {
    let may_write =
        |spec: &CommandSpec| spec.flags.has(Flags::WRITE) || spec.flags.has(Flags::MAY_REPLICATE);
    let Ok(found) = resolve(args) else { return false };
    let queued = client.transaction.as_ref().filter(|_| found.spec.name == "EXEC");
    let writes_queued = || {
        queued.is_some_and(|queue| queue.commands().iter().any(|command| may_write(command.spec)))
    };
    check_arity(&found, args).is_ok()
        && client.authenticated
        && (pause.everything || may_write(found.spec) || writes_queued())
}

/// Has what a command did logged, in its own words unless it has said others.
#[cold]
fn log_effects(ctx: &mut Ctx<'_>, spec: &CommandSpec, args: Args<'_>, mark: &Mark) {
    let can_change = spec.flags.has(Flags::WRITE) || spec.flags.has(Flags::MAY_REPLICATE);
    let dirty = if can_change { ctx.keys.effects.dirty } else { mark.dirty };
    if dirty != mark.dirty && !ctx.keys.effects.log.is_said() {
        canonical::put(&mut ctx.keys, args);
    }
    let (effects, db) = (&mut *ctx.keys.effects, ctx.keys.db);
    effects.log.end(mark, dirty, db, args.all());
}

/// Notes which keys a client that tracks has read.
#[cold]
fn remember_reads(ctx: &mut Ctx<'_>, spec: &CommandSpec, args: Args<'_>) {
    let tracking = &mut ctx.keys.effects.tracking;
    // Of a script, the commands that it calls are what reads.
    if tracking.tracker(ctx.client.id).is_some() && spec.group != Group::Scripting {
        let words: Vec<_> = args.all().collect();
        let keys = spec.keys.iter().flat_map(|keys| keys.positions(&words));
        tracking.remember(ctx.client.id, keys.filter_map(|at| words.get(at).copied()));
    }
}

/// Runs a command that EXEC takes from its queue, if the client may still run it.
pub(crate) fn call_queued(ctx: &mut Ctx<'_>, found: &Found, args: Args<'_>) -> Answer {
    if ctx.client.restricted
        && let Err(error) = rights::check_in_exec(ctx, found, args)
    {
        answer_error(ctx, error.into_bytes());
        return Answer::Done;
    }
    call(ctx, found, args)
}

/// Keeps a command for EXEC.
#[cold]
fn queue(ctx: &mut Ctx<'_>, found: &Found, args: Args<'_>) {
    // What EXEC will not run anyway need not be kept.
    let is_lost = ctx.keys.effects.watches.has_changed(ctx.client.id);
    if let Some(transaction) = &mut ctx.client.transaction
        && !is_lost
    {
        transaction.queue(found, args);
    }
    ctx.reply.queued();
}

/// Answers a command that was not admitted; a transaction that it was to be part of, or that it was to run, is lost.
#[cold]
fn refuse(ctx: &mut Ctx<'_>, args: Args<'_>, error: CmdError) {
    let mut text = error.into_bytes();
    if let Some(transaction) = &mut ctx.client.transaction {
        transaction.refuse();
    }
    if args.word(0).is_some_and(|name| name.eq_ignore_ascii_case(b"exec")) {
        ctx.client.transaction = None;
        ctx.keys.effects.watches.forget(ctx.client.id);
        let reason = text.strip_prefix(b"ERR ").unwrap_or(&text);
        text = [b"EXECABORT Transaction discarded because of: ", reason].concat();
    }
    answer_error(ctx, text);
}

fn answer_error(ctx: &mut Ctx<'_>, text: Vec<u8>) {
    ctx.stats.count_error(&text);
    ctx.reply.error(text);
}

/// Whether this is a line of a web request: some page makes a browser talk to the node, and gets nothing out of it.
fn is_cross_protocol(args: Args<'_>) -> bool {
    args.word(0).is_some_and(|name| {
        name.eq_ignore_ascii_case(b"post") || name.eq_ignore_ascii_case(b"host:")
    })
}

/// Takes back a reply that CLIENT REPLY has asked not to be sent.
#[cold]
fn withhold(ctx: &mut Ctx<'_>, reply_start: usize) {
    ctx.reply.out.truncate(reply_start);
    ctx.client.replies = match ctx.client.replies {
        Replies::SkipNext => Replies::Skip,
        Replies::Skip => Replies::On,
        same => same,
    };
}

/// Finds the command and checks all that can be checked before it runs or is queued.
#[inline]
fn admit(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Found, CmdError> {
    let found = resolve(args)?;
    ctx.client.last_command = Some((found.spec, found.container));
    check(ctx, &found, args).inspect_err(|_| ctx.stats.by_command.row(found.id).rejected += 1)?;
    Ok(found)
}

#[inline]
fn check(ctx: &mut Ctx<'_>, found: &Found, args: Args<'_>) -> Result<(), CmdError> {
    check_arity(found, args)?;
    check_authenticated(ctx, found.spec)?;
    check_multi(ctx, found.spec)?;
    check_subscribed(ctx, found)?;
    monitor::check(ctx, found.spec)?;
    if ctx.client.restricted {
        rights::check(ctx, found, args)?;
    }
    if ctx.config.maxmemory > 0 {
        eviction::make_room(ctx, found)?;
    }
    if ctx.persistence.may_refuse {
        check_files(ctx, found.spec)?;
    }
    if ctx.scripts.is_running() {
        check_busy(ctx, found.spec)?;
    }
    Ok(())
}

/// Refuses to change what cannot be written, and PING, so that whoever watches over the node hears of it.
#[cold]
fn check_files(ctx: &Ctx<'_>, spec: &CommandSpec) -> Result<(), CmdError> {
    let queued = ctx.client.transaction.as_ref().filter(|_| spec.name == "EXEC");
    let writes_queued = || {
        let mut commands = queued.into_iter().flat_map(|queue| queue.commands());
        commands.any(|command| command.spec.flags.has(Flags::WRITE))
    };
    if spec.flags.has(Flags::WRITE) || spec.name == "PING" || writes_queued() {
        ctx.persistence.refusal(ctx.config).map_or(Ok(()), Err)
    } else {
        Ok(())
    }
}

/// While a script runs too long, others may do little more than end it.
#[cold]
fn check_busy(ctx: &Ctx<'_>, spec: &CommandSpec) -> Result<(), CmdError> {
    match ctx.scripts.running() {
        Some(run) if !spec.flags.has(Flags::ALLOW_BUSY) => Err(CmdError::Msg(run.busy_text())),
        _ => Ok(()),
    }
}

/// A command or subcommand that words name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    /// The spec with the handler.
    pub(crate) spec: &'static CommandSpec,
    /// The command that contains it, if it is a subcommand.
    pub(crate) container: Option<&'static CommandSpec>,
    /// As [`CommandSpec::effective_arity`] says.
    pub(crate) arity: i64,
    /// Its number in tables and sets of commands.
    pub(crate) id: CommandId,
}

impl Found {
    /// How many words its name takes.
    #[inline]
    pub(crate) fn name_words(&self) -> usize {
        if self.container.is_some() { 2 } else { 1 }
    }

    /// Its full name as errors and statistics write it: lower case, `config|get`.
    pub(crate) fn full_name(&self) -> String {
        self.spec.full_name(self.container)
    }
}

/// Finds the command that the words name, or says that there is none.
#[inline]
pub(crate) fn resolve(args: Args<'_>) -> Result<Found, CmdError> {
    let name = args.word(0).unwrap_or(b"");
    let Some(Row { spec, arity, id }) = table::lookup_row(name) else {
        return Err(unknown_command(name, args));
    };
    if spec.subcommands.is_empty() {
        return Ok(Found { spec, container: None, arity, id });
    }
    let Some(word) = args.word(1) else {
        // COMMAND is the one container that is also a command.
        return if spec.accepts(1, false) {
            Ok(Found { spec, container: None, arity, id })
        } else {
            Err(CmdError::Arity(spec.full_name(None)))
        };
    };
    match spec.subcommand_at(word).and_then(|at| Some((at, spec.subcommands.get(at)?))) {
        Some((at, sub)) => {
            let (arity, id) = (sub.effective_arity(true), table::subcommand_id(id, at));
            Ok(Found { spec: sub, container: Some(spec), arity, id })
        }
        None => Err(unknown_subcommand(spec, word)),
    }
}

#[inline]
fn check_arity(found: &Found, args: Args<'_>) -> Result<(), CmdError> {
    if derive::accepts(found.arity, args.total()) {
        Ok(())
    } else {
        Err(CmdError::Arity(found.full_name()))
    }
}

#[inline]
fn check_authenticated(ctx: &Ctx<'_>, spec: &CommandSpec) -> Result<(), CmdError> {
    if ctx.client.authenticated
        || spec.flags.has(Flags::NO_AUTH)
        || ctx.acl.default_user().admits_anyone()
    {
        Ok(())
    } else {
        Err(CmdError::Msg("NOAUTH Authentication required."))
    }
}

#[inline]
fn check_multi(ctx: &Ctx<'_>, spec: &CommandSpec) -> Result<(), CmdError> {
    if ctx.client.transaction.is_some() && spec.flags.has(Flags::NO_MULTI) {
        return Err(CmdError::Msg("ERR Command not allowed inside a transaction"));
    }
    Ok(())
}

/// What a RESP2 client may do while it listens.
const ALLOWED_TO_LISTENERS: [&str; 9] = [
    "PING",
    "SUBSCRIBE",
    "SSUBSCRIBE",
    "UNSUBSCRIBE",
    "SUNSUBSCRIBE",
    "PSUBSCRIBE",
    "PUNSUBSCRIBE",
    "QUIT",
    "RESET",
];

/// A RESP2 client that listens cannot tell replies from messages, and may only change what it listens to.
#[inline]
fn check_subscribed(ctx: &Ctx<'_>, found: &Found) -> Result<(), CmdError> {
    if ctx.client.subscriptions.is_empty() || ctx.reply.protocol != Protocol::Resp2 {
        return Ok(());
    }
    if found.container.is_none() && ALLOWED_TO_LISTENERS.contains(&found.spec.name) {
        return Ok(());
    }
    Err(CmdError::Text(format!(
        "ERR Can't execute '{}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET \
         are allowed in this context",
        found.full_name()
    )))
}

#[cold]
fn unknown_command(name: &[u8], args: Args<'_>) -> CmdError {
    let mut shown = Vec::new();
    for word in args.skip(1).rest() {
        if shown.len() >= UNKNOWN_ARGS_MAX {
            break;
        }
        let word = repeated(word, UNKNOWN_ARGS_MAX - shown.len());
        shown.extend_from_slice(&[b"'", word, b"' "].concat());
    }
    let name = repeated(name, UNKNOWN_ARGS_MAX);
    let with: &[u8] = if args.total() > 1 { b"', with args beginning with: " } else { b"'" };
    CmdError::Bytes([b"ERR unknown command '", name, with, &shown].concat())
}

#[cold]
fn unknown_subcommand(container: &CommandSpec, word: &[u8]) -> CmdError {
    let word = repeated(word, UNKNOWN_ARGS_MAX);
    let after = format!("'. Try {} HELP.", container.name);
    CmdError::repeating("ERR unknown subcommand '", word, &after)
}

/// What an error text repeats of a word: so many bytes, and none from the first zero byte on.
fn repeated(word: &[u8], len_max: usize) -> &[u8] {
    let len = word.iter().take(len_max).position(|&byte| byte == 0);
    word.get(..len.unwrap_or(len_max)).unwrap_or(word)
}
