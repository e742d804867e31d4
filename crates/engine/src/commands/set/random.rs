//! Members by chance, left in place or taken out.

use redarium_structures::list_pack::ListPackValue;

use crate::args::Args;
use crate::command::args::{KEY, integer};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::commands::reply;
use crate::context::Ctx;
use crate::error::CmdError;
use crate::types::set::Set;

pub(super) const COMMANDS: &[CommandSpec] = &[SPOP, SRANDMEMBER];

const SPOP: CommandSpec = CommandSpec {
    name: "SPOP",
    group: Group::Set,
    since: "1.0.0",
    summary: "Removes and returns one or more random members of a set.",
    complexity: "O(1), or O(N) with a count, N being the count.",
    flags: Flags::WRITE.or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RW", "access", "delete"])],
    args: &[KEY, integer("count").optional().since("3.2.0")],
    history: &[("3.2.0", "Added the count.")],
    see_also: &["SRANDMEMBER", "SREM"],
    examples: "\
> SADD hat only
(integer) 1
> SPOP hat
\"only\"
> SPOP hat
(nil)
",
    run: spop,
    ..CommandSpec::DEFAULT
};

const SRANDMEMBER: CommandSpec = CommandSpec {
    name: "SRANDMEMBER",
    group: Group::Set,
    since: "1.0.0",
    summary: "Returns one or more random members of a set.",
    complexity: "O(1), or O(N) with a count, N being the count's absolute value.",
    flags: Flags::READONLY,
    keys: &[KeySpec::one(1, &["RO", "access"])],
    args: &[KEY, integer("count").optional().since("2.6.0")],
    history: &[("2.6.0", "Added the count.")],
    see_also: &["SPOP", "HRANDFIELD"],
    examples: "\
> SADD hat only
(integer) 1
> SRANDMEMBER hat
\"only\"
> SRANDMEMBER hat -2
1) \"only\"
2) \"only\"
",
    run: srandmember,
    ..CommandSpec::DEFAULT
};

fn spop(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    if args.is_empty() {
        return spop_one(ctx, key);
    }
    args.skip(1).finish()?;
    let count = args.next_at_least(0, CmdError::MustBePositive)?;
    let Some(mut set) = ctx.keys.edit::<Set>(key)? else {
        ctx.reply.set(0);
        return Ok(Answer::Done);
    };
    let popped: Vec<Vec<u8>> =
        set.random_distinct(count, ctx.rng).into_iter().map(ListPackValue::to_vec).collect();
    ctx.reply.set(popped.len());
    for member in &popped {
        set.remove(member, &mut ctx.trace);
        ctx.reply.bulk(member);
    }
    set.changed_by(popped.len() as u64, "spop");
    drop(set);
    if !popped.is_empty() {
        let head = [&b"SREM"[..], key].into_iter();
        let words: Vec<&[u8]> = head.chain(popped.iter().map(Vec::as_slice)).collect();
        ctx.log_as(&words);
    }
    Ok(Answer::Done)
}

fn spop_one(ctx: &mut Ctx<'_>, key: &[u8]) -> Result<Answer, CmdError> {
    let Some(mut set) = ctx.keys.edit::<Set>(key)? else {
        ctx.reply.null();
        return Ok(Answer::Done);
    };
    if let Some(member) = set.random(ctx.rng).map(ListPackValue::to_vec) {
        set.remove(&member, &mut ctx.trace);
        set.changed("spop");
        ctx.reply.bulk(&member);
        drop(set);
        ctx.log_as(&[b"SREM", key, &member]);
    }
    Ok(Answer::Done)
}

fn srandmember(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    if args.is_empty() {
        match ctx.keys.read::<Set>(key)?.and_then(|set| set.random(ctx.rng)) {
            None => ctx.reply.null(),
            Some(member) => reply::element(&mut ctx.reply, member),
        }
        return Ok(Answer::Done);
    }
    args.skip(1).finish()?;
    let count = reply::random_count(args.next_i64()?)?;
    let Some(set) = ctx.keys.read::<Set>(key)? else {
        ctx.reply.array(0);
        return Ok(Answer::Done);
    };
    let wanted = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
    if count < 0 {
        ctx.reply.array(wanted);
        for _ in 0..wanted {
            let Some(member) = set.random(ctx.rng) else { break };
            reply::element(&mut ctx.reply, member);
        }
    } else {
        let chosen = set.random_distinct(wanted, ctx.rng);
        ctx.reply.array(chosen.len());
        for member in chosen {
            reply::element(&mut ctx.reply, member);
        }
    }
    Ok(Answer::Done)
}
