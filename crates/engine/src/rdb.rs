//! Values as bytes: what DUMP gives and RESTORE takes, which is also what stands in a snapshot file.
//!
//! A payload is one byte for the kind of value, the value, the version of the format in two bytes and a checksum in
//! eight.
//! The format is that of Redis, bit for bit, so that values travel between a node and a real server in both directions.
//! Where an older version is asked for, what it lacks is written in its own form: a set in a listpack as a
//! plain set, and fields that end as fields that do not.
//!
//! A snapshot file is such values with their keys and deadlines, between a head and a checksum of its own.
//!
//! It knows nothing of files on a disk or of clients.

mod annotate;
mod checksum;
mod file;
mod file_saver;
mod functions;
mod load;
mod lzf;
mod reader;
mod save;
mod stream;
mod writer;
mod zip_list;
mod zip_map;

pub use annotate::{Range, ranges};
pub use checksum::crc64;
pub(crate) use file::MAGIC;
pub use file::{LoadError, Loaded, Loading, load_file};
pub use file_saver::FileSaver;
pub(crate) use functions::{libraries_from, payload_of_libraries};
pub use load::Loader;
pub use save::Saver;

/// The version of the format that Redis 8.6 writes; payloads of later ones are refused.
pub const VERSION: u16 = 13;

/// The oldest version that can be written, that of Redis 7.0.
pub const VERSION_OLDEST: u16 = 10;

/// Bytes of version and checksum at the end of a payload.
const FOOTER: usize = 10;

/// Bits in front of a length that say it is a string encoded in a special way instead.
const ENCODED: u8 = 0xC0;
/// A string that is an integer of 8 bits.
const INT8: u8 = 0;
/// A string that is an integer of 16 bits.
const INT16: u8 = 1;
/// A string that is an integer of 32 bits.
const INT32: u8 = 2;
/// A compressed string.
const LZF: u8 = 3;
/// In front of a length of 32 bits.
const LEN32: u8 = 0x80;
/// In front of a length of 64 bits.
const LEN64: u8 = 0x81;

/// In front of a node of a list that is one large element.
const PLAIN_NODE: u64 = 1;
/// In front of one that is a listpack.
const PACKED_NODE: u64 = 2;

/// Bytes that are no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

/// How values are written.
#[derive(Debug, Clone, Copy)]
pub struct Saving {
    /// The version whose readers must understand it.
    pub version: u16,
    /// Whether long strings are compressed.
    pub compression: bool,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $number:literal since $version:literal, $text:literal;)*) => {
        /// What the first byte of a payload says.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        enum Kind {
            $($(#[$doc])* $name = $number,)*
        }

        impl Kind {
            /// The kind with this number.
            fn of(number: u8) -> Option<Self> {
                match number {
                    $($number => Some(Self::$name),)*
                    _ => None,
                }
            }

            /// Its name, for people.
            fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            /// Whether readers of a version understand it.
            fn is_known_to(self, version: u16) -> bool {
                let since = match self {
                    $(Self::$name => $version,)*
                };
                version >= since
            }
        }
    };
}

kinds! {
    /// A string.
    String = 0 since 1, "string";
    /// Elements one by one.
    List = 1 since 1, "list";
    /// Members one by one.
    Set = 2 since 1, "set";
    /// Members with their scores as text.
    SortedSetOfText = 3 since 1, "sorted set";
    /// Fields and values in turn.
    Hash = 4 since 1, "hash";
    /// Members with their scores as doubles.
    SortedSet = 5 since 8, "sorted set";
    /// Fields and values in the map of Redis 2.4.
    HashMapOfOld = 9 since 1, "zipmap";
    /// A ziplist of elements.
    ListZip = 10 since 2, "ziplist of a list";
    /// An intset.
    SetOfInts = 11 since 2, "intset";
    /// A ziplist of members and scores.
    SortedSetZip = 12 since 2, "ziplist of a sorted set";
    /// A ziplist of fields and values.
    HashZip = 13 since 4, "ziplist of a hash";
    /// Ziplists of elements.
    ListOfZips = 14 since 7, "list of ziplists";
    /// Nodes and groups of a stream, as Redis 5 wrote them.
    StreamOfOld = 15 since 9, "stream";
    /// A listpack of fields and values.
    HashPack = 16 since 10, "listpack of a hash";
    /// A listpack of members and scores.
    SortedSetPack = 17 since 10, "listpack of a sorted set";
    /// Listpacks, and single large elements.
    ListOfNodes = 18 since 10, "quicklist";
    /// Nodes, counters and groups of a stream.
    Stream = 19 since 10, "stream";
    /// A listpack of members.
    SetPack = 20 since 11, "listpack of a set";
    /// A stream that knows when its consumers last got something.
    StreamWithActivity = 21 since 11, "stream";
    /// Fields and values, each with its deadline in front, behind the earliest deadline of all.
    TimedHash = 24 since 12, "hash with deadlines";
    /// A listpack of fields, values and deadlines, behind the earliest of these.
    TimedHashPack = 25 since 12, "listpack of a hash with deadlines";
}

/// Puts version and checksum behind a value.
pub fn seal(payload: &mut Vec<u8>, version: u16) {
    payload.extend_from_slice(&version.to_le_bytes());
    let sum = crc64(0, payload);
    payload.extend_from_slice(&sum.to_le_bytes());
}

/// The value in a payload, if its version is none of the future and its checksum is right.
pub fn unseal(payload: &[u8], is_sum_checked: bool) -> Option<&[u8]> {
    let (value, footer) = payload.split_at_checked(payload.len().checked_sub(FOOTER)?)?;
    let (version, sum) = footer.split_first_chunk()?;
    let summed = payload.get(..payload.len() - sum.len())?;
    let is_known = u16::from_le_bytes(*version) <= VERSION;
    let is_sound = !is_sum_checked || crc64(0, summed).to_le_bytes() == *sum;
    (is_known && is_sound).then_some(value)
}

#[cfg(test)]
mod tests;
