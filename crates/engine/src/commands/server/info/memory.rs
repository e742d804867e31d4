//! INFO memory: what the node has allocated.
//!
//! `used_memory` is an estimate without a walk over the keys: tables and buffers as they are allocated
//! (their sizes are known), and values as the mean of a few keys of each database times the number of its keys.
//! Where there is a `maxmemory`, it is what eviction goes by instead: the sum that every write keeps up to date.
//! There is no allocator to look into: nothing counts as fragmented, and the peak is now.

use super::Lines;
use crate::client::Client;
use crate::context::Ctx;
use crate::database::Database;
use crate::eviction;

/// What the node has allocated, in bytes.
pub(in crate::commands::server) struct UsedMemory {
    /// Tables of keys and deadlines.
    pub(in crate::commands::server) tables: usize,
    /// Keys and values beside their tables.
    pub(in crate::commands::server) values: usize,
    /// Connections with their buffers.
    pub(in crate::commands::server) clients: usize,
}

impl UsedMemory {
    pub(in crate::commands::server) fn total(&self) -> usize {
        self.tables + self.values + self.clients
    }
}

/// An estimate of what the node has allocated. O(databases and clients).
pub(in crate::commands::server) fn used_memory(ctx: &Ctx<'_>) -> UsedMemory {
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

pub(super) fn memory(ctx: &Ctx<'_>, lines: &mut Lines) {
    let all = used_memory(ctx);
    let used = all.total();
    let UsedMemory { tables, values, clients } = all;
    let limit = ctx.config.maxmemory;
    lines.field("used_memory", used);
    lines.field("used_memory_human", human(used));
    lines.field("used_memory_rss", used);
    lines.field("used_memory_rss_human", human(used));
    lines.field("used_memory_peak", used);
    lines.field("used_memory_peak_human", human(used));
    lines.field("used_memory_peak_time", ctx.keys.now / 1000);
    lines.field("used_memory_peak_perc", "100.00%");
    lines.field("used_memory_overhead", tables + clients);
    lines.field("used_memory_startup", 0);
    lines.field("used_memory_dataset", values);
    let percent = if used == 0 { 0.0 } else { values as f64 * 100.0 / used as f64 };
    lines.field("used_memory_dataset_perc", format_args!("{percent:.2}%"));
    lines.field("allocator_allocated", used);
    lines.field("allocator_active", used);
    lines.field("allocator_resident", used);
    lines.field("allocator_muzzy", 0);
    lines.field("total_system_memory", 0);
    lines.field("total_system_memory_human", human(0));
    scripts(ctx, lines);
    lines.field("maxmemory", limit);
    lines.field("maxmemory_human", human(limit));
    lines.field("maxmemory_policy", &ctx.config.maxmemory_policy);
    for name in ["allocator_frag", "allocator_rss", "rss_overhead", "mem_fragmentation"] {
        lines.field(&format!("{name}_ratio"), "1.00");
        lines.field(&format!("{name}_bytes"), 0);
    }
    lines.zeros(&[
        "mem_not_counted_for_evict",
        "mem_replication_backlog",
        "mem_total_replication_buffers",
        "mem_replica_full_sync_buffer",
        "mem_clients_slaves",
    ]);
    lines.field("mem_clients_normal", clients);
    lines.field("mem_cluster_links", 0);
    lines.field("mem_aof_buffer", 0);
    lines.field("mem_allocator", "own");
    let rehashing = ctx.keys.dbs.iter().filter(|db| db.table().rehash_index().is_some());
    lines.field("mem_overhead_db_hashtable_rehashing", rehashing.map(table_bytes).sum::<usize>());
    lines.field("active_defrag_running", 0);
    lines.field("lazyfree_pending_objects", u8::from(!ctx.keys.graveyard.is_empty()));
    lines.field("lazyfreed_objects", 0);
}

fn scripts(ctx: &Ctx<'_>, lines: &mut Lines) {
    let (cache, libraries) = (&ctx.scripts.cache, &ctx.scripts.libraries);
    let (of_scripts, of_functions) = ctx.scripts.machine_bytes();
    lines.field("used_memory_lua", of_scripts);
    lines.field("used_memory_vm_eval", of_scripts);
    lines.field("used_memory_lua_human", human(of_scripts));
    lines.field("used_memory_scripts_eval", cache.memory_bytes());
    lines.field("number_of_cached_scripts", cache.len());
    lines.field("number_of_functions", libraries.function_count());
    lines.field("number_of_libraries", libraries.len());
    lines.field("used_memory_vm_functions", of_functions);
    lines.field("used_memory_vm_total", of_scripts + of_functions);
    lines.field("used_memory_vm_total_human", human(of_scripts + of_functions));
    lines.field("used_memory_functions", libraries.memory_bytes());
    let sources = cache.memory_bytes() + libraries.memory_bytes();
    lines.field("used_memory_scripts", sources);
    lines.field("used_memory_scripts_human", human(sources));
}

fn table_bytes(db: &Database) -> usize {
    db.table().heap_bytes() + size_of_val(db.deadlines()) + db.field_ends().heap_bytes()
}

/// Keys of a database from which the size of all others is estimated.
pub(super) const SAMPLED_KEYS: usize = 64;

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
