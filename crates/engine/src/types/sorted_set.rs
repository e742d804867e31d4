//! A sorted set in the encoding that its size asks for.

/// A sorted set.
#[derive(Debug, Clone, Default)]
pub struct SortedSet {}

impl SortedSet {
    /// Number of elements. O(1).
    pub fn len(&self) -> usize {
        0
    }

    /// Whether it has no element. O(1).
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The encoding, as OBJECT ENCODING names it.
    pub fn encoding(&self) -> &'static str {
        "listpack"
    }
}
