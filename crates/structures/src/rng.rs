//! The one source of chance: a small seeded generator, integers only, fixed for ever.
//!
//! Every target draws the same numbers from the same seed, so a session can be replayed byte for
//! byte. It is not for secrets.

/// The generator xoshiro256++ (Blackman and Vigna, "Scrambled Linear Pseudorandom Number
/// Generators", 2021), seeded with splitmix64 (Steele, Lea and Flood, 2014).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rng {
    state: [u64; 4],
}

impl Rng {
    /// Makes the generator that belongs to `seed`; any seed is good, also 0.
    pub fn new(seed: u64) -> Self {
        let mut weyl = seed;
        let state = [(); 4].map(|()| {
            weyl = weyl.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = weyl;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        });
        Self { state }
    }

    /// Draws 64 random bits.
    #[inline]
    pub fn next_u64(&mut self) -> u64 {
        let [a, b, c, d] = &mut self.state;
        let drawn = a.wrapping_add(*d).rotate_left(23).wrapping_add(*a);
        let shifted = *b << 17;
        *c ^= *a;
        *d ^= *b;
        *b ^= *c;
        *a ^= *d;
        *c ^= shifted;
        *d = d.rotate_left(45);
        drawn
    }

    /// Draws a number from `0..n`, each equally likely (Lemire, "Fast Random Integer Generation in
    /// an Interval", 2019).
    ///
    /// # Panics
    ///
    /// When `n` is 0: there is nothing to draw from.
    #[inline]
    pub fn below(&mut self, n: u64) -> u64 {
        assert!(n > 0, "a draw needs at least one outcome");
        // Of 2^64 draws, `2^64 mod n` would favour some outcomes: those are drawn again.
        let unfair = n.wrapping_neg() % n;
        loop {
            let wide = u128::from(self.next_u64()) * u128::from(n);
            if wide as u64 >= unfair {
                return (wide >> 64) as u64;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fixed for ever: recorded sessions depend on these numbers.
    #[test]
    fn the_numbers_never_change() {
        let mut rng = Rng::new(0);
        // First outputs of splitmix64 from seed 0, as published with its reference code.
        assert_eq!(rng.state[0], 0xe220_a839_7b1d_cdaf, "splitmix64, first output");
        assert_eq!(rng.state[1], 0x6e78_9e6a_a1b9_65f4, "splitmix64, second output");
        assert_eq!(rng.next_u64(), 0x5317_5d61_490b_23df, "xoshiro256++, first output");
    }

    #[test]
    fn below_is_in_range_and_even() {
        let mut rng = Rng::new(7);
        let mut seen = [0u32; 6];
        for _ in 0..60_000 {
            seen[rng.below(6) as usize] += 1;
        }
        for count in seen {
            assert!((9_600..10_400).contains(&count), "a fair die: {seen:?}");
        }
        assert_eq!(rng.below(1), 0, "one outcome");
        assert!(rng.below(u64::MAX) < u64::MAX, "the widest range");
    }
}
