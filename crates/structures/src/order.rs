//! Sorting with one copy of the machinery, whatever is sorted.
//!
//! The standard library's sorts are compiled anew for each type and order, about four kilobytes of the page each.
//! Here only places are sorted, by one function; it costs a call for each comparison.
//! So it is for what is sorted now and then, and not for what loads a million members.

use std::cmp::Ordering;

/// Sorts in ascending order; equal items keep theirs. O(n log n) comparisons.
pub fn sort<T: Ord>(items: &mut [T]) {
    sort_by(items, Ord::cmp);
}

/// Sorts by a key of each item; items with equal keys keep their order. O(n log n) comparisons.
pub fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    sort_by(items, |a, b| key(a).cmp(&key(b)));
}

/// Sorts as `compare` says; equal items keep their order. O(n log n) comparisons.
pub fn sort_by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let mut places = sorted_places(items.len(), &|a, b| compare(&items[a], &items[b]));
    for at in 0..places.len() {
        // What belongs here may have been moved away already, to where what it made room for came from.
        let mut from = places[at];
        while from < at {
            from = places[from];
        }
        places[at] = from;
        items.swap(at, from);
    }
}

/// The places of `len` items in the order in which they are to stand.
fn sorted_places(len: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..len).collect();
    places.sort_by(|&a, &b| compare(a, b));
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    #[test]
    fn the_order_is_that_of_the_standard_library() {
        let mut rng = Rng::new(7);
        for len in (0..40).chain([1000]) {
            let items: Vec<(u64, usize)> = (0..len).map(|place| (rng.below(20), place)).collect();
            let (mut ours, mut theirs) = (items.clone(), items);
            sort_by_key(&mut ours, |item| item.0);
            theirs.sort_by_key(|item| item.0);
            assert_eq!(ours, theirs, "{len} items, equal ones in their order");
            sort_by(&mut ours, |a, b| b.cmp(a));
            theirs.sort_by(|a, b| b.cmp(a));
            assert_eq!(ours, theirs, "{len} items downwards");
            sort(&mut ours);
            theirs.sort_unstable();
            assert_eq!(ours, theirs, "{len} items upwards");
        }
    }
}
