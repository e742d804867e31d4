//! Slow moments for people: a drawing, and advice.

use std::fmt::Write as _;

use super::BASE;
use crate::args::Args;
use crate::command::args::word;
use crate::command::{Answer, CommandSpec};
use crate::config::Config;
use crate::context::Ctx;
use crate::error::CmdError;
use crate::timing::latency::Series;

pub(super) const DOCTOR: CommandSpec = CommandSpec {
    name: "DOCTOR",
    summary: "Tells in plain words when the node was slow, and what may help.",
    see_also: &["LATENCY LATEST", "MEMORY DOCTOR"],
    run: doctor,
    ..BASE
};

pub(super) const GRAPH: CommandSpec = CommandSpec {
    name: "GRAPH",
    summary: "Draws the slow moments of an event.",
    args: &[word("event")],
    see_also: &["LATENCY HISTORY"],
    examples: "\
> LATENCY GRAPH command
(error) ERR No samples available for event 'command'
",
    run: graph,
    ..BASE
};

/// Columns of a drawing.
const COLUMNS: usize = 80;

/// Rows of a drawing, without the ages below it.
const ROWS: usize = 4;

/// A row's characters, from low to high; what is higher still is a bar.
const LEVELS: [char; 3] = ['_', 'o', '#'];

fn graph(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let event = args.next_word()?;
    let series = str::from_utf8(event).ok().and_then(|event| ctx.timing.latency.get(event));
    let Some(series) = series else {
        let before = "ERR No samples available for event '";
        return Err(CmdError::repeating(before, event, "'"));
    };
    let text = drawn(&String::from_utf8_lossy(event), series, ctx.keys.now / 1000);
    ctx.reply.verbatim(*b"txt", text.as_bytes());
    Ok(Answer::Done)
}

fn drawn(event: &str, series: &Series, now: i64) -> String {
    let spikes: Vec<_> = series.iter().collect();
    let low = spikes.iter().map(|spike| spike.ms).min().unwrap_or(0);
    let high = spikes.iter().map(|spike| spike.ms).max().unwrap_or(0);
    let mut text = format!(
        "{event} - high {high} ms, low {low} ms (all time high {} ms)\n{}\n",
        series.max_ms,
        "-".repeat(COLUMNS)
    );
    let steps = ROWS * LEVELS.len();
    let range = (high - low).max(1) as f64;
    for (number, part) in spikes.chunks(COLUMNS).enumerate() {
        if number > 0 {
            text.push('\n');
        }
        for row in (0..ROWS).rev() {
            text.extend(part.iter().map(|spike| {
                let step = ((spike.ms - low) as f64 * steps as f64 / range) as usize;
                match step.min(steps - 1).checked_sub(row * LEVELS.len()) {
                    None => ' ',
                    Some(level) => LEVELS.get(level).copied().unwrap_or('|'),
                }
            }));
            text.push('\n');
        }
        let ages: Vec<_> = part.iter().map(|spike| age(now - spike.at_seconds)).collect();
        text.push_str(&" ".repeat(part.len()));
        text.push('\n');
        let tallest = ages.iter().map(String::len).max().unwrap_or(0);
        for row in 0..tallest {
            text.extend(ages.iter().map(|age| age.chars().nth(row).unwrap_or(' ')));
            text.push('\n');
        }
    }
    text
}

/// Seconds in the largest unit that fits.
fn age(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..86_400 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}

fn doctor(ctx: &mut Ctx<'_>, _: Args<'_>) -> Result<Answer, CmdError> {
    let text = diagnosis(ctx);
    ctx.reply.verbatim(*b"txt", text.as_bytes());
    Ok(Answer::Done)
}

fn diagnosis(ctx: &Ctx<'_>) -> String {
    let series: Vec<_> = ctx.timing.latency.iter().collect();
    if series.is_empty() {
        return if ctx.config.latency_monitor_threshold == 0 {
            "I'm sorry, Dave, I can't do that. Latency monitoring is disabled in this Redis instance. You may use \
             \"CONFIG SET latency-monitor-threshold <milliseconds>.\" in order to enable it. If we weren't in a deep space \
             mission I'd suggest to take a look at https://redis.io/topics/latency-monitor.\n"
        } else {
            "Dave, no latency spike was observed during the lifetime of this Redis instance, not in the slightest bit. \
             I honestly think you ought to sit down calmly, take a stress pill, and think things over.\n"
        }
        .to_owned();
    }
    let mut text = String::from(
        "Dave, I have observed latency spikes in this Redis instance. You don't mind talking about it, do you Dave?\n\n",
    );
    let mut advice = Vec::new();
    for (number, (event, series)) in series.into_iter().enumerate() {
        let line = summary(event, series, ctx.keys.now / 1000);
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}. {line}", number + 1);
        advise(&mut advice, event, ctx.config);
    }
    text.push_str("\nI have a few advices for you:\n\n");
    for line in advice {
        let _ = writeln!(text, "- {line}");
    }
    text
}

fn summary(event: &str, series: &Series, now: i64) -> String {
    let count = series.iter().len().max(1) as u64;
    let total: u64 = series.iter().map(|spike| spike.ms).sum();
    let average = total / count;
    let deviation: u64 = series.iter().map(|spike| spike.ms.abs_diff(average)).sum();
    let oldest = series.iter().next().map_or(now, |spike| spike.at_seconds);
    format!(
        "{event}: {count} latency spikes (average {average}ms, mean deviation {}ms, period {:.2} sec). Worst all time \
         event {}ms.",
        deviation / count,
        (now - oldest) as f64 / count as f64,
        series.max_ms
    )
}

/// Adds what may help against an event, unless it has been said.
fn advise(advice: &mut Vec<&'static str>, event: &str, config: &Config) {
    let mut add = |line: &'static str| {
        if !advice.contains(&line) {
            advice.push(line);
        }
    };
    match event {
        "command" => {
            if config.slowlog_log_slower_than < 0 {
                add(
                    "Switch the slow log on (CONFIG SET slowlog-log-slower-than), to see which commands are slow.",
                );
            } else if config.slowlog_log_slower_than / 1000 > config.latency_monitor_threshold {
                add(
                    "Let the slow log begin where the latency monitor does: lower slowlog-log-slower-than.",
                );
            }
            add(
                "Check your Slow Log to understand what are the commands you are running which are too slow to execute. \
                 Please check https://redis.io/commands/slowlog for more information.",
            );
            add(LARGE_OBJECTS);
        }
        "eviction-cycle" | "eviction-del" | "expire-cycle" => add(LARGE_OBJECTS),
        _ => add(
            "Commands that are fast by themselves took long: something else has kept the processor busy.",
        ),
    }
}

const LARGE_OBJECTS: &str = "Deleting, expiring or evicting (because of maxmemory policy) large objects is a blocking operation. If you have \
     very large objects that are often deleted, expired, or evicted, try to fragment those objects into multiple \
     smaller objects.";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timing::latency::LatencyMonitor;

    #[test]
    fn moments_are_drawn_with_their_ages() {
        let mut monitor = LatencyMonitor::default();
        for (second, ms) in [(98, 50), (99, 200), (100, 100)] {
            monitor.add("command", second, ms);
        }
        let text = drawn("command", monitor.get("command").unwrap(), 100);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(
            lines[0], "command - high 200 ms, low 50 ms (all time high 200 ms)",
            "the title"
        );
        assert_eq!(lines[2..], [" # ", " | ", " |o", "_||", "   ", "210", "sss"], "the drawing");
    }
}
