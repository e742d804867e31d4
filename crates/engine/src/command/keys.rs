//! Where a command's keys stand among its words, after Redis's key specifications.

/// Where the search for keys begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    /// At this word; the command's name is word 0.
    Index(usize),
    /// After this keyword, searched from the word `from`; negative counts from the end.
    Keyword {
        /// The word before the keys.
        word: &'static str,
        /// Where to look first.
        from: isize,
    },
    /// Only the server can tell.
    Unknown,
}

/// How far the keys reach from where they begin.
#[derive(Debug, Clone, Copy)]
pub enum Find {
    /// Up to `last` (relative to the beginning; negative counts from the end of the command) in steps.
    Range {
        /// Last key, relative.
        last: isize,
        /// Distance between keys.
        step: usize,
        /// 0 or 1: no limit; n: only the first n-th part of the words.
        limit: usize,
    },
    /// A word tells how many keys follow.
    Count {
        /// Index of that word, relative to the beginning.
        at: usize,
        /// First key, relative to the beginning.
        first: usize,
        /// Distance between keys.
        step: usize,
    },
    /// Only the server can tell.
    Unknown,
    /// Only the server can tell, and this is how it does: their positions in all words of the command.
    Told(fn(&[&[u8]]) -> Vec<usize>),
}

/// One group of keys and what the command does to them.
#[derive(Debug, Clone, Copy)]
pub struct KeySpec {
    /// Flags as COMMAND INFO lists them, e.g. `["RW", "update"]`.
    pub flags: &'static [&'static str],
    /// Where they begin.
    pub begin: Begin,
    /// How far they reach.
    pub find: Find,
}

impl KeySpec {
    /// One key at word `index`.
    pub const fn one(index: usize, flags: &'static [&'static str]) -> Self {
        Self::range(index, 0, 1, flags)
    }

    /// Keys from word `index` to `last` (relative, or negative from the end) in steps.
    pub const fn range(
        index: usize,
        last: isize,
        step: usize,
        flags: &'static [&'static str],
    ) -> Self {
        Self { flags, begin: Begin::Index(index), find: Find::Range { last, step, limit: 0 } }
    }

    /// A count of keys at word `index`, the keys after it.
    pub const fn counted(index: usize, flags: &'static [&'static str]) -> Self {
        Self { flags, begin: Begin::Index(index), find: Find::Count { at: 0, first: 1, step: 1 } }
    }

    /// Positions of the keys in a command of `words`, the name being word 0; nothing where the words do not fit.
    pub fn positions(&self, words: &[&[u8]]) -> Vec<usize> {
        if let Find::Told(tell) = self.find {
            return tell(words);
        }
        let Some(begin) = self.begin_at(words) else { return Vec::new() };
        match self.find {
            Find::Unknown | Find::Told(_) => Vec::new(),
            Find::Range { last, step, limit } => {
                let last = if last >= 0 {
                    begin + last.unsigned_abs()
                } else if limit > 1 {
                    begin + (words.len() - begin) / limit + (last.unsigned_abs() - 1) - 1
                } else {
                    let Some(last) = words.len().checked_sub(last.unsigned_abs()) else {
                        return Vec::new();
                    };
                    last
                };
                (begin..=last).step_by(step.max(1)).filter(|&at| at < words.len()).collect()
            }
            Find::Count { at, first, step } => {
                let count =
                    words.get(begin + at).and_then(|word| redarium_resp::number::parse_i64(word));
                let count = usize::try_from(count.unwrap_or(0)).unwrap_or(0);
                let room = words.len().saturating_sub(begin + first).div_ceil(step.max(1));
                if count > room {
                    return Vec::new();
                }
                (0..count).map(|n| begin + first + n * step).collect()
            }
        }
    }

    fn begin_at(&self, words: &[&[u8]]) -> Option<usize> {
        match self.begin {
            Begin::Index(index) => (index < words.len()).then_some(index),
            Begin::Unknown => None,
            Begin::Keyword { word, from } => {
                let is_word = |&at: &usize| {
                    words.get(at).is_some_and(|w| w.eq_ignore_ascii_case(word.as_bytes()))
                };
                let found = if from >= 0 {
                    (from.unsigned_abs()..words.len()).find(is_word)
                } else {
                    (1..=words.len().saturating_sub(from.unsigned_abs())).rev().find(is_word)
                };
                found.map(|at| at + 1).filter(|&at| at < words.len())
            }
        }
    }
}

/// First key, last key and step as old clients know them (zeros where there is none), and whether there are keys
/// besides that one range.
pub fn legacy_range(specs: &[KeySpec]) -> ((i64, i64, i64), bool) {
    let is_incomplete = |spec: &KeySpec| spec.flags.contains(&"incomplete");
    if let [spec] = specs
        && let (Begin::Index(first), Find::Range { last, step, .. }) = (spec.begin, spec.find)
    {
        return ((first as i64, absolute(first, last), step as i64), is_incomplete(spec));
    }
    let mut movable = false;
    let mut range: Option<(i64, i64)> = None;
    for spec in specs {
        let (Begin::Index(first), Find::Range { last, step, .. }) = (spec.begin, spec.find) else {
            movable = true;
            continue;
        };
        let follows = range.is_none_or(|(_, end)| end == first as i64 - 1);
        if step != 1 || !follows {
            movable = true;
            continue;
        }
        movable |= is_incomplete(spec);
        let from = range.map_or(first as i64, |(from, _)| from);
        range = Some((from, absolute(first, last)));
    }
    (range.map_or((0, 0, 0), |(first, last)| (first, last, 1)), movable)
}

/// The position of a range's last key; negative counts from the end.
fn absolute(first: usize, last: isize) -> i64 {
    if last >= 0 { first as i64 + last as i64 } else { last as i64 }
}
