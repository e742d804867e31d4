//! What a stream remembers of producers that name their messages, so that a message sent twice is added once.
//!
//! A producer's names are forgotten after a while, and the oldest ones when there are too many.

use std::collections::VecDeque;
use std::rc::Rc;

use redarium_structures::bytes::Bytes;
use redarium_structures::ordered::OrderedMap;

use super::StreamId;

/// The producers of one stream.
#[derive(Debug, Clone, Default)]
pub struct Producers {
    /// Seconds for which a name is remembered, if XCFGSET has said so.
    pub duration_s: Option<i64>,
    /// Names remembered of each producer, if XCFGSET has said so.
    pub max_size: Option<i64>,
    /// Entries ever added under a name.
    pub added: u64,
    /// Entries that were not added, because their name was known.
    pub duplicates: u64,
    known: OrderedMap<Bytes, Rc<Producer>>,
    /// Each producer by its newest entry, so that those that have fallen silent are found first.
    by_newest: OrderedMap<StreamId, Bytes>,
}

/// The names that one producer has used.
#[derive(Debug, Clone, Default)]
struct Producer {
    ids: OrderedMap<Bytes, StreamId>,
    /// Oldest first.
    order: VecDeque<(StreamId, Bytes)>,
}

impl Producer {
    /// Forgets what was added before `since`, and the oldest names beyond `max`.
    fn forget(&mut self, since: u64, max: usize) {
        while let Some((id, _)) = self.order.front()
            && (id.ms < since || self.order.len() > max)
        {
            if let Some((_, name)) = self.order.pop_front() {
                self.ids.remove(&name);
            }
        }
    }
}

/// For how long and how many names are remembered.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    /// The time from which on names are remembered, in milliseconds since 1970.
    pub since: u64,
    /// Names of each producer.
    pub max: usize,
}

impl Producers {
    /// The entry that a producer has added under a name, if it is still remembered.
    pub fn find(&self, producer: &[u8], name: &[u8], memory: Memory) -> Option<StreamId> {
        let id = *self.known.get(producer)?.ids.get(name)?;
        (id.ms >= memory.since).then_some(id)
    }

    /// Remembers the entry that a producer has added under a name. O(log names), and O(1) for each that is forgotten.
    pub fn remember(&mut self, producer: &[u8], name: &[u8], id: StreamId, memory: Memory) {
        while let Some((oldest, _)) = self.by_newest.first()
            && oldest.ms < memory.since
            && let Some((_, producer)) = self.by_newest.pop_first()
        {
            self.known.remove(&producer);
        }
        let key = Bytes::from(producer);
        let known = Rc::make_mut(self.known.get_or_default(key.clone()));
        if let Some((newest, _)) = known.order.back() {
            self.by_newest.remove(newest);
        }
        let name = Bytes::from(name);
        known.ids.insert(name.clone(), id);
        known.order.push_back((id, name));
        known.forget(memory.since, memory.max);
        self.by_newest.insert(id, key);
        self.added += 1;
    }

    /// Forgets all names, but not how many there were.
    pub fn clear(&mut self) {
        self.known.clear();
        self.by_newest.clear();
    }

    /// How many producers are remembered and how many names of theirs. O(names).
    pub fn counts(&self, memory: Memory) -> (usize, usize) {
        let lives = |producer: &Rc<Producer>| {
            producer.order.iter().filter(|(id, _)| id.ms >= memory.since).count()
        };
        let names = self.known.values().map(lives).filter(|&names| names > 0);
        names.fold((0, 0), |(producers, all), names| (producers + 1, all + names))
    }
}
