//! What may stand next in a command, and which word is the first that cannot stand where it is.
//!
//! All ways to read the words are followed at once, so that no word is refused that some way accepts.
//! It is more lenient than the grammar where the handlers are: options that begin with a keyword may come in any order,
//! and the same one again.

use std::collections::BTreeSet;

use redarium_resp::number::{parse_f64, parse_i64, parse_u64_loosely};

use super::hint::has_keyword;
use super::sentence::announces;
use super::{Arg, ArgKind, CommandSpec, Group};

/// Steps of one reading. A line of a few hundred words takes less; a longer one is not worth making anybody wait.
const STEPS_MAX: u32 = 40_000;

/// What may stand at a place.
#[derive(Debug, Clone, Copy)]
pub enum Expected {
    /// A keyword, and the argument that begins with it.
    Keyword(&'static str, &'static Arg),
    /// A value: a key, a number, any word.
    Value(&'static Arg),
}

/// How far words follow a grammar.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// So many of the words begin some sentence.
    pub fits: usize,
    /// What may stand after those, in the order of the grammar; nothing if they are a whole sentence that takes no more.
    pub next: Vec<Expected>,
    /// Whether all words together are a whole sentence.
    pub is_whole: bool,
}

/// Reads words, all of them complete, as the arguments of a command.
///
/// A line that would take too long counts as fitting.
pub fn read(spec: &CommandSpec, words: &[&[u8]]) -> Reading {
    let mut reader = Reader { words, group: spec.group, far: 0, next: Vec::new(), steps: 0 };
    let ends = reader.sequence(spec.args, 0);
    if reader.steps > STEPS_MAX {
        return Reading { fits: words.len(), next: Vec::new(), is_whole: true };
    }
    let end = ends.last().copied().unwrap_or(0);
    if end > reader.far {
        reader.next.clear();
    }
    let fits = reader.far.max(end);
    Reading { fits, next: reader.next, is_whole: ends.contains(&words.len()) }
}

/// Whether a value of a command of this group may be written like this.
pub fn fits(arg: &Arg, group: Group, word: &[u8]) -> bool {
    match arg.kind {
        ArgKind::Integer if arg.name == "cursor" => {
            parse_u64_loosely(word).is_some() || parse_i64(word).is_some()
        }
        // Redis documents increments of scores and weights as integers, and takes any number.
        ArgKind::Integer if group == Group::SortedSet => is_number(word),
        // BITFIELD counts in units of the type behind a hash sign.
        ArgKind::Integer | ArgKind::UnixTime => {
            parse_i64(word.strip_prefix(b"#").unwrap_or(word)).is_some()
        }
        ArgKind::Double => is_number(word),
        _ => true,
    }
}

/// Whether it is a floating-point number, or the end of a range: perhaps excluded, and read as C does.
fn is_number(word: &[u8]) -> bool {
    let word = word.strip_prefix(b"(").unwrap_or(word).trim_ascii_start();
    word.is_empty() || parse_f64(word).is_some()
}

/// Places among the words, each once, in order.
type Places = BTreeSet<usize>;

/// One way to read some options.
struct Way {
    place: usize,
    /// The options that were read.
    used: u64,
    /// Where each of them began.
    begun: Vec<(usize, usize)>,
}

struct Reader<'a> {
    words: &'a [&'a [u8]],
    group: Group,
    /// The farthest place at which something was expected, and what.
    far: usize,
    next: Vec<Expected>,
    steps: u32,
}

impl Reader<'_> {
    /// Where these arguments, one after the other, can end if they begin at `start`.
    fn sequence(&mut self, args: &'static [Arg], start: usize) -> Places {
        let mut places = Places::from([start]);
        let mut at = 0;
        while let Some(arg) = args.get(at) {
            let before = at.checked_sub(1).and_then(|before| args.get(before));
            let is_counted = before.is_some_and(|before| announces(before, Some(arg)));
            let rest = args.get(at..).unwrap_or_default();
            let free = rest.iter().take_while(|arg| arg.optional || has_keyword(arg)).count();
            let read = |reader: &mut Self, place: usize| {
                if is_counted {
                    reader.counted(arg, place)
                } else if free > 0 {
                    reader.in_any_order(rest.get(..free).unwrap_or_default(), place)
                } else {
                    reader.repeated(arg, place, None)
                }
            };
            places = places.into_iter().flat_map(|place| read(self, place)).collect();
            at += if is_counted { 1 } else { free.max(1) };
        }
        places
    }

    /// As often as the word before says.
    fn counted(&mut self, arg: &'static Arg, start: usize) -> Places {
        let word = start.checked_sub(1).and_then(|before| self.words.get(before));
        match word.and_then(|word| parse_i64(word)) {
            Some(0) if arg.optional => Places::from([start]),
            Some(count @ 1..) => self.repeated(arg, start, Some(count as usize)),
            _ => self.repeated(arg, start, None),
        }
    }

    /// Options, each once or again as it was, in any order; those that must be there are.
    fn in_any_order(&mut self, args: &'static [Arg], start: usize) -> Places {
        let needed = args.iter().enumerate().filter(|(_, arg)| !arg.optional);
        let needed = needed.fold(0u64, |needed, (at, _)| needed | bit(at));
        let mut ends = Places::new();
        let mut seen = BTreeSet::from([(start, 0)]);
        let mut open = vec![Way { place: start, used: 0, begun: Vec::new() }];
        while let Some(Way { place, used, begun }) = open.pop() {
            if used & needed == needed {
                ends.insert(place);
            }
            if self.is_loose_end(args, place) && seen.insert((place + 1, used)) {
                open.push(Way { place: place + 1, used, begun: begun.clone() });
            }
            for (at, arg) in args.iter().enumerate() {
                let earlier = begun.iter().find(|(begun, _)| *begun == at);
                if earlier.is_some_and(|&(_, first)| !self.may_come_again(arg, first, place)) {
                    continue;
                }
                for end in self.repeated(arg, place, None) {
                    let used = used | bit(at);
                    if end > place && seen.insert((end, used)) {
                        let mut begun = begun.clone();
                        begun.push((at, place));
                        open.push(Way { place: end, used, begun });
                    }
                }
            }
        }
        ends
    }

    /// Whether a word is the end of another option, which is taken anywhere: ANY without its COUNT.
    fn is_loose_end(&self, args: &[Arg], place: usize) -> bool {
        let ends = args.iter().filter_map(|arg| arg.parts().last()).filter(|end| end.optional);
        let mut tokens = ends.filter(|end| matches!(end.kind, ArgKind::Token));
        tokens.any(|end| end.token.is_some_and(|token| self.is_word(place, token)))
    }

    fn is_word(&self, place: usize, token: &str) -> bool {
        self.words.get(place).is_some_and(|word| word.eq_ignore_ascii_case(token.as_bytes()))
    }

    /// Whether an option that has begun at one place may begin at another.
    fn may_come_again(&self, arg: &Arg, first: usize, place: usize) -> bool {
        let (Some(first), Some(word)) = (self.words.get(first), self.words.get(place)) else {
            return false;
        };
        // Of several orders the last one counts, and EXPIRE takes XX with GT.
        let may_differ = |token: &str| arg.parts().iter().any(|part| part.token == Some(token));
        has_keyword(arg) && first.eq_ignore_ascii_case(word)
            || may_differ("ASC")
            || may_differ("XX") && may_differ("GT")
    }

    /// Once, or as often as wanted if it may come often; exactly `times` times if that is said.
    fn repeated(&mut self, arg: &'static Arg, start: usize, times: Option<usize>) -> Places {
        let mut last = self.with_token(arg, start);
        let mut ends = last.clone();
        let mut round = 1;
        while arg.many && !last.is_empty() && times.is_none_or(|times| round < times) {
            let again = |reader: &mut Self, place| {
                if arg.many_token { reader.with_token(arg, place) } else { reader.once(arg, place) }
            };
            last = last.into_iter().flat_map(|place| again(self, place)).collect();
            round += 1;
            if times.is_some() {
                ends.clone_from(&last);
            } else {
                let known = ends.len();
                ends.extend(&last);
                if ends.len() == known {
                    break;
                }
            }
        }
        ends
    }

    fn with_token(&mut self, arg: &'static Arg, place: usize) -> Places {
        let Some(token) = arg.token else { return self.once(arg, place) };
        self.expect(place, Expected::Keyword(token, arg));
        if !self.is_word(place, token) {
            return Places::new();
        }
        let mut ends = self.once(arg, place + 1);
        // Of an option that comes again, only the last value is ever looked at.
        let is_number = matches!(arg.kind, ArgKind::Integer | ArgKind::UnixTime);
        if is_number && (place + 2..self.words.len()).any(|later| self.is_word(later, token)) {
            ends.insert(place + 2);
        }
        ends
    }

    /// Without its token.
    fn once(&mut self, arg: &'static Arg, place: usize) -> Places {
        self.steps += 1;
        if self.steps > STEPS_MAX {
            return Places::new();
        }
        match arg.kind {
            ArgKind::Token => Places::from([place]),
            ArgKind::Block(parts) => self.sequence(parts, place),
            ArgKind::OneOf(choices) => {
                choices.iter().flat_map(|choice| self.repeated(choice, place, None)).collect()
            }
            _ => {
                self.expect(place, Expected::Value(arg));
                let word = self.words.get(place);
                word.filter(|word| fits(arg, self.group, word))
                    .map(|_| place + 1)
                    .into_iter()
                    .collect()
            }
        }
    }

    fn expect(&mut self, place: usize, what: Expected) {
        if place > self.far {
            self.far = place;
            self.next.clear();
        }
        if place == self.far && !self.next.iter().any(|known| known.is(&what)) {
            self.next.push(what);
        }
    }
}

impl Expected {
    /// Whether both are the same to a person.
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Keyword(ours, _), Self::Keyword(theirs, _)) => ours == theirs,
            (Self::Value(ours), Self::Value(theirs)) => ours.name == theirs.name,
            _ => false,
        }
    }
}

/// The place of an option in a set of them; no command has as many as 64.
fn bit(at: usize) -> u64 {
    1 << (at & 63)
}
