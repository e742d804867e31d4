//! Running functions of libraries.

use redarium_resp::number::parse_i64;

use super::eval::{FLAGS, KEYS, READ_KEYS, words_of};
use crate::args::Args;
use crate::command::{Answer, CommandSpec, Flags, Group};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::scripting::run::{self, Order};

pub(super) const COMMANDS: &[CommandSpec] = &[FCALL, FCALL_RO];

const FCALL: CommandSpec = CommandSpec {
    name: "FCALL",
    group: Group::Scripting,
    since: "7.0.0",
    summary: "Runs a function of a library, with nobody else's commands in between.",
    complexity: "O(1) and what the function does.",
    flags: FLAGS.or(Flags::MAY_REPLICATE),
    keys: KEYS,
    args: &words_of("function"),
    see_also: &["FUNCTION LOAD", "FCALL_RO", "EVAL"],
    examples: "\
> FUNCTION LOAD \"#!lua name=shop\\nredis.register_function('add', function(keys, args) return redis.call('INCRBY', keys[1], args[1]) end)\"
\"shop\"
> FCALL add 1 apples 5
(integer) 5
",
    run: |ctx, args| fcall(ctx, args, false),
    ..CommandSpec::DEFAULT
};

const FCALL_RO: CommandSpec = CommandSpec {
    name: "FCALL_RO",
    group: Group::Scripting,
    since: "7.0.0",
    summary: "Runs a function of a library that says that it does not write.",
    complexity: "O(1) and what the function does.",
    flags: FLAGS.or(Flags::READONLY),
    keys: READ_KEYS,
    args: &words_of("function"),
    see_also: &["FCALL", "FUNCTION LOAD"],
    examples: "\
> FUNCTION LOAD \"#!lua name=shop\\nredis.register_function{function_name='look', callback=function(keys) return redis.call('GET', keys[1]) end, flags={'no-writes'}}\"
\"shop\"
> FCALL_RO look 1 apples
(nil)
",
    run: |ctx, args| fcall(ctx, args, true),
    ..CommandSpec::DEFAULT
};

fn fcall(ctx: &mut Ctx<'_>, mut args: Args<'_>, is_read_only: bool) -> Result<Answer, CmdError> {
    if run::is_under_way(ctx) {
        return run::go_on(ctx);
    }
    run::show(ctx, args);
    let name = args.next_word()?;
    let function = ctx.scripts.libraries.function(name).cloned();
    let function = function.ok_or(CmdError::Msg("ERR Function not found"))?;
    let count = parse_i64(args.next_word()?);
    let count = count.ok_or(CmdError::Msg("ERR Bad number of keys provided"))?;
    let (keys, rest) = run::keys_and_args(count, args)?;
    let order = Order { keys: &keys, args: &rest, is_read_only };
    run::begin_function(ctx, &function, order, args)
}
