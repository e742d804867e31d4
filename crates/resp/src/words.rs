//! Command lines as words, and words as quoted text: the rules shared by redis-cli and inline commands.
//!
//! `"..."` understands `\n \r \t \a \b \\ \" \xHH`, `'...'` understands `\'` only,
//! and a closing quote must be followed by a space or the end.
//! This file knows nothing of what the words mean.

use std::fmt;

use crate::number::write_u64;

/// The words of one command, owned: one buffer and a span for each word.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Words {
    buf: Vec<u8>,
    spans: Vec<(u32, u32)>,
}

impl Words {
    /// No words.
    pub fn new() -> Self {
        Words::default()
    }

    /// Copies words; O(total length).
    pub fn from_slices<W: AsRef<[u8]>>(words: impl IntoIterator<Item = W>) -> Self {
        let mut owned = Words::new();
        for word in words {
            owned.push(word.as_ref());
        }
        owned
    }

    /// Copies the words that a [`crate::RequestParser`] has found in `buf`; spans outside it are left out.
    pub fn from_spans(buf: &[u8], spans: &[(u32, u32)]) -> Self {
        Words::from_slices(
            spans.iter().filter_map(|&(start, end)| buf.get(start as usize..end as usize)),
        )
    }

    /// Appends a word; words beyond 4 GB in all are cut off.
    pub fn push(&mut self, word: &[u8]) {
        let start = self.buf.len();
        let room = (u32::MAX as usize).saturating_sub(start);
        self.buf.extend_from_slice(word.get(..room).unwrap_or(word));
        self.spans.push((start as u32, self.buf.len() as u32));
    }

    /// The number of words.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there are no words.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The word at `index`, counted from 0.
    #[inline]
    pub fn get(&self, index: usize) -> Option<&[u8]> {
        let &(start, end) = self.spans.get(index)?;
        self.buf.get(start as usize..end as usize)
    }

    /// The words in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> + DoubleEndedIterator + Clone {
        self.spans
            .iter()
            .map(|&(start, end)| self.buf.get(start as usize..end as usize).unwrap_or_default())
    }

    /// All word bytes, one after the other; [`Words::spans`] tells them apart.
    pub fn buf(&self) -> &[u8] {
        &self.buf
    }

    /// Start and end of each word in [`Words::buf`].
    pub fn spans(&self) -> &[(u32, u32)] {
        &self.spans
    }

    /// Forgets the words and keeps the memory.
    pub fn clear(&mut self) {
        self.buf.clear();
        self.spans.clear();
    }

    /// Memory held, in bytes.
    pub fn memory_bytes(&self) -> usize {
        self.buf.capacity() + self.spans.capacity() * size_of::<(u32, u32)>()
    }

    /// Appends the request that carries these words, as clients send it: an array of bulk strings.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.push(b'*');
        write_u64(out, self.len() as u64);
        out.extend_from_slice(b"\r\n");
        for word in self.iter() {
            out.push(b'$');
            write_u64(out, word.len() as u64);
            out.extend_from_slice(b"\r\n");
            out.extend_from_slice(word);
            out.extend_from_slice(b"\r\n");
        }
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut list = f.debug_list();
        for word in self.iter() {
            list.entry(&format_args!("{}", quote(word)));
        }
        list.finish()
    }
}

impl<W: AsRef<[u8]>> FromIterator<W> for Words {
    fn from_iter<I: IntoIterator<Item = W>>(words: I) -> Self {
        Words::from_slices(words)
    }
}

/// Why a line cannot be split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SplitError {
    /// Offset in bytes of the quote that is at fault.
    pub position: usize,
    /// What is wrong with it.
    pub kind: SplitErrorKind,
}

/// The two ways to get quotes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SplitErrorKind {
    /// The quote is opened and never closed.
    Unclosed,
    /// The closing quote is followed by something other than a space.
    TextAfterQuote,
}

impl fmt::Display for SplitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            SplitErrorKind::Unclosed => {
                write!(f, "the quote at column {} is never closed", self.position + 1)
            }
            SplitErrorKind::TextAfterQuote => {
                write!(
                    f,
                    "the closing quote at column {} must be followed by a space",
                    self.position + 1
                )
            }
        }
    }
}

impl std::error::Error for SplitError {}

/// Splits a line into words, taking quotes and escapes away. O(length).
pub fn split(line: &[u8]) -> Result<Words, SplitError> {
    let mut words = Words::new();
    let mut rest = Cursor { line, position: 0 };
    loop {
        while rest.peek(0).is_some_and(is_space) {
            rest.position += 1;
        }
        if rest.peek(0).is_none() {
            return Ok(words);
        }
        let start = words.buf.len();
        rest.word(&mut words.buf)?;
        // Unquoting never makes a word longer than the line.
        words.spans.push((start as u32, words.buf.len() as u32));
    }
}

struct Cursor<'a> {
    line: &'a [u8],
    position: usize,
}

impl Cursor<'_> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.line.get(self.position + ahead).copied()
    }

    /// Copies one word, quoted parts and all.
    fn word(&mut self, out: &mut Vec<u8>) -> Result<(), SplitError> {
        while let Some(byte) = self.peek(0) {
            match byte {
                b' ' | b'\n' | b'\r' | b'\t' => break,
                b'"' | b'\'' => return self.quoted(byte, out),
                _ => out.push(byte),
            }
            self.position += 1;
        }
        Ok(())
    }

    /// Copies a quoted part, which ends the word.
    fn quoted(&mut self, quote: u8, out: &mut Vec<u8>) -> Result<(), SplitError> {
        let opened = self.position;
        self.position += 1;
        while let Some(byte) = self.peek(0) {
            if byte == quote {
                if self.peek(1).is_some_and(|next| !is_space(next)) {
                    return Err(SplitError {
                        position: self.position,
                        kind: SplitErrorKind::TextAfterQuote,
                    });
                }
                self.position += 1;
                return Ok(());
            }
            let (value, len) = self.escape(quote).unwrap_or((byte, 1));
            out.push(value);
            self.position += len;
        }
        Err(SplitError { position: opened, kind: SplitErrorKind::Unclosed })
    }

    /// The byte an escape at the cursor stands for and its length, if there is one in this kind of quote.
    fn escape(&self, quote: u8) -> Option<(u8, usize)> {
        if self.peek(0)? != b'\\' {
            return None;
        }
        let next = self.peek(1)?;
        if quote == b'\'' {
            return (next == b'\'').then_some((next, 2));
        }
        if next == b'x'
            && let Some(high) = self.peek(2).and_then(hex_digit)
            && let Some(low) = self.peek(3).and_then(hex_digit)
        {
            return Some((high << 4 | low, 4));
        }
        let value = match next {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'b' => 0x08,
            b'a' => 0x07,
            other => other,
        };
        Some((value, 2))
    }
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|value| value as u8)
}

/// C's `isspace`.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// Bytes in double quotes, with everything unprintable escaped, as redis-cli shows strings.
pub fn quote(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 2);
    write_quoted(&mut out, bytes);
    out
}

/// Appends what [`quote`] returns.
pub fn write_quoted(out: &mut String, bytes: &[u8]) {
    out.push('"');
    for &byte in bytes {
        match byte {
            b'\\' | b'"' => out.extend(['\\', char::from(byte)]),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            0x07 => out.push_str("\\a"),
            0x08 => out.push_str("\\b"),
            b' '..=b'~' => out.push(char::from(byte)),
            _ => {
                out.push_str("\\x");
                for nibble in [byte >> 4, byte & 15] {
                    out.extend(char::from_digit(u32::from(nibble), 16));
                }
            }
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_located() {
        for (line, position, kind) in [
            ("SET a \"b", 6, SplitErrorKind::Unclosed),
            ("SET 'a", 4, SplitErrorKind::Unclosed),
            ("SET a\"", 5, SplitErrorKind::Unclosed),
            ("SET \"a\\\"", 4, SplitErrorKind::Unclosed),
            ("SET \"a\"b", 6, SplitErrorKind::TextAfterQuote),
            ("SET 'a'\"b\"", 6, SplitErrorKind::TextAfterQuote),
        ] {
            assert_eq!(split(line.as_bytes()), Err(SplitError { position, kind }), "{line}");
        }
    }

    #[test]
    fn any_bytes_survive_quoting_and_splitting() {
        let bytes: Vec<u8> = (0..=255).collect();
        let line = [quote(&bytes), quote(b""), quote(b"it's")].join(" ");
        assert!(line.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "plain ASCII: {line}");
        assert_eq!(
            split(line.as_bytes()),
            Ok(Words::from_slices([&bytes[..], b"", b"it's"])),
            "{line}"
        );
    }

    #[test]
    fn words_are_kept_apart() {
        let words = Words::from_slices(["SET", "", "v"]);
        assert_eq!(
            (words.len(), words.get(1), words.get(3)),
            (3, Some(&b""[..]), None),
            "by index"
        );
        assert_eq!(words.iter().rev().collect::<Vec<_>>(), [&b"v"[..], b"", b"SET"], "in order");
        assert_ne!(words, Words::from_slices(["SET", "v", ""]), "the same bytes in other words");
        let mut wire = Vec::new();
        words.encode(&mut wire);
        assert_eq!(wire, b"*3\r\n$3\r\nSET\r\n$0\r\n\r\n$1\r\nv\r\n", "as a request");
        assert_eq!(format!("{words:?}"), r#"["SET", "", "v"]"#, "for people");
    }
}
