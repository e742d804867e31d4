//! A stream: a log of entries with ever greater ids, and groups of consumers that share its reading.
//!
//! Entries lie in nodes of up to a hundred, each a listpack (`node`), and a radix tree finds the node of an id.
//! Whoever appends works on the last node only; whoever trims drops whole nodes first.
//! A stream stays when its last entry goes: its last id and its groups are worth keeping.

mod group;
mod id;
mod node;
mod producers;
mod references;
mod restore;
mod trim;
mod walk;

#[cfg(test)]
mod tests;

use std::rc::Rc;

use redarium_structures::bytes::Bytes;
use redarium_structures::list_pack::ListPack;
use redarium_structures::ordered::OrderedMap;
use redarium_structures::radix_tree::{RadixKey, RadixLeaf, RadixNodeView, RadixTree};

use crate::config::Config;
use crate::trace::Steps;

pub use group::{Claim, Consumer, Group, Pending};
pub use id::{IdText, StreamId};
pub use node::{Fields, StreamNodeStep};
pub use producers::{Memory, Producers};
pub use restore::Counters;
pub use trim::{Keep, References, Trim};
pub use walk::{Entries, Entry};

/// Bytes that the words of one entry have at most, and that a node has where no limit is set.
pub const NODE_BYTES_MAX: usize = 1 << 30;

/// How large a node may become.
#[derive(Debug, Clone, Copy)]
pub struct NodeLimits {
    /// Bytes of its listpack.
    bytes: usize,
    /// Entries, deleted ones included; `u64::MAX` for no limit.
    entries: u64,
}

impl NodeLimits {
    /// The limits of `config`, where 0 means none.
    pub fn new(config: &Config) -> Self {
        let given = |limit: i64| u64::try_from(limit).ok().filter(|&limit| limit > 0);
        let bytes = given(config.stream_node_max_bytes).map_or(NODE_BYTES_MAX, |n| n as usize);
        let entries = given(config.stream_node_max_entries).unwrap_or(u64::MAX);
        Self { bytes: bytes.min(NODE_BYTES_MAX), entries }
    }
}

/// The entries of a stream and what is known of those that are gone.
#[derive(Debug, Clone, Default)]
pub struct Log {
    tree: RadixTree<Rc<ListPack>>,
    /// Bytes of all listpacks together.
    pack_bytes: usize,
    len: u64,
    first_id: StreamId,
    /// The greatest id that an entry has had; XSETID may set a greater one.
    pub last_id: StreamId,
    /// The greatest id of an entry that XDEL has deleted.
    pub max_deleted_id: StreamId,
    /// Entries that were ever added.
    pub entries_added: u64,
}

impl Log {
    /// Entries that live. O(1).
    #[inline]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether no entry lives. O(1).
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The id of the first entry that lives; `0-0` if there is none.
    pub fn first_id(&self) -> StreamId {
        self.first_id
    }

    /// Nodes that hold entries. O(1).
    pub fn node_count(&self) -> usize {
        self.tree.len()
    }

    /// Nodes of the radix tree itself, as Redis counts them. O(1).
    pub fn tree_node_count(&self) -> usize {
        self.tree.node_count()
    }

    /// The first nodes of the radix tree, from its root on. O(limit).
    pub fn tree_nodes(&self, limit: usize) -> Vec<RadixNodeView> {
        self.tree.first_nodes(limit)
    }

    /// The listpack of the node that hangs at a leaf of the tree, if there is such a node. O(nodes).
    pub fn node_pack(&self, leaf: u32) -> Option<&ListPack> {
        self.tree.walk(false).find(|node| node.id == leaf).map(|node| &**node.value)
    }

    /// The nodes that hold entries from the one on in which `id` stands or would stand: the leaf, the id of its first
    /// entry, how many entries live in it and are deleted, and its bytes.
    pub fn nodes(&self, id: StreamId) -> impl Iterator<Item = NodeFacts> {
        let from = self.tree.floor(&id.key()).map_or(id.key(), |leaf| leaf.key);
        self.tree.walk_from(&from, false).map(|RadixLeaf { id, key, value }| {
            let head = node::head(value);
            NodeFacts {
                id,
                first: StreamId::from_key(&key),
                live: head.live,
                deleted: head.deleted,
                bytes: value.total_bytes(),
            }
        })
    }

    /// The id of an entry that is added at `now`: the time, or the last id's successor where time has not gone on.
    pub fn next_id(&self, now: i64) -> Option<StreamId> {
        let ms = u64::try_from(now).unwrap_or(0);
        if ms > self.last_id.ms { Some(StreamId { ms, seq: 0 }) } else { self.last_id.next() }
    }

    /// The next id within the millisecond `ms`; `None` if that is before the last id.
    pub fn next_id_in(&self, ms: u64) -> Option<StreamId> {
        if ms == self.last_id.ms {
            let seq = self.last_id.seq.checked_add(1)?;
            return Some(StreamId { ms, seq });
        }
        (ms > self.last_id.ms).then_some(StreamId { ms, seq: 0 })
    }

    /// Adds an entry with an id above the last one. O(1).
    pub fn add<'a>(
        &mut self,
        id: StreamId,
        fields: impl Iterator<Item = (&'a [u8], &'a [u8])> + Clone,
        limits: &NodeLimits,
        steps: &mut Steps<'_>,
    ) {
        let bytes: usize = fields.clone().map(|(field, value)| field.len() + value.len()).sum();
        let last = self.tree.edge(true).filter(|leaf| has_room(leaf.value, bytes, limits));
        let (leaf, master) = if let Some(leaf) = last {
            (leaf.id, StreamId::from_key(&leaf.key))
        } else {
            let pack = Rc::new(node::begin(fields.clone()));
            self.pack_bytes += pack.heap_bytes();
            (self.tree.insert(&id.key(), pack, steps).0, id)
        };
        self.edit(leaf, |pack| node::append(pack, leaf, master, id, fields, steps));
        self.len += 1;
        self.entries_added = self.entries_added.saturating_add(1);
        self.last_id = id;
        if self.len == 1 {
            self.first_id = id;
        }
    }

    /// Deletes an entry; whether it lived. O(1): at most one node is read.
    pub fn delete(&mut self, id: StreamId, steps: &mut Steps<'_>) -> bool {
        let Some(leaf) = self.tree.floor(&id.key()) else { return false };
        let (leaf, key) = (leaf.id, leaf.key);
        let found = node::places(self.tree.value(leaf), StreamId::from_key(&key))
            .find(|place| place.id >= id)
            .filter(|place| place.id == id && !place.is_deleted());
        let Some(place) = found else { return false };
        self.delete_places(leaf, &key, &[place], steps);
        self.max_deleted_id = self.max_deleted_id.max(id);
        if self.first_id == id {
            self.find_first();
        }
        true
    }

    /// Marks entries of one node as deleted; takes the node out if none is left in it.
    fn delete_places(
        &mut self,
        leaf: u32,
        key: &RadixKey,
        places: &[node::Place],
        steps: &mut Steps<'_>,
    ) {
        if node::head(self.tree.value(leaf)).live == places.len() as u64 {
            self.remove_node(key, steps);
        } else {
            self.edit(leaf, |pack| node::mark_deleted(pack, leaf, places, steps));
            self.len -= places.len() as u64;
        }
    }

    /// Takes out a node with all its entries.
    fn remove_node(&mut self, key: &RadixKey, steps: &mut Steps<'_>) {
        if let Some(pack) = self.tree.remove(key, steps) {
            self.len -= node::head(&pack).live;
            self.pack_bytes -= pack.heap_bytes();
        }
    }

    /// Brings `first_id` up to date after a deletion.
    fn find_first(&mut self) {
        self.first_id = self.edge(false).map_or(StreamId::MIN, |entry| entry.id);
    }

    /// Changes the listpack of a node, copied first if a checkpoint shares it.
    fn edit(&mut self, leaf: u32, edit: impl FnOnce(&mut ListPack)) {
        let pack = self.tree.value_mut(leaf);
        self.pack_bytes -= pack.heap_bytes();
        let pack = Rc::make_mut(pack);
        edit(pack);
        self.pack_bytes += pack.heap_bytes();
    }

    fn check(&self) {
        self.tree.check();
        let (mut live, mut bytes, mut before) = (0, 0, None);
        for leaf in self.tree.walk(false) {
            let master = StreamId::from_key(&leaf.key);
            let places: Vec<_> = node::places(leaf.value, master).collect();
            let head = node::head(leaf.value);
            let lives = places.iter().filter(|place| !place.is_deleted()).count() as u64;
            assert_eq!(head.live, lives, "the master entry counts who lives");
            assert_eq!(head.deleted, places.len() as u64 - lives, "and who is deleted");
            assert!(lives > 0, "a node without a living entry goes");
            assert_eq!(
                places.first().map(|place| place.id),
                Some(master),
                "its key is its first id"
            );
            for place in &places {
                assert!(before < Some(place.id), "ids grow");
                before = Some(place.id);
            }
            live += lives;
            bytes += leaf.value.heap_bytes();
        }
        assert_eq!((live, bytes), (self.len, self.pack_bytes), "length and size");
        assert!(before <= Some(self.last_id), "the last id is above all");
        let first = self.edge(false).map_or(StreamId::MIN, |entry| entry.id);
        assert_eq!(first, self.first_id, "the first id");
        assert!(self.entries_added >= self.len, "every entry was added");
    }
}

/// What is known of a node without reading its entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeFacts {
    /// The leaf, as in `RadixTreeStep` and `StreamNodeStep`.
    pub id: u32,
    /// The id of its first entry.
    pub first: StreamId,
    /// Entries that live.
    pub live: u64,
    /// Entries that are marked as deleted.
    pub deleted: u64,
    /// Bytes of its listpack.
    pub bytes: usize,
}

/// Whether a node may take one more entry with words of so many bytes.
fn has_room(pack: &ListPack, bytes: usize, limits: &NodeLimits) -> bool {
    let head = node::head(pack);
    pack.total_bytes().saturating_add(bytes) < limits.bytes
        && head.live + head.deleted < limits.entries
}

/// A stream.
#[derive(Debug, Clone, Default)]
pub struct Stream {
    /// Its entries.
    pub log: Log,
    groups: OrderedMap<Bytes, Rc<Group>>,
    producers: Option<Rc<Producers>>,
}

impl Stream {
    /// The groups with their names, in the order of these.
    pub fn groups(&self) -> impl ExactSizeIterator<Item = (&Bytes, &Group)> {
        self.groups.iter().map(|(name, group)| (name, &**group))
    }

    /// A group.
    pub fn group(&self, name: &[u8]) -> Option<&Group> {
        self.groups.get(name).map(|group| &**group)
    }

    /// A group for writing, and the entries it reads.
    pub fn group_mut(&mut self, name: &[u8]) -> Option<(&Log, &mut Group)> {
        let group = self.groups.get_mut(name)?;
        Some((&self.log, Rc::make_mut(group)))
    }

    /// Adds a group; whether there was none of this name.
    pub fn create_group(&mut self, name: &[u8], group: Group) -> bool {
        let is_new = !self.groups.contains_key(name);
        if is_new {
            self.groups.insert(Bytes::from(name), Rc::new(group));
        }
        is_new
    }

    /// Puts another time in place of `unknown` wherever that stands for when a consumer was seen or given something.
    pub(crate) fn date_consumers(&mut self, unknown: i64, now: i64) {
        for group in self.groups.values_mut() {
            Rc::make_mut(group).date_consumers(unknown, now);
        }
    }

    /// Removes a group with all it knows; whether there was one.
    pub fn destroy_group(&mut self, name: &[u8]) -> bool {
        self.groups.remove(name).is_some()
    }

    /// What is remembered of producers that name their messages.
    pub fn producers(&self) -> Option<&Producers> {
        self.producers.as_deref()
    }

    /// The same for writing.
    pub fn producers_mut(&mut self) -> &mut Producers {
        Rc::make_mut(self.producers.get_or_insert_default())
    }

    /// The encoding, as OBJECT ENCODING names it.
    pub fn encoding(&self) -> &'static str {
        "stream"
    }

    /// Bytes on the heap, not counting what long names own. O(groups).
    pub fn heap_bytes(&self) -> usize {
        let groups = self.groups.values().map(|group| size_of::<Group>() + group.heap_bytes());
        let log = &self.log;
        let per_node = size_of::<ListPack>() + 2 * size_of::<usize>();
        log.tree.heap_bytes() + log.pack_bytes + log.node_count() * per_node + groups.sum::<usize>()
    }

    /// How many nodes and pending entries are freed with it. O(groups).
    pub fn free_effort(&self) -> usize {
        let groups = self.groups.values().map(|group| 1 + group.pending_len());
        self.log.tree_node_count() + groups.sum::<usize>()
    }

    /// Frees up to 256 nodes of its trees and says whether more are left. Only for a stream that nobody can reach.
    pub fn drain_chunk(&mut self) -> bool {
        if self.log.tree.drain_chunk() {
            return true;
        }
        let Some((_, first)) = self.groups.first_mut() else { return false };
        let more = Rc::get_mut(first).is_some_and(Group::drain_chunk);
        if !more {
            self.groups.pop_first();
        }
        more || !self.groups.is_empty()
    }

    /// Asserts what must hold. O(n); for tests.
    ///
    /// # Panics
    ///
    /// When something does not hold.
    pub fn check(&self) {
        self.log.check();
        self.groups.values().for_each(|group| group.check());
    }
}
