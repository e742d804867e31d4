//! An ordered map over keys of sixteen bytes, as a tree that shares what keys have in common: how
//! streams find their nodes and consumer groups their pending entries.
//!
//! Bytes that follow each other without a choice stand in one *run*; where keys part there is a
//! *branch* with one child per next byte, in order; a *leaf* holds the value. A search reads at most
//! sixteen bytes whatever the number of keys, and keys that are numbers in big-endian order, as
//! stream ids are, come out sorted.
//!
//! Source: the behaviour of Redis's radix tree (rax). Different from it: all keys have one length, so
//! no key is the beginning of another; nodes stand in an arena, so that a clone shares them. The tree
//! of a set of keys is the same however it came about, and has as many nodes as XINFO STREAM says.
//!
//! It knows nothing about streams, ids or groups.

mod inspect;
mod walk;

#[cfg(test)]
mod tests;

use crate::arena::Arena;
use crate::trace::Trace;

pub use inspect::RadixNodeView;
pub use walk::{RadixLeaf, RadixWalk};

/// Bytes of a key.
pub const KEY_BYTES: usize = 16;

/// A key; keys are in the order of their bytes.
pub type RadixKey = [u8; KEY_BYTES];

/// Stands for "no node"; an arena never gives this id.
const NIL: u32 = u32::MAX;

/// What happened inside a radix tree; nodes are ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum RadixTreeStep {
    /// A search came to a node.
    Visit {
        /// The node.
        node: u32,
        /// How many bytes of the key led to it.
        depth: usize,
    },
    /// A run was cut where a new key leaves it.
    Split {
        /// The node that was the run.
        node: u32,
        /// How many of its bytes stay together in front.
        at: usize,
    },
    /// A new leaf hangs in the tree.
    Link {
        /// The leaf.
        node: u32,
    },
    /// A leaf left the tree.
    Unlink {
        /// The leaf.
        node: u32,
    },
    /// A branch with one child left became part of a run.
    Merge {
        /// The run.
        node: u32,
        /// How many bytes it has now.
        bytes: usize,
    },
}

/// One node; a vacant slot of the arena is an empty branch.
#[derive(Clone, Debug)]
enum Node<V> {
    /// Bytes without a choice, then another node.
    Run { run: Run, child: u32 },
    /// At least two children, each behind a byte of its own, in order.
    Branch(Vec<(u8, u32)>),
    /// The value of a key.
    Leaf(V),
}

impl<V> Default for Node<V> {
    fn default() -> Self {
        Self::Branch(Vec::new())
    }
}

/// At least one byte, when it is in a node.
#[derive(Clone, Copy, Debug, Default)]
struct Run {
    bytes: RadixKey,
    len: u8,
}

impl Run {
    fn of(bytes: &[u8]) -> Self {
        let mut run = Self::default();
        run.push_all(bytes);
        run
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    fn push_all(&mut self, more: &[u8]) {
        let len = usize::from(self.len);
        self.bytes[len..len + more.len()].copy_from_slice(more);
        self.len += more.len() as u8;
    }
}

/// A sorted map from keys of sixteen bytes; cloning it costs a counter per 256 nodes.
#[derive(Clone, Debug)]
pub struct RadixTree<V> {
    nodes: Arena<Node<V>>,
    /// `NIL` when there is no key.
    root: u32,
    len: usize,
}

impl<V> Default for RadixTree<V> {
    fn default() -> Self {
        Self { nodes: Arena::default(), root: NIL, len: 0 }
    }
}

impl<V: Clone> RadixTree<V> {
    /// An empty tree, which owns no memory.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many keys there are. O(1).
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no key. O(1).
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many nodes there are, as Redis counts them: an empty tree has one. O(1).
    pub fn node_count(&self) -> usize {
        self.nodes.len().max(1)
    }

    /// Bytes on the heap, not counting what values and branches own.
    pub fn heap_bytes(&self) -> usize {
        self.nodes.heap_bytes()
    }

    /// The value of a key. O(1): at most sixteen bytes are compared.
    pub fn get(&self, key: &RadixKey, trace: &mut impl Trace<RadixTreeStep>) -> Option<&V> {
        let leaf = self.find(key, trace)?;
        Some(self.value(leaf))
    }

    /// The value of a key, to be changed. O(1).
    pub fn get_mut(
        &mut self,
        key: &RadixKey,
        trace: &mut impl Trace<RadixTreeStep>,
    ) -> Option<&mut V> {
        let leaf = self.find(key, trace)?;
        Some(self.value_mut(leaf))
    }

    /// The value of a leaf that a walk has named and that was not removed since.
    ///
    /// # Panics
    ///
    /// When there is no such leaf.
    #[inline]
    pub fn value(&self, leaf: u32) -> &V {
        let Node::Leaf(value) = self.nodes.get(leaf) else { panic!("node {leaf} is no leaf") };
        value
    }

    /// The value of a leaf, to be changed.
    ///
    /// # Panics
    ///
    /// When there is no such leaf.
    #[inline]
    pub fn value_mut(&mut self, leaf: u32) -> &mut V {
        let Node::Leaf(value) = self.nodes.get_mut(leaf) else { panic!("node {leaf} is no leaf") };
        value
    }

    /// The leaf of a key.
    pub fn find(&self, key: &RadixKey, trace: &mut impl Trace<RadixTreeStep>) -> Option<u32> {
        let (mut node, mut depth) = (self.root, 0);
        while node != NIL {
            trace.step(RadixTreeStep::Visit { node, depth });
            match self.nodes.get(node) {
                Node::Leaf(_) => return Some(node),
                Node::Run { run, child } => {
                    if !key[depth..].starts_with(run.bytes()) {
                        return None;
                    }
                    depth += run.bytes().len();
                    node = *child;
                }
                Node::Branch(children) => {
                    node = child_of(children, key[depth])?;
                    depth += 1;
                }
            }
        }
        None
    }

    /// Sets the value of a key and returns its leaf and the value it had. O(1).
    pub fn insert(
        &mut self,
        key: &RadixKey,
        value: V,
        trace: &mut impl Trace<RadixTreeStep>,
    ) -> (u32, Option<V>) {
        if self.root == NIL {
            let leaf = self.link_leaf(value, trace);
            self.root = self.tail(key, leaf);
            return (leaf, None);
        }
        let (mut node, mut depth) = (self.root, 0);
        loop {
            trace.step(RadixTreeStep::Visit { node, depth });
            match self.nodes.get(node) {
                Node::Leaf(_) => {
                    return (node, Some(std::mem::replace(self.value_mut(node), value)));
                }
                Node::Run { run, child } => {
                    let same = common(run.bytes(), &key[depth..]);
                    if same < run.bytes().len() {
                        let (run, child) = (*run, *child);
                        let leaf = self.link_leaf(value, trace);
                        self.split(node, run, child, same, &key[depth + same..], leaf);
                        trace.step(RadixTreeStep::Split { node, at: same });
                        return (leaf, None);
                    }
                    depth += same;
                    node = *child;
                }
                Node::Branch(children) => {
                    if let Some(child) = child_of(children, key[depth]) {
                        node = child;
                        depth += 1;
                    } else {
                        let leaf = self.link_leaf(value, trace);
                        self.add_child(node, &key[depth..], leaf);
                        return (leaf, None);
                    }
                }
            }
        }
    }

    /// Takes out a key and returns its value. O(1).
    pub fn remove(&mut self, key: &RadixKey, trace: &mut impl Trace<RadixTreeStep>) -> Option<V> {
        // The nodes on the way down; beside the leaf each takes at least one byte.
        let mut path = [NIL; KEY_BYTES];
        let (mut above, mut node, mut depth) = (0, self.root, 0);
        loop {
            if node == NIL {
                return None;
            }
            trace.step(RadixTreeStep::Visit { node, depth });
            let child = match self.nodes.get(node) {
                Node::Leaf(_) => break,
                Node::Run { run, child } => {
                    if !key[depth..].starts_with(run.bytes()) {
                        return None;
                    }
                    depth += run.bytes().len();
                    *child
                }
                Node::Branch(children) => {
                    let child = child_of(children, key[depth])?;
                    depth += 1;
                    child
                }
            };
            path[above] = node;
            above += 1;
            node = child;
        }
        let Node::Leaf(value) = self.nodes.remove(node) else {
            panic!("the search ends at leaves")
        };
        self.len -= 1;
        trace.step(RadixTreeStep::Unlink { node });
        self.prune(&path[..above], node, trace);
        Some(value)
    }

    /// Frees up to 256 nodes of a tree that nobody needs and says whether more are left.
    pub fn drain_chunk(&mut self) -> bool {
        self.root = NIL;
        self.len = 0;
        self.nodes.drain_chunk()
    }

    /// Asserts what must hold. O(n).
    ///
    /// # Panics
    ///
    /// When something does not hold; for tests.
    pub fn check(&self) {
        self.nodes.check();
        let (mut leaves, mut seen) = (0, 0);
        let mut open: Vec<(u32, usize, bool)> = Vec::new();
        open.extend((self.root != NIL).then_some((self.root, 0, false)));
        while let Some((node, depth, after_run)) = open.pop() {
            assert!(self.nodes.contains(node), "node {node} is in use");
            seen += 1;
            match self.nodes.get(node) {
                Node::Leaf(_) => {
                    assert_eq!(depth, KEY_BYTES, "a leaf stands below the whole key");
                    leaves += 1;
                }
                Node::Run { run, child } => {
                    assert!(!after_run, "runs that follow each other are one");
                    assert!(!run.bytes().is_empty(), "a run has a byte");
                    open.push((*child, depth + run.bytes().len(), true));
                }
                Node::Branch(children) => {
                    assert!(children.len() >= 2, "a branch is a choice");
                    assert!(children.is_sorted_by(|a, b| a.0 < b.0), "children are in order");
                    open.extend(children.iter().map(|&(_, child)| (child, depth + 1, false)));
                }
            }
        }
        assert_eq!(seen, self.nodes.len(), "no node is lost");
        assert_eq!(leaves, self.len, "every key has a leaf");
    }

    fn link_leaf(&mut self, value: V, trace: &mut impl Trace<RadixTreeStep>) -> u32 {
        let leaf = self.nodes.insert(Node::Leaf(value));
        self.len += 1;
        trace.step(RadixTreeStep::Link { node: leaf });
        leaf
    }

    /// What leads over these bytes to a node: a run, or nothing where there are no bytes.
    fn tail(&mut self, bytes: &[u8], child: u32) -> u32 {
        if bytes.is_empty() {
            return child;
        }
        self.nodes.insert(Node::Run { run: Run::of(bytes), child })
    }

    /// Cuts the run of a node behind its first `at` bytes, where `rest` leads to a new leaf.
    fn split(&mut self, node: u32, run: Run, child: u32, at: usize, rest: &[u8], leaf: u32) {
        let old = (run.bytes()[at], self.tail(&run.bytes()[at + 1..], child));
        let new = (rest[0], self.tail(&rest[1..], leaf));
        let children = if old.0 < new.0 { vec![old, new] } else { vec![new, old] };
        let branch = Node::Branch(children);
        *self.nodes.get_mut(node) = if at == 0 {
            branch
        } else {
            let child = self.nodes.insert(branch);
            Node::Run { run: Run::of(&run.bytes()[..at]), child }
        };
    }

    /// Gives a branch one more child, to which `rest` leads.
    fn add_child(&mut self, node: u32, rest: &[u8], leaf: u32) {
        let child = self.tail(&rest[1..], leaf);
        if let Node::Branch(children) = self.nodes.get_mut(node) {
            let at = children.partition_point(|&(byte, _)| byte < rest[0]);
            children.insert(at, (rest[0], child));
        }
    }

    /// Takes out what led only to the removed node `gone`; `path` are the nodes above it.
    fn prune(&mut self, path: &[u32], gone: u32, trace: &mut impl Trace<RadixTreeStep>) {
        let mut gone = gone;
        for (above, &node) in path.iter().enumerate().rev() {
            let Node::Branch(children) = self.nodes.get_mut(node) else {
                self.nodes.remove(node);
                gone = node;
                continue;
            };
            children.retain(|&(_, child)| child != gone);
            if let &[(byte, child)] = children.as_slice() {
                let parent = above.checked_sub(1).map(|above| path[above]);
                self.merge(parent, node, byte, child, trace);
            }
            return;
        }
        self.root = NIL;
    }

    /// Makes the branch `node`, whose one child stands behind `byte`, part of the runs around it.
    fn merge(
        &mut self,
        parent: Option<u32>,
        node: u32,
        byte: u8,
        child: u32,
        trace: &mut impl Trace<RadixTreeStep>,
    ) {
        let (mut run, into) = match parent.map(|parent| (parent, self.nodes.get(parent))) {
            Some((parent, Node::Run { run, .. })) => (*run, parent),
            _ => (Run::default(), node),
        };
        run.push_all(&[byte]);
        let mut end = child;
        if let Node::Run { run: below, child: next } = self.nodes.get(child) {
            run.push_all(below.bytes());
            end = *next;
        }
        if end != child {
            self.nodes.remove(child);
        }
        if into != node {
            self.nodes.remove(node);
        }
        *self.nodes.get_mut(into) = Node::Run { run, child: end };
        trace.step(RadixTreeStep::Merge { node: into, bytes: run.bytes().len() });
    }
}

/// The child behind a byte.
#[inline]
fn child_of(children: &[(u8, u32)], byte: u8) -> Option<u32> {
    let at = children.binary_search_by_key(&byte, |&(byte, _)| byte).ok()?;
    Some(children[at].1)
}

/// How many bytes two strings have in common at their beginning.
fn common(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}
