//! Parts of strings: reading, overwriting and appending.

use redarium_resp::number::IntBuffer;
use redarium_structures::trace::Trace as _;

use crate::args::Args;
use crate::command::args::{KEY, integer, word};
use crate::command::{Answer, CommandSpec, Deprecation, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::trace::Steps;
use crate::types::string::{StringStep, make_room};
use crate::value::Value;

pub(super) const COMMANDS: &[CommandSpec] = &[APPEND, GETRANGE, SETRANGE, SUBSTR];

const APPEND: CommandSpec = CommandSpec {
    name: "APPEND",
    group: Group::String,
    since: "2.0.0",
    summary: "Appends to the string that a key holds; a missing key counts as empty.",
    complexity: "O(1) amortised for each byte that is appended.",
    flags: Flags::WRITE.or(Flags::DENYOOM).or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RW", "insert"])],
    args: &[KEY, word("value")],
    see_also: &["SETRANGE", "STRLEN"],
    examples: "\
> APPEND log one
(integer) 3
> APPEND log ,two
(integer) 7
> GET log
\"one,two\"
",
    run: append,
    ..CommandSpec::DEFAULT
};

const GETRANGE: CommandSpec = CommandSpec {
    name: "GETRANGE",
    group: Group::String,
    since: "2.4.0",
    summary: "Returns the bytes between two offsets, both included; negative ones count from the end.",
    complexity: "O(N), N being the number of bytes returned.",
    flags: Flags::READONLY,
    keys: &[KeySpec::one(1, &["RO", "access"])],
    args: &[KEY, integer("start"), integer("end")],
    see_also: &["SETRANGE", "STRLEN"],
    examples: "\
> SET greeting \"hello world\"
OK
> GETRANGE greeting 0 4
\"hello\"
> GETRANGE greeting -5 -1
\"world\"
",
    run: getrange,
    ..CommandSpec::DEFAULT
};

const SETRANGE: CommandSpec = CommandSpec {
    name: "SETRANGE",
    group: Group::String,
    since: "2.2.0",
    summary: "Overwrites part of a string from an offset on, filling up with zero bytes if it is short.",
    complexity: "O(N), N being the length of the new part and of the filling before it.",
    flags: Flags::WRITE.or(Flags::DENYOOM),
    keys: &[KeySpec::one(1, &["RW", "update"])],
    args: &[KEY, integer("offset"), word("value")],
    see_also: &["GETRANGE", "APPEND", "SETBIT"],
    examples: "\
> SET greeting \"hello world\"
OK
> SETRANGE greeting 6 Redis
(integer) 11
> GET greeting
\"hello Redis\"
",
    run: setrange,
    ..CommandSpec::DEFAULT
};

const SUBSTR: CommandSpec = CommandSpec {
    name: "SUBSTR",
    since: "1.0.0",
    summary: "Returns the bytes between two offsets: the old name of GETRANGE.",
    deprecated: Some(Deprecation { since: "2.0.0", replaced_by: "GETRANGE key start end" }),
    see_also: &["GETRANGE"],
    examples: "\
> SET word hello
OK
> SUBSTR word 1 3
\"ell\"
",
    ..GETRANGE
};

/// Refuses a length beyond `proto-max-bulk-len`.
fn check_len(ctx: &Ctx<'_>, len: usize) -> Result<(), CmdError> {
    if len > ctx.config.proto_max_bulk_len { Err(CmdError::TooLong) } else { Ok(()) }
}

fn append(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let tail = args.next_word()?;
    let place = ctx.keys.locate(key);
    let len = Value::string_len(ctx.keys.at(place))?.saturating_add(tail.len());
    check_len(ctx, len)?;
    if place.is_taken() {
        let bytes = ctx.keys.raw_at(place)?;
        make_room(bytes, len, &mut ctx.trace);
        ctx.trace.step(StringStep::Write { at: bytes.len(), len: tail.len() });
        bytes.extend_from_slice(tail);
    } else {
        ctx.keys.put(place, key, Value::from_bytes(tail), false);
    }
    ctx.keys.changed(key, "append");
    ctx.reply.count(len);
    Ok(Answer::Done)
}

fn getrange(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let start = args.next_i64()?;
    let end = args.next_i64()?;
    let mut digits = IntBuffer::new();
    let bytes = match ctx.keys.value(key) {
        None => b"",
        Some(value) => value.bytes(&mut digits)?,
    };
    ctx.reply.bulk(between(bytes, start, end));
    Ok(Answer::Done)
}

/// The bytes from `start` to `end`, both included; negative offsets count from the end and what lies outside is cut.
fn between(bytes: &[u8], start: i64, end: i64) -> &[u8] {
    let len = bytes.len() as i64;
    let from_front = |offset: i64| if offset < 0 { offset.saturating_add(len) } else { offset };
    let (first, last) = (from_front(start), from_front(end).max(0).min(len - 1));
    if start < 0 && end < 0 && start > end {
        return b"";
    }
    bytes.get(first.max(0) as usize..(last + 1) as usize).unwrap_or(b"")
}

fn setrange(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let offset = args.next_i64()?;
    let part = args.next_word()?;
    let offset = usize::try_from(offset).or(Err(CmdError::Msg("ERR offset is out of range")))?;

    let place = ctx.keys.locate(key);
    let old_len = Value::string_len(ctx.keys.at(place))?;
    if part.is_empty() {
        ctx.reply.count(old_len);
        return Ok(Answer::Done);
    }
    let end = offset.saturating_add(part.len());
    check_len(ctx, end)?;
    let len = if place.is_taken() {
        overwrite(ctx.keys.raw_at(place)?, offset, part, &mut ctx.trace)
    } else {
        let mut bytes = vec![0; offset];
        bytes.extend_from_slice(part);
        ctx.keys.put(place, key, Value::from_raw(bytes), false);
        end
    };
    ctx.keys.changed(key, "setrange");
    ctx.reply.count(len);
    Ok(Answer::Done)
}

/// Writes `part` at `offset`, with zero bytes before it where there was nothing; the new length.
fn overwrite(bytes: &mut Vec<u8>, offset: usize, part: &[u8], steps: &mut Steps<'_>) -> usize {
    let end = offset + part.len();
    if end > bytes.len() {
        make_room(bytes, end, steps);
        bytes.resize(end, 0);
    }
    if let Some(slot) = bytes.get_mut(offset..end) {
        slot.copy_from_slice(part);
        steps.step(StringStep::Write { at: offset, len: part.len() });
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_cut_to_the_string() {
        let cases: &[(i64, i64, &[u8])] = &[
            (0, -1, b"hello"),
            (1, 3, b"ell"),
            (-3, -1, b"llo"),
            (0, 100, b"hello"),
            (-100, 1, b"he"),
            (3, 1, b""),
            (5, 9, b""),
            (-1, -3, b""),
            (0, -100, b"h"),
            (i64::MIN, i64::MAX, b"hello"),
            (i64::MAX, i64::MIN, b""),
        ];
        for &(start, end, expected) in cases {
            assert_eq!(between(b"hello", start, end), expected, "{start} {end}");
        }
        assert_eq!(between(b"", 0, -1), b"", "nothing to cut");
    }

    #[test]
    fn overwriting_fills_the_gap() {
        let mut bytes = b"ab".to_vec();
        assert_eq!(overwrite(&mut bytes, 4, b"xy", &mut None), 6, "grown");
        assert_eq!(bytes, b"ab\0\0xy", "zeros between");
        assert_eq!(overwrite(&mut bytes, 1, b"12", &mut None), 6, "within");
        assert_eq!(bytes, b"a12\0xy", "in place");
    }
}
