//! CONFIG: reading and changing parameters while the server runs.

use redarium_structures::glob::matches;

use crate::acl::rights;
use crate::args::Args;
use crate::command::args::{block, word};
use crate::command::help::help;
use crate::command::{Answer, CommandSpec, Flags, Group};
use crate::config::{Config, Param};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::eviction;
use crate::stats::Stats;

pub(super) const COMMANDS: &[CommandSpec] = &[CONFIG];

const CONFIG: CommandSpec = CommandSpec {
    name: "CONFIG",
    group: Group::Server,
    since: "2.0.0",
    summary: "A container for commands about the server's parameters.",
    complexity: "Depends on subcommand.",
    subcommands: &[GET, help(Group::Server, "5.0.0"), RESETSTAT, REWRITE, SET],
    help: include_str!("config_help.txt"),
    ..CommandSpec::DEFAULT
};

const ADMIN_FLAGS: Flags = Flags::ADMIN.or(Flags::NOSCRIPT).or(Flags::LOADING).or(Flags::STALE);

const GET: CommandSpec = CommandSpec {
    name: "GET",
    group: Group::Server,
    since: "2.0.0",
    summary: "Returns parameters by name or glob pattern, with their values.",
    complexity: "O(N) where N is the number of parameters asked for.",
    flags: ADMIN_FLAGS,
    args: &[word("parameter").many()],
    history: &[("7.0.0", "Several names and patterns can be given at once.")],
    see_also: &["CONFIG SET"],
    examples: "\
> CONFIG GET maxmemory
1) \"maxmemory\"
2) \"0\"
> CONFIG GET set-max-intset-*
1) \"set-max-intset-entries\"
2) \"512\"
",
    run: get,
    ..CommandSpec::DEFAULT
};

fn get(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    let mut found: Vec<(&[u8], &Param)> = Vec::new();
    for pattern in args.rest() {
        if is_pattern(pattern) {
            let all = Config::params().flat_map(|param| {
                [Some(param.name), param.alias].into_iter().flatten().map(move |name| (name, param))
            });
            for (name, param) in all.filter(|(name, _)| matches(pattern, name.as_bytes(), true)) {
                add(&mut found, name.as_bytes(), param);
            }
        } else if let Some(param) = Config::param(pattern) {
            add(&mut found, pattern, param);
        }
    }
    ctx.reply.map(found.len());
    for (name, param) in found {
        ctx.reply.bulk(name);
        ctx.reply.bulk(param.get(ctx.config).as_bytes());
    }
    Ok(Answer::Done)
}

/// Remembers a parameter unless it is already there under the same name.
fn add<'a>(found: &mut Vec<(&'a [u8], &'static Param)>, name: &'a [u8], param: &'static Param) {
    if !found.iter().any(|(seen, _)| seen.eq_ignore_ascii_case(name)) {
        found.push((name, param));
    }
}

fn is_pattern(word: &[u8]) -> bool {
    word.iter().any(|byte| b"[*?".contains(byte))
}

const SET: CommandSpec = CommandSpec {
    name: "SET",
    group: Group::Server,
    since: "2.0.0",
    summary: "Changes parameters: all of them, or none if one is wrong.",
    complexity: "O(N) where N is the number of parameters given.",
    flags: ADMIN_FLAGS,
    args: &[block("data", &[word("parameter"), word("value")]).many()],
    history: &[("7.0.0", "Several parameters can be changed at once.")],
    see_also: &["CONFIG GET"],
    examples: "\
> CONFIG SET maxmemory 100mb maxmemory-policy allkeys-lru
OK
> CONFIG GET maxmemory
1) \"maxmemory\"
2) \"104857600\"
",
    run: set,
    ..CommandSpec::DEFAULT
};

fn set(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    if args.len() % 2 == 1 {
        return Err(CmdError::Syntax);
    }
    let mut changes: Vec<(&[u8], &Param, &[u8])> = Vec::new();
    let mut refusal = None;
    while !args.is_empty() {
        let (name, value) = (args.next_word()?, args.next_word()?);
        let Some(param) = Config::param(name) else {
            let before = "ERR Unknown option or number of arguments for CONFIG SET - '";
            return Err(CmdError::repeating(before, name, "'"));
        };
        if refusal.is_none() {
            if let Some(why) = param.fixed {
                refusal = Some(failed(name, &format!("can't set {why} config")));
            } else if changes.iter().any(|(_, other, _)| other.name == param.name) {
                refusal = Some(failed(name, "duplicate parameter"));
            }
        }
        changes.push((name, param, value));
    }
    if let Some(error) = refusal {
        return Err(error);
    }
    let mut config = ctx.config.clone();
    for (name, param, value) in changes {
        let text = String::from_utf8_lossy(value);
        param.set(&mut config, &text).map_err(|reason| failed(name, &reason))?;
    }
    if config.appendonly && !ctx.config.appendonly && !ctx.persistence.has_files() {
        let reason = "this node keeps no files; start it with --dir to have some";
        return Err(failed(b"appendonly", reason));
    }
    if config.appendonly && !ctx.config.appendonly && ctx.persistence.is_disk_in_trouble() {
        return Err(failed(b"appendonly", "Unable to turn on AOF. Check server logs."));
    }
    let is_new_password = config.requirepass != ctx.config.requirepass;
    let is_new_policy = config.maxmemory_policy != ctx.config.maxmemory_policy;
    *ctx.config = config;
    eviction::configure(ctx, is_new_policy);
    ctx.keys.effects.classes = ctx.config.notify_keyspace_events;
    let mut answer = Answer::Done;
    if is_new_password {
        let user = ctx.acl.set_default_password(ctx.config.requirepass.as_bytes());
        answer = rights::replace(ctx, &user);
    }
    switch_log(ctx);
    ctx.reply.ok();
    Ok(answer)
}

/// Turns the log of commands on or off, as the parameters say now.
fn switch_log(ctx: &mut Ctx<'_>) {
    let is_wanted = ctx.config.appendonly;
    let (persistence, data, effects) = ctx.saving();
    match (persistence.log.is_some(), is_wanted) {
        (false, true) => persistence.start_log(data, effects),
        (true, false) => persistence.stop_log(data, effects),
        _ => {}
    }
}

fn failed(name: &[u8], reason: &str) -> CmdError {
    let before = "ERR CONFIG SET failed (possibly related to argument '";
    CmdError::repeating(before, name, &format!("') - {reason}"))
}

const REWRITE: CommandSpec = CommandSpec {
    name: "REWRITE",
    group: Group::Server,
    since: "2.8.0",
    summary: "Writes the parameters to the configuration file, which a node in memory does not have.",
    complexity: "O(1)",
    flags: ADMIN_FLAGS,
    see_also: &["CONFIG SET"],
    examples: "\
> CONFIG REWRITE
(error) ERR The server is running without a config file
",
    run: |_, _| Err(CmdError::Msg("ERR The server is running without a config file")),
    ..CommandSpec::DEFAULT
};

const RESETSTAT: CommandSpec = CommandSpec {
    name: "RESETSTAT",
    group: Group::Server,
    since: "2.0.0",
    summary: "Sets the counters of INFO back to zero.",
    complexity: "O(1)",
    flags: ADMIN_FLAGS,
    see_also: &["INFO"],
    examples: "\
> GET nothing
(nil)
> CONFIG RESETSTAT
OK
",
    run: reset_stat,
    ..CommandSpec::DEFAULT
};

fn reset_stat(ctx: &mut Ctx<'_>, _: Args<'_>) -> Result<Answer, CmdError> {
    let Stats { started_at, run_id, .. } = std::mem::take(ctx.stats);
    *ctx.stats = Stats { started_at, run_id, ..Stats::default() };
    let effects = &mut *ctx.keys.effects;
    (effects.hits, effects.misses, effects.expired) = (0, 0, 0);
    (effects.expired_active, effects.expired_fields, effects.evicted) = (0, 0, 0);
    ctx.reply.ok();
    Ok(Answer::Done)
}
