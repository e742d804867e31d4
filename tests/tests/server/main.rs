//! Servers on a port. A new subject is a module beside this file.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test to which something unexpected happens has failed"
)]

mod beside;
mod client_libraries;
mod connections;
mod console;
mod crowd;
mod dump;
mod eviction;
mod malformed;
mod persistence;
mod pub_sub;
mod recordings;
mod redis_cli;
mod reference;
mod replay;
mod sameness;
mod sentences;
mod serve;
mod transactions;
mod transcripts;
mod trouble;
mod waiting;
mod wrong_use;
