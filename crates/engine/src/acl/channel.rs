//! Which words of a command are channels that its client publishes to or subscribes to.

use crate::args::Args;

/// The channels among the words of a command: where they are, and whether they are patterns.
///
/// Leaving channels is open to all.
pub(super) fn channels_of(command: &str, args: Args<'_>) -> Option<(std::ops::Range<usize>, bool)> {
    match command {
        "PUBLISH" | "SPUBLISH" => Some((1..2, false)),
        "SUBSCRIBE" | "SSUBSCRIBE" => Some((1..args.total(), false)),
        "PSUBSCRIBE" => Some((1..args.total(), true)),
        _ => None,
    }
}
