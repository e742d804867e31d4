//! Reading or setting fields and their time to live at once, and reading what is removed.

use super::field_args::{Ends, FIELDS, FieldOptions, Reader, only_fields, refuse_other_types};
use super::limits;
use super::read::value_or_null;
use crate::args::Args;
use crate::command::args::{KEY, block, integer, one_of, token, word};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::commands::deadline::{EX, EXAT, PX, PXAT};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::schedule::is_over;

pub(super) const COMMANDS: &[CommandSpec] = &[HGETEX, HSETEX, HGETDEL];

const HGETEX: CommandSpec = CommandSpec {
    name: "HGETEX",
    group: Group::Hash,
    since: "8.0.0",
    summary: "Returns the values of fields of a hash and sets or removes their time to live.",
    complexity: "O(N), N being the number of fields named.",
    flags: Flags::WRITE.or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RW", "update"])],
    args: &[KEY, one_of("expiration", &[EX, PX, EXAT, PXAT, token("PERSIST")]).optional(), FIELDS],
    see_also: &["HMGET", "HEXPIRE", "HPERSIST", "GETEX"],
    examples: "\
> HSET session:1 user ana
(integer) 1
> HGETEX session:1 EX 60 FIELDS 1 user
1) \"ana\"
> HTTL session:1 FIELDS 1 user
1) (integer) 60
",
    run: hgetex,
    ..CommandSpec::DEFAULT
};

const HSETEX: CommandSpec = CommandSpec {
    name: "HSETEX",
    group: Group::Hash,
    since: "8.0.0",
    summary: "Sets fields of a hash with a time to live, if all or none of them are there.",
    complexity: "O(N), N being the number of fields.",
    flags: Flags::WRITE.or(Flags::DENYOOM).or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RW", "update"])],
    args: &[
        KEY,
        one_of("condition", &[token("FNX"), token("FXX")]).optional(),
        one_of("expiration", &[EX, PX, EXAT, PXAT, token("KEEPTTL")]).optional(),
        block(
            "fields",
            &[integer("numfields"), block("data", &[word("field"), word("value")]).many()],
        )
        .after("FIELDS"),
    ],
    see_also: &["HSET", "HEXPIRE", "HGETEX"],
    examples: "\
> HSETEX session:1 EX 60 FIELDS 2 user ana team red
(integer) 1
> HSETEX session:1 FNX FIELDS 1 user bo
(integer) 0
> HTTL session:1 FIELDS 1 user
1) (integer) 60
",
    run: hsetex,
    ..CommandSpec::DEFAULT
};

const HGETDEL: CommandSpec = CommandSpec {
    name: "HGETDEL",
    group: Group::Hash,
    since: "8.0.0",
    summary: "Returns the values of fields of a hash and removes these fields.",
    complexity: "O(N), N being the number of fields named.",
    flags: Flags::WRITE.or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RW", "access", "delete"])],
    args: &[KEY, FIELDS],
    see_also: &["HDEL", "HMGET", "GETDEL"],
    examples: "\
> HSET form token A7 name ana
(integer) 2
> HGETDEL form FIELDS 2 token age
1) \"A7\"
2) (nil)
> HKEYS form
1) \"name\"
",
    run: hgetdel,
    ..CommandSpec::DEFAULT
};

fn hgetex(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (key, now) = (args.next_word()?, ctx.keys.now);
    let FieldOptions { ends, fields, .. } = Reader::GetEx.read(args, now)?;
    let mut hash = ctx.keys.edit_fields(key, fields.rest())?;
    ctx.reply.array(fields.len());
    let Some(hash) = &mut hash else {
        fields.rest().for_each(|_| ctx.reply.null());
        return Ok(Answer::Done);
    };
    if let Ends::At(_) = ends {
        hash.make_timed(&mut ctx.trace);
    }
    let mut changed = 0;
    for field in fields.rest() {
        let Some(value) = hash.get(field, now, &mut ctx.trace) else {
            ctx.reply.null();
            continue;
        };
        value_or_null(&mut ctx.reply, Some(value));
        match ends {
            Ends::At(at) if is_over(at, now) => {
                hash.remove(field, &mut ctx.trace);
            }
            Ends::At(at) => hash.set_deadline(field, Some(at), &mut ctx.trace),
            Ends::Never if hash.deadline(field, now, &mut ctx.trace).flatten().is_some() => {
                hash.set_deadline(field, None, &mut ctx.trace);
            }
            Ends::Never | Ends::Keep | Ends::Unsaid => continue,
        }
        changed += 1;
    }
    let event = match ends {
        Ends::At(at) if is_over(at, now) => "hdel",
        Ends::At(_) => "hexpire",
        Ends::Never | Ends::Keep | Ends::Unsaid => "hpersist",
    };
    hash.changed_by(changed, event);
    Ok(Answer::Done)
}

fn hsetex(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (key, now) = (args.next_word()?, ctx.keys.now);
    let FieldOptions { ends, must_exist, fields } = Reader::SetEx.read(args, now)?;
    let names = fields.rest().step_by(2);
    let limits = limits(ctx);
    let mut hash = ctx.keys.edit_or_create_fields(key, names.clone())?;
    if let Some(must_exist) = must_exist {
        let is_so = |name| hash.get(name, now, &mut ctx.trace).is_some() == must_exist;
        if !names.clone().all(is_so) {
            ctx.reply.integer(0);
            return Ok(Answer::Done);
        }
    }
    hash.make_room(fields.rest(), &limits, &mut ctx.trace);
    if let Ends::At(_) = ends {
        hash.make_timed(&mut ctx.trace);
    }
    for (name, value) in names.zip(fields.rest().skip(1).step_by(2)) {
        match ends {
            Ends::Keep => {
                hash.update(name, value, &limits, &mut ctx.trace);
            }
            Ends::Unsaid | Ends::Never => {
                hash.set(name, value, &limits, &mut ctx.trace);
            }
            Ends::At(at) => {
                hash.set(name, value, &limits, &mut ctx.trace);
                if is_over(at, now) {
                    hash.remove(name, &mut ctx.trace);
                } else {
                    hash.set_deadline(name, Some(at), &mut ctx.trace);
                }
            }
        }
    }
    hash.changed_by(fields.len() as u64 / 2, "hset");
    if let Ends::At(at) = ends {
        hash.note(if is_over(at, now) { "hdel" } else { "hexpire" });
    }
    ctx.reply.integer(1);
    Ok(Answer::Done)
}

fn hgetdel(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (key, now) = (args.next_word()?, ctx.keys.now);
    refuse_other_types(ctx, key)?;
    let fields = only_fields(args)?;
    let mut hash = ctx.keys.edit_fields(key, fields.rest())?;
    ctx.reply.array(fields.len());
    let Some(hash) = &mut hash else {
        fields.rest().for_each(|_| ctx.reply.null());
        return Ok(Answer::Done);
    };
    let mut removed = 0;
    for field in fields.rest() {
        value_or_null(&mut ctx.reply, hash.get(field, now, &mut ctx.trace));
        removed += u64::from(hash.remove(field, &mut ctx.trace));
    }
    hash.changed_by(removed, "hdel");
    Ok(Answer::Done)
}
