//! One number for all data, to tell whether two worlds are the same.

use redarium_structures::hash_table::hash_bytes;
use redarium_structures::list_pack::{IntText, ListPackValue};

use crate::schedule::is_over;
use crate::types::hash::FieldEntry;
use crate::types::stream::{Stream, StreamId};
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
                if entry.value.earliest_end() <= now && is_all_dead(&entry.value, now) {
                    continue;
                }
                let key = Ordered::new()
                    .number(number as u64)
                    .bytes(&entry.key)
                    .number(deadline.map_or(u64::MAX, |at| at as u64))
                    .number(value(&entry.value, now));
                digest = digest.wrapping_add(key.0);
            }
        }
        digest
    }
}

/// Whether all that is left of a value are fields whose time is over.
fn is_all_dead(value: &Value, now: i64) -> bool {
    matches!(value, Value::Hash(hash) if hash.living_len(now) == 0)
}

fn value(value: &Value, now: i64) -> u64 {
    let start = Ordered::new().bytes(value.type_of().name().as_bytes());
    match value {
        Value::Int(_) | Value::Str(_) | Value::Raw(_) => {
            start.bytes(&value.string().expect("these are the strings")).0
        }
        Value::Set(set) => start.number(sum(set.iter().map(element))).0,
        Value::Hash(hash) => {
            let living =
                hash.iter().filter(|field| field.deadline.is_none_or(|at| !is_over(at, now)));
            start.number(sum(living.map(field))).0
        }
        Value::ZSet(set) => {
            let scored = |(member, score): (_, f64)| element(member).number(score.to_bits());
            start.number(sum(set.walk(false).map(scored))).0
        }
        Value::List(list) => list.iter().fold(start, |sum, value| sum.number(element(value).0)).0,
        Value::Stream(stream) => self::stream(start, stream).0,
    }
}

/// Entries and groups; which entries share a node does not matter.
fn stream(start: Ordered, stream: &Stream) -> Ordered {
    let log = &stream.log;
    let counters = start.id(log.last_id).id(log.max_deleted_id).number(log.entries_added);
    let entries = log.entries(StreamId::MIN, StreamId::MAX, false);
    let entries = entries.fold(counters, |sum, entry| {
        entry.fields.fold(sum.id(entry.id), |sum, (field, value)| {
            sum.number(element(field).0).number(element(value).0)
        })
    });
    stream.groups().fold(entries, |sum, (name, group)| {
        let sum = sum.bytes(name).id(group.last_id).number(group.entries_read.unwrap_or(u64::MAX));
        let sum = group.consumers().fold(sum, |sum, consumer| {
            let active = consumer.active_at.map_or(u64::MAX, |at| at as u64);
            sum.bytes(&consumer.name).number(consumer.seen_at as u64).number(active)
        });
        group.pendings(StreamId::MIN).fold(sum, |sum, (id, pending)| {
            sum.id(id)
                .bytes(&group.consumer(pending.consumer).name)
                .number(pending.delivered_at as u64)
                .number(pending.deliveries)
        })
    })
}

fn field(field: FieldEntry<'_>) -> Ordered {
    let pair = element(field.name).number(element(field.value).0);
    field.deadline.map_or(pair, |at| pair.number(at as u64))
}

fn element(value: ListPackValue<'_>) -> Ordered {
    Ordered::new().bytes(value.text(&mut IntText::default()))
}

/// Parts whose order means nothing.
fn sum(parts: impl Iterator<Item = Ordered>) -> u64 {
    parts.fold(0, |sum, part| sum.wrapping_add(part.0))
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

    fn id(self, id: StreamId) -> Self {
        self.bytes(&id.key())
    }
}

#[cfg(test)]
mod tests {
    use crate::{Engine, Options};

    fn digest_of(seed: u64, commands: &str) -> u64 {
        let mut node = Engine::new(Options { seed, ..Options::default() });
        let client = node.connect("test");
        node.feed(client, commands.replace(';', "\r\n").as_bytes());
        let output = String::from_utf8(node.take_output(client)).unwrap();
        assert!(!output.contains("-ERR"), "no command fails: {commands}: {output}");
        node.inspect().digest()
    }

    #[test]
    fn the_same_data_has_the_same_digest_whatever_led_to_it() {
        for (one, other) in [
            ("SET a 1;SET b 2;", "SET b 2;SET a 0;INCR a;"),
            ("SADD s 1 2 3;", "SADD s x;SADD s 3 2 1;SREM s x;"),
            ("HSET h a 1 b 2;", "HSET h b 2;HSET h a 7 c 1;HSET h a 1;HDEL h c;"),
            ("ZADD z 1 a 2 b;", "ZADD z 5 b -0 a;ZINCRBY z 1 a;ZADD z 2 b;"),
            ("RPUSH l 1 b;", "LPUSH l b a;LSET l 0 1;"),
            ("SET a abc;", "SET a ab;APPEND a c;"),
            (
                "XADD s 1-1 f v;XADD s 2-1 f v;",
                "XADD s 1-1 g w f v;XADD s 2-1 f v;DEL s;XADD s 1-1 f v;XADD s 2-1 f v;",
            ),
            (
                "XADD s 1-1 f v;XADD s 2-1 f v;XDEL s 1-1;",
                "XADD s 1-1 g w;XADD s 2-1 f v;XDEL s 1-1;",
            ),
            ("", "SET a 1;DEL a;"),
            ("HSET h a 1;", "HSETEX h EX 9 FIELDS 1 a 1;HPERSIST h FIELDS 1 a;"),
            ("HSETEX h PX 9 FIELDS 1 a 1;", "HSET h a 1;HPEXPIREAT h 9 FIELDS 1 a;"),
            ("", "HSETEX h EX 0 FIELDS 1 a 1;"),
        ] {
            assert_eq!(digest_of(1, one), digest_of(2, other), "{one} and {other}");
        }
    }

    #[test]
    fn other_data_has_another_digest() {
        let states = [
            "",
            "SET a 1;",
            "SET b 1;",
            "SET a 2;",
            "SET a 1;SET b 1;",
            "SET a 1 PX 5000;",
            "SET a 1 PX 6000;",
            "SELECT 1;SET a 1;",
            "SADD a 1;",
            "SADD a 2;",
            "SADD a 1 2;",
            "HSET a 1 2;",
            "HSET a 2 1;",
            "HSET a 1 2 2 1;",
            "HSET a 1 1 2 2;",
            "HSETEX a PXAT 5000 FIELDS 1 1 2;",
            "HSETEX a PXAT 6000 FIELDS 1 1 2;",
            "HSETEX a PXAT 5000 FIELDS 1 1 1;HSET a 2 2;",
            "ZADD a 1 1;",
            "ZADD a 0 1;",
            "ZADD a 2 1;",
            "ZADD a 1 1 2 2;",
            "ZADD a 2 1 1 2;",
            "RPUSH a 1 2;",
            "RPUSH a 2 1;",
            "XADD a 1-1 f v;",
            "XADD a 1-2 f v;",
            "XADD a 1-1 v f;",
            "XADD a 1-1 f v;XGROUP CREATE a g 0;",
            "XADD a 1-1 f v;XGROUP CREATE a g $;",
            "XADD a 1-1 f v;XGROUP CREATE a g 0;XREADGROUP GROUP g c STREAMS a >;",
            "XADD a 1-1 f v;XADD a 2-1 f v;XDEL a 1-1;",
            "XADD a 1-1 f v;XADD a 2-1 f v;XTRIM a MAXLEN 1;",
        ];
        for (index, one) in states.iter().enumerate() {
            for other in &states[..index] {
                assert_ne!(digest_of(1, one), digest_of(1, other), "{one} and {other}");
            }
        }
    }
}
