//! Lists: one listpack while small, a quicklist of several once it would be too large.
//!
//! Growing is decided before elements are stored, from all that are about to be; shrinking after some are gone, at half
//! the limit, so that a list at the limit does not change back and forth.

use redarium_structures::list_pack::{
    ListPack, ListPackIter, ListPackStep, ListPackValue, parse_integer,
};
use redarium_structures::quick_list::{Fill, QuickList, QuickListIter, QuickListStep, Side};
use redarium_structures::trace::Trace;

use super::encoding::{ConversionStep, Encoding};
use crate::config::Config;

/// When a list changes its encoding, and how a quicklist is made.
#[derive(Debug, Clone, Copy)]
pub struct ListLimits {
    /// What one listpack may hold.
    pub fill: Fill,
    /// Listpacks at each end of a quicklist that stay uncompressed; 0 compresses none.
    pub compress_depth: u32,
}

impl ListLimits {
    /// The limits of `config`.
    #[inline]
    pub fn new(config: &Config) -> Self {
        Self {
            fill: Fill::new(config.list_max_listpack_size)
                .plain_from(config.switches.packed_threshold),
            compress_depth: u32::try_from(config.list_compress_depth).unwrap_or(u32::MAX),
        }
    }
}

/// One end of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The head, `LEFT` in commands.
    Head,
    /// The tail, `RIGHT` in commands.
    Tail,
}

/// What records the steps of every encoding.
pub trait ListTrace: Trace<ListPackStep> + Trace<QuickListStep> + Trace<ConversionStep> {}

impl<T: Trace<ListPackStep> + Trace<QuickListStep> + Trace<ConversionStep>> ListTrace for T {}

#[derive(Debug, Clone)]
enum Repr {
    Pack(ListPack),
    Quick(Box<QuickList>),
}

/// Elements from which the size of a quicklist is estimated.
const SAMPLED_ELEMENTS: usize = 64;

/// A list.
#[derive(Debug, Clone)]
pub struct List {
    repr: Repr,
}

impl Default for List {
    fn default() -> Self {
        Self { repr: Repr::Pack(ListPack::new()) }
    }
}

impl List {
    /// Number of elements. O(1).
    #[inline]
    pub fn len(&self) -> usize {
        match &self.repr {
            Repr::Pack(pack) => pack.len(),
            Repr::Quick(quick) => quick.len(),
        }
    }

    /// Whether it has no element. O(1).
    #[inline]
    pub fn is_empty(&self) -> bool {
        match &self.repr {
            Repr::Pack(pack) => pack.is_empty(),
            Repr::Quick(quick) => quick.is_empty(),
        }
    }

    /// The encoding, as OBJECT ENCODING names it.
    pub fn encoding(&self) -> &'static str {
        match &self.repr {
            Repr::Pack(_) => "listpack",
            Repr::Quick(_) => "quicklist",
        }
    }

    /// The one listpack of a small list.
    pub fn pack(&self) -> Option<&ListPack> {
        if let Repr::Pack(pack) = &self.repr { Some(pack) } else { None }
    }

    /// The quicklist of a large one.
    pub fn quick(&self) -> Option<&QuickList> {
        if let Repr::Quick(quick) = &self.repr { Some(quick) } else { None }
    }

    /// Becomes a quicklist if `count` more elements of `bytes` bytes together do not fit into one listpack.
    ///
    /// As in Redis only the elements' own bytes count, and not those that a listpack adds to each.
    #[inline]
    pub fn make_room(
        &mut self,
        count: usize,
        bytes: usize,
        limits: ListLimits,
        trace: &mut impl Trace<ConversionStep>,
    ) {
        if let Repr::Pack(pack) = &mut self.repr
            && limits.fill.is_exceeded_by(pack.total_bytes() + bytes, pack.len() + count)
        {
            let (from, to) = (Encoding::ListPack, Encoding::QuickList);
            trace.step(ConversionStep { from, to, len: pack.len() });
            let pack = std::mem::take(pack);
            let quick = QuickList::from_list_pack(pack, limits.fill, limits.compress_depth);
            self.repr = Repr::Quick(Box::new(quick));
        }
    }

    /// Becomes one listpack again if only one is left and it is at most half as large as it may be. O(1).
    #[inline]
    pub fn shrink(&mut self, limits: ListLimits, trace: &mut impl Trace<ConversionStep>) {
        if let Repr::Quick(quick) = &mut self.repr
            && quick.node_count() == 1
        {
            let most_bytes = limits.fill.max_bytes().map_or(usize::MAX, |bytes| bytes / 2);
            let most = limits.fill.max_entries().map_or(usize::MAX, |entries| entries / 2);
            let fits = |pack: &ListPack| pack.total_bytes() <= most_bytes && pack.len() <= most;
            if quick.only_pack().is_some_and(fits) {
                let (from, to) = (Encoding::QuickList, Encoding::ListPack);
                trace.step(ConversionStep { from, to, len: quick.len() });
                self.repr = Repr::Pack(std::mem::take(&mut **quick).into_list_pack());
            }
        }
    }

    /// A list of these elements: a quicklist, or one listpack if that is enough.
    pub fn from_quick(quick: QuickList, limits: ListLimits) -> Self {
        let fits = |pack: &ListPack| !limits.fill.is_exceeded_by(pack.total_bytes(), pack.len());
        if quick.only_pack().is_some_and(fits) {
            return Self { repr: Repr::Pack(quick.into_list_pack()) };
        }
        Self { repr: Repr::Quick(Box::new(quick)) }
    }

    /// The element at one end. O(1).
    #[inline]
    pub fn end(&self, end: End) -> Option<ListPackValue<'_>> {
        match (&self.repr, end) {
            (Repr::Pack(pack), End::Head) => pack.first().map(|at| pack.get(at)),
            (Repr::Pack(pack), End::Tail) => pack.last().map(|at| pack.get(at)),
            (Repr::Quick(quick), End::Head) => quick.front(),
            (Repr::Quick(quick), End::Tail) => quick.back(),
        }
    }

    /// Adds an element at one end; [`make_room`](Self::make_room) comes before. O(1): the bytes of one listpack move at most.
    #[inline]
    pub fn push(&mut self, end: End, value: ListPackValue<'_>, trace: &mut impl ListTrace) {
        match (&mut self.repr, end) {
            (Repr::Pack(pack), End::Head) => pack.push_front(value, trace),
            (Repr::Pack(pack), End::Tail) => pack.push_back(value, trace),
            (Repr::Quick(quick), End::Head) => quick.push_front(value, trace),
            (Repr::Quick(quick), End::Tail) => quick.push_back(value, trace),
        }
    }

    /// Drops the element at one end, if there is one; with [`end`](Self::end) before it a pop that copies nothing. O(1).
    #[inline]
    pub fn remove_end(&mut self, end: End, trace: &mut impl ListTrace) {
        match &mut self.repr {
            Repr::Pack(pack) => {
                let at = if end == End::Head { pack.first() } else { pack.last() };
                if let Some(at) = at {
                    pack.remove(at, trace);
                }
            }
            Repr::Quick(quick) => {
                if end == End::Head {
                    quick.remove_front(trace);
                } else {
                    quick.remove_back(trace);
                }
            }
        }
    }

    /// Drops up to `count` elements at one end. Listpacks that go whole are not read.
    pub fn remove_at_end(&mut self, end: End, count: usize, trace: &mut impl ListTrace) {
        let count = count.min(self.len());
        if count == 0 {
            return;
        }
        let start = if end == End::Head { 0 } else { -(count as i64) };
        match &mut self.repr {
            Repr::Pack(pack) => {
                if let Some(at) = pack.seek(start, trace) {
                    pack.remove_range(at, count, trace);
                }
            }
            Repr::Quick(quick) => {
                quick.remove_range(start, count, trace);
            }
        }
    }

    /// The element with this index; negative ones count from the tail. O(n), but whole listpacks are passed over.
    pub fn get(&self, index: i64, trace: &mut impl ListTrace) -> Option<ListPackValue<'_>> {
        match &self.repr {
            Repr::Pack(pack) => pack.seek(index, trace).map(|at| pack.get(at)),
            Repr::Quick(quick) => quick.get(index, trace),
        }
    }

    /// Overwrites the element with this index and says whether there is one. O(n) as [`get`](Self::get).
    pub fn set(&mut self, index: i64, value: &[u8], trace: &mut impl ListTrace) -> bool {
        match &mut self.repr {
            Repr::Pack(pack) => {
                let Some(at) = pack.seek(index, trace) else { return false };
                pack.replace(at, value, trace);
                true
            }
            Repr::Quick(quick) => quick.set(index, value, trace),
        }
    }

    /// Inserts an element beside the first one equal to `pivot` and says whether there is one. O(n).
    pub fn insert(
        &mut self,
        pivot: &[u8],
        side: Side,
        value: &[u8],
        trace: &mut impl ListTrace,
    ) -> bool {
        match &mut self.repr {
            Repr::Pack(pack) => {
                let Some(at) = pack.find(pivot, 0, trace) else { return false };
                match side {
                    Side::Before => pack.insert_before(at, value, trace),
                    Side::After => {
                        pack.insert_after(at, value, trace);
                    }
                }
                true
            }
            Repr::Quick(quick) => quick.insert_at_pivot(pivot, side, value, trace),
        }
    }

    /// Drops elements equal to `value` and says how many: the first `count` from the head, for a negative `count` from
    /// the tail, for 0 all. O(n).
    pub fn remove_equal(&mut self, value: &[u8], count: i64, trace: &mut impl ListTrace) -> usize {
        match &mut self.repr {
            Repr::Pack(pack) => remove_equal(pack, value, count, trace),
            Repr::Quick(quick) => quick.remove_equal(value, count, trace),
        }
    }

    /// The elements from the one with this index on, towards the tail or, `backwards`, towards the head.
    pub fn iter_from(
        &self,
        index: i64,
        backwards: bool,
        trace: &mut impl ListTrace,
    ) -> ListIter<'_> {
        match &self.repr {
            Repr::Pack(pack) => match pack.seek(index, trace) {
                None => ListIter::Nothing,
                Some(at) if !backwards => ListIter::Pack(pack.iter_from(at)),
                Some(at) => ListIter::PackBackwards(
                    pack.next(at).map_or_else(|| pack.iter(), |behind| pack.iter_until(behind)),
                ),
            },
            Repr::Quick(quick) if backwards => ListIter::Quick(quick.iter_rev_from(index, trace)),
            Repr::Quick(quick) => ListIter::Quick(quick.iter_from(index, trace)),
        }
    }

    /// Bytes it has allocated; of a quicklist an estimate from its first elements. O(1).
    pub fn heap_bytes(&self) -> usize {
        match &self.repr {
            Repr::Pack(pack) => pack.heap_bytes(),
            Repr::Quick(quick) => {
                let sampled = quick.len().clamp(1, SAMPLED_ELEMENTS);
                let bytes: usize = quick.iter().take(sampled).map(ListPack::entry_bytes).sum();
                size_of::<QuickList>() + bytes.saturating_mul(quick.len()) / sampled
            }
        }
    }

    /// All elements from head to tail.
    #[expect(clippy::iter_without_into_iter, reason = "nothing loops over a list by reference")]
    pub fn iter(&self) -> ListIter<'_> {
        match &self.repr {
            Repr::Pack(pack) => ListIter::Pack(pack.iter()),
            Repr::Quick(quick) => ListIter::Quick(quick.iter()),
        }
    }

    /// How many blocks of memory are freed with it, two for each listpack. O(1).
    pub fn free_effort(&self) -> usize {
        match &self.repr {
            Repr::Pack(_) => 1,
            Repr::Quick(quick) => quick.node_count() * 2,
        }
    }

    /// Frees up to 256 listpacks; whether more are left. Only for a list that nobody can reach any more.
    pub fn drain_chunk(&mut self) -> bool {
        match &mut self.repr {
            Repr::Pack(_) => false,
            Repr::Quick(quick) => quick.drain_chunk(),
        }
    }
}

fn remove_equal(
    pack: &mut ListPack,
    value: &[u8],
    count: i64,
    trace: &mut impl Trace<ListPackStep>,
) -> usize {
    let most = match usize::try_from(count.unsigned_abs()) {
        Ok(0) | Err(_) => usize::MAX,
        Ok(most) => most,
    };
    let mut removed = 0;
    if count >= 0 {
        let mut found = pack.find(value, 0, trace);
        while let Some(at) = found {
            removed += 1;
            let behind = pack.remove(at, trace).filter(|_| removed < most);
            found = behind.and_then(|behind| pack.find_from(behind, value, 0, trace));
        }
        return removed;
    }
    let number = parse_integer(value);
    let mut next = pack.last();
    while let Some(at) = next.filter(|_| removed < most) {
        // A removal leaves everything before it in place.
        next = pack.prev(at);
        let is_equal = match pack.get(at) {
            ListPackValue::Int(stored) => number == Some(stored),
            ListPackValue::Str(stored) => stored == value,
        };
        if is_equal {
            pack.remove(at, trace);
            removed += 1;
        }
    }
    removed
}

/// Elements of a list in one direction, lent and not copied.
#[derive(Clone)]
pub enum ListIter<'a> {
    /// No element.
    Nothing,
    /// In a listpack, towards the tail.
    Pack(ListPackIter<'a>),
    /// In a listpack, towards the head.
    PackBackwards(ListPackIter<'a>),
    /// In a quicklist.
    Quick(QuickListIter<'a>),
}

impl std::fmt::Debug for ListIter<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

impl<'a> Iterator for ListIter<'a> {
    type Item = ListPackValue<'a>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Nothing => None,
            Self::Pack(pack) => pack.next(),
            Self::PackBackwards(pack) => pack.next_back(),
            Self::Quick(quick) => quick.next(),
        }
    }
}

#[cfg(test)]
mod tests;
