//! Where a range begins and ends, as clients write it: ranks, `(1.5`, `[member`, `-`, `+`.

use std::ops::Range;

use redarium_resp::number::parse_f64;
use redarium_structures::bytes::Bytes;
use redarium_structures::skip_list::{LexBound, LexRange, ScoreRange};

use crate::error::CmdError;
use crate::types::sorted_set::Interval;

/// The scores from `min` to `max`.
pub(super) fn scores(min: &[u8], max: &[u8]) -> Result<Interval, CmdError> {
    let bound = |text| score(text).ok_or(CmdError::Msg("ERR min or max is not a float"));
    let ((min, min_exclusive), (max, max_exclusive)) = (bound(min)?, bound(max)?);
    Ok(Interval::Score(ScoreRange { min, max, min_exclusive, max_exclusive }))
}

/// The members from `min` to `max`.
pub(super) fn members(min: &[u8], max: &[u8]) -> Result<Interval, CmdError> {
    let bound =
        |text| member(text).ok_or(CmdError::Msg("ERR min or max not valid string range item"));
    Ok(Interval::Lex(LexRange { min: bound(min)?, max: bound(max)? }))
}

/// The ranks from `start` to `stop`, both included, of `len` members; negative ones count from the end.
pub(super) fn ranks(start: i64, stop: i64, len: usize) -> Range<usize> {
    let from_start = |index: i64| {
        let index = if index < 0 { index.saturating_add(len as i64) } else { index };
        usize::try_from(index)
    };
    let start = from_start(start).unwrap_or(0);
    let end = from_start(stop).map_or(0, |stop| stop.saturating_add(1).min(len));
    if start < end { start..end } else { 0..0 }
}

/// A score, and whether it is excluded.
///
/// Redis reads bounds with C's `strtod`: unlike scores they may begin with spaces, be empty (0), or leave the range.
fn score(text: &[u8]) -> Option<(f64, bool)> {
    let (text, exclusive) = match text.split_first() {
        Some((b'(', rest)) => (rest, true),
        _ => (text, false),
    };
    if text.is_empty() {
        return Some((0.0, exclusive));
    }
    let text = text.trim_ascii_start();
    let score = parse_f64(text).or_else(|| beyond_range(text))?;
    Some((score, exclusive))
}

/// A decimal number that is too large or too small for a double: infinity or zero.
fn beyond_range(text: &[u8]) -> Option<f64> {
    let is_decimal = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
    if !text.iter().all(is_decimal) {
        return None;
    }
    str::from_utf8(text).ok()?.parse().ok()
}

fn member(text: &[u8]) -> Option<LexBound> {
    match text {
        b"-" => Some(LexBound::NegInfinity),
        b"+" => Some(LexBound::PosInfinity),
        [b'[', member @ ..] => Some(LexBound::Inclusive(Bytes::from(member))),
        [b'(', member @ ..] => Some(LexBound::Exclusive(Bytes::from(member))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn score_bounds_are_read_as_redis_does() {
        for (text, bound) in [
            ("1.5", (1.5, false)),
            ("(1", (1.0, true)),
            ("", (0.0, false)),
            ("(", (0.0, true)),
            ("( 1", (1.0, true)),
            ("+inf", (f64::INFINITY, false)),
            ("(-infinity", (f64::NEG_INFINITY, true)),
            ("1e400", (f64::INFINITY, false)),
            ("-1e400", (f64::NEG_INFINITY, false)),
            ("(1e-400", (0.0, true)),
            ("0x10", (16.0, false)),
        ] {
            assert_eq!(score(text.as_bytes()), Some(bound), "{text:?}");
        }
        for text in [" ", "1 ", "nan", "-nan", "((1", "[1", "1e", "e", "."] {
            assert_eq!(score(text.as_bytes()), None, "{text:?}");
        }
    }

    #[test]
    fn ranks_are_cut_to_what_there_is() {
        for (start, stop, ranks_of_5) in [
            (0, -1, 0..5),
            (1, 2, 1..3),
            (-2, -1, 3..5),
            (-9, 1, 0..2),
            (3, 99, 3..5),
            (5, 9, 0..0),
            (3, 2, 0..0),
            (0, -9, 0..0),
            (i64::MIN, i64::MAX, 0..5),
        ] {
            assert_eq!(ranks(start, stop, 5), ranks_of_5, "{start} to {stop}");
        }
        assert_eq!(ranks(0, -1, 0), 0..0, "nothing there");
    }

    #[test]
    fn member_bounds_need_their_sign() {
        assert_eq!(member(b"[a"), Some(LexBound::Inclusive(Bytes::from("a"))), "included");
        assert_eq!(member(b"("), Some(LexBound::Exclusive(Bytes::EMPTY)), "the empty member");
        assert_eq!(member(b"-"), Some(LexBound::NegInfinity), "from the first");
        for text in ["", "a", "++", "-a"] {
            assert_eq!(member(text.as_bytes()), None, "{text:?}");
        }
    }
}
