//! One numbered database: the table of keys and the deadlines of those that have one.
//!
//! A key's entry is laid out for one cache line of its table.
//! Deadlines stand apart in a dense array, as Redis keeps them in a second dict: the active cycle samples them in O(1).
//! Hashes whose fields end stand in a schedule, as Redis keeps them in ebuckets.

use redarium_structures::bytes::Bytes;
use redarium_structures::hash_table::{HashTable, HashTableStep, hash_bytes};
use redarium_structures::trace::{NoTrace, Trace};

use crate::account::Account;
use crate::schedule::{Schedule, is_over};
use crate::value::Value;

/// A key with its value: 56 bytes.
#[derive(Debug, Clone, Default)]
pub struct Entry {
    /// The key.
    pub key: Bytes,
    /// What it holds.
    pub value: Value,
    /// When it was last used: Redis's LRU clock in seconds, or its LFU counter with the minutes of its last decay.
    pub access: u32,
    /// Place in the array of deadlines plus one; 0 without a deadline.
    deadline_at: u32,
}

impl Entry {
    /// Whether the key ends by itself.
    pub(crate) fn has_deadline(&self) -> bool {
        self.deadline_at != 0
    }

    /// The encoding that OBJECT ENCODING answers.
    pub fn encoding(&self) -> &'static str {
        let deadline_len = if self.deadline_at == 0 { 0 } else { size_of::<i64>() };
        self.value.encoding(self.key.len() + deadline_len)
    }
}

/// When a key ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    /// Milliseconds since 1970; the key is gone from this millisecond on.
    pub at: i64,
    /// The key's entry in the table.
    pub id: u32,
}

impl Deadline {
    /// Whether the key is gone.
    #[inline]
    pub fn is_over(self, now: i64) -> bool {
        is_over(self.at, now)
    }
}

/// A numbered database.
#[derive(Debug, Clone)]
pub struct Database {
    table: HashTable<Entry>,
    deadlines: Vec<Deadline>,
    /// No deadline is earlier than this; it lags behind when deadlines are removed, until the next round is complete.
    earliest: i64,
    /// The active cycle's place: deadlines from here on have been visited in this round, those before it have not.
    visited_from: usize,
    /// No deadline that has been visited or set in this round is earlier than this.
    earliest_in_round: i64,
    /// Hashes some of whose fields end, by the earliest of these.
    field_ends: Schedule,
    /// What its keys take, where that is asked for.
    account: Account,
}

impl Default for Database {
    fn default() -> Self {
        Self {
            table: HashTable::default(),
            deadlines: Vec::new(),
            earliest: i64::MAX,
            visited_from: 0,
            earliest_in_round: i64::MAX,
            field_ends: Schedule::default(),
            account: Account::default(),
        }
    }
}

impl Database {
    /// Number of keys, those included that are past their deadline and not yet removed.
    #[inline]
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// The table, for scans and pictures.
    pub fn table(&self) -> &HashTable<Entry> {
        &self.table
    }

    /// All deadlines, in no particular order.
    pub fn deadlines(&self) -> &[Deadline] {
        &self.deadlines
    }

    /// A time before which no key of this database ends; `i64::MAX` if none ever does.
    pub fn earliest_deadline(&self) -> i64 {
        if self.deadlines.is_empty() { i64::MAX } else { self.earliest }
    }

    /// All deadlines that are over at `now`, in no particular order; the caller removes these keys. O(keys with a deadline).
    ///
    /// Afterwards [`earliest_deadline`](Self::earliest_deadline) is exact.
    pub fn due(&mut self, now: i64) -> Vec<Deadline> {
        let mut due = Vec::new();
        self.earliest = i64::MAX;
        for &deadline in &self.deadlines {
            if deadline.is_over(now) {
                due.push(deadline);
            } else {
                self.earliest = self.earliest.min(deadline.at);
            }
        }
        due
    }

    /// The next deadline in a round over all of them, from the last to the first. O(1).
    ///
    /// It may be removed before the next visit: what takes its place has been visited already.
    pub fn visit_deadline(&mut self) -> Option<Deadline> {
        if self.visited_from == 0 {
            self.earliest = self.earliest_in_round.max(self.earliest);
            self.earliest_in_round = i64::MAX;
            self.visited_from = self.deadlines.len();
        }
        self.visited_from = self.visited_from.min(self.deadlines.len()).checked_sub(1)?;
        let deadline = self.deadlines.get(self.visited_from).copied()?;
        self.earliest_in_round = self.earliest_in_round.min(deadline.at);
        Some(deadline)
    }

    /// The entries of hashes some of whose fields end, by the time at which the first of these does.
    pub fn field_ends(&self) -> &Schedule {
        &self.field_ends
    }

    /// Notes that the first element of entry `id` that ends by itself does so at another time; `i64::MAX` if none does.
    #[inline]
    pub(crate) fn move_field_end(&mut self, id: u32, from: i64, to: i64) {
        if to != i64::MAX {
            self.field_ends.set(id, to);
        } else if from != i64::MAX {
            self.field_ends.remove(id);
        }
    }

    /// Whether the entry `id` is there and its key ends at `at`.
    pub fn ends_at(&self, id: u32, at: i64) -> bool {
        self.table.contains_id(id) && self.deadline(id) == Some(at)
    }

    /// Moves up to `buckets` buckets of an ongoing rehash, as Redis does with one on every access; whether more are left.
    #[inline]
    pub fn rehash(&mut self, buckets: usize, trace: &mut impl Trace<HashTableStep>) -> bool {
        self.table.rehash_step(buckets, trace)
    }

    /// The entry of `key`, whether or not its time is over. O(1).
    #[inline]
    pub fn find(&self, seed: u64, key: &[u8]) -> Option<u32> {
        self.find_hashed(hash_bytes(seed, key), key, &mut NoTrace)
    }

    /// The entry of `key`, whose hash is `hash`, whether or not its time is over. O(1).
    #[inline]
    pub fn find_hashed(
        &self,
        hash: u64,
        key: &[u8],
        trace: &mut impl Trace<HashTableStep>,
    ) -> Option<u32> {
        self.table.find_traced(hash, |entry| &*entry.key == key, trace)
    }

    /// The entry `id`.
    #[inline]
    pub fn entry(&self, id: u32) -> &Entry {
        self.table.get(id)
    }

    /// The entry `id` for writing; copied first if a checkpoint shares it.
    #[inline]
    pub fn entry_mut(&mut self, id: u32) -> &mut Entry {
        self.table.get_mut(id)
    }

    /// Adds a key that is not there and whose hash is `hash`.
    #[inline]
    pub fn insert_hashed(
        &mut self,
        hash: u64,
        key: &[u8],
        value: Value,
        access: u32,
        trace: &mut impl Trace<HashTableStep>,
    ) -> u32 {
        let field_end = value.earliest_end();
        let entry = Entry { key: Bytes::from(key), value, access, deadline_at: 0 };
        let id = self.table.insert(hash, entry, trace);
        self.move_field_end(id, i64::MAX, field_end);
        if self.account.is_kept() {
            self.account.add(id);
        }
        id
    }

    /// Puts another value in the entry `id`, whose deadline stays, and returns the old one.
    #[inline]
    pub(crate) fn replace(&mut self, id: u32, value: Value) -> Value {
        self.open(id);
        let to = value.earliest_end();
        let old = std::mem::replace(&mut self.table.get_mut(id).value, value);
        self.move_field_end(id, old.earliest_end(), to);
        old
    }

    /// Removes the entry `id` with its deadline.
    pub fn remove(&mut self, id: u32, trace: &mut impl Trace<HashTableStep>) -> Entry {
        self.clear_deadline(id);
        if self.account.is_kept() {
            self.account.remove(id, self.table.get(id));
        }
        let entry = self.table.remove_id(id, trace);
        self.move_field_end(id, entry.value.earliest_end(), i64::MAX);
        entry
    }

    /// When the key of entry `id` ends.
    #[inline]
    pub fn deadline(&self, id: u32) -> Option<i64> {
        let place = self.entry(id).deadline_at;
        if place == 0 {
            return None;
        }
        self.deadlines.get(place as usize - 1).map(|deadline| deadline.at)
    }

    /// Sets when the key of entry `id` ends.
    pub fn set_deadline(&mut self, id: u32, at: i64) {
        self.earliest = if self.deadlines.is_empty() { at } else { self.earliest.min(at) };
        self.earliest_in_round = self.earliest_in_round.min(at);
        let place = self.entry(id).deadline_at;
        if let Some(deadline) =
            (place as usize).checked_sub(1).and_then(|index| self.deadlines.get_mut(index))
        {
            deadline.at = at;
            return;
        }
        self.open(id);
        self.deadlines.push(Deadline { at, id });
        self.table.get_mut(id).deadline_at = self.deadlines.len() as u32;
    }

    /// Lets the key of entry `id` live for ever; whether it had a deadline.
    #[inline]
    pub fn clear_deadline(&mut self, id: u32) -> bool {
        let Some(index) = (self.entry(id).deadline_at as usize).checked_sub(1) else {
            return false;
        };
        self.open(id);
        self.deadlines.swap_remove(index);
        if let Some(moved) = self.deadlines.get(index) {
            self.table.get_mut(moved.id).deadline_at = index as u32 + 1;
        }
        self.table.get_mut(id).deadline_at = 0;
        true
    }

    /// Gives all keys away, to be freed elsewhere.
    pub fn take_table(&mut self) -> HashTable<Entry> {
        let account = self.account.emptied();
        std::mem::replace(self, Self { account, ..Self::default() }).table
    }

    /// Starts to sum up what the keys take, or stops. O(keys) when it starts.
    pub(crate) fn keep_account(&mut self, on: bool) {
        if on != self.account.is_kept() {
            self.account = if on {
                Account::of(self.table.iter().map(|(_, entry)| entry))
            } else {
                Account::default()
            };
        }
    }

    /// Says that the entry `id` is about to change.
    #[inline]
    pub(crate) fn open(&mut self, id: u32) {
        if self.account.is_kept() {
            self.account.open(id, self.table.get(id));
        }
    }

    /// Brings what the keys take up to date.
    pub(crate) fn settle_account(&mut self) {
        if self.account.has_open() {
            self.account.settle(|id| self.table.get(id));
        }
    }

    /// What the keys take, as of when it was last settled.
    pub(crate) fn account(&self) -> &Account {
        &self.account
    }

    /// Asserts what must hold between the table and the deadlines. O(n); for tests.
    pub fn check(&self) {
        self.table.check();
        for (place, deadline) in self.deadlines.iter().enumerate() {
            assert_eq!(
                self.entry(deadline.id).deadline_at as usize,
                place + 1,
                "a deadline and its entry disagree"
            );
            assert!(deadline.at >= self.earliest, "a deadline is earlier than the earliest");
        }
        let volatile = self.table.iter().filter(|(_, entry)| entry.deadline_at != 0).count();
        assert_eq!(
            volatile,
            self.deadlines.len(),
            "an entry points to a deadline that is not there"
        );
        self.field_ends.check();
        let ends = |(id, entry): (u32, &Entry)| {
            Some((entry.value.earliest_end(), id)).filter(|&(at, _)| at != i64::MAX)
        };
        let mut expected: Vec<_> = self.table.iter().filter_map(ends).collect();
        expected.sort_unstable();
        assert!(self.field_ends.iter().eq(expected), "a hash whose fields end is not known");
    }
}
