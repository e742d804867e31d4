//! Groups and their consumers: making, moving and removing them.

use super::id;
use crate::args::Args;
use crate::command::args::{Arg, KEY, integer, one_of, token, word};
use crate::command::help::help;
use crate::command::{Answer, CommandSpec, Flags, Group, KeySpec};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::types::stream::{self, Stream, StreamId};

pub(super) const COMMANDS: &[CommandSpec] = &[XGROUP];

const XGROUP: CommandSpec = CommandSpec {
    name: "XGROUP",
    group: Group::Stream,
    since: "5.0.0",
    summary: "Makes, moves and removes groups of consumers.",
    complexity: "Depends on subcommand.",
    subcommands: &[
        CREATE,
        CREATECONSUMER,
        DELCONSUMER,
        DESTROY,
        help(Group::Stream, "5.0.0"),
        SETID,
    ],
    help: include_str!("xgroup_help.txt"),
    ..CommandSpec::DEFAULT
};

const BASE: CommandSpec = CommandSpec {
    group: Group::Stream,
    since: "5.0.0",
    complexity: "O(1)",
    flags: Flags::WRITE,
    ..CommandSpec::DEFAULT
};

const ID: Arg = one_of("id-selector", &[word("id"), token("$")]);
const ENTRIES_READ: Arg = integer("entries-read").after("ENTRIESREAD").optional().since("7.0.0");

const CREATE: CommandSpec = CommandSpec {
    name: "CREATE",
    summary: "Makes a group that reads a stream from behind an id, `$` being the last one there is.",
    flags: Flags::WRITE.or(Flags::DENYOOM),
    keys: &[KeySpec::one(2, &["RW", "insert"])],
    args: &[KEY, word("group"), ID, token("MKSTREAM").optional(), ENTRIES_READ],
    history: &[("7.0.0", "Knows `ENTRIESREAD`.")],
    see_also: &["XREADGROUP", "XGROUP SETID", "XGROUP DESTROY", "XINFO GROUPS"],
    examples: "\
> XGROUP CREATE races judges $ MKSTREAM
OK
> XLEN races
(integer) 0
> XGROUP CREATE races judges $
(error) BUSYGROUP Consumer Group name already exists
",
    run: create,
    ..BASE
};

const CREATECONSUMER: CommandSpec = CommandSpec {
    name: "CREATECONSUMER",
    since: "6.2.0",
    summary: "Makes a consumer of a group; XREADGROUP makes those it does not know by itself.",
    flags: Flags::WRITE.or(Flags::DENYOOM),
    keys: &[KeySpec::one(2, &["RW", "insert"])],
    args: &[KEY, word("group"), word("consumer")],
    see_also: &["XGROUP DELCONSUMER", "XINFO CONSUMERS"],
    examples: "\
> XGROUP CREATE races judges $ MKSTREAM
OK
> XGROUP CREATECONSUMER races judges kim
(integer) 1
> XGROUP CREATECONSUMER races judges kim
(integer) 0
",
    run: create_consumer,
    ..BASE
};

const DELCONSUMER: CommandSpec = CommandSpec {
    name: "DELCONSUMER",
    summary: "Removes a consumer and all it has pending; tells how many entries that were.",
    keys: &[KeySpec::one(2, &["RW", "delete"])],
    args: &[KEY, word("group"), word("consumer")],
    see_also: &["XGROUP CREATECONSUMER", "XCLAIM"],
    examples: "\
> XGROUP CREATE races judges $ MKSTREAM
OK
> XGROUP CREATECONSUMER races judges kim
(integer) 1
> XGROUP DELCONSUMER races judges kim
(integer) 0
",
    run: delete_consumer,
    ..BASE
};

const DESTROY: CommandSpec = CommandSpec {
    name: "DESTROY",
    summary: "Removes a group with its consumers and all they have pending.",
    complexity: "O(N), N being the number of pending entries.",
    keys: &[KeySpec::one(2, &["RW", "delete"])],
    args: &[KEY, word("group")],
    see_also: &["XGROUP CREATE"],
    examples: "\
> XGROUP CREATE races judges $ MKSTREAM
OK
> XGROUP DESTROY races judges
(integer) 1
> XGROUP DESTROY races judges
(integer) 0
",
    run: destroy,
    ..BASE
};

const SETID: CommandSpec = CommandSpec {
    name: "SETID",
    summary: "Lets a group read on from behind another id.",
    keys: &[KeySpec::one(2, &["RW", "update"])],
    args: &[KEY, word("group"), ID, ENTRIES_READ],
    history: &[("7.0.0", "Knows `ENTRIESREAD`.")],
    see_also: &["XGROUP CREATE", "XSETID"],
    examples: "\
> XADD races 1-1 rider ana
\"1-1\"
> XGROUP CREATE races judges $
OK
> XGROUP SETID races judges 0
OK
> XREADGROUP GROUP judges kim STREAMS races >
1) 1) \"races\"
   2) 1) 1) \"1-1\"
         2) 1) \"rider\"
            2) \"ana\"
",
    run: set_id,
    ..BASE
};

/// Where a group begins to read, as CREATE and SETID say it.
struct Position<'a> {
    word: &'a [u8],
    creates: bool,
    make_stream: bool,
    entries_read: Option<u64>,
    /// What is said of options that come twice, after everything else has been looked at.
    surplus: Result<(), CmdError>,
}

impl<'a> Position<'a> {
    fn parse(mut args: Args<'a>, creates: bool) -> Result<Self, CmdError> {
        let subcommand = String::from_utf8_lossy(args.word(1).unwrap_or_default());
        let refusal = || {
            CmdError::Text(format!(
                "ERR unknown subcommand or wrong number of arguments for '{subcommand}'. Try XGROUP HELP."
            ))
        };
        let most = if creates { 4 } else { 3 };
        let surplus = if args.len() > most { Err(refusal()) } else { Ok(()) };
        let word = args.next_word()?;
        let mut position = Self { word, creates, make_stream: false, entries_read: None, surplus };
        while !args.is_empty() {
            if creates && args.take_token("MKSTREAM") {
                position.make_stream = true;
            } else if args.len() > 1 && args.take_token("ENTRIESREAD") {
                position.entries_read = match args.next_i64()? {
                    -1 => None,
                    count => Some(u64::try_from(count).map_err(|_negative| {
                        CmdError::Msg("ERR value for ENTRIESREAD must be positive or -1")
                    })?),
                };
            } else {
                return Err(refusal());
            }
        }
        Ok(position)
    }

    /// The id behind which the group reads on, and the number of the entry there.
    fn of(self, stream: Option<&Stream>) -> Result<(StreamId, Option<u64>), CmdError> {
        self.surplus?;
        let last = stream.map_or(StreamId::MIN, |stream| stream.log.last_id);
        let id = match self.word {
            b"$" => last,
            // Only SETID takes the ends of a range.
            b"-" if !self.creates => StreamId::MIN,
            b"+" if !self.creates => StreamId::MAX,
            word => id(word)?,
        };
        let added = stream.map_or(0, |stream| stream.log.entries_added);
        Ok((id, self.entries_read.map(|read| read.min(added))))
    }
}

fn create(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (key, name) = (args.next_word()?, args.next_word()?);
    let position = Position::parse(args, true)?;
    ctx.keys.find(key);
    let stream = ctx.keys.peek_as::<Stream>(key)?;
    if stream.is_none() && !position.make_stream {
        return Err(NO_KEY);
    }
    let (last_id, entries_read) = position.of(stream)?;
    let mut edit = ctx.keys.edit_or_create::<Stream>(key)?;
    if !edit.create_group(name, stream::Group::new(last_id, entries_read)) {
        return Err(CmdError::Msg("BUSYGROUP Consumer Group name already exists"));
    }
    edit.changed("xgroup-create");
    ctx.reply.ok();
    Ok(Answer::Done)
}

const NO_KEY: CmdError = CmdError::Msg(
    "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM \
     option to create an empty stream automatically.",
);

/// What is said where the key is there and the group is not.
pub(super) fn no_group_of(key: &[u8], name: &[u8]) -> CmdError {
    let text = String::from_utf8_lossy;
    CmdError::Text(format!(
        "NOGROUP No such consumer group '{}' for key name '{}'",
        text(name),
        text(key)
    ))
}

/// Changes a group that must be there. `change` names the event, if it has changed anything.
fn with_group<T>(
    ctx: &mut Ctx<'_>,
    key: &[u8],
    name: &[u8],
    change: impl FnOnce(&mut stream::Group, i64) -> (T, Option<&'static str>),
) -> Result<T, CmdError> {
    let now = ctx.keys.now;
    let mut edit = ctx.keys.edit::<Stream>(key)?.ok_or(NO_KEY)?;
    let (_, group) = edit.group_mut(name).ok_or_else(|| no_group_of(key, name))?;
    let (outcome, event) = change(group, now);
    if let Some(event) = event {
        edit.changed(event);
    }
    Ok(outcome)
}

fn create_consumer(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (key, name, consumer) = (args.next_word()?, args.next_word()?, args.next_word()?);
    let is_new = with_group(ctx, key, name, |group, now| {
        let (_, is_new) = group.ensure_consumer(consumer, now);
        (is_new, is_new.then_some("xgroup-createconsumer"))
    })?;
    ctx.reply.integer(i64::from(is_new));
    Ok(Answer::Done)
}

fn delete_consumer(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (key, name, consumer) = (args.next_word()?, args.next_word()?, args.next_word()?);
    let pending = with_group(ctx, key, name, |group, _| {
        let pending = group.remove_consumer(consumer);
        (pending.unwrap_or(0), pending.map(|_| "xgroup-delconsumer"))
    })?;
    ctx.reply.count(pending);
    Ok(Answer::Done)
}

fn destroy(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (key, name) = (args.next_word()?, args.next_word()?);
    let mut edit = ctx.keys.edit::<Stream>(key)?.ok_or(NO_KEY)?;
    let existed = edit.destroy_group(name);
    edit.changed_by(u64::from(existed), "xgroup-destroy");
    drop(edit);
    if existed {
        // Who waits for the group is to know that it is gone.
        ctx.keys.signal(key);
    }
    ctx.reply.integer(i64::from(existed));
    Ok(Answer::Done)
}

fn set_id(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let (key, name) = (args.next_word()?, args.next_word()?);
    let position = Position::parse(args, false)?;
    ctx.keys.find(key);
    let stream = ctx.keys.peek_as::<Stream>(key)?.ok_or(NO_KEY)?;
    stream.group(name).ok_or_else(|| no_group_of(key, name))?;
    let (last_id, entries_read) = position.of(Some(stream))?;
    with_group(ctx, key, name, |group, _| {
        (group.last_id, group.entries_read) = (last_id, entries_read);
        ((), Some("xgroup-setid"))
    })?;
    ctx.reply.ok();
    Ok(Answer::Done)
}
