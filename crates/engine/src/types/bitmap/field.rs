//! Integers of any width inside a row of bits.

/// What happens to a number that does not fit into its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overflow {
    /// The bits that fit are kept.
    Wrap,
    /// The nearest number that fits is taken.
    Saturate,
    /// The field stays as it is.
    Fail,
}

/// An integer of up to 64 bits, its highest bit first, that may begin in the middle of a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Whether its highest bit is a sign.
    pub signed: bool,
    /// Width in bits: 1 to 64, unsigned 1 to 63.
    pub bits: u32,
    /// Where it begins.
    pub offset: u64,
}

impl Field {
    /// The offset behind its last bit.
    pub fn end(&self) -> u64 {
        self.offset.saturating_add(u64::from(self.bits))
    }

    /// Its number in a row of bits, beyond whose end all bits are 0. O(1).
    pub fn get(&self, bytes: &[u8]) -> i64 {
        let shifted = window(bytes, self.offset) << (self.offset % 8) << (128 - WINDOW_BITS);
        let spare = 128 - self.bits;
        if self.signed { (shifted as i128 >> spare) as i64 } else { (shifted >> spare) as i64 }
    }

    /// Writes the lowest bits of a number; all of the field must lie within the bytes. O(1).
    pub fn set(&self, bytes: &mut [u8], number: i64) {
        let spare = WINDOW_BITS - self.bits - (self.offset % 8) as u32;
        let mask = (u128::MAX >> (128 - self.bits)) << spare;
        let merged = window(bytes, self.offset) & !mask | ((number as u128) << spare) & mask;
        let Ok(start) = usize::try_from(self.offset / 8) else { return };
        let merged = merged.to_be_bytes();
        let new = merged.iter().skip(size_of::<u128>() - WINDOW);
        for (byte, new) in bytes.iter_mut().skip(start).zip(new) {
            *byte = *new;
        }
    }

    /// What becomes of a number that is to be written: itself, or what the policy makes of it. The second is whether it
    /// fits as it is.
    ///
    /// Two things are as in Redis: a negative number for an unsigned field counts as the large one that has the same
    /// 64 bits, and one that is more than 2^63 below the largest of a signed field saturates at that largest.
    pub fn fit(&self, number: i64, overflow: Overflow) -> (i64, bool) {
        let exact = if self.signed { i128::from(number) } else { i128::from(number as u64) };
        let (_, max) = self.limits();
        let is_far_below = self.signed && exact < max - i128::from(i64::MAX);
        if is_far_below && self.bits < 64 && overflow == Overflow::Saturate {
            return (max as i64, false);
        }
        self.fit_exact(exact, overflow)
    }

    /// The same for the sum of the field's number and an increment.
    pub fn fit_sum(&self, number: i64, increment: i64, overflow: Overflow) -> (i64, bool) {
        self.fit_exact(i128::from(number) + i128::from(increment), overflow)
    }

    /// The smallest and the largest number that fit.
    fn limits(&self) -> (i128, i128) {
        if self.signed {
            let half = 1 << (self.bits - 1);
            (-half, half - 1)
        } else {
            (0, (1 << self.bits) - 1)
        }
    }

    fn fit_exact(&self, exact: i128, overflow: Overflow) -> (i64, bool) {
        let (min, max) = self.limits();
        if (min..=max).contains(&exact) {
            return (exact as i64, true);
        }
        if overflow == Overflow::Saturate {
            return (exact.clamp(min, max) as i64, false);
        }
        let spare = 128 - self.bits;
        let shifted = exact << spare;
        let wrapped =
            if self.signed { shifted >> spare } else { (shifted as u128 >> spare) as i128 };
        (wrapped as i64, false)
    }
}

/// Bytes that a field can touch.
const WINDOW: usize = 9;
const WINDOW_BITS: u32 = 8 * WINDOW as u32;

/// The nine bytes from the one with this bit on, as a number.
fn window(bytes: &[u8], offset: u64) -> u128 {
    let start = usize::try_from(offset / 8).unwrap_or(usize::MAX);
    let mut found = bytes.get(start..).unwrap_or(&[]).iter();
    (0..WINDOW).fold(0, |window, _| window << 8 | u128::from(found.next().copied().unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use redarium_structures::rng::Rng;

    use super::super::{get, set};
    use super::*;

    fn field(signed: bool, bits: u32, offset: u64) -> Field {
        Field { signed, bits, offset }
    }

    #[test]
    fn fields_are_what_their_single_bits_say() {
        let mut rng = Rng::new(7);
        for _ in 0..2000 {
            let signed = rng.below(2) == 0;
            let bits = 1 + rng.below(if signed { 64 } else { 63 }) as u32;
            let field = field(signed, bits, rng.below(80));
            let before: Vec<u8> = (0..18).map(|_| rng.next_u64() as u8).collect();
            let mut expected = before.clone();
            let number = rng.next_u64() as i64;
            for place in 0..bits {
                let bit = number >> (bits - 1 - place) & 1 == 1;
                set(&mut expected, field.offset + u64::from(place), bit);
            }
            let mut bytes = before;
            field.set(&mut bytes, number);
            assert_eq!(bytes, expected, "{field:?} = {number}");
            let kept = if signed {
                number << (64 - bits) >> (64 - bits)
            } else {
                (number as u64 & ((1 << bits) - 1)) as i64
            };
            assert_eq!(field.get(&bytes), kept, "{field:?}");
            let cut = &bytes[..=field.offset as usize / 8];
            let bit = get(cut, field.offset);
            assert_eq!(field.get(cut) >> (bits - 1) & 1 == 1, bit, "zeros beyond the end");
        }
    }

    #[test]
    fn numbers_that_do_not_fit_follow_the_policy() {
        let cases = [
            (field(true, 8, 0), 100, 100, (-56, 127)),
            (field(true, 8, 0), -100, -100, (56, -128)),
            (field(false, 8, 0), 255, 1, (0, 255)),
            (field(false, 8, 0), 0, -1, (255, 0)),
            (field(true, 64, 0), i64::MAX, 1, (i64::MIN, i64::MAX)),
            (field(true, 64, 0), i64::MIN, -1, (i64::MAX, i64::MIN)),
            (field(false, 63, 0), i64::MAX, i64::MAX, (i64::MAX - 1, i64::MAX)),
        ];
        for (field, number, increment, (wrapped, saturated)) in cases {
            let fit = |overflow| field.fit_sum(number, increment, overflow);
            assert_eq!(fit(Overflow::Wrap), (wrapped, false), "{field:?}");
            assert_eq!(fit(Overflow::Saturate), (saturated, false), "{field:?}");
            assert!(!fit(Overflow::Fail).1, "{field:?}");
            assert_eq!(field.fit_sum(number, 0, Overflow::Fail), (number, true), "{field:?}");
        }
        let small = field(false, 4, 0);
        assert_eq!(small.fit(-1, Overflow::Wrap), (15, false), "the lowest bits");
        assert_eq!(
            small.fit(-1, Overflow::Saturate),
            (15, false),
            "a large number, not a small one"
        );
    }
}
