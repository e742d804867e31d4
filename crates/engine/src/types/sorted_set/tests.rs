//! A sorted set does what a plain sorted vector does, in both encodings.

use redarium_structures::list_pack::IntText;
use redarium_structures::skip_list::{LexBound, LexRange, ScoreRange};

use super::*;

/// Members with scores, kept sorted the slow way.
type Model = Vec<(f64, Vec<u8>)>;

fn contents(walk: Walk<'_>) -> Model {
    walk.map(|(member, score)| (score, member.text(&mut IntText::default()).to_vec())).collect()
}

fn model_set(model: &mut Model, member: &[u8], score: f64) -> Option<f64> {
    let before = model_remove(model, member);
    model.push((score, member.to_vec()));
    model.sort_by(|a, b| in_order(a.0, &a.1, b.0, &b.1));
    before
}

fn model_remove(model: &mut Model, member: &[u8]) -> Option<f64> {
    let at = model.iter().position(|(_, other)| other == member)?;
    Some(model.remove(at).0)
}

fn interval(rng: &mut Rng) -> Interval {
    let edge = |rng: &mut Rng| match rng.below(6) {
        0 => LexBound::NegInfinity,
        1 => LexBound::PosInfinity,
        2 | 3 => LexBound::Inclusive(Bytes::from(member(rng).as_slice())),
        _ => LexBound::Exclusive(Bytes::from(member(rng).as_slice())),
    };
    if rng.below(2) == 0 {
        return Interval::Lex(LexRange { min: edge(rng), max: edge(rng) });
    }
    Interval::Score(ScoreRange {
        min: rng.below(12) as f64 / 2.0,
        max: rng.below(12) as f64 / 2.0,
        min_exclusive: rng.below(2) == 0,
        max_exclusive: rng.below(2) == 0,
    })
}

/// Half of the members look like numbers, which a listpack stores as such.
fn member(rng: &mut Rng) -> Vec<u8> {
    let number = rng.below(60);
    if number < 30 { number.to_string().into_bytes() } else { format!("m{number}").into_bytes() }
}

fn has(interval: &Interval, member: &[u8], score: f64) -> bool {
    let member = ListPackValue::Str(member);
    interval.reaches_min(member, score) && interval.reaches_max(member, score)
}

/// Runs random commands on a set and on the model; `scores` different scores.
fn does_what_the_model_does(max_entries: usize, scores: u64, seed: u64) {
    let mut rng = Rng::new(seed);
    let mut heights = Rng::new(seed + 1);
    let mut growth = Growth { max_entries, max_value: 64, seed: 7, rng: &mut heights };
    let mut set = SortedSet::default();
    let mut model = Model::new();
    let steps = &mut None;
    for round in 0..1_500 {
        let (name, score) = (member(&mut rng), rng.below(scores) as f64 / 2.0);
        match rng.below(20) {
            0..=9 => {
                let upserted = set
                    .upsert::<Infallible>(&name, |_| Ok(Some(score)), &mut growth, steps)
                    .unwrap();
                let before = model_set(&mut model, &name, score);
                assert_eq!(upserted, Upserted { before, after: Some(score) }, "upsert");
            }
            10..=14 => {
                let was = model_remove(&mut model, &name).is_some();
                assert_eq!(set.remove(&name, steps), was, "remove");
            }
            15 => {
                let last = rng.below(2) == 0;
                let mut popped = None;
                set.pop(last, |member, score| popped = Some((score, member.to_vec())), steps);
                let expected =
                    if last { model.pop() } else { (!model.is_empty()).then(|| model.remove(0)) };
                assert_eq!(popped, expected, "pop");
            }
            16 => {
                let (rank, count) = (rng.below(40) as usize, rng.below(4) as usize);
                let end = (rank + count).min(model.len());
                let doomed = model.drain(rank.min(end)..end).count();
                assert_eq!(set.remove_ranks(rank, count, steps), doomed, "by rank");
            }
            // Ranges by member mean something only among equal scores.
            17 if scores == 1 || rng.below(2) == 0 => {
                let interval = interval(&mut rng);
                if scores > 1 && matches!(interval, Interval::Lex(_)) {
                    continue;
                }
                let len = model.len();
                model.retain(|(score, member)| !has(&interval, member, *score));
                assert_eq!(set.remove_interval(&interval, steps), len - model.len(), "interval");
            }
            _ => {}
        }
        assert_eq!(set.len(), model.len(), "round {round}");
        if round % 10 == 0 {
            set.check();
            looks_like(&set, &model, &mut rng, scores == 1);
        }
    }
}

fn looks_like(set: &SortedSet, model: &Model, rng: &mut Rng, lex: bool) {
    let steps = &mut None;
    assert_eq!(contents(set.walk(false)), *model, "upwards");
    for (rank, (score, member)) in model.iter().enumerate() {
        assert_eq!(set.score(member, steps), Some(*score), "score");
        assert_eq!(set.rank(member, false, steps), Some((rank, *score)), "rank");
        let reverse = model.len() - 1 - rank;
        assert_eq!(set.rank(member, true, steps), Some((reverse, *score)), "reverse rank");
    }
    assert_eq!(set.score(b"nobody", steps), None, "no member");
    let from = rng.below(model.len() as u64 + 2) as usize;
    for reverse in [false, true] {
        let mut ordered = model.clone();
        if reverse {
            ordered.reverse();
        }
        let tail = ordered.get(from..).unwrap_or(&[]);
        assert_eq!(contents(set.walk_from(from, reverse, steps)), tail, "from rank {from}");
        let interval = interval(rng);
        if !lex && matches!(interval, Interval::Lex(_)) {
            continue;
        }
        ordered.retain(|(score, member)| has(&interval, member, *score));
        assert_eq!(set.count_interval(&interval, steps), ordered.len(), "{interval:?}");
        let mut walk = set.walk_interval(&interval, reverse, steps);
        let jumped = rng.below(30) as usize;
        walk.jump(jumped, steps);
        let found: Model =
            contents(walk).into_iter().take_while(|(s, m)| has(&interval, m, *s)).collect();
        assert_eq!(found, ordered.get(jumped..).unwrap_or(&[]), "{interval:?} after {jumped}");
    }
}

#[test]
fn a_listpack_does_what_a_sorted_vector_does() {
    for seed in 0..4 {
        does_what_the_model_does(1_000, 10, seed);
        does_what_the_model_does(1_000, 1, seed);
    }
}

#[test]
fn a_skip_list_does_what_a_sorted_vector_does() {
    for seed in 0..4 {
        does_what_the_model_does(0, 10, seed);
        does_what_the_model_does(0, 1, seed);
        does_what_the_model_does(20, 10, seed);
    }
}

#[test]
fn it_grows_into_a_skip_list_and_stays_one() {
    let mut heights = Rng::new(1);
    let mut growth = Growth { max_entries: 3, max_value: 8, seed: 7, rng: &mut heights };
    let mut set = SortedSet::default();
    for name in [b"a", b"b", b"c"] {
        set.set(name, 1.0, &mut growth);
    }
    set.set(b"c", 9.0, &mut growth);
    assert_eq!(set.encoding(), "listpack", "three fit");
    set.set(b"d", 1.5, &mut growth);
    assert_eq!(set.encoding(), "skiplist", "four do not");
    set.check();
    for name in [b"a", b"b", b"c"] {
        set.remove(name, &mut None);
    }
    assert_eq!((set.encoding(), set.len()), ("skiplist", 1), "no way back");

    let mut long = SortedSet::default();
    long.set(b"12345678", 1.0, &mut growth);
    assert_eq!(long.encoding(), "listpack", "eight bytes fit");
    long.set(b"123456789", 1.0, &mut growth);
    assert_eq!(long.encoding(), "skiplist", "nine do not");

    let pair = vec![(2.0, Bytes::from("b")), (1.0, Bytes::from("a"))];
    let stored = SortedSet::from_members(pair, &mut growth);
    assert_eq!(stored.encoding(), "listpack", "what is stored anew fits");
    stored.check();
    let mut bulk = SortedSet::for_members(3, 1, &growth);
    bulk.make_room(4, &mut growth, &mut None);
    assert_eq!(bulk.encoding(), "skiplist", "ZADD of four members at once");
}

#[test]
fn a_listpack_keeps_every_score() {
    let mut heights = Rng::new(1);
    let mut growth = Growth { max_entries: 99, max_value: 64, seed: 7, rng: &mut heights };
    let scores = [
        f64::NEG_INFINITY,
        -1e300,
        -4.5e18,
        -3.0,
        -0.1,
        0.0,
        5e-324,
        0.1,
        0.300_000_000_000_000_04,
        7.0,
        1e17,
        4.611_686_018_427_388e18,
        1e20,
        f64::MAX,
        f64::INFINITY,
    ];
    let mut set = SortedSet::default();
    for (n, score) in scores.into_iter().enumerate() {
        set.set(n.to_string().as_bytes(), score, &mut growth);
    }
    set.check();
    let kept: Vec<f64> = set.walk(false).map(|(_, score)| score).collect();
    assert_eq!(kept, scores, "in order and unchanged");
    assert_eq!(set.encoding(), "listpack", "small");
}

#[test]
fn a_scan_visits_every_member() {
    let mut heights = Rng::new(1);
    for max_entries in [0, 1_000] {
        let mut growth = Growth { max_entries, max_value: 64, seed: 7, rng: &mut heights };
        let mut set = SortedSet::default();
        for n in 0..100 {
            set.set(format!("m{n}").as_bytes(), f64::from(n), &mut growth);
        }
        let (mut seen, mut cursor) = (Model::new(), 0);
        loop {
            cursor =
                set.scan(cursor, |member, score| seen.push((score, member.to_vec())), &mut None);
            if cursor == 0 {
                break;
            }
        }
        seen.sort_by(|a, b| in_order(a.0, &a.1, b.0, &b.1));
        seen.dedup();
        assert_eq!(seen, contents(set.walk(false)), "all of them");
    }
}

#[test]
fn chance_reaches_every_member_and_repeats_none() {
    let mut heights = Rng::new(1);
    let mut rng = Rng::new(2);
    for max_entries in [0, 1_000] {
        let mut growth = Growth { max_entries, max_value: 64, seed: 7, rng: &mut heights };
        let mut set = SortedSet::default();
        assert_eq!(set.random(&mut rng), None, "nothing to draw");
        for n in 0..60 {
            set.set(format!("m{n}").as_bytes(), f64::from(n), &mut growth);
        }
        let mut seen: Vec<f64> = (0..2_000).filter_map(|_| Some(set.random(&mut rng)?.1)).collect();
        seen.sort_by(f64::total_cmp);
        seen.dedup();
        assert_eq!(seen.len(), 60, "every member is drawn");
        for count in [0, 1, 5, 30, 59, 60, 99] {
            let mut chosen: Vec<f64> =
                set.random_distinct(count, &mut rng).into_iter().map(|(_, score)| score).collect();
            assert_eq!(chosen.len(), count.min(60), "as many as asked for");
            chosen.sort_by(f64::total_cmp);
            chosen.dedup();
            assert_eq!(chosen.len(), count.min(60), "each once");
        }
    }
}
