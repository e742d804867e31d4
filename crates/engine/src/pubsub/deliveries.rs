//! What was published lately and who received it, for pictures; recorded only while a host wants to see it.

use std::collections::VecDeque;

use super::Kind;
use crate::client::ClientId;

/// Messages that are remembered: more than a picture shows.
pub const DELIVERIES_MAX: usize = 64;

/// Receivers of one message that are remembered.
pub const RECEIVERS_MAX: usize = 64;

/// Bytes of a channel and of a message that are remembered.
pub const TEXT_MAX: usize = 256;

/// One client that a message was sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receiver {
    /// The client.
    pub id: ClientId,
    /// The pattern by which it was found; `None` if it listens to the channel itself.
    pub pattern: Option<Vec<u8>>,
    /// Whether the message was lost, because it made the client's output too much.
    pub is_dropped: bool,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its number, counted up from 1 while messages are recorded.
    pub number: u64,
    /// When it was published, in milliseconds since 1970.
    pub at: i64,
    /// Who published it; `None` if it tells of an event that no command caused.
    pub from: Option<ClientId>,
    /// Whether its channel is a shard channel.
    pub kind: Kind,
    /// The beginning of the channel's name.
    pub channel: Vec<u8>,
    /// The beginning of the message.
    pub message: Vec<u8>,
    /// How many were sent it; the answer of PUBLISH.
    pub receiver_count: usize,
    /// The first of them, in the order of sending.
    pub receivers: Vec<Receiver>,
}

impl Delivery {
    pub(super) fn add(&mut self, id: ClientId, pattern: Option<&[u8]>, is_dropped: bool) {
        self.receiver_count += 1;
        if self.receivers.len() < RECEIVERS_MAX {
            let pattern = pattern.map(beginning);
            self.receivers.push(Receiver { id, pattern, is_dropped });
        }
    }
}

/// The latest messages.
#[derive(Debug, Clone, Default)]
pub struct Deliveries {
    /// Whether messages are recorded.
    pub(crate) is_on: bool,
    published: u64,
    latest: VecDeque<Delivery>,
}

impl Deliveries {
    /// The record of a message that is being published, if messages are recorded.
    pub(super) fn begin(
        &mut self,
        kind: Kind,
        channel: &[u8],
        message: &[u8],
        (at, from): (i64, Option<ClientId>),
    ) -> Option<Delivery> {
        if !self.is_on {
            return None;
        }
        self.published += 1;
        Some(Delivery {
            number: self.published,
            at,
            from,
            kind,
            channel: beginning(channel),
            message: beginning(message),
            receiver_count: 0,
            receivers: Vec::new(),
        })
    }

    pub(super) fn keep(&mut self, delivery: Delivery) {
        if self.latest.len() == DELIVERIES_MAX {
            self.latest.pop_front();
        }
        self.latest.push_back(delivery);
    }

    /// How many messages were published while they were recorded.
    pub fn published(&self) -> u64 {
        self.published
    }

    /// The latest messages, oldest first.
    pub fn latest(&self) -> impl DoubleEndedIterator<Item = &Delivery> {
        self.latest.iter()
    }
}

fn beginning(bytes: &[u8]) -> Vec<u8> {
    bytes.get(..TEXT_MAX).unwrap_or(bytes).to_vec()
}
