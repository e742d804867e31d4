//! Streams: logs of entries with growing ids, read by anyone or shared among the consumers of a group.

use redarium_resp::encode::Encoder;
use redarium_resp::number::parse_i64;

use super::reply;
use crate::args::Args;
use crate::command::CommandSpec;
use crate::command::args::{Arg, block, integer, one_of, token, word};
use crate::error::CmdError;
use crate::types::stream::{Entries, Entry, IdText, References, StreamId};

mod add;
mod claim;
mod deletion;
mod group;
mod info;
mod options;
mod pending;
mod range;
mod read;
mod read_group;
mod setting;

pub(super) const FILES: &[&[CommandSpec]] = &[
    add::COMMANDS,
    claim::COMMANDS,
    deletion::COMMANDS,
    group::COMMANDS,
    info::COMMANDS,
    pending::COMMANDS,
    range::COMMANDS,
    read::COMMANDS,
    read_group::COMMANDS,
    setting::COMMANDS,
];

/// What becomes of an entry that groups still know or want.
const REFERENCES: Arg =
    one_of("condition", &[token("KEEPREF"), token("DELREF"), token("ACKED")]).optional();

/// `IDS numids id [id ...]`
const IDS: Arg = block("ids", &[integer("numids"), word("id").many()]).after("IDS");

const INVALID_ID: CmdError =
    CmdError::Msg("ERR Invalid stream ID specified as stream command argument");

/// An id: `ms-seq`, or `ms` for its first entry.
fn id(word: &[u8]) -> Result<StreamId, CmdError> {
    StreamId::parse(word, 0).ok_or(INVALID_ID)
}

/// One end of a range: `-`, `+`, an id whose number may be left out, or one of these behind a `(`, which leaves it out.
fn interval_end(word: &[u8], is_last: bool) -> Result<StreamId, CmdError> {
    let (word, is_open) = match word.strip_prefix(b"(") {
        Some(rest) if !rest.is_empty() => (rest, true),
        _ => (word, false),
    };
    let end = match word {
        b"-" if !is_open => StreamId::MIN,
        b"+" if !is_open => StreamId::MAX,
        _ => StreamId::parse(word, if is_last { u64::MAX } else { 0 }).ok_or(INVALID_ID)?,
    };
    match (is_open, is_last) {
        (false, _) => Ok(end),
        (true, false) => end.next().ok_or(CmdError::Msg("ERR invalid start ID for the interval")),
        (true, true) => end.prev().ok_or(CmdError::Msg("ERR invalid end ID for the interval")),
    }
}

/// What becomes of references, if the next word says so.
fn take_references(args: &mut Args<'_>) -> Option<References> {
    [("KEEPREF", References::Keep), ("DELREF", References::Delete), ("ACKED", References::Acked)]
        .into_iter()
        .find_map(|(token, references)| args.take_token(token).then_some(references))
}

/// Reads `[KEEPREF | DELREF | ACKED] IDS numids id [id ...]`, in any order.
fn references_and_ids(args: &mut Args<'_>) -> Result<(References, Vec<StreamId>), CmdError> {
    let (mut references, mut ids) = (None, None);
    while !args.is_empty() {
        if references.is_none()
            && let Some(found) = take_references(args)
        {
            references = Some(found);
        } else if ids.is_none() && args.take_token("IDS") {
            let count = parse_i64(args.next_word()?).filter(|&count| count > 0);
            let count =
                count.ok_or(CmdError::Msg("ERR Number of IDs must be a positive integer"))?;
            if count as u64 > args.len() as u64 {
                return Err(CmdError::Msg(
                    "ERR The `numids` parameter must match the number of arguments",
                ));
            }
            let listed = args.take(count as usize);
            ids = Some(listed.rest().map(id).collect::<Result<Vec<_>, _>>()?);
            *args = args.skip(count as usize);
        } else {
            return Err(CmdError::Syntax);
        }
    }
    Ok((references.unwrap_or_default(), ids.ok_or(CmdError::Syntax)?))
}

/// What is said where a key or a group is missing.
fn no_group(key: &[u8], group: &[u8], context: &str) -> CmdError {
    let text = String::from_utf8_lossy;
    CmdError::Text(format!(
        "NOGROUP No such key '{}' or consumer group '{}'{context}",
        text(key),
        text(group)
    ))
}

/// Answers with an id.
fn reply_id(reply: &mut Encoder<'_>, id: StreamId) {
    reply.bulk(IdText::default().write(id));
}

/// Answers with an entry's fields and values.
fn reply_fields(reply: &mut Encoder<'_>, entry: Entry<'_>) {
    reply.array(2 * entry.fields.len());
    for (field, value) in entry.fields {
        reply::element(reply, field);
        reply::element(reply, value);
    }
}

/// Answers with an entry: its id, then its fields and values.
fn reply_entry(reply: &mut Encoder<'_>, entry: Entry<'_>) {
    reply.array(2);
    reply_id(reply, entry.id);
    reply_fields(reply, entry);
}

/// Answers with entries, `count` at most.
fn reply_entries(reply: &mut Encoder<'_>, entries: Entries<'_>, count: usize) {
    let mark = reply.begin_array();
    let mut len = 0;
    for entry in entries.take(count) {
        reply_entry(reply, entry);
        len += 1;
    }
    reply.end_array(mark, len);
}

#[cfg(test)]
mod tests;
