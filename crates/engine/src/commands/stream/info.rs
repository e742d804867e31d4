//! What is known of a stream, its groups and their consumers.

use redarium_resp::encode::Encoder;

use super::add::memory;
use super::group::no_group_of;
use super::{reply_entries, reply_entry, reply_id};
use crate::args::Args;
use crate::command::args::{KEY, block, integer, token, word};
use crate::command::help::help;
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::config::Config;
use crate::context::Ctx;
use crate::error::CmdError;
use crate::types::stream::{self, Consumer, Log, Producers, Stream, StreamId};

pub(super) const COMMANDS: &[CommandSpec] = &[XINFO];

const XINFO: CommandSpec = CommandSpec {
    name: "XINFO",
    group: Group::Stream,
    since: "5.0.0",
    summary: "Tells what is known of a stream, its groups and their consumers.",
    complexity: "Depends on subcommand.",
    subcommands: &[CONSUMERS, GROUPS, help(Group::Stream, "5.0.0"), STREAM],
    ..CommandSpec::DEFAULT
};

const BASE: CommandSpec = CommandSpec {
    group: Group::Stream,
    since: "5.0.0",
    complexity: "O(1)",
    flags: Flags::READONLY,
    keys: &[KeySpec::one(2, &["RO", "access"])],
    ..CommandSpec::DEFAULT
};

const CONSUMERS: CommandSpec = CommandSpec {
    name: "CONSUMERS",
    summary: "Lists a group's consumers: what each has pending and how long it has been silent.",
    args: &[KEY, word("group")],
    history: &[("7.2.0", "Tells `inactive`, and `idle` counts attempts.")],
    see_also: &["XINFO GROUPS", "XPENDING"],
    examples: "\
> XGROUP CREATE races judges $ MKSTREAM
OK
> XGROUP CREATECONSUMER races judges kim
(integer) 1
> XINFO CONSUMERS races judges
1) 1) \"name\"
   2) \"kim\"
   3) \"pending\"
   4) (integer) 0
   5) \"idle\"
   6) (integer) 0
   7) \"inactive\"
   8) (integer) -1
",
    run: consumers,
    ..BASE
};

const GROUPS: CommandSpec = CommandSpec {
    name: "GROUPS",
    summary: "Lists a stream's groups: how far each has read and how much is pending or still ahead.",
    args: &[KEY],
    history: &[("7.0.0", "Tells `entries-read` and `lag`.")],
    see_also: &["XINFO CONSUMERS", "XINFO STREAM"],
    examples: "\
> XADD races 1-1 rider ana
\"1-1\"
> XGROUP CREATE races judges 0
OK
> XINFO GROUPS races
1)  1) \"name\"
    2) \"judges\"
    3) \"consumers\"
    4) (integer) 0
    5) \"pending\"
    6) (integer) 0
    7) \"last-delivered-id\"
    8) \"0-0\"
    9) \"entries-read\"
   10) (nil)
   11) \"lag\"
   12) (integer) 1
",
    run: groups,
    ..BASE
};

const STREAM: CommandSpec = CommandSpec {
    name: "STREAM",
    summary: "Tells a stream's size and layout, its last ids, its first and last entry; FULL tells all.",
    args: &[
        KEY,
        block("full-block", &[token("FULL"), integer("count").after("COUNT").optional()])
            .optional(),
    ],
    history: &[
        ("6.0.0", "Knows `FULL`."),
        ("7.0.0", "Tells `max-deleted-entry-id`, `entries-added` and `recorded-first-entry-id`."),
        ("7.2.0", "Tells `active-time`, and `seen-time` counts attempts."),
        ("8.6.0", "Tells what is remembered of producers."),
    ],
    see_also: &["XINFO GROUPS", "XLEN"],
    examples: "\
> XADD races 1-1 rider ana
\"1-1\"
> XINFO STREAM races FULL COUNT 1
 1) \"length\"
 2) (integer) 1
 3) \"radix-tree-keys\"
 4) (integer) 1
 5) \"radix-tree-nodes\"
 6) (integer) 2
 7) \"last-generated-id\"
 8) \"1-1\"
 9) \"max-deleted-entry-id\"
10) \"0-0\"
11) \"entries-added\"
12) (integer) 1
13) \"recorded-first-entry-id\"
14) \"1-1\"
15) \"idmp-duration\"
16) (integer) 100
17) \"idmp-maxsize\"
18) (integer) 100
19) \"pids-tracked\"
20) (integer) 0
21) \"iids-tracked\"
22) (integer) 0
23) \"iids-added\"
24) (integer) 0
25) \"iids-duplicates\"
26) (integer) 0
27) \"entries\"
28) 1) 1) \"1-1\"
       2) 1) \"rider\"
          2) \"ana\"
29) \"groups\"
30) (empty array)
",
    run: stream,
    ..BASE
};

/// Entries and pending entries that FULL shows unless told otherwise.
const FULL_COUNT_DEFAULT: usize = 10;

fn consumers(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (key, name) = (args.next_word()?, args.next_word()?);
    let now = ctx.keys.now;
    let stream = ctx.keys.read::<Stream>(key)?.ok_or(CmdError::NoSuchKey)?;
    let group = stream.group(name).ok_or_else(|| no_group_of(key, name))?;
    let reply = &mut ctx.reply;
    reply.array(group.consumer_count());
    for consumer in group.consumers() {
        reply.map(4);
        reply.bulk(b"name");
        reply.bulk(&consumer.name);
        reply.bulk(b"pending");
        reply.count(consumer.pending_len());
        reply.bulk(b"idle");
        reply.integer(now.saturating_sub(consumer.seen_at).max(0));
        reply.bulk(b"inactive");
        reply.integer(consumer.active_at.map_or(-1, |at| now.saturating_sub(at).max(0)));
    }
    Ok(Answer::Done)
}

fn groups(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let stream = ctx.keys.read::<Stream>(args.next_word()?)?.ok_or(CmdError::NoSuchKey)?;
    let reply = &mut ctx.reply;
    reply.array(stream.groups().len());
    for (name, group) in stream.groups() {
        reply.map(6);
        reply.bulk(b"name");
        reply.bulk(name);
        reply.bulk(b"consumers");
        reply.count(group.consumer_count());
        reply.bulk(b"pending");
        reply.count(group.pending_len());
        reply_progress(reply, group, &stream.log);
    }
    Ok(Answer::Done)
}

/// Answers with how far a group has read: three pairs of a map.
fn reply_progress(reply: &mut Encoder<'_>, group: &stream::Group, log: &Log) {
    reply.bulk(b"last-delivered-id");
    reply_id(reply, group.last_id);
    reply.bulk(b"entries-read");
    integer_or_null(reply, group.entries_read.map(|read| read as i64));
    reply.bulk(b"lag");
    integer_or_null(reply, group.lag(log));
}

fn integer_or_null(reply: &mut Encoder<'_>, number: Option<i64>) {
    match number {
        Some(number) => reply.integer(number),
        None => reply.null(),
    }
}

fn stream(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let now = ctx.keys.now;
    let stream = ctx.keys.read::<Stream>(key)?.ok_or(CmdError::NoSuchKey)?;
    let full = full_count(args)?;
    let (log, reply) = (&stream.log, &mut ctx.reply);
    reply.map(if full.is_some() { 15 } else { 16 });
    for (name, number) in [
        ("length", log.len() as i64),
        ("radix-tree-keys", log.node_count() as i64),
        ("radix-tree-nodes", log.tree_node_count() as i64),
    ] {
        reply.bulk(name.as_bytes());
        reply.integer(number);
    }
    for (name, id) in
        [("last-generated-id", log.last_id), ("max-deleted-entry-id", log.max_deleted_id)]
    {
        reply.bulk(name.as_bytes());
        reply_id(reply, id);
    }
    reply.bulk(b"entries-added");
    reply.integer(log.entries_added as i64);
    reply.bulk(b"recorded-first-entry-id");
    reply_id(reply, log.first_id());
    reply_producers(reply, stream.producers(), now, ctx.config);
    if let Some(count) = full {
        reply.bulk(b"entries");
        reply_entries(reply, log.entries(StreamId::MIN, StreamId::MAX, false), count);
        reply.bulk(b"groups");
        reply_groups(reply, stream, count);
        return Ok(Answer::Done);
    }
    reply.bulk(b"groups");
    reply.count(stream.groups().len());
    for (name, is_last) in [("first-entry", false), ("last-entry", true)] {
        reply.bulk(name.as_bytes());
        match log.edge(is_last) {
            Some(entry) => reply_entry(reply, entry),
            None => reply.null(),
        }
    }
    Ok(Answer::Done)
}

/// Reads `[FULL [COUNT count]]`: how many entries to show, if all is to be told.
fn full_count(mut args: Args<'_>) -> Result<Option<usize>, CmdError> {
    let count = match args.len() {
        0 => return Ok(None),
        1 if args.take_token("FULL") => return Ok(Some(FULL_COUNT_DEFAULT)),
        3 if args.take_token("FULL") && args.take_token("COUNT") => args.next_i64()?,
        _ => {
            return Err(CmdError::Text(format!(
                "ERR unknown subcommand or wrong number of arguments for '{}'. Try XINFO HELP.",
                String::from_utf8_lossy(args.word(1).unwrap_or_default())
            )));
        }
    };
    Ok(Some(match usize::try_from(count) {
        Ok(0) => usize::MAX,
        Ok(count) => count,
        Err(_) => FULL_COUNT_DEFAULT,
    }))
}

/// Answers with what is remembered of producers: six pairs of a map.
fn reply_producers(
    reply: &mut Encoder<'_>,
    producers: Option<&Producers>,
    now: i64,
    config: &Config,
) {
    let nobody = Producers::default();
    let producers = producers.unwrap_or(&nobody);
    let (tracked, names) = producers.counts(memory(producers, now, config));
    for (name, number) in [
        ("idmp-duration", producers.duration_s.unwrap_or(config.stream_idmp_duration)),
        ("idmp-maxsize", producers.max_size.unwrap_or(config.stream_idmp_maxsize)),
        ("pids-tracked", tracked as i64),
        ("iids-tracked", names as i64),
        ("iids-added", producers.added as i64),
        ("iids-duplicates", producers.duplicates as i64),
    ] {
        reply.bulk(name.as_bytes());
        reply.integer(number);
    }
}

/// Answers with all about the groups, and up to `count` of the entries that are pending in each.
fn reply_groups(reply: &mut Encoder<'_>, stream: &Stream, count: usize) {
    reply.array(stream.groups().len());
    for (name, group) in stream.groups() {
        reply.map(7);
        reply.bulk(b"name");
        reply.bulk(name);
        reply_progress(reply, group, &stream.log);
        reply.bulk(b"pel-count");
        reply.count(group.pending_len());
        reply.bulk(b"pending");
        reply.array(group.pending_len().min(count));
        for (id, pending) in group.pendings(StreamId::MIN).take(count) {
            reply.array(4);
            reply_id(reply, id);
            reply.bulk(&group.consumer(pending.consumer).name);
            reply.integer(pending.delivered_at);
            reply.integer(pending.deliveries as i64);
        }
        reply.bulk(b"consumers");
        reply.array(group.consumer_count());
        for consumer in group.consumers() {
            reply_consumer(reply, group, consumer, count);
        }
    }
}

fn reply_consumer(
    reply: &mut Encoder<'_>,
    group: &stream::Group,
    consumer: &Consumer,
    count: usize,
) {
    reply.map(5);
    reply.bulk(b"name");
    reply.bulk(&consumer.name);
    reply.bulk(b"seen-time");
    reply.integer(consumer.seen_at);
    reply.bulk(b"active-time");
    reply.integer(consumer.active_at.unwrap_or(-1));
    reply.bulk(b"pel-count");
    reply.count(consumer.pending_len());
    reply.bulk(b"pending");
    reply.array(consumer.pending_len().min(count));
    for id in consumer.pending_ids(StreamId::MIN).take(count) {
        reply.array(3);
        reply_id(reply, id);
        let pending = group.pending(id);
        reply.integer(pending.map_or(0, |pending| pending.delivered_at));
        reply.integer(pending.map_or(0, |pending| pending.deliveries as i64));
    }
}
