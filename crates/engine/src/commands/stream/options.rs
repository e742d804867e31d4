//! The options of XADD and XTRIM: how a stream is trimmed, and what an added entry is to be.

use super::{INVALID_ID, id, take_references};
use crate::args::Args;
use crate::command::args::{Arg, block, integer, one_of, token, word};
use crate::config::Config;
use crate::error::CmdError;
use crate::types::stream::{Keep, References, StreamId, Trim};

/// Entries that `~` takes out at most, where the size of nodes gives no other limit.
const LIMIT_DEFAULT: i64 = 10_000;
const LIMIT_MAX: i64 = 1_000_000;

/// `MAXLEN | MINID [= | ~] threshold [LIMIT count]`
pub(super) const TRIM: Arg = block(
    "trim",
    &[
        one_of("strategy", &[token("MAXLEN"), token("MINID").since("6.2.0")]),
        one_of("operator", &[token("="), token("~")]).optional(),
        word("threshold"),
        integer("count").after("LIMIT").optional().since("6.2.0"),
    ],
);

/// The id that an entry is to get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NewId {
    /// From the clock.
    Auto,
    /// The next one of this millisecond.
    In(u64),
    /// This one.
    Exactly(StreamId),
}

/// A message that its producer names, or one whose name is made from its words.
#[derive(Debug, Clone, Copy)]
pub(super) struct Message<'a> {
    /// The producer.
    pub(super) producer: &'a [u8],
    /// The name it gives.
    pub(super) name: Option<&'a [u8]>,
}

/// What stands before the words of an entry, or behind the key of XTRIM.
#[derive(Debug, Default)]
pub(super) struct Options<'a> {
    /// Whether a stream that is not there stays so.
    pub(super) no_stream: bool,
    /// What is named by its producer.
    pub(super) message: Option<Message<'a>>,
    references: Option<References>,
    keep: Option<Keep>,
    approximate: bool,
    limit: Option<i64>,
}

impl<'a> Options<'a> {
    /// Reads the options of XTRIM: all words.
    pub(super) fn of_trim(args: &mut Args<'a>) -> Result<Self, CmdError> {
        let mut options = Self::default();
        while !args.is_empty() {
            if !options.take_trimming(args)? {
                return Err(CmdError::Syntax);
            }
        }
        options.check()?;
        if options.keep.is_none() {
            return Err(CmdError::Msg(
                "ERR syntax error, XTRIM must be called with a trimming strategy",
            ));
        }
        Ok(options)
    }

    /// Reads the options of XADD: all words up to the id, and the id.
    pub(super) fn of_add(args: &mut Args<'a>) -> Result<(Self, NewId), CmdError> {
        let mut options = Self::default();
        let id = loop {
            if args.is_empty() {
                return Err(CmdError::Arity("xadd".to_owned()));
            }
            if args.take_token("*") {
                break NewId::Auto;
            }
            if options.take_trimming(args)? || options.take_message(args)? {
                continue;
            }
            if args.take_token("NOMKSTREAM") {
                options.no_stream = true;
                continue;
            }
            break new_id(args.next_word()?)?;
        };
        if options.message.is_some() && id != NewId::Auto {
            return Err(CmdError::Msg("ERR IDMP and IDMPAUTO need an id that the server makes: *"));
        }
        options.check()?;
        Ok((options, id))
    }

    /// How the stream is trimmed, if at all.
    pub(super) fn trim(&self, config: &Config) -> Option<Trim> {
        let per_node = config.stream_node_max_entries;
        let by_nodes = if per_node > 0 { per_node.saturating_mul(100) } else { LIMIT_DEFAULT };
        let limit = match (self.approximate, self.limit) {
            (true, None) => by_nodes.min(LIMIT_MAX),
            (_, limit) => limit.unwrap_or(0),
        };
        Some(Trim {
            keep: self.keep?,
            approximate: self.approximate,
            limit: limit as u64,
            references: self.references.unwrap_or_default(),
        })
    }

    /// Reads one option about trimming, if the next word is one.
    fn take_trimming(&mut self, args: &mut Args<'a>) -> Result<bool, CmdError> {
        let has_more = args.len() > 1;
        if has_more && args.take_token("MAXLEN") {
            self.take_operator(args)?;
            let max = args.next_i64()?;
            let max = u64::try_from(max)
                .map_err(|_negative| CmdError::Msg("ERR The MAXLEN argument must be >= 0."))?;
            self.keep = Some(Keep::Last(max));
        } else if has_more && args.take_token("MINID") {
            self.take_operator(args)?;
            self.keep = Some(Keep::From(id(args.next_word()?)?));
        } else if has_more && args.take_token("LIMIT") {
            let limit = args.next_i64()?;
            if limit < 0 {
                return Err(CmdError::Msg("ERR The LIMIT argument must be >= 0."));
            }
            self.limit = Some(limit);
        } else if let Some(references) = take_references(args) {
            if self.references.replace(references).is_some() {
                return Err(CmdError::Syntax);
            }
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// Reads `=` or `~`, unless it is the threshold itself.
    fn take_operator(&mut self, args: &mut Args<'a>) -> Result<(), CmdError> {
        if self.keep.is_some() {
            return Err(CmdError::Msg(
                "ERR syntax error, MAXLEN and MINID options at the same time are not compatible",
            ));
        }
        if args.len() >= 2 {
            self.approximate = args.take_token("~");
            let _ = self.approximate || args.take_token("=");
        }
        Ok(())
    }

    /// Reads `IDMPAUTO producer-id` or `IDMP producer-id idempotent-id`.
    fn take_message(&mut self, args: &mut Args<'a>) -> Result<bool, CmdError> {
        let is_named = args.len() > 2 && args.take_token("IDMP");
        let is_made = !is_named && args.len() > 1 && args.take_token("IDMPAUTO");
        if !is_named && !is_made {
            return Ok(false);
        }
        if self.message.is_some() {
            return Err(CmdError::Msg(
                "ERR syntax error, IDMP and IDMPAUTO are given once at most",
            ));
        }
        let producer = args.next_word()?;
        if producer.is_empty() {
            return Err(CmdError::Msg(if is_named {
                "ERR the producer of IDMP must not be empty"
            } else {
                "ERR the producer of IDMPAUTO must not be empty"
            }));
        }
        let name = if is_named { Some(args.next_word()?) } else { None };
        if name.is_some_and(<[u8]>::is_empty) {
            return Err(CmdError::Msg("ERR the message id of IDMP must not be empty"));
        }
        self.message = Some(Message { producer, name });
        Ok(true)
    }

    fn check(&self) -> Result<(), CmdError> {
        match self.limit {
            Some(1..) if self.keep.is_none() => Err(CmdError::Msg(
                "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy",
            )),
            Some(_) if !self.approximate => Err(CmdError::Msg(
                "ERR syntax error, LIMIT cannot be used without the special ~ option",
            )),
            _ => Ok(()),
        }
    }
}

fn new_id(word: &[u8]) -> Result<NewId, CmdError> {
    if let Some(ms) = StreamId::parse_open(word) {
        return Ok(NewId::In(ms));
    }
    Ok(NewId::Exactly(StreamId::parse(word, 0).ok_or(INVALID_ID)?))
}
