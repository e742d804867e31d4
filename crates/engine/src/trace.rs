//! What an algorithm did, step by step, for pictures.
//!
//! Steps name facts and carry the same ids as the views of [`inspect`](crate::inspect).

use redarium_structures::hash_table::HashTableStep;
use redarium_structures::int_set::IntSetStep;
use redarium_structures::list_pack::ListPackStep;
use redarium_structures::quick_list::QuickListStep;
use redarium_structures::radix_tree::RadixTreeStep;
use redarium_structures::skip_list::SkipListStep;
use redarium_structures::trace::Trace;

use crate::types::stream::StreamNodeStep;

/// Steps that a buffer keeps unless told otherwise: more than a person can follow.
pub const DEFAULT_LIMIT: usize = 4096;

/// One step of one structure.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Step {
    /// In a hash table.
    HashTable(HashTableStep),
    /// In a listpack.
    ListPack(ListPackStep),
    /// In an intset.
    IntSet(IntSetStep),
    /// In a skip list.
    SkipList(SkipListStep),
    /// In a quicklist.
    QuickList(QuickListStep),
    /// In the radix tree of a stream.
    RadixTree(RadixTreeStep),
    /// In a node of a stream.
    StreamNode(StreamNodeStep),
}

/// Where steps go, if someone records them: what structures are handed as their listener.
pub type Steps<'a> = Option<&'a mut TraceBuffer>;

/// A bounded record of steps.
#[derive(Debug, Clone)]
pub struct TraceBuffer {
    steps: Vec<Step>,
    dropped: u64,
    limit: usize,
}

impl TraceBuffer {
    /// A buffer that keeps the first `limit` steps and counts the rest.
    pub fn new(limit: usize) -> Self {
        Self { steps: Vec::new(), dropped: 0, limit }
    }

    /// The steps so far, oldest first.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// How many steps found the buffer full.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Forgets all steps.
    pub fn clear(&mut self) {
        self.steps.clear();
        self.dropped = 0;
    }

    fn push(&mut self, step: Step) {
        if self.steps.len() < self.limit {
            self.steps.push(step);
        } else {
            self.dropped += 1;
        }
    }
}

macro_rules! traces {
    ($($step:ty => $variant:ident),*) => {
        $(impl Trace<$step> for TraceBuffer {
            fn step(&mut self, event: $step) {
                self.push(Step::$variant(event));
            }
        })*
    };
}

traces! {
    HashTableStep => HashTable,
    ListPackStep => ListPack,
    IntSetStep => IntSet,
    SkipListStep => SkipList,
    QuickListStep => QuickList,
    RadixTreeStep => RadixTree,
    StreamNodeStep => StreamNode
}
