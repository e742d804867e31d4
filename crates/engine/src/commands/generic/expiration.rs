//! Setting when keys end.

use crate::args::Args;
use crate::command::args::{KEY, integer, one_of, token, unix_time};
use crate::command::{Answer, Arg, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::database::is_over;
use crate::error::CmdError;

pub(super) const COMMANDS: &[CommandSpec] = &[EXPIRE, PEXPIRE, EXPIREAT, PEXPIREAT, PERSIST];

const CONDITION: Arg = one_of("condition", &[token("NX"), token("XX"), token("GT"), token("LT")])
    .optional()
    .since("7.0.0");

const CONDITION_CAME: &[(&str, &str)] = &[("7.0.0", "Takes a condition: NX, XX, GT or LT.")];

const BASE: CommandSpec = CommandSpec {
    group: Group::Generic,
    complexity: "O(1)",
    flags: Flags::WRITE.or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RW", "update"])],
    ..CommandSpec::DEFAULT
};

const EXPIRE: CommandSpec = CommandSpec {
    name: "EXPIRE",
    since: "1.0.0",
    summary: "Lets a key end in so many seconds.",
    args: &[KEY, integer("seconds"), CONDITION],
    history: CONDITION_CAME,
    see_also: &["TTL", "PERSIST", "EXPIREAT", "PEXPIRE"],
    examples: "\
> SET code 4711
OK
> EXPIRE code 30
(integer) 1
> TTL code
(integer) 30
> EXPIRE nothing 30
(integer) 0
",
    run: |ctx, args| expire(ctx, args, "expire", SECONDS, Since::Now),
    ..BASE
};

const PEXPIRE: CommandSpec = CommandSpec {
    name: "PEXPIRE",
    since: "2.6.0",
    summary: "Lets a key end in so many milliseconds.",
    args: &[KEY, integer("milliseconds"), CONDITION],
    history: CONDITION_CAME,
    see_also: &["PTTL", "EXPIRE"],
    examples: "\
> SET lock 1
OK
> PEXPIRE lock 250
(integer) 1
",
    run: |ctx, args| expire(ctx, args, "pexpire", MILLISECONDS, Since::Now),
    ..BASE
};

const EXPIREAT: CommandSpec = CommandSpec {
    name: "EXPIREAT",
    since: "1.2.0",
    summary: "Lets a key end at a second since 1970.",
    args: &[KEY, unix_time("unix-time-seconds"), CONDITION],
    history: CONDITION_CAME,
    see_also: &["EXPIRETIME", "EXPIRE"],
    examples: "\
> SET offer 20%
OK
> EXPIREAT offer 33177117420
(integer) 1
> EXPIRETIME offer
(integer) 33177117420
",
    run: |ctx, args| expire(ctx, args, "expireat", SECONDS, Since::Epoch),
    ..BASE
};

const PEXPIREAT: CommandSpec = CommandSpec {
    name: "PEXPIREAT",
    since: "2.6.0",
    summary: "Lets a key end at a millisecond since 1970.",
    args: &[KEY, unix_time("unix-time-milliseconds"), CONDITION],
    history: CONDITION_CAME,
    see_also: &["PEXPIRETIME", "EXPIREAT"],
    examples: "\
> SET offer 20%
OK
> PEXPIREAT offer 33177117420000
(integer) 1
> EXPIRETIME offer
(integer) 33177117420
",
    run: |ctx, args| expire(ctx, args, "pexpireat", MILLISECONDS, Since::Epoch),
    ..BASE
};

const PERSIST: CommandSpec = CommandSpec {
    name: "PERSIST",
    since: "2.2.0",
    summary: "Lets a key live for ever again.",
    args: &[KEY],
    see_also: &["EXPIRE", "TTL"],
    examples: "\
> SET code 4711 EX 30
OK
> PERSIST code
(integer) 1
> TTL code
(integer) -1
",
    run: persist,
    ..BASE
};

/// Milliseconds of the unit that a command counts in.
const SECONDS: i64 = 1000;
const MILLISECONDS: i64 = 1;

/// Where a command counts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Since {
    Now,
    Epoch,
}

/// Under which conditions a deadline is set; several may be asked for.
#[expect(clippy::struct_excessive_bools, reason = "each is a word of its own")]
#[derive(Debug, Clone, Copy, Default)]
struct Conditions {
    nx: bool,
    xx: bool,
    gt: bool,
    lt: bool,
}

impl Conditions {
    fn parse(mut args: Args<'_>) -> Result<Self, CmdError> {
        let mut conditions = Self::default();
        while !args.is_empty() {
            if args.take_token("NX") {
                conditions.nx = true;
            } else if args.take_token("XX") {
                conditions.xx = true;
            } else if args.take_token("GT") {
                conditions.gt = true;
            } else if args.take_token("LT") {
                conditions.lt = true;
            } else {
                let word = args.next_word()?;
                return Err(CmdError::repeating("ERR Unsupported option ", word, ""));
            }
        }
        let Self { nx, xx, gt, lt } = conditions;
        if nx && (xx || gt || lt) {
            return Err(CmdError::Msg(
                "ERR NX and XX, GT or LT options at the same time are not compatible",
            ));
        }
        if gt && lt {
            return Err(CmdError::Msg("ERR GT and LT options at the same time are not compatible"));
        }
        Ok(conditions)
    }

    /// Whether `at` may take the place of `current`; a key without a deadline counts as ending after all others.
    fn allow(self, current: Option<i64>, at: i64) -> bool {
        !(self.nx && current.is_some()
            || self.xx && current.is_none()
            || self.gt && current.is_none_or(|current| at <= current)
            || self.lt && current.is_some_and(|current| at >= current))
    }
}

fn expire(
    ctx: &mut Ctx<'_>,
    mut args: Args<'_>,
    name: &'static str,
    unit_ms: i64,
    since: Since,
) -> Result<Answer, CmdError> {
    let (key, time) = (args.next_word()?, args);
    let conditions = Conditions::parse(time.skip(1))?;
    let base = if since == Since::Now { ctx.keys.now } else { 0 };
    let at = { time }
        .next_i64()?
        .checked_mul(unit_ms)
        .and_then(|time| time.checked_add(base))
        .ok_or(CmdError::InvalidExpire(name))?;
    let place = ctx.keys.locate(key);
    // As any write it counts as a use of the key.
    ctx.keys.use_at(place);
    let is_set = place.is_taken() && conditions.allow(ctx.keys.deadline_at(place), at);
    if is_set && is_over(at, ctx.keys.now) {
        ctx.keys.remove_at(place, key, "del");
    } else if is_set {
        ctx.keys.set_deadline_at(place, at);
        ctx.keys.changed(key, "expire");
    }
    ctx.reply.integer(i64::from(is_set));
    Ok(Answer::Done)
}

fn persist(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let place = ctx.keys.locate(key);
    ctx.keys.use_at(place);
    let had_deadline = ctx.keys.clear_deadline_at(place);
    if had_deadline {
        ctx.keys.changed(key, "persist");
    }
    ctx.reply.integer(i64::from(had_deadline));
    Ok(Answer::Done)
}
