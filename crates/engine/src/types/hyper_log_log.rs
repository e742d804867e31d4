//! `HyperLogLog`: an estimate of how many different elements were added, in at most 12 kB, kept in a string.
//!
//! Each element belongs to one of 16384 registers, which keeps the longest run of zeros that a hash of its elements
//! began with. The string is Redis's own: a header of 16 bytes, then the registers, either packed to six bits each
//! (dense) or as runs of equal ones (sparse).
//! It is described in Flajolet et al., "`HyperLogLog`: the analysis of a near-optimal cardinality estimation algorithm"
//! (2007); the estimator is that of Ertl, "New cardinality estimation algorithms for `HyperLogLog` sketches" (2017).

mod dense;
mod estimate;
mod hash;
mod sparse;

use redarium_structures::trace::Trace;

pub use estimate::Histogram;
pub use hash::{hash, place};
pub use sparse::{Opcode, Opcodes, Run};

/// Number of registers.
pub const REGISTERS: usize = 1 << INDEX_BITS;

/// Bits of a hash that choose the register.
const INDEX_BITS: u32 = 14;

/// The largest number a register can get: all other bits of a hash are zeros.
pub const RANK_MAX: usize = 64 - INDEX_BITS as usize + 1;

/// Magic, encoding, three unused bytes, cached count.
const HEADER: usize = 16;

/// Where the cached count stands, lowest byte first; the highest bit of the last one says that it is out of date.
const CACHED: std::ops::Range<usize> = 8..HEADER;

const MAGIC: &[u8] = b"HYLL";
const ENCODING: usize = 4;
const DENSE: u8 = 0;
const SPARSE: u8 = 1;

/// A step of adding an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum HyperLogLogStep {
    /// The hash of the element chose a register and a number.
    Hash {
        /// The upper half of the hash.
        high: u32,
        /// The lower half.
        low: u32,
        /// The register: the lowest 14 bits.
        register: usize,
        /// One more than the zeros that follow.
        rank: u8,
    },
    /// The registers were packed to six bits each, as they took too many bytes as runs.
    Dense,
    /// A register was lower.
    Raise {
        /// Which.
        register: usize,
        /// Its number now.
        to: u8,
    },
}

/// That the registers of a string are not what the header promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Corrupted;

/// All registers, a byte each: for looking at, and for the union of several.
pub type Registers = [u8; REGISTERS];

/// The string of an empty one.
pub fn empty() -> Vec<u8> {
    let mut string = header(SPARSE);
    Opcode::zeros(REGISTERS).write(&mut string);
    string
}

/// A header whose cached count is 0.
fn header(encoding: u8) -> Vec<u8> {
    let mut header = [MAGIC, &[encoding]].concat();
    header.resize(HEADER, 0);
    header
}

/// Whether a string looks like one of these. O(1): only the header and the length are looked at.
pub fn is_valid(string: &[u8]) -> bool {
    string.starts_with(MAGIC)
        && string.len() >= HEADER
        && match string.get(ENCODING) {
            Some(&DENSE) => string.len() == HEADER + dense::LEN,
            Some(&SPARSE) => true,
            _ => false,
        }
}

/// Whether the registers are packed to six bits each.
pub fn is_dense(string: &[u8]) -> bool {
    string.get(ENCODING) == Some(&DENSE)
}

/// The count that was estimated last, unless registers have changed since.
pub fn cached(string: &[u8]) -> Option<u64> {
    let bytes = string.get(CACHED)?.try_into().ok()?;
    Some(u64::from_le_bytes(bytes)).filter(|count| count >> 63 == 0)
}

/// Keeps a count for [`cached`].
pub fn set_cached(string: &mut [u8], count: u64) {
    if let Some(slot) = string.get_mut(CACHED) {
        slot.copy_from_slice(&count.to_le_bytes());
    }
}

/// Says that the cached count is out of date.
pub fn invalidate(string: &mut [u8]) {
    if let Some(byte) = string.get_mut(CACHED.end - 1) {
        *byte |= 0x80;
    }
}

/// Adds an element; whether that changed a register. O(1), sparse O(N) in the bytes of the string.
///
/// A sparse string that would become longer than `sparse_max` bytes becomes dense.
pub fn add(
    string: &mut Vec<u8>,
    element: &[u8],
    sparse_max: usize,
    trace: &mut impl Trace<HyperLogLogStep>,
) -> Result<bool, Corrupted> {
    let hash = hash(element);
    let (register, rank) = place(hash);
    let (high, low) = ((hash >> 32) as u32, hash as u32);
    trace.step(HyperLogLogStep::Hash { high, low, register, rank });
    raise(string, register, rank, sparse_max, trace)
}

/// Raises a register to `rank`; whether it was lower. The cost is that of [`add`].
pub fn raise(
    string: &mut Vec<u8>,
    index: usize,
    rank: u8,
    sparse_max: usize,
    trace: &mut impl Trace<HyperLogLogStep>,
) -> Result<bool, Corrupted> {
    let mut raised = None;
    if !is_dense(string) {
        raised = sparse::raise(string, index, rank, sparse_max)?;
        if raised.is_none() {
            to_dense(string)?;
            trace.step(HyperLogLogStep::Dense);
        }
    }
    let packed = string.get_mut(HEADER..).unwrap_or(&mut []);
    let raised = raised.unwrap_or_else(|| dense::raise(packed, index, rank));
    if raised {
        trace.step(HyperLogLogStep::Raise { register: index, to: rank });
    }
    Ok(raised)
}

/// Makes a sparse string dense; whether it was sparse. O(1): a fixed number of registers.
pub fn to_dense(string: &mut Vec<u8>) -> Result<bool, Corrupted> {
    if is_dense(string) {
        return Ok(false);
    }
    let mut dense = header(DENSE);
    dense.resize(HEADER + dense::LEN, 0);
    if let (Some(old), Some(new)) = (string.get(CACHED), dense.get_mut(CACHED)) {
        new.copy_from_slice(old);
    }
    let packed = dense.get_mut(HEADER..).unwrap_or(&mut []);
    visit(string, |first, len, rank| {
        for index in first..first + len {
            dense::raise(packed, index, rank);
        }
    })?;
    *string = dense;
    Ok(true)
}

/// Raises registers to those of a string where they are lower. O(1): a fixed number of registers.
pub fn merge(registers: &mut Registers, string: &[u8]) -> Result<(), Corrupted> {
    visit(string, |first, len, rank| {
        for register in registers.iter_mut().skip(first).take(len) {
            *register = rank.max(*register);
        }
    })
}

/// How many different elements were added, estimated from the registers. O(1): a fixed number of registers.
pub fn count(string: &[u8]) -> Result<u64, Corrupted> {
    let mut histogram = Histogram::default();
    visit(string, |_, len, rank| histogram.add(rank, len))?;
    Ok(histogram.estimate())
}

/// The estimate for registers that stand in no string.
pub fn count_registers(registers: &Registers) -> u64 {
    let mut histogram = Histogram::default();
    for &rank in registers {
        histogram.add(rank, 1);
    }
    histogram.estimate()
}

/// Hands over all registers as runs of equal ones: the first, how many, and their number.
///
/// The runs of a corrupted string stay within the registers.
fn visit(string: &[u8], mut run: impl FnMut(usize, usize, u8)) -> Result<(), Corrupted> {
    if is_dense(string) {
        let registers = dense::registers(string.get(HEADER..).unwrap_or(&[]));
        registers.enumerate().for_each(|(index, rank)| run(index, 1, rank));
        return Ok(());
    }
    let (mut end, mut at) = (0, HEADER);
    for found in Opcodes::new(string) {
        (end, at) = (found.end(), found.at + found.opcode.bytes());
        if end > REGISTERS {
            return Err(Corrupted);
        }
        run(found.first, found.opcode.registers(), found.opcode.rank());
    }
    // Half a run at the end is one too many as well.
    if end == REGISTERS && at == string.len() { Ok(()) } else { Err(Corrupted) }
}

#[cfg(test)]
mod tests {
    use redarium_structures::rng::Rng;
    use redarium_structures::trace::NoTrace;

    use super::*;

    const SPARSE_MAX: usize = 3000;

    fn registers(string: &[u8]) -> Registers {
        let mut registers = [0; REGISTERS];
        merge(&mut registers, string).unwrap();
        registers
    }

    #[test]
    fn both_encodings_keep_the_same_registers() {
        let mut rng = Rng::new(7);
        for limit in [0, 100, SPARSE_MAX, 20_000] {
            let mut string = empty();
            let mut model = [0; REGISTERS];
            for _ in 0..6000 {
                // Neighbours often meet, so that runs are split and joined.
                let index = if rng.below(2) == 0 { rng.below(300) } else { rng.below(1 << 14) };
                let index = index as usize;
                let rank = 1 + rng.below(4) as u8;
                let rank = if rng.below(3000) == 0 { rank + 30 } else { rank };
                let raised = raise(&mut string, index, rank, limit, &mut NoTrace).unwrap();
                assert_eq!(raised, rank > model[index], "register {index} to {rank}");
                model[index] = rank.max(model[index]);
                assert!(is_valid(&string), "after every change");
                assert!(is_dense(&string) || string.len() <= limit.max(18), "not too long");
            }
            assert!(registers(&string) == model, "limit {limit}");
            let sparse_count = count(&string);
            to_dense(&mut string).unwrap();
            assert!(registers(&string) == model, "dense, limit {limit}");
            assert_eq!(count(&string), sparse_count, "counted alike");
            assert_eq!(count_registers(&model), sparse_count.unwrap(), "counted alike");
        }
    }

    #[test]
    fn a_hundred_thousand_elements_count_as_in_redis() {
        let mut string = empty();
        for number in 1..=100_000 {
            add(&mut string, format!("u{number}").as_bytes(), SPARSE_MAX, &mut NoTrace).unwrap();
        }
        assert!(is_dense(&string), "long since");
        assert_eq!(count(&string), Ok(100_425), "0.4 % too many");
    }

    #[test]
    fn the_cached_count_lasts_until_it_is_out_of_date() {
        let mut string = empty();
        assert_eq!(cached(&string), Some(0), "nothing was added");
        set_cached(&mut string, 1 << 40);
        assert_eq!(cached(&string), Some(1 << 40), "kept");
        invalidate(&mut string);
        assert_eq!(cached(&string), None, "out of date");
    }

    #[test]
    fn what_is_no_such_string_is_found_out() {
        assert!(is_valid(&empty()), "the smallest");
        for string in [&b""[..], b"HYLL", b"HYLx\x01\0\0\0\0\0\0\0\0\0\0\0\x7f\xff"] {
            assert!(!is_valid(string), "{string:?}");
        }
        let mut string = empty();
        string[ENCODING] = DENSE;
        assert!(!is_valid(&string), "too short for dense");
        string[ENCODING] = 2;
        assert!(!is_valid(&string), "no such encoding");
    }

    #[test]
    fn nothing_may_stand_behind_the_last_register() {
        for byte in [0x00, 0x62, 0x80] {
            let mut string = empty();
            string.push(byte);
            assert_eq!(count(&string), Err(Corrupted), "a whole run or half a one: {byte:#x}");
        }
    }

    #[test]
    fn corrupted_registers_are_refused_and_never_left() {
        let mut rng = Rng::new(7);
        let mut whole = empty();
        for number in 0..100 {
            add(&mut whole, &[number], SPARSE_MAX, &mut NoTrace).unwrap();
        }
        let mut refused = 0;
        for _ in 0..2000 {
            let mut string = whole.clone();
            let at = HEADER + rng.below((string.len() - HEADER) as u64) as usize;
            string[at] = rng.next_u64() as u8;
            string.truncate(HEADER + rng.below(string.len() as u64) as usize);
            refused += usize::from(count(&string) == Err(Corrupted));
            let mut registers = [0; REGISTERS];
            assert_eq!(merge(&mut registers, &string).is_err(), count(&string).is_err(), "alike");
            let element = rng.next_u64().to_le_bytes();
            let _ = add(&mut string.clone(), &element, SPARSE_MAX, &mut NoTrace);
            let _ = add(&mut string.clone(), &element, 0, &mut NoTrace);
            assert_eq!(to_dense(&mut string.clone()).is_err(), count(&string).is_err(), "alike");
        }
        assert!(refused > 1000, "most of them are wrong");
    }
}
