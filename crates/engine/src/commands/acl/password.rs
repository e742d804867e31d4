//! Passwords that nobody guesses.

use std::fmt::Write as _;

use super::{BASE, OPEN_FLAGS};
use crate::args::Args;
use crate::command::args::integer;
use crate::command::{Answer, CommandSpec};
use crate::context::Ctx;
use crate::error::CmdError;

pub(super) const GENPASS: CommandSpec = CommandSpec {
    name: "GENPASS",
    summary: "Returns random hexadecimal digits; from the node's seed, so fit for learning only.",
    complexity: "O(1)",
    flags: OPEN_FLAGS,
    args: &[integer("bits").optional()],
    see_also: &["ACL SETUSER"],
    run: generate,
    ..BASE
};

/// Bits of a password unless told otherwise.
const BITS: i64 = 256;

/// Bits of the longest password.
const BITS_MAX: i64 = 4096;

fn generate(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    if args.len() > 1 {
        return Err(CmdError::wrong_subcommand(args.word(1).unwrap_or_default(), "ACL"));
    }
    let bits = if args.is_empty() { BITS } else { args.next_i64()? };
    if !(1..=BITS_MAX).contains(&bits) {
        return Err(CmdError::Msg(
            "ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to \
             4096",
        ));
    }
    let digits = (bits as usize).div_ceil(4);
    let mut password = String::new();
    while password.len() < digits {
        // Writing to a String cannot fail.
        let _ = write!(password, "{:016x}", ctx.rng.next_u64());
    }
    password.truncate(digits);
    ctx.reply.bulk(password.as_bytes());
    Ok(Answer::Done)
}
