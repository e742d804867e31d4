//! A histogram of durations with two significant digits: the classes of `HdrHistogram`, of which only those in use are kept.
//!
//! See <https://hdrhistogram.github.io/HdrHistogram/>. It knows nothing of commands.

/// Bits of a value that tell its class within its power of two: 128 classes hold two significant digits.
const CLASS_BITS: u32 = 7;

/// The longest duration that is told apart from longer ones: a second.
const NANOS_MAX: u64 = 1_000_000_000;

/// How many durations fell into each class.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Histogram {
    /// Classes in use with their counts, shortest first.
    classes: Vec<(u16, u64)>,
    /// Where the last duration was counted; the next one is often of the same class.
    last: usize,
    total: u64,
}

/// The class of a duration in nanoseconds.
#[inline]
fn class_of(nanos: u64) -> u16 {
    let nanos = nanos.clamp(1, NANOS_MAX);
    // Twice as many classes fit below the first power of two that is divided.
    let shift = (u64::BITS - 1 - nanos.leading_zeros()).saturating_sub(CLASS_BITS);
    (shift << CLASS_BITS) as u16 + (nanos >> shift) as u16
}

/// The longest duration of a class, in nanoseconds.
fn longest_of(class: u16) -> u64 {
    let class = u64::from(class);
    let shift = (class >> CLASS_BITS).saturating_sub(1);
    ((class - (shift << CLASS_BITS) + 1) << shift) - 1
}

impl Histogram {
    /// Counts a duration in microseconds. O(1) for one like the last, else O(log classes).
    #[inline]
    pub(crate) fn record(&mut self, micros: u64) {
        let class = class_of(micros.saturating_mul(1000));
        self.total += 1;
        match self.classes.get_mut(self.last) {
            Some((last, count)) if *last == class => *count += 1,
            _ => self.record_elsewhere(class),
        }
    }

    #[cold]
    fn record_elsewhere(&mut self, class: u16) {
        self.last = match self.classes.binary_search_by_key(&class, |&(class, _)| class) {
            Ok(at) => {
                if let Some((_, count)) = self.classes.get_mut(at) {
                    *count += 1;
                }
                at
            }
            Err(at) => {
                self.classes.insert(at, (class, 1));
                at
            }
        };
    }

    /// How many durations were counted.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// The duration in microseconds that `percent` of all do not exceed; 0 if nothing was counted.
    pub(crate) fn percentile(&self, percent: f64) -> f64 {
        let wanted = ((percent / 100.0 * self.total as f64 + 0.5) as u64).max(1);
        let mut seen = 0;
        let class = self.classes.iter().find(|&&(_, count)| {
            seen += count;
            seen >= wanted
        });
        class.map_or(0.0, |&(class, _)| longest_of(class) as f64 / 1000.0)
    }

    /// Microseconds, each about twice the one before, with how many durations do not exceed them.
    pub(crate) fn powers_of_two(&self) -> Vec<(u64, u64)> {
        let mut steps = Vec::new();
        let (mut level, mut seen) = (1024, 0);
        let mut classes = self.classes.iter().peekable();
        while seen < self.total {
            let class = class_of(level);
            let before = seen;
            while let Some((_, count)) = classes.next_if(|&&(other, _)| other <= class) {
                seen += count;
            }
            if seen > before {
                steps.push((longest_of(class) / 1000, seen));
            }
            level *= 2;
        }
        steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_keep_two_significant_digits() {
        for (nanos, longest) in [
            (0, 1),
            (1, 1),
            (127, 127),
            (255, 255),
            (256, 257),
            (1000, 1003),
            (1024, 1031),
            (10_000, 10_047),
            (32_768, 33_023),
            (1_000_000, 1_003_519),
        ] {
            assert_eq!(longest_of(class_of(nanos)), longest, "{nanos} ns");
        }
        let mut before = 0;
        for nanos in (1..200_000).step_by(7) {
            let class = class_of(nanos);
            assert!(class >= before, "classes are in order");
            assert!(longest_of(class) >= nanos, "{nanos} ns is within its class");
            assert!(
                class == 0 || longest_of(class - 1) < nanos,
                "{nanos} ns is in no shorter class"
            );
            before = class;
        }
    }

    #[test]
    fn percentiles_are_the_longest_of_their_class() {
        let mut histogram = Histogram::default();
        for micros in 0..1000 {
            histogram.record(micros);
        }
        assert_eq!(histogram.total(), 1000, "all");
        let close = |percent: f64, micros: f64| {
            let found = histogram.percentile(percent);
            assert!((found - micros).abs() <= micros / 100.0, "{percent}%: {found}, not {micros}");
        };
        close(50.0, 500.0);
        close(99.0, 990.0);
        close(99.9, 999.0);
    }

    #[test]
    fn steps_are_cumulative_and_leave_out_those_that_add_nothing() {
        let mut histogram = Histogram::default();
        for micros in [0, 1, 1, 5, 5000] {
            histogram.record(micros);
        }
        assert_eq!(histogram.powers_of_two(), [(1, 3), (8, 4), (8454, 5)]);
    }
}
