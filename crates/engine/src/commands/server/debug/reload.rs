//! Every value written as bytes and read back, as if the node had been stopped and started again.

use crate::args::Args;
use crate::command::Answer;
use crate::context::Ctx;
use crate::error::CmdError;
use crate::rdb::{Loader, Malformed, Saver};
use crate::schedule::is_over;

const FAILED: CmdError = CmdError::Msg("ERR Error trying to load the RDB dump, check server logs.");

/// O(data); one value at a time exists twice.
pub(super) fn run(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let mut is_saved = true;
    while !args.is_empty() {
        if args.take_token("NOSAVE") {
            is_saved = false;
        } else if !args.take_token("MERGE") && !args.take_token("NOFLUSH") {
            return Err(CmdError::Msg(
                "ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.",
            ));
        }
    }
    if !is_saved {
        // There is no file.
        return Err(FAILED);
    }
    let mut saver = Saver::new(ctx.config.saving());
    let mut loader = Loader::new(ctx.config, ctx.keys.seed, ctx.rng);
    for number in 0..ctx.keys.dbs.len() {
        let mut keys = ctx.keys.in_db(number);
        let ids: Vec<u32> = keys.database().table().ids().collect();
        for id in ids {
            if keys.database().deadline(id).is_some_and(|at| is_over(at, keys.now)) {
                keys.expire(id);
                continue;
            }
            let bytes = saver.save(&keys.database().entry(id).value);
            let value = loader.load(&bytes).map_err(|Malformed| FAILED)?;
            let old = keys.database_mut().replace(id, value);
            keys.graveyard.bury(old);
        }
    }
    ctx.keys.effects.dirty = 0;
    ctx.reply.ok();
    Ok(Answer::Done)
}
