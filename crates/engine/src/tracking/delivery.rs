//! How notices reach clients: as pushes under RESP3, or as messages to a client that listens in another's place.

use redarium_resp::encode::{Encoder, Protocol};

use super::{Notice, Tracking};
use crate::client::ClientId;
use crate::context::Ctx;
use crate::mail::{Mail, Packet};

/// The channel that a RESP2 client listens to for another client's sake.
const CHANNEL: &[u8] = b"__redis__:invalidate";

impl Ctx<'_> {
    /// Sends what clients are to be told of; what the executing one is told follows its reply.
    pub(crate) fn deliver_notices(&mut self) {
        if self.keys.effects.tracking.has_notices() {
            let (mut mail, _, effects) = self.mail();
            effects.tracking.deliver(&mut mail);
        }
    }
}

impl Tracking {
    /// Sends all notices.
    #[cold]
    pub(crate) fn deliver(&mut self, mail: &mut Mail<'_>) {
        for (client, notice) in self.take_notices() {
            self.send(mail, client, &notice);
        }
    }

    fn send(&mut self, mail: &mut Mail<'_>, client: ClientId, notice: &Notice) {
        let Some(tracker) = self.trackers.get_mut(&client) else { return };
        let Some(own) = mail.client(client) else { return };
        let protocol = own.protocol;
        let receiver = tracker.redirect.unwrap_or(client);
        let Some(to) = mail.client(receiver) else {
            tracker.is_redirect_broken = true;
            if protocol == Protocol::Resp3 {
                mail.send(client, &mut Packet::new(|out| broken(out, receiver)));
            }
            return;
        };
        if to.protocol == Protocol::Resp3 {
            mail.send(receiver, &mut Packet::new(|out| invalidate(out, notice)));
        } else if tracker.redirect.is_some() && !to.subscriptions.is_empty() {
            mail.send(receiver, &mut Packet::new(|out| message(out, notice, protocol)));
        }
        // Any other RESP2 client could not tell the notice from a reply.
    }
}

fn broken(out: &mut Encoder<'_>, receiver: ClientId) {
    out.push(2);
    out.bulk(b"tracking-redir-broken");
    out.integer(receiver.0 as i64);
}

fn invalidate(out: &mut Encoder<'_>, notice: &Notice) {
    out.push(2);
    out.bulk(b"invalidate");
    write(out, notice);
}

/// What a RESP2 client gets in the place of one that speaks `protocol`, in which Redis writes a null.
fn message(out: &mut Encoder<'_>, notice: &Notice, protocol: Protocol) {
    out.push(3);
    out.bulk(b"message");
    out.bulk(CHANNEL);
    write(&mut Encoder { out: out.out, protocol }, notice);
}

fn write(out: &mut Encoder<'_>, notice: &Notice) {
    match notice {
        Notice::All => out.null(),
        Notice::Keys(keys) => {
            out.array(keys.len());
            for key in keys {
                out.bulk(key);
            }
        }
    }
}
