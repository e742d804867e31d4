//! Lengths, strings and doubles as a dump holds them, read with care: every byte is checked to be there before it is
//! used, and nothing is allocated on the word of a length alone.

use std::borrow::Cow;

use redarium_resp::number::{IntBuffer, parse_f64};

use super::{ENCODED, INT8, INT16, INT32, LEN32, LEN64, LZF, Malformed, lzf};

/// A cursor over a dump.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    /// Bytes that compressed strings of a value may unfold into, and still may: a few kilobytes could claim gigabytes.
    unfolding_max: usize,
    unfolding_left: usize,
}

/// A length, or what stands in its place before a string that is encoded in a special way.
enum Head {
    Len(u64),
    Encoded(u8),
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8], unfolding_max: usize) -> Self {
        Self { rest: bytes, unfolding_max, unfolding_left: unfolding_max }
    }

    /// How many bytes are not read yet.
    pub(super) fn left(&self) -> usize {
        self.rest.len()
    }

    /// Begins with the next value.
    pub(super) fn next_value(&mut self) {
        self.unfolding_left = self.unfolding_max;
    }

    /// Refuses what is left behind the value.
    pub(super) fn finish(&self) -> Result<(), Malformed> {
        if self.rest.is_empty() { Ok(()) } else { Err(Malformed) }
    }

    pub(super) fn byte(&mut self) -> Result<u8, Malformed> {
        let (&byte, rest) = self.rest.split_first().ok_or(Malformed)?;
        self.rest = rest;
        Ok(byte)
    }

    pub(super) fn bytes(&mut self, len: u64) -> Result<&'a [u8], Malformed> {
        let len = usize::try_from(len).ok().ok_or(Malformed)?;
        let (bytes, rest) = self.rest.split_at_checked(len).ok_or(Malformed)?;
        self.rest = rest;
        Ok(bytes)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (&bytes, rest) = self.rest.split_first_chunk().ok_or(Malformed)?;
        self.rest = rest;
        Ok(bytes)
    }

    fn head(&mut self) -> Result<Head, Malformed> {
        let first = self.byte()?;
        Ok(match first >> 6 {
            0 => Head::Len(u64::from(first)),
            1 => Head::Len(u64::from(first & 0x3F) << 8 | u64::from(self.byte()?)),
            3 => Head::Encoded(first & 0x3F),
            _ if first == LEN32 => Head::Len(u64::from(u32::from_be_bytes(self.array()?))),
            _ if first == LEN64 => Head::Len(u64::from_be_bytes(self.array()?)),
            _ => return Err(Malformed),
        })
    }

    pub(super) fn len(&mut self) -> Result<u64, Malformed> {
        match self.head()? {
            Head::Len(len) => Ok(len),
            Head::Encoded(_) => Err(Malformed),
        }
    }

    /// How many things follow, each of which takes at least a byte; none at all is refused, as no collection is empty.
    pub(super) fn count(&mut self) -> Result<usize, Malformed> {
        let count = self.len()?;
        let count = usize::try_from(count).ok().ok_or(Malformed)?;
        if count == 0 || count > self.rest.len() { Err(Malformed) } else { Ok(count) }
    }

    /// A string, whatever way it is encoded in.
    pub(super) fn string(&mut self) -> Result<Cow<'a, [u8]>, Malformed> {
        let number = match self.head()? {
            Head::Len(len) => return self.bytes(len).map(Cow::Borrowed),
            Head::Encoded(INT8) => i64::from(i8::from_le_bytes(self.array()?)),
            Head::Encoded(INT16) => i64::from(i16::from_le_bytes(self.array()?)),
            Head::Encoded(INT32) => i64::from(i32::from_le_bytes(self.array()?)),
            Head::Encoded(LZF) => return self.compressed().map(Cow::Owned),
            Head::Encoded(_) => return Err(Malformed),
        };
        Ok(Cow::Owned(IntBuffer::new().format(number).to_vec()))
    }

    fn compressed(&mut self) -> Result<Vec<u8>, Malformed> {
        let (stream_len, len) = (self.len()?, self.len()?);
        let stream = self.bytes(stream_len)?;
        let len = usize::try_from(len).ok().ok_or(Malformed)?;
        self.unfolding_left = self.unfolding_left.checked_sub(len).ok_or(Malformed)?;
        lzf::decompress(stream, len).ok_or(Malformed)
    }

    /// Milliseconds since 1970.
    pub(super) fn time(&mut self) -> Result<i64, Malformed> {
        Ok(i64::from_le_bytes(self.array()?))
    }

    /// A double in its eight bytes; whatever is no number is refused.
    pub(super) fn double(&mut self) -> Result<f64, Malformed> {
        let number = f64::from_le_bytes(self.array()?);
        if number.is_nan() { Err(Malformed) } else { Ok(number) }
    }

    /// A double as text after its length, as Redis wrote it before version 4.
    pub(super) fn double_text(&mut self) -> Result<f64, Malformed> {
        match self.byte()? {
            255 => Ok(f64::NEG_INFINITY),
            254 => Ok(f64::INFINITY),
            253 => Err(Malformed),
            len => parse_f64(self.bytes(u64::from(len))?).ok_or(Malformed),
        }
    }
}

const _: () = assert!(ENCODED >> 6 == 3, "the two highest bits tell lengths from encodings");

#[cfg(test)]
mod tests {
    use super::super::writer::Writer;
    use super::*;

    #[test]
    fn lengths_come_back() {
        let lens = [0, 1, 63, 64, 16_383, 16_384, u64::from(u32::MAX), 1 << 32, u64::MAX];
        let mut writer = Writer::new(true);
        for len in lens {
            writer.len(len);
        }
        let bytes = writer.take();
        assert_eq!(bytes.len(), 1 + 1 + 1 + 2 + 2 + 5 + 5 + 9 + 9, "each as short as it can be");
        let mut reader = Reader::new(&bytes, 0);
        for len in lens {
            assert_eq!(reader.len(), Ok(len), "{len}");
        }
        assert_eq!(reader.finish(), Ok(()), "nothing is left");
    }

    #[test]
    fn strings_come_back_in_the_shortest_way() {
        let long = vec![b'a'; 500];
        for (text, len) in [
            (&b""[..], 1),
            (b"-128", 2),
            (b"32767", 3),
            (b"-2147483648", 5),
            (b"2147483648", 11),
            (b"007", 4),
            (b"word", 5),
            (&long, 16),
        ] {
            let mut writer = Writer::new(true);
            writer.string(text);
            let bytes = writer.take();
            assert_eq!(bytes.len(), len, "{}", text.escape_ascii());
            let mut reader = Reader::new(&bytes, 500);
            assert_eq!(reader.string().as_deref(), Ok(text), "{}", text.escape_ascii());
            for cut in 0..bytes.len() {
                let mut reader = Reader::new(bytes.get(..cut).unwrap_or(&[]), 500);
                assert_eq!(reader.string(), Err(Malformed), "{cut} bytes of it");
            }
        }
    }

    #[test]
    fn nothing_is_claimed_that_is_not_there() {
        // A string of 2^63 bytes, a stream that says so of itself, and one beyond what is left for unfolding.
        for bytes in [
            &b"\x81\x7f\xff\xff\xff\xff\xff\xff\xffabc"[..],
            b"\xc3\x03\x81\x7f\xff\xff\xff\xff\xff\xff\xff\x00aa",
            b"\xc3\x04\x04\x00a\x20\x00",
        ] {
            assert_eq!(Reader::new(bytes, 3).string(), Err(Malformed), "{}", bytes.escape_ascii());
        }
        assert_eq!(Reader::new(b"\x05abcd", 0).count(), Err(Malformed), "five in four bytes");
    }
}
