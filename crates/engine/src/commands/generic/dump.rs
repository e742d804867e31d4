//! Values as bytes, out and in again: to another key, another node or a real server.

use crate::args::Args;
use crate::command::args::{KEY, integer, token, word};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::rdb::{Loader, Malformed, Saver, seal, unseal};
use crate::schedule::is_over;

pub(super) const COMMANDS: &[CommandSpec] = &[DUMP, RESTORE, RESTORE_ASKING];

const DUMP: CommandSpec = CommandSpec {
    name: "DUMP",
    group: Group::Generic,
    since: "2.6.0",
    summary: "Returns what a key holds as bytes that RESTORE reads, here or on a real server.",
    complexity: "O(N) in the bytes of the value.",
    flags: Flags::READONLY,
    keys: &[KeySpec::one(1, &["RO", "access"])],
    args: &[KEY],
    see_also: &["RESTORE", "COPY"],
    examples: "\
> SET answer 42
OK
> DUMP answer
\"\\x00\\xc0*\\r\\x00#R\\xd5I\\x81\\xd68\\x90\"
> DUMP nothing
(nil)
",
    run: dump,
    ..CommandSpec::DEFAULT
};

const RESTORE: CommandSpec = CommandSpec {
    name: "RESTORE",
    group: Group::Generic,
    since: "2.6.0",
    summary: "Makes a key from the bytes that DUMP has returned, here or on a real server.",
    complexity: "O(N*log(N)) in the bytes of the value.",
    flags: Flags::WRITE.or(Flags::DENYOOM).or(Flags::DANGEROUS),
    keys: &[KeySpec::one(1, &["OW", "update"])],
    args: &[
        KEY,
        integer("ttl"),
        word("serialized-value"),
        token("REPLACE").optional().since("3.0.0"),
        token("ABSTTL").optional().since("5.0.0"),
        integer("seconds").after("IDLETIME").optional().since("5.0.0"),
        integer("frequency").after("FREQ").optional().since("5.0.0"),
    ],
    history: &[
        ("3.0.0", "Takes REPLACE."),
        ("5.0.0", "Takes ABSTTL."),
        ("5.0.0", "Takes IDLETIME and FREQ."),
    ],
    see_also: &["DUMP", "COPY"],
    examples: "\
> RESTORE answer 0 \"\\x00\\xc0*\\r\\x00#R\\xd5I\\x81\\xd68\\x90\"
OK
> GET answer
\"42\"
",
    run: restore,
    ..CommandSpec::DEFAULT
};

const RESTORE_ASKING: CommandSpec = CommandSpec {
    name: "RESTORE-ASKING",
    group: Group::Server,
    acl: Some(&["keyspace", "dangerous"]),
    since: "3.0.0",
    summary: "Does what RESTORE does, to a slot that a cluster is moving here.",
    history: &[],
    see_also: &["RESTORE"],
    examples: "",
    ..RESTORE
};

fn dump(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let saving = ctx.config.saving();
    // A form without deadlines would bring fields back to life.
    ctx.keys.remove_dead_fields(key);
    match ctx.keys.value(key) {
        None => ctx.reply.null(),
        Some(value) => {
            let mut payload = Saver::new(saving).save(value);
            seal(&mut payload, saving.version);
            ctx.reply.bulk(&payload);
        }
    }
    Ok(Answer::Done)
}

/// What RESTORE is asked for besides the value.
#[derive(Debug, Default)]
struct Options {
    is_replacing: bool,
    is_absolute: bool,
    idle_seconds: Option<i64>,
    frequency: Option<u8>,
}

impl Options {
    fn read(args: &mut Args<'_>) -> Result<Self, CmdError> {
        let mut options = Self::default();
        while !args.is_empty() {
            if args.take_token("REPLACE") {
                options.is_replacing = true;
            } else if args.take_token("ABSTTL") {
                options.is_absolute = true;
            } else if args.len() >= 2 && options.frequency.is_none() && args.take_token("IDLETIME")
            {
                let seconds = Some(args.next_i64()?).filter(|&seconds| seconds >= 0);
                let refusal = CmdError::Msg("ERR Invalid IDLETIME value, must be >= 0");
                options.idle_seconds = Some(seconds.ok_or(refusal)?);
            } else if args.len() >= 2 && options.idle_seconds.is_none() && args.take_token("FREQ") {
                let frequency = u8::try_from(args.next_i64()?).ok();
                let refusal = CmdError::Msg("ERR Invalid FREQ value, must be >= 0 and <= 255");
                options.frequency = Some(frequency.ok_or(refusal)?);
            } else {
                return Err(CmdError::Syntax);
            }
        }
        Ok(options)
    }
}

fn restore(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (key, ttl, payload) = (args.next_word()?, args.next_word()?, args.next_word()?);
    let options = Options::read(&mut args)?;
    let place = ctx.keys.locate(key);
    if place.is_taken() && !options.is_replacing {
        return Err(CmdError::Msg("BUSYKEY Target key name already exists."));
    }
    let ttl = redarium_resp::number::parse_i64(ttl).ok_or(CmdError::NotInteger)?;
    if ttl < 0 {
        return Err(CmdError::Msg("ERR Invalid TTL value, must be >= 0"));
    }
    let bytes = unseal(payload, ctx.config.switches.checksum)
        .ok_or(CmdError::Msg("ERR DUMP payload version or checksum are wrong"))?;
    let value = Loader::new(ctx.config, ctx.keys.seed, ctx.rng)
        .load(bytes)
        .map_err(|Malformed| CmdError::Msg("ERR Bad data format"))?;
    let start = if options.is_absolute { 0 } else { ctx.keys.now };
    // A time beyond the end of time has passed already, as in Redis.
    let deadline = (ttl > 0).then(|| ttl.checked_add(start).unwrap_or(i64::MIN));
    if deadline.is_some_and(|at| is_over(at, ctx.keys.now)) {
        ctx.keys.remove_at(place, key, "del");
    } else {
        let (before, after) = (ctx.keys.type_at(place), value.type_of());
        ctx.keys.restore_at(place, key, value, deadline, |access| {
            match (options.idle_seconds, options.frequency) {
                (Some(seconds), _) => access.idle_for(seconds),
                (None, Some(frequency)) => access.used_often(frequency),
                (None, None) => access.fresh(),
            }
        });
        ctx.keys.changed(key, "restore");
        ctx.keys.note_overwritten(before, after, key);
    }
    ctx.reply.ok();
    Ok(Answer::Done)
}
