//! DEBUG: what public test suites need to look at values, to save and load them, and to keep the background still.
//!
//! Redis's table has no subcommands of DEBUG, so they stand in a table of their own.
//! Those that would crash, restart or block a server are left out; those that steer what a node does not have (threads,
//! replicas, an allocator) answer OK and do nothing.

mod digest;
mod object;
mod protocol;
mod reload;

use std::ops::RangeInclusive;

use redarium_resp::number::parse_f64;
use redarium_structures::bytes::Bytes;
use redarium_structures::glob::matches;

use crate::args::Args;
use crate::command::args::word;
use crate::command::{Answer, CommandSpec, Flags, Group, Handler};
use crate::config::parse_memory;
use crate::context::Ctx;
use crate::error::CmdError;
use crate::value::Value;

pub(super) const COMMANDS: &[CommandSpec] = &[DEBUG];

const DEBUG: CommandSpec = CommandSpec {
    name: "DEBUG",
    group: Group::Server,
    since: "1.0.0",
    summary: "Shows insides of the node and steers its background; for tests.",
    complexity: "O(1); O(N) in the data for DIGEST, DIGEST-VALUE and RELOAD.",
    flags: Flags::ADMIN.or(Flags::NOSCRIPT).or(Flags::LOADING).or(Flags::STALE),
    args: &[word("subcommand"), word("argument").optional().many()],
    see_also: &["OBJECT ENCODING", "MEMORY USAGE"],
    examples: "\
> RPUSH list a b c
(integer) 3
> DEBUG LISTPACK list
Listpack structure printed on stdout
> DEBUG RELOAD
OK
> LRANGE list 0 -1
1) \"a\"
2) \"b\"
3) \"c\"
",
    run: debug,
    ..CommandSpec::DEFAULT
};

/// One of the words that may follow DEBUG.
struct Subcommand {
    name: &'static str,
    /// How many words may follow it.
    words: RangeInclusive<usize>,
    /// The words that follow it, as HELP shows them.
    syntax: &'static str,
    help: &'static str,
    run: Handler,
}

const ANY: RangeInclusive<usize> = 0..=usize::MAX;

/// A subcommand that has nothing to do.
const fn idle(name: &'static str, syntax: &'static str) -> Subcommand {
    Subcommand { name, words: ANY, syntax, help: "Does nothing here.", run: ok }
}

const SUBCOMMANDS: &[Subcommand] = &[
    idle("CHANGE-REPL-ID", ""),
    idle("DICT-RESIZING", "<0|1>"),
    Subcommand {
        name: "DIGEST",
        words: 0..=0,
        syntax: "",
        help: "Sums up all keys and values in 40 digits, the same ones as a real server.",
        run: digest::of_all,
    },
    Subcommand {
        name: "DIGEST-VALUE",
        words: ANY,
        syntax: "<key> [<key> ...]",
        help: "Sums up the value of each key, without its name, in 40 digits.",
        run: digest::of_values,
    },
    Subcommand {
        name: "ERROR",
        words: 1..=1,
        syntax: "<text>",
        help: "Answers with this error.",
        run: error,
    },
    Subcommand { name: "HELP", words: 0..=0, syntax: "", help: "Prints this help.", run: help },
    idle("JMAP", ""),
    Subcommand {
        name: "LISTPACK",
        words: 1..=1,
        syntax: "<key>",
        help: "Tells whether the value is a listpack; its bytes are shown in pictures, not here.",
        run: object::list_pack,
    },
    Subcommand {
        name: "LOADAOF",
        words: 0..=0,
        syntax: "",
        help: "Writes all data as commands and runs these in its place.",
        run: reload::commands,
    },
    idle("LOG", "<message>"),
    Subcommand {
        name: "OBJECT",
        words: 1..=1,
        syntax: "<key>",
        help: "Shows how the value is stored, and how long it is in a dump.",
        run: object::object,
    },
    idle("PAUSE-CRON", "<0|1>"),
    Subcommand {
        name: "POPULATE",
        words: 1..=3,
        syntax: "<count> [<prefix>] [<size>]",
        help: "Makes so many strings called key:0, key:1, ... with values of this size.",
        run: populate,
    },
    Subcommand {
        name: "PROTOCOL",
        words: 1..=1,
        syntax: "<type>",
        help: "Answers with an example of a type of reply, such as map, set or push.",
        run: protocol::run,
    },
    Subcommand {
        name: "QUICKLIST",
        words: 1..=2,
        syntax: "<key> [<0|1>]",
        help: "Tells whether the value is a quicklist; its nodes are shown in pictures, not here.",
        run: object::quick_list,
    },
    Subcommand {
        name: "QUICKLIST-PACKED-THRESHOLD",
        words: 1..=1,
        syntax: "<size>",
        help: "Gives elements of this size in lists made from now on nodes of their own; 0 as usual.",
        run: packed_threshold,
    },
    Subcommand {
        name: "RELOAD",
        words: ANY,
        syntax: "[MERGE] [NOFLUSH] [NOSAVE]",
        help: "Writes a snapshot and loads it in place of all data; with NOSAVE refuses, as no file is read meanwhile.",
        run: reload::snapshot,
    },
    idle("REPLYBUFFER", "<option> <value>"),
    Subcommand {
        name: "SET-ACTIVE-EXPIRE",
        words: 1..=1,
        syntax: "<0|1>",
        help: "Decides whether keys end in the background, or only when they are asked for.",
        run: active_expire,
    },
    idle("SET-DISABLE-DENY-SCRIPTS", "<0|1>"),
    Subcommand {
        name: "SET-SKIP-CHECKSUM-VALIDATION",
        words: 1..=1,
        syntax: "<0|1>",
        help: "Decides whether RESTORE takes payloads whose checksum is wrong.",
        run: skip_checksum,
    },
    Subcommand {
        name: "SLEEP",
        words: 1..=1,
        syntax: "<seconds>",
        help: "Lets so much time pass before the next command of anybody.",
        run: sleep,
    },
    Subcommand {
        name: "STRINGMATCH-LEN",
        words: 2..=2,
        syntax: "<pattern> <text>",
        help: "Tells whether a glob pattern matches a text.",
        run: string_match,
    },
];

fn debug(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    check_allowed(ctx)?;
    let name = args.next_word()?;
    let found = SUBCOMMANDS.iter().find(|sub| name.eq_ignore_ascii_case(sub.name.as_bytes()));
    match found.filter(|sub| sub.words.contains(&args.len())) {
        Some(sub) => (sub.run)(ctx, args),
        None => Err(CmdError::Text(format!(
            "ERR unknown subcommand or wrong number of arguments for '{:.128}'. Try DEBUG HELP.",
            String::from_utf8_lossy(name)
        ))),
    }
}

/// Refuses the command where `enable-debug-command` does.
fn check_allowed(ctx: &Ctx<'_>) -> Result<(), CmdError> {
    let addr = &ctx.client.addr;
    let is_local = ["127.", "[::1]", "/"].iter().any(|start| addr.starts_with(start));
    match ctx.config.enable_debug_command.as_str() {
        "yes" => Ok(()),
        "local" if is_local => Ok(()),
        _ => Err(CmdError::Msg(
            "ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you can run it from \
             a local connection, otherwise you need to set this option in the configuration file, and then restart the \
             server.",
        )),
    }
}

fn ok(ctx: &mut Ctx<'_>, _: Args<'_>) -> Result<Answer, CmdError> {
    ctx.reply.ok();
    Ok(Answer::Done)
}

fn help(ctx: &mut Ctx<'_>, _: Args<'_>) -> Result<Answer, CmdError> {
    ctx.reply.array(1 + 2 * SUBCOMMANDS.len());
    ctx.reply.simple("DEBUG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
    for sub in SUBCOMMANDS {
        ctx.reply.simple(format!("{} {}", sub.name, sub.syntax).trim_end());
        ctx.reply.simple(format!("    {}", sub.help));
    }
    Ok(Answer::Done)
}

fn error(_: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    Err(CmdError::Bytes(args.next_word()?.to_vec()))
}

fn sleep(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let seconds = parse_f64(args.next_word()?).unwrap_or(0.0);
    // A negative number of microseconds is 0 after the cast.
    ctx.timing.sleep((seconds * 1e6) as u64);
    ok(ctx, args)
}

/// Whether a word that C's `atoi` reads is not 0.
fn next_switch(args: &mut Args<'_>) -> Result<bool, CmdError> {
    let word = args.next_word()?;
    let digits = word.strip_prefix(b"-").unwrap_or(word);
    let number = digits.iter().take_while(|byte| byte.is_ascii_digit());
    Ok(number.into_iter().any(|&digit| digit != b'0'))
}

fn active_expire(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    ctx.config.switches.active_expire = next_switch(&mut args)?;
    ok(ctx, args)
}

fn skip_checksum(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    ctx.config.switches.checksum = !next_switch(&mut args)?;
    ok(ctx, args)
}

/// The largest size that QUICKLIST-PACKED-THRESHOLD takes: a little below 4 GiB.
const PACKED_THRESHOLD_MAX: i64 = (1 << 32) - (1 << 20);

fn packed_threshold(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let size = str::from_utf8(args.next_word()?).ok().and_then(parse_memory);
    let size = size.filter(|&size| size <= PACKED_THRESHOLD_MAX).ok_or(CmdError::Msg(
        "ERR argument must be a memory value bigger than 1 and smaller than 4gb",
    ))?;
    ctx.config.switches.packed_threshold = u32::try_from(size).unwrap_or(u32::MAX);
    ok(ctx, args)
}

fn string_match(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (pattern, text) = (args.next_word()?, args.next_word()?);
    ctx.reply.integer(i64::from(matches(pattern, text, false)));
    Ok(Answer::Done)
}

/// Bytes that POPULATE makes at most, so that a mistyped number does not end the node.
const POPULATED_BYTES_MAX: usize = 1 << 30;

/// What a key takes beside its value, for that limit.
const POPULATED_KEY_BYTES: usize = 64;

fn populate(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let count = args.next_at_least(0, CmdError::MustBePositive)?;
    let prefix = if args.is_empty() { b"key" } else { args.next_word()? };
    let size = if args.is_empty() { 0 } else { args.next_at_least(0, CmdError::MustBePositive)? };
    let each = size.saturating_add(prefix.len()).saturating_add(POPULATED_KEY_BYTES);
    if count.saturating_mul(each) > POPULATED_BYTES_MAX {
        return Err(CmdError::OutOfRange);
    }
    for number in 0..count {
        let key = [prefix, b":", number.to_string().as_bytes()].concat();
        let place = ctx.keys.locate(&key);
        if !place.is_taken() {
            let mut value = format!("value:{number}").into_bytes();
            if size > 0 {
                value.resize(size, 0);
            }
            ctx.keys.put(place, &key, Value::Str(Bytes::from(&*value)), false);
            ctx.keys.changed(&key, "set");
        }
    }
    ok(ctx, args)
}
