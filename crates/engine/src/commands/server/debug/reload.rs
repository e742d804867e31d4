//! All data written and read back, as if the node had been stopped and started again.

use crate::args::Args;
use crate::command::Answer;
use crate::context::Ctx;
use crate::database::Database;
use crate::error::CmdError;
use crate::persistence::load::run_commands;
use crate::rdb::{Loading, load_file};

const FAILED: CmdError = CmdError::Msg("ERR Error trying to load the RDB dump, check server logs.");

/// Through a snapshot. O(data); all of it exists twice meanwhile.
pub(super) fn snapshot(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
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
        // Only the host could read the file, and it does so when a node starts.
        return Err(FAILED);
    }
    let (persistence, data, effects) = ctx.saving();
    let bytes = persistence.snapshot_bytes(data);
    if persistence.has_files() {
        persistence.save(data, effects, None)?;
    }
    let (config, seed, now) = (&*ctx.config, ctx.keys.seed, ctx.keys.now);
    let loading = Loading { config, seed, rng: ctx.rng, now, keeps_dead: false };
    let loaded = load_file(&bytes, loading).ok().ok_or(FAILED)?;
    replace(ctx, loaded.dbs)
}

/// Through the commands that make it. O(data).
pub(super) fn commands(ctx: &mut Ctx<'_>, _: Args<'_>) -> Result<Answer, CmdError> {
    let (persistence, data, _) = ctx.saving();
    let bytes = persistence.commands_bytes(data);
    let dbs = run_commands(&bytes, ctx.config, ctx.keys.seed, ctx.keys.now);
    replace(ctx, dbs.map_err(|error| CmdError::Text(format!("ERR {error}")))?)
}

fn replace(ctx: &mut Ctx<'_>, dbs: Vec<Database>) -> Result<Answer, CmdError> {
    for mut old in std::mem::replace(ctx.keys.dbs, dbs) {
        ctx.keys.graveyard.bury_table(old.take_table());
    }
    ctx.keys.effects.dirty = 0;
    ctx.reply.ok();
    Ok(Answer::Done)
}
