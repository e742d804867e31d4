//! How long commands take: the host's stopwatch, the slow log and the latency monitor.
//!
//! Time stands still inside a command, so its duration comes from outside: a host that has a stopwatch hands it in, and
//! without one only what DEBUG SLEEP says is counted.
//! Nothing that is measured here changes what a command does or answers, other than the reports of these measurements.

pub mod latency;
pub(crate) mod secrets;
pub mod slow_log;

use latency::LatencyMonitor;
use slow_log::{SlowEntry, SlowLog};

use crate::args::Args;
use crate::command::Flags;
use crate::config::Config;
use crate::context::Ctx;
use crate::dispatch::Found;
use crate::hot_keys::HotKeys;

/// Microseconds since some moment, as the host counts them.
pub type Stopwatch = fn() -> u64;

/// What is measured, and what it led to.
#[derive(Debug, Clone, Default)]
pub struct Timing {
    stopwatch: Option<Stopwatch>,
    /// Microseconds that DEBUG SLEEP has added to what the stopwatch shows.
    slept: u64,
    /// When the command that is running began.
    pub(crate) started: u64,
    /// Microseconds of sleep by which the clock is still to be moved.
    pub(crate) pending_sleep: u64,
    /// Milliseconds of sleep that the host has not been told yet.
    pause_ms: u64,
    pub(crate) slow_log: SlowLog,
    pub(crate) latency: LatencyMonitor,
    /// Which keys cost most, while somebody asks.
    pub(crate) hot_keys: HotKeys,
}

impl Timing {
    pub(crate) fn set_stopwatch(&mut self, stopwatch: Stopwatch) {
        self.stopwatch = Some(stopwatch);
    }

    /// Microseconds since some moment.
    #[inline]
    pub(crate) fn read(&self) -> u64 {
        self.stopwatch.map_or(0, |read| read()) + self.slept
    }

    /// Microseconds since `start`; the next command begins now.
    #[inline]
    pub(crate) fn lap(&mut self, start: u64) -> u64 {
        let now = self.read();
        self.started = now;
        now.saturating_sub(start)
    }

    /// Lets the running command take so much longer.
    pub(crate) fn sleep(&mut self, micros: u64) {
        self.slept = self.slept.saturating_add(micros);
        self.pending_sleep = self.pending_sleep.saturating_add(micros);
    }

    /// Milliseconds by which the clock is to be moved for sleep, once.
    pub(crate) fn take_sleep_ms(&mut self) -> u64 {
        let ms = std::mem::take(&mut self.pending_sleep) / 1000;
        self.pause_ms = self.pause_ms.saturating_add(ms);
        ms
    }

    /// Milliseconds for which the host should let everybody wait.
    pub(crate) fn take_pause_ms(&mut self) -> u64 {
        std::mem::take(&mut self.pause_ms)
    }
}

/// Counts a command that ran, and how many microseconds it took, which are returned.
#[inline]
pub(crate) fn account(
    ctx: &mut Ctx<'_>,
    found: &Found,
    args: Args<'_>,
    started: u64,
    has_failed: bool,
) -> u64 {
    let micros = ctx.timing.lap(started);
    let row = ctx.stats.by_command.row(found.id);
    row.calls += 1;
    row.micros += micros;
    row.failed += u64::from(has_failed);
    if ctx.config.latency_tracking {
        row.durations.record(micros);
    }
    if micros >= logged_from(ctx.config).min(monitored_from(ctx.config)) {
        report(ctx, found, args, micros);
    }
    micros
}

/// Microseconds from which a command is in the slow log.
#[inline]
fn logged_from(config: &Config) -> u64 {
    u64::try_from(config.slowlog_log_slower_than).unwrap_or(u64::MAX)
}

/// Microseconds from which the latency monitor notes a command.
#[inline]
fn monitored_from(config: &Config) -> u64 {
    match config.latency_monitor_threshold as u64 {
        0 => u64::MAX,
        ms => ms.saturating_mul(1000),
    }
}

#[cold]
fn report(ctx: &mut Ctx<'_>, found: &Found, args: Args<'_>, micros: u64) {
    let flags = found.spec.flags;
    let len_max = usize::try_from(ctx.config.slowlog_max_len).unwrap_or(usize::MAX);
    if micros >= logged_from(ctx.config) && !flags.has(Flags::SKIP_SLOWLOG) && len_max > 0 {
        let words = secrets::redacted(found, args);
        let entry = SlowEntry {
            id: 0,
            at: ctx.keys.now,
            micros,
            words: slow_log::shortened(words.iter().copied()),
            addr: ctx.client.addr.clone(),
            client_name: ctx.client.name.clone(),
        };
        ctx.timing.slow_log.push(entry, len_max);
    }
    if micros >= monitored_from(ctx.config) {
        let event = if flags.has(Flags::FAST) { "fast-command" } else { "command" };
        ctx.timing.latency.add(event, ctx.keys.now / 1000, micros / 1000);
    }
}
