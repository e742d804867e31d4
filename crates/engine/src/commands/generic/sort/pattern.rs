//! The patterns of BY and GET: which key, or which field of a hash, stands beside an element.

use std::iter::once;

use redarium_structures::list_pack::{IntText, ListPackValue};
use redarium_structures::trace::NoTrace;

use crate::keyspace::Keys;
use crate::value::Value;

/// A pattern, read once for all elements.
#[derive(Debug, Clone, Copy)]
pub(super) enum Pattern<'a> {
    /// `#`: the element itself.
    Element,
    /// Nothing in it to put the element in place of, so that it names no key.
    Nothing,
    /// The element between two texts names a key.
    Key {
        before: &'a [u8],
        after: &'a [u8],
        /// The field, if the key is that of a hash.
        field: Option<&'a [u8]>,
    },
}

impl<'a> Pattern<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        if text == b"#" {
            return Self::Element;
        }
        let Some(star) = text.iter().position(|&byte| byte == b'*') else { return Self::Nothing };
        let (before, after) = text.split_at(star);
        let after = after.get(1..).unwrap_or_default();
        // An arrow with nothing behind it belongs to the name of the key.
        match after.windows(2).position(|pair| pair == b"->") {
            Some(arrow) if arrow + 2 < after.len() => {
                let (after, field) = after.split_at(arrow);
                Self::Key { before, after, field: field.get(2..) }
            }
            _ => Self::Key { before, after, field: None },
        }
    }

    /// What stands beside `element`, if anything does; `name` is scratch space.
    pub(super) fn find<'k>(
        &self,
        keys: &'k mut Keys<'_>,
        element: ListPackValue<'k>,
        name: &mut Vec<u8>,
    ) -> Option<ListPackValue<'k>> {
        let (before, after, field) = match *self {
            Self::Element => return Some(element),
            Self::Nothing => return None,
            Self::Key { before, after, field } => (before, after, field),
        };
        name.clear();
        name.extend_from_slice(before);
        name.extend_from_slice(element.text(&mut IntText::default()));
        name.extend_from_slice(after);
        if let Some(field) = field {
            let now = keys.now;
            let hash = keys.read_fields(name, once(field)).ok()??;
            return hash.get(field, now, &mut NoTrace);
        }
        match keys.value(name)? {
            Value::Int(number) => Some(ListPackValue::Int(*number)),
            Value::Str(bytes) => Some(ListPackValue::Str(bytes)),
            Value::Raw(bytes) => Some(ListPackValue::Str(bytes)),
            _ => None,
        }
    }
}
