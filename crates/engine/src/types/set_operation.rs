//! What a set operation does: in which order it goes through the sets, and what it looks up.

/// How an operation finds its members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum SetPlan {
    /// Each member of the smallest set is looked up in the others.
    Intersection,
    /// The members of all sets are added up.
    Union,
    /// Each member of the first set is looked up in the others.
    DifferenceByLookup,
    /// All members of the first set are added, and those of the others are removed again.
    DifferenceByRemoval,
}

/// A step of an operation on sets or sorted sets; `source` counts the command's source keys from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum SetOperationStep {
    /// The way was chosen; the sources follow in the order in which they are used.
    Plan {
        /// The way.
        plan: SetPlan,
    },
    /// A set has its place in the order.
    Source {
        /// Which.
        source: usize,
        /// Its members.
        len: usize,
    },
    /// The operation came to a member of a set.
    Visit {
        /// The set.
        source: usize,
    },
    /// The member was looked up in another set.
    Test {
        /// The other set.
        source: usize,
        /// Whether it is there.
        found: bool,
    },
    /// The member belongs to the result.
    Keep,
    /// The member was removed from the result, if it was there.
    Drop,
}
