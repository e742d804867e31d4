//! LOLWUT: a picture, as every version of Redis has one; here a skip list by chance.

use crate::REDIS_VERSION;
use crate::args::Args;
use crate::command::args::{integer, word};
use crate::command::{Answer, CommandSpec, Flags, Group};
use crate::context::Ctx;
use crate::error::CmdError;

pub(super) const COMMANDS: &[CommandSpec] = &[LOLWUT];

const LOLWUT: CommandSpec = CommandSpec {
    name: "LOLWUT",
    group: Group::Server,
    since: "5.0.0",
    summary: "Draws a skip list by chance, and tells the version.",
    complexity: "O(N) where N is the number of nodes drawn.",
    flags: Flags::READONLY.or(Flags::FAST),
    args: &[integer("version").after("VERSION").optional(), word("nodes").optional().many()],
    see_also: &["ZADD"],
    run: lolwut,
    ..CommandSpec::DEFAULT
};

/// Nodes that are drawn unless told otherwise.
const NODES: usize = 12;

/// Nodes that fit on a wide terminal.
const NODES_MAX: usize = 40;

/// Levels of the picture.
const LEVELS: usize = 5;

fn lolwut(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    if args.len() >= 2 && args.take_token("VERSION") {
        args.next_i64()?;
    }
    let nodes = if args.is_empty() { NODES as i64 } else { args.next_i64()? };
    let nodes = nodes.clamp(1, NODES_MAX as i64) as usize;
    let heights: Vec<usize> = (0..nodes)
        .map(|_| {
            // A coin with four sides, as the real one: one of them goes up.
            let is_up = |_: &usize| ctx.rng.next_u64().is_multiple_of(4);
            1 + (1..LEVELS).take_while(is_up).count()
        })
        .collect();
    let text = format!(
        "{}\nA skip list, heights by chance. Redis ver. {REDIS_VERSION}\n",
        drawn(&heights)
    );
    ctx.reply.verbatim(*b"txt", text.as_bytes());
    Ok(Answer::Done)
}

/// Towers of these heights from left to right, linked on each level, after a first one that has them all.
fn drawn(heights: &[usize]) -> String {
    let mut text = String::new();
    for level in (0..LEVELS).rev() {
        text.push_str("[ ]");
        for &height in heights {
            text.push_str(if height > level { "->[ ]" } else { "-----" });
        }
        text.push_str("->\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn towers_are_linked_on_their_levels() {
        let text = drawn(&[1, 2]);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[LEVELS - 2..], ["[ ]------>[ ]->", "[ ]->[ ]->[ ]->"], "the lowest two");
    }
}
