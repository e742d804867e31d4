//! MIGRATE: keys to another node, which this one cannot reach.

use crate::args::Args;
use crate::command::args::{block, integer, key, one_of, token, word};
use crate::command::{Answer, Begin, CommandSpec, Find, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;

pub(super) const COMMANDS: &[CommandSpec] = &[MIGRATE];

const MIGRATE: CommandSpec = CommandSpec {
    name: "MIGRATE",
    group: Group::Generic,
    since: "2.6.0",
    summary: "Moves keys to another node; a node that reaches no other refuses.",
    complexity: "O(N) where N is the number of keys.",
    flags: Flags::WRITE.or(Flags::DANGEROUS),
    keys: &[
        KeySpec::one(3, &["RW", "access", "delete"]),
        KeySpec {
            flags: &["RW", "access", "delete", "incomplete"],
            begin: Begin::Keyword { word: "KEYS", from: -2 },
            find: Find::Range { last: -1, step: 1, limit: 0 },
        },
    ],
    args: &[
        word("host"),
        integer("port"),
        one_of("key-selector", &[key("key"), token("\"\"")]),
        integer("destination-db"),
        integer("timeout"),
        token("COPY").optional().since("3.0.0"),
        token("REPLACE").optional().since("3.0.0"),
        one_of(
            "authentication",
            &[
                word("auth").after("AUTH").since("4.0.7"),
                block("auth2", &[word("username"), word("password")]).after("AUTH2").since("6.0.0"),
            ],
        )
        .optional(),
        key("keys").after("KEYS").optional().many().since("3.0.6"),
    ],
    history: &[
        ("3.0.0", "Takes COPY and REPLACE."),
        ("3.0.6", "Takes KEYS."),
        ("4.0.7", "Takes AUTH."),
        ("6.0.0", "Takes AUTH2."),
    ],
    see_also: &["DUMP", "RESTORE", "COPY"],
    examples: "\
> MIGRATE 127.0.0.1 6380 nothing 0 1000
NOKEY
",
    run: migrate,
    ..CommandSpec::DEFAULT
};

fn migrate(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (_host, _port, key) = (args.next_word()?, args.next_word()?, args.next_word()?);
    let numbers = args.take(2);
    args = args.skip(2);
    let mut keys = None;
    while !args.is_empty() {
        if args.take_token("COPY") || args.take_token("REPLACE") {
        } else if args.len() >= 2 && args.take_token("AUTH") {
            args.next_word()?;
        } else if args.len() >= 3 && args.take_token("AUTH2") {
            args = args.skip(2);
        } else if args.take_token("KEYS") {
            if !key.is_empty() {
                return Err(CmdError::Msg(
                    "ERR When using MIGRATE KEYS option, the key argument must be set to the empty string",
                ));
            }
            keys = Some(args);
            break;
        } else {
            return Err(CmdError::Syntax);
        }
    }
    let mut numbers = numbers;
    let (_db, _timeout) = (numbers.next_i64()?, numbers.next_i64()?);
    let is_there = match keys {
        Some(keys) => keys.rest().filter(|key| ctx.keys.find(key).is_some()).count() > 0,
        None => ctx.keys.find(key).is_some(),
    };
    if is_there {
        let text =
            "IOERR this node cannot reach another one; take keys there with DUMP and RESTORE";
        return Err(CmdError::Msg(text));
    }
    ctx.reply.simple("NOKEY");
    Ok(Answer::Done)
}
