//! The globals that a script sees: Redis's list, to be read but not written.

use lua_types::{LuaClosure, LuaError, LuaValue};
use lua_vm::state::{LuaCFunction, LuaState};

use super::arguments::Table;
use super::random::Generator;
use super::reply::set_field;
use super::{bit, cjson, cmsgpack, coroutine, host, protected, read_only, redis, strings, structs};

/// What Lua has and Redis takes away.
const ABSENT: [&str; 11] = [
    "debug", "dofile", "getfenv", "io", "loadfile", "module", "newproxy", "package", "print",
    "require", "setfenv",
];
/// Libraries that scripts can read only.
const LIBRARIES: [&str; 10] =
    ["string", "table", "math", "coroutine", "redis", "cjson", "cmsgpack", "struct", "bit", "os"];

/// The tables of globals of a machine.
#[derive(Clone, Copy, Debug)]
pub(super) struct Globals {
    /// What scripts have as `_G`.
    pub(super) of_scripts: Table,
    /// What stands behind it.
    pub(super) content: Table,
    /// What functions of libraries have as their globals.
    pub(super) of_functions: Table,
    /// What stands behind it while a function runs.
    pub(super) content_of_functions: Table,
    /// What stands behind it while a library is loaded.
    pub(super) content_while_loading: Table,
}

impl Globals {
    /// All of them, to be kept from being collected.
    pub(super) fn all(&self) -> [Table; 5] {
        [
            self.of_scripts,
            self.content,
            self.of_functions,
            self.content_of_functions,
            self.content_while_loading,
        ]
    }
}

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
    fill: impl FnOnce(&mut LuaState, Table) -> Result<(), LuaError>,
) -> Result<(), LuaError> {
    let table = state.new_table();
    fill(state, table)?;
    set_field(state, globals, name, LuaValue::Table(table))
}

/// Makes Redis's globals of Lua's.
pub(super) fn furnish(
    state: &mut LuaState,
    lua: Table,
    random: &Generator,
    version: &str,
) -> Result<Globals, LuaError> {
    random.register(state, lua)?;
    strings::register(state, lua)?;
    protected::register(state, lua)?;
    read_only::teach(state, lua)?;
    add_function(state, lua, b"tostring", tostring)?;
    add_function(state, lua, b"__redis__err__handler", redis::error_handler)?;
    if let LuaValue::Table(table) = lua.get_str_bytes(b"coroutine") {
        coroutine::register(state, table)?;
    }
    add_library(state, lua, b"redis", |state, table| redis::register(state, table, version))?;
    add_library(state, lua, b"cjson", cjson::register)?;
    add_library(state, lua, b"cmsgpack", cmsgpack::register)?;
    add_library(state, lua, b"struct", structs::register)?;
    add_library(state, lua, b"bit", bit::register)?;
    add_library(state, lua, b"os", |state, table| add_function(state, table, b"clock", clock))?;
    for name in ABSENT {
        set_field(state, lua, name.as_bytes(), LuaValue::Nil)?;
    }
    for name in LIBRARIES {
        if let LuaValue::Table(library) = lua.get_str_bytes(name.as_bytes()) {
            let protected = read_only::protect(state, library)?;
            set_field(state, lua, name.as_bytes(), LuaValue::Table(protected))?;
        }
    }
    let metatable = state.new_table();
    let string = lua.get_str_bytes(b"string");
    set_field(state, metatable, b"__index", string)?;
    let of_strings = read_only::protect(state, metatable)?;
    read_only::teach_getmetatable(state, lua, of_strings)?;

    let content = read_only::copy(state, lua)?;
    let of_scripts = read_only::protect(state, content)?;
    set_field(state, content, b"_G", LuaValue::Table(of_scripts))?;
    read_only::refuse_absent(state, of_scripts, content)?;

    let content_of_functions = read_only::copy(state, content)?;
    let of_functions = read_only::protect(state, content_of_functions)?;
    set_field(state, content_of_functions, b"_G", LuaValue::Table(of_functions))?;
    set_field(state, content_of_functions, b"__redis__err__handler", LuaValue::Nil)?;
    let table = state.new_table();
    redis::register_for_functions(state, table, version)?;
    let table = read_only::protect(state, table)?;
    set_field(state, content_of_functions, b"redis", LuaValue::Table(table))?;
    read_only::refuse_absent(state, of_functions, content_of_functions)?;

    let content_while_loading = state.new_table();
    let loading = state.new_table();
    redis::register_for_loading(state, loading, version)?;
    let protected = read_only::protect(state, loading)?;
    read_only::refuse_absent(state, protected, loading)?;
    set_field(state, content_while_loading, b"redis", LuaValue::Table(protected))?;
    let shown = read_only::protect(state, content_while_loading)?;
    read_only::refuse_absent(state, shown, content_while_loading)?;
    Ok(Globals { of_scripts, content, of_functions, content_of_functions, content_while_loading })
}

/// Time stands still while a script runs.
fn clock(state: &mut LuaState) -> Result<usize, LuaError> {
    state.push(LuaValue::Float(0.0));
    Ok(1)
}

/// `tostring`, which shows a number where Lua shows an address: the same on every machine.
fn tostring(state: &mut LuaState) -> Result<usize, LuaError> {
    if super::arguments::count(state) == 0 {
        return Err(super::checks::bad_argument(state, 1, "value expected"));
    }
    let given = super::arguments::value(state, 0);
    let text = state.to_display_string(1)?;
    let kinds = [b"table: ".as_slice(), b"function: ", b"thread: ", b"userdata: "];
    let kind = kinds.into_iter().find(|kind| text.starts_with(kind));
    let identity = match given {
        LuaValue::Table(table) => table.identity(),
        LuaValue::Function(LuaClosure::Lua(function)) => function.identity(),
        LuaValue::Function(LuaClosure::C(function)) => function.identity(),
        LuaValue::Function(LuaClosure::LightC(number)) => number,
        LuaValue::Thread(thread) => thread.identity(),
        _ => return Ok(1),
    };
    let Some(kind) = kind else { return Ok(1) };
    let number = host::with(|_, run| {
        let next = run.shown.len() + 1;
        *run.shown.entry(identity).or_insert(next)
    });
    let number = number.unwrap_or_default() * 64 + 0x5500_0000;
    let shown = [kind, format!("0x{number:012x}").as_bytes()].concat();
    let shown = super::arguments::new_string(state, &shown);
    state.push(shown);
    Ok(1)
}
