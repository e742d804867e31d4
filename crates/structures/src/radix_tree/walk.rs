//! Walking over the keys of a radix tree in order, upwards or downwards, from any key.
//!
//! Nodes do not know what stands above them, so a walk remembers the branches it came through.

use super::{KEY_BYTES, NIL, Node, RadixKey, RadixTree};

/// A key with its value.
#[derive(Debug)]
pub struct RadixLeaf<'t, V> {
    /// The leaf, as in `RadixTreeStep`.
    pub id: u32,
    /// The key.
    pub key: RadixKey,
    /// The value.
    pub value: &'t V,
}

impl<V> Clone for RadixLeaf<'_, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V> Copy for RadixLeaf<'_, V> {}

/// A branch on the way to the present leaf.
#[derive(Clone, Copy, Debug, Default)]
struct Turn {
    node: u32,
    /// Which child was taken.
    child: u16,
    /// Where in the key its byte stands.
    depth: u8,
}

/// The keys of a tree in order, or in reverse.
#[derive(Debug)]
pub struct RadixWalk<'t, V> {
    tree: &'t RadixTree<V>,
    reverse: bool,
    turns: [Turn; KEY_BYTES],
    depth: usize,
    key: RadixKey,
    /// The leaf that comes next; `NIL` at the end.
    leaf: u32,
}

impl<V> Clone for RadixWalk<'_, V> {
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

impl<V: Clone> RadixTree<V> {
    /// All keys in order, or in reverse.
    pub fn walk(&self, reverse: bool) -> RadixWalk<'_, V> {
        self.walk_from(&[if reverse { u8::MAX } else { 0 }; KEY_BYTES], reverse)
    }

    /// The keys from `key` on upwards, or from it downwards if `reverse`; it need not be in the tree.
    pub fn walk_from(&self, key: &RadixKey, reverse: bool) -> RadixWalk<'_, V> {
        let mut walk = RadixWalk {
            tree: self,
            reverse,
            turns: [Turn::default(); KEY_BYTES],
            depth: 0,
            key: [0; KEY_BYTES],
            leaf: NIL,
        };
        walk.seek(key);
        walk
    }

    /// The first key, or the last. O(1).
    pub fn edge(&self, last: bool) -> Option<RadixLeaf<'_, V>> {
        let (mut key, mut depth, mut node) = ([0; KEY_BYTES], 0, self.root);
        while node != NIL {
            match self.nodes.get(node) {
                Node::Leaf(value) => return Some(RadixLeaf { id: node, key, value }),
                Node::Run { run, child } => {
                    let end = depth + run.bytes().len();
                    key[depth..end].copy_from_slice(run.bytes());
                    depth = end;
                    node = *child;
                }
                Node::Branch(children) => {
                    let &(byte, child) = if last { children.last() } else { children.first() }?;
                    key[depth] = byte;
                    depth += 1;
                    node = child;
                }
            }
        }
        None
    }

    /// The greatest key that is not above `key`. O(1).
    pub fn floor(&self, key: &RadixKey) -> Option<RadixLeaf<'_, V>> {
        self.walk_from(key, true).peek()
    }
}

impl<V: Clone> RadixWalk<'_, V> {
    /// Finds the first leaf that is not before `key` in the direction of the walk.
    fn seek(&mut self, key: &RadixKey) {
        let (mut node, mut depth) = (self.tree.root, 0);
        while node != NIL {
            match self.tree.nodes.get(node) {
                Node::Leaf(_) => {
                    self.leaf = node;
                    return;
                }
                Node::Run { run, child } => {
                    let end = depth + run.bytes().len();
                    let order = run.bytes().cmp(&key[depth..end]);
                    if order.is_ne() {
                        // All keys below stand on one side of the key.
                        return if order.is_gt() == self.reverse {
                            self.turn();
                        } else {
                            self.descend(node, depth);
                        };
                    }
                    self.key[depth..end].copy_from_slice(run.bytes());
                    depth = end;
                    node = *child;
                }
                Node::Branch(children) => {
                    let found = children.binary_search_by_key(&key[depth], |&(byte, _)| byte);
                    match (found, self.reverse) {
                        (Ok(at), _) => {
                            node = self.take(node, at, depth);
                            depth += 1;
                        }
                        (Err(at), false) if at < children.len() => {
                            let child = self.take(node, at, depth);
                            return self.descend(child, depth + 1);
                        }
                        (Err(at), true) if at > 0 => {
                            let child = self.take(node, at - 1, depth);
                            return self.descend(child, depth + 1);
                        }
                        (Err(_), _) => return self.turn(),
                    }
                }
            }
        }
    }

    /// Goes down from a node to the leaf below it that comes first.
    fn descend(&mut self, node: u32, depth: usize) {
        let (mut node, mut depth) = (node, depth);
        loop {
            match self.tree.nodes.get(node) {
                Node::Leaf(_) => {
                    self.leaf = node;
                    return;
                }
                Node::Run { run, child } => {
                    let end = depth + run.bytes().len();
                    self.key[depth..end].copy_from_slice(run.bytes());
                    depth = end;
                    node = *child;
                }
                Node::Branch(children) => {
                    let at = if self.reverse { children.len() - 1 } else { 0 };
                    node = self.take(node, at, depth);
                    depth += 1;
                }
            }
        }
    }

    /// Goes up to the last branch with another child in the walk's direction, and down that child.
    fn turn(&mut self) {
        self.leaf = NIL;
        while let Some(above) = self.depth.checked_sub(1) {
            self.depth = above;
            let Turn { node, child, depth } = self.turns[above];
            let Node::Branch(children) = self.tree.nodes.get(node) else { return };
            let next = if self.reverse {
                usize::from(child).checked_sub(1)
            } else {
                Some(usize::from(child) + 1).filter(|&at| at < children.len())
            };
            if let Some(at) = next {
                let depth = usize::from(depth);
                let child = self.take(node, at, depth);
                return self.descend(child, depth + 1);
            }
        }
    }

    /// Notes that a walk goes through a branch to one of its children, and answers that child.
    fn take(&mut self, node: u32, at: usize, depth: usize) -> u32 {
        let Node::Branch(children) = self.tree.nodes.get(node) else { return NIL };
        let (byte, child) = children[at];
        self.turns[self.depth] = Turn { node, child: at as u16, depth: depth as u8 };
        self.depth += 1;
        self.key[depth] = byte;
        child
    }
}

impl<'t, V: Clone> RadixWalk<'t, V> {
    /// The key that `next` would give.
    pub fn peek(&self) -> Option<RadixLeaf<'t, V>> {
        let RadixWalk { tree, key, leaf: id, .. } = *self;
        (id != NIL).then(|| RadixLeaf { id, key, value: tree.value(id) })
    }
}

impl<'t, V: Clone> Iterator for RadixWalk<'t, V> {
    type Item = RadixLeaf<'t, V>;

    fn next(&mut self) -> Option<RadixLeaf<'t, V>> {
        let found = self.peek();
        self.turn();
        found
    }
}
