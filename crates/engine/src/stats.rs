//! Counters that INFO reports and that are not about keys.

/// Counters since the node started or CONFIG RESETSTAT.
#[derive(Debug, Clone, Default)]
pub struct Stats {
    /// When the node started, in milliseconds since 1970.
    pub started_at: i64,
    /// Connections so far.
    pub connections: u64,
    /// Commands run so far.
    pub commands: u64,
    /// Bytes received.
    pub bytes_in: u64,
    /// Bytes sent.
    pub bytes_out: u64,
    /// Error replies.
    pub errors: u64,
    /// 40 hexadecimal digits that name this run.
    pub run_id: String,
}
