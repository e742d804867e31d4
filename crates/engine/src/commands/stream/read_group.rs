//! Reading for a group: each entry goes to one consumer, who acknowledges it.

use redarium_resp::encode::Encoder;
use redarium_structures::order;

use super::read::{From, Query, STREAMS, begin_stream, end_streams, streams_keys};
use super::{reply_fields, reply_id};
use crate::args::Args;
use crate::blocking::WaitFor;
use crate::command::args::{block, integer, token, word};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::types::stream::{self, Claim, Entry, Log, Stream, StreamId};
use crate::value::Type;

pub(super) const COMMANDS: &[CommandSpec] = &[XREADGROUP];

const KEYS: &[KeySpec] = &[streams_keys(4)];

const XREADGROUP: CommandSpec = CommandSpec {
    name: "XREADGROUP",
    group: Group::Stream,
    since: "5.0.0",
    summary: "Hands a consumer of a group entries that no other has got, or again those it has pending.",
    complexity: "O(M) for each stream, M being the number of entries returned.",
    flags: Flags::WRITE.or(Flags::BLOCKING).or(Flags::MOVABLEKEYS),
    keys: KEYS,
    args: &[
        block("group-block", &[word("group"), word("consumer")]).after("GROUP"),
        integer("count").after("COUNT").optional(),
        integer("milliseconds").after("BLOCK").optional(),
        integer("min-idle-time").after("CLAIM").optional().since("8.4.0"),
        token("NOACK").optional(),
        STREAMS,
    ],
    history: &[("8.4.0", "Knows `CLAIM`.")],
    see_also: &["XGROUP CREATE", "XACK", "XPENDING", "XREAD", "XAUTOCLAIM"],
    examples: "\
> XADD races 1-1 rider ana
\"1-1\"
> XGROUP CREATE races judges 0
OK
> XREADGROUP GROUP judges kim STREAMS races >
1) 1) \"races\"
   2) 1) 1) \"1-1\"
         2) 1) \"rider\"
            2) \"ana\"
> XREADGROUP GROUP judges kim STREAMS races >
(nil)
",
    run: xreadgroup,
    ..CommandSpec::DEFAULT
};

fn xreadgroup(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    let query = Query::parse(args, true, ctx.keys.now)?;
    let streams = query.resolve(ctx)?;
    let mark = ctx.reply.begin();
    let mut served = 0;
    for &(key, from) in &streams {
        served += usize::from(serve(ctx, &query, key, from)?);
    }
    if served > 0 || !query.may_wait(ctx) {
        end_streams(ctx, mark, served);
    } else {
        ctx.reply.cancel(mark);
        let mut wait = query.wait(args, &streams, WaitFor::KeyOrItsEnd(Type::Stream));
        wait.looks_again_at = next_claim(ctx, &query, &streams);
        ctx.park(wait);
    }
    Ok(Answer::Done)
}

/// When the first entry may be claimed that some consumer has pending, if the query wants to know. O(pending entries).
fn next_claim(ctx: &Ctx<'_>, query: &Query<'_>, streams: &[(&[u8], From)]) -> Option<i64> {
    let (idle_ms, (name, _)) = (query.claim_ms?, query.group?);
    let of_stream = |&(key, _): &(&[u8], From)| {
        let stream = ctx.keys.peek_as::<Stream>(key).ok()??;
        let pendings = stream.group(name)?.pendings(StreamId::MIN);
        let kept = pendings.filter(|(id, _)| stream.log.entry(*id).is_some());
        kept.map(|(_, pending)| pending.delivered_at).min()
    };
    let earliest = streams.iter().filter_map(of_stream).min()?;
    Some(earliest.saturating_add(idle_ms).max(ctx.keys.now + 1))
}

/// Answers with what one stream has for the consumer; whether it had anything.
fn serve(ctx: &mut Ctx<'_>, query: &Query<'_>, key: &[u8], from: From) -> Result<bool, CmdError> {
    let now = ctx.keys.now;
    let Some((group, consumer)) = query.group else { return Ok(false) };
    let start = ctx.reply.out.len();
    begin_stream(ctx, key);
    let mark = ctx.reply.begin_array();
    let Some(mut edit) = ctx.keys.edit::<Stream>(key)? else {
        ctx.reply.out.truncate(start);
        return Ok(false);
    };
    let Some((log, group)) = edit.group_mut(group) else {
        ctx.reply.out.truncate(start);
        return Ok(false);
    };
    let (number, is_new) = group.ensure_consumer(consumer, now);
    group.consumer_mut(number).seen_at = now;
    let mut reader = Reader { log, group, number, now, reply: &mut ctx.reply };
    let (len, is_served) = match from {
        From::After(after) => (reader.history(after, query.count), true),
        From::New => {
            let claimed = query.claim_ms.map_or(0, |idle_ms| reader.claim(idle_ms, query.count));
            let left = query.count - claimed;
            let len = claimed + reader.unread(left, query.no_ack, query.claim_ms.is_some());
            (len, len > 0)
        }
    };
    if len > 0 {
        edit.changed_quietly();
    }
    if is_new {
        edit.changed("xgroup-createconsumer");
    }
    if is_served {
        ctx.reply.end_array(mark, len);
    } else {
        ctx.reply.out.truncate(start);
    }
    Ok(is_served)
}

/// A consumer that reads a stream for its group.
struct Reader<'s, 'r, 'a> {
    log: &'s Log,
    group: &'s mut stream::Group,
    number: u32,
    now: i64,
    reply: &'r mut Encoder<'a>,
}

impl Reader<'_, '_, '_> {
    /// Answers with what the consumer has pending behind an id, and counts that as a delivery; how many entries.
    fn history(&mut self, after: StreamId, count: usize) -> usize {
        let Some(first) = after.next() else { return 0 };
        let consumer = self.group.consumer(self.number);
        let ids: Vec<_> = consumer.pending_ids(first).take(count).collect();
        for &id in &ids {
            self.reply.array(2);
            reply_id(self.reply, id);
            if let Some(entry) = self.log.entry(id) {
                reply_fields(self.reply, entry);
                self.group.redeliver(id, self.now);
            } else {
                self.reply.null_array();
            }
        }
        ids.len()
    }

    /// Answers with entries that have been pending for so long, the longest first; the consumer has them from now on.
    fn claim(&mut self, idle_ms: i64, count: usize) -> usize {
        let is_idle = |at: i64| self.now.saturating_sub(at) >= idle_ms;
        let pendings = self.group.pendings(StreamId::MIN);
        let idle = pendings.filter(|(_, pending)| is_idle(pending.delivered_at));
        let mut idle: Vec<_> = idle.map(|(id, pending)| (pending.delivered_at, id)).collect();
        order::sort(&mut idle);
        let mut claimed = 0;
        for (at, id) in idle {
            if claimed == count {
                break;
            }
            let Some(entry) = self.log.entry(id) else { continue };
            let deliveries = self.group.pending(id).map_or(0, |pending| pending.deliveries);
            self.entry(entry, Some((self.now.saturating_sub(at), deliveries)));
            let claim = Claim {
                consumer: self.number,
                delivered_at: self.now,
                deliveries: Some(deliveries.saturating_add(1)),
            };
            self.group.claim(id, claim);
            claimed += 1;
        }
        self.note_activity(claimed);
        claimed
    }

    /// Answers with entries that the group has not been given yet; how many.
    fn unread(&mut self, count: usize, no_ack: bool, with_history: bool) -> usize {
        let Some(first) = self.group.last_id.next() else { return 0 };
        let mut len = 0;
        for entry in self.log.entries(first, StreamId::MAX, false).take(count) {
            let id = entry.id;
            self.entry(entry, with_history.then_some((0, 0)));
            self.group.advance(id, self.log);
            if !no_ack {
                self.group.deliver(id, self.number, self.now);
            }
            len += 1;
        }
        self.note_activity(len);
        len
    }

    /// Answers with an entry, and with how long ago and how often it was delivered before if that is wanted.
    fn entry(&mut self, entry: Entry<'_>, before: Option<(i64, u64)>) {
        self.reply.array(if before.is_some() { 4 } else { 2 });
        reply_id(self.reply, entry.id);
        reply_fields(self.reply, entry);
        if let Some((idle_ms, deliveries)) = before {
            self.reply.bulk_int(idle_ms);
            self.reply.bulk_int(deliveries as i64);
        }
    }

    fn note_activity(&mut self, entries: usize) {
        if entries > 0 {
            self.group.consumer_mut(self.number).active_at = Some(self.now);
        }
    }
}
