//! What libraries there are, and which function runs.

use redarium_structures::glob::matches;

use crate::args::Args;
use crate::command::args::{pattern, token};
use crate::command::{Answer, CommandSpec, Flags, Group};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::scripting::libraries::Library;

pub(super) const LIST: CommandSpec = CommandSpec {
    name: "LIST",
    group: Group::Scripting,
    since: "7.0.0",
    summary: "Lists libraries with their functions, and their code if that is asked for.",
    complexity: "O(N) where N is the number of functions.",
    flags: Flags::NOSCRIPT,
    args: &[
        pattern("library-name-pattern").after("LIBRARYNAME").optional(),
        token("WITHCODE").optional(),
    ],
    see_also: &["FUNCTION LOAD", "FUNCTION STATS"],
    examples: "\
> FUNCTION LOAD \"#!lua name=shop\\nredis.register_function('price', function() return 5 end)\"
\"shop\"
> FUNCTION LIST LIBRARYNAME sh*
1) 1) \"library_name\"
   2) \"shop\"
   3) \"engine\"
   4) \"LUA\"
   5) \"functions\"
   6) 1) 1) \"name\"
         2) \"price\"
         3) \"description\"
         4) (nil)
         5) \"flags\"
         6) (empty array)
",
    run: list,
    ..CommandSpec::DEFAULT
};

pub(super) const STATS: CommandSpec = CommandSpec {
    name: "STATS",
    group: Group::Scripting,
    since: "7.0.0",
    summary: "Tells which function runs, and how many libraries and functions there are.",
    complexity: "O(1)",
    flags: Flags::NOSCRIPT.or(Flags::ALLOW_BUSY),
    see_also: &["FUNCTION LIST", "FUNCTION KILL"],
    examples: "\
> FUNCTION STATS
1) \"running_script\"
2) (nil)
3) \"engines\"
4) 1) \"LUA\"
   2) 1) \"libraries_count\"
      2) (integer) 0
      3) \"functions_count\"
      4) (integer) 0
",
    run: stats,
    ..CommandSpec::DEFAULT
};

fn list(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let mut wanted = None;
    let mut has_code = false;
    while !args.is_empty() {
        if !has_code && args.take_token("WITHCODE") {
            has_code = true;
        } else if wanted.is_none() && args.take_token("LIBRARYNAME") {
            let missing = CmdError::Msg("ERR library name argument was not given");
            wanted = Some(args.next_word().or(Err(missing))?);
        } else {
            let argument = args.next_word()?;
            return Err(CmdError::repeating("ERR Unknown argument ", argument, ""));
        }
    }
    let is_wanted =
        |library: &&Library| wanted.is_none_or(|pattern| matches(pattern, &library.name, true));
    let libraries = ctx.scripts.libraries.iter().filter(is_wanted);
    let mark = ctx.reply.begin_array();
    let mut len = 0;
    for library in libraries {
        len += 1;
        ctx.reply.map(if has_code { 4 } else { 3 });
        ctx.reply.bulk(b"library_name");
        ctx.reply.bulk(&library.name);
        ctx.reply.bulk(b"engine");
        ctx.reply.bulk(b"LUA");
        ctx.reply.bulk(b"functions");
        ctx.reply.array(library.functions.len());
        for function in &library.functions {
            ctx.reply.map(3);
            ctx.reply.bulk(b"name");
            ctx.reply.bulk(&function.name);
            ctx.reply.bulk(b"description");
            ctx.reply.bulk_or_null(function.description.as_deref());
            ctx.reply.bulk(b"flags");
            ctx.reply.set(function.flags.names().count());
            for flag in function.flags.names() {
                ctx.reply.simple(flag);
            }
        }
        if has_code {
            ctx.reply.bulk(b"library_code");
            ctx.reply.bulk(&library.code);
        }
    }
    ctx.reply.end_array(mark, len);
    Ok(Answer::Done)
}

fn stats(ctx: &mut Ctx<'_>, _: Args<'_>) -> Result<Answer, CmdError> {
    if let Some(run) = ctx.scripts.running().filter(|run| !run.is_function()) {
        return Err(CmdError::Msg(run.busy_text()));
    }
    ctx.reply.map(2);
    ctx.reply.bulk(b"running_script");
    match ctx.scripts.running() {
        None => ctx.reply.null(),
        Some(run) => {
            ctx.reply.map(3);
            ctx.reply.bulk(b"name");
            ctx.reply.bulk(run.name());
            ctx.reply.bulk(b"command");
            ctx.reply.array(run.words().len());
            for word in run.words().iter() {
                ctx.reply.bulk(word);
            }
            ctx.reply.bulk(b"duration_ms");
            ctx.reply.integer(ctx.keys.now.saturating_sub(run.started_at()));
        }
    }
    ctx.reply.bulk(b"engines");
    ctx.reply.map(1);
    ctx.reply.bulk(b"LUA");
    ctx.reply.map(2);
    ctx.reply.bulk(b"libraries_count");
    ctx.reply.count(ctx.scripts.libraries.len());
    ctx.reply.bulk(b"functions_count");
    ctx.reply.count(ctx.scripts.libraries.function_count());
    Ok(Answer::Done)
}
