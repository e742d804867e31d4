//! Setting when fields end.

use super::field_args::{
    FIELDS, conditions_and_fields, field_end, only_fields, refuse_other_types,
};
use crate::args::Args;
use crate::command::args::{KEY, integer, unix_time};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::commands::deadline::{CONDITION, MILLISECONDS, SECONDS, Since};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::schedule::is_over;

pub(super) const COMMANDS: &[CommandSpec] = &[HEXPIRE, HPEXPIRE, HEXPIREAT, HPEXPIREAT, HPERSIST];

const BASE: CommandSpec = CommandSpec {
    group: Group::Hash,
    since: "7.4.0",
    complexity: "O(N), N being the number of fields named.",
    flags: Flags::WRITE.or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RW", "update"])],
    ..CommandSpec::DEFAULT
};

const HEXPIRE: CommandSpec = CommandSpec {
    name: "HEXPIRE",
    summary: "Lets fields of a hash end in so many seconds.",
    args: &[KEY, integer("seconds"), CONDITION, FIELDS],
    see_also: &["HTTL", "HPERSIST", "HSETEX", "EXPIRE"],
    examples: "\
> HSET user:1 name ana code 4711
(integer) 2
> HEXPIRE user:1 30 FIELDS 2 code age
1) (integer) 1
2) (integer) -2
> HTTL user:1 FIELDS 2 name code
1) (integer) -1
2) (integer) 30
",
    run: |ctx, args| expire(ctx, args, "hexpire", SECONDS, Since::Now),
    ..BASE
};

const HPEXPIRE: CommandSpec = CommandSpec {
    name: "HPEXPIRE",
    summary: "Lets fields of a hash end in so many milliseconds.",
    args: &[KEY, integer("milliseconds"), CONDITION, FIELDS],
    see_also: &["HPTTL", "HEXPIRE"],
    examples: "\
> HSET user:1 typing yes
(integer) 1
> HPEXPIRE user:1 2500 FIELDS 1 typing
1) (integer) 1
",
    run: |ctx, args| expire(ctx, args, "hpexpire", MILLISECONDS, Since::Now),
    ..BASE
};

const HEXPIREAT: CommandSpec = CommandSpec {
    name: "HEXPIREAT",
    summary: "Lets fields of a hash end at a second since 1970.",
    args: &[KEY, unix_time("unix-time-seconds"), CONDITION, FIELDS],
    see_also: &["HEXPIRETIME", "HEXPIRE"],
    examples: "\
> HSET shop offer 20%
(integer) 1
> HEXPIREAT shop 33177117420 FIELDS 1 offer
1) (integer) 1
> HEXPIRETIME shop FIELDS 1 offer
1) (integer) 33177117420
",
    run: |ctx, args| expire(ctx, args, "hexpireat", SECONDS, Since::Epoch),
    ..BASE
};

const HPEXPIREAT: CommandSpec = CommandSpec {
    name: "HPEXPIREAT",
    summary: "Lets fields of a hash end at a millisecond since 1970.",
    args: &[KEY, unix_time("unix-time-milliseconds"), CONDITION, FIELDS],
    see_also: &["HPEXPIRETIME", "HEXPIREAT"],
    examples: "\
> HSET shop offer 20%
(integer) 1
> HPEXPIREAT shop 33177117420000 FIELDS 1 offer
1) (integer) 1
> HEXPIRETIME shop FIELDS 1 offer
1) (integer) 33177117420
",
    run: |ctx, args| expire(ctx, args, "hpexpireat", MILLISECONDS, Since::Epoch),
    ..BASE
};

const HPERSIST: CommandSpec = CommandSpec {
    name: "HPERSIST",
    summary: "Lets fields of a hash live for ever again.",
    args: &[KEY, FIELDS],
    see_also: &["HEXPIRE", "HTTL"],
    examples: "\
> HSETEX user:1 EX 30 FIELDS 1 code 4711
(integer) 1
> HPERSIST user:1 FIELDS 1 code
1) (integer) 1
> HTTL user:1 FIELDS 1 code
1) (integer) -1
",
    run: persist,
    ..BASE
};

/// What is answered for a field that is not there.
const NO_FIELD: i64 = -2;
/// For a field that does not end, where one that does was asked for.
const NO_DEADLINE: i64 = -1;
/// For a field whose deadline the condition protects.
const REFUSED: i64 = 0;
/// For a field whose deadline was set or removed.
const DONE: i64 = 1;
/// For a field that is gone, as the moment has passed.
const REMOVED: i64 = 2;

fn expire(
    ctx: &mut Ctx<'_>,
    mut args: Args<'_>,
    name: &'static str,
    unit_ms: i64,
    since: Since,
) -> Result<Answer, CmdError> {
    let (key, time, now) = (args.next_word()?, args.next_word()?, ctx.keys.now);
    let (conditions, fields) = conditions_and_fields(args)?;
    let at = field_end(time, unit_ms, since, now, name)?;
    let mut hash = ctx.keys.edit_fields(key, fields.rest())?;
    ctx.reply.array(fields.len());
    let Some(hash) = &mut hash else {
        fields.rest().for_each(|_| ctx.reply.integer(NO_FIELD));
        return Ok(Answer::Done);
    };
    hash.make_timed(&mut ctx.trace);
    let mut changed = 0;
    for field in fields.rest() {
        let code = match hash.deadline(field, now, &mut ctx.trace) {
            None => NO_FIELD,
            Some(current) if !conditions.allow(current, at) => REFUSED,
            Some(_) if is_over(at, now) => {
                hash.remove(field, &mut ctx.trace);
                REMOVED
            }
            Some(_) => {
                hash.set_deadline(field, Some(at), &mut ctx.trace);
                DONE
            }
        };
        changed += u64::from(code > 0);
        ctx.reply.integer(code);
    }
    hash.changed_by(changed, if is_over(at, now) { "hdel" } else { "hexpire" });
    Ok(Answer::Done)
}

fn persist(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (key, now) = (args.next_word()?, ctx.keys.now);
    refuse_other_types(ctx, key)?;
    let fields = only_fields(args)?;
    let mut hash = ctx.keys.edit_fields(key, fields.rest())?;
    ctx.reply.array(fields.len());
    let mut changed = 0;
    for field in fields.rest() {
        let deadline = hash.as_ref().and_then(|hash| hash.deadline(field, now, &mut ctx.trace));
        let code = match (deadline, &mut hash) {
            (Some(Some(_)), Some(hash)) => {
                hash.set_deadline(field, None, &mut ctx.trace);
                changed += 1;
                DONE
            }
            (Some(_), _) => NO_DEADLINE,
            (None, _) => NO_FIELD,
        };
        ctx.reply.integer(code);
    }
    if let Some(hash) = &mut hash {
        hash.changed_by(changed, "hpersist");
    }
    Ok(Answer::Done)
}
