//! The hash table against a map.

use super::*;
use crate::rng::Rng;
use crate::trace::NoTrace;
use std::collections::{BTreeMap, BTreeSet};

fn hash(key: u64) -> u64 {
    hash_bytes(1, &key.to_le_bytes())
}

fn add(table: &mut HashTable<u64>, key: u64) -> u32 {
    table.insert(hash(key), key, &mut NoTrace)
}

fn take(table: &mut HashTable<u64>, key: u64) -> Option<u64> {
    table.remove(hash(key), |&item| item == key, &mut NoTrace)
}

fn table_of(keys: std::ops::Range<u64>) -> HashTable<u64> {
    let mut table = HashTable::new();
    for key in keys {
        add(&mut table, key);
    }
    table
}

/// Hashes decide the order of SMEMBERS and KEYS, which recorded sessions show.
#[test]
fn hashes_never_change() {
    assert_eq!(hash_bytes(0, b""), 0x2d06_8005_38d3_94c2, "XXH3's published empty hash");
    assert_ne!(hash_bytes(1, b"key"), hash_bytes(2, b"key"), "the seed counts");
}

#[test]
fn does_what_a_map_does_and_a_clone_never_changes() {
    for seed in 0..10 {
        let mut rng = Rng::new(seed);
        let mut table = HashTable::new();
        let mut model: BTreeMap<u64, u32> = BTreeMap::new();
        let mut kept = (table.clone(), model.clone());
        for round in 0..6_000 {
            let key = rng.below(3_000);
            let found = table.find(hash(key), |&item| item == key);
            assert_eq!(found, model.get(&key).copied(), "key {key}");
            let growing = rng.below(10) < if round < 3_000 { 9 } else { 1 };
            match (growing, found) {
                (true, None) => {
                    model.insert(key, add(&mut table, key));
                }
                (false, Some(id)) if rng.below(2) == 0 => {
                    assert_eq!(table.remove_id(id, &mut NoTrace), key, "by id");
                    model.remove(&key);
                }
                (false, _) => {
                    assert_eq!(take(&mut table, key).is_some(), found.is_some(), "by key");
                    model.remove(&key);
                }
                (true, Some(_)) => {}
            }
            assert_eq!(table.len(), model.len(), "length");
            if round % 61 == 0 {
                table.check();
                let all: BTreeMap<u64, u32> = table.iter().map(|(id, &key)| (key, id)).collect();
                assert_eq!(all, model, "iteration");
                assert_eq!(table.iter().count(), model.len(), "each once");
                kept.0.check();
                assert!(
                    kept.1.iter().all(|(key, &id)| kept.0.get(id) == key),
                    "the clone keeps its items"
                );
                kept = (table.clone(), model.clone());
            }
        }
    }
}

#[test]
fn scan_visits_what_stays_while_the_table_grows_and_shrinks() {
    let stay = 30;
    let (mut grew, mut shrank) = (0, 0);
    for seed in 0..90 {
        let mut rng = Rng::new(seed);
        let mut table = table_of(0..200 + rng.below(400));
        let mut others: Vec<u64> = (stay..table.len() as u64).collect();
        let mut next_key = 1_000;
        let mut seen = BTreeSet::new();
        let (mut cursor, mut calls) = (0, 0);
        loop {
            cursor = table.scan(cursor, |_, &key| {
                seen.insert(key);
            });
            calls += 1;
            if cursor == 0 {
                break;
            }
            assert!(calls < 100_000, "the cursor comes round");
            let before = table.bucket_count(0);
            table.rehash_step(rng.below(3) as usize, &mut NoTrace);
            // Some tables grow, some shrink, some do both by turns. One that grew faster than it is
            // scanned would keep the cursor for ever.
            let grows = [true, false, calls / 20 % 2 == 0][seed as usize % 3];
            for _ in 0..rng.below(20) {
                if grows && next_key < 8_000 {
                    add(&mut table, next_key);
                    others.push(next_key);
                    next_key += 1;
                } else if !grows && !others.is_empty() {
                    let at = rng.below(others.len() as u64) as usize;
                    take(&mut table, others.swap_remove(at));
                }
            }
            grew += usize::from(table.bucket_count(0) > before);
            shrank += usize::from(table.bucket_count(0) < before);
        }
        assert!((0..stay).all(|key| seen.contains(&key)), "seed {seed}");
    }
    assert!(grew > 20 && shrank > 20, "resized during scans: {grew} up, {shrank} down");
}

#[test]
fn scan_of_a_still_table_visits_each_once() {
    for len in [1, 4, 5, 100, 1_000, 1_025] {
        let table = table_of(0..len);
        let mut seen = Vec::new();
        let mut cursor = table.scan(0, |_, &key| seen.push(key));
        while cursor != 0 {
            cursor = table.scan(cursor, |_, &key| seen.push(key));
        }
        seen.sort_unstable();
        assert!(seen.into_iter().eq(0..len), "{len} items");
    }
}

#[test]
fn grows_and_shrinks_at_redis_points() {
    let mut table = table_of(0..4);
    assert_eq!((table.bucket_count(0), table.rehash_index()), (4, None), "four fit in four");
    add(&mut table, 4);
    assert_eq!((table.bucket_count(1), table.rehash_index()), (8, Some(0)), "the fifth grows it");
    let mut table = table_of(0..64);
    while table.rehash_step(1, &mut NoTrace) {}
    for key in 9..64 {
        take(&mut table, key);
    }
    assert_eq!((table.bucket_count(0), table.rehash_index()), (64, None), "9 in 64 stay");
    take(&mut table, 8);
    assert_eq!((table.bucket_count(1), table.len()), (8, 8), "8 in 64 shrink");
    assert_eq!(table.rehash_index(), Some(0), "little by little");
    while table.rehash_step(1, &mut NoTrace) {}
    table.check();
    assert_eq!(table.bucket_count(0), 8, "done");
}

#[test]
fn random_reaches_everything_and_ends_in_a_sparse_table() {
    let mut rng = Rng::new(3);
    let mut table = table_of(0..50);
    let seen: BTreeSet<u64> =
        (0..5_000).filter_map(|_| table.random(&mut rng)).map(|id| *table.get(id)).collect();
    assert_eq!(seen.len(), 50, "every item is drawn");
    // A huge array with one item left in it, its shrinking not yet begun to move anything.
    for key in 50..20_000 {
        add(&mut table, key);
    }
    while table.rehash_step(100, &mut NoTrace) {}
    table.slots.clear();
    table.tables[0] = Buckets::new(1 << 15);
    table.used = [0; 2];
    add(&mut table, 7);
    assert_eq!(table.random(&mut rng).map(|id| *table.get(id)), Some(7), "the only item");
    table.clear();
    assert_eq!(table.random(&mut rng), None, "nothing to draw");
}

#[test]
fn steps_tell_the_way() {
    let mut table = HashTable::new();
    let mut steps = Vec::new();
    for key in 0..4 {
        table.insert(key, key, &mut NoTrace);
    }
    let id = table.insert(4, 4, &mut steps);
    assert_eq!(
        steps,
        [
            HashTableStep::RehashStart { from: 4, to: 8 },
            HashTableStep::Link { id, table: 1, index: 4 }
        ],
        "the fifth item starts a rehash and goes to the new array"
    );
    steps.clear();
    assert_eq!(table.remove(0, |&item| item == 0, &mut steps), Some(0), "there");
    assert_eq!(
        steps,
        [
            HashTableStep::RehashBucket { index: 0 },
            HashTableStep::Move { id: 0, from: 0, to: 0 },
            HashTableStep::Bucket { table: 1, index: 0 },
            HashTableStep::Compare { id: 0 },
            HashTableStep::Unlink { id: 0, table: 1, index: 0 }
        ],
        "one bucket moves, then the item is found in the new array"
    );
}

#[test]
fn draining_frees_in_chunks() {
    let mut table = table_of(0..1_000);
    let mut chunks = 1;
    while table.drain_chunk() {
        assert_eq!(table.find(hash(1), |&key| key == 1), None, "nothing is found any more");
        chunks += 1;
    }
    assert_eq!((chunks, table.len()), (4, 0), "four chunks of 256");
    table.check();
}
