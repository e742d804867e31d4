//! Whether two servers' answers to the same command mean the same, though chance, time or order make them differ.

use std::collections::BTreeSet;

use redarium_engine::table;
use redarium_resp::decode::Reply;
use redarium_resp::encode::Protocol;
use redarium_resp::number::{parse_f64, write_f64};
use redarium_resp::words::Words;

/// Answers that differ for a reason: the command's name, what our answer contains, what theirs contains, the reason.
const KNOWN: &[(&str, &str, &str, &str)] = &[
    ("BITCOUNT", "-ERR", ":0", "all words are read before the key since 7.2"),
    ("BITCOUNT", "-ERR", "-WRONGTYPE", "all words are read before the key since 7.2"),
    ("BITPOS", "-ERR", "-WRONGTYPE", "all words are read before the key since 7.2"),
    ("BITPOS", "-ERR", ":-1", "all words are read before the key since 7.2"),
    ("BITPOS", "-ERR", ":0", "all words are read before the key since 7.2"),
    ("ZRANK", "syntax error", "wrong number", "WITHSCORE is new in 7.2"),
    ("ZREVRANK", "syntax error", "wrong number", "WITHSCORE is new in 7.2"),
    ("XREAD", "", "Invalid stream ID", "the id + is new in 7.4"),
    ("XREAD", "Unbalanced", "Unbalanced", "the text names the command since 7.2"),
    ("XREADGROUP", "Unbalanced", "Unbalanced", "the text names the command since 7.2"),
    ("XSETID", "max_deleted_entry_id", "", "it is compared with deleted ids since 7.2"),
    ("COMMAND GETKEYS", "Invalid command", "wrong number", "one word is enough since 7.2"),
    ("COMMAND GETKEYSANDFLAGS", "Invalid command", "wrong number", "one word is enough since 7.2"),
    ("HELLO", "-ERR", "-WRONGPASS", "all words are read before AUTH is tried since 7.2"),
    ("CLIENT TRACKING", "-ERR", "does not exist", "other clients are there"),
    ("CLIENT TRACKING", "does not exist", "", "other clients are there"),
    ("LOLWUT", "not an integer", "Redis ver.", "each version draws another picture"),
    ("LPOS", "value must between", "", "the smallest rank is refused since 7.2"),
    ("LREM", "value must between", "", "the smallest count is refused since 7.2"),
    ("SCAN", "*", "invalid cursor", "cursors may begin with spaces since 7.2"),
    ("SCAN", "invalid cursor", "", "negative cursors are refused since 7.2"),
    ("SSCAN", "*", "invalid cursor", "cursors may begin with spaces since 7.2"),
    ("SSCAN", "WRONGTYPE", "invalid cursor", "cursors may begin with spaces since 7.2"),
    ("SSCAN", "invalid cursor", "", "negative cursors are refused since 7.2"),
    ("HSCAN", "*", "invalid cursor", "cursors may begin with spaces since 7.2"),
    ("HSCAN", "WRONGTYPE", "invalid cursor", "cursors may begin with spaces since 7.2"),
    ("HSCAN", "invalid cursor", "", "negative cursors are refused since 7.2"),
    ("ZSCAN", "*", "invalid cursor", "cursors may begin with spaces since 7.2"),
    ("ZSCAN", "WRONGTYPE", "invalid cursor", "cursors may begin with spaces since 7.2"),
    ("ZSCAN", "invalid cursor", "", "negative cursors are refused since 7.2"),
    ("GEOPOS", "e-", "", "coordinates have all their digits since 8.0, not 17 places"),
    ("GEOSEARCH", "e-", "", "coordinates have all their digits since 8.0, not 17 places"),
    ("GEORADIUS", "e-", "", "coordinates have all their digits since 8.0, not 17 places"),
    ("GEORADIUS_RO", "e-", "", "coordinates have all their digits since 8.0, not 17 places"),
    ("GEORADIUSBYMEMBER", "e-", "", "coordinates have all their digits since 8.0, not 17 places"),
    (
        "GEORADIUSBYMEMBER_RO",
        "e-",
        "",
        "coordinates have all their digits since 8.0, not 17 places",
    ),
    (
        "OBJECT ENCODING",
        "raw",
        "embstr",
        "beside a long key a short text is not embedded since 8.2",
    ),
    ("OBJECT ENCODING", "listpack", "intset", "SADD counts its words beforehand since 7.2"),
    ("OBJECT ENCODING", "hashtable", "intset", "SADD counts its words beforehand since 7.2"),
    ("OBJECT ENCODING", "skiplist", "listpack", "ZADD counts its words beforehand since 7.2"),
    ("OBJECT ENCODING", "listpack", "quicklist", "short lists are listpacks since 7.2"),
    ("OBJECT ENCODING", "listpack", "hashtable", "small sets of words are listpacks since 7.2"),
];

/// Commands whose answers are left to chance.
const BY_CHANCE: &[&str] = &["SPOP", "SRANDMEMBER", "HRANDFIELD", "ZRANDMEMBER", "RANDOMKEY"];

/// Commands whose answers have no order that matters, and how many elements belong together.
const UNORDERED: &[(&str, usize)] = &[
    ("KEYS", 1),
    ("SMEMBERS", 1),
    ("SINTER", 1),
    ("SUNION", 1),
    ("SDIFF", 1),
    ("HKEYS", 1),
    ("HVALS", 1),
    ("HGETALL", 2),
];

/// Commands that tell a time, and by how much two answers may differ, since two servers are asked in turn.
const TIMES: &[(&str, i64)] =
    &[("TTL", 2), ("PTTL", 2000), ("EXPIRETIME", 2), ("PEXPIRETIME", 2000)];

/// Commands that go through something in steps: the place of the cursor, and how many elements belong together.
const SCANS: &[(&str, usize, usize)] =
    &[("SCAN", 1, 1), ("SSCAN", 2, 1), ("HSCAN", 2, 2), ("ZSCAN", 2, 2)];

/// Whether a command's answers are left to chance.
pub(crate) fn is_by_chance(name: &str) -> bool {
    BY_CHANCE.contains(&name)
}

/// Parts of answers about streams that tell a time, that are newer, or that are estimated in another way since 7.4.
const TIMES_IN_STREAMS: &[&str] =
    &["idle", "inactive", "seen-time", "active-time", "pids-tracked", "lag", "entries-read"];

/// An answer about a stream without the times in it, which two servers that are asked in turn do not share.
pub(crate) fn timeless(words: &Words, reply: Reply) -> Reply {
    match &*name_of(words) {
        "XPENDING" => without_times(reply, false),
        "XINFO STREAM" | "XINFO CONSUMERS" | "XINFO GROUPS" => without_times(reply, true),
        _ => reply,
    }
}

fn without_times(reply: Reply, is_map: bool) -> Reply {
    let is_time = |name: &Reply| {
        let name = String::from_utf8_lossy(name.as_bytes().unwrap_or_default()).into_owned();
        TIMES_IN_STREAMS.contains(&&*name) || name.starts_with("idmp-") || name.starts_with("iids-")
    };
    match reply {
        Reply::Map(pairs) => {
            let pairs = pairs.into_iter().filter(|(name, _)| !is_time(name));
            Reply::Map(pairs.map(|(name, value)| (name, without_times(value, is_map))).collect())
        }
        // Maps as flat arrays begin with a name and hold pairs.
        Reply::Array(elements)
            if is_map && elements.len() > 4 && matches!(elements[0], Reply::Bulk(_)) =>
        {
            let pairs = elements.chunks(2).filter(|pair| !is_time(&pair[0]));
            let elements = pairs.flatten().cloned().map(|part| without_times(part, is_map));
            Reply::Array(elements.collect())
        }
        // A pending entry: its id, perhaps whose it is, since when, and how often it was delivered.
        Reply::Array(mut elements)
            if elements.len() > 2
                && elements[elements.len() - 2..]
                    .iter()
                    .all(|part| part.as_integer().is_some())
                && elements[0].as_integer().is_none() =>
        {
            let at = elements.len() - 2;
            elements[at] = Reply::Integer(0);
            Reply::Array(elements)
        }
        Reply::Array(elements) => {
            Reply::Array(elements.into_iter().map(|part| without_times(part, is_map)).collect())
        }
        other => other,
    }
}

/// The last line of a help in 7.0, and what it is in 8.
const OF_HELP: (&[u8], &[u8]) = (b"    Prints this help.", b"    Print this help.");

/// An answer as it is written since 7.2: floats with fewer exponents and the shortest digits.
pub(crate) fn modern(reply: Reply) -> Reply {
    let rewritten = |text: Vec<u8>| {
        let has_exponent = text.windows(2).any(|pair| matches!(pair, b"e+" | b"e-"));
        let has_all_digits =
            text.contains(&b'.') && text.iter().filter(|byte| byte.is_ascii_digit()).count() > 15;
        match parse_f64(&text) {
            Some(value) if has_exponent || has_all_digits => {
                let mut text = Vec::new();
                write_f64(&mut text, value);
                text
            }
            _ => text,
        }
    };
    match reply {
        Reply::Bulk(text) => Reply::Bulk(rewritten(text)),
        Reply::Simple(text) if text == OF_HELP.0 => Reply::Simple(OF_HELP.1.to_vec()),
        Reply::Double { text, value } => Reply::Double { text: rewritten(text), value },
        Reply::Array(elements) => Reply::Array(elements.into_iter().map(modern).collect()),
        Reply::Map(pairs) => Reply::Map(
            pairs.into_iter().map(|(name, value)| (modern(name), modern(value))).collect(),
        ),
        other => other,
    }
}

/// An answer to read.
pub(crate) fn shown(reply: &Reply) -> String {
    bytes_of(reply).escape_ascii().to_string()
}

fn bytes_of(reply: &Reply) -> Vec<u8> {
    let mut bytes = Vec::new();
    reply.write(&mut bytes, Protocol::Resp3);
    bytes
}

/// The name in capitals, of two words if the first one alone is no command.
fn name_of(words: &Words) -> String {
    let word = |index| words.get(index).map(|word| String::from_utf8_lossy(word).to_uppercase());
    let name = word(0).unwrap_or_default();
    match table::lookup(name.as_bytes()) {
        Some(spec) if !spec.subcommands.is_empty() => {
            format!("{name} {}", word(1).unwrap_or_default())
        }
        _ => name,
    }
}

/// The place of the cursor and how many elements belong together, if this goes through something in steps.
pub(crate) fn scan_of(words: &Words) -> Option<(usize, usize)> {
    let name = name_of(words);
    SCANS.iter().find(|(scan, ..)| *scan == name).map(|&(_, cursor, together)| (cursor, together))
}

/// Whether two answers mean the same.
pub(crate) fn is_same(words: &Words, ours: &Reply, theirs: &Reply) -> bool {
    if bytes_of(ours) == bytes_of(theirs) {
        return true;
    }
    if ours.is_error() || theirs.is_error() {
        return false;
    }
    let name = name_of(words);
    if is_by_chance(&name) {
        return shape(ours) == shape(theirs);
    }
    if let Some((_, tolerance)) = TIMES.iter().find(|(time, _)| *time == name) {
        let numbers = (ours.as_integer(), theirs.as_integer());
        return matches!(numbers, (Some(a), Some(b)) if a > 0 && b > 0 && (a - b).abs() <= *tolerance);
    }
    let together = UNORDERED.iter().find(|(unordered, _)| *unordered == name).map(|(_, n)| *n);
    match together.or_else(|| scan_of(words).map(|(_, together)| together)) {
        Some(together) => sorted(ours, together) == sorted(theirs, together),
        None => false,
    }
}

/// What chance leaves the same: how many of what.
fn shape(reply: &Reply) -> String {
    match reply {
        Reply::Array(elements) => format!("array of {}", elements.len()),
        Reply::Set(elements) => format!("set of {}", elements.len()),
        Reply::Bulk(_) => "bulk".to_owned(),
        other => shown(other),
    }
}

/// The elements in an order that both sides share, each once.
fn sorted(reply: &Reply, together: usize) -> (u8, BTreeSet<Vec<u8>>) {
    let kind = bytes_of(reply).first().copied().unwrap_or(0);
    let elements: Vec<Vec<u8>> = if let Reply::Map(pairs) = reply {
        pairs.iter().map(|(key, value)| [bytes_of(key), bytes_of(value)].concat()).collect()
    } else {
        let all: Vec<_> = reply.elements().unwrap_or_default().iter().map(bytes_of).collect();
        all.chunks(together).map(<[Vec<u8>]>::concat).collect()
    };
    (kind, elements.into_iter().collect())
}

/// Whether two answers differ for a known reason.
pub(crate) fn is_known(words: &Words, ours: &Reply, theirs: &Reply) -> bool {
    let name = name_of(words);
    let (ours, theirs) = (shown(ours), shown(theirs));
    // Words in the texts of Redis's errors end at a zero byte.
    if ours.starts_with('-') && ours.replace("\\x00b", "") == theirs {
        return true;
    }
    KNOWN.iter().any(|(known, our, their, _)| {
        *known == name && ours.contains(our) && theirs.contains(their)
    })
}
