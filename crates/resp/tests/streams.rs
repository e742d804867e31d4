//! Both directions of the wire under arbitrary cuts and damage: seeded, so that a failure repeats.

#![expect(clippy::indexing_slicing, reason = "a test may stop at the first surprise")]

use redarium_resp::{
    Decoder, Limits, Parsed, Protocol, ProtocolError, Reply, RequestParser, Style, Words, decode,
    decode_all, render_as,
};

/// A small generator (splitmix64): the tests need variety, not quality.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn bytes(&mut self, len_max: usize) -> Vec<u8> {
        (0..self.below(len_max + 1)).map(|_| self.next() as u8).collect()
    }

    fn line(&mut self) -> Vec<u8> {
        let mut line = self.bytes(8);
        line.retain(|byte| !b"\r\n".contains(byte));
        line
    }

    fn reply(&mut self, depth: usize) -> Reply {
        let kinds = if depth == 0 { 9 } else { 14 };
        match self.below(kinds) {
            0 => Reply::Simple(self.line()),
            1 => Reply::Error(self.line()),
            2 => Reply::Integer(self.next() as i64 >> self.below(64)),
            3 => Reply::Bulk(self.bytes(12)),
            4 => Reply::Null,
            5 => {
                let value = f64::from(self.next() as i32 >> self.below(32)) / 8.0;
                Reply::Double { text: redarium_resp::number::format_f64(value).into_bytes(), value }
            }
            6 => Reply::Bool(self.below(2) == 0),
            7 => Reply::BigNumber(format!("{}{}", self.next(), self.next()).into_bytes()),
            8 => Reply::Verbatim { format: *b"txt", text: self.bytes(12) },
            9 => Reply::Array(self.replies(depth)),
            10 => Reply::Set(self.replies(depth)),
            11 => Reply::Push(self.replies(depth)),
            12 => Reply::Map(self.pairs(depth)),
            _ => Reply::Attribute {
                pairs: self.pairs(depth),
                reply: Box::new(self.reply(depth - 1)),
            },
        }
    }

    fn replies(&mut self, depth: usize) -> Vec<Reply> {
        (0..self.below(5)).map(|_| self.reply(depth - 1)).collect()
    }

    fn pairs(&mut self, depth: usize) -> Vec<(Reply, Reply)> {
        (0..self.below(4)).map(|_| (self.reply(depth - 1), self.reply(depth - 1))).collect()
    }

    /// Changes, drops, doubles or inserts a few bytes.
    fn damage(&mut self, bytes: &mut Vec<u8>) {
        let telling = b"*$:+-%~>|_,#(=!0123456789\r\n\"' a";
        for _ in 0..=self.below(3) {
            let at = self.below(bytes.len() + 1);
            let byte = telling[self.below(telling.len())];
            match self.below(5) {
                0 => bytes.insert(at, byte),
                1 => bytes.truncate(at),
                2 if at < bytes.len() => drop(bytes.remove(at)),
                3 => bytes.extend_from_within(at..),
                _ if at < bytes.len() => bytes[at] = byte,
                _ => {}
            }
            bytes.truncate(4096);
        }
    }

    fn request(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        for _ in 0..=self.below(3) {
            match self.below(5) {
                0 => out.extend_from_slice(b"\r\n"),
                1 => out.extend_from_slice(b"SET k \"a\\x41 b\"\r\n"),
                2 => out.extend_from_slice(b"*0\r\n"),
                _ => (0..=self.below(4)).map(|_| self.bytes(9)).collect::<Words>().encode(&mut out),
            }
        }
        out
    }
}

#[test]
fn what_is_written_reads_back() {
    let mut random = Random(1);
    for _ in 0..3_000 {
        let reply = random.reply(4);
        let mut wire = Vec::new();
        reply.write(&mut wire, Protocol::Resp3);
        assert_eq!(decode(&wire), Ok(Some((reply.clone(), wire.len()))), "{wire:?}");
        let mut older = Vec::new();
        reply.write(&mut older, Protocol::Resp2);
        // RESP2 loses kinds, so only that it is one reply of its five kinds is certain.
        let (_, len) = decode(&older).unwrap().unwrap();
        assert_eq!(len, older.len(), "one reply: {older:?}");
    }
}

#[test]
fn a_reply_in_pieces_is_the_same_reply() {
    let mut random = Random(2);
    for _ in 0..300 {
        let reply = random.reply(3);
        let mut wire = Vec::new();
        reply.write(&mut wire, Protocol::Resp3);
        let mut decoder = Decoder::new();
        for len in 0..wire.len() {
            assert_eq!(decoder.decode(&wire[..len]), Ok(None), "{len} bytes of {wire:?}");
            assert_eq!(decode(&wire[..len]), Ok(None), "{len} bytes of {wire:?}, from the start");
        }
        assert_eq!(decoder.decode(&wire), Ok(Some((reply, wire.len()))), "all of {wire:?}");
    }
}

/// All commands in a stream that arrives in pieces ending at `cuts`, and how it ended.
fn commands(
    stream: &[u8],
    cuts: impl Iterator<Item = usize>,
) -> (Vec<Words>, Option<ProtocolError>) {
    let (mut parser, mut spans, mut found) = (RequestParser::new(), Vec::new(), Vec::new());
    let mut start = 0;
    for end in cuts.chain([stream.len()]) {
        loop {
            let buf = &stream[start..end.max(start)];
            match parser.parse(buf, &Limits::default(), &mut spans) {
                Ok(Parsed::Incomplete) => {
                    assert!(spans.is_empty(), "no words of half a command");
                    break;
                }
                Ok(Parsed::Empty { consumed }) => start += consumed,
                Ok(Parsed::Inline { consumed, words }) => {
                    found.push(words);
                    start += consumed;
                }
                Ok(Parsed::Command { consumed }) => {
                    assert!(
                        spans.iter().all(|&(from, to)| from <= to && to as usize <= consumed),
                        "inside: {spans:?}"
                    );
                    found.push(Words::from_spans(buf, &spans));
                    start += consumed;
                }
                Err(error) => return (found, Some(error)),
            }
            assert!(spans.capacity() <= stream.len() + 8, "memory follows what was received");
        }
    }
    (found, None)
}

#[test]
fn a_request_in_pieces_is_the_same_request() {
    let mut random = Random(3);
    for _ in 0..2_000 {
        let mut stream = random.request();
        if random.below(2) == 0 {
            random.damage(&mut stream);
        }
        let whole = commands(&stream, [].into_iter());
        assert_eq!(commands(&stream, 0..stream.len()), whole, "byte by byte: {stream:?}");
        for cut in 0..stream.len() {
            assert_eq!(commands(&stream, [cut].into_iter()), whole, "cut at {cut}: {stream:?}");
        }
    }
}

#[test]
fn damaged_bytes_are_refused_in_good_order() {
    let mut random = Random(4);
    let (mut refused, mut requests_refused) = (0, 0);
    for _ in 0..100_000 {
        let mut stream = random.request();
        random.damage(&mut stream);
        requests_refused += usize::from(commands(&stream, [].into_iter()).1.is_some());
        let mut wire = Vec::new();
        random.reply(3).write(&mut wire, Protocol::Resp3);
        random.damage(&mut wire);
        match decode_all(&wire) {
            Ok(replies) => {
                for reply in replies {
                    for style in [Style::Terminal, Style::Raw, Style::Csv, Style::Json] {
                        render_as(&reply, style);
                    }
                }
            }
            Err(_) => refused += 1,
        }
    }
    assert!((10_000..90_000).contains(&refused), "some are whole and some are not: {refused}");
    assert!((10_000..90_000).contains(&requests_refused), "of requests, too: {requests_refused}");
}

#[test]
fn announced_lengths_are_not_believed() {
    let deep = b"*1\r\n".repeat(1_000_000);
    assert!(decode(&deep).is_err(), "too deep");
    let wide = b"*2147483647\r\n".repeat(100);
    assert_eq!(decode(&wide), Ok(None), "lengths multiply to more than any memory");
    assert_eq!(decode(b"$536870912\r\nabc"), Ok(None), "a long string is awaited");
    assert!(decode(b"$536870913\r\n").is_err(), "and one beyond the limit refused");
    let mut deepest = b"*1\r\n".repeat(128);
    deepest.extend_from_slice(b":1\r\n");
    assert!(decode(&deepest).is_ok_and(|reply| reply.is_some()), "as deep as allowed");
}
