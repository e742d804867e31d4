//! What a key would take in the memory of a real Redis 8: a model of its layout, not a measure of ours.
//!
//! Learners compare models of data by MEMORY USAGE, and the answer must hold where their data will live.
//! Small encodings are the same bytes here and there; of tables a few elements are looked at, and the mean is taken.
//! Heights of skip list nodes and shared buckets are those that chance gives on average.
//! It knows nothing of what the node itself has allocated: INFO tells that.

use redarium_structures::list_pack::{ListPack, ListPackValue};
use redarium_structures::quick_list::QuickList;

use crate::types::hash::{FieldEntry, Hash};
use crate::types::hyper_log_log;
use crate::types::list::List;
use crate::types::set::Set;
use crate::types::sorted_set::SortedSet;
use crate::types::stream::{Entry, Stream, StreamId};
use crate::value::Value;

/// Elements of a collection from which its size is estimated, unless MEMORY USAGE is told another number.
pub(crate) const SAMPLES: usize = 5;

/// Type, encoding, clock and references of an object, and the pointer to its value.
const OBJECT: usize = 16;
/// A key in the object's block beside its own bytes and its header.
const KEY: usize = 1;
/// The time at which a key ends, in the same block.
const DEADLINE: usize = 8;
/// The time at which a field ends, and its place among the others that do.
const FIELD_DEADLINE: usize = 16;
/// A short string shares that block up to this size.
const BLOCK_MAX: usize = 64;
/// The head of a hash table.
const TABLE: usize = 56;
/// A bucket of a hash table: it holds its only element itself.
const BUCKET: usize = 8;
/// What an element takes that shares its bucket with another.
const CHAINED: usize = 16;
/// Buckets of the smallest hash table.
const BUCKETS_MIN: usize = 4;
/// The head of a quicklist.
const QUICK_LIST: usize = 40;
/// A node of a quicklist.
const QUICK_LIST_NODE: usize = 32;
/// The head of a skip list, and that of the set around it.
const SKIP_LIST: usize = 24 + 16;
/// The node before the first of a skip list, which has all 32 levels.
const SKIP_LIST_FIRST: usize = 640;
/// Score and back link of a skip list node.
const SKIP_LIST_NODE: usize = 16;
/// Forward link and span of one level.
const LEVEL: usize = 16;

/// The head of a stream.
const STREAM: usize = 96;
/// A node of a radix tree, whose size varies: what MEMORY USAGE itself reckons with.
const TREE_NODE: usize = 4 + 30 * 8;
/// What XADD sets aside for the node that it appends to; it gives back what is left when the next one begins.
const STREAM_NODE: usize = 4096;
/// The first buffer of a sparse `HyperLogLog` that has grown; each further one has twice the room.
const REGISTER_BUFFER: usize = 48;
/// What a radix tree keeps for each of its keys.
const TREE_KEY: usize = 16;
/// The head of a group or a consumer, with its radix tree.
const STREAM_PARTY: usize = 40 + TREE_NODE;
/// An entry that waits to be acknowledged, in the trees of its group and its consumer.
const PENDING: usize = 24 + 2 * TREE_KEY;

/// Bytes that the allocator (jemalloc with a quantum of 8) sets aside for a block.
fn block(bytes: usize) -> usize {
    if bytes <= 64 {
        return bytes.max(1).next_multiple_of(8);
    }
    // Four sizes for each power of two.
    let step = 1 << ((bytes - 1).ilog2() - 2);
    bytes.next_multiple_of(step)
}

/// A string with its header and the zero at its end.
fn string(len: usize) -> usize {
    let header = match len as u64 {
        0..32 => 1,
        32..256 => 3,
        256..0x1_0000 => 5,
        0x1_0000..0x1_0000_0000 => 9,
        _ => 17,
    };
    header + len + 1
}

/// The string of a value, whose header is never the smallest.
fn value_string(len: usize) -> usize {
    string(len) + if len < 32 { 2 } else { 0 }
}

/// A hash table without its elements.
pub(crate) fn table(len: usize) -> usize {
    let buckets = len.next_power_of_two().max(BUCKETS_MIN);
    // The part of elements that find their bucket taken: 1 - (1 - e^-a) / a for a load of a, by its first terms.
    let load = len as f64 / buckets as f64;
    let chained = load / 2.0 - load * load / 6.0 + load * load * load / 24.0;
    block(TABLE) + block(buckets * BUCKET) + (chained * len as f64) as usize * CHAINED
}

/// The size of `len` elements of which `samples` are looked at.
fn sampled<T>(
    elements: impl Iterator<Item = T>,
    len: usize,
    samples: usize,
    size: impl Fn(T) -> usize,
) -> usize {
    let (count, total) = elements
        .take(samples)
        .fold((0_u64, 0_usize), |(count, total), element| (count + 1, total + size(element)));
    // In 64 bits also where addresses have 32.
    let mean_times_len = (total as u64 * len as u64).checked_div(count).unwrap_or(0);
    usize::try_from(mean_times_len).unwrap_or(usize::MAX)
}

/// The size of a skip list node, as a mean over its heights: each level has a quarter of the nodes of the one below.
fn skip_list_node(member: ListPackValue<'_>) -> usize {
    let height = |levels: usize| block(SKIP_LIST_NODE + levels * LEVEL + string(member.text_len()));
    (height(1) * 12 + height(2) * 3 + height(3)) / 16
}

/// What the bytes of a key with its value are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Split {
    /// Its name.
    pub(crate) key: usize,
    /// The words of its value, as clients see them.
    pub(crate) value: usize,
    /// Everything else: heads, pointers, lengths, and what the allocator rounds up.
    pub(crate) overhead: usize,
}

/// The bytes that [`of_key`] says, by what they are for. O(samples).
pub(crate) fn split(key_len: usize, has_deadline: bool, value: &Value, samples: usize) -> Split {
    let total = of_key(key_len, has_deadline, value, samples);
    let words = words_of(value, samples).min(total.saturating_sub(key_len));
    Split { key: key_len, value: words, overhead: total.saturating_sub(key_len + words) }
}

/// Bytes of all words of a value, `samples` of whose elements are looked at.
fn words_of(value: &Value, samples: usize) -> usize {
    let word = |word: ListPackValue<'_>| word.text_len();
    match value {
        Value::Int(_) | Value::Str(_) | Value::Raw(_) => value.len(),
        Value::List(list) => sampled(list.iter(), list.len(), samples, word),
        Value::Set(set) => sampled(set.iter(), set.len(), samples, word),
        Value::ZSet(set) => {
            let scored = |(member, _): (ListPackValue<'_>, f64)| word(member) + size_of::<f64>();
            sampled(set.walk(false), set.len(), samples, scored)
        }
        Value::Hash(hash) => {
            let field = |field: FieldEntry<'_>| word(field.name) + word(field.value);
            sampled(hash.iter(), hash.len(), samples, field)
        }
        Value::Stream(stream) => {
            let log = &stream.log;
            let entries = log.entries(StreamId::MIN, StreamId::MAX, false);
            let entry = |entry: Entry<'_>| {
                let words = entry.fields.map(|(name, value)| word(name) + word(value));
                size_of::<StreamId>() + words.sum::<usize>()
            };
            sampled(entries, log.len() as usize, samples, entry)
        }
    }
}

/// Bytes of a key of `key_len` bytes with its value, `samples` elements of which are looked at. O(samples).
pub(crate) fn of_key(key_len: usize, has_deadline: bool, value: &Value, samples: usize) -> usize {
    let head = OBJECT + KEY + string(key_len) + if has_deadline { DEADLINE } else { 0 };
    if value.is_string() && !matches!(value, Value::Int(_)) {
        let own = of_string(value);
        let is_shared = matches!(value, Value::Str(_)) && head + own <= BLOCK_MAX;
        return if is_shared { block(head + own) } else { block(head) + block(own) };
    }
    let content = match value {
        Value::Int(_) | Value::Str(_) | Value::Raw(_) => 0,
        Value::List(list) => of_list(list, samples),
        Value::Set(set) => of_set(set, samples),
        Value::ZSet(set) => of_sorted_set(set, samples),
        Value::Hash(hash) => of_hash(hash, samples),
        Value::Stream(stream) => of_stream(stream, samples),
    };
    block(head) + content
}

/// The buffer of a string that is not an integer.
fn of_string(value: &Value) -> usize {
    let own = value_string(value.len());
    if let Value::Raw(bytes) = value
        && hyper_log_log::is_valid(bytes)
        && !hyper_log_log::is_dense(bytes)
    {
        // It grows by a few bytes at a time, so that its length tells how often its buffer was doubled.
        let mut doubled = std::iter::successors(Some(REGISTER_BUFFER), |room| Some(room * 2));
        return doubled.find(|&room| room >= own).unwrap_or(own);
    }
    own
}

fn of_list(list: &List, samples: usize) -> usize {
    if let Some(pack) = list.pack() {
        return block(pack.total_bytes());
    }
    let nodes = |quick: &QuickList| {
        let size = |bytes| block(QUICK_LIST_NODE) + block(bytes);
        let all = quick.nodes().map(|node| node.bytes);
        block(QUICK_LIST) + sampled(all, quick.node_count(), samples, size)
    };
    list.quick().map_or(0, nodes)
}

fn of_set(set: &Set, samples: usize) -> usize {
    if let Some(ints) = set.ints() {
        return block(ints.as_bytes().len());
    }
    if let Some(pack) = set.pack() {
        return block(pack.total_bytes());
    }
    let member = |member: ListPackValue<'_>| block(string(member.text_len()));
    table(set.len()) + sampled(set.iter(), set.len(), samples, member)
}

fn of_sorted_set(set: &SortedSet, samples: usize) -> usize {
    if let SortedSet::ListPack(pack) = set {
        return block(pack.total_bytes());
    }
    let members = set.walk(false).map(|(member, _)| member);
    SKIP_LIST
        + SKIP_LIST_FIRST
        + table(set.len())
        + sampled(members, set.len(), samples, skip_list_node)
}

fn of_hash(hash: &Hash, samples: usize) -> usize {
    if let Some(pack) = hash.pack().or(hash.timed_pack()) {
        return block(pack.total_bytes());
    }
    // A field and its value are one block.
    let field = |field: FieldEntry<'_>| {
        let deadline = if field.deadline.is_some() { FIELD_DEADLINE } else { 0 };
        block(deadline + string(field.name.text_len()) + value_string(field.value.text_len()))
    };
    table(hash.len()) + sampled(hash.iter(), hash.len(), samples, field)
}

fn of_stream(stream: &Stream, samples: usize) -> usize {
    let log = &stream.log;
    let packs = log.packs().map(|(_, pack)| pack.total_bytes());
    let beside = |pack: &ListPack| STREAM_NODE.saturating_sub(block(pack.total_bytes()));
    let groups = stream.groups().map(|(_, group)| {
        let consumers =
            group.consumers().map(|consumer| STREAM_PARTY + string(consumer.name.len()));
        STREAM_PARTY + group.pending_len() * PENDING + consumers.sum::<usize>()
    });
    block(STREAM)
        + log.node_count() * TREE_KEY
        + log.tree_node_count() * TREE_NODE
        + sampled(packs, log.node_count(), samples, block)
        + log.last_pack().map_or(0, beside)
        + groups.sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_have_the_allocators_sizes() {
        for (bytes, expected) in [
            (1, 8),
            (8, 8),
            (9, 16),
            (64, 64),
            (65, 80),
            (128, 128),
            (129, 160),
            (257, 320),
            (5000, 5120),
        ] {
            assert_eq!(block(bytes), expected, "{bytes} bytes");
        }
    }

    #[test]
    fn what_grows_has_room_to_spare() {
        let mut registers = hyper_log_log::empty();
        let first = value_string(registers.len());
        assert_eq!(of_string(&Value::from_raw(registers.clone())), REGISTER_BUFFER, "{first}");
        for number in 0..10_u8 {
            let steps = &mut redarium_structures::trace::NoTrace;
            hyper_log_log::add(&mut registers, &[number], 3000, steps).expect("it is one");
        }
        let own = value_string(registers.len());
        assert_eq!(of_string(&Value::from_raw(registers)), 2 * REGISTER_BUFFER, "doubled: {own}");
        let other = Value::from_raw(vec![b'x'; 50]);
        assert_eq!(of_string(&other), value_string(50), "another string");
    }

    /// Bytes that a Redis 8.6 takes for each of a million, measured from outside.
    #[test]
    fn a_million_take_what_they_were_measured_to_take() {
        let value = Value::from_bytes(b"v123456");
        let string = of_key(16, false, &value, 5) + table(1_000_000) / 1_000_000;
        assert!((60..=64).contains(&string), "{string} for a small string, measured 62");
        let member = ListPackValue::Str(b"member:0000000001");
        let member = skip_list_node(member) + table(1_000_000) / 1_000_000;
        assert!((75..=79).contains(&member), "{member} for a member, measured 77.5");
    }
}
