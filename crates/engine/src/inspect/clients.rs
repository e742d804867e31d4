//! Who is connected.

use redarium_resp::encode::Protocol;

use super::Inspector;
use crate::client::{Client, ClientId};
use crate::effects::Effects;
use crate::pubsub::Kind;

/// All that a client can listen to.
const KINDS: [Kind; 3] = [Kind::Channel, Kind::Pattern, Kind::Shard];

/// What a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ClientState {
    /// It may send the next command.
    Ready,
    /// It collects commands for EXEC.
    Collecting,
    /// It waits for something before its next command is run.
    Waiting,
    /// It listens to channels.
    Listening,
    /// It is being closed.
    Closing,
}

/// One connection.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ClientView {
    /// Its number.
    pub id: ClientId,
    /// Where it comes from.
    pub addr: String,
    /// The name it has given itself; empty if it has not.
    pub name: String,
    /// The name of its library; empty if it has not told.
    pub lib_name: String,
    /// What it is doing.
    pub state: ClientState,
    /// The letters that CLIENT LIST shows as `flags`.
    pub flags: String,
    /// Whether it speaks RESP3.
    pub is_resp3: bool,
    /// Its selected database.
    pub db: usize,
    /// When it connected, in milliseconds since 1970.
    pub connected_at: i64,
    /// When it last sent something, in milliseconds since 1970.
    pub active_at: i64,
    /// The command it ran last, as `config|get`; empty before the first.
    pub last_command: String,
    /// Commands it has run.
    pub commands: u64,
    /// Bytes it has sent.
    pub bytes_in: u64,
    /// Bytes that were sent to it.
    pub bytes_out: u64,
    /// Bytes of what it has sent and is not run yet.
    pub input_bytes: usize,
    /// Bytes that wait for the host to take them.
    pub output_bytes: usize,
    /// Bytes of memory that it takes.
    pub memory_bytes: usize,
    /// Commands that wait for its EXEC; `None` without MULTI.
    pub queued: Option<usize>,
    /// Keys that it watches.
    pub watched: usize,
    /// Channels and patterns that it listens to.
    pub subscriptions: usize,
    /// Whether it is told of changes of keys (CLIENT TRACKING).
    pub is_tracking: bool,
}

/// The connections of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ClientsView {
    /// The clock, in milliseconds since 1970.
    pub now: i64,
    /// How many there are.
    pub total: usize,
    /// Up to `limit` of them, oldest first.
    pub clients: Vec<ClientView>,
}

impl Inspector<'_> {
    /// Up to `limit` connections, oldest first. O(limit).
    pub fn clients(&self, limit: usize) -> ClientsView {
        let clients = self.engine.clients();
        ClientsView {
            now: self.engine.now(),
            total: clients.len(),
            clients: clients
                .iter()
                .take(limit)
                .map(|client| client_view(client, self.engine.effects()))
                .collect(),
        }
    }
}

fn state(client: &Client) -> ClientState {
    if client.closing {
        ClientState::Closing
    } else if client.is_blocked() {
        ClientState::Waiting
    } else if client.transaction.is_some() {
        ClientState::Collecting
    } else if !client.subscriptions.is_empty() {
        ClientState::Listening
    } else {
        ClientState::Ready
    }
}

fn client_view(client: &Client, effects: &Effects) -> ClientView {
    let last_command = client.last_command.map(|(spec, container)| spec.full_name(container));
    ClientView {
        id: client.id,
        addr: client.addr.clone(),
        name: client.name.clone(),
        lib_name: client.lib_name.clone(),
        state: state(client),
        flags: client.flag_letters(effects),
        is_resp3: client.protocol == Protocol::Resp3,
        db: client.db,
        connected_at: client.connected_at,
        active_at: client.active_at,
        last_command: last_command.unwrap_or_default(),
        commands: client.commands,
        bytes_in: client.bytes_in,
        bytes_out: client.bytes_out,
        input_bytes: client.input.len(),
        output_bytes: client.output.len(),
        memory_bytes: client.memory_bytes(),
        queued: client.transaction.as_ref().map(|queue| queue.commands().len()),
        watched: effects.watches.keys_of(client.id).len(),
        subscriptions: KINDS.iter().map(|&kind| client.subscriptions.len(kind)).sum(),
        is_tracking: effects.tracking.tracker(client.id).is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::ClientState;
    use crate::{Engine, Options};

    #[test]
    fn connections_are_shown_oldest_first() {
        let mut node = Engine::new(Options { start: 1_767_603_600_000, ..Options::default() });
        let ann = node.connect("127.0.0.1:50000");
        node.connect("127.0.0.1:50001");
        node.feed(ann, b"CLIENT SETNAME ann\r\nSELECT 3\r\nCONFIG GET hz\r\n");
        let view = node.inspect().clients(10);
        assert_eq!(view.total, 2, "both");
        assert_eq!(view.clients[0].name, "ann", "the first to connect");
        assert_eq!(view.clients[0].db, 3, "as selected");
        assert_eq!(view.clients[0].last_command, "config|get", "with its container");
        assert_eq!(view.clients[1].last_command, "", "has done nothing");
        assert_eq!(view.clients[1].state, ClientState::Ready, "and could");
        node.feed(ann, b"WATCH a b\r\nMULTI\r\nPING\r\nPI");
        let ann = &node.inspect().clients(1).clients[0];
        assert_eq!(
            (ann.state, ann.queued, ann.watched),
            (ClientState::Collecting, Some(1), 2),
            "in MULTI"
        );
        assert_eq!(ann.input_bytes, 2, "half a command");
        assert_eq!(node.inspect().clients(1).clients.len(), 1, "no more than asked for");
    }
}
