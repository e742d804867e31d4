//! Sorted sets: members with scores, always in order.

use redarium_resp::encode::Encoder;
use redarium_structures::list_pack::ListPackValue;

use super::reply;
use crate::command::CommandSpec;

mod add;
mod algebra;
mod blocking;
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
    blocking::COMMANDS,
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

#[cfg(test)]
mod tests {
    use crate::{Engine, Options};

    /// What a command answers in RESP3 about the members a (1) and b (2.5).
    fn answer(command: &str) -> String {
        let mut node = Engine::new(Options::default());
        let client = node.connect("test");
        node.feed(client, b"HELLO 3\r\nZADD z 1 a 2.5 b\r\n");
        drop(node.take_output(client));
        node.feed(client, format!("{command}\r\n").as_bytes());
        String::from_utf8(node.take_output(client)).unwrap().replace("\r\n", " ")
    }

    #[test]
    fn scores_are_doubles_and_pairs_are_arrays_in_resp3() {
        const BOTH: &str = "*2 *2 $1 a ,1 *2 $1 b ,2.5 ";
        for command in [
            "ZRANGE z 0 -1 WITHSCORES",
            "ZRANGEBYSCORE z -inf +inf WITHSCORES",
            "ZUNION 1 z WITHSCORES",
            "ZPOPMIN z 9",
        ] {
            assert_eq!(answer(command), BOTH, "{command}");
        }
        for (command, expected) in [
            ("ZRANGE z 0 0", "*1 $1 a "),
            ("ZSCORE z b", ",2.5 "),
            ("ZSCORE z c", "_ "),
            ("ZMSCORE z b c", "*2 ,2.5 _ "),
            ("ZINCRBY z inf a", ",inf "),
            ("ZADD z NX INCR 1 a", "_ "),
            ("ZRANK z b WITHSCORE", "*2 :1 ,2.5 "),
            ("ZRANK z c WITHSCORE", "_ "),
            ("ZRANK z c", "_ "),
            ("ZPOPMAX z", "*2 $1 b ,2.5 "),
            ("ZMPOP 1 z MIN", "*2 $1 z *1 *2 $1 a ,1 "),
            ("ZMPOP 1 missing MIN", "_ "),
            ("ZRANDMEMBER missing", "_ "),
            ("ZRANDMEMBER z 9 WITHSCORES", "*2 *2 $1 b ,2.5 *2 $1 a ,1 "),
            ("ZSCAN z 0", "*2 $1 0 *4 $1 a $1 1 $1 b $3 2.5 "),
        ] {
            assert_eq!(answer(command), expected, "{command}");
        }
    }
}
