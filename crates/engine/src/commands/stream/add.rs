//! Adding entries.

use redarium_structures::hash_table::hash_bytes;

use super::options::{Message, NewId, Options, TRIM};
use super::{REFERENCES, reply_id};
use crate::args::Args;
use crate::command::args::{KEY, block, one_of, token, word};
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::config::Config;
use crate::context::Ctx;
use crate::error::CmdError;
use crate::types::stream::{Memory, NODE_BYTES_MAX, NodeLimits, Producers, Stream, StreamId};

pub(super) const COMMANDS: &[CommandSpec] = &[XADD];

const XADD: CommandSpec = CommandSpec {
    name: "XADD",
    group: Group::Stream,
    since: "5.0.0",
    summary: "Adds an entry to the end of a stream, creates the stream if need be, and returns the id.",
    complexity: "O(1), and O(N) for N entries that trimming takes out.",
    flags: Flags::WRITE.or(Flags::DENYOOM).or(Flags::FAST),
    keys: &[KeySpec::one(1, &["RW", "update"])],
    args: &[
        KEY,
        token("NOMKSTREAM").optional().since("6.2.0"),
        REFERENCES.since("8.2.0"),
        one_of(
            "idmp",
            &[
                word("producer-id").after("IDMPAUTO"),
                block("named", &[word("producer-id"), word("idempotent-id")]).after("IDMP"),
            ],
        )
        .optional()
        .since("8.6.0"),
        TRIM.optional(),
        one_of("id-selector", &[token("*"), word("id")]),
        block("data", &[word("field"), word("value")]).many(),
    ],
    history: &[
        ("6.2.0", "Knows `NOMKSTREAM`, `MINID` and `LIMIT`."),
        ("7.0.0", "Takes ids of the form `ms-*`."),
        ("8.2.0", "Knows `KEEPREF`, `DELREF` and `ACKED`."),
        ("8.6.0", "Knows `IDMP` and `IDMPAUTO`."),
    ],
    see_also: &["XRANGE", "XREAD", "XTRIM", "XLEN"],
    examples: "\
> XADD races 1-1 rider ana speed 31
\"1-1\"
> XADD races 1-* rider bo speed 29
\"1-2\"
> XADD races MAXLEN 2 2 rider cy speed 30
\"2-0\"
> XLEN races
(integer) 2
",
    run: xadd,
    ..CommandSpec::DEFAULT
};

/// Seeds of the two halves of a name that is made from an entry's words.
const NAME_SEEDS: [u64; 2] = [0x6964_656d, 0x706f_7465];

fn xadd(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let key = args.next_word()?;
    let (options, new_id) = Options::of_add(&mut args)?;
    if args.is_empty() || !args.len().is_multiple_of(2) {
        return Err(CmdError::Arity("xadd".to_owned()));
    }
    if matches!(new_id, NewId::Exactly(StreamId::MIN)) {
        return Err(CmdError::Msg("ERR The ID specified in XADD must be greater than 0-0"));
    }
    if args.rest().map(<[u8]>::len).sum::<usize>() > NODE_BYTES_MAX {
        return Err(CmdError::Msg("ERR Elements are too large to be stored"));
    }
    let now = ctx.keys.now;
    let mut edit = if options.no_stream {
        let Some(edit) = ctx.keys.edit::<Stream>(key)? else {
            ctx.reply.null();
            return Ok(Answer::Done);
        };
        edit
    } else {
        ctx.keys.edit_or_create::<Stream>(key)?
    };
    let stream: &mut Stream = &mut edit;
    if stream.log.last_id == StreamId::MAX {
        return Err(CmdError::Msg(
            "ERR The stream has exhausted the last possible ID, unable to add more items",
        ));
    }
    let name = options.message.map(|message| Name::new(message, args));
    if let Some(name) = &name
        && let Some(known) = name.find(stream, now, ctx.config)
    {
        reply_id(&mut ctx.reply, known);
        return Ok(Answer::Done);
    }
    let id = next_id(stream, new_id, now)?;
    let fields = args.rest().step_by(2).zip(args.rest().skip(1).step_by(2));
    stream.log.add(id, fields, &NodeLimits::new(ctx.config), &mut ctx.trace);
    if let Some(name) = &name {
        name.remember(stream, id, now, ctx.config);
    }
    let trim = options.trim(ctx.config);
    let trimmed = trim.map_or(0, |trim| stream.trim(&trim, &mut ctx.trace));
    edit.changed_by(1 + trimmed, "xadd");
    drop(edit);
    if trimmed > 0 {
        ctx.keys.note(key, "xtrim");
    }
    ctx.keys.signal(key);
    reply_id(&mut ctx.reply, id);
    Ok(Answer::Done)
}

/// The id of the next entry, which must be above all others.
fn next_id(stream: &Stream, new_id: NewId, now: i64) -> Result<StreamId, CmdError> {
    let log = &stream.log;
    let id = match new_id {
        NewId::Auto => log.next_id(now),
        NewId::In(ms) => log.next_id_in(ms),
        NewId::Exactly(id) => Some(id).filter(|&id| id > log.last_id),
    };
    id.ok_or(CmdError::Msg(
        "ERR The ID specified in XADD is equal or smaller than the target stream top item",
    ))
}

/// The name under which a stream remembers a message of a producer.
#[derive(Debug)]
struct Name<'a> {
    producer: &'a [u8],
    given: Option<&'a [u8]>,
    /// Made from the words: their order does not matter, as little as it does to the receiver.
    made: [u8; 16],
}

impl<'a> Name<'a> {
    fn new(message: Message<'a>, args: Args<'a>) -> Self {
        let mut halves = [0_u64; 2];
        if message.name.is_none() {
            for (field, value) in args.rest().step_by(2).zip(args.rest().skip(1).step_by(2)) {
                for (half, seed) in halves.iter_mut().zip(NAME_SEEDS) {
                    *half = half.wrapping_add(hash_bytes(hash_bytes(seed, field), value));
                }
            }
        }
        let made = (u128::from(halves[0]) << 64 | u128::from(halves[1])).to_be_bytes();
        Self { producer: message.producer, given: message.name, made }
    }

    fn bytes(&self) -> &[u8] {
        self.given.unwrap_or(&self.made)
    }

    /// The entry that was added under this name, counted as a duplicate.
    fn find(&self, stream: &mut Stream, now: i64, config: &Config) -> Option<StreamId> {
        let memory = memory(stream.producers()?, now, config);
        let known = stream.producers()?.find(self.producer, self.bytes(), memory)?;
        stream.producers_mut().duplicates += 1;
        Some(known)
    }

    fn remember(&self, stream: &mut Stream, id: StreamId, now: i64, config: &Config) {
        let producers = stream.producers_mut();
        let memory = memory(producers, now, config);
        producers.remember(self.producer, self.bytes(), id, memory);
    }
}

/// For how long and how many names a stream remembers.
pub(super) fn memory(producers: &Producers, now: i64, config: &Config) -> Memory {
    let duration_s = producers.duration_s.unwrap_or(config.stream_idmp_duration);
    let max = producers.max_size.unwrap_or(config.stream_idmp_maxsize);
    let since = now.saturating_sub(duration_s.saturating_mul(1_000));
    Memory { since: u64::try_from(since).unwrap_or(0), max: usize::try_from(max).unwrap_or(1) }
}
