//! What several sets have together, in part, or alone: union, intersection and difference with scores.
//!
//! It knows nothing of keys or replies.

use redarium_structures::bytes::Bytes;
use redarium_structures::hash_table::{HashTable, hash_bytes};
use redarium_structures::list_pack::{IntText, ListPackValue};
use redarium_structures::order;
use redarium_structures::trace::{NoTrace, Trace};

use crate::types::set::Set;
use crate::types::set_operation::{SetOperationStep, SetPlan};
use crate::types::sorted_set::SortedSet;

/// One of the sets that are combined.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source<'a> {
    /// A key that is not there.
    Missing,
    /// A set: each member counts as having the score 1.
    Set(&'a Set),
    /// A sorted set.
    Sorted(&'a SortedSet),
}

/// A source, and what its scores are multiplied by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Weighted<'a> {
    /// The source.
    pub(super) source: Source<'a>,
    /// The factor.
    pub(super) weight: f64,
    /// Its place among the command's source keys.
    pub(super) index: usize,
}

/// How the scores of one member in several sets become one score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Aggregate {
    /// Their sum.
    #[default]
    Sum,
    /// The lowest.
    Min,
    /// The highest.
    Max,
}

/// A member with its score, in the order in which sorted vectors of them are compared.
pub(super) type Scored = (f64, Bytes);

impl<'a> Source<'a> {
    fn len(self) -> usize {
        match self {
            Self::Missing => 0,
            Self::Set(set) => set.len(),
            Self::Sorted(set) => set.len(),
        }
    }

    fn score(self, member: &[u8]) -> Option<f64> {
        match self {
            Self::Missing => None,
            Self::Set(set) => set.contains(member, &mut NoTrace).then_some(1.0),
            Self::Sorted(set) => set.score(member, &mut None),
        }
    }

    fn iter(self) -> Box<dyn Iterator<Item = (ListPackValue<'a>, f64)> + 'a> {
        match self {
            Self::Missing => Box::new(std::iter::empty()),
            Self::Set(set) => Box::new(set.iter().map(|member| (member, 1.0))),
            Self::Sorted(set) => Box::new(set.walk(false)),
        }
    }
}

impl Aggregate {
    fn of(self, present: f64, other: f64) -> f64 {
        match self {
            Self::Sum => number(present + other),
            Self::Min => {
                if other < present {
                    other
                } else {
                    present
                }
            }
            Self::Max => {
                if other > present {
                    other
                } else {
                    present
                }
            }
        }
    }
}

/// Infinity times 0, and infinity minus infinity, count as 0.
fn number(score: f64) -> f64 {
    if score.is_nan() { 0.0 } else { score }
}

/// Smallest first: fewer look-ups, and the order in which Redis adds up scores.
fn by_size(sources: &mut [Weighted<'_>]) {
    order::sort_by_key(sources, |weighted| weighted.source.len());
}

/// Tells of the way that was chosen and of the order in which sets are used.
fn tell(plan: SetPlan, sources: &[Weighted<'_>], steps: &mut impl Trace<SetOperationStep>) {
    steps.step(SetOperationStep::Plan { plan });
    for weighted in sources {
        let (source, len) = (weighted.index, weighted.source.len());
        steps.step(SetOperationStep::Source { source, len });
    }
}

/// The members that at least one set has, in no particular order. O(N), N being the members of all.
pub(super) fn union(
    mut sources: Vec<Weighted<'_>>,
    aggregate: Aggregate,
    seed: u64,
    steps: &mut impl Trace<SetOperationStep>,
) -> Vec<Scored> {
    by_size(&mut sources);
    tell(SetPlan::Union, &sources, steps);
    let mut table: HashTable<Scored> = HashTable::new();
    let mut text = IntText::default();
    for Weighted { source, weight, index } in sources {
        for (member, score) in source.iter() {
            steps.step(SetOperationStep::Visit { source: index });
            let score = number(score * weight);
            let member = member.text(&mut text);
            let hash = hash_bytes(seed, member);
            if let Some(id) = table.find(hash, |(_, other)| other.as_slice() == member) {
                let present = &mut table.get_mut(id).0;
                *present = aggregate.of(*present, score);
            } else {
                steps.step(SetOperationStep::Keep);
                table.insert(hash, (score, Bytes::from(member)), &mut NoTrace);
            }
        }
    }
    table.iter().map(|(_, scored)| scored.clone()).collect()
}

/// Calls `visit` with the members that all sets have until it returns false. O(N * K), N being the size of the
/// smallest set and K the number of sets.
pub(super) fn intersect(
    mut sources: Vec<Weighted<'_>>,
    aggregate: Aggregate,
    mut visit: impl FnMut(f64, &[u8]) -> bool,
    steps: &mut impl Trace<SetOperationStep>,
) {
    by_size(&mut sources);
    tell(SetPlan::Intersection, &sources, steps);
    let Some((smallest, others)) = sources.split_first() else { return };
    let mut text = IntText::default();
    for (member, score) in smallest.source.iter() {
        let member = member.text(&mut text);
        steps.step(SetOperationStep::Visit { source: smallest.index });
        let score = others.iter().try_fold(number(score * smallest.weight), |present, other| {
            let score = other.source.score(member);
            steps.step(SetOperationStep::Test { source: other.index, found: score.is_some() });
            Some(aggregate.of(present, score? * other.weight))
        });
        if let Some(score) = score {
            steps.step(SetOperationStep::Keep);
            if !visit(score, member) {
                return;
            }
        }
    }
}

/// The members of the first set that no other has, with their scores. O(N * K), N being the size of the first set and
/// K the number of sets.
pub(super) fn difference(
    sources: &[Weighted<'_>],
    steps: &mut impl Trace<SetOperationStep>,
) -> Vec<Scored> {
    tell(SetPlan::DifferenceByLookup, sources, steps);
    let Some((first, others)) = sources.split_first() else { return Vec::new() };
    let mut text = IntText::default();
    let mut left = Vec::new();
    for (member, score) in first.source.iter() {
        let member = member.text(&mut text);
        steps.step(SetOperationStep::Visit { source: first.index });
        let is_elsewhere = others.iter().any(|other| {
            let found = other.source.score(member).is_some();
            steps.step(SetOperationStep::Test { source: other.index, found });
            found
        });
        if !is_elsewhere {
            steps.step(SetOperationStep::Keep);
            left.push((score, Bytes::from(member)));
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use redarium_structures::rng::Rng;

    use super::*;
    use crate::types::sorted_set::Growth;

    fn one(score: f64) -> SortedSet {
        let mut rng = Rng::new(1);
        let mut growth = Growth { max_entries: 9, max_value: 9, seed: 7, rng: &mut rng };
        SortedSet::from_members(vec![(score, Bytes::from("m"))], &mut growth)
    }

    /// The score of a member that has these scores in sets of these weights, in union and intersection.
    fn combined(scores: [(f64, f64); 2], aggregate: Aggregate) -> Vec<f64> {
        let sets = scores.map(|(score, weight)| (one(score), weight));
        let weighted = || {
            sets.iter()
                .map(|(set, weight)| {
                    let source = Source::Sorted(set);
                    Weighted { source, weight: *weight, index: 0 }
                })
                .collect::<Vec<_>>()
        };
        let mut found: Vec<f64> = union(weighted(), aggregate, 7, &mut NoTrace)
            .into_iter()
            .map(|(score, _)| score)
            .collect();
        let visit = |score, _: &[u8]| {
            found.push(score);
            true
        };
        intersect(weighted(), aggregate, visit, &mut NoTrace);
        found
    }

    #[test]
    fn what_is_no_number_is_zero() {
        let inf = f64::INFINITY;
        let cases = [
            ([(inf, 1.0), (-inf, 1.0)], Aggregate::Sum, 0.0),
            ([(inf, 0.0), (3.0, 1.0)], Aggregate::Sum, 3.0),
            ([(inf, 0.0), (3.0, 1.0)], Aggregate::Max, 3.0),
            ([(2.0, 1.0), (3.0, -1.0)], Aggregate::Min, -3.0),
            ([(2.0, 1.5), (3.0, 2.0)], Aggregate::Sum, 9.0),
        ];
        for (scores, aggregate, expected) in cases {
            let found = combined(scores, aggregate);
            assert_eq!(found, vec![expected; 2], "{scores:?} {aggregate:?}");
        }
    }

    #[test]
    fn a_missing_key_empties_an_intersection_and_nothing_else() {
        let set = one(5.0);
        let present = Weighted { source: Source::Sorted(&set), weight: 1.0, index: 0 };
        let missing = Weighted { source: Source::Missing, weight: 1.0, index: 0 };
        let all = vec![(5.0, Bytes::from("m"))];
        assert_eq!(union(vec![present, missing], Aggregate::Sum, 7, &mut NoTrace), all, "union");
        assert_eq!(difference(&[present, missing], &mut NoTrace), all, "difference");
        assert_eq!(difference(&[present, present], &mut NoTrace), [], "nothing left");
        let never = |_, _: &[u8]| panic!("nothing in common");
        intersect(vec![present, missing], Aggregate::Sum, never, &mut NoTrace);
    }
}
