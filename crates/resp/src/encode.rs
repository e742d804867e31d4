//! Replies as bytes, in RESP2 or RESP3.
//!
//! [`Encoder`] appends to the caller's buffer and allocates nothing of its own.
//! One call says what a reply *is* (a map, a double, a null) and the protocol decides how that looks.
//! It knows nothing of commands and does not check that the announced elements follow.

use crate::number::{write_f64, write_i64};

/// The dialect a client speaks; RESP2 until HELLO 3.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// Strings, errors, integers, bulk strings and arrays.
    #[default]
    Resp2,
    /// Also maps, sets, doubles, booleans, nulls, pushes and more.
    Resp3,
}

/// Where an aggregate of yet unknown length begins; made by [`Encoder::begin`].
#[derive(Debug)]
#[must_use = "the length must be written with one of the `end_` methods"]
pub struct Mark(usize);

/// Writes replies to the end of a buffer in the client's protocol.
#[derive(Debug)]
pub struct Encoder<'a> {
    /// Where the bytes go.
    pub out: &'a mut Vec<u8>,
    /// How maps, sets, doubles and the like are spelled.
    pub protocol: Protocol,
}

impl<'a> Encoder<'a> {
    /// An encoder that appends to `out`.
    #[inline]
    pub fn new(out: &'a mut Vec<u8>, protocol: Protocol) -> Self {
        Encoder { out, protocol }
    }

    /// Whether the client speaks RESP3.
    #[inline]
    pub fn is_resp3(&self) -> bool {
        self.protocol == Protocol::Resp3
    }

    /// Appends bytes that are a reply already.
    #[inline]
    pub fn raw(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    /// The status `OK`.
    #[inline]
    pub fn ok(&mut self) {
        self.raw(b"+OK\r\n");
    }

    /// The status `QUEUED`, which answers commands inside MULTI.
    #[inline]
    pub fn queued(&mut self) {
        self.raw(b"+QUEUED\r\n");
    }

    /// The status `PONG`.
    #[inline]
    pub fn pong(&mut self) {
        self.raw(b"+PONG\r\n");
    }

    /// A status line; line breaks become spaces, because they would end it.
    #[inline]
    pub fn simple(&mut self, text: impl AsRef<[u8]>) {
        self.line(b'+', text.as_ref());
    }

    /// An error line, `text` being all after the `-`; line breaks become spaces.
    #[inline]
    pub fn error(&mut self, text: impl AsRef<[u8]>) {
        self.line(b'-', text.as_ref());
    }

    /// An integer.
    #[inline]
    pub fn integer(&mut self, value: i64) {
        match value {
            0 => self.raw(b":0\r\n"),
            1 => self.raw(b":1\r\n"),
            _ => self.header(b':', value),
        }
    }

    /// A length or count, as an integer.
    #[inline]
    pub fn count(&mut self, value: usize) {
        self.integer(value as i64);
    }

    /// A bulk string.
    #[inline]
    pub fn bulk(&mut self, bytes: &[u8]) {
        let len = bytes.len();
        self.out.reserve(len + 16);
        // Short strings are nearly all: their head is written in one piece.
        match len {
            0..10 => self.raw(&[b'$', b'0' + len as u8, b'\r', b'\n']),
            10..100 => {
                let (tens, ones) = (b'0' + (len / 10) as u8, b'0' + (len % 10) as u8);
                self.raw(&[b'$', tens, ones, b'\r', b'\n']);
            }
            _ => self.header(b'$', len as i64),
        }
        self.raw(bytes);
        self.raw(b"\r\n");
    }

    /// The decimal digits of an integer as a bulk string.
    #[inline]
    pub fn bulk_int(&mut self, value: i64) {
        self.bulk(itoa::Buffer::new().format(value).as_bytes());
    }

    /// A bulk string, or a null.
    #[inline]
    pub fn bulk_or_null(&mut self, bytes: Option<&[u8]>) {
        match bytes {
            Some(bytes) => self.bulk(bytes),
            None => self.null(),
        }
    }

    /// The absence of a value: `$-1` or `_`.
    #[inline]
    pub fn null(&mut self) {
        self.raw(if self.is_resp3() { b"_\r\n" } else { b"$-1\r\n" });
    }

    /// The absence of an array: `*-1` or `_`.
    #[inline]
    pub fn null_array(&mut self) {
        self.raw(if self.is_resp3() { b"_\r\n" } else { b"*-1\r\n" });
    }

    /// The head of an array; `len` replies follow.
    #[inline]
    pub fn array(&mut self, len: usize) {
        self.header(b'*', len as i64);
    }

    /// The head of a map; `len` pairs of replies follow.
    #[inline]
    pub fn map(&mut self, len: usize) {
        if self.is_resp3() {
            self.header(b'%', len as i64);
        } else {
            self.header(b'*', 2 * len as i64);
        }
    }

    /// The head of a set; `len` replies follow.
    #[inline]
    pub fn set(&mut self, len: usize) {
        self.header(if self.is_resp3() { b'~' } else { b'*' }, len as i64);
    }

    /// The head of a push message; `len` replies follow.
    #[inline]
    pub fn push(&mut self, len: usize) {
        self.header(if self.is_resp3() { b'>' } else { b'*' }, len as i64);
    }

    /// The head of an attribute; `len` pairs follow, then the reply they describe. Only RESP3 clients can be sent one.
    #[inline]
    pub fn attribute(&mut self, len: usize) {
        self.header(b'|', len as i64);
    }

    /// A double: a bulk string in RESP2.
    #[inline]
    pub fn double(&mut self, value: f64) {
        if self.is_resp3() {
            self.out.push(b',');
            write_f64(self.out, value);
            self.raw(b"\r\n");
        } else {
            let mark = self.begin();
            let start = self.out.len();
            write_f64(self.out, value);
            let len = self.out.len() - start;
            self.end(mark, b'$', len);
            self.raw(b"\r\n");
        }
    }

    /// A double whose digits are known already.
    #[inline]
    pub fn double_text(&mut self, text: &[u8]) {
        if self.is_resp3() {
            self.line(b',', text);
        } else {
            self.bulk(text);
        }
    }

    /// A boolean: the integer 1 or 0 in RESP2.
    #[inline]
    pub fn bool(&mut self, value: bool) {
        self.raw(match (self.protocol, value) {
            (Protocol::Resp2, true) => b":1\r\n",
            (Protocol::Resp2, false) => b":0\r\n",
            (Protocol::Resp3, true) => b"#t\r\n",
            (Protocol::Resp3, false) => b"#f\r\n",
        });
    }

    /// An integer of any size, given as its digits: a bulk string in RESP2.
    #[inline]
    pub fn big_number(&mut self, digits: impl AsRef<[u8]>) {
        if self.is_resp3() {
            self.line(b'(', digits.as_ref());
        } else {
            self.bulk(digits.as_ref());
        }
    }

    /// Text with its three-letter format (`txt`, `mkd`): a plain bulk string in RESP2.
    #[inline]
    pub fn verbatim(&mut self, format: [u8; 3], text: &[u8]) {
        if self.is_resp3() {
            self.header(b'=', text.len() as i64 + 4);
            self.raw(&format);
            self.out.push(b':');
            self.raw(text);
            self.raw(b"\r\n");
        } else {
            self.bulk(text);
        }
    }

    /// Begins an aggregate whose length is not known yet; write its elements, then call one of the `end_` methods.
    #[inline]
    pub fn begin(&mut self) -> Mark {
        let mark = Mark(self.out.len());
        self.raw(b"*0\r\n");
        mark
    }

    /// Begins an array whose length is not known yet.
    #[inline]
    pub fn begin_array(&mut self) -> Mark {
        self.begin()
    }

    /// Ends an array of `len` replies. Moves the bytes since the mark at most once, and not at all below ten.
    pub fn end_array(&mut self, mark: Mark, len: usize) {
        self.end(mark, b'*', len);
    }

    /// Ends a map of `len` pairs; the cost is that of [`Encoder::end_array`].
    pub fn end_map(&mut self, mark: Mark, len: usize) {
        if self.is_resp3() { self.end(mark, b'%', len) } else { self.end(mark, b'*', 2 * len) }
    }

    /// Ends a set of `len` replies; the cost is that of [`Encoder::end_array`].
    pub fn end_set(&mut self, mark: Mark, len: usize) {
        self.end(mark, if self.is_resp3() { b'~' } else { b'*' }, len);
    }

    /// Takes back all that was written since the mark.
    pub fn cancel(&mut self, Mark(start): Mark) {
        self.out.truncate(start);
    }

    fn end(&mut self, Mark(start): Mark, kind: u8, len: usize) {
        if let Some(slot) = self.out.get_mut(start) {
            *slot = kind;
        }
        let mut digits = itoa::Buffer::new();
        match digits.format(len).as_bytes() {
            [digit] => {
                if let Some(slot) = self.out.get_mut(start + 1) {
                    *slot = *digit;
                }
            }
            digits => drop(self.out.splice(start + 1..start + 2, digits.iter().copied())),
        }
    }

    #[inline]
    fn header(&mut self, kind: u8, value: i64) {
        self.out.push(kind);
        write_i64(self.out, value);
        self.raw(b"\r\n");
    }

    #[inline]
    fn line(&mut self, kind: u8, text: &[u8]) {
        self.out.push(kind);
        let start = self.out.len();
        self.raw(text);
        for byte in self.out.iter_mut().skip(start) {
            if matches!(byte, b'\r' | b'\n') {
                *byte = b' ';
            }
        }
        self.raw(b"\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What one call writes in RESP2 and in RESP3.
    fn both(write: impl Fn(&mut Encoder<'_>)) -> (String, String) {
        let [resp2, resp3] = [Protocol::Resp2, Protocol::Resp3].map(|protocol| {
            let mut out = Vec::new();
            write(&mut Encoder::new(&mut out, protocol));
            String::from_utf8(out).unwrap()
        });
        (resp2, resp3)
    }

    fn check(write: impl Fn(&mut Encoder<'_>), resp2: &str, resp3: &str) {
        assert_eq!(both(write), (resp2.to_owned(), resp3.to_owned()), "RESP2 and RESP3");
    }

    #[test]
    fn each_protocol_has_its_spelling() {
        check(|reply| reply.bulk_or_null(None), "$-1\r\n", "_\r\n");
        check(
            |reply| {
                reply.array(1);
                reply.null_array();
            },
            "*1\r\n*-1\r\n",
            "*1\r\n_\r\n",
        );
        check(|reply| reply.map(2), "*4\r\n", "%2\r\n");
        check(|reply| reply.set(2), "*2\r\n", "~2\r\n");
        check(|reply| reply.push(2), "*2\r\n", ">2\r\n");
        check(|reply| reply.double(0.1), "$3\r\n0.1\r\n", ",0.1\r\n");
        check(
            |reply| reply.double(-1.234_567_890_123_4),
            "$16\r\n-1.2345678901234\r\n",
            ",-1.2345678901234\r\n",
        );
        check(|reply| reply.double(f64::INFINITY), "$3\r\ninf\r\n", ",inf\r\n");
        check(|reply| reply.bool(true), ":1\r\n", "#t\r\n");
        check(|reply| reply.big_number("12"), "$2\r\n12\r\n", "(12\r\n");
        check(|reply| reply.verbatim(*b"txt", b"a\nb"), "$3\r\na\nb\r\n", "=7\r\ntxt:a\nb\r\n");
        check(|reply| reply.bulk_int(-12), "$3\r\n-12\r\n", "$3\r\n-12\r\n");
        check(
            |reply| reply.integer(i64::MIN),
            ":-9223372036854775808\r\n",
            ":-9223372036854775808\r\n",
        );
    }

    #[test]
    fn a_line_stays_one_line() {
        check(|reply| reply.error("ERR a\r\nb"), "-ERR a  b\r\n", "-ERR a  b\r\n");
        check(|reply| reply.simple("a\nb"), "+a b\r\n", "+a b\r\n");
    }

    #[test]
    fn a_length_can_follow_the_elements() {
        for len in [0, 1, 9, 10, 99, 100, 1000] {
            let (late, known) = (
                both(|reply| {
                    reply.ok();
                    let mark = reply.begin_array();
                    let inner = reply.begin();
                    reply.end_map(inner, len);
                    (0..len).for_each(|value| reply.integer(value as i64));
                    reply.end_array(mark, len);
                    reply.ok();
                }),
                both(|reply| {
                    reply.ok();
                    reply.array(len);
                    reply.map(len);
                    (0..len).for_each(|value| reply.integer(value as i64));
                    reply.ok();
                }),
            );
            assert_eq!(late, known, "{len} elements");
        }
        let (cancelled, _) = both(|reply| {
            reply.ok();
            let mark = reply.begin_array();
            reply.ok();
            reply.cancel(mark);
        });
        assert_eq!(cancelled, "+OK\r\n", "nothing is left of it");
    }
}
