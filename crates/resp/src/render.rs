//! Replies as redis-cli shows them, byte for byte.
//!
//! On a terminal everything is numbered and typed; `--raw`, `--csv` and `--json` are for other programs.
//! redis-cli 7.0 stops at big numbers, NaN and attributes; they are shown here in the same manner as the rest.
//! It knows nothing of the commands that were asked.

use crate::decode::Reply;
use crate::number::write_i64;
use crate::words::{Words, quote};

/// The output formats of redis-cli.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// For people: `1) (integer) 3`. What redis-cli does on a terminal, or with `--no-raw`.
    #[default]
    Terminal,
    /// Bytes as they are, one element a line (`--raw`).
    Raw,
    /// One line, elements separated by commas (`--csv`).
    Csv,
    /// JSON, except that errors are `error:"text"` (`--json`).
    Json,
    /// The same in ASCII, strings quoted as on a terminal and their backslashes doubled (`--quoted-json`).
    QuotedJson,
}

/// Commands whose text redis-cli shows as it is, whatever the format, and how many words they have at least and at most.
const PLAIN: [(&str, &str, usize, usize); 13] = [
    ("info", "", 1, usize::MAX),
    ("lolwut", "", 1, usize::MAX),
    ("debug", "htstats", 2, usize::MAX),
    ("debug", "htstats-key", 2, usize::MAX),
    ("memory", "malloc-stats", 2, usize::MAX),
    ("memory", "doctor", 2, usize::MAX),
    ("cluster", "nodes", 2, 2),
    ("cluster", "info", 2, 2),
    ("client", "list", 2, usize::MAX),
    ("client", "info", 2, usize::MAX),
    ("latency", "graph", 3, 3),
    ("latency", "doctor", 2, 2),
    ("proxy", "info", 2, usize::MAX),
];

/// Whether redis-cli shows the reply to this command in [`Style::Raw`] whatever format was asked for.
pub fn is_plain(words: &Words) -> bool {
    let is = |at: usize, name: &str| {
        name.is_empty()
            || words.get(at).is_some_and(|word| word.eq_ignore_ascii_case(name.as_bytes()))
    };
    PLAIN.iter().any(|(name, sub, least, most)| {
        is(0, name) && is(1, sub) && (*least..=*most).contains(&words.len())
    })
}

/// A reply as redis-cli shows it on a terminal, without the last line feed.
///
/// Only statuses, errors and verbatim texts are shown as they are; bytes in them that are not UTF-8 become U+FFFD.
pub fn render(reply: &Reply) -> String {
    let bytes = render_as(reply, Style::Terminal);
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// A reply in one of redis-cli's formats, without the last line feed.
pub fn render_as(reply: &Reply, style: Style) -> Vec<u8> {
    let mut out = Vec::new();
    match style {
        Style::Terminal => {
            terminal(&mut out, reply, 0);
            // Every part ends its line; the line feed after the last one belongs to redis-cli.
            out.pop();
        }
        Style::Raw => raw(&mut out, reply),
        Style::Csv => csv(&mut out, reply),
        Style::Json => json(&mut out, reply, json_string),
        Style::QuotedJson => json(&mut out, reply, quoted_json_string),
    }
    out
}

/// Writes lines, each ended by a line feed; all but the first begin with `indent` spaces.
fn terminal(out: &mut Vec<u8>, reply: &Reply, indent: usize) {
    match reply {
        Reply::Simple(text) | Reply::Verbatim { text, .. } => labelled(out, b"", text),
        Reply::Error(text) => labelled(out, b"(error) ", text),
        Reply::Integer(value) => labelled(out, b"(integer) ", value.to_string().as_bytes()),
        Reply::Bulk(bytes) => labelled(out, b"", quote(bytes).as_bytes()),
        Reply::Null | Reply::NullArray => labelled(out, b"(nil)", b""),
        Reply::Double { text, .. } => labelled(out, b"(double) ", text),
        Reply::Bool(true) => labelled(out, b"(true)", b""),
        Reply::Bool(false) => labelled(out, b"(false)", b""),
        Reply::BigNumber(digits) => labelled(out, b"(big number) ", digits),
        Reply::Push(elements) => match invalidated(elements) {
            Some(keys) => invalidate(out, keys),
            None => terminal_elements(out, elements, b") ", "(empty push)", indent),
        },
        Reply::Array(elements) => terminal_elements(out, elements, b") ", "(empty array)", indent),
        Reply::Set(elements) => terminal_elements(out, elements, b"~ ", "(empty set)", indent),
        Reply::Map(pairs) => terminal_pairs(out, pairs, b"# ", indent),
        Reply::Attribute { pairs, reply } => {
            terminal_pairs(out, pairs, b"| ", indent);
            pad(out, indent);
            terminal(out, reply, indent);
        }
    }
}

fn labelled(out: &mut Vec<u8>, label: &[u8], text: &[u8]) {
    out.extend_from_slice(label);
    out.extend_from_slice(text);
    out.push(b'\n');
}

fn terminal_elements(
    out: &mut Vec<u8>,
    elements: &[Reply],
    separator: &[u8],
    empty: &str,
    indent: usize,
) {
    if elements.is_empty() {
        labelled(out, empty.as_bytes(), b"");
    }
    let width = digits(elements.len());
    for (index, element) in elements.iter().enumerate() {
        number(out, index, width, separator, indent);
        terminal(out, element, indent + width + 2);
    }
}

fn terminal_pairs(out: &mut Vec<u8>, pairs: &[(Reply, Reply)], separator: &[u8], indent: usize) {
    if pairs.is_empty() {
        labelled(out, b"(empty hash)", b"");
    }
    let width = digits(pairs.len());
    let inner = indent + width + 2;
    for (index, (key, value)) in pairs.iter().enumerate() {
        number(out, index, width, separator, indent);
        terminal(out, key, inner);
        out.pop();
        out.extend_from_slice(b" => ");
        // A value with several parts begins on a line of its own.
        if branches(value) {
            out.push(b'\n');
            pad(out, inner);
        }
        terminal(out, value, inner);
    }
}

/// The number before an element, right-aligned; the first of an aggregate stands on its parent's line.
fn number(out: &mut Vec<u8>, index: usize, width: usize, separator: &[u8], indent: usize) {
    if index > 0 {
        pad(out, indent);
    }
    pad(out, width - digits(index + 1));
    write_i64(out, index as i64 + 1);
    out.extend_from_slice(separator);
}

fn pad(out: &mut Vec<u8>, spaces: usize) {
    out.resize(out.len() + spaces, b' ');
}

fn digits(value: usize) -> usize {
    value.checked_ilog10().unwrap_or(0) as usize + 1
}

/// Whether more than one element is shown, however deep. Keys and line feeds in texts do not count.
fn branches(reply: &Reply) -> bool {
    match reply {
        Reply::Array(elements) | Reply::Set(elements) | Reply::Push(elements) => {
            match elements.as_slice() {
                [] => false,
                [only] => branches(only),
                _ => true,
            }
        }
        Reply::Map(pairs) => match pairs.as_slice() {
            [] => false,
            [(_, only)] => branches(only),
            _ => true,
        },
        Reply::Attribute { .. } => true,
        _ => false,
    }
}

/// The keys in a message of client-side caching.
fn invalidated(elements: &[Reply]) -> Option<&[Reply]> {
    match elements {
        [Reply::Bulk(kind), Reply::Array(keys)] if kind == b"invalidate" => Some(keys),
        _ => None,
    }
}

fn invalidate(out: &mut Vec<u8>, keys: &[Reply]) {
    out.extend_from_slice(b"-> invalidate: ");
    join(out, keys, b", ", |out, key| {
        out.push(b'\'');
        out.extend_from_slice(key.as_bytes().unwrap_or_default());
        out.push(b'\'');
    });
    out.push(b'\n');
}

fn join<T>(
    out: &mut Vec<u8>,
    items: &[T],
    separator: &[u8],
    mut write: impl FnMut(&mut Vec<u8>, &T),
) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.extend_from_slice(separator);
        }
        write(out, item);
    }
}

fn raw(out: &mut Vec<u8>, reply: &Reply) {
    match reply {
        Reply::Error(text) => labelled(out, b"", text),
        Reply::Null | Reply::NullArray => {}
        Reply::Bool(true) => out.extend_from_slice(b"(true)"),
        Reply::Bool(false) => out.extend_from_slice(b"(false)"),
        Reply::Integer(value) => write_i64(out, *value),
        Reply::Array(elements) | Reply::Set(elements) | Reply::Push(elements) => {
            join(out, elements, b"\n", raw);
        }
        Reply::Map(pairs) => join(out, pairs, b"\n", |out, (key, value)| {
            raw(out, key);
            out.push(b' ');
            raw(out, value);
        }),
        Reply::Attribute { reply, .. } => raw(out, reply),
        Reply::Simple(text)
        | Reply::Bulk(text)
        | Reply::BigNumber(text)
        | Reply::Double { text, .. }
        | Reply::Verbatim { text, .. } => out.extend_from_slice(text),
    }
}

fn csv(out: &mut Vec<u8>, reply: &Reply) {
    match reply {
        Reply::Error(text) => {
            out.extend_from_slice(b"ERROR,");
            out.extend_from_slice(quote(text).as_bytes());
        }
        Reply::Null | Reply::NullArray => out.extend_from_slice(b"NULL"),
        Reply::Array(elements) | Reply::Set(elements) | Reply::Push(elements) => {
            join(out, elements, b",", csv);
        }
        Reply::Map(pairs) => join(out, pairs, b",", |out, (key, value)| {
            csv(out, key);
            out.push(b',');
            csv(out, value);
        }),
        Reply::Attribute { reply, .. } => csv(out, reply),
        Reply::Simple(text) | Reply::Bulk(text) | Reply::Verbatim { text, .. } => {
            out.extend_from_slice(quote(text).as_bytes());
        }
        Reply::Integer(_) | Reply::Bool(_) | Reply::BigNumber(_) | Reply::Double { .. } => {
            bare(out, reply);
        }
    }
}

/// Numbers and booleans, which CSV and JSON write alike.
fn bare(out: &mut Vec<u8>, reply: &Reply) {
    match reply {
        Reply::Integer(value) => write_i64(out, *value),
        Reply::Bool(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
        _ => out.extend_from_slice(reply.as_bytes().unwrap_or_default()),
    }
}

/// Writes a string in quotes.
type WriteString = fn(&mut Vec<u8>, &[u8]);

fn json(out: &mut Vec<u8>, reply: &Reply, string: WriteString) {
    match reply {
        Reply::Error(text) => {
            out.extend_from_slice(b"error:");
            string(out, text);
        }
        Reply::Null | Reply::NullArray => out.extend_from_slice(b"null"),
        Reply::Array(elements) | Reply::Set(elements) | Reply::Push(elements) => {
            out.push(b'[');
            join(out, elements, b",", |out, element| json(out, element, string));
            out.push(b']');
        }
        Reply::Map(pairs) => {
            out.push(b'{');
            join(out, pairs, b",", |out, (key, value)| {
                json_key(out, key, string);
                out.push(b':');
                json(out, value, string);
            });
            out.push(b'}');
        }
        Reply::Attribute { reply, .. } => json(out, reply, string),
        Reply::Simple(text) | Reply::Bulk(text) | Reply::Verbatim { text, .. } => {
            string(out, text);
        }
        Reply::Integer(_) | Reply::Bool(_) | Reply::BigNumber(_) | Reply::Double { .. } => {
            bare(out, reply);
        }
    }
}

/// Keys that are no text are put in quotes as they are, even where that is not JSON.
fn json_key(out: &mut Vec<u8>, key: &Reply, string: WriteString) {
    if matches!(key, Reply::Error(_) | Reply::Simple(_) | Reply::Bulk(_) | Reply::Verbatim { .. }) {
        json(out, key, string);
    } else {
        out.push(b'"');
        json(out, key, string);
        out.push(b'"');
    }
}

fn json_string(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    for &byte in text {
        match byte {
            b'"' | b'\\' => out.extend([b'\\', byte]),
            0x08 => out.extend_from_slice(b"\\b"),
            0x0c => out.extend_from_slice(b"\\f"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..0x20 => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

/// As on a terminal, with each backslash twice: redis-cli 7.0 does so, even before a quote.
fn quoted_json_string(out: &mut Vec<u8>, text: &[u8]) {
    out.extend_from_slice(quote(text).replace('\\', "\\\\").as_bytes());
}
