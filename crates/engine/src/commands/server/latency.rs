//! LATENCY: moments in which the node was slow, and how long each command takes.

mod report;

use crate::args::Args;
use crate::command::args::word;
use crate::command::help::help;
use crate::command::{Answer, CommandSpec, Flags, Group};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::stats::by_command::CommandStats;
use crate::table::{self, CommandId, Named};
use crate::timing::latency::Series;

pub(super) const COMMANDS: &[CommandSpec] = &[LATENCY];

const LATENCY: CommandSpec = CommandSpec {
    name: "LATENCY",
    group: Group::Server,
    since: "2.8.13",
    summary: "A container for commands about how long the node lets clients wait.",
    complexity: "Depends on subcommand.",
    subcommands: &[
        report::DOCTOR,
        report::GRAPH,
        help(Group::Server, "2.8.13"),
        HISTOGRAM,
        HISTORY,
        LATEST,
        RESET,
    ],
    ..CommandSpec::DEFAULT
};

const BASE: CommandSpec = CommandSpec {
    group: Group::Server,
    since: "2.8.13",
    complexity: "O(1)",
    flags: Flags::ADMIN.or(Flags::NOSCRIPT).or(Flags::LOADING).or(Flags::STALE),
    ..CommandSpec::DEFAULT
};

const HISTORY: CommandSpec = CommandSpec {
    name: "HISTORY",
    summary: "Returns the slow moments of an event: second and milliseconds.",
    args: &[word("event")],
    see_also: &["LATENCY LATEST", "LATENCY GRAPH"],
    examples: "\
> LATENCY HISTORY command
(empty array)
",
    run: history,
    ..BASE
};

fn history(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let event = args.next_word()?;
    let series = str::from_utf8(event).ok().and_then(|event| ctx.timing.latency.get(event));
    ctx.reply.array(series.map_or(0, |series| series.iter().len()));
    for spike in series.into_iter().flat_map(Series::iter) {
        ctx.reply.array(2);
        ctx.reply.integer(spike.at_seconds);
        ctx.reply.integer(spike.ms as i64);
    }
    Ok(Answer::Done)
}

const LATEST: CommandSpec = CommandSpec {
    name: "LATEST",
    summary: "Returns the last slow moment of each event, and how long its worst took.",
    see_also: &["LATENCY HISTORY"],
    examples: "\
> LATENCY LATEST
(empty array)
> CONFIG SET latency-monitor-threshold 100
OK
> DEBUG SLEEP 0.25
OK
> LATENCY LATEST
1) 1) \"command\"
   2) (integer) 1767603600
   3) (integer) 250
   4) (integer) 250
",
    run: latest,
    ..BASE
};

fn latest(ctx: &mut Ctx<'_>, _: Args<'_>) -> Result<Answer, CmdError> {
    ctx.reply.array(ctx.timing.latency.iter().len());
    for (event, series) in ctx.timing.latency.iter() {
        let (at, ms) = series.latest().map_or((0, 0), |spike| (spike.at_seconds, spike.ms));
        ctx.reply.array(4);
        ctx.reply.bulk(event.as_bytes());
        ctx.reply.integer(at);
        ctx.reply.integer(ms as i64);
        ctx.reply.integer(series.max_ms as i64);
    }
    Ok(Answer::Done)
}

const RESET: CommandSpec = CommandSpec {
    name: "RESET",
    summary: "Forgets the slow moments of some events, or of all; returns how many events those were.",
    args: &[word("event").optional().many()],
    see_also: &["LATENCY HISTORY"],
    examples: "\
> LATENCY RESET
(integer) 0
",
    run: reset,
    ..BASE
};

fn reset(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    let latency = &mut ctx.timing.latency;
    let forgotten = if args.is_empty() {
        latency.clear()
    } else {
        args.rest()
            .filter(|event| str::from_utf8(event).is_ok_and(|event| latency.forget(event)))
            .count()
    };
    ctx.reply.count(forgotten);
    Ok(Answer::Done)
}

const HISTOGRAM: CommandSpec = CommandSpec {
    name: "HISTOGRAM",
    since: "7.0.0",
    summary: "Returns how many calls of each command took no longer than so many microseconds.",
    complexity: "O(N) where N is the number of commands.",
    args: &[word("command").optional().many()],
    see_also: &["INFO"],
    examples: "\
> SET greeting hello
OK
> LATENCY HISTOGRAM set
1) \"set\"
2) 1) \"calls\"
   2) (integer) 1
   3) \"histogram_usec\"
   4) 1) (integer) 1
      2) (integer) 1
",
    run: histogram,
    ..BASE
};

fn histogram(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    let stats = &ctx.stats.by_command;
    let rows: Vec<(Named, &CommandStats)> = if args.is_empty() {
        stats.iter().collect()
    } else {
        let ids = args.rest().filter_map(table::by_full_name);
        ids.flat_map(|(id, (spec, _))| id..=id + spec.subcommands.len() as CommandId)
            .filter_map(|id| Some((table::by_id(id)?, stats.get(id)?)))
            .collect()
    };
    let rows: Vec<_> = rows.into_iter().filter(|(_, row)| row.durations.total() > 0).collect();
    let reply = &mut ctx.reply;
    reply.map(rows.len());
    for ((spec, container), row) in rows {
        reply.bulk(spec.full_name(container).as_bytes());
        reply.map(2);
        reply.bulk(b"calls");
        reply.integer(row.durations.total() as i64);
        reply.bulk(b"histogram_usec");
        let steps = row.durations.powers_of_two();
        reply.map(steps.len());
        for (micros, calls) in steps {
            reply.integer(micros as i64);
            reply.integer(calls as i64);
        }
    }
    Ok(Answer::Done)
}
