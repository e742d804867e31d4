//! Where an element stands.

use redarium_structures::list_pack::{ListPackValue, parse_integer};

use crate::args::Args;
use crate::command::args::{KEY, integer, word};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::commands::reply;
use crate::context::Ctx;
use crate::error::CmdError;
use crate::types::list::List;

pub(super) const COMMANDS: &[CommandSpec] = &[LPOS];

const LPOS: CommandSpec = CommandSpec {
    name: "LPOS",
    group: Group::List,
    since: "6.0.6",
    summary: "Returns the place of an element in a list, or of several that are equal to it.",
    complexity: "O(N), N being the number of elements compared.",
    flags: Flags::READONLY,
    keys: &[KeySpec::one(1, &["RO", "access"])],
    args: &[
        KEY,
        word("element"),
        integer("rank").after("RANK").optional(),
        integer("num-matches").after("COUNT").optional(),
        integer("len").after("MAXLEN").optional(),
    ],
    see_also: &["LINDEX", "LREM"],
    examples: "\
> RPUSH notes do re mi do
(integer) 4
> LPOS notes do
(integer) 0
> LPOS notes do RANK -1
(integer) 3
> LPOS notes do COUNT 0
1) (integer) 0
2) (integer) 3
",
    run: lpos,
    ..CommandSpec::DEFAULT
};

/// What LPOS is asked for.
struct Search {
    /// Which match is the first to be reported, counted from 1.
    rank: u64,
    /// Whether the search begins at the tail.
    backwards: bool,
    /// Matches to report as an array, 0 for all; without it one match is reported as it is.
    count: Option<usize>,
    /// Elements to compare, 0 for all.
    max_len: usize,
}

impl Search {
    fn parse(mut args: Args<'_>) -> Result<Self, CmdError> {
        let mut search = Self { rank: 1, backwards: false, count: None, max_len: 0 };
        while !args.is_empty() {
            if args.take_token("RANK") {
                let rank = reply::negatable(args.next_i64()?)?;
                if rank == 0 {
                    return Err(CmdError::Msg(
                        "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list",
                    ));
                }
                (search.rank, search.backwards) = (rank.unsigned_abs(), rank < 0);
            } else if args.take_token("COUNT") {
                search.count =
                    Some(args.next_at_least(0, CmdError::Msg("ERR COUNT can't be negative"))?);
            } else if args.take_token("MAXLEN") {
                search.max_len =
                    args.next_at_least(0, CmdError::Msg("ERR MAXLEN can't be negative"))?;
            } else {
                return Err(CmdError::Syntax);
            }
        }
        Ok(search)
    }
}

fn lpos(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (key, element) = (args.next_word()?, args.next_word()?);
    let search = Search::parse(args)?;
    let list = ctx.keys.read::<List>(key)?;
    let places = list.into_iter().flat_map(|list| {
        let number = parse_integer(element);
        let is_equal = move |value: ListPackValue<'_>| match value {
            ListPackValue::Int(stored) => number == Some(stored),
            ListPackValue::Str(stored) => stored == element,
        };
        let most = if search.max_len == 0 { usize::MAX } else { search.max_len };
        let (len, backwards) = (list.len(), search.backwards);
        list.iter_from(if backwards { -1 } else { 0 }, backwards, &mut ctx.trace)
            .take(most)
            .enumerate()
            .filter(move |&(_, value)| is_equal(value))
            .map(move |(at, _)| if backwards { len - 1 - at } else { at })
    });
    let mut places = places.skip(usize::try_from(search.rank - 1).unwrap_or(usize::MAX));
    let Some(count) = search.count else {
        match places.next() {
            None => ctx.reply.null(),
            Some(place) => ctx.reply.count(place),
        }
        return Ok(Answer::Done);
    };
    let most = if count == 0 { usize::MAX } else { count };
    let array = ctx.reply.begin_array();
    let mut found = 0;
    for place in places.take(most) {
        ctx.reply.count(place);
        found += 1;
    }
    ctx.reply.end_array(array, found);
    Ok(Answer::Done)
}
