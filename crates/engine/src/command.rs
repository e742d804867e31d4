//! What a command is: one constant beside its handler, from which everything else is derived.
//!
//! A [`CommandSpec`] stores each fact once.
//! Arity, syntax line, first/last/step, ACL categories and the replies of COMMAND are computed from it (`command/`),
//! and so are the console's hints.
//! This module knows nothing of keys in memory or of clients.

pub mod args;
pub mod derive;
pub mod docs;
pub mod expect;
pub mod flags;
pub mod help;
pub mod hint;
pub mod info;
pub(crate) mod key_search;
pub mod keys;
pub mod manual;
pub mod mistake;
pub mod sentence;

pub use args::{Arg, ArgKind};
pub use flags::{Flags, Group};
pub use keys::{Begin, Find, KeySpec};

use crate::args::Args;
use crate::context::Ctx;
use crate::error::CmdError;

/// What a handler returns when it did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Answer {
    /// The reply stands in `ctx.reply`.
    Done,
    /// The connection closes once the reply has been sent.
    Close,
}

/// The function of a command: reads words, refuses, opens keys, changes, answers; in that order.
pub type Handler = for<'a> fn(&mut Ctx<'_>, Args<'a>) -> Result<Answer, CmdError>;

/// That a command has a newer form, and which.
#[derive(Debug, Clone, Copy)]
pub struct Deprecation {
    /// First version in which the command counts as deprecated.
    pub since: &'static str,
    /// Today's form, as a learner would type it.
    pub replaced_by: &'static str,
}

/// All that is known about one command or subcommand.
#[derive(Debug, Clone, Copy)]
pub struct CommandSpec {
    /// Upper-case name; of a subcommand its own word only.
    pub name: &'static str,
    /// The family it is documented in.
    pub group: Group,
    /// First Redis version that has it.
    pub since: &'static str,
    /// One sentence of at most 100 characters.
    pub summary: &'static str,
    /// Begins with `O(`, except for containers.
    pub complexity: &'static str,
    /// How dispatch and ACL treat it.
    pub flags: Flags,
    /// ACL categories in place of the one that the group implies, as `["connection"]`.
    pub acl: Option<&'static [&'static str]>,
    /// Where its keys stand among its words.
    pub keys: &'static [KeySpec],
    /// The grammar of its words, without its name.
    pub args: &'static [Arg],
    /// Arity as Redis counts it; 0 derives it from `args`.
    pub arity: i8,
    /// Version and change, oldest first.
    pub history: &'static [(&'static str, &'static str)],
    /// Today's form, if this one is an old one.
    pub deprecated: Option<Deprecation>,
    /// Names of related commands.
    pub see_also: &'static [&'static str],
    /// A transcript: shown in help, replayed as a test.
    pub examples: &'static str,
    /// Of a container (CONFIG, OBJECT, …): what its second word may be.
    pub subcommands: &'static [CommandSpec],
    /// Of a container: what HELP answers, where Redis's words are part of its replies; else it is derived.
    pub help: &'static str,
    /// The function to run.
    pub run: Handler,
}

impl CommandSpec {
    /// A spec with nothing in it, to be completed by `..CommandSpec::DEFAULT`.
    pub const DEFAULT: Self = Self {
        name: "",
        group: Group::Generic,
        since: "",
        summary: "",
        complexity: "",
        flags: Flags::NONE,
        acl: None,
        keys: &[],
        args: &[],
        arity: 0,
        history: &[],
        deprecated: None,
        see_also: &[],
        examples: "",
        subcommands: &[],
        help: "",
        run: container,
    };

    /// The subcommand called `word`, whatever its case.
    pub fn subcommand(&self, word: &[u8]) -> Option<&'static Self> {
        self.subcommands.get(self.subcommand_at(word)?)
    }

    /// The place of the subcommand called `word`, whatever its case.
    #[inline]
    pub(crate) fn subcommand_at(&self, word: &[u8]) -> Option<usize> {
        self.subcommands.iter().position(|sub| sub.name.as_bytes().eq_ignore_ascii_case(word))
    }
}

impl CommandSpec {
    /// The full name as errors and statistics write it: lower case, `config|get` for a subcommand of `container`.
    pub fn full_name(&self, container: Option<&Self>) -> String {
        let own = self.name.to_ascii_lowercase();
        container.map_or_else(
            || own.clone(),
            |container| format!("{}|{own}", container.name.to_ascii_lowercase()),
        )
    }
}

/// Stands in `run` of containers; dispatch always descends to a subcommand first.
fn container(_: &mut Ctx<'_>, _: Args<'_>) -> Result<Answer, CmdError> {
    Err(CmdError::Syntax)
}
