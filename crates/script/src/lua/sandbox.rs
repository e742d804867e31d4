//! The globals that a script sees.

use lua_types::{LuaClosure, LuaError, LuaValue};
use lua_vm::state::{LuaCFunction, LuaState};

use super::arguments::Table;
use super::reply::set_field;
use super::{bit, cjson, cmsgpack, redis, structs};

/// Adds a function to a table.
pub(super) fn add_function(
    state: &mut LuaState,
    table: Table,
    name: &[u8],
    function: LuaCFunction,
) -> Result<(), LuaError> {
    let index = state.register_c_function(function, true);
    set_field(state, table, name, LuaValue::Function(LuaClosure::LightC(index)))
}

/// Adds a table of functions to the globals: the hook of a library such as `cjson`.
pub(super) fn add_library(
    state: &mut LuaState,
    globals: Table,
    name: &[u8],
    fill: fn(&mut LuaState, Table) -> Result<(), LuaError>,
) -> Result<(), LuaError> {
    let table = state.new_table();
    fill(state, table)?;
    set_field(state, globals, name, LuaValue::Table(table))
}

/// Adds what Redis adds to Lua's globals. A library of ours is one more line here.
pub(super) fn furnish(state: &mut LuaState, globals: Table) -> Result<(), LuaError> {
    add_library(state, globals, b"redis", redis::register)?;
    add_library(state, globals, b"cjson", cjson::register)?;
    add_library(state, globals, b"cmsgpack", cmsgpack::register)?;
    add_library(state, globals, b"struct", structs::register)?;
    add_library(state, globals, b"bit", bit::register)?;
    Ok(())
}
