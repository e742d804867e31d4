//! Bits counted and found.

use std::ops::Range;

use redarium_resp::number::IntBuffer;

use super::UNIT;
use crate::args::Args;
use crate::command::args::{KEY, block, integer};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::types::bitmap;

pub(super) const COMMANDS: &[CommandSpec] = &[BITCOUNT, BITPOS];

const BITCOUNT: CommandSpec = CommandSpec {
    name: "BITCOUNT",
    group: Group::Bitmap,
    since: "2.6.0",
    summary: "Counts the bits of a string that are set, all of them or those in a range.",
    complexity: "O(N), N being the number of bytes looked at.",
    flags: Flags::READONLY,
    keys: &[KeySpec::one(1, &["RO", "access"])],
    args: &[KEY, block("range", &[integer("start"), integer("end"), UNIT]).optional()],
    history: &[("7.0.0", "Knows `BYTE` and `BIT`.")],
    see_also: &["SETBIT", "BITPOS"],
    examples: "\
> SET word foobar
OK
> BITCOUNT word
(integer) 26
> BITCOUNT word 0 0
(integer) 4
> BITCOUNT word 5 30 BIT
(integer) 17
",
    run: bitcount,
    ..CommandSpec::DEFAULT
};

const BITPOS: CommandSpec = CommandSpec {
    name: "BITPOS",
    group: Group::Bitmap,
    since: "2.8.7",
    summary: "Returns the offset of the first bit of a string that is 1, or that is 0.",
    complexity: "O(N), N being the number of bytes looked at.",
    flags: Flags::READONLY,
    keys: &[KeySpec::one(1, &["RO", "access"])],
    args: &[
        KEY,
        integer("bit"),
        block(
            "range",
            &[integer("start"), block("end-unit-block", &[integer("end"), UNIT]).optional()],
        )
        .optional(),
    ],
    history: &[("7.0.0", "Knows `BYTE` and `BIT`.")],
    see_also: &["BITCOUNT", "GETBIT"],
    examples: "\
> SET flags \"\\xff\\xf0\\x00\"
OK
> BITPOS flags 0
(integer) 12
> BITPOS flags 1 2
(integer) -1
",
    run: bitpos,
    ..CommandSpec::DEFAULT
};

/// A range as a command asks for it: both ends included, negative ones counted from the end of the string.
#[derive(Debug, Clone, Copy)]
struct Asked {
    start: i64,
    end: i64,
    in_bits: bool,
}

impl Asked {
    const ALL: Self = Self { start: 0, end: -1, in_bits: false };

    /// The bits of a string of `len` bytes.
    fn of(self, len: usize) -> Range<u64> {
        let Self { start, end, in_bits } = self;
        let unit = if in_bits { 1 } else { 8 };
        let total = len as i64 * 8 / unit;
        let from_front = |at: i64| if at < 0 { at.saturating_add(total).max(0) } else { at };
        let (start, end) = (from_front(start), from_front(end).min(total - 1));
        if start > end {
            return 0..0;
        }
        (start * unit) as u64..((end + 1) * unit) as u64
    }
}

fn take_unit(args: &mut Args<'_>) -> Result<bool, CmdError> {
    if args.take_token("BIT") {
        Ok(true)
    } else if args.take_token("BYTE") {
        Ok(false)
    } else {
        Err(CmdError::Syntax)
    }
}

fn bitcount(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let asked = match args.len() {
        0 => Asked::ALL,
        2 | 3 => {
            let (start, end) = (args.next_i64()?, args.next_i64()?);
            let in_bits = !args.is_empty() && take_unit(&mut args)?;
            Asked { start, end, in_bits }
        }
        _ => return Err(CmdError::Syntax),
    };
    let mut digits = IntBuffer::new();
    let count = match ctx.keys.value(key) {
        None => 0,
        Some(value) => {
            let bytes = value.bytes(&mut digits)?;
            // BITPOS moves two ends before the string to its start; here they leave nothing in reverse order.
            let is_reversed = asked.start < 0 && asked.end < asked.start;
            if is_reversed { 0 } else { bitmap::count(bytes, asked.of(bytes.len())) }
        }
    };
    ctx.reply.integer(count as i64);
    Ok(Answer::Done)
}

fn bitpos(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let wanted = match args.next_i64()? {
        0 => false,
        1 => true,
        _ => return Err(CmdError::Msg("ERR The bit argument must be 1 or 0.")),
    };
    let mut asked = Asked::ALL;
    let has_end = args.len() > 1;
    if !args.is_empty() {
        asked.start = args.next_i64()?;
    }
    if args.len() > 1 {
        // The unit is read before the end, so that its error comes first.
        let mut unit = args.skip(1);
        asked.in_bits = take_unit(&mut unit)?;
        unit.finish()?;
    }
    if has_end {
        asked.end = args.next_i64()?;
    }

    let mut digits = IntBuffer::new();
    let position = match ctx.keys.value(key) {
        // A missing key is an endless row of zeros.
        None => (!wanted).then_some(0),
        Some(value) => {
            let bytes = value.bytes(&mut digits)?;
            let bits = asked.of(bytes.len());
            // So is what follows a string, unless the range has an end.
            let behind = (!wanted && !has_end && !bits.is_empty()).then_some(bits.end);
            bitmap::position(bytes, bits, wanted).or(behind)
        }
    };
    ctx.reply.integer(position.map_or(-1, |at| at as i64));
    Ok(Answer::Done)
}
