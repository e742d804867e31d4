use std::collections::BTreeMap;

use super::*;
use crate::rng::Rng;
use crate::trace::NoTrace;

/// Ids as streams have them: milliseconds and a sequence number.
fn key(ms: u64, seq: u64) -> RadixKey {
    (u128::from(ms) << 64 | u128::from(seq)).to_be_bytes()
}

fn tree_of(keys: &[RadixKey]) -> RadixTree<usize> {
    let mut tree = RadixTree::new();
    for (at, key) in keys.iter().enumerate() {
        tree.insert(key, at, &mut NoTrace);
    }
    tree.check();
    tree
}

/// A key near others, so that trees have runs and branches of all lengths.
fn random_key(rng: &mut Rng) -> RadixKey {
    match rng.below(4) {
        0 => key(rng.below(4), rng.below(6)),
        1 => key(1_700_000_000_000 + rng.below(3_000), rng.below(3)),
        2 => key(rng.next_u64(), rng.next_u64()),
        _ => key(1 << (8 * rng.below(8)), 1 << (8 * rng.below(8))),
    }
}

#[test]
fn does_what_a_sorted_map_does_and_a_clone_never_changes() {
    for seed in 0..20 {
        let mut rng = Rng::new(seed);
        let mut tree = RadixTree::new();
        let mut model = BTreeMap::new();
        let mut kept = (tree.clone(), model.clone());
        for round in 0..3_000_u64 {
            let key = random_key(&mut rng);
            if rng.below(10) < if round < 1_500 { 6 } else { 3 } {
                let (leaf, old) = tree.insert(&key, round, &mut NoTrace);
                assert_eq!(old, model.insert(key, round), "the value before");
                assert_eq!(*tree.value(leaf), round, "the leaf");
            } else {
                let near = model.range(key..).next().map_or(key, |(key, _)| *key);
                assert_eq!(tree.remove(&near, &mut NoTrace), model.remove(&near), "removed");
            }
            assert_eq!(tree.len(), model.len(), "length");
            assert_eq!(tree.get(&key, &mut NoTrace), model.get(&key), "found");
            if round % 97 == 0 {
                tree.check();
                compare_walks(&tree, &model, &mut rng);
                kept.0.check();
                compare_walks(&kept.0, &kept.1, &mut rng);
                kept = (tree.clone(), model.clone());
            }
        }
    }
}

#[track_caller]
fn compare_walks(tree: &RadixTree<u64>, model: &BTreeMap<RadixKey, u64>, rng: &mut Rng) {
    let pairs =
        |walk: RadixWalk<'_, u64>| walk.map(|leaf| (leaf.key, *leaf.value)).collect::<Vec<_>>();
    let all: Vec<_> = model.iter().map(|(key, value)| (*key, *value)).collect();
    assert_eq!(pairs(tree.walk(false)), all, "upwards");
    assert_eq!(pairs(tree.walk(true)), all.iter().rev().copied().collect::<Vec<_>>(), "down");
    assert_eq!(tree.edge(false).map(|leaf| leaf.key), all.first().map(|one| one.0), "first");
    assert_eq!(tree.edge(true).map(|leaf| leaf.key), all.last().map(|one| one.0), "last");
    for _ in 0..20 {
        let from = random_key(rng);
        let up: Vec<_> = model.range(from..).map(|(key, value)| (*key, *value)).collect();
        let down: Vec<_> = model.range(..=from).rev().map(|(key, value)| (*key, *value)).collect();
        assert_eq!(tree.floor(&from).map(|leaf| leaf.key), down.first().map(|one| one.0), "floor");
        assert_eq!(pairs(tree.walk_from(&from, false)), up, "upwards from a key");
        assert_eq!(pairs(tree.walk_from(&from, true)), down, "downwards from a key");
    }
}

#[test]
fn has_as_many_nodes_as_redis_says() {
    assert_eq!(tree_of(&[]).node_count(), 1, "Redis keeps an empty root");
    assert_eq!(tree_of(&[key(1, 1)]).node_count(), 2, "a run and a leaf");
    let two = [key(1_767_444_425_939, 0), key(1_767_444_446_387, 0)];
    assert_eq!(tree_of(&two).node_count(), 6, "a run, a branch, two runs, two leaves");
    assert_eq!(tree_of(&[key(1, 1), key(1, 2)]).node_count(), 4, "they part at the last byte");
    assert_eq!(tree_of(&[key(1, 1), key(1, 258)]).node_count(), 6, "runs of one byte count");
}

#[test]
fn the_same_keys_make_the_same_tree_whatever_came_between() {
    let keys: Vec<_> = (0..300).map(|n| key(n / 7, n * 37)).collect();
    let tree = tree_of(&keys);
    let mut other = RadixTree::new();
    for (at, key) in keys.iter().enumerate().rev() {
        other.insert(key, at, &mut NoTrace);
    }
    for n in 0..500 {
        other.insert(&key(n * 1_000 + 999, n), 0, &mut NoTrace);
    }
    for n in 0..500 {
        other.remove(&key(n * 1_000 + 999, n), &mut NoTrace);
    }
    other.check();
    assert_eq!(other.node_count(), tree.node_count(), "nodes");
}

#[test]
fn tells_how_it_searches_and_changes() {
    let mut tree = tree_of(&[key(1, 1)]);
    let mut steps = Vec::new();
    let (leaf, _) = tree.insert(&key(1, 2), 7, &mut steps);
    assert_eq!(
        steps[1..],
        [RadixTreeStep::Link { node: leaf }, RadixTreeStep::Split { node: tree.root, at: 15 }]
    );
    steps.clear();
    assert_eq!(tree.get(&key(1, 2), &mut steps), Some(&7), "found");
    let depths: Vec<_> = steps
        .iter()
        .map(|step| match step {
            RadixTreeStep::Visit { depth, .. } => *depth,
            other => panic!("a search only visits: {other:?}"),
        })
        .collect();
    assert_eq!(depths, [0, 15, 16], "run, branch, leaf");
    steps.clear();
    tree.remove(&key(1, 1), &mut steps);
    assert_eq!(steps.last(), Some(&RadixTreeStep::Merge { node: tree.root, bytes: 16 }), "one run");
}

#[test]
fn draining_frees_a_chunk_at_a_time() {
    let mut tree = tree_of(&(0..1_000).map(|n| key(n, 0)).collect::<Vec<_>>());
    let mut rounds = 1;
    while tree.drain_chunk() {
        rounds += 1;
    }
    assert!(rounds >= 8, "two thousand nodes are no single step: {rounds}");
    assert!(tree.is_empty() && tree.walk(false).next().is_none(), "nothing is left");
}
