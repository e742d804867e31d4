//! The skip list against a sorted vector.

use super::*;
use crate::trace::NoTrace;

/// What the list should be: its nodes in order, as (score, member, id).
type Model = Vec<(f64, Bytes, u32)>;

fn place(model: &[(f64, Bytes, u32)], score: f64, member: &Bytes) -> usize {
    model.partition_point(|(s, m, _)| *s <= score && (*s < score || m < member))
}

fn same(list: &SkipList, model: &[(f64, Bytes, u32)]) {
    list.check();
    assert_eq!(list.len(), model.len(), "length");
    assert!(list.iter().eq(model.iter().map(|&(_, _, id)| id)), "order");
    assert!(
        model.iter().all(|(score, member, id)| {
            list.score(*id).to_bits() == score.to_bits() && list.member(*id) == member
        }),
        "scores and members"
    );
    assert_eq!(list.head(), model.first().map(|&(_, _, id)| id), "head");
    assert_eq!(list.tail(), model.last().map(|&(_, _, id)| id), "tail");
}

#[test]
fn does_what_a_sorted_vector_does_and_a_clone_never_changes() {
    for seed in 0..12 {
        let mut rng = Rng::new(seed);
        // Few scores make many ties; some members are long enough to live outside the node.
        let scores = [3, 50, 1_000_000][seed as usize % 3];
        let mut list = SkipList::new();
        let mut model = Model::new();
        let mut kept = (list.clone(), model.clone());
        for round in 0..3_000 {
            let score = rng.below(scores) as f64 - 1.0;
            let choice = rng.below(10);
            if model.is_empty() || choice < if round < 1_500 { 6 } else { 2 } {
                let member = Bytes::from(format!("member-{:0>1$}", round, 1 + round % 30));
                let id = list.insert(score, member.clone(), &mut rng, &mut NoTrace);
                model.insert(place(&model, score, &member), (score, member, id));
            } else {
                let at = rng.below(model.len() as u64) as usize;
                let (_, member, id) = model.remove(at);
                assert_eq!(list.rank(id, &mut NoTrace), at as u32, "rank");
                assert_eq!(list.by_rank(at as u32, &mut NoTrace), Some(id), "by rank");
                if choice < 8 {
                    list.update_score(id, score, &mut rng, &mut NoTrace);
                    model.insert(place(&model, score, &member), (score, member, id));
                } else {
                    assert_eq!(list.remove(id, &mut NoTrace), member, "the same member");
                }
            }
            if round % 37 == 0 {
                same(&list, &model);
                same(&kept.0, &kept.1);
                kept = (list.clone(), model.clone());
            }
        }
        assert_eq!(list.by_rank(model.len() as u32, &mut NoTrace), None, "past the end");
        while let Some(id) = list.head() {
            list.remove(id, &mut NoTrace);
        }
        same(&list, &[]);
        assert_eq!(list.level(), 1, "levels go with their nodes");
    }
}

#[test]
fn zeros_of_both_signs_tie_and_infinities_are_ends() {
    let mut rng = Rng::new(1);
    let mut list = SkipList::new();
    let pairs =
        [(0.0, "b"), (-0.0, "a"), (f64::INFINITY, "+"), (f64::NEG_INFINITY, "-"), (-0.0, "c")];
    for (score, member) in pairs {
        list.insert(score, member.into(), &mut rng, &mut NoTrace);
    }
    list.check();
    let order: Vec<Bytes> = list.iter().map(|id| list.member(id).clone()).collect();
    assert_eq!(order, [b"-", b"a", b"b", b"c", b"+"], "members decide among zeros");
}

#[test]
fn backward_is_forward_reversed() {
    let mut rng = Rng::new(2);
    let mut list = SkipList::new();
    for n in 0..200_u32 {
        list.insert(f64::from(n * 7 % 31), Bytes::from(n.to_string()), &mut rng, &mut NoTrace);
    }
    let mut back: Vec<u32> = std::iter::successors(list.tail(), |&id| list.prev(id)).collect();
    back.reverse();
    assert!(list.iter().eq(back), "both ways");
}

#[test]
fn a_score_that_keeps_its_place_is_changed_in_place() {
    let mut rng = Rng::new(3);
    let mut list = SkipList::new();
    let ids = [(10.0, "a"), (20.0, "b"), (30.0, "c")]
        .map(|(score, member)| list.insert(score, member.into(), &mut rng, &mut NoTrace));
    let mut steps = Vec::new();
    list.update_score(ids[1], 29.0, &mut rng, &mut steps);
    assert_eq!(steps, [SkipListStep::Rescore { node: ids[1] }], "no link moved");
    steps.clear();
    list.update_score(ids[1], 30.0, &mut rng, &mut steps);
    assert!(steps.len() > 1, "a tie with a neighbour is looked up anew");
    list.check();
}

#[test]
fn heights_are_a_quarter_each() {
    let mut rng = Rng::new(4);
    let mut heights = [0_u32; MAX_LEVEL + 1];
    for _ in 0..1 << 16 {
        heights[draw_height(&mut rng)] += 1;
    }
    assert!((48_600..49_700).contains(&heights[1]), "three quarters: {heights:?}");
    assert!((11_900..12_700).contains(&heights[2]), "three sixteenths: {heights:?}");
    assert!(heights[9..].iter().sum::<u32>() < 10, "hardly any: {heights:?}");
}

/// The walk that a picture replays: each step starts where the last one ended.
#[test]
fn steps_follow_the_links() {
    let mut rng = Rng::new(9);
    let mut list = SkipList::new();
    for n in 0..500_u32 {
        list.insert(f64::from(n), Bytes::from(n.to_string()), &mut rng, &mut NoTrace);
    }
    for wanted in list.iter() {
        let mut steps = Vec::new();
        let rank = list.rank(wanted, &mut steps);
        let (mut at, mut at_level, mut at_rank) = (HEAD, list.level() - 1, 0);
        for step in steps {
            match step {
                SkipListStep::Right { level, to, rank } => {
                    let (next, span) = list.levels(at).nth(level).unwrap();
                    assert_eq!(
                        (level, to, rank),
                        (at_level, next.unwrap(), at_rank + span),
                        "right"
                    );
                    (at, at_rank) = (to, rank);
                }
                SkipListStep::Down { level } => {
                    assert_eq!(level + 1, at_level, "one level down");
                    at_level = level;
                }
                other => panic!("a search does not {other:?}"),
            }
        }
        assert_eq!((list.next(at), at_rank), (Some(wanted), rank), "it ends before the node");
    }
}

#[test]
fn draining_frees_in_chunks() {
    let mut rng = Rng::new(5);
    let mut list = SkipList::new();
    for n in 0..1_000_u32 {
        list.insert(f64::from(n), Bytes::from(n.to_string()), &mut rng, &mut NoTrace);
    }
    let mut calls = 1;
    while list.drain_chunk() {
        calls += 1;
    }
    assert_eq!((calls, list.heap_bytes() <= node::TALL_BYTES), (4, true), "1001 nodes in 4 chunks");
}

#[test]
fn a_member_costs_at_most_eighty_bytes() {
    let mut rng = Rng::new(6);
    let mut list = SkipList::new();
    for n in 0..100_000_u32 {
        list.insert(f64::from(n), Bytes::from(n.to_string()), &mut rng, &mut NoTrace);
    }
    let per_member = list.heap_bytes() / list.len();
    assert!((60..80).contains(&per_member), "{per_member} bytes");
}
