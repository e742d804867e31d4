//! The behaviour against a plain vector, and the nodes against what Redis makes of the same
//! operations.

use super::*;
use crate::rng::Rng;
use crate::trace::NoTrace;

fn texts(list: &QuickList) -> Vec<Vec<u8>> {
    list.iter().map(ListPackValue::to_vec).collect()
}

fn counts(list: &QuickList) -> Vec<usize> {
    list.nodes().map(|node| node.count).collect()
}

fn numbers(fill: i64, values: std::ops::Range<i64>) -> QuickList {
    let mut list = QuickList::new(Fill::new(fill), 0);
    for value in values {
        list.push_back(value, &mut NoTrace);
    }
    list
}

#[test]
fn nodes_fill_up_to_their_limit() {
    assert_eq!(counts(&numbers(4, 0..10)), [4, 4, 2], "a number of entries");
    let mut list = QuickList::new(Fill::new(-1), 0);
    for _ in 0..3 {
        list.push_front(&vec![b'x'; 2000], &mut NoTrace);
    }
    assert_eq!(counts(&list), [1, 2], "a number of bytes");
    list.push_back(&vec![b'y'; 4097], &mut NoTrace);
    list.push_back(b"z", &mut NoTrace);
    let plain: Vec<bool> = list.nodes().map(|node| node.plain).collect();
    assert_eq!(plain, [false, false, true, false], "a node of its own");
    list.check();
}

#[test]
fn a_full_node_is_split_and_neighbours_merge() {
    let mut list = numbers(4, 0..8);
    assert!(list.insert(1, Side::After, 100, &mut NoTrace), "in the middle of a full node");
    assert_eq!(counts(&list), [2, 3, 4], "halves that do not fit together stay apart");
    assert!(list.insert(-1, Side::After, 101, &mut NoTrace), "behind a full node");
    assert_eq!(counts(&list), [2, 3, 4, 1], "nothing to split at the edge");
    assert!(list.insert(4, Side::After, 102, &mut NoTrace), "in a node with room");
    assert_eq!(counts(&list), [2, 4, 4, 1], "no new node");
    assert!(list.insert(2, Side::Before, 103, &mut NoTrace), "at a full node's edge");
    assert_eq!(counts(&list), [3, 4, 4, 1], "the neighbour takes it");
    assert_eq!(list.remove_range(1, 4, &mut NoTrace), 4, "the end of one, the start of the next");
    assert_eq!(counts(&list), [1, 2, 4, 1], "shrunken nodes are not merged");
    assert!(list.insert(4, Side::Before, 104, &mut NoTrace), "another split");
    assert_eq!(counts(&list), [1, 4, 4], "neighbours of the split were merged as far as they fit");
    list.check();
}

/// What a Redis 7.0.15 made of a list with `list-max-listpack-size 3`: `>` RPUSH, `<` LPUSH, `b`
/// and `a` LINSERT before and after the element with this index, `x` LREM of it; then the entries
/// of each node, read from its dump.
const NODES_OF_A_SERVER: &str = "\
>0 1, <0 2, b1 3, b0 1-3, b1 2-3, x4 2-2, b0 3-2, >2 3-3, x3 3-2, >1 3-3, b1 2-2-3, >3 2-2-3-1, \
b7 2-2-3-2, >5 2-2-3-3, x7 2-2-3-2, >5 2-2-3-3, >2 2-2-3-3-1, >1 2-2-3-3-2, >7 2-2-3-3-3, \
<8 3-2-3-3-3, a6 3-2-2-2-3-3, b2 3-3-2-2-3-3, <1 1-3-3-2-2-3-3, b7 1-3-3-3-2-3-3, \
>6 1-3-3-3-2-3-3-1, b18 1-3-3-3-2-3-3-2, >3 1-3-3-3-2-3-3-3, x15 1-3-3-3-2-3-2-3, \
x12 1-3-3-3-2-2-2-3, b10 1-3-3-3-3-2-2-3, <17 2-3-3-3-3-2-2-3, b9 2-3-3-2-2-3-2-2-3, \
a14 2-3-3-2-2-3-3-2-3, x12 2-3-3-2-2-2-3-2-3, a15 2-3-3-2-2-2-2-2-2-3, b8 2-3-3-3-2-2-2-2-2-3, \
>2 2-3-3-3-2-2-2-2-2-3-1, <22 3-3-3-3-2-2-2-2-2-3-1, b0 1-3-3-3-3-2-2-2-2-2-3-1, \
b2 3-2-3-3-3-2-2-2-2-2-3-1, x19 3-2-3-3-3-2-2-1-2-2-3-1, x7 3-2-2-3-3-2-2-1-2-2-3-1, \
x19 3-2-2-3-3-2-2-1-1-2-3-1, a17 3-2-2-3-3-2-2-2-1-2-3-1, x3 3-1-2-3-3-2-2-2-1-2-3-1, \
<21 1-3-1-2-3-3-2-2-2-1-2-3-1, <20 2-3-1-2-3-3-2-2-2-1-2-3-1, a26 2-3-1-2-3-3-2-2-2-1-2-3-2, \
a11 2-3-1-2-3-1-3-2-2-2-1-2-3-2, x9 2-3-1-2-2-1-3-2-2-2-1-2-3-2, b3 2-2-2-3-2-1-3-2-2-2-1-2-3-2";

#[test]
fn nodes_split_and_merge_as_a_real_servers() {
    let mut list = QuickList::new(Fill::new(3), 0);
    for line in NODES_OF_A_SERVER.split(", ") {
        let (what, expected) = line.split_once(' ').unwrap();
        let (operation, index) = what.split_at(1);
        let index = index.parse().unwrap();
        match operation {
            ">" => list.push_back(index, &mut NoTrace),
            "<" => list.push_front(index, &mut NoTrace),
            "b" => assert!(list.insert(index, Side::Before, index, &mut NoTrace), "{line}"),
            "a" => assert!(list.insert(index, Side::After, index, &mut NoTrace), "{line}"),
            _ => assert_eq!(list.remove_range(index, 1, &mut NoTrace), 1, "{line}"),
        }
        let nodes: Vec<String> = counts(&list).iter().map(usize::to_string).collect();
        assert_eq!(nodes.join("-"), expected, "after {line}");
    }
}

#[test]
fn an_element_that_outgrows_its_node_gets_another() {
    let mut list = QuickList::default();
    for value in 0..100 {
        list.push_back(value, &mut NoTrace);
    }
    let large = vec![b'L'; 10_000];
    assert!(list.set(50, &large, &mut NoTrace), "large over small");
    assert_eq!(counts(&list), [50, 1, 49], "plain between the halves");
    assert!(list.set(50, b"small", &mut NoTrace), "small over large");
    assert_eq!(counts(&list), [100], "one node again");
    assert!(list.insert(50, Side::Before, &large, &mut NoTrace), "large into the middle");
    assert_eq!(counts(&list), [50, 1, 50], "plain between the halves");
    assert!(list.set(50, &vec![b'M'; 9000], &mut NoTrace), "large over large");
    assert_eq!(list.get(50, &mut NoTrace).map(ListPackValue::text_len), Some(9000), "in place");
    assert_eq!(list.remove_equal(&vec![b'M'; 9000], 0, &mut NoTrace), 1, "found by value");
    list.check();
}

#[test]
fn only_inner_nodes_would_be_compressed() {
    let mut list = QuickList::new(Fill::new(2), 1);
    for _ in 0..8 {
        list.push_back(&[b'x'; 40], &mut NoTrace);
    }
    list.push_back(b"tail", &mut NoTrace);
    let compressed: Vec<bool> = list.nodes().map(|node| node.compressed).collect();
    assert_eq!(compressed, [false, true, true, true, false], "all but one at each end");
}

#[test]
fn a_list_pack_becomes_a_list_and_a_list_one() {
    let mut pack = ListPack::new();
    pack.push_back(b"a", &mut NoTrace);
    pack.push_back(b"2", &mut NoTrace);
    let shared = Rc::new(pack);
    let list = QuickList::from_list_pack(Rc::clone(&shared), Fill::default(), 0);
    assert_eq!(list.only_pack().map(std::ptr::from_ref), Some(Rc::as_ptr(&shared)), "shared");
    list.check();
    assert_eq!(list.into_list_pack(), *shared, "and back");
    let list = numbers(2, 0..7);
    assert!(list.only_pack().is_none(), "four nodes");
    let expected: ListPack = (0..7).map(ListPackValue::Int).collect();
    assert_eq!(list.into_list_pack(), expected, "all nodes in one");
    let empty = QuickList::from_list_pack(ListPack::new(), Fill::default(), 0);
    assert_eq!((empty.node_count(), empty.front()), (0, None), "nothing from nothing");
    let mut plain = QuickList::default();
    plain.push_back(&vec![b'p'; 9000], &mut NoTrace);
    assert_eq!(plain.into_list_pack().len(), 1, "a large element fits a list pack of its own");
}

#[test]
fn steps_name_nodes_and_what_happened_in_them() {
    let mut list = numbers(4, 0..8);
    let ids: Vec<u32> = list.nodes().map(|node| node.id).collect();
    let mut steps = Vec::new();
    list.insert(1, Side::Before, 100, &mut steps);
    let new = list.nodes().nth(1).map(|node| node.id).unwrap();
    steps.retain(|step| !matches!(step, QuickListStep::Pack { .. }));
    let expected = [
        QuickListStep::VisitNode { node: ids[0], index: 0 },
        QuickListStep::Link { node: new, prev: Some(ids[0]), next: Some(ids[1]) },
        QuickListStep::Split { node: ids[0], new },
    ];
    assert_eq!(steps, expected, "facts of an insertion");
    let mut steps = Vec::new();
    list.remove_equal(b"7", 0, &mut steps);
    let in_last = steps.iter().filter(|step| {
        matches!(step, QuickListStep::Pack { node, step: ListPackStep::Remove { .. } } if *node == ids[1])
    });
    assert_eq!(in_last.count(), 1, "a removal inside a node");
}

#[test]
fn a_clone_shares_every_element() {
    let list = numbers(16, 0..1000);
    let mut copy = list.clone();
    copy.set(500, b"changed", &mut NoTrace);
    let shared = list
        .nodes()
        .filter(|node| {
            let of = |list: &QuickList| list.node_pack(node.id).map(std::ptr::from_ref);
            of(&list) == of(&copy)
        })
        .count();
    assert_eq!(shared, list.node_count() - 1, "all nodes but the changed one");
    assert_eq!(list.get(500, &mut NoTrace), Some(ListPackValue::Int(500)), "the original stays");
}

/// A value, now and then a large one; equal ones are common.
fn random_value(rng: &mut Rng) -> Vec<u8> {
    match rng.below(40) {
        0 => vec![b'L'; 4000 + rng.below(5000) as usize],
        1..4 => vec![b'm'; rng.below(1500) as usize],
        4..20 => rng.below(50).to_string().into_bytes(),
        _ => vec![b'a' + rng.below(3) as u8; rng.below(4) as usize],
    }
}

fn remove_equal(model: &mut Vec<Vec<u8>>, value: &[u8], count: i64) -> usize {
    let before = model.len();
    let mut left = if count == 0 { u64::MAX } else { count.unsigned_abs() };
    let mut keep = |element: &Vec<u8>| {
        let gone = element == value && left > 0;
        left -= u64::from(gone);
        !gone
    };
    if count < 0 {
        model.reverse();
        model.retain(&mut keep);
        model.reverse();
    } else {
        model.retain(&mut keep);
    }
    before - model.len()
}

/// One random operation on both.
fn operate(list: &mut QuickList, model: &mut Vec<Vec<u8>>, rng: &mut Rng, shrinking: bool) {
    let value = random_value(rng);
    let index = rng.below(model.len() as u64 + 1) as usize;
    let inside = index < model.len();
    // Half of the time counted from the tail.
    let signed = match rng.below(2) {
        0 => index as i64,
        _ if inside => index as i64 - model.len() as i64,
        _ => i64::MIN + index as i64,
    };
    let no = &mut NoTrace;
    match rng.below(if shrinking { 16 } else { 12 }) {
        0..2 => {
            list.push_front(&value, no);
            model.insert(0, value);
        }
        2..4 => {
            list.push_back(&value, no);
            model.push(value);
        }
        side @ 4..6 => {
            let (side, after) = if side == 4 { (Side::Before, 0) } else { (Side::After, 1) };
            assert_eq!(list.insert(signed, side, &value, no), inside, "an index inside");
            if inside {
                model.insert(index + after, value);
            }
        }
        6 => {
            assert_eq!(list.set(signed, &value, no), inside, "an index inside");
            if inside {
                model[index] = value;
            }
        }
        7 => {
            let pivot = random_value(rng);
            let at = model.iter().position(|element| *element == pivot);
            let side = if rng.below(2) == 0 { Side::Before } else { Side::After };
            let inserted = list.insert_at_pivot(&pivot, side, &value, no);
            assert_eq!(inserted, at.is_some(), "the pivot was there");
            if let Some(at) = at {
                model.insert(at + usize::from(side == Side::After), value);
            }
        }
        8 => {
            let count = rng.below(7) as i64 - 3;
            let removed = list.remove_equal(&value, count, no);
            assert_eq!(removed, remove_equal(model, &value, count), "as many equal ones");
        }
        9 | 12 => {
            let count = rng.below(if shrinking { 40 } else { 4 }) as usize;
            let expected = model.drain(index..model.len().min(index + count)).count();
            let start = if inside { signed } else { index as i64 };
            assert_eq!(list.remove_range(start, count, no), expected, "as many in the range");
        }
        10 | 13 | 14 => {
            let expected = if model.is_empty() { None } else { Some(model.remove(0)) };
            assert_eq!(list.pop_front(no), expected, "the first");
        }
        _ => assert_eq!(list.pop_back(no), model.pop(), "the last"),
    }
}

#[test]
fn behaves_as_a_vector() {
    for (seed, fill) in [-2, -1, -5, 1, 3, 16, 128].into_iter().cycle().take(21).enumerate() {
        let mut rng = Rng::new(seed as u64);
        let mut list = QuickList::new(Fill::new(fill), 1);
        let mut model: Vec<Vec<u8>> = Vec::new();
        let mut kept = (list.clone(), model.clone());
        for round in 0..2000 {
            let shrinking = round % 1000 > 700;
            operate(&mut list, &mut model, &mut rng, shrinking);
            list.check();
            assert_eq!(list.len(), model.len(), "as many elements");
            assert_eq!(texts(&list), model, "the same elements, seed {seed}");
            let most = list.fill().max_entries().unwrap_or(usize::MAX);
            assert!(counts(&list).into_iter().all(|count| count <= most), "a node keeps its limit");
            if round % 50 == 0 {
                kept.0.check();
                assert_eq!(texts(&kept.0), kept.1, "a clone is unaffected");
                kept = (list.clone(), model.clone());
                let start = rng.below(model.len() as u64 + 1) as usize;
                let forwards = list.iter_from(start as i64, &mut NoTrace);
                assert!(
                    forwards.map(ListPackValue::to_vec).eq(model[start..].iter().cloned()),
                    "on"
                );
                let upto = model.len().min(start + 1);
                let back =
                    list.iter_rev_from(start as i64, &mut NoTrace).map(ListPackValue::to_vec);
                if start < model.len() {
                    assert!(back.eq(model[..upto].iter().rev().cloned()), "back");
                } else {
                    assert_eq!(back.count(), 0, "nothing from outside");
                }
                assert!(
                    list.iter_rev().map(ListPackValue::to_vec).eq(model.iter().rev().cloned()),
                    "whole"
                );
                assert!(list.heap_bytes() >= list.nodes().map(|node| node.bytes).sum(), "memory");
            }
        }
    }
}

#[test]
fn draining_frees_all_in_steps() {
    let mut list = numbers(1, 0..600);
    let mut steps = 1;
    while list.drain_chunk() {
        steps += 1;
    }
    assert_eq!(steps, 3, "600 nodes in chunks of 256");
    assert_eq!(list.nodes.len(), 0, "all are gone");
}
