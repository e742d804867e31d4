//! Bitmaps: the bits of a string, one by one, counted, combined and as integers of any width.

use redarium_resp::number::parse_i64;

use crate::command::CommandSpec;
use crate::command::args::{Arg, one_of, token};
use crate::context::Ctx;
use crate::error::CmdError;
use crate::keyspace::Keys;
use crate::types::string::make_room;
use crate::value::Value;

mod bit;
mod combine;
mod count;
mod field;

pub(super) const FILES: &[&[CommandSpec]] =
    &[bit::COMMANDS, combine::COMMANDS, count::COMMANDS, field::COMMANDS];

/// Whether offsets count bytes or bits.
const UNIT: Arg = one_of("unit", &[token("BYTE"), token("BIT")]).optional().since("7.0.0");

const OFFSET_ERROR: CmdError = CmdError::Msg("ERR bit offset is not an integer or out of range");

/// An offset in bits; one beyond the longest string is refused.
fn bit_offset(ctx: &Ctx<'_>, word: &[u8]) -> Result<u64, CmdError> {
    let offset = parse_i64(word).ok_or(OFFSET_ERROR)?;
    check_offset(ctx, offset)
}

fn check_offset(ctx: &Ctx<'_>, offset: i64) -> Result<u64, CmdError> {
    match u64::try_from(offset) {
        Ok(offset) if offset / 8 < ctx.config.proto_max_bulk_len as u64 => Ok(offset),
        _ => Err(OFFSET_ERROR),
    }
}

/// The string at `key`, made `raw` and long enough for a bit, and whether it had to grow for that.
fn bytes_up_to<'k>(
    keys: &'k mut Keys<'_>,
    key: &[u8],
    bit: u64,
) -> Result<(&'k mut [u8], bool), CmdError> {
    let len = (bit / 8) as usize + 1;
    let mut place = keys.locate(key);
    let grows = Value::string_len(keys.at(place))? < len;
    if !place.is_taken() {
        place = keys.put(place, key, Value::from_raw(vec![0; len]), false);
    }
    let steps = &mut { keys.steps };
    let bytes = keys.raw_at(place)?;
    if bytes.len() < len {
        make_room(bytes, len, steps);
        bytes.resize(len, 0);
    }
    Ok((bytes, grows))
}
