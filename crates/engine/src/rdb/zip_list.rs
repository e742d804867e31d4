//! The ziplist, in which Redis kept small collections before version 7: only read, never written.
//!
//! A header of three numbers (bytes, offset of the last entry, entries), entries that begin with the length of the one
//! before them, and an end byte.
//! Source: the format's description in the Redis RDB documentation.

use std::borrow::Cow;

use redarium_resp::number::IntBuffer;

use super::Malformed;

/// Bytes of the header.
const HEADER: usize = 10;
/// What stands at the end.
const END: u8 = 0xFF;
/// In front of a length of the entry before that takes four bytes.
const LONG_BEFORE: u8 = 0xFE;

/// Everything in a ziplist, integers as their text. O(n).
pub(super) fn words(bytes: &[u8]) -> Result<Vec<Cow<'_, [u8]>>, Malformed> {
    let (size, _) = bytes.split_first_chunk::<4>().ok_or(Malformed)?;
    if u32::from_le_bytes(*size) as usize != bytes.len() {
        return Err(Malformed);
    }
    let mut rest = bytes.get(HEADER..).ok_or(Malformed)?;
    let mut words = Vec::new();
    while rest != [END] {
        words.push(entry(&mut rest)?);
    }
    Ok(words)
}

fn entry<'a>(rest: &mut &'a [u8]) -> Result<Cow<'a, [u8]>, Malformed> {
    match byte(rest)? {
        END => return Err(Malformed),
        LONG_BEFORE => take(rest, 4)?,
        _ => &[],
    };
    let encoding = byte(rest)?;
    let len = match encoding >> 6 {
        0 => usize::from(encoding),
        1 => usize::from(encoding & 0x3F) << 8 | usize::from(byte(rest)?),
        2 => array(rest).map(u32::from_be_bytes)? as usize,
        _ => return integer(rest, encoding),
    };
    take(rest, len).map(Cow::Borrowed)
}

fn integer(rest: &mut &[u8], encoding: u8) -> Result<Cow<'static, [u8]>, Malformed> {
    let number = match encoding {
        0xC0 => array(rest).map(i16::from_le_bytes)?.into(),
        0xD0 => array(rest).map(i32::from_le_bytes)?.into(),
        0xE0 => array(rest).map(i64::from_le_bytes)?,
        // Three bytes, the sign in the last.
        0xF0 => {
            let [low, middle, high] = array(rest)?;
            i64::from(i32::from_le_bytes([0, low, middle, high]) >> 8)
        }
        0xFE => i8::from_le_bytes(array(rest)?).into(),
        // 0 to 12 in the encoding itself.
        0xF1..=0xFD => i64::from(encoding) - 0xF1,
        _ => return Err(Malformed),
    };
    Ok(Cow::Owned(IntBuffer::new().format(number).to_vec()))
}

fn take<'a>(rest: &mut &'a [u8], len: usize) -> Result<&'a [u8], Malformed> {
    let (taken, after) = rest.split_at_checked(len).ok_or(Malformed)?;
    *rest = after;
    Ok(taken)
}

fn array<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], Malformed> {
    let (taken, after) = rest.split_first_chunk().ok_or(Malformed)?;
    *rest = after;
    Ok(*taken)
}

fn byte(rest: &mut &[u8]) -> Result<u8, Malformed> {
    array(rest).map(|[byte]: [u8; 1]| byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Entries behind a header and before the end byte.
    fn list(entries: &[&[u8]]) -> Vec<u8> {
        let body = entries.concat();
        let size = (HEADER + body.len() + 1) as u32;
        [&size.to_le_bytes()[..], &[0; 4], &(entries.len() as u16).to_le_bytes(), &body, &[END]]
            .concat()
    }

    #[test]
    fn every_encoding_is_read() {
        let long = [b'x'; 300];
        let long_entry = [&b"\x00\x41\x2c"[..], &long].concat();
        let longer = [&b"\xfe\x2f\x01\x00\x00\x80\x00\x00\x01\x2c"[..], &long].concat();
        let bytes = list(&[
            b"\x00\x02hi",
            &long_entry,
            &longer,
            b"\x04\xc0\xfe\xff",
            b"\x04\xd0\x00\x00\x01\x00",
            b"\x06\xe0\x00\x00\x00\x00\x01\x00\x00\x00",
            b"\x0a\xf0\xff\xff\xff",
            b"\x05\xfe\x80",
            b"\x03\xf1",
            b"\x02\xfd",
        ]);
        let expected: Vec<&[u8]> =
            vec![b"hi", &long, &long, b"-2", b"65536", b"4294967296", b"-1", b"-128", b"0", b"12"];
        let words = words(&bytes).unwrap();
        assert_eq!(words, expected, "as it was put in");
        for cut in 0..bytes.len() {
            assert!(super::words(bytes.get(..cut).unwrap()).is_err(), "{cut} bytes of it");
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        for bytes in [&list(&[b"\x00\xff"])[..], &list(&[b"\x00\x05hi"]), &list(&[b"\xff"]), b""] {
            assert_eq!(words(bytes), Err(Malformed), "{}", bytes.escape_ascii());
        }
    }
}
