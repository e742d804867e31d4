//! A chunked arena with stable ids that is copied on write.
//!
//! Slots live in chunks of 256 behind `Rc`. Cloning an arena bumps one counter per chunk; the first
//! change to a shared chunk copies that chunk alone. Growing never moves a full chunk, and a chunk
//! that empties gives its memory back.

use std::rc::Rc;

/// Slots in a full chunk. A power of two, so that an id splits into chunk and slot by bits.
const CHUNK: usize = 256;
const CHUNK_BITS: u32 = CHUNK.trailing_zeros();
const SLOT_MASK: u32 = CHUNK as u32 - 1;
/// Slots of the first chunk when the first element arrives; it doubles up to `CHUNK`, so that small
/// collections stay small.
const FIRST: usize = 4;
/// Stands for "not in `open`".
const NOT_OPEN: u32 = u32::MAX;

/// A growable store of `T` with stable `u32` ids; a vacant slot holds `T::default()`.
///
/// `Clone` costs one counter per 256 slots.
#[derive(Clone, Debug)]
pub struct Arena<T> {
    /// Empty slices are chunks whose memory was given back.
    chunks: Vec<Rc<[T]>>,
    states: Vec<ChunkState>,
    /// Chunks with memory and at least one vacant slot, in no order.
    open: Vec<u32>,
    /// Chunks without memory, to be used again before new ones are made.
    bare: Vec<u32>,
    len: usize,
}

/// Which slots of a chunk are taken.
#[derive(Clone, Copy, Debug)]
struct ChunkState {
    taken: [u64; CHUNK / 64],
    count: u32,
    /// Where this chunk stands in `Arena::open`.
    open_at: u32,
}

impl ChunkState {
    const EMPTY: Self = Self { taken: [0; CHUNK / 64], count: 0, open_at: NOT_OPEN };

    fn first_vacant(&self) -> usize {
        let word = self.taken.iter().position(|&bits| bits != u64::MAX).unwrap_or(0);
        word * 64 + self.taken[word].trailing_ones() as usize
    }

    fn is_taken(&self, slot: usize) -> bool {
        self.taken[slot / 64] >> (slot % 64) & 1 == 1
    }

    fn take(&mut self, slot: usize) {
        self.taken[slot / 64] |= 1 << (slot % 64);
        self.count += 1;
    }

    fn release(&mut self, slot: usize) {
        self.taken[slot / 64] &= !(1 << (slot % 64));
        self.count -= 1;
    }
}

#[inline]
fn split(id: u32) -> (usize, usize) {
    ((id >> CHUNK_BITS) as usize, (id & SLOT_MASK) as usize)
}

impl<T> Default for Arena<T> {
    fn default() -> Self {
        Self { chunks: Vec::new(), states: Vec::new(), open: Vec::new(), bare: Vec::new(), len: 0 }
    }
}

impl<T: Clone + Default> Arena<T> {
    /// Makes an arena that owns no memory yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many slots are taken.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// True when no slot is taken.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many slots have memory, taken or vacant.
    pub fn slots(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.len()).sum()
    }

    /// The item with this id, which must be taken. O(1), two loads.
    #[inline]
    pub fn get(&self, id: u32) -> &T {
        let (chunk, slot) = split(id);
        &self.chunks[chunk][slot]
    }

    /// The item with this id, to be changed. O(1); copies the chunk when a clone shares it.
    #[inline]
    pub fn get_mut(&mut self, id: u32) -> &mut T {
        let (chunk, slot) = split(id);
        &mut Rc::make_mut(&mut self.chunks[chunk])[slot]
    }

    /// True when `id` names a taken slot.
    pub fn contains(&self, id: u32) -> bool {
        let (chunk, slot) = split(id);
        self.states.get(chunk).is_some_and(|state| state.is_taken(slot))
    }

    /// Stores `item` and returns its id. O(1); now and then O(256) for a new chunk.
    ///
    /// # Panics
    ///
    /// Near 2^32 items, far above what memory holds. No id is `u32::MAX`.
    pub fn insert(&mut self, item: T) -> u32 {
        let chunk = match self.open.last() {
            Some(&chunk) => chunk as usize,
            None => self.open_chunk(),
        };
        let state = &mut self.states[chunk];
        let slot = state.first_vacant();
        state.take(slot);
        if state.count as usize == self.chunks[chunk].len() {
            self.close(chunk);
        }
        let slots = Rc::make_mut(&mut self.chunks[chunk]);
        slots[slot] = item;
        self.len += 1;
        ((chunk as u32) << CHUNK_BITS) | slot as u32
    }

    /// Takes the item out; its id may be given to a later one. O(1); giving an emptied chunk back
    /// costs O(256).
    pub fn remove(&mut self, id: u32) -> T {
        let (chunk, slot) = split(id);
        debug_assert!(self.contains(id), "slot {id} is vacant");
        let item = std::mem::take(&mut Rc::make_mut(&mut self.chunks[chunk])[slot]);
        let state = &mut self.states[chunk];
        state.release(slot);
        self.len -= 1;
        let emptied = state.count == 0;
        if state.open_at == NOT_OPEN {
            state.open_at = self.open.len() as u32;
            self.open.push(chunk as u32);
        }
        // The last open chunk is kept: an element that comes and goes must not cost a chunk each time.
        if emptied && self.open.len() > 1 {
            self.close(chunk);
            self.chunks[chunk] = Rc::default();
            self.bare.push(chunk as u32);
        }
        item
    }

    /// Gives everything back.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Drops the last chunk with all its items, so that a huge collection can be freed in small
    /// steps; returns true while something is left. Ids of other items stay as they are.
    pub fn drain_chunk(&mut self) -> bool {
        self.drain_chunk_with(drop)
    }

    /// As [`Arena::drain_chunk`], handing over each item of the chunk unless a clone shares it.
    pub fn drain_chunk_with(&mut self, mut each: impl FnMut(T)) -> bool {
        if let (Some(mut chunk), Some(state)) = (self.chunks.pop(), self.states.pop()) {
            self.len -= state.count as usize;
            if let Some(items) = Rc::get_mut(&mut chunk) {
                let taken = (0..items.len()).filter(|&slot| state.is_taken(slot));
                taken.for_each(|slot| each(std::mem::take(&mut items[slot])));
            }
        }
        // What these lists said no longer matters: nothing is inserted while freeing.
        self.open.clear();
        self.bare.clear();
        if self.chunks.is_empty() {
            self.clear();
        }
        !self.chunks.is_empty()
    }

    /// The taken ids, from low to high.
    pub fn ids(&self) -> impl Iterator<Item = u32> {
        self.states.iter().enumerate().flat_map(|(chunk, state)| {
            let base = (chunk as u32) << CHUNK_BITS;
            (0..CHUNK).filter(|&slot| state.is_taken(slot)).map(move |slot| base | slot as u32)
        })
    }

    /// The bytes this arena has allocated, not counting what its items own.
    pub fn heap_bytes(&self) -> usize {
        let chunks = self.chunks.iter().filter(|chunk| !chunk.is_empty()).count();
        self.slots() * size_of::<T>()
            + chunks * 2 * size_of::<usize>()
            + self.chunks.capacity() * size_of::<Rc<[T]>>()
            + self.states.capacity() * size_of::<ChunkState>()
            + (self.open.capacity() + self.bare.capacity()) * size_of::<u32>()
    }

    /// Verifies every invariant.
    ///
    /// # Panics
    ///
    /// When one does not hold; for tests.
    pub fn check(&self) {
        assert_eq!(self.chunks.len(), self.states.len(), "one state per chunk");
        let mut len = 0;
        for (chunk, state) in self.states.iter().enumerate() {
            let size = self.chunks[chunk].len();
            let taken = (0..CHUNK).filter(|&slot| state.is_taken(slot)).count();
            assert_eq!(taken, state.count as usize, "chunk {chunk} counts its slots");
            assert!((size..CHUNK).all(|slot| !state.is_taken(slot)), "chunk {chunk} has memory");
            assert!(
                size == 0 || size == CHUNK || self.chunks.len() == 1,
                "only a lone chunk is small"
            );
            let is_open = size > 0 && taken < size;
            assert_eq!(
                is_open,
                state.open_at != NOT_OPEN,
                "chunk {chunk} knows whether it is open"
            );
            if is_open {
                assert_eq!(self.open[state.open_at as usize] as usize, chunk, "and where");
            }
            assert_eq!(
                size == 0,
                self.bare.contains(&(chunk as u32)),
                "bare chunk {chunk} is listed"
            );
            len += taken;
        }
        let open = self.states.iter().filter(|state| state.open_at != NOT_OPEN).count();
        assert_eq!(open, self.open.len(), "nothing else is open");
        assert_eq!(len, self.len, "length");
    }

    /// Takes a chunk that is now full or bare off the open list.
    fn close(&mut self, chunk: usize) {
        let at = std::mem::replace(&mut self.states[chunk].open_at, NOT_OPEN) as usize;
        self.open.swap_remove(at);
        if let Some(&moved) = self.open.get(at) {
            self.states[moved as usize].open_at = at as u32;
        }
    }

    /// Makes room when no chunk has any.
    #[cold]
    fn open_chunk(&mut self) -> usize {
        let chunk = if let [only] = self.chunks.as_mut_slice()
            && only.len() < CHUNK
        {
            *only = grown(only);
            0
        } else if let Some(bare) = self.bare.pop() {
            self.chunks[bare as usize] = (0..CHUNK).map(|_| T::default()).collect();
            bare as usize
        } else {
            assert!(self.chunks.len() < (1 << (32 - CHUNK_BITS)) - 1, "ids are 32 bits");
            let size = if self.chunks.is_empty() { FIRST } else { CHUNK };
            self.chunks.push((0..size).map(|_| T::default()).collect());
            self.states.push(ChunkState::EMPTY);
            self.chunks.len() - 1
        };
        self.states[chunk].open_at = self.open.len() as u32;
        self.open.push(chunk as u32);
        chunk
    }
}

/// A chunk of twice the size with the same items, moved when nobody shares them.
fn grown<T: Clone + Default>(chunk: &mut Rc<[T]>) -> Rc<[T]> {
    let size = (chunk.len() * 2).max(FIRST);
    match Rc::get_mut(chunk) {
        Some(items) => (0..size)
            .map(|slot| items.get_mut(slot).map(std::mem::take).unwrap_or_default())
            .collect(),
        None => (0..size).map(|slot| chunk.get(slot).cloned().unwrap_or_default()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;
    use std::collections::BTreeMap;

    #[test]
    fn does_what_a_map_does_and_a_clone_never_changes() {
        for seed in 0..20 {
            let mut rng = Rng::new(seed);
            let mut arena: Arena<u64> = Arena::new();
            let mut model: BTreeMap<u32, u64> = BTreeMap::new();
            let mut kept = (arena.clone(), model.clone());
            for round in 0..4_000u64 {
                // Grows to some thousand, then shrinks to nothing.
                let growing = rng.below(10) < if round < 2_000 { 7 } else { 2 };
                if growing || model.is_empty() {
                    let item = rng.next_u64();
                    let id = arena.insert(item);
                    assert_eq!(model.insert(id, item), None, "a fresh id");
                } else {
                    let at = rng.below(model.len() as u64) as usize;
                    let id = *model.keys().nth(at).unwrap();
                    if rng.below(3) == 0 {
                        *arena.get_mut(id) = round;
                        model.insert(id, round);
                    } else {
                        assert_eq!(Some(arena.remove(id)), model.remove(&id), "the same item");
                    }
                }
                assert_eq!(arena.len(), model.len(), "length");
                if round % 97 == 0 {
                    arena.check();
                    assert!(arena.ids().eq(model.keys().copied()), "ids");
                    assert!(model.iter().all(|(&id, item)| arena.get(id) == item), "items");
                    let (old, old_model) = &kept;
                    old.check();
                    assert!(old_model.iter().all(|(&id, item)| old.get(id) == item), "the clone");
                    kept = (arena.clone(), model.clone());
                }
            }
        }
    }

    #[test]
    fn small_arenas_stay_small_and_emptied_chunks_go_back() {
        let mut arena: Arena<u64> = Arena::new();
        assert_eq!(arena.heap_bytes(), 0, "nothing yet");
        arena.insert(1);
        assert_eq!(arena.slots(), 4, "the first four");
        let ids: Vec<u32> = (0..10_000).map(|n| arena.insert(n)).collect();
        let full = arena.slots();
        for id in ids {
            arena.remove(id);
            arena.check();
        }
        assert!(full >= 10_001 && arena.slots() <= 2 * CHUNK, "memory was given back");
        assert_eq!(*arena.get(0), 1, "the survivor");
    }

    #[test]
    fn a_clone_shares_all_chunks_but_the_changed_one() {
        let mut arena: Arena<u64> = Arena::new();
        let ids: Vec<u32> = (0..1_000).map(|n| arena.insert(n)).collect();
        let copy = arena.clone();
        *arena.get_mut(ids[500]) = 0;
        let shared = |id| std::ptr::eq(arena.get(id), copy.get(id));
        assert!(!shared(ids[500]) && shared(ids[0]) && shared(ids[999]), "one chunk was copied");
        assert_eq!(*copy.get(ids[500]), 500, "the clone keeps its item");
    }

    #[test]
    fn draining_frees_a_chunk_at_a_time() {
        let mut arena: Arena<u64> = Arena::new();
        for n in 0..600 {
            arena.insert(n);
        }
        assert!(arena.drain_chunk(), "two left");
        assert_eq!(arena.len(), 512, "the last 88 went");
        assert!(arena.drain_chunk(), "one left");
        assert!(!arena.drain_chunk() && arena.is_empty(), "all gone");
        assert!(!arena.drain_chunk(), "and stays so");
        arena.check();
    }
}
