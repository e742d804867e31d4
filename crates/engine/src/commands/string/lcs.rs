//! The longest common subsequence of two strings, by the textbook's dynamic programme.
//!
//! Redis keeps the whole table of lengths, four bytes a cell, to walk back through it.
//! The walk needs only one bit of each cell, so this keeps two rows of lengths and a bitmap:
//! a thirty-second of the memory. What Redis refuses for its table's size is refused here as well;
//! that also bounds the time.

use redarium_resp::encode::Encoder;
use redarium_resp::number::{IntBuffer, parse_i64};

use crate::args::Args;
use crate::command::args::{integer, key, token};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;

pub(super) const COMMANDS: &[CommandSpec] = &[LCS];

/// Bytes of one cell of the table that Redis would allocate.
const CELL_BYTES: u64 = 4;

/// Bits of a word of the bitmap.
const WORD_BITS: usize = u64::BITS as usize;

const LCS: CommandSpec = CommandSpec {
    name: "LCS",
    group: Group::String,
    since: "7.0.0",
    summary: "Returns the longest subsequence of bytes that two strings have in common.",
    complexity: "O(N*M), N and M being the lengths of the strings.",
    flags: Flags::READONLY,
    keys: &[KeySpec::range(1, 1, 1, &["RO", "access"])],
    args: &[
        key("key1"),
        key("key2"),
        token("LEN").optional(),
        token("IDX").optional(),
        integer("min-match-len").after("MINMATCHLEN").optional(),
        token("WITHMATCHLEN").optional(),
    ],
    see_also: &["GETRANGE", "MGET"],
    examples: "\
> MSET key1 ohmytext key2 mynewtext
OK
> LCS key1 key2
\"mytext\"
> LCS key1 key2 LEN
(integer) 6
",
    run: lcs,
    ..CommandSpec::DEFAULT
};

/// The options of LCS.
#[derive(Debug, Default, Clone, Copy)]
struct Options {
    len: bool,
    indexes: bool,
    with_match_len: bool,
    min_match_len: usize,
}

impl Options {
    fn read(mut args: Args<'_>) -> Result<Self, CmdError> {
        let mut options = Self::default();
        while !args.is_empty() {
            if args.take_token("IDX") {
                options.indexes = true;
            } else if args.take_token("LEN") {
                options.len = true;
            } else if args.take_token("WITHMATCHLEN") {
                options.with_match_len = true;
            } else if args.take_token("MINMATCHLEN") {
                let len = parse_i64(args.next_word()?).ok_or(CmdError::NotInteger)?;
                options.min_match_len = usize::try_from(len).unwrap_or(0);
            } else {
                return Err(CmdError::Syntax);
            }
        }
        if options.len && options.indexes {
            return Err(CmdError::Msg(
                "ERR If you want both the length and indexes, please just use IDX.",
            ));
        }
        Ok(options)
    }
}

fn lcs(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (key_a, key_b) = (args.next_word()?, args.next_word()?);
    ctx.keys.value(key_a);
    ctx.keys.value(key_b);
    let (mut digits_a, mut digits_b) = (IntBuffer::new(), IntBuffer::new());
    let wrong_type = CmdError::Msg("ERR The specified keys must contain string values");
    let a = match ctx.keys.peek(key_a) {
        None => b"",
        Some(value) => value.bytes(&mut digits_a).or(Err(wrong_type.clone()))?,
    };
    let b = match ctx.keys.peek(key_b) {
        None => b"",
        Some(value) => value.bytes(&mut digits_b).or(Err(wrong_type))?,
    };
    let options = Options::read(args)?;
    let cells = (a.len() as u64 + 1).saturating_mul(b.len() as u64 + 1);
    if cells.saturating_mul(CELL_BYTES) > ctx.config.proto_max_bulk_len as u64 {
        return Err(CmdError::Msg(
            "ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len",
        ));
    }

    let (len, turns) = Turns::compute(a, b, !options.len);
    if options.len {
        ctx.reply.count(len);
    } else if options.indexes {
        reply_indexes(&mut ctx.reply, &turns, a, b, len, options);
    } else {
        let mut common = Vec::with_capacity(len);
        turns.walk(a, b, |i, _| common.extend(a.get(i)));
        common.reverse();
        ctx.reply.bulk(&common);
    }
    Ok(Answer::Done)
}

/// Which way the walk back turns in each cell where the bytes differ: a bit says that `a` gives way.
#[derive(Debug)]
struct Turns {
    /// A row of words for each byte of `a`, a bit for each byte of `b`.
    bits: Vec<u64>,
    row_words: usize,
}

impl Turns {
    /// The length of the longest common subsequence and, if `keep`, the way back to it. O(N*M).
    fn compute(a: &[u8], b: &[u8], keep: bool) -> (usize, Self) {
        let row_words = b.len().div_ceil(WORD_BITS);
        let mut bits = Vec::with_capacity(if keep { a.len() * row_words } else { 0 });
        // `row[j]` is the length for the bytes of `a` so far and the first `j + 1` of `b`.
        let mut row = vec![0u32; b.len()];
        for &byte_a in a {
            let (mut left, mut above_left) = (0, 0);
            for (bytes_b, cells) in b.chunks(WORD_BITS).zip(row.chunks_mut(WORD_BITS)) {
                let mut word = 0;
                // No branches: they would be mispredicted about every other time.
                for (bit, (&byte_b, cell)) in bytes_b.iter().zip(cells).enumerate() {
                    let above = *cell;
                    word |= u64::from(above > left) << bit;
                    left = if byte_a == byte_b { above_left + 1 } else { above.max(left) };
                    above_left = above;
                    *cell = left;
                }
                if keep {
                    bits.push(word);
                }
            }
        }
        (row.last().map_or(0, |&len| len as usize), Self { bits, row_words })
    }

    fn a_gives_way(&self, i: usize, j: usize) -> bool {
        let word = self.bits.get(i * self.row_words + j / WORD_BITS);
        word.is_some_and(|word| word >> (j % WORD_BITS) & 1 == 1)
    }

    /// Calls `pair` with the offsets of each common byte, from the last to the first. O(N+M).
    fn walk(&self, a: &[u8], b: &[u8], mut pair: impl FnMut(usize, usize)) {
        let (mut i, mut j) = (a.len(), b.len());
        while i > 0 && j > 0 {
            if a.get(i - 1) == b.get(j - 1) {
                i -= 1;
                j -= 1;
                pair(i, j);
            } else if self.a_gives_way(i - 1, j - 1) {
                i -= 1;
            } else {
                j -= 1;
            }
        }
    }
}

/// A run of bytes that follow each other in both strings.
#[derive(Debug, Clone, Copy)]
struct Run {
    in_a: usize,
    in_b: usize,
    len: usize,
}

fn reply_indexes(
    reply: &mut Encoder<'_>,
    turns: &Turns,
    a: &[u8],
    b: &[u8],
    len: usize,
    options: Options,
) {
    reply.map(2);
    reply.bulk(b"matches");
    let mark = reply.begin_array();
    let mut matches = 0;
    let mut run: Option<Run> = None;
    let mut write = |run: Option<Run>| {
        if let Some(run) = run.filter(|run| run.len >= options.min_match_len) {
            reply_run(reply, run, options.with_match_len);
            matches += 1;
        }
    };
    turns.walk(a, b, |in_a, in_b| {
        run = Some(match run {
            Some(run) if (run.in_a, run.in_b) == (in_a + 1, in_b + 1) => {
                Run { in_a, in_b, len: run.len + 1 }
            }
            earlier => {
                write(earlier);
                Run { in_a, in_b, len: 1 }
            }
        });
    });
    write(run);
    reply.end_array(mark, matches);
    reply.bulk(b"len");
    reply.count(len);
}

fn reply_run(reply: &mut Encoder<'_>, run: Run, with_len: bool) {
    reply.array(2 + usize::from(with_len));
    for start in [run.in_a, run.in_b] {
        reply.array(2);
        reply.count(start);
        reply.count(start + run.len - 1);
    }
    if with_len {
        reply.count(run.len);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use redarium_structures::rng::Rng;

    fn naive(a: &[u8], b: &[u8]) -> usize {
        match (a.split_last(), b.split_last()) {
            (Some((x, a_rest)), Some((y, b_rest))) if x == y => naive(a_rest, b_rest) + 1,
            (Some((_, a_rest)), Some((_, b_rest))) => naive(a_rest, b).max(naive(a, b_rest)),
            _ => 0,
        }
    }

    #[test]
    fn the_walk_finds_a_common_subsequence_of_the_right_length() {
        let mut rng = Rng::new(1);
        for _ in 0..200 {
            let mut word =
                || -> Vec<u8> { (0..rng.below(9)).map(|_| b'a' + rng.below(3) as u8).collect() };
            let (a, b) = (word(), word());
            let (len, turns) = Turns::compute(&a, &b, true);
            assert_eq!(len, naive(&a, &b), "length of {a:?} and {b:?}");
            let mut pairs = Vec::new();
            turns.walk(&a, &b, |i, j| pairs.push((i, j)));
            assert_eq!(pairs.len(), len, "as many pairs");
            assert!(pairs.iter().all(|&(i, j)| a[i] == b[j]), "of equal bytes");
            let descends = |w: &[(usize, usize)]| w[0].0 > w[1].0 && w[0].1 > w[1].1;
            assert!(pairs.windows(2).all(descends), "in order");
            assert_eq!(Turns::compute(&a, &b, false).0, len, "without a way back");
        }
    }
}
