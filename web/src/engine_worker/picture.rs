//! Puts a picture together: a window into the key, and the nodes that the last command visited.

use redarium_engine::Engine;
use redarium_engine::inspect::{
    BucketView, BucketWindow, HashTableView, IntSetView, ListPackView, ListView, SkipListLinkView,
    SkipListNodeView, StringView,
};
use redarium_engine::trace::Step;
use redarium_lab::Lab;
use redarium_resp::Words;
use redarium_resp::number::format_f64;
use redarium_structures::order;
use redarium_structures::skip_list::SkipListStep;

use super::keys::key_row;
use crate::picture::MARKS_MAX;
use crate::picture::model::{
    Block, Body, Buckets, Cell, Chain, ChainNode, Item, Link, Node, Picture, SortedSet, Strip,
    Table, Trace,
};
use crate::protocol::{From, PictureQuery};
use crate::word::{bytes, word};

/// Steps that are kept of one command: more than a person follows.
const STEPS_MAX: usize = 400;

/// Nodes of a picture: its window and the visited ones.
const NODES_MAX: usize = 80;

/// Elements that are told of each node of a list.
const ELEMENTS_MAX: usize = 3;

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
        let before = body(lab.engine(), db, key, 0, BEFORE_MAX, &[]);
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
            trace.steps =
                buffer.steps().iter().filter(|step| is_of_a_value(step)).copied().collect();
            trace.dropped = buffer.dropped();
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
            body: body(engine, query.db, &key, from, count, &visited),
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

/// Ranks of the nodes that a search in a skip list visited.
fn visited(steps: &[Step]) -> Vec<usize> {
    let ranks = steps.iter().filter_map(|step| match step {
        Step::SkipList(SkipListStep::Right { rank, .. }) => (*rank as usize).checked_sub(1),
        _ => None,
    });
    ranks.collect()
}

/// Whether a step is of a value's own memory, and not of the table of keys.
fn is_of_a_value(step: &Step) -> bool {
    !matches!(step, Step::Keys(_) | Step::Expiry(_))
}

/// What there is to draw of a key; of a skip list from rank `from`, with the members at `ranks` besides.
fn body(
    engine: &Engine,
    db: usize,
    key: &[u8],
    from: usize,
    count: usize,
    ranks: &[usize],
) -> Option<Body> {
    let inspector = engine.inspect();
    if let Some(ints) = inspector.int_set(db, key, 0, MARKS_MAX) {
        return Some(Body::Strip(numbers(&ints)));
    }
    if let Some(pack) = inspector.list_pack(db, key, None, 0, MARKS_MAX) {
        return Some(Body::Strip(entries(&pack)));
    }
    if let Some(set) = sorted_set(engine, db, key, from, count, ranks) {
        return Some(Body::SkipList(set));
    }
    let window = BucketWindow { from: 0, count: MARKS_MAX, cursor: 0 };
    if let Some(view) = inspector.hash_table(db, key, window) {
        return Some(Body::Table(table(&view)));
    }
    if let Some(list) = inspector.list(db, key, 0, MARKS_MAX / 2, ELEMENTS_MAX) {
        return Some(Body::Chain(chain(&list)));
    }
    inspector.string(db, key, 0, MARKS_MAX).map(|view| Body::Strip(text(&view)))
}

fn entries(view: &ListPackView) -> Strip {
    let cells = view.entries.iter().map(|entry| Cell {
        offset: entry.offset,
        bytes: entry.header_bytes + entry.data_bytes + entry.backlen_bytes,
        text: word(&entry.value),
        encoding: entry.encoding.clone(),
        ..Cell::default()
    });
    Strip {
        block: Block::ListPack,
        bytes: view.bytes,
        capacity: view.capacity,
        header: 6,
        width: 0,
        len: view.len,
        cells: cells.collect(),
    }
}

fn numbers(view: &IntSetView) -> Strip {
    let cells = view.values.iter().map(|number| Cell {
        offset: number.offset,
        bytes: view.width,
        text: number.value.to_string(),
        ..Cell::default()
    });
    Strip {
        block: Block::IntSet,
        bytes: view.bytes,
        capacity: view.bytes,
        header: 8,
        width: view.width,
        len: view.len,
        cells: cells.collect(),
    }
}

fn text(view: &StringView) -> Strip {
    let cells = view.bytes.iter().enumerate().map(|(offset, &byte)| Cell {
        offset,
        bytes: 1,
        text: if byte.is_ascii_graphic() {
            char::from(byte).to_string()
        } else {
            format!("\\x{byte:02x}")
        },
        encoding: format!("{byte} = {byte:08b}"),
        ..Cell::default()
    });
    Strip {
        block: Block::Text,
        bytes: view.len,
        capacity: view.capacity,
        header: 0,
        width: 1,
        len: view.len,
        cells: cells.collect(),
    }
}

fn table(view: &HashTableView) -> Table {
    let chain = |bucket: &BucketView| {
        bucket.items.iter().map(|item| Item { id: item.id, name: word(&item.name) }).collect()
    };
    let arrays = view.arrays.iter().map(|array| Buckets {
        size: array.size,
        used: array.used,
        chains: array.buckets.iter().map(chain).collect(),
    });
    Table { len: view.len, arrays: arrays.collect(), rehash_index: view.rehash_index }
}

fn chain(view: &ListView) -> Chain {
    let nodes = view.nodes.iter().map(|node| ChainNode {
        id: node.id,
        count: Some(node.count),
        bytes: node.bytes,
        is_compressed: node.compressed,
        elements: node.elements.iter().map(|element| word(&element.bytes)).collect(),
    });
    Chain { len: view.len, node_count: view.node_count, fill: view.fill, nodes: nodes.collect() }
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
    let view =
        inspector.skip_list(db, key, from, count).filter(|view| view.encoding == "skiplist")?;
    let mut nodes: Vec<Node> = view.nodes.iter().map(node).collect();
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
    Some(SortedSet {
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

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use redarium_structures::rng::Rng;

    use super::*;
    use crate::engine_worker::desk::Desk;
    use crate::picture::Tale;
    use crate::protocol::{Answer, Ask, Look};

    fn run(desk: &mut Desk, line: &str) {
        desk.answer(Ask::Run { client: "alice".to_owned(), lines: vec![line.to_owned()] });
    }

    fn look(desk: &mut Desk) -> Picture {
        let query = PictureQuery { key: "k".to_owned(), count: 24, ..PictureQuery::default() };
        let look = Look { keys: None, picture: Some(query) };
        let Answer::Seen(seen) = desk.answer(Ask::Look(look)) else { panic!("it is seen") };
        seen.picture.expect("it was asked for")
    }

    /// Runs random commands and replays each: it must arrive at the memory as it is then.
    fn replays(picture: &str, setup: &[&str], mut command: impl FnMut(&mut Rng) -> String) {
        let mut desk = Desk::default();
        let mut rng = Rng::new(7);
        for line in setup {
            run(&mut desk, line);
        }
        let mut steps = 0;
        for _ in 0..400 {
            let line = command(&mut rng);
            run(&mut desk, &line);
            let seen = look(&mut desk);
            let Some(body) = seen.body.filter(|body| body.picture() == picture) else { continue };
            let body = Rc::new(body);
            let tale = Tale::new(seen.trace.as_ref(), &body);
            assert!(tale.is_replayed, "{line}: {:?} does not lead to {body:?}", seen.trace);
            assert_eq!(
                tale.moments.len(),
                tale.story.texts.len() + 1,
                "a state before the first step and after each"
            );
            let last = tale.moments.last().expect("there is a state");
            let shown = |body: &Body| body.figure("k", "").written();
            assert_eq!(shown(&last.body), shown(&body), "{line}: the last state is the memory");
            steps += tale.story.texts.len();
        }
        assert!(steps > 200, "{picture}: there is something to tell, not {steps} steps");
    }

    fn pick<'w>(rng: &mut Rng, words: &[&'w str]) -> &'w str {
        words[rng.below(words.len() as u64) as usize]
    }

    #[test]
    fn steps_in_a_listpack_lead_to_what_is_there() {
        replays("listpack", &[], |rng| {
            let (verb, n) = (pick(rng, &["HSET", "HSET", "HGET", "HDEL"]), rng.below(12));
            let value =
                if verb == "HSET" { "x".repeat(rng.below(30) as usize + 1) } else { String::new() };
            format!("{verb} k f{n} {value}")
        });
        replays("listpack", &[], |rng| {
            let (verb, n) =
                (pick(rng, &["ZADD k 1", "ZADD k 700000", "ZREM k", "ZSCORE k"]), rng.below(12));
            format!("{verb} m{n}")
        });
    }

    #[test]
    fn steps_in_an_intset_lead_to_what_is_there() {
        replays("intset", &[], |rng| {
            let (verb, n) = (pick(rng, &["SADD", "SADD", "SISMEMBER", "SREM"]), rng.below(40) + 1);
            let by = pick(rng, &["", "", "0000", "0000000000"]);
            format!("{verb} k {n}{by}")
        });
    }

    #[test]
    fn steps_in_a_hash_table_lead_to_what_is_there() {
        replays(
            "dict",
            &["CONFIG SET set-max-listpack-entries 0 set-max-intset-entries 0"],
            |rng| {
                let (verb, n) = (pick(rng, &["SADD", "SADD", "SREM", "SISMEMBER"]), rng.below(60));
                format!("{verb} k m{n}")
            },
        );
    }

    #[test]
    fn steps_in_a_quicklist_lead_to_what_is_there() {
        replays("quicklist", &["CONFIG SET list-max-listpack-size 4"], |rng| match rng.below(6) {
            0 | 1 => format!("RPUSH k {}", rng.below(1000)),
            2 => format!("LPUSH k word-{}", rng.below(1000)),
            3 => "LPOP k".to_owned(),
            4 => format!("LINDEX k {}", rng.below(20)),
            _ => format!("LINSERT k BEFORE {} {}", rng.below(1000), rng.below(1000)),
        });
    }

    #[test]
    fn steps_in_a_string_lead_to_what_is_there() {
        replays("string", &["SET k text"], |rng| match rng.below(4) {
            0 => format!("APPEND k {}", rng.below(100)),
            1 => format!("SETRANGE k {} abc", rng.below(30)),
            2 => format!("SET k {}", "y".repeat(rng.below(60) as usize + 1)),
            _ => "GET k".to_owned(),
        });
    }
}
