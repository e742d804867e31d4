//! Between JavaScript values and words, replies and views.

use js_sys::{Array, BigInt, Uint8Array};
use redarium_engine::inspect::Inspector;
use redarium_resp::decode::Reply;
use redarium_resp::words::Words;
use serde::ser::{Error as _, Serialize, SerializeMap as _, SerializeSeq as _, Serializer};
use wasm_bindgen::prelude::*;

/// Entries of the lists in a view: what a picture can show.
const VIEW_MAX: usize = 200;

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

/// A view as a plain object.
pub(crate) fn view(look: Inspector<'_>, kind: &str, key: &[u8]) -> Result<JsValue, JsError> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    let view = match kind {
        "keyspace" => look.keyspace(0, VIEW_MAX).serialize(&serializer),
        "key" => look.key(0, key).serialize(&serializer),
        "string" => look.string(0, key, 0, VIEW_MAX).serialize(&serializer),
        "skiplist" => look.skip_list(0, key, 0, VIEW_MAX).serialize(&serializer),
        _ => Err(serde_wasm_bindgen::Error::custom(format!(
            "there is no view `{kind}`; try keyspace, key, string or skiplist"
        ))),
    };
    view.map_err(JsError::from)
}
