//! The data structures Redarium stores its values in, laid out and sized as Redis's own are.
//!
//! Every structure here is deterministic (same operations, same seed: the same memory), tells its
//! steps to a [`trace::Trace`] when asked, and is copied on write: cloning one costs a pointer per
//! few hundred elements, which is what undo, forks and checkpoints of a whole database stand on.
//!
//! It knows nothing about keys, commands, clients or time.

#![expect(
    clippy::indexing_slicing,
    reason = "arena ids are valid by construction; every structure has a `check()` that proves it in tests"
)]

pub mod arena;
pub mod bytes;
#[cfg(feature = "serde")]
pub mod exact;
pub mod glob;
pub mod hash_table;
pub mod int_set;
pub mod list_pack;
pub mod order;
pub mod ordered;
pub mod quick_list;
pub mod radix_tree;
pub mod rng;
pub mod skip_list;
pub mod trace;
