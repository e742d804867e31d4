//! The latency monitor: moments in which something took longer than `latency-monitor-threshold`.

use std::collections::VecDeque;

use redarium_structures::ordered::OrderedMap;
/// Moments of an event that are kept.
pub(crate) const SAMPLES_MAX: usize = 160;

/// One second in which an event took long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spike {
    /// The second, counted from 1970.
    pub at_seconds: i64,
    /// The longest duration in it, in milliseconds.
    pub ms: u64,
}

/// The long moments of one kind of event.
#[derive(Debug, Clone, Default)]
pub struct Series {
    spikes: VecDeque<Spike>,
    /// The longest duration ever, in milliseconds.
    pub max_ms: u64,
}

impl Series {
    /// The moments, oldest first.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Spike> {
        self.spikes.iter().copied()
    }

    /// The last moment.
    pub fn latest(&self) -> Option<Spike> {
        self.spikes.back().copied()
    }
}

/// All events of which something is known, by name.
#[derive(Debug, Clone, Default)]
pub struct LatencyMonitor {
    series: OrderedMap<&'static str, Series>,
}

impl LatencyMonitor {
    /// Notes that an event took so long.
    pub(crate) fn add(&mut self, event: &'static str, at_seconds: i64, ms: u64) {
        let series = self.series.get_or_default(event);
        series.max_ms = series.max_ms.max(ms);
        if let Some(last) = series.spikes.back_mut().filter(|last| last.at_seconds == at_seconds) {
            last.ms = last.ms.max(ms);
            return;
        }
        if series.spikes.len() == SAMPLES_MAX {
            series.spikes.pop_front();
        }
        series.spikes.push_back(Spike { at_seconds, ms });
    }

    /// All events, by name.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&'static str, &Series)> {
        self.series.iter().map(|(&name, series)| (name, series))
    }

    /// The moments of one event.
    pub fn get(&self, event: &str) -> Option<&Series> {
        self.series.get(event)
    }

    /// Forgets an event; whether anything was known of it.
    pub(crate) fn forget(&mut self, event: &str) -> bool {
        self.series.remove(event).is_some()
    }

    /// Forgets everything; how many events were known.
    pub(crate) fn clear(&mut self) -> usize {
        std::mem::take(&mut self.series).len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_keeps_its_longest_moment() {
        let mut monitor = LatencyMonitor::default();
        for (second, ms) in [(1, 20), (1, 50), (1, 30), (2, 10)] {
            monitor.add("command", second, ms);
        }
        let series = monitor.get("command").unwrap();
        let spikes: Vec<_> = series.iter().map(|spike| (spike.at_seconds, spike.ms)).collect();
        assert_eq!(spikes, [(1, 50), (2, 10)], "one for each second");
        assert_eq!(series.max_ms, 50, "of all");
        for second in 3..500 {
            monitor.add("command", second, 5);
        }
        assert_eq!(monitor.get("command").unwrap().iter().len(), SAMPLES_MAX, "no more");
        assert!(monitor.forget("command") && !monitor.forget("command"), "forgotten once");
    }
}
