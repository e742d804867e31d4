//! How a stream lies in memory: its nodes, a window of its entries, its groups and what they have pending.

use redarium_structures::radix_tree::RadixNodeView;

use super::{Inspector, beginning};
use crate::types::stream::{self, IdText, StreamId};
use crate::value::Value;

/// Nodes, groups, consumers of a group and pending entries of a group in one view at most, and entries.
pub const ITEMS_MAX: usize = 256;

/// A window into a stream; ids are texts, as their numbers may be too large for a script.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct StreamView {
    /// The key.
    #[cfg_attr(feature = "serde", serde(with = "super::text"))]
    pub key: Vec<u8>,
    /// Entries that live.
    pub len: u64,
    /// The id of the last entry that was ever added.
    pub last_id: String,
    /// The greatest id that was deleted by itself.
    pub max_deleted_id: String,
    /// Entries ever added.
    pub entries_added: u64,
    /// Nodes with entries in all.
    pub node_count: usize,
    /// Nodes of the radix tree above them, as XINFO STREAM counts them.
    pub tree_node_count: usize,
    /// The first nodes of that tree, from its root on.
    pub tree: Vec<StreamTreeNodeView>,
    /// The nodes of the window.
    pub nodes: Vec<StreamNodeView>,
    /// The entries of the window.
    pub entries: Vec<StreamEntryView>,
    /// The groups.
    pub groups: Vec<StreamGroupView>,
}

/// A node of the radix tree: a run of bytes without a choice, a branch, or a leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct StreamTreeNodeView {
    /// The node, as in `RadixTreeStep`; of a leaf that of `StreamNodeView`.
    pub id: u32,
    /// How many of the sixteen bytes of an id lead to it.
    pub depth: usize,
    /// The bytes of a run.
    pub run: Vec<u8>,
    /// The nodes below it, those of a branch each with the byte that leads there.
    pub children: Vec<(Option<u8>, u32)>,
}

/// A listpack of entries.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct StreamNodeView {
    /// The node, as in `RadixTreeStep` and `StreamNodeStep`.
    pub id: u32,
    /// The id of its first entry.
    pub first: String,
    /// Entries that live.
    pub count: u64,
    /// Entries that are marked as deleted.
    pub deleted: u64,
    /// Bytes of its listpack.
    pub bytes: usize,
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct StreamEntryView {
    /// Its id.
    pub id: String,
    /// Its first fields and values in turn, each cut to 64 bytes.
    pub words: Vec<Vec<u8>>,
}

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct StreamGroupView {
    /// Its name.
    #[cfg_attr(feature = "serde", serde(with = "super::text"))]
    pub name: Vec<u8>,
    /// The id of the last entry it was given.
    pub last: String,
    /// Entries it has yet to read, where that is known.
    pub lag: Option<i64>,
    /// Pending entries in all.
    pub pending: usize,
    /// Its consumers, in the order of their names.
    pub consumers: Vec<StreamConsumerView>,
    /// The first pending entries.
    pub pel: Vec<StreamPendingView>,
}

/// A consumer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct StreamConsumerView {
    /// Its name.
    #[cfg_attr(feature = "serde", serde(with = "super::text"))]
    pub name: Vec<u8>,
    /// Entries it has pending.
    pub pending: usize,
    /// Milliseconds since it last asked for entries.
    pub idle_ms: i64,
}

/// A pending entry.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct StreamPendingView {
    /// Its id.
    pub id: String,
    /// The consumer that has it.
    #[cfg_attr(feature = "serde", serde(with = "super::text"))]
    pub owner: Vec<u8>,
    /// When it was last delivered, in milliseconds since 1970.
    pub time: i64,
    /// How often it was delivered.
    pub n: u64,
}

/// Words of an entry and bytes of a word that are shown at most.
const WORDS_MAX: usize = 32;
const WORD_BYTES_MAX: usize = 64;

impl Inspector<'_> {
    /// Up to `count` nodes, entries, groups and pending entries (and no more than [`ITEMS_MAX`] of each) of the stream at
    /// `key`, nodes and entries from the id `from` (milliseconds and number) on; `None` if there is no stream. O(count).
    pub fn stream(
        &self,
        db: usize,
        key: &[u8],
        from: (u64, u64),
        count: usize,
    ) -> Option<StreamView> {
        let Value::Stream(stream) = &self.entry(db, key)?.value else { return None };
        let (log, count) = (&stream.log, count.min(ITEMS_MAX));
        let from = StreamId { ms: from.0, seq: from.1 };
        let nodes = log.nodes(from).take(count).map(|node| StreamNodeView {
            id: node.id,
            first: text(node.first),
            count: node.live,
            deleted: node.deleted,
            bytes: node.bytes,
        });
        let entries = log.entries(from, StreamId::MAX, false).take(count);
        let now = self.engine.now();
        Some(StreamView {
            key: key.to_vec(),
            len: log.len(),
            last_id: text(log.last_id),
            max_deleted_id: text(log.max_deleted_id),
            entries_added: log.entries_added,
            node_count: log.node_count(),
            tree_node_count: log.tree_node_count(),
            tree: log.tree_nodes(count).into_iter().map(tree_node).collect(),
            nodes: nodes.collect(),
            entries: entries.map(entry).collect(),
            groups: stream
                .groups()
                .take(count)
                .map(|(name, one)| group(name, one, log, now, count))
                .collect(),
        })
    }
}

fn tree_node(node: RadixNodeView) -> StreamTreeNodeView {
    let RadixNodeView { id, depth, run, children } = node;
    StreamTreeNodeView { id, depth, run, children }
}

fn text(id: StreamId) -> String {
    String::from_utf8_lossy(IdText::default().write(id)).into_owned()
}

fn entry(entry: stream::Entry<'_>) -> StreamEntryView {
    let words = entry.fields.flat_map(|(field, value)| [field, value]).take(WORDS_MAX);
    let words = words.map(|word| beginning(word, WORD_BYTES_MAX));
    StreamEntryView { id: text(entry.id), words: words.collect() }
}

fn group(
    name: &[u8],
    group: &stream::Group,
    log: &stream::Log,
    now: i64,
    count: usize,
) -> StreamGroupView {
    let consumers = group.consumers().take(count).map(|consumer| StreamConsumerView {
        name: consumer.name.to_vec(),
        pending: consumer.pending_len(),
        idle_ms: now.saturating_sub(consumer.seen_at),
    });
    let pel = group.pendings(StreamId::MIN).take(count).map(|(id, pending)| StreamPendingView {
        id: text(id),
        owner: group.consumer(pending.consumer).name.to_vec(),
        time: pending.delivered_at,
        n: pending.deliveries,
    });
    StreamGroupView {
        name: name.to_vec(),
        last: text(group.last_id),
        lag: group.lag(log),
        pending: group.pending_len(),
        consumers: consumers.collect(),
        pel: pel.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Engine, Options};

    #[test]
    fn a_stream_shows_its_nodes_entries_and_groups() {
        let mut node = Engine::new(Options { start: 1_000, ..Options::default() });
        let client = node.connect("test");
        node.feed(client, b"CONFIG SET stream-node-max-entries 2\r\nSET s x\r\n");
        for n in 1..=5 {
            node.feed(client, format!("XADD k {n}-1 f v{n}\r\n").as_bytes());
        }
        node.feed(client, b"XDEL k 2-1\r\nXGROUP CREATE k g 0\r\n");
        node.feed(client, b"XREADGROUP GROUP g ann COUNT 2 STREAMS k >\r\n");
        node.advance_to(1_500);
        let view = node.inspect().stream(0, b"k", (0, 0), 9).unwrap();
        let nodes: Vec<_> =
            view.nodes.iter().map(|node| (node.first.as_str(), node.count, node.deleted)).collect();
        assert_eq!(nodes, [("1-1", 1, 1), ("3-1", 2, 0), ("5-1", 1, 0)], "nodes of two");
        assert_eq!((view.len, view.node_count, view.entries.len()), (4, 3, 4), "entries");
        assert_eq!(view.entries[1].words, [b"f".to_vec(), b"v3".to_vec()], "words");
        let leaves = view.tree.iter().filter(|node| node.depth == 16);
        let leaves: Vec<_> = leaves.map(|node| node.id).collect();
        let ids: Vec<_> = view.nodes.iter().map(|node| node.id).collect();
        assert_eq!(leaves, ids, "the tree leads to the nodes");
        let group = &view.groups[0];
        assert_eq!((group.last.as_str(), group.pending), ("3-1", 2), "group");
        assert_eq!(group.lag, None, "the deleted entry makes it unknown");
        let ann = &group.consumers[0];
        assert_eq!((ann.pending, ann.idle_ms), (2, 500), "a consumer");
        let last = StreamPendingView { id: "3-1".into(), owner: b"ann".into(), time: 1_000, n: 1 };
        assert_eq!(group.pel[1], last, "pending");
        let window = node.inspect().stream(0, b"k", (4, 0), 1).unwrap();
        assert_eq!(window.nodes, view.nodes[1..2], "the node in which the id would stand");
        assert_eq!(window.entries, view.entries[2..3], "from the id on");
        assert_eq!(node.inspect().stream(0, b"s", (0, 0), 9), None, "a string");
        assert_eq!(node.inspect().stream(0, b"x", (0, 0), 9), None, "no such key");
    }
}
