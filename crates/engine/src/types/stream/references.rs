//! What groups still know or want of an entry: whether it may go, and how its traces are removed.

use std::rc::Rc;

use super::{References, Stream, StreamId};
use crate::trace::Steps;

impl Stream {
    /// Whether a group has yet to read an entry or to have it acknowledged. O(groups).
    pub fn is_needed(&self, id: StreamId) -> bool {
        self.groups.values().any(|group| group.last_id < id || group.pending(id).is_some())
    }

    /// Forgets in every group that an entry was delivered; whether one knew it. O(groups).
    pub fn forget_deliveries(&mut self, id: StreamId) -> bool {
        let mut known = false;
        for group in self.groups.values_mut() {
            if group.pending(id).is_some() {
                known |= Rc::make_mut(group).acknowledge(id);
            }
        }
        known
    }

    /// Deletes an entry as far as groups allow it; `None` if they forbid it, else whether it lived.
    pub fn delete_with(
        &mut self,
        id: StreamId,
        references: References,
        steps: &mut Steps<'_>,
    ) -> Option<bool> {
        match references {
            References::Delete => drop(self.forget_deliveries(id)),
            References::Acked if self.is_needed(id) => {
                return if self.log.entry(id).is_some() { None } else { Some(false) };
            }
            References::Keep | References::Acked => {}
        }
        Some(self.log.delete(id, steps))
    }
}
