//! Clients that wait: what they wait for, and whose turn it is.
//!
//! A command that finds nothing parks its client with its words. When a key that somebody waits for comes into being,
//! it is noted as ready; after the command that did it, the clients that wait for it run their whole command again, in
//! the order in which they came, until nothing moves.
//! This module keeps the queues; [`Engine`](crate::Engine) runs the commands. It knows nothing of what keys hold.

use std::collections::VecDeque;
use std::rc::Rc;

use redarium_resp::encode::Encoder;
use redarium_resp::words::Words;
use redarium_structures::bytes::Bytes;
use redarium_structures::ordered::{OrderedMap, OrderedSet};

use crate::args::Args;
use crate::client::{Client, ClientId, Clients};
use crate::context::Ctx;
use crate::value::Type;

/// What a client waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitFor {
    /// That one of its keys holds this type.
    Key(Type),
    /// The same, or that the key is gone or holds something else: its group of consumers may have gone with it.
    KeyOrItsEnd(Type),
    /// Acknowledgements of replicas (WAIT).
    Replicas,
    /// Acknowledgements of files and replicas (WAITAOF).
    Files {
        /// Whether this server writes one.
        has_file: bool,
    },
}

impl WaitFor {
    /// Whether a key that holds `found` now is worth another try.
    pub(crate) fn is_met_by(self, found: Option<Type>) -> bool {
        match self {
            Self::Key(wanted) => found == Some(wanted),
            Self::KeyOrItsEnd(_) => true,
            Self::Replicas | Self::Files { .. } => false,
        }
    }

    /// What a client is answered that has waited in vain.
    pub(crate) fn reply_in_vain(self, reply: &mut Encoder<'_>) {
        match self {
            Self::Key(_) | Self::KeyOrItsEnd(_) => reply.null_array(),
            Self::Replicas => reply.integer(0),
            Self::Files { has_file } => {
                reply.array(2);
                reply.integer(i64::from(has_file));
                reply.integer(0);
            }
        }
    }
}

/// A client's wait.
#[derive(Debug, Clone)]
pub struct Wait {
    /// What for.
    pub what: WaitFor,
    /// The command to run again.
    pub words: Words,
    /// The database of the keys.
    pub db: usize,
    /// The keys, each once.
    pub keys: Vec<Bytes>,
    /// When it gives up, in milliseconds since 1970; `None` if never.
    pub until: Option<i64>,
    /// When it must look again though no key has changed: entries of a stream may be claimed by then.
    pub looks_again_at: Option<i64>,
    /// When it began, in milliseconds since 1970.
    pub since: i64,
    /// Its place in the queues: lower ones are served first.
    ticket: u64,
}

/// Whether a client waits.
#[derive(Debug, Clone, Default)]
pub enum Waiting {
    /// It does not.
    #[default]
    No,
    /// It waits.
    Parked(Rc<Wait>),
    /// It has waited, and its command runs again.
    Again(Rc<Wait>),
    /// Its next command waits for the end of a pause (CLIENT PAUSE) or of somebody's script.
    Postponed,
    /// Its own script is half-way.
    Script,
}

/// The clients that wait for one key.
#[derive(Debug, Clone, Default)]
pub struct Queue {
    clients: OrderedMap<u64, ClientId>,
    /// How many of them also wait for its end.
    for_its_end: usize,
    is_ready: bool,
}

impl Queue {
    /// The clients, the next to be served first.
    pub fn clients(&self) -> impl ExactSizeIterator<Item = ClientId> {
        self.clients.values().copied()
    }

    /// Whether one of them is to be told that the key is gone.
    pub fn awaits_end(&self) -> bool {
        self.for_its_end > 0
    }
}

/// A time in which commands are not run (CLIENT PAUSE).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    /// When it ends, in milliseconds since 1970.
    pub until: i64,
    /// Whether all commands wait, and not only those that may write.
    pub everything: bool,
}

/// All clients that wait, by key and by time.
#[derive(Debug, Clone, Default)]
pub struct Waiters {
    /// For each database that was ever waited in, its keys.
    queues: Vec<OrderedMap<Bytes, Queue>>,
    /// How many keys have a queue.
    len: usize,
    /// Keys that have come into being, or gone, in this order.
    ready: VecDeque<(usize, Bytes)>,
    /// When waits end, and when clients must look again.
    moments: OrderedSet<(i64, ClientId)>,
    /// The pause, if there is one.
    pause: Option<Pause>,
    /// Clients whose next command waits for its end, in the order in which they came.
    postponed: Vec<ClientId>,
    /// Clients that no longer wait and whose further commands are yet to be run.
    released: VecDeque<ClientId>,
    last_ticket: u64,
}

impl Waiters {
    /// Whether nobody waits for any key.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Notes that a key has come into being or, if it is a stream, that entries were added. O(1) if nobody waits.
    #[inline]
    pub fn signal(&mut self, db: usize, key: &[u8]) {
        if self.len > 0 {
            self.make_ready(db, key, false);
        }
    }

    /// Notes that a key is gone, or holds something else.
    #[inline]
    pub fn signal_end(&mut self, db: usize, key: &[u8]) {
        if self.len > 0 {
            self.make_ready(db, key, true);
        }
    }

    #[cold]
    fn make_ready(&mut self, db: usize, key: &[u8], is_end: bool) {
        let queues = self.queues.get_mut(db);
        let Some(queue) = queues.and_then(|queues| queues.get_mut(key)) else { return };
        if queue.is_ready || is_end && !queue.awaits_end() {
            return;
        }
        queue.is_ready = true;
        self.ready.push_back((db, Bytes::from(key)));
    }

    /// Notes as ready every key of a database that `is_met` accepts, given whether somebody waits for its end.
    ///
    /// For what happens to a whole database.
    pub(crate) fn signal_all(&mut self, db: usize, mut is_met: impl FnMut(&[u8], bool) -> bool) {
        let Some(queues) = self.queues.get_mut(db) else { return };
        for (key, queue) in queues.iter_mut().filter(|(_, queue)| !queue.is_ready) {
            if is_met(key, queue.awaits_end()) {
                queue.is_ready = true;
                self.ready.push_back((db, key.clone()));
            }
        }
    }

    /// Whether keys are ready for those who wait.
    #[inline]
    pub(crate) fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// Takes the key that was ready first.
    pub(crate) fn next_ready(&mut self) -> Option<(usize, Bytes)> {
        let (db, key) = self.ready.pop_front()?;
        if let Some(queue) = self.queues.get_mut(db).and_then(|queues| queues.get_mut(&*key)) {
            queue.is_ready = false;
        }
        Some((db, key))
    }

    /// The queue of a key.
    pub fn queue(&self, db: usize, key: &[u8]) -> Option<&Queue> {
        self.queues.get(db)?.get(key)
    }

    /// All queues of a database, in the order of their keys.
    pub fn queues(&self, db: usize) -> impl Iterator<Item = (&Bytes, &Queue)> {
        self.queues.get(db).into_iter().flatten()
    }

    /// How many keys are waited for.
    pub fn len(&self) -> usize {
        self.len
    }

    /// How many keys are waited for by somebody who is to be told of their end.
    pub fn awaiting_end(&self) -> usize {
        self.queues.iter().flatten().filter(|(_, queue)| queue.awaits_end()).count()
    }

    /// The last ticket in a key's queue.
    pub(crate) fn last_ticket(&self, db: usize, key: &[u8]) -> Option<u64> {
        self.queue(db, key)?.clients.last().map(|(&ticket, _)| ticket)
    }

    /// The first client of a key's queue behind the ticket `after`, up to the ticket `last`.
    pub(crate) fn next_client(
        &self,
        db: usize,
        key: &[u8],
        after: u64,
        last: u64,
    ) -> Option<(u64, ClientId)> {
        let (&ticket, &id) = self.queue(db, key)?.clients.next_after(&after)?;
        (ticket <= last).then_some((ticket, id))
    }

    /// The next moment at which a wait ends or a client must look again.
    pub fn next_moment(&self) -> Option<i64> {
        let pause = self.pause.map(|pause| pause.until);
        self.moments.first().map(|&(at, _)| at).into_iter().chain(pause).min()
    }

    /// How many waits end by themselves.
    pub fn timeout_count(&self) -> usize {
        self.moments.len()
    }

    /// The pause, if there is one.
    #[inline]
    pub fn paused(&self) -> Option<Pause> {
        self.pause
    }

    /// Begins a pause; what is left of another one, and how strict it is, still counts.
    pub(crate) fn pause(&mut self, until: i64, everything: bool) {
        let pause = self.pause.get_or_insert(Pause { until, everything });
        pause.until = pause.until.max(until);
        pause.everything |= everything;
    }

    /// Makes the next command of a client wait for the end of the pause.
    pub(crate) fn postpone(&mut self, client: &mut Client) {
        client.waiting = Waiting::Postponed;
        self.postponed.push(client.id);
    }

    /// Ends the pause, so that the commands are run that wait for that.
    pub(crate) fn end_pause(&mut self, clients: &mut Clients) {
        self.pause = None;
        self.end_postponement(clients);
    }

    /// Has the commands looked at again that wait for the end of a pause or of a script.
    pub(crate) fn end_postponement(&mut self, clients: &mut Clients) {
        for id in self.postponed.drain(..) {
            if let Some(client) = clients.get_mut(id) {
                client.waiting = Waiting::No;
                self.released.push_back(id);
            }
        }
    }

    /// Takes the next client whose moment has come at `now`.
    pub(crate) fn next_due(&mut self, now: i64) -> Option<ClientId> {
        let &(at, id) = self.moments.first().filter(|&&(at, _)| at <= now)?;
        self.moments.remove(&(at, id));
        Some(id)
    }

    /// Takes the first client whose further commands are yet to be run.
    pub(crate) fn next_released(&mut self) -> Option<ClientId> {
        self.released.pop_front()
    }

    fn park(&mut self, client: &mut Client, mut wait: Wait) {
        self.last_ticket += 1;
        wait.ticket = self.last_ticket;
        if self.queues.len() <= wait.db {
            self.queues.resize_with(wait.db + 1, OrderedMap::new);
        }
        let queues = self.queues.get_mut(wait.db).expect("made just above");
        let mut seen = OrderedSet::new();
        wait.keys.retain(|key| seen.insert(key.clone()));
        for key in &wait.keys {
            let queue = queues.get_or_insert_with(key.clone(), || {
                self.len += 1;
                Queue::default()
            });
            queue.clients.insert(wait.ticket, client.id);
            queue.for_its_end += usize::from(matches!(wait.what, WaitFor::KeyOrItsEnd(_)));
        }
        self.moments.extend(moments_of(&wait, client.id));
        client.waiting = Waiting::Parked(Rc::new(wait));
    }

    /// Takes a client out of all queues; its wait, if it had one. O(keys it waited for).
    pub(crate) fn forget(&mut self, client: &mut Client) -> Option<Rc<Wait>> {
        let wait = match std::mem::take(&mut client.waiting) {
            Waiting::Parked(wait) => wait,
            Waiting::Postponed => {
                self.postponed.retain(|&id| id != client.id);
                return None;
            }
            Waiting::Script => {
                client.waiting = Waiting::Script;
                return None;
            }
            Waiting::No | Waiting::Again(_) => return None,
        };
        for moment in moments_of(&wait, client.id) {
            self.moments.remove(&moment);
        }
        let Some(queues) = self.queues.get_mut(wait.db) else { return Some(wait) };
        for key in &wait.keys {
            let Some(queue) = queues.get_mut(&**key) else { continue };
            if queue.clients.remove(&wait.ticket).is_some() {
                queue.for_its_end -= usize::from(matches!(wait.what, WaitFor::KeyOrItsEnd(_)));
            }
            if queue.clients.is_empty() {
                queues.remove(&**key);
                self.len -= 1;
            }
        }
        Some(wait)
    }

    /// Ends a client's wait, so that its further commands are run; its wait, if it had one.
    pub(crate) fn release(&mut self, client: &mut Client) -> Option<Rc<Wait>> {
        if !matches!(client.waiting, Waiting::Parked(_)) {
            return None;
        }
        let wait = self.forget(client)?;
        self.released.push_back(client.id);
        Some(wait)
    }

    /// Lets the further commands of a client be run that waits no longer.
    pub(crate) fn run_on(&mut self, id: ClientId) {
        self.released.push_back(id);
    }

    /// Asserts what must hold between queues and clients. O(clients × keys); for tests.
    pub fn check<'c>(&self, clients: impl Iterator<Item = &'c Client>) {
        let mut expected: OrderedMap<_, Vec<_>> = OrderedMap::new();
        let mut moments = OrderedSet::new();
        for client in clients {
            assert_eq!(
                matches!(client.waiting, Waiting::Postponed),
                self.postponed.contains(&client.id),
                "who is postponed is known"
            );
            let Waiting::Parked(wait) = &client.waiting else { continue };
            moments.extend(moments_of(wait, client.id));
            for key in &wait.keys {
                expected.get_or_default((wait.db, key.clone())).push((wait.ticket, client.id));
            }
        }
        for queue in expected.values_mut() {
            queue.sort_unstable();
        }
        let mut found = OrderedMap::new();
        for (queues, db) in self.queues.iter().zip(0_usize..) {
            for (key, queue) in queues {
                let clients = queue.clients.iter().map(|(&ticket, &id)| (ticket, id));
                found.insert((db, key.clone()), clients.collect::<Vec<_>>());
            }
        }
        assert_eq!(found, expected, "every client stands in the queues of its keys");
        assert_eq!(self.len, found.len(), "as many keys as are counted");
        assert_eq!(self.moments, moments, "every wait ends");
        assert!(self.ready.is_empty(), "those who could be served were");
        assert!(self.released.is_empty(), "and what they sent was run");
    }
}

/// When a client must be looked at though nobody has changed a key.
fn moments_of(wait: &Wait, id: ClientId) -> impl Iterator<Item = (i64, ClientId)> {
    let moments = [wait.until, wait.looks_again_at].into_iter().flatten();
    moments.collect::<OrderedSet<_>>().into_iter().map(move |at| (at, id))
}

impl Wait {
    /// A wait for some keys of a database; [`Ctx::park`] completes it.
    pub(crate) fn for_keys<'k>(
        what: WaitFor,
        words: Words,
        keys: impl Iterator<Item = &'k [u8]>,
        until: Option<i64>,
    ) -> Self {
        Self {
            what,
            words,
            db: 0,
            keys: keys.map(Bytes::from).collect(),
            until,
            looks_again_at: None,
            since: 0,
            ticket: 0,
        }
    }
}

impl Wait {
    /// Whether the client gives up at `now`.
    pub(crate) fn is_over(&self, now: i64) -> bool {
        self.until.is_some_and(|until| until <= now)
    }
}

impl Ctx<'_> {
    /// Whether the client can be made to wait; inside of a transaction or script what would wait answers as if in vain.
    pub(crate) fn may_block(&self) -> bool {
        !self.client.in_exec && !self.client.in_script
    }

    /// Lets the client wait: its command is run again when one of the keys is worth another try.
    ///
    /// A command that runs again and waits again keeps its time and loses its place, as in Redis: those who came
    /// after it have looked as well by then. Only call this if [`may_block`](Self::may_block) says so.
    pub(crate) fn park(&mut self, mut wait: Wait) {
        wait.db = self.keys.db;
        wait.since = self.keys.now;
        if let Waiting::Again(before) = &self.client.waiting {
            (wait.until, wait.since) = (before.until, before.since);
        }
        self.keys.effects.waiters.park(self.client, wait);
    }

    /// Lets the client wait until one of `keys` holds a value of a type; one that may not wait is answered that there
    /// is nothing. `args` are the words of the command.
    pub(crate) fn park_for<'k>(
        &mut self,
        wanted: Type,
        args: Args<'_>,
        keys: impl Iterator<Item = &'k [u8]>,
        until: Option<i64>,
    ) {
        if self.may_block() {
            let words = Words::from_slices(args.all());
            self.park(Wait::for_keys(WaitFor::Key(wanted), words, keys, until));
        } else {
            self.reply.null_array();
        }
    }
}
