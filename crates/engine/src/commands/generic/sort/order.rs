//! The order that SORT brings elements into.
//!
//! Weights are read once, before anything is compared. What is sorted are small pairs of a weight and the place of an
//! element, and of these only so many as the answer shows.

use std::cmp::Ordering;
use std::ops::Range;

use redarium_resp::number::parse_f64;
use redarium_structures::list_pack::{IntText, ListPackValue};

/// Puts those entries in order that would stand at `window` if all were. O(N + M*log(M)), M being the end of the window.
pub(super) fn sort_window<T>(
    entries: &mut Vec<T>,
    window: &Range<usize>,
    compare: impl Fn(&T, &T) -> Ordering,
) {
    if window.end < entries.len() {
        entries.select_nth_unstable_by(window.end, &compare);
        entries.truncate(window.end);
    }
    if 0 < window.start && window.start < entries.len() {
        entries.select_nth_unstable_by(window.start, &compare);
    }
    if let Some(shown) = entries.get_mut(window.clone()) {
        shown.sort_unstable_by(compare);
    }
}

/// Places of elements by number; equal numbers by the bytes of their elements.
pub(super) fn by_number(
    elements: &[ListPackValue<'_>],
    numbers: impl Iterator<Item = f64>,
    descending: bool,
    window: &Range<usize>,
) -> Vec<usize> {
    let mut entries: Vec<(f64, usize)> = numbers.zip(0..).collect();
    let element = |at: usize| elements.get(at).copied().unwrap_or(ListPackValue::Int(0));
    sort_window(&mut entries, window, |a, b| {
        let order = a.0.partial_cmp(&b.0).unwrap_or(Ordering::Equal);
        let order = order.then_with(|| compare_bytes(element(a.1), element(b.1)));
        if descending { order.reverse() } else { order }
    });
    shown(entries, window)
}

/// Places of elements by text, none before any; equal texts in the order in which they stand.
pub(super) fn by_text(texts: &Texts, descending: bool, window: &Range<usize>) -> Vec<usize> {
    let mut entries: Vec<(Option<&[u8]>, usize)> = texts.iter().zip(0..).collect();
    sort_window(&mut entries, window, |a, b| {
        let order = a.0.cmp(&b.0);
        let order = if descending { order.reverse() } else { order };
        order.then(a.1.cmp(&b.1))
    });
    shown(entries, window)
}

fn shown<K>(entries: Vec<(K, usize)>, window: &Range<usize>) -> Vec<usize> {
    entries.into_iter().map(|(_, at)| at).skip(window.start).take(window.len()).collect()
}

fn compare_bytes(a: ListPackValue<'_>, b: ListPackValue<'_>) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    a.text(&mut IntText::default()).cmp(b.text(&mut IntText::default()))
}

/// What elements are compared by in ALPHA: one text for each, or none, all in one buffer.
#[derive(Debug)]
pub(super) struct Texts {
    bytes: Vec<u8>,
    ranges: Vec<Option<Range<usize>>>,
    /// Whether a text ends at its first zero byte, as C's do.
    cut_at_zero: bool,
}

impl Texts {
    /// Room for `count` texts.
    pub(super) fn new(count: usize, cut_at_zero: bool) -> Self {
        Self { bytes: Vec::new(), ranges: Vec::with_capacity(count), cut_at_zero }
    }

    pub(super) fn push(&mut self, text: Option<ListPackValue<'_>>) {
        let range = text.map(|text| {
            let start = self.bytes.len();
            let mut digits = IntText::default();
            let text = text.text(&mut digits);
            self.bytes.extend_from_slice(if self.cut_at_zero { until_zero(text) } else { text });
            start..self.bytes.len()
        });
        self.ranges.push(range);
    }

    fn iter(&self) -> impl Iterator<Item = Option<&[u8]>> {
        self.ranges.iter().map(|range| self.bytes.get(range.clone()?))
    }
}

/// The number that a text is sorted by, read as C's `strtod` does; nothing is 0.
pub(super) fn number(text: ListPackValue<'_>) -> Option<f64> {
    let text = match text {
        ListPackValue::Int(number) => return Some(number as f64),
        ListPackValue::Str(text) => text,
    };
    if let Some(number) = parse_f64(text) {
        return Some(number);
    }
    let text = until_zero(text);
    let is_space = |byte: &&u8| matches!(byte, b' ' | b'\t'..=b'\r');
    let spaces = text.iter().take_while(is_space).count();
    if text.is_empty() { Some(0.0) } else { parse_f64(text.get(spaces..)?) }
}

fn until_zero(text: &[u8]) -> &[u8] {
    text.split(|&byte| byte == 0).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use redarium_structures::rng::Rng;

    use super::*;

    /// Any window of any entries against a full sort of all of them.
    #[test]
    fn a_window_is_a_part_of_the_whole_order() {
        let mut rng = Rng::new(3);
        for _ in 0..500 {
            let len = rng.below(40) as usize;
            let entries: Vec<u64> = (0..len).map(|_| rng.below(20)).collect();
            let start = rng.below(len as u64 + 1) as usize;
            let end = start + rng.below((len - start) as u64 + 1) as usize;
            let mut sorted = entries.clone();
            sorted.sort_unstable();
            let mut part = entries;
            sort_window(&mut part, &(start..end), u64::cmp);
            assert_eq!(part.get(start..end), sorted.get(start..end), "{start}..{end} of {len}");
        }
    }

    #[test]
    fn numbers_are_read_as_c_reads_them() {
        for (text, number_read) in [
            (&b""[..], Some(0.0)),
            (b" \t7", Some(7.0)),
            (b"1.5\0rest", Some(1.5)),
            (b"-inf", Some(f64::NEG_INFINITY)),
            (b" ", None),
            (b"7 ", None),
            (b"nan", None),
            (b"1e400", None),
        ] {
            assert_eq!(number(ListPackValue::Str(text)), number_read, "{text:?}");
        }
    }

    #[test]
    fn equal_texts_stay_in_order_and_missing_ones_come_first() {
        let mut texts = Texts::new(4, true);
        for text in [Some(&b"b"[..]), None, Some(b"a\0x"), Some(b"a")] {
            texts.push(text.map(ListPackValue::Str));
        }
        assert_eq!(by_text(&texts, false, &(0..4)), [1, 2, 3, 0], "ascending");
        assert_eq!(by_text(&texts, true, &(0..4)), [0, 2, 3, 1], "descending");
    }

    #[test]
    fn equal_numbers_go_by_their_elements() {
        let elements = [ListPackValue::Int(10), ListPackValue::Int(9), ListPackValue::Str(b"x")];
        let weights = || [1.0, 1.0, 0.0].into_iter();
        assert_eq!(by_number(&elements, weights(), false, &(0..3)), [2, 0, 1], "10 before 9");
        assert_eq!(by_number(&elements, weights(), true, &(0..3)), [1, 0, 2], "the reverse");
    }
}
