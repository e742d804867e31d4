//! Redis's number parsing and printing.
//!
//! Redis accepts integers in exactly one spelling (so that a string can be stored as a number and come back unchanged)
//! and doubles in every spelling of C's `strtod`.
//! Nothing here allocates beyond the caller's buffer. It knows nothing of 80-bit sums: see [`crate::long_double`].

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

/// What a floating-point text is made of, before it is rounded to any precision.
pub(crate) enum FloatText<'a> {
    Infinite { negative: bool },
    Decimal(Decimal<'a>),
    Hex(Hex),
}

/// A decimal text taken apart: `whole.fraction × 10^exponent`, digits only.
pub(crate) struct Decimal<'a> {
    pub(crate) negative: bool,
    pub(crate) whole: &'a [u8],
    pub(crate) fraction: &'a [u8],
    pub(crate) exponent: i64,
}

impl Decimal<'_> {
    pub(crate) fn is_zero(&self) -> bool {
        self.whole.iter().chain(self.fraction).all(|&byte| byte == b'0')
    }
}

/// A hexadecimal text: `bits × 2^exponent`; `sticky` tells that non-zero digits beyond the 120th bit were dropped.
pub(crate) struct Hex {
    pub(crate) negative: bool,
    pub(crate) bits: u128,
    pub(crate) sticky: bool,
    pub(crate) exponent: i64,
}

impl<'a> FloatText<'a> {
    /// Reads the whole text by the grammar of `strtod`; `None` for NaN, for leading space and for trailing bytes.
    pub(crate) fn scan(text: &'a [u8]) -> Option<Self> {
        let (negative, body) = match text.split_first()? {
            (b'-', rest) => (true, rest),
            (b'+', rest) => (false, rest),
            _ => (false, text),
        };
        if body.eq_ignore_ascii_case(b"inf") || body.eq_ignore_ascii_case(b"infinity") {
            return Some(FloatText::Infinite { negative });
        }
        if let [b'0', b'x' | b'X', rest @ ..] = body {
            return Hex::scan(negative, rest).map(FloatText::Hex);
        }
        let (whole, fraction, rest) = split_digits(body, u8::is_ascii_digit)?;
        let exponent = scan_exponent(rest, b'e')?;
        Some(FloatText::Decimal(Decimal { negative, whole, fraction, exponent }))
    }
}

impl Hex {
    fn scan(negative: bool, body: &[u8]) -> Option<Self> {
        let (whole, fraction, rest) = split_digits(body, u8::is_ascii_hexdigit)?;
        let mut exponent =
            scan_exponent(rest, b'p')?.saturating_sub(4 * i64::try_from(fraction.len()).ok()?);
        let (mut bits, mut sticky) = (0u128, false);
        for &byte in whole.iter().chain(fraction) {
            let value = char::from(byte).to_digit(16)?;
            if bits >> 116 == 0 {
                bits = bits << 4 | u128::from(value);
            } else {
                sticky |= value != 0;
                exponent = exponent.saturating_add(4);
            }
        }
        Some(Hex { negative, bits, sticky, exponent })
    }

    /// Rounds to nearest, ties to even; `None` when the value leaves the range.
    fn to_f64(&self) -> Option<f64> {
        let sign = if self.negative { -1.0 } else { 1.0 };
        if self.bits == 0 {
            return Some(0.0 * sign);
        }
        let (mantissa, exponent) = round_to(53, -1074, self.bits, self.sticky, self.exponent);
        if mantissa == 0 || i64::from(mantissa.ilog2()) + exponent > 1023 {
            return None;
        }
        // Powers of two by their bits; both factors and the product are exact: the mantissa was rounded for this exponent
        // already.
        let mut value = mantissa as f64;
        let mut left = exponent;
        while left != 0 {
            let step = left.clamp(-1000, 1000);
            value *= f64::from_bits(((1023 + step) as u64) << 52);
            left -= step;
        }
        Some(value * sign)
    }
}

/// Rounds `bits × 2^exponent` to at most `precision` bits and an exponent of at least `exponent_min`, ties to even.
///
/// `sticky` stands for a non-zero remainder below the last bit. `precision` is at most 64.
pub(crate) fn round_to(
    precision: u32,
    exponent_min: i64,
    bits: u128,
    sticky: bool,
    exponent: i64,
) -> (u64, i64) {
    if bits == 0 {
        return (0, exponent_min);
    }
    let len = 128 - i64::from(bits.leading_zeros());
    let drop = (len - i64::from(precision)).max(exponent_min.saturating_sub(exponent));
    if drop <= 0 {
        // Few bits: only the exponent moves, so that equal values have equal forms.
        let shift = (-drop).min(i64::from(precision) - len).max(0);
        return ((bits << shift) as u64, exponent - shift);
    }
    if drop > len + 1 {
        return (0, exponent_min);
    }
    let kept = bits.checked_shr(drop as u32).unwrap_or(0);
    let half = 1u128 << (drop - 1).min(127);
    let remainder = if drop >= 128 { bits } else { bits & ((1u128 << drop) - 1) };
    let up = remainder > half || (remainder == half && (sticky || kept & 1 == 1));
    let rounded = kept + u128::from(up);
    let exponent = exponent + drop;
    if rounded >> precision != 0 {
        ((rounded >> 1) as u64, exponent + 1)
    } else {
        (rounded as u64, exponent)
    }
}

/// Splits `digits[.digits]` off the front; at least one digit must be there.
fn split_digits(text: &[u8], is_digit: fn(&u8) -> bool) -> Option<(&[u8], &[u8], &[u8])> {
    let (whole, rest) = split_while(text, is_digit);
    let (fraction, rest) = match rest.split_first() {
        Some((b'.', after)) => split_while(after, is_digit),
        _ => (&[][..], rest),
    };
    (whole.len() + fraction.len() > 0).then_some((whole, fraction, rest))
}

fn split_while(text: &[u8], is_digit: fn(&u8) -> bool) -> (&[u8], &[u8]) {
    text.split_at(text.iter().position(|byte| !is_digit(byte)).unwrap_or(text.len()))
}

/// Reads nothing (0) or the marker, an optional sign and at least one digit, to the end; huge exponents are clamped.
fn scan_exponent(text: &[u8], marker: u8) -> Option<i64> {
    let Some((first, rest)) = text.split_first() else { return Some(0) };
    if first.to_ascii_lowercase() != marker {
        return None;
    }
    let (negative, digits) = match rest.split_first()? {
        (b'-', digits) => (true, digits),
        (b'+', digits) => (false, digits),
        _ => (false, rest),
    };
    if digits.is_empty() {
        return None;
    }
    let mut value = 0i64;
    for &byte in digits {
        value = (value * 10 + i64::from(digit(byte)?)).min(1 << 50);
    }
    Some(if negative { -value } else { value })
}

/// Decimal digits of an integer, on the stack.
pub struct IntBuffer(itoa::Buffer);

impl IntBuffer {
    /// An empty buffer; costs nothing.
    #[inline]
    pub fn new() -> Self {
        IntBuffer(itoa::Buffer::new())
    }

    /// The digits of `value`, valid until the buffer is used again.
    #[inline]
    pub fn format(&mut self, value: i64) -> &[u8] {
        self.0.format(value).as_bytes()
    }
}

impl Default for IntBuffer {
    fn default() -> Self {
        IntBuffer::new()
    }
}

/// Appends the decimal digits of `value`.
#[inline]
pub fn write_i64(out: &mut Vec<u8>, value: i64) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Appends the decimal digits of `value`.
#[inline]
pub fn write_u64(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Whole doubles within this magnitude are printed with all their digits, as integers.
const WHOLE_MAX: f64 = (i64::MAX / 2) as f64;

/// Appends a double as Redis prints scores: the shortest digits that read back as the same value.
///
/// `3`, `0.1`, `1e+20`, `5e-324`, `inf`, `-inf`, `nan`, `-0`.
/// Whole numbers up to 2^62 are plain; otherwise up to seven zeros follow or lead before an exponent is used.
pub fn write_f64(out: &mut Vec<u8>, value: f64) {
    if value.is_nan() {
        out.extend_from_slice(b"nan");
    } else if value.is_infinite() {
        out.extend_from_slice(if value < 0.0 { b"-inf" } else { b"inf" });
    } else if value == 0.0 {
        out.extend_from_slice(if value.is_sign_negative() { b"-0" } else { b"0" });
    } else if value.fract() == 0.0 && value.abs() <= WHOLE_MAX {
        write_i64(out, value as i64);
    } else {
        if value < 0.0 {
            out.push(b'-');
        }
        write_digits(out, value.abs(), value < 0.0);
    }
}

/// Appends a double with up to 17 significant digits, as C's `%.17g` does: how ZSCAN shows scores.
pub fn write_f64_17(out: &mut Vec<u8>, value: f64) {
    write_f64_digits(out, value, 17);
}

/// Appends a double with up to so many significant digits, at least one, as C's `%.*g` does.
pub fn write_f64_digits(out: &mut Vec<u8>, value: f64, significant: usize) {
    if !value.is_finite() {
        return write_f64(out, value);
    }
    let last = significant.max(1) - 1;
    let scientific = format!("{value:.last$e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let plain = (-4..=last as i32).contains(&exponent);
    let decimals = usize::try_from(last as i32 - exponent).unwrap_or(0);
    let fixed = if plain { format!("{value:.decimals$}") } else { digits.to_owned() };
    let kept = if fixed.contains('.') {
        fixed.trim_end_matches('0').trim_end_matches('.')
    } else {
        &fixed
    };
    out.extend_from_slice(kept.as_bytes());
    if !plain {
        let sign = if exponent < 0 { '-' } else { '+' };
        out.extend_from_slice(format!("e{sign}{:02}", exponent.unsigned_abs()).as_bytes());
    }
}

/// A double as text, as [`write_f64`] prints it.
pub fn format_f64(value: f64) -> String {
    let mut out = Vec::new();
    write_f64(&mut out, value);
    out.into_iter().map(char::from).collect()
}

/// Lays out the shortest digits by the rules of the fpconv library, which Redis prints doubles with since 7.2.
fn write_digits(out: &mut Vec<u8>, value: f64, negative: bool) {
    let mut buffer = zmij::Buffer::new();
    let text = buffer.format_finite(value);
    let (digits_text, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let mut exponent: i32 = exponent.parse().unwrap_or(0);
    // A double has at most 17 significant digits, and plain text at most 17 more zeros around them.
    let mut digits = [0u8; 40];
    let mut len = 0;
    let mut after_point = false;
    for byte in digits_text.bytes() {
        if byte == b'.' {
            after_point = true;
            continue;
        }
        exponent -= i32::from(after_point);
        if (len > 0 || byte != b'0')
            && let Some(slot) = digits.get_mut(len)
        {
            *slot = byte;
            len += 1;
        }
    }
    while len > 1 && digits.get(len - 1) == Some(&b'0') {
        len -= 1;
        exponent += 1;
    }
    let digits = digits.get(..len).unwrap_or_default();
    let magnitude = (exponent + len as i32 - 1).unsigned_abs();
    if exponent >= 0 && magnitude < len as u32 + 7 {
        out.extend_from_slice(digits);
        out.resize(out.len() + exponent as usize, b'0');
    } else if exponent < 0 && (exponent > -7 || magnitude < 4) {
        let shift = exponent.unsigned_abs() as usize;
        match len.checked_sub(shift) {
            Some(point) if point > 0 => {
                let (whole, fraction) = digits.split_at(point);
                out.extend_from_slice(whole);
                out.push(b'.');
                out.extend_from_slice(fraction);
            }
            _ => {
                out.extend_from_slice(b"0.");
                out.resize(out.len() + shift - len, b'0');
                out.extend_from_slice(digits);
            }
        }
    } else {
        // The library reserves 18 characters for digits and sign, so it never cuts the 17 digits of a double.
        let digits = digits.get(..len.min(18 - usize::from(negative))).unwrap_or_default();
        let (first, rest) = digits.split_at(1.min(digits.len()));
        out.extend_from_slice(first);
        if !rest.is_empty() {
            out.push(b'.');
            out.extend_from_slice(rest);
        }
        out.extend_from_slice(if exponent + (len as i32) < 1 { b"e-" } else { b"e+" });
        write_u64(out, u64::from(magnitude));
    }
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

    #[test]
    fn doubles_are_printed_as_scores() {
        for (value, text) in [
            (3.0, "3"),
            (0.1, "0.1"),
            (-0.1, "-0.1"),
            (0.0, "0"),
            (-0.0, "-0"),
            (1e20, "1e+20"),
            (-1e20, "-1e+20"),
            (1e21, "1e+21"),
            (1e17, "100000000000000000"),
            (123_456_789_012_345_680.0, "123456789012345680"),
            (f64::MAX, "1.7976931348623157e+308"),
            (5e-324, "5e-324"),
            (0.300_000_000_000_000_04, "0.30000000000000004"),
            (3.5, "3.5"),
            (0.000_001, "0.000001"),
            (0.000_000_1, "1e-7"),
            (12.125, "12.125"),
            (1.234_567_890_123_456_7e19, "12345678901234567000"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN, "nan"),
        ] {
            assert_eq!(format_f64(value), text, "{value:?}");
        }
    }

    #[test]
    fn seventeen_digits_are_those_of_printf() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (3.0, "3"),
            (-1.5, "-1.5"),
            (0.1, "0.10000000000000001"),
            (1e16, "10000000000000000"),
            (1e17, "1e+17"),
            (1.5e300, "1.5000000000000001e+300"),
            (0.0001, "0.0001"),
            (0.000_012_5, "1.2500000000000001e-05"),
            (5e-324, "4.9406564584124654e-324"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            let mut out = Vec::new();
            write_f64_17(&mut out, value);
            assert_eq!(String::from_utf8(out).unwrap(), text, "{value:?}");
        }
    }
}
