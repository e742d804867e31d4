//! A log from nodes that come from elsewhere: from a dump, which may say anything.

use std::rc::Rc;

use redarium_structures::list_pack::ListPack;

use super::{Log, StreamId, node};

/// What a log knows beside its entries.
#[derive(Debug, Clone, Copy)]
pub struct Counters {
    /// The greatest id that an entry has had.
    pub last_id: StreamId,
    /// The greatest id of an entry that was deleted by itself.
    pub max_deleted_id: StreamId,
    /// Entries that were ever added.
    pub entries_added: u64,
}

impl Log {
    /// The log of these nodes, each with the id of its first entry; `None` if they are no nodes or out of order. O(n).
    pub fn restore(nodes: Vec<(StreamId, ListPack)>, counters: Counters) -> Option<Self> {
        let Counters { last_id, max_deleted_id, entries_added } = counters;
        let mut log = Self { last_id, max_deleted_id, entries_added, ..Self::default() };
        let mut before = None;
        for (master, pack) in nodes {
            let (live, last) = node::validate(&pack, master).filter(|_| before < Some(master))?;
            before = Some(last);
            if live == 0 {
                // Redis may keep a node of which no entry lives.
                continue;
            }
            log.len += live;
            log.pack_bytes += pack.heap_bytes();
            log.tree.insert(&master.key(), Rc::new(pack), &mut None::<&mut Vec<_>>);
        }
        if before > Some(last_id) || log.len > entries_added || max_deleted_id > last_id {
            return None;
        }
        log.find_first();
        Some(log)
    }

    /// The nodes, each with the id of its first entry.
    pub fn packs(&self) -> impl Iterator<Item = (StreamId, &ListPack)> {
        self.tree.walk(false).map(|leaf| (StreamId::from_key(&leaf.key), &**leaf.value))
    }

    /// The listpack of the last node. O(1).
    pub fn last_pack(&self) -> Option<&ListPack> {
        self.tree.edge(true).map(|leaf| &**leaf.value)
    }
}
