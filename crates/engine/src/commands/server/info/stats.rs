//! INFO stats, commandstats, errorstats and latencystats: what was counted since the start.
//!
//! Rates per second, threads and forks are not measured here: these fields are 0.

use redarium_resp::number::parse_f64;

use super::Lines;
use crate::context::Ctx;
use crate::pubsub::Kind;

pub(super) fn stats(ctx: &Ctx<'_>, lines: &mut Lines) {
    lines.field("total_connections_received", ctx.stats.connections);
    lines.field("total_commands_processed", ctx.stats.commands);
    lines.field("instantaneous_ops_per_sec", 0);
    lines.field("total_net_input_bytes", ctx.stats.bytes_in);
    lines.field("total_net_output_bytes", ctx.stats.bytes_out);
    lines.zeros(&["total_net_repl_input_bytes", "total_net_repl_output_bytes"]);
    lines.field("instantaneous_input_kbps", "0.00");
    lines.field("instantaneous_output_kbps", "0.00");
    lines.field("instantaneous_input_repl_kbps", "0.00");
    lines.field("instantaneous_output_repl_kbps", "0.00");
    lines.field("rejected_connections", ctx.stats.rejected_connections);
    lines.zeros(&["sync_full", "sync_partial_ok", "sync_partial_err"]);
    lines.field("expired_subkeys", ctx.keys.effects.expired_fields);
    lines.field("expired_keys", ctx.keys.effects.expired);
    lines.field("expired_stale_perc", "0.00");
    lines.zeros(&["expired_time_cap_reached_count", "expire_cycle_cpu_milliseconds"]);
    lines.field("evicted_keys", ctx.keys.effects.evicted);
    lines.field("evicted_clients", ctx.stats.evicted_clients);
    lines.field("evicted_scripts", ctx.scripts.cache.evicted());
    lines.zeros(&["total_eviction_exceeded_time", "current_eviction_exceeded_time"]);
    lines.field("keyspace_hits", ctx.keys.effects.hits);
    lines.field("keyspace_misses", ctx.keys.effects.misses);
    lines.field("pubsub_channels", ctx.pubsub.len(Kind::Channel));
    lines.field("pubsub_patterns", ctx.pubsub.len(Kind::Pattern));
    lines.field("pubsubshard_channels", ctx.pubsub.len(Kind::Shard));
    lines.zeros(&[
        "latest_fork_usec",
        "total_forks",
        "migrate_cached_sockets",
        "slave_expires_tracked_keys",
        "active_defrag_hits",
        "active_defrag_misses",
        "active_defrag_key_hits",
        "active_defrag_key_misses",
        "total_active_defrag_time",
        "current_active_defrag_time",
    ]);
    lines.field("tracking_total_keys", ctx.keys.effects.tracking.key_count());
    lines.field("tracking_total_items", ctx.keys.effects.tracking.item_count());
    lines.field("tracking_total_prefixes", ctx.keys.effects.tracking.prefix_count());
    lines.field("unexpected_error_replies", 0);
    lines.field("total_error_replies", ctx.stats.errors);
    lines.zeros(&[
        "dump_payload_sanitizations",
        "total_reads_processed",
        "total_writes_processed",
        "io_threaded_reads_processed",
        "io_threaded_writes_processed",
        "io_threaded_total_prefetch_batches",
        "io_threaded_total_prefetch_entries",
        "client_query_buffer_limit_disconnections",
    ]);
    lines.field("client_output_buffer_limit_disconnections", ctx.stats.output_limit_disconnections);
    lines.zeros(&[
        "reply_buffer_shrinks",
        "reply_buffer_expands",
        "eventloop_cycles",
        "eventloop_duration_sum",
        "eventloop_duration_cmd_sum",
        "instantaneous_eventloop_cycles_per_sec",
        "instantaneous_eventloop_duration_usec",
    ]);
    let denied = &ctx.stats.denied;
    lines.field("acl_access_denied_auth", denied.auth);
    lines.field("acl_access_denied_cmd", denied.commands);
    lines.field("acl_access_denied_key", denied.keys);
    lines.field("acl_access_denied_channel", denied.channels);
}

pub(super) fn command_stats(ctx: &Ctx<'_>, lines: &mut Lines) {
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

pub(super) fn latency_stats(ctx: &Ctx<'_>, lines: &mut Lines) {
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

pub(super) fn error_stats(ctx: &Ctx<'_>, lines: &mut Lines) {
    for (code, count) in &ctx.stats.errors_by_code {
        lines.field(&format!("errorstat_{code}"), format_args!("count={count}"));
    }
}
