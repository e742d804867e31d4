//! Setting whole values, conditionally or not.

use super::compare::Comparison;
use super::get::reply_string;
use super::options::{Expiry, SetOptions};
use crate::args::Args;
use crate::command::args::{KEY, integer, one_of, token, word};
use crate::command::{Answer, CommandSpec, Deprecation, Flags, Group, KeySpec};
use crate::commands::deadline::{EX, EXAT, PX, PXAT};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::value::Value;

pub(super) const COMMANDS: &[CommandSpec] = &[SET, SETNX, SETEX, PSETEX, GETSET];

const SET: CommandSpec = CommandSpec {
    name: "SET",
    group: Group::String,
    since: "1.0.0",
    summary: "Sets a key to a string, whatever it held before.",
    complexity: "O(1)",
    flags: Flags::WRITE.or(Flags::DENYOOM),
    keys: &[KeySpec::one(1, &["RW", "access", "update", "variable_flags"])],
    args: &[
        KEY,
        word("value"),
        one_of(
            "condition",
            &[
                token("NX"),
                token("XX"),
                word("ifeq-value").after("IFEQ").since("8.4.0"),
                word("ifne-value").after("IFNE").since("8.4.0"),
                word("ifdeq-digest").after("IFDEQ").since("8.4.0"),
                word("ifdne-digest").after("IFDNE").since("8.4.0"),
            ],
        )
        .optional()
        .since("2.6.12"),
        token("GET").optional().since("6.2.0"),
        one_of(
            "expiration",
            &[
                EX.since("2.6.12"),
                PX.since("2.6.12"),
                EXAT.since("6.2.0"),
                PXAT.since("6.2.0"),
                token("KEEPTTL").since("6.0.0"),
            ],
        )
        .optional(),
    ],
    history: &[
        ("2.6.12", "The options EX, PX, NX and XX."),
        ("6.0.0", "The option KEEPTTL."),
        ("6.2.0", "The options GET, EXAT and PXAT."),
        ("7.0.0", "NX and GET may stand together."),
        ("8.4.0", "The options IFEQ, IFNE, IFDEQ and IFDNE."),
    ],
    see_also: &["GET", "MSET", "EXPIRE", "DIGEST"],
    examples: "\
> SET greeting hello
OK
> SET greeting hi NX
(nil)
> SET greeting hi GET EX 60
\"hello\"
> TTL greeting
(integer) 60
",
    run: set,
    ..CommandSpec::DEFAULT
};

const SETNX: CommandSpec = CommandSpec {
    name: "SETNX",
    group: Group::String,
    since: "1.0.0",
    summary: "Sets a key to a string if the key does not exist.",
    complexity: "O(1)",
    flags: Flags::WRITE.or(Flags::DENYOOM).or(Flags::FAST),
    keys: &[KeySpec::one(1, &["OW", "insert"])],
    args: &[KEY, word("value")],
    deprecated: Some(Deprecation { since: "2.6.12", replaced_by: "SET key value NX" }),
    see_also: &["SET", "MSETNX"],
    examples: "\
> SETNX lock ann
(integer) 1
> SETNX lock bob
(integer) 0
",
    run: setnx,
    ..CommandSpec::DEFAULT
};

const SETEX: CommandSpec = CommandSpec {
    name: "SETEX",
    group: Group::String,
    since: "2.0.0",
    summary: "Sets a key to a string that ends after some seconds.",
    complexity: "O(1)",
    flags: Flags::WRITE.or(Flags::DENYOOM),
    keys: &[KeySpec::one(1, &["OW", "update"])],
    args: &[KEY, integer("seconds"), word("value")],
    deprecated: Some(Deprecation { since: "2.6.12", replaced_by: "SET key value EX seconds" }),
    see_also: &["SET", "PSETEX"],
    examples: "\
> SETEX session 60 ann
OK
> TTL session
(integer) 60
",
    run: setex,
    ..CommandSpec::DEFAULT
};

const PSETEX: CommandSpec = CommandSpec {
    name: "PSETEX",
    group: Group::String,
    since: "2.6.0",
    summary: "Sets a key to a string that ends after some milliseconds.",
    complexity: "O(1)",
    flags: Flags::WRITE.or(Flags::DENYOOM),
    keys: &[KeySpec::one(1, &["OW", "update"])],
    args: &[KEY, integer("milliseconds"), word("value")],
    deprecated: Some(Deprecation { since: "2.6.12", replaced_by: "SET key value PX milliseconds" }),
    see_also: &["SET", "SETEX"],
    examples: "\
> PSETEX session 1500 ann
OK
> PTTL session
(integer) 1500
",
    run: psetex,
    ..CommandSpec::DEFAULT
};

const GETSET: CommandSpec = CommandSpec {
    name: "GETSET",
    group: Group::String,
    since: "1.0.0",
    summary: "Sets a key to a string and returns the one it held before.",
    complexity: "O(1)",
    flags: Flags::WRITE.or(Flags::DENYOOM).or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RW", "access", "update"])],
    args: &[KEY, word("value")],
    deprecated: Some(Deprecation { since: "6.2.0", replaced_by: "SET key value GET" }),
    see_also: &["SET", "GET"],
    examples: "\
> GETSET hits 0
(nil)
> GETSET hits 10
\"0\"
",
    run: getset,
    ..CommandSpec::DEFAULT
};

/// The options of SET.
#[derive(Debug, Default, Clone, Copy)]
struct Options<'a> {
    shared: SetOptions<'a>,
    comparison: Option<Comparison<'a>>,
    get: bool,
}

impl<'a> Options<'a> {
    fn read(mut args: Args<'a>) -> Result<Self, CmdError> {
        let mut options = Self::default();
        while !args.is_empty() {
            if options.shared.take(&mut args)? {
                continue;
            }
            if args.take_token("GET") {
                options.get = true;
                continue;
            }
            // A comparison may be followed by NX or XX but does not follow them.
            if options.shared.must_exist.is_some() || options.comparison.is_some() {
                return Err(CmdError::Syntax);
            }
            options.comparison = Some(Comparison::take(&mut args)?.ok_or(CmdError::Syntax)?);
        }
        Ok(options)
    }

    /// Whether the conditions hold for what the key holds now.
    fn admit(&self, old: Option<&Value>) -> Result<bool, CmdError> {
        let compared = match (self.comparison, old) {
            (None, _) => true,
            (Some(comparison), None) => comparison.wants_difference(),
            (Some(comparison), Some(old)) => comparison.holds(old)?,
        };
        Ok(compared && self.shared.must_exist.is_none_or(|wanted| wanted == old.is_some()))
    }
}

fn set(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let value = args.next_word()?;
    if !args.is_empty() {
        return set_with_options(ctx, key, value, Options::read(args)?);
    }
    ctx.keys.set(key, Value::from_bytes(value), false, "set");
    ctx.reply.ok();
    Ok(Answer::Done)
}

fn set_with_options(
    ctx: &mut Ctx<'_>,
    key: &[u8],
    value: &[u8],
    options: Options<'_>,
) -> Result<Answer, CmdError> {
    let deadline = options.shared.deadline(ctx.keys.now, "set")?;
    let place = ctx.keys.locate(key);
    let old = if options.get { ctx.keys.read_at(place, key) } else { ctx.keys.at(place) };
    if options.get {
        match old {
            Some(old) => reply_string(&mut ctx.reply, old)?,
            None => ctx.reply.null(),
        }
    }
    let admitted = options.admit(old)?;
    match (options.get, admitted) {
        (true, _) => {}
        (false, true) => ctx.reply.ok(),
        (false, false) => ctx.reply.null(),
    }
    if admitted {
        let place =
            ctx.keys.overwrite(place, key, Value::from_bytes(value), options.shared.keep_ttl);
        ctx.keys.changed(key, "set");
        if let Some(deadline) = deadline {
            ctx.keys.set_deadline_at(place, deadline);
            ctx.keys.note(key, "expire");
        }
    }
    Ok(Answer::Done)
}

fn setnx(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let value = args.next_word()?;
    let place = ctx.keys.locate(key);
    if !place.is_taken() {
        ctx.keys.overwrite(place, key, Value::from_bytes(value), false);
        ctx.keys.changed(key, "set");
    }
    ctx.reply.integer(i64::from(!place.is_taken()));
    Ok(Answer::Done)
}

fn setex(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let deadline = Expiry::seconds(args.next_word()?).deadline(ctx.keys.now, "setex")?;
    set_until(ctx, key, args.next_word()?, deadline);
    Ok(Answer::Done)
}

fn psetex(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let deadline = Expiry::milliseconds(args.next_word()?).deadline(ctx.keys.now, "psetex")?;
    set_until(ctx, key, args.next_word()?, deadline);
    Ok(Answer::Done)
}

fn set_until(ctx: &mut Ctx<'_>, key: &[u8], value: &[u8], deadline: i64) {
    let place = ctx.keys.locate(key);
    let place = ctx.keys.overwrite(place, key, Value::from_bytes(value), false);
    ctx.keys.changed(key, "set");
    ctx.keys.set_deadline_at(place, deadline);
    ctx.keys.note(key, "expire");
    ctx.reply.ok();
}

fn getset(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let value = args.next_word()?;
    let place = ctx.keys.locate(key);
    match ctx.keys.read_at(place, key) {
        None => ctx.reply.null(),
        Some(old) => reply_string(&mut ctx.reply, old)?,
    }
    ctx.keys.overwrite(place, key, Value::from_bytes(value), false);
    ctx.keys.changed(key, "set");
    Ok(Answer::Done)
}
