//! Strings as rows of integers of any width.

use redarium_resp::number::{IntBuffer, parse_i64};

use super::{OFFSET_ERROR, bytes_up_to, check_offset};
use crate::args::Args;
use crate::command::args::{KEY, block, integer, one_of, token, word};
use crate::command::{Answer, Arg, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::types::bitmap::{Field, Overflow};

pub(super) const COMMANDS: &[CommandSpec] = &[BITFIELD, BITFIELD_RO];

const GET: Arg = block("get-block", &[word("encoding"), integer("offset")]).after("GET");

const BITFIELD: CommandSpec = CommandSpec {
    name: "BITFIELD",
    group: Group::Bitmap,
    since: "3.2.0",
    summary: "Reads, writes and counts with integers of any width that lie anywhere in a string.",
    complexity: "O(1) for each operation.",
    flags: Flags::WRITE.or(Flags::DENYOOM),
    keys: &[KeySpec::one(1, &["RW", "access", "update", "variable_flags"])],
    args: &[
        KEY,
        one_of(
            "operation",
            &[
                GET,
                block(
                    "write",
                    &[
                        one_of("overflow-block", &[token("WRAP"), token("SAT"), token("FAIL")])
                            .after("OVERFLOW")
                            .optional(),
                        one_of(
                            "write-operation",
                            &[
                                block(
                                    "set-block",
                                    &[word("encoding"), integer("offset"), integer("value")],
                                )
                                .after("SET"),
                                block(
                                    "incrby-block",
                                    &[word("encoding"), integer("offset"), integer("increment")],
                                )
                                .after("INCRBY"),
                            ],
                        ),
                    ],
                ),
            ],
        )
        .many()
        .optional(),
    ],
    see_also: &["BITFIELD_RO", "SETBIT"],
    examples: "\
> BITFIELD player SET u8 0 250 SET i16 8 -5
1) (integer) 0
2) (integer) 0
> BITFIELD player GET u8 0 GET i16 8
1) (integer) 250
2) (integer) -5
> BITFIELD player INCRBY u8 #0 10 OVERFLOW SAT INCRBY u8 #0 255
1) (integer) 4
2) (integer) 255
",
    run: |ctx, args| bitfield(ctx, args, false),
    ..CommandSpec::DEFAULT
};

const BITFIELD_RO: CommandSpec = CommandSpec {
    name: "BITFIELD_RO",
    group: Group::Bitmap,
    since: "6.0.0",
    summary: "Reads integers of any width that lie anywhere in a string.",
    complexity: "O(1) for each operation.",
    flags: Flags::READONLY.or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RO", "access"])],
    args: &[KEY, GET.many_with_token().optional()],
    see_also: &["BITFIELD", "GETBIT"],
    examples: "\
> SET word AB
OK
> BITFIELD_RO word GET u8 0 GET u4 12
1) (integer) 65
2) (integer) 2
",
    run: |ctx, args| bitfield(ctx, args, true),
    ..CommandSpec::DEFAULT
};

/// One operation on one field.
#[derive(Debug, Clone, Copy)]
struct Operation {
    field: Field,
    action: Action,
}

#[derive(Debug, Clone, Copy)]
enum Action {
    Get,
    Set(i64, Overflow),
    IncrBy(i64, Overflow),
}

fn bitfield(ctx: &mut Ctx<'_>, mut args: Args<'_>, only_get: bool) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let operations = parse(ctx, args)?;
    let writes = operations.iter().filter(|one| !matches!(one.action, Action::Get));
    let Some(last_bit) = writes.map(|one| one.field.end() - 1).max() else {
        return read(ctx, key, &operations);
    };
    if only_get {
        return Err(CmdError::Msg("ERR BITFIELD_RO only supports the GET subcommand"));
    }

    let (bytes, grown) = bytes_up_to(&mut ctx.keys, key, last_bit)?;
    ctx.reply.array(operations.len());
    let mut changed = false;
    for Operation { field, action } in operations {
        let old = field.get(bytes);
        let ((new, fits), overflow) = match action {
            Action::Get => {
                ctx.reply.integer(old);
                continue;
            }
            Action::Set(number, overflow) => (field.fit(number, overflow), overflow),
            Action::IncrBy(number, overflow) => (field.fit_sum(old, number, overflow), overflow),
        };
        if !fits && overflow == Overflow::Fail {
            ctx.reply.null();
            continue;
        }
        field.set(bytes, new);
        changed |= grown || new != old;
        ctx.reply.integer(if matches!(action, Action::Set(..)) { old } else { new });
    }
    if changed {
        ctx.keys.changed(key, "setbit");
    }
    Ok(Answer::Done)
}

fn read(ctx: &mut Ctx<'_>, key: &[u8], operations: &[Operation]) -> Result<Answer, CmdError> {
    let mut digits = IntBuffer::new();
    let bytes = match ctx.keys.value(key) {
        None => b"",
        Some(value) => value.bytes(&mut digits)?,
    };
    ctx.reply.array(operations.len());
    for operation in operations {
        ctx.reply.integer(operation.field.get(bytes));
    }
    Ok(Answer::Done)
}

fn parse(ctx: &Ctx<'_>, mut args: Args<'_>) -> Result<Vec<Operation>, CmdError> {
    let mut operations = Vec::new();
    let mut overflow = Overflow::Wrap;
    while !args.is_empty() {
        // An operation without enough words is no operation.
        if args.len() > 2 && args.take_token("GET") {
            let field = parse_field(ctx, &mut args)?;
            operations.push(Operation { field, action: Action::Get });
        } else if args.len() > 3 && args.take_token("SET") {
            let field = parse_field(ctx, &mut args)?;
            let action = Action::Set(args.next_i64()?, overflow);
            operations.push(Operation { field, action });
        } else if args.len() > 3 && args.take_token("INCRBY") {
            let field = parse_field(ctx, &mut args)?;
            let action = Action::IncrBy(args.next_i64()?, overflow);
            operations.push(Operation { field, action });
        } else if args.len() > 1 && args.take_token("OVERFLOW") {
            overflow = if args.take_token("WRAP") {
                Overflow::Wrap
            } else if args.take_token("SAT") {
                Overflow::Saturate
            } else if args.take_token("FAIL") {
                Overflow::Fail
            } else {
                return Err(CmdError::Msg("ERR Invalid OVERFLOW type specified"));
            };
        } else {
            return Err(CmdError::Syntax);
        }
    }
    Ok(operations)
}

/// A type such as `i16` and an offset; `#3` is the place of the fourth field of this type.
fn parse_field(ctx: &Ctx<'_>, args: &mut Args<'_>) -> Result<Field, CmdError> {
    let (signed, bits) = parse_type(args.next_word()?).ok_or(CmdError::Msg(
        "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.",
    ))?;
    let word = args.next_word()?;
    let offset = match word.strip_prefix(b"#") {
        None => parse_i64(word),
        Some(index) => parse_i64(index).and_then(|index| index.checked_mul(i64::from(bits))),
    };
    let offset = check_offset(ctx, offset.ok_or(OFFSET_ERROR)?)?;
    Ok(Field { signed, bits, offset })
}

fn parse_type(word: &[u8]) -> Option<(bool, u32)> {
    let (letter, width) = word.split_first()?;
    let (signed, max) = match letter {
        b'i' => (true, 64),
        b'u' => (false, 63),
        _ => return None,
    };
    let bits = parse_i64(width).filter(|bits| (1..=max).contains(bits))?;
    Some((signed, bits as u32))
}
