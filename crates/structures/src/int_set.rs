//! A sorted array of integers, each as wide as the widest needs: how small sets of numbers are
//! stored.
//!
//! Two little-endian `u32` (the width in bytes: 2, 4 or 8; the count), then the numbers in
//! ascending order. Membership is a binary search. A number too wide for the array widens all of
//! them first; the array never narrows again, also not when that number leaves.
//!
//! Source: the layout that Redis writes into its dumps.
//!
//! It knows nothing about members as text, about keys, or about when a set stops being one of
//! integers.

use crate::trace::Trace;

/// Bytes before the first number.
const HEADER: usize = 8;

/// What happened inside an integer set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum IntSetStep {
    /// The binary search compared the number at this index.
    Probe {
        /// Its index.
        index: usize,
        /// The number found there.
        #[cfg_attr(feature = "serde", serde(with = "crate::exact"))]
        value: i64,
    },
    /// Every number was rewritten with more bytes.
    Upgrade {
        /// Bytes per number before.
        from: usize,
        /// Bytes per number after.
        to: usize,
    },
    /// A number was written, after `moved` bytes behind it had made room.
    Insert {
        /// Its index.
        index: usize,
        /// How many bytes were moved.
        moved: usize,
    },
    /// A number was taken out and `moved` bytes closed the gap.
    Remove {
        /// Its index.
        index: usize,
        /// How many bytes were moved.
        moved: usize,
    },
}

/// Why bytes are not an integer set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntSetError {
    /// Shorter than the header.
    TooShort,
    /// The width is not 2, 4 or 8.
    BadWidth,
    /// The length differs from what width and count say.
    WrongLength,
    /// The number at this index is not greater than the one before it.
    NotAscending(usize),
}

/// A set of 64-bit integers in one run of bytes. Cloning copies the bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct IntSet {
    /// The header and the numbers, strictly ascending.
    bytes: Vec<u8>,
}

impl IntSet {
    /// An empty set, two bytes wide.
    pub fn new() -> IntSet {
        IntSet { bytes: vec![2, 0, 0, 0, 0, 0, 0, 0] }
    }

    /// Takes over bytes from a dump after checking all of them, O(n).
    pub fn from_bytes(bytes: Vec<u8>) -> Result<IntSet, IntSetError> {
        let set = IntSet { bytes };
        set.validate()?;
        Ok(set)
    }

    /// The whole set as a dump holds it.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many bytes of memory the set has reserved.
    pub fn heap_bytes(&self) -> usize {
        self.bytes.capacity()
    }

    /// How many bytes each number takes: 2, 4 or 8.
    #[inline]
    pub fn width(&self) -> usize {
        usize::from(self.bytes[0])
    }

    /// How many numbers there are.
    #[inline]
    pub fn len(&self) -> usize {
        (self.bytes.len() - HEADER) / self.width()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.bytes.len() == HEADER
    }

    /// The number with this index in ascending order, O(1). A random index gives a random member.
    pub fn get(&self, index: usize) -> Option<i64> {
        (index < self.len()).then(|| self.at(index))
    }

    /// Whether the number is a member, O(log n).
    pub fn contains(&self, value: i64, trace: &mut impl Trace<IntSetStep>) -> bool {
        width_of(value) <= self.width() && self.search(value, trace).is_ok()
    }

    /// Adds a number and answers whether it is new. O(n): everything behind it moves.
    pub fn insert(&mut self, value: i64, trace: &mut impl Trace<IntSetStep>) -> bool {
        let width = width_of(value);
        let index = if width > self.width() {
            self.upgrade(width, trace);
            // Wider than every member: below the first or above the last.
            if value < 0 { 0 } else { self.len() }
        } else {
            match self.search(value, trace) {
                Ok(_) => return false,
                Err(index) => index,
            }
        };
        let width = self.width();
        let offset = HEADER + index * width;
        let len = self.bytes.len();
        self.reserve(width);
        self.bytes.resize(len + width, 0);
        self.bytes.copy_within(offset..len, offset + width);
        self.bytes[offset..offset + width].copy_from_slice(&value.to_le_bytes()[..width]);
        self.store_count();
        trace.step(IntSetStep::Insert { index, moved: len - offset });
        true
    }

    /// Takes a number out and answers whether it was a member. O(n): everything behind it moves.
    pub fn remove(&mut self, value: i64, trace: &mut impl Trace<IntSetStep>) -> bool {
        if width_of(value) > self.width() {
            return false;
        }
        let Ok(index) = self.search(value, trace) else { return false };
        let width = self.width();
        let offset = HEADER + index * width;
        let moved = self.bytes.len() - offset - width;
        self.bytes.copy_within(offset + width.., offset);
        self.bytes.truncate(offset + moved);
        if self.bytes.capacity() > 64 && self.bytes.len() < self.bytes.capacity() / 2 {
            self.bytes.shrink_to(self.bytes.len() + self.bytes.len() / 8);
        }
        self.store_count();
        trace.step(IntSetStep::Remove { index, moved });
        true
    }

    /// The numbers in ascending order.
    pub fn iter(
        &self,
    ) -> impl DoubleEndedIterator<Item = i64> + ExactSizeIterator + Clone + use<'_> {
        (0..self.len()).map(|index| self.at(index))
    }

    /// Verifies every invariant, O(n).
    ///
    /// # Panics
    ///
    /// When one does not hold; for tests.
    pub fn check(&self) {
        assert_eq!(self.validate(), Ok(()), "an integer set must always be a valid dump");
    }

    fn validate(&self) -> Result<(), IntSetError> {
        let [w0, w1, w2, w3, c0, c1, c2, c3, ref numbers @ ..] = *self.bytes.as_slice() else {
            return Err(IntSetError::TooShort);
        };
        let width = u32::from_le_bytes([w0, w1, w2, w3]) as usize;
        if !matches!(width, 2 | 4 | 8) {
            return Err(IntSetError::BadWidth);
        }
        let count = u32::from_le_bytes([c0, c1, c2, c3]) as usize;
        if count.checked_mul(width) != Some(numbers.len()) {
            return Err(IntSetError::WrongLength);
        }
        match (1..count).find(|&index| self.at(index - 1) >= self.at(index)) {
            Some(index) => Err(IntSetError::NotAscending(index)),
            None => Ok(()),
        }
    }

    #[inline]
    fn at(&self, index: usize) -> i64 {
        let numbers = &self.bytes[HEADER..];
        match self.width() {
            2 => i64::from(i16::from_le_bytes(chunk(numbers, index))),
            4 => i64::from(i32::from_le_bytes(chunk(numbers, index))),
            _ => i64::from_le_bytes(chunk(numbers, index)),
        }
    }

    /// The index of `value`, or where it belongs.
    fn search(&self, value: i64, trace: &mut impl Trace<IntSetStep>) -> Result<usize, usize> {
        let (mut low, mut high) = (0, self.len());
        // Numbers often arrive in order: one look at the last one settles those.
        if let Some(last) = high.checked_sub(1) {
            let found = self.at(last);
            trace.step(IntSetStep::Probe { index: last, value: found });
            match value.cmp(&found) {
                std::cmp::Ordering::Greater => return Err(high),
                std::cmp::Ordering::Equal => return Ok(last),
                std::cmp::Ordering::Less => high = last,
            }
        }
        while low < high {
            let index = usize::midpoint(low, high);
            let found = self.at(index);
            trace.step(IntSetStep::Probe { index, value: found });
            match value.cmp(&found) {
                std::cmp::Ordering::Greater => low = index + 1,
                std::cmp::Ordering::Equal => return Ok(index),
                std::cmp::Ordering::Less => high = index,
            }
        }
        Err(low)
    }

    fn upgrade(&mut self, to: usize, trace: &mut impl Trace<IntSetStep>) {
        let from = self.width();
        // Room for the number that made the upgrade necessary.
        let mut wider = Vec::with_capacity(HEADER + (self.len() + 1) * to);
        wider.extend_from_slice(&(to as u32).to_le_bytes());
        wider.extend_from_slice(&self.bytes[4..HEADER]);
        for value in self.iter() {
            wider.extend_from_slice(&value.to_le_bytes()[..to]);
        }
        self.bytes = wider;
        trace.step(IntSetStep::Upgrade { from, to });
    }

    fn store_count(&mut self) {
        let count = self.len() as u32;
        self.bytes[4..HEADER].copy_from_slice(&count.to_le_bytes());
    }

    /// Makes room for `more` bytes, growing by an eighth: compactness is what this structure is
    /// for.
    fn reserve(&mut self, more: usize) {
        let needed = self.bytes.len() + more;
        if needed > self.bytes.capacity() {
            self.bytes.reserve_exact(needed + needed / 8 - self.bytes.len());
        }
    }
}

impl Default for IntSet {
    fn default() -> IntSet {
        IntSet::new()
    }
}

impl std::fmt::Debug for IntSet {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_set().entries(self.iter()).finish()
    }
}

/// The fewest bytes, of 2, 4 and 8, that hold the number.
fn width_of(value: i64) -> usize {
    if i16::try_from(value).is_ok() {
        2
    } else if i32::try_from(value).is_ok() {
        4
    } else {
        8
    }
}

#[inline]
fn chunk<const N: usize>(numbers: &[u8], index: usize) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.copy_from_slice(&numbers[index * N..index * N + N]);
    bytes
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::rng::Rng;
    use crate::trace::NoTrace;

    /// The sets inside `DUMP z` of a Redis 7.0.15 after `SADD z 1 -2 300`, then `SADD z 70000`,
    /// then `SADD z -5000000000`.
    const DUMPS: [&[u8]; 3] = [
        b"\x02\0\0\0\x03\0\0\0\xfe\xff\x01\0\x2c\x01",
        b"\x04\0\0\0\x04\0\0\0\xfe\xff\xff\xff\x01\0\0\0\x2c\x01\0\0\x70\x11\x01\0",
        b"\x08\0\0\0\x05\0\0\0\0\x0e\xfa\xd5\xfe\xff\xff\xff\xfe\xff\xff\xff\xff\xff\xff\xff\
          \x01\0\0\0\0\0\0\0\x2c\x01\0\0\0\0\0\0\x70\x11\x01\0\0\0\0\0",
    ];

    #[test]
    fn bytes_equal_a_real_servers() {
        let mut set = IntSet::new();
        for (values, dump) in
            [(&[1, -2, 300][..], DUMPS[0]), (&[70_000], DUMPS[1]), (&[-5_000_000_000], DUMPS[2])]
        {
            for value in values {
                assert!(set.insert(*value, &mut NoTrace), "{value} is new");
            }
            assert_eq!(set.as_bytes(), dump, "after {values:?}");
            assert_eq!(IntSet::from_bytes(dump.to_vec()).as_ref(), Ok(&set), "read back");
        }
    }

    #[test]
    fn damaged_bytes_are_refused() {
        let damaged = |at: usize, byte: u8| {
            let mut bytes = DUMPS[0].to_vec();
            bytes[at] = byte;
            IntSet::from_bytes(bytes)
        };
        assert_eq!(
            IntSet::from_bytes(vec![2, 0, 0, 0]),
            Err(IntSetError::TooShort),
            "half a header"
        );
        assert_eq!(damaged(0, 3), Err(IntSetError::BadWidth), "width");
        assert_eq!(damaged(3, 1), Err(IntSetError::BadWidth), "a width beyond a byte");
        assert_eq!(damaged(4, 4), Err(IntSetError::WrongLength), "count");
        assert_eq!(damaged(9, 0x7f), Err(IntSetError::NotAscending(1)), "order");
        assert_eq!(damaged(13, 0x80), Err(IntSetError::NotAscending(2)), "a negative number last");
    }

    #[test]
    fn steps_name_probes_and_moves() {
        let mut set = IntSet::new();
        let mut steps = Vec::new();
        for value in [10, 30, 20] {
            set.insert(value, &mut NoTrace);
        }
        set.remove(10, &mut steps);
        set.insert(40_000, &mut steps);
        let expected = [
            IntSetStep::Probe { index: 2, value: 30 },
            IntSetStep::Probe { index: 1, value: 20 },
            IntSetStep::Probe { index: 0, value: 10 },
            IntSetStep::Remove { index: 0, moved: 4 },
            IntSetStep::Upgrade { from: 2, to: 4 },
            IntSetStep::Insert { index: 2, moved: 0 },
        ];
        assert_eq!(steps, expected, "facts of each operation");
    }

    #[test]
    fn behaves_as_a_sorted_set() {
        for seed in 0..12 {
            let mut rng = Rng::new(seed);
            let mut set = IntSet::new();
            let mut model = BTreeSet::new();
            let mut widest = 2;
            for round in 0..3000 {
                // Wide numbers come late, so that each width is lived in for a while.
                let bits = [10, 15, 31, 63][(round / 800).min(3) as usize];
                let value = (rng.next_u64() as i64) >> (63 - bits) >> rng.below(8);
                let kept = (rng.below(64) == 0).then(|| (set.clone(), model.clone()));
                assert_eq!(
                    set.contains(value, &mut NoTrace),
                    model.contains(&value),
                    "membership of {value}"
                );
                if rng.below(5) < 3 {
                    assert_eq!(
                        set.insert(value, &mut NoTrace),
                        model.insert(value),
                        "insert {value}"
                    );
                    widest = widest.max(width_of(value));
                } else {
                    let value = match set.len() {
                        0 => value,
                        len => set.get(rng.below(len as u64) as usize).unwrap_or(value),
                    };
                    assert_eq!(
                        set.remove(value, &mut NoTrace),
                        model.remove(&value),
                        "remove {value}"
                    );
                }
                set.check();
                assert!(set.iter().eq(model.iter().copied()), "the same numbers, seed {seed}");
                assert!(set.iter().rev().eq(model.iter().rev().copied()), "backwards");
                assert_eq!(set.width(), widest, "as wide as the widest ever");
                assert_eq!(set.get(set.len()), None, "nothing behind the last");
                if let Some((copy, before)) = kept {
                    assert!(copy.iter().eq(before), "a clone is unaffected");
                }
            }
            assert_eq!(
                IntSet::from_bytes(set.as_bytes().to_vec()),
                Ok(set),
                "a round trip of the bytes"
            );
        }
    }
}
