//! Hashes against a map, across all encodings and with jumps of the clock.

use std::collections::BTreeMap;

use super::*;

const ALWAYS: i64 = 0;

fn name_of(rng: &mut Rng) -> Vec<u8> {
    rng.below(40).to_string().into_bytes()
}

/// Random sets and removals against a map, across the change of encoding.
#[test]
fn behaves_like_a_map() {
    for seed in 0..20 {
        let mut rng = Rng::new(seed);
        let limits = Limits { entries: 16, value: 20, seed: 3 };
        let (mut hash, mut model) = (Hash::default(), BTreeMap::new());
        for _ in 0..500 {
            let name = name_of(&mut rng);
            let value = vec![b'v'; rng.below(19) as usize];
            if rng.below(3) == 0 {
                let removed = hash.remove(&name, &mut NoTrace);
                assert_eq!(removed, model.remove(&name).is_some(), "same answer");
            } else {
                let is_new = hash.set(&name, &value, &limits, &mut NoTrace);
                assert_eq!(is_new, model.insert(name, value).is_none(), "same answer");
            }
            assert_eq!(hash.len(), model.len(), "same size");
            let all: BTreeMap<_, _> =
                hash.living(ALWAYS).map(|(name, value)| (name.to_vec(), value.to_vec())).collect();
            assert_eq!(all, model, "same contents");
        }
        assert_eq!(hash.encoding(), "hashtable", "40 names pass the limit of 16 sooner or later");
    }
}

type Model = BTreeMap<Vec<u8>, (Vec<u8>, Option<i64>)>;

/// What a map says is left at `now`.
fn living(model: &Model, now: i64) -> Model {
    let mut left = model.clone();
    left.retain(|_, (_, end)| end.is_none_or(|end| end > now));
    left
}

fn assert_same(hash: &Hash, model: &Model, now: i64) {
    hash.check();
    let left = living(model, now);
    assert_eq!(hash.len(), model.len(), "what has ended counts until it is removed");
    assert_eq!(hash.living_len(now), left.len(), "what has not ended");
    let earliest = model.values().filter_map(|&(_, end)| end).min();
    assert_eq!(hash.earliest_end(), earliest.unwrap_or(i64::MAX), "the first to end");
    let seen: BTreeMap<_, _> =
        hash.living(now).map(|(name, value)| (name.to_vec(), value.to_vec())).collect();
    let mut scanned = BTreeMap::new();
    let mut cursor = 0;
    loop {
        cursor = hash.scan(
            cursor,
            now,
            |name, value| {
                scanned.insert(name.to_vec(), value.to_vec());
            },
            &mut NoTrace,
        );
        if cursor == 0 {
            break;
        }
    }
    let expected: BTreeMap<_, _> =
        left.iter().map(|(name, (value, _))| (name.clone(), value.clone())).collect();
    assert_eq!(seen, expected, "the living");
    assert_eq!(scanned, expected, "a scan");
    for (name, (value, end)) in model {
        let alive = left.contains_key(name);
        let got = hash.get(name, now, &mut NoTrace).map(ListPackValue::to_vec);
        assert_eq!(got.as_ref(), Some(value).filter(|_| alive), "one value");
        let deadline = hash.deadline(name, now, &mut NoTrace);
        assert_eq!(deadline, Some(*end).filter(|_| alive), "one deadline");
        assert_eq!(hash.is_dead(name, now), !alive, "still there though it has ended");
    }
    let all: Model = hash
        .iter()
        .map(|field| (field.name.to_vec(), (field.value.to_vec(), field.deadline)))
        .collect();
    assert_eq!(&all, model, "all that is there");
}

/// Random changes of fields and deadlines and jumps of the clock against a map, in each encoding and across the changes.
#[test]
fn behaves_like_a_map_with_deadlines() {
    for (seed, entries) in (0..30).zip([0, 12, 1000].into_iter().cycle()) {
        let mut rng = Rng::new(seed);
        let limits = Limits { entries, value: 20, seed: 3 };
        let (mut hash, mut model, mut now) = (Hash::default(), Model::new(), 1000);
        for _ in 0..300 {
            let name = name_of(&mut rng);
            let value = vec![b'v'; rng.below(19) as usize];
            if hash.is_dead(&name, now) && rng.below(4) > 0 {
                assert!(hash.remove(&name, &mut NoTrace), "it is there");
                model.remove(&name);
            }
            let known = living(&model, now).contains_key(&name);
            match rng.below(10) {
                0..3 if known || !model.contains_key(&name) => {
                    let is_new = hash.set(&name, &value, &limits, &mut NoTrace);
                    assert_eq!(is_new, model.insert(name, (value, None)).is_none(), "set");
                }
                3 if known || !model.contains_key(&name) => {
                    let is_new = hash.update(&name, &value, &limits, &mut NoTrace);
                    let end = model.get(&name).and_then(|&(_, end)| end);
                    assert_eq!(is_new, model.insert(name, (value, end)).is_none(), "update");
                }
                4..7 => {
                    let at = (rng.below(4) > 0).then(|| now + 1 + rng.below(60) as i64);
                    hash.set_deadline(&name, at, &mut NoTrace);
                    if let Some((_, end)) = model.get_mut(&name) {
                        *end = at;
                    }
                }
                7 => {
                    let removed = hash.remove(&name, &mut NoTrace);
                    assert_eq!(removed, model.remove(&name).is_some(), "remove");
                }
                8 => {
                    let limit = rng.below(5) as usize;
                    let mut dead: Vec<_> = model
                        .values()
                        .filter_map(|&(_, end)| end.filter(|&end| end <= now))
                        .collect();
                    dead.sort_unstable();
                    let removed = hash.remove_dead(now, limit);
                    assert_eq!(removed, dead.len().min(limit), "as many as may be");
                    let before = model.len();
                    model = hash
                        .iter()
                        .map(|field| (field.name.to_vec(), (field.value.to_vec(), field.deadline)))
                        .collect();
                    assert_eq!(model.len(), before - removed, "and no others");
                    let mut left: Vec<_> = model
                        .values()
                        .filter_map(|&(_, end)| end.filter(|&end| end <= now))
                        .collect();
                    left.sort_unstable();
                    assert_eq!(left, dead[removed..], "the earliest first");
                }
                _ => now += rng.below(40) as i64,
            }
            assert_same(&hash, &model, now);
        }
        let expected = if entries < 40 { "hashtable" } else { "listpackex" };
        assert_eq!(hash.encoding(), expected, "{entries} entries");
    }
}

#[test]
fn a_long_value_makes_it_a_table() {
    let limits = Limits { entries: 16, value: 4, seed: 3 };
    let mut hash = Hash::default();
    hash.set(b"a", b"1234", &limits, &mut NoTrace);
    assert_eq!(hash.encoding(), "listpack", "four bytes are allowed");
    hash.set(b"a", b"12345", &limits, &mut NoTrace);
    assert_eq!(hash.encoding(), "hashtable", "five are not");
    assert_eq!(
        hash.get(b"a", ALWAYS, &mut NoTrace).map(ListPackValue::to_vec),
        Some(b"12345".to_vec()),
        "value kept"
    );
}

#[test]
fn a_listpack_with_deadlines_is_ordered_by_them() {
    let limits = Limits { entries: 16, value: 4, seed: 3 };
    let mut hash = Hash::default();
    for name in [b"a", b"b", b"c", b"d"] {
        hash.set(name, b"1", &limits, &mut NoTrace);
    }
    let order = |hash: &Hash| {
        let names = hash.living(ALWAYS).flat_map(|(name, _)| name.to_vec());
        String::from_utf8(names.collect()).unwrap()
    };
    hash.set_deadline(b"c", Some(200), &mut NoTrace);
    hash.set_deadline(b"b", Some(100), &mut NoTrace);
    assert_eq!((order(&hash).as_str(), hash.encoding()), ("bcad", "listpackex"), "earliest first");
    hash.set_deadline(b"d", Some(100), &mut NoTrace);
    assert_eq!(order(&hash), "bdca", "behind one that ends at the same time");
    hash.update(b"b", b"2", &limits, &mut NoTrace);
    assert_eq!(order(&hash), "bdca", "its value does not matter");
    hash.set(b"b", b"3", &limits, &mut NoTrace);
    assert_eq!(order(&hash), "dcab", "it no longer ends");
    hash.set_deadline(b"d", None, &mut NoTrace);
    hash.set_deadline(b"c", None, &mut NoTrace);
    assert_eq!((order(&hash).as_str(), hash.encoding()), ("abdc", "listpackex"), "it stays one");
}

#[test]
fn a_large_hash_with_deadlines_is_freed_bit_by_bit() {
    let limits = Limits { entries: 0, value: 64, seed: 3 };
    let mut hash = Hash::default();
    for number in 0_i64..1000 {
        let name = number.to_string().into_bytes();
        hash.set(&name, b"v", &limits, &mut NoTrace);
        hash.set_deadline(&name, Some(number + 1), &mut NoTrace);
    }
    let mut rounds = 1;
    while hash.drain_chunk() {
        rounds += 1;
    }
    assert_eq!(rounds, 4, "256 fields at a time");
}

#[test]
#[cfg(target_pointer_width = "64")]
fn deadlines_make_no_other_hash_larger() {
    assert_eq!(size_of::<Hash>(), 24, "a listpack, or a pointer");
}
