//! Sorted sets: members with scores, always in order.

use redarium_resp::encode::Encoder;
use redarium_structures::list_pack::ListPackValue;

use super::reply;
use crate::command::CommandSpec;

mod add;
mod algebra;
mod bounds;
mod combine;
mod count;
mod older_ranges;
mod pop;
mod random;
mod range;
mod remove;
mod scan;
mod score;

pub(super) const FILES: &[&[CommandSpec]] = &[
    add::COMMANDS,
    algebra::COMMANDS,
    count::COMMANDS,
    older_ranges::COMMANDS,
    pop::COMMANDS,
    random::COMMANDS,
    range::COMMANDS,
    remove::COMMANDS,
    scan::COMMANDS,
    score::COMMANDS,
];

/// Answers with a member and its score: a pair of its own in RESP3, two elements of the outer array in RESP2.
#[inline]
fn reply_scored(reply: &mut Encoder<'_>, member: ListPackValue<'_>, score: f64) {
    if reply.is_resp3() {
        reply.array(2);
    }
    reply::element(reply, member);
    reply.double(score);
}

/// Elements of an array of `members` members, with or without their scores.
#[inline]
fn reply_len(reply: &Encoder<'_>, members: usize, with_scores: bool) -> usize {
    if with_scores && !reply.is_resp3() { 2 * members } else { members }
}
