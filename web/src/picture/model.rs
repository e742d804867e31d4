//! What a picture of a key is made from: a bounded view of its memory, and what the last command did there.

use redarium_engine::trace::Step;
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
    /// What is drawn of it; none of what has no drawing yet.
    pub body: Option<Body>,
    /// What the last command did to this key.
    pub trace: Option<Trace>,
}

/// The memory of a value, as far as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Body {
    /// A sorted set in a skip list.
    SkipList(SortedSet),
    /// One block of bytes: a listpack, an intset or a string.
    Strip(Strip),
    /// A hash table.
    Table(Table),
    /// A list in a quicklist.
    Chain(Chain),
}

/// What a block of bytes is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Block {
    /// Entries behind each other.
    #[default]
    ListPack,
    /// Numbers of one width.
    IntSet,
    /// Bytes.
    Text,
}

/// A block of bytes, the first cells of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strip {
    /// What it is.
    pub block: Block,
    /// Bytes in use.
    pub bytes: usize,
    /// Bytes that it has room for.
    pub capacity: usize,
    /// Bytes before the first cell.
    pub header: usize,
    /// Bytes of each cell, where all have the same.
    pub width: usize,
    /// Cells in all.
    pub len: usize,
    /// The first cells.
    pub cells: Vec<Cell>,
}

/// A cell of a block: an entry, a number or a byte.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// Tells cells apart while steps are played; of no account in a view.
    #[serde(skip)]
    pub id: u32,
    /// Where it begins.
    pub offset: usize,
    /// Its bytes.
    pub bytes: usize,
    /// What it holds; empty while that is not known.
    pub text: String,
    /// How it is encoded.
    pub encoding: String,
}

/// A hash table, or the first buckets of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Items in all.
    pub len: usize,
    /// The array of buckets, and the one to which items move while the table grows or shrinks.
    pub arrays: Vec<Buckets>,
    /// The next bucket of the first array whose items will move.
    pub rehash_index: Option<usize>,
}

/// An array of buckets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Buckets {
    /// Buckets in all.
    pub size: usize,
    /// Items in them.
    pub used: usize,
    /// The first buckets, each with its chain from the head.
    pub chains: Vec<Vec<Item>>,
}

/// An item of a chain.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The item, as steps name it.
    pub id: u32,
    /// Its word; empty while that is not known.
    pub name: String,
}

/// A chain of listpacks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    /// Elements in all.
    pub len: u64,
    /// Nodes in all.
    pub node_count: usize,
    /// What limits a node: `list-max-listpack-size`.
    pub fill: i64,
    /// The first nodes.
    pub nodes: Vec<ChainNode>,
}

/// A node of a chain.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainNode {
    /// The node, as steps name it.
    pub id: u32,
    /// Its elements; none while their number is not known.
    pub count: Option<usize>,
    /// Bytes of its listpack.
    pub bytes: usize,
    /// Whether Redis would keep it compressed.
    pub is_compressed: bool,
    /// The words of its first elements.
    pub elements: Vec<String>,
}

/// A window into a sorted set.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SortedSet {
    /// Members in all.
    pub len: u64,
    /// Levels in use.
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
    /// The node, as steps name it.
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

/// What a command did to a key.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// Which trace it is: each command has its own number.
    pub serial: u32,
    /// The command's name.
    pub command: String,
    /// Its steps in order.
    pub steps: Vec<Step>,
    /// Steps that were not kept.
    pub dropped: u64,
    /// The memory as it was before; none if there was no such key.
    pub before: Option<Body>,
}
