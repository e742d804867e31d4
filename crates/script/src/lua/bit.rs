//! The library `bit`: operations on 32 bits, as in `LuaBitOp`.

use lua_types::{LuaError, LuaType, LuaValue};
use lua_vm::state::LuaState;

use super::arguments::{Table, count, new_string};
use super::checks::{double, kind};
use super::sandbox::add_function;

/// Fills the table.
pub(super) fn register(state: &mut LuaState, table: Table) -> Result<(), LuaError> {
    add_function(state, table, b"tobit", |state| unary(state, |bits| bits))?;
    add_function(state, table, b"bnot", |state| unary(state, |bits| !bits))?;
    add_function(state, table, b"bswap", |state| unary(state, u32::swap_bytes))?;
    add_function(state, table, b"band", |state| fold(state, |left, right| left & right))?;
    add_function(state, table, b"bor", |state| fold(state, |left, right| left | right))?;
    add_function(state, table, b"bxor", |state| fold(state, |left, right| left ^ right))?;
    add_function(state, table, b"lshift", |state| shift(state, |bits, by| bits << by))?;
    add_function(state, table, b"rshift", |state| shift(state, |bits, by| bits >> by))?;
    add_function(state, table, b"arshift", |state| {
        shift(state, |bits, by| (bits.cast_signed() >> by).cast_unsigned())
    })?;
    add_function(state, table, b"rol", |state| shift(state, u32::rotate_left))?;
    add_function(state, table, b"ror", |state| shift(state, u32::rotate_right))?;
    add_function(state, table, b"tohex", to_hex)
}

/// The low 32 bits of a number, rounded to the nearest whole one.
///
/// Adding 2^52 + 2^51 moves them to the end of the mantissa: fast, and what is beyond 2^51 loses bits in the way scripts expect.
fn low_bits(number: f64) -> u32 {
    if number.is_nan() {
        return 0;
    }
    (number + 6_755_399_441_055_744.0).to_bits() as u32
}

/// The argument at `number`, counted from 1.
fn argument(state: &mut LuaState, number: usize) -> Result<u32, LuaError> {
    double(state, number).map(low_bits)
}

fn push_bits(state: &mut LuaState, bits: u32) -> usize {
    state.push(LuaValue::Float(f64::from(bits.cast_signed())));
    1
}

fn unary(state: &mut LuaState, operation: fn(u32) -> u32) -> Result<usize, LuaError> {
    let bits = argument(state, 1)?;
    Ok(push_bits(state, operation(bits)))
}

/// The first argument comes first and the others from the last: of two wrong ones, the error names that.
fn fold(state: &mut LuaState, operation: fn(u32, u32) -> u32) -> Result<usize, LuaError> {
    let mut bits = argument(state, 1)?;
    for number in (2..=count(state)).rev() {
        bits = operation(bits, argument(state, number)?);
    }
    Ok(push_bits(state, bits))
}

/// Only the low five bits of the distance count.
fn shift(state: &mut LuaState, operation: fn(u32, u32) -> u32) -> Result<usize, LuaError> {
    let bits = argument(state, 1)?;
    let distance = argument(state, 2)? & 31;
    Ok(push_bits(state, operation(bits, distance)))
}

/// The last digits of the number in base 16; a negative count of digits asks for upper case.
fn to_hex(state: &mut LuaState) -> Result<usize, LuaError> {
    let bits = argument(state, 1)?;
    let asked = if kind(state, 2) == LuaType::None { 8 } else { argument(state, 2)?.cast_signed() };
    let mut digits =
        if asked < 0 { format!("{bits:08X}") } else { format!("{bits:08x}") }.into_bytes();
    let kept = digits.split_off(8 - asked.unsigned_abs().min(8) as usize);
    let text = new_string(state, &kept);
    state.push(text);
    Ok(1)
}
