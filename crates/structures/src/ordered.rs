//! Maps and sets in the order of their keys, for a node's own bookkeeping: names, listeners, waiting clients.
//!
//! A sorted list, cut into chunks.
//! The standard library's B-trees are compiled anew for each pair of types, about five kilobytes of the page each, and
//! there are forty such pairs; this costs a fifth.
//! It is no structure of values, has no ids and tells no steps.

use std::borrow::Borrow;
use std::iter::Flatten;
use std::{slice, vec};

/// Entries of a chunk: few enough to be moved at once, many enough for a million entries in thousands of chunks.
const CHUNK_MAX: usize = 64;

/// A map in the order of its keys.
///
/// Look-ups take O(log n); a change also moves the entries of a chunk behind it, and one in dozens moves the pointers
/// of the chunks behind.
#[derive(Debug, Clone)]
pub struct OrderedMap<K, V> {
    /// None is empty.
    chunks: Vec<Vec<(K, V)>>,
    len: usize,
}

impl<K, V> Default for OrderedMap<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: PartialEq, V: PartialEq> PartialEq for OrderedMap<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.iter().eq(other)
    }
}

impl<K: Eq, V: Eq> Eq for OrderedMap<K, V> {}

impl<K, V> OrderedMap<K, V> {
    /// An empty map.
    pub const fn new() -> Self {
        Self { chunks: Vec::new(), len: 0 }
    }

    /// Entries in it. O(1).
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether it is empty. O(1).
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All entries in the order of their keys.
    pub fn iter(&self) -> Iter<'_, K, V> {
        Iter { chunks: self.chunks.iter(), chunk: [].iter(), left: self.len }
    }

    /// All entries in the order of their keys, the values to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&K, &mut V)> {
        self.chunks.iter_mut().flatten().map(|(key, value)| (&*key, value))
    }

    /// All keys in order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &K> + Clone {
        self.iter().map(|(key, _)| key)
    }

    /// All values in the order of their keys.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &V> + Clone {
        self.iter().map(|(_, value)| value)
    }

    /// All values in the order of their keys, to be changed.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.chunks.iter_mut().flatten().map(|(_, value)| value)
    }

    /// The entry with the lowest key. O(1).
    pub fn first(&self) -> Option<(&K, &V)> {
        self.chunks.first()?.first().map(|(key, value)| (key, value))
    }

    /// The entry with the highest key. O(1).
    pub fn last(&self) -> Option<(&K, &V)> {
        self.chunks.last()?.last().map(|(key, value)| (key, value))
    }

    /// The entry with the lowest key, its value to be changed. O(1).
    pub fn first_mut(&mut self) -> Option<(&K, &mut V)> {
        self.chunks.first_mut()?.first_mut().map(|(key, value)| (&*key, value))
    }

    /// Empties it. O(n).
    pub fn clear(&mut self) {
        *self = Self::new();
    }

    /// Takes out the entry with the lowest key. O(1) but for moving a chunk.
    pub fn pop_first(&mut self) -> Option<(K, V)> {
        (!self.is_empty()).then(|| self.take(0, 0))
    }

    /// Keeps only the entries that `keep` says. O(n).
    pub fn retain(&mut self, mut keep: impl FnMut(&K, &mut V) -> bool) {
        for chunk in &mut self.chunks {
            chunk.retain_mut(|(key, value)| keep(key, value));
        }
        self.chunks.retain(|chunk| !chunk.is_empty());
        self.len = self.chunks.iter().map(Vec::len).sum();
    }

    fn take(&mut self, chunk: usize, place: usize) -> (K, V) {
        self.len -= 1;
        let entry = self.chunks[chunk].remove(place);
        if self.chunks[chunk].is_empty() {
            self.chunks.remove(chunk);
        }
        // Chunks that have become small are joined, so that there are never many of them for few entries.
        for at in [chunk, chunk.saturating_sub(1)] {
            if let Some([one, next]) = self.chunks.get_mut(at..at + 2)
                && one.len() + next.len() <= CHUNK_MAX / 2
            {
                one.append(next);
                self.chunks.remove(at + 1);
            }
        }
        entry
    }
}

impl<K: Ord, V> OrderedMap<K, V> {
    /// The chunk and the place in it where the key is, or else where it belongs; the chunk is there unless there is none.
    fn find<Q: Ord + ?Sized>(&self, key: &Q) -> (usize, Result<usize, usize>)
    where
        K: Borrow<Q>,
    {
        let is_before = |chunk: &Vec<(K, V)>| chunk.last().is_some_and(|it| it.0.borrow() < key);
        let at = self.chunks.partition_point(is_before);
        let at = at.min(self.chunks.len().saturating_sub(1));
        let place = self
            .chunks
            .get(at)
            .map_or(Err(0), |chunk| chunk.binary_search_by(|(other, _)| other.borrow().cmp(key)));
        (at, place)
    }

    /// The value of a key. O(log n).
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let (chunk, place) = self.find(key);
        place.ok().map(|place| &self.chunks[chunk][place].1)
    }

    /// The value of a key, to be changed. O(log n).
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let (chunk, place) = self.find(key);
        place.ok().map(|place| &mut self.chunks[chunk][place].1)
    }

    /// Whether the key is there. O(log n).
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.find(key).1.is_ok()
    }

    /// Sets the value of a key and gives the one it had.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.find(&key) {
            (chunk, Ok(place)) => Some(std::mem::replace(&mut self.chunks[chunk][place].1, value)),
            (chunk, Err(place)) => {
                self.put(chunk, place, (key, value));
                None
            }
        }
    }

    /// The value of a key; if there is none yet, `value` makes it.
    pub fn get_or_insert_with(&mut self, key: K, value: impl FnOnce() -> V) -> &mut V {
        let (chunk, place) = match self.find(&key) {
            (chunk, Ok(place)) => (chunk, place),
            (chunk, Err(place)) => self.put(chunk, place, (key, value())),
        };
        &mut self.chunks[chunk][place].1
    }

    /// The value of a key, which begins as the default one.
    pub fn get_or_default(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        self.get_or_insert_with(key, V::default)
    }

    /// Puts an entry where it belongs, and says where it is.
    fn put(&mut self, at: usize, place: usize, entry: (K, V)) -> (usize, usize) {
        self.len += 1;
        let Some(chunk) = self.chunks.get_mut(at) else {
            self.chunks.push(vec![entry]);
            return (at, place);
        };
        chunk.insert(place, entry);
        if chunk.len() <= CHUNK_MAX {
            return (at, place);
        }
        // What grows at its end, as tickets do, leaves full chunks behind.
        let middle = if place == CHUNK_MAX { CHUNK_MAX } else { CHUNK_MAX / 2 };
        let upper = chunk.split_off(middle);
        self.chunks.insert(at + 1, upper);
        if place < middle { (at, place) } else { (at + 1, place - middle) }
    }

    /// Takes out a key and gives its value.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.remove_entry(key).map(|(_, value)| value)
    }

    /// Takes out a key and gives it and its value.
    pub fn remove_entry<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<(K, V)>
    where
        K: Borrow<Q>,
    {
        let (chunk, place) = self.find(key);
        Some(self.take(chunk, place.ok()?))
    }

    /// The first entry whose key is higher than `key`. O(log n).
    pub fn next_after<Q: Ord + ?Sized>(&self, key: &Q) -> Option<(&K, &V)>
    where
        K: Borrow<Q>,
    {
        let (at, place) = self.find(key);
        let place = place.map_or_else(|place| place, |place| place + 1);
        let here = self.chunks.get(at)?.get(place);
        let (key, value) = here.or_else(|| self.chunks.get(at + 1)?.first())?;
        Some((key, value))
    }
}

/// Entries in the order of their keys.
#[derive(Debug)]
pub struct Iter<'a, K, V> {
    chunks: slice::Iter<'a, Vec<(K, V)>>,
    chunk: slice::Iter<'a, (K, V)>,
    left: usize,
}

impl<K, V> Clone for Iter<'_, K, V> {
    fn clone(&self) -> Self {
        Self { chunks: self.chunks.clone(), chunk: self.chunk.clone(), left: self.left }
    }
}

impl<'a, K, V> Iterator for Iter<'a, K, V> {
    type Item = (&'a K, &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some((key, value)) = self.chunk.next() {
                self.left -= 1;
                return Some((key, value));
            }
            self.chunk = self.chunks.next()?.iter();
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<K, V> ExactSizeIterator for Iter<'_, K, V> {}

impl<'a, K, V> IntoIterator for &'a OrderedMap<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = Iter<'a, K, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<K: Ord, V, const N: usize> From<[(K, V); N]> for OrderedMap<K, V> {
    fn from(entries: [(K, V); N]) -> Self {
        entries.into_iter().collect()
    }
}

impl<K, V> IntoIterator for OrderedMap<K, V> {
    type Item = (K, V);
    type IntoIter = Flatten<vec::IntoIter<Vec<(K, V)>>>;

    fn into_iter(self) -> Self::IntoIter {
        self.chunks.into_iter().flatten()
    }
}

impl<K: Ord, V> Extend<(K, V)> for OrderedMap<K, V> {
    fn extend<T: IntoIterator<Item = (K, V)>>(&mut self, entries: T) {
        for (key, value) in entries {
            self.insert(key, value);
        }
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for OrderedMap<K, V> {
    fn from_iter<T: IntoIterator<Item = (K, V)>>(entries: T) -> Self {
        let mut map = Self::new();
        map.extend(entries);
        map
    }
}

/// A set in the order of its members; what [`OrderedMap`] says of time holds here too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderedSet<T> {
    members: OrderedMap<T, ()>,
}

impl<T> Default for OrderedSet<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> OrderedSet<T> {
    /// An empty set.
    pub const fn new() -> Self {
        Self { members: OrderedMap::new() }
    }

    /// Members in it. O(1).
    pub const fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether it is empty. O(1).
    pub const fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// All members in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &T> + Clone {
        self.members.keys()
    }

    /// The lowest member. O(1).
    pub fn first(&self) -> Option<&T> {
        self.members.first().map(|(member, ())| member)
    }

    /// Takes out the lowest member. O(1) but for moving a chunk.
    pub fn pop_first(&mut self) -> Option<T> {
        self.members.pop_first().map(|(member, ())| member)
    }
}

impl<T: Ord> OrderedSet<T> {
    /// Whether it is a member. O(log n).
    pub fn contains<Q: Ord + ?Sized>(&self, member: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.members.contains_key(member)
    }

    /// Adds a member and says whether it is new.
    pub fn insert(&mut self, member: T) -> bool {
        self.members.insert(member, ()).is_none()
    }

    /// Takes out a member and says whether it was there.
    pub fn remove<Q: Ord + ?Sized>(&mut self, member: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.members.remove(member).is_some()
    }
}

impl<'a, T> IntoIterator for &'a OrderedSet<T> {
    type Item = &'a T;
    type IntoIter = std::iter::Map<Iter<'a, T, ()>, fn((&'a T, &'a ())) -> &'a T>;

    fn into_iter(self) -> Self::IntoIter {
        self.members.iter().map(|(member, ())| member)
    }
}

impl<T> IntoIterator for OrderedSet<T> {
    type Item = T;
    type IntoIter = std::iter::Map<Flatten<vec::IntoIter<Vec<(T, ())>>>, fn((T, ())) -> T>;

    fn into_iter(self) -> Self::IntoIter {
        self.members.into_iter().map(|(member, ())| member)
    }
}

impl<T: Ord> Extend<T> for OrderedSet<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, members: I) {
        for member in members {
            self.insert(member);
        }
    }
}

impl<T: Ord> FromIterator<T> for OrderedSet<T> {
    fn from_iter<I: IntoIterator<Item = T>>(members: I) -> Self {
        let mut set = Self::new();
        set.extend(members);
        set
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::rng::Rng;

    fn check(map: &OrderedMap<u64, u64>, model: &BTreeMap<u64, u64>) {
        assert!(
            map.iter().eq(model) && map.iter().len() == model.len(),
            "the same entries in the same order"
        );
        assert_eq!(map.len(), model.len(), "counted");
        assert_eq!(map.first(), model.first_key_value(), "first");
        assert_eq!(map.last(), model.last_key_value(), "last");
        for pair in map.chunks.windows(2) {
            let sizes = (pair[0].len(), pair[1].len());
            assert!(sizes.0.min(sizes.1) > 0, "no chunk is empty");
            assert!(sizes.0.max(sizes.1) <= CHUNK_MAX, "{sizes:?}");
        }
    }

    #[test]
    fn it_is_a_map_in_order() {
        for (seed, range) in (0..).zip([10, 500, 5000]) {
            let mut rng = Rng::new(seed);
            let (mut map, mut model) = (OrderedMap::new(), BTreeMap::new());
            for step in 0..6000_u64 {
                let key = rng.below(range);
                // It grows first and shrinks later.
                match rng.below(if step < 3000 { 4 } else { 9 }) {
                    0 | 1 => assert_eq!(map.insert(key, step), model.insert(key, step), "insert"),
                    2 => {
                        *map.get_or_default(key) += 1;
                        *model.entry(key).or_default() += 1;
                    }
                    3 => assert_eq!(map.pop_first(), model.pop_first(), "pop"),
                    _ => assert_eq!(map.remove(&key), model.remove(&key), "remove {key}"),
                }
                assert_eq!(map.get(&key), model.get(&key), "get {key}");
                assert_eq!(map.next_after(&key), model.range(key + 1..).next(), "after {key}");
            }
            check(&map, &model);
            map.retain(|key, _| key % 3 == 0);
            model.retain(|key, _| key % 3 == 0);
            check(&map, &model);
            assert!(map.clone().into_iter().eq(model.clone()), "taken apart");
            assert_eq!(model.into_iter().collect::<OrderedMap<_, _>>(), map, "rebuilt");
        }
    }

    #[test]
    fn what_grows_at_its_end_fills_its_chunks() {
        let map: OrderedMap<u64, u64> = (0..1000).map(|n| (n, n)).collect();
        assert_eq!(map.chunks.len(), 1000_usize.div_ceil(CHUNK_MAX), "all but the last are full");
    }

    #[test]
    fn small_chunks_are_joined() {
        let mut map: OrderedMap<u64, u64> = (0..10_000).map(|n| (n, n)).collect();
        for n in 0..10_000 {
            if n % 50 != 0 {
                map.remove(&n);
            }
        }
        assert!(map.len() == 200 && map.chunks.len() <= 16, "{} chunks", map.chunks.len());
    }

    #[test]
    fn a_set_has_each_member_once() {
        let mut set: OrderedSet<u32> = [3, 1, 2, 3].into_iter().collect();
        assert!(set.iter().eq(&[1, 2, 3]), "in order");
        assert!(!set.insert(2) && set.insert(4), "new or not");
        assert!(set.remove(&1) && !set.remove(&1), "there or not");
        assert_eq!((set.first(), set.contains(&4), set.len()), (Some(&2), true, 3), "what is left");
        assert!(set.into_iter().eq([2, 3, 4]), "taken apart");
    }
}
