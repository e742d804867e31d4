//! Floating-point texts taken apart by the grammar of C's `strtod`, before they are rounded to any precision.

use super::digit;

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
    pub(super) fn to_f64(&self) -> Option<f64> {
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
