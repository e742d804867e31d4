//! Puts a picture together: a window into the key, and the nodes that the last command visited.

use redarium_engine::Engine;
use redarium_engine::inspect::{SkipListLinkView, SkipListNodeView};
use redarium_engine::trace::{self, TraceBuffer};
use redarium_lab::Lab;
use redarium_resp::Words;
use redarium_resp::number::format_f64;
use redarium_structures::order;
use redarium_structures::skip_list::SkipListStep;

use super::keys::key_row;
use crate::picture::model::{Link, Node, Picture, SortedSet, Trace};
use crate::protocol::{From, PictureQuery};
use crate::word::{bytes, word};

/// Steps that are kept of one command: more than a person follows.
const STEPS_MAX: usize = 400;

/// Nodes of a picture: its window and the visited ones.
const NODES_MAX: usize = 80;

/// Members of the view taken before a command that may remove some.
const BEFORE_MAX: usize = 60;

/// What the last command did, and to which key.
#[derive(Debug, Default)]
pub(super) struct Recorder {
    serial: u32,
    last: Option<Recorded>,
}

#[derive(Debug)]
struct Recorded {
    db: usize,
    key: Vec<u8>,
    trace: Trace,
}

impl Recorder {
    /// Before a command on `key` is run.
    pub(super) fn begin(&mut self, lab: &mut Lab, db: usize, key: Option<&[u8]>, words: &Words) {
        let Some(key) = key else { return };
        self.serial += 1;
        let before = sorted_set(lab.engine(), db, key, 0, BEFORE_MAX, &[]);
        let command =
            String::from_utf8_lossy(words.get(0).unwrap_or_default()).to_ascii_uppercase();
        let trace = Trace { serial: self.serial, command, before, ..Trace::default() };
        self.last = Some(Recorded { db, key: key.to_vec(), trace });
        lab.record_steps(STEPS_MAX);
    }

    /// After it was run; how many steps it took.
    pub(super) fn end(&mut self, lab: &mut Lab) -> u64 {
        let Some(buffer) = lab.take_steps() else { return 0 };
        lab.record_steps(0);
        if let Some(Recorded { trace, .. }) = &mut self.last {
            trace.steps = steps(&buffer);
            trace.dropped = buffer.dropped();
            if !trace.steps.iter().any(|step| matches!(step, SkipListStep::Unlink { .. })) {
                trace.before = None;
            }
        }
        buffer.steps().len() as u64 + buffer.dropped()
    }

    /// Forgets the last command: the world is another one.
    pub(super) fn forget(&mut self) {
        self.last = None;
    }

    /// The picture of a key.
    pub(super) fn look(&self, engine: &Engine, query: &PictureQuery) -> Picture {
        let key = bytes(&query.key);
        let trace = self.last.as_ref().filter(|last| last.db == query.db && last.key == key);
        let trace = trace.map(|last| last.trace.clone()).filter(|trace| !trace.steps.is_empty());
        let visited = trace.as_ref().map_or_else(Vec::new, |trace| visited(&trace.steps));
        let count = query.count.min(NODES_MAX);
        let len =
            engine.inspect().skip_list(query.db, &key, 0, 0).map_or(0, |view| view.len as usize);
        let from = match query.from {
            From::Around => visited.last().map_or(0, |rank| rank.saturating_sub(count / 2)),
            From::Rank(rank) => rank,
            From::Score(score) => rank_of_score(engine, query.db, &key, len, score),
        };
        let from = from.min(len.saturating_sub(count));
        Picture {
            db: query.db,
            key: query.key.clone(),
            row: key_row(engine, query.db, &key),
            sorted_set: sorted_set(engine, query.db, &key, from, count, &visited),
            trace,
        }
    }
}

/// The rank of the first member with at least this score. O(log² members).
fn rank_of_score(engine: &Engine, db: usize, key: &[u8], len: usize, score: f64) -> usize {
    let is_below = |rank: usize| {
        let view = engine.inspect().skip_list(db, key, rank, 1);
        view.and_then(|view| view.nodes.first().map(|node| node.score < score)).unwrap_or(false)
    };
    let (mut from, mut to) = (0, len);
    while from < to {
        let middle = usize::midpoint(from, to);
        if is_below(middle) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    from
}

/// Ranks of the nodes that a search visited.
fn visited(steps: &[SkipListStep]) -> Vec<usize> {
    let ranks = steps.iter().filter_map(|step| match step {
        SkipListStep::Right { rank, .. } => (*rank as usize).checked_sub(1),
        _ => None,
    });
    ranks.collect()
}

fn steps(buffer: &TraceBuffer) -> Vec<SkipListStep> {
    let steps = buffer.steps().iter();
    steps
        .filter_map(|step| match step {
            trace::Step::SkipList(step) => Some(*step),
            _ => None,
        })
        .collect()
}

/// A window of `count` members from rank `from`, and the members at `ranks` besides.
fn sorted_set(
    engine: &Engine,
    db: usize,
    key: &[u8],
    from: usize,
    count: usize,
    ranks: &[usize],
) -> Option<SortedSet> {
    let inspector = engine.inspect();
    let view = inspector.skip_list(db, key, from, count)?;
    let is_skip_list = view.encoding == "skiplist";
    let mut nodes: Vec<Node> = view.nodes.iter().map(node).collect();
    if is_skip_list {
        let window = from..from + nodes.len();
        let mut more: Vec<usize> =
            ranks.iter().copied().filter(|rank| !window.contains(rank)).collect();
        order::sort(&mut more);
        more.dedup();
        let room = NODES_MAX.saturating_sub(nodes.len());
        for rank in more.into_iter().take(room) {
            let one = inspector.skip_list(db, key, rank, 1)?;
            nodes.extend(one.nodes.iter().map(node));
        }
        order::sort_by_key(&mut nodes, |node| node.rank);
    }
    Some(SortedSet {
        is_skip_list,
        len: view.len,
        level: view.level,
        from,
        header: view.head_levels.iter().map(link).collect(),
        nodes,
    })
}

fn node(view: &SkipListNodeView) -> Node {
    Node {
        id: view.id,
        rank: view.rank,
        score: format_f64(view.score),
        member: word(&view.member),
        links: view.levels.iter().map(link).collect(),
        back: view.back,
    }
}

fn link(view: &SkipListLinkView) -> Link {
    Link { to: view.to, span: view.span }
}
