//! One Redis node, without input, output or a clock: bytes in, bytes out, time handed in.
//!
//! ```
//! use redarium_engine::{Engine, Options};
//!
//! let mut node = Engine::new(Options { start: 1_767_603_600_000, seed: 7, ..Options::default() });
//! let alice = node.connect("127.0.0.1:50000");
//! node.feed(alice, b"PING\r\nGET greeting\r\n");
//! assert_eq!(node.take_output(alice), b"+PONG\r\n$-1\r\n");
//! ```
//!
//! It is not: a server (see `crates/cli`), a store for more than one machine, or anything that reads a clock,
//! a file, a socket or a screen.

pub mod access;
mod account;
pub mod acl;
pub mod args;
pub mod blocking;
pub mod client;
pub mod command;
pub mod commands;
pub mod config;
pub mod context;
pub mod database;
mod dispatch;
pub mod effects;
pub mod error;
pub mod events;
pub mod eviction;
mod expiry;
mod footprint;
mod graveyard;
mod hot_keys;
mod idle;
pub mod inspect;
pub mod keyspace;
pub mod mail;
mod monitor;
mod node;
pub mod output_limit;
pub mod persistence;
pub mod pubsub;
pub mod rdb;
pub mod schedule;
pub mod scripting;
pub mod stats;
pub mod table;
pub mod timing;
pub mod trace;
pub mod tracking;
pub mod transaction;
pub mod types;
pub mod value;
pub mod watch;

/// The version of Redis whose behaviour the engine has.
pub const REDIS_VERSION: &str = "8.6.3";

pub use client::ClientId;
pub use node::{Engine, Options};
