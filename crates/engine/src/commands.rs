//! The commands, by family: one folder each, one file per cluster, a table at the head of every file.
//!
//! Adding a command touches one of these files and one transcript.

use crate::command::CommandSpec;

pub mod acl;
pub mod bitmap;
pub mod cluster;
pub mod connection;
mod deadline;
pub mod generic;
pub mod geo;
pub mod hash;
pub mod hyperloglog;
pub mod list;
mod multi_pop;
pub mod pubsub;
mod reply;
mod scan;
pub mod scripting;
pub mod server;
pub mod set;
pub mod sorted_set;
pub mod stream;
pub mod string;
mod timeout;
pub mod transactions;

/// Every family's files' tables.
pub const FAMILIES: &[&[&[CommandSpec]]] = &[
    acl::FILES,
    bitmap::FILES,
    cluster::FILES,
    connection::FILES,
    generic::FILES,
    geo::FILES,
    hash::FILES,
    hyperloglog::FILES,
    list::FILES,
    pubsub::FILES,
    scripting::FILES,
    server::FILES,
    set::FILES,
    sorted_set::FILES,
    stream::FILES,
    string::FILES,
    transactions::FILES,
];
