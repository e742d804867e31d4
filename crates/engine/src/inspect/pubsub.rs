//! Who listens to what, and what they were sent.

use redarium_structures::bytes::Bytes;

use super::Inspector;
use crate::client::{Client, ClientId};
use crate::output_limit;
use crate::pubsub::Kind;
use crate::pubsub::deliveries::{Delivery, Receiver};

/// A channel or pattern and who listens to it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct TopicView {
    /// Its name.
    #[cfg_attr(feature = "serde", serde(with = "super::text"))]
    pub name: Vec<u8>,
    /// How many listen.
    pub total: usize,
    /// Up to `limit` of them, in the order in which they came.
    pub listeners: Vec<ClientId>,
}

/// One client that a message was sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ReceiverView {
    /// The client.
    pub id: ClientId,
    /// The pattern by which it was found, in which bytes that are no text are replaced; `None` if it listens to the channel.
    pub pattern: Option<String>,
    /// Whether the message was lost, because it made the client's output too much.
    pub is_dropped: bool,
}

/// One message that was published.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct DeliveryView {
    /// Its number, counted up from 1 while messages are recorded.
    pub number: u64,
    /// When it was published, in milliseconds since 1970.
    pub at: i64,
    /// Who published it; `None` if it tells of an event that no command caused.
    pub from: Option<ClientId>,
    /// Whether its channel is a shard channel.
    pub kind: Kind,
    /// The beginning of the channel's name.
    #[cfg_attr(feature = "serde", serde(with = "super::text"))]
    pub channel: Vec<u8>,
    /// The beginning of the message.
    #[cfg_attr(feature = "serde", serde(with = "super::text"))]
    pub message: Vec<u8>,
    /// How many were sent it.
    pub receiver_count: usize,
    /// The first of them, in the order of sending.
    pub receivers: Vec<ReceiverView>,
}

/// What waits for one client that listens.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct OutputView {
    /// The client.
    pub id: ClientId,
    /// The name it has given itself; empty if it has not.
    pub name: String,
    /// Bytes that it has not taken.
    pub bytes: usize,
    /// Bytes that count towards its limits.
    pub counted_bytes: usize,
    /// Bytes at which it is closed; 0 for no limit.
    pub hard_limit_bytes: i64,
    /// Bytes at which it is closed unless it takes them in time; 0 for no limit.
    pub soft_limit_bytes: i64,
    /// Since when it has been above the soft limit, in milliseconds since 1970.
    pub above_since: Option<i64>,
}

/// Pub/sub at a glance.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PubSubView {
    /// The clock, in milliseconds since 1970.
    pub now: i64,
    /// How many channels somebody listens to.
    pub total_channels: usize,
    /// Up to `limit` of them, oldest first.
    pub channels: Vec<TopicView>,
    /// How many patterns somebody listens to.
    pub total_patterns: usize,
    /// Up to `limit` of them, oldest first.
    pub patterns: Vec<TopicView>,
    /// How many shard channels somebody listens to.
    pub total_shard_channels: usize,
    /// Up to `limit` of them, oldest first.
    pub shard_channels: Vec<TopicView>,
    /// Up to `limit` clients that listen, oldest first, with what waits for them.
    pub outputs: Vec<OutputView>,
    /// How many messages were published while a host recorded changes or steps.
    pub total_deliveries: u64,
    /// Up to `limit` of them, the latest last.
    pub deliveries: Vec<DeliveryView>,
}

impl Inspector<'_> {
    /// Up to `limit` of everything about pub/sub. O(connections + limit²).
    pub fn pubsub(&self, limit: usize) -> PubSubView {
        let (pubsub, clients) = (self.engine.pubsub(), self.engine.clients());
        let topics = |kind| {
            let names = pubsub.names(kind).take(limit);
            names.map(|name| self.topic_view(kind, name, limit)).collect()
        };
        let listening = clients.iter().filter(|client| !client.subscriptions.is_empty());
        let mut deliveries: Vec<_> =
            clients.deliveries().latest().rev().take(limit).map(delivery_view).collect();
        deliveries.reverse();
        PubSubView {
            now: self.engine.now(),
            total_channels: pubsub.len(Kind::Channel),
            channels: topics(Kind::Channel),
            total_patterns: pubsub.len(Kind::Pattern),
            patterns: topics(Kind::Pattern),
            total_shard_channels: pubsub.len(Kind::Shard),
            shard_channels: topics(Kind::Shard),
            outputs: listening.take(limit).map(|client| self.output_view(client)).collect(),
            total_deliveries: clients.deliveries().published(),
            deliveries,
        }
    }

    fn topic_view(self, kind: Kind, name: &Bytes, limit: usize) -> TopicView {
        let pubsub = self.engine.pubsub();
        TopicView {
            name: name.to_vec(),
            total: pubsub.listener_count(kind, name),
            listeners: pubsub.listeners(kind, name).take(limit).collect(),
        }
    }

    fn output_view(self, client: &Client) -> OutputView {
        let limit = self.engine.config().client_output_buffer_limit.pubsub;
        OutputView {
            id: client.id,
            name: client.name.clone(),
            bytes: client.output.len(),
            counted_bytes: output_limit::memory(client.output.len()),
            hard_limit_bytes: limit.hard_bytes,
            soft_limit_bytes: limit.soft_bytes,
            above_since: client.much_output_since,
        }
    }
}

fn delivery_view(delivery: &Delivery) -> DeliveryView {
    let receiver = |receiver: &Receiver| ReceiverView {
        id: receiver.id,
        pattern: receiver.pattern.as_deref().map(|name| String::from_utf8_lossy(name).into_owned()),
        is_dropped: receiver.is_dropped,
    };
    DeliveryView {
        number: delivery.number,
        at: delivery.at,
        from: delivery.from,
        kind: delivery.kind,
        channel: delivery.channel.clone(),
        message: delivery.message.clone(),
        receiver_count: delivery.receiver_count,
        receivers: delivery.receivers.iter().map(receiver).collect(),
    }
}

#[cfg(test)]
mod tests {
    use crate::{Engine, Options};

    #[test]
    fn listeners_and_deliveries_are_shown() {
        let mut node = Engine::new(Options { start: 1_767_603_600_000, ..Options::default() });
        let [ann, bo, cy] = [0, 1, 2].map(|n| node.connect(&format!("127.0.0.1:{}", 50_000 + n)));
        node.feed(ann, b"SUBSCRIBE news sports\r\n");
        node.feed(bo, b"PSUBSCRIBE n*\r\nSSUBSCRIBE news\r\n");
        node.feed(cy, b"PUBLISH news unseen\r\n");
        assert!(node.inspect().pubsub(9).deliveries.is_empty(), "nobody records them");
        node.observe(true);
        node.feed(cy, b"CONFIG SET client-output-buffer-limit \"pubsub 30kb 0 0\"\r\n");
        node.feed(cy, b"PUBLISH news hello\r\nSPUBLISH news bye\r\nPUBLISH else x\r\n");
        let _ = node.take_output(bo);
        node.feed(cy, format!("PUBLISH news {}\r\n", "x".repeat(40_000)).as_bytes());
        let view = node.inspect().pubsub(9);
        let names = |topics: &[super::TopicView]| {
            topics.iter().map(|topic| String::from_utf8_lossy(&topic.name).into_owned()).collect()
        };
        let channels: Vec<String> = names(&view.channels);
        assert_eq!(channels, ["news", "sports"], "oldest first");
        assert_eq!(view.channels[0].listeners, [ann], "who listens");
        assert_eq!((view.total_patterns, view.total_shard_channels), (1, 1), "one of each");
        assert_eq!(view.total_deliveries, 4, "those that were recorded");
        let [hello, bye, lost, long] = &view.deliveries[..] else { panic!("{view:?}") };
        assert_eq!((hello.from, hello.receiver_count), (Some(cy), 2), "ann, and bo by a pattern");
        assert_eq!(hello.receivers[1].pattern.as_deref(), Some("n*"), "how bo was found");
        assert_eq!((bye.receivers[0].id, lost.receiver_count), (bo, 0), "bo alone; nobody");
        assert!(long.receivers.iter().all(|receiver| receiver.is_dropped), "too much for both");
        assert_eq!(long.message.len(), 256, "only the beginning");
        assert_eq!(node.inspect().pubsub(1).deliveries.len(), 1, "no more than asked for");
    }
}
