//! How the value of a key is stored.

use std::fmt::Write as _;

use crate::args::Args;
use crate::command::Answer;
use crate::context::Ctx;
use crate::database::Entry;
use crate::error::CmdError;
use crate::rdb::Saver;
use crate::types::sorted_set::SortedSet;
use crate::value::Value;

/// Where the first value seems to lie: a node has no addresses to show, but tools expect one.
const FIRST_ADDRESS: u64 = 0x7f00_0000_0000;

/// Bytes from one seeming address to the next.
const ADDRESS_STEP: u64 = 64;

/// Bits of the clock of last uses as it is shown.
const LRU_CLOCK_MASK: u32 = 0xFF_FFFF;

fn entry<'a>(ctx: &'a mut Ctx<'_>, key: &[u8]) -> Result<(u32, &'a Entry), CmdError> {
    let id = ctx.keys.find(key).ok_or(CmdError::NoSuchKey)?;
    Ok((id, ctx.keys.database().entry(id)))
}

pub(super) fn object(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (key, access, saving) = (args.next_word()?, ctx.keys.access, ctx.config.saving());
    let (id, entry) = entry(ctx, key)?;
    // Without the byte that tells the kind.
    let serialized = Saver::new(saving).save(&entry.value).len() - 1;
    let mut text = format!(
        "Value at:{:#x} refcount:1 encoding:{} serializedlength:{serialized} lru:{} lru_seconds_idle:{}",
        FIRST_ADDRESS + ADDRESS_STEP * u64::from(id),
        entry.encoding(),
        entry.access & LRU_CLOCK_MASK,
        if access.counts_uses() { 0 } else { access.idle_seconds(entry.access) },
    );
    if let Value::List(list) = &entry.value
        && let Some(quick) = list.quick()
    {
        let bytes: usize = quick.nodes().map(|node| node.bytes).sum();
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            " ql_nodes:{} ql_avg_node:{:.2} ql_listpack_max:{} ql_compressed:{} ql_uncompressed_size:{bytes}",
            quick.node_count(),
            quick.len() as f64 / quick.node_count().max(1) as f64,
            quick.fill().configured(),
            i32::from(quick.compress_depth() != 0),
        );
    }
    ctx.reply.simple(text);
    Ok(Answer::Done)
}

pub(super) fn list_pack(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (_, entry) = entry(ctx, args.next_word()?)?;
    let is_pack = match &entry.value {
        Value::Int(_) | Value::Str(_) | Value::Raw(_) | Value::Stream(_) => false,
        Value::List(list) => list.pack().is_some(),
        Value::Set(set) => set.pack().is_some(),
        Value::ZSet(set) => matches!(**set, SortedSet::ListPack(_)),
        Value::Hash(hash) => hash.pack().or(hash.timed_pack()).is_some(),
    };
    if !is_pack {
        return Err(CmdError::Msg("ERR Not a listpack encoded object."));
    }
    ctx.reply.simple("Listpack structure printed on stdout");
    Ok(Answer::Done)
}

pub(super) fn quick_list(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (_, entry) = entry(ctx, args.next_word()?)?;
    if !matches!(&entry.value, Value::List(list) if list.quick().is_some()) {
        return Err(CmdError::Msg("ERR Not a quicklist encoded object."));
    }
    ctx.reply.simple("Quicklist structure printed on stdout");
    Ok(Answer::Done)
}
