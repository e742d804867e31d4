//! Union, intersection and difference of sorted sets and sets.

use redarium_resp::number::parse_f64;
use redarium_structures::bytes::Bytes;
use redarium_structures::list_pack::ListPackValue;

use super::combine::{Aggregate, Scored, Source, Weighted, difference, intersect, union};
use super::range::store;
use super::{reply_len, reply_scored};
use crate::args::Args;
use crate::command::args::{KEY, integer, key, one_of, token};
use crate::command::{Answer, Arg, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::trace::traced;
use crate::types::sorted_set;
use crate::value::Value;

pub(super) const COMMANDS: &[CommandSpec] =
    &[ZUNION, ZUNIONSTORE, ZINTER, ZINTERSTORE, ZINTERCARD, ZDIFF, ZDIFFSTORE];

const READ_KEYS: &[KeySpec] = &[KeySpec::counted(1, &["RO", "access"])];
const STORE_KEYS: &[KeySpec] =
    &[KeySpec::one(1, &["OW", "update"]), KeySpec::counted(2, &["RO", "access"])];
const STORE_FLAGS: Flags = Flags::WRITE.or(Flags::DENYOOM);

const DESTINATION: Arg = key("destination");
const NUMKEYS: Arg = integer("numkeys");
const WEIGHTS: Arg = integer("weight").after("WEIGHTS").many().optional();
const AGGREGATE: Arg =
    one_of("aggregate", &[token("SUM"), token("MIN"), token("MAX")]).after("AGGREGATE").optional();
const WITHSCORES: Arg = token("WITHSCORES").optional();

const UNION_COMPLEXITY: &str =
    "O(N + M * log M), N being the members of all sets together and M those of the result.";
const INTER_COMPLEXITY: &str =
    "O(N * K + M * log M), N being the smallest of K sets and M the members of the result.";
const DIFF_COMPLEXITY: &str =
    "O(N * K + M * log M), N being the first of K sets and M the members of the result.";

const ZUNION: CommandSpec = CommandSpec {
    name: "ZUNION",
    group: Group::SortedSet,
    since: "6.2.0",
    summary: "Returns the members that at least one of several sets has, their scores combined.",
    complexity: UNION_COMPLEXITY,
    flags: Flags::READONLY,
    keys: READ_KEYS,
    args: &[NUMKEYS, KEY.many(), WEIGHTS, AGGREGATE, WITHSCORES],
    see_also: &["ZUNIONSTORE", "ZINTER", "ZDIFF"],
    examples: "\
> ZADD monday 10 ana 20 bo
(integer) 2
> ZADD tuesday 5 ana 40 cy
(integer) 2
> ZUNION 2 monday tuesday WITHSCORES
1) \"ana\"
2) \"15\"
3) \"bo\"
4) \"20\"
5) \"cy\"
6) \"40\"
",
    run: |ctx, args| answer(ctx, args, Operation::Union, "zunion"),
    ..CommandSpec::DEFAULT
};

const ZUNIONSTORE: CommandSpec = CommandSpec {
    name: "ZUNIONSTORE",
    group: Group::SortedSet,
    since: "2.0.0",
    summary: "Stores the members that at least one of several sets has, their scores combined.",
    complexity: UNION_COMPLEXITY,
    flags: STORE_FLAGS,
    keys: STORE_KEYS,
    args: &[DESTINATION, NUMKEYS, KEY.many(), WEIGHTS, AGGREGATE],
    see_also: &["ZUNION"],
    examples: "\
> ZADD monday 10 ana 20 bo
(integer) 2
> ZADD tuesday 5 ana 40 cy
(integer) 2
> ZUNIONSTORE week 2 monday tuesday WEIGHTS 1 2 AGGREGATE MAX
(integer) 3
> ZSCORE week cy
\"80\"
",
    run: |ctx, args| store_result(ctx, args, Operation::Union, "zunionstore"),
    ..CommandSpec::DEFAULT
};

const ZINTER: CommandSpec = CommandSpec {
    name: "ZINTER",
    group: Group::SortedSet,
    since: "6.2.0",
    summary: "Returns the members that all of several sets have, their scores combined.",
    complexity: INTER_COMPLEXITY,
    flags: Flags::READONLY,
    keys: READ_KEYS,
    args: &[NUMKEYS, KEY.many(), WEIGHTS, AGGREGATE, WITHSCORES],
    see_also: &["ZINTERSTORE", "ZINTERCARD", "ZUNION", "ZDIFF"],
    examples: "\
> ZADD monday 10 ana 20 bo
(integer) 2
> ZADD tuesday 5 ana 40 cy
(integer) 2
> ZINTER 2 monday tuesday WITHSCORES
1) \"ana\"
2) \"15\"
",
    run: |ctx, args| answer(ctx, args, Operation::Intersection, "zinter"),
    ..CommandSpec::DEFAULT
};

const ZINTERSTORE: CommandSpec = CommandSpec {
    name: "ZINTERSTORE",
    group: Group::SortedSet,
    since: "2.0.0",
    summary: "Stores the members that all of several sets have, their scores combined.",
    complexity: INTER_COMPLEXITY,
    flags: STORE_FLAGS,
    keys: STORE_KEYS,
    args: &[DESTINATION, NUMKEYS, KEY.many(), WEIGHTS, AGGREGATE],
    see_also: &["ZINTER"],
    examples: "\
> ZADD monday 10 ana 20 bo
(integer) 2
> ZADD tuesday 5 ana 40 cy
(integer) 2
> ZINTERSTORE both 2 monday tuesday
(integer) 1
",
    run: |ctx, args| store_result(ctx, args, Operation::Intersection, "zinterstore"),
    ..CommandSpec::DEFAULT
};

const ZINTERCARD: CommandSpec = CommandSpec {
    name: "ZINTERCARD",
    group: Group::SortedSet,
    since: "7.0.0",
    summary: "Counts the members that all of several sets have, up to a limit.",
    complexity: "O(N * K), N being the size of the smallest of K sets.",
    flags: Flags::READONLY,
    keys: READ_KEYS,
    args: &[NUMKEYS, KEY.many(), integer("limit").after("LIMIT").optional()],
    see_also: &["ZINTER"],
    examples: "\
> ZADD monday 10 ana 20 bo
(integer) 2
> ZADD tuesday 5 ana 40 cy
(integer) 2
> ZINTERCARD 2 monday tuesday
(integer) 1
",
    run: zintercard,
    ..CommandSpec::DEFAULT
};

const ZDIFF: CommandSpec = CommandSpec {
    name: "ZDIFF",
    group: Group::SortedSet,
    since: "6.2.0",
    summary: "Returns the members of the first sorted set that none of the others has.",
    complexity: DIFF_COMPLEXITY,
    flags: Flags::READONLY,
    keys: READ_KEYS,
    args: &[NUMKEYS, KEY.many(), WITHSCORES],
    see_also: &["ZDIFFSTORE", "ZINTER", "ZUNION"],
    examples: "\
> ZADD monday 10 ana 20 bo
(integer) 2
> ZADD tuesday 5 ana 40 cy
(integer) 2
> ZDIFF 2 monday tuesday
1) \"bo\"
",
    run: |ctx, args| answer(ctx, args, Operation::Difference, "zdiff"),
    ..CommandSpec::DEFAULT
};

const ZDIFFSTORE: CommandSpec = CommandSpec {
    name: "ZDIFFSTORE",
    group: Group::SortedSet,
    since: "6.2.0",
    summary: "Stores the members of the first sorted set that none of the others has.",
    complexity: DIFF_COMPLEXITY,
    flags: STORE_FLAGS,
    keys: STORE_KEYS,
    args: &[DESTINATION, NUMKEYS, KEY.many()],
    see_also: &["ZDIFF"],
    examples: "\
> ZADD monday 10 ana 20 bo
(integer) 2
> ZADD tuesday 5 ana 40 cy
(integer) 2
> ZDIFFSTORE only 2 monday tuesday
(integer) 1
",
    run: |ctx, args| store_result(ctx, args, Operation::Difference, "zdiffstore"),
    ..CommandSpec::DEFAULT
};

/// What is made of the sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    Union,
    Intersection,
    Difference,
}

/// What becomes of the result; each form has options of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Answered,
    Stored,
    Counted,
}

/// The words of a command: keys whose types have been looked at, and options.
#[derive(Debug)]
struct Request<'a> {
    keys: Args<'a>,
    /// One for each key, or none.
    weights: Vec<f64>,
    aggregate: Aggregate,
    with_scores: bool,
    /// Members that are counted at most.
    limit: usize,
}

impl<'a> Request<'a> {
    /// Reads the words from the number of keys on. As in Redis, the keys' types come before the options.
    fn read(
        ctx: &mut Ctx<'_>,
        mut args: Args<'a>,
        operation: Operation,
        form: Form,
        name: &str,
    ) -> Result<Self, CmdError> {
        let numkeys = args.next_i64()?;
        let Some(numkeys) = usize::try_from(numkeys).ok().filter(|&numkeys| numkeys > 0) else {
            let text = format!("ERR at least 1 input key is needed for '{name}' command");
            return Err(CmdError::Text(text));
        };
        if numkeys > args.len() {
            return Err(CmdError::Syntax);
        }
        let mut request = Self {
            keys: args.take(numkeys),
            weights: Vec::new(),
            aggregate: Aggregate::default(),
            with_scores: false,
            limit: usize::MAX,
        };
        for key in request.keys.rest() {
            match ctx.keys.value(key) {
                None | Some(Value::Set(_) | Value::ZSet(_)) => {}
                Some(_) => return Err(CmdError::WrongType),
            }
        }
        request.read_options(args.skip(numkeys), operation, form)?;
        Ok(request)
    }

    fn read_options(
        &mut self,
        mut args: Args<'_>,
        operation: Operation,
        form: Form,
    ) -> Result<(), CmdError> {
        let numkeys = self.keys.len();
        let combines = operation != Operation::Difference && form != Form::Counted;
        while !args.is_empty() {
            if combines && args.len() > numkeys && args.take_token("WEIGHTS") {
                let weight =
                    |text| parse_f64(text).ok_or(CmdError::Msg("ERR weight value is not a float"));
                self.weights = args.take(numkeys).rest().map(weight).collect::<Result<_, _>>()?;
                args = args.skip(numkeys);
            } else if combines && args.len() > 1 && args.take_token("AGGREGATE") {
                self.aggregate = aggregate(args.next_word()?)?;
            } else if form == Form::Answered && args.take_token("WITHSCORES") {
                self.with_scores = true;
            } else if form == Form::Counted && args.len() > 1 && args.take_token("LIMIT") {
                let limit = args.next_at_least(0, CmdError::Msg("ERR LIMIT can't be negative"))?;
                self.limit = if limit == 0 { usize::MAX } else { limit };
            } else {
                return Err(CmdError::Syntax);
            }
        }
        Ok(())
    }

    /// The sets under the keys.
    fn sources<'c>(&self, ctx: &'c Ctx<'_>) -> Vec<Weighted<'c>> {
        let weights = self.weights.iter().copied().chain(std::iter::repeat(1.0));
        self.keys
            .rest()
            .zip(weights)
            .enumerate()
            .map(|(index, (key, weight))| {
                let source = match ctx.keys.peek(key) {
                    Some(Value::ZSet(set)) => Source::Sorted(set),
                    Some(Value::Set(set)) => Source::Set(set),
                    _ => Source::Missing,
                };
                Weighted { source, weight, index }
            })
            .collect()
    }

    /// The result, in no particular order.
    fn run(&self, ctx: &Ctx<'_>, operation: Operation) -> Vec<Scored> {
        let sources = self.sources(ctx);
        let steps = &mut { ctx.trace };
        match operation {
            Operation::Union => {
                traced!(steps, union(sources, self.aggregate, ctx.keys.seed, steps))
            }
            Operation::Difference => traced!(steps, difference(&sources, steps)),
            Operation::Intersection => {
                let mut common = Vec::new();
                let visit = |score, member: &[u8]| {
                    common.push((score, Bytes::from(member)));
                    true
                };
                traced!(steps, intersect(sources, self.aggregate, visit, steps));
                common
            }
        }
    }
}

fn aggregate(word: &[u8]) -> Result<Aggregate, CmdError> {
    if word.eq_ignore_ascii_case(b"SUM") {
        Ok(Aggregate::Sum)
    } else if word.eq_ignore_ascii_case(b"MIN") {
        Ok(Aggregate::Min)
    } else if word.eq_ignore_ascii_case(b"MAX") {
        Ok(Aggregate::Max)
    } else {
        Err(CmdError::Syntax)
    }
}

fn answer(
    ctx: &mut Ctx<'_>,
    args: Args<'_>,
    operation: Operation,
    name: &str,
) -> Result<Answer, CmdError> {
    let request = Request::read(ctx, args, operation, Form::Answered, name)?;
    let mut members = request.run(ctx, operation);
    sorted_set::sort(&mut members);
    let reply = &mut ctx.reply;
    reply.array(reply_len(reply, members.len(), request.with_scores));
    for (score, member) in &members {
        if request.with_scores {
            reply_scored(reply, ListPackValue::Str(member), *score);
        } else {
            reply.bulk(member);
        }
    }
    Ok(Answer::Done)
}

fn store_result(
    ctx: &mut Ctx<'_>,
    mut args: Args<'_>,
    operation: Operation,
    name: &'static str,
) -> Result<Answer, CmdError> {
    let destination = args.next_word()?;
    let request = Request::read(ctx, args, operation, Form::Stored, name)?;
    let members = request.run(ctx, operation);
    store(ctx, destination, members, name);
    Ok(Answer::Done)
}

fn zintercard(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    let operation = Operation::Intersection;
    let request = Request::read(ctx, args, operation, Form::Counted, "zintercard")?;
    let mut count = 0;
    let visit = |_, _: &[u8]| {
        count += 1;
        count < request.limit
    };
    let steps = &mut { ctx.trace };
    traced!(steps, intersect(request.sources(ctx), request.aggregate, visit, steps));
    ctx.reply.count(count);
    Ok(Answer::Done)
}
