//! The 80-bit floating point that INCRBYFLOAT and HINCRBYFLOAT add with, in integers only.
//!
//! Redis keeps these sums in C's `long double`, on x86 the x87 extended format: a 64-bit mantissa and a 15-bit exponent.
//! Text is rounded to it once, sums are rounded to it once, and 17 decimals are printed, so `10.5 + 0.1` is `10.6`.
//! Done with integers, the result is the same on every target. This file knows nothing of replies.

use std::cmp::Ordering;

use crate::number::{Decimal, FloatText, Hex, round_to, write_u64};

/// Longest text Redis converts to a long double, in bytes.
const TEXT_MAX: usize = 5 * 1024 - 1;
const EXPONENT_MIN: i64 = -16_445;
const EXPONENT_MAX: i64 = 16_320;
/// Ten to the number of decimals printed.
const DECIMALS_SCALE: u64 = 100_000_000_000_000_000;
const DECIMALS: usize = 17;

/// An x87 extended number; never NaN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LongDouble {
    negative: bool,
    /// `mantissa × 2^exponent`; the top bit is set unless the number is zero or subnormal (then `exponent` is the least).
    mantissa: u64,
    exponent: i64,
    infinite: bool,
}

impl LongDouble {
    /// Reads a text as Redis does: the grammar of `strtold`, without leading space, NaN, overflow or underflow to zero.
    ///
    /// O(n²) for n digits, and n is at most 5,119.
    pub fn parse(text: &[u8]) -> Option<Self> {
        if text.len() > TEXT_MAX {
            return None;
        }
        let (value, is_zero) = match FloatText::scan(text)? {
            FloatText::Infinite { negative } => return Some(Self::infinity(negative)),
            FloatText::Hex(hex) => (Self::from_hex(&hex), hex.bits == 0),
            FloatText::Decimal(decimal) => (Self::from_decimal(&decimal)?, decimal.is_zero()),
        };
        (!value.infinite && (value.mantissa != 0 || is_zero)).then_some(value)
    }

    /// The largest finite number.
    pub const MAX: Self =
        Self { negative: false, mantissa: u64::MAX, exponent: EXPONENT_MAX, infinite: false };

    /// Zero.
    pub const ZERO: Self =
        Self { negative: false, mantissa: 0, exponent: EXPONENT_MIN, infinite: false };

    /// The same number with the other sign.
    #[must_use]
    pub fn negated(self) -> Self {
        Self { negative: !self.negative, ..self }
    }

    /// Which of two numbers is larger; both zeros are equal.
    pub fn compare(&self, other: &Self) -> Ordering {
        let magnitude = |number: &Self| (number.infinite, number.exponent, number.mantissa);
        let is_negative =
            |number: &Self| number.negative && (number.mantissa != 0 || number.infinite);
        match (is_negative(self), is_negative(other)) {
            (false, false) => magnitude(self).cmp(&magnitude(other)),
            (true, true) => magnitude(other).cmp(&magnitude(self)),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }

    /// Whether this is not an infinity.
    pub fn is_finite(&self) -> bool {
        !self.infinite
    }

    /// The sum, rounded once to 64 bits; `None` when it is NaN or infinite.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        if self.infinite || other.infinite {
            return None;
        }
        let swap = (other.exponent, other.mantissa) > (self.exponent, self.mantissa);
        let (large, small) = if swap { (other, self) } else { (self, other) };
        if small.mantissa == 0 {
            // A sum of zeros is negative only if both are.
            let negative =
                if large.mantissa == 0 { self.negative && other.negative } else { large.negative };
            return Some(LongDouble { negative, ..large });
        }
        // Sixty-three guard bits below the larger number; what falls below them only decides ties.
        let gap = large.exponent - small.exponent;
        let wide = u128::from(large.mantissa) << 63;
        let narrow = u128::from(small.mantissa) << 63;
        let shifted = if gap < 128 { narrow >> gap } else { 0 };
        let lost = gap >= 128 || shifted << gap != narrow;
        let shifted = shifted | u128::from(lost);
        let (negative, bits) = if large.negative == small.negative {
            (large.negative, wide + shifted)
        } else {
            let bits = wide - shifted;
            (large.negative && bits != 0, bits)
        };
        Some(Self::rounded(negative, bits, false, large.exponent - 63)).filter(Self::is_finite)
    }

    /// Appends the number as INCRBYFLOAT prints it: 17 decimals, trailing zeros removed, never an exponent.
    pub fn write(&self, out: &mut Vec<u8>) {
        if self.infinite {
            out.extend_from_slice(if self.negative { b"-inf" } else { b"inf" });
            return;
        }
        let start = out.len();
        if self.negative {
            out.push(b'-');
        }
        if self.exponent >= 0 {
            let mut whole = Natural::from(u128::from(self.mantissa));
            whole.shift_left(self.exponent as usize);
            whole.write_decimal(out);
            return;
        }
        // The scaled value has at most 121 bits, so a shift beyond that leaves less than half a unit.
        let scaled = u128::from(self.mantissa) * u128::from(DECIMALS_SCALE);
        let (mut scaled, drop) = (scaled, -self.exponent);
        if drop >= 127 {
            scaled = 0;
        } else {
            let (kept, remainder, half) =
                (scaled >> drop, scaled & ((1 << drop) - 1), 1u128 << (drop - 1));
            scaled = kept + u128::from(remainder > half || (remainder == half && kept & 1 == 1));
        }
        write_u64(out, (scaled / u128::from(DECIMALS_SCALE)) as u64);
        let fraction = (scaled % u128::from(DECIMALS_SCALE)) as u64;
        if fraction != 0 {
            out.push(b'.');
            let first = out.len();
            out.resize(first + DECIMALS, b'0');
            let mut left = fraction;
            for slot in out.iter_mut().skip(first).rev() {
                *slot = b'0' + (left % 10) as u8;
                left /= 10;
            }
            while out.last() == Some(&b'0') {
                out.pop();
            }
        }
        if out.get(start..) == Some(b"-0") {
            out.truncate(start);
            out.push(b'0');
        }
    }

    /// The text of [`LongDouble::write`].
    pub fn to_text(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }

    fn infinity(negative: bool) -> Self {
        LongDouble { negative, mantissa: 0, exponent: EXPONENT_MIN, infinite: true }
    }

    fn rounded(negative: bool, bits: u128, sticky: bool, exponent: i64) -> Self {
        let (mantissa, exponent) = round_to(64, EXPONENT_MIN, bits, sticky, exponent);
        if mantissa == 0 {
            return LongDouble { negative, mantissa: 0, exponent: EXPONENT_MIN, infinite: false };
        }
        if exponent > EXPONENT_MAX {
            return Self::infinity(negative);
        }
        LongDouble { negative, mantissa, exponent, infinite: false }
    }

    fn from_hex(hex: &Hex) -> Self {
        Self::rounded(hex.negative, hex.bits, hex.sticky, hex.exponent)
    }

    /// Rounds `digits × 10^exponent` exactly; `None` when far outside the range.
    fn from_decimal(decimal: &Decimal<'_>) -> Option<Self> {
        let fraction_len = i64::try_from(decimal.fraction.len()).ok()?;
        let exponent = decimal.exponent.saturating_sub(fraction_len);
        let mut value = Natural::default();
        for &byte in decimal.whole.iter().chain(decimal.fraction) {
            value.multiply_add(10, u32::from(byte - b'0'));
        }
        if value.is_zero() {
            return Some(Self::rounded(decimal.negative, 0, false, 0));
        }
        // 5,119 digits and a range of 10^±4,951: beyond these exponents the result is certain, and the work stays bounded.
        if !(-10_100..=5_000).contains(&exponent) {
            return None;
        }
        let mut binary_exponent = 0;
        let mut sticky = false;
        if exponent >= 0 {
            value.scale_up(exponent as usize);
        } else {
            // Enough low zero bits that the quotient keeps 66 bits; a bit more than log2(10) bits for each decimal.
            let places = -exponent;
            let shift = (places * 3322 / 1000 + 68 - value.bit_len() as i64).max(0);
            value.shift_left(shift as usize);
            binary_exponent = -shift;
            sticky = value.scale_down(places as usize);
        }
        let (bits, dropped, lost) = value.top_bits();
        Some(Self::rounded(
            decimal.negative,
            bits,
            sticky || lost,
            binary_exponent + dropped as i64,
        ))
    }
}

/// A natural number of any size: just what reading and printing long doubles takes.
#[derive(Default)]
struct Natural {
    /// Least significant first, no leading zero.
    limbs: Vec<u32>,
}

impl From<u128> for Natural {
    fn from(mut value: u128) -> Self {
        let mut limbs = Vec::new();
        while value != 0 {
            limbs.push(value as u32);
            value >>= 32;
        }
        Natural { limbs }
    }
}

impl Natural {
    fn is_zero(&self) -> bool {
        self.limbs.is_empty()
    }

    fn bit_len(&self) -> usize {
        self.limbs.last().map_or(0, |top| self.limbs.len() * 32 - top.leading_zeros() as usize)
    }

    fn multiply_add(&mut self, factor: u32, addend: u32) {
        let mut carry = u64::from(addend);
        for limb in &mut self.limbs {
            carry += u64::from(*limb) * u64::from(factor);
            *limb = carry as u32;
            carry >>= 32;
        }
        if carry != 0 {
            self.limbs.push(carry as u32);
        }
    }

    /// Divides, and returns the remainder.
    fn divide(&mut self, divisor: u32) -> u32 {
        let mut remainder = 0u64;
        for limb in self.limbs.iter_mut().rev() {
            let value = remainder << 32 | u64::from(*limb);
            *limb = (value / u64::from(divisor)) as u32;
            remainder = value % u64::from(divisor);
        }
        while self.limbs.last() == Some(&0) {
            self.limbs.pop();
        }
        remainder as u32
    }

    /// Multiplies by `10^places`.
    fn scale_up(&mut self, places: usize) {
        for power in powers_of_ten(places) {
            self.multiply_add(power, 0);
        }
    }

    /// Divides by `10^places`, and tells whether anything remained.
    fn scale_down(&mut self, places: usize) -> bool {
        powers_of_ten(places)
            .map(|power| self.divide(power))
            .fold(0, |all, remainder| all | remainder)
            != 0
    }

    fn shift_left(&mut self, places: usize) {
        let small = places % 32;
        if small != 0 {
            self.multiply_add(1 << small, 0);
        }
        if !self.is_zero() {
            self.limbs.splice(0..0, std::iter::repeat_n(0, places / 32));
        }
    }

    /// The top 96 to 128 bits, how many bits lie below them, and whether any of those is set.
    fn top_bits(&self) -> (u128, usize, bool) {
        let skip = self.limbs.len().saturating_sub(4);
        let (low, high) = self.limbs.split_at(skip);
        let bits = high.iter().rev().fold(0u128, |bits, &limb| bits << 32 | u128::from(limb));
        (bits, skip * 32, low.iter().any(|&limb| limb != 0))
    }

    fn write_decimal(mut self, out: &mut Vec<u8>) {
        let mut groups = Vec::new();
        while !self.is_zero() {
            groups.push(self.divide(1_000_000_000));
        }
        write_u64(out, u64::from(groups.pop().unwrap_or(0)));
        for group in groups.into_iter().rev() {
            let mut divisor = 100_000_000;
            while divisor > 0 {
                out.push(b'0' + (group / divisor % 10) as u8);
                divisor /= 10;
            }
        }
    }
}

/// Factors of at most 10^9 whose product is `10^places`.
fn powers_of_ten(places: usize) -> impl Iterator<Item = u32> {
    let rest = 10u32.pow((places % 9) as u32);
    std::iter::repeat_n(1_000_000_000, places / 9).chain((rest != 1).then_some(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(left: &str, right: &str) -> String {
        let parse = |text: &str| LongDouble::parse(text.as_bytes()).unwrap();
        String::from_utf8(parse(left).checked_add(parse(right)).unwrap().to_text()).unwrap()
    }

    #[test]
    fn sums_read_as_in_redis() {
        for (left, right, expected) in [
            ("10.5", "0.1", "10.6"),
            ("5.0e3", "200", "5200"),
            ("0.1", "0.2", "0.3"),
            ("3", "1.0000000000000001", "4.0000000000000001"),
            ("4.0000000000000001", "0.000000000000000001", "4.0000000000000001"),
            ("1", "-1", "0"),
            ("-0.0", "-0.0", "0"),
            ("0x1p3", "0.5", "8.5"),
            ("-1e-30", "0", "0"),
            ("1e-30", "1e30", "1000000000000000000024696061952"),
        ] {
            assert_eq!(sum(left, right), expected, "{left} + {right}");
        }
        assert_eq!(sum("1e400", "1").len(), 401, "beyond the range of doubles");
    }

    #[test]
    fn numbers_are_in_order() {
        let texts =
            ["-inf", "-1e4000", "-2", "-1.5", "-1e-4940", "0", "1e-4940", "0.1", "3", "inf"];
        let numbers = texts.map(|text| LongDouble::parse(text.as_bytes()).unwrap());
        for (i, a) in numbers.iter().enumerate() {
            for (j, b) in numbers.iter().enumerate() {
                assert_eq!(a.compare(b), i.cmp(&j), "{} and {}", texts[i], texts[j]);
                let flipped = b.negated().compare(&a.negated());
                assert_eq!(flipped, i.cmp(&j), "negated {} and {}", texts[i], texts[j]);
            }
        }
        assert_eq!(LongDouble::ZERO.compare(&LongDouble::ZERO.negated()), Ordering::Equal, "zeros");
        let beyond = LongDouble::MAX.checked_add(LongDouble::MAX);
        assert_eq!(beyond, None, "nothing finite is larger");
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in [
            "",
            "nan",
            " 1",
            "1 ",
            "1e5000",
            "1e-5000",
            "0x1p99999",
            "abc",
            "1e99999999999999999999",
        ] {
            assert_eq!(LongDouble::parse(text.as_bytes()), None, "{text}");
        }
        let infinity = LongDouble::parse(b"inf").unwrap();
        assert!(!infinity.is_finite(), "infinity is read");
        assert_eq!(infinity.checked_add(infinity), None, "and cannot be added to");
    }
}
