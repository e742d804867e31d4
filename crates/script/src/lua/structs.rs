//! The library `struct`: binary records, laid out by a format string.
//!
//! A format is a row of letters, each with a size where it has one: `b` `h` `l` `T` `i4` for whole numbers (upper case without a sign),
//! `f` `d` for floating point, `s` for a string that ends with a zero byte, `c10` for one of fixed length, `x` for a byte that does not count.
//! `<` and `>` set the order of bytes, `!4` the alignment.

use lua_types::{LuaError, LuaValue};
use lua_vm::api;
use lua_vm::state::LuaState;

use super::arguments::{Table, count, new_string};
use super::budget;
use super::checks::{
    VALUE_STEPS, bad_argument, charge, cut, double, has_slots, refusal, text, whole_or,
};
use super::sandbox::add_function;

/// The widest whole number in bytes. Beyond the eighth there are only zeros.
const INTEGER_SIZE_MAX: i32 = 32;
/// What `!` alone aligns to: a double.
const ALIGNMENT: i32 = 8;

/// Fills the table.
pub(super) fn register(state: &mut LuaState, table: Table) -> Result<(), LuaError> {
    add_function(state, table, b"pack", pack)?;
    add_function(state, table, b"unpack", unpack)?;
    add_function(state, table, b"size", size)
}

/// A format that is being read, with what its control letters have set.
struct Format<'a> {
    letters: &'a [u8],
    at: usize,
    is_big_endian: bool,
    alignment: u64,
}

/// A letter and its size in bytes; 0 where the size is not the letter's to say.
#[derive(Clone, Copy)]
struct Item {
    letter: u8,
    size: u64,
}

impl Item {
    /// How many bytes lie between `position` and the item.
    fn padding(self, position: u64, format: &Format<'_>) -> u64 {
        if self.size == 0 || self.letter == b'c' {
            return 0;
        }
        let step = self.size.min(format.alignment);
        step.wrapping_sub(position & (step - 1)) & (step - 1)
    }
}

impl<'a> Format<'a> {
    /// A format ends with its string, or with a zero byte as all of C's do.
    fn new(letters: &'a [u8]) -> Self {
        let end = letters.iter().position(|&byte| byte == 0).unwrap_or(letters.len());
        let letters = letters.get(..end).unwrap_or_default();
        Format { letters, at: 0, is_big_endian: false, alignment: 1 }
    }

    fn next(&mut self, state: &LuaState) -> Result<Option<Item>, LuaError> {
        let Some(&letter) = self.letters.get(self.at) else { return Ok(None) };
        self.at += 1;
        let size = match letter {
            b'b' | b'B' | b'x' => 1,
            b'h' | b'H' => 2,
            b'f' => 4,
            b'l' | b'L' | b'T' | b'd' => 8,
            b'c' => self.number(state, 1)?,
            b'i' | b'I' => {
                let size = self.number(state, 4)?;
                if size > INTEGER_SIZE_MAX {
                    let text =
                        format!("integral size {size} is larger than limit of {INTEGER_SIZE_MAX}");
                    return Err(refusal(state, text));
                }
                size
            }
            _ => 0,
        };
        Ok(Some(Item { letter, size: size as u64 }))
    }

    /// The digits that follow, or what their absence stands for.
    fn number(&mut self, state: &LuaState, default: i32) -> Result<i32, LuaError> {
        let digits = self.letters.get(self.at..).unwrap_or_default();
        let len = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if len == 0 {
            return Ok(default);
        }
        self.at += len;
        digits.iter().take(len).try_fold(0_i32, |number, digit| {
            number
                .checked_mul(10)
                .and_then(|tens| tens.checked_add(i32::from(digit - b'0')))
                .ok_or_else(|| refusal(state, "integral size overflow"))
        })
    }

    /// Obeys a letter that stands for no item.
    fn control(&mut self, state: &mut LuaState, letter: u8) -> Result<(), LuaError> {
        match letter {
            b' ' => {}
            b'>' => self.is_big_endian = true,
            b'<' => self.is_big_endian = false,
            b'!' => {
                let alignment = self.number(state, ALIGNMENT)?;
                if alignment <= 0 || alignment & (alignment - 1) != 0 {
                    let text = format!("alignment {alignment} is not a power of 2");
                    return Err(refusal(state, text));
                }
                self.alignment = alignment as u64;
            }
            _ => {
                let text = [b"invalid format option '".as_slice(), &[letter], b"'"].concat();
                return Err(bad_argument(state, 1, text));
            }
        }
        Ok(())
    }

    /// Bytes in the order of the format, from those of the little end first.
    fn ordered(&self, bytes: &mut [u8]) {
        if self.is_big_endian {
            bytes.reverse();
        }
    }
}

fn pack(state: &mut LuaState) -> Result<usize, LuaError> {
    budget::make_room(state, 0);
    let letters = text(state, 1)?;
    let mut format = Format::new(letters.as_bytes());
    // What comes after the last argument is nil, not nothing: errors say so.
    state.push(LuaValue::Nil);
    let mut argument = 2;
    let mut out = Vec::new();
    while let Some(item) = format.next(state)? {
        let padding = item.padding(out.len() as u64, &format);
        charge(state, VALUE_STEPS + item.size as usize / 64, out.len())?;
        out.resize(out.len() + padding as usize, 0);
        match item.letter {
            b'b' | b'B' | b'h' | b'H' | b'l' | b'L' | b'T' | b'i' | b'I' => {
                let value = unsigned(double(state, argument)?);
                argument += 1;
                let mut bytes = [0; INTEGER_SIZE_MAX as usize];
                for (place, byte) in bytes.iter_mut().zip(value.to_le_bytes()) {
                    *place = byte;
                }
                let bytes = bytes.get_mut(..item.size as usize).unwrap_or_default();
                format.ordered(bytes);
                out.extend_from_slice(bytes);
            }
            b'x' => out.push(0),
            b'f' => {
                let mut bytes = (double(state, argument)? as f32).to_le_bytes();
                argument += 1;
                format.ordered(&mut bytes);
                out.extend_from_slice(&bytes);
            }
            b'd' => {
                let mut bytes = double(state, argument)?.to_le_bytes();
                argument += 1;
                format.ordered(&mut bytes);
                out.extend_from_slice(&bytes);
            }
            b'c' | b's' => {
                let string = text(state, argument)?;
                argument += 1;
                let string = string.as_bytes();
                let size = if item.size == 0 { string.len() } else { item.size as usize };
                let Some(kept) = string.get(..size) else {
                    return Err(bad_argument(state, argument, "string too short"));
                };
                charge(state, 1, out.len() + size)?;
                out.extend_from_slice(kept);
                if item.letter == b's' {
                    out.push(0);
                }
            }
            letter => format.control(state, letter)?,
        }
    }
    let packed = new_string(state, &out);
    state.push(packed);
    Ok(1)
}

/// A number as 64 bits without a sign, converted as on x86-64: where it does not fit, by what its hardware does.
fn unsigned(number: f64) -> u64 {
    const HALF: f64 = 9_223_372_036_854_775_808.0;
    if number >= HALF {
        cut(number - HALF).cast_unsigned() ^ (1 << 63)
    } else {
        cut(number).cast_unsigned()
    }
}

fn unpack(state: &mut LuaState) -> Result<usize, LuaError> {
    budget::make_room(state, 0);
    let letters = text(state, 1)?;
    let mut format = Format::new(letters.as_bytes());
    let data = text(state, 2)?;
    let data = data.as_bytes();
    let mut at = whole_or(state, 3, 1)?.cast_unsigned();
    if at == 0 {
        return Err(bad_argument(state, 3, "offset must be 1 or greater"));
    }
    at -= 1;
    let arguments = count(state);
    let mut results: Vec<LuaValue> = Vec::new();
    while let Some(item) = format.next(state)? {
        charge(state, VALUE_STEPS, 0)?;
        at = at.wrapping_add(item.padding(at, &format));
        let mut field = Some(take(state, data, at, item.size)?);
        if !has_slots(arguments + results.len(), 2) {
            return Err(refusal(state, "stack overflow (too many results)"));
        }
        match item.letter {
            b'b' | b'B' | b'h' | b'H' | b'l' | b'L' | b'T' | b'i' | b'I' => {
                let number = integer(field.unwrap_or_default(), &format);
                results.push(LuaValue::Float(if item.letter.is_ascii_lowercase() {
                    signed(number, item.size) as f64
                } else {
                    number as f64
                }));
            }
            b'x' => {}
            b'f' => {
                let mut bytes = array(field);
                format.ordered(&mut bytes);
                results.push(LuaValue::Float(f64::from(f32::from_le_bytes(bytes))));
            }
            b'd' => {
                let mut bytes = array(field);
                format.ordered(&mut bytes);
                results.push(LuaValue::Float(f64::from_le_bytes(bytes)));
            }
            b'c' => {
                if item.size == 0 {
                    let size = results.last().and_then(|last| as_size(state, *last));
                    let Some(size) = size else {
                        return Err(refusal(state, "format 'c0' needs a previous size"));
                    };
                    results.pop();
                    field = Some(take(state, data, at, size)?);
                }
                let bytes = field.unwrap_or_default();
                charge(state, 1, bytes.len())?;
                results.push(new_string(state, bytes));
                at += bytes.len() as u64;
                continue;
            }
            b's' => {
                let rest = data.get(at as usize..).unwrap_or_default();
                let Some(len) = rest.iter().position(|&byte| byte == 0) else {
                    return Err(refusal(state, "unfinished string in data"));
                };
                let bytes = rest.get(..len).unwrap_or_default();
                charge(state, 1 + len / 64, len)?;
                results.push(new_string(state, bytes));
                at += len as u64 + 1;
            }
            letter => format.control(state, letter)?,
        }
        at += item.size;
    }
    results.push(LuaValue::Float(at.wrapping_add(1).cast_signed() as f64));
    Ok(push_all(state, &results))
}

/// Puts the results of a function where Lua finds them.
pub(super) fn push_all(state: &mut LuaState, results: &[LuaValue]) -> usize {
    api::check_stack(state, results.len() as i32);
    for result in results {
        state.push(*result);
    }
    results.len()
}

/// So many bytes of the data.
fn take<'a>(
    state: &mut LuaState,
    data: &'a [u8],
    at: u64,
    size: u64,
) -> Result<&'a [u8], LuaError> {
    let len = data.len() as u64;
    if size > len || at > len - size {
        return Err(bad_argument(state, 2, "data string too short"));
    }
    Ok(data.get(at as usize..(at + size) as usize).unwrap_or_default())
}

/// The bytes of a floating point number.
fn array<const N: usize>(field: Option<&[u8]>) -> [u8; N] {
    field.and_then(|bytes| bytes.try_into().ok()).unwrap_or([0; N])
}

/// The last eight bytes' worth of a whole number.
fn integer(field: &[u8], format: &Format<'_>) -> u64 {
    let push = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
    if format.is_big_endian { field.iter().fold(0, push) } else { field.iter().rev().fold(0, push) }
}

/// A whole number of so many bytes as one with a sign; the sign of a wider one than eight bytes is in the place that x86-64 shifts to.
fn signed(number: u64, size: u64) -> i64 {
    let mask = u64::MAX.wrapping_shl((size * 8).wrapping_sub(1) as u32);
    let extended = if number & mask == 0 { number } else { number | mask };
    extended.cast_signed()
}

/// The length that an earlier result gives to `c0`.
fn as_size(state: &mut LuaState, result: LuaValue) -> Option<u64> {
    state.push(result);
    let number = api::to_number_x(state, -1);
    state.pop();
    number.map(unsigned)
}

fn size(state: &mut LuaState) -> Result<usize, LuaError> {
    budget::make_room(state, 0);
    let letters = text(state, 1)?;
    let mut format = Format::new(letters.as_bytes());
    let mut at = 0_u64;
    while let Some(item) = format.next(state)? {
        charge(state, VALUE_STEPS, 0)?;
        at = at.wrapping_add(item.padding(at, &format));
        match item.letter {
            b's' => return Err(bad_argument(state, 1, "option 's' has no fixed size")),
            b'c' if item.size == 0 => {
                return Err(bad_argument(state, 1, "option 'c0' has no fixed size"));
            }
            // Letters and digits of no meaning pass: only signs are looked at.
            letter if letter.is_ascii_alphanumeric() => {}
            letter => format.control(state, letter)?,
        }
        at = at.wrapping_add(item.size);
    }
    state.push(LuaValue::Float(at.cast_signed() as f64));
    Ok(1)
}
