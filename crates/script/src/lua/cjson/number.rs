//! Numbers of JSON, and those that C's `strtod` takes beyond it.

/// A number at the beginning of a text and how many bytes it takes; 0 if there is none.
///
/// As `strtod` reads it: also with a plus, in base 16, infinite or not a number at all.
pub(super) fn read(text: &[u8]) -> (f64, usize) {
    let (is_negative, sign) = match text.first() {
        Some(b'-') => (true, 1),
        Some(b'+') => (false, 1),
        _ => (false, 0),
    };
    let body = text.get(sign..).unwrap_or_default();
    let (number, len) = read_unsigned(body);
    if len == 0 {
        return (0.0, 0);
    }
    (if is_negative { -number } else { number }, sign + len)
}

/// Whether a text begins with a number that JSON does not have: signed with a plus, in base 16, with zeros in front, infinite or none.
pub(super) fn is_invalid(text: &[u8]) -> bool {
    match text.strip_prefix(b"-").unwrap_or(text) {
        [b'+', ..] => text.first() == Some(&b'+'),
        [b'0', b'x' | b'X' | b'0'..=b'9', ..] => true,
        [..=b'9', ..] | [] => false,
        body => starts_with(body, b"inf") || starts_with(body, b"nan"),
    }
}

/// Whether a text begins with a word, in whatever case.
fn starts_with(text: &[u8], word: &[u8]) -> bool {
    text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

fn read_unsigned(text: &[u8]) -> (f64, usize) {
    if starts_with(text, b"infinity") {
        return (f64::INFINITY, 8);
    }
    if starts_with(text, b"inf") {
        return (f64::INFINITY, 3);
    }
    if starts_with(text, b"nan") {
        return (f64::NAN, 3 + payload_len(text.get(3..).unwrap_or_default()));
    }
    if starts_with(text, b"0x")
        && let Some(read) = read_hexadecimal(text.get(2..).unwrap_or_default())
    {
        return (read.0, 2 + read.1);
    }
    let mantissa = mantissa_len(text, u8::is_ascii_digit);
    if mantissa == 0 {
        return (0.0, 0);
    }
    let len = mantissa + exponent_len(text.get(mantissa..).unwrap_or_default(), b'e');
    let digits = std::str::from_utf8(text.get(..len).unwrap_or_default()).unwrap_or_default();
    (digits.parse().unwrap_or(0.0), len)
}

/// The length of the word in brackets that may stand behind `nan`.
fn payload_len(text: &[u8]) -> usize {
    if text.first() != Some(&b'(') {
        return 0;
    }
    let word =
        text.iter().skip(1).take_while(|&&byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let len = word.count();
    if text.get(len + 1) == Some(&b')') { len + 2 } else { 0 }
}

/// The length of digits with at most one point in them; 0 without a digit.
fn mantissa_len(text: &[u8], is_digit: fn(&u8) -> bool) -> usize {
    let digits = |from: usize| text.iter().skip(from).take_while(|&byte| is_digit(byte)).count();
    let whole = digits(0);
    if text.get(whole) != Some(&b'.') {
        return whole;
    }
    let fraction = digits(whole + 1);
    if whole + fraction == 0 { 0 } else { whole + 1 + fraction }
}

/// The length of an exponent; 0 if it has no digit.
fn exponent_len(text: &[u8], letter: u8) -> usize {
    if !text.first().is_some_and(|byte| byte.eq_ignore_ascii_case(&letter)) {
        return 0;
    }
    let sign = usize::from(matches!(text.get(1), Some(b'+' | b'-')));
    let digits = text.iter().skip(1 + sign).take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 { 0 } else { 1 + sign + digits }
}

/// A number in base 16 behind its `0x`, with its length; `None` without a digit.
fn read_hexadecimal(text: &[u8]) -> Option<(f64, usize)> {
    let len = mantissa_len(text, u8::is_ascii_hexdigit);
    if len == 0 {
        return None;
    }
    let mut bits = 0_u64;
    let mut shift = 0_i32;
    let mut is_fraction = false;
    for &byte in text.get(..len)? {
        let Some(digit) = char::from(byte).to_digit(16) else {
            is_fraction = true;
            continue;
        };
        if bits >> 60 == 0 {
            bits = bits << 4 | u64::from(digit);
            shift -= if is_fraction { 4 } else { 0 };
        } else {
            // Beyond 64 bits only matters whether there is anything, for rounding.
            bits |= u64::from(digit != 0);
            shift = shift.saturating_add(if is_fraction { 0 } else { 4 });
        }
    }
    let exponent = text.get(len..).unwrap_or_default();
    let exponent_len = exponent_len(exponent, b'p');
    let digits = exponent.get(1..exponent_len).unwrap_or_default();
    let is_negative = digits.first() == Some(&b'-');
    let size = digits.iter().filter(|byte| byte.is_ascii_digit()).fold(0_i32, |size, digit| {
        size.saturating_mul(10).saturating_add(i32::from(digit - b'0')).min(1_000_000)
    });
    let power = shift.saturating_add(if is_negative { -size } else { size });
    Some((scale(bits as f64, power), len + exponent_len))
}

/// A number times a power of two, in steps that do not overflow on the way.
fn scale(mut number: f64, power: i32) -> f64 {
    let mut left = power.clamp(-2200, 2200);
    while left != 0 {
        let step = left.clamp(-1000, 1000);
        number *= f64::from_bits(((1023 + step) as u64) << 52);
        left -= step;
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_much_is_read_as_is_a_number() {
        let cases: [(&str, f64, usize); 16] = [
            ("12,", 12.0, 2),
            ("-1.5e3x", -1500.0, 6),
            ("1e", 1.0, 1),
            ("1e+", 1.0, 1),
            ("1.", 1.0, 2),
            (".5", 0.5, 2),
            (".", 0.0, 0),
            ("+", 0.0, 0),
            ("0x", 0.0, 1),
            ("0x1p-1", 0.5, 6),
            ("0xA.8", 10.5, 5),
            ("0x1.p", 1.0, 4),
            ("0x10000000000000001", 18_446_744_073_709_551_616.0, 19),
            ("0x1p-1074", 5e-324, 9),
            ("INFINITE", f64::INFINITY, 3),
            ("1e999", f64::INFINITY, 5),
        ];
        for (text, number, len) in cases {
            assert_eq!(read(text.as_bytes()), (number, len), "{text}");
        }
        assert_eq!(read(b"nan(1_x)]").1, 8, "with its brackets");
        assert_eq!(read(b"nan(1").1, 3, "without the second bracket");
    }
}
