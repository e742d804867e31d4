//! The encodings of values, and the step from one to another.

/// How a value is stored; the names are those of OBJECT ENCODING.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum Encoding {
    /// A string that is an integer.
    Int,
    /// A short string in the block of its key.
    EmbStr,
    /// A string in a buffer of its own.
    Raw,
    /// Sorted integers of one width.
    IntSet,
    /// Elements in one block.
    ListPack,
    /// Fields of a hash in one block, with the times at which they end.
    ListPackEx,
    /// A chain of listpacks.
    QuickList,
    /// A hash table.
    HashTable,
    /// A skip list with a hash table beside it.
    SkipList,
}

impl Encoding {
    /// The name that OBJECT ENCODING answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Int => "int",
            Self::EmbStr => "embstr",
            Self::Raw => "raw",
            Self::IntSet => "intset",
            Self::ListPack => "listpack",
            Self::ListPackEx => "listpackex",
            Self::QuickList => "quicklist",
            Self::HashTable => "hashtable",
            Self::SkipList => "skiplist",
        }
    }
}

/// A value came to be stored in another way: what it held was copied, and later steps are in the new structure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ConversionStep {
    /// How it was stored.
    pub from: Encoding,
    /// How it is stored now.
    pub to: Encoding,
    /// Elements that were copied, bytes of a string.
    pub len: usize,
}
