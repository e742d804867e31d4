//! A node as the commands that make it: what a log begins with where it may not begin with a snapshot.

use redarium_resp::number::format_f64;
use redarium_structures::list_pack::{IntText, ListPackValue};

use super::log::encode;
use crate::database::Entry;
use crate::types::stream::{Stream, StreamId};
use crate::value::Value;

/// Elements that one command adds, as in Redis: a reader is never stalled by one.
const ELEMENTS_PER_COMMAND: usize = 64;

/// Writes keys as commands.
#[derive(Debug, Clone, Default)]
pub(super) struct CommandSaver {
    out: Vec<u8>,
}

impl CommandSaver {
    pub(super) fn written(&self) -> usize {
        self.out.len()
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.out
    }

    pub(super) fn function(&mut self, code: &[u8]) {
        self.put(&[b"FUNCTION", b"LOAD", code]);
    }

    pub(super) fn select(&mut self, db: usize) {
        self.put(&[b"SELECT", db.to_string().as_bytes()]);
    }

    fn put(&mut self, words: &[&[u8]]) {
        encode(&mut self.out, words);
    }

    /// A key with its deadline. O(n) in its value.
    pub(super) fn key(&mut self, entry: &Entry, deadline: Option<i64>) {
        let key: &[u8] = &entry.key;
        match &entry.value {
            value @ (Value::Int(_) | Value::Str(_) | Value::Raw(_)) => {
                let text = value.string();
                self.put(&[b"SET", key, text.as_deref().unwrap_or_default()]);
            }
            Value::List(list) => self.elements(b"RPUSH", key, 1, list.iter().map(owned)),
            Value::Set(set) => self.elements(b"SADD", key, 1, set.iter().map(owned)),
            Value::ZSet(set) => {
                let words = set
                    .walk(false)
                    .flat_map(|(member, score)| [format_f64(score).into_bytes(), owned(member)]);
                self.elements(b"ZADD", key, 2, words);
            }
            Value::Hash(hash) => {
                let words = hash.iter().flat_map(|field| [owned(field.name), owned(field.value)]);
                self.elements(b"HSET", key, 2, words);
                for field in hash.iter() {
                    if let Some(at) = field.deadline {
                        let (at, name) = (at.to_string(), owned(field.name));
                        self.put(&[b"HPEXPIREAT", key, at.as_bytes(), b"FIELDS", b"1", &name]);
                    }
                }
            }
            Value::Stream(stream) => self.stream(key, stream),
        }
        if let Some(at) = deadline {
            self.put(&[b"PEXPIREAT", key, at.to_string().as_bytes()]);
        }
    }

    /// Elements of so many words each, some with each command.
    fn elements(
        &mut self,
        command: &[u8],
        key: &[u8],
        words_each: usize,
        words: impl Iterator<Item = Vec<u8>>,
    ) {
        let words: Vec<_> = words.collect();
        for some in words.chunks(ELEMENTS_PER_COMMAND * words_each) {
            let head = [command, key].into_iter();
            let all: Vec<&[u8]> = head.chain(some.iter().map(Vec::as_slice)).collect();
            self.put(&all);
        }
    }

    fn stream(&mut self, key: &[u8], stream: &Stream) {
        let log = &stream.log;
        let text = |id: StreamId| format!("{}-{}", id.ms, id.seq).into_bytes();
        if log.is_empty() {
            // The only way to make a stream without entries or groups. 0-1 is the smallest id that may be added.
            let id = text(log.last_id.max(StreamId { ms: 0, seq: 1 }));
            self.put(&[b"XADD", key, b"MAXLEN", b"0", &id, b"x", b"y"]);
        }
        for entry in log.entries(StreamId::MIN, StreamId::MAX, false) {
            let id = text(entry.id);
            let fields: Vec<_> =
                entry.fields.flat_map(|(field, value)| [owned(field), owned(value)]).collect();
            let head = [&b"XADD"[..], key, &id].into_iter();
            let all: Vec<&[u8]> = head.chain(fields.iter().map(Vec::as_slice)).collect();
            self.put(&all);
        }
        let added = log.entries_added.to_string();
        self.put(&[
            b"XSETID",
            key,
            &text(log.last_id),
            b"ENTRIESADDED",
            added.as_bytes(),
            b"MAXDELETEDID",
            &text(log.max_deleted_id),
        ]);
        for (group_name, group) in stream.groups() {
            let read = group.entries_read.map_or("-1".to_owned(), |read| read.to_string());
            let id = text(group.last_id);
            let read = read.as_bytes();
            self.put(&[b"XGROUP", b"CREATE", key, group_name, &id, b"ENTRIESREAD", read]);
            for consumer in group.consumers() {
                self.put(&[b"XGROUP", b"CREATECONSUMER", key, group_name, &consumer.name]);
                for id in consumer.pending_ids(StreamId::MIN) {
                    let Some(pending) = group.pending(id) else { continue };
                    let (at, count) =
                        (pending.delivered_at.to_string(), pending.deliveries.to_string());
                    self.put(&[
                        b"XCLAIM",
                        key,
                        group_name,
                        &consumer.name,
                        b"0",
                        &text(id),
                        b"TIME",
                        at.as_bytes(),
                        b"RETRYCOUNT",
                        count.as_bytes(),
                        b"JUSTID",
                        b"FORCE",
                    ]);
                }
            }
        }
    }
}

fn owned(value: ListPackValue<'_>) -> Vec<u8> {
    value.text(&mut IntText::default()).to_vec()
}
