//! Streams in a dump: the nodes as they are, the counters, and the groups with what they have pending.
//!
//! What is remembered of producers that name their messages is left out: only the format's newest version has it.

use redarium_structures::list_pack::ListPack;
use redarium_structures::ordered::OrderedMap;

use super::reader::Reader;
use super::writer::Writer;
use super::{Kind, Malformed};
use crate::types::stream::{Claim, Counters, Group, Log, Stream, StreamId};

/// How the number of entries read stands where it is not known.
const UNKNOWN: u64 = u64::MAX;

/// The kind that a stream is written as for readers of a version.
pub(super) fn kind_for(version: u16) -> Kind {
    if Kind::StreamWithActivity.is_known_to(version) {
        Kind::StreamWithActivity
    } else {
        Kind::Stream
    }
}

/// Writes a stream as a kind, without the kind itself. O(n).
pub(super) fn save(writer: &mut Writer, stream: &Stream, kind: Kind) {
    let log = &stream.log;
    writer.len(log.node_count() as u64);
    for (id, pack) in log.packs() {
        writer.string(&id.key());
        writer.string(pack.as_bytes());
    }
    writer.len(log.len());
    for id in [log.last_id, log.first_id(), log.max_deleted_id] {
        put_id(writer, id);
    }
    writer.len(log.entries_added);
    writer.len(stream.groups().len() as u64);
    for (name, group) in stream.groups() {
        writer.string(name);
        put_id(writer, group.last_id);
        writer.len(group.entries_read.unwrap_or(UNKNOWN));
        writer.len(group.pending_len() as u64);
        for (id, pending) in group.pendings(StreamId::MIN) {
            writer.raw(&id.key());
            writer.raw(&pending.delivered_at.to_le_bytes());
            writer.len(pending.deliveries);
        }
        writer.len(group.consumer_count() as u64);
        for consumer in group.consumers() {
            writer.string(&consumer.name);
            writer.raw(&consumer.seen_at.to_le_bytes());
            if kind == Kind::StreamWithActivity {
                writer.raw(&consumer.active_at.unwrap_or(-1).to_le_bytes());
            }
            writer.len(consumer.pending_len() as u64);
            consumer.pending_ids(StreamId::MIN).for_each(|id| writer.raw(&id.key()));
        }
    }
}

fn put_id(writer: &mut Writer, id: StreamId) {
    writer.len(id.ms);
    writer.len(id.seq);
}

/// Reads a stream that was written as a kind. O(n).
pub(super) fn load(reader: &mut Reader<'_>, kind: Kind) -> Result<Stream, Malformed> {
    let mut nodes = Vec::new();
    for _ in 0..reader.len()? {
        let key = reader.string()?;
        let key = <[u8; 16]>::try_from(&*key).ok().ok_or(Malformed)?;
        let pack = ListPack::from_bytes(reader.string()?.into_owned()).ok().ok_or(Malformed)?;
        nodes.push((StreamId::from_key(&key), pack));
    }
    let len = reader.len()?;
    let mut counters =
        Counters { last_id: id(reader)?, max_deleted_id: StreamId::MIN, entries_added: len };
    if kind != Kind::StreamOfOld {
        let _first = id(reader)?;
        counters.max_deleted_id = id(reader)?;
        counters.entries_added = reader.len()?;
    }
    let log = Log::restore(nodes, counters).filter(|log| log.len() == len).ok_or(Malformed)?;
    let mut stream = Stream::default();
    stream.log = log;
    for _ in 0..reader.len()? {
        let name = reader.string()?;
        let group = group(reader, kind)?;
        if !stream.create_group(&name, group) {
            return Err(Malformed);
        }
    }
    Ok(stream)
}

fn group(reader: &mut Reader<'_>, kind: Kind) -> Result<Group, Malformed> {
    let last_id = id(reader)?;
    let entries_read = if kind == Kind::StreamOfOld {
        None
    } else {
        Some(reader.len()?).filter(|&n| n != UNKNOWN)
    };
    let mut group = Group::new(last_id, entries_read);
    let mut pending = OrderedMap::new();
    for _ in 0..reader.len()? {
        let id = raw_id(reader)?;
        if pending.insert(id, (time(reader)?, reader.len()?)).is_some() {
            return Err(Malformed);
        }
    }
    for _ in 0..reader.len()? {
        let name = reader.string()?;
        let (consumer, is_new) = group.ensure_consumer(&name, time(reader)?);
        if !is_new {
            return Err(Malformed);
        }
        if kind == Kind::StreamWithActivity {
            group.consumer_mut(consumer).active_at = Some(time(reader)?).filter(|&at| at >= 0);
        }
        for _ in 0..reader.len()? {
            let id = raw_id(reader)?;
            // Each is with one consumer only.
            let (delivered_at, deliveries) = pending.remove(&id).ok_or(Malformed)?;
            group.claim(id, Claim { consumer, delivered_at, deliveries: Some(deliveries) });
        }
    }
    if pending.is_empty() { Ok(group) } else { Err(Malformed) }
}

fn id(reader: &mut Reader<'_>) -> Result<StreamId, Malformed> {
    Ok(StreamId { ms: reader.len()?, seq: reader.len()? })
}

fn raw_id(reader: &mut Reader<'_>) -> Result<StreamId, Malformed> {
    let key = reader.bytes(16)?.try_into().ok().ok_or(Malformed)?;
    Ok(StreamId::from_key(key))
}

fn time(reader: &mut Reader<'_>) -> Result<i64, Malformed> {
    let bytes = reader.bytes(8)?.try_into().ok().ok_or(Malformed)?;
    Ok(i64::from_le_bytes(bytes))
}
