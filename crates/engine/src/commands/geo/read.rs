//! Reading places: where they are, their geohashes, how far apart they are.

use super::{UNIT, distance_text, next_unit};
use crate::args::Args;
use crate::command::args::{KEY, word};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::types::geohash::Place;
use crate::types::sorted_set::SortedSet;

pub(super) const COMMANDS: &[CommandSpec] = &[GEODIST, GEOHASH, GEOPOS];

const GEODIST: CommandSpec = CommandSpec {
    name: "GEODIST",
    group: Group::Geo,
    since: "3.2.0",
    summary: "Returns the distance between two places, in metres or another unit.",
    complexity: "O(1)",
    flags: Flags::READONLY,
    keys: &[KeySpec::one(1, &["RO", "access"])],
    args: &[KEY, word("member1"), word("member2"), UNIT.optional()],
    see_also: &["GEOADD", "GEOSEARCH"],
    examples: "\
> GEOADD sicily 13.361389 38.115556 Palermo 15.087269 37.502669 Catania
(integer) 2
> GEODIST sicily Palermo Catania
\"166274.1516\"
> GEODIST sicily Palermo Rome
(nil)
",
    run: geodist,
    ..CommandSpec::DEFAULT
};

const GEOHASH: CommandSpec = CommandSpec {
    name: "GEOHASH",
    group: Group::Geo,
    since: "3.2.0",
    summary: "Returns the public geohash of places, as maps on the web understand it.",
    complexity: "O(1) for each place.",
    flags: Flags::READONLY,
    keys: &[KeySpec::one(1, &["RO", "access"])],
    args: &[KEY, word("member").many().optional()],
    see_also: &["GEOPOS"],
    examples: "\
> GEOADD sicily 13.361389 38.115556 Palermo
(integer) 1
> GEOHASH sicily Palermo Rome
1) \"sqc8b49rny0\"
2) (nil)
",
    run: |ctx, args| each(ctx, args, false),
    ..CommandSpec::DEFAULT
};

const GEOPOS: CommandSpec = CommandSpec {
    name: "GEOPOS",
    group: Group::Geo,
    since: "3.2.0",
    summary: "Returns longitude and latitude of places.",
    complexity: "O(1) for each place.",
    flags: Flags::READONLY,
    keys: &[KeySpec::one(1, &["RO", "access"])],
    args: &[KEY, word("member").many().optional()],
    see_also: &["GEOHASH", "GEODIST"],
    examples: "\
> GEOADD sicily 13.361389 38.115556 Palermo
(integer) 1
> GEOPOS sicily Palermo Rome
1) 1) \"13.361389338970184\"
   2) \"38.1155563954963\"
2) (nil)
",
    run: |ctx, args| each(ctx, args, true),
    ..CommandSpec::DEFAULT
};

fn geodist(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (key, from, to) = (args.next_word()?, args.next_word()?, args.next_word()?);
    let unit = match args.len() {
        0 => 1.0,
        1 => next_unit(&mut args)?,
        _ => return Err(CmdError::Syntax),
    };
    let set = ctx.keys.read::<SortedSet>(key)?;
    let mut place = |member| set?.score(member, &mut ctx.trace).map(Place::from_score);
    match (place(from), place(to)) {
        (Some(from), Some(to)) => {
            ctx.reply.bulk(distance_text(from.distance(to) / unit).as_bytes());
        }
        _ => ctx.reply.null(),
    }
    Ok(Answer::Done)
}

fn each(ctx: &mut Ctx<'_>, mut args: Args<'_>, as_coordinates: bool) -> Result<Answer, CmdError> {
    let set = ctx.keys.read::<SortedSet>(args.next_word()?)?;
    ctx.reply.array(args.len());
    for member in args.rest() {
        let score = set.and_then(|set| set.score(member, &mut ctx.trace));
        match (score.map(Place::from_score), as_coordinates) {
            (Some(place), true) => {
                ctx.reply.array(2);
                ctx.reply.double(place.longitude);
                ctx.reply.double(place.latitude);
            }
            (Some(place), false) => ctx.reply.bulk(&place.text()),
            (None, true) => ctx.reply.null_array(),
            (None, false) => ctx.reply.null(),
        }
    }
    Ok(Answer::Done)
}
