//! Transactions: what clients have queued for EXEC, what they watch, and whether that has changed.

use redarium_resp::words::quote;

use super::Inspector;
use crate::client::{Client, ClientId};
use crate::transaction::Transaction;

/// A key of one of the databases.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct WatchView {
    /// Its database.
    pub db: usize,
    /// Its name.
    #[cfg_attr(feature = "serde", serde(with = "super::text"))]
    pub key: Vec<u8>,
}

/// A client that has called MULTI or WATCH.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct TransactionView {
    /// Its number.
    pub client: ClientId,
    /// The name it has given itself; empty if it has not.
    pub name: String,
    /// Whether it has called MULTI.
    pub is_open: bool,
    /// How many commands it has queued.
    pub total: usize,
    /// Up to `limit` of them, in order, as one would type them.
    pub queue: Vec<String>,
    /// Whether EXEC will refuse because a command could not be queued.
    pub is_refused: bool,
    /// Whether EXEC will do nothing because a watched key has changed; such a client watches nothing any more.
    pub has_changed: bool,
    /// Up to `limit` of the keys that it watches, in the order of WATCH.
    pub watches: Vec<WatchView>,
}

/// A key that is watched, and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct WatchedKeyView {
    /// The key.
    pub key: WatchView,
    /// Up to `limit` clients that watch it, oldest first.
    pub clients: Vec<ClientId>,
}

/// The transactions of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct TransactionsView {
    /// Up to `limit` clients that have called MULTI or WATCH, oldest first.
    pub clients: Vec<TransactionView>,
    /// How many keys are watched.
    pub total: usize,
    /// Up to `limit` of them, by database and name.
    pub watched: Vec<WatchedKeyView>,
}

impl Inspector<'_> {
    /// Up to `limit` transactions with as many commands and keys each, and as many watched keys. O(clients + limit²).
    pub fn transactions(&self, limit: usize) -> TransactionsView {
        let watches = &self.engine.effects().watches;
        let is_shown = |client: &&Client| {
            client.transaction.is_some()
                || watches.has_changed(client.id)
                || !watches.keys_of(client.id).is_empty()
        };
        let clients = self.engine.clients().iter().filter(is_shown).take(limit);
        TransactionsView {
            clients: clients.map(|client| self.transaction(client, limit)).collect(),
            total: watches.key_count(),
            watched: watches
                .iter()
                .take(limit)
                .map(|(db, key, clients)| WatchedKeyView {
                    key: WatchView { db, key: key.to_vec() },
                    clients: clients.take(limit).collect(),
                })
                .collect(),
        }
    }

    fn transaction(self, client: &Client, limit: usize) -> TransactionView {
        let watches = &self.engine.effects().watches;
        let transaction = client.transaction.as_deref();
        let commands = transaction.map_or(&[][..], Transaction::commands);
        TransactionView {
            client: client.id,
            name: client.name.clone(),
            is_open: transaction.is_some(),
            total: commands.len(),
            queue: commands
                .iter()
                .take(limit)
                .map(|command| command.words.iter().map(typed).collect::<Vec<_>>().join(" "))
                .collect(),
            is_refused: transaction.is_some_and(Transaction::is_refused),
            has_changed: watches.has_changed(client.id),
            watches: watches
                .keys_of(client.id)
                .iter()
                .take(limit)
                .map(|(db, key)| WatchView { db: *db, key: key.to_vec() })
                .collect(),
        }
    }
}

/// Bytes of a word that are shown.
const WORD_MAX: usize = 64;

/// A word as one would type it: in quotes only where it needs them. A long one is cut off.
fn typed(word: &[u8]) -> String {
    let (shown, rest) = word.split_at(word.len().min(WORD_MAX));
    let is_plain = |byte: &u8| byte.is_ascii_graphic() && !b"\"'\\".contains(byte);
    let mut text = if !shown.is_empty() && shown.iter().all(is_plain) {
        String::from_utf8_lossy(shown).into_owned()
    } else {
        quote(shown)
    };
    if !rest.is_empty() {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Engine, Options};

    #[test]
    fn queues_and_watched_keys_are_shown() {
        let mut node = Engine::new(Options::default());
        let ann = node.connect("127.0.0.1:50000");
        let bob = node.connect("127.0.0.1:50001");
        node.feed(
            ann,
            b"CLIENT SETNAME ann\r\nWATCH stock price\r\nMULTI\r\nSET note \"two words\"\r\n",
        );
        node.feed(bob, b"WATCH stock\r\n");
        let view = node.inspect().transactions(10);
        assert_eq!(view.clients.len(), 2, "both watch");
        assert_eq!(view.clients[0].queue, ["SET note \"two words\""], "as typed");
        assert_eq!((view.clients[0].is_open, view.clients[1].is_open), (true, false), "MULTI");
        assert_eq!(view.clients[0].watches.len(), 2, "in order");
        assert_eq!(view.clients[0].watches[0].key, b"stock", "the first");
        assert_eq!((view.total, &view.watched[1].clients[..]), (2, &[ann, bob][..]), "by key");
        node.feed(bob, b"INCR stock\r\n");
        let view = node.inspect().transactions(10);
        assert!(
            view.clients.iter().all(|client| client.has_changed),
            "both, and one did it itself"
        );
        assert_eq!(view.total, 0, "who has seen a change watches nothing any more");
        node.feed(ann, b"NOSUCH\r\n");
        assert!(node.inspect().transactions(10).clients[0].is_refused, "it cannot be run");
        node.feed(ann, b"DISCARD\r\n");
        node.feed(bob, b"UNWATCH\r\n");
        assert_eq!(node.inspect().transactions(10).clients, [], "all over");
    }

    #[test]
    fn long_words_are_cut_off() {
        assert_eq!(typed(&[b'x'; 65]), format!("{}…", "x".repeat(64)), "65 bytes");
        assert_eq!(typed(b""), "\"\"", "an empty one needs quotes");
    }
}
