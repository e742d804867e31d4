//! Adding places.

use super::next_place;
use crate::args::Args;
use crate::command::args::{KEY, block, double, one_of, token, word};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::types::sorted_set::{Growth, SortedSet};

pub(super) const COMMANDS: &[CommandSpec] = &[GEOADD];

const GEOADD: CommandSpec = CommandSpec {
    name: "GEOADD",
    group: Group::Geo,
    since: "3.2.0",
    summary: "Adds places to a sorted set, or moves those it has; the score of each is its geohash.",
    complexity: "O(log N) for each place, N being the size of the sorted set.",
    flags: Flags::WRITE.or(Flags::DENYOOM),
    keys: &[KeySpec::one(1, &["RW", "update"])],
    args: &[
        KEY,
        one_of("condition", &[token("NX"), token("XX")]).optional().since("6.2.0"),
        token("CH").optional().since("6.2.0"),
        block("data", &[double("longitude"), double("latitude"), word("member")]).many(),
    ],
    history: &[("6.2.0", "Knows `CH`, `NX` and `XX`.")],
    see_also: &["GEOPOS", "GEOSEARCH", "ZREM"],
    examples: "\
> GEOADD sicily 13.361389 38.115556 Palermo 15.087269 37.502669 Catania
(integer) 2
> GEODIST sicily Palermo Catania km
\"166.2742\"
",
    run: geoadd,
    ..CommandSpec::DEFAULT
};

fn geoadd(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let (mut nx, mut xx, mut ch) = (false, false, false);
    loop {
        if args.take_token("NX") {
            nx = true;
        } else if args.take_token("XX") {
            xx = true;
        } else if args.take_token("CH") {
            ch = true;
        } else {
            break;
        }
    }
    if args.is_empty() || !args.len().is_multiple_of(3) || (nx && xx) {
        return Err(CmdError::Syntax);
    }
    let mut scores = Vec::with_capacity(args.len() / 3);
    let mut left = args;
    while !left.is_empty() {
        scores.push(next_place(&mut left)?.score());
        left = left.skip(1);
    }

    let mut growth = Growth::new(ctx.config, ctx.keys.seed, ctx.rng);
    let mut set = if xx {
        let Some(set) = ctx.keys.edit::<SortedSet>(key)? else {
            ctx.reply.integer(0);
            return Ok(Answer::Done);
        };
        set
    } else {
        ctx.keys.edit_or_create::<SortedSet>(key)?
    };
    set.make_room(scores.len(), &mut growth, &mut ctx.trace);
    let (mut added, mut updated) = (0, 0);
    for (&score, member) in scores.iter().zip(args.rest().skip(2).step_by(3)) {
        let decide = |present: Option<f64>| {
            let refused = if present.is_some() { nx } else { xx };
            Ok::<_, CmdError>((!refused).then_some(score))
        };
        let upserted = set.upsert(member, decide, &mut growth, &mut ctx.trace)?;
        match (upserted.before, upserted.after) {
            (None, Some(_)) => added += 1,
            (Some(_), Some(_)) if upserted.before != upserted.after => updated += 1,
            _ => {}
        }
    }
    set.changed_by(added + updated, "zadd");
    drop(set);
    ctx.reply.integer((added + if ch { updated } else { 0 }) as i64);
    Ok(Answer::Done)
}
