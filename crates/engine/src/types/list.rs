//! A list in the encoding that its size asks for.

/// A list.
#[derive(Debug, Clone, Default)]
pub struct List {}

impl List {
    /// Number of elements. O(1).
    pub fn len(&self) -> usize {
        0
    }

    /// Whether it has no element. O(1).
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Frees up to a chunk of elements; whether more are left. Only for a list that nobody can reach any more.
    pub fn drain_chunk(&mut self) -> bool {
        false
    }

    /// The encoding, as OBJECT ENCODING names it.
    pub fn encoding(&self) -> &'static str {
        "listpack"
    }
}
