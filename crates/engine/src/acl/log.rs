//! The log of what was refused: one entry for refusals of one kind within a minute.

use std::collections::VecDeque;

/// Milliseconds within which equal refusals are one entry.
const GROUPED_MS: i64 = 60_000;

/// Entries that are looked through for an equal one.
const LOOKED_AT_MAX: usize = 10;

/// What was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    Command,
    Key,
    Channel,
    Auth,
}

impl Reason {
    /// The name in ACL LOG.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Key => "key",
            Self::Channel => "channel",
            Self::Auth => "auth",
        }
    }
}

/// From where the command came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// From a client, to be run at once.
    TopLevel,
    /// From a client, to be queued or run by EXEC.
    Multi,
    /// From a script.
    Script,
}

impl Origin {
    /// The name in ACL LOG.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::TopLevel => "toplevel",
            Self::Multi => "multi",
            Self::Script => "lua",
        }
    }
}

/// Something that was refused, and what it was part of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) reason: Reason,
    pub(crate) origin: Origin,
    /// The command, key, channel, or word that asked for authentication.
    pub(crate) object: Vec<u8>,
    /// The user, or whom somebody claimed to be.
    pub(crate) user: Vec<u8>,
}

/// Equal refusals within a minute.
#[derive(Debug, Clone)]
pub(crate) struct LogEntry {
    pub(crate) id: u64,
    pub(crate) count: u64,
    pub(crate) refusal: Refusal,
    /// The client that was refused last, as CLIENT INFO describes it.
    pub(crate) client: String,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

/// The entries, newest first.
#[derive(Debug, Clone, Default)]
pub(crate) struct AclLog {
    entries: VecDeque<LogEntry>,
    next_id: u64,
}

impl AclLog {
    /// Notes a refusal, and drops the oldest entries beyond `len_max`.
    pub(crate) fn add(&mut self, refusal: Refusal, client: String, now: i64, len_max: usize) {
        let is_equal =
            |entry: &LogEntry| entry.refusal == refusal && now - entry.updated_at <= GROUPED_MS;
        let at = self.entries.iter().take(LOOKED_AT_MAX).position(is_equal);
        if let Some(mut entry) = at.and_then(|at| self.entries.remove(at)) {
            entry.count += 1;
            entry.client = client;
            entry.updated_at = now;
            self.entries.push_front(entry);
        } else {
            let id = self.next_id;
            self.next_id += 1;
            self.entries.push_front(LogEntry {
                id,
                count: 1,
                refusal,
                client,
                created_at: now,
                updated_at: now,
            });
        }
        self.entries.truncate(len_max);
    }

    /// The entries, newest first.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &LogEntry> {
        self.entries.iter()
    }

    /// Forgets all entries; numbers go on.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(object: &str) -> Refusal {
        Refusal {
            reason: Reason::Key,
            origin: Origin::TopLevel,
            object: object.into(),
            user: b"bob".to_vec(),
        }
    }

    #[test]
    fn equal_refusals_within_a_minute_are_one_entry() {
        let mut log = AclLog::default();
        let mut add = |object: &str, now| {
            log.add(refusal(object), String::new(), now, 128);
            log.iter().map(|entry| (entry.id, entry.count)).collect::<Vec<_>>()
        };
        assert_eq!(add("a", 0), [(0, 1)], "the first");
        assert_eq!(add("b", 10), [(1, 1), (0, 1)], "another");
        assert_eq!(add("a", 60_000), [(0, 2), (1, 1)], "again, and so the newest");
        assert_eq!(add("a", 120_001), [(2, 1), (0, 2), (1, 1)], "a minute and more later");
        log.add(refusal("c"), String::new(), 0, 2);
        assert_eq!(log.iter().len(), 2, "no more than the limit");
    }
}
