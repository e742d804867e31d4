//! Comparing a value before it is replaced or deleted: optimistic locks without WATCH.

use redarium_resp::number::IntBuffer;
use redarium_structures::hash_table::hash_bytes;

use crate::args::Args;
use crate::command::args::{KEY, one_of, word};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::value::Value;

pub(super) const COMMANDS: &[CommandSpec] = &[DELEX, DIGEST];

/// Hexadecimal digits of a digest.
const DIGEST_LEN: usize = 16;

const DELEX: CommandSpec = CommandSpec {
    name: "DELEX",
    group: Group::String,
    since: "8.4.0",
    summary: "Deletes a key if its value or the value's digest compares as wanted.",
    complexity: "O(1) for IFEQ and IFNE, O(N) for IFDEQ and IFDNE, N being the length of the string.",
    flags: Flags::WRITE.or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RW", "delete", "variable_flags"])],
    args: &[
        KEY,
        one_of(
            "condition",
            &[
                word("ifeq-value").after("IFEQ"),
                word("ifne-value").after("IFNE"),
                word("ifdeq-digest").after("IFDEQ"),
                word("ifdne-digest").after("IFDNE"),
            ],
        )
        .optional(),
    ],
    see_also: &["DEL", "DIGEST", "SET"],
    examples: "\
> SET lock ann
OK
> DELEX lock IFEQ bob
(integer) 0
> DELEX lock IFEQ ann
(integer) 1
",
    run: delex,
    ..CommandSpec::DEFAULT
};

const DIGEST: CommandSpec = CommandSpec {
    name: "DIGEST",
    group: Group::String,
    since: "8.4.0",
    summary: "Returns the XXH3 hash of a string as 16 hexadecimal digits.",
    complexity: "O(N), N being the length of the string.",
    flags: Flags::READONLY.or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RO"])],
    args: &[KEY],
    see_also: &["DELEX", "SET", "GET"],
    examples: "\
> SET word hello
OK
> DIGEST word
\"9555e8555c62dcfd\"
",
    run: digest,
    ..CommandSpec::DEFAULT
};

/// What is asked of the value that a key holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Comparison<'a> {
    word: &'a [u8],
    by_digest: bool,
    wants_difference: bool,
}

impl<'a> Comparison<'a> {
    /// Takes IFEQ, IFNE, IFDEQ or IFDNE with its word, if one is next.
    pub(super) fn take(args: &mut Args<'a>) -> Result<Option<Self>, CmdError> {
        let (by_digest, wants_difference) = if args.take_token("IFEQ") {
            (false, false)
        } else if args.take_token("IFNE") {
            (false, true)
        } else if args.take_token("IFDEQ") {
            (true, false)
        } else if args.take_token("IFDNE") {
            (true, true)
        } else {
            return Ok(None);
        };
        Ok(Some(Self { word: args.next_word()?, by_digest, wants_difference }))
    }

    /// Whether it asks for another value than the given one; a key that does not exist counts as different.
    pub(super) fn wants_difference(self) -> bool {
        self.wants_difference
    }

    /// Whether a value compares as wanted. Of a digest only the length is checked, as Redis does.
    pub(super) fn holds(self, value: &Value) -> Result<bool, CmdError> {
        let mut digits = IntBuffer::new();
        let bytes = value.bytes(&mut digits)?;
        let equal = if !self.by_digest {
            bytes == self.word
        } else if self.word.len() == DIGEST_LEN {
            digest_of(bytes).as_bytes().eq_ignore_ascii_case(self.word)
        } else {
            return Err(CmdError::Msg("ERR must be exactly 16 hexadecimal characters"));
        };
        Ok(equal != self.wants_difference)
    }
}

fn digest_of(bytes: &[u8]) -> String {
    format!("{:0DIGEST_LEN$x}", hash_bytes(0, bytes))
}

fn digest(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    match ctx.keys.value(args.next_word()?) {
        None => ctx.reply.null(),
        Some(value) => {
            let mut digits = IntBuffer::new();
            ctx.reply.bulk(digest_of(value.bytes(&mut digits)?).as_bytes());
        }
    }
    Ok(Answer::Done)
}

fn delex(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    if !matches!(args.len(), 0 | 2) {
        return Err(CmdError::Arity("delex".to_owned()));
    }
    let is_conditional = !args.is_empty();
    let comparison = Comparison::take(&mut args)?;

    let place = ctx.keys.locate(key);
    let deletes = match (ctx.keys.at(place), comparison) {
        (None, _) => false,
        (Some(_), None) if !is_conditional => true,
        (Some(value), _) if !value.is_string() => {
            return Err(CmdError::Msg(
                "ERR Key should be of string type if conditions are specified",
            ));
        }
        (Some(_), None) => {
            return Err(CmdError::Msg("ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE"));
        }
        (Some(value), Some(comparison)) => comparison.holds(value)?,
    };
    if deletes {
        ctx.keys.remove_at(place, key, "del");
    }
    ctx.reply.integer(i64::from(deletes));
    Ok(Answer::Done)
}
