//! The slow log: the last commands that took longer than `slowlog-log-slower-than`.

use std::collections::VecDeque;

/// Words of a command that are kept; the last of them tells how many more there were.
const WORDS_MAX: usize = 32;

/// Bytes of a word that are kept.
const WORD_BYTES_MAX: usize = 128;

/// One slow command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlowEntry {
    /// Counted up from 0.
    pub id: u64,
    /// When it ran, in milliseconds since 1970.
    pub at: i64,
    /// How long it took, in microseconds.
    pub micros: u64,
    /// Its words, the long ones and the many shortened.
    pub words: Vec<Vec<u8>>,
    /// Where its client came from.
    pub addr: String,
    /// The name of its client.
    pub client_name: String,
}

/// The entries, newest first.
#[derive(Debug, Clone, Default)]
pub struct SlowLog {
    entries: VecDeque<SlowEntry>,
    next_id: u64,
}

impl SlowLog {
    /// The entries, newest first.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &SlowEntry> {
        self.entries.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Adds a command, which gets the next number, and drops those beyond `len_max`.
    pub(crate) fn push(&mut self, mut entry: SlowEntry, len_max: usize) {
        entry.id = self.next_id;
        self.next_id += 1;
        self.entries.push_front(entry);
        self.entries.truncate(len_max);
    }

    /// Forgets all entries; numbers go on.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }
}

/// The words of a command as the log keeps them.
pub(crate) fn shortened<'a>(words: impl ExactSizeIterator<Item = &'a [u8]>) -> Vec<Vec<u8>> {
    let total = words.len();
    let kept = if total > WORDS_MAX { WORDS_MAX - 1 } else { total };
    let mut shown: Vec<_> = words.take(kept).map(shortened_word).collect();
    if kept < total {
        shown.push(format!("... ({} more arguments)", total - kept).into_bytes());
    }
    shown
}

fn shortened_word(word: &[u8]) -> Vec<u8> {
    match word.split_at_checked(WORD_BYTES_MAX) {
        Some((start, rest)) if !rest.is_empty() => {
            [start, format!("... ({} more bytes)", rest.len()).as_bytes()].concat()
        }
        _ => word.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_commands_are_shortened() {
        let words = vec![b"x".as_slice(); 32];
        assert_eq!(shortened(words.iter().copied()).len(), 32, "32 words fit");
        let words = vec![b"x".as_slice(); 33];
        let shown = shortened(words.iter().copied());
        assert_eq!(shown.len(), 32, "31 words and a note");
        assert_eq!(shown[31], b"... (2 more arguments)", "what is missing");
        assert_eq!(shortened_word(&[b'y'; 128]), [b'y'; 128], "128 bytes fit");
        let long = shortened_word(&[b'y'; 130]);
        assert!(long.ends_with(b"y... (2 more bytes)"), "the rest is counted");
    }

    #[test]
    fn numbers_go_on_when_entries_are_dropped() {
        let mut log = SlowLog::default();
        let entry = SlowEntry {
            id: 0,
            at: 0,
            micros: 1,
            words: Vec::new(),
            addr: String::new(),
            client_name: String::new(),
        };
        for _ in 0..5 {
            log.push(entry.clone(), 3);
        }
        let ids = |log: &SlowLog| log.iter().map(|entry| entry.id).collect::<Vec<_>>();
        assert_eq!(ids(&log), [4, 3, 2], "the newest three");
        log.clear();
        log.push(entry, 3);
        assert_eq!(ids(&log), [5], "never the same number again");
    }
}
