//! HOTKEYS: which keys cost most time and bytes, counted while somebody asks.

use redarium_resp::encode::Encoder;
use redarium_resp::number::parse_i64;

use crate::args::Args;
use crate::command::args::{block, integer, token};
use crate::command::help::help;
use crate::command::{Answer, CommandSpec, Flags, Group};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::hot_keys::Order;

pub(super) const COMMANDS: &[CommandSpec] = &[HOTKEYS];

/// Keys that are shown unless told otherwise.
const SHOWN: usize = 10;

/// Keys that are shown at most.
const SHOWN_MAX: i64 = 64;

/// The last of the slots that a cluster shares among its nodes; a node that is alone has all.
const SLOT_MAX: i64 = 16_383;

const HOTKEYS: CommandSpec = CommandSpec {
    name: "HOTKEYS",
    group: Group::Server,
    since: "8.6.0",
    summary: "A container for commands about the keys that cost most.",
    complexity: "Depends on subcommand.",
    subcommands: &[GET, help(Group::Server, "8.6.1"), RESET, START, STOP],
    ..CommandSpec::DEFAULT
};

const BASE: CommandSpec = CommandSpec {
    group: Group::Server,
    since: "8.6.0",
    complexity: "O(1)",
    flags: Flags::ADMIN.or(Flags::NOSCRIPT),
    ..CommandSpec::DEFAULT
};

const START: CommandSpec = CommandSpec {
    name: "START",
    summary: "Begins to count what commands on each key cost, and forgets what was counted before.",
    args: &[
        block("metrics", &[integer("count"), token("CPU").optional(), token("NET").optional()])
            .after("METRICS"),
        integer("k").after("COUNT").optional(),
        integer("seconds").after("DURATION").optional(),
        integer("ratio").after("SAMPLE").optional(),
        block("slots", &[integer("count"), integer("slot").many()]).after("SLOTS").optional(),
    ],
    arity: -2,
    see_also: &["HOTKEYS GET", "HOTKEYS STOP"],
    examples: "\
> HOTKEYS START METRICS 2 CPU NET
OK
> HOTKEYS STOP
OK
",
    run: start,
    ..BASE
};

const STOP: CommandSpec = CommandSpec {
    name: "STOP",
    summary: "Ends counting; what was counted stays.",
    see_also: &["HOTKEYS START", "HOTKEYS RESET"],
    examples: "\
> HOTKEYS STOP
(nil)
",
    run: |ctx, _| {
        let now = ctx.keys.now;
        if ctx.timing.hot_keys.stop(now) {
            ctx.reply.ok();
        } else {
            ctx.reply.null();
        }
        Ok(Answer::Done)
    },
    ..BASE
};

const RESET: CommandSpec = CommandSpec {
    name: "RESET",
    summary: "Forgets what was counted, once counting has ended.",
    see_also: &["HOTKEYS STOP"],
    examples: "\
> HOTKEYS RESET
OK
",
    run: reset,
    ..BASE
};

const GET: CommandSpec = CommandSpec {
    name: "GET",
    summary: "Returns the keys that cost most, most first, and what all commands cost.",
    complexity: "O(K*log(K)) where K is the number of keys that are counted.",
    see_also: &["HOTKEYS START"],
    examples: "\
> HOTKEYS GET
(nil)
",
    run: get,
    ..BASE
};

/// The next word as a number from 1 to `max`.
fn next_count(args: &mut Args<'_>, max: i64, text: &'static str) -> Result<i64, CmdError> {
    let number = parse_i64(args.next_word()?).filter(|number| (1..=max).contains(number));
    number.ok_or(CmdError::Msg(text))
}

/// Reads `METRICS count [CPU] [NET]` into what is counted.
fn read_metrics(args: &mut Args<'_>, order: &mut Order) -> Result<(), CmdError> {
    let text = "ERR METRICS count must be 1 or 2";
    let count = next_count(args, 2, text)?;
    let mut given = 0;
    loop {
        if !order.has_time && args.take_token("CPU") {
            order.has_time = true;
        } else if !order.has_bytes && args.take_token("NET") {
            order.has_bytes = true;
        } else {
            break;
        }
        given += 1;
    }
    if given == 0 {
        return Err(CmdError::Msg("ERR METRICS names CPU, NET or both"));
    }
    if given != count {
        let text = "ERR METRICS says another number of metrics than follow";
        return Err(CmdError::Msg(text));
    }
    Ok(())
}

fn start(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let mut order =
        Order { has_time: false, has_bytes: false, shown: SHOWN, duration_ms: None, ratio: 1 };
    if !args.take_token("METRICS") {
        return Err(CmdError::Msg("ERR HOTKEYS START needs METRICS"));
    }
    read_metrics(&mut args, &mut order)?;
    while !args.is_empty() {
        if args.take_token("COUNT") {
            let text = "ERR COUNT must be between 1 and 64";
            order.shown = next_count(&mut args, SHOWN_MAX, text)? as usize;
        } else if args.take_token("DURATION") {
            let text = "ERR DURATION must be a positive number of seconds";
            let seconds = next_count(&mut args, i64::MAX / 1000, text)?;
            order.duration_ms = Some(seconds * 1000);
        } else if args.take_token("SAMPLE") {
            let text = "ERR SAMPLE ratio must be positive";
            order.ratio = next_count(&mut args, i64::MAX, text)? as u64;
        } else if args.take_token("SLOTS") {
            let text = "ERR SLOTS parameter cannot be used in non-cluster mode";
            return Err(CmdError::Msg(text));
        } else {
            return Err(CmdError::Syntax);
        }
    }
    let (now, hot_keys) = (ctx.keys.now, &mut ctx.timing.hot_keys);
    if hot_keys.session(now).is_some_and(|session| session.is_active(now)) {
        return Err(CmdError::Msg("ERR hotkeys tracking session already in progress"));
    }
    hot_keys.start(order, now);
    ctx.reply.ok();
    Ok(Answer::Done)
}

fn reset(ctx: &mut Ctx<'_>, _: Args<'_>) -> Result<Answer, CmdError> {
    let (now, hot_keys) = (ctx.keys.now, &mut ctx.timing.hot_keys);
    if hot_keys.session(now).is_some_and(|session| session.is_active(now)) {
        let text = "ERR hotkeys tracking session in progress, stop tracking first";
        return Err(CmdError::Msg(text));
    }
    hot_keys.reset();
    ctx.reply.ok();
    Ok(Answer::Done)
}

/// A name and a number of the reply.
fn field(reply: &mut Encoder<'_>, name: &str, value: i64) {
    reply.bulk(name.as_bytes());
    reply.integer(value);
}

fn get(ctx: &mut Ctx<'_>, _: Args<'_>) -> Result<Answer, CmdError> {
    let now = ctx.keys.now;
    let Some(session) = ctx.timing.hot_keys.session(now) else {
        ctx.reply.null();
        return Ok(Answer::Done);
    };
    let reply = &mut ctx.reply;
    let (by_time, by_bytes) = (session.top_by_time(), session.top_by_bytes());
    let fields = 7 + by_time.as_ref().map_or(0, |_| 3) + by_bytes.as_ref().map_or(0, |_| 2);
    reply.map(fields);
    field(reply, "tracking-active", i64::from(session.is_active(now)));
    field(reply, "sample-ratio", session.order.ratio as i64);
    reply.bulk(b"selected-slots");
    reply.array(1);
    reply.array(2);
    reply.integer(0);
    reply.integer(SLOT_MAX);
    field(reply, "all-commands-all-slots-us", session.micros as i64);
    field(reply, "net-bytes-all-commands-all-slots", session.bytes as i64);
    field(reply, "collection-start-time-unix-ms", session.began_at);
    field(reply, "collection-duration-ms", session.duration_ms(now));
    if by_time.is_some() {
        field(reply, "total-cpu-time-user-ms", (session.micros / 1000) as i64);
        field(reply, "total-cpu-time-sys-ms", 0);
    }
    if by_bytes.is_some() {
        field(reply, "total-net-bytes", session.bytes as i64);
    }
    for (name, keys) in [("by-cpu-time-us", by_time), ("by-net-bytes", by_bytes)] {
        let Some(keys) = keys else { continue };
        reply.bulk(name.as_bytes());
        reply.array(keys.len() * 2);
        for (key, cost) in keys {
            reply.bulk(&key);
            reply.integer(cost as i64);
        }
    }
    Ok(Answer::Done)
}
