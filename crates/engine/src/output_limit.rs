//! Output-buffer limits: who does not take what it is sent is closed, so that it cannot fill the memory.
//!
//! What counts is what the host has not taken: it must leave output here for as long as the client reads nothing.
//! Output is measured as Redis does, which has a first buffer for nothing and then takes memory in blocks.

use std::fmt::Write as _;

use redarium_resp::number::parse_i64;
use redarium_structures::ordered::OrderedSet;

use crate::client::{Client, ClientId, Clients};
use crate::config::parse_memory;
use crate::stats::Stats;

/// Bytes that every client has for its output from the beginning, and that no limit counts.
pub const FIRST_BUFFER_BYTES: usize = 16 * 1024;

/// Bytes of output in each further block.
const BLOCK_BYTES: usize = 20_464;

/// Bytes of memory that a block takes.
const BLOCK_COST: usize = BLOCK_BYTES + 40;

/// How many blocks output of this length takes besides the first buffer.
pub fn blocks(output_bytes: usize) -> usize {
    output_bytes.saturating_sub(FIRST_BUFFER_BYTES).div_ceil(BLOCK_BYTES)
}

/// Bytes of memory that these take (`omem` of CLIENT LIST).
pub fn memory(output_bytes: usize) -> usize {
    blocks(output_bytes) * BLOCK_COST
}

/// The limits of one class of clients; 0 for none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limit {
    /// Bytes at which a client is closed at once.
    pub hard_bytes: i64,
    /// Bytes at which it is closed if they stay above for too long.
    pub soft_bytes: i64,
    /// For how long.
    pub soft_seconds: i64,
}

/// The limits of all classes (`client-output-buffer-limit`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutputLimits {
    /// Of clients that are nothing else.
    pub normal: Limit,
    /// Of replicas.
    pub replica: Limit,
    /// Of clients that listen to channels.
    pub pubsub: Limit,
}

const MB: i64 = 1024 * 1024;

impl Default for OutputLimits {
    fn default() -> Self {
        Self {
            normal: Limit::default(),
            replica: Limit { hard_bytes: 256 * MB, soft_bytes: 64 * MB, soft_seconds: 60 },
            pubsub: Limit { hard_bytes: 32 * MB, soft_bytes: 8 * MB, soft_seconds: 60 },
        }
    }
}

impl OutputLimits {
    /// These limits with those changed that a text of groups of four words names: class, hard, soft, seconds.
    pub fn changed_by(mut self, text: &str) -> Result<Self, String> {
        let words: Vec<_> = text.split_ascii_whitespace().collect();
        if words.is_empty() || words.len() % 4 != 0 {
            return Err("Wrong number of arguments in buffer limit configuration.".to_owned());
        }
        for group in words.chunks_exact(4) {
            let &[class, hard, soft, seconds] = group else { continue };
            let limit = match class.to_ascii_lowercase().as_str() {
                "normal" => &mut self.normal,
                "slave" | "replica" => &mut self.replica,
                "pubsub" => &mut self.pubsub,
                _ => {
                    let text = "Invalid client class specified in buffer limit configuration.";
                    return Err(text.to_owned());
                }
            };
            let seconds = parse_i64(seconds.as_bytes()).filter(|&seconds| seconds >= 0);
            let (Some(hard_bytes), Some(soft_bytes), Some(soft_seconds)) =
                (parse_memory(hard), parse_memory(soft), seconds)
            else {
                let text =
                    "Error in hard, soft or soft_seconds setting in buffer limit configuration.";
                return Err(text.to_owned());
            };
            *limit = Limit { hard_bytes, soft_bytes, soft_seconds };
        }
        Ok(self)
    }

    /// The text that CONFIG GET answers.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let classes = [("normal", self.normal), ("slave", self.replica), ("pubsub", self.pubsub)];
        for (class, Limit { hard_bytes, soft_bytes, soft_seconds }) in classes {
            // Writing to a String cannot fail.
            let _ = write!(text, "{class} {hard_bytes} {soft_bytes} {soft_seconds} ");
        }
        text.trim_end().to_owned()
    }

    fn of(&self, client: &Client) -> Limit {
        if client.subscriptions.is_empty() { self.normal } else { self.pubsub }
    }

    /// Whether output of `len` bytes is too much for a client, or has been for too long; remembers since when it is much.
    pub(crate) fn are_exceeded(&self, client: &mut Client, len: usize, now: i64) -> bool {
        let limit = self.of(client);
        let memory = memory(len) as i64;
        if limit.soft_bytes == 0 || memory < limit.soft_bytes {
            client.much_output_since = None;
        } else if client.much_output_since.is_none() {
            client.much_output_since = Some(now);
        }
        limit.hard_bytes > 0 && memory >= limit.hard_bytes
            || end_of(client, limit).is_some_and(|end| end <= now)
    }
}

/// When a client is closed unless it takes its output; whole seconds are compared, as in Redis.
fn end_of(client: &Client, limit: Limit) -> Option<i64> {
    let seconds = client.much_output_since?.div_euclid(1000).saturating_add(limit.soft_seconds);
    Some(seconds.saturating_add(1).saturating_mul(1000))
}

/// Closes a client that does not take its output; what it has not taken is lost.
pub(crate) fn close(client: &mut Client, stats: &mut Stats) {
    client.closing = true;
    client.much_output_since = None;
    client.output = Vec::new();
    stats.output_limit_disconnections += 1;
}

/// When the next client is to be closed, if any is. O(clients with much output).
pub(crate) fn next_end(clients: &Clients, limits: &OutputLimits) -> Option<i64> {
    let much = clients.with_much_output().iter().filter_map(|&id| clients.get(id));
    much.filter_map(|client| end_of(client, limits.of(client))).min()
}

/// Closes all clients that have had too much output for too long. O(clients with much output).
pub(crate) fn close_slow(
    clients: &mut Clients,
    limits: &OutputLimits,
    stats: &mut Stats,
    now: i64,
) {
    let watched: OrderedSet<ClientId> = std::mem::take(clients.with_much_output_mut());
    for id in watched {
        let Some(client) = clients.get_mut(id) else { continue };
        if limits.are_exceeded(client, client.output.len(), now) {
            close(client, stats);
            clients.wake(id);
        } else if client.much_output_since.is_some() {
            clients.with_much_output_mut().insert(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Engine, Options};

    #[test]
    fn limits_are_read_and_written() {
        let limits = OutputLimits::default();
        let text = "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60";
        assert_eq!(limits.text(), text, "the defaults");
        let changed = limits.changed_by("normal 1mb 0 0 replica 1 2 3").unwrap();
        let text = "normal 1048576 0 0 slave 1 2 3 pubsub 33554432 8388608 60";
        assert_eq!(changed.text(), text, "only what is named");
        for wrong in ["", "normal 1 2", "nobody 1 2 3", "normal x 2 3", "normal 1 2 -3"] {
            assert!(limits.changed_by(wrong).is_err(), "{wrong:?}");
        }
    }

    /// A node with somebody who listens and takes nothing, and a publisher.
    fn node(limits: &str) -> (Engine, ClientId, impl FnMut(&mut Engine, usize) -> String) {
        let mut node = Engine::new(Options { start: 1_000_000, seed: 7, ..Options::default() });
        let (slow, bo) = (node.connect("127.0.0.1:50000"), node.connect("127.0.0.1:50001"));
        node.feed(slow, b"SUBSCRIBE a\r\n");
        let line = format!("CONFIG SET client-output-buffer-limit \"pubsub {limits}\"\r\n");
        node.feed(bo, line.as_bytes());
        let publish = move |node: &mut Engine, len: usize| {
            let _ = node.take_output(bo);
            node.feed(bo, format!("PUBLISH a {}\r\n", "x".repeat(len)).as_bytes());
            String::from_utf8(node.take_output(bo)).unwrap()
        };
        (node, slow, publish)
    }

    #[test]
    fn who_has_too_much_output_is_closed_at_once() {
        let (mut node, slow, mut publish) = node("100kb 0 0");
        for _ in 0..4 {
            assert_eq!(publish(&mut node, 20_000), ":1\r\n", "not much yet");
        }
        let _ = node.take_woken();
        publish(&mut node, 20_000);
        assert!(node.is_closing(slow), "above the hard limit");
        assert!(node.take_woken().contains(&slow), "the host is told");
        assert!(node.take_output(slow).is_empty(), "what it did not take is lost");
        assert_eq!(publish(&mut node, 1), ":0\r\n", "nobody is there any more");
        let bo = node.connect("127.0.0.1:50002");
        node.feed(bo, b"INFO stats\r\n");
        let info = String::from_utf8(node.take_output(bo)).unwrap();
        assert!(info.contains("client_output_buffer_limit_disconnections:1\r\n"), "{info}");
    }

    #[test]
    fn who_has_much_output_for_long_is_closed_on_time() {
        let (mut node, slow, mut publish) = node("0 50kb 2");
        publish(&mut node, 100_000);
        assert!(node.poll_timeout().is_some_and(|at| at <= 1_003_000), "the host is to come back");
        node.advance_to(1_002_999);
        assert!(!node.is_closing(slow), "two seconds, and a part of one");
        assert!(!node.take_output(slow).is_empty(), "it takes all in time");
        node.advance_to(1_010_000);
        assert!(!node.is_closing(slow), "all is well");
        publish(&mut node, 100_000);
        node.advance_to(1_100_000);
        assert!(node.is_closing(slow), "this time it took nothing");
    }

    #[test]
    fn a_reply_can_be_too_long_as_well() {
        let mut node = Engine::new(Options { start: 1_000_000, seed: 7, ..Options::default() });
        let ann = node.connect("127.0.0.1:50000");
        let long = "x".repeat(100_000);
        node.feed(ann, b"CONFIG SET client-output-buffer-limit \"normal 50kb 0 0\"\r\n");
        node.feed(ann, format!("SET k {long}\r\n").as_bytes());
        let _ = node.take_output(ann);
        node.feed(ann, b"GET k\r\nSET later 1\r\n");
        assert!(node.is_closing(ann), "closed");
        assert!(node.take_output(ann).is_empty(), "and sent nothing");
        assert_eq!(node.databases()[0].len(), 1, "nothing of what follows is run");
    }
}
