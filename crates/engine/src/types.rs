//! The types of values: each in the encodings that Redis uses, converted at the same element.
//!
//! They know nothing of keys, clients or replies.

pub mod hash;
pub mod list;
pub mod set;
pub mod sorted_set;
pub mod string;
