//! Serving clients that wait: because a key is ready, because their time is over, or because somebody else says so.
//!
//! One that is served runs its whole command again. What it has sent meanwhile is run when all others that are ready
//! have been served, so that nobody overtakes anyone.

use std::rc::Rc;

use redarium_resp::encode::Encoder;

use super::Engine;
use crate::args::Args;
use crate::blocking::{Pause, Queue, Wait, Waiters, Waiting};
use crate::client::{Client, ClientId};
use crate::dispatch;
use crate::value::{Type, Value};

impl Engine {
    /// Serves those who wait for keys that are ready, after a command of `client`, whose output is `output`.
    ///
    /// It stands among the others meanwhile: what they send it follows its own reply.
    #[cold]
    pub(super) fn serve_beside(&mut self, client: &mut Client, output: &mut Vec<u8>) {
        self.beside(client, output, Self::serve_waiting);
    }

    /// Lets the time pass that a command of `client` has slept; it stands among the others meanwhile.
    #[cold]
    pub(super) fn sleep_beside(&mut self, client: &mut Client, output: &mut Vec<u8>) {
        let slept = i64::try_from(self.timing.take_sleep_ms()).unwrap_or(i64::MAX);
        self.beside(client, output, |node| node.advance_to(node.now.saturating_add(slept)));
    }

    fn beside(&mut self, client: &mut Client, output: &mut Vec<u8>, work: impl FnOnce(&mut Self)) {
        let id = client.id;
        std::mem::swap(&mut client.output, output);
        let stand_in = Client::new(id, String::new(), self.now, self.acl.default_user());
        self.clients.put_back(std::mem::replace(client, stand_in));
        work(self);
        *client = self.clients.take(id).expect("only a host removes clients");
        std::mem::swap(&mut client.output, output);
    }

    /// Serves those who wait for keys that are ready until nothing moves: key by key as they became ready, and for each
    /// key in the order in which the clients came.
    ///
    /// It ends: a client that is served waits no longer, and one that waits again has changed nothing.
    pub(super) fn serve_waiting(&mut self) {
        while let Some((db, key)) = self.effects.waiters.next_ready() {
            // Those who wait again go to the end, and it is not their turn again.
            let Some(last) = self.effects.waiters.last_ticket(db, &key) else { continue };
            let mut after = 0;
            while let Some((ticket, id)) = self.effects.waiters.next_client(db, &key, after, last) {
                after = ticket;
                let found = self.keys().in_db(db).peek(&key).map(Value::type_of);
                let queue = self.effects.waiters.queue(db, &key);
                if found.is_none() && !queue.is_some_and(Queue::awaits_end) {
                    break;
                }
                self.try_again(id, found);
            }
        }
    }

    /// Runs the command of a waiting client again if a key that now holds `found` is worth it.
    fn try_again(&mut self, id: ClientId, found: Option<Type>) {
        let Some(client) = self.clients.get(id) else { return };
        let Waiting::Parked(wait) = &client.waiting else { return };
        if wait.what.is_met_by(found) {
            self.run_again(id);
        }
    }

    fn run_again(&mut self, id: ClientId) {
        let Some(mut client) = self.clients.take(id) else { return };
        if let Some(wait) = self.effects.waiters.forget(&mut client)
            && !client.closing
        {
            client.waiting = Waiting::Again(Rc::clone(&wait));
            self.timing.started = self.timing.read();
            self.answer(&mut client, |node, client, output| {
                node.run_one(client, Args::new(wait.words.buf(), wait.words.spans()), output);
            });
            if matches!(client.waiting, Waiting::Again(_)) {
                client.waiting = Waiting::No;
                self.effects.waiters.run_on(id);
            }
        }
        self.clients.put_back(client);
        self.clients.wake(id);
    }

    /// Runs what clients have sent while they waited, those first that were served first.
    pub(super) fn run_released(&mut self) {
        while let Some(id) = self.effects.waiters.next_released() {
            let Some(mut client) = self.clients.take(id) else { continue };
            if !client.closing && !client.input.is_empty() {
                self.run_input(&mut client, &[]);
            }
            self.clients.put_back(client);
            self.clients.wake(id);
        }
    }

    /// Serves those who wait for keys that are ready, after the engine itself has done something.
    #[inline]
    pub(super) fn serve_ready(&mut self) {
        if self.effects.waiters.has_ready() {
            self.serve_waiting();
            self.run_released();
        }
    }

    /// When the next client has waited long enough, or must look again.
    pub fn next_timeout(&self) -> Option<i64> {
        self.effects.waiters.next_moment()
    }

    /// The clients that wait, for looking.
    pub(crate) fn waiters(&self) -> &Waiters {
        &self.effects.waiters
    }

    /// Asserts what must hold between clients that wait and their queues. O(clients × keys); for tests.
    pub fn check_waiters(&self) {
        self.effects.waiters.check(self.clients.iter());
    }

    /// Ends the waits whose time is over, and lets those look again who have to; the clock stands at that moment.
    pub(super) fn end_waits(&mut self) {
        while let Some(id) = self.effects.waiters.next_due(self.now) {
            let Some(mut client) = self.clients.take(id) else { continue };
            let is_over =
                matches!(&client.waiting, Waiting::Parked(wait) if wait.is_over(self.now));
            if is_over {
                if let Some(wait) = self.effects.waiters.release(&mut client) {
                    self.answer(&mut client, |_, client, output| give_up(client, output, &wait));
                    dispatch::count_given_up(&mut self.stats, &wait, false);
                }
            } else if let Waiting::Parked(wait) = &client.waiting {
                // It looks again when its turn comes among all that wait for the same.
                for key in &wait.keys {
                    self.effects.waiters.signal(wait.db, key);
                }
            }
            self.clients.put_back(client);
            self.clients.wake(id);
        }
        if self.effects.waiters.paused().is_some_and(|pause| pause.until <= self.now) {
            self.effects.waiters.end_pause(&mut self.clients);
        }
        self.serve_waiting();
        self.run_released();
    }

    /// Whether there is a pause and a client's command has to wait for its end; it is noted then.
    #[inline]
    pub(super) fn is_postponed(&mut self, client: &mut Client, args: Args<'_>) -> bool {
        if self.scripts.is_running() && self.waits_for_script(client) {
            return true;
        }
        let pause = self.effects.waiters.paused();
        pause.is_some_and(|pause| self.postpone(client, args, pause))
    }

    #[cold]
    fn postpone(&mut self, client: &mut Client, args: Args<'_>, pause: Pause) -> bool {
        let waits = dispatch::is_paused(client, args, pause);
        if waits {
            self.effects.waiters.postpone(client);
        }
        waits
    }

    /// Lets `work` write to a client's output, and counts the bytes.
    pub(super) fn answer(
        &mut self,
        client: &mut Client,
        work: impl FnOnce(&mut Self, &mut Client, &mut Vec<u8>),
    ) {
        let mut output = std::mem::take(&mut client.output);
        let before = output.len();
        work(self, client, &mut output);
        // Less than before if a connection was cut off.
        let written = output.len().saturating_sub(before) as u64;
        client.bytes_out += written;
        self.stats.bytes_out += written;
        if written > 0 {
            // Nobody is idle who was just answered.
            client.active_at = self.now;
        }
        client.output = output;
    }
}

/// Answers a client that has waited in vain.
fn give_up(client: &mut Client, output: &mut Vec<u8>, wait: &Wait) {
    if client.takes_reply() {
        wait.what.reply_in_vain(&mut Encoder { out: output, protocol: client.protocol });
    }
}
