//! Registers packed to six bits each, the lowest bits first.

use super::REGISTERS;

/// Bytes of all registers.
pub(super) const LEN: usize = REGISTERS * BITS / 8;

const BITS: usize = 6;
const MASK: u32 = (1 << BITS) - 1;

/// Four registers fill three bytes.
const GROUP: usize = 4;
const GROUP_LEN: usize = GROUP * BITS / 8;

/// Raises a register to `rank`; whether it was lower.
pub(super) fn raise(packed: &mut [u8], index: usize, rank: u8) -> bool {
    let start = index / GROUP * GROUP_LEN;
    let Some(bytes) = packed.get_mut(start..start + GROUP_LEN) else { return false };
    let shift = index % GROUP * BITS;
    let group = group_of(bytes);
    if u32::from(rank) <= group >> shift & MASK {
        return false;
    }
    let group = group & !(MASK << shift) | u32::from(rank) << shift;
    bytes.copy_from_slice(&group.to_le_bytes()[..GROUP_LEN]);
    true
}

/// All registers in order.
pub(super) fn registers(packed: &[u8]) -> impl Iterator<Item = u8> {
    packed.chunks_exact(GROUP_LEN).flat_map(|bytes| {
        let group = group_of(bytes);
        [group, group >> BITS, group >> (2 * BITS), group >> (3 * BITS)]
            .map(|bits| (bits & MASK) as u8)
    })
}

fn group_of(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |group, &byte| group << 8 | u32::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registers_lie_where_redis_has_them() {
        let mut packed = vec![0; LEN];
        assert!(raise(&mut packed, 0, 0b11_0101), "it was 0");
        assert!(raise(&mut packed, 1, 0b10_0110), "it was 0");
        assert_eq!(packed[..3], [0b1011_0101, 0b1001, 0], "the lowest bits first");
        assert!(!raise(&mut packed, 0, 0b11_0100), "not lower than that");
        assert!(raise(&mut packed, REGISTERS - 1, 63), "the last");
        let all: Vec<_> = registers(&packed).collect();
        assert_eq!((all.len(), all[1], all[2], all[REGISTERS - 1]), (REGISTERS, 38, 0, 63), "read");
    }
}
