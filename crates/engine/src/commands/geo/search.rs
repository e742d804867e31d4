//! Searching places around another.

use std::rc::Rc;

use redarium_structures::bytes::Bytes;
use redarium_structures::list_pack::IntText;
use redarium_structures::order;
use redarium_structures::skip_list::ScoreRange;
use redarium_structures::trace::Trace as _;

use super::distance_text;
use super::options::{Form, Query};
use crate::args::Args;
use crate::command::Answer;
use crate::context::Ctx;
use crate::error::CmdError;
use crate::trace::Steps;
use crate::types::geohash::{GeoStep, Place, Plan, Shape};
use crate::types::sorted_set::{Growth, Interval, SortedSet};
use crate::value::Value;

/// A place that was found.
#[derive(Debug)]
struct Found {
    member: Bytes,
    score: f64,
    place: Place,
    /// Metres from the centre.
    distance: f64,
}

/// All searches.
pub(super) fn search(
    ctx: &mut Ctx<'_>,
    mut args: Args<'_>,
    form: Form,
) -> Result<Answer, CmdError> {
    let destination = if form == Form::SearchStore { Some(args.next_word()?) } else { None };
    let key = args.next_word()?;
    let set = ctx.keys.read::<SortedSet>(key)?;
    let query = Query::parse(args, form, set)?;
    let mut found = match (set, query.centre, query.shape) {
        (Some(set), Some(centre), Some(shape)) => {
            let limit = query.count.filter(|_| query.any).unwrap_or(usize::MAX);
            find(set, centre, shape, limit, &mut ctx.trace)
        }
        _ => Vec::new(),
    };
    let farthest_first =
        query.farthest_first.or((query.count.is_some() && !query.any).then_some(false));
    if let Some(farthest_first) = farthest_first {
        order::sort_by(&mut found, |a, b| {
            let order = a.distance.total_cmp(&b.distance);
            if farthest_first { order.reverse() } else { order }
        });
    }
    found.truncate(query.count.unwrap_or(usize::MAX));
    match destination.or(query.store) {
        Some(destination) => store(ctx, destination, found, &query, form),
        None => reply(ctx, &found, &query),
    }
    Ok(Answer::Done)
}

/// Up to `limit` places of a set within a shape, cell by cell.
fn find(
    set: &SortedSet,
    centre: Place,
    shape: Shape,
    limit: usize,
    steps: &mut Steps<'_>,
) -> Vec<Found> {
    let mut found = Vec::new();
    let plan = Plan::new(centre, shape);
    let [west, south, east, north] = plan.bounds;
    let cells = plan.cells.len();
    steps.step(GeoStep::Plan { west, south, east, north, steps: plan.steps, cells });
    for cell in plan.cells {
        let (from, to) = cell.scores();
        let [west, south, east, north] = cell.borders();
        steps.step(GeoStep::Cell { west, south, east, north, min: from, max: to });
        let range = ScoreRange {
            min: from as f64,
            max: to as f64,
            min_exclusive: false,
            max_exclusive: true,
        };
        let interval = Interval::Score(range);
        let walk = set.walk_interval(&interval, false, steps);
        for (member, score) in
            walk.take_while(|&(member, score)| interval.reaches_max(member, score))
        {
            if found.len() >= limit {
                return found;
            }
            let place = Place::from_score(score);
            let within = shape.distance_within(centre, place);
            if steps.is_some() {
                let Place { longitude, latitude } = place;
                let distance = centre.distance(place);
                let is_within = within.is_some();
                steps.step(GeoStep::Candidate { score, longitude, latitude, distance, is_within });
            }
            if let Some(distance) = within {
                let member = Bytes::from(member.text(&mut IntText::default()));
                found.push(Found { member, score, place, distance });
            }
        }
    }
    found
}

fn reply(ctx: &mut Ctx<'_>, found: &[Found], query: &Query<'_>) {
    let shown =
        usize::from(query.with_dist) + usize::from(query.with_hash) + usize::from(query.with_coord);
    let reply = &mut ctx.reply;
    reply.array(found.len());
    for one in found {
        if shown > 0 {
            reply.array(1 + shown);
        }
        reply.bulk(&one.member);
        if query.with_dist {
            reply.bulk(distance_text(one.distance / query.unit).as_bytes());
        }
        if query.with_hash {
            reply.integer(one.score as i64);
        }
        if query.with_coord {
            reply.array(2);
            reply.double(one.place.longitude);
            reply.double(one.place.latitude);
        }
    }
}

fn store(ctx: &mut Ctx<'_>, key: &[u8], found: Vec<Found>, query: &Query<'_>, form: Form) {
    ctx.reply.count(found.len());
    if found.is_empty() {
        ctx.keys.remove(key, "del");
        return;
    }
    let event = if form == Form::SearchStore { "geosearchstore" } else { "georadiusstore" };
    let score = |one: &Found| if query.store_dist { one.distance / query.unit } else { one.score };
    let mut members: Vec<_> = found.into_iter().map(|one| (score(&one), one.member)).collect();
    // Around a small map a cell may be looked at twice.
    order::sort_by(&mut members, |a, b| a.1.cmp(&b.1));
    members.dedup_by(|a, b| a.1 == b.1);
    let mut growth = Growth::new(ctx.config, ctx.keys.seed, ctx.rng);
    let set = SortedSet::from_members(members, &mut growth);
    ctx.keys.set(key, Value::ZSet(Rc::new(set)), false, event);
}
