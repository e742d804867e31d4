//! Visiting a sorted set a few members at a time.

use redarium_resp::number::{write_f64, write_f64_17};

use crate::args::Args;
use crate::command::args::{KEY, integer};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::commands::reply;
use crate::commands::scan::{COUNT, Extra, MATCH, ScanOptions, cursor};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::types::sorted_set::SortedSet;

pub(super) const COMMANDS: &[CommandSpec] = &[ZSCAN];

const ZSCAN: CommandSpec = CommandSpec {
    name: "ZSCAN",
    group: Group::SortedSet,
    since: "2.8.0",
    summary: "Visits the members of a sorted set a few at a time, in no particular order.",
    complexity: "O(1) for each call, O(N) for a whole round of N members.",
    flags: Flags::READONLY,
    keys: &[KeySpec::one(1, &["RO", "access"])],
    args: &[KEY, integer("cursor"), MATCH, COUNT],
    see_also: &["SCAN", "ZRANGE"],
    examples: "\
> ZADD game 4200 ana 3900 bo
(integer) 2
> ZSCAN game 0 MATCH a*
1) \"0\"
2) 1) \"ana\"
   2) \"4200\"
",
    run: zscan,
    ..CommandSpec::DEFAULT
};

fn zscan(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (key, cursor) = (args.next_word()?, cursor(args.next_word()?)?);
    let Some(set) = ctx.keys.read::<SortedSet>(key)? else {
        // As in Redis, options are not even read where there is nothing to scan.
        reply::scan(&mut ctx.reply, 0, 0);
        return Ok(Answer::Done);
    };
    let options = ScanOptions::parse(args, Extra::None)?;
    let (next, found) = options.collect(cursor, |cursor, found| {
        set.scan(cursor, |member, score| found.see(member, (member, score)), &mut ctx.trace)
    });
    reply::scan(&mut ctx.reply, next, 2 * found.len());
    // Redis shows the stored text of a listpack's score and seventeen digits of any other.
    let write = if set.skip_list().is_some() { write_f64_17 } else { write_f64 };
    let mut text = Vec::new();
    for (member, score) in found {
        reply::element(&mut ctx.reply, member);
        text.clear();
        write(&mut text, score);
        ctx.reply.bulk(&text);
    }
    Ok(Answer::Done)
}
