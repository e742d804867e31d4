//! A quicklist: a chain of listpacks, and what steps do to it.

use redarium_engine::trace::Step;
use redarium_structures::list_pack::ListPackStep;
use redarium_structures::quick_list::QuickListStep;

use super::figure::{Figure, Grid, Lit, Mark, Part, Row};
use super::model::{Chain, ChainNode};
use crate::format::{counted, grouped};

impl Chain {
    /// Does what a step did; a sentence about it, or none if the step is of something else.
    pub(super) fn apply(&mut self, step: &Step, lit: &mut Lit) -> Option<String> {
        let Step::QuickList(step) = step else { return None };
        Some(match *step {
            QuickListStep::VisitNode { node, index } => {
                lit.visit(u64::from(node));
                format!("comes to {}, whose first element has index {index}", self.name(node))
            }
            QuickListStep::Pack { node, step } => self.apply_to_node(node, step, lit),
            QuickListStep::Link { node, prev, next } => {
                let place = match (prev, next) {
                    (Some(prev), _) => self.place(prev).map(|place| place + 1),
                    (None, Some(next)) => self.place(next),
                    (None, None) => Some(0),
                };
                let place = place.filter(|_| self.place(node).is_none());
                if let Some(place) = place {
                    // It comes with elements in it, and no step says which.
                    self.nodes.insert(place, ChainNode { id: node, ..ChainNode::default() });
                }
                self.node_count += 1;
                lit.change(u64::from(node));
                "a new node is linked into the chain".to_owned()
            }
            QuickListStep::Unlink { node } => {
                let name = self.name(node);
                if let Some(place) = self.place(node) {
                    self.nodes.remove(place);
                }
                self.node_count = self.node_count.saturating_sub(1);
                format!("{name} leaves the chain")
            }
            QuickListStep::Split { node, new } => {
                self.forget(node);
                self.forget(new);
                lit.change(u64::from(new));
                format!("the second half of {} has moved to a node behind it", self.name(node))
            }
            QuickListStep::Merge { from, into } => {
                self.forget(into);
                lit.change(u64::from(into));
                format!("{} moves to the end of {}", self.name(from), self.name(into))
            }
        })
    }

    fn apply_to_node(&mut self, id: u32, step: ListPackStep, lit: &mut Lit) -> String {
        let name = self.name(id);
        let place = self.place(id);
        let node = place.and_then(|place| self.nodes.get_mut(place));
        match step {
            ListPackStep::Visit { index, .. } => {
                lit.visit(u64::from(id));
                format!("looks at entry {index} of {name}")
            }
            ListPackStep::Insert { bytes, moved, .. } => {
                lit.change(u64::from(id));
                if let Some(node) = node {
                    node.count = node.count.map(|count| count + 1);
                    if node.bytes > 0 {
                        node.bytes += bytes;
                    }
                    node.elements.clear();
                }
                format!(
                    "writes an entry of {} into {name}; {} move",
                    counted(bytes, "byte"),
                    counted(moved, "byte")
                )
            }
            ListPackStep::Remove { bytes, moved, .. } => {
                lit.change(u64::from(id));
                if let Some(node) = node {
                    node.count = None;
                    node.bytes = node.bytes.saturating_sub(bytes);
                    node.elements.clear();
                }
                format!(
                    "takes {} out of {name}; {} move",
                    counted(bytes, "byte"),
                    counted(moved, "byte")
                )
            }
            ListPackStep::Replace { from, to, .. } => {
                lit.change(u64::from(id));
                if let Some(node) = node {
                    node.bytes = node.bytes + to - from.min(node.bytes + to);
                    node.elements.clear();
                }
                format!("writes over an entry of {name}")
            }
            ListPackStep::Grow { to, .. } => {
                format!("{name} asks for a larger block: {}", counted(to, "byte"))
            }
            ListPackStep::Shrink { to, .. } => {
                format!("{name} gives memory back: {} left", counted(to, "byte"))
            }
        }
    }

    fn place(&self, id: u32) -> Option<usize> {
        self.nodes.iter().position(|node| node.id == id)
    }

    fn name(&self, id: u32) -> String {
        self.place(id)
            .map_or_else(|| "a node that is not drawn".to_owned(), |place| format!("node {place}"))
    }

    /// Elements have come to a node or gone from it, and no step says which.
    fn forget(&mut self, id: u32) {
        if let Some(node) = self.nodes.iter_mut().find(|node| node.id == id) {
            *node = ChainNode { id, ..ChainNode::default() };
        }
    }

    /// Whether this is the same memory, as far as both know it.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let agree = |(a, b): (&ChainNode, &ChainNode)| {
            a.id == b.id
                && (a.bytes == b.bytes || a.bytes == 0)
                && (a.count.is_none() || b.count.is_none() || a.count == b.count)
        };
        self.node_count == other.node_count && self.nodes.iter().zip(&other.nodes).all(agree)
    }

    /// Learns what nodes hold at the end that steps have changed.
    pub(super) fn learn(&mut self, now: &Self) {
        for node in self.nodes.iter_mut().filter(|node| node.elements.is_empty()) {
            let same = now.nodes.iter().find(|it| it.id == node.id && it.bytes == node.bytes);
            if let Some(known) = same {
                node.clone_from(known);
            }
        }
        let counts: Option<usize> = self.nodes.iter().map(|node| node.count).sum();
        let is_whole = self.nodes.len() == self.node_count;
        self.len = counts.filter(|_| is_whole).map_or(now.len, |count| count as u64);
    }

    /// The drawing.
    pub(super) fn figure(&self, key: &str) -> Figure {
        let title = format!(
            "{} in {}, list-max-listpack-size {}",
            counted(self.len as usize, "element"),
            counted(self.node_count, "node"),
            self.fill
        );
        let mark = |(place, node): (usize, &ChainNode)| {
            let text = match node.elements.as_slice() {
                [] => "\u{2026}".to_owned(),
                [one] => one.clone(),
                [first, .., _] if node.count.is_some_and(|count| count > node.elements.len()) => {
                    format!("{first} \u{2026}")
                }
                [first, .., last] => format!("{first} \u{2026} {last}"),
            };
            let count = node
                .count
                .map_or_else(|| "some elements".to_owned(), |count| counted(count, "element"));
            let squeezed = if node.is_compressed { ", compressed" } else { "" };
            Mark {
                id: u64::from(node.id),
                class: "cell",
                note: format!("{count} \u{b7} {}{squeezed}", counted(node.bytes, "byte")),
                about: format!(
                    "Node {place}: {count} in {}{squeezed}",
                    counted(node.bytes, "byte")
                ),
                line: self.index_of(place).map(|index| format!("LINDEX {key} {index}")),
                text,
            }
        };
        let left = self.node_count.saturating_sub(self.nodes.len());
        let row = Row {
            marks: self.nodes.iter().enumerate().map(mark).collect(),
            more: if left > 0 {
                format!("and {} nodes that are not drawn", grouped(left))
            } else {
                String::new()
            },
            ..Row::default()
        };
        let label = format!(
            "Quicklist of {key} with {}; arrow keys go from one to the next",
            counted(self.node_count, "node")
        );
        let part = Part { title, class: "chain", rows: vec![row] };
        Figure { label, parts: vec![part], grid: self.grid() }
    }

    /// The index of a node's first element.
    fn index_of(&self, place: usize) -> Option<usize> {
        self.nodes.iter().take(place).map(|node| node.count).sum()
    }

    fn grid(&self) -> Grid {
        let columns = vec!["Node", "Elements", "Bytes", "First elements"];
        let rows = self.nodes.iter().enumerate().map(|(place, node)| {
            let count = node.count.map_or_else(String::new, |count| count.to_string());
            vec![place.to_string(), count, node.bytes.to_string(), node.elements.join(", ")]
        });
        Grid { columns, rows: rows.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(nodes: &[(u32, usize, usize)]) -> Chain {
        let nodes = nodes.iter().map(|&(id, count, bytes)| ChainNode {
            id,
            count: Some(count),
            bytes,
            elements: (0..count.min(2)).map(|n| format!("e{n}")).collect(),
            ..ChainNode::default()
        });
        let nodes: Vec<ChainNode> = nodes.collect();
        Chain { len: 9, node_count: nodes.len(), fill: -2, nodes }
    }

    #[test]
    fn a_list_is_drawn_node_by_node() {
        let figure = chain(&[(4, 2, 19), (2, 7, 60)]).figure("queue");
        assert_eq!(
            figure.written(),
            "9 elements in 2 nodes, list-max-listpack-size -2\n  e0 \u{2026} e1|e0 \u{2026}\n"
        );
        let marks = &figure.parts[0].rows[0].marks;
        assert_eq!(marks[1].line.as_deref(), Some("LINDEX queue 2"), "behind the two of the first");
    }

    #[test]
    fn a_full_node_gets_a_neighbour() {
        let mut list = chain(&[(4, 2, 19), (2, 7, 60)]);
        let mut lit = Lit::default();
        for step in [
            QuickListStep::VisitNode { node: 2, index: 2 },
            QuickListStep::Link { node: 5, prev: Some(2), next: None },
            QuickListStep::Pack {
                node: 5,
                step: ListPackStep::Insert { offset: 6, bytes: 4, moved: 1 },
            },
            QuickListStep::Unlink { node: 4 },
        ] {
            assert!(list.apply(&Step::QuickList(step), &mut lit).is_some(), "{step:?}");
        }
        assert!(list.is_same(&chain(&[(2, 7, 60), (5, 1, 11)])), "{list:?}");
        assert!(!list.is_same(&chain(&[(2, 7, 61), (5, 1, 11)])), "a node has other bytes");
    }
}
