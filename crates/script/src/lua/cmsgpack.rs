//! The library `cmsgpack`: `MessagePack`, as far as Redis's own library goes (no binary type, no extensions).

mod decode;
mod encode;

use lua_types::{LuaError, LuaValue};
use lua_vm::state::LuaState;

use super::arguments::{Table, count, new_string, value};
use super::budget;
use super::checks::{bad_argument, refusal, text, whole, whole_or};
use super::reply::set_field;
use super::sandbox::add_function;
use super::structs::push_all;

/// How much larger than a text of many small values these are themselves, at a guess.
const ROOM: usize = 16;

/// Fills the table.
pub(super) fn register(state: &mut LuaState, table: Table) -> Result<(), LuaError> {
    add_function(state, table, b"pack", pack)?;
    add_function(state, table, b"unpack", unpack)?;
    add_function(state, table, b"unpack_one", unpack_one)?;
    add_function(state, table, b"unpack_limit", unpack_limit)?;
    let facts: [(&[u8], &[u8]); 4] = [
        (b"_NAME", b"cmsgpack"),
        (b"_VERSION", b"lua-cmsgpack 0.4.0"),
        (b"_COPYRIGHT", b"Copyright (C) 2012, Salvatore Sanfilippo"),
        (b"_DESCRIPTION", b"MessagePack C implementation for Lua"),
    ];
    for (name, fact) in facts {
        let fact = new_string(state, fact);
        set_field(state, table, name, fact)?;
    }
    Ok(())
}

/// All arguments, one behind the other.
fn pack(state: &mut LuaState) -> Result<usize, LuaError> {
    let given = count(state);
    if given == 0 {
        return Err(bad_argument(state, 0, "MessagePack pack needs input."));
    }
    budget::make_room(state, 0);
    let mut out = Vec::new();
    for index in 0..given {
        let argument = value(state, index);
        encode::write(state, &mut out, argument, 0)?;
    }
    let packed = new_string(state, &out);
    state.push(packed);
    Ok(1)
}

/// All values of a string.
fn unpack(state: &mut LuaState) -> Result<usize, LuaError> {
    let used = count(state);
    unpack_some(state, 0, 0, used)
}

/// The value at an offset, behind the offset of the next one.
fn unpack_one(state: &mut LuaState) -> Result<usize, LuaError> {
    let offset = whole_or(state, 2, 0)?;
    unpack_some(state, 1, offset, 1)
}

/// So many values from an offset, behind the offset of the next one.
fn unpack_limit(state: &mut LuaState) -> Result<usize, LuaError> {
    let limit = whole(state, 2)?;
    let offset = whole_or(state, 3, 0)?;
    unpack_some(state, limit, offset, 1)
}

/// Neither limit nor offset asks for everything, without the offset of what comes next.
fn unpack_some(
    state: &mut LuaState,
    limit: i64,
    offset: i64,
    slots: usize,
) -> Result<usize, LuaError> {
    let input = text(state, 1)?;
    let input = input.as_bytes();
    let len = input.len();
    budget::make_room(state, len.saturating_mul(ROOM));
    if offset < 0 || limit < 0 {
        let text = format!(
            "Invalid request to unpack with offset of {} and limit of {len}.",
            offset as i32
        );
        return Err(refusal(state, text));
    }
    let Some(rest) = usize::try_from(offset).ok().and_then(|offset| input.get(offset..)) else {
        let text = format!("Start offset {} greater than input length {len}.", offset as i32);
        return Err(refusal(state, text));
    };
    let takes_all = limit == 0 && offset == 0;
    let limit = if takes_all { i64::from(i32::MAX) } else { limit };
    let mut decoder = decode::Decoder::new(rest, slots);
    let mut results = Vec::new();
    if !takes_all {
        results.push(LuaValue::Nil);
    }
    let mut taken = 0;
    while taken < limit && !decoder.is_at_end() {
        let next = decoder.next(state)?;
        results.push(next);
        taken += 1;
    }
    if !takes_all && let Some(first) = results.first_mut() {
        let next = if decoder.is_at_end() { -1.0 } else { (len - decoder.left()) as f64 };
        *first = LuaValue::Float(next);
    }
    Ok(push_all(state, &results))
}
