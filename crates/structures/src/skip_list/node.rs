//! How a skip list's nodes lie in memory.
//!
//! Three nodes in four have level 0 only, so that level is in the node and the others are in a
//! tower. A tower repeats the score: a search in the upper levels reads towers alone, one cache
//! line each, and meets the nodes only at the bottom. There it reads scores and links; members lie
//! apart, so that what searches read stays small enough to be kept in a cache.

use super::MAX_LEVEL;
use crate::bytes::Bytes;

/// Upper levels that fit into the tower itself: what fills a cache line. One node in 4^5 has more.
const NEAR: usize = 5;
/// Upper levels in the second block.
const FAR: usize = MAX_LEVEL - 1 - NEAR;

/// Bytes of the second block.
pub(super) const TALL_BYTES: usize = size_of::<[Level; FAR]>();

/// Level 0 of a member, and all that a search reads there; four to a cache line.
#[derive(Clone, Debug, Default)]
#[repr(C, align(16))]
pub(super) struct Node {
    pub(super) score: f64,
    pub(super) next: u32,
    pub(super) back: u32,
}

const _: () = assert!(size_of::<Node>() == 16, "four to a cache line");

/// The rest of a node, under the same id.
#[derive(Clone, Debug, Default)]
#[repr(C, align(32))]
pub(super) struct Rest {
    pub(super) member: Bytes,
    /// The tower with the upper levels, 0 for none.
    pub(super) tower: u32,
}

const _: () = assert!(size_of::<Rest>() == 32, "never spread over two cache lines");

/// A link of an upper level.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Level {
    /// The next tower in this level, 0 for none.
    pub(super) next: u32,
    /// How many nodes further it stands; for the last link, how many nodes follow.
    pub(super) span: u32,
}

/// The levels of a node from 1 up.
#[derive(Clone, Debug, Default)]
#[repr(C, align(64))]
pub(super) struct Tower {
    pub(super) score: f64,
    pub(super) node: u32,
    height: u8,
    near: [Level; NEAR],
    far: Option<Box<[Level; FAR]>>,
}

const _: () = assert!(size_of::<Tower>() == 64, "a tower is one cache line");

impl Tower {
    pub(super) fn new(node: u32, score: f64, height: usize) -> Self {
        let far = (height > 1 + NEAR).then(Box::default);
        Self { score, node, height: height as u8, near: Default::default(), far }
    }

    /// Levels of the node, level 0 included.
    pub(super) fn height(&self) -> usize {
        usize::from(self.height)
    }

    /// True when there is a second block.
    pub(super) fn is_tall(&self) -> bool {
        self.far.is_some()
    }

    /// The link of a level from 1 up.
    #[inline]
    pub(super) fn link(&self, level: usize) -> &Level {
        match &self.far {
            Some(far) if level > NEAR => &far[level - 1 - NEAR],
            _ => &self.near[level - 1],
        }
    }

    /// The link of a level from 1 up, to be changed.
    #[inline]
    pub(super) fn link_mut(&mut self, level: usize) -> &mut Level {
        match &mut self.far {
            Some(far) if level > NEAR => &mut far[level - 1 - NEAR],
            _ => &mut self.near[level - 1],
        }
    }
}
