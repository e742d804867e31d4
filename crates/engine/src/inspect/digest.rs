//! One number for all data, to tell whether two worlds are the same.

use redarium_structures::hash_table::hash_bytes;

use crate::database::is_over;
use crate::value::Value;

use super::Inspector;

/// Seed of the digest; part of its meaning, so that it is the same natively and in a page.
const SEED: u64 = 0x7265_6461_7269_756d;

impl Inspector<'_> {
    /// A hash over the living keys of all databases: their types, elements and deadlines.
    ///
    /// Neither the order in which keys, fields and members are stored nor their encoding matters; that of lists does.
    /// O(data).
    pub fn digest(&self) -> u64 {
        let now = self.engine.now();
        let mut digest = 0_u64;
        for (number, db) in self.engine.databases().iter().enumerate() {
            for (id, entry) in db.table().iter() {
                let deadline = db.deadline(id);
                if deadline.is_some_and(|at| is_over(at, now)) {
                    continue;
                }
                let key = Ordered::new()
                    .number(number as u64)
                    .bytes(&entry.key)
                    .number(deadline.map_or(u64::MAX, |at| at as u64))
                    .number(value(&entry.value));
                digest = digest.wrapping_add(key.0);
            }
        }
        digest
    }
}

fn value(value: &Value) -> u64 {
    let start = Ordered::new().bytes(value.type_of().name().as_bytes());
    match value {
        Value::Int(_) | Value::Str(_) | Value::Raw(_) => {
            let bytes = value.string().expect("these are the strings");
            start.bytes(&bytes).0
        }
        Value::List(_) | Value::Set(_) | Value::ZSet(_) | Value::Hash(_) => {
            start.number(value.len() as u64).0
        }
    }
}

/// A hash of parts in their order.
#[derive(Clone, Copy)]
struct Ordered(u64);

impl Ordered {
    fn new() -> Self {
        Self(SEED)
    }

    fn bytes(self, bytes: &[u8]) -> Self {
        Self(hash_bytes(self.0, bytes))
    }

    fn number(self, number: u64) -> Self {
        self.bytes(&number.to_le_bytes())
    }
}
