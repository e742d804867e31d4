//! Choosing several different elements at random.

use redarium_structures::hash_table::HashTable;
use redarium_structures::ordered::OrderedSet;
use redarium_structures::rng::Rng;

/// Draws per element before [`distinct_ids`] gives up on one that will not come.
const DRAWS_MAX: usize = 100;

/// Whether drawing until enough different elements have come is cheaper than passing over all.
///
/// Redis draws the same line.
pub(crate) fn is_small_part(count: usize, len: usize) -> bool {
    count.saturating_mul(3) <= len
}

/// Up to `count` of the `len` elements of an iterator, each set of them equally likely, in the iterator's order. O(len).
///
/// Selection sampling: Knuth, The Art of Computer Programming, volume 2, 3.4.2, algorithm S.
pub(crate) fn choose<I: Iterator>(
    items: I,
    len: usize,
    count: usize,
    rng: &mut Rng,
) -> impl Iterator<Item = I::Item> {
    let mut left = len as u64;
    let mut wanted = count.min(len) as u64;
    items.filter(move |_| {
        let take = wanted > 0 && left > 0 && rng.below(left) < wanted;
        left = left.saturating_sub(1);
        wanted -= u64::from(take);
        take
    })
}

/// Up to `count` different ids of a table, drawn at random. O(count) where `count` [is a small part](is_small_part).
pub(crate) fn distinct_ids<T: Clone + Default>(
    table: &HashTable<T>,
    count: usize,
    rng: &mut Rng,
) -> impl Iterator<Item = u32> {
    let mut ids = OrderedSet::new();
    let mut order = Vec::new();
    for _ in 0..count.saturating_mul(DRAWS_MAX) {
        if order.len() >= count {
            break;
        }
        let Some(id) = table.random(rng) else { break };
        if ids.insert(id) {
            order.push(id);
        }
    }
    order.into_iter()
}
