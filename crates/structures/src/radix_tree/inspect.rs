//! Looking at a radix tree, for pictures.

use std::collections::VecDeque;

use super::{NIL, Node, RadixTree};

/// A node of a radix tree as it lies in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RadixNodeView {
    /// Its id, as in steps.
    pub id: u32,
    /// How many bytes of a key lead to it.
    pub depth: usize,
    /// The bytes of a run; none in a branch or a leaf.
    pub run: Vec<u8>,
    /// The next nodes: behind a run one, of a branch each with the byte that leads there.
    pub children: Vec<(Option<u8>, u32)>,
}

impl<V: Clone> RadixTree<V> {
    /// The first `limit` nodes, those with shorter ways from the root first. O(limit).
    pub fn first_nodes(&self, limit: usize) -> Vec<RadixNodeView> {
        let mut views = Vec::new();
        let mut next = VecDeque::new();
        if self.root != NIL {
            next.push_back((self.root, 0));
        }
        while views.len() < limit
            && let Some((id, depth)) = next.pop_front()
        {
            let mut view = RadixNodeView { id, depth, run: Vec::new(), children: Vec::new() };
            match self.nodes.get(id) {
                Node::Run { run, child } => {
                    view.run = run.bytes().to_vec();
                    view.children.push((None, *child));
                    next.push_back((*child, depth + view.run.len()));
                }
                Node::Branch(children) => {
                    for &(byte, child) in children {
                        view.children.push((Some(byte), child));
                        next.push_back((child, depth + 1));
                    }
                }
                Node::Leaf(_) => {}
            }
            views.push(view);
        }
        views
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::NoTrace;

    #[test]
    fn nodes_lead_from_the_root_to_the_leaves() {
        let mut tree = RadixTree::new();
        assert_eq!(tree.first_nodes(9), [], "nothing yet");
        let (mut one, mut two) = ([7; 16], [7; 16]);
        (one[3], two[3]) = (1, 2);
        let first = tree.insert(&one, "one", &mut NoTrace).0;
        let second = tree.insert(&two, "two", &mut NoTrace).0;
        let nodes = tree.first_nodes(9);
        assert_eq!(nodes.len(), tree.node_count(), "runs, a branch, and the leaves");
        assert_eq!((nodes[0].run.as_slice(), nodes[0].depth), ([7; 3].as_slice(), 0), "shared");
        let branch = &nodes[1];
        assert_eq!(nodes[0].children, [(None, branch.id)], "then a choice");
        let bytes: Vec<_> = branch.children.iter().map(|child| child.0).collect();
        assert_eq!((bytes.as_slice(), branch.depth), ([Some(1), Some(2)].as_slice(), 3), "of two");
        let leaves: Vec<_> =
            nodes.iter().filter(|node| node.depth == 16).map(|node| node.id).collect();
        assert_eq!(leaves, [first, second], "where the steps end");
        assert_eq!(tree.first_nodes(2), nodes[..2], "no more than asked for");
    }
}
