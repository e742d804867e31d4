//! Who waits for what.

use redarium_structures::bytes::Bytes;

use super::Inspector;
use crate::blocking::{Queue, Waiting};
use crate::client::{Client, ClientId};

/// One client that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct WaitingClientView {
    /// Its number.
    pub id: ClientId,
    /// The name it has given itself; empty if it has not.
    pub name: String,
    /// The command that waits, as `blpop`.
    pub command: String,
    /// Since when, in milliseconds since 1970; `None` if it waits for the end of a pause.
    pub since: Option<i64>,
    /// When it gives up, in milliseconds since 1970; `None` if never.
    pub until: Option<i64>,
}

/// One key and its queue.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct BlockedKeyView {
    /// Its database.
    pub db: usize,
    /// The key.
    #[cfg_attr(feature = "serde", serde(with = "super::text"))]
    pub key: Vec<u8>,
    /// How many clients wait for it.
    pub total: usize,
    /// Up to `limit` of them, the next to be served first.
    pub clients: Vec<WaitingClientView>,
}

/// The clients that wait.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct BlockedView {
    /// The clock, in milliseconds since 1970.
    pub now: i64,
    /// How many clients wait.
    pub total_clients: usize,
    /// How many keys they wait for.
    pub total_keys: usize,
    /// Up to `limit` keys, by database and name.
    pub keys: Vec<BlockedKeyView>,
    /// Up to `limit` clients that wait for no key: for replicas, or for the end of a pause.
    pub others: Vec<WaitingClientView>,
    /// When the pause ends, in milliseconds since 1970, if there is one.
    pub paused_until: Option<i64>,
    /// Whether the pause holds up all commands, and not only those that write.
    pub pauses_everything: bool,
}

impl Inspector<'_> {
    /// Up to `limit` keys that clients wait for, each with up to `limit` of these. O(connections + limit²).
    pub fn blocked(&self, limit: usize) -> BlockedView {
        let waiters = self.engine.waiters();
        let clients = self.engine.clients();
        let dbs = 0..self.engine.databases().len();
        let queues = dbs.flat_map(|db| waiters.queues(db).map(move |queue| (db, queue)));
        let others = clients.iter().filter(|client| waits_for_no_key(client));
        let pause = waiters.paused();
        BlockedView {
            now: self.engine.now(),
            total_clients: clients.iter().filter(|client| client.is_blocked()).count(),
            total_keys: waiters.len(),
            keys: queues
                .take(limit)
                .map(|(db, (key, queue))| self.queue_view(db, key, queue, limit))
                .collect(),
            others: others.take(limit).map(client_view).collect(),
            paused_until: pause.map(|pause| pause.until),
            pauses_everything: pause.is_some_and(|pause| pause.everything),
        }
    }

    fn queue_view(self, db: usize, key: &Bytes, queue: &Queue, limit: usize) -> BlockedKeyView {
        let clients = queue.clients().filter_map(|id| self.engine.clients().get(id));
        BlockedKeyView {
            db,
            key: key.to_vec(),
            total: queue.clients().len(),
            clients: clients.take(limit).map(client_view).collect(),
        }
    }
}

fn waits_for_no_key(client: &Client) -> bool {
    match &client.waiting {
        Waiting::Parked(wait) => wait.keys.is_empty(),
        Waiting::Postponed => true,
        Waiting::No | Waiting::Again(_) | Waiting::Script => false,
    }
}

fn client_view(client: &Client) -> WaitingClientView {
    let wait = match &client.waiting {
        Waiting::Parked(wait) => Some(wait),
        _ => None,
    };
    let name = wait.and_then(|wait| wait.words.get(0)).unwrap_or_default();
    WaitingClientView {
        id: client.id,
        name: client.name.clone(),
        command: String::from_utf8_lossy(name).to_ascii_lowercase(),
        since: wait.map(|wait| wait.since),
        until: wait.and_then(|wait| wait.until),
    }
}

#[cfg(test)]
mod tests {
    use crate::{Engine, Options};

    #[test]
    fn queues_are_shown_in_the_order_of_service() {
        let start = 1_767_603_600_000;
        let mut node = Engine::new(Options { start, ..Options::default() });
        let [ann, bob, cleo, dora, eve] =
            [0, 1, 2, 3, 4].map(|n| node.connect(&format!("127.0.0.1:{}", 50_000 + n)));
        node.feed(bob, b"CLIENT SETNAME bob\r\nBLPOP jobs urgent 0\r\n");
        node.advance_to(start + 500);
        node.feed(ann, b"BRPOP jobs 2\r\n");
        node.feed(cleo, b"WAIT 1 0\r\n");
        node.feed(eve, b"CLIENT PAUSE 1000 WRITE\r\n");
        node.feed(dora, b"SET a 1\r\n");
        let view = node.inspect().blocked(10);
        assert_eq!((view.total_clients, view.total_keys), (4, 2), "all of them, and two keys");
        let jobs = &view.keys[0];
        assert_eq!((jobs.db, &*jobs.key, jobs.total), (0, &b"jobs"[..], 2), "by name");
        assert_eq!(jobs.clients[0].name, "bob", "who came first is served first");
        assert_eq!(jobs.clients[0].command, "blpop", "as it was called");
        assert_eq!((jobs.clients[0].since, jobs.clients[0].until), (Some(start), None), "for ever");
        assert_eq!(jobs.clients[1].until, Some(start + 2_500), "two seconds");
        assert_eq!(view.keys[1].total, 1, "bob alone");
        let others: Vec<_> = view.others.iter().map(|client| client.id).collect();
        assert_eq!(others, [cleo, dora], "one waits for replicas, one for the end of the pause");
        assert_eq!(view.paused_until, Some(start + 1_500), "a second from then");
        assert!(!view.pauses_everything, "reading goes on");
        let view = node.inspect().blocked(1);
        assert_eq!((view.keys.len(), view.keys[0].clients.len()), (1, 1), "no more than asked for");
        assert_eq!(node.inspect().clients(9).clients[1].flags, "b", "it is blocked");
    }
}
