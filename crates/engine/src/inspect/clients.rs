//! Who is connected.

use redarium_resp::encode::Protocol;

use super::Inspector;
use crate::client::{Client, ClientId};
use crate::effects::Effects;

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

fn client_view(client: &Client, effects: &Effects) -> ClientView {
    let last_command = client.last_command.map(|(spec, container)| spec.full_name(container));
    ClientView {
        id: client.id,
        addr: client.addr.clone(),
        name: client.name.clone(),
        lib_name: client.lib_name.clone(),
        flags: client.flag_letters(effects),
        is_resp3: client.protocol == Protocol::Resp3,
        db: client.db,
        connected_at: client.connected_at,
        active_at: client.active_at,
        last_command: last_command.unwrap_or_default(),
        commands: client.commands,
        bytes_in: client.bytes_in,
        bytes_out: client.bytes_out,
    }
}

#[cfg(test)]
mod tests {
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
        assert_eq!(node.inspect().clients(1).clients.len(), 1, "no more than asked for");
    }
}
