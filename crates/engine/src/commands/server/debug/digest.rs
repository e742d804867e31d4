//! The data summed up in 40 hexadecimal digits, the same ones that a real server gives for the same data.
//!
//! SHA-1 throughout. Where order means something each part is put through the hash together with what came before
//! ([`Digest::mix`]); where it means nothing the parts' hashes are combined by exclusive or ([`Digest::add`]).

use redarium_resp::number::write_f64_17;
use redarium_structures::list_pack::{IntText, ListPackValue};
use sha1_smol::Sha1;

use crate::args::Args;
use crate::command::Answer;
use crate::context::Ctx;
use crate::error::CmdError;
use crate::schedule::is_over;
use crate::types::stream::StreamId;
use crate::value::Value;

/// What an end of a value's life adds; when it ends does not matter.
const EXPIRES: &[u8] = b"!!expire!!";
/// The same for a field of a hash.
const FIELD_EXPIRES: &[u8] = b"!!hexpire!!";

/// A sum in the making.
#[derive(Clone, Copy, Default)]
struct Digest([u8; 20]);

impl Digest {
    /// Adds a part whose place means nothing.
    fn add(&mut self, part: &[u8]) {
        for (byte, other) in self.0.iter_mut().zip(sha1(part)) {
            *byte ^= other;
        }
    }

    /// Adds a part that comes after all others so far.
    fn mix(&mut self, part: &[u8]) {
        self.add(part);
        self.0 = sha1(&self.0);
    }

    fn mix_element(&mut self, element: ListPackValue<'_>) {
        self.mix(element.text(&mut IntText::default()));
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

fn sha1(bytes: &[u8]) -> [u8; 20] {
    Sha1::from(bytes).digest().bytes()
}

/// The number that a real server gives to the type of a value.
fn type_number(value: &Value) -> u32 {
    match value {
        Value::Int(_) | Value::Str(_) | Value::Raw(_) => 0,
        Value::List(_) => 1,
        Value::Set(_) => 2,
        Value::ZSet(_) => 3,
        Value::Hash(_) => 4,
        Value::Stream(_) => 6,
    }
}

/// Sums up a value on top of what is there.
fn mix_value(digest: &mut Digest, value: &Value, expires: bool) {
    digest.mix(&type_number(value).to_be_bytes());
    match value {
        Value::Int(number) => digest.mix_element(ListPackValue::Int(*number)),
        Value::Str(bytes) => digest.mix(bytes),
        Value::Raw(bytes) => digest.mix(bytes),
        Value::List(list) => list.iter().for_each(|element| digest.mix_element(element)),
        Value::Set(set) => {
            set.iter().for_each(|member| digest.add(member.text(&mut IntText::default())));
        }
        Value::ZSet(set) => {
            let mut text = Vec::new();
            for (member, score) in set.walk(false) {
                text.clear();
                write_f64_17(&mut text, score);
                let mut part = Digest::default();
                part.mix_element(member);
                part.mix(&text);
                digest.add(&part.0);
            }
        }
        Value::Hash(hash) => {
            for field in hash.iter() {
                let mut part = Digest::default();
                part.mix_element(field.name);
                part.mix_element(field.value);
                if field.deadline.is_some() {
                    part.add(FIELD_EXPIRES);
                }
                digest.add(&part.0);
            }
        }
        Value::Stream(stream) => {
            // The entries alone: groups are no part of it.
            for entry in stream.log.entries(StreamId::MIN, StreamId::MAX, false) {
                digest.mix(format!("{}.{}", entry.id.ms, entry.id.seq).as_bytes());
                for (field, value) in entry.fields {
                    digest.mix_element(field);
                    digest.mix_element(value);
                }
            }
        }
    }
    if expires {
        digest.add(EXPIRES);
    }
}

/// DEBUG DIGEST: O(data).
pub(super) fn of_all(ctx: &mut Ctx<'_>, _: Args<'_>) -> Result<Answer, CmdError> {
    let mut digest = Digest::default();
    for (number, db) in ctx.keys.dbs.iter().enumerate().filter(|(_, db)| !db.is_empty()) {
        digest.mix(&(number as u32).to_be_bytes());
        for (id, entry) in db.table().iter() {
            let deadline = db.deadline(id);
            if deadline.is_some_and(|at| is_over(at, ctx.keys.now)) {
                continue;
            }
            let mut key = Digest::default();
            key.mix(&entry.key);
            mix_value(&mut key, &entry.value, deadline.is_some());
            digest.add(&key.0);
        }
    }
    ctx.reply.simple(digest.to_string());
    Ok(Answer::Done)
}

/// DEBUG DIGEST-VALUE: O(data of these keys).
pub(super) fn of_values(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    ctx.reply.array(args.len());
    for key in args.rest() {
        let mut digest = Digest::default();
        if let Some(id) = ctx.keys.find(key) {
            let db = ctx.keys.database();
            mix_value(&mut digest, &db.entry(id).value, db.deadline(id).is_some());
        }
        ctx.reply.simple(digest.to_string());
    }
    Ok(Answer::Done)
}
