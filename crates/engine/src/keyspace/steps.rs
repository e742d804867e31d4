//! Steps in the table of a database's keys, and of keys and fields whose time is over.

use redarium_structures::hash_table::HashTableStep;
use redarium_structures::trace::Trace;

use super::{Keys, Place};
use crate::trace::{Step, Steps, Tracer};
use crate::types::encoding::{ConversionStep, Encoding};

/// A step in the table of a database's keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct KeysStep {
    /// The database.
    pub db: usize,
    /// What happened; ids are those of `KeyView`.
    pub step: HashTableStep,
}

/// A step of expiry; ids are those of `KeyView`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ExpiryStep {
    /// A command asked for a key whose time was over, and it went.
    Lazy {
        /// The database.
        db: usize,
        /// The key.
        id: u32,
    },
    /// The active cycle looked at a key with a deadline.
    Seen {
        /// The database.
        db: usize,
        /// The key.
        id: u32,
        /// Whether its time was over, so that it went.
        is_dead: bool,
    },
    /// The active cycle ended a sample; it begins another if more than a tenth of the keys were dead.
    Sample {
        /// The database.
        db: usize,
        /// Keys it looked at.
        seen: usize,
        /// Those of them that went.
        removed: usize,
    },
    /// After a jump of the clock everything that was due went at once, without samples.
    Swept {
        /// The database.
        db: usize,
        /// The key.
        id: u32,
    },
    /// Fields of a hash went whose time was over.
    Fields {
        /// The database.
        db: usize,
        /// The hash.
        id: u32,
        /// How many.
        removed: usize,
    },
}

/// Passes the steps of a database's table on, if someone records them.
#[derive(Debug)]
pub(crate) struct InKeys<'a> {
    db: usize,
    tracer: &'a Tracer,
}

impl<'a> InKeys<'a> {
    #[inline]
    pub(crate) fn new(db: usize, steps: Steps<'a>) -> Option<Self> {
        steps.map(|tracer| Self { db, tracer })
    }
}

impl Trace<HashTableStep> for InKeys<'_> {
    fn step(&mut self, step: HashTableStep) {
        self.tracer.push(Step::Keys(KeysStep { db: self.db, step }));
    }
}

impl<'a> Keys<'a> {
    /// What listens to the selected database's table.
    #[inline]
    pub(crate) fn listener(&self) -> Option<InKeys<'a>> {
        InKeys::new(self.db, self.steps)
    }

    /// Tells that the string at a place becomes `raw`, unless it is.
    #[cold]
    pub(super) fn tell_raw(&self, place: Place) {
        let Some(entry) = place.id.map(|id| self.database().entry(id)) else { return };
        let from = match entry.encoding() {
            "int" => Encoding::Int,
            "embstr" => Encoding::EmbStr,
            _ => return,
        };
        if let Some(tracer) = self.steps {
            let (to, len) = (Encoding::Raw, entry.value.len());
            tracer.push(Step::Conversion(ConversionStep { from, to, len }));
        }
    }

    /// Tells of a step of expiry if someone records steps.
    pub(crate) fn tell(&self, step: ExpiryStep) {
        if let Some(tracer) = self.steps {
            tracer.push(Step::Expiry(step));
        }
    }
}
