//! Taking out the members with the lowest or highest scores.

use redarium_resp::encode::Encoder;

use crate::args::Args;
use crate::command::args::{KEY, integer, one_of, token};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::commands::multi_pop::MultiPop;
use crate::commands::reply;
use crate::context::Ctx;
use crate::error::CmdError;
use crate::trace::Steps;
use crate::types::sorted_set::SortedSet;

pub(super) const COMMANDS: &[CommandSpec] = &[ZPOPMIN, ZPOPMAX, ZMPOP];

const KEY_FLAGS: &[&str] = &["RW", "access", "delete"];
const COMPLEXITY: &str =
    "O(M * log N), N being the size of the sorted set and M the number of members removed.";

const ZPOPMIN: CommandSpec = CommandSpec {
    name: "ZPOPMIN",
    group: Group::SortedSet,
    since: "5.0.0",
    summary: "Removes and returns the members with the lowest scores.",
    complexity: COMPLEXITY,
    flags: Flags::WRITE.or(Flags::FAST),
    keys: &[KeySpec::one(1, KEY_FLAGS)],
    args: &[KEY, integer("count").optional()],
    see_also: &["ZPOPMAX", "ZMPOP", "BZPOPMIN"],
    examples: "\
> ZADD jobs 10 mail 20 backup
(integer) 2
> ZPOPMIN jobs
1) \"mail\"
2) \"10\"
",
    run: |ctx, args| zpop(ctx, args, End::Min),
    ..CommandSpec::DEFAULT
};

const ZPOPMAX: CommandSpec = CommandSpec {
    name: "ZPOPMAX",
    group: Group::SortedSet,
    since: "5.0.0",
    summary: "Removes and returns the members with the highest scores.",
    complexity: COMPLEXITY,
    flags: Flags::WRITE.or(Flags::FAST),
    keys: &[KeySpec::one(1, KEY_FLAGS)],
    args: &[KEY, integer("count").optional()],
    see_also: &["ZPOPMIN", "ZMPOP", "BZPOPMAX"],
    examples: "\
> ZADD game 3900 bo 4200 ana 5100 cy
(integer) 3
> ZPOPMAX game 2
1) \"cy\"
2) \"5100\"
3) \"ana\"
4) \"4200\"
",
    run: |ctx, args| zpop(ctx, args, End::Max),
    ..CommandSpec::DEFAULT
};

const ZMPOP: CommandSpec = CommandSpec {
    name: "ZMPOP",
    group: Group::SortedSet,
    since: "7.0.0",
    summary: "Removes and returns members of the first of several sorted sets that has any.",
    complexity: "O(K + M * log N), K being the number of keys, N the size and M the number removed.",
    flags: Flags::WRITE,
    keys: &[KeySpec::counted(1, KEY_FLAGS)],
    args: &[
        integer("numkeys"),
        KEY.many(),
        one_of("where", &[token("MIN"), token("MAX")]),
        integer("count").after("COUNT").optional(),
    ],
    see_also: &["ZPOPMIN", "ZPOPMAX", "BZMPOP"],
    examples: "\
> ZADD later 10 mail 20 backup
(integer) 2
> ZMPOP 2 now later MIN
1) \"later\"
2) 1) 1) \"mail\"
      2) \"10\"
",
    run: zmpop,
    ..CommandSpec::DEFAULT
};

/// Which end members are taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The lowest scores.
    Min,
    /// The highest scores.
    Max,
}

impl End {
    /// The command that takes members from this end.
    pub(super) fn command(self) -> &'static [u8] {
        match self {
            Self::Min => b"ZPOPMIN",
            Self::Max => b"ZPOPMAX",
        }
    }

    /// The keyspace event of a pop at this end.
    pub(super) fn event(self) -> &'static str {
        match self {
            Self::Min => "zpopmin",
            Self::Max => "zpopmax",
        }
    }
}

fn zpop(ctx: &mut Ctx<'_>, mut args: Args<'_>, end: End) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    if args.len() > 1 {
        return Err(CmdError::Syntax);
    }
    let count =
        if args.is_empty() { None } else { Some(args.next_at_least(0, CmdError::MustBePositive)?) };
    let Some(mut set) = ctx.keys.edit::<SortedSet>(key)? else {
        ctx.reply.array(0);
        return Ok(Answer::Done);
    };
    // Without a count there is one member, which needs no array of its own in RESP3.
    let nested = count.is_some() && ctx.reply.is_resp3();
    let members = count.unwrap_or(1).min(set.len());
    ctx.reply.array(if nested { members } else { 2 * members });
    pop(&mut set, end, members, nested, &mut ctx.reply, &mut ctx.trace);
    set.changed_by(members as u64, end.event());
    Ok(Answer::Done)
}

/// Reads `MIN` or `MAX`.
pub(super) fn next_end(args: &mut Args<'_>) -> Result<End, CmdError> {
    if args.take_token("MIN") {
        Ok(End::Min)
    } else if args.take_token("MAX") {
        Ok(End::Max)
    } else {
        Err(CmdError::Syntax)
    }
}

fn zmpop(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    if !MultiPop::parse(args, next_end)?.run(ctx)? {
        ctx.reply.null_array();
    }
    Ok(Answer::Done)
}

impl MultiPop<'_, End> {
    /// Pops from the first set that has members and answers with its key and them; whether there was one.
    pub(super) fn run(self, ctx: &mut Ctx<'_>) -> Result<bool, CmdError> {
        for key in self.keys.rest() {
            let Some(mut set) = ctx.keys.edit::<SortedSet>(key)? else { continue };
            let members = self.count.min(set.len());
            ctx.reply.array(2);
            ctx.reply.bulk(key);
            ctx.reply.array(members);
            pop(&mut set, self.end, members, true, &mut ctx.reply, &mut ctx.trace);
            set.changed_by(members as u64, self.end.event());
            drop(set);
            if ctx.is_logged() {
                ctx.log_as(&[self.end.command(), key, members.to_string().as_bytes()]);
            }
            return Ok(true);
        }
        Ok(false)
    }
}

/// Takes out `members` members and answers with each and its score, as pairs of their own if `nested`.
pub(super) fn pop(
    set: &mut SortedSet,
    end: End,
    members: usize,
    nested: bool,
    reply: &mut Encoder<'_>,
    steps: &mut Steps<'_>,
) {
    for _ in 0..members {
        set.pop(
            end == End::Max,
            |member, score| {
                if nested {
                    reply.array(2);
                }
                reply::element(reply, member);
                reply.double(score);
            },
            steps,
        );
    }
}
