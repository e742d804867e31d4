//! INFO: the state of the node in sections of `field:value` lines.
//!
//! Only fields that mean something here are told; sections and names are Redis's.
//! `used_memory` is an estimate without a walk over the keys: tables and buffers as they are allocated
//! (their sizes are known), and values as the mean of a few keys of each database times the number of its keys.
//! Where there is a `maxmemory`, it is what eviction goes by instead: the sum that every write keeps up to date.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use redarium_resp::number::parse_f64;

use crate::REDIS_VERSION;
use crate::args::Args;
use crate::client::Client;
use crate::command::args::word;
use crate::command::{Answer, CommandSpec, Flags, Group};
use crate::context::Ctx;
use crate::database::Database;
use crate::error::CmdError;
use crate::eviction;
use crate::pubsub::Kind;

pub(super) const COMMANDS: &[CommandSpec] = &[INFO];

const INFO: CommandSpec = CommandSpec {
    name: "INFO",
    group: Group::Server,
    since: "1.0.0",
    summary: "Returns the state of the server, all of it or some sections.",
    complexity: "O(1)",
    flags: Flags::LOADING.or(Flags::STALE).or(Flags::SENTINEL).or(Flags::DANGEROUS),
    args: &[word("section").optional().many()],
    history: &[("7.0.0", "Several sections can be asked for at once.")],
    see_also: &["CONFIG RESETSTAT", "DBSIZE"],
    run: info,
    ..CommandSpec::DEFAULT
};

/// One section: its title, and what writes its lines.
struct Section {
    title: &'static str,
    write: fn(&Ctx<'_>, &mut Lines),
    /// Whether it is only told to those who ask for it or for all.
    on_demand: bool,
}

/// A section that is told to everybody.
const fn section(title: &'static str, write: fn(&Ctx<'_>, &mut Lines)) -> Section {
    Section { title, write, on_demand: false }
}

/// A section that is only told to those who ask for it or for all.
const fn detail(title: &'static str, write: fn(&Ctx<'_>, &mut Lines)) -> Section {
    Section { title, write, on_demand: true }
}

/// All sections, in order of appearance.
const SECTIONS: &[Section] = &[
    section("Server", server),
    section("Clients", clients),
    section("Memory", memory),
    section("Persistence", persistence),
    section("Stats", stats),
    section("Replication", replication),
    section("Modules", |_, _| {}),
    detail("Commandstats", command_stats),
    section("Errorstats", error_stats),
    detail("Latencystats", latency_stats),
    section("Cluster", |_, lines| lines.field("cluster_enabled", 0)),
    section("Keyspace", keyspace),
];

/// Text that grows by lines.
struct Lines(String);

impl Lines {
    fn field(&mut self, name: &str, value: impl std::fmt::Display) {
        // Writing to a String cannot fail.
        let _ = write!(self.0, "{name}:{value}\r\n");
    }
}

fn info(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    let wanted: BTreeSet<Vec<u8>> = args.rest().map(<[u8]>::to_ascii_lowercase).collect();
    let is_wanted = |section: &&Section| {
        let all: [&[u8]; 2] = [b"all", b"everything"];
        (wanted.is_empty() || wanted.contains(b"default".as_slice())) && !section.on_demand
            || all.iter().any(|word| wanted.contains(*word))
            || wanted.contains(section.title.to_ascii_lowercase().as_bytes())
    };
    let mut lines = Lines(String::new());
    for section in SECTIONS.iter().filter(is_wanted) {
        if !lines.0.is_empty() {
            lines.0.push_str("\r\n");
        }
        let _ = write!(lines.0, "# {}\r\n", section.title);
        (section.write)(ctx, &mut lines);
    }
    ctx.reply.verbatim(*b"txt", lines.0.as_bytes());
    Ok(Answer::Done)
}

fn server(ctx: &Ctx<'_>, lines: &mut Lines) {
    let now = ctx.keys.now;
    let uptime = (now - ctx.stats.started_at).max(0) / 1000;
    lines.field("redis_version", REDIS_VERSION);
    lines.field("redarium_version", env!("CARGO_PKG_VERSION"));
    lines.field("redis_mode", "standalone");
    lines.field("arch_bits", 64);
    lines.field("run_id", &ctx.stats.run_id);
    lines.field("tcp_port", ctx.config.port);
    lines.field("server_time_usec", now * 1000);
    lines.field("uptime_in_seconds", uptime);
    lines.field("uptime_in_days", uptime / 86_400);
    lines.field("hz", ctx.config.hz);
    lines.field("configured_hz", ctx.config.hz);
    lines.field("lru_clock", (now / 1000) & 0xFF_FFFF);
    lines.field("config_file", "");
}

fn clients(ctx: &Ctx<'_>, lines: &mut Lines) {
    lines.field("connected_clients", ctx.clients.len() + 1);
    lines.field("cluster_connections", 0);
    lines.field("maxclients", ctx.config.maxclients);
    let blocked = ctx.clients.iter().filter(|client| client.is_blocked()).count();
    lines.field("blocked_clients", blocked);
    lines.field("tracking_clients", ctx.keys.effects.tracking.len());
    lines.field("pubsub_clients", pubsub_clients(ctx));
    lines.field("watching_clients", ctx.keys.effects.watches.client_count());
    let waiters = &ctx.keys.effects.waiters;
    lines.field("clients_in_timeout_table", waiters.timeout_count());
    lines.field("total_watched_keys", ctx.keys.effects.watches.key_count());
    lines.field("total_blocking_keys", waiters.len());
    lines.field("total_blocking_keys_on_nokey", waiters.awaiting_end());
}

fn pubsub_clients(ctx: &Ctx<'_>) -> usize {
    let all = ctx.clients.iter().chain([&*ctx.client]);
    all.filter(|client| !client.subscriptions.is_empty()).count()
}

/// What the node has allocated, in bytes.
pub(super) struct UsedMemory {
    /// Tables of keys and deadlines.
    pub(super) tables: usize,
    /// Keys and values beside their tables.
    pub(super) values: usize,
    /// Connections with their buffers.
    pub(super) clients: usize,
}

impl UsedMemory {
    pub(super) fn total(&self) -> usize {
        self.tables + self.values + self.clients
    }
}

/// An estimate of what the node has allocated. O(databases and clients).
pub(super) fn used_memory(ctx: &Ctx<'_>) -> UsedMemory {
    let clients = ctx.clients.iter().map(Client::memory_bytes).sum::<usize>();
    let (tables, values) = if ctx.config.maxmemory > 0 {
        eviction::used_by_keys(ctx.keys.dbs)
    } else {
        let dbs = ctx.keys.dbs.iter();
        (dbs.clone().map(table_bytes).sum(), dbs.map(value_bytes).sum())
    };
    UsedMemory {
        tables,
        values,
        clients: clients + ctx.client.memory_bytes() + ctx.reply.out.len(),
    }
}

fn memory(ctx: &Ctx<'_>, lines: &mut Lines) {
    let all = used_memory(ctx);
    let used = all.total();
    let UsedMemory { tables, values, clients } = all;
    lines.field("used_memory", used);
    lines.field("used_memory_human", human(used));
    lines.field("used_memory_overhead", tables + clients);
    lines.field("used_memory_dataset", values);
    lines.field("maxmemory", ctx.config.maxmemory);
    lines.field("maxmemory_human", human(ctx.config.maxmemory));
    lines.field("maxmemory_policy", &ctx.config.maxmemory_policy);
    lines.field("mem_clients_normal", clients);
}

fn table_bytes(db: &Database) -> usize {
    db.table().heap_bytes() + size_of_val(db.deadlines()) + db.field_ends().heap_bytes()
}

/// Keys of a database from which the size of all others is estimated.
const SAMPLED_KEYS: usize = 64;

/// An estimate of what the keys and values of a database take beside their table. O(1).
fn value_bytes(db: &Database) -> usize {
    let sampled = db.len().min(SAMPLED_KEYS);
    if sampled == 0 {
        return 0;
    }
    let sample = db.table().iter().take(sampled);
    let bytes: usize =
        sample.map(|(_, entry)| entry.key.heap_bytes() + entry.value.heap_bytes()).sum();
    bytes.saturating_mul(db.len()) / sampled
}

/// A number of bytes with a unit, as `1.50M`.
fn human(bytes: usize) -> String {
    const UNITS: [&str; 5] = ["K", "M", "G", "T", "P"];
    if bytes < 1024 {
        return format!("{bytes}B");
    }
    let mut amount = bytes as f64 / 1024.0;
    let mut units = UNITS.iter();
    let mut unit = units.next().unwrap_or(&"");
    while amount >= 1024.0
        && let Some(next) = units.next()
    {
        amount /= 1024.0;
        unit = next;
    }
    format!("{amount:.2}{unit}")
}

fn persistence(ctx: &Ctx<'_>, lines: &mut Lines) {
    let files = &*ctx.persistence;
    let (saving_seconds, rewriting_seconds) = files.job_seconds(ctx.keys.now);
    let status = |is_ok: bool| if is_ok { "ok" } else { "err" };
    lines.field("loading", 0);
    lines.field("async_loading", 0);
    lines.field("rdb_changes_since_last_save", ctx.keys.effects.dirty);
    lines.field("rdb_bgsave_in_progress", u8::from(files.is_saving()));
    lines.field("rdb_last_save_time", files.saved_at / 1000);
    lines.field("rdb_last_bgsave_status", status(files.last_saving.is_ok));
    lines.field("rdb_last_bgsave_time_sec", files.last_saving.seconds);
    lines.field("rdb_current_bgsave_time_sec", saving_seconds);
    lines.field("rdb_saves", files.last_saving.count);
    lines.field("rdb_last_load_keys_expired", files.keys_expired_on_load);
    lines.field("rdb_last_load_keys_loaded", files.keys_loaded);
    lines.field("aof_enabled", u8::from(files.log.is_some()));
    lines.field("aof_rewrite_in_progress", u8::from(files.is_rewriting()));
    lines.field("aof_rewrite_scheduled", u8::from(files.is_rewriting_scheduled()));
    lines.field("aof_last_rewrite_time_sec", files.last_rewriting.seconds);
    lines.field("aof_current_rewrite_time_sec", rewriting_seconds);
    lines.field("aof_last_bgrewrite_status", status(files.last_rewriting.is_ok));
    lines.field("aof_rewrites", files.last_rewriting.count);
    lines.field("aof_last_write_status", "ok");
    if let Some(log) = &files.log {
        lines.field("aof_current_size", log.size);
        lines.field("aof_base_size", log.base_size);
        lines.field("aof_pending_rewrite", 0);
        lines.field("aof_buffer_length", 0);
        lines.field("aof_pending_bio_fsync", 0);
        lines.field("aof_delayed_fsync", 0);
    }
}

fn stats(ctx: &Ctx<'_>, lines: &mut Lines) {
    lines.field("total_connections_received", ctx.stats.connections);
    lines.field("total_commands_processed", ctx.stats.commands);
    lines.field("total_net_input_bytes", ctx.stats.bytes_in);
    lines.field("total_net_output_bytes", ctx.stats.bytes_out);
    lines.field("rejected_connections", ctx.stats.rejected_connections);
    lines.field("expired_subkeys", ctx.keys.effects.expired_fields);
    lines.field("expired_keys", ctx.keys.effects.expired);
    lines.field("evicted_keys", ctx.keys.effects.evicted);
    lines.field("evicted_clients", ctx.stats.evicted_clients);
    lines.field("keyspace_hits", ctx.keys.effects.hits);
    lines.field("keyspace_misses", ctx.keys.effects.misses);
    lines.field("pubsub_channels", ctx.pubsub.len(Kind::Channel));
    lines.field("pubsub_patterns", ctx.pubsub.len(Kind::Pattern));
    lines.field("pubsubshard_channels", ctx.pubsub.len(Kind::Shard));
    lines.field("tracking_total_keys", ctx.keys.effects.tracking.key_count());
    lines.field("tracking_total_items", ctx.keys.effects.tracking.item_count());
    lines.field("tracking_total_prefixes", ctx.keys.effects.tracking.prefix_count());
    lines.field("client_output_buffer_limit_disconnections", ctx.stats.output_limit_disconnections);
    lines.field("total_error_replies", ctx.stats.errors);
    let denied = &ctx.stats.denied;
    lines.field("acl_access_denied_auth", denied.auth);
    lines.field("acl_access_denied_cmd", denied.commands);
    lines.field("acl_access_denied_key", denied.keys);
    lines.field("acl_access_denied_channel", denied.channels);
}

fn replication(ctx: &Ctx<'_>, lines: &mut Lines) {
    lines.field("role", "master");
    lines.field("connected_slaves", 0);
    lines.field("master_failover_state", "no-failover");
    lines.field("master_replid", &ctx.stats.run_id);
    lines.field("master_replid2", "0".repeat(40));
    lines.field("master_repl_offset", 0);
    lines.field("second_repl_offset", -1);
    lines.field("repl_backlog_active", 0);
}

fn command_stats(ctx: &Ctx<'_>, lines: &mut Lines) {
    for ((spec, container), row) in ctx.stats.by_command.iter() {
        lines.field(
            &format!("cmdstat_{}", spec.full_name(container)),
            format_args!(
                "calls={},usec={},usec_per_call={:.2},rejected_calls={},failed_calls={}",
                row.calls,
                row.micros,
                row.micros_per_call(),
                row.rejected,
                row.failed
            ),
        );
    }
}

fn latency_stats(ctx: &Ctx<'_>, lines: &mut Lines) {
    let percents = ctx.config.latency_tracking_info_percentiles.split_ascii_whitespace();
    let percents = percents.filter_map(|percent| parse_f64(percent.as_bytes()));
    for ((spec, container), row) in ctx.stats.by_command.iter() {
        if row.durations.total() == 0 {
            continue;
        }
        let told = percents
            .clone()
            .map(|percent| format!("p{percent}={:.3}", row.durations.percentile(percent)));
        let told = told.collect::<Vec<_>>().join(",");
        lines.field(&format!("latency_percentiles_usec_{}", spec.full_name(container)), told);
    }
}

fn error_stats(ctx: &Ctx<'_>, lines: &mut Lines) {
    for (code, count) in &ctx.stats.errors_by_code {
        lines.field(&format!("errorstat_{code}"), format_args!("count={count}"));
    }
}

fn keyspace(ctx: &Ctx<'_>, lines: &mut Lines) {
    for (index, db) in ctx.keys.dbs.iter().enumerate().filter(|(_, db)| !db.is_empty()) {
        lines.field(
            &format!("db{index}"),
            format_args!(
                "keys={},expires={},avg_ttl={},subexpiry={}",
                db.len(),
                db.deadlines().len(),
                average_ttl_ms(db, ctx.keys.now),
                db.field_ends().len(),
            ),
        );
    }
}

/// Milliseconds that keys with a deadline have left, as the mean of a few of them. O(1).
fn average_ttl_ms(db: &Database, now: i64) -> i64 {
    let sample = db.deadlines().get(..SAMPLED_KEYS).unwrap_or(db.deadlines());
    let left = sample.iter().map(|deadline| deadline.at.saturating_sub(now).max(0));
    let total = left.fold(0_i64, i64::saturating_add);
    total.checked_div(sample.len() as i64).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_shown_with_the_largest_unit_that_fits() {
        for (bytes, text) in
            [(0, "0B"), (1023, "1023B"), (1024, "1.00K"), (1_572_864, "1.50M"), (1 << 30, "1.00G")]
        {
            assert_eq!(human(bytes), text, "{bytes} bytes");
        }
    }
}
