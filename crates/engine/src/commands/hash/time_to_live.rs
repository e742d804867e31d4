//! Telling when fields end.

use super::field_args::{FIELDS, only_fields, refuse_other_types};
use crate::args::Args;
use crate::command::args::KEY;
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::types::hash::Hash;

pub(super) const COMMANDS: &[CommandSpec] = &[HTTL, HPTTL, HEXPIRETIME, HPEXPIRETIME];

const BASE: CommandSpec = CommandSpec {
    group: Group::Hash,
    since: "7.4.0",
    complexity: "O(N), N being the number of fields named.",
    flags: Flags::READONLY.or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RO", "access"])],
    args: &[KEY, FIELDS],
    ..CommandSpec::DEFAULT
};

const HTTL: CommandSpec = CommandSpec {
    name: "HTTL",
    summary: "Tells how many seconds fields of a hash have left: -1 for ever, -2 without such a field.",
    see_also: &["HPTTL", "HEXPIRE", "HEXPIRETIME", "TTL"],
    examples: "\
> HSET user:1 name ana code 4711
(integer) 2
> HEXPIRE user:1 30 FIELDS 1 code
1) (integer) 1
> HTTL user:1 FIELDS 3 name code age
1) (integer) -1
2) (integer) 30
3) (integer) -2
",
    run: |ctx, args| answer(ctx, args, |at, now| seconds(at - now)),
    ..BASE
};

const HPTTL: CommandSpec = CommandSpec {
    name: "HPTTL",
    summary: "Tells how many milliseconds fields of a hash have left: -1 for ever, -2 without such a field.",
    see_also: &["HTTL", "HPEXPIRE"],
    examples: "\
> HSETEX user:1 PX 2500 FIELDS 1 typing yes
(integer) 1
> HPTTL user:1 FIELDS 1 typing
1) (integer) 2500
",
    run: |ctx, args| answer(ctx, args, |at, now| at - now),
    ..BASE
};

const HEXPIRETIME: CommandSpec = CommandSpec {
    name: "HEXPIRETIME",
    summary: "Tells the second since 1970 at which fields of a hash end: -1 if never, -2 without such a field.",
    see_also: &["HEXPIREAT", "HPEXPIRETIME"],
    examples: "\
> HSETEX shop EXAT 33177117420 FIELDS 1 offer 20%
(integer) 1
> HEXPIRETIME shop FIELDS 1 offer
1) (integer) 33177117420
",
    run: |ctx, args| answer(ctx, args, |at, _| seconds(at)),
    ..BASE
};

const HPEXPIRETIME: CommandSpec = CommandSpec {
    name: "HPEXPIRETIME",
    summary: "Tells the millisecond since 1970 at which fields of a hash end, as HEXPIRETIME does.",
    see_also: &["HPEXPIREAT", "HEXPIRETIME"],
    examples: "\
> HSETEX shop EXAT 33177117420 FIELDS 1 offer 20%
(integer) 1
> HPEXPIRETIME shop FIELDS 1 offer
1) (integer) 33177117420000
",
    run: |ctx, args| answer(ctx, args, |at, _| at),
    ..BASE
};

/// Milliseconds in whole seconds, rounded up, where TTL rounds to the nearest.
fn seconds(ms: i64) -> i64 {
    ms.saturating_add(999) / 1000
}

/// Answers with `time` of each field's deadline and the clock, or with what stands for the lack of one.
fn answer(
    ctx: &mut Ctx<'_>,
    mut args: Args<'_>,
    time: fn(i64, i64) -> i64,
) -> Result<Answer, CmdError> {
    let (key, now) = (args.next_word()?, ctx.keys.now);
    refuse_other_types(ctx, key)?;
    let fields = only_fields(args)?;
    let hash = ctx.keys.read::<Hash>(key)?;
    ctx.reply.array(fields.len());
    for field in fields.rest() {
        let deadline = hash.and_then(|hash| hash.deadline(field, now, &mut ctx.trace));
        let code = deadline.map_or(-2, |deadline| deadline.map_or(-1, |at| time(at, now)));
        ctx.reply.integer(code);
    }
    Ok(Answer::Done)
}
