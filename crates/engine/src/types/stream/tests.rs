use std::collections::BTreeMap;

use redarium_structures::list_pack::ListPackValue;
use redarium_structures::rng::Rng;

use super::*;
use crate::trace::{Step, Tracer};

type Words = Vec<(Vec<u8>, Vec<u8>)>;

fn id(ms: u64, seq: u64) -> StreamId {
    StreamId { ms, seq }
}

fn limits(bytes: usize, entries: u64) -> NodeLimits {
    NodeLimits { bytes, entries }
}

fn add(stream: &mut Stream, id: StreamId, words: &Words, limits: &NodeLimits) {
    let fields = words.iter().map(|(field, value)| (&**field, &**value));
    stream.log.add(id, fields, limits, &mut None);
}

/// Entries `1-0` to `count-0`, each with the field n, in nodes of `per_node`.
fn numbers(count: u64, per_node: u64) -> Stream {
    let mut stream = Stream::default();
    for n in 1..=count {
        let words = vec![(b"n".to_vec(), n.to_string().into_bytes())];
        add(&mut stream, id(n, 0), &words, &limits(4096, per_node));
    }
    stream.check();
    stream
}

fn read(entries: Entries<'_>) -> Vec<(StreamId, Words)> {
    entries
        .map(|entry| {
            let words = entry.fields.map(|(field, value)| (field.to_vec(), value.to_vec()));
            (entry.id, words.collect())
        })
        .collect()
}

fn ids(stream: &Stream) -> Vec<u64> {
    stream.log.entries(StreamId::MIN, StreamId::MAX, false).map(|entry| entry.id.ms).collect()
}

/// Words that sometimes are those of the entry before, so that fields are shared and not.
fn random_words(rng: &mut Rng) -> Words {
    let word = |rng: &mut Rng| match rng.below(4) {
        0 => b"a".to_vec(),
        1 => rng.below(5_000).to_string().into_bytes(),
        2 => vec![b'x'; rng.below(90) as usize],
        _ => rng.next_u64().to_le_bytes().to_vec(),
    };
    if rng.below(3) > 0 {
        return vec![(b"f".to_vec(), word(rng)), (b"7".to_vec(), word(rng))];
    }
    (0..=rng.below(4)).map(|_| (word(rng), word(rng))).collect()
}

#[test]
fn does_what_a_sorted_map_does_and_a_clone_never_changes() {
    for seed in 0..12 {
        let mut rng = Rng::new(seed);
        let limits =
            limits([60, 400, 4096][seed as usize % 3], [3, 10, u64::MAX][seed as usize / 4]);
        let mut stream = Stream::default();
        let mut model: BTreeMap<StreamId, Words> = BTreeMap::new();
        let mut kept = (stream.clone(), model.clone());
        for round in 0..1_200_u64 {
            match rng.below(if round < 800 { 10 } else { 20 }) {
                0..6 => {
                    let ms = stream.log.last_id.ms + rng.below(3);
                    let id = stream.log.next_id_in(ms).unwrap();
                    let words = random_words(&mut rng);
                    add(&mut stream, id, &words, &limits);
                    model.insert(id, words);
                }
                6 if rng.below(10) == 0 => {
                    let max = rng.below(model.len() as u64 + 1);
                    let keep = Keep::Last(max);
                    let gone = stream.trim(&trim(keep, References::Keep), &mut None);
                    assert_eq!(gone, model.len() as u64 - max, "trimmed");
                    while model.len() as u64 > max {
                        model.pop_first();
                    }
                }
                7 if rng.below(10) == 0 => {
                    let from = random_id(&stream, &mut rng);
                    stream.trim(&trim(Keep::From(from), References::Keep), &mut None);
                    model = model.split_off(&from);
                }
                _ => {
                    let near = random_id(&stream, &mut rng);
                    let near = model.range(near..).next().map_or(near, |(id, _)| *id);
                    let lived = model.remove(&near).is_some();
                    assert_eq!(stream.log.delete(near, &mut None), lived, "deleted");
                }
            }
            assert_eq!(stream.log.len(), model.len() as u64, "length");
            if round % 53 == 0 {
                stream.check();
                compare(&stream, &model, &mut rng);
                kept.0.check();
                compare(&kept.0, &kept.1, &mut rng);
                kept = (stream.clone(), model.clone());
            }
        }
    }
}

fn random_id(stream: &Stream, rng: &mut Rng) -> StreamId {
    id(rng.below(stream.log.last_id.ms + 2), rng.below(4))
}

#[track_caller]
fn compare(stream: &Stream, model: &BTreeMap<StreamId, Words>, rng: &mut Rng) {
    let log = &stream.log;
    for _ in 0..8 {
        let (first, last) = (random_id(stream, rng), random_id(stream, rng));
        let mut expected: Vec<_> = if first <= last {
            model.range(first..=last).map(|(id, words)| (*id, words.clone())).collect()
        } else {
            Vec::new()
        };
        assert_eq!(read(log.entries(first, last, false)), expected, "{first:?} to {last:?}");
        expected.reverse();
        assert_eq!(read(log.entries(first, last, true)), expected, "{last:?} down to {first:?}");
        assert_eq!(log.entry(first).is_some(), model.contains_key(&first), "{first:?}");
    }
    assert_eq!(log.edge(true).map(|entry| entry.id), model.keys().last().copied(), "last");
}

fn trim(keep: Keep, references: References) -> Trim {
    Trim { keep, approximate: false, limit: 0, references }
}

#[test]
fn a_node_ends_at_its_limits() {
    let nodes = |stream: &Stream| {
        stream.log.nodes(StreamId::MIN).map(|node| (node.first.ms, node.live)).collect::<Vec<_>>()
    };
    assert_eq!(nodes(&numbers(250, 100)), [(1, 100), (101, 100), (201, 50)], "entries");
    let mut stream = Stream::default();
    for n in 1..=3 {
        let words = vec![(b"f".to_vec(), vec![b'x'; 1_999])];
        add(&mut stream, id(n, 0), &words, &limits(4_096, 100));
    }
    assert_eq!(nodes(&stream), [(1, 2), (3, 1)], "bytes");
    assert_eq!(
        numbers(250, 100).log.tree_node_count(),
        8,
        "a run, a branch, three runs and leaves"
    );
}

#[test]
fn bytes_are_those_of_redis() {
    let mut stream = Stream::default();
    let limits = limits(4_096, 100);
    add(&mut stream, id(5, 1), &vec![(b"a".to_vec(), b"1".to_vec())], &limits);
    add(&mut stream, id(6, 0), &vec![(b"a".to_vec(), b"x".to_vec())], &limits);
    add(&mut stream, id(6, 1), &vec![(b"b".to_vec(), b"2".to_vec())], &limits);
    assert!(stream.log.delete(id(6, 0), &mut None), "it was there");
    let leaf = stream.log.tree.edge(false).unwrap();
    let elements: Vec<_> = leaf.value.iter().map(ListPackValue::to_vec).collect();
    let texts: Vec<_> = elements.iter().map(|bytes| String::from_utf8_lossy(bytes)).collect();
    let master = ["2", "1", "1", "a", "0"];
    let same = ["2", "0", "0", "1", "4"];
    let deleted = ["3", "1", "-1", "x", "4"];
    let other = ["0", "1", "0", "1", "b", "2", "6"];
    assert_eq!(texts, [&master[..], &same, &deleted, &other].concat(), "as a dump has them");
}

#[test]
fn approximate_trimming_drops_whole_nodes_within_its_limit() {
    let cut = |keep, limit| {
        let mut stream = numbers(35, 10);
        let trim = Trim { approximate: true, limit, ..trim(keep, References::Keep) };
        let gone = stream.trim(&trim, &mut None);
        stream.check();
        (gone, stream.log.first_id().ms)
    };
    assert_eq!(cut(Keep::Last(20), 0), (10, 11), "one node, though 15 entries are too many");
    assert_eq!(cut(Keep::Last(15), 0), (20, 21), "exactly two");
    assert_eq!(cut(Keep::Last(0), 25), (20, 21), "no more than 25");
    assert_eq!(cut(Keep::From(id(31, 0)), 0), (30, 31), "up to an id");
    assert_eq!(cut(Keep::From(id(30, 0)), 0), (20, 21), "not beyond it");
}

#[test]
fn trimming_minds_what_groups_need() {
    let read_up_to = |stream: &mut Stream, last: u64, pending: &[u64]| {
        stream.create_group(b"g", Group::new(id(last, 0), None));
        let (_, group) = stream.group_mut(b"g").unwrap();
        let (consumer, _) = group.ensure_consumer(b"c", 0);
        for &ms in pending {
            group.deliver(id(ms, 0), consumer, 0);
        }
    };
    let mut stream = numbers(8, 3);
    read_up_to(&mut stream, 6, &[2, 5]);
    let acked = trim(Keep::Last(1), References::Acked);
    assert_eq!(stream.clone().trim(&acked, &mut None), 4, "four are done with");
    let mut kept = stream.clone();
    kept.trim(&acked, &mut None);
    kept.check();
    assert_eq!(ids(&kept), [2, 5, 7, 8], "pending ones and unread ones stay");
    let delete = trim(Keep::From(id(4, 0)), References::Delete);
    assert_eq!(stream.trim(&delete, &mut None), 3, "all before the fourth");
    stream.check();
    let pending: Vec<_> =
        stream.group(b"g").unwrap().pendings(StreamId::MIN).map(|(id, _)| id.ms).collect();
    assert_eq!(pending, [5], "the second is forgotten");
    let mut alone = numbers(8, 3);
    assert_eq!(alone.trim(&acked, &mut None), 7, "without groups nobody minds");
}

#[test]
fn deleting_with_references() {
    let mut stream = numbers(5, 100);
    stream.create_group(b"g", Group::new(id(3, 0), None));
    let (_, group) = stream.group_mut(b"g").unwrap();
    let (consumer, _) = group.ensure_consumer(b"c", 0);
    group.deliver(id(2, 0), consumer, 0);
    group.deliver(id(3, 0), consumer, 0);
    let mut delete = |ms, how| stream.delete_with(id(ms, 0), how, &mut None);
    assert_eq!(delete(2, References::Acked), None, "pending");
    assert_eq!(delete(4, References::Acked), None, "not read yet");
    assert_eq!(delete(1, References::Acked), Some(true), "read and acknowledged");
    assert_eq!(delete(9, References::Acked), Some(false), "never there");
    assert_eq!(delete(2, References::Delete), Some(true), "whatever groups know");
    assert_eq!(delete(3, References::Keep), Some(true), "groups go on knowing");
    stream.check();
    assert_eq!(stream.group(b"g").unwrap().pending_len(), 1, "one of two");
    assert!(stream.forget_deliveries(id(3, 0)), "a trace without an entry");
    assert!(!stream.forget_deliveries(id(3, 0)), "gone");
}

#[test]
fn groups_know_how_far_they_have_read() {
    let mut stream = numbers(5, 100);
    stream.create_group(b"g", Group::new(StreamId::MIN, None));
    let read = |stream: &mut Stream, ms| {
        let (log, group) = stream.group_mut(b"g").unwrap();
        group.advance(id(ms, 0), log);
    };
    let facts = |stream: &Stream| {
        let group = stream.group(b"g").unwrap();
        (group.entries_read, group.lag(&stream.log))
    };
    assert_eq!(facts(&stream), (None, Some(5)), "all is ahead");
    read(&mut stream, 1);
    read(&mut stream, 2);
    assert_eq!(facts(&stream), (Some(2), Some(3)), "counted");
    stream.log.delete(id(4, 0), &mut None);
    assert_eq!(facts(&stream), (Some(2), None), "a gap ahead");
    read(&mut stream, 3);
    assert_eq!(facts(&stream), (None, None), "no counting on");
    read(&mut stream, 5);
    assert_eq!(facts(&stream), (Some(5), Some(0)), "the last entry has a known number");
}

#[test]
fn consumers_have_what_is_pending() {
    let mut group = Group::new(StreamId::MIN, None);
    let (ann, is_new) = group.ensure_consumer(b"ann", 5);
    assert!(is_new && group.consumer(ann).seen_at == 5, "a new one");
    assert_eq!(group.ensure_consumer(b"ann", 6), (ann, false), "the same one");
    let (bob, _) = group.ensure_consumer(b"bob", 5);
    for ms in 1..=3 {
        group.deliver(id(ms, 0), ann, 10);
    }
    group.claim(id(2, 0), Claim { consumer: bob, delivered_at: 20, deliveries: None });
    group.redeliver(id(2, 0), 30);
    group.check();
    let pending = Pending { consumer: bob, delivered_at: 30, deliveries: 2 };
    assert_eq!(group.pending(id(2, 0)), Some(&pending), "claimed and delivered again");
    let lens = |group: &Group| group.consumers().map(Consumer::pending_len).collect::<Vec<_>>();
    assert_eq!(lens(&group), [2, 1], "ann, bob");
    assert!(group.acknowledge(id(1, 0)) && !group.acknowledge(id(1, 0)), "once");
    assert_eq!(group.remove_consumer(b"ann"), Some(1), "with one pending");
    assert_eq!(group.remove_consumer(b"ann"), None, "gone");
    group.check();
    assert_eq!(group.pending_edges(), Some((id(2, 0), id(2, 0))), "bob's");
}

#[test]
fn producers_are_forgotten_in_time_and_in_number() {
    let mut producers = Producers::default();
    let memory = |since, max| Memory { since, max };
    for n in 0..5_u64 {
        producers.remember(b"p", n.to_string().as_bytes(), id(10 + n, 0), memory(0, 3));
    }
    producers.remember(b"q", b"4", id(20, 0), memory(0, 3));
    let find = |producers: &Producers, name: &str, since| {
        producers.find(b"p", name.as_bytes(), memory(since, 3))
    };
    assert_eq!(find(&producers, "1", 0), None, "one too many");
    assert_eq!(find(&producers, "2", 0), Some(id(12, 0)), "the oldest of three");
    assert_eq!(find(&producers, "2", 13), None, "too old");
    assert_eq!(producers.counts(memory(0, 3)), (2, 4), "three and one");
    assert_eq!(producers.counts(memory(15, 3)), (1, 1), "p has fallen silent");
    producers.remember(b"q", b"5", id(30, 0), memory(15, 3));
    let everyone = memory(0, 3);
    assert_eq!(producers.counts(everyone), (1, 2), "and is gone");
    assert_eq!(producers.added, 7, "all were added");
}

#[test]
fn a_large_stream_is_freed_in_slices() {
    let mut stream = numbers(3_000, 5);
    stream.create_group(b"g", Group::new(id(3_000, 0), None));
    let (_, group) = stream.group_mut(b"g").unwrap();
    let (consumer, _) = group.ensure_consumer(b"c", 0);
    for ms in 1..=1_000 {
        group.deliver(id(ms, 0), consumer, 0);
    }
    stream.check();
    assert!(stream.free_effort() > 2_000, "nodes and pending entries: {}", stream.free_effort());
    let mut rounds = 1;
    while stream.drain_chunk() {
        rounds += 1;
        assert!(rounds < 100, "it ends");
    }
    assert!(rounds > 10, "not at once: {rounds}");
}

#[test]
fn steps_name_the_nodes_of_the_view() {
    let mut stream = numbers(3, 2);
    let tracer = Tracer::new(100);
    let words = [(b"n".as_slice(), b"4".as_slice())];
    stream.log.add(id(4, 0), words.into_iter(), &limits(4_096, 2), &mut Some(&tracer));
    let last = stream.log.nodes(StreamId::MIN).last().unwrap();
    let nodes: Vec<_> = tracer
        .take()
        .steps()
        .iter()
        .filter_map(|step| match step {
            Step::StreamNode(StreamNodeStep { node, .. }) => Some(*node),
            _ => None,
        })
        .collect();
    assert!(nodes.len() > 4 && nodes.iter().all(|&node| node == last.id), "all in the last node");
    assert_eq!((last.first, last.live), (id(3, 0), 2), "with two entries");
}
