//! SLOWLOG: the last commands that took long.

use redarium_resp::encode::Encoder;
use redarium_resp::number::parse_i64;

use crate::args::Args;
use crate::command::args::integer;
use crate::command::help::help;
use crate::command::{Answer, CommandSpec, Flags, Group};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::timing::slow_log::SlowEntry;

pub(super) const COMMANDS: &[CommandSpec] = &[SLOWLOG];

const SLOWLOG: CommandSpec = CommandSpec {
    name: "SLOWLOG",
    group: Group::Server,
    since: "2.2.12",
    summary: "A container for commands about the log of slow commands.",
    complexity: "Depends on subcommand.",
    subcommands: &[GET, help(Group::Server, "6.2.0"), LEN, RESET],
    ..CommandSpec::DEFAULT
};

const BASE: CommandSpec = CommandSpec {
    group: Group::Server,
    since: "2.2.12",
    complexity: "O(1)",
    flags: Flags::ADMIN.or(Flags::LOADING).or(Flags::STALE),
    ..CommandSpec::DEFAULT
};

const GET: CommandSpec = CommandSpec {
    name: "GET",
    summary: "Returns the last slow commands, newest first, with how many microseconds they took.",
    complexity: "O(N) where N is the number of entries returned.",
    args: &[integer("count").optional()],
    history: &[("4.0.0", "Entries tell the client's address and name.")],
    see_also: &["SLOWLOG LEN", "CONFIG SET"],
    examples: "\
> SLOWLOG GET
(empty array)
> DEBUG SLEEP 0.5
OK
> SLOWLOG LEN
(integer) 1
",
    run: get,
    ..BASE
};

/// Entries that are shown unless told otherwise.
const SHOWN: usize = 10;

fn get(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    if args.len() > 1 {
        return Err(CmdError::wrong_subcommand(args.word(1).unwrap_or_default(), "SLOWLOG"));
    }
    let mut count = SHOWN;
    if !args.is_empty() {
        let number = parse_i64(args.next_word()?).filter(|&number| number >= -1);
        let number =
            number.ok_or(CmdError::Msg("ERR count should be greater than or equal to -1"))?;
        count = usize::try_from(number).unwrap_or(usize::MAX);
    }
    let log = &ctx.timing.slow_log;
    ctx.reply.array(count.min(log.len()));
    for entry in log.iter().take(count) {
        write_entry(&mut ctx.reply, entry);
    }
    Ok(Answer::Done)
}

fn write_entry(reply: &mut Encoder<'_>, entry: &SlowEntry) {
    reply.array(6);
    reply.integer(entry.id as i64);
    reply.integer(entry.at / 1000);
    reply.integer(i64::try_from(entry.micros).unwrap_or(i64::MAX));
    reply.array(entry.words.len());
    for word in &entry.words {
        reply.bulk(word);
    }
    reply.bulk(entry.addr.as_bytes());
    reply.bulk(entry.client_name.as_bytes());
}

const LEN: CommandSpec = CommandSpec {
    name: "LEN",
    summary: "Returns how many slow commands are logged.",
    see_also: &["SLOWLOG GET"],
    examples: "\
> SLOWLOG LEN
(integer) 0
",
    run: |ctx, _| {
        ctx.reply.count(ctx.timing.slow_log.len());
        Ok(Answer::Done)
    },
    ..BASE
};

const RESET: CommandSpec = CommandSpec {
    name: "RESET",
    summary: "Forgets the slow commands so far.",
    complexity: "O(N) where N is the number of entries.",
    see_also: &["SLOWLOG GET"],
    examples: "\
> SLOWLOG RESET
OK
",
    run: |ctx, _| {
        ctx.timing.slow_log.clear();
        ctx.reply.ok();
        Ok(Answer::Done)
    },
    ..BASE
};
