//! Counters that INFO reports and that are not about keys.

use redarium_structures::ordered::OrderedMap;
pub(crate) mod by_command;
pub(crate) mod histogram;

use by_command::ByCommand;

/// Codes of errors that are counted one by one; a script could make up any number of them.
pub const ERROR_CODES_MAX: usize = 128;

/// Counters since the node started or CONFIG RESETSTAT.
#[derive(Debug, Clone, Default)]
pub struct Stats {
    /// When the node started, in milliseconds since 1970.
    pub started_at: i64,
    /// Connections so far.
    pub connections: u64,
    /// Connections that found too many others (`maxclients`).
    pub rejected_connections: u64,
    /// Commands run so far.
    pub commands: u64,
    /// Bytes received.
    pub bytes_in: u64,
    /// Bytes sent.
    pub bytes_out: u64,
    /// Connections that were closed because all together took too much memory.
    pub evicted_clients: u64,
    /// Clients that were closed because they did not take their output.
    pub output_limit_disconnections: u64,
    /// Error replies.
    pub errors: u64,
    /// Error replies by their first word; at most [`ERROR_CODES_MAX`].
    pub errors_by_code: OrderedMap<String, u64>,
    /// What was counted of each command.
    pub(crate) by_command: ByCommand,
    /// Commands, keys, channels and passwords that were refused for want of a right.
    pub(crate) denied: Denied,
    /// 40 hexadecimal digits that name this run.
    pub run_id: String,
}

/// How often something was refused for want of a right, as INFO tells it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Denied {
    pub(crate) auth: u64,
    pub(crate) commands: u64,
    pub(crate) keys: u64,
    pub(crate) channels: u64,
}

impl Stats {
    /// Counts an error reply by the text after its `-`.
    pub fn count_error(&mut self, text: &[u8]) {
        self.errors += 1;
        let code = text.split(|&byte| byte == b' ').next().unwrap_or_default();
        let code = &*String::from_utf8_lossy(code);
        if let Some(count) = self.errors_by_code.get_mut(code) {
            *count += 1;
        } else if self.errors_by_code.len() < ERROR_CODES_MAX {
            self.errors_by_code.insert(code.to_owned(), 1);
        }
    }
}
