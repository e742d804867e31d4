//! Sorted sets: members with scores, always in order.

use redarium_resp::encode::Encoder;
use redarium_structures::list_pack::ListPackValue;

use crate::command::CommandSpec;

mod add;
mod bounds;
mod range;
mod score;

pub(super) const FILES: &[&[CommandSpec]] = &[add::COMMANDS, range::COMMANDS, score::COMMANDS];

/// Answers with a member as a bulk string.
#[inline]
fn reply_member(reply: &mut Encoder<'_>, member: ListPackValue<'_>) {
    match member {
        ListPackValue::Int(number) => reply.bulk_int(number),
        ListPackValue::Str(text) => reply.bulk(text),
    }
}

/// Answers with a member and its score: a pair of its own in RESP3, two elements of the outer array in RESP2.
#[inline]
fn reply_scored(reply: &mut Encoder<'_>, member: ListPackValue<'_>, score: f64) {
    if reply.is_resp3() {
        reply.array(2);
    }
    reply_member(reply, member);
    reply.double(score);
}

/// Elements of an array of `members` members, with or without their scores.
#[inline]
fn reply_len(reply: &Encoder<'_>, members: usize, with_scores: bool) -> usize {
    if with_scores && !reply.is_resp3() { 2 * members } else { members }
}
