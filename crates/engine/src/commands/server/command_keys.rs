//! COMMAND GETKEYS: which words of a command are keys, without running it.

use crate::args::Args;
use crate::command::{Answer, Flags, KeySpec};
use crate::context::Ctx;
use crate::dispatch;
use crate::error::CmdError;

/// A key and what the command would do to it.
struct Found<'a> {
    key: &'a [u8],
    flags: Vec<&'static str>,
}

/// COMMAND GETKEYS.
pub(super) fn get_keys(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    let found = keys_of(args.tail())?;
    ctx.reply.array(found.len());
    for Found { key, .. } in found {
        ctx.reply.bulk(key);
    }
    Ok(Answer::Done)
}

/// COMMAND GETKEYSANDFLAGS.
pub(super) fn get_keys_and_flags(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    let found = keys_of(args.tail())?;
    ctx.reply.array(found.len());
    for Found { key, flags } in found {
        ctx.reply.array(2);
        ctx.reply.bulk(key);
        ctx.reply.set(flags.len());
        for flag in flags {
            ctx.reply.simple(flag);
        }
    }
    Ok(Answer::Done)
}

fn keys_of(args: Args<'_>) -> Result<Vec<Found<'_>>, CmdError> {
    let found = dispatch::resolve(args)
        .map_err(|_not_found| CmdError::Msg("ERR Invalid command specified"))?;
    if found.spec.keys.is_empty() {
        return Err(CmdError::Msg("ERR The command has no key arguments"));
    }
    if !found.spec.accepts(args.total(), found.container.is_some()) {
        return Err(CmdError::Msg("ERR Invalid number of arguments specified for command"));
    }
    let words: Vec<_> = args.all().collect();
    let mut keys = Vec::new();
    for spec in found.spec.keys {
        for at in spec.positions(&words) {
            let Some(&key) = words.get(at) else { continue };
            keys.push(Found { key, flags: flags_for(found.spec.name, spec, &words) });
        }
    }
    if keys.is_empty() && !found.spec.flags.has(Flags::NO_MANDATORY_KEYS) {
        return Err(CmdError::Msg("ERR Invalid arguments specified for command"));
    }
    Ok(keys)
}

/// The flags of a key; those of SET and BITFIELD depend on the options that are given.
fn flags_for(command: &str, spec: &KeySpec, words: &[&[u8]]) -> Vec<&'static str> {
    let has =
        |token: &str| words.iter().skip(2).any(|word| word.eq_ignore_ascii_case(token.as_bytes()));
    match command {
        "SET" if has("GET") => vec!["RW", "access", "update"],
        "SET" => vec!["OW", "update"],
        "BITFIELD" if !has("SET") && !has("INCRBY") => vec!["RO", "access"],
        "BITFIELD" => vec!["RW", "access", "update"],
        _ => spec.flags.to_vec(),
    }
}
