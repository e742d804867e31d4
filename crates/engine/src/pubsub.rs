//! Pub/sub: who listens to what, and how a message reaches them.
//!
//! Channels and patterns are kept in the order of their first listener, and listeners in the order in which they came:
//! what Redis leaves to its hash tables is the same here on every run.
//! This module knows nothing of commands, of keys or of what messages say.

pub mod deliveries;

use redarium_resp::encode::Encoder;
use redarium_structures::bytes::Bytes;
use redarium_structures::glob::matches;
use redarium_structures::order;
use redarium_structures::ordered::OrderedMap;

use crate::client::{Client, ClientId};
use crate::mail::{self, Mail, Packet};
use deliveries::Delivery;

/// What a subscription names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Kind {
    /// A channel.
    Channel,
    /// A glob pattern of channels.
    Pattern,
    /// A channel of one shard of a cluster; here the only shard there is.
    Shard,
}

/// How many kinds there are.
const KINDS: usize = 3;

/// What one client listens to.
#[derive(Debug, Clone, Default)]
pub struct Subscriptions {
    /// Names by kind, each with the number of its arrival.
    names: [OrderedMap<Bytes, u64>; KINDS],
    total: usize,
}

impl Subscriptions {
    /// How many there are of one kind.
    pub fn len(&self, kind: Kind) -> usize {
        self.of(kind).len()
    }

    /// Whether there is none of any kind.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// The number that answers a subscription of this kind: patterns count with channels, shard channels by themselves.
    pub fn count_with(&self, kind: Kind) -> usize {
        match kind {
            Kind::Channel | Kind::Pattern => self.len(Kind::Channel) + self.len(Kind::Pattern),
            Kind::Shard => self.len(Kind::Shard),
        }
    }

    /// The names of one kind, oldest subscription first. O(n log n).
    pub fn names(&self, kind: Kind) -> Vec<Bytes> {
        let mut names: Vec<_> = self.of(kind).iter().map(|(name, &at)| (at, name)).collect();
        order::sort(&mut names);
        names.into_iter().map(|(_, name)| name.clone()).collect()
    }

    fn of(&self, kind: Kind) -> &OrderedMap<Bytes, u64> {
        let [channels, patterns, shards] = &self.names;
        match kind {
            Kind::Channel => channels,
            Kind::Pattern => patterns,
            Kind::Shard => shards,
        }
    }

    fn of_mut(&mut self, kind: Kind) -> &mut OrderedMap<Bytes, u64> {
        let [channels, patterns, shards] = &mut self.names;
        match kind {
            Kind::Channel => channels,
            Kind::Pattern => patterns,
            Kind::Shard => shards,
        }
    }
}

/// A name that somebody listens to.
#[derive(Debug, Clone)]
struct Topic {
    /// The number of its first listener's arrival.
    since: u64,
    listeners: OrderedMap<u64, ClientId>,
}

/// All names of one kind.
#[derive(Debug, Clone, Default)]
struct Topics {
    by_name: OrderedMap<Bytes, Topic>,
    /// The same names, oldest first.
    by_age: OrderedMap<u64, Bytes>,
}

impl Topics {
    fn add(&mut self, name: &Bytes, arrival: u64, id: ClientId) {
        let topic = self.by_name.get_or_insert_with(name.clone(), || {
            self.by_age.insert(arrival, name.clone());
            Topic { since: arrival, listeners: OrderedMap::new() }
        });
        topic.listeners.insert(arrival, id);
    }

    fn remove(&mut self, name: &[u8], arrival: u64) {
        let Some(topic) = self.by_name.get_mut(name) else { return };
        topic.listeners.remove(&arrival);
        if topic.listeners.is_empty() {
            self.by_age.remove(&topic.since);
            self.by_name.remove(name);
        }
    }

    fn listeners(&self, name: &[u8]) -> impl Iterator<Item = ClientId> + '_ {
        self.by_name.get(name).into_iter().flat_map(|topic| topic.listeners.values().copied())
    }
}

/// All subscriptions of a node.
#[derive(Debug, Clone, Default)]
pub struct PubSub {
    topics: [Topics; KINDS],
    arrivals: u64,
}

impl PubSub {
    /// Lets a client listen to a name; nothing changes if it does already. O(log n).
    pub fn subscribe(&mut self, kind: Kind, name: &[u8], client: &mut Client) {
        if client.subscriptions.of(kind).contains_key(name) {
            return;
        }
        self.arrivals += 1;
        let (arrival, name) = (self.arrivals, Bytes::from(name));
        self.of_mut(kind).add(&name, arrival, client.id);
        client.subscriptions.of_mut(kind).insert(name, arrival);
        client.subscriptions.total += 1;
    }

    /// Ends one subscription of a client, if it has it. O(log n).
    pub fn unsubscribe(&mut self, kind: Kind, name: &[u8], client: &mut Client) {
        if let Some(arrival) = client.subscriptions.of_mut(kind).remove(name) {
            client.subscriptions.total -= 1;
            self.of_mut(kind).remove(name, arrival);
        }
    }

    /// Ends all subscriptions of a client. O(n log n) in their number.
    pub fn leave(&mut self, client: &mut Client) {
        if client.subscriptions.is_empty() {
            return;
        }
        for kind in [Kind::Channel, Kind::Pattern, Kind::Shard] {
            for (name, arrival) in std::mem::take(client.subscriptions.of_mut(kind)) {
                self.of_mut(kind).remove(&name, arrival);
            }
        }
        client.subscriptions.total = 0;
    }

    /// Whether nobody listens to anything.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.topics.iter().all(|topics| topics.by_age.is_empty())
    }

    /// How many different names of one kind somebody listens to.
    pub fn len(&self, kind: Kind) -> usize {
        self.of(kind).by_age.len()
    }

    /// The names of one kind that somebody listens to, oldest first.
    pub fn names(&self, kind: Kind) -> impl Iterator<Item = &Bytes> {
        self.of(kind).by_age.values()
    }

    /// How many clients listen to a name.
    pub fn listener_count(&self, kind: Kind, name: &[u8]) -> usize {
        self.of(kind).by_name.get(name).map_or(0, |topic| topic.listeners.len())
    }

    /// The clients that listen to a name, in the order in which they came.
    pub fn listeners(&self, kind: Kind, name: &[u8]) -> impl Iterator<Item = ClientId> + '_ {
        self.of(kind).listeners(name)
    }

    /// Sends a message to all who listen to a channel, then to all whose pattern matches it; how many times it was sent.
    ///
    /// O(listeners + patterns).
    pub fn publish(&self, post: &mut Mail<'_>, channel: &[u8], message: &[u8]) -> usize {
        let mut record = post.record(Kind::Channel, channel, message);
        let mut packet = mail::message([b"message", channel, message]);
        let direct = self.listeners(Kind::Channel, channel);
        let mut receivers = send_all(post, direct, &mut packet, None, &mut record);
        let patterns = self.of(Kind::Pattern);
        for pattern in patterns.by_age.values().filter(|pattern| matches(pattern, channel, false)) {
            let mut packet = mail::message([b"pmessage", pattern, channel, message]);
            let matching = patterns.listeners(pattern);
            receivers += send_all(post, matching, &mut packet, Some(pattern), &mut record);
        }
        post.keep(record);
        receivers
    }

    /// Sends a message to all who listen to a shard channel; how many times it was sent.
    pub fn publish_to_shard(&self, post: &mut Mail<'_>, channel: &[u8], message: &[u8]) -> usize {
        let mut record = post.record(Kind::Shard, channel, message);
        let mut packet = mail::message([b"smessage", channel, message]);
        let listeners = self.listeners(Kind::Shard, channel);
        let receivers = send_all(post, listeners, &mut packet, None, &mut record);
        post.keep(record);
        receivers
    }

    fn of(&self, kind: Kind) -> &Topics {
        let [channels, patterns, shards] = &self.topics;
        match kind {
            Kind::Channel => channels,
            Kind::Pattern => patterns,
            Kind::Shard => shards,
        }
    }

    fn of_mut(&mut self, kind: Kind) -> &mut Topics {
        let [channels, patterns, shards] = &mut self.topics;
        match kind {
            Kind::Channel => channels,
            Kind::Pattern => patterns,
            Kind::Shard => shards,
        }
    }
}

/// Sends a message to these clients; how many were there. `pattern` is that by which they were found.
fn send_all<W: Fn(&mut Encoder<'_>)>(
    post: &mut Mail<'_>,
    ids: impl Iterator<Item = ClientId>,
    packet: &mut Packet<W>,
    pattern: Option<&Bytes>,
    record: &mut Option<Delivery>,
) -> usize {
    let mut sent = 0;
    for id in ids {
        if post.send(id, packet) {
            sent += 1;
            if let Some(record) = record {
                let is_dropped = post.client(id).is_none_or(|client| client.closing);
                record.add(id, pattern.map(|pattern| &**pattern), is_dropped);
            }
        }
    }
    sent
}

impl Mail<'_> {
    fn record(&mut self, kind: Kind, channel: &[u8], message: &[u8]) -> Option<Delivery> {
        let scene = (self.now, self.own.as_ref().map(|client| client.id));
        self.clients.deliveries_mut().begin(kind, channel, message, scene)
    }

    fn keep(&mut self, record: Option<Delivery>) {
        if let Some(record) = record {
            self.clients.deliveries_mut().keep(record);
        }
    }
}

#[cfg(test)]
mod tests;
