//! How a hash lies in memory: its fields in their order, and when they end.

use super::{Inspector, beginning};
use crate::schedule::is_over;
use crate::value::Value;

/// Fields of one view at most: more than a picture can show.
pub const FIELDS_MAX: usize = 1024;

/// Bytes shown of one name or value at most.
pub const WORD_BYTES_MAX: usize = 64;

/// A window into a hash.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct HashView {
    /// The key.
    #[cfg_attr(feature = "serde", serde(with = "super::text"))]
    pub key: Vec<u8>,
    /// `listpack`, `listpackex` or `hashtable`.
    pub encoding: String,
    /// Fields in all, those included that have ended and are still there.
    pub len: usize,
    /// The clock, in milliseconds since 1970.
    pub now: i64,
    /// The first field of the window, counted in the order of memory.
    pub from: usize,
    /// The fields of the window.
    pub fields: Vec<HashFieldView>,
}

/// A field of a hash.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct HashFieldView {
    /// Its place in a listpack, counted in fields, or its id in the table as in `HashTableStep`.
    pub id: u32,
    /// The first bytes of its name.
    #[cfg_attr(feature = "serde", serde(with = "super::text"))]
    pub name: Vec<u8>,
    /// The first bytes of its value.
    #[cfg_attr(feature = "serde", serde(with = "super::text"))]
    pub value: Vec<u8>,
    /// Bytes of its value in all.
    pub value_len: usize,
    /// When it ends, in milliseconds since 1970.
    #[cfg_attr(feature = "serde", serde(with = "redarium_structures::exact::option"))]
    pub deadline: Option<i64>,
    /// Whether its time is over though nothing has removed it yet.
    pub dead: bool,
}

impl Inspector<'_> {
    /// Up to `count` fields (and no more than [`FIELDS_MAX`]) of the hash at `key` from a field on; `None` if there is no
    /// hash. O(from + count).
    pub fn hash(&self, db: usize, key: &[u8], from: usize, count: usize) -> Option<HashView> {
        let Value::Hash(hash) = &self.entry(db, key)?.value else { return None };
        let now = self.engine.now();
        let shown = hash.iter().skip(from).take(count.min(FIELDS_MAX));
        Some(HashView {
            key: key.to_vec(),
            encoding: hash.encoding().to_owned(),
            len: hash.len(),
            now,
            from,
            fields: shown
                .map(|field| HashFieldView {
                    id: field.id,
                    name: beginning(field.name, WORD_BYTES_MAX),
                    value: beginning(field.value, WORD_BYTES_MAX),
                    value_len: field.value.text_len(),
                    deadline: field.deadline,
                    dead: field.deadline.is_some_and(|at| is_over(at, now)),
                })
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inspect::tests::run;
    use crate::{Engine, Options};

    /// Name, value, deadline and an exclamation mark if it is over.
    fn shown(view: &HashView) -> Vec<String> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let line = |field: &HashFieldView| {
            let end = field.deadline.map_or("never".to_owned(), |at| at.to_string());
            let mark = if field.dead { "!" } else { "" };
            format!("{} {} {end}{mark}", text(&field.name), text(&field.value))
        };
        view.fields.iter().map(line).collect()
    }

    #[test]
    fn shows_fields_with_their_deadlines() {
        let mut node = Engine::new(Options { start: 1000, ..Options::default() });
        run(&mut node, "HSET h a 1 b two\r\nSET s x\r\n");
        let view = node.inspect().hash(0, b"h", 0, 9).unwrap();
        assert_eq!((view.encoding.as_str(), view.len, view.now), ("listpack", 2, 1000), "small");
        assert_eq!(shown(&view), ["a 1 never", "b two never"], "in the order of memory");
        run(&mut node, "HPEXPIRE h 50 FIELDS 1 b\r\n");
        node.advance_to(1050);
        let view = node.inspect().hash(0, b"h", 0, 9).unwrap();
        assert_eq!(
            (view.encoding.as_str(), view.len),
            ("listpackex", 2),
            "with room for deadlines"
        );
        assert_eq!(shown(&view), ["b two 1050!", "a 1 never"], "what ends first");
        let window = node.inspect().hash(0, b"h", 1, 1).unwrap();
        assert_eq!((window.from, &window.fields[..]), (1, &view.fields[1..]), "a window");
        assert_eq!(node.inspect().hash(0, b"s", 0, 9), None, "a string");
        assert_eq!(node.inspect().hash(0, b"x", 0, 9), None, "no such key");
    }

    #[test]
    fn long_words_are_cut() {
        let mut node = Engine::new(Options::default());
        let long = "x".repeat(100);
        run(&mut node, &format!("HSETEX h EX 9 FIELDS 1 f {long}\r\n"));
        let view = node.inspect().hash(0, b"h", 0, 9).unwrap();
        let field = &view.fields[0];
        assert_eq!((field.value.len(), field.value_len), (WORD_BYTES_MAX, 100), "cut");
        assert_eq!((view.encoding.as_str(), field.deadline), ("hashtable", Some(9000)), "a table");
    }
}
