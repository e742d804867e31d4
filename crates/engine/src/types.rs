//! The types of values: each in the encodings that Redis uses, converted at the same element.
//!
//! They know nothing of keys, clients or replies.

pub mod bitmap;
pub mod hash;
pub mod list;
mod sample;
pub mod set;
pub mod sorted_set;
pub mod string;

/// When a small encoding gives way to a large one.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Elements up to which a listpack is used.
    pub entries: usize,
    /// Bytes of the longest word in a listpack.
    pub value: usize,
    /// Seed of the hash function of a table.
    pub seed: u64,
}
