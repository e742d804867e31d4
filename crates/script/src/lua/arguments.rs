//! The arguments of a function that Lua calls, straight from the machine's stack.

use lua_types::{GcRef, LuaError, LuaTable, LuaValue};
use lua_vm::state::LuaState;

/// A table of Lua: a handle, copied freely.
pub(super) type Table = GcRef<LuaTable>;

/// How many arguments the function was called with.
pub(super) fn count(state: &LuaState) -> usize {
    let base = state.current_call_info().func.0 + 1;
    (state.top_idx().0 - base) as usize
}

/// The argument at `index`, counted from 0; nil beyond the last.
pub(super) fn value(state: &LuaState, index: usize) -> LuaValue {
    if index >= count(state) {
        return LuaValue::Nil;
    }
    state.get_at(state.current_call_info().func + 1 + index as i32)
}

/// An error with this text, without the place at which it arose.
pub(super) fn plain_error(text: impl AsRef<[u8]>) -> LuaError {
    LuaError::RuntimeMsg(text.as_ref().into())
}

/// A string of Lua.
pub(super) fn new_string(state: &mut LuaState, bytes: &[u8]) -> LuaValue {
    match state.intern_str(bytes) {
        Ok(text) => LuaValue::Str(text),
        Err(_) => LuaValue::Nil,
    }
}
