//! What an algorithm did, step by step, for pictures.
//!
//! Steps name facts and carry the same ids as the views of [`inspect`](crate::inspect).

use std::cell::RefCell;

use redarium_structures::hash_table::HashTableStep;
use redarium_structures::int_set::IntSetStep;
use redarium_structures::list_pack::ListPackStep;
use redarium_structures::quick_list::QuickListStep;
use redarium_structures::radix_tree::RadixTreeStep;
use redarium_structures::skip_list::SkipListStep;
use redarium_structures::trace::Trace;

use crate::keyspace::{ExpiryStep, KeysStep};
use crate::types::encoding::ConversionStep;
use crate::types::geohash::GeoStep;
use crate::types::hyper_log_log::HyperLogLogStep;
use crate::types::set_operation::SetOperationStep;
use crate::types::stream::StreamNodeStep;
use crate::types::string::StringStep;

/// One step of one structure.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Step {
    /// In the table of a database's keys.
    Keys(KeysStep),
    /// Of a key or field whose time may be over.
    Expiry(ExpiryStep),
    /// From one encoding to another.
    Conversion(ConversionStep),
    /// In the hash table of a value.
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
    /// In the buffer of a string.
    String(StringStep),
    /// In the registers of a `HyperLogLog`.
    HyperLogLog(HyperLogLogStep),
    /// Of an operation on several sets.
    SetOperation(SetOperationStep),
    /// Of a search for places.
    Geo(GeoStep),
}

/// Where steps go, if someone records them: what structures are handed as their listener.
pub type Steps<'a> = Option<&'a Tracer>;

/// A record that several parts of a node write into in turn, so that it has one order.
#[derive(Debug, Clone)]
pub struct Tracer(RefCell<TraceBuffer>);

impl Tracer {
    /// A record of the first `limit` steps.
    pub fn new(limit: usize) -> Self {
        Self(RefCell::new(TraceBuffer::new(limit)))
    }

    /// Takes the steps so far and begins anew.
    pub fn take(&self) -> TraceBuffer {
        let limit = self.0.borrow().limit;
        self.0.replace(TraceBuffer::new(limit))
    }

    pub(crate) fn push(&self, step: Step) {
        self.0.borrow_mut().push(step);
    }
}

/// Runs `body` with a listener that is known to hear nothing where nobody records steps, so that it costs nothing.
macro_rules! traced {
    ($steps:ident, $body:expr) => {
        match $steps {
            None => {
                let $steps = &mut redarium_structures::trace::NoTrace;
                $body
            }
            Some($steps) => $body,
        }
    };
}

pub(crate) use traced;

/// A bounded record of steps.
#[derive(Debug, Clone)]
pub struct TraceBuffer {
    steps: Vec<Step>,
    dropped: u64,
    limit: usize,
}

impl TraceBuffer {
    /// A buffer that keeps the first `limit` steps and counts the rest.
    fn new(limit: usize) -> Self {
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
        $(impl Trace<$step> for &Tracer {
            fn step(&mut self, event: $step) {
                self.push(Step::$variant(event));
            }
        })*
    };
}

traces! {
    KeysStep => Keys,
    ExpiryStep => Expiry,
    ConversionStep => Conversion,
    HashTableStep => HashTable,
    ListPackStep => ListPack,
    IntSetStep => IntSet,
    SkipListStep => SkipList,
    QuickListStep => QuickList,
    RadixTreeStep => RadixTree,
    StreamNodeStep => StreamNode,
    StringStep => String,
    HyperLogLogStep => HyperLogLog,
    SetOperationStep => SetOperation,
    GeoStep => Geo
}
