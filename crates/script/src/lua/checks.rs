//! Arguments as the libraries written in C ask for them: converted, cut to whole numbers, or refused with C's texts.

use lua_types::{GcRef, LuaError, LuaString, LuaType, LuaValue};
use lua_vm::api;
use lua_vm::debug::{arg_error_impl, c_api_runtime};
use lua_vm::state::LuaState;

use super::arguments::{count, plain_error, value};
use super::budget;

/// Slots that Lua 5.1 lets a C function use, for its arguments and all else: where its libraries stop nesting.
const C_STACK_SLOTS: usize = 8000;

/// An error with this text after the place of the call.
pub(super) fn refusal(state: &LuaState, text: impl AsRef<[u8]>) -> LuaError {
    c_api_runtime(state, text.as_ref().to_vec())
}

/// An error about the argument at `number`, counted from 1.
pub(super) fn bad_argument(
    state: &mut LuaState,
    number: usize,
    text: impl AsRef<[u8]>,
) -> LuaError {
    // The machine would take the text for UTF-8, so it is put in afterwards.
    const PLACE: u8 = 0;
    let error = arg_error_impl(state, number as i32, &[PLACE]);
    let mut parts = error.message_bytes().unwrap_or_default().splitn(2, |&byte| byte == PLACE);
    let before = parts.next().unwrap_or_default();
    let behind = parts.next().unwrap_or_default();
    plain_error([before, text.as_ref(), behind].concat())
}

/// An error about the type of the argument at `number`, counted from 1.
fn wrong_type(state: &mut LuaState, number: usize, expected: &str) -> LuaError {
    let got = if number > count(state) { "no value" } else { value(state, number - 1).type_name() };
    bad_argument(state, number, format!("{expected} expected, got {got}"))
}

/// The argument at `number` as a double; words that read as a number count as one.
pub(super) fn double(state: &mut LuaState, number: usize) -> Result<f64, LuaError> {
    match value(state, number - 1) {
        LuaValue::Float(float) => Ok(float),
        LuaValue::Int(integer) => Ok(integer as f64),
        LuaValue::Str(_) => match api::to_number_x(state, number as i32) {
            Some(converted) => Ok(converted),
            None => Err(wrong_type(state, number, "number")),
        },
        _ => Err(wrong_type(state, number, "number")),
    }
}

/// The argument at `number` as a whole number, cut as a C program of 64 bits does it.
pub(super) fn whole(state: &mut LuaState, number: usize) -> Result<i64, LuaError> {
    double(state, number).map(cut)
}

/// The same, with a number that stands for a missing argument or nil.
pub(super) fn whole_or(state: &mut LuaState, number: usize, default: i64) -> Result<i64, LuaError> {
    if value(state, number - 1).is_nil() { Ok(default) } else { whole(state, number) }
}

/// The argument at `number` as a string; numbers are written out.
pub(super) fn text(state: &mut LuaState, number: usize) -> Result<GcRef<LuaString>, LuaError> {
    match value(state, number - 1) {
        LuaValue::Str(text) => Ok(text),
        LuaValue::Float(_) | LuaValue::Int(_) => match api::to_lua_string(state, number as i32)? {
            Some(text) => Ok(text),
            None => Err(wrong_type(state, number, "string")),
        },
        _ => Err(wrong_type(state, number, "string")),
    }
}

/// The type of the argument at `number`; `None` beyond the last.
pub(super) fn kind(state: &LuaState, number: usize) -> LuaType {
    api::lua_type_at(state, number as i32)
}

/// A double without its fraction. What fits no integer of 64 bits becomes the smallest, as on x86-64.
pub(super) fn cut(value: f64) -> i64 {
    if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&value) {
        value as i64
    } else {
        i64::MIN
    }
}

/// Whether a C function that uses `used` slots could have `more`.
pub(super) fn has_slots(used: usize, more: usize) -> bool {
    used + more <= C_STACK_SLOTS
}

/// What one value costs that is read or written, in instructions of the machine that take about as long.
pub(super) const VALUE_STEPS: usize = 8;

/// Takes steps from the run's budget of instructions, and looks at that of memory with `held` bytes outside of Lua's heap.
///
/// A function that runs as long as its input is large calls this as it goes.
pub(super) fn charge(state: &mut LuaState, steps: usize, held: usize) -> Result<(), LuaError> {
    budget::work(state, steps)?;
    budget::hold(state, held)
}
