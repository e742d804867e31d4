//! Running a script that a client sends, or one that it sent before.

use crate::args::Args;
use crate::command::args::{KEY, integer, word};
use crate::command::{Answer, Arg, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::scripting::cache::{SHA_DIGITS, sha_of};
use crate::scripting::run::{self, Order};

pub(super) const COMMANDS: &[CommandSpec] = &[EVAL, EVAL_RO, EVALSHA, EVALSHA_RO];

/// What all these commands have in common.
pub(super) const FLAGS: Flags =
    Flags::NOSCRIPT.or(Flags::STALE).or(Flags::SKIP_MONITOR).or(Flags::NO_MANDATORY_KEYS);

pub(super) const KEYS: &[KeySpec] = &[KeySpec::counted(2, &["RW", "access", "update"])];
pub(super) const READ_KEYS: &[KeySpec] = &[KeySpec::counted(2, &["RO", "access"])];

const NUMKEYS: Arg = integer("numkeys");
const KEYS_OF_SCRIPT: Arg = KEY.optional().many();
const ARG: Arg = word("arg").optional().many();

/// The words of a command that runs what `name` stands for.
pub(super) const fn words_of(name: &'static str) -> [Arg; 4] {
    [word(name), NUMKEYS, KEYS_OF_SCRIPT, ARG]
}

const EVAL: CommandSpec = CommandSpec {
    name: "EVAL",
    group: Group::Scripting,
    since: "2.6.0",
    summary: "Runs a Lua script on the node, with nobody else's commands in between.",
    complexity: "O(1) and what the script does.",
    flags: FLAGS.or(Flags::MAY_REPLICATE),
    keys: KEYS,
    args: &words_of("script"),
    see_also: &["EVALSHA", "EVAL_RO", "SCRIPT LOAD", "FCALL"],
    examples: "\
> EVAL \"return {KEYS[1], ARGV[1]}\" 1 lamp on
1) \"lamp\"
2) \"on\"
> EVAL \"redis.call('SET', KEYS[1], ARGV[1]) return redis.call('GET', KEYS[1])\" 1 lamp on
\"on\"
> EVAL \"return redis.call('INCR', KEYS[1])\" 1 visits
(integer) 1
",
    run: |ctx, args| eval(ctx, args, Form { is_sha: false, is_read_only: false }),
    ..CommandSpec::DEFAULT
};

const EVAL_RO: CommandSpec = CommandSpec {
    name: "EVAL_RO",
    group: Group::Scripting,
    since: "7.0.0",
    summary: "Runs a Lua script that may only read.",
    complexity: "O(1) and what the script does.",
    flags: FLAGS.or(Flags::READONLY),
    keys: READ_KEYS,
    args: &words_of("script"),
    see_also: &["EVAL", "EVALSHA_RO"],
    examples: "\
> SET lamp on
OK
> EVAL_RO \"return redis.call('GET', KEYS[1])\" 1 lamp
\"on\"
",
    run: |ctx, args| eval(ctx, args, Form { is_sha: false, is_read_only: true }),
    ..CommandSpec::DEFAULT
};

const EVALSHA: CommandSpec = CommandSpec {
    name: "EVALSHA",
    group: Group::Scripting,
    since: "2.6.0",
    summary: "Runs a Lua script that the node knows, by its SHA1 digest.",
    complexity: "O(1) and what the script does.",
    flags: FLAGS.or(Flags::MAY_REPLICATE),
    keys: KEYS,
    args: &words_of("sha1"),
    see_also: &["EVAL", "SCRIPT LOAD", "SCRIPT EXISTS"],
    examples: "\
> SCRIPT LOAD \"return 1\"
\"e0e1f9fabfc9d4800c877a703b823ac0578ff8db\"
> EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0
(integer) 1
> EVALSHA ffffffffffffffffffffffffffffffffffffffff 0
(error) NOSCRIPT No matching script. Please use EVAL.
",
    run: |ctx, args| eval(ctx, args, Form { is_sha: true, is_read_only: false }),
    ..CommandSpec::DEFAULT
};

const EVALSHA_RO: CommandSpec = CommandSpec {
    name: "EVALSHA_RO",
    group: Group::Scripting,
    since: "7.0.0",
    summary: "Runs a Lua script that the node knows and that may only read.",
    complexity: "O(1) and what the script does.",
    flags: FLAGS.or(Flags::READONLY),
    keys: READ_KEYS,
    args: &words_of("sha1"),
    see_also: &["EVALSHA", "EVAL_RO"],
    examples: "\
> SCRIPT LOAD \"return 1\"
\"e0e1f9fabfc9d4800c877a703b823ac0578ff8db\"
> EVALSHA_RO e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0
(integer) 1
",
    run: |ctx, args| eval(ctx, args, Form { is_sha: true, is_read_only: true }),
    ..CommandSpec::DEFAULT
};

/// Which of the four commands it is.
#[derive(Debug, Clone, Copy)]
struct Form {
    is_sha: bool,
    is_read_only: bool,
}

const UNKNOWN: CmdError = CmdError::Msg("NOSCRIPT No matching script. Please use EVAL.");

fn eval(ctx: &mut Ctx<'_>, mut args: Args<'_>, form: Form) -> Result<Answer, CmdError> {
    if run::is_under_way(ctx) {
        return run::go_on(ctx);
    }
    run::show(ctx, args);
    let script = args.next_word()?;
    if form.is_sha && script.len() != SHA_DIGITS {
        return Err(UNKNOWN);
    }
    let count = args.next_i64()?;
    let (keys, rest) = run::keys_and_args(count, args)?;
    let sha = if form.is_sha {
        String::from_utf8_lossy(script).to_ascii_lowercase()
    } else {
        sha_of(script)
    };
    let source = if form.is_sha { None } else { Some(script) };
    let flags = ctx.prepare_script(&sha, source)?.ok_or(UNKNOWN)?;
    let order = Order { keys: &keys, args: &rest, is_read_only: form.is_read_only };
    run::begin_script(ctx, &sha, flags, order, args)
}
