//! What a key holds.
//!
//! Values are shared between a node and its checkpoints and copied when they are written (`Rc::make_mut`),
//! so that cloning a value costs one reference count.

use std::rc::Rc;

use redarium_structures::bytes::Bytes;

use crate::types::{hash::Hash, list::List, set::Set, sorted_set::SortedSet};

/// The longest string that Redis stores beside its object header, in bytes.
pub const EMBSTR_MAX_LEN: usize = 44;

/// The type of a value, as TYPE names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Type {
    /// A byte string or integer.
    String,
    /// A list.
    List,
    /// A set.
    Set,
    /// A sorted set.
    ZSet,
    /// A hash.
    Hash,
}

impl Type {
    /// The name that TYPE answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::List => "list",
            Self::Set => "set",
            Self::ZSet => "zset",
            Self::Hash => "hash",
        }
    }
}

/// The value of a key: 24 bytes.
#[derive(Debug, Clone)]
pub enum Value {
    /// A string that is a canonical 64-bit integer (encoding `int`).
    Int(i64),
    /// A string as it was set (`embstr` up to 44 bytes, else `raw`).
    Str(Bytes),
    /// A string that has been edited in place (`raw`, with room to grow).
    Raw(Rc<Vec<u8>>),
    /// A list.
    List(Rc<List>),
    /// A set.
    Set(Rc<Set>),
    /// A sorted set.
    ZSet(Rc<SortedSet>),
    /// A hash.
    Hash(Rc<Hash>),
}

impl Default for Value {
    /// What vacant slots hold.
    fn default() -> Self {
        Self::Int(0)
    }
}

impl Value {
    /// Bytes on the heap; of a collection only what is known without a walk over it.
    pub fn heap_bytes(&self) -> usize {
        match self {
            Self::Int(_) => 0,
            Self::Str(bytes) => bytes.heap_bytes(),
            Self::Raw(bytes) => size_of::<Vec<u8>>() + bytes.capacity(),
            Self::List(_) => size_of::<List>(),
            Self::Set(_) => size_of::<Set>(),
            Self::ZSet(_) => size_of::<SortedSet>(),
            Self::Hash(_) => size_of::<Hash>(),
        }
    }

    /// The type that TYPE answers.
    pub fn type_of(&self) -> Type {
        match self {
            Self::Int(_) | Self::Str(_) | Self::Raw(_) => Type::String,
            Self::List(_) => Type::List,
            Self::Set(_) => Type::Set,
            Self::ZSet(_) => Type::ZSet,
            Self::Hash(_) => Type::Hash,
        }
    }

    /// The encoding that OBJECT ENCODING answers where the key's length does not matter: see
    /// [`Entry::encoding`](crate::database::Entry::encoding).
    pub fn encoding(&self) -> &'static str {
        match self {
            Self::Int(_) => "int",
            Self::Str(bytes) if bytes.len() <= EMBSTR_MAX_LEN => "embstr",
            Self::Str(_) | Self::Raw(_) => "raw",
            Self::List(list) => list.encoding(),
            Self::Set(set) => set.encoding(),
            Self::ZSet(set) => set.encoding(),
            Self::Hash(hash) => hash.encoding(),
        }
    }
}

/// A type that a key can hold as a collection: what `Keys::read` and `Keys::edit` are generic over.
pub trait Kind: Clone + 'static {
    /// The value, if it is of this type.
    fn of(value: &Value) -> Option<&Self>;
    /// The value for writing, if it is of this type; copied first if a checkpoint shares it.
    fn of_mut(value: &mut Value) -> Option<&mut Self>;
    /// A value that holds this.
    fn into_value(self) -> Value;
    /// An empty one, in its smallest encoding.
    fn new_empty() -> Self;
    /// Whether nothing is left in it, so that the key must go.
    fn is_empty(&self) -> bool;
}

macro_rules! kind {
    ($type:ty, $variant:ident) => {
        impl Kind for $type {
            #[inline]
            fn of(value: &Value) -> Option<&Self> {
                if let Value::$variant(inner) = value { Some(inner) } else { None }
            }

            #[inline]
            fn of_mut(value: &mut Value) -> Option<&mut Self> {
                if let Value::$variant(inner) = value { Some(Rc::make_mut(inner)) } else { None }
            }

            fn into_value(self) -> Value {
                Value::$variant(Rc::new(self))
            }

            fn new_empty() -> Self {
                Self::default()
            }

            #[inline]
            fn is_empty(&self) -> bool {
                self.len() == 0
            }
        }
    };
}

kind!(List, List);
kind!(Set, Set);
kind!(SortedSet, ZSet);
kind!(Hash, Hash);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_pointer_width = "64")]
    fn a_value_takes_24_bytes() {
        assert_eq!(size_of::<Value>(), 24, "the keyspace entry is laid out for one cache line");
    }
}
