//! What a picture of a key is made from: a bounded view of its memory, and what the last command did there.

use redarium_structures::skip_list::SkipListStep;
use serde::{Deserialize, Serialize};

use crate::protocol::KeyRow;

/// The picture of one key.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Picture {
    /// The database.
    pub db: usize,
    /// The key's word.
    pub key: String,
    /// The key, unless it is gone.
    pub row: Option<KeyRow>,
    /// Of a sorted set: its members.
    pub sorted_set: Option<SortedSet>,
    /// What the last command did to this key.
    pub trace: Option<Trace>,
}

/// A window into a sorted set.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SortedSet {
    /// Whether it is a skip list, and not a listpack.
    pub is_skip_list: bool,
    /// Members in all.
    pub len: u64,
    /// Levels in use; 0 in a listpack.
    pub level: usize,
    /// The header's links from level 0 up.
    pub header: Vec<Link>,
    /// The first rank of the window.
    pub from: usize,
    /// The window's members in order, and among them those outside it that the last command visited.
    pub nodes: Vec<Node>,
}

/// A member.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// The node, as steps name it; in a listpack the offset.
    pub id: u32,
    /// Members before it.
    pub rank: u64,
    /// Its score as Redis writes it.
    pub score: String,
    /// The member's word.
    pub member: String,
    /// Its links from level 0 up.
    pub links: Vec<Link>,
    /// The node before it.
    pub back: Option<u32>,
}

/// A link to a node further on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The next node of this level; none at the end.
    pub to: Option<u32>,
    /// How many members further on it stands.
    pub span: u32,
}

/// What a command did in a skip list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// Which trace it is: each command has its own number.
    pub serial: u32,
    /// The command's name.
    pub command: String,
    /// Its steps in order.
    pub steps: Vec<SkipListStep>,
    /// Steps that were not kept.
    pub dropped: u64,
    /// The members as they were before, if some of them are gone.
    pub before: Option<SortedSet>,
}
