//! A sorted set in a listpack: member, score, member, score, in order. A position is that of a member.

use std::cmp::Ordering;

use redarium_resp::number::{parse_f64, write_f64};
use redarium_structures::list_pack::{IntText, ListPack, ListPackStep, ListPackValue};
use redarium_structures::trace::{NoTrace, Trace};

use super::{Interval, in_order};

/// Bytes that a pair takes at most beyond its member: both headers and back lengths, and the score's digits.
pub(super) const OVERHEAD: usize = 64;

/// Scores up to this magnitude are stored as integers if they are whole.
const WHOLE_MAX: f64 = (i64::MAX / 2) as f64;

/// The position of a member.
#[inline]
pub(super) fn find(
    pack: &ListPack,
    member: &[u8],
    steps: &mut impl Trace<ListPackStep>,
) -> Option<usize> {
    pack.find(member, 1, steps)
}

/// The score of the member at `pos`.
pub(super) fn score(pack: &ListPack, pos: usize) -> f64 {
    pack.next(pos).map_or(0.0, |pos| score_of(pack.get(pos)))
}

/// A score as it is stored.
fn score_of(value: ListPackValue<'_>) -> f64 {
    match value {
        ListPackValue::Int(number) => number as f64,
        ListPackValue::Str(text) => parse_f64(text).unwrap_or(0.0),
    }
}

/// Positions, members and scores from `pos` on.
pub(super) fn pairs_from(
    pack: &ListPack,
    pos: usize,
) -> impl Iterator<Item = (usize, ListPackValue<'_>, f64)> {
    let mut values = pack.iter_from(pos);
    std::iter::from_fn(move || {
        let pos = values.position()?;
        Some((pos, values.next()?, score_of(values.next()?)))
    })
}

/// Positions, members and scores, in order.
pub(crate) fn pairs(pack: &ListPack) -> impl Iterator<Item = (usize, ListPackValue<'_>, f64)> {
    pack.first().into_iter().flat_map(|first| pairs_from(pack, first))
}

/// The position of the first member of an interval.
pub(super) fn first_in(pack: &ListPack, interval: &Interval) -> Option<usize> {
    let (pos, member, score) =
        pairs(pack).find(|&(_, member, score)| interval.reaches_min(member, score))?;
    interval.reaches_max(member, score).then_some(pos)
}

/// The position of the last member of an interval.
pub(super) fn last_in(pack: &ListPack, interval: &Interval) -> Option<usize> {
    let (pos, member, score) =
        pairs(pack).take_while(|&(_, member, score)| interval.reaches_max(member, score)).last()?;
    interval.reaches_min(member, score).then_some(pos)
}

/// Calls `write` with a score as it is stored.
fn with_score(score: f64, write: impl FnOnce(ListPackValue<'_>)) {
    if score.fract() == 0.0 && score.abs() <= WHOLE_MAX {
        write(ListPackValue::Int(score as i64));
    } else {
        let mut text = Vec::with_capacity(32);
        write_f64(&mut text, score);
        write(ListPackValue::Str(&text));
    }
}

/// Puts a member behind all others.
pub(super) fn push_back(pack: &mut ListPack, member: &[u8], score: f64) {
    pack.push_back(member, &mut NoTrace);
    with_score(score, |value| pack.push_back(value, &mut NoTrace));
}

/// Puts a member that is not there in its place.
pub(super) fn insert(
    pack: &mut ListPack,
    member: &[u8],
    score: f64,
    steps: &mut impl Trace<ListPackStep>,
) {
    let behind = pairs(pack).find(|&(_, other, other_score)| {
        other_score >= score
            && (other_score > score || other.text(&mut IntText::default()) > member)
    });
    if let Some((pos, _, _)) = behind {
        pack.insert_before(pos, member, steps);
        with_score(score, |value| {
            pack.insert_after(pos, value, steps);
        });
    } else {
        pack.push_back(member, steps);
        with_score(score, |value| pack.push_back(value, steps));
    }
}

/// Takes out `count` members from `pos` on.
pub(super) fn remove(
    pack: &mut ListPack,
    pos: usize,
    count: usize,
    steps: &mut impl Trace<ListPackStep>,
) {
    pack.remove_range(pos, 2 * count, steps);
}

/// Whether the entries of a listpack are members with scores that are numbers, and ascend.
pub(super) fn is_in_order(pack: &ListPack) -> bool {
    let is_number = |value| match value {
        ListPackValue::Int(_) => true,
        ListPackValue::Str(text) => parse_f64(text).is_some(),
    };
    let (mut one, mut other) = (IntText::default(), IntText::default());
    pack.len().is_multiple_of(2)
        && pack.iter().skip(1).step_by(2).all(is_number)
        && pairs(pack).zip(pairs(pack).skip(1)).all(|((_, a, a_score), (_, b, b_score))| {
            in_order(a_score, a.text(&mut one), b_score, b.text(&mut other)) == Ordering::Less
        })
}

/// Asserts what must hold.
pub(super) fn check(pack: &ListPack) {
    pack.check();
    assert!(is_in_order(pack), "members and scores come in pairs and ascend");
}
