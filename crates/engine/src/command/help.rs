//! The HELP subcommand of containers: syntax and summary of each of its subcommands, taken from the table.

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
    let mut subcommands: Vec<_> = container.subcommands.iter().collect();
    subcommands.sort_by_key(|sub| (sub.name == "HELP", sub.name));
    for sub in subcommands {
        lines.push(format!("{} {}", sub.name, sub.syntax()).trim_end().to_owned());
        lines.push(format!("    {}", sub.summary));
    }
    lines
}
