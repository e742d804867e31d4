//! Adding elements.

use super::check;
use crate::args::Args;
use crate::command::args::{KEY, word};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::types::hyper_log_log;
use crate::value::Value;

pub(super) const COMMANDS: &[CommandSpec] = &[PFADD];

const PFADD: CommandSpec = CommandSpec {
    name: "PFADD",
    group: Group::HyperLogLog,
    since: "2.8.9",
    summary: "Adds elements to a HyperLogLog; answers with 1 if its estimate may have changed.",
    complexity: "O(1) for each element.",
    flags: Flags::WRITE.or(Flags::DENYOOM).or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RW", "insert"])],
    args: &[KEY, word("element").many().optional()],
    see_also: &["PFCOUNT", "PFMERGE"],
    examples: "\
> PFADD visitors ann bob cid
(integer) 1
> PFADD visitors bob
(integer) 0
> PFCOUNT visitors
(integer) 3
",
    run: pfadd,
    ..CommandSpec::DEFAULT
};

fn pfadd(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let sparse_max = usize::try_from(ctx.config.hll_sparse_max_bytes).unwrap_or(usize::MAX);
    let mut place = ctx.keys.locate(key);
    let mut updated = 0;
    if let Some(value) = ctx.keys.at(place) {
        check(value)?;
    } else {
        place = ctx.keys.put(place, key, Value::from_raw(hyper_log_log::empty()), false);
        updated += 1;
    }
    let string = ctx.keys.raw_at(place)?;
    for element in args.rest() {
        updated += u64::from(hyper_log_log::add(string, element, sparse_max, &mut ctx.trace)?);
    }
    if updated > 0 {
        hyper_log_log::invalidate(string);
        ctx.keys.changed(key, "pfadd");
        ctx.keys.effects.dirty += updated - 1;
    }
    ctx.reply.integer(i64::from(updated > 0));
    Ok(Answer::Done)
}
