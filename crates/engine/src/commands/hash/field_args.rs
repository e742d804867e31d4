//! How the commands that set or tell when fields end name these fields.
//!
//! Three dialects, as in Redis: HTTL, HPERSIST and HGETDEL want `FIELDS numfields field [field ...]` and nothing else;
//! HEXPIRE and its kin take conditions before or after it; HGETEX and HSETEX take options there.

use redarium_resp::number::parse_i64;

use crate::args::Args;
use crate::command::args::{Arg, block, integer, word};
use crate::commands::deadline::{Conditions, Since, moment, take_unit};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::types::hash::Hash;

/// `FIELDS numfields field [field ...]`.
pub(super) const FIELDS: Arg =
    block("fields", &[integer("numfields"), word("field").many()]).after("FIELDS");

/// The last moment at which a field may end: Redis keeps 46 bits for it, which last until the year 4199.
const LATEST_END: i64 = (1 << 46) - 1;

const TOO_FEW: CmdError = CmdError::Msg("ERR wrong number of arguments");
const TWICE: CmdError = CmdError::Msg("ERR FIELDS keyword specified multiple times");
const MISSING: CmdError = CmdError::Msg("ERR missing FIELDS argument");

/// Refuses a key of another type, where Redis does so before it reads the other words.
pub(super) fn refuse_other_types(ctx: &mut Ctx<'_>, key: &[u8]) -> Result<(), CmdError> {
    ctx.keys.find(key);
    ctx.keys.peek_as::<Hash>(key).map(drop)
}

/// The fields of a command that takes nothing else after its key.
pub(super) fn only_fields(mut args: Args<'_>) -> Result<Args<'_>, CmdError> {
    if !args.take_token("FIELDS") {
        return Err(CmdError::Msg(
            "ERR Mandatory argument FIELDS is missing or not at the right position",
        ));
    }
    let count = field_count(args.next_word()?)
        .ok_or(CmdError::Msg("ERR Number of fields must be a positive integer"))?;
    if count != args.len() {
        return Err(CmdError::Msg(
            "ERR The `numfields` parameter must match the number of arguments",
        ));
    }
    Ok(args)
}

/// The conditions and fields of HEXPIRE and its kin, in any order.
pub(super) fn conditions_and_fields(
    mut args: Args<'_>,
) -> Result<(Conditions, Args<'_>), CmdError> {
    let mut conditions = Conditions::default();
    let mut fields = None;
    while !args.is_empty() {
        if conditions.take(&mut args) {
        } else if args.take_token("FIELDS") {
            if fields.is_some() {
                return Err(TWICE);
            }
            if args.len() < 2 {
                return Err(CmdError::Msg(
                    "ERR FIELDS requires at least numfields and one field argument",
                ));
            }
            let count = field_count(args.next_word()?)
                .ok_or(CmdError::Msg("ERR Parameter `numFields` should be greater than 0"))?;
            fields = Some(take_fields(&mut args, count, 1)?);
        } else {
            return Err(unknown(args.next_word()?));
        }
    }
    if conditions.count() > 1 {
        return Err(CmdError::Msg("ERR Multiple condition flags specified"));
    }
    Ok((conditions, fields.ok_or(MISSING)?))
}

/// The moment that a word names, checked as Redis checks that of a field; `command` is for the error text.
pub(super) fn field_end(
    word: &[u8],
    unit_ms: i64,
    since: Since,
    now: i64,
    command: &'static str,
) -> Result<i64, CmdError> {
    let amount = parse_i64(word).ok_or(CmdError::NotInteger)?;
    if amount < 0 {
        return Err(CmdError::Msg("ERR invalid expire time, must be >= 0"));
    }
    moment(amount, unit_ms, since, now)
        .filter(|&at| at <= LATEST_END)
        .ok_or(CmdError::InvalidExpire(command))
}

/// What becomes of the deadlines of the fields that HGETEX and HSETEX name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ends {
    /// Nothing is said.
    Unsaid,
    /// KEEPTTL.
    Keep,
    /// PERSIST.
    Never,
    /// EX, PX, EXAT or PXAT.
    At(i64),
}

/// The words of HGETEX or HSETEX after the key, in any order.
#[derive(Debug, Clone, Copy)]
pub(super) struct FieldOptions<'a> {
    pub(super) ends: Ends,
    /// FXX demands that all fields are there, FNX that none is.
    pub(super) must_exist: Option<bool>,
    /// The fields, each with its value for HSETEX.
    pub(super) fields: Args<'a>,
}

/// Which of the two commands is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    GetEx,
    SetEx,
}

impl Reader {
    fn name(self) -> &'static str {
        match self {
            Self::GetEx => "hgetex",
            Self::SetEx => "hsetex",
        }
    }

    fn words_per_field(self) -> usize {
        match self {
            Self::GetEx => 1,
            Self::SetEx => 2,
        }
    }

    fn refuse_two_ends(self, ends: Ends) -> Result<(), CmdError> {
        if ends == Ends::Unsaid {
            return Ok(());
        }
        Err(CmdError::Msg(match self {
            Self::GetEx => {
                "ERR Only one of EX, PX, EXAT, PXAT or PERSIST arguments can be specified"
            }
            Self::SetEx => {
                "ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified"
            }
        }))
    }

    /// Reads the words after the key.
    pub(super) fn read(self, mut args: Args<'_>, now: i64) -> Result<FieldOptions<'_>, CmdError> {
        let (mut ends, mut must_exist, mut fields) = (Ends::Unsaid, None, None);
        while !args.is_empty() {
            if args.take_token("FIELDS") {
                if fields.is_some() {
                    return Err(TWICE);
                }
                let count = args.next_word().or(Err(TOO_FEW))?;
                let count =
                    field_count(count).ok_or(CmdError::Msg("ERR invalid number of fields"))?;
                fields = Some(take_fields(&mut args, count, self.words_per_field())?);
            } else if let Some((unit_ms, since)) = take_unit(&mut args) {
                self.refuse_two_ends(ends)?;
                let time = args.next_word().or(Err(CmdError::Msg("ERR missing expire time")))?;
                ends = Ends::At(field_end(time, unit_ms, since, now, self.name())?);
            } else if args.take_token("KEEPTTL") {
                self.refuse_two_ends(ends)?;
                ends = Ends::Keep;
            } else if args.take_token("PERSIST") {
                self.refuse_two_ends(ends)?;
                ends = Ends::Never;
            } else if let Some(condition) = take_existence(&mut args) {
                if must_exist.is_some() {
                    return Err(CmdError::Msg(
                        "ERR Only one of FXX or FNX arguments can be specified",
                    ));
                }
                must_exist = Some(condition);
            } else {
                return Err(unknown(args.next_word()?));
            }
        }
        // Redis reads the options of both commands alike and tells afterwards which was the other one's.
        let foreign = match self {
            Self::GetEx => ends == Ends::Keep || must_exist.is_some(),
            Self::SetEx => ends == Ends::Never,
        };
        if foreign {
            return Err(CmdError::Msg("ERR unknown argument"));
        }
        Ok(FieldOptions { ends, must_exist, fields: fields.ok_or(MISSING)? })
    }
}

fn take_existence(args: &mut Args<'_>) -> Option<bool> {
    if args.take_token("FXX") {
        Some(true)
    } else if args.take_token("FNX") {
        Some(false)
    } else {
        None
    }
}

fn field_count(word: &[u8]) -> Option<usize> {
    let count = i32::try_from(parse_i64(word)?).ok()?;
    usize::try_from(count).ok().filter(|&count| count > 0)
}

/// Takes the words of `count` fields.
fn take_fields<'a>(
    args: &mut Args<'a>,
    count: usize,
    words_per_field: usize,
) -> Result<Args<'a>, CmdError> {
    let words = count.saturating_mul(words_per_field);
    if words > args.len() {
        return Err(TOO_FEW);
    }
    let fields = args.take(words);
    *args = args.skip(words);
    Ok(fields)
}

fn unknown(word: &[u8]) -> CmdError {
    CmdError::repeating("ERR unknown argument: ", word, "")
}
