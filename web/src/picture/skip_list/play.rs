//! The steps of a search as states that can be played, stepped and scrubbed, forwards and backwards.

use std::rc::Rc;

use redarium_engine::trace;
use redarium_structures::ordered::OrderedSet;
use redarium_structures::skip_list::SkipListStep as Step;

use crate::format::{counted, grouped};
use crate::picture::model::{Body, SortedSet, Trace};
use crate::picture::tale::Story;

/// A forward link: where it starts and its level.
type Edge = (u32, usize);

/// The picture after some of the steps.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Frame {
    /// Where the search stands: node and level; none before the first and after the last step.
    pub cursor: Option<(u32, usize)>,
    /// Links that were followed.
    pub path: OrderedSet<Edge>,
    /// Nodes that were arrived at.
    pub visited: OrderedSet<u32>,
    /// Members passed so far.
    pub rank: u32,
    /// The member that was looked for, once it is found.
    pub found: Option<u32>,
    /// Links that were made or changed.
    pub changed: OrderedSet<Edge>,
    /// Links and nodes that are not there yet.
    pub missing: OrderedSet<Edge>,
    /// Links that are gone.
    pub gone: OrderedSet<Edge>,
}

/// All that there is to play.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Play {
    /// The steps as text; its result says how the rank follows from the way, for commands that ask for one.
    pub story: Rc<Story>,
    /// The state before the first step, and after each.
    pub frames: Vec<Frame>,
}

impl Play {
    /// Turns a trace into states; `set` is the list that it is played over.
    pub(super) fn new(trace: &Trace, set: &SortedSet) -> Self {
        let name = |id: u32| match set.nodes.iter().find(|node| node.id == id) {
            _ if id == 0 => "the header".to_owned(),
            Some(node) => node.member.clone(),
            None => "a member that is not drawn".to_owned(),
        };
        let mut frame = Frame { missing: missing(trace), ..Frame::default() };
        let (mut frames, mut texts) = (vec![frame.clone()], Vec::new());
        for step in steps(trace) {
            texts.push(frame.advance(step, set, &name));
            frames.push(frame.clone());
        }
        if let Some(last) = frames.last_mut() {
            last.cursor = None;
            last.found = found(trace, set);
        }
        let (cost, result) = (cost(trace, set), result(trace, set));
        Self { story: Rc::new(Story { serial: trace.serial, texts, cost, result }), frames }
    }

    /// How many steps there are.
    pub(super) fn len(&self) -> usize {
        self.story.texts.len()
    }
}

impl Frame {
    fn advance(&mut self, step: &Step, set: &SortedSet, name: &impl Fn(u32) -> String) -> String {
        match *step {
            Step::Right { level, to, rank } => {
                self.enter(level);
                let (from, _) = self.cursor.unwrap_or((0, level));
                self.path.insert((from, level));
                self.visited.insert(to);
                self.cursor = Some((to, level));
                self.rank = rank;
                format!("right on level {level} to {}: {} passed", name(to), grouped(rank as usize))
            }
            Step::Down { level } => {
                self.enter(level + 1);
                let (at, _) = self.cursor.unwrap_or((0, level));
                self.cursor = Some((at, level));
                let why = if is_end(set, at, level + 1) {
                    format!("level {} ends here", level + 1)
                } else {
                    "the next one would be too far".to_owned()
                };
                format!("down to level {level} at {}: {why}", name(at))
            }
            Step::Draw { height } => {
                let levels = if height == 1 { "1 level" } else { &format!("{height} levels") };
                format!("by chance the new node gets {levels}")
            }
            Step::Link { node, level, before } => {
                for edge in [(node, level), (before, level)] {
                    self.missing.remove(&edge);
                    self.changed.insert(edge);
                }
                format!("{} is linked in behind {} on level {level}", name(node), name(before))
            }
            Step::Unlink { node, level, before } => {
                self.gone.insert((node, level));
                self.changed.insert((before, level));
                format!("{} is taken out behind {} on level {level}", name(node), name(before))
            }
            Step::Span { node, level, span } => {
                self.changed.insert((node, level));
                format!("the link of {} on level {level} now spans {span}", name(node))
            }
            Step::Rescore { node } => {
                self.visited.insert(node);
                format!("{} stays where it is and gets another score", name(node))
            }
        }
    }

    /// A search that is found on a higher level than before is a new one, from the header.
    fn enter(&mut self, level: usize) {
        if self.cursor.is_none_or(|(_, at)| level > at) {
            self.cursor = Some((0, level));
            self.rank = 0;
        }
    }
}

/// The steps in the skip list itself.
fn steps(trace: &Trace) -> impl DoubleEndedIterator<Item = &Step> {
    trace.steps.iter().filter_map(|step| match step {
        trace::Step::SkipList(step) => Some(step),
        _ => None,
    })
}

/// The list as it was before, if some of it is gone now.
pub(super) fn before(trace: &Trace) -> Option<&SortedSet> {
    match &trace.before {
        Some(Body::SkipList(set))
            if steps(trace).any(|step| matches!(step, Step::Unlink { .. })) =>
        {
            Some(set)
        }
        _ => None,
    }
}

/// Whether no link leads on from a node on a level.
fn is_end(set: &SortedSet, id: u32, level: usize) -> bool {
    let node = set.nodes.iter().find(|node| node.id == id);
    let links = if id == 0 { Some(&set.header) } else { node.map(|node| &node.links) };
    links.and_then(|links| links.get(level)).is_some_and(|link| link.to.is_none())
}

/// The links of nodes that the steps will make.
fn missing(trace: &Trace) -> OrderedSet<Edge> {
    let links = steps(trace).filter_map(|step| match *step {
        Step::Link { node, level, .. } => Some((node, level)),
        _ => None,
    });
    links.collect()
}

/// Members that the search of a command for a rank has passed, if it was one.
fn passed(trace: &Trace) -> Option<u64> {
    let asks_for_rank = matches!(trace.command.as_str(), "ZRANK" | "ZREVRANK");
    let mut ranks = steps(trace).filter_map(|step| match *step {
        Step::Right { rank, .. } => Some(u64::from(rank)),
        _ => None,
    });
    asks_for_rank.then(|| ranks.next_back().unwrap_or(0))
}

/// The search stops right before the member, which is then the next one.
fn found(trace: &Trace, set: &SortedSet) -> Option<u32> {
    let passed = passed(trace)?;
    set.nodes.iter().find(|node| node.rank == passed).map(|node| node.id)
}

/// How the rank follows from the way: the spans of the links that were followed add up to it.
fn result(trace: &Trace, set: &SortedSet) -> String {
    match passed(trace) {
        None => String::new(),
        Some(passed) if trace.command == "ZRANK" => {
            let passed = grouped(passed as usize);
            format!(" {passed} passed before it: rank {passed}.")
        }
        Some(passed) => {
            let above = grouped(set.len.saturating_sub(passed + 1) as usize);
            let (passed, len) = (grouped(passed as usize), grouped(set.len as usize));
            format!(
                " {passed} of {len} passed before it, {above} above it: rank {above} from the top."
            )
        }
    }
}

fn cost(trace: &Trace, set: &SortedSet) -> String {
    let visited: OrderedSet<u32> = steps(trace)
        .filter_map(|step| match *step {
            Step::Right { to, .. } => Some(to),
            _ => None,
        })
        .collect();
    let steps = counted(steps(trace).count() + trace.dropped as usize, "step");
    let (command, visited) = (&trace.command, grouped(visited.len()));
    format!("{command} visited {visited} of {} in {steps}", counted(set.len as usize, "node"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::model::Node;

    fn set() -> SortedSet {
        let node =
            |id: u32, member: &str| Node { id, member: member.to_owned(), ..Node::default() };
        SortedSet { len: 12, nodes: vec![node(3, "ana"), node(4, "bo")], ..SortedSet::default() }
    }

    fn play(steps: Vec<Step>) -> Play {
        let steps = steps.into_iter().map(trace::Step::SkipList).collect();
        let trace = Trace { serial: 1, command: "ZRANK".to_owned(), steps, ..Trace::default() };
        Play::new(&trace, &set())
    }

    #[test]
    fn a_search_is_told_step_by_step() {
        let play = play(vec![
            Step::Right { level: 1, to: 3, rank: 4 },
            Step::Down { level: 0 },
            Step::Right { level: 0, to: 4, rank: 5 },
        ]);
        assert_eq!(
            play.story.texts,
            [
                "right on level 1 to ana: 4 passed",
                "down to level 0 at ana: the next one would be too far",
                "right on level 0 to bo: 5 passed"
            ]
        );
        assert_eq!(play.frames.len(), 4, "a state before the first step and after each");
        assert_eq!(play.frames[2].cursor, Some((3, 0)));
        assert_eq!(play.frames[3].path, OrderedSet::from_iter([(0, 1), (3, 0)]));
        assert_eq!(play.frames[3].cursor, None, "the search is over");
        assert_eq!(play.story.cost, "ZRANK visited 2 of 12 nodes in 3 steps");
        assert_eq!(play.story.result, " 5 passed before it: rank 5.");
    }

    #[test]
    fn a_new_node_is_missing_until_it_is_linked() {
        let play = play(vec![
            Step::Down { level: 0 },
            Step::Draw { height: 1 },
            Step::Link { node: 4, level: 0, before: 3 },
            Step::Span { node: 3, level: 0, span: 1 },
        ]);
        assert_eq!(play.frames[0].missing, OrderedSet::from_iter([(4, 0)]));
        assert!(play.frames[3].missing.is_empty(), "linked");
        assert_eq!(play.frames[4].changed, OrderedSet::from_iter([(3, 0), (4, 0)]));
        assert_eq!(play.story.texts[2], "bo is linked in behind ana on level 0");
    }

    #[test]
    fn a_second_search_begins_at_the_header() {
        let play = play(vec![
            Step::Right { level: 0, to: 4, rank: 5 },
            Step::Right { level: 1, to: 3, rank: 4 },
        ]);
        assert!(play.frames[2].path.contains(&(0, 1)), "{:?}", play.frames[2].path);
    }
}
