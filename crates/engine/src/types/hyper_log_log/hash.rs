//! The hash of an element, and which register it belongs to.

use super::{INDEX_BITS, REGISTERS};

/// The seed that Redis uses.
const SEED: u64 = 0xadc8_3b19;

/// The hash of an element.
pub fn hash(element: &[u8]) -> u64 {
    murmur_hash_64a(element, SEED)
}

/// The register of an element with a hash, and the number that it raises that register to: one more than the zeros that the rest
/// of its hash begins with, from the lowest bit on.
pub fn place(hash: u64) -> (usize, u8) {
    let rest = hash >> INDEX_BITS | 1 << (64 - INDEX_BITS);
    (hash as usize & (REGISTERS - 1), rest.trailing_zeros() as u8 + 1)
}

/// `MurmurHash64A` by Austin Appleby, reading its input lowest byte first.
fn murmur_hash_64a(bytes: &[u8], seed: u64) -> u64 {
    const FACTOR: u64 = 0xc6a4_a793_5bd1_e995;
    const SHIFT: u32 = 47;
    let mut hash = seed ^ (bytes.len() as u64).wrapping_mul(FACTOR);
    let chunks = bytes.chunks_exact(8);
    let tail = chunks.remainder();
    for chunk in chunks {
        let mut word = little_endian(chunk).wrapping_mul(FACTOR);
        word ^= word >> SHIFT;
        hash = (hash ^ word.wrapping_mul(FACTOR)).wrapping_mul(FACTOR);
    }
    if !tail.is_empty() {
        hash = (hash ^ little_endian(tail)).wrapping_mul(FACTOR);
    }
    hash ^= hash >> SHIFT;
    hash = hash.wrapping_mul(FACTOR);
    hash ^ hash >> SHIFT
}

/// Up to eight bytes as a number, the first being the lowest.
fn little_endian(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_have_the_places_that_redis_gives_them() {
        // From the registers of a Redis server after PFADD of one element.
        for (element, expected) in PLACES {
            assert_eq!(place(hash(element.as_bytes())), expected, "{element:?}");
        }
    }

    const PLACES: [(&str, (usize, u8)); 5] = [
        ("", (5938, 2)),
        ("a", (12_711, 2)),
        ("hello", (9216, 1)),
        ("12345678", (10_579, 3)),
        ("a longer element of 33 bytes here", (7471, 1)),
    ];
}
