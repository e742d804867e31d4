//! The zipmap, in which Redis 2.4 and older kept small hashes: only read, never written.
//!
//! A count, then for each pair the length and bytes of the field, the length of the value, how many bytes are unused
//! behind it, and the value; an end byte.

use std::borrow::Cow;

use super::Malformed;

/// What stands at the end.
const END: u8 = 0xFF;
/// In front of a length in four bytes.
const LONG: u8 = 0xFE;

/// Fields and values in turn. O(n).
pub(super) fn words(bytes: &[u8]) -> Result<Vec<Cow<'_, [u8]>>, Malformed> {
    let (_count, mut rest) = bytes.split_first().ok_or(Malformed)?;
    let mut words = Vec::new();
    while rest != [END] {
        let field_len = len(&mut rest)?;
        words.push(Cow::Borrowed(take(&mut rest, field_len)?));
        let value_len = len(&mut rest)?;
        let (&unused, after) = rest.split_first().ok_or(Malformed)?;
        rest = after;
        words.push(Cow::Borrowed(take(&mut rest, value_len)?));
        take(&mut rest, usize::from(unused))?;
    }
    Ok(words)
}

fn len(rest: &mut &[u8]) -> Result<usize, Malformed> {
    match take(rest, 1)? {
        [END] => Err(Malformed),
        [LONG] => {
            let (len, after) = rest.split_first_chunk().ok_or(Malformed)?;
            *rest = after;
            Ok(u32::from_le_bytes(*len) as usize)
        }
        short => Ok(short.iter().map(|&len| usize::from(len)).sum()),
    }
}

fn take<'a>(rest: &mut &'a [u8], len: usize) -> Result<&'a [u8], Malformed> {
    let (taken, after) = rest.split_at_checked(len).ok_or(Malformed)?;
    *rest = after;
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_read_and_unused_bytes_passed_over() {
        let bytes = b"\x02\x03foo\x03\x00bar\x05hello\x05\x02world..\xff";
        let expected: Vec<&[u8]> = vec![b"foo", b"bar", b"hello", b"world"];
        assert_eq!(words(bytes).unwrap(), expected, "both pairs");
        for cut in 0..bytes.len() {
            assert!(words(bytes.get(..cut).unwrap()).is_err(), "{cut} bytes of it");
        }
        let long = [&b"\x01\xfe\x02\x00\x00\x00ab\x01\x00c\xff"[..]].concat();
        assert_eq!(words(&long).unwrap(), [&b"ab"[..], b"c"], "a length in four bytes");
    }
}
