//! What the commands that set when keys or fields of hashes end have in common.

use crate::args::Args;
use crate::command::args::{Arg, integer, one_of, token, unix_time};

/// `NX | XX | GT | LT`, as every one of these commands has it.
pub(super) const CONDITION: Arg =
    one_of("condition", &[token("NX"), token("XX"), token("GT"), token("LT")]).optional();

/// `EX seconds`.
pub(super) const EX: Arg = integer("seconds").after("EX");
/// `PX milliseconds`.
pub(super) const PX: Arg = integer("milliseconds").after("PX");
/// `EXAT unix-time-seconds`.
pub(super) const EXAT: Arg = unix_time("unix-time-seconds").after("EXAT");
/// `PXAT unix-time-milliseconds`.
pub(super) const PXAT: Arg = unix_time("unix-time-milliseconds").after("PXAT");

/// Milliseconds of the unit that a command counts in.
pub(super) const SECONDS: i64 = 1000;
/// The same for milliseconds.
pub(super) const MILLISECONDS: i64 = 1;

/// Where a command counts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Since {
    Now,
    Epoch,
}

/// Takes the next word if it is EX, PX, EXAT or PXAT: milliseconds of the unit that it counts in, and from where.
pub(super) fn take_unit(args: &mut Args<'_>) -> Option<(i64, Since)> {
    [
        ("EX", SECONDS, Since::Now),
        ("PX", MILLISECONDS, Since::Now),
        ("EXAT", SECONDS, Since::Epoch),
        ("PXAT", MILLISECONDS, Since::Epoch),
    ]
    .into_iter()
    .find(|&(token, ..)| args.take_token(token))
    .map(|(_, unit_ms, since)| (unit_ms, since))
}

/// The moment that a command names, in milliseconds since 1970; `None` if there is no number for it.
pub(super) fn moment(amount: i64, unit_ms: i64, since: Since, now: i64) -> Option<i64> {
    let base = if since == Since::Now { now } else { 0 };
    amount.checked_mul(unit_ms)?.checked_add(base)
}

/// Under which conditions a deadline is set; several may be asked for.
#[expect(clippy::struct_excessive_bools, reason = "each is a word of its own")]
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Conditions {
    pub(super) nx: bool,
    pub(super) xx: bool,
    pub(super) gt: bool,
    pub(super) lt: bool,
}

impl Conditions {
    /// Takes the next word if it is a condition.
    pub(super) fn take(&mut self, args: &mut Args<'_>) -> bool {
        let Self { nx, xx, gt, lt } = self;
        for (token, flag) in [("NX", nx), ("XX", xx), ("GT", gt), ("LT", lt)] {
            if args.take_token(token) {
                *flag = true;
                return true;
            }
        }
        false
    }

    /// How many different ones there are.
    pub(super) fn count(self) -> usize {
        [self.nx, self.xx, self.gt, self.lt].into_iter().filter(|&flag| flag).count()
    }

    /// Whether `at` may take the place of `current`; what has no deadline counts as ending after all others.
    pub(super) fn allow(self, current: Option<i64>, at: i64) -> bool {
        !(self.nx && current.is_some()
            || self.xx && current.is_none()
            || self.gt && current.is_none_or(|current| at <= current)
            || self.lt && current.is_some_and(|current| at >= current))
    }
}
