//! From registers to a number of elements: Ertl's improved raw estimator, which needs no correction for few or many.

use super::{RANK_MAX, REGISTERS};

/// The limit of the bias correction for infinitely many registers: 1 / (2 ln 2).
const ALPHA: f64 = 0.721_347_520_444_481_7;

/// How many registers have each number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Histogram {
    /// Registers by their number; six bits hold no more than 63.
    pub counts: [usize; 64],
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: [0; 64] }
    }
}

impl Histogram {
    /// Counts some registers with the same number.
    pub fn add(&mut self, rank: u8, registers: usize) {
        if let Some(count) = self.counts.get_mut(usize::from(rank)) {
            *count += registers;
        }
    }

    /// The estimated number of elements.
    pub fn estimate(&self) -> u64 {
        let all = REGISTERS as f64;
        let full = self.counts[RANK_MAX] as f64;
        let mut sum = all * tau((all - full) / all);
        for &count in self.counts[1..RANK_MAX].iter().rev() {
            sum = 0.5 * (sum + count as f64);
        }
        sum += all * sigma(self.counts[0] as f64 / all);
        (ALPHA * all * all / sum).round() as u64
    }
}

/// x + the sum of `x^(2^k) * 2^(k-1)` over k from 1 on, for 0 ≤ x ≤ 1.
fn sigma(mut x: f64) -> f64 {
    if x >= 1.0 {
        return f64::INFINITY;
    }
    let (mut factor, mut sum) = (1.0, x);
    loop {
        x *= x;
        let before = sum;
        sum += x * factor;
        factor += factor;
        if sum <= before {
            return sum;
        }
    }
}

/// A third of 1 - x - the sum of `(1 - x^(2^-k))^2 * 2^-k` over k from 1 on, for 0 ≤ x ≤ 1.
fn tau(mut x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return 0.0;
    }
    let (mut factor, mut sum) = (1.0, 1.0 - x);
    loop {
        x = x.sqrt();
        let before = sum;
        factor *= 0.5;
        sum -= (1.0 - x) * (1.0 - x) * factor;
        if sum >= before {
            return sum / 3.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(counts: &[(u8, usize)]) -> Histogram {
        let mut histogram = Histogram::default();
        for &(rank, registers) in counts {
            histogram.add(rank, registers);
        }
        histogram
    }

    #[test]
    fn few_and_many_elements_are_estimated() {
        assert_eq!(of(&[(0, REGISTERS)]).estimate(), 0, "nothing was added");
        assert_eq!(of(&[(0, REGISTERS - 1), (1, 1)]).estimate(), 1, "one element");
        assert_eq!(of(&[(0, REGISTERS - 10), (1, 6), (2, 4)]).estimate(), 10, "ten elements");
        assert_eq!(of(&[(RANK_MAX as u8, REGISTERS)]).estimate(), u64::MAX, "no end of them");
    }
}
