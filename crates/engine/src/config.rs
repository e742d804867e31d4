//! The parameters of CONFIG: a typed field for each, and one table that reads and sets them by name.
//!
//! Names, defaults and limits are those of Redis 8.6.
//! Parameters that mean nothing without files, sockets or threads exist all the same, because tools ask for them.

use crate::events::EventClasses;
use crate::output_limit::OutputLimits;
use crate::rdb::{Saving, VERSION, VERSION_OLDEST};
use redarium_structures::ordered::OrderedMap;
use remembered::REMEMBERED;
pub use setting::MemoryShare;
pub(crate) use setting::parse_memory;
use setting::{Limits, Setting, percentiles, save_points};

mod remembered;
mod setting;

/// One parameter, as CONFIG knows it.
#[derive(Debug, Clone, Copy)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// An older name that still works.
    pub alias: Option<&'static str>,
    /// Why CONFIG SET may not change it (`immutable` or `protected`), if it may not.
    pub fixed: Option<&'static str>,
    access: Access,
}

/// Where the value of a parameter is.
#[derive(Debug, Clone, Copy)]
enum Access {
    /// In a field of [`Config`], because something depends on it.
    Field { get: fn(&Config) -> String, set: fn(&mut Config, &str) -> Result<(), String> },
    /// Among the texts that are only remembered.
    Remembered { default: &'static str, limits: Limits },
}

impl Param {
    /// Its value as text.
    pub fn get(&self, config: &Config) -> String {
        match self.access {
            Access::Field { get, .. } => get(config),
            Access::Remembered { default, .. } => {
                config.remembered.get(self.name).map_or_else(|| default.to_owned(), String::clone)
            }
        }
    }

    /// Changes it, or says why not.
    pub fn set(&self, config: &mut Config, text: &str) -> Result<(), String> {
        match self.access {
            Access::Field { set, .. } => set(config, text),
            Access::Remembered { limits, .. } => {
                config.remembered.insert(self.name, remembered::checked(text, &limits)?);
                Ok(())
            }
        }
    }
}

/// What only DEBUG switches, for tests that want to see one thing undisturbed by another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switches {
    /// Whether keys end in the background too, and not only when they are asked for.
    pub active_expire: bool,
    /// Whether RESTORE checks the sum of its payload.
    pub checksum: bool,
    /// Bytes from which an element of a new list is a node of its own; 0 leaves that to `list-max-listpack-size`.
    pub packed_threshold: u32,
}

impl Default for Switches {
    fn default() -> Self {
        Self { active_expire: true, checksum: true, packed_threshold: 0 }
    }
}

/// Limits of parameters that are an `int` in Redis.
const INT_MIN: i64 = -2_147_483_648;
const INT_MAX: i64 = 2_147_483_647;

/// The optional word of a row of the table below: the one that follows `None`, if it is there.
const fn last<const N: usize>(words: [Option<&'static str>; N]) -> Option<&'static str> {
    if let [_, word] = words.as_slice() { *word } else { None }
}

macro_rules! parameters {
    ($($(#[$doc:meta])* $field:ident: $type:ty = $default:expr, $name:literal $(alias $alias:literal)? $(fixed $fixed:literal)?, $limits:expr;)*) => {
        /// All parameters that the engine has, with Redis's defaults.
        #[derive(Debug, Clone)]
        pub struct Config {
            $($(#[$doc])* pub $field: $type,)*
            /// What DEBUG has switched.
            pub switches: Switches,
            /// Parameters on which nothing depends, where they are not what they are by default.
            pub remembered: OrderedMap<&'static str, String>,
        }

        impl Default for Config {
            fn default() -> Self {
                Self { $($field: $default,)* switches: Switches::default(), remembered: OrderedMap::new() }
            }
        }

        /// The parameters that have a field.
        const FIELDS: &[Param] = &[$(Param {
            name: $name,
            alias: last([None, $(Some($alias))?]),
            fixed: last([None, $(Some($fixed))?]),
            access: Access::Field {
                get: |config| Setting::show(&config.$field),
                set: |config, text| {
                    config.$field = config.$field.changed_to(text, &$limits)?;
                    Ok(())
                },
            },
        }),*];
    };
}

parameters! {
    /// Entries up to which a hash is a listpack.
    hash_max_listpack_entries: usize = 512, "hash-max-listpack-entries" alias "hash-max-ziplist-entries", Limits::Range(0, i64::MAX);
    /// Bytes of the longest field or value of a hash that is a listpack.
    hash_max_listpack_value: usize = 64, "hash-max-listpack-value" alias "hash-max-ziplist-value", Limits::Memory(0, i64::MAX);
    /// Size of a listpack in a list: bytes class if negative, entries if positive.
    list_max_listpack_size: i64 = -2, "list-max-listpack-size" alias "list-max-ziplist-size", Limits::Range(INT_MIN, INT_MAX);
    /// Listpacks at both ends of a list that stay uncompressed; 0 compresses none.
    list_compress_depth: usize = 0, "list-compress-depth", Limits::Range(0, INT_MAX);
    /// Members up to which a set of integers is an intset.
    set_max_intset_entries: usize = 512, "set-max-intset-entries", Limits::Range(0, i64::MAX);
    /// Members up to which a set is a listpack.
    set_max_listpack_entries: usize = 128, "set-max-listpack-entries", Limits::Range(0, i64::MAX);
    /// Bytes of the longest member of a set that is a listpack.
    set_max_listpack_value: usize = 64, "set-max-listpack-value", Limits::Memory(0, i64::MAX);
    /// Members up to which a sorted set is a listpack.
    zset_max_listpack_entries: usize = 128, "zset-max-listpack-entries" alias "zset-max-ziplist-entries", Limits::Range(0, i64::MAX);
    /// Bytes of the longest member of a sorted set that is a listpack.
    zset_max_listpack_value: usize = 64, "zset-max-listpack-value" alias "zset-max-ziplist-value", Limits::Memory(0, i64::MAX);
    /// Background ticks per second.
    hz: i64 = 10, "hz", Limits::Range(0, INT_MAX);
    /// How hard the active expiry cycle works, 1 to 10.
    active_expire_effort: i64 = 1, "active-expire-effort", Limits::Range(1, 10);
    /// Number of databases.
    databases: usize = 16, "databases" fixed "immutable", Limits::Range(1, INT_MAX);
    /// Bytes of the longest string and of the longest word of a command.
    proto_max_bulk_len: usize = 512 * 1024 * 1024, "proto-max-bulk-len", Limits::Memory(1024 * 1024, i64::MAX);
    /// Bytes a client may have sent without a complete command.
    client_query_buffer_limit: usize = 1024 * 1024 * 1024, "client-query-buffer-limit", Limits::Memory(1024 * 1024, i64::MAX);
    /// Bytes of memory after which writes are refused or keys evicted; 0 for no limit.
    maxmemory: usize = 0, "maxmemory", Limits::Memory(0, i64::MAX);
    /// What happens when memory is short.
    maxmemory_policy: String = "noeviction".to_owned(), "maxmemory-policy", Limits::OneOf(&[
        "volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl", "volatile-lrm",
        "allkeys-lru", "allkeys-lfu", "allkeys-random", "allkeys-lrm", "noeviction",
    ]);
    /// Clients at the same time.
    maxclients: usize = 10_000, "maxclients", Limits::Range(1, 4_294_967_295);
    /// Seconds after which an idle client is disconnected; 0 for never.
    timeout: i64 = 0, "timeout", Limits::Range(0, INT_MAX);
    /// The password of the default user; empty for none.
    requirepass: String = String::new(), "requirepass", Limits::Any;
    /// Keys looked at when one is to be evicted.
    maxmemory_samples: i64 = 5, "maxmemory-samples", Limits::Range(1, 64);
    /// How much time eviction may take, 0 to 100.
    maxmemory_eviction_tenacity: i64 = 10, "maxmemory-eviction-tenacity", Limits::Range(0, 100);
    /// Bytes that all clients together may use, or a part of `maxmemory`; 0 for no limit.
    maxmemory_clients: MemoryShare = MemoryShare::Bytes(0), "maxmemory-clients", Limits::Any;
    /// How slowly the counter of uses grows.
    lfu_log_factor: i64 = 10, "lfu-log-factor", Limits::Range(0, INT_MAX);
    /// Minutes after which the counter of uses loses one.
    lfu_decay_time: i64 = 1, "lfu-decay-time", Limits::Range(0, INT_MAX);
    /// Bytes up to which a `HyperLogLog` is sparse.
    hll_sparse_max_bytes: i64 = 3000, "hll-sparse-max-bytes", Limits::Memory(0, i64::MAX);
    /// Bytes of a node of a stream.
    stream_node_max_bytes: i64 = 4096, "stream-node-max-bytes", Limits::Memory(0, i64::MAX);
    /// Entries of a node of a stream.
    stream_node_max_entries: i64 = 100, "stream-node-max-entries", Limits::Range(0, i64::MAX);
    /// Seconds for which a stream remembers the names that producers give their messages.
    stream_idmp_duration: i64 = 100, "stream-idmp-duration", Limits::Range(1, 86_400);
    /// Names that a stream remembers of each producer.
    stream_idmp_maxsize: i64 = 100, "stream-idmp-maxsize", Limits::Range(1, 10_000);
    /// Classes of keyspace events that are published.
    notify_keyspace_events: EventClasses = EventClasses::default(), "notify-keyspace-events", Limits::Any;
    /// Microseconds from which a command counts as slow; negative for never.
    slowlog_log_slower_than: i64 = 10_000, "slowlog-log-slower-than", Limits::Range(-1, i64::MAX);
    /// Entries of the slow log.
    slowlog_max_len: i64 = 128, "slowlog-max-len", Limits::Range(0, i64::MAX);
    /// Milliseconds from which latency is recorded; 0 for never.
    latency_monitor_threshold: i64 = 0, "latency-monitor-threshold", Limits::Range(0, i64::MAX);
    /// Whether the latency of each command is recorded.
    latency_tracking: bool = true, "latency-tracking", Limits::Any;
    /// Parts of a hundred for which INFO tells the longest latency.
    latency_tracking_info_percentiles: String = "50 99 99.9".to_owned(), "latency-tracking-info-percentiles", Limits::Checked(percentiles);
    /// Whether new users may use all channels.
    acl_pubsub_default: String = "resetchannels".to_owned(), "acl-pubsub-default", Limits::OneOf(&["allchannels", "resetchannels"]);
    /// File of users.
    aclfile: String = String::new(), "aclfile" fixed "immutable", Limits::Any;
    /// Entries of the log of refused commands.
    acllog_max_len: i64 = 128, "acllog-max-len", Limits::Range(0, i64::MAX);
    /// Keys that are remembered for client-side caching.
    tracking_table_max_keys: i64 = 1_000_000, "tracking-table-max-keys", Limits::Range(0, i64::MAX);
    /// Milliseconds after which a running script is reported.
    busy_reply_threshold: i64 = 5000, "busy-reply-threshold" alias "lua-time-limit", Limits::Range(0, i64::MAX);
    /// Instructions after which a script is ended; 0 for no limit. Our own.
    script_instruction_limit: i64 = 200_000_000, "script-instruction-limit", Limits::Range(0, i64::MAX);
    /// Bytes that all scripts together may hold; 0 for no limit. Our own.
    script_memory_limit: usize = 32 * 1024 * 1024, "script-memory-limit", Limits::Memory(0, i64::MAX);
    /// Bytes that may wait for a client, by class of client.
    client_output_buffer_limit: OutputLimits = OutputLimits::default(), "client-output-buffer-limit", Limits::Any;
    /// Whether evicted keys are freed in the background.
    lazyfree_lazy_eviction: bool = false, "lazyfree-lazy-eviction", Limits::Any;
    /// Whether expired keys are freed in the background.
    lazyfree_lazy_expire: bool = false, "lazyfree-lazy-expire", Limits::Any;
    /// Whether overwritten keys are freed in the background.
    lazyfree_lazy_server_del: bool = false, "lazyfree-lazy-server-del", Limits::Any;
    /// Whether DEL frees in the background.
    lazyfree_lazy_user_del: bool = false, "lazyfree-lazy-user-del", Limits::Any;
    /// Whether FLUSHALL and its kin free in the background.
    lazyfree_lazy_user_flush: bool = false, "lazyfree-lazy-user-flush", Limits::Any;
    /// Whether tables are rehashed in ticks too.
    activerehashing: bool = true, "activerehashing", Limits::Any;
    /// Whether ticks come more often with more clients.
    dynamic_hz: bool = true, "dynamic-hz", Limits::Any;
    /// Whether memory is defragmented.
    activedefrag: bool = false, "activedefrag", Limits::Any;
    /// Seconds and changes after which the data is saved.
    save: String = "3600 1 300 100 60 10000".to_owned(), "save", Limits::Checked(save_points);
    /// File of snapshots.
    dbfilename: String = "dump.rdb".to_owned(), "dbfilename" fixed "protected", Limits::Any;
    /// Directory of files.
    dir: String = "/".to_owned(), "dir" fixed "protected", Limits::Any;
    /// Whether snapshots are compressed.
    rdbcompression: bool = true, "rdbcompression", Limits::Any;
    /// Version of the format that DUMP and snapshots are written in: 13 is that of Redis 8.6, 10 that of 7.0. Our own.
    rdb_version: i64 = VERSION.into(), "rdb-version", Limits::Range(VERSION_OLDEST.into(), VERSION.into());
    /// Whether snapshots end in a checksum.
    rdbchecksum: bool = true, "rdbchecksum" fixed "immutable", Limits::Any;
    /// Whether writes are refused after a snapshot has failed.
    stop_writes_on_bgsave_error: bool = true, "stop-writes-on-bgsave-error", Limits::Any;
    /// Whether commands are logged to a file.
    appendonly: bool = false, "appendonly", Limits::Any;
    /// When the log of commands is forced to disk.
    appendfsync: String = "everysec".to_owned(), "appendfsync", Limits::OneOf(&["everysec", "always", "no"]);
    /// File of the log of commands.
    appendfilename: String = "appendonly.aof".to_owned(), "appendfilename" fixed "immutable", Limits::Any;
    /// Directory of the log of commands.
    appenddirname: String = "appendonlydir".to_owned(), "appenddirname" fixed "immutable", Limits::Any;
    /// Whether the log of commands begins with a snapshot.
    aof_use_rdb_preamble: bool = true, "aof-use-rdb-preamble", Limits::Any;
    /// Whether a log of commands that breaks off is loaded.
    aof_load_truncated: bool = true, "aof-load-truncated", Limits::Any;
    /// Growth in percent after which the log of commands is rewritten.
    auto_aof_rewrite_percentage: i64 = 100, "auto-aof-rewrite-percentage", Limits::Range(0, INT_MAX);
    /// Bytes below which the log of commands is not rewritten.
    auto_aof_rewrite_min_size: i64 = 67_108_864, "auto-aof-rewrite-min-size", Limits::Memory(0, i64::MAX);
    /// Port that clients connect to.
    port: i64 = 6379, "port", Limits::Range(0, 65535);
    /// Addresses that clients connect to.
    bind: String = "* -::*".to_owned(), "bind", Limits::Any;
    /// Whether only this machine may connect without a password.
    protected_mode: bool = true, "protected-mode", Limits::Any;
    /// Connections that may wait to be accepted.
    tcp_backlog: i64 = 511, "tcp-backlog" fixed "immutable", Limits::Range(0, INT_MAX);
    /// Seconds between signs of life of a connection.
    tcp_keepalive: i64 = 300, "tcp-keepalive", Limits::Range(0, INT_MAX);
    /// Socket file that clients connect to.
    unixsocket: String = String::new(), "unixsocket" fixed "immutable", Limits::Any;
    /// Threads for input and output.
    io_threads: i64 = 1, "io-threads" fixed "immutable", Limits::Range(1, 128);
    /// How much is logged.
    loglevel: String = "notice".to_owned(), "loglevel", Limits::OneOf(&["debug", "verbose", "notice", "warning", "nothing"]);
    /// File of the log.
    logfile: String = String::new(), "logfile" fixed "immutable", Limits::Any;
    /// Whether the server runs in the background.
    daemonize: bool = false, "daemonize" fixed "immutable", Limits::Any;
    /// Whether the server is a node of a cluster.
    cluster_enabled: bool = false, "cluster-enabled" fixed "immutable", Limits::Any;
    /// Bytes of the backlog for replicas.
    repl_backlog_size: i64 = 1_048_576, "repl-backlog-size", Limits::Memory(1, i64::MAX);
    /// Seconds after which a link to a replica counts as broken.
    repl_timeout: i64 = 60, "repl-timeout", Limits::Range(1, INT_MAX);
    /// Whether replicas refuse writes.
    replica_read_only: bool = true, "replica-read-only" alias "slave-read-only", Limits::Any;
    /// Whether replicas answer while they are cut off.
    replica_serve_stale_data: bool = true, "replica-serve-stale-data" alias "slave-serve-stale-data", Limits::Any;
    /// Rank of this replica in elections.
    replica_priority: i64 = 100, "replica-priority" alias "slave-priority", Limits::Range(0, INT_MAX);
    /// Replicas without which writes are refused.
    min_replicas_to_write: i64 = 0, "min-replicas-to-write" alias "min-slaves-to-write", Limits::Range(0, INT_MAX);
    /// Seconds that a replica may lag behind.
    min_replicas_max_lag: i64 = 10, "min-replicas-max-lag" alias "min-slaves-max-lag", Limits::Range(0, INT_MAX);
    /// Seconds to wait for replicas before shutdown.
    shutdown_timeout: i64 = 10, "shutdown-timeout", Limits::Range(0, INT_MAX);
    /// Whether DEBUG may be used; unlike in Redis it may be, from the same machine, as a page is always alone with its node.
    enable_debug_command: String = "local".to_owned(), "enable-debug-command" fixed "immutable", Limits::OneOf(&["no", "yes", "local"]);
    /// Whether protected parameters may be set.
    enable_protected_configs: String = "no".to_owned(), "enable-protected-configs" fixed "immutable", Limits::OneOf(&["no", "yes", "local"]);
}

impl Config {
    /// Whether keys are stamped with use counts instead of times.
    pub fn counts_uses(&self) -> bool {
        self.maxmemory_policy.ends_with("-lfu")
    }

    /// How values are written to payloads and snapshots.
    pub fn saving(&self) -> Saving {
        Saving { version: self.rdb_version as u16, compression: self.rdbcompression }
    }

    /// Every parameter.
    pub fn params() -> impl Iterator<Item = &'static Param> {
        FIELDS.iter().chain(REMEMBERED)
    }

    /// Finds a parameter by its name or older name, whatever the case.
    pub fn param(name: &[u8]) -> Option<&'static Param> {
        Self::params().find(|param| {
            name.eq_ignore_ascii_case(param.name.as_bytes())
                || param.alias.is_some_and(|alias| name.eq_ignore_ascii_case(alias.as_bytes()))
        })
    }
}
