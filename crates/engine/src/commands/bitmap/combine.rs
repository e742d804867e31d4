//! Strings combined into another.

use redarium_resp::number::IntBuffer;

use crate::args::Args;
use crate::command::args::{KEY, key, one_of, token};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::types::bitmap::Operation;
use crate::value::Value;

pub(super) const COMMANDS: &[CommandSpec] = &[BITOP];

const BITOP: CommandSpec = CommandSpec {
    name: "BITOP",
    group: Group::Bitmap,
    since: "2.6.0",
    summary: "Combines strings bit by bit and stores the result; answers with its length in bytes.",
    complexity: "O(N), N being the bytes of all source strings.",
    flags: Flags::WRITE.or(Flags::DENYOOM),
    keys: &[KeySpec::one(2, &["OW", "update"]), KeySpec::range(3, -1, 1, &["RO", "access"])],
    args: &[
        one_of(
            "operation",
            &[
                token("AND"),
                token("OR"),
                token("XOR"),
                token("NOT"),
                token("DIFF").since("8.2.0"),
                token("DIFF1").since("8.2.0"),
                token("ANDOR").since("8.2.0"),
                token("ONE").since("8.2.0"),
            ],
        ),
        key("destkey"),
        KEY.many(),
    ],
    history: &[("8.2.0", "Knows `DIFF`, `DIFF1`, `ANDOR` and `ONE`.")],
    see_also: &["BITCOUNT", "GETBIT"],
    examples: "\
> MSET today \"\\xf0\" yesterday \"\\x3c\"
OK
> BITOP AND both today yesterday
(integer) 1
> GET both
\"0\"
> BITCOUNT both
(integer) 2
",
    run: bitop,
    ..CommandSpec::DEFAULT
};

fn bitop(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let word = args.next_word()?;
    let named = |&&(name, _): &&(&str, Operation)| word.eq_ignore_ascii_case(name.as_bytes());
    let Some(&(name, operation)) = Operation::NAMES.iter().find(named) else {
        return Err(CmdError::Syntax);
    };
    let destination = args.next_word()?;
    let sources = args.rest();
    if operation == Operation::Not && sources.len() > 1 {
        return Err(CmdError::Msg("ERR BITOP NOT must be called with a single source key."));
    }
    let needs_two = matches!(operation, Operation::Diff | Operation::Diff1 | Operation::AndOr);
    if needs_two && sources.len() < 2 {
        return Err(CmdError::Text(format!(
            "ERR BITOP {name} must be called with at least two source keys."
        )));
    }

    for source in sources.clone() {
        Value::string_len(ctx.keys.value(source))?;
    }
    let mut digits: Vec<_> = sources.clone().map(|_| IntBuffer::new()).collect();
    let mut strings = Vec::with_capacity(sources.len());
    for (source, digits) in sources.zip(&mut digits) {
        strings.push(match ctx.keys.peek(source) {
            None => &[][..],
            Some(value) => value.bytes(digits)?,
        });
    }
    let result = operation.combine(strings.iter().copied());

    ctx.reply.count(result.len());
    if result.is_empty() {
        ctx.keys.remove(destination, "del");
    } else {
        ctx.keys.set(destination, Value::from_raw(result), false, "set");
    }
    Ok(Answer::Done)
}
