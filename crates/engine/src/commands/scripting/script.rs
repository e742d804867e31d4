//! SCRIPT: the scripts that the node knows, and the one that runs.

use crate::args::Args;
use crate::command::args::{one_of, token, word};
use crate::command::help::help;
use crate::command::{Answer, CommandSpec, Flags, Group};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::scripting::cache::sha_of;
use crate::scripting::run::{self, Kind};

pub(super) const COMMANDS: &[CommandSpec] = &[SCRIPT];

const SCRIPT: CommandSpec = CommandSpec {
    name: "SCRIPT",
    group: Group::Scripting,
    since: "2.6.0",
    summary: "A container for commands about Lua scripts.",
    complexity: "Depends on subcommand.",
    subcommands: &[DEBUG, EXISTS, FLUSH, help(Group::Scripting, "5.0.0"), KILL, LOAD],
    help: include_str!("script_help.txt"),
    ..CommandSpec::DEFAULT
};

const DEBUG: CommandSpec = CommandSpec {
    name: "DEBUG",
    group: Group::Scripting,
    since: "3.2.0",
    summary: "Sets the debug mode of scripts; there is no debugger here, and the mode changes nothing.",
    complexity: "O(1)",
    flags: Flags::NOSCRIPT,
    args: &[one_of("mode", &[token("YES"), token("SYNC"), token("NO")])],
    see_also: &["EVAL"],
    examples: "\
> SCRIPT DEBUG NO
OK
> SCRIPT DEBUG MAYBE
(error) ERR Use SCRIPT DEBUG YES/SYNC/NO
",
    run: debug,
    ..CommandSpec::DEFAULT
};

const EXISTS: CommandSpec = CommandSpec {
    name: "EXISTS",
    group: Group::Scripting,
    since: "2.6.0",
    summary: "Tells for each SHA1 digest whether the node knows the script.",
    complexity: "O(N) where N is the number of digests.",
    flags: Flags::NOSCRIPT,
    args: &[word("sha1").many()],
    see_also: &["SCRIPT LOAD", "EVALSHA"],
    examples: "\
> SCRIPT LOAD \"return 1\"
\"e0e1f9fabfc9d4800c877a703b823ac0578ff8db\"
> SCRIPT EXISTS e0e1f9fabfc9d4800c877a703b823ac0578ff8db ffffffffffffffffffffffffffffffffffffffff
1) (integer) 1
2) (integer) 0
",
    run: exists,
    ..CommandSpec::DEFAULT
};

const FLUSH: CommandSpec = CommandSpec {
    name: "FLUSH",
    group: Group::Scripting,
    since: "2.6.0",
    summary: "Forgets all scripts.",
    complexity: "O(N) where N is the number of scripts.",
    flags: Flags::NOSCRIPT,
    args: &[one_of("flush-type", &[token("ASYNC"), token("SYNC")]).optional().since("6.2.0")],
    history: &[("6.2.0", "Takes ASYNC and SYNC.")],
    see_also: &["SCRIPT LOAD", "SCRIPT EXISTS"],
    examples: "\
> EVAL \"return 1\" 0
(integer) 1
> SCRIPT FLUSH
OK
> EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0
(error) NOSCRIPT No matching script. Please use EVAL.
",
    run: flush,
    ..CommandSpec::DEFAULT
};

const KILL: CommandSpec = CommandSpec {
    name: "KILL",
    group: Group::Scripting,
    since: "2.6.0",
    summary: "Ends the script that runs, unless it has already written.",
    complexity: "O(1)",
    flags: Flags::NOSCRIPT.or(Flags::ALLOW_BUSY),
    see_also: &["FUNCTION KILL", "SHUTDOWN"],
    examples: "\
> SCRIPT KILL
(error) NOTBUSY No scripts in execution right now.
",
    run: |ctx, _| run::kill(ctx, Kind::Script),
    ..CommandSpec::DEFAULT
};

const LOAD: CommandSpec = CommandSpec {
    name: "LOAD",
    group: Group::Scripting,
    since: "2.6.0",
    summary: "Makes the node know a script without running it, and returns its SHA1 digest.",
    complexity: "O(N) in the bytes of the script.",
    flags: Flags::NOSCRIPT.or(Flags::STALE),
    args: &[word("script")],
    see_also: &["EVALSHA", "SCRIPT EXISTS"],
    examples: "\
> SCRIPT LOAD \"return 1\"
\"e0e1f9fabfc9d4800c877a703b823ac0578ff8db\"
> SCRIPT LOAD \"return (\"
(error) ERR Error compiling script (new function): user_script:1: unexpected symbol near '<eof>'
",
    run: load,
    ..CommandSpec::DEFAULT
};

fn debug(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    if !["YES", "SYNC", "NO"].into_iter().any(|mode| args.take_token(mode)) {
        return Err(CmdError::Msg("ERR Use SCRIPT DEBUG YES/SYNC/NO"));
    }
    ctx.reply.ok();
    Ok(Answer::Done)
}

fn exists(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    ctx.reply.array(args.len());
    for sha in args.rest() {
        let sha = String::from_utf8_lossy(sha).to_ascii_lowercase();
        let is_known = ctx.scripts.cache.get(&sha).is_some();
        ctx.reply.integer(i64::from(is_known));
    }
    Ok(Answer::Done)
}

fn flush(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    if !super::function::is_flush(args) {
        return Err(CmdError::Msg("ERR SCRIPT FLUSH only support SYNC|ASYNC option"));
    }
    ctx.scripts.forget_scripts();
    ctx.reply.ok();
    Ok(Answer::Done)
}

fn load(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let source = args.next_word()?;
    let sha = sha_of(source);
    ctx.prepare_script(&sha, Some(source))?;
    ctx.scripts.cache.keep(&sha);
    ctx.reply.bulk(sha.as_bytes());
    Ok(Answer::Done)
}
