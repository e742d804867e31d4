//! Functions of ours that stand in the place of one of Lua's and call it.
//!
//! The original is the closure's one upvalue and runs in the same frame, so that its errors name the function as before.

use lua_types::{LuaClosure, LuaError, LuaValue};
use lua_vm::api;
use lua_vm::state::{LuaCFunction, LuaState};

use super::arguments::Table;
use super::reply::set_field;

/// Puts `function` in the place of the function `name` of a table.
pub(super) fn wrap(
    state: &mut LuaState,
    table: Table,
    name: &[u8],
    function: LuaCFunction,
) -> Result<(), LuaError> {
    let original = table.get_str_bytes(name);
    state.push(original);
    api::push_cclosure(state, function, 1)?;
    let wrapped = state.pop();
    set_field(state, table, name, wrapped)
}

/// An upvalue of the function that is running, counted from 0.
pub(super) fn upvalue(state: &LuaState, index: usize) -> LuaValue {
    match state.get_at(state.current_call_info().func) {
        LuaValue::Function(LuaClosure::C(closure)) => {
            closure.upvalues.borrow().get(index).copied().unwrap_or_default()
        }
        _ => LuaValue::Nil,
    }
}

/// Runs the function whose place the running one has taken, with the arguments as they stand.
pub(super) fn call_original(state: &mut LuaState) -> Result<usize, LuaError> {
    let original = upvalue(state, 0);
    state.push(original);
    let function = api::to_cfunction(state, -1);
    state.pop();
    match function {
        Some(function) => function(state),
        None => Ok(0),
    }
}

/// Replaces an argument, counted from 0.
pub(super) fn set_argument(state: &mut LuaState, index: usize, value: LuaValue) {
    let slot = state.current_call_info().func + 1 + index as i32;
    state.set_at(slot, value);
}
