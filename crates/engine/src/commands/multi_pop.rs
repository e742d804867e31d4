//! What LMPOP, ZMPOP and their kin that wait share: the words from the number of keys on.

use crate::args::Args;
use crate::error::CmdError;

/// From which keys, at which end and how much is taken; each family adds how.
#[derive(Debug, Clone, Copy)]
pub(super) struct MultiPop<'a, End> {
    /// The keys.
    pub(super) keys: Args<'a>,
    /// Where it is taken.
    pub(super) end: End,
    /// How many elements are taken at most.
    pub(super) count: usize,
}

impl<'a, End> MultiPop<'a, End> {
    /// Reads `numkeys key [key ...] end [COUNT count]` to the last word; `next_end` reads the end.
    pub(super) fn parse(
        mut args: Args<'a>,
        next_end: fn(&mut Args<'_>) -> Result<End, CmdError>,
    ) -> Result<Self, CmdError> {
        let numkeys = args.next_numkeys()?;
        if numkeys >= args.len() {
            return Err(CmdError::Syntax);
        }
        let keys = args.take(numkeys);
        let mut options = args.skip(numkeys);
        let end = next_end(&mut options)?;
        let mut count = 1;
        if options.take_token("COUNT") {
            count =
                options.next_at_least(1, CmdError::Msg("ERR count should be greater than 0"))?;
        }
        options.finish()?;
        Ok(Self { keys, end, count })
    }
}
