//! The parameter `timeout`: connections that send nothing for too long are closed.
//!
//! As in Redis, whole seconds are compared, and who waits for keys or listens to channels may be silent for ever.

use crate::client::{Client, Clients};

/// When a connection has been silent for more than `timeout_s` seconds, in milliseconds since 1970; `None` if it may be.
fn end_of(client: &Client, timeout_s: i64) -> Option<i64> {
    let may_be_silent =
        client.is_blocked() || client.is_monitor || !client.subscriptions.is_empty();
    if client.closing || may_be_silent {
        return None;
    }
    let last = client.active_at.div_euclid(1000);
    Some(last.saturating_add(timeout_s).saturating_add(1).saturating_mul(1000))
}

/// When the next connection is to be closed, if any is. O(connections).
pub(crate) fn next_end(clients: &Clients, timeout_s: i64) -> Option<i64> {
    if timeout_s <= 0 {
        return None;
    }
    clients.iter().filter_map(|client| end_of(client, timeout_s)).min()
}

/// Closes all connections that have been silent for too long. O(connections).
pub(crate) fn close_silent(clients: &mut Clients, now: i64, timeout_s: i64) {
    let is_over = |client: &&mut Client| end_of(client, timeout_s).is_some_and(|end| end <= now);
    let mut closed = Vec::new();
    for client in clients.iter_mut().filter(is_over) {
        client.closing = true;
        closed.push(client.id);
    }
    for id in closed {
        clients.wake(id);
    }
}

#[cfg(test)]
mod tests {
    use crate::{Engine, Options};

    #[test]
    fn who_waits_or_listens_may_be_silent() {
        let mut node = Engine::new(Options { start: 1_500, seed: 7, ..Options::default() });
        let [waiting, listening, silent] = [(); 3].map(|()| node.connect("127.0.0.1:50000"));
        node.feed(waiting, b"BLPOP list 0\r\n");
        node.feed(listening, b"SUBSCRIBE news\r\n");
        node.feed(silent, b"CONFIG SET timeout 1\r\n");
        node.advance_to(1_000_000);
        assert!(!node.is_closing(waiting) && !node.is_closing(listening), "for a reason");
        assert!(node.is_closing(silent), "for none");
    }

    #[test]
    fn silent_connections_are_closed_on_time() {
        let mut node = Engine::new(Options { start: 1_500, seed: 7, ..Options::default() });
        let silent = node.connect("127.0.0.1:50000");
        let busy = node.connect("127.0.0.1:50001");
        assert_eq!(node.poll_timeout(), None, "nobody waits for anything");
        node.feed(busy, b"CONFIG SET timeout 2\r\n");
        assert!(node.poll_timeout().is_some_and(|at| at <= 4_000), "to close it in time");
        node.advance_to(3_999);
        assert!(!node.is_closing(silent), "two seconds, and a part of one");
        node.feed(busy, b"PING\r\n");
        let _ = node.take_woken();
        node.advance_to(4_000);
        assert!(node.is_closing(silent), "more than two seconds");
        assert!(!node.is_closing(busy), "not that one");
        assert!(node.take_woken().contains(&silent), "the host is told");
        node.advance_to(1_000_000);
        assert!(node.is_closing(busy), "however far the clock jumps");
    }
}
