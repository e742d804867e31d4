//! `pcall` and `xpcall` as Redis has them: a budget that is used up cannot be caught, and what `redis.call` raises arrives as text.

use lua_types::{LuaError, LuaStatus, LuaValue};
use lua_vm::api;
use lua_vm::debug::{LuaDebug, get_info, get_stack};
use lua_vm::state::LuaState;

use super::arguments::{Table, count, new_string, plain_error, value};
use super::checks::bad_argument;
use super::sandbox::add_function;

/// Puts both into the globals.
pub(super) fn register(state: &mut LuaState, globals: Table) -> Result<(), LuaError> {
    add_function(state, globals, b"pcall", pcall)?;
    add_function(state, globals, b"xpcall", xpcall)
}

fn pcall(state: &mut LuaState) -> Result<usize, LuaError> {
    if count(state) == 0 {
        // Redis's own function takes what it has put there for the function to be called.
        let text = new_string(state, b"attempt to call a boolean value");
        state.push(LuaValue::Bool(false));
        state.push(text);
        return Ok(2);
    }
    let arguments = count(state) as i32 - 1;
    let outcome = run(state, arguments, 0, 0, finish_pcall);
    conclude(state, outcome, 0, true)
}

fn finish_pcall(state: &mut LuaState, status: i32, _: isize) -> Result<usize, LuaError> {
    resumed(state, status, 0, true)
}

fn xpcall(state: &mut LuaState) -> Result<usize, LuaError> {
    if count(state) < 2 {
        return Err(bad_argument(state, 2, "value expected"));
    }
    api::set_top(state, 2)?;
    let function = value(state, 0);
    state.push(function);
    let outcome = run(state, 0, 2, 2, finish_xpcall);
    conclude(state, outcome, 2, false)
}

fn finish_xpcall(state: &mut LuaState, status: i32, kept: isize) -> Result<usize, LuaError> {
    resumed(state, status, kept as i32, false)
}

/// The protected call itself. Where the thread can pause, an error travels on to the machine, which calls `finish`.
fn run(
    state: &mut LuaState,
    arguments: i32,
    handler: i32,
    kept: isize,
    finish: fn(&mut LuaState, i32, isize) -> Result<usize, LuaError>,
) -> Result<bool, LuaError> {
    let yieldable = state.is_yieldable();
    match state.protected_call_k(arguments, -1, handler, kept, Some(finish)) {
        Ok(()) => Ok(true),
        Err(error) if yieldable => Err(with_place(state, error)),
        Err(error) if state.sandbox_aborting() || matches!(error, LuaError::Yield) => Err(error),
        Err(error) => {
            let error = error.into_value();
            state.push(error);
            Ok(false)
        }
    }
}

/// The machine forgets to say where a table was given a nil index; it still stands there.
fn with_place(state: &mut LuaState, error: LuaError) -> LuaError {
    let Some(text) = error.message_bytes() else { return error };
    if text != b"table index is nil" && text != b"table index is NaN" {
        return error;
    }
    let mut record = LuaDebug::default();
    if !get_stack(state, 0, &mut record) || !get_info(state, b"Sl", &mut record) {
        return error;
    }
    if record.what == Some(b"C") {
        return error;
    }
    let source = record.source.unwrap_or_default();
    let name = source.strip_prefix(b"@").unwrap_or(&source);
    let line = record.currentline.to_string();
    plain_error([name, b":", line.as_bytes(), b": ", text].concat())
}

fn resumed(state: &mut LuaState, status: i32, kept: i32, as_text: bool) -> Result<usize, LuaError> {
    let is_ok = status == LuaStatus::Ok as i32 || status == LuaStatus::Yield as i32;
    if !is_ok && state.sandbox_aborting() {
        let error = state.pop();
        return Err(LuaError::Runtime(error));
    }
    conclude(state, Ok(is_ok), kept, as_text)
}

/// Puts true or false before the results, of which the first `kept` values on the stack are none.
fn conclude(
    state: &mut LuaState,
    outcome: Result<bool, LuaError>,
    kept: i32,
    as_text: bool,
) -> Result<usize, LuaError> {
    let is_ok = outcome?;
    if !is_ok {
        let mut error = state.pop();
        if let (true, LuaValue::Table(table)) = (as_text, error) {
            let text = table.get_str_bytes(b"err");
            if matches!(text, LuaValue::Str(_)) {
                error = text;
            }
        }
        state.push(LuaValue::Bool(false));
        state.push(error);
        return Ok(2);
    }
    state.push(LuaValue::Bool(true));
    state.insert(kept + 1)?;
    Ok(count(state) - kept as usize)
}
