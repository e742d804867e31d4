//! Between JavaScript values and words, replies and views.

use js_sys::{Array, BigInt, Uint8Array};
use redarium_engine::inspect::list::ELEMENTS_MAX;
use redarium_engine::inspect::{BucketWindow, Inspector};
use redarium_engine::trace::{Step, TraceBuffer};
use redarium_resp::decode::Reply;
use redarium_resp::words::Words;
use serde::ser::{SerializeMap as _, SerializeSeq as _, Serializer};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

/// Entries of the lists in a view unless told otherwise: what a picture can show.
pub(crate) const VIEW_MAX: usize = 200;

/// The largest integer that a JavaScript number holds exactly.
const SAFE_INTEGER_MAX: u64 = (1 << 53) - 1;

/// Words of a command: strings, numbers, bigints and bytes.
pub(crate) fn words(values: &JsValue) -> Result<Words, JsError> {
    if !Array::is_array(values) {
        return Err(JsError::new("a command is an array of words"));
    }
    let mut words = Words::new();
    for (index, value) in Array::from(values).iter().enumerate() {
        if let Some(text) = value.as_string() {
            words.push(text.as_bytes());
        } else if let Some(bytes) = value.dyn_ref::<Uint8Array>() {
            words.push(&bytes.to_vec());
        } else if value.as_f64().is_some() || value.is_bigint() {
            let text = value.unchecked_ref::<js_sys::Object>().to_string();
            words.push(String::from(text).as_bytes());
        } else {
            return Err(JsError::new(&format!(
                "word {index} of the command is no string, number, bigint or Uint8Array"
            )));
        }
    }
    Ok(words)
}

/// A reply as a JavaScript value.
pub(crate) fn reply(reply: &Reply) -> Result<JsValue, JsError> {
    // Bytes that are no text stay bytes, large integers stay exact, and maps may have keys of any kind.
    let serializer = serde_wasm_bindgen::Serializer::new()
        .serialize_large_number_types_as_bigints(true)
        .serialize_missing_as_null(true);
    if let Reply::Integer(number) = reply
        && number.unsigned_abs() > SAFE_INTEGER_MAX
    {
        return Ok(BigInt::from(*number).into());
    }
    Value(reply).serialize(&serializer).map_err(JsError::from)
}

/// A reply on its way through serde.
struct Value<'a>(&'a Reply);

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Reply::Null | Reply::NullArray => to.serialize_none(),
            Reply::Bool(value) => to.serialize_bool(*value),
            Reply::Integer(number) if number.unsigned_abs() <= SAFE_INTEGER_MAX => {
                to.serialize_f64(*number as f64)
            }
            Reply::Integer(number) => to.serialize_i64(*number),
            Reply::Double { value, .. } => to.serialize_f64(*value),
            Reply::Simple(bytes) | Reply::Bulk(bytes) | Reply::BigNumber(bytes) => {
                text_or_bytes(bytes, to)
            }
            Reply::Verbatim { text, .. } => text_or_bytes(text, to),
            Reply::Error(text) => {
                to.serialize_str(&format!("(error) {}", String::from_utf8_lossy(text)))
            }
            Reply::Array(items) | Reply::Set(items) | Reply::Push(items) => {
                let mut seq = to.serialize_seq(Some(items.len()))?;
                for item in items {
                    seq.serialize_element(&Value(item))?;
                }
                seq.end()
            }
            Reply::Map(pairs) => {
                let mut map = to.serialize_map(Some(pairs.len()))?;
                for (key, value) in pairs {
                    map.serialize_entry(&Value(key), &Value(value))?;
                }
                map.end()
            }
            Reply::Attribute { reply, .. } => Value(reply).serialize(to),
        }
    }
}

fn text_or_bytes<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
    match std::str::from_utf8(bytes) {
        Ok(text) => to.serialize_str(text),
        Err(_) => to.serialize_bytes(bytes),
    }
}

/// Which part of a view is wanted.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Window {
    db: usize,
    from: usize,
    count: Option<usize>,
    node: Option<u32>,
    cursor: u64,
}

/// A window given as an object, or not at all.
pub(crate) fn window(value: &JsValue) -> Result<Window, JsError> {
    if value.is_undefined() || value.is_null() {
        return Ok(Window::default());
    }
    serde_wasm_bindgen::from_value(value.clone())
        .map_err(|error| JsError::new(&format!("window: {error}")))
}

/// Anything that is neither bytes nor a reply as a plain object.
pub(crate) fn plain(value: &impl Serialize) -> Result<JsValue, JsError> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    value.serialize(&serializer).map_err(JsError::from)
}

/// A view as a plain object.
pub(crate) fn view(
    look: Inspector<'_>,
    kind: &str,
    key: &[u8],
    window: &Window,
) -> Result<JsValue, JsError> {
    let to = &serde_wasm_bindgen::Serializer::json_compatible();
    let &Window { db, from, node, cursor, .. } = window;
    let count = window.count.unwrap_or(VIEW_MAX);
    let buckets = BucketWindow { from, count, cursor };
    let view = match kind {
        "keyspace" => look.keyspace(db, from, count.min(VIEW_MAX)).serialize(to),
        "keytable" => look.keys_table(db, buckets).serialize(to),
        "expiry" => look.expiry(db, count.min(VIEW_MAX)).serialize(to),
        "memory" => look.memory(db, from, count).serialize(to),
        "clients" => look.clients(count.min(VIEW_MAX)).serialize(to),
        "blocked" => look.blocked(count.min(VIEW_MAX)).serialize(to),
        "pubsub" => look.pubsub(count.min(VIEW_MAX)).serialize(to),
        "eviction" => look.eviction().serialize(to),
        "transactions" => look.transactions(count.min(VIEW_MAX)).serialize(to),
        "users" => look.users(count.min(VIEW_MAX)).serialize(to),
        "slowlog" => look.slow_log(count.min(VIEW_MAX)).serialize(to),
        "key" => look.key(db, key).serialize(to),
        "string" => look.string(db, key, from, count).serialize(to),
        "bitmap" => look.bitmap(db, key, from as u64, count as u64).serialize(to),
        "hyperloglog" => look.hyper_log_log(db, key, from, count).serialize(to),
        "list" => look.list(db, key, from, count, ELEMENTS_MAX).serialize(to),
        "listpack" => look.list_pack(db, key, node, from, count).serialize(to),
        "intset" => look.int_set(db, key, from, count).serialize(to),
        "hash" => look.hash(db, key, from, count).serialize(to),
        "hashtable" => look.hash_table(db, key, buckets).serialize(to),
        "skiplist" => look.skip_list(db, key, from, count).serialize(to),
        "geo" => look.geo(db, key, from, count).serialize(to),
        "stream" => look.stream(db, key, (from as u64, 0), count).serialize(to),
        _ => {
            let known = "keyspace, keytable, expiry, memory, eviction, clients, blocked, pubsub, transactions, users, slowlog, key, string, bitmap, hyperloglog, list, \
                         listpack, intset, hash, hashtable, skiplist, geo and stream";
            return Err(JsError::new(&format!("there is no view `{kind}`; there are {known}")));
        }
    };
    view.map_err(JsError::from)
}

/// Steps as a plain object.
pub(crate) fn steps(taken: &TraceBuffer) -> Result<JsValue, JsError> {
    #[derive(Serialize)]
    struct Steps<'a> {
        steps: &'a [Step],
        dropped: u64,
    }
    let steps = Steps { steps: taken.steps(), dropped: taken.dropped() };
    let to = serde_wasm_bindgen::Serializer::json_compatible();
    steps.serialize(&to).map_err(JsError::from)
}
