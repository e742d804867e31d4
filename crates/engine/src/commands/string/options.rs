//! Options that string commands share: times to live, NX and XX.

use redarium_resp::number::parse_i64;

use crate::args::Args;
use crate::commands::deadline::{MILLISECONDS, SECONDS, Since, moment, take_unit};
use crate::error::CmdError;

/// When a value shall end, as the words say it.
///
/// The number is read late: Redis looks at the type of a key before it looks at a time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expiry<'a> {
    word: &'a [u8],
    unit_ms: i64,
    since: Since,
}

impl<'a> Expiry<'a> {
    /// So many seconds from now.
    pub(super) fn seconds(word: &'a [u8]) -> Self {
        Self { word, unit_ms: SECONDS, since: Since::Now }
    }

    /// So many milliseconds from now.
    pub(super) fn milliseconds(word: &'a [u8]) -> Self {
        Self { word, unit_ms: MILLISECONDS, since: Since::Now }
    }

    /// Takes one of the four options with its word, if one is next that fits `earlier`: Redis lets an option
    /// be repeated, the last one counts, but not be followed by another one.
    pub(super) fn take(
        args: &mut Args<'a>,
        earlier: Option<Self>,
    ) -> Result<Option<Self>, CmdError> {
        let mut words = *args;
        let Some((unit_ms, since)) = take_unit(&mut words) else { return Ok(None) };
        if earlier.is_some_and(|earlier| (earlier.unit_ms, earlier.since) != (unit_ms, since)) {
            return Ok(None);
        }
        let word = words.next_word()?;
        *args = words;
        Ok(Some(Self { word, unit_ms, since }))
    }

    /// The moment in milliseconds since 1970; `command` is the lower-case name for the error text.
    pub(super) fn deadline(self, now: i64, command: &'static str) -> Result<i64, CmdError> {
        let amount = parse_i64(self.word).ok_or(CmdError::NotInteger)?;
        Some(amount)
            .filter(|&amount| amount > 0)
            .and_then(|amount| moment(amount, self.unit_ms, self.since, now))
            .ok_or(CmdError::InvalidExpire(command))
    }
}

/// The options that SET and MSETEX have in common.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct SetOptions<'a> {
    /// XX demands that the key exists, NX that it does not.
    pub(super) must_exist: Option<bool>,
    /// KEEPTTL.
    pub(super) keep_ttl: bool,
    /// When the value shall end.
    pub(super) expiry: Option<Expiry<'a>>,
}

impl<'a> SetOptions<'a> {
    /// Takes the next option if it is one of these and fits those before it.
    pub(super) fn take(&mut self, args: &mut Args<'a>) -> Result<bool, CmdError> {
        if self.must_exist != Some(true) && args.take_token("NX") {
            self.must_exist = Some(false);
        } else if self.must_exist != Some(false) && args.take_token("XX") {
            self.must_exist = Some(true);
        } else if self.expiry.is_none() && args.take_token("KEEPTTL") {
            self.keep_ttl = true;
        } else if !self.keep_ttl
            && let Some(expiry) = Expiry::take(args, self.expiry)?
        {
            self.expiry = Some(expiry);
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// When the value shall end, in milliseconds since 1970; `command` is the lower-case name for the error text.
    pub(super) fn deadline(
        &self,
        now: i64,
        command: &'static str,
    ) -> Result<Option<i64>, CmdError> {
        self.expiry.map(|expiry| expiry.deadline(now, command)).transpose()
    }
}
