//! INFO: the state of the node in sections of `field:value` lines.
//!
//! Sections, names and their order are Redis's, as tools look for them; what means nothing here has the value that
//! Redis gives it where there is none.

use std::fmt::Write as _;

use crate::REDIS_VERSION;
use crate::args::Args;
use crate::client::Client;
use crate::command::args::word;
use crate::command::{Answer, CommandSpec, Flags, Group};
use crate::context::Ctx;
use crate::database::Database;
use crate::error::CmdError;
use redarium_structures::ordered::OrderedSet;

mod keysizes;
mod memory;
mod stats;

use memory::SAMPLED_KEYS;
pub(super) use memory::used_memory;

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
    section("Memory", memory::memory),
    section("Persistence", persistence),
    section("Stats", stats::stats),
    section("Replication", replication),
    section("CPU", cpu),
    section("Modules", |_, _| {}),
    detail("Commandstats", stats::command_stats),
    section("Errorstats", stats::error_stats),
    detail("Latencystats", stats::latency_stats),
    section("Cluster", |_, lines| lines.field("cluster_enabled", 0)),
    section("Keyspace", keyspace),
    detail("Keysizes", keysizes::keysizes),
];

/// Text that grows by lines.
struct Lines(String);

impl Lines {
    fn field(&mut self, name: &str, value: impl std::fmt::Display) {
        // Writing to a String cannot fail.
        let _ = write!(self.0, "{name}:{value}\r\n");
    }

    /// Fields of what there is none of.
    fn zeros(&mut self, names: &[&str]) {
        for name in names {
            self.field(name, 0);
        }
    }
}

fn info(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    let wanted: OrderedSet<Vec<u8>> = args.rest().map(<[u8]>::to_ascii_lowercase).collect();
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
    lines.field("redis_git_sha1", "00000000");
    lines.field("redis_git_dirty", 0);
    lines.field("redis_build_id", 0);
    lines.field("redis_mode", "standalone");
    lines.field("redarium_version", env!("CARGO_PKG_VERSION"));
    lines.field("os", "Redarium");
    lines.field("arch_bits", 64);
    lines.field("monotonic_clock", "virtual");
    lines.field("multiplexing_api", "none");
    lines.field("atomicvar_api", "none");
    lines.field("gcc_version", "0.0.0");
    lines.field("process_id", 1);
    lines.field("process_supervised", "no");
    lines.field("run_id", &ctx.stats.run_id);
    lines.field("tcp_port", ctx.config.port);
    lines.field("server_time_usec", now.saturating_mul(1000));
    lines.field("uptime_in_seconds", uptime);
    lines.field("uptime_in_days", uptime / 86_400);
    lines.field("hz", ctx.config.hz);
    lines.field("configured_hz", ctx.config.hz);
    lines.field("lru_clock", (now / 1000) & 0xFF_FFFF);
    lines.field("executable", "redarium");
    lines.field("config_file", "");
    lines.field("io_threads_active", 0);
    lines.field("listener0", format_args!("name=tcp,bind=127.0.0.1,port={}", ctx.config.port));
}

fn clients(ctx: &Ctx<'_>, lines: &mut Lines) {
    lines.field("connected_clients", ctx.clients.len() + 1);
    lines.field("cluster_connections", 0);
    lines.field("maxclients", ctx.config.maxclients);
    let all = || ctx.clients.iter().chain([&*ctx.client]);
    let most = |bytes: fn(&Client) -> usize| all().map(bytes).max().unwrap_or(0);
    lines.field("client_recent_max_input_buffer", most(|client| client.input.len()));
    lines.field("client_recent_max_output_buffer", most(|client| client.output.len()));
    let blocked = ctx.clients.iter().filter(|client| client.is_blocked()).count();
    lines.field("blocked_clients", blocked);
    lines.field("tracking_clients", ctx.keys.effects.tracking.len());
    let listening = all().filter(|client| !client.subscriptions.is_empty()).count();
    lines.field("pubsub_clients", listening);
    lines.field("watching_clients", ctx.keys.effects.watches.client_count());
    let waiters = &ctx.keys.effects.waiters;
    lines.field("clients_in_timeout_table", waiters.timeout_count());
    lines.field("total_watched_keys", ctx.keys.effects.watches.key_count());
    lines.field("total_blocking_keys", waiters.len());
    lines.field("total_blocking_keys_on_nokey", waiters.awaiting_end());
}

fn persistence(ctx: &Ctx<'_>, lines: &mut Lines) {
    let files = &*ctx.persistence;
    let (saving_seconds, rewriting_seconds) = files.job_seconds(ctx.keys.now);
    let status = |is_ok: bool| if is_ok { "ok" } else { "err" };
    lines.zeros(&["loading", "async_loading"]);
    lines.zeros(&["current_cow_peak", "current_cow_size", "current_cow_size_age"]);
    lines.field("current_fork_perc", "0.00");
    lines.zeros(&["current_save_keys_processed", "current_save_keys_total"]);
    lines.field("rdb_changes_since_last_save", ctx.keys.effects.dirty);
    lines.field("rdb_bgsave_in_progress", u8::from(files.is_saving()));
    lines.field("rdb_last_save_time", files.saved_at / 1000);
    lines.field("rdb_last_bgsave_status", status(files.last_saving.is_ok));
    lines.field("rdb_last_bgsave_time_sec", files.last_saving.seconds);
    lines.field("rdb_current_bgsave_time_sec", saving_seconds);
    lines.field("rdb_saves", files.last_saving.count);
    lines.field("rdb_last_cow_size", 0);
    lines.field("rdb_last_load_keys_expired", files.keys_expired_on_load);
    lines.field("rdb_last_load_keys_loaded", files.keys_loaded);
    lines.field("aof_enabled", u8::from(files.log.is_some()));
    lines.field("aof_rewrite_in_progress", u8::from(files.is_rewriting()));
    lines.field("aof_rewrite_scheduled", u8::from(files.is_rewriting_scheduled()));
    lines.field("aof_last_rewrite_time_sec", files.last_rewriting.seconds);
    lines.field("aof_current_rewrite_time_sec", rewriting_seconds);
    lines.field("aof_last_bgrewrite_status", status(files.last_rewriting.is_ok));
    lines.field("aof_rewrites", files.last_rewriting.count);
    lines.field("aof_rewrites_consecutive_failures", 0);
    lines.field("aof_last_write_status", status(files.is_log_well()));
    lines.zeros(&["aof_last_cow_size", "module_fork_in_progress", "module_fork_last_cow_size"]);
    if let Some(log) = &files.log {
        lines.field("aof_current_size", log.size);
        lines.field("aof_base_size", log.base_size);
        lines.field("aof_pending_rewrite", 0);
        lines.field("aof_buffer_length", 0);
        lines.field("aof_pending_bio_fsync", 0);
        lines.field("aof_delayed_fsync", 0);
    }
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
    lines.field("repl_backlog_size", ctx.config.repl_backlog_size);
    lines.zeros(&["repl_backlog_first_byte_offset", "repl_backlog_histlen"]);
}

/// Time is the host's: what this node has used of it is told by INFO commandstats.
fn cpu(_: &Ctx<'_>, lines: &mut Lines) {
    for what in ["", "_children", "_main_thread"] {
        for mode in ["sys", "user"] {
            lines.field(&format!("used_cpu_{mode}{what}"), "0.000000");
        }
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
