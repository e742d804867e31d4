//! Taking pending entries over from consumers that do not get on with them.

use redarium_resp::number::parse_i64;

use super::{id, interval_end, no_group, reply_entry, reply_id};
use crate::args::Args;
use crate::command::args::{KEY, integer, token, unix_time, word};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::keyspace::Edit;
use crate::persistence::LOADING_NOW;
use crate::types::stream::{self, Claim, IdText, Log, Stream, StreamId};

pub(super) const COMMANDS: &[CommandSpec] = &[XAUTOCLAIM, XCLAIM];

const XAUTOCLAIM: CommandSpec = CommandSpec {
    name: "XAUTOCLAIM",
    group: Group::Stream,
    since: "6.2.0",
    summary: "Gives a consumer whatever has been pending too long, and says where to go on.",
    complexity: "O(COUNT)",
    flags: Flags::WRITE.or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RW", "delete"])],
    args: &[
        KEY,
        word("group"),
        word("consumer"),
        integer("min-idle-time"),
        word("start"),
        integer("count").after("COUNT").optional(),
        token("JUSTID").optional(),
    ],
    history: &[("7.0.0", "Drops entries that are no longer in the stream, and returns their ids.")],
    see_also: &["XCLAIM", "XPENDING", "XREADGROUP"],
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
> XAUTOCLAIM races judges lou 0 0 JUSTID
1) \"0-0\"
2) 1) \"1-1\"
3) (empty array)
",
    run: xautoclaim,
    ..CommandSpec::DEFAULT
};

const XCLAIM: CommandSpec = CommandSpec {
    name: "XCLAIM",
    group: Group::Stream,
    since: "5.0.0",
    summary: "Gives a consumer entries that have been pending too long with another.",
    complexity: "O(1) for each entry.",
    flags: Flags::WRITE.or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RW", "update"])],
    args: &[
        KEY,
        word("group"),
        word("consumer"),
        integer("min-idle-time"),
        word("id").many(),
        integer("ms").after("IDLE").optional(),
        unix_time("unix-time-milliseconds").after("TIME").optional(),
        integer("count").after("RETRYCOUNT").optional(),
        token("FORCE").optional(),
        token("JUSTID").optional(),
        word("lastid").after("LASTID").optional(),
    ],
    see_also: &["XAUTOCLAIM", "XPENDING", "XREADGROUP"],
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
> XCLAIM races judges lou 0 1-1
1) 1) \"1-1\"
   2) 1) \"rider\"
      2) \"ana\"
",
    run: xclaim,
    ..CommandSpec::DEFAULT
};

/// Entries that XAUTOCLAIM claims unless told otherwise, and for each of them how many it looks at.
const COUNT_DEFAULT: usize = 100;
const ATTEMPTS_PER_ENTRY: usize = 10;
/// What XAUTOCLAIM may be asked for at most, as in Redis.
const COUNT_MAX: i64 = i64::MAX / 16;

/// How long an entry must have been pending.
fn min_idle_ms(args: &mut Args<'_>, error: &'static str) -> Result<i64, CmdError> {
    number(args.next_word()?, error).map(|idle_ms| idle_ms.max(0))
}

fn number(word: &[u8], error: &'static str) -> Result<i64, CmdError> {
    parse_i64(word).ok_or(CmdError::Msg(error))
}

/// Refuses unless the key is a stream that has the group.
fn check_group(ctx: &mut Ctx<'_>, key: &[u8], name: &[u8]) -> Result<(), CmdError> {
    let stream = ctx.keys.peek_as::<Stream>(key)?;
    match stream.and_then(|stream| stream.group(name)) {
        Some(_) => Ok(()),
        None => Err(no_group(key, name, "")),
    }
}

/// The options of XCLAIM.
#[derive(Debug, Default)]
struct Options {
    delivered_at: Option<i64>,
    deliveries: Option<u64>,
    force: bool,
    just_id: bool,
    last_id: StreamId,
}

impl Options {
    fn parse(args: &mut Args<'_>, now: i64) -> Result<Self, CmdError> {
        let mut options = Self::default();
        while let Some(word) = args.peek() {
            let has_more = args.len() > 1;
            if args.take_token("FORCE") {
                options.force = true;
            } else if args.take_token("JUSTID") {
                options.just_id = true;
            } else if has_more && args.take_token("IDLE") {
                let idle_ms =
                    number(args.next_word()?, "ERR Invalid IDLE option argument for XCLAIM")?;
                options.delivered_at = Some(now.saturating_sub(idle_ms));
            } else if has_more && args.take_token("TIME") {
                let at = number(args.next_word()?, "ERR Invalid TIME option argument for XCLAIM")?;
                options.delivered_at = Some(at);
            } else if has_more && args.take_token("RETRYCOUNT") {
                let count =
                    number(args.next_word()?, "ERR Invalid RETRYCOUNT option argument for XCLAIM")?;
                options.deliveries = u64::try_from(count).ok();
            } else if has_more && args.take_token("LASTID") {
                options.last_id = id(args.next_word()?)?;
            } else {
                return Err(CmdError::Text(format!(
                    "ERR Unrecognized XCLAIM option '{}'",
                    String::from_utf8_lossy(word)
                )));
            }
        }
        Ok(options)
    }
}

fn xclaim(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (key, name, consumer) = (args.next_word()?, args.next_word()?, args.next_word()?);
    // In Redis it counts as a read, even if nothing else is right.
    ctx.keys.look(key);
    check_group(ctx, key, name)?;
    let min_idle_ms = min_idle_ms(&mut args, "ERR Invalid min-idle-time argument for XCLAIM")?;
    let ids: Vec<_> = args.rest().map_while(|word| StreamId::parse(word, 0)).collect();
    let mut rest = args.skip(ids.len());
    let now = ctx.keys.now;
    let options = Options::parse(&mut rest, now)?;
    let Some(mut edit) = ctx.keys.edit::<Stream>(key)? else { return Err(no_group(key, name, "")) };
    let Some((log, group)) = edit.group_mut(name) else { return Err(no_group(key, name, "")) };
    let has_advanced = options.last_id > group.last_id;
    group.last_id = group.last_id.max(options.last_id);
    // A time that makes no sense is the present: clients may compute it with a clock that is a little ahead.
    let is_sensible = |at: &i64| (0..=now).contains(at) || now == LOADING_NOW;
    let delivered_at = options.delivered_at.filter(is_sensible).unwrap_or(now);
    let mut claimer = Claimer::new(log, group, consumer, now);
    let mark = ctx.reply.begin_array();
    let mut len = 0;
    for id in ids {
        let pending = claimer.group.pending(id).copied();
        let Some(entry) = claimer.log.entry(id) else {
            claimer.drop_dead(id);
            continue;
        };
        let deliveries = match pending {
            None if !options.force => continue,
            None => 1,
            Some(pending) if !claimer.is_idle(pending.delivered_at, min_idle_ms) => continue,
            Some(pending) => pending.deliveries,
        };
        let counted = deliveries.saturating_add(u64::from(!options.just_id));
        claimer.take(id, delivered_at, options.deliveries.unwrap_or(counted));
        if options.just_id {
            reply_id(&mut ctx.reply, id);
        } else {
            reply_entry(&mut ctx.reply, entry);
        }
        len += 1;
    }
    ctx.reply.end_array(mark, len);
    let changes = claimer.changes + u64::from(has_advanced);
    let is_new = claimer.is_new;
    report(&mut edit, changes, is_new);
    Ok(Answer::Done)
}

fn xautoclaim(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (key, name, consumer) = (args.next_word()?, args.next_word()?, args.next_word()?);
    // In Redis it counts as a read, even if nothing else is right.
    ctx.keys.look(key);
    let min_idle_ms = min_idle_ms(&mut args, "ERR Invalid min-idle-time argument for XAUTOCLAIM")?;
    let first = interval_end(args.next_word()?, false)?;
    let (mut count, mut just_id) = (COUNT_DEFAULT, false);
    while !args.is_empty() {
        if args.len() > 1 && args.take_token("COUNT") {
            count = count_of(args.next_word()?)?;
        } else if args.take_token("JUSTID") {
            just_id = true;
        } else {
            return Err(CmdError::Syntax);
        }
    }
    check_group(ctx, key, name)?;
    let now = ctx.keys.now;
    let Some(mut edit) = ctx.keys.edit::<Stream>(key)? else { return Err(no_group(key, name, "")) };
    let Some((log, group)) = edit.group_mut(name) else { return Err(no_group(key, name, "")) };
    let attempts = count.saturating_mul(ATTEMPTS_PER_ENTRY);
    let mut claimer = Claimer::new(log, group, consumer, now);
    let (claimed, dead, next) = claimer.search(first, min_idle_ms, attempts, count);
    for &id in &dead {
        claimer.drop_dead(id);
    }
    ctx.reply.array(3);
    reply_id(&mut ctx.reply, next.unwrap_or(StreamId::MIN));
    ctx.reply.array(claimed.len());
    for &(id, deliveries) in &claimed {
        claimer.take(id, now, deliveries.saturating_add(u64::from(!just_id)));
        match claimer.log.entry(id) {
            Some(entry) if !just_id => reply_entry(&mut ctx.reply, entry),
            _ => reply_id(&mut ctx.reply, id),
        }
    }
    ctx.reply.array(dead.len());
    for &id in &dead {
        reply_id(&mut ctx.reply, id);
    }
    let (changes, is_new) = (claimer.changes, claimer.is_new);
    report(&mut edit, changes, is_new);
    drop(edit);
    for id in dead {
        ctx.log_beside(&[b"XACK", key, name, IdText::default().write(id)]);
    }
    Ok(Answer::Done)
}

/// How many entries XAUTOCLAIM may claim.
fn count_of(word: &[u8]) -> Result<usize, CmdError> {
    let count = parse_i64(word).filter(|count| (1..=COUNT_MAX).contains(count));
    let count = count.ok_or(CmdError::Msg("ERR COUNT must be > 0"))?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// Says what has changed; however many entries, it is one change.
fn report(edit: &mut Edit<'_, '_, Stream>, changes: u64, is_new: bool) {
    if changes > 0 {
        edit.changed_quietly();
    }
    if is_new {
        edit.changed("xgroup-createconsumer");
    }
}

/// A consumer that takes entries over.
struct Claimer<'s> {
    log: &'s Log,
    group: &'s mut stream::Group,
    number: u32,
    now: i64,
    /// Whether the consumer was made for this.
    is_new: bool,
    /// Pending entries that have changed hands or are gone.
    changes: u64,
}

impl<'s> Claimer<'s> {
    fn new(log: &'s Log, group: &'s mut stream::Group, consumer: &[u8], now: i64) -> Self {
        let (number, is_new) = group.ensure_consumer(consumer, now);
        group.consumer_mut(number).seen_at = now;
        Self { log, group, number, now, is_new, changes: 0 }
    }

    fn is_idle(&self, delivered_at: i64, min_idle_ms: i64) -> bool {
        min_idle_ms == 0 || self.now.saturating_sub(delivered_at) >= min_idle_ms
    }

    fn take(&mut self, id: StreamId, delivered_at: i64, deliveries: u64) {
        let claim = Claim { consumer: self.number, delivered_at, deliveries: Some(deliveries) };
        self.group.claim(id, claim);
        self.group.consumer_mut(self.number).active_at = Some(self.now);
        self.changes += 1;
    }

    /// Forgets a pending entry that is no longer in the stream.
    fn drop_dead(&mut self, id: StreamId) {
        self.changes += u64::from(self.group.acknowledge(id));
    }

    /// Looks at pending entries from `first` on: those to claim with their deliveries, those that are no longer in the
    /// stream, both together `count` at most, and the first that was not looked at.
    fn search(
        &self,
        first: StreamId,
        min_idle_ms: i64,
        attempts: usize,
        count: usize,
    ) -> (Vec<(StreamId, u64)>, Vec<StreamId>, Option<StreamId>) {
        let (mut claimed, mut dead) = (Vec::new(), Vec::new());
        let mut pendings = self.group.pendings(first);
        for (id, pending) in pendings.by_ref().take(attempts) {
            if self.log.entry(id).is_none() {
                dead.push(id);
            } else if self.is_idle(pending.delivered_at, min_idle_ms) {
                claimed.push((id, pending.deliveries));
            }
            if claimed.len() + dead.len() == count {
                break;
            }
        }
        (claimed, dead, pendings.next().map(|(id, _)| id))
    }
}
