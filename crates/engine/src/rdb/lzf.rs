//! LZF: the compression of long strings in a dump.
//!
//! A stream of instructions, each begun by a control byte:
//!
//! | control byte | means |
//! | --- | --- |
//! | `000nnnnn` | the next n + 1 bytes as they are |
//! | `lllooooo` and a byte | l + 2 bytes again that stood o + 1 bytes ago, o being the 13 bits of both |
//! | `111ooooo`, a byte and a byte | the same with l = 7 + the first of them |
//!
//! Source: the format of Marc Lehmann's `LibLZF`. The search for repetitions is greedy and looks at one candidate for each
//! three bytes, as his does.

/// Bytes that one control byte can announce.
const LITERALS_MAX: usize = 32;

/// How far back a repetition may stand.
const DISTANCE_MAX: usize = 1 << 13;

/// Bytes of the longest repetition.
const REPEAT_MAX: usize = 264;

/// Bytes of the shortest one.
const REPEAT_MIN: usize = 3;

/// If there may be more bytes than this in a repetition, the original compares so many without looking for the end.
const UNCHECKED: usize = 16;

/// Bits of a hash of three bytes.
const HASH_BITS: u32 = 16;

/// No stream of so many bytes unfolds into more: three bytes give 264 at most.
pub(super) const EXPANSION_MAX: usize = REPEAT_MAX / 3;

/// Room that must be left where a repetition is written, and where the last bytes are: a little more than they take.
///
/// The original gives up at the same point, so that both compress the same strings.
const REPEAT_ROOM: usize = 4;
const TAIL_ROOM: usize = 3;

/// Finds repetitions; made once for many strings.
#[derive(Debug, Clone)]
pub(super) struct Compressor {
    /// By the hash of three bytes, where they were last seen: the place in its string plus what `base` was.
    seen: Vec<u32>,
    /// What places of the present string are counted from; whatever is below is of an earlier one.
    base: u32,
}

impl Compressor {
    pub(super) fn new() -> Self {
        Self { seen: Vec::new(), base: 1 }
    }

    /// The stream of `input`, if it takes at most `most` bytes. O(n).
    pub(super) fn compress(&mut self, input: &[u8], most: usize) -> Option<Vec<u8>> {
        let len = u32::try_from(input.len()).ok()?;
        self.seen.resize(1 << HASH_BITS, 0);
        if self.base.checked_add(len).is_none() {
            self.seen.fill(0);
            self.base = 1;
        }
        let stream = self.stream(input, most);
        self.base += len;
        stream
    }

    fn stream(&mut self, input: &[u8], most: usize) -> Option<Vec<u8>> {
        let mut out = Vec::with_capacity(most);
        let (mut at, mut literals_from) = (0, 0);
        while at + REPEAT_MIN <= input.len() {
            let Some(from) = self.look_up(input, at) else {
                at += 1;
                continue;
            };
            let repeat = repeat_len(input, from, at);
            write_literals(&mut out, input.get(literals_from..at)?);
            if out.len() + REPEAT_ROOM >= most {
                return None;
            }
            write_repeat(&mut out, at - from - 1, repeat - 2);
            // What the repetition passes over is not looked at, but for its last two places.
            let behind = at + repeat;
            for place in behind - 2..behind {
                self.note(input, place);
            }
            (at, literals_from) = (behind, behind);
        }
        let literals = at - literals_from;
        let begun = literals / LITERALS_MAX * (1 + LITERALS_MAX) + 1 + literals % LITERALS_MAX;
        if out.len() + begun + TAIL_ROOM > most {
            return None;
        }
        write_literals(&mut out, input.get(literals_from..)?);
        Some(out)
    }

    /// Where the three bytes at `at` stood before, near enough; they are noted in any case.
    fn look_up(&mut self, input: &[u8], at: usize) -> Option<usize> {
        let from = self.note(input, at)?;
        let is_near = at - from <= DISTANCE_MAX;
        // The very first place counts as none: 0 meant that in the original.
        let is_same = input.get(from..from + REPEAT_MIN) == input.get(at..at + REPEAT_MIN);
        (is_near && is_same && from > 0).then_some(from)
    }

    /// Notes that three bytes stand at `at` and returns where such bytes were noted before.
    fn note(&mut self, input: &[u8], at: usize) -> Option<usize> {
        let &[a, b, c] = input.get(at..at + REPEAT_MIN)? else { return None };
        let bytes = u32::from(a) << 16 | u32::from(b) << 8 | u32::from(c);
        let hash = (bytes >> (24 - HASH_BITS)).wrapping_sub(bytes.wrapping_mul(5));
        let slot = self.seen.get_mut((hash & ((1 << HASH_BITS) - 1)) as usize)?;
        let before = std::mem::replace(slot, self.base + at as u32);
        before.checked_sub(self.base).map(|place| place as usize)
    }
}

/// How many bytes at `at` are the same as at `from`. The last two bytes of all are hardly ever part of a repetition.
fn repeat_len(input: &[u8], from: usize, at: usize) -> usize {
    let most = (input.len() - at - 2).min(REPEAT_MAX);
    let most = most.max(if most > UNCHECKED { REPEAT_MIN + UNCHECKED } else { REPEAT_MIN });
    let pairs = input.iter().skip(from).zip(input.iter().skip(at)).take(most);
    pairs.take_while(|(one, other)| one == other).count()
}

fn write_literals(out: &mut Vec<u8>, bytes: &[u8]) {
    for run in bytes.chunks(LITERALS_MAX) {
        out.push(run.len() as u8 - 1);
        out.extend_from_slice(run);
    }
}

fn write_repeat(out: &mut Vec<u8>, distance: usize, len: usize) {
    let high = (distance >> 8) as u8;
    if len < 7 {
        out.push((len as u8) << 5 | high);
    } else {
        out.push(7 << 5 | high);
        out.push((len - 7) as u8);
    }
    out.push(distance as u8);
}

/// What a stream stands for, if it is sound and that has exactly `len` bytes. O(len).
///
/// The caller has made sure that `len` is no more than the stream can give.
pub(super) fn decompress(stream: &[u8], len: usize) -> Option<Vec<u8>> {
    if len > stream.len().saturating_mul(EXPANSION_MAX) {
        return None;
    }
    let mut out = Vec::with_capacity(len);
    let mut rest = stream.iter();
    while let Some(&control) = rest.next() {
        let control = usize::from(control);
        if control < LITERALS_MAX {
            let (literals, behind) = rest.as_slice().split_at_checked(control + 1)?;
            out.extend_from_slice(literals);
            rest = behind.iter();
        } else {
            let mut repeat = (control >> 5) + 2;
            if repeat == 7 + 2 {
                repeat += usize::from(*rest.next()?);
            }
            let distance = (control & 0x1F) << 8 | usize::from(*rest.next()?);
            let from = out.len().checked_sub(distance + 1)?;
            if repeat <= distance + 1 {
                out.extend_from_within(from..from + repeat);
            } else {
                // It runs into what it writes.
                for place in from..from + repeat {
                    out.push(*out.get(place)?);
                }
            }
        }
        if out.len() > len {
            return None;
        }
    }
    (out.len() == len).then_some(out)
}

#[cfg(test)]
mod tests {
    use redarium_structures::rng::Rng;

    use super::*;

    #[test]
    fn a_stream_made_by_redis() {
        // Inside the payload of `DUMP a` after `SET a` with 100 letters x, from a Redis 7.0.15.
        let stream = b"\x01xx\xe0\x57\x00\x01xx";
        assert_eq!(decompress(stream, 100), Some(vec![b'x'; 100]), "read");
        let made = Compressor::new().compress(&[b'x'; 100], 96);
        assert_eq!(made.as_deref(), Some(&stream[..]), "written");
    }

    #[test]
    fn a_repetition_that_reaches_the_end() {
        // Inside the payload of `DUMP a` after `SETBIT a 167 0`, from a Redis 7.0.15.
        let stream = b"\x01\0\0\xe0\x0a\x00";
        assert_eq!(Compressor::new().compress(&[0; 21], 17).as_deref(), Some(&stream[..]));
    }

    #[test]
    fn what_is_compressed_comes_back() {
        let mut compressor = Compressor::new();
        for seed in 0..400 {
            let mut rng = Rng::new(seed);
            let (len, letters) = (rng.below(3000) as usize, rng.below(40) + 1);
            let mut input: Vec<u8> = (0..len).map(|_| rng.below(letters) as u8).collect();
            for _ in 0..rng.below(8) {
                let start = rng.below(input.len() as u64 + 1) as usize;
                let part = input.get(start..).map(<[u8]>::to_vec).unwrap_or_default();
                input.extend_from_slice(&part);
                input.truncate(20_000);
            }
            let Some(stream) = compressor.compress(&input, input.len() + input.len() / 30 + 8)
            else {
                panic!("seed {seed}: a little more room than the input takes is always enough");
            };
            assert_eq!(decompress(&stream, input.len()), Some(input.clone()), "seed {seed}");
            if letters == 1 && len > 300 {
                assert!(stream.len() < input.len() / 20, "seed {seed}: much shorter");
            }
            let exact = compressor.compress(&input, stream.len().saturating_sub(1));
            assert_eq!(exact, None, "seed {seed}: no room, no stream");
        }
    }

    #[test]
    fn damaged_streams_are_refused() {
        for (stream, len) in [
            (&b"\x00"[..], 1),
            (b"\x05abc", 6),
            (b"\x20\x00", 3),
            (b"\x00a\x20\x01", 4),
            (b"\x00a\x20", 4),
            (b"\x00a\xe0", 10),
            (b"\x00a\x20\x00", 5),
            (b"\x00a\x20\x00", 3),
            (b"\x00a", usize::MAX),
        ] {
            assert_eq!(decompress(stream, len), None, "{stream:?} for {len} bytes");
        }
        assert_eq!(decompress(b"\x00a\x20\x00", 4), Some(b"aaaa".to_vec()), "the sound one");
    }
}
