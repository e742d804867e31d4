//! What a script may ask of the node, as the node answers it.
//!
//! Commands go the way of those that EXEC takes from its queue, with the checks and texts that Redis has for scripts.

use redarium_resp::encode::Protocol;
use redarium_script::{Host, LogLevel, UnknownCommand};

use super::run::Run;
use crate::acl::rights;
use crate::args::Args;
use crate::command::Flags;
use crate::context::Ctx;
use crate::dispatch::{self, Found};
use crate::error::CmdError;

/// Slices of what nobody needs any more that are freed with each command, as with those of clients.
const FREED_SLICES_PER_COMMAND: usize = 1;

/// The node as one run sees it.
pub(super) struct Caller<'c, 'n> {
    ctx: &'c mut Ctx<'n>,
    run: &'c mut Run,
    /// The words of a command one after the other, and where each of them is; kept to spare allocations.
    buf: Vec<u8>,
    spans: Vec<(u32, u32)>,
}

impl<'c, 'n> Caller<'c, 'n> {
    pub(super) fn new(ctx: &'c mut Ctx<'n>, run: &'c mut Run) -> Self {
        Self { ctx, run, buf: Vec::new(), spans: Vec::new() }
    }

    /// Finds a command and checks all that Redis checks before a script may call it, in this order.
    fn admit(&mut self, args: Args<'_>) -> Result<Found, CmdError> {
        let wrong_arity =
            CmdError::Msg("ERR Wrong number of args calling Redis command from script");
        let found = match dispatch::resolve(args) {
            Ok(found) => found,
            Err(CmdError::Arity(_)) => return Err(wrong_arity),
            Err(_) => return Err(CmdError::Msg("ERR Unknown Redis command called from script")),
        };
        self.check(&found, args, wrong_arity).inspect_err(|_| {
            self.ctx.stats.by_command.row(found.id).rejected += 1;
        })?;
        Ok(found)
    }

    fn check(
        &mut self,
        found: &Found,
        args: Args<'_>,
        wrong_arity: CmdError,
    ) -> Result<(), CmdError> {
        let flags = found.spec.flags;
        if !crate::command::derive::accepts(found.arity, args.total()) {
            return Err(wrong_arity);
        }
        if flags.has(Flags::NOSCRIPT) {
            return Err(CmdError::Msg("ERR This Redis command is not allowed from script"));
        }
        if self.ctx.client.restricted {
            rights::check_in_script(self.ctx, found, args)?;
        }
        let may_write = flags.has(Flags::WRITE) || flags.has(Flags::MAY_REPLICATE);
        if self.run.is_read_only && may_write {
            let text = "ERR Write commands are not allowed from read-only scripts.";
            return Err(CmdError::Msg(text));
        }
        // What a script has begun to write it may end.
        if flags.has(Flags::WRITE)
            && !self.run.has_written
            && self.ctx.persistence.may_refuse
            && let Some(refusal) = self.ctx.persistence.refusal(self.ctx.config)
        {
            return Err(refusal);
        }
        let may_be_refused = !self.run.allows_oom && !self.run.has_written;
        if may_be_refused && flags.has(Flags::DENYOOM) && self.ctx.lacks_memory() {
            let text = "OOM command not allowed when used memory > 'maxmemory'.";
            return Err(CmdError::Msg(text));
        }
        self.run.has_written |= flags.has(Flags::WRITE);
        Ok(())
    }

    fn run(&mut self, args: Args<'_>, protocol: Protocol, reply: &mut Vec<u8>) {
        let found = match self.admit(args) {
            Ok(found) => found,
            Err(error) => {
                let text = error.into_bytes();
                self.ctx.stats.count_error(&text);
                reply.extend_from_slice(b"-");
                reply.extend_from_slice(&text);
                reply.extend_from_slice(b"\r\n");
                return;
            }
        };
        let ctx = &mut *self.ctx;
        if !ctx.keys.graveyard.is_empty() {
            ctx.keys.graveyard.free(FREED_SLICES_PER_COMMAND);
        }
        let outer = ctx.reply.protocol;
        ctx.reply.protocol = protocol;
        std::mem::swap(ctx.reply.out, reply);
        // SELECT may have moved the script to another database.
        ctx.keys.db = ctx.client.db;
        ctx.keys.effects.log.set_silent(!self.run.is_logged());
        let _ = dispatch::call(ctx, &found, args);
        ctx.keys.effects.log.set_silent(false);
        std::mem::swap(ctx.reply.out, reply);
        ctx.reply.protocol = outer;
    }
}

impl Host for Caller<'_, '_> {
    fn call(&mut self, words: &[&[u8]], protocol: Protocol, reply: &mut Vec<u8>) {
        let (mut buf, mut spans) = (std::mem::take(&mut self.buf), std::mem::take(&mut self.spans));
        buf.clear();
        spans.clear();
        for word in words {
            let start = buf.len() as u32;
            buf.extend_from_slice(word);
            spans.push((start, buf.len() as u32));
        }
        let start = reply.len();
        self.run(Args::new(&buf, &spans), protocol, reply);
        if let Some(text) = reply.get(start..).and_then(|reply| reply.strip_prefix(b"-")) {
            let text = text.strip_suffix(b"\r\n").unwrap_or(text);
            self.run.last_error.clear();
            self.run.last_error.extend_from_slice(text);
        }
        (self.buf, self.spans) = (buf, spans);
    }

    fn log(&mut self, level: LogLevel, message: &[u8]) {
        let least = match self.ctx.config.loglevel.as_str() {
            "debug" => Some(LogLevel::Debug),
            "verbose" => Some(LogLevel::Verbose),
            "notice" => Some(LogLevel::Notice),
            "warning" => Some(LogLevel::Warning),
            _ => None,
        };
        if least.is_some_and(|least| level >= least) {
            self.ctx.scripts.log(level, message);
        }
    }

    fn set_repl(&mut self, flags: u8) {
        self.run.repl = flags;
    }

    fn may_run(&mut self, words: &[&[u8]]) -> Result<bool, UnknownCommand> {
        let words = redarium_resp::words::Words::from_slices(words);
        let args = Args::new(words.buf(), words.spans());
        let found = dispatch::resolve(args).or(Err(UnknownCommand))?;
        Ok(!self.ctx.client.restricted
            || rights::denial(self.ctx.client.user(), &found, args).is_none())
    }
}
