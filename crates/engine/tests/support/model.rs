//! What models of keys and of fields share: replies as they stand on the wire, and leaps of the clock.

use redarium_structures::rng::Rng;

use super::node::Node;

pub(crate) const START: i64 = 1_767_603_600_000;

pub(crate) fn integer(number: i64) -> String {
    format!(":{number}\r\n")
}

pub(crate) fn bulk(text: Option<&str>) -> String {
    text.map_or_else(|| "$-1\r\n".to_owned(), |text| format!("${}\r\n{text}\r\n", text.len()))
}

pub(crate) fn number(word: &str) -> i64 {
    word.parse().unwrap()
}

/// Moves the clocks of a node and of its model after one of four commands: by a moment, some ticks or a day.
pub(crate) fn leap(node: &mut Node, now: &mut i64, rng: &mut Rng) {
    if rng.below(4) == 0 {
        *now += [1, 1, 29, 30, 100, 777, 5_000, 86_400_000][rng.below(8) as usize];
        node.engine.advance_to(*now);
    }
}
