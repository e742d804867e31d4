//! What a list pack entry means: a number or a string of bytes, borrowed from the pack.
//!
//! Redis stores a string that is the shortest way to write a 64-bit integer as that integer, so
//! `"42"` takes two bytes and `"042"` stays text. It knows nothing about how either is laid out.

/// The longest text of an `i64`: nineteen digits and a sign.
const MAX_TEXT: usize = 20;

/// One value of a list pack, borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListPackValue<'a> {
    /// A number, stored in as few bytes as it needs.
    Int(i64),
    /// Bytes that are not the canonical text of an integer.
    Str(&'a [u8]),
}

impl<'a> ListPackValue<'a> {
    /// The bytes a client sees; a number is written into `buffer`.
    pub fn text<'b>(self, buffer: &'b mut IntText) -> &'b [u8]
    where
        'a: 'b,
    {
        match self {
            ListPackValue::Int(number) => buffer.write(number),
            ListPackValue::Str(text) => text,
        }
    }

    /// The bytes a client sees, in a buffer of their own.
    pub fn to_vec(self) -> Vec<u8> {
        self.text(&mut IntText::default()).to_vec()
    }

    /// How many bytes a client sees.
    pub fn text_len(self) -> usize {
        match self {
            ListPackValue::Int(number) => {
                let digits = number.unsigned_abs().checked_ilog10().unwrap_or(0) as usize + 1;
                digits + usize::from(number < 0)
            }
            ListPackValue::Str(text) => text.len(),
        }
    }

    /// Whether a client would see exactly these bytes.
    pub fn eq_bytes(self, bytes: &[u8]) -> bool {
        match self {
            ListPackValue::Int(number) => parse_integer(bytes) == Some(number),
            ListPackValue::Str(text) => text == bytes,
        }
    }

    /// The value as a number, when it is one.
    pub fn as_int(self) -> Option<i64> {
        match self {
            ListPackValue::Int(number) => Some(number),
            ListPackValue::Str(text) => parse_integer(text),
        }
    }
}

impl<'a> From<&'a [u8]> for ListPackValue<'a> {
    /// A canonical integer becomes a number, everything else stays text.
    fn from(bytes: &'a [u8]) -> ListPackValue<'a> {
        parse_integer(bytes).map_or(ListPackValue::Str(bytes), ListPackValue::Int)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for ListPackValue<'a> {
    fn from(bytes: &'a [u8; N]) -> ListPackValue<'a> {
        ListPackValue::from(bytes.as_slice())
    }
}

impl<'a> From<&'a Vec<u8>> for ListPackValue<'a> {
    fn from(bytes: &'a Vec<u8>) -> ListPackValue<'a> {
        ListPackValue::from(bytes.as_slice())
    }
}

impl From<i64> for ListPackValue<'_> {
    fn from(number: i64) -> Self {
        ListPackValue::Int(number)
    }
}

/// Room for the text of one integer, so that showing a number allocates nothing.
#[derive(Clone, Debug, Default)]
pub struct IntText {
    bytes: [u8; MAX_TEXT],
}

impl IntText {
    /// Writes the number in decimal and lends the text.
    pub fn write(&mut self, number: i64) -> &[u8] {
        let mut at = MAX_TEXT;
        let mut rest = number.unsigned_abs();
        loop {
            at -= 1;
            self.bytes[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if number < 0 {
            at -= 1;
            self.bytes[at] = b'-';
        }
        &self.bytes[at..]
    }
}

/// The integer of which `bytes` is the canonical text: no plus sign, no leading zeros, no `-0`,
/// within 64 bits.
pub fn parse_integer(bytes: &[u8]) -> Option<i64> {
    let (negative, digits) = match bytes {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    match digits {
        [b'0'] if !negative => return Some(0),
        [b'1'..=b'9', ..] if digits.len() < MAX_TEXT => {}
        _ => return None,
    }
    let mut magnitude: u64 = 0;
    for digit in digits {
        let digit = digit.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        // At most nineteen digits: below 10^19, which an unsigned 64-bit number holds.
        magnitude = magnitude * 10 + u64::from(digit);
    }
    if negative { 0i64.checked_sub_unsigned(magnitude) } else { i64::try_from(magnitude).ok() }
}
