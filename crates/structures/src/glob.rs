//! Glob patterns as KEYS, SCAN, PSUBSCRIBE and CONFIG GET match them.
//!
//! `*` is any run of bytes, `?` any one byte, `[abc]`, `[a-z]` and `[^a]` classes of bytes, and `\`
//! takes the next byte as it stands. Odd patterns get Redis's answers: a class that is never closed
//! reaches to the pattern's end, a range may be written backwards, a lone `\` at the end means
//! itself, and a byte escaped inside a class keeps its case.
//!
//! Only the last `*` is ever tried again, so time is bounded by pattern length times text length.
//! That loses nothing: whatever an earlier `*` could give up, the later one can take.
//!
//! Commands that take `*` alone as "everything" check for it themselves, as Redis does: here, as
//! there, a pattern other than the empty one does not match the empty text.

/// Redis gives up, without a match, on patterns that make it nest deeper than this; equal answers
/// need the same limit.
const MAX_STARS: u32 = 1000;

/// Whether `text` matches `pattern` as a whole; `nocase` compares ASCII letters without their case.
///
/// O(pattern × text) time at worst, no memory.
pub fn matches(pattern: &[u8], text: &[u8], nocase: bool) -> bool {
    // An empty text never even looks at the stars of a pattern.
    if text.is_empty() {
        return pattern.is_empty();
    }
    let mut rest = pattern;
    let mut left = text;
    // The pattern behind the last star, and the text it was last tried on.
    let mut retry: Option<(&[u8], &[u8])> = None;
    let mut stars = 0;
    loop {
        if rest.first() == Some(&b'*') {
            rest = skip_stars(rest);
            if rest.is_empty() {
                return true;
            }
            if left.is_empty() {
                return false;
            }
            stars += 1;
            if stars > MAX_STARS {
                return false;
            }
            retry = Some((rest, left));
            continue;
        }
        match (rest.is_empty(), left) {
            (true, []) => return true,
            (false, [byte, behind @ ..]) => {
                if let Some(next) = match_byte(rest, *byte, nocase) {
                    rest = next;
                    left = behind;
                    continue;
                }
            }
            // Every item takes one byte: starting later would run out of text even sooner.
            (false, []) => return false,
            (true, [_, ..]) => {}
        }
        match retry {
            Some((pattern_again, [_, behind @ ..])) if !behind.is_empty() => {
                rest = pattern_again;
                left = behind;
                retry = Some((rest, left));
            }
            _ => return false,
        }
    }
}

fn skip_stars(pattern: &[u8]) -> &[u8] {
    let stars = pattern.iter().take_while(|byte| **byte == b'*').count();
    &pattern[stars..]
}

/// The pattern behind its first item, which is no star, when that item takes `byte`.
#[inline]
fn match_byte(pattern: &[u8], byte: u8, nocase: bool) -> Option<&[u8]> {
    match pattern {
        [b'?', rest @ ..] => Some(rest),
        [b'[', rest @ ..] => {
            let (matched, rest) = match_class(rest, byte, nocase);
            matched.then_some(rest)
        }
        [b'\\', literal, rest @ ..] | [literal, rest @ ..] => {
            same(*literal, byte, nocase).then_some(rest)
        }
        [] => None,
    }
}

/// Whether the class whose inside starts here takes `byte`, and the pattern behind it.
fn match_class(inside: &[u8], byte: u8, nocase: bool) -> (bool, &[u8]) {
    let (negated, mut rest) = match inside {
        [b'^', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let mut matched = false;
    loop {
        rest = match rest {
            [] => break,
            [b']', behind @ ..] => {
                rest = behind;
                break;
            }
            [b'\\', literal, behind @ ..] => {
                matched |= *literal == byte;
                behind
            }
            [from, b'-', to, behind @ ..] => {
                matched |= in_range(*from, *to, byte, nocase);
                behind
            }
            [literal, behind @ ..] => {
                matched |= same(*literal, byte, nocase);
                behind
            }
        };
    }
    (matched != negated, rest)
}

/// Bytes order as signed ones here: `char` is signed where Redis is usually built. Ends are put in
/// order before case is taken away, so `[Z-a]` without case takes nothing.
fn in_range(from: u8, to: u8, byte: u8, nocase: bool) -> bool {
    let fold = |byte: u8| if nocase { byte.to_ascii_lowercase() } else { byte }.cast_signed();
    let (from, to) = if from.cast_signed() > to.cast_signed() { (to, from) } else { (from, to) };
    (fold(from)..=fold(to)).contains(&fold(byte))
}

#[inline]
fn same(literal: u8, byte: u8, nocase: bool) -> bool {
    literal == byte || (nocase && literal.eq_ignore_ascii_case(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    /// Each answer was asked of a running Redis 7.0.15: KEYS with case, CONFIG GET without.
    #[test]
    fn odd_patterns_answer_as_a_real_server() {
        let cases: &[(&[u8], &[u8], bool)] = &[
            (b"", b"", true),
            (b"**", b"", false),
            (b"h?llo", b"hello", true),
            (b"h*llo", b"hllo", true),
            (b"h[ae]llo", b"hillo", false),
            (b"h[^e]llo", b"hallo", true),
            (b"h[b-a]llo", b"hallo", true),
            (b"h\\*llo", b"h*llo", true),
            (b"h\\*llo", b"hello", false),
            (b"a\\", b"a\\", true),
            (b"[ab", b"b", true),
            (b"[", b"a", false),
            (b"[^", b"a", true),
            (b"[]", b"]", false),
            (b"[\\]]", b"]", true),
            (b"[\\", b"\\", true),
            (b"[a-]", b"]", true),
            (b"[a-]", b"b", false),
            (b"[-a]", b"-", true),
            (b"[\x80-a]", b"\xff", true),
            (b"[\x80-a]", b"b", false),
            (b"[a-\xff]", b"b", false),
            (b"a**", b"a", true),
            (b"a*b", b"ab", true),
            (b"*a*b*", b"xxaxxbxx", true),
            (b"*a*b", b"abba", false),
        ];
        for (pattern, text, expected) in cases {
            let shown = (pattern.escape_ascii().to_string(), text.escape_ascii().to_string());
            assert_eq!(matches(pattern, text, false), *expected, "{shown:?}");
        }
        let nocase: &[(&[u8], bool)] = &[
            (b"POR?", true),
            (b"[P]ort", true),
            (b"[\\P]ort", false),
            (b"[A-z]ort", true),
            (b"[Z-a]ort", false),
            (b"[^P]ort", false),
            (b"\\PORT*", true),
        ];
        for (pattern, expected) in nocase {
            assert_eq!(matches(pattern, b"port", true), *expected, "{}", pattern.escape_ascii());
        }
    }

    /// What a pattern means, tried in every possible way.
    fn every_way(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern, text) {
            ([], []) => true,
            ([b'*', rest @ ..], _) => (0..=text.len()).any(|taken| every_way(rest, &text[taken..])),
            (_, [byte, behind @ ..]) => {
                match_byte(pattern, *byte, false).is_some_and(|rest| every_way(rest, behind))
            }
            _ => false,
        }
    }

    #[test]
    fn trying_only_the_last_star_again_loses_nothing() {
        let mut rng = Rng::new(11);
        let mut word = |letters: &[u8], len| -> Vec<u8> {
            let len = rng.below(len);
            (0..len).map(|_| letters[rng.below(letters.len() as u64) as usize]).collect()
        };
        let mut matched = 0;
        for _ in 0..100_000 {
            let pattern = word(b"ab**?[]", 9);
            let mut text = word(b"aab", 9);
            text.push(b'a');
            let answer = matches(&pattern, &text, false);
            assert_eq!(answer, every_way(&pattern, &text), "{:?}", (pattern, text));
            matched += usize::from(answer);
        }
        assert!(matched > 10_000, "both answers are exercised: {matched}");
    }

    #[test]
    fn abusive_patterns_end() {
        let text = [b'a'; 5000];
        let pattern = [b"a*".repeat(500), b"b".to_vec()].concat();
        assert!(!matches(&pattern, &text, false), "no exponential search");
        assert!(matches(&b"*a".repeat(1000), &text, false), "as deep as Redis goes");
        assert!(!matches(&b"*a".repeat(1001), &text, false), "Redis gives up here");
        assert!(matches(&b"a*".repeat(1001), &text, false), "the last star takes the rest unasked");
    }
}
