//! One run of a script or function: what may begin it, its slices, and what ends it.
//!
//! Within EXEC, and while a log is read, a run takes as many slices as it needs at once; so does every short one.
//! The clock of its commands stands where it stood when it began.

use redarium_resp::encode::Encoder;
use redarium_resp::words::Words;
use redarium_script::{Budget, Callable, Flags, Kill, Progress, Start};

use super::ScriptFlags;
use super::caller::Caller;
use super::libraries::Function;
use crate::args::Args;
use crate::blocking::Waiting;
use crate::client::{ClientId, Replies};
use crate::command::Answer;
use crate::config::Config;
use crate::context::Ctx;
use crate::error::CmdError;
use crate::monitor;

/// Instructions of one slice: some milliseconds, in a page a few dozen.
const SLICE_INSTRUCTIONS: u64 = 200_000;

/// The limit of a run that nobody can end from outside, where the parameters set none.
const WHOLE_INSTRUCTIONS_MAX: u64 = 200_000_000;

/// `redis.REPL_ALL`.
const REPL_ALL: u8 = 3;
/// Of `redis.set_repl`: what is called is logged.
const REPL_AOF: u8 = 1;

/// What runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A script of EVAL and its kin.
    Script,
    /// A function of FCALL and its kin.
    Function,
}

/// A run, and what it may do.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, none implies another")]
pub(crate) struct Run {
    kind: Kind,
    /// The digest of the script or the name of the function.
    name: Vec<u8>,
    /// The command that began it.
    words: Words,
    /// Who sent that.
    client: ClientId,
    /// Milliseconds since 1970.
    started_at: i64,
    /// What the stopwatch showed.
    started_micros: u64,
    /// The database that it has selected.
    db: usize,
    /// Whether it may not write.
    pub(super) is_read_only: bool,
    /// Whether it may write although memory is short.
    pub(super) allows_oom: bool,
    /// Whether it has called a command that writes.
    pub(crate) has_written: bool,
    /// Where effects go, as `redis.set_repl` says.
    pub(super) repl: u8,
    /// The last error that a command has answered, which was counted then.
    pub(super) last_error: Vec<u8>,
    /// Whether somebody wants it ended.
    is_killed: bool,
    /// Whether others are told that the node is busy.
    is_slow: bool,
}

impl Run {
    /// Whether it is one of a function.
    pub(crate) fn is_function(&self) -> bool {
        self.kind == Kind::Function
    }

    /// The digest of the script or the name of the function.
    pub(crate) fn name(&self) -> &[u8] {
        &self.name
    }

    /// The command that began it.
    pub(crate) fn words(&self) -> &Words {
        &self.words
    }

    /// Who sent that.
    pub(crate) fn client(&self) -> ClientId {
        self.client
    }

    /// When it began, in milliseconds since 1970.
    pub(crate) fn started_at(&self) -> i64 {
        self.started_at
    }

    /// What the stopwatch showed when it began.
    pub(crate) fn started_micros(&self) -> u64 {
        self.started_micros
    }

    /// Whether others are told that the node is busy.
    pub(crate) fn is_slow(&self) -> bool {
        self.is_slow
    }

    /// From now on others are told that the node is busy.
    pub(crate) fn make_slow(&mut self) {
        self.is_slow = true;
    }

    /// Has it ended with its next slice.
    pub(crate) fn kill(&mut self) {
        self.is_killed = true;
    }

    /// What others are answered while it runs too long.
    pub(crate) fn busy_text(&self) -> &'static str {
        match self.kind {
            Kind::Script => {
                "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE."
            }
            Kind::Function => {
                "BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE."
            }
        }
    }

    /// Whether what it calls is logged.
    pub(super) fn is_logged(&self) -> bool {
        self.repl & REPL_AOF != 0
    }
}

/// What a command asks to be run with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Order<'a> {
    pub(crate) keys: &'a [&'a [u8]],
    pub(crate) args: &'a [&'a [u8]],
    /// Whether it is one of the commands that may only read.
    pub(crate) is_read_only: bool,
}

/// The keys of a script, as many as `count` says, and its arguments.
#[expect(clippy::type_complexity, reason = "two lists of words")]
pub(crate) fn keys_and_args(
    count: i64,
    args: Args<'_>,
) -> Result<(Vec<&[u8]>, Vec<&[u8]>), CmdError> {
    if count > args.len() as i64 {
        let text = "ERR Number of keys can't be greater than number of args";
        return Err(CmdError::Msg(text));
    }
    let count =
        usize::try_from(count).or(Err(CmdError::Msg("ERR Number of keys can't be negative")))?;
    Ok((args.rest().take(count).collect(), args.rest().skip(count).collect()))
}

/// What a run may use up; `is_whole` if nobody can end it from outside.
pub(super) fn budget(config: &Config, is_whole: bool) -> Budget {
    let instructions = match config.script_instruction_limit as u64 {
        0 if is_whole => WHOLE_INSTRUCTIONS_MAX,
        limit => limit,
    };
    Budget { instructions, memory_bytes: config.script_memory_limit }
}

/// Shows a command that runs a script to those who monitor, before what the script calls.
pub(crate) fn show(ctx: &mut Ctx<'_>, args: Args<'_>) {
    if !ctx.clients.monitors().is_empty() {
        monitor::show_words(ctx, &args.all().collect::<Vec<_>>());
    }
}

/// Whether the client's command is a run that goes on.
pub(crate) fn is_under_way(ctx: &Ctx<'_>) -> bool {
    matches!(ctx.client.waiting, Waiting::Script)
}

/// Runs a script that the machine has.
pub(crate) fn begin_script(
    ctx: &mut Ctx<'_>,
    sha: &str,
    flags: ScriptFlags,
    order: Order<'_>,
    args: Args<'_>,
) -> Result<Answer, CmdError> {
    check(ctx, flags, order)?;
    let callable = Callable::Script(sha);
    begin(ctx, (Kind::Script, sha.as_bytes()), callable, flags, order, args)
}

/// Runs a function.
pub(crate) fn begin_function(
    ctx: &mut Ctx<'_>,
    function: &Function,
    order: Order<'_>,
    args: Args<'_>,
) -> Result<Answer, CmdError> {
    let flags = ScriptFlags { flags: function.flags, is_said: true };
    check(ctx, flags, order)?;
    let budget = budget(ctx.config, true);
    let scripts = &mut *ctx.scripts;
    let library = scripts.libraries.get(&function.library);
    let library = library.ok_or(CmdError::Msg("ERR Function not found"))?;
    let library = scripts.function_machine.library(library, budget)?;
    let callable = Callable::Function { library, name: &function.name };
    begin(ctx, (Kind::Function, &function.name), callable, flags, order, args)
}

/// Refuses what a script says of itself that does not fit how it is called.
fn check(ctx: &Ctx<'_>, said: ScriptFlags, order: Order<'_>) -> Result<(), CmdError> {
    let has = |flag: Flags| said.flags.contains(flag);
    if !said.is_said {
        return Ok(());
    }
    if has(Flags::NO_CLUSTER) && ctx.config.cluster_enabled {
        let text = "ERR Can not run script on cluster, 'no-cluster' flag is set.";
        return Err(CmdError::Msg(text));
    }
    if !has(Flags::NO_WRITES) && order.is_read_only {
        let text = "ERR Can not execute a script with write flag using *_ro command.";
        return Err(CmdError::Msg(text));
    }
    if !has(Flags::NO_WRITES)
        && ctx.persistence.may_refuse
        && let Some(refusal) = ctx.persistence.refusal(ctx.config)
    {
        return Err(refusal);
    }
    if ctx.lacks_memory() && !has(Flags::ALLOW_OOM) && !has(Flags::NO_WRITES) {
        return Err(CmdError::Msg(
            "OOM allow-oom flag is not set on the script, can't run it when used memory > 'maxmemory'",
        ));
    }
    Ok(())
}

fn begin(
    ctx: &mut Ctx<'_>,
    (kind, name): (Kind, &[u8]),
    callable: Callable<'_>,
    said: ScriptFlags,
    order: Order<'_>,
    args: Args<'_>,
) -> Result<Answer, CmdError> {
    let budget = budget(ctx.config, is_whole(ctx));
    let machine = ctx.scripts.machine(kind == Kind::Function);
    let start = Start { keys: order.keys, args: order.args, budget };
    machine.start(callable, start)?;
    let run = Run {
        kind,
        name: name.to_vec(),
        words: Words::from_slices(args.all()),
        client: ctx.client.id,
        started_at: ctx.keys.now,
        started_micros: ctx.timing.started,
        db: ctx.client.db,
        is_read_only: order.is_read_only || said.flags.contains(Flags::NO_WRITES),
        allows_oom: said.flags.contains(Flags::ALLOW_OOM),
        has_written: false,
        repl: REPL_ALL,
        last_error: Vec::new(),
        is_killed: false,
        is_slow: false,
    };
    go(ctx, Box::new(run))
}

/// Whether a run must end before anything else happens.
fn is_whole(ctx: &Ctx<'_>) -> bool {
    ctx.client.in_exec || ctx.client.reads_log()
}

/// Gives the run that is half-way another slice; the client's command is the one that began it.
pub(crate) fn go_on(ctx: &mut Ctx<'_>) -> Result<Answer, CmdError> {
    ctx.keys.effects.log.release();
    let Some(run) = ctx.scripts.running.take() else {
        ctx.client.waiting = Waiting::No;
        return Err(LOST);
    };
    go(ctx, run)
}

/// A run goes on in the machine where it began.
const LOST: CmdError =
    CmdError::Msg("ERR the script was running when its node was copied, and cannot go on");

/// What of the client's state is not the script's.
struct Outer {
    db: usize,
    now: i64,
    replies: Replies,
}

fn enter(ctx: &mut Ctx<'_>, run: &Run) -> Outer {
    let outer = Outer { db: ctx.client.db, now: ctx.keys.now, replies: ctx.client.replies };
    ctx.client.db = run.db;
    ctx.keys.now = run.started_at;
    ctx.client.replies = Replies::On;
    ctx.client.waiting = Waiting::No;
    ctx.client.in_script = true;
    outer
}

fn leave(ctx: &mut Ctx<'_>, run: &mut Run, outer: &Outer) {
    run.db = ctx.client.db;
    ctx.client.db = outer.db;
    ctx.keys.db = outer.db;
    ctx.keys.now = outer.now;
    ctx.client.replies = outer.replies;
    ctx.client.in_script = false;
}

/// Runs a slice, or as many as it takes.
fn go(ctx: &mut Ctx<'_>, mut run: Box<Run>) -> Result<Answer, CmdError> {
    let Some(mut vm) = ctx.scripts.machine(run.is_function()).take() else {
        ctx.client.waiting = Waiting::No;
        return Err(LOST);
    };
    let is_whole = is_whole(ctx);
    let protocol = ctx.reply.protocol;
    let outer = enter(ctx, &run);
    let mut reply = Vec::new();
    let progress = if run.is_killed {
        Progress::Failed(vm.kill(Kill::ByUser))
    } else {
        let mut caller = Caller::new(ctx, &mut run);
        loop {
            let out = Encoder { out: &mut reply, protocol };
            let progress = vm.resume(&mut caller, SLICE_INSTRUCTIONS, out);
            if progress != Progress::Paused || !is_whole {
                break progress;
            }
        }
    };
    leave(ctx, &mut run, &outer);
    ctx.scripts.machine(run.is_function()).put_back(vm);
    // What stands for a script in the log is what it has called.
    ctx.keys.effects.log.say_nothing();
    let text = match progress {
        Progress::Paused => {
            ctx.client.waiting = Waiting::Script;
            ctx.keys.effects.log.hold();
            ctx.scripts.running = Some(run);
            return Ok(Answer::Done);
        }
        Progress::Done => match error_in(&reply) {
            None => {
                ctx.reply.out.append(&mut reply);
                return Ok(Answer::Done);
            }
            Some(text) => text.to_vec(),
        },
        Progress::Failed(text) => text,
    };
    // As in Redis, an error that a script only passes on is counted once.
    let is_passed_on = !run.last_error.is_empty() && text.starts_with(&run.last_error);
    Err(if is_passed_on { CmdError::Counted(text) } else { CmdError::Bytes(text) })
}

/// The text of a reply that is an error.
fn error_in(reply: &[u8]) -> Option<&[u8]> {
    let text = reply.strip_prefix(b"-")?;
    text.strip_suffix(b"\r\n")
}

/// SCRIPT KILL and FUNCTION KILL.
pub(crate) fn kill(ctx: &mut Ctx<'_>, kind: Kind) -> Result<Answer, CmdError> {
    let Some(run) = ctx.scripts.running_mut() else {
        return Err(CmdError::Msg("NOTBUSY No scripts in execution right now."));
    };
    if run.has_written {
        return Err(CmdError::Msg(
            "UNKILLABLE Sorry the script already executed write commands against the dataset. You can either wait the \
             script termination or kill the server in a hard way using the SHUTDOWN NOSAVE command.",
        ));
    }
    if run.kind != kind {
        return Err(CmdError::Msg(run.busy_text()));
    }
    run.kill();
    ctx.reply.ok();
    Ok(Answer::Done)
}
