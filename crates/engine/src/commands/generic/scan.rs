//! Going through all keys a few at a time; also the words that SCAN, HSCAN, SSCAN and ZSCAN share.

use redarium_resp::number::{parse_i64, parse_u64};
use redarium_structures::glob;

use crate::args::Args;
use crate::command::args::{integer, pattern, word};
use crate::command::{Answer, CommandSpec, Flags, Group};
use crate::context::Ctx;
use crate::error::CmdError;

pub(super) const COMMANDS: &[CommandSpec] = &[SCAN];

/// Elements that a call looks at unless COUNT says otherwise.
const COUNT_DEFAULT: usize = 10;

/// Buckets that a call may visit for each element it should look at, so that a sparse table does not stall it.
const BUCKETS_PER_ELEMENT: usize = 10;

const SCAN: CommandSpec = CommandSpec {
    name: "SCAN",
    group: Group::Generic,
    since: "2.8.0",
    summary: "Lists keys a few at a time, beginning and ending with cursor 0.",
    complexity: "O(1) for every call, O(N) for a whole round over N keys.",
    flags: Flags::READONLY.or(Flags::TOUCHES_ARBITRARY_KEYS),
    args: &[
        word("cursor"),
        pattern("pattern").after("MATCH").optional(),
        integer("count").after("COUNT").optional(),
        word("type").after("TYPE").optional().since("6.0.0"),
    ],
    history: &[("6.0.0", "Can list the keys of one type.")],
    see_also: &["KEYS", "HSCAN", "SSCAN", "ZSCAN"],
    examples: "\
> MSET page:home 12 user:1 ann
OK
> SCAN 0 MATCH user:*
1) \"0\"
2) 1) \"user:1\"
",
    run: scan,
    ..CommandSpec::DEFAULT
};

/// What stands after the cursor.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ScanOptions<'a> {
    pattern: Option<&'a [u8]>,
    count: usize,
}

impl<'a> ScanOptions<'a> {
    /// Reads all remaining words; `own` takes those that only one of the commands knows and says whether it did.
    pub(crate) fn parse(
        mut args: Args<'a>,
        mut own: impl FnMut(&mut Args<'a>) -> Result<bool, CmdError>,
    ) -> Result<Self, CmdError> {
        let mut options = Self { pattern: None, count: COUNT_DEFAULT };
        while !args.is_empty() {
            if args.len() >= 2 && args.take_token("COUNT") {
                let count = args.next_i64()?;
                if count < 1 {
                    return Err(CmdError::Syntax);
                }
                options.count = usize::try_from(count).unwrap_or(usize::MAX);
            } else if args.len() >= 2 && args.take_token("MATCH") {
                options.pattern = Some(args.next_word()?).filter(|pattern| *pattern != b"*");
            } else if !own(&mut args)? {
                return Err(CmdError::Syntax);
            }
        }
        Ok(options)
    }

    /// Whether an element of this name is wanted.
    pub(crate) fn matches(&self, name: &[u8]) -> bool {
        self.pattern.is_none_or(|pattern| glob::matches(pattern, name, false))
    }

    /// Calls `bucket` (a cursor; answers the next one and how many elements it saw) until enough elements were seen
    /// or too many buckets; the cursor to go on from.
    pub(crate) fn walk(&self, mut cursor: u64, mut bucket: impl FnMut(u64) -> (u64, usize)) -> u64 {
        let mut buckets_left = self.count.saturating_mul(BUCKETS_PER_ELEMENT);
        let mut seen = 0;
        loop {
            let (next, elements) = bucket(cursor);
            cursor = next;
            seen += elements;
            if cursor == 0 || seen >= self.count || buckets_left == 0 {
                return cursor;
            }
            buckets_left -= 1;
        }
    }
}

/// A cursor as clients send it back: like C's `strtoull`, spaces and a plus sign in front are let pass.
pub(crate) fn parse_cursor(word: &[u8]) -> Result<u64, CmdError> {
    const INVALID: CmdError = CmdError::Msg("ERR invalid cursor");
    if let Some(number) = parse_i64(word) {
        return u64::try_from(number).ok().ok_or(INVALID);
    }
    let digits = word.trim_ascii_start();
    let digits = digits.strip_prefix(b"+").unwrap_or(digits);
    let zeros = digits.iter().take_while(|&&digit| digit == b'0').count();
    match digits.get(zeros..) {
        Some([]) if zeros > 0 => Ok(0),
        Some(digits) => parse_u64(digits).ok_or(INVALID),
        None => Err(INVALID),
    }
}

fn scan(ctx: &mut Ctx<'_>, mut args: Args<'_>) -> Result<Answer, CmdError> {
    let cursor = parse_cursor(args.next_word()?)?;
    let mut type_name = None;
    let options = ScanOptions::parse(args, |args| {
        let found = args.len() >= 2 && args.take_token("TYPE");
        if found {
            type_name = Some(args.next_word()?);
        }
        Ok(found)
    })?;
    let mut found = Vec::new();
    let table = ctx.keys.database().table();
    let next = options.walk(cursor, |cursor| {
        let mut seen = 0;
        let next = table.scan(cursor, |id, entry| {
            seen += 1;
            if options.matches(&entry.key) {
                found.push(id);
            }
        });
        (next, seen)
    });
    ctx.reply.array(2);
    ctx.reply.bulk_int(next as i64);
    let mark = ctx.reply.begin_array();
    let mut len = 0;
    for id in found {
        if ctx.keys.is_dead(id) {
            ctx.keys.expire(id);
            continue;
        }
        let entry = ctx.keys.database().entry(id);
        let name = entry.value.type_of().name().as_bytes();
        if type_name.is_none_or(|wanted| wanted.eq_ignore_ascii_case(name)) {
            ctx.reply.bulk(&entry.key);
            len += 1;
        }
    }
    ctx.reply.end_array(mark, len);
    Ok(Answer::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_are_read_as_c_does() {
        for (word, expected) in [
            ("0", Some(0)),
            ("007", Some(7)),
            ("00", Some(0)),
            ("+1", Some(1)),
            (" 1", Some(1)),
            ("18446744073709551615", Some(u64::MAX)),
            ("18446744073709551616", None),
            ("-1", None),
            ("", None),
            ("+", None),
            ("1 ", None),
            ("1abc", None),
        ] {
            assert_eq!(parse_cursor(word.as_bytes()).ok(), expected, "{word:?}");
        }
    }
}
