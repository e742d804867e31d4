//! Adding members and changing scores.

use redarium_resp::encode::Encoder;
use redarium_resp::number::parse_f64;

use crate::args::Args;
use crate::command::args::{KEY, block, double, integer, one_of, token, word};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::types::sorted_set::{Growth, SortedSet, Upserted};

pub(super) const COMMANDS: &[CommandSpec] = &[ZADD, ZINCRBY];

const FLAGS: Flags = Flags::WRITE.or(Flags::DENYOOM).or(Flags::FAST);

const ZADD: CommandSpec = CommandSpec {
    name: "ZADD",
    group: Group::SortedSet,
    since: "1.2.0",
    summary: "Adds members with scores to a sorted set, or changes the scores of those it has.",
    complexity: "O(log N) for each member, N being the size of the sorted set.",
    flags: FLAGS,
    keys: &[KeySpec::one(1, &["RW", "update"])],
    args: &[
        KEY,
        one_of("condition", &[token("NX"), token("XX")]).optional().since("3.0.2"),
        one_of("comparison", &[token("GT"), token("LT")]).optional().since("6.2.0"),
        token("CH").optional().since("3.0.2"),
        token("INCR").optional().since("3.0.2"),
        block("data", &[double("score"), word("member")]).many(),
    ],
    history: &[
        ("2.4.0", "Takes several members at once."),
        ("3.0.2", "Knows `XX`, `NX`, `CH` and `INCR`."),
        ("6.2.0", "Knows `GT` and `LT`."),
    ],
    see_also: &["ZINCRBY", "ZRANGE", "ZREM"],
    examples: "\
> ZADD game 4200 ana 3900 bo
(integer) 2
> ZADD game 4300 ana
(integer) 0
> ZADD game CH GT 4000 ana 4100 bo
(integer) 1
> ZRANGE game 0 -1 WITHSCORES
1) \"bo\"
2) \"4100\"
3) \"ana\"
4) \"4300\"
",
    run: |ctx, args| add(ctx, args, Options::default()),
    ..CommandSpec::DEFAULT
};

const ZINCRBY: CommandSpec = CommandSpec {
    name: "ZINCRBY",
    group: Group::SortedSet,
    since: "1.2.0",
    summary: "Adds to the score of a member; a missing member counts as 0 and is added.",
    complexity: "O(log N), N being the size of the sorted set.",
    flags: FLAGS,
    keys: &[KeySpec::one(1, &["RW", "access", "update"])],
    args: &[KEY, integer("increment"), word("member")],
    see_also: &["ZADD", "ZSCORE"],
    examples: "\
> ZADD game 3900 bo
(integer) 1
> ZINCRBY game 500 bo
\"4400\"
> ZINCRBY game -1.5 bo
\"4398.5\"
",
    run: |ctx, args| add(ctx, args, Options { incr: true, ..Options::default() }),
    ..CommandSpec::DEFAULT
};

/// The options of ZADD.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "they are the command's options, one each")]
struct Options {
    nx: bool,
    xx: bool,
    gt: bool,
    lt: bool,
    ch: bool,
    incr: bool,
}

impl Options {
    fn read(&mut self, args: &mut Args<'_>) {
        loop {
            let option = if args.take_token("NX") {
                &mut self.nx
            } else if args.take_token("XX") {
                &mut self.xx
            } else if args.take_token("GT") {
                &mut self.gt
            } else if args.take_token("LT") {
                &mut self.lt
            } else if args.take_token("CH") {
                &mut self.ch
            } else if args.take_token("INCR") {
                &mut self.incr
            } else {
                return;
            };
            *option = true;
        }
    }

    fn check(self, pairs: usize) -> Result<(), CmdError> {
        if self.nx && self.xx {
            return Err(CmdError::Msg("ERR XX and NX options at the same time are not compatible"));
        }
        if (self.gt && (self.nx || self.lt)) || (self.lt && self.nx) {
            return Err(CmdError::Msg(
                "ERR GT, LT, and/or NX options at the same time are not compatible",
            ));
        }
        if self.incr && pairs > 1 {
            return Err(CmdError::Msg("ERR INCR option supports a single increment-element pair"));
        }
        Ok(())
    }

    /// The new score of a member that has `present`, if it may have one.
    #[inline]
    fn decide(self, present: Option<f64>, score: f64) -> Result<Option<f64>, CmdError> {
        let Some(present) = present else {
            return Ok((!self.xx).then_some(score));
        };
        if self.nx {
            return Ok(None);
        }
        let score = if self.incr { present + score } else { score };
        if score.is_nan() {
            return Err(CmdError::Msg("ERR resulting score is not a number (NaN)"));
        }
        let refused = (self.gt && score <= present) || (self.lt && score >= present);
        Ok((!refused).then_some(score))
    }
}

/// ZADD, and ZINCRBY as Redis has it: a ZADD that always counts as INCR.
fn add(ctx: &mut Ctx<'_>, mut args: Args<'_>, mut options: Options) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    options.read(&mut args);
    if args.is_empty() || !args.len().is_multiple_of(2) {
        return Err(CmdError::Syntax);
    }
    let pairs = args.len() / 2;
    options.check(pairs)?;
    let score_of = |text| parse_f64(text).ok_or(CmdError::NotFloat);
    let first_score = score_of(args.next_word()?)?;
    let first_member = args.next_word()?;
    // One pair, by far the commonest case, needs no vector: an empty one owns no memory.
    let others = args.rest().step_by(2).map(score_of).collect::<Result<Vec<_>, _>>()?;

    let seed = ctx.keys.seed;
    let mut growth = Growth::new(ctx.config, seed, ctx.rng);
    let mut set = if options.xx {
        let Some(set) = ctx.keys.edit::<SortedSet>(key)? else {
            reply(&mut ctx.reply, options, 0, 0, None);
            return Ok(Answer::Done);
        };
        set
    } else {
        ctx.keys.edit_or_create::<SortedSet>(key)?
    };
    let members: &mut SortedSet = &mut set;
    if members.is_empty() {
        *members = SortedSet::for_members(pairs, first_member.len(), &growth);
    } else {
        members.make_room(pairs, &mut growth, &mut ctx.trace);
    }
    let (mut added, mut updated) = (0, 0);
    let mut upsert = |member: &[u8], score: f64| {
        let decide = |present| options.decide(present, score);
        let Upserted { before, after } =
            members.upsert(member, decide, &mut growth, &mut ctx.trace)?;
        match (before, after) {
            (None, Some(_)) => added += 1,
            (Some(_), Some(_)) if before != after => updated += 1,
            _ => {}
        }
        Ok::<_, CmdError>(after)
    };
    let last = upsert(first_member, first_score)?;
    for (score, member) in others.into_iter().zip(args.rest().skip(1).step_by(2)) {
        upsert(member, score)?;
    }
    set.changed_by(added + updated, if options.incr { "zincr" } else { "zadd" });
    drop(set);
    reply(&mut ctx.reply, options, added, updated, last);
    Ok(Answer::Done)
}

/// Answers with the number of members added (with CH: or changed), or with the new score for INCR.
fn reply(reply: &mut Encoder<'_>, options: Options, added: u64, updated: u64, score: Option<f64>) {
    match (options.incr, score) {
        (true, Some(score)) => reply.double(score),
        (true, None) => reply.null(),
        (false, _) => reply.integer((added + if options.ch { updated } else { 0 }) as i64),
    }
}
