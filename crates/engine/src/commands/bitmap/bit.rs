//! Single bits.

use redarium_resp::number::{IntBuffer, parse_i64};
use redarium_structures::trace::Trace as _;

use super::{bit_offset, bytes_up_to};
use crate::args::Args;
use crate::command::args::{KEY, integer};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::types::bitmap;
use crate::types::string::StringStep;

pub(super) const COMMANDS: &[CommandSpec] = &[GETBIT, SETBIT];

const GETBIT: CommandSpec = CommandSpec {
    name: "GETBIT",
    group: Group::Bitmap,
    since: "2.2.0",
    summary: "Returns the bit of a string at an offset; bits beyond its end are 0.",
    complexity: "O(1)",
    flags: Flags::READONLY.or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RO", "access"])],
    args: &[KEY, integer("offset")],
    see_also: &["SETBIT", "BITCOUNT"],
    examples: "\
> SETBIT visits 3 1
(integer) 0
> GETBIT visits 3
(integer) 1
> GETBIT visits 4000
(integer) 0
",
    run: getbit,
    ..CommandSpec::DEFAULT
};

const SETBIT: CommandSpec = CommandSpec {
    name: "SETBIT",
    group: Group::Bitmap,
    since: "2.2.0",
    summary: "Sets or clears the bit of a string at an offset; answers with the bit that was there.",
    complexity: "O(1), and O(N) when the string has to grow by N bytes.",
    flags: Flags::WRITE.or(Flags::DENYOOM),
    keys: &[KeySpec::one(1, &["RW", "access", "update"])],
    args: &[KEY, integer("offset"), integer("value")],
    see_also: &["GETBIT", "BITFIELD"],
    examples: "\
> SETBIT visits 3 1
(integer) 0
> SETBIT visits 3 0
(integer) 1
> STRLEN visits
(integer) 1
",
    run: setbit,
    ..CommandSpec::DEFAULT
};

fn getbit(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let offset = bit_offset(ctx, args.next_word()?)?;
    let mut digits = IntBuffer::new();
    let bit = match ctx.keys.value(key) {
        None => false,
        Some(value) => bitmap::get(value.bytes(&mut digits)?, offset),
    };
    ctx.reply.integer(i64::from(bit));
    Ok(Answer::Done)
}

fn setbit(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let offset = bit_offset(ctx, args.next_word()?)?;
    let on = match parse_i64(args.next_word()?) {
        Some(bit @ 0..=1) => bit == 1,
        _ => return Err(CmdError::Msg("ERR bit is not an integer or out of range")),
    };
    let (bytes, grown) = bytes_up_to(&mut ctx.keys, key, offset)?;
    let was = bitmap::set(bytes, offset, on);
    ctx.trace.step(StringStep::Bit { at: offset, from: was, to: on });
    if grown || was != on {
        ctx.keys.changed(key, "setbit");
    }
    ctx.reply.integer(i64::from(was));
    Ok(Answer::Done)
}
