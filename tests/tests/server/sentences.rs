//! Random commands, good ones and damaged ones, that the real Redis knows all options of.

use redarium_engine::command::{Arg, CommandSpec, Flags, sentence};
use redarium_resp::number::parse_i64;
use redarium_resp::words::Words;
use redarium_structures::rng::Rng;

/// The newest version whose options the real Redis has.
const THEIR_VERSION: (u32, u32) = (7, 0);

/// Commands whose second argument is a time to live.
const TIMED: &[&str] = &["EXPIRE", "PEXPIRE", "SETEX", "PSETEX"];

/// What keys begin with in which SORT stores lists.
pub(crate) const STORED_BY_SORT: &[u8] = b"sorted:";

/// Commands whose fourth argument is a time that entries must have been pending for.
const IDLE_TIMED: &[&str] = &["XCLAIM", "XAUTOCLAIM"];

/// What a handler may not expect, between bars; nothing that makes a value of hundreds of megabytes, or as many answers.
const UNLIKELY: &str = "|x|0|-1|01|+1| 1|1 |1.5|0x10|1e3|-0|-0.0|nan|inf|-inf|+inf|Infinity|1e400|-1e400|\
    1e-400|3.0e5|.5|5.|1e|-|4294967296|9223372036854775807|9223372036854775808|\
    -9223372036854775808|-9223372036854775809|18446744073709551615|100000000000000000000|\
    536870912|(1|(inf|[a|(a|[|(|+|(x|COUNT|LIMIT|WITHSCORES|BYSCORE|GET|NX|XX|GT|EX|MATCH|\
    LEFT|WEIGHTS|AGGREGATE|KEEPTTL|BY|a\0b|\u{e9}|*|#1|#3|k1|k2";

/// A command or subcommand that both servers have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shared {
    pub(crate) spec: &'static CommandSpec,
    pub(crate) container: Option<&'static CommandSpec>,
}

impl Shared {
    /// Its whole name, such as `OBJECT ENCODING`.
    pub(crate) fn name(&self) -> String {
        let container = self.container.map(|container| format!("{} ", container.name));
        container.unwrap_or_default() + self.spec.name
    }

    /// A random command of this kind that the real Redis has all options of. Times to live are long.
    pub(crate) fn sentence(&self, rng: &mut Rng) -> Words {
        loop {
            let words = sentence::sentence(self.spec, self.container, rng);
            // Nobody would wake who waits.
            let waits = |word: &[u8]| word == b"BLOCK" && self.spec.flags.has(Flags::BLOCKING);
            // Sines are the same on all our targets, and so may differ in a distance's last digit.
            let is_inexact = |word: &[u8]| word == b"STOREDIST";
            let is_unfit =
                |word: &[u8]| is_newer_token(self.spec, word) || waits(word) || is_inexact(word);
            if !words.iter().any(is_unfit) {
                return lasting(&words);
            }
        }
    }
}

/// The same words, one of them left out, put in twice or replaced by something unlikely.
pub(crate) fn damaged(words: &Words, rng: &mut Rng) -> Words {
    let mut all: Vec<&[u8]> = words.iter().collect();
    // The name stays.
    let at = 1 + rng.below(all.len() as u64) as usize;
    match rng.below(4) {
        0 if at < all.len() => _ = all.remove(at),
        1 if at < all.len() => all.insert(at, all[at]),
        _ => {
            let all_unlikely: Vec<&str> = UNLIKELY.split('|').collect();
            let unlikely = all_unlikely[rng.below(all_unlikely.len() as u64) as usize].as_bytes();
            match all.get_mut(at) {
                Some(word) => *word = unlikely,
                None => all.push(unlikely),
            }
        }
    }
    lasting(&Words::from_slices(all))
}

/// The same words with times so long that nothing falls due while two servers are asked in turn: neither the end of
/// a key nor that of a consumer's patience. Ids are never made of the time.
fn lasting(words: &Words) -> Words {
    let is = |word: Option<&[u8]>, name: &str| {
        word.is_some_and(|word| word.eq_ignore_ascii_case(name.as_bytes()))
    };
    let mut longer = Words::new();
    let mut before = None;
    for (at, word) in words.iter().enumerate() {
        let is_time = is(before, "EX")
            || is(before, "PX")
            || is(before, "IDLE")
            || (at == 2 && TIMED.iter().any(|name| is(words.get(0), name)))
            || (at == 4 && IDLE_TIMED.iter().any(|name| is(words.get(0), name)));
        match parse_i64(word) {
            Some(time @ 1..1_000_000) if is_time => {
                longer.push((time * 100_000).to_string().as_bytes());
            }
            _ if word == b"*" && is(words.get(0), "XADD") => longer.push(b"30-*"),
            _ => longer.push(word),
        }
        before = Some(word);
    }
    if is(words.get(0), "SORT") || is(words.get(0), "SORT_RO") {
        settled_sort(&longer)
    } else {
        longer
    }
}

/// A SORT that leaves nothing to chance: it does sort, and not by texts, which may be equal. It stores where the nodes
/// of lists are not compared.
fn settled_sort(words: &Words) -> Words {
    let is_by = |word: &[u8]| word.eq_ignore_ascii_case(b"BY");
    let is_by_pattern = words.iter().any(is_by);
    let mut before: &[u8] = b"";
    let mut settled = Words::new();
    for word in words.iter() {
        if is_by(before) && !word.contains(&b'*') {
            settled.push(b"x*");
        } else if before.eq_ignore_ascii_case(b"STORE") {
            settled.push(&[STORED_BY_SORT, word].concat());
        } else if !(is_by_pattern && word.eq_ignore_ascii_case(b"ALPHA")) {
            settled.push(word);
        }
        before = word;
    }
    settled
}

/// Whether a word is the token of an option that came after the real Redis.
fn is_newer_token(spec: &CommandSpec, word: &[u8]) -> bool {
    fn found(args: &[Arg], word: &[u8], is_newer: bool) -> bool {
        args.iter().any(|arg| {
            let is_newer = is_newer || version(arg.since) > THEIR_VERSION;
            let is_token = arg.token.is_some_and(|token| token.as_bytes() == word);
            (is_newer && is_token) || found(arg.parts(), word, is_newer)
        })
    }
    found(spec.args, word, false)
}

fn version(text: &str) -> (u32, u32) {
    let mut numbers = text.split('.').map(|number| number.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}
