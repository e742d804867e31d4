//! Redis's number parsing and printing.
//!
//! Redis accepts integers in exactly one spelling (so that a string can be stored as a number and come back unchanged)
//! and doubles in every spelling of C's `strtod`.
//! Nothing here allocates beyond the caller's buffer. It knows nothing of 80-bit sums: see [`crate::long_double`].

mod float_text;
mod print;

pub(crate) use float_text::{Decimal, FloatText, Hex, round_to};
pub use print::{
    IntBuffer, format_f64, write_f64, write_f64_17, write_f64_digits, write_i64, write_u64,
};

/// Parses a signed integer in its only accepted spelling: optional `-`, no leading zeros, no `+`, no spaces, no `-0`.
///
/// O(length), and at most 20 bytes are looked at.
#[inline]
pub fn parse_i64(text: &[u8]) -> Option<i64> {
    match text.split_first() {
        Some((b'-', digits)) => match parse_u64(digits)? {
            0 => None,
            magnitude => 0i64.checked_sub_unsigned(magnitude),
        },
        _ => i64::try_from(parse_u64(text)?).ok(),
    }
}

/// Parses an unsigned integer in its only accepted spelling: digits without leading zeros.
#[inline]
pub fn parse_u64(text: &[u8]) -> Option<u64> {
    match text {
        [b'0'] => Some(0),
        // Nineteen digits cannot overflow, so the common case needs no checked arithmetic.
        [b'1'..=b'9', ..] if text.len() <= 19 => {
            let mut value = 0u64;
            for &byte in text {
                value = value * 10 + u64::from(digit(byte)?);
            }
            Some(value)
        }
        [b'1'..=b'9', rest @ ..] if rest.len() == 19 => {
            let (head, last) = text.split_at(19);
            let value = parse_u64(head)?;
            value.checked_mul(10)?.checked_add(u64::from(digit(*last.first()?)?))
        }
        _ => None,
    }
}

/// Parses an unsigned integer where Redis falls back on C's `strtoull`, as for cursors and ids of entries: spaces, a sign
/// and zeros in front are let pass, and a negative number counts down from 2^64 unless it is in its proper spelling.
pub fn parse_u64_loosely(text: &[u8]) -> Option<u64> {
    if let Some(number) = parse_i64(text) {
        return u64::try_from(number).ok();
    }
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t'..=b'\r');
    let spaces = text.iter().take_while(|byte| is_space(byte)).count();
    let (is_negative, digits) = match text.get(spaces..)? {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] | digits => (false, digits),
    };
    if digits.is_empty() {
        return None;
    }
    let number = digits.iter().try_fold(0_u64, |number, &byte| {
        number.checked_mul(10)?.checked_add(u64::from(digit(byte)?))
    })?;
    Some(if is_negative { number.wrapping_neg() } else { number })
}

#[inline]
fn digit(byte: u8) -> Option<u8> {
    byte.is_ascii_digit().then(|| byte - b'0')
}

/// Parses a double as Redis does: C's `strtod` over the whole text, without leading space, NaN, overflow or underflow to zero.
///
/// `inf` and `infinity` in any case, a leading `+`, `.5`, `5.` and hexadecimal floats are accepted.
pub fn parse_f64(text: &[u8]) -> Option<f64> {
    if let Some(value) = parse_short_decimal(text) {
        return Some(value);
    }
    match FloatText::scan(text)? {
        FloatText::Infinite { negative } => {
            Some(if negative { f64::NEG_INFINITY } else { f64::INFINITY })
        }
        FloatText::Hex(hex) => hex.to_f64(),
        FloatText::Decimal(decimal) => {
            // The scan has found nothing but ASCII digits, sign, point and exponent.
            let value: f64 = str::from_utf8(text).ok()?.parse().ok()?;
            let in_range = value.is_finite() && (value != 0.0 || decimal.is_zero());
            in_range.then_some(value)
        }
    }
}

/// Parses what nearly all scores are: up to fifteen digits with an optional sign and point, and no exponent.
///
/// Such digits and the power of ten are exact doubles, so one division rounds correctly (Clinger, "How to Read Floating
/// Point Numbers Accurately", 1990).
#[inline]
fn parse_short_decimal(text: &[u8]) -> Option<f64> {
    const POWERS_OF_TEN: [f64; 16] =
        [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
    let (negative, body) = match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        _ => (false, text),
    };
    if body.len() > 16 {
        return None;
    }
    let (mut digits, mut len, mut point) = (0u64, 0, None);
    for &byte in body {
        if byte.is_ascii_digit() {
            digits = digits * 10 + u64::from(byte - b'0');
            len += 1;
        } else if byte == b'.' && point.is_none() {
            point = Some(len);
        } else {
            return None;
        }
    }
    if !(1..=15).contains(&len) {
        return None;
    }
    let decimals = point.map_or(0, |point| len - point);
    let value = digits as f64 / POWERS_OF_TEN.get(decimals)?;
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_a_loose_spelling_are_those_of_c() {
        let read = |text: &str| parse_u64_loosely(text.as_bytes());
        for (text, number) in [("7", 7), ("007", 7), (" \t+7", 7), ("+0", 0), ("00", 0)] {
            assert_eq!(read(text), Some(number), "{text:?}");
        }
        assert_eq!(read("18446744073709551615"), Some(u64::MAX), "the largest");
        assert_eq!(read(" -1"), Some(u64::MAX), "counted down");
        assert_eq!(read("-01"), Some(u64::MAX), "counted down");
        for text in ["", " ", "-", "+", "-1", "7 ", "0x7", "+-7", "18446744073709551616"] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }

    #[test]
    fn integers_have_one_spelling() {
        for (text, value) in [
            ("0", 0),
            ("-1", -1),
            ("42", 42),
            ("9223372036854775807", i64::MAX),
            ("-9223372036854775808", i64::MIN),
        ] {
            assert_eq!(parse_i64(text.as_bytes()), Some(value), "{text}");
        }
        for text in [
            "",
            "-",
            "+1",
            "01",
            "-0",
            " 1",
            "1 ",
            "1.0",
            "9223372036854775808",
            "-9223372036854775809",
            "0x1",
        ] {
            assert_eq!(parse_i64(text.as_bytes()), None, "{text}");
        }
        assert_eq!(parse_u64(b"18446744073709551615"), Some(u64::MAX), "the largest");
        assert_eq!(parse_u64(b"18446744073709551616"), None, "one more");
        assert_eq!(parse_u64(b"99999999999999999999"), None, "twenty digits");
    }

    #[test]
    fn doubles_follow_strtod() {
        for (text, value) in [
            ("5", 5.0),
            (".5", 0.5),
            ("5.", 5.0),
            ("+5", 5.0),
            ("1e5", 1e5),
            ("1E-5", 1e-5),
            ("0x1p3", 8.0),
            ("0X.8", 0.5),
            ("-0x1.8p1", -3.0),
            ("0x1.fffffffffffffp1023", f64::MAX),
            ("0x1p-1074", 5e-324),
            ("inf", f64::INFINITY),
            ("-Infinity", f64::NEG_INFINITY),
            ("+INF", f64::INFINITY),
            ("0e999999999999999999999", 0.0),
        ] {
            assert_eq!(parse_f64(text.as_bytes()), Some(value), "{text}");
        }
        for text in [
            "",
            " 1",
            "1 ",
            "nan",
            "-nan",
            "nan(1)",
            "1e400",
            "1e-400",
            "0x",
            "0x1p",
            "1e",
            "e5",
            ".",
            "+-1",
            "infx",
            "0x1p1024",
            "0x1p-1076",
            "1\0",
            "1_0",
            "--1",
            "0x1.fffffffffffff8p1023",
        ] {
            assert_eq!(parse_f64(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn short_decimals_are_rounded_as_the_standard_library_does() {
        let mut state = 88_172_645_463_325_252u64;
        let mut draw = |below: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % below
        };
        for _ in 0..20_000 {
            let len = draw(15) as usize + 1;
            let mut text: String = (0..len).map(|_| char::from(b'0' + draw(10) as u8)).collect();
            let at = draw(len as u64 + 2) as usize;
            if at <= len {
                text.insert(at, '.');
            }
            if draw(2) == 0 {
                text.insert(0, '-');
            }
            let exact: f64 = text.parse().unwrap();
            let parsed = parse_short_decimal(text.as_bytes()).map(f64::to_bits);
            assert_eq!(parsed, Some(exact.to_bits()), "{text}");
        }
        for text in ["", "-", ".", "-.", "1..2", "+1", "1e5", "inf", "1234567890123456"] {
            assert_eq!(parse_short_decimal(text.as_bytes()), None, "{text}");
        }
    }
}
