//! The scripts that a node knows, by their SHA1 digest.
//!
//! As in Redis, those that came with EVAL make room for others when there are many; those of SCRIPT LOAD stay.
//! It knows nothing of how scripts are run.

use redarium_structures::bytes::Bytes;
use redarium_structures::ordered::OrderedMap;

/// Digits of a digest.
pub(crate) const SHA_DIGITS: usize = 40;

/// Scripts of EVAL that are kept.
const EVICTABLE_MAX: usize = 500;

/// The digest by which a script is known, in lower-case hexadecimal digits. O(n).
pub(crate) fn sha_of(source: &[u8]) -> String {
    sha1_smol::Sha1::from(source).digest().to_string()
}

#[derive(Debug, Clone)]
struct Known {
    source: Bytes,
    /// Its place among those that may be evicted; `None` if it may not.
    used: Option<u64>,
}

/// The scripts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cache {
    by_sha: OrderedMap<String, Known>,
    /// Those that may be evicted, the longest unused first.
    by_use: OrderedMap<u64, String>,
    uses: u64,
    source_bytes: usize,
    evicted: u64,
}

impl Cache {
    /// The source of a script.
    pub(crate) fn get(&self, sha: &str) -> Option<&Bytes> {
        self.by_sha.get(sha).map(|known| &known.source)
    }

    /// The source of a script that is used now.
    pub(crate) fn used(&mut self, sha: &str) -> Option<&Bytes> {
        let known = self.by_sha.get_mut(sha)?;
        if let Some(used) = &mut known.used
            && *used != self.uses
        {
            self.uses += 1;
            self.by_use.remove(used);
            *used = self.uses;
            self.by_use.insert(self.uses, sha.to_owned());
        }
        Some(&known.source)
    }

    /// Adds a script that is not known and may be evicted; the digest of one that was evicted for it.
    pub(crate) fn add(&mut self, sha: &str, source: Bytes) -> Option<String> {
        let is_full = self.by_use.len() >= EVICTABLE_MAX;
        let evicted = if is_full { self.by_use.pop_first() } else { None }.map(|(_, sha)| sha);
        if let Some(old) = evicted.as_ref().and_then(|sha| self.by_sha.remove(sha)) {
            self.source_bytes -= old.source.len();
            self.evicted += 1;
        }
        self.uses += 1;
        self.source_bytes += source.len();
        self.by_sha.insert(sha.to_owned(), Known { source, used: Some(self.uses) });
        self.by_use.insert(self.uses, sha.to_owned());
        evicted
    }

    /// Makes a script stay until all are forgotten.
    pub(crate) fn keep(&mut self, sha: &str) {
        if let Some(used) = self.by_sha.get_mut(sha).and_then(|known| known.used.take()) {
            self.by_use.remove(&used);
        }
    }

    /// Forgets all scripts; how many were evicted is still known.
    pub(crate) fn clear(&mut self) {
        *self = Self { evicted: self.evicted, ..Self::default() };
    }

    /// All scripts by their digests: digest, source, and whether it may be evicted.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Bytes, bool)> {
        self.by_sha.iter().map(|(sha, known)| (sha.as_str(), &known.source, known.used.is_some()))
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.by_sha.len()
    }

    /// How many have made room for others.
    pub(crate) fn evicted(&self) -> u64 {
        self.evicted
    }

    /// Bytes of memory that they take, roughly.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.source_bytes + self.len() * (SHA_DIGITS + size_of::<Known>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_unused_script_makes_room() {
        let mut cache = Cache::default();
        let sha = |number: usize| format!("{number:040}");
        let source = || Bytes::from(&b"return 1"[..]);
        for number in 0..EVICTABLE_MAX {
            assert_eq!(cache.add(&sha(number), source()), None, "there is room");
        }
        cache.keep(&sha(0));
        assert_eq!(cache.add("a", source()), None, "one of them is not counted");
        assert!(cache.used(&sha(1)).is_some(), "used again");
        assert_eq!(cache.add("b", source()), Some(sha(2)), "not the one just used");
        assert!(cache.get(&sha(0)).is_some(), "SCRIPT LOAD stays");
        assert!(cache.get(&sha(2)).is_none(), "evicted");
        assert_eq!((cache.len(), cache.evicted()), (EVICTABLE_MAX + 1, 1), "counted");
    }
}
