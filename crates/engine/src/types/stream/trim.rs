//! Trimming a stream from its beginning, to a length or to an id.

use super::node::{self, Place};
use super::{Stream, StreamId};
use crate::trace::Steps;

/// What is left of a stream that is trimmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// The last so many entries.
    Last(u64),
    /// The entries from an id on.
    From(StreamId),
}

/// What happens to entries that groups have read but not acknowledged, or have yet to read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum References {
    /// They go; groups keep what they know of them.
    #[default]
    Keep,
    /// They go, and groups forget them.
    Delete,
    /// They stay.
    Acked,
}

/// How a stream is trimmed.
#[derive(Debug, Clone, Copy)]
pub struct Trim {
    /// What is left.
    pub keep: Keep,
    /// Whether only whole nodes go.
    pub approximate: bool,
    /// Entries that go at most; 0 for no limit.
    pub limit: u64,
    /// What happens to entries that groups still need.
    pub references: References,
}

impl Stream {
    /// Trims the stream; how many entries went. O(nodes that go), plus O(1) for the node at the boundary.
    pub fn trim(&mut self, trim: &Trim, steps: &mut Steps<'_>) -> u64 {
        let by_entry = trim.references != References::Keep && !self.groups.is_empty();
        let before = self.log.len;
        let mut from = StreamId::MIN;
        while let Some(leaf) = self.log.tree.walk_from(&from.key(), false).peek() {
            let (id, key) = (leaf.id, leaf.key);
            let master = StreamId::from_key(&key);
            let live = node::head(leaf.value).live;
            let goes_whole = match trim.keep {
                Keep::Last(max) if self.log.len <= max => break,
                Keep::Last(max) => self.log.len.saturating_sub(live) >= max,
                Keep::From(first) => node::last_id(leaf.value, master) < first,
            };
            if trim.limit > 0 && before - self.log.len + live > trim.limit {
                break;
            }
            if goes_whole && !by_entry {
                self.log.remove_node(&key, steps);
                continue;
            }
            if !goes_whole && trim.approximate {
                break;
            }
            let places = self.superfluous(id, master, trim);
            if by_entry && trim.references == References::Delete {
                for place in &places {
                    self.forget_deliveries(place.id);
                }
            }
            if !places.is_empty() {
                self.log.delete_places(id, &key, &places, steps);
            }
            let Some(next) = master.next().filter(|_| goes_whole) else { break };
            from = next;
        }
        if self.log.len < before {
            self.log.find_first();
        }
        before - self.log.len
    }

    /// The entries of a node that a trim takes out.
    fn superfluous(&self, leaf: u32, master: StreamId, trim: &Trim) -> Vec<Place> {
        let mut places = Vec::new();
        for place in node::places(self.log.tree.value(leaf), master) {
            let is_over = match trim.keep {
                Keep::Last(max) => self.log.len - places.len() as u64 <= max,
                Keep::From(first) => place.id >= first,
            };
            if is_over {
                break;
            }
            let stays = trim.references == References::Acked && self.is_needed(place.id);
            if !place.is_deleted() && !stays {
                places.push(place);
            }
        }
        places
    }
}
