//! Where large values wait to be freed, a little with each command and tick, so that no single command stalls.
//!
//! Redis hands such values to a thread; a page has none to spare.
//! What lies here is found by nothing any more: it is no part of the node's state, and a copy of a node has an empty one.

use redarium_structures::hash_table::HashTable;

use crate::database::Entry;
use crate::value::Value;

/// Elements up to which a value is freed at once: about what a slice of the work below costs.
const AT_ONCE_MAX: usize = 256;

/// Something large that nobody can find any more.
#[derive(Debug)]
enum Doomed {
    /// A value of a key.
    Value(Value),
    /// All keys of a database.
    Table(Box<HashTable<Entry>>),
}

/// Values that are still to be freed.
#[derive(Debug, Default)]
pub struct Graveyard {
    doomed: Vec<Doomed>,
}

/// Garbage is not copied.
impl Clone for Graveyard {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Graveyard {
    /// Frees a value: at once if it is small or still shared with a checkpoint, else later and bit by bit.
    #[inline]
    pub fn bury(&mut self, value: Value) {
        if value.free_effort() > AT_ONCE_MAX {
            self.doomed.push(Doomed::Value(value));
        }
    }

    /// Frees all keys of a database later and bit by bit.
    pub fn bury_table(&mut self, table: HashTable<Entry>) {
        if !table.is_empty() {
            self.doomed.push(Doomed::Table(Box::new(table)));
        }
    }

    /// Whether nothing is left to be freed.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.doomed.is_empty()
    }

    /// How many values and tables are still to be freed.
    pub fn len(&self) -> usize {
        self.doomed.len()
    }

    /// Frees up to `slices` times 256 elements.
    pub fn free(&mut self, slices: usize) {
        for _ in 0..slices {
            let Some(last) = self.doomed.pop() else { return };
            match last {
                Doomed::Value(mut value) => {
                    if value.drain_chunk() {
                        self.doomed.push(Doomed::Value(value));
                    }
                }
                Doomed::Table(mut table) => {
                    let mut large = Vec::new();
                    let more = table.drain_chunk_with(|entry| {
                        if entry.value.free_effort() > AT_ONCE_MAX {
                            large.push(Doomed::Value(entry.value));
                        }
                    });
                    if more {
                        self.doomed.push(Doomed::Table(table));
                    }
                    self.doomed.append(&mut large);
                }
            }
        }
    }
}
