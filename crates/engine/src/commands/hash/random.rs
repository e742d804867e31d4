//! Fields by chance.

use redarium_resp::encode::Encoder;
use redarium_structures::list_pack::ListPackValue;

use crate::args::Args;
use crate::command::args::{KEY, block, integer, token};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::commands::reply;
use crate::context::Ctx;
use crate::error::CmdError;

pub(super) const COMMANDS: &[CommandSpec] = &[HRANDFIELD];

const HRANDFIELD: CommandSpec = CommandSpec {
    name: "HRANDFIELD",
    group: Group::Hash,
    since: "6.2.0",
    summary: "Returns one or more random fields of a hash.",
    complexity: "O(N), N being the number of fields returned.",
    flags: Flags::READONLY,
    keys: &[KeySpec::one(1, &["RO", "access"])],
    args: &[KEY, block("options", &[integer("count"), token("WITHVALUES").optional()]).optional()],
    see_also: &["SRANDMEMBER", "ZRANDMEMBER"],
    examples: "\
> HSET coin heads 1
(integer) 1
> HRANDFIELD coin
\"heads\"
> HRANDFIELD coin -2 WITHVALUES
1) \"heads\"
2) \"1\"
3) \"heads\"
4) \"1\"
",
    run: hrandfield,
    ..CommandSpec::DEFAULT
};

fn hrandfield(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    if args.is_empty() {
        match ctx.keys.read_living(key)?.and_then(|hash| hash.random(ctx.rng)) {
            None => ctx.reply.null(),
            Some((field, _)) => reply::element(&mut ctx.reply, field),
        }
        return Ok(Answer::Done);
    }
    let count = reply::random_count(args.next_i64()?)?;
    let with_values = !args.is_empty() && args.take_token("WITHVALUES");
    args.finish()?;
    if with_values && !(-i64::MAX / 2..=i64::MAX / 2).contains(&count) {
        return Err(CmdError::OutOfRange);
    }
    let Some(hash) = ctx.keys.read_living(key)? else {
        ctx.reply.array(0);
        return Ok(Answer::Done);
    };
    let wanted = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
    let nested = with_values && ctx.reply.is_resp3();
    let items = if with_values && !nested { 2 } else { 1 };
    let answer = |reply: &mut Encoder<'_>,
                  (field, value): (ListPackValue<'_>, ListPackValue<'_>)| {
        if nested {
            reply.array(2);
        }
        reply::element(reply, field);
        if with_values {
            reply::element(reply, value);
        }
    };
    if count < 0 {
        ctx.reply.array(wanted.saturating_mul(items));
        for _ in 0..wanted {
            let Some(pair) = hash.random(ctx.rng) else { break };
            answer(&mut ctx.reply, pair);
        }
    } else {
        let chosen = hash.random_distinct(wanted, ctx.rng);
        ctx.reply.array(chosen.len() * items);
        for pair in chosen {
            answer(&mut ctx.reply, pair);
        }
    }
    Ok(Answer::Done)
}
