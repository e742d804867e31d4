//! The table `redis`: what a script can do beyond Lua.

use lua_types::{GcRef, LuaError, LuaString, LuaValue};
use lua_vm::state::LuaState;
use redarium_resp::number::{write_f64_17, write_i64};

use super::arguments::{Table, count, new_string, plain_error, value};
use super::host;
use super::reply::{Reader, set_field, tagged};
use super::sandbox::add_function;

/// Fills the table.
pub(super) fn register(state: &mut LuaState, table: Table) -> Result<(), LuaError> {
    add_function(state, table, b"call", call)?;
    add_function(state, table, b"pcall", protected_call)?;
    add_function(state, table, b"error_reply", error_reply)?;
    add_function(state, table, b"status_reply", status_reply)?;
    Ok(())
}

/// A word of a call: a string of Lua, or the place of a number's digits.
#[derive(Clone, Copy)]
enum Word {
    Text(GcRef<LuaString>),
    Digits(usize, usize),
}

/// Runs the command that the arguments name; `Err` is a call that cannot even be made.
fn run_command(state: &mut LuaState) -> Result<LuaValue, LuaError> {
    let given = count(state);
    if given == 0 {
        return Err(raise(
            state,
            b"ERR Please specify at least one argument for this redis lib call",
        ));
    }
    let arguments: Vec<LuaValue> = (0..given).map(|index| value(state, index)).collect();
    let outcome = host::with(|host, run| {
        let mut reply = std::mem::take(&mut run.reply);
        let mut digits = std::mem::take(&mut run.digits);
        reply.clear();
        digits.clear();
        let mut words = Vec::with_capacity(given);
        let mut is_wrong = false;
        for argument in arguments {
            match argument {
                LuaValue::Str(text) => words.push(Word::Text(text)),
                LuaValue::Float(number) => {
                    let start = digits.len();
                    write_f64_17(&mut digits, number);
                    words.push(Word::Digits(start, digits.len()));
                }
                LuaValue::Int(number) => {
                    let start = digits.len();
                    write_i64(&mut digits, number);
                    words.push(Word::Digits(start, digits.len()));
                }
                _ => is_wrong = true,
            }
        }
        if !is_wrong {
            let bytes: Vec<&[u8]> = words
                .iter()
                .map(|word| match word {
                    Word::Text(text) => text.as_bytes(),
                    Word::Digits(start, end) => digits.get(*start..*end).unwrap_or_default(),
                })
                .collect();
            host.call(&bytes, run.protocol, &mut reply);
        }
        run.digits = digits;
        (reply, is_wrong)
    });
    let Some((reply, is_wrong)) = outcome else {
        return Err(plain_error("redis.call/pcall can only be called inside a script invocation"));
    };
    if is_wrong {
        return Err(raise(
            state,
            b"ERR Lua redis lib command arguments must be strings or integers",
        ));
    }
    let result = match Reader::new(&reply).error() {
        Some(text) => Err(raise(state, text)),
        None => Reader::new(&reply).value(state),
    };
    host::with(|_, run| run.reply = reply);
    result
}

/// The table `{err = text}` as an error.
fn raise(state: &mut LuaState, text: &[u8]) -> LuaError {
    let text = new_string(state, text);
    match tagged(state, b"err", text) {
        Ok(table) => LuaError::Runtime(table),
        Err(error) => error,
    }
}

fn call(state: &mut LuaState) -> Result<usize, LuaError> {
    let value = run_command(state)?;
    state.push(value);
    Ok(1)
}

fn protected_call(state: &mut LuaState) -> Result<usize, LuaError> {
    let value = match run_command(state) {
        Err(LuaError::Runtime(error)) => error,
        other => other?,
    };
    state.push(value);
    Ok(1)
}

fn error_reply(state: &mut LuaState) -> Result<usize, LuaError> {
    single_field(state, b"err")
}

fn status_reply(state: &mut LuaState) -> Result<usize, LuaError> {
    single_field(state, b"ok")
}

fn single_field(state: &mut LuaState, name: &[u8]) -> Result<usize, LuaError> {
    let table = state.new_table_with_sizes(0, 1)?;
    let text = value(state, 0);
    set_field(state, table, name, text)?;
    state.push(LuaValue::Table(table));
    Ok(1)
}
