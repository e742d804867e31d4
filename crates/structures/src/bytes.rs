//! Binary-safe strings that are cheap to keep and cheap to share.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::rc::Rc;

/// How many bytes fit in place.
const INLINE: usize = 22;

/// An owned, immutable byte string of 24 bytes: up to 22 bytes sit in place, longer ones are shared.
///
/// Cloning never copies more than 24 bytes. The tag byte leaves room for an enum around it.
#[derive(Clone)]
pub struct Bytes(Repr);

#[derive(Clone)]
enum Repr {
    Inline { len: u8, data: [u8; INLINE] },
    Heap(Rc<[u8]>),
}

const _: () = assert!(size_of::<Bytes>() == 24, "a key is three words");

impl Bytes {
    /// The longest string that needs no memory of its own, in bytes.
    pub const INLINE_MAX: usize = INLINE;

    /// The empty string.
    pub const EMPTY: Self = Self(Repr::Inline { len: 0, data: [0; INLINE] });

    /// Copies `bytes` into a string of its own.
    #[inline]
    pub fn new(bytes: &[u8]) -> Self {
        if bytes.len() <= INLINE {
            let mut data = [0; INLINE];
            data[..bytes.len()].copy_from_slice(bytes);
            Self(Repr::Inline { len: bytes.len() as u8, data })
        } else {
            Self(Repr::Heap(bytes.into()))
        }
    }

    /// The bytes themselves.
    #[inline]
    pub fn as_slice(&self) -> &[u8] {
        match &self.0 {
            Repr::Inline { len, data } => &data[..usize::from(*len)],
            Repr::Heap(shared) => shared,
        }
    }

    /// How many bytes this string occupies outside its own 24, shared or not.
    pub fn heap_bytes(&self) -> usize {
        match &self.0 {
            Repr::Inline { .. } => 0,
            // The two counters of `Rc` stand before the bytes.
            Repr::Heap(shared) => {
                (2 * size_of::<usize>() + shared.len()).next_multiple_of(size_of::<usize>())
            }
        }
    }
}

impl Deref for Bytes {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl AsRef<[u8]> for Bytes {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl Borrow<[u8]> for Bytes {
    #[inline]
    fn borrow(&self) -> &[u8] {
        self
    }
}

impl From<&[u8]> for Bytes {
    #[inline]
    fn from(bytes: &[u8]) -> Self {
        Self::new(bytes)
    }
}

impl<const N: usize> From<&[u8; N]> for Bytes {
    fn from(bytes: &[u8; N]) -> Self {
        Self::new(bytes)
    }
}

impl From<&str> for Bytes {
    fn from(text: &str) -> Self {
        Self::new(text.as_bytes())
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self::new(&bytes)
    }
}

impl From<String> for Bytes {
    fn from(text: String) -> Self {
        Self::new(text.as_bytes())
    }
}

impl Default for Bytes {
    #[inline]
    fn default() -> Self {
        Self::EMPTY
    }
}

impl PartialEq for Bytes {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Bytes {}

impl PartialEq<[u8]> for Bytes {
    #[inline]
    fn eq(&self, other: &[u8]) -> bool {
        **self == *other
    }
}

impl<const N: usize> PartialEq<&[u8; N]> for Bytes {
    fn eq(&self, other: &&[u8; N]) -> bool {
        **self == other[..]
    }
}

impl PartialOrd for Bytes {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Byte by byte as memcmp does, a prefix before what it begins.
impl Ord for Bytes {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_slice().cmp(other.as_slice())
    }
}

/// As a slice hashes, so that a set of `Bytes` can be asked for a slice.
impl Hash for Bytes {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_slice().hash(state);
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.escape_ascii())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_around_the_inline_limit_keep_their_bytes() {
        for len in [0, 1, 21, 22, 23, 24, 1000] {
            let raw: Vec<u8> = (0..len).map(|i| i as u8).collect();
            let bytes = Bytes::from(raw.as_slice());
            assert_eq!(&*bytes, raw, "length {len}");
            assert_eq!(bytes.heap_bytes() == 0, len <= Bytes::INLINE_MAX, "length {len}");
            assert_eq!(bytes.clone(), Bytes::from(raw), "length {len}");
        }
    }

    #[test]
    fn a_clone_shares_the_long_bytes() {
        let long = Bytes::from(vec![b'x'; 100]);
        assert!(std::ptr::eq(long.as_ptr(), long.clone().as_ptr()), "no copy of the bytes");
    }

    #[test]
    fn order_is_by_bytes_whatever_the_length() {
        let long = Bytes::from(vec![b'b'; 40]);
        let mut words: Vec<Bytes> = ["b", "", "a\u{0}", "a", "\u{ff}"].map(Bytes::from).to_vec();
        words.push(long.clone());
        words.sort();
        let expected: Vec<Bytes> =
            vec!["".into(), "a".into(), "a\0".into(), "b".into(), long, "\u{ff}".into()];
        assert_eq!(words, expected, "memcmp order");
    }

    #[test]
    fn an_enum_around_it_stays_three_words() {
        #[expect(dead_code, reason = "only its size is looked at")]
        enum Value {
            A(Bytes),
            B(i64),
            C(Rc<Vec<u8>>),
            D(Rc<u8>),
        }
        assert_eq!(size_of::<Value>(), 24, "the tag byte is shared");
        assert_eq!(size_of::<Option<Bytes>>(), 24, "so is None");
    }

    #[test]
    fn debug_escapes() {
        assert_eq!(format!("{:?}", Bytes::from(b"a\"\n\xff")), r#""a\"\n\xff""#, "readable");
    }
}
