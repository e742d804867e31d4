//! When and how often a key was used: the LRU clock or the LFU counter of `maxmemory-policy`.
//!
//! An LRU stamp is the clock in seconds.
//! An LFU stamp is minutes (upper 16 bits of 24) and a logarithmic counter (lower 8), as in Redis.

/// How use is recorded during one command.
#[derive(Debug, Clone, Copy)]
pub struct AccessClock {
    seconds: u32,
    lfu: bool,
    enabled: bool,
}

/// Value of the counter of a new key, so that it is not evicted at once.
const LFU_INIT: u32 = 5;

impl AccessClock {
    /// The clock at `now_ms` milliseconds since 1970; with `lfu`, stamps count uses.
    pub fn new(now_ms: i64, lfu: bool) -> Self {
        Self { seconds: (now_ms / 1000) as u32, lfu, enabled: true }
    }

    /// The same clock that records nothing (CLIENT NO-TOUCH, and looking).
    #[must_use]
    pub fn disabled(self) -> Self {
        Self { enabled: false, ..self }
    }

    /// Whether use is recorded at all.
    #[inline]
    pub fn enabled(self) -> bool {
        self.enabled
    }

    /// The stamp of a use right now, without its count.
    #[inline]
    pub fn clock(self) -> u32 {
        self.seconds
    }

    /// The stamp of a key that has just been created.
    #[inline]
    pub fn fresh(self) -> u32 {
        if self.lfu { (self.minutes() << 8) | LFU_INIT } else { self.seconds }
    }

    /// The stamp after one more use of a key that had `stamp`.
    #[inline]
    pub fn used(self, stamp: u32) -> u32 {
        if self.lfu { (self.minutes() << 8) | self.frequency(stamp) } else { self.seconds }
    }

    /// Seconds since the last use.
    pub fn idle_seconds(self, stamp: u32) -> u32 {
        self.seconds.saturating_sub(stamp)
    }

    /// The counter of an LFU stamp, decayed by one for each minute without a use.
    pub fn frequency(self, stamp: u32) -> u32 {
        let idle = self.minutes().wrapping_sub(stamp >> 8) & 0xFFFF;
        (stamp & 0xFF).saturating_sub(idle)
    }

    fn minutes(self) -> u32 {
        (self.seconds / 60) & 0xFFFF
    }
}
