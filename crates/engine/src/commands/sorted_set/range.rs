//! Reading a range: by rank, by score or by member, up or down.

use std::rc::Rc;

use redarium_structures::bytes::Bytes;
use redarium_structures::list_pack::{IntText, ListPackValue};

use super::{bounds, reply_len, reply_scored};
use crate::args::Args;
use crate::command::args::{KEY, block, integer, key, one_of, token, word};
use crate::command::{Answer, Arg, CommandSpec, Flags, Group, KeySpec};
use crate::commands::reply;
use crate::context::Ctx;
use crate::error::CmdError;
use crate::trace::Steps;
use crate::types::sorted_set::{Growth, Interval, SortedSet, Walk};
use crate::value::Value;

pub(super) const COMMANDS: &[CommandSpec] = &[ZRANGE, ZRANGESTORE];

pub(super) const LIMIT: Arg =
    block("limit", &[integer("offset"), integer("count")]).after("LIMIT").optional();
const BY: Arg = one_of("sortby", &[token("BYSCORE"), token("BYLEX")]).optional();

const ZRANGE: CommandSpec = CommandSpec {
    name: "ZRANGE",
    group: Group::SortedSet,
    since: "1.2.0",
    summary: "Returns the members in a range of ranks, of scores, or of members.",
    complexity: "O(log N + M), N being the size of the sorted set and M the number of members returned.",
    flags: Flags::READONLY,
    keys: &[KeySpec::one(1, &["RO", "access"])],
    args: &[
        KEY,
        word("start"),
        word("stop"),
        BY.since("6.2.0"),
        token("REV").optional().since("6.2.0"),
        LIMIT.since("6.2.0"),
        token("WITHSCORES").optional(),
    ],
    history: &[("6.2.0", "Knows `REV`, `BYSCORE`, `BYLEX` and `LIMIT`.")],
    see_also: &["ZRANGESTORE", "ZRANK", "ZCOUNT"],
    examples: "\
> ZADD game 3900 bo 4200 ana 5100 cy
(integer) 3
> ZRANGE game 0 1 REV WITHSCORES
1) \"cy\"
2) \"5100\"
3) \"ana\"
4) \"4200\"
> ZRANGE game (3900 +inf BYSCORE LIMIT 0 1
1) \"ana\"
",
    run: zrange,
    ..CommandSpec::DEFAULT
};

const ZRANGESTORE: CommandSpec = CommandSpec {
    name: "ZRANGESTORE",
    group: Group::SortedSet,
    since: "6.2.0",
    summary: "Stores a range of one sorted set as another; answers with its size.",
    complexity: "O(log N + M), N being the size of the source and M the number of members stored.",
    flags: Flags::WRITE.or(Flags::DENYOOM),
    keys: &[KeySpec::one(1, &["OW", "update"]), KeySpec::one(2, &["RO", "access"])],
    args: &[key("dst"), key("src"), word("min"), word("max"), BY, token("REV").optional(), LIMIT],
    see_also: &["ZRANGE"],
    examples: "\
> ZADD game 3900 bo 4200 ana 5100 cy
(integer) 3
> ZRANGESTORE podium game 0 1 REV
(integer) 2
> ZRANGE podium 0 -1
1) \"ana\"
2) \"cy\"
",
    run: zrangestore,
    ..CommandSpec::DEFAULT
};

/// What a range's ends are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// Ranks.
    Rank,
    /// Scores.
    Score,
    /// Members.
    Lex,
}

/// What the name of a command says already; the rest is for its options to say.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form {
    /// What the range's ends are.
    pub(super) by: Option<By>,
    /// Whether the range is read downwards.
    pub(super) reverse: Option<bool>,
    /// Whether it is stored, so that there is nothing to show scores in.
    pub(super) stores: bool,
}

/// A range as a command asks for it.
#[derive(Debug)]
struct Query {
    ends: Ends,
    reverse: bool,
    with_scores: bool,
    /// Members that are passed over.
    offset: i64,
    /// Members at most; negative for no limit.
    limit: i64,
}

#[derive(Debug)]
enum Ends {
    Ranks(i64, i64),
    Interval(Interval),
}

impl Query {
    /// Reads the two ends and the options.
    fn parse(mut args: Args<'_>, form: Form) -> Result<Self, CmdError> {
        let (first, second) = (args.next_word()?, args.next_word()?);
        let Form { mut by, mut reverse, stores } = form;
        let (mut with_scores, mut offset, mut limit) = (false, 0, -1);
        while !args.is_empty() {
            if !stores && args.take_token("WITHSCORES") {
                with_scores = true;
            } else if args.len() > 2 && args.take_token("LIMIT") {
                (offset, limit) = (args.next_i64()?, args.next_i64()?);
            } else if reverse.is_none() && args.take_token("REV") {
                reverse = Some(true);
            } else if by.is_none() && args.take_token("BYLEX") {
                by = Some(By::Lex);
            } else if by.is_none() && args.take_token("BYSCORE") {
                by = Some(By::Score);
            } else {
                return Err(CmdError::Syntax);
            }
        }
        let (by, reverse) = (by.unwrap_or(By::Rank), reverse.unwrap_or(false));
        if limit != -1 && by == By::Rank {
            return Err(CmdError::Msg(
                "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX",
            ));
        }
        if with_scores && by == By::Lex {
            return Err(CmdError::Msg(
                "ERR syntax error, WITHSCORES not supported in combination with BYLEX",
            ));
        }
        let (min, max) = if reverse { (second, first) } else { (first, second) };
        let ends = match by {
            By::Rank => {
                let rank =
                    |text| redarium_resp::number::parse_i64(text).ok_or(CmdError::NotInteger);
                Ends::Ranks(rank(first)?, rank(second)?)
            }
            By::Score => Ends::Interval(bounds::scores(min, max)?),
            By::Lex => Ends::Interval(bounds::members(min, max)?),
        };
        Ok(Self { ends, reverse, with_scores, offset, limit })
    }

    /// Where the range begins in a set, and how many members it has at most; of ranks: exactly.
    fn begin<'s>(&self, set: &'s SortedSet, steps: &mut Steps<'_>) -> (Walk<'s>, usize) {
        match &self.ends {
            Ends::Ranks(start, stop) => {
                let ranks = bounds::ranks(*start, *stop, set.len());
                (set.walk_from(ranks.start, self.reverse, steps), ranks.len())
            }
            Ends::Interval(interval) => {
                let mut walk = set.walk_interval(interval, self.reverse, steps);
                // A negative offset passes over everything, a negative limit is none.
                let Ok(offset) = usize::try_from(self.offset) else { return (walk, 0) };
                walk.jump(offset, steps);
                (walk, usize::try_from(self.limit).unwrap_or(usize::MAX))
            }
        }
    }

    /// Whether the range has ended before this member.
    fn is_over(&self, member: ListPackValue<'_>, score: f64) -> bool {
        match &self.ends {
            Ends::Ranks(..) => false,
            Ends::Interval(interval) if self.reverse => !interval.reaches_min(member, score),
            Ends::Interval(interval) => !interval.reaches_max(member, score),
        }
    }
}

fn zrange(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    range(ctx, args, Form { by: None, reverse: None, stores: false })
}

/// Every command that reads a range: the key, the ends, options.
pub(super) fn range(ctx: &mut Ctx<'_>, mut args: Args<'_>, form: Form) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let query = Query::parse(args, form)?;
    let Some(set) = ctx.keys.read::<SortedSet>(key)? else {
        ctx.reply.array(0);
        return Ok(Answer::Done);
    };
    let (walk, most) = query.begin(set, &mut ctx.trace);
    let reply = &mut ctx.reply;
    let mark = match query.ends {
        Ends::Ranks(..) => {
            reply.array(reply_len(reply, most, query.with_scores));
            None
        }
        Ends::Interval(_) => Some(reply.begin_array()),
    };
    let mut members = 0;
    for (member, score) in walk.take(most) {
        if query.is_over(member, score) {
            break;
        }
        if query.with_scores {
            reply_scored(reply, member, score);
        } else {
            reply::element(reply, member);
        }
        members += 1;
    }
    if let Some(mark) = mark {
        let len = reply_len(reply, members, query.with_scores);
        reply.end_array(mark, len);
    }
    Ok(Answer::Done)
}

fn zrangestore(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (destination, source) = (args.next_word()?, args.next_word()?);
    let query = Query::parse(args, Form { by: None, reverse: None, stores: true })?;
    let members = match ctx.keys.read::<SortedSet>(source)? {
        None => Vec::new(),
        Some(set) => {
            let (walk, most) = query.begin(set, &mut ctx.trace);
            walk.take(most)
                .take_while(|&(member, score)| !query.is_over(member, score))
                .map(|(member, score)| (score, Bytes::from(member.text(&mut IntText::default()))))
                .collect()
        }
    };
    store(ctx, destination, members, "zrangestore");
    Ok(Answer::Done)
}

/// Makes these members, each named once, the sorted set at `key`; without any the key goes. Answers with their number.
pub(super) fn store(
    ctx: &mut Ctx<'_>,
    key: &[u8],
    members: Vec<(f64, Bytes)>,
    event: &'static str,
) {
    ctx.reply.count(members.len());
    if members.is_empty() {
        ctx.keys.remove(key, "del");
        return;
    }
    let mut growth = Growth::new(ctx.config, ctx.keys.seed, ctx.rng);
    let set = SortedSet::from_members(members, &mut growth);
    ctx.keys.set(key, Value::ZSet(Rc::new(set)), false, event);
}
