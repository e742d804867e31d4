//! From the words of a command to its handler: lookup, arity, authentication, then the handler itself.
//!
//! Each check is one function that may refuse; a later check relies on the earlier ones.

use crate::args::Args;
use crate::client::Replies;
use crate::command::{Answer, CommandSpec, Flags, derive};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::table::{self, Row};

/// Bytes of the words that an "unknown command" error repeats.
const UNKNOWN_ARGS_MAX: usize = 128;

/// Runs one command; its reply or error stands in `ctx.reply` afterwards.
pub(crate) fn run(ctx: &mut Ctx<'_>, args: Args<'_>) -> Answer {
    let reply_start = ctx.reply.out.len();
    let answer = match admit_and_run(ctx, args) {
        Ok(answer) => answer,
        Err(_) if is_cross_protocol(args) => {
            ctx.reply.out.clear();
            return Answer::Close;
        }
        Err(error) => {
            ctx.reply.out.truncate(reply_start);
            let text = error.into_bytes();
            ctx.stats.count_error(&text);
            ctx.reply.error(text);
            Answer::Done
        }
    };
    if ctx.client.replies != Replies::On {
        withhold(ctx, reply_start);
    }
    answer
}

/// Whether this is a line of a web request: some page makes a browser talk to the node, and gets nothing out of it.
fn is_cross_protocol(args: Args<'_>) -> bool {
    args.word(0).is_some_and(|name| {
        name.eq_ignore_ascii_case(b"post") || name.eq_ignore_ascii_case(b"host:")
    })
}

/// Takes back a reply that CLIENT REPLY has asked not to be sent.
#[cold]
fn withhold(ctx: &mut Ctx<'_>, reply_start: usize) {
    ctx.reply.out.truncate(reply_start);
    ctx.client.replies = match ctx.client.replies {
        Replies::SkipNext => Replies::Skip,
        Replies::Skip => Replies::On,
        same => same,
    };
}

fn admit_and_run(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    let found = resolve(args)?;
    check_arity(&found, args)?;
    check_authenticated(ctx, found.spec)?;
    ctx.stats.commands += 1;
    ctx.client.commands += 1;
    ctx.client.last_command = Some((found.spec, found.container));
    (found.spec.run)(ctx, args.skip(found.name_words()))
}

/// A command or subcommand that words name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    /// The spec with the handler.
    pub(crate) spec: &'static CommandSpec,
    /// The command that contains it, if it is a subcommand.
    pub(crate) container: Option<&'static CommandSpec>,
    /// As [`CommandSpec::effective_arity`] says.
    pub(crate) arity: i64,
}

impl Found {
    /// How many words its name takes.
    pub(crate) fn name_words(&self) -> usize {
        if self.container.is_some() { 2 } else { 1 }
    }

    /// Its full name as errors and statistics write it: lower case, `config|get`.
    pub(crate) fn full_name(&self) -> String {
        self.spec.full_name(self.container)
    }
}

/// Finds the command that the words name, or says that there is none.
#[inline]
pub(crate) fn resolve(args: Args<'_>) -> Result<Found, CmdError> {
    let name = args.word(0).unwrap_or(b"");
    let Some(Row { spec, arity }) = table::lookup_row(name) else {
        return Err(unknown_command(name, args));
    };
    if spec.subcommands.is_empty() {
        return Ok(Found { spec, container: None, arity });
    }
    let Some(word) = args.word(1) else {
        // COMMAND is the one container that is also a command.
        return if spec.accepts(1, false) {
            Ok(Found { spec, container: None, arity })
        } else {
            Err(CmdError::Arity(spec.full_name(None)))
        };
    };
    match spec.subcommand(word) {
        Some(sub) => {
            let arity = sub.effective_arity(true);
            Ok(Found { spec: sub, container: Some(spec), arity })
        }
        None => Err(unknown_subcommand(spec, word)),
    }
}

#[inline]
fn check_arity(found: &Found, args: Args<'_>) -> Result<(), CmdError> {
    if derive::accepts(found.arity, args.total()) {
        Ok(())
    } else {
        Err(CmdError::Arity(found.full_name()))
    }
}

#[inline]
fn check_authenticated(ctx: &Ctx<'_>, spec: &CommandSpec) -> Result<(), CmdError> {
    if ctx.client.authenticated || spec.flags.has(Flags::NO_AUTH) {
        Ok(())
    } else {
        Err(CmdError::Msg("NOAUTH Authentication required."))
    }
}

#[cold]
fn unknown_command(name: &[u8], args: Args<'_>) -> CmdError {
    let mut shown = Vec::new();
    for word in args.skip(1).rest() {
        if shown.len() >= UNKNOWN_ARGS_MAX {
            break;
        }
        let word = repeated(word, UNKNOWN_ARGS_MAX - shown.len());
        shown.extend_from_slice(&[b"'", word, b"' "].concat());
    }
    let name = repeated(name, UNKNOWN_ARGS_MAX);
    CmdError::Bytes(
        [b"ERR unknown command '", name, b"', with args beginning with: ", &shown].concat(),
    )
}

#[cold]
fn unknown_subcommand(container: &CommandSpec, word: &[u8]) -> CmdError {
    let word = repeated(word, UNKNOWN_ARGS_MAX);
    let after = format!("'. Try {} HELP.", container.name);
    CmdError::repeating("ERR unknown subcommand '", word, &after)
}

/// What an error text repeats of a word: so many bytes, and none from the first zero byte on.
fn repeated(word: &[u8], len_max: usize) -> &[u8] {
    let len = word.iter().take(len_max).position(|&byte| byte == 0);
    word.get(..len.unwrap_or(len_max)).unwrap_or(word)
}
