//! Going through all keys a few at a time.

use redarium_structures::list_pack::ListPackValue;

use crate::args::Args;
use crate::command::args::{integer, word};
use crate::command::{Answer, CommandSpec, Flags, Group};
use crate::commands::scan::{COUNT, Extra, MATCH, ScanOptions, cursor};
use crate::context::Ctx;
use crate::database::Entry;
use crate::error::CmdError;

pub(super) const COMMANDS: &[CommandSpec] = &[SCAN];

const SCAN: CommandSpec = CommandSpec {
    name: "SCAN",
    group: Group::Generic,
    since: "2.8.0",
    summary: "Lists keys a few at a time, beginning and ending with cursor 0.",
    complexity: "O(1) for every call, O(N) for a whole round over N keys.",
    flags: Flags::READONLY.or(Flags::TOUCHES_ARBITRARY_KEYS),
    args: &[integer("cursor"), MATCH, COUNT, word("type").after("TYPE").optional().since("6.0.0")],
    history: &[("6.0.0", "Can list the keys of one type.")],
    see_also: &["KEYS", "HSCAN", "SSCAN", "ZSCAN"],
    examples: "\
> MSET page:home 12 user:1 ann
OK
> SCAN 0 MATCH user:*
1) \"0\"
2) 1) \"user:1\"
",
    run: scan,
    ..CommandSpec::DEFAULT
};

fn scan(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let cursor = cursor(args.next_word()?)?;
    let options = ScanOptions::parse(args, Extra::Type)?;
    let steps = &mut ctx.keys.listener();
    let table = ctx.keys.database().table();
    let (next, found) = options.collect(cursor, |cursor, found| {
        let visit = |id, entry: &Entry| found.see(ListPackValue::Str(&entry.key), id);
        table.scan_traced(cursor, visit, steps)
    });
    ctx.reply.array(2);
    ctx.reply.bulk_int(next as i64);
    let mark = ctx.reply.begin_array();
    let mut len = 0;
    for id in found {
        if ctx.keys.is_dead(id) {
            ctx.keys.expire_on_access(id);
            continue;
        }
        let entry = ctx.keys.database().entry(id);
        let name = entry.value.type_of().name().as_bytes();
        if options.kind.is_none_or(|wanted| wanted.eq_ignore_ascii_case(name)) {
            ctx.reply.bulk(&entry.key);
            len += 1;
        }
    }
    ctx.reply.end_array(mark, len);
    Ok(Answer::Done)
}
