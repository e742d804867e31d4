//! Which keys cost most while somebody asks: the time of commands, and the bytes of words and replies.
//!
//! The keys are counted as in Metwally, Agrawal, El Abbadi, "Efficient Computation of Frequent and Top-k Elements in
//! Data Streams" (2005): a new key takes the place of the one that has cost least, and its count, so that memory is
//! bounded and no key is ever counted too low. With no more keys than counters all counts are exact.

use redarium_structures::bytes::Bytes;
use redarium_structures::order;
use redarium_structures::ordered::{OrderedMap, OrderedSet};

use crate::args::Args;
use crate::context::Ctx;
use crate::dispatch::Found;

/// Keys that are counted: some hundred kilobytes at most for keys of usual length.
const COUNTERS: usize = 1024;

/// What a session was started to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Order {
    /// Whether the time of commands is counted.
    pub(crate) has_time: bool,
    /// Whether bytes of words and replies are counted.
    pub(crate) has_bytes: bool,
    /// How many keys are shown.
    pub(crate) shown: usize,
    /// Milliseconds after which counting ends.
    pub(crate) duration_ms: Option<i64>,
    /// One of so many commands is counted.
    pub(crate) ratio: u64,
}

/// A session: what was counted since it began.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) order: Order,
    pub(crate) began_at: i64,
    /// When it was stopped or is to end.
    ends_at: Option<i64>,
    /// Microseconds of all commands.
    pub(crate) micros: u64,
    /// Bytes of all commands.
    pub(crate) bytes: u64,
    by_time: TopKeys,
    by_bytes: TopKeys,
}

impl Session {
    fn new(order: Order, now: i64) -> Self {
        Self {
            order,
            began_at: now,
            ends_at: order.duration_ms.map(|ms| now.saturating_add(ms)),
            micros: 0,
            bytes: 0,
            by_time: TopKeys::default(),
            by_bytes: TopKeys::default(),
        }
    }

    /// Whether it counts at `now`.
    pub(crate) fn is_active(&self, now: i64) -> bool {
        self.ends_at.is_none_or(|end| now < end)
    }

    /// For how many milliseconds it has counted.
    pub(crate) fn duration_ms(&self, now: i64) -> i64 {
        self.ends_at.map_or(now, |end| end.min(now)) - self.began_at
    }

    /// The keys that took most time, if that is counted, most first.
    pub(crate) fn top_by_time(&self) -> Option<Vec<(Bytes, u64)>> {
        self.order.has_time.then(|| self.by_time.top(self.order.shown))
    }

    /// The keys that took most bytes, if that is counted, most first.
    pub(crate) fn top_by_bytes(&self) -> Option<Vec<(Bytes, u64)>> {
        self.order.has_bytes.then(|| self.by_bytes.top(self.order.shown))
    }
}

/// The session that counts, or the last one.
#[derive(Debug, Clone, Default)]
pub(crate) struct HotKeys {
    /// Whether commands are counted; the one thing that a command looks at while they are not.
    is_on: bool,
    session: Option<Box<Session>>,
}

impl HotKeys {
    #[inline]
    pub(crate) fn is_on(&self) -> bool {
        self.is_on
    }

    /// The session, once it is looked at whether its time is over.
    pub(crate) fn session(&mut self, now: i64) -> Option<&Session> {
        self.is_on &= self.session.as_ref().is_some_and(|session| session.is_active(now));
        self.session.as_deref()
    }

    /// Begins to count, and forgets what was counted before.
    pub(crate) fn start(&mut self, order: Order, now: i64) {
        self.session = Some(Box::new(Session::new(order, now)));
        self.is_on = true;
    }

    /// Ends counting at `now`; whether there was a session that counted.
    pub(crate) fn stop(&mut self, now: i64) -> bool {
        let session = self.session.as_mut().filter(|session| session.is_active(now));
        let is_stopped = session.map(|session| session.ends_at = Some(now)).is_some();
        self.is_on = false;
        is_stopped
    }

    /// Forgets what was counted.
    pub(crate) fn reset(&mut self) {
        *self = Self::default();
    }
}

/// Keys by what they have cost.
#[derive(Debug, Clone, Default)]
struct TopKeys {
    costs: OrderedMap<Bytes, u64>,
    in_order: OrderedSet<(u64, Bytes)>,
}

impl TopKeys {
    /// Adds to what a key has cost. O(log n), with n at most [`COUNTERS`].
    fn add(&mut self, key: &[u8], cost: u64) {
        let known = self.costs.remove_entry(key);
        let (key, before) = known.unwrap_or_else(|| {
            let is_full = self.costs.len() >= COUNTERS;
            let least = self.in_order.first().filter(|_| is_full).cloned();
            if let Some((_, least)) = &least {
                self.costs.remove(least);
            }
            let inherited = least.map_or(0, |least| {
                self.in_order.remove(&least);
                least.0
            });
            (Bytes::new(key), inherited)
        });
        self.in_order.remove(&(before, key.clone()));
        let cost = before.saturating_add(cost);
        self.in_order.insert((cost, key.clone()));
        self.costs.insert(key, cost);
    }

    /// The keys that have cost most, most first, and among equals by name.
    fn top(&self, count: usize) -> Vec<(Bytes, u64)> {
        let mut all: Vec<_> = self.costs.iter().map(|(key, &cost)| (key.clone(), cost)).collect();
        order::sort_by_key(&mut all, |(_, cost)| std::cmp::Reverse(*cost));
        all.truncate(count);
        all
    }
}

/// Counts a command that has just run: what it took is shared evenly among its keys.
#[cold]
pub(crate) fn count(
    ctx: &mut Ctx<'_>,
    found: &Found,
    args: Args<'_>,
    micros: u64,
    reply_len: usize,
) {
    let (now, hot_keys) = (ctx.keys.now, &mut ctx.timing.hot_keys);
    if hot_keys.session(now).is_none() || !hot_keys.is_on() || found.spec.name == "EXEC" {
        // What EXEC runs was counted one by one.
        return;
    }
    let Some(session) = &mut hot_keys.session else { return };
    let words: Vec<_> = args.all().collect();
    let bytes = wire_len(&words) + reply_len;
    session.micros += micros;
    session.bytes += bytes as u64;
    let ratio = session.order.ratio;
    if ratio > 1 && ctx.rng.below(ratio) > 0 {
        return;
    }
    let at = found.spec.keys.iter().flat_map(|keys| keys.positions(&words));
    let keys: Vec<_> = at.filter_map(|at| words.get(at)).collect();
    let parts = keys.len().max(1) as u64;
    for key in keys {
        if session.order.has_time {
            session.by_time.add(key, micros / parts);
        }
        if session.order.has_bytes {
            session.by_bytes.add(key, bytes as u64 / parts);
        }
    }
}

/// Bytes of a command as an array of bulk strings.
fn wire_len(words: &[&[u8]]) -> usize {
    let header_len = |number: usize| 3 + number.checked_ilog10().unwrap_or(0) as usize + 1;
    let word_lens = words.iter().map(|word| header_len(word.len()) + word.len() + 2);
    header_len(words.len()) + word_lens.sum::<usize>()
}

#[cfg(test)]
mod tests {
    use redarium_structures::rng::Rng;

    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn few_keys_are_counted_exactly() {
        let mut rng = Rng::new(7);
        let (mut top, mut model) = (TopKeys::default(), BTreeMap::<String, u64>::new());
        for _ in 0..20_000 {
            let (key, cost) = (format!("key:{}", rng.below(1000)), rng.below(50));
            top.add(key.as_bytes(), cost);
            *model.entry(key).or_default() += cost;
        }
        let mut sorted: Vec<_> = model.into_iter().collect();
        sorted.sort_by_key(|(_, cost)| std::cmp::Reverse(*cost));
        let expected: Vec<_> = sorted
            .into_iter()
            .take(64)
            .map(|(key, cost)| (Bytes::new(key.as_bytes()), cost))
            .collect();
        assert_eq!(top.top(64), expected);
    }

    #[test]
    fn the_length_of_a_command_is_that_on_the_wire() {
        let words: [&[u8]; 3] = [b"SET", b"", b"twelve bytes"];
        assert_eq!(wire_len(&words), b"*3\r\n$3\r\nSET\r\n$0\r\n\r\n$12\r\ntwelve bytes\r\n".len());
    }

    #[test]
    fn among_many_keys_the_hot_one_is_found_and_memory_is_bounded() {
        let mut rng = Rng::new(8);
        let mut top = TopKeys::default();
        for _ in 0..50_000 {
            if rng.below(10) == 0 {
                top.add(b"hot", 1);
            } else {
                top.add(format!("cold:{}", rng.next_u64()).as_bytes(), 1);
            }
        }
        assert_eq!(top.top(1)[0].0.as_slice(), b"hot", "the hot key");
        assert_eq!((top.costs.len(), top.in_order.len()), (COUNTERS, COUNTERS), "bounded");
    }
}
