//! The bytes of one list pack entry: encoding byte, data, and the length that lets a reader walk
//! backwards.
//!
//! An entry is `<encoding and length> <data> <backlen>`:
//!
//! | first byte | holds |
//! | --- | --- |
//! | `0xxxxxxx` | the integers 0 to 127 |
//! | `10xxxxxx` | a string of up to 63 bytes |
//! | `110xxxxx` | a 13-bit signed integer, one more byte |
//! | `1110xxxx` | a string of up to 4095 bytes, one more length byte |
//! | `F0` | a string, four length bytes, little-endian |
//! | `F1` `F2` `F3` `F4` | a 16, 24, 32 or 64-bit signed integer, little-endian |
//! | `FF` | the end of the list pack |
//!
//! The backlen counts the bytes before it. It is read from its last byte to its first, seven bits a
//! byte, and a set high bit says that another byte follows to the left.
//!
//! It knows nothing about headers, positions or how many entries there are.

use super::value::ListPackValue;

/// The byte after the last entry.
pub(super) const END: u8 = 0xFF;

/// One entry ready to be written.
pub(super) struct Entry<'a> {
    /// Encoding byte, length and, for an integer, the number itself.
    head: [u8; 9],
    head_len: u8,
    /// What follows the head; empty for an integer.
    text: &'a [u8],
}

impl<'a> Entry<'a> {
    /// The entry that Redis would write for this value.
    #[inline]
    pub(super) fn new(value: ListPackValue<'a>) -> Entry<'a> {
        match value {
            ListPackValue::Int(number) => Entry::integer(number),
            ListPackValue::Str(text) => Entry::string(text),
        }
    }

    /// How many bytes it takes, backlen included.
    pub(super) fn len(&self) -> usize {
        let body = usize::from(self.head_len) + self.text.len();
        body + backlen_len(body)
    }

    /// Writes it over `out`, which must have exactly its length.
    pub(super) fn write(&self, out: &mut [u8]) {
        let head_len = usize::from(self.head_len);
        let body = head_len + self.text.len();
        out[..head_len].copy_from_slice(&self.head[..head_len]);
        out[head_len..body].copy_from_slice(self.text);
        write_backlen(body, &mut out[body..]);
    }

    #[inline]
    fn of(prefix: u8, rest: &[u8], text: &'a [u8]) -> Entry<'a> {
        let mut head = [0; 9];
        head[0] = prefix;
        head[1..=rest.len()].copy_from_slice(rest);
        Entry { head, head_len: rest.len() as u8 + 1, text }
    }

    fn integer(number: i64) -> Entry<'a> {
        let bytes = number.to_le_bytes();
        match number {
            0..=127 => Entry::of(bytes[0], &[], &[]),
            -4096..=4095 => Entry::of(0xC0 | (bytes[1] & 0x1F), &bytes[..1], &[]),
            -0x8000..=0x7FFF => Entry::of(0xF1, &bytes[..2], &[]),
            -0x80_0000..=0x7F_FFFF => Entry::of(0xF2, &bytes[..3], &[]),
            -0x8000_0000..=0x7FFF_FFFF => Entry::of(0xF3, &bytes[..4], &[]),
            _ => Entry::of(0xF4, &bytes, &[]),
        }
    }

    fn string(text: &'a [u8]) -> Entry<'a> {
        let len = text.len();
        match len {
            0..=63 => Entry::of(0x80 | len as u8, &[], text),
            64..=4095 => Entry::of(0xE0 | (len >> 8) as u8, &[len as u8], text),
            _ => Entry::of(0xF0, &(len as u32).to_le_bytes(), text),
        }
    }
}

/// How many bytes the backlen of an entry of `body` bytes takes.
///
/// The limits of the wider forms are one below what the bits could hold. Redis writes them so, and
/// readers of its dumps skip entries by the same rule.
pub(super) fn backlen_len(body: usize) -> usize {
    match body {
        0..=127 => 1,
        128..=16_382 => 2,
        16_383..=2_097_150 => 3,
        2_097_151..=268_435_454 => 4,
        _ => 5,
    }
}

/// Writes the backlen of an entry of `body` bytes over `out`, whose length must be
/// `backlen_len(body)`.
pub(super) fn write_backlen(body: usize, out: &mut [u8]) {
    let mut rest = body;
    for byte in out.iter_mut().rev() {
        *byte = (rest & 0x7F) as u8 | 0x80;
        rest >>= 7;
    }
    out[0] &= 0x7F;
}

/// Reads the backlen whose last byte stands just before `end`; the answer is the body's length.
pub(super) fn read_backlen(bytes: &[u8], end: usize) -> usize {
    let mut at = end - 1;
    let mut body = usize::from(bytes[at] & 0x7F);
    let mut shift = 7;
    while bytes[at] & 0x80 != 0 && shift < 35 {
        at -= 1;
        body |= usize::from(bytes[at] & 0x7F) << shift;
        shift += 7;
    }
    body
}

/// How many bytes encoding, length and data take together, for the entry at the start of `entry`.
#[inline]
pub(super) fn body_len(bytes: &[u8], at: usize) -> usize {
    match bytes[at] {
        first @ 0x80..=0xBF => 1 + usize::from(first & 0x3F),
        0xC0..=0xDF => 2,
        first @ 0xE0..=0xEF => 2 + (usize::from(first & 0x0F) << 8 | usize::from(bytes[at + 1])),
        0xF0 => long_string_len(bytes, at).saturating_add(5),
        0xF1 => 3,
        0xF2 => 4,
        0xF3 => 5,
        0xF4 => 9,
        // A number below 128, or the end mark.
        _ => 1,
    }
}

/// How many bytes the whole entry takes, backlen included; the common short forms are settled by
/// the first byte.
#[inline]
pub(super) fn entry_len(bytes: &[u8], at: usize) -> usize {
    match bytes[at] {
        0x00..=0x7F => 2,
        first @ 0x80..=0xBF => 2 + usize::from(first & 0x3F),
        0xC0..=0xDF => 3,
        _ => {
            let body = body_len(bytes, at);
            body + backlen_len(body)
        }
    }
}

/// The value of the entry at `at`.
#[inline]
pub(super) fn decode(bytes: &[u8], at: usize) -> ListPackValue<'_> {
    let first = bytes[at];
    match first {
        0x00..=0x7F => ListPackValue::Int(i64::from(first)),
        0x80..=0xBF => ListPackValue::Str(&bytes[at + 1..at + 1 + usize::from(first & 0x3F)]),
        0xC0..=0xDF => {
            let raw = u16::from_be_bytes([first & 0x1F, bytes[at + 1]]);
            ListPackValue::Int(i64::from((raw << 3) as i16 >> 3))
        }
        0xE0..=0xEF => ListPackValue::Str(&bytes[at + 2..at + body_len(bytes, at)]),
        0xF0 => ListPackValue::Str(&bytes[at + 5..at + 5 + long_string_len(bytes, at)]),
        _ => ListPackValue::Int(little_endian(&bytes[at + 1..at + body_len(bytes, at)])),
    }
}

/// Redis's name for the form of an entry with this first byte, and how many bytes stand before the
/// data.
pub(super) fn describe(first: u8) -> (&'static str, usize) {
    match first {
        0x00..=0x7F => ("7-bit uint", 1),
        0x80..=0xBF => ("6-bit str", 1),
        0xC0..=0xDF => ("13-bit int", 2),
        0xE0..=0xEF => ("12-bit str", 2),
        0xF0 => ("32-bit str", 5),
        0xF1 => ("16-bit int", 1),
        0xF2 => ("24-bit int", 1),
        0xF3 => ("32-bit int", 1),
        0xF4 => ("64-bit int", 1),
        _ => ("end", 1),
    }
}

/// The length of the entry at `at` when it is wholly sound and ends before `end`.
pub(super) fn validated_entry_len(bytes: &[u8], at: usize, end: usize) -> Option<usize> {
    let room = end.checked_sub(at)?;
    let first = *bytes.get(at)?;
    if (0xF5..=0xFF).contains(&first) || room < describe(first).1 {
        return None;
    }
    let body = body_len(bytes, at);
    let backlen = backlen_len(body);
    let whole = body.checked_add(backlen).filter(|whole| *whole <= room)?;
    let mut expected = [0; 5];
    write_backlen(body, &mut expected[..backlen]);
    (bytes[at + body..at + whole] == expected[..backlen]).then_some(whole)
}

fn long_string_len(bytes: &[u8], at: usize) -> usize {
    u32::from_le_bytes([bytes[at + 1], bytes[at + 2], bytes[at + 3], bytes[at + 4]]) as usize
}

fn little_endian(bytes: &[u8]) -> i64 {
    let negative = bytes.last().is_some_and(|last| last & 0x80 != 0);
    let mut wide = [if negative { 0xFF } else { 0 }; 8];
    wide[..bytes.len()].copy_from_slice(bytes);
    i64::from_le_bytes(wide)
}
