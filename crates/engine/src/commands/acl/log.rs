//! What was refused, and to whom.

use redarium_resp::number::parse_i64;

use super::BASE;
use crate::acl::log::LogEntry;
use crate::args::Args;
use crate::command::args::{integer, one_of, token};
use crate::command::{Answer, CommandSpec};
use crate::context::Ctx;
use crate::error::CmdError;

pub(super) const LOG: CommandSpec = CommandSpec {
    name: "LOG",
    summary: "Returns what was refused lately for want of a right, newest first, or forgets it.",
    complexity: "O(N) where N is the number of entries shown.",
    args: &[one_of("operation", &[integer("count"), token("RESET")]).optional()],
    history: &[("7.2.0", "Entries have a number and times.")],
    see_also: &["ACL DRYRUN"],
    examples: "\
> ACL LOG
(empty array)
",
    run: log,
    ..BASE
};

/// Entries that are shown unless told otherwise.
const SHOWN: usize = 10;

fn log(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    if args.len() > 1 {
        return Err(CmdError::wrong_subcommand(args.word(1).unwrap_or_default(), "ACL"));
    }
    if args.take_token("RESET") {
        ctx.acl.log.clear();
        ctx.reply.ok();
        return Ok(Answer::Done);
    }
    let mut count = SHOWN;
    if let Some(word) = args.peek() {
        let number = parse_i64(word).ok_or(CmdError::NotInteger)?;
        count = usize::try_from(number).unwrap_or(0);
    }
    let now = ctx.keys.now;
    ctx.reply.array(count.min(ctx.acl.log.iter().len()));
    for entry in ctx.acl.log.iter().take(count) {
        write_entry(&mut ctx.reply, entry, now);
    }
    Ok(Answer::Done)
}

fn write_entry(reply: &mut redarium_resp::encode::Encoder<'_>, entry: &LogEntry, now: i64) {
    let refusal = &entry.refusal;
    reply.map(10);
    reply.bulk(b"count");
    reply.integer(entry.count as i64);
    reply.bulk(b"reason");
    reply.bulk(refusal.reason.name().as_bytes());
    reply.bulk(b"context");
    reply.bulk(refusal.origin.name().as_bytes());
    reply.bulk(b"object");
    reply.bulk(&refusal.object);
    reply.bulk(b"username");
    reply.bulk(&refusal.user);
    reply.bulk(b"age-seconds");
    reply.double((now - entry.updated_at) as f64 / 1000.0);
    reply.bulk(b"client-info");
    reply.bulk(entry.client.as_bytes());
    reply.bulk(b"entry-id");
    reply.integer(entry.id as i64);
    reply.bulk(b"timestamp-created");
    reply.integer(entry.created_at);
    reply.bulk(b"timestamp-last-updated");
    reply.integer(entry.updated_at);
}
