//! Looking at a node without changing it.
//!
//! Views are plain, bounded and paged; they carry the same ids as the steps of [`trace`](crate::trace).
//! Nothing here expires, rehashes, counts a use or draws a random number: every method takes `&self`.

pub mod bitmap;
pub mod blocked;
pub mod clients;
mod digest;
pub mod eviction;
pub mod expiry;
pub mod file;
pub mod geo;
pub mod hash;
pub mod hash_table;
pub mod hyper_log_log;
pub mod keyspace;
pub mod list;
pub mod list_pack;
pub mod memory;
pub mod names;
pub mod pubsub;
pub mod scripts;
pub mod skip_list;
pub mod slow_log;
pub mod stream;
pub mod string;
#[cfg(feature = "serde")]
mod text;
pub mod transactions;
pub mod users;

pub use bitmap::BitmapView;
pub use blocked::{BlockedKeyView, BlockedView, WaitingClientView};
pub use clients::{ClientState, ClientView, ClientsView};
pub use eviction::{CandidateView, EvictionView};
pub use expiry::{ExpiryEntryView, ExpiryView};
pub use file::{FileRangeView, FileView, file_view};
pub use geo::{GeoMemberView, GeoView};
pub use hash::{HashFieldView, HashView};
pub use hash_table::{BucketArrayView, BucketView, BucketWindow, HashItemView, HashTableView};
pub use hyper_log_log::{HyperLogLogView, RegisterRunView};
pub use keyspace::{KeyView, KeyspaceView};
pub use list::{ListElementView, ListNodeView, ListView};
pub use list_pack::{IntSetNumberView, IntSetView, ListPackView, PackEntryView};
pub use memory::{KeyMemoryView, MemoryView};
pub use names::Naming;
pub use pubsub::{DeliveryView, OutputView, PubSubView, ReceiverView, TopicView};
pub use scripts::{FunctionView, LibraryView, LogLineView, RunningView, ScriptView, ScriptsView};
pub use skip_list::{SkipListLinkView, SkipListNodeView, SkipListView};
pub use slow_log::{SlowCommandView, SlowLogView};
pub use stream::{
    StreamConsumerView, StreamEntryView, StreamGroupView, StreamNodeView, StreamPendingView,
    StreamTreeNodeView, StreamView,
};
pub use string::StringView;
pub use transactions::{TransactionView, TransactionsView, WatchView, WatchedKeyView};
pub use users::{SelectorView, UserView, UsersView};

use redarium_structures::list_pack::{IntText, ListPackValue};

use crate::Engine;
use crate::database::Entry;

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

impl<'a> Inspector<'a> {
    /// The entry of a key as it lies there, whether or not its time is over.
    fn entry(self, db: usize, key: &[u8]) -> Option<&'a Entry> {
        let database = self.engine.databases().get(db)?;
        Some(database.entry(database.find(self.engine.hash_seed(), key)?))
    }
}

/// The first bytes of a word, `most` of them if it is longer.
fn beginning(word: ListPackValue<'_>, most: usize) -> Vec<u8> {
    let mut digits = IntText::default();
    let text = word.text(&mut digits);
    text.get(..most).unwrap_or(text).to_vec()
}

#[cfg(test)]
mod tests {
    use crate::Engine;

    /// Runs typed lines for a client that leaves again.
    pub(super) fn run(node: &mut Engine, lines: &str) {
        let client = node.connect("test");
        node.feed(client, lines.as_bytes());
        node.disconnect(client);
    }
}
