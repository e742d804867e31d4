//! Parameters that a server process has and a node in memory only remembers, because tools ask for them.
//!
//! They are texts: nothing in the engine depends on them, but CONFIG SET checks them as Redis does.

use redarium_resp::number::parse_i64;

use super::setting::{Limits, Setting};
use super::{Access, INT_MAX, Param};

/// All of them, with Redis's defaults.
pub(super) const REMEMBERED: &[Param] = &[
    param("active-defrag-cycle-max", "25", Limits::Range(1, 99)),
    param("active-defrag-cycle-min", "1", Limits::Range(1, 99)),
    param("active-defrag-ignore-bytes", "104857600", Limits::Memory(0, i64::MAX)),
    param("active-defrag-max-scan-fields", "1000", Limits::Range(1, i64::MAX)),
    param("active-defrag-threshold-lower", "10", Limits::Range(0, 1000)),
    param("active-defrag-threshold-upper", "100", Limits::Range(0, 1000)),
    fixed("always-show-logo", "no"),
    param("aof-disable-auto-gc", "no", Limits::Switch),
    param("aof-rewrite-incremental-fsync", "yes", Limits::Switch),
    param("aof-timestamp-enabled", "no", Limits::Switch),
    fixed("aof_rewrite_cpulist", ""),
    fixed("bgsave_cpulist", ""),
    param("bind-source-addr", "", Limits::Any),
    fixed("bio_cpulist", ""),
    param("cluster-allow-pubsubshard-when-down", "yes", Limits::Switch),
    param("cluster-allow-reads-when-down", "no", Limits::Switch),
    param("cluster-allow-replica-migration", "yes", Limits::Switch),
    param("cluster-announce-bus-port", "0", Limits::Range(0, 65_535)),
    param("cluster-announce-hostname", "", Limits::Checked(host_name)),
    param("cluster-announce-human-nodename", "", Limits::Any),
    param("cluster-announce-ip", "", Limits::Any),
    param("cluster-announce-port", "0", Limits::Range(0, 65_535)),
    param("cluster-announce-tls-port", "0", Limits::Range(0, 65_535)),
    fixed("cluster-config-file", "nodes.conf"),
    param("cluster-link-sendbuf-limit", "0", Limits::Memory(0, i64::MAX)),
    param("cluster-migration-barrier", "1", Limits::Range(0, INT_MAX)),
    param("cluster-node-timeout", "15000", Limits::Range(0, i64::MAX)),
    fixed("cluster-port", "0"),
    param(
        "cluster-preferred-endpoint-type",
        "ip",
        Limits::OneOf(&["ip", "hostname", "unknown-endpoint"]),
    ),
    param("cluster-replica-no-failover", "no", Limits::Switch).or("cluster-slave-no-failover"),
    param("cluster-replica-validity-factor", "10", Limits::Range(0, INT_MAX))
        .or("cluster-slave-validity-factor"),
    param("cluster-require-full-coverage", "yes", Limits::Switch),
    param("crash-log-enabled", "yes", Limits::Switch),
    param("crash-memcheck-enabled", "yes", Limits::Switch),
    fixed("disable-thp", "yes"),
    fixed("enable-module-command", "no"),
    param("ignore-warnings", "", Limits::Any),
    param("jemalloc-bg-thread", "yes", Limits::Switch),
    param("locale-collate", "", Limits::Any),
    param("masterauth", "", Limits::Any),
    param("masteruser", "", Limits::Any),
    param("max-new-connections-per-cycle", "10", Limits::Range(1, 1000)),
    param("max-new-tls-connections-per-cycle", "1", Limits::Range(1, 1000)),
    param("no-appendfsync-on-rewrite", "no", Limits::Switch),
    param("oom-score-adj", "no", Limits::OneOf(&["no", "yes", "relative", "absolute"])),
    param("oom-score-adj-values", "0 200 800", Limits::Checked(oom_scores)),
    fixed("pidfile", "/var/run/redis.pid"),
    param("proc-title-template", "{title} {listen-addr} {server-mode}", Limits::Any),
    param(
        "propagation-error-behavior",
        "ignore",
        Limits::OneOf(&["ignore", "panic", "panic-on-replicas"]),
    ),
    param("rdb-del-sync-files", "no", Limits::Switch),
    param("rdb-save-incremental-fsync", "yes", Limits::Switch),
    param("repl-backlog-ttl", "3600", Limits::Range(0, i64::MAX)),
    param("repl-disable-tcp-nodelay", "no", Limits::Switch),
    param("repl-diskless-load", "disabled", Limits::OneOf(&["disabled", "on-empty-db", "swapdb"])),
    param("repl-diskless-sync", "yes", Limits::Switch),
    param("repl-diskless-sync-delay", "5", Limits::Range(0, INT_MAX)),
    param("repl-diskless-sync-max-replicas", "0", Limits::Range(0, INT_MAX)),
    param("repl-ping-replica-period", "10", Limits::Range(1, INT_MAX)).or("repl-ping-slave-period"),
    param("replica-announce-ip", "", Limits::Any).or("slave-announce-ip"),
    param("replica-announce-port", "0", Limits::Range(0, 65_535)).or("slave-announce-port"),
    param("replica-announced", "yes", Limits::Switch),
    param("replica-ignore-disk-write-errors", "no", Limits::Switch),
    param("replica-ignore-maxmemory", "yes", Limits::Switch).or("slave-ignore-maxmemory"),
    param("replica-lazy-flush", "no", Limits::Switch).or("slave-lazy-flush"),
    fixed("replicaof", "").or("slaveof"),
    param("sanitize-dump-payload", "no", Limits::OneOf(&["no", "yes", "clients"])),
    fixed("server_cpulist", ""),
    fixed("set-proc-title", "yes"),
    param(
        "shutdown-on-sigint",
        "default",
        Limits::OneOf(&["default", "save", "nosave", "now", "force"]),
    ),
    param(
        "shutdown-on-sigterm",
        "default",
        Limits::OneOf(&["default", "save", "nosave", "now", "force"]),
    ),
    fixed("socket-mark-id", "0"),
    fixed("supervised", "no"),
    fixed("syslog-enabled", "no"),
    fixed("syslog-facility", "local0"),
    fixed("syslog-ident", "redis"),
    param("tls-auth-clients", "yes", Limits::OneOf(&["no", "yes", "optional"])),
    param("tls-ca-cert-dir", "", Limits::Any),
    param("tls-ca-cert-file", "", Limits::Any),
    param("tls-cert-file", "", Limits::Any),
    param("tls-ciphers", "", Limits::Any),
    param("tls-ciphersuites", "", Limits::Any),
    param("tls-client-cert-file", "", Limits::Any),
    param("tls-client-key-file", "", Limits::Any),
    param("tls-client-key-file-pass", "", Limits::Any),
    param("tls-cluster", "no", Limits::Switch),
    param("tls-dh-params-file", "", Limits::Any),
    param("tls-key-file", "", Limits::Any),
    param("tls-key-file-pass", "", Limits::Any),
    param("tls-port", "0", Limits::Range(0, 65_535)),
    param("tls-prefer-server-ciphers", "no", Limits::Switch),
    param("tls-protocols", "", Limits::Any),
    param("tls-replication", "no", Limits::Switch),
    param("tls-session-cache-size", "20480", Limits::Range(0, INT_MAX)),
    param("tls-session-cache-timeout", "300", Limits::Range(0, INT_MAX)),
    param("tls-session-caching", "yes", Limits::Switch),
    fixed("unixsocketperm", "0"),
];

const fn param(name: &'static str, default: &'static str, limits: Limits) -> Param {
    Param { name, alias: None, fixed: None, access: Access::Remembered { default, limits } }
}

/// One that CONFIG SET may not change.
const fn fixed(name: &'static str, default: &'static str) -> Param {
    let mut param = param(name, default, Limits::Any);
    param.fixed = Some("immutable");
    param
}

impl Param {
    /// With an older name that still works.
    const fn or(mut self, alias: &'static str) -> Self {
        self.alias = Some(alias);
        self
    }
}

/// A value in its usual form, or what is wrong with it.
pub(super) fn checked(text: &str, limits: &Limits) -> Result<String, String> {
    match limits {
        Limits::Range(..) | Limits::Memory(..) => i64::parse(text, limits).map(|it| it.show()),
        Limits::Switch => bool::parse(text, limits).map(|it| it.show()),
        Limits::Any | Limits::OneOf(_) | Limits::Checked(_) => String::parse(text, limits),
    }
}

/// Three integers for the system's choice of what to end when memory is short.
fn oom_scores(text: &str) -> Result<String, String> {
    let words: Vec<_> = text.split(' ').collect();
    if words.len() != 3 {
        return Err("wrong number of arguments".to_owned());
    }
    let is_score =
        |word: &&str| parse_i64(word.as_bytes()).is_some_and(|it| (-2000..=2000).contains(&it));
    if words.iter().all(is_score) {
        Ok(text.to_owned())
    } else {
        Err("Invalid oom-score-adj-values, elements must be between -2000 and 2000.".to_owned())
    }
}

/// The name of a machine.
fn host_name(text: &str) -> Result<String, String> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-.".contains(&byte);
    if text.bytes().all(is_allowed) {
        Ok(text.to_owned())
    } else {
        Err("Hostnames may only contain alphanumeric characters, hyphens or dots".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    /// Sets a parameter and gives its value, or what is wrong.
    fn set(name: &str, text: &str) -> Result<String, String> {
        let mut config = Config::default();
        let param = Config::param(name.as_bytes()).ok_or("no such parameter")?;
        param.set(&mut config, text)?;
        Ok(param.get(&config))
    }

    #[test]
    fn what_is_set_is_remembered_in_its_usual_form() {
        for (name, text, shown) in [
            ("tls-port", "6380", "6380"),
            ("replica-lazy-flush", "YES", "yes"),
            ("active-defrag-ignore-bytes", "1kb", "1024"),
            ("repl-diskless-load", "SWAPDB", "swapdb"),
            ("oom-score-adj-values", "0 -1 2", "0 -1 2"),
        ] {
            assert_eq!(set(name, text).as_deref(), Ok(shown), "{name}");
        }
    }

    #[test]
    fn what_redis_refuses_is_refused() {
        for (name, text) in [
            ("tls-port", "65536"),
            ("replica-lazy-flush", "maybe"),
            ("active-defrag-ignore-bytes", "x"),
            ("repl-diskless-load", "on"),
            ("oom-score-adj-values", "1 2"),
            ("oom-score-adj-values", "1 2 2001"),
            ("cluster-announce-hostname", "a b"),
        ] {
            assert!(set(name, text).is_err(), "{name} {text:?}");
        }
    }
}
