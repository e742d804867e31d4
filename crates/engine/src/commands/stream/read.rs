//! Following one or more streams.

use redarium_resp::words::Words;

use super::{id, no_group, reply_entries};
use crate::args::Args;
use crate::blocking::{Wait, WaitFor};
use crate::command::args::{Arg, KEY, block, integer, word};
use crate::command::{Answer, Begin, CommandSpec, Find, Flags, Group, KeySpec};
use crate::commands::timeout;
use crate::context::Ctx;
use crate::error::CmdError;
use crate::types::stream::{IdText, Stream, StreamId};
use crate::value::Type;

pub(super) const COMMANDS: &[CommandSpec] = &[XREAD];

/// `STREAMS key [key ...] id [id ...]`
pub(super) const STREAMS: Arg = block("streams", &[KEY.many(), word("id").many()]).after("STREAMS");

/// The keys: the first half of what follows the word STREAMS, looked for from word `from` on.
pub(super) const fn streams_keys(from: isize) -> KeySpec {
    KeySpec {
        flags: &["RO", "access"],
        begin: Begin::Keyword { word: "STREAMS", from },
        find: Find::Range { last: -1, step: 1, limit: 2 },
    }
}

const XREAD: CommandSpec = CommandSpec {
    name: "XREAD",
    group: Group::Stream,
    since: "5.0.0",
    summary: "Returns the entries of streams behind given ids, `$` being the last one there is.",
    complexity: "O(log N + M) for each stream, M being the number of entries returned.",
    flags: Flags::READONLY.or(Flags::BLOCKING).or(Flags::MOVABLEKEYS),
    keys: &[streams_keys(1)],
    args: &[
        integer("count").after("COUNT").optional(),
        integer("milliseconds").after("BLOCK").optional(),
        STREAMS,
    ],
    history: &[("7.4.0", "Takes `+` for the id before the last one.")],
    see_also: &["XRANGE", "XREADGROUP", "XADD"],
    examples: "\
> XADD races 1-1 rider ana
\"1-1\"
> XADD races 2-1 rider bo
\"2-1\"
> XREAD COUNT 9 STREAMS races 1-1
1) 1) \"races\"
   2) 1) 1) \"2-1\"
         2) 1) \"rider\"
            2) \"bo\"
> XREAD STREAMS races $
(nil)
",
    run: xread,
    ..CommandSpec::DEFAULT
};

/// From where on a stream is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum From {
    /// Behind this id.
    After(StreamId),
    /// What no consumer of the group has been given yet.
    New,
}

/// The words of XREAD and XREADGROUP.
#[derive(Debug)]
pub(super) struct Query<'a> {
    /// Entries of each stream at most.
    pub(super) count: usize,
    /// The group and the consumer that reads for it.
    pub(super) group: Option<(&'a [u8], &'a [u8])>,
    /// Whether entries count as acknowledged at once.
    pub(super) no_ack: bool,
    /// Milliseconds after which entries are taken over from other consumers.
    pub(super) claim_ms: Option<i64>,
    /// Whether it waits for entries if there are none.
    waits: bool,
    /// Until when; `None` if for ever.
    until: Option<i64>,
    streams: Args<'a>,
    is_group: bool,
}

impl<'a> Query<'a> {
    pub(super) fn parse(mut args: Args<'a>, is_group: bool, now: i64) -> Result<Self, CmdError> {
        let mut query = Self {
            count: usize::MAX,
            group: None,
            no_ack: false,
            claim_ms: None,
            waits: false,
            until: None,
            streams: args,
            is_group,
        };
        loop {
            let has_more = args.len() > 1;
            if has_more && args.take_token("BLOCK") {
                query.waits = true;
                query.until = timeout::milliseconds(args.next_word()?, now)?;
            } else if has_more && args.take_token("COUNT") {
                let count = usize::try_from(args.next_i64()?).unwrap_or(0);
                query.count = if count == 0 { usize::MAX } else { count };
            } else if has_more && args.take_token("STREAMS") {
                break;
            } else if args.len() > 2 && args.take_token("GROUP") {
                query.only_for_groups("GROUP")?;
                query.group = Some((args.next_word()?, args.next_word()?));
            } else if args.take_token("NOACK") {
                query.only_for_groups("NOACK")?;
                query.no_ack = true;
            } else if has_more && args.take_token("CLAIM") {
                query.only_for_groups("CLAIM")?;
                query.claim_ms = Some(min_idle_ms(&mut args)?);
            } else {
                return Err(CmdError::Syntax);
            }
        }
        if !args.len().is_multiple_of(2) {
            return Err(CmdError::Msg(if is_group {
                "ERR Unbalanced 'xreadgroup' list of streams: for each stream key an ID or '>' must be specified."
            } else {
                "ERR Unbalanced 'xread' list of streams: for each stream key an ID or '$' must be specified."
            }));
        }
        if is_group && query.group.is_none() {
            return Err(CmdError::Msg("ERR Missing GROUP option for XREADGROUP"));
        }
        query.streams = args;
        Ok(query)
    }

    fn only_for_groups(&self, option: &str) -> Result<(), CmdError> {
        if self.is_group {
            return Ok(());
        }
        Err(CmdError::Text(format!(
            "ERR The {option} option is only supported by XREADGROUP. You called XREAD instead."
        )))
    }

    /// Whether the client waits if there is nothing.
    pub(super) fn may_wait(&self, ctx: &Ctx<'_>) -> bool {
        self.waits && ctx.may_block()
    }

    /// The wait for entries of `streams`; `args` are the words of the command.
    ///
    /// What `$` means is decided once: it must not be the last entry again when there is another one.
    pub(super) fn wait(&self, args: Args<'_>, streams: &[(&'a [u8], From)], what: WaitFor) -> Wait {
        let ids_at = args.total() - streams.len();
        let mut words = Words::new();
        for (at, word) in args.all().enumerate() {
            let stream = at.checked_sub(ids_at).and_then(|index| streams.get(index));
            match stream {
                Some(&(_, From::After(id))) if word == b"$" => {
                    words.push(IdText::default().write(id));
                }
                _ => words.push(word),
            }
        }
        let keys = streams.iter().map(|&(key, _)| key);
        Wait::for_keys(what, words, keys, self.until)
    }

    /// The streams and from where on each is read. All must be streams, and have the group if there is one.
    pub(super) fn resolve(&self, ctx: &mut Ctx<'_>) -> Result<Vec<(&'a [u8], From)>, CmdError> {
        let half = self.streams.len() / 2;
        let keys = self.streams.take(half).rest();
        keys.zip(self.streams.skip(half).rest())
            .map(|(key, word)| Ok((key, self.from(ctx, key, word)?)))
            .collect()
    }

    fn from(&self, ctx: &mut Ctx<'_>, key: &[u8], word: &[u8]) -> Result<From, CmdError> {
        let stream = ctx.keys.read::<Stream>(key)?;
        if let Some((group, _)) = self.group
            && stream.and_then(|stream| stream.group(group)).is_none()
        {
            return Err(no_group(key, group, " in XREADGROUP with GROUP option"));
        }
        match word {
            b"$" | b"+" if self.is_group => Err(CmdError::Text(format!(
                "ERR The {0} ID is meaningless in the context of XREADGROUP: you want to read the history of this \
                 consumer by specifying a proper ID, or use the > ID to get new messages. The {0} ID would just \
                 return an empty result set.",
                String::from_utf8_lossy(word)
            ))),
            b"$" => Ok(From::After(stream.map_or(StreamId::MIN, |stream| stream.log.last_id))),
            b"+" => {
                let before_top = stream.map_or(StreamId::MIN, |stream| {
                    let top = stream.log.edge(true).and_then(|entry| entry.id.prev());
                    top.unwrap_or(stream.log.last_id)
                });
                Ok(From::After(before_top))
            }
            b">" if self.is_group => Ok(From::New),
            b">" => Err(CmdError::Msg(
                "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.",
            )),
            _ => id(word).map(From::After),
        }
    }
}

fn min_idle_ms(args: &mut Args<'_>) -> Result<i64, CmdError> {
    match redarium_resp::number::parse_i64(args.next_word()?) {
        None => Err(CmdError::Msg("ERR min-idle-time is not an integer")),
        Some(..0) => Err(CmdError::Msg("ERR min-idle-time must be a positive integer")),
        Some(idle_ms) => Ok(idle_ms),
    }
}

fn xread(ctx: &mut Ctx<'_>, args: Args<'_>) -> Result<Answer, CmdError> {
    let query = Query::parse(args, false, ctx.keys.now)?;
    let streams = query.resolve(ctx)?;
    let mark = ctx.reply.begin();
    let mut served = 0;
    for &(key, from) in &streams {
        let From::After(after) = from else { continue };
        let Some(stream) = ctx.keys.read::<Stream>(key)? else { continue };
        let Some(first) = after.next() else { continue };
        let entries = stream.log.entries(first, StreamId::MAX, false);
        if entries.clone().next().is_none() {
            continue;
        }
        begin_stream(ctx, key);
        let stream = ctx.keys.peek_as::<Stream>(key)?;
        if let Some(stream) = stream {
            let entries = stream.log.entries(first, StreamId::MAX, false);
            reply_entries(&mut ctx.reply, entries, query.count);
        }
        served += 1;
    }
    if served > 0 || !query.may_wait(ctx) {
        end_streams(ctx, mark, served);
    } else {
        ctx.reply.cancel(mark);
        ctx.park(query.wait(args, &streams, WaitFor::Key(Type::Stream)));
    }
    Ok(Answer::Done)
}

/// Begins the part of a reply that belongs to one stream; its entries follow.
pub(super) fn begin_stream(ctx: &mut Ctx<'_>, key: &[u8]) {
    if !ctx.reply.is_resp3() {
        ctx.reply.array(2);
    }
    ctx.reply.bulk(key);
}

/// Ends a reply about streams: a map of those that had something, or a null if none had.
pub(super) fn end_streams(ctx: &mut Ctx<'_>, mark: redarium_resp::encode::Mark, served: usize) {
    if served == 0 {
        ctx.reply.cancel(mark);
        ctx.reply.null_array();
    } else if ctx.reply.is_resp3() {
        ctx.reply.end_map(mark, served);
    } else {
        ctx.reply.end_array(mark, served);
    }
}
