//! Looking into a `HyperLogLog`, and trying out whether they work.

use std::fmt::Write as _;

use redarium_structures::rng::Rng;
use redarium_structures::trace::NoTrace;

use super::check;
use crate::args::Args;
use crate::command::args::{KEY, word};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::types::hyper_log_log::{self, Opcode, Opcodes, REGISTERS};

pub(super) const COMMANDS: &[CommandSpec] = &[PFDEBUG, PFSELFTEST];

const PFDEBUG: CommandSpec = CommandSpec {
    name: "PFDEBUG",
    group: Group::HyperLogLog,
    since: "2.8.9",
    summary: "Shows how a HyperLogLog is stored: DECODE, ENCODING, GETREG or TODENSE.",
    complexity: "O(1): the number of registers is fixed.",
    flags: Flags::WRITE.or(Flags::DENYOOM).or(Flags::ADMIN),
    keys: &[KeySpec::one(2, &["RW", "access"])],
    args: &[word("subcommand"), KEY],
    see_also: &["PFADD", "PFSELFTEST"],
    examples: "\
> PFADD visitors ann bob
(integer) 1
> PFDEBUG ENCODING visitors
sparse
> PFDEBUG DECODE visitors
\"Z:10757 v:1,1 Z:1204 v:4,1 Z:4421\"
",
    run: pfdebug,
    ..CommandSpec::DEFAULT
};

const PFSELFTEST: CommandSpec = CommandSpec {
    name: "PFSELFTEST",
    group: Group::HyperLogLog,
    since: "2.8.9",
    summary: "Tries out whether both encodings agree and the estimates are good.",
    complexity: "O(1): the number of elements that are tried is fixed.",
    flags: Flags::ADMIN,
    args: &[],
    see_also: &["PFDEBUG"],
    examples: "\
> PFSELFTEST
OK
",
    run: pfselftest,
    ..CommandSpec::DEFAULT
};

fn pfdebug(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let name = args.next_word()?;
    let place = ctx.keys.locate(args.next_word()?);
    let value = ctx.keys.at(place);
    check(value.ok_or(CmdError::Msg("ERR The specified key does not exist"))?)?;
    let string = ctx.keys.raw_at(place)?;

    let is = |subcommand: &str| name.eq_ignore_ascii_case(subcommand.as_bytes());
    if is("GETREG") {
        // Looking at the registers makes them dense, as in Redis.
        let converted = hyper_log_log::to_dense(string)?;
        let mut registers = Box::new([0; REGISTERS]);
        hyper_log_log::merge(&mut registers, string)?;
        ctx.reply.array(REGISTERS);
        registers.iter().for_each(|&rank| ctx.reply.integer(i64::from(rank)));
        ctx.keys.effects.dirty += u64::from(converted);
    } else if is("DECODE") {
        if hyper_log_log::is_dense(string) {
            return Err(CmdError::Msg("ERR HLL encoding is not sparse"));
        }
        ctx.reply.bulk(decoded(string).as_bytes());
    } else if is("ENCODING") {
        let is_dense = hyper_log_log::is_dense(string);
        ctx.reply.simple(if is_dense { "dense" } else { "sparse" });
    } else if is("TODENSE") {
        let converted = hyper_log_log::to_dense(string)?;
        ctx.reply.integer(i64::from(converted));
        ctx.keys.effects.dirty += u64::from(converted);
    } else {
        let name = String::from_utf8_lossy(name);
        return Err(CmdError::Text(format!("ERR Unknown PFDEBUG subcommand '{name}'")));
    }
    Ok(Answer::Done)
}

/// The runs of a sparse one: `z` and `Z` are zeros in one and two bytes, `v:3,2` two registers with a 3.
fn decoded(string: &[u8]) -> String {
    let mut text = String::new();
    for run in Opcodes::new(string) {
        let _ = match run.opcode {
            Opcode::Zero(len) => write!(text, "z:{len} "),
            Opcode::XZero(len) => write!(text, "Z:{len} "),
            Opcode::Val(rank, len) => write!(text, "v:{rank},{len} "),
        };
    }
    text.truncate(text.trim_end().len());
    text
}

/// Elements that PFSELFTEST adds; Redis takes ten million, for which a page would stand still.
const TRIED: u64 = 4096;

/// Bytes up to which its sparse string stays so: some hundred elements.
const SPARSE_MAX: usize = 1000;

fn pfselftest(ctx: &mut Ctx<'_>, _: Args<'_>) -> Result<Answer, CmdError> {
    // A generator of its own: a test leaves no trace in the node's chances.
    let mut rng = Rng::new(TRIED);
    let (mut dense, mut sparse) = (hyper_log_log::empty(), hyper_log_log::empty());
    hyper_log_log::to_dense(&mut dense)?;
    for added in 1..=TRIED {
        let element = rng.next_u64().to_le_bytes();
        hyper_log_log::add(&mut dense, &element, 0, &mut NoTrace)?;
        hyper_log_log::add(&mut sparse, &element, SPARSE_MAX, &mut NoTrace)?;
        if added.is_power_of_two() && added.ilog2().is_multiple_of(3) {
            let count = hyper_log_log::count(&dense)?;
            if hyper_log_log::count(&sparse)? != count {
                return Err(CmdError::Text(format!(
                    "TESTFAILED dense/sparse disagree after {added} elements"
                )));
            }
            // Six times the standard error of 1.04 / sqrt(registers).
            let allowed = (added as f64 * 6.0 * 1.04 / (REGISTERS as f64).sqrt()).ceil() as u64;
            if count.abs_diff(added) > allowed {
                return Err(CmdError::Text(format!(
                    "TESTFAILED Too big error. card:{added} count:{count}"
                )));
            }
        }
    }
    ctx.reply.ok();
    Ok(Answer::Done)
}
