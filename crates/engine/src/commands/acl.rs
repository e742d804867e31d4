//! ACL: users and their rights.

use crate::command::{CommandSpec, Flags, Group, help};

mod authority;
mod log;
mod password;
mod users;

pub(super) const FILES: &[&[CommandSpec]] = &[COMMANDS];

const COMMANDS: &[CommandSpec] = &[CommandSpec {
    name: "ACL",
    group: Group::Server,
    since: "6.0.0",
    summary: "A container for commands about users and their rights.",
    complexity: "Depends on subcommand.",
    flags: Flags::SENTINEL,
    help: include_str!("acl/acl_help.txt"),
    subcommands: &[
        authority::CAT,
        users::DELUSER,
        authority::DRYRUN,
        password::GENPASS,
        users::GETUSER,
        HELP,
        users::LIST,
        users::LOAD,
        log::LOG,
        users::SAVE,
        users::SETUSER,
        users::USERS,
        authority::WHOAMI,
    ],
    ..CommandSpec::DEFAULT
}];

/// What all subcommands have in common.
const OPEN_FLAGS: Flags = Flags::NOSCRIPT.or(Flags::LOADING).or(Flags::STALE).or(Flags::SENTINEL);

/// What those that tell about users or change them have in common.
const BASE: CommandSpec = CommandSpec {
    group: Group::Server,
    since: "6.0.0",
    complexity: "O(N) where N is the number of users.",
    flags: OPEN_FLAGS.or(Flags::ADMIN),
    ..CommandSpec::DEFAULT
};

const HELP: CommandSpec = CommandSpec {
    flags: Flags::LOADING.or(Flags::STALE).or(Flags::SENTINEL),
    ..help::help(Group::Server, "6.0.0")
};
