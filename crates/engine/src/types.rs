//! The types of values: each in the encodings that Redis uses, converted at the same element.
//!
//! They know nothing of keys, clients or replies.

pub mod bitmap;
pub mod encoding;
pub mod geohash;
pub mod hash;
pub mod hyper_log_log;
pub mod list;
mod sample;
pub mod set;
pub mod set_operation;
pub mod sorted_set;
pub mod stream;
pub mod string;

use crate::config::Config;

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

impl Limits {
    /// The limits that `config` sets to hashes.
    pub fn of_hashes(config: &Config, seed: u64) -> Self {
        let (entries, value) = (config.hash_max_listpack_entries, config.hash_max_listpack_value);
        Self { entries, value, seed }
    }
}
