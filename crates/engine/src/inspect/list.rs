//! How a list lies in memory: its one listpack, or the nodes of its quicklist.

use redarium_structures::list_pack::ListPackValue;
use redarium_structures::quick_list::{QuickList, QuickListNodeView};

use super::{Inspector, beginning};
use crate::types::list::List;
use crate::value::Value;

/// Nodes of one view at most: more than a picture can show.
pub const NODES_MAX: usize = 512;

/// Elements shown of one node at most.
pub const ELEMENTS_MAX: usize = 64;

/// Bytes shown of one element at most.
pub const ELEMENT_BYTES_MAX: usize = 64;

/// A window into a list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ListView {
    /// The key.
    #[cfg_attr(feature = "serde", serde(with = "super::text"))]
    pub key: Vec<u8>,
    /// `listpack`, which has one node, or `quicklist`.
    pub encoding: String,
    /// Elements in all.
    pub len: u64,
    /// Nodes in all.
    pub node_count: usize,
    /// `list-max-listpack-size`, which limits a node: a class of bytes if negative, else elements.
    pub fill: i64,
    /// Nodes at each end that Redis leaves uncompressed; 0 if it compresses none.
    pub compress_depth: u32,
    /// The first node of the window, counted from the head.
    pub from: usize,
    /// The nodes of the window.
    pub nodes: Vec<ListNodeView>,
}

/// A node of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ListNodeView {
    /// The node, as in `QuickListStep`; 0 for a listpack that is the whole list.
    pub id: u32,
    /// Elements before it.
    pub first: u64,
    /// Elements in it.
    pub count: usize,
    /// Bytes of its listpack, or of its one large element.
    pub bytes: usize,
    /// Whether it is one large element without a listpack.
    pub plain: bool,
    /// Whether Redis would keep it compressed.
    pub compressed: bool,
    /// Its first elements.
    pub elements: Vec<ListElementView>,
}

/// An element of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ListElementView {
    /// Its bytes in all.
    pub len: usize,
    /// The first of them.
    #[cfg_attr(feature = "serde", serde(with = "super::text"))]
    pub bytes: Vec<u8>,
    /// Whether it is stored as a number.
    pub is_int: bool,
}

impl Inspector<'_> {
    /// Up to `count` nodes (and no more than [`NODES_MAX`]) of the list at `key` from a node on, each with its first
    /// `elements` elements (no more than [`ELEMENTS_MAX`]); `None` if there is no list. O(from + count * elements).
    pub fn list(
        &self,
        db: usize,
        key: &[u8],
        from: usize,
        count: usize,
        elements: usize,
    ) -> Option<ListView> {
        let Value::List(list) = &self.entry(db, key)?.value else { return None };
        let config = self.engine.config();
        let (fill, compress_depth) = list.quick().map_or_else(
            || {
                let depth = u32::try_from(config.list_compress_depth).unwrap_or(u32::MAX);
                (config.list_max_listpack_size, depth)
            },
            |quick| (quick.fill().configured(), quick.compress_depth()),
        );
        Some(ListView {
            key: key.to_vec(),
            encoding: list.encoding().to_owned(),
            len: list.len() as u64,
            node_count: list.quick().map_or(1, QuickList::node_count),
            fill,
            compress_depth,
            from,
            nodes: nodes(list, from, count.min(NODES_MAX), elements.min(ELEMENTS_MAX)),
        })
    }
}

fn nodes(list: &List, from: usize, count: usize, elements: usize) -> Vec<ListNodeView> {
    if let Some(quick) = list.quick() {
        let mut first = 0;
        let with_first = quick.nodes().map(|node| {
            let here = first;
            first += node.count as u64;
            (here, node)
        });
        return with_first
            .skip(from)
            .take(count)
            .map(|(first, node)| quick_node(quick, first, node, elements))
            .collect();
    }
    let whole = list.pack().map(|pack| ListNodeView {
        id: 0,
        first: 0,
        count: pack.len(),
        bytes: pack.total_bytes(),
        plain: false,
        compressed: false,
        elements: pack.iter().take(elements).map(element).collect(),
    });
    whole.into_iter().skip(from).take(count).collect()
}

fn quick_node(
    quick: &QuickList,
    first: u64,
    node: QuickListNodeView,
    elements: usize,
) -> ListNodeView {
    ListNodeView {
        id: node.id,
        first,
        count: node.count,
        bytes: node.bytes,
        plain: node.plain,
        compressed: node.compressed,
        elements: quick.node_values(node.id).take(elements).map(element).collect(),
    }
}

fn element(value: ListPackValue<'_>) -> ListElementView {
    ListElementView {
        len: value.text_len(),
        bytes: beginning(value, ELEMENT_BYTES_MAX),
        is_int: matches!(value, ListPackValue::Int(_)),
    }
}

#[cfg(test)]
mod tests {
    use redarium_structures::quick_list::QuickListStep;

    use super::*;
    use crate::inspect::tests::run;
    use crate::trace::Step;
    use crate::{Engine, Options};

    fn view(node: &Engine, from: usize, count: usize) -> ListView {
        node.inspect().list(0, b"l", from, count, 2).unwrap()
    }

    #[test]
    fn a_small_list_is_one_node() {
        let mut node = Engine::new(Options::default());
        run(&mut node, "RPUSH l a 12 c\r\nSET s x\r\n");
        let all = view(&node, 0, 9);
        assert_eq!((all.encoding.as_str(), all.len, all.node_count), ("listpack", 3, 1), "small");
        assert_eq!((all.fill, all.compress_depth), (-2, 0), "as configured");
        assert_eq!((all.nodes.len(), all.nodes[0].count), (1, 3), "one node");
        let shown: Vec<_> =
            all.nodes[0].elements.iter().map(|one| (&*one.bytes, one.is_int)).collect();
        assert_eq!(shown, [(b"a".as_slice(), false), (b"12", true)], "as many as were asked for");
        assert_eq!(view(&node, 1, 9).nodes, [], "beyond the end");
        assert_eq!(node.inspect().list(0, b"s", 0, 9, 9), None, "a string");
        assert_eq!(node.inspect().list(0, b"x", 0, 9, 9), None, "no such key");
    }

    #[test]
    fn a_quicklist_shows_the_nodes_that_steps_name() {
        let mut node = Engine::new(Options::default());
        run(&mut node, "CONFIG SET list-max-listpack-size 3 list-compress-depth 1\r\n");
        let long = "x".repeat(9000);
        run(&mut node, &format!("RPUSH l 1 2 3 4 5 6 7\r\nRPUSH l {long}\r\nRPUSH l 8\r\n"));
        let all = view(&node, 0, 9);
        assert_eq!((all.encoding.as_str(), all.node_count), ("quicklist", 5), "nodes of three");
        assert_eq!((all.fill, all.compress_depth), (3, 1), "as it was made");
        let counts: Vec<_> =
            all.nodes.iter().map(|node| (node.first, node.count, node.plain)).collect();
        let expected = [(0, 3, false), (3, 3, false), (6, 1, false), (7, 1, true), (8, 1, false)];
        assert_eq!(counts, expected, "a large element stands alone");
        let large = &all.nodes[3].elements[0];
        assert_eq!((large.len, large.bytes.len()), (9000, ELEMENT_BYTES_MAX), "cut");
        assert_eq!(view(&node, 1, 2).nodes, all.nodes[1..3], "a window");

        node.record_steps(100);
        run(&mut node, "LINDEX l 4\r\n");
        let steps = node.take_steps().unwrap();
        let visited: Vec<_> = steps
            .steps()
            .iter()
            .filter_map(|step| match step {
                Step::QuickList(QuickListStep::VisitNode { node, .. }) => Some(*node),
                _ => None,
            })
            .collect();
        let backwards: Vec<_> = all.nodes[1..].iter().rev().map(|node| node.id).collect();
        assert_eq!(visited, backwards, "from the nearer end, with the same ids");
    }
}
