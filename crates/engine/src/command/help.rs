//! The HELP subcommand of containers.
//!
//! Where Redis's own lines are known they are the reply, as error texts are; else they are derived from the table:
//! syntax and summary of each subcommand.

use redarium_structures::order;

use super::{Answer, CommandSpec, Flags, Group};
use crate::args::Args;
use crate::context::Ctx;
use crate::error::CmdError;
use crate::table;

/// The HELP subcommand of a container of this group, which has had it since this version.
pub const fn help(group: Group, since: &'static str) -> CommandSpec {
    CommandSpec {
        name: "HELP",
        group,
        since,
        summary: "Lists the subcommands.",
        complexity: "O(1)",
        flags: Flags::LOADING.or(Flags::STALE),
        run,
        ..CommandSpec::DEFAULT
    }
}

fn run(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    let Some(container) = args.word(0).and_then(table::lookup) else {
        return Err(CmdError::Syntax);
    };
    let lines = lines(container);
    ctx.reply.array(lines.len());
    for line in lines {
        ctx.reply.simple(line);
    }
    Ok(Answer::Done)
}

fn lines(container: &CommandSpec) -> Vec<String> {
    let mut lines = vec![format!(
        "{} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        container.name
    )];
    lines.extend(container.help.lines().map(str::to_owned));
    if container.help.is_empty() {
        lines.extend(derived(container));
    }
    lines.extend(["HELP", "    Print this help."].map(str::to_owned));
    lines
}

fn derived(container: &CommandSpec) -> Vec<String> {
    let mut subcommands: Vec<_> =
        container.subcommands.iter().filter(|sub| sub.name != "HELP").collect();
    order::sort_by_key(&mut subcommands, |sub| sub.name);
    let lines = subcommands.into_iter().flat_map(|sub| {
        let syntax = format!("{} {}", sub.name, sub.syntax());
        [syntax.trim_end().to_owned(), format!("    {}", sub.summary)]
    });
    lines.collect()
}
