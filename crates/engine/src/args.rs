//! A cursor over the words of one command.
//!
//! Words are ranges into the buffer they arrived in, so that reading a command copies nothing.

use redarium_resp::number::{parse_f64, parse_i64};

use crate::error::CmdError;

/// The words of a command that are still to be read; copying it remembers a position.
#[derive(Debug, Clone, Copy)]
pub struct Args<'a> {
    buf: &'a [u8],
    spans: &'a [(u32, u32)],
    at: usize,
}

impl<'a> Args<'a> {
    /// All words of a command: `spans` are ranges of `buf`, the name first.
    pub fn new(buf: &'a [u8], spans: &'a [(u32, u32)]) -> Self {
        Self { buf, spans, at: 0 }
    }

    /// Word `index` of the whole command, its name being word 0.
    #[inline]
    pub fn word(&self, index: usize) -> Option<&'a [u8]> {
        let &(start, end) = self.spans.get(index)?;
        self.buf.get(start as usize..end as usize)
    }

    /// How many words the whole command has, its name included.
    #[inline]
    pub fn total(&self) -> usize {
        self.spans.len()
    }

    /// How many words are still to be read.
    #[inline]
    pub fn len(&self) -> usize {
        self.spans.len() - self.at
    }

    /// Whether all words are read.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The next word, left in place.
    #[inline]
    pub fn peek(&self) -> Option<&'a [u8]> {
        self.word(self.at)
    }

    /// The next word; a syntax error if there is none.
    #[inline]
    pub fn next_word(&mut self) -> Result<&'a [u8], CmdError> {
        let word = self.peek().ok_or(CmdError::Syntax)?;
        self.at += 1;
        Ok(word)
    }

    /// Skips `count` words.
    #[must_use]
    pub fn skip(mut self, count: usize) -> Self {
        self.at = (self.at + count).min(self.spans.len());
        self
    }

    /// Only the next `count` words.
    #[must_use]
    pub fn take(mut self, count: usize) -> Self {
        let end = (self.at + count).min(self.spans.len());
        self.spans = self.spans.get(..end).unwrap_or(self.spans);
        self
    }

    /// The words that are still to be read, as a command of their own.
    #[must_use]
    pub fn tail(self) -> Self {
        Self { buf: self.buf, spans: self.spans.get(self.at..).unwrap_or(&[]), at: 0 }
    }

    /// The next word as a signed integer.
    #[inline]
    pub fn next_i64(&mut self) -> Result<i64, CmdError> {
        parse_i64(self.next_word()?).ok_or(CmdError::NotInteger)
    }

    /// The next word as a number of at least `least`, which is 0 or more; `refusal` is what is said of any other.
    ///
    /// One that is too large for `usize` is the largest there is, so that it means the same on every target.
    pub fn next_at_least(&mut self, least: i64, refusal: CmdError) -> Result<usize, CmdError> {
        let number = parse_i64(self.next_word()?).filter(|&number| number >= least);
        Ok(usize::try_from(number.ok_or(refusal)?).unwrap_or(usize::MAX))
    }

    /// The next word as the number of keys that follow: at least one.
    pub fn next_numkeys(&mut self) -> Result<usize, CmdError> {
        self.next_at_least(1, CmdError::Msg("ERR numkeys should be greater than 0"))
    }

    /// The next word as a float.
    #[inline]
    pub fn next_f64(&mut self) -> Result<f64, CmdError> {
        parse_f64(self.next_word()?).ok_or(CmdError::NotFloat)
    }

    /// Takes the next word if it is `token`, whatever its case.
    #[inline]
    pub fn take_token(&mut self, token: &str) -> bool {
        let found = self.peek().is_some_and(|word| word.eq_ignore_ascii_case(token.as_bytes()));
        self.at += usize::from(found);
        found
    }

    /// A syntax error if a word is left.
    pub fn finish(&self) -> Result<(), CmdError> {
        if self.is_empty() { Ok(()) } else { Err(CmdError::Syntax) }
    }

    /// All remaining words; this cursor stays where it is.
    pub fn rest(
        &self,
    ) -> impl DoubleEndedIterator<Item = &'a [u8]> + ExactSizeIterator + Clone + use<'a> {
        let buf = self.buf;
        let spans = self.spans.get(self.at..).unwrap_or(&[]);
        spans.iter().map(move |&(start, end)| buf.get(start as usize..end as usize).unwrap_or(&[]))
    }

    /// Every word of the command, its name first.
    pub fn all(
        &self,
    ) -> impl DoubleEndedIterator<Item = &'a [u8]> + ExactSizeIterator + Clone + use<'a> {
        Self { at: 0, ..*self }.rest()
    }
}
