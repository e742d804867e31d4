//! Intersection, union and difference.

use redarium_structures::order;
use redarium_structures::trace::{NoTrace, Trace};

use super::limits;
use crate::args::Args;
use crate::command::args::{Arg, KEY, integer, key};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::commands::reply;
use crate::context::Ctx;
use crate::error::CmdError;
use crate::keyspace::Keys;
use crate::trace::traced;
use crate::types::set::{Hashed, Set, SetLimits};
use crate::types::set_operation::{SetOperationStep, SetPlan};
use crate::value::Kind as _;

pub(super) const COMMANDS: &[CommandSpec] =
    &[SINTER, SINTERSTORE, SINTERCARD, SUNION, SUNIONSTORE, SDIFF, SDIFFSTORE];

const READ_KEYS: &[KeySpec] = &[KeySpec::range(1, -1, 1, &["RO", "access"])];
const STORE_KEYS: &[KeySpec] =
    &[KeySpec::one(1, &["OW", "update"]), KeySpec::range(2, -1, 1, &["RO", "access"])];
const STORE_ARGS: &[Arg] = &[key("destination"), KEY.many()];
const STORE_FLAGS: Flags = Flags::WRITE.or(Flags::DENYOOM);

const SINTER: CommandSpec = CommandSpec {
    name: "SINTER",
    group: Group::Set,
    since: "1.0.0",
    summary: "Returns the members that all of several sets have.",
    complexity: "O(N*M), N being the size of the smallest set and M the number of sets.",
    flags: Flags::READONLY,
    keys: READ_KEYS,
    args: &[KEY.many()],
    see_also: &["SINTERSTORE", "SINTERCARD", "SUNION", "SDIFF"],
    examples: "\
> SADD a 1 2 3
(integer) 3
> SADD b 2 3 4
(integer) 3
> SINTER a b
1) \"2\"
2) \"3\"
",
    run: |ctx, args| answer(ctx, args, Operation::Intersection),
    ..CommandSpec::DEFAULT
};

const SINTERSTORE: CommandSpec = CommandSpec {
    name: "SINTERSTORE",
    group: Group::Set,
    since: "1.0.0",
    summary: "Stores the members that all of several sets have and returns how many there are.",
    complexity: "O(N*M), N being the size of the smallest set and M the number of sets.",
    flags: STORE_FLAGS,
    keys: STORE_KEYS,
    args: STORE_ARGS,
    see_also: &["SINTER"],
    examples: "\
> SADD a 1 2 3
(integer) 3
> SADD b 2 3 4
(integer) 3
> SINTERSTORE both a b
(integer) 2
",
    run: |ctx, args| store(ctx, args, Operation::Intersection, "sinterstore"),
    ..CommandSpec::DEFAULT
};

const SINTERCARD: CommandSpec = CommandSpec {
    name: "SINTERCARD",
    group: Group::Set,
    since: "7.0.0",
    summary: "Returns how many members all of several sets have, counting up to a limit.",
    complexity: "O(N*M), N being the size of the smallest set and M the number of sets.",
    flags: Flags::READONLY,
    keys: &[KeySpec::counted(1, &["RO", "access"])],
    args: &[integer("numkeys"), KEY.many(), integer("limit").after("LIMIT").optional()],
    see_also: &["SINTER"],
    examples: "\
> SADD a 1 2 3
(integer) 3
> SADD b 2 3 4
(integer) 3
> SINTERCARD 2 a b
(integer) 2
> SINTERCARD 2 a b LIMIT 1
(integer) 1
",
    run: sintercard,
    ..CommandSpec::DEFAULT
};

const SUNION: CommandSpec = CommandSpec {
    name: "SUNION",
    group: Group::Set,
    since: "1.0.0",
    summary: "Returns the members that at least one of several sets has.",
    complexity: "O(N), N being the number of members of all sets together.",
    flags: Flags::READONLY,
    keys: READ_KEYS,
    args: &[KEY.many()],
    see_also: &["SUNIONSTORE", "SINTER", "SDIFF"],
    examples: "\
> SADD a 1 2
(integer) 2
> SADD b 2 3
(integer) 2
> SUNION a b
1) \"1\"
2) \"2\"
3) \"3\"
",
    run: |ctx, args| answer(ctx, args, Operation::Union),
    ..CommandSpec::DEFAULT
};

const SUNIONSTORE: CommandSpec = CommandSpec {
    name: "SUNIONSTORE",
    group: Group::Set,
    since: "1.0.0",
    summary: "Stores the members that at least one of several sets has and returns how many there are.",
    complexity: "O(N), N being the number of members of all sets together.",
    flags: STORE_FLAGS,
    keys: STORE_KEYS,
    args: STORE_ARGS,
    see_also: &["SUNION"],
    examples: "\
> SADD a 1 2
(integer) 2
> SADD b 2 3
(integer) 2
> SUNIONSTORE all a b
(integer) 3
",
    run: |ctx, args| store(ctx, args, Operation::Union, "sunionstore"),
    ..CommandSpec::DEFAULT
};

const SDIFF: CommandSpec = CommandSpec {
    name: "SDIFF",
    group: Group::Set,
    since: "1.0.0",
    summary: "Returns the members of the first set that none of the others has.",
    complexity: "O(N), N being the number of members of all sets together.",
    flags: Flags::READONLY,
    keys: READ_KEYS,
    args: &[KEY.many()],
    see_also: &["SDIFFSTORE", "SINTER", "SUNION"],
    examples: "\
> SADD a 1 2 3
(integer) 3
> SADD b 2
(integer) 1
> SDIFF a b
1) \"1\"
2) \"3\"
",
    run: |ctx, args| answer(ctx, args, Operation::Difference),
    ..CommandSpec::DEFAULT
};

const SDIFFSTORE: CommandSpec = CommandSpec {
    name: "SDIFFSTORE",
    group: Group::Set,
    since: "1.0.0",
    summary: "Stores the members of the first set that none of the others has and returns how many there are.",
    complexity: "O(N), N being the number of members of all sets together.",
    flags: STORE_FLAGS,
    keys: STORE_KEYS,
    args: STORE_ARGS,
    see_also: &["SDIFF"],
    examples: "\
> SADD a 1 2 3
(integer) 3
> SADD b 2
(integer) 1
> SDIFFSTORE rest a b
(integer) 2
",
    run: |ctx, args| store(ctx, args, Operation::Difference, "sdiffstore"),
    ..CommandSpec::DEFAULT
};

/// A set operation.
#[derive(Debug, Clone, Copy)]
enum Operation {
    Intersection,
    Union,
    Difference,
}

/// The sets under the keys, `None` for a key that is not there.
type Sources<'a> = [Option<&'a Set>];

impl Operation {
    fn result<T: Trace<SetOperationStep>>(
        self,
        sources: &Sources<'_>,
        limits: &SetLimits,
        steps: &mut T,
    ) -> Set {
        match self {
            Self::Intersection => intersection(sources, limits, steps),
            Self::Union => union(sources, limits, steps),
            Self::Difference => difference(sources, limits, steps),
        }
    }
}

/// The sets under all remaining keys; refuses if one holds another type.
fn open<'k>(keys: &'k mut Keys<'_>, words: Args<'_>) -> Result<Vec<Option<&'k Set>>, CmdError> {
    for key in words.rest() {
        keys.read::<Set>(key)?;
    }
    words.rest().map(|key| keys.peek_as::<Set>(key)).collect()
}

fn answer(ctx: &mut Ctx<'_>, args: Args<'_>, operation: Operation) -> Result<Answer, CmdError> {
    let limits = limits(ctx);
    let steps = &mut { ctx.trace };
    let sources = open(&mut ctx.keys, args)?;
    if let Operation::Intersection = operation {
        // It needs no set of its own: no member comes twice.
        let (mark, mut len) = (ctx.reply.begin_array(), 0);
        let visit = |member: &mut Hashed<'_>| {
            ctx.reply.bulk(member.bytes());
            len += 1;
            true
        };
        traced!(steps, common(&sources, visit, steps));
        ctx.reply.end_set(mark, len);
        return Ok(Answer::Done);
    }
    let result = traced!(steps, operation.result(&sources, &limits, steps));
    ctx.reply.set(result.len());
    for member in result.iter() {
        reply::element(&mut ctx.reply, member);
    }
    Ok(Answer::Done)
}

fn store(
    ctx: &mut Ctx<'_>,
    mut args: Args<'_>,
    operation: Operation,
    event: &'static str,
) -> Result<Answer, CmdError> {
    let destination = args.next_word()?;
    let limits = limits(ctx);
    let steps = &mut { ctx.trace };
    let sources = open(&mut ctx.keys, args)?;
    let result = traced!(steps, operation.result(&sources, &limits, steps));
    ctx.reply.count(result.len());
    if result.is_empty() {
        ctx.keys.remove(destination, "del");
    } else {
        ctx.keys.set(destination, result.into_value(), false, event);
    }
    Ok(Answer::Done)
}

fn sintercard(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let numkeys = args.next_numkeys()?;
    if numkeys > args.len() {
        return Err(CmdError::Msg("ERR Number of keys can't be greater than number of args"));
    }
    let mut options = args.skip(numkeys);
    let mut limit = 0;
    while !options.is_empty() {
        if !options.take_token("LIMIT") {
            return Err(CmdError::Syntax);
        }
        limit = options.next_at_least(0, CmdError::Msg("ERR LIMIT can't be negative"))?;
    }
    let steps = &mut { ctx.trace };
    let sources = open(&mut ctx.keys, args.take(numkeys))?;
    let limit = if limit == 0 { usize::MAX } else { limit };
    let mut count = 0;
    let visit = |_: &mut Hashed<'_>| {
        count += 1;
        count < limit
    };
    traced!(steps, common(&sources, visit, steps));
    ctx.reply.count(count);
    Ok(Answer::Done)
}

/// Tells of the way that was chosen and of the order in which sources are used.
fn tell<'a>(
    plan: SetPlan,
    order: impl Iterator<Item = (usize, &'a Set)>,
    steps: &mut impl Trace<SetOperationStep>,
) {
    steps.step(SetOperationStep::Plan { plan });
    for (source, set) in order {
        steps.step(SetOperationStep::Source { source, len: set.len() });
    }
}

/// Visits the members that all sets have until `visit` returns false, the smallest set leading.
fn common(
    sources: &Sources<'_>,
    mut visit: impl FnMut(&mut Hashed<'_>) -> bool,
    steps: &mut impl Trace<SetOperationStep>,
) {
    let all = sources.iter().enumerate().map(|(source, set)| Some((source, (*set)?)));
    let Some(mut sets) = all.collect::<Option<Vec<_>>>() else { return };
    order::sort_by_key(&mut sets, |(_, set)| set.len());
    tell(SetPlan::Intersection, sets.iter().copied(), steps);
    let Some((&(smallest, leading), others)) = sets.split_first() else { return };
    leading.each(|mut member| {
        steps.step(SetOperationStep::Visit { source: smallest });
        let is_common = others.iter().all(|&(source, set)| {
            let found = set.contains_hashed(&mut member, &mut NoTrace);
            steps.step(SetOperationStep::Test { source, found });
            found
        });
        if is_common {
            steps.step(SetOperationStep::Keep);
        }
        !is_common || visit(&mut member)
    });
}

fn intersection(
    sources: &Sources<'_>,
    limits: &SetLimits,
    steps: &mut impl Trace<SetOperationStep>,
) -> Set {
    let mut result = Set::default();
    let visit = |member: &mut Hashed<'_>| {
        add(&mut result, member, limits);
        true
    };
    common(sources, visit, steps);
    result
}

fn union(
    sources: &Sources<'_>,
    limits: &SetLimits,
    steps: &mut impl Trace<SetOperationStep>,
) -> Set {
    let mut result = Set::default();
    let sets = || sources.iter().enumerate().filter_map(|(source, set)| Some((source, (*set)?)));
    tell(SetPlan::Union, sets(), steps);
    for (source, set) in sets() {
        set.each(|mut member| {
            steps.step(SetOperationStep::Visit { source });
            if add(&mut result, &mut member, limits) {
                steps.step(SetOperationStep::Keep);
            }
            true
        });
    }
    result
}

/// Tests each member of the first set or removes those of the others, whichever is less work, as Redis does.
fn difference(
    sources: &Sources<'_>,
    limits: &SetLimits,
    steps: &mut impl Trace<SetOperationStep>,
) -> Set {
    let mut result = Set::default();
    let mut sets = sources.iter().enumerate().filter_map(|(source, set)| Some((source, (*set)?)));
    let Some((0, first)) = sets.next() else { return result };
    let others: Vec<(usize, &Set)> = sets.collect();
    let work_of_tests = first.len() * (others.len() + 1) / 2;
    let work_of_removals = first.len() + others.iter().map(|(_, set)| set.len()).sum::<usize>();
    let by_tests = work_of_tests <= work_of_removals;
    let plan = if by_tests { SetPlan::DifferenceByLookup } else { SetPlan::DifferenceByRemoval };
    tell(plan, std::iter::once((0, first)).chain(others.iter().copied()), steps);
    first.each(|mut member| {
        steps.step(SetOperationStep::Visit { source: 0 });
        let is_elsewhere = by_tests
            && others.iter().any(|&(source, set)| {
                let found = set.contains_hashed(&mut member, &mut NoTrace);
                steps.step(SetOperationStep::Test { source, found });
                found
            });
        if !is_elsewhere {
            add(&mut result, &mut member, limits);
            steps.step(SetOperationStep::Keep);
        }
        true
    });
    if !by_tests {
        for &(source, set) in &others {
            set.each(|mut member| {
                steps.step(SetOperationStep::Visit { source });
                if result.remove_hashed(&mut member, &mut NoTrace) {
                    steps.step(SetOperationStep::Drop);
                }
                true
            });
        }
    }
    result
}

fn add(result: &mut Set, member: &mut Hashed<'_>, limits: &SetLimits) -> bool {
    if result.is_empty() {
        result.make_room(member.bytes(), 1, limits, &mut NoTrace);
    }
    result.add_hashed(member, limits, &mut NoTrace)
}
