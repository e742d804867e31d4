//! Strings combined bit by bit; shorter ones count as filled up with zeros.

/// How the bits at one place become one bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Set in all.
    And,
    /// Set in any.
    Or,
    /// Set in an odd number.
    Xor,
    /// Not set in the only one.
    Not,
    /// Set in the first and in no other.
    Diff,
    /// Set in any but not in the first.
    Diff1,
    /// Set in the first and in any other.
    AndOr,
    /// Set in exactly one.
    One,
}

impl Operation {
    /// All of them with their names in BITOP.
    pub const NAMES: [(&'static str, Self); 8] = [
        ("AND", Self::And),
        ("OR", Self::Or),
        ("XOR", Self::Xor),
        ("NOT", Self::Not),
        ("DIFF", Self::Diff),
        ("DIFF1", Self::Diff1),
        ("ANDOR", Self::AndOr),
        ("ONE", Self::One),
    ];

    /// The result for some strings, as long as the longest of them. O(N), N being the bytes of all of them.
    pub fn combine<'a>(self, strings: impl Iterator<Item = &'a [u8]> + Clone) -> Vec<u8> {
        let longest = strings.clone().map(<[u8]>::len).max().unwrap_or(0);
        let mut others = strings;
        let Some(first) = others.next() else { return Vec::new() };
        let mut result = Vec::with_capacity(longest);
        match self {
            Self::Not => result.extend(first.iter().map(|byte| !byte)),
            Self::And => {
                result.extend_from_slice(first);
                for other in others {
                    result.truncate(other.len());
                    fold(&mut result, other, |a, b| a & b);
                }
                result.resize(longest, 0);
            }
            Self::Or | Self::Xor => {
                result.extend_from_slice(first);
                result.resize(longest, 0);
                for other in others {
                    match self {
                        Self::Or => fold(&mut result, other, |a, b| a | b),
                        _ => fold(&mut result, other, |a, b| a ^ b),
                    }
                }
            }
            Self::Diff | Self::Diff1 | Self::AndOr => {
                result.resize(longest, 0);
                others.for_each(|other| fold(&mut result, other, |a, b| a | b));
                let (inside, outside) = result.split_at_mut(first.len());
                match self {
                    Self::Diff => fold(inside, first, |any, first| first & !any),
                    Self::Diff1 => fold(inside, first, |any, first| any & !first),
                    _ => fold(inside, first, |any, first| first & any),
                }
                if self != Self::Diff1 {
                    outside.fill(0);
                }
            }
            Self::One => {
                result.extend_from_slice(first);
                result.resize(longest, 0);
                let mut twice = vec![0; longest];
                for other in others {
                    for ((once, twice), byte) in result.iter_mut().zip(&mut twice).zip(other) {
                        *twice |= *once & byte;
                        *once |= byte;
                    }
                }
                fold(&mut result, &twice, |once, twice| once & !twice);
            }
        }
        result
    }
}

/// Changes each byte together with the one beside it, as far as there is one.
fn fold(bytes: &mut [u8], other: &[u8], change: impl Fn(u8, u8) -> u8) {
    for (byte, other) in bytes.iter_mut().zip(other) {
        *byte = change(*byte, *other);
    }
}

#[cfg(test)]
mod tests {
    use redarium_structures::rng::Rng;

    use super::*;

    /// What each operation makes of one bit of every string.
    fn decide(operation: Operation, bits: &[bool]) -> bool {
        let set = bits.iter().filter(|bit| **bit).count();
        let (first, any_other) = (bits[0], bits[1..].contains(&true));
        match operation {
            Operation::And => set == bits.len(),
            Operation::Or => set > 0,
            Operation::Xor => set % 2 == 1,
            Operation::Not => !first,
            Operation::Diff => first && !any_other,
            Operation::Diff1 => !first && any_other,
            Operation::AndOr => first && any_other,
            Operation::One => set == 1,
        }
    }

    #[test]
    fn every_bit_of_a_result_is_decided_by_the_bits_at_its_place() {
        let mut rng = Rng::new(7);
        for round in 0..400 {
            let (name, operation) = Operation::NAMES[round % 8];
            let strings: Vec<Vec<u8>> = (0..if name == "NOT" { 1 } else { 1 + rng.below(4) })
                .map(|_| (0..rng.below(20)).map(|_| rng.next_u64() as u8).collect())
                .collect();
            let result = operation.combine(strings.iter().map(Vec::as_slice));
            let longest = strings.iter().map(Vec::len).max().unwrap();
            assert_eq!(result.len(), longest, "{name} is as long as the longest");
            for offset in 0..8 * longest as u64 {
                let bits: Vec<_> =
                    strings.iter().map(|string| super::super::get(string, offset)).collect();
                let expected = decide(operation, &bits);
                assert_eq!(super::super::get(&result, offset), expected, "{name} of {strings:?}");
            }
        }
    }
}
