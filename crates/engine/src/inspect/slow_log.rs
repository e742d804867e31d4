//! Which commands took long.

use super::Inspector;

/// One slow command.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SlowCommandView {
    /// Counted up from 0.
    pub id: u64,
    /// When it ran, in milliseconds since 1970.
    pub at: i64,
    /// How long it took, in microseconds.
    pub micros: u64,
    /// Its words, shortened.
    pub words: Vec<String>,
    /// Where its client came from.
    pub addr: String,
    /// The name of its client.
    pub client_name: String,
}

/// The slow log.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SlowLogView {
    /// Microseconds from which a command is slow; negative for never.
    pub slower_than_us: i64,
    /// How many entries there are.
    pub total: usize,
    /// Up to `limit` of them, newest first.
    pub commands: Vec<SlowCommandView>,
}

impl Inspector<'_> {
    /// Up to `limit` slow commands, newest first. O(limit).
    pub fn slow_log(&self, limit: usize) -> SlowLogView {
        let log = &self.engine.timing().slow_log;
        let commands = log.iter().take(limit).map(|entry| SlowCommandView {
            id: entry.id,
            at: entry.at,
            micros: entry.micros,
            words: entry.words.iter().map(|word| String::from_utf8_lossy(word).into()).collect(),
            addr: entry.addr.clone(),
            client_name: entry.client_name.clone(),
        });
        SlowLogView {
            slower_than_us: self.engine.config().slowlog_log_slower_than,
            total: log.len(),
            commands: commands.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Engine, Options};

    #[test]
    fn slow_commands_are_shown_newest_first() {
        let mut node = Engine::new(Options { start: 1_767_603_600_000, ..Options::default() });
        let ann = node.connect("127.0.0.1:50000");
        node.feed(ann, b"DEBUG SLEEP 0.02\r\nGET a\r\nDEBUG SLEEP 0.03\r\n");
        let view = node.inspect().slow_log(10);
        let micros: Vec<_> = view.commands.iter().map(|slow| slow.micros).collect();
        assert_eq!((view.total, micros), (2, vec![30_000, 20_000]), "newest first");
        assert_eq!(view.commands[0].words, ["DEBUG", "SLEEP", "0.03"], "with their words");
        assert_eq!(node.now(), 1_767_603_600_050, "and the clock has moved");
        assert_eq!(node.take_pause(), 50, "the host is to wait");
        assert_eq!(node.take_pause(), 0, "once");
    }
}
