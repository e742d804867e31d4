//! CLIENT TRACKING: clients keep copies of what they read, and are told when these are no longer true.
//!
//! Two ways, as in Redis: the node remembers which client has read which key, or clients name prefixes and are told of
//! all keys that begin so (`BCAST`). Keys are told apart by name only, not by database.
//! A client is told of a key once; it is remembered again when it reads the key again.
//! This module knows nothing of how a message looks; see [`delivery`].

pub mod delivery;

use redarium_structures::bytes::Bytes;
use redarium_structures::hash_table::{HashTable, hash_bytes};
use redarium_structures::ordered::{OrderedMap, OrderedSet};
use redarium_structures::rng::Rng;
use redarium_structures::trace::NoTrace;

use crate::client::ClientId;

/// Keys that are forgotten before a command at most, when there are more than `tracking-table-max-keys`.
const FORGOTTEN_PER_COMMAND: usize = 100;

/// When a client is told of keys, besides that it is not told of those it changes itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Of all keys it reads.
    #[default]
    Reads,
    /// Of those it reads right after CLIENT CACHING YES.
    OptIn,
    /// Of those it reads, but not right after CLIENT CACHING NO.
    OptOut,
    /// Of all keys that begin with its prefixes.
    Broadcast,
}

/// What a client that tracks has asked for.
#[derive(Debug, Clone, Default)]
pub struct Tracker {
    /// Which keys.
    pub mode: Mode,
    /// Whether it is spared its own changes.
    pub skips_own: bool,
    /// The client that is told in its place.
    pub redirect: Option<ClientId>,
    /// Whether CLIENT CACHING was called just before.
    pub is_caching_said: bool,
    /// Whether the client that was to be told is gone.
    pub is_redirect_broken: bool,
    /// The prefixes of a broadcast, in order.
    pub prefixes: OrderedSet<Bytes>,
}

/// What a client is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// These keys have changed.
    Keys(Vec<Bytes>),
    /// Any key may have changed.
    All,
}

/// A key that clients have read.
#[derive(Debug, Clone, Default)]
struct TrackedKey {
    key: Bytes,
    readers: OrderedSet<ClientId>,
}

/// A prefix that clients have named.
#[derive(Debug, Clone, Default)]
struct Prefix {
    clients: OrderedSet<ClientId>,
    /// Keys that have changed, with who changed them last.
    changed: OrderedMap<Bytes, Option<ClientId>>,
}

/// All that a node knows of its clients' copies. Empty on the usual path, where it costs a comparison.
#[derive(Debug, Clone, Default)]
pub struct Tracking {
    trackers: OrderedMap<ClientId, Tracker>,
    keys: HashTable<TrackedKey>,
    /// Pairs of key and reader.
    items: usize,
    prefixes: OrderedMap<Bytes, Prefix>,
    /// Who is to be told what, in order.
    outbox: Vec<(ClientId, Notice)>,
    /// The client whose command is running.
    running: Option<ClientId>,
}

impl Tracking {
    /// Whether nobody tracks and nothing is remembered, so that no change matters.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.trackers.is_empty() && self.keys.is_empty()
    }

    /// Clients that track.
    pub fn len(&self) -> usize {
        self.trackers.len()
    }

    /// Keys that are remembered.
    pub fn key_count(&self) -> usize {
        self.keys.len()
    }

    /// Pairs of a key that is remembered and a client that has read it.
    pub fn item_count(&self) -> usize {
        self.items
    }

    /// Prefixes that are broadcast.
    pub fn prefix_count(&self) -> usize {
        self.prefixes.len()
    }

    /// What a client has asked for, if it tracks.
    pub fn tracker(&self, client: ClientId) -> Option<&Tracker> {
        self.trackers.get(&client)
    }

    /// What a client has asked for, for writing.
    pub fn tracker_mut(&mut self, client: ClientId) -> Option<&mut Tracker> {
        self.trackers.get_mut(&client)
    }

    /// Begins to track, or tracks in another way; a broadcast keeps the prefixes it had.
    pub fn start(&mut self, client: ClientId, mut tracker: Tracker) {
        for prefix in &tracker.prefixes {
            self.prefixes.get_or_default(prefix.clone()).clients.insert(client);
        }
        if let Some(before) = self.trackers.remove(&client) {
            tracker.is_caching_said = before.is_caching_said;
            tracker.prefixes.extend(before.prefixes);
        }
        self.trackers.insert(client, tracker);
    }

    /// Ends the tracking of a client. The keys it has read are forgotten when they change.
    pub fn stop(&mut self, client: ClientId) {
        let Some(tracker) = self.trackers.remove(&client) else { return };
        for name in tracker.prefixes {
            if let Some(prefix) = self.prefixes.get_mut(&*name) {
                prefix.clients.remove(&client);
                if prefix.clients.is_empty() {
                    self.prefixes.remove(&*name);
                }
            }
        }
    }

    /// Notes whose command is about to run, and forgets some keys if there are more than `keys_max`; 0 is no limit.
    #[cold]
    pub fn begin(&mut self, client: ClientId, keys_max: i64, rng: &mut Rng) {
        self.running = None;
        let keys_max = usize::try_from(keys_max).ok().filter(|&max| max > 0).unwrap_or(usize::MAX);
        if !self.trackers.is_empty() {
            for _ in 0..FORGOTTEN_PER_COMMAND {
                if self.keys.len() <= keys_max {
                    break;
                }
                let Some(id) = self.keys.random(rng) else { break };
                self.tell_readers(id);
            }
        }
        self.running = Some(client);
    }

    /// Ends what [`begin`](Self::begin) began: what changes from here on changes by itself.
    pub fn end(&mut self) {
        self.running = None;
    }

    /// Remembers that a client reads keys, if it wants to be told of them.
    pub fn remember<'k>(&mut self, client: ClientId, keys: impl Iterator<Item = &'k [u8]>) {
        let Some(tracker) = self.trackers.get(&client) else { return };
        let is_wanted = match tracker.mode {
            Mode::Reads => true,
            Mode::OptIn => tracker.is_caching_said,
            Mode::OptOut => !tracker.is_caching_said,
            Mode::Broadcast => false,
        };
        if !is_wanted {
            return;
        }
        for key in keys {
            let hash = hash_bytes(0, key);
            let id = self.keys.find(hash, |tracked| &*tracked.key == key).unwrap_or_else(|| {
                let tracked = TrackedKey { key: Bytes::from(key), ..TrackedKey::default() };
                self.keys.insert(hash, tracked, &mut NoTrace)
            });
            self.items += usize::from(self.keys.get_mut(id).readers.insert(client));
        }
    }

    /// Tells those whom it concerns that a key has changed. O(prefixes + its readers).
    #[cold]
    pub fn changed(&mut self, key: &[u8]) {
        for (name, prefix) in self.prefixes.iter_mut() {
            if key.starts_with(name) {
                prefix.changed.insert(Bytes::from(key), self.running);
            }
        }
        if let Some(id) = self.keys.find(hash_bytes(0, key), |tracked| &*tracked.key == key) {
            self.tell_readers(id);
        }
    }

    /// Tells everyone that all keys of a database are gone.
    pub fn flushed(&mut self) {
        self.outbox.extend(self.trackers.keys().map(|&client| (client, Notice::All)));
        self.keys.clear();
        self.items = 0;
    }

    /// Forgets a key and tells those who have read it.
    fn tell_readers(&mut self, id: u32) {
        let TrackedKey { key, readers } = self.keys.remove_id(id, &mut NoTrace);
        self.items -= readers.len();
        for client in readers {
            let is_told = self.trackers.get(&client).is_some_and(|tracker| {
                let is_own = tracker.skips_own && self.running == Some(client);
                tracker.mode != Mode::Broadcast && !is_own
            });
            if is_told {
                self.outbox.push((client, Notice::Keys(vec![key.clone()])));
            }
        }
    }

    /// Makes notices of all changes that are broadcast; Redis does so whenever it has run what there was to run.
    pub(crate) fn broadcast(&mut self) {
        for prefix in self.prefixes.values_mut() {
            if prefix.changed.is_empty() {
                continue;
            }
            let changed = std::mem::take(&mut prefix.changed);
            for &client in &prefix.clients {
                let skips_own = self.trackers.get(&client).is_some_and(|tracker| tracker.skips_own);
                let keys = changed.iter().filter(|&(_, by)| !(skips_own && *by == Some(client)));
                let keys: Vec<Bytes> = keys.map(|(key, _)| key.clone()).collect();
                if !keys.is_empty() {
                    self.outbox.push((client, Notice::Keys(keys)));
                }
            }
        }
    }

    /// Whether someone is to be told something.
    #[inline]
    pub(crate) fn has_notices(&self) -> bool {
        !self.outbox.is_empty()
    }

    /// Takes what is to be told, in order.
    pub(crate) fn take_notices(&mut self) -> Vec<(ClientId, Notice)> {
        std::mem::take(&mut self.outbox)
    }
}

#[cfg(test)]
mod tests;
