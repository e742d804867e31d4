//! What a key holds.
//!
//! Values are shared between a node and its checkpoints and copied when they are written (`Rc::make_mut`),
//! so that cloning a value costs one reference count.

use std::rc::Rc;

use redarium_structures::bytes::Bytes;

use crate::types::{hash::Hash, list::List, set::Set, sorted_set::SortedSet, stream::Stream};

/// Bytes of the block in which Redis 8 keeps an object with its key and, if it fits, a short string.
const BLOCK_LEN: usize = 64;

/// What the object, the key and the string take in that block beside their own bytes.
const BLOCK_OVERHEAD: usize = 16 + 3 + 4;

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
    /// A stream.
    Stream,
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
            Self::Stream => "stream",
        }
    }
}

/// The value of a key: 24 bytes.
#[derive(Debug, Clone)]
pub enum Value {
    /// A string that is a canonical 64-bit integer (encoding `int`).
    Int(i64),
    /// A string as it was set (`embstr` if it is short, else `raw`).
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
    /// A stream.
    Stream(Rc<Stream>),
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
            Self::List(list) => size_of::<List>() + list.heap_bytes(),
            Self::Set(set) => size_of::<Set>() + set.heap_bytes(),
            Self::ZSet(set) => size_of::<SortedSet>() + set.heap_bytes(),
            Self::Hash(hash) => size_of::<Hash>() + hash.heap_bytes(),
            Self::Stream(stream) => size_of::<Stream>() + stream.heap_bytes(),
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
            Self::Stream(_) => Type::Stream,
        }
    }

    /// The encoding that OBJECT ENCODING answers for a value with `beside` bytes of key and deadline beside it.
    ///
    /// They matter to strings: a short one is `embstr` while it shares one block with them.
    pub fn encoding(&self, beside: usize) -> &'static str {
        match self {
            Self::Int(_) => "int",
            Self::Str(bytes) if BLOCK_OVERHEAD + beside + bytes.len() <= BLOCK_LEN => "embstr",
            Self::Str(_) | Self::Raw(_) => "raw",
            Self::List(list) => list.encoding(),
            Self::Set(set) => set.encoding(),
            Self::ZSet(set) => set.encoding(),
            Self::Hash(hash) => hash.encoding(),
            Self::Stream(stream) => stream.encoding(),
        }
    }

    /// How many elements are freed with this value; 1 if a checkpoint shares it, so that nothing is.
    #[inline]
    pub fn free_effort(&self) -> usize {
        fn effort<T: Kind>(shared: &Rc<T>, len: usize) -> usize {
            if Rc::strong_count(shared) == 1 { len } else { 1 }
        }
        match self {
            Self::Int(_) | Self::Str(_) | Self::Raw(_) => 1,
            Self::List(list) => effort(list, list.free_effort()),
            Self::Set(set) => effort(set, set.len()),
            Self::ZSet(set) => effort(set, set.len()),
            Self::Hash(hash) => effort(hash, hash.len()),
            Self::Stream(stream) => effort(stream, stream.free_effort()),
        }
    }

    /// When the first of its elements ends by itself, in milliseconds since 1970; `i64::MAX` if none does.
    #[inline]
    pub fn earliest_end(&self) -> i64 {
        if let Self::Hash(hash) = self { hash.earliest_end() } else { i64::MAX }
    }

    /// Frees about 256 elements of a value that nobody needs and says whether more are left.
    pub fn drain_chunk(&mut self) -> bool {
        fn drain<T: Kind>(shared: &mut Rc<T>) -> bool {
            Rc::get_mut(shared).is_some_and(Kind::drain_chunk)
        }
        match self {
            Self::Int(_) | Self::Str(_) | Self::Raw(_) => false,
            Self::List(list) => drain(list),
            Self::Set(set) => drain(set),
            Self::ZSet(set) => drain(set),
            Self::Hash(hash) => drain(hash),
            Self::Stream(stream) => drain(stream),
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
    /// When the first of its elements ends by itself, in milliseconds since 1970; `i64::MAX` if none does.
    fn earliest_end(&self) -> i64;
    /// Frees about 256 of its elements and says whether more are left; afterwards it is good for nothing else.
    ///
    /// Where all elements lie in one block there is nothing to do.
    fn drain_chunk(&mut self) -> bool;
}

macro_rules! kind {
    ($type:ty, $variant:ident, $is_empty:expr, $earliest_end:expr) => {
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
                let is_empty: fn(&Self) -> bool = $is_empty;
                is_empty(self)
            }

            #[inline]
            fn earliest_end(&self) -> i64 {
                let earliest_end: fn(&Self) -> i64 = $earliest_end;
                earliest_end(self)
            }

            fn drain_chunk(&mut self) -> bool {
                <$type>::drain_chunk(self)
            }
        }
    };
}

kind!(List, List, |list| list.len() == 0, |_| i64::MAX);
kind!(Set, Set, |set| set.len() == 0, |_| i64::MAX);
kind!(SortedSet, ZSet, |set| set.len() == 0, |_| i64::MAX);
kind!(Hash, Hash, |hash| hash.len() == 0, Hash::earliest_end);
// A stream without entries still has its last id and its groups.
kind!(Stream, Stream, |_| false, |_| i64::MAX);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_pointer_width = "64")]
    fn a_value_takes_24_bytes() {
        assert_eq!(size_of::<Value>(), 24, "the keyspace entry is laid out for one cache line");
    }
}
