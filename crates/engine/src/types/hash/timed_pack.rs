//! A small hash some of whose fields end by themselves: a listpack of field, value and deadline.
//!
//! Those that end stand first, the earliest in front and equal ones in the order in which they were set;
//! those that do not end follow with the deadline 0. What has ended is thus always a run at the head.
//! Source: the layout that Redis calls `listpackex`.

use redarium_structures::list_pack::{ListPack, ListPackStep, ListPackValue};
use redarium_structures::trace::{NoTrace, Trace};

use super::FieldEntry;
use crate::schedule::is_over;

/// Entries of the listpack that one field takes.
const ENTRIES_PER_FIELD: usize = 3;

/// The deadline that stands for none.
const NEVER: i64 = 0;

/// A listpack of triples.
#[derive(Debug, Clone)]
pub(super) struct TimedPack {
    pack: ListPack,
}

/// Where the parts of a field stand.
#[derive(Debug, Clone, Copy)]
struct Place {
    name: usize,
    value: usize,
    /// 0 if it does not end.
    at: i64,
    /// The field after it.
    next: Option<usize>,
}

impl TimedPack {
    /// The fields of a listpack of pairs, none of which ends. O(n).
    pub(super) fn new(pairs: &ListPack) -> Self {
        let mut pack = ListPack::with_capacity(pairs.total_bytes() + pairs.len());
        let mut entries = pairs.iter();
        while let (Some(name), Some(value)) = (entries.next(), entries.next()) {
            push_back(&mut pack, name, value, NEVER, &mut NoTrace);
        }
        Self { pack }
    }

    /// The fields of a listpack of triples, if these are in the order of their deadlines. O(n).
    pub(super) fn from_triples(pack: ListPack) -> Option<Self> {
        let timed = Self { pack };
        let ends: Vec<_> = timed.places().map(|place| place.at).collect();
        let never = ends.iter().rev().take_while(|&&at| at == NEVER).count();
        let ending = ends.get(..ends.len() - never)?;
        let is_sound = ends.len() * ENTRIES_PER_FIELD == timed.pack.len()
            && ending.iter().all(|&at| at > NEVER)
            && ending.is_sorted();
        is_sound.then_some(timed)
    }

    pub(super) fn len(&self) -> usize {
        self.pack.len() / ENTRIES_PER_FIELD
    }

    pub(super) fn pack(&self) -> &ListPack {
        &self.pack
    }

    fn place(&self, name: usize) -> Option<Place> {
        let value = self.pack.next(name)?;
        let deadline = self.pack.next(value)?;
        let at = self.pack.get(deadline).as_int()?;
        Some(Place { name, value, at, next: self.pack.next(deadline) })
    }

    fn find(&self, name: &[u8], trace: &mut impl Trace<ListPackStep>) -> Option<Place> {
        self.place(self.pack.find(name, ENTRIES_PER_FIELD - 1, trace)?)
    }

    fn places(&self) -> impl Iterator<Item = Place> {
        std::iter::successors(self.pack.first().and_then(|pos| self.place(pos)), |place| {
            self.place(place.next?)
        })
    }

    /// A field's value and when it ends, whether or not it has. O(n).
    pub(super) fn get(
        &self,
        name: &[u8],
        trace: &mut impl Trace<ListPackStep>,
    ) -> Option<(ListPackValue<'_>, Option<i64>)> {
        let place = self.find(name, trace)?;
        Some((self.pack.get(place.value), deadline(place.at)))
    }

    /// Sets a field, which no longer ends unless `keep_deadline`; whether it is new. O(n).
    pub(super) fn set(
        &mut self,
        name: &[u8],
        value: &[u8],
        keep_deadline: bool,
        trace: &mut impl Trace<ListPackStep>,
    ) -> bool {
        let found = self.find(name, trace);
        match found {
            Some(place) if keep_deadline || place.at == NEVER => {
                self.pack.replace(place.value, value, trace);
                return false;
            }
            Some(place) => {
                self.pack.remove_range(place.name, ENTRIES_PER_FIELD, trace);
            }
            None => {}
        }
        push_back(&mut self.pack, name.into(), value.into(), NEVER, trace);
        found.is_none()
    }

    /// Sets when a field ends, or that it never does; nothing if there is no such field. O(n).
    pub(super) fn set_deadline(
        &mut self,
        name: &[u8],
        at: Option<i64>,
        trace: &mut impl Trace<ListPackStep>,
    ) {
        let at = at.unwrap_or(NEVER);
        let Some(place) = self.find(name, trace).filter(|place| place.at != at) else { return };
        let value = self.pack.get(place.value).to_vec();
        self.pack.remove_range(place.name, ENTRIES_PER_FIELD, trace);
        let next = if at == NEVER {
            None
        } else {
            self.places().find(|other| other.at == NEVER || other.at > at)
        };
        let Some(next) = next else {
            push_back(&mut self.pack, name.into(), (&value).into(), at, trace);
            return;
        };
        self.pack.insert_before(next.name, name, trace);
        let value = self.pack.insert_after(next.name, &value, trace);
        self.pack.insert_after(value, at, trace);
    }

    /// Removes a field; whether it was there. O(n).
    pub(super) fn remove(&mut self, name: &[u8], trace: &mut impl Trace<ListPackStep>) -> bool {
        let Some(place) = self.find(name, trace) else { return false };
        self.pack.remove_range(place.name, ENTRIES_PER_FIELD, trace);
        true
    }

    /// When the first field ends; `i64::MAX` if none does. O(1).
    pub(super) fn earliest_end(&self) -> i64 {
        self.places().next().and_then(|first| deadline(first.at)).unwrap_or(i64::MAX)
    }

    /// How many fields have ended at `now`. O(n) in these.
    pub(super) fn dead_len(&self, now: i64) -> usize {
        self.places().take_while(|place| is_dead(deadline(place.at), now)).count()
    }

    /// Removes up to `limit` fields that have ended at `now`, the earliest first; how many. O(n).
    pub(super) fn remove_dead(&mut self, now: i64, limit: usize) -> usize {
        let count = self.dead_len(now).min(limit);
        if let Some(first) = self.pack.first() {
            self.pack.remove_range(first, count * ENTRIES_PER_FIELD, &mut NoTrace);
        }
        count
    }

    /// All fields in the order of memory, whether or not they have ended.
    pub(super) fn iter(&self) -> impl Iterator<Item = FieldEntry<'_>> {
        self.places().zip(0..).map(|(place, id)| FieldEntry {
            id,
            name: self.pack.get(place.name),
            value: self.pack.get(place.value),
            deadline: deadline(place.at),
        })
    }
}

fn deadline(at: i64) -> Option<i64> {
    (at != NEVER).then_some(at)
}

/// Whether what ends at `deadline`, if ever, has ended.
pub(super) fn is_dead(deadline: Option<i64>, now: i64) -> bool {
    deadline.is_some_and(|at| is_over(at, now))
}

fn push_back(
    pack: &mut ListPack,
    name: ListPackValue<'_>,
    value: ListPackValue<'_>,
    at: i64,
    trace: &mut impl Trace<ListPackStep>,
) {
    pack.push_back(name, trace);
    pack.push_back(value, trace);
    pack.push_back(at, trace);
}
