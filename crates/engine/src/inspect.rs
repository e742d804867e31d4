//! Looking at a node without changing it.
//!
//! Views are plain, bounded and paged; they carry the same ids as the steps of [`trace`](crate::trace).
//! Nothing here expires, rehashes, counts a use or draws a random number: every method takes `&self`.

pub mod clients;
mod digest;
pub mod expiry;
pub mod hash;
pub mod hyper_log_log;
pub mod keyspace;
pub mod list;
pub mod skip_list;
pub mod stream;
pub mod string;
#[cfg(feature = "serde")]
mod text;

pub use clients::{ClientView, ClientsView};
pub use expiry::{ExpiryEntryView, ExpiryView};
pub use hash::{HashFieldView, HashView};
pub use hyper_log_log::{HyperLogLogView, RegisterRunView};
pub use keyspace::{KeyView, KeyspaceView};
pub use list::{ListElementView, ListNodeView, ListView};
pub use skip_list::{SkipListLinkView, SkipListNodeView, SkipListView};
pub use stream::{
    StreamConsumerView, StreamEntryView, StreamGroupView, StreamNodeView, StreamPendingView,
    StreamView,
};
pub use string::StringView;

use crate::Engine;

/// A look at a node.
#[derive(Debug, Clone, Copy)]
pub struct Inspector<'a> {
    engine: &'a Engine,
}

impl Engine {
    /// Looks at the node.
    pub fn inspect(&self) -> Inspector<'_> {
        Inspector { engine: self }
    }
}
