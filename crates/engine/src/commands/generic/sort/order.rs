//! The order that SORT brings elements into.
//!
//! Weights are read once, before anything is compared. What is sorted are small pairs of a weight and the place of an
//! element, and of these only so many as the answer shows.

use std::cmp::Ordering;
use std::ops::Range;

use redarium_resp::number::parse_f64;
use redarium_structures::list_pack::{IntText, ListPackValue};

/// The places from 0 to `len` that stand at `window` when they are in order. O(N + M*log(M)), M being the end of the
/// window.
///
/// One copy of the sort serves both orders: it is large, and the page is downloaded.
pub(super) fn sort_window(
    len: usize,
    window: &Range<usize>,
    compare: &dyn Fn(usize, usize) -> Ordering,
) -> Vec<usize> {
    let mut places: Vec<usize> = (0..len).collect();
    let compare = |a: &usize, b: &usize| compare(*a, *b);
    if window.end < len {
        places.select_nth_unstable_by(window.end, compare);
        places.truncate(window.end);
    }
    if 0 < window.start && window.start < places.len() {
        places.select_nth_unstable_by(window.start, compare);
    }
    places.drain(..window.start.min(places.len()));
    places.sort_unstable_by(compare);
    places
}

/// Places of elements by number; equal numbers by the bytes of their elements.
pub(super) fn by_number(
    elements: &[ListPackValue<'_>],
    numbers: impl Iterator<Item = f64>,
    descending: bool,
    window: &Range<usize>,
) -> Vec<usize> {
    let numbers: Vec<f64> = numbers.collect();
    let number = |at: usize| numbers.get(at).copied().unwrap_or(0.0);
    let element = |at: usize| elements.get(at).copied().unwrap_or(ListPackValue::Int(0));
    sort_window(numbers.len(), window, &|a, b| {
        let order = number(a).partial_cmp(&number(b)).unwrap_or(Ordering::Equal);
        let order = order.then_with(|| compare_bytes(element(a), element(b)));
        if descending { order.reverse() } else { order }
    })
}

/// Places of elements by text, none before any; equal texts in the order in which they stand.
pub(super) fn by_text(texts: &Texts, descending: bool, window: &Range<usize>) -> Vec<usize> {
    sort_window(texts.ranges.len(), window, &|a, b| {
        let order = texts.get(a).cmp(&texts.get(b));
        let order = if descending { order.reverse() } else { order };
        order.then(a.cmp(&b))
    })
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

    fn get(&self, at: usize) -> Option<&[u8]> {
        self.bytes.get(self.ranges.get(at)?.clone()?)
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
            let places = sort_window(len, &(start..end), &|a, b| entries[a].cmp(&entries[b]));
            let part: Vec<u64> = places.into_iter().map(|place| entries[place]).collect();
            assert_eq!(part, sorted[start..end], "{start}..{end} of {len}");
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
