//! Several keys in one step.

use redarium_resp::number::parse_i64;

use super::get::reply_string;
use super::options::SetOptions;
use crate::args::Args;
use crate::command::args::{KEY, block, integer, one_of, token, word};
use crate::command::{Answer, Arg, Begin, CommandSpec, Find, Flags, Group, KeySpec};
use crate::commands::deadline::{EX, EXAT, PX, PXAT};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::value::Value;

pub(super) const COMMANDS: &[CommandSpec] = &[MGET, MSET, MSETNX, MSETEX];

const PAIRS: Arg = block("data", &[KEY, word("value")]).many();

const MGET: CommandSpec = CommandSpec {
    name: "MGET",
    group: Group::String,
    since: "1.0.0",
    summary: "Returns the strings of several keys; nil where there is none.",
    complexity: "O(N), N being the number of keys.",
    flags: Flags::READONLY.or(Flags::FAST),
    keys: &[KeySpec::range(1, -1, 1, &["RO", "access"])],
    args: &[KEY.many()],
    see_also: &["GET", "MSET", "HMGET"],
    examples: "\
> MSET a 1 b 2
OK
> MGET a b c
1) \"1\"
2) \"2\"
3) (nil)
",
    run: mget,
    ..CommandSpec::DEFAULT
};

const MSET: CommandSpec = CommandSpec {
    name: "MSET",
    group: Group::String,
    since: "1.0.1",
    summary: "Sets several keys to strings in one step.",
    complexity: "O(N), N being the number of keys.",
    flags: Flags::WRITE.or(Flags::DENYOOM),
    keys: &[KeySpec::range(1, -1, 2, &["OW", "update"])],
    args: &[PAIRS],
    see_also: &["SET", "MGET", "MSETNX", "MSETEX"],
    examples: "\
> MSET a 1 b 2
OK
> GET b
\"2\"
",
    run: mset,
    ..CommandSpec::DEFAULT
};

const MSETNX: CommandSpec = CommandSpec {
    name: "MSETNX",
    group: Group::String,
    since: "1.0.1",
    summary: "Sets several keys to strings if none of them exists.",
    complexity: "O(N), N being the number of keys.",
    flags: Flags::WRITE.or(Flags::DENYOOM),
    keys: &[KeySpec::range(1, -1, 2, &["OW", "insert"])],
    args: &[PAIRS],
    see_also: &["MSET", "MSETEX", "SET"],
    examples: "\
> MSETNX a 1 b 2
(integer) 1
> MSETNX b 3 c 4
(integer) 0
> MGET b c
1) \"2\"
2) (nil)
",
    run: msetnx,
    ..CommandSpec::DEFAULT
};

const MSETEX: CommandSpec = CommandSpec {
    name: "MSETEX",
    group: Group::String,
    since: "8.4.0",
    summary: "Sets several keys to strings, with one condition and one time to live for all.",
    complexity: "O(N), N being the number of keys.",
    flags: Flags::WRITE.or(Flags::DENYOOM),
    keys: &[KeySpec {
        flags: &["OW", "update"],
        begin: Begin::Index(1),
        find: Find::Count { at: 0, first: 1, step: 2 },
    }],
    args: &[
        integer("numkeys"),
        PAIRS,
        one_of("condition", &[token("NX"), token("XX")]).optional(),
        one_of("expiration", &[EX, PX, EXAT, PXAT, token("KEEPTTL")]).optional(),
    ],
    see_also: &["MSET", "MSETNX", "SET"],
    examples: "\
> MSETEX 2 a 1 b 2 EX 60
(integer) 1
> TTL b
(integer) 60
> MSETEX 2 b 3 c 4 NX
(integer) 0
",
    run: msetex,
    ..CommandSpec::DEFAULT
};

fn mget(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    ctx.reply.array(args.len());
    for key in args.rest() {
        match ctx.keys.value(key) {
            Some(value) if value.is_string() => reply_string(&mut ctx.reply, value)?,
            _ => ctx.reply.null(),
        }
    }
    Ok(Answer::Done)
}

/// The keys and values among words of which there must be an even number.
fn pairs<'a>(
    args: Args<'a>,
    command: &str,
) -> Result<impl Iterator<Item = (&'a [u8], &'a [u8])> + use<'a>, CmdError> {
    if !args.len().is_multiple_of(2) {
        return Err(CmdError::Arity(command.to_owned()));
    }
    let mut words = args.rest();
    Ok(std::iter::from_fn(move || Some((words.next()?, words.next()?))))
}

fn mset(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    for (key, value) in pairs(args, "mset")? {
        ctx.keys.set(key, Value::from_bytes(value), false, "set");
    }
    ctx.reply.ok();
    Ok(Answer::Done)
}

fn msetnx(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    let any_lives = pairs(args, "msetnx")?.any(|(key, _)| ctx.keys.contains(key));
    if !any_lives {
        for (key, value) in pairs(args, "msetnx")? {
            ctx.keys.set(key, Value::from_bytes(value), false, "set");
        }
    }
    ctx.reply.integer(i64::from(!any_lives));
    Ok(Answer::Done)
}

fn msetex(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let keys = parse_i64(args.next_word()?)
        .filter(|&keys| (1..=i64::from(i32::MAX)).contains(&keys))
        .ok_or(CmdError::Msg("ERR invalid numkeys value"))?;
    let words = keys as usize * 2;
    if args.len() < words {
        return Err(CmdError::Msg("ERR wrong number of key-value pairs"));
    }
    let data = args.take(words);
    let mut args = args.skip(words);
    let mut options = SetOptions::default();
    while !args.is_empty() {
        if !options.take(&mut args)? {
            return Err(CmdError::Syntax);
        }
    }
    let deadline = options.deadline(ctx.keys.now, "msetex")?;

    let is_admitted = match options.must_exist {
        None => true,
        Some(wanted) => pairs(data, "msetex")?.all(|(key, _)| ctx.keys.contains(key) == wanted),
    };
    if is_admitted {
        for (key, value) in pairs(data, "msetex")? {
            let place = ctx.keys.locate(key);
            let place = ctx.keys.overwrite(place, key, Value::from_bytes(value), options.keep_ttl);
            ctx.keys.changed(key, "set");
            if let Some(deadline) = deadline {
                ctx.keys.set_deadline_at(place, deadline);
                ctx.keys.note(key, "expire");
            }
        }
    }
    ctx.reply.integer(i64::from(is_admitted));
    Ok(Answer::Done)
}
