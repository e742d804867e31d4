//! What one client's doings send to others: pushes, written into their output without being asked for.
//!
//! What the executing client is sent itself is put aside and follows its reply, as in Redis.
//! This module knows nothing of why something is sent.

use redarium_resp::encode::{Encoder, Protocol};

use crate::client::{Client, ClientId, Clients};
use crate::context::Ctx;
use crate::effects::Effects;
use crate::events;
use crate::output_limit::{self, FIRST_BUFFER_BYTES, OutputLimits};
use crate::pubsub::PubSub;
use crate::stats::Stats;

/// A push in both protocols, each encoded when the first client that speaks it is sent it.
#[derive(Debug)]
pub struct Packet<W> {
    write: W,
    encoded: [Vec<u8>; 2],
}

/// A push of these words, as all messages are.
pub fn message<const N: usize>(words: [&[u8]; N]) -> Packet<impl Fn(&mut Encoder<'_>)> {
    Packet::new(move |push| {
        push.push(N);
        for word in words {
            push.bulk(word);
        }
    })
}

impl<W: Fn(&mut Encoder<'_>)> Packet<W> {
    /// What `write` writes.
    pub fn new(write: W) -> Self {
        Self { write, encoded: [Vec::new(), Vec::new()] }
    }

    fn bytes(&mut self, protocol: Protocol) -> &[u8] {
        let [resp2, resp3] = &mut self.encoded;
        let out = if protocol == Protocol::Resp2 { resp2 } else { resp3 };
        if out.is_empty() {
            (self.write)(&mut Encoder::new(out, protocol));
        }
        out
    }
}

/// All who can be sent something.
#[derive(Debug)]
pub struct Mail<'a> {
    /// The client whose command is running, if there is one.
    pub own: Option<&'a mut Client>,
    /// All others.
    pub clients: &'a mut Clients,
    /// Where bytes are counted.
    pub stats: &'a mut Stats,
    /// How much output each may have.
    pub limits: &'a OutputLimits,
    /// Milliseconds since 1970.
    pub now: i64,
}

impl Mail<'_> {
    /// A client that can be sent something.
    pub fn client(&self, id: ClientId) -> Option<&Client> {
        let own = self.own.as_deref().filter(|own| own.id == id);
        own.or_else(|| self.clients.get(id))
    }

    /// Sends a push to a client; whether it was there to be sent something.
    pub fn send<W>(&mut self, id: ClientId, packet: &mut Packet<W>) -> bool
    where
        W: Fn(&mut Encoder<'_>),
    {
        let own = self.own.as_mut().filter(|own| own.id == id);
        if let Some(client) = own {
            let bytes = packet.bytes(client.protocol);
            client.pushes.extend_from_slice(bytes);
            return true;
        }
        let Some(client) = self.clients.get_mut(id).filter(|client| !client.closing) else {
            return false;
        };
        let bytes = packet.bytes(client.protocol);
        client.output.extend_from_slice(bytes);
        client.bytes_out += bytes.len() as u64;
        self.stats.bytes_out += bytes.len() as u64;
        let len = client.output.len();
        if len > FIRST_BUFFER_BYTES && self.limits.are_exceeded(client, len, self.now) {
            output_limit::close(client, self.stats);
        } else if client.much_output_since.is_some() {
            self.clients.with_much_output_mut().insert(id);
        }
        self.clients.wake(id);
        true
    }
}

impl Ctx<'_> {
    /// All clients, the executing one included, for sending; and who listens to what.
    pub fn mail(&mut self) -> (Mail<'_>, &PubSub, &mut Effects) {
        let mail = Mail {
            own: Some(self.client),
            clients: self.clients,
            stats: self.stats,
            limits: &self.config.client_output_buffer_limit,
            now: self.keys.now,
        };
        (mail, self.pubsub, self.keys.effects)
    }

    /// Tells subscribers what the command that has just run did to keys.
    #[cold]
    pub(crate) fn tell_events(&mut self) {
        let (mut mail, pubsub, effects) = self.mail();
        events::tell(effects, pubsub, &mut mail);
    }
}
