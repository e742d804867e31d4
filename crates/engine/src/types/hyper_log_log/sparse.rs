//! Registers as runs of equal ones, in one or two bytes each: what most of them are while there are few elements.
//!
//! `00llllll` are up to 64 zeros, `01llllll llllllll` up to 16384, `1vvvvvll` up to 4 registers with a number up to 32;
//! lengths and numbers are stored less 1.

use super::{Corrupted, HEADER};

/// Registers of the longest run of each kind.
const ZERO_MAX: usize = 64;
const VAL_MAX: usize = 4;

/// The largest number that fits into a run.
const RANK_MAX: u8 = 32;

/// Runs that are looked at for joining after a change.
const JOINED_MAX: usize = 5;

/// A run of equal registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opcode {
    /// So many zeros, in one byte.
    Zero(usize),
    /// So many zeros, in two bytes.
    XZero(usize),
    /// So many registers with a number, in one byte.
    Val(u8, usize),
}

impl Opcode {
    /// A run of zeros in the shortest form.
    pub fn zeros(len: usize) -> Self {
        if len > ZERO_MAX { Self::XZero(len) } else { Self::Zero(len) }
    }

    /// How many registers it stands for.
    pub fn registers(self) -> usize {
        match self {
            Self::Zero(len) | Self::XZero(len) | Self::Val(_, len) => len,
        }
    }

    /// Their number.
    pub fn rank(self) -> u8 {
        match self {
            Self::Zero(_) | Self::XZero(_) => 0,
            Self::Val(rank, _) => rank,
        }
    }

    /// Bytes that it takes.
    pub fn bytes(self) -> usize {
        if matches!(self, Self::XZero(_)) { 2 } else { 1 }
    }

    /// The run that some bytes begin with; `None` if there is not all of it.
    fn read(bytes: &[u8]) -> Option<Self> {
        let (&byte, rest) = bytes.split_first()?;
        let low = usize::from(byte & 0x3f);
        Some(match byte >> 6 {
            0 => Self::Zero(low + 1),
            1 => Self::XZero((low << 8 | usize::from(*rest.first()?)) + 1),
            _ => Self::Val((byte >> 2 & 0x1f) + 1, (low & 3) + 1),
        })
    }

    /// Appends its bytes; number and length must be within its kind's limits.
    pub(super) fn write(self, out: &mut Vec<u8>) {
        match self {
            Self::Zero(len) => out.push((len - 1) as u8),
            Self::XZero(len) => out.extend_from_slice(&(0x4000 | (len - 1) as u16).to_be_bytes()),
            Self::Val(rank, len) => out.push(0x80 | (rank - 1) << 2 | (len - 1) as u8),
        }
    }
}

/// A run and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// Where its bytes begin in the string.
    pub at: usize,
    /// Its first register.
    pub first: usize,
    /// Which registers it stands for.
    pub opcode: Opcode,
}

impl Run {
    /// The register behind its last one.
    pub fn end(self) -> usize {
        self.first + self.opcode.registers()
    }
}

/// The runs of a sparse string, in order.
#[derive(Debug, Clone)]
pub struct Opcodes<'a> {
    string: &'a [u8],
    at: usize,
    first: usize,
}

impl<'a> Opcodes<'a> {
    /// All of them.
    pub fn new(string: &'a [u8]) -> Self {
        Self { string, at: HEADER, first: 0 }
    }
}

impl Iterator for Opcodes<'_> {
    type Item = Run;

    fn next(&mut self) -> Option<Self::Item> {
        let opcode = Opcode::read(self.string.get(self.at..)?)?;
        let run = Run { at: self.at, first: self.first, opcode };
        self.at += opcode.bytes();
        self.first = run.end();
        Some(run)
    }
}

/// Raises a register to `rank`; whether it was lower, or nothing if the string has to become dense for that.
pub(super) fn raise(
    string: &mut Vec<u8>,
    index: usize,
    rank: u8,
    max_bytes: usize,
) -> Result<Option<bool>, Corrupted> {
    if rank > RANK_MAX {
        return Ok(None);
    }
    let mut walk = Opcodes::new(string);
    let mut before = HEADER;
    let run = loop {
        let run = walk.next().ok_or(Corrupted)?;
        if index < run.end() {
            break run;
        }
        before = run.at;
    };
    let Run { at, first, opcode } = run;
    if rank <= opcode.rank() {
        return Ok(Some(false));
    }
    let same = |len| match opcode {
        Opcode::Val(rank, _) => Opcode::Val(rank, len),
        Opcode::Zero(_) | Opcode::XZero(_) => Opcode::zeros(len),
    };
    let (left, right) = (index - first, run.end() - 1 - index);
    let mut parts = Vec::with_capacity(5);
    if left > 0 {
        same(left).write(&mut parts);
    }
    Opcode::Val(rank, 1).write(&mut parts);
    if right > 0 {
        same(right).write(&mut parts);
    }
    let grows = parts.len() > opcode.bytes();
    if grows && string.len() - opcode.bytes() + parts.len() > max_bytes {
        return Ok(None);
    }
    string.splice(at..at + opcode.bytes(), parts);
    join(string, before);
    super::invalidate(string);
    Ok(Some(true))
}

/// Joins neighbours with the same number from a run on, as far as a change can have reached.
fn join(string: &mut Vec<u8>, mut at: usize) {
    let read = |string: &[u8], at: usize| string.get(at..).and_then(Opcode::read);
    for _ in 0..JOINED_MAX {
        let Some(opcode) = read(string, at) else { return };
        let next = at + opcode.bytes();
        match (opcode, read(string, next)) {
            (Opcode::Val(rank, len), Some(Opcode::Val(next_rank, next_len)))
                if rank == next_rank && len + next_len <= VAL_MAX =>
            {
                let mut joined = Vec::with_capacity(1);
                Opcode::Val(rank, len + next_len).write(&mut joined);
                string.splice(at..=next, joined);
            }
            _ => at = next,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::empty;
    use super::*;

    fn opcodes(string: &[u8]) -> Vec<Opcode> {
        Opcodes::new(string).map(|run| run.opcode).collect()
    }

    fn set(string: &mut Vec<u8>, index: usize, rank: u8) -> Option<bool> {
        raise(string, index, rank, 3000).unwrap()
    }

    #[test]
    fn runs_are_split_and_joined() {
        use Opcode::{Val, XZero, Zero};
        let mut string = empty();
        assert_eq!(opcodes(&string), [XZero(16384)], "at first");
        assert_eq!(set(&mut string, 100, 3), Some(true), "it was 0");
        assert_eq!(opcodes(&string), [XZero(100), Val(3, 1), XZero(16283)], "split in three");
        set(&mut string, 101, 3);
        set(&mut string, 103, 3);
        set(&mut string, 102, 3);
        assert_eq!(opcodes(&string), [XZero(100), Val(3, 4), XZero(16280)], "joined");
        set(&mut string, 104, 3);
        assert_eq!(opcodes(&string)[1..3], [Val(3, 4), Val(3, 1)], "no run is longer than 4");
        set(&mut string, 101, 9);
        assert_eq!(opcodes(&string)[1..4], [Val(3, 1), Val(9, 1), Val(3, 3)], "split and joined");
        assert_eq!(set(&mut string, 101, 9), Some(false), "as high already");
        set(&mut string, 40, 1);
        assert_eq!(opcodes(&string)[..3], [Zero(40), Val(1, 1), Zero(59)], "short runs of zeros");
    }

    #[test]
    fn what_does_not_fit_asks_for_dense() {
        let mut string = empty();
        assert_eq!(set(&mut string, 5, 33), None, "too large a number");
        assert_eq!(raise(&mut string, 5, 2, 18), Ok(None), "too many bytes");
        assert_eq!(string, empty(), "nothing has changed");
        assert_eq!(raise(&mut string, 5, 2, 20), Ok(Some(true)), "just enough");
    }
}
