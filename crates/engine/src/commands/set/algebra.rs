//! Intersection, union and difference.

use redarium_resp::number::parse_i64;
use redarium_structures::list_pack::{IntText, ListPackValue};
use redarium_structures::trace::NoTrace;

use super::limits;
use crate::args::Args;
use crate::command::args::{Arg, KEY, integer, key};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::commands::reply;
use crate::context::Ctx;
use crate::error::CmdError;
use crate::types::set::{Set, SetLimits};
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
    run: |ctx, args| answer(ctx, args, intersection),
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
    run: |ctx, args| store(ctx, args, intersection, "sinterstore"),
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
    run: |ctx, args| answer(ctx, args, union),
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
    run: |ctx, args| store(ctx, args, union, "sunionstore"),
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
    run: |ctx, args| answer(ctx, args, difference),
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
    run: |ctx, args| store(ctx, args, difference, "sdiffstore"),
    ..CommandSpec::DEFAULT
};

/// A set operation: from the sets under the keys, `None` for a key that is not there, to its result.
type Operation = fn(&[Option<&Set>], &SetLimits) -> Set;

/// The sets under all remaining keys; refuses if one holds another type.
fn open<'c>(ctx: &'c mut Ctx<'_>, keys: Args<'_>) -> Result<Vec<Option<&'c Set>>, CmdError> {
    for key in keys.rest() {
        ctx.keys.value(key);
    }
    keys.rest().map(|key| ctx.keys.peek_as::<Set>(key)).collect()
}

fn answer(ctx: &mut Ctx<'_>, args: Args<'_>, operation: Operation) -> Result<Answer, CmdError> {
    let limits = limits(ctx);
    let result = operation(&open(ctx, args)?, &limits);
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
    let result = operation(&open(ctx, args)?, &limits);
    ctx.reply.integer(result.len() as i64);
    if result.is_empty() {
        ctx.keys.remove(destination, "del");
    } else {
        ctx.keys.set(destination, result.into_value(), false, event);
    }
    Ok(Answer::Done)
}

fn sintercard(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let too_few = CmdError::Msg("ERR numkeys should be greater than 0");
    let numkeys = args.next_i64().ok().filter(|&count| count > 0).ok_or(too_few)?;
    let numkeys = usize::try_from(numkeys).unwrap_or(usize::MAX);
    if numkeys > args.len() {
        return Err(CmdError::Msg("ERR Number of keys can't be greater than number of args"));
    }
    let mut options = args.skip(numkeys);
    let mut limit = 0;
    while !options.is_empty() {
        if !options.take_token("LIMIT") {
            return Err(CmdError::Syntax);
        }
        let negative = CmdError::Msg("ERR LIMIT can't be negative");
        limit = parse_i64(options.next_word()?)
            .and_then(|limit| usize::try_from(limit).ok())
            .ok_or(negative)?;
    }
    let sets = open(ctx, args.take(numkeys))?;
    let limit = if limit == 0 { usize::MAX } else { limit };
    let mut count = 0;
    common(&sets, |_| {
        count += 1;
        count < limit
    });
    ctx.reply.integer(count as i64);
    Ok(Answer::Done)
}

/// Visits the members that all sets have until `visit` returns false, the smallest set leading.
fn common(sets: &[Option<&Set>], mut visit: impl FnMut(&[u8]) -> bool) {
    let Some(mut sets) = sets.iter().copied().collect::<Option<Vec<&Set>>>() else { return };
    sets.sort_by_key(|set| set.len());
    let Some((smallest, others)) = sets.split_first() else { return };
    let mut text = IntText::default();
    for member in smallest.iter() {
        let member = member.text(&mut text);
        if others.iter().all(|set| set.contains(member, &mut NoTrace)) && !visit(member) {
            return;
        }
    }
}

fn intersection(sets: &[Option<&Set>], limits: &SetLimits) -> Set {
    let mut result = Set::default();
    common(sets, |member| {
        add(&mut result, member, limits);
        true
    });
    result
}

fn union(sets: &[Option<&Set>], limits: &SetLimits) -> Set {
    let mut result = Set::default();
    let mut text = IntText::default();
    for set in sets.iter().flatten() {
        set.iter().for_each(|member| add(&mut result, member.text(&mut text), limits));
    }
    result
}

/// Tests each member of the first set or removes those of the others, whichever is less work, as Redis does.
fn difference(sets: &[Option<&Set>], limits: &SetLimits) -> Set {
    let mut result = Set::default();
    let Some((Some(first), others)) = sets.split_first() else { return result };
    let others: Vec<&Set> = others.iter().copied().flatten().collect();
    let mut text = IntText::default();
    let work_of_tests = first.len() * (others.len() + 1) / 2;
    let work_of_removals = first.len() + others.iter().map(|set| set.len()).sum::<usize>();
    if work_of_tests <= work_of_removals {
        for member in first.iter() {
            let member = member.text(&mut text);
            if !others.iter().any(|set| set.contains(member, &mut NoTrace)) {
                add(&mut result, member, limits);
            }
        }
    } else {
        first
            .iter()
            .for_each(|member: ListPackValue<'_>| add(&mut result, member.text(&mut text), limits));
        for member in others.iter().flat_map(|set| set.iter()) {
            result.remove(member.text(&mut text), &mut NoTrace);
        }
    }
    result
}

fn add(result: &mut Set, member: &[u8], limits: &SetLimits) {
    if result.is_empty() {
        result.make_room(member, 1, limits);
    }
    result.add(member, limits, &mut NoTrace);
}
