//! The facts of list pack operations, for whoever wants to follow them.
//!
//! It knows nothing about how steps are kept or shown.

/// What happened inside a list pack; offsets are positions at the moment of the step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ListPackStep {
    /// An entry was looked at, the `index`-th one met by this walk in the pack's own order.
    Visit {
        /// Its position.
        offset: usize,
        /// Its index from the head.
        index: usize,
    },
    /// An entry of `bytes` bytes was written, after `moved` bytes behind it had made room.
    Insert {
        /// Its position.
        offset: usize,
        /// Its length.
        bytes: usize,
        /// How many bytes were moved.
        moved: usize,
    },
    /// Entries of `bytes` bytes were taken out and `moved` bytes closed the gap.
    Remove {
        /// Where the first one stood.
        offset: usize,
        /// Their length.
        bytes: usize,
        /// How many bytes were moved.
        moved: usize,
    },
    /// An entry was written over an old one.
    Replace {
        /// Its position.
        offset: usize,
        /// The old length.
        from: usize,
        /// The new length.
        to: usize,
        /// How many bytes were moved; none when both have the same length.
        moved: usize,
    },
    /// The buffer was enlarged.
    Grow {
        /// Bytes reserved before.
        from: usize,
        /// Bytes reserved after.
        to: usize,
    },
    /// The buffer gave memory back.
    Shrink {
        /// Bytes reserved before.
        from: usize,
        /// Bytes reserved after.
        to: usize,
    },
}
