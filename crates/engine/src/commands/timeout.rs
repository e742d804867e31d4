//! How long a client is ready to wait.

use redarium_resp::number::{parse_f64, parse_i64};

use crate::error::CmdError;

const OUT_OF_RANGE: CmdError = CmdError::Msg("ERR timeout is out of range");

/// Milliseconds that are nearer than this to a whole number of them mean that number: 0.07 is no binary fraction.
const ROUNDING_ERROR: f64 = 1e-6;

/// The moment that is `word` seconds from now, rounded up to a millisecond; `None` if it is 0, which means never.
pub(super) fn seconds(word: &[u8], now: i64) -> Result<Option<i64>, CmdError> {
    let seconds = parse_f64(word)
        .or_else(|| beyond_floats(word))
        .ok_or(CmdError::Msg("ERR timeout is not a float or out of range"))?;
    let ms = seconds * 1000.0;
    if ms >= i64::MAX as f64 {
        return Err(OUT_OF_RANGE);
    }
    let near = ms.round();
    moment(if (ms - near).abs() < ROUNDING_ERROR { near } else { ms.ceil() } as i64, now)
}

/// A number that is too great for a float: Redis reads these ones with more bits.
fn beyond_floats(word: &[u8]) -> Option<f64> {
    let number: f64 = str::from_utf8(word).ok()?.parse().ok()?;
    number.is_infinite().then_some(number)
}

/// The same for milliseconds, of which there are no parts.
pub(super) fn milliseconds(word: &[u8], now: i64) -> Result<Option<i64>, CmdError> {
    let ms =
        parse_i64(word).ok_or(CmdError::Msg("ERR timeout is not an integer or out of range"))?;
    moment(ms, now)
}

fn moment(ms: i64, now: i64) -> Result<Option<i64>, CmdError> {
    match ms {
        ..0 => Err(CmdError::Msg("ERR timeout is negative")),
        0 => Ok(None),
        _ => ms.checked_add(now).map(Some).ok_or(OUT_OF_RANGE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_become_milliseconds() {
        for (word, expected) in [
            ("0", None),
            ("1", Some(1_000)),
            ("0.07", Some(70)),
            ("1.1", Some(1_100)),
            ("0.0001", Some(1)),
            ("2.0005", Some(2_001)),
        ] {
            assert_eq!(seconds(word.as_bytes(), 0), Ok(expected), "{word}");
        }
        for (word, error) in [
            ("x", "ERR timeout is not a float or out of range"),
            ("nan", "ERR timeout is not a float or out of range"),
            ("-1", "ERR timeout is negative"),
            ("-inf", "ERR timeout is negative"),
            ("inf", "ERR timeout is out of range"),
            ("1e300", "ERR timeout is out of range"),
            ("1e400", "ERR timeout is out of range"),
            ("-1e400", "ERR timeout is negative"),
            ("9223372036854775.5", "ERR timeout is out of range"),
        ] {
            assert_eq!(seconds(word.as_bytes(), 1_000), Err(CmdError::Msg(error)), "{word}");
        }
    }
}
