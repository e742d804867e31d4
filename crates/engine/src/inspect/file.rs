//! What stands in a file, byte by byte: snapshots, logs of commands, and the list of a log's files.

use crate::args::Args;
use crate::config::Config;
use crate::persistence::load::commands;
use crate::rdb::{LoadError, MAGIC, Range, ranges};

/// Bytes of a range's text that are shown.
const TEXT_MAX: usize = 200;

/// Bytes of a file that one view shows.
const BYTES_MAX: usize = 4096;

/// A range of bytes and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FileRangeView {
    /// Where it begins.
    pub offset: usize,
    /// How long it is.
    pub len: usize,
    /// What it is, in one word: `magic`, `about`, `database`, `sizes`, `deadline`, `kind`, `key`, `value`, `end`,
    /// `checksum`; `command` of a log; `line` of a list.
    pub meaning: String,
    /// What it says, at most 200 bytes of it: a key's name, a number, the words of a command.
    #[cfg_attr(feature = "serde", serde(with = "super::text"))]
    pub text: Vec<u8>,
}

/// A part of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FileView {
    /// Its name.
    pub name: String,
    /// How many bytes it has.
    pub len: usize,
    /// How many of these, from the first on, would outlive a power failure.
    pub durable_upto: usize,
    /// Where the bytes that are shown begin: with the first range.
    pub from: usize,
    /// The bytes, at most 4096.
    pub bytes: Vec<u8>,
    /// What they mean.
    pub ranges: Vec<FileRangeView>,
    /// What is wrong with the file and where, if anything up to the last range is.
    pub trouble: Option<String>,
}

/// A part of the file `name`: up to `count` ranges that reach beyond the byte `from`. O(n) up to the last of them.
pub fn file_view(
    name: &str,
    (bytes, durable_upto): (&[u8], usize),
    config: &Config,
    from: usize,
    count: usize,
) -> FileView {
    let mut found = Vec::new();
    let trouble = if name.ends_with(".manifest") {
        lines(bytes, from, count, &mut found);
        None
    } else if bytes.starts_with(MAGIC) {
        let (parts, trouble) = ranges(bytes, config, from, count);
        let read = parts.last().map_or(0, |part| part.offset + part.len);
        let is_whole = parts.last().is_some_and(|part| part.meaning == "checksum");
        found.extend(parts.into_iter().map(range));
        let trouble = trouble.map(|error| error.to_string());
        // What was logged after a snapshot may follow in the same file.
        if is_whole && read < bytes.len() && found.len() < count {
            trouble.or(log(bytes, read, from, count - found.len(), &mut found))
        } else {
            trouble
        }
    } else {
        log(bytes, 0, from, count, &mut found)
    };
    let start = found.first().map_or(from.min(bytes.len()), |range| range.offset);
    let end = found.last().map_or(bytes.len(), |range| range.offset + range.len);
    let shown = bytes.get(start..end.min(start + BYTES_MAX)).unwrap_or_default();
    FileView {
        name: name.to_owned(),
        len: bytes.len(),
        durable_upto,
        from: start,
        bytes: shown.to_vec(),
        ranges: found,
        trouble,
    }
}

fn range(range: Range) -> FileRangeView {
    let Range { offset, len, meaning, mut text } = range;
    text.truncate(TEXT_MAX);
    FileRangeView { offset, len, meaning: meaning.to_owned(), text }
}

fn log(
    bytes: &[u8],
    start: usize,
    from: usize,
    count: usize,
    found: &mut Vec<FileRangeView>,
) -> Option<String> {
    let add = |offset, len, args: Args<'_>| {
        let mut text = Vec::new();
        for word in args.all() {
            if text.len() > TEXT_MAX {
                break;
            }
            text.extend_from_slice(if text.is_empty() { b"" } else { b" " });
            text.extend_from_slice(word.get(..TEXT_MAX).unwrap_or(word));
        }
        found.push(range(Range { offset, len, meaning: "command", text }));
    };
    commands(bytes, start, from, count, add).map(|error: LoadError| error.to_string())
}

fn lines(bytes: &[u8], from: usize, count: usize, found: &mut Vec<FileRangeView>) {
    let mut offset = 0;
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        let len = line.len();
        if offset + len > from && found.len() < count {
            let text = line.trim_ascii_end().to_vec();
            found.push(range(Range { offset, len, meaning: "line", text }));
        }
        offset += len;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Engine, Options};

    fn shown(view: &FileView) -> Vec<String> {
        let text = |range: &FileRangeView| {
            let FileRangeView { offset, len, meaning, text } = range;
            format!("{offset}+{len} {meaning} {}", text.escape_ascii())
        };
        view.ranges.iter().map(text).collect()
    }

    #[test]
    fn every_byte_of_a_snapshot_is_explained() {
        let mut node = Engine::new(Options { seed: 3, ..Options::default() });
        let client = node.connect("test");
        node.feed(client, b"SET a 1 PXAT 5000\r\nRPUSH list x\r\n");
        let bytes = node.snapshot();
        let config = Config::default();
        let all = file_view("dump.rdb", (&bytes, 7), &config, 0, 100);
        assert_eq!(all.trouble, None, "it is whole");
        let mut next = 0;
        for range in &all.ranges {
            assert_eq!(range.offset, next, "without a gap");
            next = range.offset + range.len;
        }
        assert_eq!((next, all.len, all.durable_upto), (bytes.len(), bytes.len(), 7), "to the end");
        let said = shown(&all);
        for part in [
            "0+9 magic version 13",
            "about redis-ver = 8.6.3",
            "database 0",
            "deadline 5000",
            "key a",
            "checksum",
        ] {
            assert!(said.iter().any(|line| line.contains(part)), "{part} in {said:?}");
        }
        let from = all.ranges.get(5).unwrap().offset;
        let some = file_view("dump.rdb", (&bytes, 7), &config, from, 2);
        assert_eq!(some.ranges, all.ranges.get(5..7).unwrap(), "a page of it");
        assert_eq!(Some(&some.bytes[..]), bytes.get(from..from + some.bytes.len()), "its bytes");
        let cut = bytes.get(..bytes.len() - 1).unwrap();
        let trouble = file_view("dump.rdb", (cut, 0), &config, 0, 100).trouble.unwrap();
        assert!(trouble.contains("at byte"), "{trouble}");
    }

    #[test]
    fn logs_are_shown_command_by_command_and_lists_line_by_line() {
        let config = Config::default();
        let bytes = b"#TS:5\r\n*1\r\n$4\r\nPING\r\n*2\r\n$3\r\nGET\r\n$1\r\na\r\n*2\r\n$3\r\nGE";
        let view = file_view("x.aof", (bytes, 0), &config, 0, 10);
        assert_eq!(shown(&view), ["0+21 command PING", "21+20 command GET a"]);
        assert_eq!(view.trouble.as_deref(), Some("at byte 41: the last command breaks off"));
        let view = file_view("x.aof", (bytes, 0), &config, 21, 10);
        assert_eq!(shown(&view), ["21+20 command GET a"], "from there on");
        let list = b"file a seq 1 type b\nfile b seq 1 type i\n";
        let view = file_view("x.manifest", (list, 0), &config, 0, 10);
        assert_eq!(shown(&view)[1], "20+20 line file b seq 1 type i");
    }
}
