//! How the virtual clock follows the host's.

/// What makes the clock move, besides [`Lab::advance`](crate::Lab::advance).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Clock {
    /// Nothing does.
    #[default]
    Paused,
    /// The host's time does, `rate` times as fast.
    RealTime {
        /// Virtual milliseconds per real millisecond.
        rate: f64,
    },
    /// Each command takes this long.
    Stepped {
        /// Milliseconds per command.
        ms: u64,
    },
    /// Each look at the host's time jumps to the moment after the next deadline of a key or a field, or end of a client's
    /// wait.
    Fast,
}

/// The most that one look at the host's time moves the clock: a year, for a page that was asleep.
const LEAP_MAX_MS: f64 = 366.0 * 86_400_000.0;

/// The clock's mode and the part of a millisecond that it has not moved yet.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Ticker {
    pub(crate) mode: Clock,
    rest_ms: f64,
}

impl Ticker {
    pub(crate) fn new(mode: Clock) -> Self {
        Self { mode, rest_ms: 0.0 }
    }

    /// Virtual milliseconds for the host's `elapsed_ms` in real time; the rest is kept for the next call.
    pub(crate) fn real_time(&mut self, elapsed_ms: f64, rate: f64) -> u64 {
        let passed = elapsed_ms * rate;
        let passed = if passed.is_nan() { 0.0 } else { passed.clamp(0.0, LEAP_MAX_MS) };
        let passed = passed + self.rest_ms;
        let whole = passed.floor();
        self.rest_ms = passed - whole;
        whole as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_add_up() {
        let mut ticker = Ticker::default();
        let moved: u64 = (0..600).map(|_| ticker.real_time(16.75, 0.5)).sum();
        assert_eq!(moved, 5025, "600 frames of 16.75 ms at half speed");
        for odd in [f64::NAN, -5.0, f64::NEG_INFINITY] {
            assert_eq!(ticker.real_time(odd, 1.0), 0, "{odd} moves nothing");
        }
        assert_eq!(ticker.real_time(f64::INFINITY, 1.0), 366 * 86_400_000, "a leap is bounded");
    }
}
