//! A list against a `VecDeque`, and the moments at which its encoding changes.

use std::collections::VecDeque;

use redarium_structures::rng::Rng;
use redarium_structures::trace::NoTrace;

use super::*;

fn limits(fill: i64) -> ListLimits {
    ListLimits { fill: Fill::new(fill), compress_depth: 0 }
}

/// As RPUSH and LPUSH do it.
fn push(list: &mut List, end: End, word: &[u8], limits: ListLimits) {
    list.make_room(1, word.len(), limits, &mut NoTrace);
    list.push(end, ListPackValue::from(word), &mut NoTrace);
}

fn of(words: &[&[u8]], limits: ListLimits) -> List {
    let mut list = List::default();
    for word in words {
        push(&mut list, End::Tail, word, limits);
    }
    list
}

fn texts<'a>(values: impl Iterator<Item = ListPackValue<'a>>) -> Vec<Vec<u8>> {
    values.map(ListPackValue::to_vec).collect()
}

#[test]
fn elements_that_are_about_to_come_count_before_they_are_stored() {
    let three = limits(3);
    let mut list = of(&[b"a", b"b"], three);
    list.make_room(1, 1, three, &mut NoTrace);
    assert_eq!(list.encoding(), "listpack", "three are allowed");
    list.make_room(2, 2, three, &mut NoTrace);
    assert_eq!(list.encoding(), "quicklist", "four are not");
    assert_eq!(texts(list.iter()), [b"a", b"b"], "nothing is lost");

    let bytes = limits(-1);
    let mut list = List::default();
    list.make_room(1, 4096 - ListPack::EMPTY_BYTES, bytes, &mut NoTrace);
    assert_eq!(list.encoding(), "listpack", "what a listpack adds to an element does not count");
    list.make_room(1, 4097 - ListPack::EMPTY_BYTES, bytes, &mut NoTrace);
    assert_eq!(list.encoding(), "quicklist", "one byte too many");
}

#[test]
fn it_shrinks_at_half_the_limit_and_not_before() {
    let four = limits(4);
    let mut list = of(&[b"a", b"b", b"c", b"d", b"e"], four);
    assert_eq!(list.quick().map(QuickList::node_count), Some(2), "four and one");
    for (left, encoding) in [(4, "quicklist"), (3, "quicklist"), (2, "listpack")] {
        list.remove_end(End::Tail, &mut NoTrace);
        list.shrink(four, &mut NoTrace);
        assert_eq!((list.len(), list.encoding()), (left, encoding), "half of four is two");
    }
    assert_eq!(texts(list.iter()), [b"a", b"b"], "nothing is lost");

    let bytes = limits(-1);
    let word = vec![b'x'; 1000];
    let mut list = of(&[&word, &word, &word, &word, &word], bytes);
    for (left, encoding) in [(4, "quicklist"), (3, "quicklist"), (2, "listpack")] {
        list.remove_end(End::Tail, &mut NoTrace);
        list.shrink(bytes, &mut NoTrace);
        assert_eq!((list.len(), list.encoding()), (left, encoding), "half of 4096 bytes");
    }
}

#[test]
fn one_large_element_stays_in_a_quicklist() {
    let limits = limits(-1);
    let mut list = of(&[&[b'x'; 5000]], limits);
    list.shrink(limits, &mut NoTrace);
    assert_eq!(list.encoding(), "quicklist", "a node of its own");
    assert!(list.set(0, b"small", &mut NoTrace), "there is one element");
    list.shrink(limits, &mut NoTrace);
    assert_eq!(list.encoding(), "listpack", "once it is small again");
}

fn word(rng: &mut Rng) -> Vec<u8> {
    match rng.below(4) {
        0 => rng.below(300).to_string().into_bytes(),
        1 => vec![b'x'; rng.below(600) as usize],
        _ => format!("w{}", rng.below(8)).into_bytes(),
    }
}

fn remove_equal_in_model(model: &mut VecDeque<Vec<u8>>, word: &[u8], count: i64) -> usize {
    let before = model.len();
    let mut left = if count == 0 { usize::MAX } else { count.unsigned_abs() as usize };
    while left > 0 {
        let mut places = model.iter();
        let found = if count < 0 {
            places.rposition(|element| element == word)
        } else {
            places.position(|element| element == word)
        };
        let Some(at) = found else { break };
        model.remove(at);
        left -= 1;
    }
    before - model.len()
}

/// One random change of both.
fn change(
    list: &mut List,
    model: &mut VecDeque<Vec<u8>>,
    limits: ListLimits,
    growing: bool,
    rng: &mut Rng,
) {
    let word = word(rng);
    let index = rng.below(model.len() as u64 + 1) as usize;
    let end = if rng.below(2) == 0 { End::Head } else { End::Tail };
    match rng.below(if growing { 100 } else { 9 }) {
        0 => {
            list.make_room(1, word.len(), limits, &mut NoTrace);
            assert_eq!(list.set(index as i64, &word, &mut NoTrace), index < model.len(), "set");
            if let Some(element) = model.get_mut(index) {
                *element = word;
            }
            list.shrink(limits, &mut NoTrace);
        }
        1 => {
            list.make_room(1, word.len(), limits, &mut NoTrace);
            let pivot = model.get(index).cloned().unwrap_or_default();
            let side = if end == End::Head { Side::Before } else { Side::After };
            let at = model.iter().position(|element| *element == pivot);
            assert_eq!(list.insert(&pivot, side, &word, &mut NoTrace), at.is_some(), "insert");
            if let Some(at) = at {
                model.insert(at + usize::from(side == Side::After), word);
            }
        }
        2 => {
            let count = rng.below(7) as i64 - 3;
            let removed = list.remove_equal(&word, count, &mut NoTrace);
            assert_eq!(removed, remove_equal_in_model(model, &word, count), "remove");
            list.shrink(limits, &mut NoTrace);
        }
        3 => {
            let count = rng.below(30) as usize;
            list.remove_at_end(end, count, &mut NoTrace);
            let count = count.min(model.len());
            if end == End::Head {
                model.drain(..count);
            } else {
                model.truncate(model.len() - count);
            }
            list.shrink(limits, &mut NoTrace);
        }
        4..6 => {
            let expected = if end == End::Head { model.front() } else { model.back() };
            let got = list.end(end).map(ListPackValue::to_vec);
            assert_eq!(got.as_ref(), expected, "the element at the end");
            list.remove_end(end, &mut NoTrace);
            if end == End::Head {
                model.pop_front()
            } else {
                model.pop_back()
            };
            list.shrink(limits, &mut NoTrace);
        }
        _ => {
            push(list, end, &word, limits);
            if end == End::Head { model.push_front(word) } else { model.push_back(word) }
        }
    }
}

#[test]
fn behaves_like_a_deque_in_both_encodings() {
    for seed in 0..24 {
        let limits = limits([-1, -2, 1, 5, 128][seed as usize % 5]);
        let mut rng = Rng::new(seed);
        let (mut list, mut model) = (List::default(), VecDeque::new());
        let mut encodings = [0; 2];
        for round in 0..600 {
            change(&mut list, &mut model, limits, round % 300 < 220, &mut rng);
            if list.is_empty() {
                // As the key goes with its last element.
                list = List::default();
            }
            encodings[usize::from(list.encoding() == "quicklist")] += 1;
            list.quick().into_iter().for_each(QuickList::check);
            assert_eq!((list.len(), list.is_empty()), (model.len(), model.is_empty()), "size");
            assert!(texts(list.iter()).iter().eq(&model), "contents, seed {seed}");
            let index = rng.below(model.len() as u64 + 2) as usize;
            let got = list.get(index as i64, &mut NoTrace).map(ListPackValue::to_vec);
            assert_eq!(got.as_ref(), model.get(index), "get");
            let onwards = texts(list.iter_from(index as i64, false, &mut NoTrace));
            assert!(onwards.iter().eq(model.iter().skip(index)), "towards the tail");
            let back = texts(list.iter_from(index as i64, true, &mut NoTrace));
            let expected = model.iter().take(index + 1).rev();
            assert!(index >= model.len() || back.iter().eq(expected), "towards the head");
        }
        assert!(encodings.iter().all(|&rounds| rounds > 0), "both encodings, seed {seed}");
    }
}

#[test]
fn it_is_freed_bit_by_bit() {
    let limits = limits(1);
    let mut list = List::default();
    for _ in 0..1000 {
        push(&mut list, End::Tail, b"x", limits);
    }
    assert_eq!(list.free_effort(), 2000, "a node for each");
    let mut rounds = 1;
    while list.drain_chunk() {
        rounds += 1;
    }
    assert_eq!(rounds, 4, "256 at a time");
}
