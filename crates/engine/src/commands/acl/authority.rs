//! What may be run, and by whom.

use std::rc::Rc;

use super::{BASE, OPEN_FLAGS};
use crate::acl::rights;
use crate::args::Args;
use crate::command::args::word;
use crate::command::derive::CATEGORIES;
use crate::command::{Answer, CommandSpec};
use crate::context::Ctx;
use crate::dispatch;
use crate::error::CmdError;
use crate::table::{self, CommandId};

pub(super) const CAT: CommandSpec = CommandSpec {
    name: "CAT",
    summary: "Returns the categories of commands, or the commands of a category.",
    complexity: "O(1)",
    flags: OPEN_FLAGS,
    args: &[word("category").optional()],
    see_also: &["COMMAND LIST"],
    examples: "\
> ACL CAT hyperloglog
1) \"pfadd\"
2) \"pfcount\"
3) \"pfdebug\"
4) \"pfmerge\"
5) \"pfselftest\"
",
    run: cat,
    ..BASE
};

fn cat(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    if args.len() > 1 {
        return Err(CmdError::wrong_subcommand(args.word(1).unwrap_or_default(), "ACL"));
    }
    if args.is_empty() {
        ctx.reply.array(CATEGORIES.len());
        for category in CATEGORIES {
            ctx.reply.bulk(category.trim_start_matches('@').as_bytes());
        }
        return Ok(Answer::Done);
    }
    let wanted = args.next_word()?;
    let is_wanted =
        |category: &&&str| category.trim_start_matches('@').as_bytes().eq_ignore_ascii_case(wanted);
    let Some(category) = CATEGORIES.iter().find(is_wanted) else {
        return Err(CmdError::repeating("ERR Unknown category '", wanted, "'"));
    };
    let array = ctx.reply.begin_array();
    let mut len = 0;
    for (spec, container) in (0..table::id_count() as CommandId).filter_map(table::by_id) {
        if spec.categories().contains(category) {
            ctx.reply.bulk(spec.full_name(container).as_bytes());
            len += 1;
        }
    }
    ctx.reply.end_array(array, len);
    Ok(Answer::Done)
}

pub(super) const DRYRUN: CommandSpec = CommandSpec {
    name: "DRYRUN",
    since: "7.0.0",
    summary: "Tells whether a user may run a command, without running it.",
    complexity: "O(1)",
    args: &[word("username"), word("command"), word("arg").optional().many()],
    see_also: &["ACL GETUSER"],
    examples: "\
> ACL SETUSER reader on nopass ~* +@read
OK
> ACL DRYRUN reader GET greeting
OK
> ACL DRYRUN reader SET greeting hello
\"User reader has no permissions to run the 'set' command\"
",
    run: dry_run,
    ..BASE
};

fn dry_run(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let name = args.next_word()?;
    let Some(user) = ctx.acl.user(name).map(Rc::clone) else {
        return Err(CmdError::repeating("ERR User '", name, "' not found"));
    };
    let words = args.tail();
    let command = args.next_word()?;
    let Ok(found) = dispatch::resolve(words) else {
        return Err(CmdError::repeating("ERR Command '", command, "' not found"));
    };
    if !found.spec.accepts(words.total(), found.container.is_some()) {
        return Err(CmdError::Arity(found.full_name()));
    }
    match rights::denial(&user, &found, words) {
        None => ctx.reply.ok(),
        Some(denial) => ctx.reply.bulk(&denial.text(&user, &found, words)),
    }
    Ok(Answer::Done)
}

pub(super) const WHOAMI: CommandSpec = CommandSpec {
    name: "WHOAMI",
    summary: "Returns the name of the connection's user.",
    complexity: "O(1)",
    flags: OPEN_FLAGS,
    see_also: &["AUTH"],
    examples: "\
> ACL WHOAMI
\"default\"
",
    run: |ctx, _| {
        ctx.reply.bulk(&ctx.client.user().name);
        Ok(Answer::Done)
    },
    ..BASE
};
