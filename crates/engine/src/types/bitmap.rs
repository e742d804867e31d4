//! Strings as rows of bits: bit 0 is the highest bit of the first byte, and beyond the end all bits are 0.
//!
//! Functions on bytes only; how a string is stored does not matter here.

use std::ops::Range;

mod combine;
mod field;

pub use combine::Operation;
pub use field::{Field, Overflow};

/// Bytes that are looked at together.
const WORD: usize = 8;

/// The bit at an offset. O(1).
pub fn get(bytes: &[u8], offset: u64) -> bool {
    let byte = usize::try_from(offset / 8).ok().and_then(|at| bytes.get(at));
    byte.is_some_and(|byte| byte & mask(offset) != 0)
}

/// Sets the bit at an offset, which must lie within the bytes; the bit that was there. O(1).
pub fn set(bytes: &mut [u8], offset: u64, on: bool) -> bool {
    let Some(byte) = usize::try_from(offset / 8).ok().and_then(|at| bytes.get_mut(at)) else {
        return false;
    };
    let was = *byte & mask(offset) != 0;
    if was != on {
        *byte ^= mask(offset);
    }
    was
}

fn mask(offset: u64) -> u8 {
    0x80 >> (offset % 8)
}

/// How many bits are set in a range of bits; it may reach beyond the bytes. O(N), eight bytes at a time.
pub fn count(bytes: &[u8], bits: Range<u64>) -> u64 {
    let Some(span) = Span::new(bytes, bits) else { return 0 };
    let words = span.middle.chunks_exact(WORD);
    let rest = words.remainder().iter().map(|byte| byte.count_ones()).sum::<u32>();
    let edges =
        (span.head & span.head_mask).count_ones() + (span.tail & span.tail_mask).count_ones();
    words.map(|word| u64::from(word_of(word).count_ones())).sum::<u64>() + u64::from(rest + edges)
}

/// The first bit of a range that is `wanted`; where the range reaches beyond the bytes nothing is found.
/// O(N), eight bytes at a time.
pub fn position(bytes: &[u8], bits: Range<u64>, wanted: bool) -> Option<u64> {
    let span = Span::new(bytes, bits)?;
    // Bits are turned around when a 0 is looked for, so that it is always a 1.
    let turn = |byte: u8| if wanted { byte } else { !byte };
    let within = |at: usize, byte: u8| at as u64 * 8 + u64::from(byte.leading_zeros());
    let head = turn(span.head) & span.head_mask;
    if head != 0 {
        return Some(within(span.first, head));
    }
    let idle = if wanted { 0 } else { u64::MAX };
    let words = span.middle.chunks_exact(WORD);
    let skipped = words.take_while(|word| word_of(word) == idle).count() * WORD;
    let rest = span.middle.iter().enumerate().skip(skipped);
    let found = rest.map(|(at, &byte)| (at, turn(byte))).find(|&(_, byte)| byte != 0);
    if let Some((at, byte)) = found {
        return Some(within(span.first + 1 + at, byte));
    }
    let tail = turn(span.tail) & span.tail_mask;
    (tail != 0).then(|| within(span.first + 1 + span.middle.len(), tail))
}

/// The bytes that a range of bits touches.
struct Span<'a> {
    /// Index of the first of them.
    first: usize,
    head: u8,
    head_mask: u8,
    /// Those that belong to the range as a whole.
    middle: &'a [u8],
    tail: u8,
    /// 0 if the first byte is the last as well.
    tail_mask: u8,
}

impl<'a> Span<'a> {
    /// `None` if no byte is touched.
    fn new(bytes: &'a [u8], bits: Range<u64>) -> Option<Self> {
        let end = bits.end.min(bytes.len() as u64 * 8);
        if bits.start >= end {
            return None;
        }
        let (first, last) = ((bits.start / 8) as usize, ((end - 1) / 8) as usize);
        let from_start = 0xff >> (bits.start % 8);
        let to_end = !(0x7f >> ((end - 1) % 8));
        let is_one = first == last;
        Some(Self {
            first,
            head: *bytes.get(first)?,
            head_mask: if is_one { from_start & to_end } else { from_start },
            middle: bytes.get(first + 1..last).unwrap_or(&[]),
            tail: *bytes.get(last)?,
            tail_mask: if is_one { 0 } else { to_end },
        })
    }
}

/// Eight bytes as a number.
fn word_of(bytes: &[u8]) -> u64 {
    bytes.try_into().map_or(0, u64::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use redarium_structures::rng::Rng;

    use super::*;

    #[test]
    fn counts_and_positions_are_those_of_single_bits() {
        let mut rng = Rng::new(7);
        for round in 0..2000 {
            let len = rng.below(40) as usize;
            // Mostly equal bits, so that searches go far.
            let filling = [0, 0xff, 0x10, 0xef][round % 4];
            let mut bytes = vec![filling; len];
            for _ in 0..rng.below(3) {
                if let Some(byte) = bytes.get_mut(rng.below(40) as usize) {
                    *byte = rng.next_u64() as u8;
                }
            }
            let total = 8 * len as u64;
            let (a, b) = (rng.below(total + 9), rng.below(total + 9));
            let inside = a..b.min(total);
            let expected = inside.clone().filter(|&at| get(&bytes, at)).count() as u64;
            assert_eq!(count(&bytes, a..b), expected, "{bytes:?} {a}..{b}");
            for wanted in [false, true] {
                let expected = inside.clone().find(|&at| get(&bytes, at) == wanted);
                assert_eq!(position(&bytes, a..b, wanted), expected, "{bytes:?} {a}..{b} {wanted}");
            }
        }
    }

    #[test]
    fn a_bit_is_set_where_it_is_read() {
        let mut bytes = vec![0; 4];
        for offset in [0, 7, 8, 31] {
            assert!(!set(&mut bytes, offset, true), "it was 0");
            assert!(get(&bytes, offset), "and is 1");
        }
        assert_eq!(bytes, [0x81, 0x80, 0, 1], "the highest bit comes first");
        assert!(set(&mut bytes, 7, false), "it was 1");
        assert_eq!(bytes[0], 0x80, "and is 0");
        assert!(!get(&bytes, 32) && !get(&bytes, u64::MAX), "nothing beyond the end");
    }
}
