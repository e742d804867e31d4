//! From a value to the bytes of a dump.

use redarium_structures::bytes::Bytes;
use redarium_structures::list_pack::{IntText, ListPackValue};

use super::writer::Writer;
use super::{Kind, PACKED_NODE, PLAIN_NODE, Saving, stream};
use crate::types::hash::Hash;
use crate::types::list::List;
use crate::types::set::Set;
use crate::types::sorted_set::SortedSet;
use crate::value::Value;

/// Writes values one after the other.
#[derive(Debug, Clone)]
pub struct Saver {
    pub(super) writer: Writer,
    version: u16,
    digits: IntText,
    /// What stands between the kind and the content: in a file the key, in a payload nothing.
    key: Option<Bytes>,
}

impl Saver {
    /// For values in the form of a version.
    pub fn new(saving: Saving) -> Self {
        Self {
            writer: Writer::new(saving.compression),
            version: saving.version,
            digits: IntText::default(),
            key: None,
        }
    }

    /// The bytes of a value, the kind in front. O(n).
    pub fn save(&mut self, value: &Value) -> Vec<u8> {
        self.put(value);
        self.writer.take()
    }

    /// Writes a value with its key as they stand in a file. O(n).
    pub(super) fn put_keyed(&mut self, key: &Bytes, value: &Value) {
        self.key = Some(key.clone());
        self.put(value);
    }

    fn put(&mut self, value: &Value) {
        match value {
            Value::Int(number) => {
                self.kind(Kind::String);
                self.element(ListPackValue::Int(*number));
            }
            Value::Str(bytes) => {
                self.kind(Kind::String);
                self.writer.string(bytes);
            }
            Value::Raw(bytes) => {
                self.kind(Kind::String);
                self.writer.string(bytes);
            }
            Value::List(list) => self.list(list),
            Value::Set(set) => self.set(set),
            Value::ZSet(set) => self.sorted_set(set),
            Value::Hash(hash) => self.hash(hash),
            Value::Stream(stream) => {
                let kind = stream::kind_for(self.version);
                self.kind(kind);
                stream::save(&mut self.writer, stream, kind);
            }
        }
    }

    fn kind(&mut self, kind: Kind) {
        self.writer.byte(kind as u8);
        if let Some(key) = self.key.take() {
            self.writer.string(&key);
        }
    }

    fn element(&mut self, value: ListPackValue<'_>) {
        self.writer.string(value.text(&mut self.digits));
    }

    fn list(&mut self, list: &List) {
        self.kind(Kind::ListOfNodes);
        if let Some(pack) = list.pack() {
            self.writer.len(1);
            self.writer.len(PACKED_NODE);
            self.writer.string(pack.as_bytes());
        }
        let Some(quick) = list.quick() else { return };
        self.writer.len(quick.node_count() as u64);
        for node in quick.nodes() {
            if let Some(pack) = quick.node_pack(node.id) {
                self.writer.len(PACKED_NODE);
                self.writer.string(pack.as_bytes());
            } else {
                self.writer.len(PLAIN_NODE);
                quick.node_values(node.id).for_each(|value| self.element(value));
            }
        }
    }

    fn set(&mut self, set: &Set) {
        if let Some(ints) = set.ints() {
            self.kind(Kind::SetOfInts);
            self.writer.string(ints.as_bytes());
        } else if let Some(pack) = set.pack()
            && Kind::SetPack.is_known_to(self.version)
        {
            self.kind(Kind::SetPack);
            self.writer.string(pack.as_bytes());
        } else {
            self.kind(Kind::Set);
            self.writer.len(set.len() as u64);
            set.iter().for_each(|member| self.element(member));
        }
    }

    fn sorted_set(&mut self, set: &SortedSet) {
        if let SortedSet::ListPack(pack) = set {
            self.kind(Kind::SortedSetPack);
            self.writer.string(pack.as_bytes());
        } else {
            self.kind(Kind::SortedSet);
            self.writer.len(set.len() as u64);
            // From the last to the first: each is put before all others when it is read, which is quick.
            for (member, score) in set.walk(true) {
                self.element(member);
                self.writer.double(score);
            }
        }
    }

    fn hash(&mut self, hash: &Hash) {
        if let Some(pack) = hash.pack() {
            self.kind(Kind::HashPack);
            self.writer.string(pack.as_bytes());
            return;
        }
        let earliest = Some(hash.earliest_end()).filter(|&at| at != i64::MAX);
        if let Some(pack) = hash.timed_pack()
            && Kind::TimedHashPack.is_known_to(self.version)
        {
            self.kind(Kind::TimedHashPack);
            self.writer.time(earliest.unwrap_or(0));
            self.writer.string(pack.as_bytes());
            return;
        }
        let earliest = earliest.filter(|_| Kind::TimedHash.is_known_to(self.version));
        self.kind(if earliest.is_some() { Kind::TimedHash } else { Kind::Hash });
        if let Some(earliest) = earliest {
            self.writer.time(earliest);
        }
        self.writer.len(hash.len() as u64);
        for field in hash.iter() {
            if let Some(earliest) = earliest {
                // Counted from the earliest, which is 1; 0 is for a field that does not end.
                self.writer.len(field.deadline.map_or(0, |at| (at - earliest) as u64 + 1));
            }
            self.element(field.name);
            self.element(field.value);
        }
    }
}
