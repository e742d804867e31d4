//! Options that string commands share: times to live, NX and XX.

use redarium_resp::number::parse_i64;

use crate::args::Args;
use crate::error::CmdError;

/// When a value shall end, as the words say it.
///
/// The number is read late: Redis looks at the type of a key before it looks at a time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expiry<'a> {
    word: &'a [u8],
    unit_ms: i64,
    from_now: bool,
}

impl<'a> Expiry<'a> {
    /// So many seconds from now.
    pub(super) fn seconds(word: &'a [u8]) -> Self {
        Self { word, unit_ms: 1000, from_now: true }
    }

    /// So many milliseconds from now.
    pub(super) fn milliseconds(word: &'a [u8]) -> Self {
        Self { word, unit_ms: 1, from_now: true }
    }

    /// Takes one of the four options with its word, if one is next that fits `earlier`: Redis lets an option
    /// be repeated, the last one counts, but not be followed by another one.
    pub(super) fn take(
        args: &mut Args<'a>,
        earlier: Option<Self>,
    ) -> Result<Option<Self>, CmdError> {
        for (token, unit_ms, from_now) in
            [("EX", 1000, true), ("PX", 1, true), ("EXAT", 1000, false), ("PXAT", 1, false)]
        {
            let fits = earlier.is_none_or(|e| (e.unit_ms, e.from_now) == (unit_ms, from_now));
            if fits && args.take_token(token) {
                return Ok(Some(Self { word: args.next_word()?, unit_ms, from_now }));
            }
        }
        Ok(None)
    }

    /// The moment in milliseconds since 1970; `command` is the lower-case name for the error text.
    pub(super) fn deadline(self, now: i64, command: &'static str) -> Result<i64, CmdError> {
        let amount = parse_i64(self.word).ok_or(CmdError::NotInteger)?;
        let base = if self.from_now { now } else { 0 };
        Some(amount)
            .filter(|&amount| amount > 0)
            .and_then(|amount| amount.checked_mul(self.unit_ms)?.checked_add(base))
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
