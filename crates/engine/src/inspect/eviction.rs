//! Who has to go when memory is short.

use super::Inspector;
use crate::eviction::{self, Candidate};

/// A key that may have to go.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct CandidateView {
    /// Its database.
    pub db: usize,
    /// The key; it may be gone.
    pub key: String,
    /// How good a victim it is: idle seconds, or 255 less the counter of uses; for the policy by deadline a large number.
    pub score: u64,
}

/// The state of eviction.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct EvictionView {
    /// `maxmemory-policy`.
    pub policy: String,
    /// `maxmemory`, in bytes; 0 for no limit.
    pub maxmemory: usize,
    /// What keys and their tables use, in bytes; counted only where there is a limit.
    pub used: usize,
    /// `maxmemory-samples`: keys that are drawn at a time.
    pub samples: usize,
    /// Keys evicted so far.
    pub evicted: u64,
    /// The keys drawn last.
    pub drawn: Vec<CandidateView>,
    /// The best candidates of all draws, worst first.
    pub pool: Vec<CandidateView>,
    /// The last victim.
    pub victim: Option<CandidateView>,
}

impl Inspector<'_> {
    /// The state of eviction. O(databases).
    pub fn eviction(&self) -> EvictionView {
        let config = self.engine.config();
        let (tables, values) = eviction::used_by_keys(self.engine.databases());
        let state = self.engine.eviction();
        EvictionView {
            policy: config.maxmemory_policy.clone(),
            maxmemory: config.maxmemory,
            used: if config.maxmemory == 0 { 0 } else { tables + values },
            samples: config.maxmemory_samples as usize,
            evicted: self.engine.effects().evicted,
            drawn: state.drawn.iter().map(candidate).collect(),
            pool: state.pool.iter().map(candidate).collect(),
            victim: state.victim.as_ref().map(candidate),
        }
    }
}

fn candidate(candidate: &Candidate) -> CandidateView {
    let Candidate { db, key, score } = candidate;
    CandidateView { db: *db, key: String::from_utf8_lossy(key).into_owned(), score: *score }
}

#[cfg(test)]
mod tests {
    use crate::{Engine, Options};

    #[test]
    fn the_victim_was_the_best_of_the_pool() {
        let mut node = Engine::new(Options { start: 1_767_603_600_000, ..Options::default() });
        let me = node.connect("127.0.0.1:50000");
        for number in 0..100 {
            node.feed(me, format!("SET key:{number} {}\r\n", "x".repeat(1000)).as_bytes());
            node.advance_to(node.now() + 1000);
        }
        assert_eq!(node.inspect().eviction().used, 0, "not counted without a limit");
        node.feed(me, b"CONFIG SET maxmemory-policy allkeys-lru maxmemory 100kb\r\nPING\r\n");
        let view = node.inspect().eviction();
        assert!(view.used <= view.maxmemory, "{} of {}", view.used, view.maxmemory);
        assert_eq!(view.drawn.len(), 5, "as many as maxmemory-samples says");
        let victim = view.victim.unwrap();
        assert!(view.pool.iter().all(|other| other.score <= victim.score), "nobody better is left");
        assert!(view.evicted > 0, "some have gone");
    }
}
