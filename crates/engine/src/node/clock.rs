//! The clock of a node: what each tick does, and which ticks may be passed over.

use super::{Engine, LATEST};
use crate::database::Database;
use crate::keyspace::{ExpiryStep, InKeys};
use crate::mail::Mail;
use crate::trace::traced;
use crate::{events, expiry, idle, output_limit};

/// Ticks without a command between them that sample for dead keys; after these a sweep does the work of all others.
///
/// Counted from command to command, not from call to call: how a host slices the time must not change what happens.
/// A day in which something dies at every tick, simulated in a tenth of a second; and so little work for a jump of years.
pub(super) const SAMPLED_TICKS_MAX: u32 = 1_000_000;

/// Buckets that a tick moves in each database that is being rehashed.
const REHASH_BUCKETS_PER_TICK: usize = 1000;

/// Slices of 256 elements of what nobody needs any more that a tick frees: two or three milliseconds.
const FREED_SLICES_PER_TICK: usize = 128;

/// Ticks whose share one call of `advance_to` frees at most: a frame's time.
const FREEING_TICKS_MAX: i64 = 4;

impl Engine {
    /// Moves the clock forward to `to`, doing on the way what falls due, each tick at its own time.
    ///
    /// Ticks that would find nothing to do are passed over, so that the work grows with what happens, not with the time.
    /// A clock that would run backwards stays where it is.
    pub fn advance_to(&mut self, to: i64) {
        if self.scripts.is_running() && !self.go_on(to) {
            return;
        }
        let to = to.min(LATEST);
        let before = self.next_tick;
        while let Some(at) = self.next_timeout().filter(|&at| at <= to) {
            self.tick_to(at);
            self.end_waits();
        }
        self.tick_to(to);
        self.flush_log();
        let ticks = ((self.next_tick - before) / self.tick_period()).min(FREEING_TICKS_MAX);
        self.graveyard.free(FREED_SLICES_PER_TICK * ticks as usize);
        if self.config.timeout > 0 {
            idle::close_silent(&mut self.clients, self.now, self.config.timeout);
        }
        self.tell_trackers();
    }

    /// Moves the clock forward to `to`, doing at each tick what Redis does at each.
    fn tick_to(&mut self, to: i64) {
        while self.next_tick <= to {
            if self.sampled_ticks >= SAMPLED_TICKS_MAX {
                self.sweep_to(to);
            } else if self.go_to_tick(self.next_due(), to) {
                self.rehash();
                let effort = self.config.active_expire_effort;
                if self.expires_actively() {
                    expiry::cycle(&mut self.keys(), effort);
                }
                self.tick_files();
                self.sampled_ticks += 1;
                self.serve_ready();
            }
        }
        self.now = self.now.max(to);
        if !self.effects.events.is_empty() {
            let (clients, stats) = (&mut self.clients, &mut self.stats);
            let limits = &self.config.client_output_buffer_limit;
            let mut mail = Mail { own: None, clients, stats, limits, now: self.now };
            events::tell(&mut self.effects, &self.pubsub, &mut mail);
        }
        if !self.clients.with_much_output().is_empty() {
            let limits = self.config.client_output_buffer_limit;
            output_limit::close_slow(&mut self.clients, &limits, &mut self.stats, self.now);
        }
    }

    /// Whether ticks remove what has ended: nothing is written during a pause.
    fn expires_actively(&self) -> bool {
        self.config.switches.active_expire && self.effects.waiters.paused().is_none()
    }

    fn tick_period(&self) -> i64 {
        1000 / self.config.hz.clamp(1, 500)
    }

    /// Moves the clock to the first tick that is not before `due`, unless that is after `to`; whether it is that tick's
    /// time now.
    fn go_to_tick(&mut self, due: i64, to: i64) -> bool {
        let period = self.tick_period();
        let ahead = due.min(to + 1).saturating_sub(self.next_tick).max(0);
        self.next_tick += (ahead + period - 1) / period * period;
        if self.next_tick > to {
            return false;
        }
        self.now = self.next_tick;
        self.next_tick += period;
        true
    }

    /// A time before which a tick would change nothing.
    fn next_due(&self) -> i64 {
        if self.is_rehashing() {
            return i64::MIN;
        }
        let files_due = self.persistence.next_due(&self.config, &self.effects);
        if !self.expires_actively() {
            return files_due;
        }
        let next = |db: &Database| db.earliest_deadline().min(db.field_ends().earliest());
        self.dbs.iter().map(next).min().unwrap_or(i64::MAX).min(files_due)
    }

    fn is_rehashing(&self) -> bool {
        self.dbs.iter().any(|db| db.table().rehash_index().is_some())
    }

    fn rehash(&mut self) {
        for (number, db) in self.dbs.iter_mut().enumerate() {
            let steps = &mut InKeys::new(number, self.trace.as_ref());
            traced!(steps, db.rehash(REHASH_BUCKETS_PER_TICK, steps));
        }
    }

    /// Goes through all ticks up to `to`, each of which removes every key and field whose time is over.
    fn sweep_to(&mut self, to: i64) {
        let period = self.tick_period();
        let last_tick = self.next_tick + (to - self.next_tick) / period * period;
        // Without active expiry nothing is ever due.
        let until = if self.expires_actively() { last_tick } else { i64::MIN };
        let mut due = expiry::due(&mut self.dbs, until).into_iter().peekable();
        while self.next_tick <= to {
            let keys_end = due.peek().map(|&(at, ..)| at);
            let fields_end = self.dbs.iter().map(|db| db.field_ends().earliest());
            let fields_end = fields_end.filter(|&at| at <= until);
            let files_due = self.persistence.next_due(&self.config, &self.effects);
            let next = fields_end.chain(keys_end).chain([files_due]).min().unwrap_or(i64::MAX);
            let next = if self.is_rehashing() { i64::MIN } else { next };
            if self.go_to_tick(next, to) {
                self.rehash();
                let mut keys = self.keys();
                while let Some((at, db, id)) = due.next_if(|&(at, ..)| at <= keys.now) {
                    expiry::remove_fields(&mut keys, at, usize::MAX);
                    let mut keys = keys.in_db(db);
                    // A hash may have gone with the last of its fields.
                    if keys.database().ends_at(id, at) {
                        keys.tell(ExpiryStep::Swept { db, id });
                        expiry::remove(&mut keys, id);
                    }
                }
                let until = until.min(keys.now);
                expiry::remove_fields(&mut keys, until, usize::MAX);
                self.serve_ready();
                self.tick_files();
            }
        }
    }

    /// When the node next wants [`advance_to`](Self::advance_to) to be called, if at all; poll again after
    /// [`feed`](Self::feed) and `advance_to`. Extra calls do nothing.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<i64> {
        if self.scripts.is_running() {
            return Some(self.now);
        }
        let works = |db: &Database| {
            !db.deadlines().is_empty()
                || !db.field_ends().is_empty()
                || db.table().rehash_index().is_some()
        };
        let has_work = !self.graveyard.is_empty() || self.dbs.iter().any(works);
        let tick = has_work.then_some(self.next_tick);
        let files = Some(self.persistence.next_due(&self.config, &self.effects));
        let files = files.filter(|&due| due != i64::MAX).map(|due| due.max(self.next_tick));
        let silence = idle::next_end(&self.clients, self.config.timeout);
        let slowness =
            output_limit::next_end(&self.clients, &self.config.client_output_buffer_limit);
        tick.into_iter()
            .chain(files)
            .chain(slowness)
            .chain(silence)
            .chain(self.next_timeout())
            .min()
    }
}
