//! When and how often a key was used: the LRU clock or the LFU counter of `maxmemory-policy`.
//!
//! An LRU stamp is the clock in seconds.
//! An LFU stamp is minutes (upper 16 bits of 24) and a logarithmic counter (lower 8), as in Redis.

use redarium_structures::rng::Rng;

use crate::config::Config;

/// How use is recorded during one command.
#[derive(Debug, Clone, Copy)]
pub struct AccessClock {
    seconds: u32,
    enabled: bool,
    /// Whether reading a key is no use of it (LRM).
    writes_only: bool,
    lfu: Option<Lfu>,
}

/// How uses are counted.
#[derive(Debug, Clone, Copy)]
struct Lfu {
    /// The higher, the more uses each further point of the counter takes.
    log_factor: u64,
    /// Minutes without a use that cost a point; 0 for none ever.
    decay_minutes: u32,
    /// A random number that every draw replaces.
    chance: u64,
}

/// Value of the counter of a new key, so that it is not evicted at once.
const LFU_INIT: u32 = 5;

/// The counter counts no further.
const LFU_MAX: u32 = 255;

/// Minutes are kept modulo 2^16: 45 days.
const MINUTES_MASK: u32 = 0xFFFF;

impl AccessClock {
    /// The clock at `now_ms` milliseconds since 1970; chance is drawn only where uses are counted.
    pub fn new(now_ms: i64, config: &Config, rng: &mut Rng) -> Self {
        let lfu = config.counts_uses().then(|| Lfu {
            log_factor: config.lfu_log_factor as u64,
            decay_minutes: config.lfu_decay_time as u32,
            chance: rng.next_u64(),
        });
        let writes_only = config.maxmemory_policy.ends_with("-lrm");
        Self { seconds: (now_ms / 1000) as u32, enabled: true, writes_only, lfu }
    }

    /// The clock for looking: it tells how keys were used and records nothing.
    pub fn looking(now_ms: i64, config: &Config) -> Self {
        Self { enabled: false, ..Self::new(now_ms, config, &mut Rng::new(0)) }
    }

    /// The clock of work that no client asked for: it records nothing.
    pub(crate) fn idle(now_ms: i64) -> Self {
        Self { seconds: (now_ms / 1000) as u32, enabled: false, writes_only: false, lfu: None }
    }

    /// The same clock that records nothing (CLIENT NO-TOUCH).
    #[must_use]
    pub fn disabled(self) -> Self {
        Self { enabled: false, ..self }
    }

    /// The same clock that records in any case (TOUCH).
    #[must_use]
    pub fn enforced(self) -> Self {
        Self { enabled: true, ..self }
    }

    /// Whether only writing to a key is a use of it.
    #[inline]
    pub fn counts_writes_only(self) -> bool {
        self.writes_only
    }

    /// Whether uses are counted, and not just the time of the last one kept.
    pub fn counts_uses(self) -> bool {
        self.lfu.is_some()
    }

    /// The stamp of a key that has just been created.
    #[inline]
    pub fn fresh(self) -> u32 {
        if self.lfu.is_some() { (self.minutes() << 8) | LFU_INIT } else { self.seconds }
    }

    /// The stamp of a key that was last used so many seconds ago; where uses are counted, of a new one.
    pub fn idle_for(self, seconds: i64) -> u32 {
        let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
        if self.lfu.is_some() { self.fresh() } else { self.seconds.saturating_sub(seconds) }
    }

    /// The stamp of a key whose counter reads `frequency`; where uses are not counted, of a new one.
    pub fn used_often(self, frequency: u8) -> u32 {
        if self.lfu.is_some() { (self.minutes() << 8) | u32::from(frequency) } else { self.fresh() }
    }

    /// The stamp after one more use of a key that had `stamp`.
    #[inline]
    pub fn used(&mut self, stamp: u32) -> u32 {
        if !self.enabled {
            stamp
        } else if self.lfu.is_some() {
            (self.minutes() << 8) | self.count_use(self.frequency(stamp))
        } else {
            self.seconds
        }
    }

    /// The counter after one more use: a point more with a chance of 1 in `(counter - 5) * lfu-log-factor + 1`.
    fn count_use(&mut self, counter: u32) -> u32 {
        let Some(lfu) = &mut self.lfu else { return counter };
        if counter >= LFU_MAX {
            return counter;
        }
        // One generator's step gives the next draw; 32 bits of it decide, without rounding.
        let draw = lfu.chance >> 32;
        lfu.chance = Rng::new(lfu.chance).next_u64();
        let base = u64::from(counter.saturating_sub(LFU_INIT));
        let odds = base.saturating_mul(lfu.log_factor).saturating_add(1);
        counter + u32::from(draw.saturating_mul(odds) < 1 << 32)
    }

    /// Seconds since the last use.
    pub fn idle_seconds(self, stamp: u32) -> u32 {
        self.seconds.wrapping_sub(stamp)
    }

    /// The counter of an LFU stamp, less a point for each `lfu-decay-time` minutes without a use.
    pub fn frequency(self, stamp: u32) -> u32 {
        let (minutes, then) = (self.minutes(), (stamp >> 8) & MINUTES_MASK);
        let idle = if minutes >= then { minutes - then } else { MINUTES_MASK - then + minutes };
        let decay = self.lfu.and_then(|lfu| idle.checked_div(lfu.decay_minutes)).unwrap_or(0);
        (stamp & 0xFF).saturating_sub(decay)
    }

    fn minutes(self) -> u32 {
        (self.seconds / 60) & MINUTES_MASK
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_767_603_600_000;

    fn lfu_config() -> Config {
        Config { maxmemory_policy: "allkeys-lfu".to_owned(), ..Config::default() }
    }

    /// Uses of a fresh key until its counter reads `counter`.
    fn uses_until(counter: u32, config: &Config) -> u32 {
        let mut rng = Rng::new(3);
        let mut clock = AccessClock::new(NOW, config, &mut rng);
        let mut stamp = clock.fresh();
        let mut uses = 0;
        while clock.frequency(stamp) < counter {
            stamp = clock.used(stamp);
            uses += 1;
        }
        uses
    }

    #[test]
    fn the_counter_is_a_logarithm_of_the_uses() {
        let config = lfu_config();
        assert_eq!(uses_until(6, &config), 1, "the first use always counts");
        // Expected: the sum of 10 * n + 1 for n in 0..5 is 105, for n in 0..95 it is 44,745.
        let (ten, hundred) = (uses_until(10, &config), uses_until(100, &config));
        assert!((50..200).contains(&ten), "{ten} uses for 10");
        assert!((35_000..55_000).contains(&hundred), "{hundred} uses for 100");
        let linear = Config { lfu_log_factor: 0, ..config };
        assert_eq!(uses_until(255, &linear), 250, "with factor 0 every use counts");
    }

    #[test]
    fn the_counter_stops_at_its_end_and_decays_with_time() {
        let mut config = Config { lfu_log_factor: 0, ..lfu_config() };
        let mut rng = Rng::new(3);
        let mut clock = AccessClock::new(NOW, &config, &mut rng);
        let mut stamp = clock.fresh();
        for _ in 0..1_000 {
            stamp = clock.used(stamp);
        }
        let after = |minutes: i64, config: &Config| {
            AccessClock::new(NOW + minutes * 60_000, config, &mut Rng::new(0)).frequency(stamp)
        };
        assert_eq!(after(0, &config), 255, "saturated");
        assert_eq!(after(10, &config), 245, "a point a minute");
        assert_eq!(after(10_000, &config), 0, "not below 0");
        config.lfu_decay_time = 5;
        assert_eq!(after(10, &config), 253, "a point in five minutes");
        config.lfu_decay_time = 0;
        assert_eq!(after(10_000, &config), 255, "no decay");
    }

    #[test]
    fn without_counting_the_stamp_is_the_time() {
        let (config, mut rng) = (Config::default(), Rng::new(1));
        let before = rng.clone();
        let mut clock = AccessClock::new(NOW, &config, &mut rng);
        assert_eq!(before, rng, "no chance is drawn");
        assert_eq!(clock.used(5), clock.fresh(), "now");
        assert_eq!(clock.disabled().used(5), 5, "not recorded");
        let later = AccessClock::new(NOW + 61_999, &config, &mut rng);
        assert_eq!(later.idle_seconds(clock.fresh()), 61, "whole seconds");
    }
}
