//! COMMAND GETKEYS: which words of a command are keys, without running it.

use crate::args::Args;
use crate::command::key_search::{FoundKey, keys_in};
use crate::command::{Answer, Flags};
use crate::context::Ctx;
use crate::dispatch;
use crate::error::CmdError;

/// COMMAND GETKEYS.
pub(super) fn get_keys(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    let found = keys_of(args.tail())?;
    ctx.reply.array(found.len());
    for (key, _) in found {
        ctx.reply.bulk(key);
    }
    Ok(Answer::Done)
}

/// COMMAND GETKEYSANDFLAGS.
pub(super) fn get_keys_and_flags(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    let found = keys_of(args.tail())?;
    ctx.reply.array(found.len());
    for (key, flags) in found {
        ctx.reply.array(2);
        ctx.reply.bulk(key);
        ctx.reply.set(flags.len());
        for flag in flags {
            ctx.reply.simple(flag);
        }
    }
    Ok(Answer::Done)
}

/// A key and what the command would do to it.
type Key<'a> = (&'a [u8], &'static [&'static str]);

/// The keys of a command with the flags of what it would do to them.
fn keys_of(args: Args<'_>) -> Result<Vec<Key<'_>>, CmdError> {
    let found = dispatch::resolve(args)
        .map_err(|_not_found| CmdError::Msg("ERR Invalid command specified"))?;
    if found.spec.keys.is_empty() {
        return Err(CmdError::Msg("ERR The command has no key arguments"));
    }
    if !found.spec.accepts(args.total(), found.container.is_some()) {
        return Err(CmdError::Msg("ERR Invalid number of arguments specified for command"));
    }
    let words: Vec<_> = args.all().collect();
    let key = |found: FoundKey| Some((*words.get(found.at)?, found.flags));
    let keys: Vec<_> = keys_in(found.spec, &words).into_iter().filter_map(key).collect();
    if keys.is_empty() && !found.spec.flags.has(Flags::NO_MANDATORY_KEYS) {
        return Err(CmdError::Msg("ERR Invalid arguments specified for command"));
    }
    Ok(keys)
}
