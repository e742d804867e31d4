//! Groups of consumers: how far each has read, and which entries are delivered but not yet acknowledged.
//!
//! A pending entry is known twice, as in Redis: to its group, with its consumer and the time of its delivery, and to
//! its consumer. A group's consumers have numbers, so that a pending entry need not repeat a name.

use redarium_structures::arena::Arena;
use redarium_structures::bytes::Bytes;
use redarium_structures::ordered::OrderedMap;
use redarium_structures::radix_tree::RadixTree;
use redarium_structures::trace::NoTrace;

use super::{Log, StreamId};

/// An entry that was delivered and not yet acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pending {
    /// The number of the consumer that has it.
    pub consumer: u32,
    /// When it was last delivered, in milliseconds since 1970.
    pub delivered_at: i64,
    /// How often it was delivered.
    pub deliveries: u64,
}

/// One reader of a group.
#[derive(Debug, Clone, Default)]
pub struct Consumer {
    /// Its name.
    pub name: Bytes,
    /// When it last asked for entries.
    pub seen_at: i64,
    /// When it last got one.
    pub active_at: Option<i64>,
    pending: RadixTree<()>,
}

impl Consumer {
    /// How many entries it has yet to acknowledge.
    pub fn pending_len(&self) -> usize {
        self.pending.len()
    }

    /// The ids of these from `first` on.
    pub fn pending_ids(&self, first: StreamId) -> impl Iterator<Item = StreamId> {
        self.pending.walk_from(&first.key(), false).map(|leaf| StreamId::from_key(&leaf.key))
    }
}

/// How a pending entry changes when a consumer claims it.
#[derive(Debug, Clone, Copy)]
pub struct Claim {
    /// The number of the consumer that gets it.
    pub consumer: u32,
    /// The time of delivery that is recorded.
    pub delivered_at: i64,
    /// The number of deliveries that is recorded; `None` keeps the present one.
    pub deliveries: Option<u64>,
}

/// A group of consumers.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// The id of the last entry that it was given.
    pub last_id: StreamId,
    /// How many of all entries ever added stand up to that one, where that is known.
    pub entries_read: Option<u64>,
    pending: RadixTree<Pending>,
    consumers: Arena<Consumer>,
    names: OrderedMap<Bytes, u32>,
}

impl Group {
    /// A group that has read up to `last_id`, which is the `entries_read`-th entry if that is known.
    pub fn new(last_id: StreamId, entries_read: Option<u64>) -> Self {
        Self { last_id, entries_read, ..Self::default() }
    }

    /// How many entries are delivered but not acknowledged. O(1).
    pub fn pending_len(&self) -> usize {
        self.pending.len()
    }

    /// What is known of a pending entry.
    pub fn pending(&self, id: StreamId) -> Option<&Pending> {
        self.pending.get(&id.key(), &mut NoTrace)
    }

    /// The pending entries from `first` on.
    pub fn pendings(&self, first: StreamId) -> impl Iterator<Item = (StreamId, &Pending)> {
        let walk = self.pending.walk_from(&first.key(), false);
        walk.map(|leaf| (StreamId::from_key(&leaf.key), leaf.value))
    }

    /// The ids of the first and the last pending entry.
    pub fn pending_edges(&self) -> Option<(StreamId, StreamId)> {
        let edge = |last| self.pending.edge(last).map(|leaf| StreamId::from_key(&leaf.key));
        Some((edge(false)?, edge(true)?))
    }

    /// How many consumers there are. O(1).
    pub fn consumer_count(&self) -> usize {
        self.names.len()
    }

    /// The consumers, in the order of their names.
    pub fn consumers(&self) -> impl Iterator<Item = &Consumer> {
        self.names.values().map(|&number| self.consumers.get(number))
    }

    /// The consumer with this number, which is one of this group's.
    pub fn consumer(&self, number: u32) -> &Consumer {
        self.consumers.get(number)
    }

    /// The same for writing.
    pub fn consumer_mut(&mut self, number: u32) -> &mut Consumer {
        self.consumers.get_mut(number)
    }

    /// The number of the consumer of this name.
    pub fn find_consumer(&self, name: &[u8]) -> Option<u32> {
        self.names.get(name).copied()
    }

    /// Adds a consumer, if there is none of this name; its number and whether it is new.
    pub fn ensure_consumer(&mut self, name: &[u8], now: i64) -> (u32, bool) {
        if let Some(number) = self.find_consumer(name) {
            return (number, false);
        }
        let name = Bytes::from(name);
        let consumer = Consumer { name: name.clone(), seen_at: now, ..Consumer::default() };
        let number = self.consumers.insert(consumer);
        self.names.insert(name, number);
        (number, true)
    }

    /// Puts another time in place of `unknown` wherever that stands for when a consumer was seen or given something.
    pub(super) fn date_consumers(&mut self, unknown: i64, now: i64) {
        let numbers: Vec<u32> = self.names.values().copied().collect();
        for number in numbers {
            let consumer = self.consumer_mut(number);
            if consumer.seen_at == unknown {
                consumer.seen_at = now;
            }
            if consumer.active_at == Some(unknown) {
                consumer.active_at = Some(now);
            }
        }
    }

    /// Removes a consumer and forgets what it has pending; how many entries that were. O(pending).
    pub fn remove_consumer(&mut self, name: &[u8]) -> Option<usize> {
        let consumer = self.consumers.remove(self.names.remove(name)?);
        for leaf in consumer.pending.walk(false) {
            self.pending.remove(&leaf.key, &mut NoTrace);
        }
        Some(consumer.pending.len())
    }

    /// Notes that an entry is delivered to a consumer for the first time, or anew.
    pub fn deliver(&mut self, id: StreamId, consumer: u32, now: i64) {
        let delivered = Pending { consumer, delivered_at: now, deliveries: 1 };
        self.put(id, delivered);
    }

    /// Gives a pending entry, or one that was acknowledged long ago, to a consumer.
    pub fn claim(&mut self, id: StreamId, claim: Claim) {
        let Claim { consumer, delivered_at, deliveries } = claim;
        let deliveries =
            deliveries.or_else(|| self.pending(id).map(|pending| pending.deliveries)).unwrap_or(1);
        self.put(id, Pending { consumer, delivered_at, deliveries });
    }

    fn put(&mut self, id: StreamId, pending: Pending) {
        let key = id.key();
        let (_, before) = self.pending.insert(&key, pending, &mut NoTrace);
        match before {
            Some(before) if before.consumer == pending.consumer => return,
            Some(before) => {
                self.consumers.get_mut(before.consumer).pending.remove(&key, &mut NoTrace);
            }
            None => {}
        }
        self.consumers.get_mut(pending.consumer).pending.insert(&key, (), &mut NoTrace);
    }

    /// Counts one more delivery of a pending entry to the consumer that has it.
    pub fn redeliver(&mut self, id: StreamId, now: i64) {
        if let Some(pending) = self.pending.get_mut(&id.key(), &mut NoTrace) {
            pending.delivered_at = now;
            pending.deliveries = pending.deliveries.saturating_add(1);
        }
    }

    /// Takes an entry out of what is pending; whether it was. O(1).
    pub fn acknowledge(&mut self, id: StreamId) -> bool {
        let key = id.key();
        let Some(pending) = self.pending.remove(&key, &mut NoTrace) else { return false };
        self.consumers.get_mut(pending.consumer).pending.remove(&key, &mut NoTrace);
        true
    }

    /// Notes that the group was given the entry `id`, and counts it.
    pub fn advance(&mut self, id: StreamId, log: &Log) {
        if id <= self.last_id {
            return;
        }
        let follows = self.last_id >= log.first_id() && !log.has_gap_from(self.last_id);
        self.entries_read = match self.entries_read {
            Some(read) if follows => Some(read.saturating_add(1)),
            _ if log.entries_added > 0 => log.entries_up_to(id),
            unknown => unknown,
        };
        self.last_id = id;
    }

    /// How many entries the group has yet to read, where that is known.
    pub fn lag(&self, log: &Log) -> Option<i64> {
        if log.entries_added == 0 || log.is_empty() {
            return Some(0);
        }
        if self.last_id < log.first_id() && log.max_deleted_id < log.first_id() {
            return Some(log.len() as i64);
        }
        let read = match self.entries_read {
            Some(read) if !log.has_gap_from(self.last_id) => read,
            _ => log.entries_up_to(self.last_id)?,
        };
        Some(log.entries_added.wrapping_sub(read) as i64)
    }

    /// Bytes on the heap. O(consumers).
    pub(super) fn heap_bytes(&self) -> usize {
        let consumers = self.consumers().map(|consumer| consumer.pending.heap_bytes());
        self.pending.heap_bytes() + self.consumers.heap_bytes() + consumers.sum::<usize>()
    }

    /// Frees up to 256 nodes of its trees and says whether more are left.
    pub(super) fn drain_chunk(&mut self) -> bool {
        if self.pending.drain_chunk() {
            return true;
        }
        let Some((_, &first)) = self.names.first() else { return false };
        if !self.consumers.get_mut(first).pending.drain_chunk() {
            self.consumers.remove(first);
            self.names.pop_first();
        }
        !self.names.is_empty()
    }

    pub(super) fn check(&self) {
        self.pending.check();
        self.consumers.check();
        assert_eq!(self.names.len(), self.consumers.len(), "every consumer has a name");
        for (name, &number) in &self.names {
            let consumer = self.consumers.get(number);
            assert_eq!(consumer.name, *name, "its own");
            consumer.pending.check();
            for id in consumer.pending_ids(StreamId::MIN) {
                let owner = self.pending(id).map(|pending| pending.consumer);
                assert_eq!(owner, Some(number), "the group knows who has {id:?}");
            }
        }
        let owned: usize = self.consumers().map(Consumer::pending_len).sum();
        assert_eq!(owned, self.pending_len(), "every pending entry has a consumer");
    }
}

impl Log {
    /// Whether entries after `id` may have been deleted one by one, so that counting on from it is no good.
    fn has_gap_from(&self, id: StreamId) -> bool {
        !self.is_empty()
            && self.max_deleted_id != StreamId::MIN
            && self.first_id() <= self.max_deleted_id
            && id <= self.max_deleted_id
    }

    /// How many of all entries ever added stand up to `id`, where that can be told.
    fn entries_up_to(&self, id: StreamId) -> Option<u64> {
        if self.entries_added == 0 {
            return Some(0);
        }
        if self.is_empty() && id <= self.last_id {
            return Some(self.entries_added);
        }
        if id != StreamId::MIN && id < self.max_deleted_id {
            return None;
        }
        if id == self.last_id {
            return Some(self.entries_added);
        }
        let is_whole =
            self.max_deleted_id == StreamId::MIN || self.max_deleted_id < self.first_id();
        if id > self.last_id || !is_whole {
            return None;
        }
        match id.cmp(&self.first_id()) {
            std::cmp::Ordering::Less => Some(self.entries_added - self.len()),
            std::cmp::Ordering::Equal => Some(self.entries_added - self.len() + 1),
            std::cmp::Ordering::Greater => None,
        }
    }
}
