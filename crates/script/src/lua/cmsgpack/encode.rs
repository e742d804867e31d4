//! Values as `MessagePack`.

use lua_types::{LuaError, LuaValue};
use lua_vm::state::LuaState;

use crate::lua::arguments::Table;
use crate::lua::checks::{VALUE_STEPS, charge};

/// Tables in tables: one that is deeper is written as nil, so that one that holds itself comes to an end.
const DEPTH_MAX: usize = 16;

/// Appends a value at a depth of so many tables.
pub(super) fn write(
    state: &mut LuaState,
    out: &mut Vec<u8>,
    value: LuaValue,
    depth: usize,
) -> Result<(), LuaError> {
    charge(state, VALUE_STEPS, out.len())?;
    match value {
        LuaValue::Str(text) => {
            let bytes = text.as_bytes();
            charge(state, bytes.len() / 64, out.len() + bytes.len())?;
            match bytes.len() {
                len @ ..32 => out.push(0xA0 | len as u8),
                len => write_length(out, len, Some(0xD9), 0xDA),
            }
            out.extend_from_slice(bytes);
        }
        LuaValue::Bool(is_true) => out.push(if is_true { 0xC3 } else { 0xC2 }),
        LuaValue::Int(number) => write_integer(out, number),
        LuaValue::Float(number) => write_number(out, number),
        LuaValue::Table(table) if depth < DEPTH_MAX => write_table(state, out, table, depth)?,
        _ => out.push(0xC0),
    }
    Ok(())
}

/// The mark of a length and its bytes, the big end first; `two` is the mark of one of two bytes, and that of four is the next.
fn write_length(out: &mut Vec<u8>, len: usize, one: Option<u8>, two: u8) {
    match (one, len) {
        (Some(one), ..=0xFF) => out.extend_from_slice(&[one, len as u8]),
        (_, ..=0xFFFF) => {
            out.push(two);
            out.extend_from_slice(&(len as u16).to_be_bytes());
        }
        _ => {
            out.push(two + 1);
            out.extend_from_slice(&(len as u32).to_be_bytes());
        }
    }
}

/// A whole number that fits into 64 bits is written as one; another in four bytes if they say it exactly.
fn write_number(out: &mut Vec<u8>, number: f64) {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if (-LIMIT..LIMIT).contains(&number) && number.fract() == 0.0 {
        return write_integer(out, number as i64);
    }
    let short = number as f32;
    if !number.is_nan() && f64::from(short).to_bits() == number.to_bits() {
        out.push(0xCA);
        out.extend_from_slice(&short.to_be_bytes());
    } else {
        out.push(0xCB);
        out.extend_from_slice(&number.to_be_bytes());
    }
}

/// A whole number in the fewest bytes, without a sign where it needs none.
fn write_integer(out: &mut Vec<u8>, number: i64) {
    let bytes = number.to_be_bytes();
    let (mark, width) = match number {
        -32..=0x7F => (None, 1),
        0x80..=0xFF => (Some(0xCC), 1),
        0x100..=0xFFFF => (Some(0xCD), 2),
        0x1_0000..=0xFFFF_FFFF => (Some(0xCE), 4),
        0x1_0000_0000.. => (Some(0xCF), 8),
        -0x80..=-33 => (Some(0xD0), 1),
        -0x8000..=-0x81 => (Some(0xD1), 2),
        -0x8000_0000..=-0x8001 => (Some(0xD2), 4),
        _ => (Some(0xD3), 8),
    };
    out.extend(mark);
    out.extend_from_slice(bytes.get(8 - width..).unwrap_or_default());
}

fn write_table(
    state: &mut LuaState,
    out: &mut Vec<u8>,
    table: Table,
    depth: usize,
) -> Result<(), LuaError> {
    let mut entries = 0_usize;
    let mut highest = Some(0_i32);
    let mut key = LuaValue::Nil;
    while let Some((next, _)) = table.try_next_pair(&key)? {
        charge(state, 1, out.len())?;
        entries += 1;
        highest = highest.zip(position(next)).map(|(highest, position)| highest.max(position));
        key = next;
    }
    if highest == i32::try_from(entries).ok() {
        match entries {
            ..16 => out.push(0x90 | entries as u8),
            _ => write_length(out, entries, None, 0xDC),
        }
        for index in 1..=entries {
            write(state, out, table.get_int(index as i64), depth + 1)?;
        }
        return Ok(());
    }
    match entries {
        ..16 => out.push(0x80 | entries as u8),
        _ => write_length(out, entries, None, 0xDE),
    }
    let mut key = LuaValue::Nil;
    while let Some((next, value)) = table.try_next_pair(&key)? {
        write(state, out, next, depth + 1)?;
        write(state, out, value, depth + 1)?;
        key = next;
    }
    Ok(())
}

/// A key that an array could have.
fn position(key: LuaValue) -> Option<i32> {
    match key {
        LuaValue::Int(number) => i32::try_from(number).ok().filter(|&number| number > 0),
        LuaValue::Float(number) => {
            let fits = number.fract() == 0.0 && (1.0..=f64::from(i32::MAX)).contains(&number);
            fits.then_some(number as i32)
        }
        _ => None,
    }
}
