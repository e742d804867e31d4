//! Entries that are delivered but not acknowledged: looking at them and acknowledging them.

use super::{IDS, REFERENCES, id, interval_end, no_group, references_and_ids, reply_id};
use crate::args::Args;
use crate::command::args::{KEY, block, integer, word};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::types::stream::{self, Pending, Stream, StreamId};

pub(super) const COMMANDS: &[CommandSpec] = &[XACK, XACKDEL, XPENDING];

const XACK: CommandSpec = CommandSpec {
    name: "XACK",
    group: Group::Stream,
    since: "5.0.0",
    summary: "Acknowledges entries for a group; tells how many were pending. They stay in the stream.",
    complexity: "O(1) for each entry.",
    flags: Flags::WRITE.or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RW", "update"])],
    args: &[KEY, word("group"), word("id").many()],
    see_also: &["XREADGROUP", "XPENDING", "XACKDEL"],
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
> XACK races judges 1-1 9-9
(integer) 1
",
    run: xack,
    ..CommandSpec::DEFAULT
};

const XACKDEL: CommandSpec = CommandSpec {
    name: "XACKDEL",
    group: Group::Stream,
    since: "8.2.0",
    summary: "Acknowledges entries for a group and deletes them, as far as other groups allow.",
    complexity: "O(1) for each entry.",
    flags: Flags::WRITE.or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RW", "update", "delete"])],
    args: &[KEY, word("group"), REFERENCES, IDS],
    see_also: &["XACK", "XDELEX"],
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
> XACKDEL races judges ACKED IDS 2 1-1 9-9
1) (integer) 1
2) (integer) -1
",
    run: xackdel,
    ..CommandSpec::DEFAULT
};

const XPENDING: CommandSpec = CommandSpec {
    name: "XPENDING",
    group: Group::Stream,
    since: "5.0.0",
    summary: "Shows which entries of a group are pending, with whom, for how long and how often delivered.",
    complexity: "O(N), N being the number of entries looked at; the short form is O(consumers).",
    flags: Flags::READONLY,
    keys: &[KeySpec::one(1, &["RO", "access"])],
    args: &[
        KEY,
        word("group"),
        block(
            "filters",
            &[
                integer("min-idle-time").after("IDLE").optional().since("6.2.0"),
                word("start"),
                word("end"),
                integer("count"),
                word("consumer").optional(),
            ],
        )
        .optional(),
    ],
    history: &[("6.2.0", "Knows `IDLE`; an id after `(` is itself left out.")],
    see_also: &["XREADGROUP", "XCLAIM", "XINFO CONSUMERS"],
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
> XPENDING races judges - + 10
1) 1) \"1-1\"
   2) \"kim\"
   3) (integer) 0
   4) (integer) 1
",
    run: xpending,
    ..CommandSpec::DEFAULT
};

fn xack(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (key, name) = (args.next_word()?, args.next_word()?);
    // In Redis it counts as a read.
    ctx.keys.look(key);
    let mut edit = ctx.keys.edit::<Stream>(key)?;
    let Some(edit) = edit.as_mut().filter(|edit| edit.group(name).is_some()) else {
        ctx.reply.integer(0);
        return Ok(Answer::Done);
    };
    args.rest().try_for_each(|word| id(word).map(drop))?;
    let mut acknowledged = 0;
    for word in args.rest() {
        let id = id(word)?;
        if edit.group_mut(name).is_some_and(|(_, group)| group.acknowledge(id)) {
            edit.changed_quietly();
            acknowledged += 1;
        }
    }
    ctx.reply.integer(acknowledged);
    Ok(Answer::Done)
}

fn xackdel(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (key, name) = (args.next_word()?, args.next_word()?);
    let (references, ids) = references_and_ids(&mut args)?;
    let mut edit = ctx.keys.edit::<Stream>(key)?;
    ctx.reply.array(ids.len());
    for id in ids {
        let mut code = -1;
        if let Some(edit) = &mut edit
            && edit.group_mut(name).is_some_and(|(_, group)| group.acknowledge(id))
        {
            edit.changed_quietly();
            code = 2;
            if let Some(lived) = edit.delete_with(id, references, &mut ctx.trace) {
                edit.changed_by(u64::from(lived), "xdel");
                code = 1;
            }
        }
        ctx.reply.integer(code);
    }
    Ok(Answer::Done)
}

/// Which pending entries XPENDING lists.
struct Filter<'a> {
    min_idle_ms: i64,
    first: StreamId,
    last: StreamId,
    count: usize,
    consumer: Option<&'a [u8]>,
}

impl<'a> Filter<'a> {
    fn parse(mut args: Args<'a>) -> Result<Option<Self>, CmdError> {
        let words = args.len();
        if words == 0 {
            return Ok(None);
        }
        if !(3..=6).contains(&words) {
            return Err(CmdError::Syntax);
        }
        let mut min_idle_ms = 0;
        if args.take_token("IDLE") {
            min_idle_ms = args.next_i64()?;
            if args.len() < 3 {
                return Err(CmdError::Syntax);
            }
        }
        let (start, end) = (args.next_word()?, args.next_word()?);
        let count = usize::try_from(args.next_i64()?).unwrap_or(0);
        let (first, last) = (interval_end(start, false)?, interval_end(end, true)?);
        Ok(Some(Self { min_idle_ms, first, last, count, consumer: args.peek() }))
    }
}

fn xpending(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (key, name) = (args.next_word()?, args.next_word()?);
    let filter = Filter::parse(args)?;
    let now = ctx.keys.now;
    let stream = ctx.keys.read::<Stream>(key)?;
    let group = stream.and_then(|stream| stream.group(name));
    let group = group.ok_or_else(|| no_group(key, name, ""))?;
    let reply = &mut ctx.reply;
    let Some(filter) = filter else {
        summarize(reply, group);
        return Ok(Answer::Done);
    };
    let mark = reply.begin_array();
    let mut len = 0;
    let mut show = |id: StreamId, pending: &Pending| {
        let idle_ms = now.saturating_sub(pending.delivered_at);
        if id <= filter.last && (filter.min_idle_ms <= 0 || idle_ms >= filter.min_idle_ms) {
            reply.array(4);
            reply_id(reply, id);
            reply.bulk(&group.consumer(pending.consumer).name);
            reply.integer(idle_ms.max(0));
            reply.integer(pending.deliveries as i64);
            len += 1;
        }
        id <= filter.last && len < filter.count
    };
    match filter.consumer {
        _ if filter.count == 0 => {}
        None => {
            let _ = group.pendings(filter.first).all(|(id, pending)| show(id, pending));
        }
        Some(consumer) => {
            let number = group.find_consumer(consumer);
            let ids = number.map(|number| group.consumer(number).pending_ids(filter.first));
            let mut pendings =
                ids.into_iter().flatten().filter_map(|id| Some((id, group.pending(id)?)));
            let _ = pendings.all(|(id, pending)| show(id, pending));
        }
    }
    reply.end_array(mark, len);
    Ok(Answer::Done)
}

/// Answers with how many entries are pending, the first and the last of them, and how many each consumer has.
fn summarize(reply: &mut redarium_resp::encode::Encoder<'_>, group: &stream::Group) {
    reply.array(4);
    reply.count(group.pending_len());
    let Some((first, last)) = group.pending_edges() else {
        reply.null();
        reply.null();
        reply.null_array();
        return;
    };
    reply_id(reply, first);
    reply_id(reply, last);
    let mark = reply.begin_array();
    let mut len = 0;
    for consumer in group.consumers().filter(|consumer| consumer.pending_len() > 0) {
        reply.array(2);
        reply.bulk(&consumer.name);
        reply.bulk_int(consumer.pending_len() as i64);
        len += 1;
    }
    reply.end_array(mark, len);
}
