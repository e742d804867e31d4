//! Tables that a script can read but not write: the globals and all libraries.
//!
//! The machine has no such tables, so a script is given an empty one whose metatable leads to the content for reading
//! and refuses writing. What looks past metatables (`pairs`, `next`, `rawget`, ...) is taught to look at the content.

use lua_types::{LuaError, LuaValue};
use lua_vm::state::{LuaState, LuaTableRefExt as _};

use super::arguments::{Table, plain_error, value};
use super::checks::{bad_argument, refusal};
use super::native::{call_original, set_argument, upvalue, wrap};
use super::reply::set_field;
use super::sandbox::add_function;

const REFUSED: &str = "Attempt to modify a readonly table";
/// Where the metatable keeps the content, a mark that no script can make, and what `getmetatable` shows.
const CONTENT: i64 = 1;
const MARK: i64 = 2;
const SHOWN: i64 = 3;

fn mark() -> LuaValue {
    LuaValue::LightUserData(std::ptr::without_provenance_mut(0x5ED))
}

/// A table through which `content` can be read.
pub(super) fn protect(state: &mut LuaState, content: Table) -> Result<Table, LuaError> {
    let metatable = state.new_table();
    set_field(state, metatable, b"__index", LuaValue::Table(content))?;
    add_function(state, metatable, b"__newindex", refuse)?;
    metatable.raw_set_int(state, CONTENT, LuaValue::Table(content))?;
    metatable.raw_set_int(state, MARK, mark())?;
    let table = state.new_table();
    table.set_metatable(Some(metatable));
    Ok(table)
}

/// Lets a table that `protect` has made lead to another content.
pub(super) fn set_content(
    state: &mut LuaState,
    table: Table,
    content: Table,
) -> Result<(), LuaError> {
    let Some(metatable) = table.metatable() else { return Ok(()) };
    set_field(state, metatable, b"__index", LuaValue::Table(content))?;
    metatable.raw_set_int(state, CONTENT, LuaValue::Table(content))
}

/// Makes reading of an absent global an error, as Redis has it.
pub(super) fn refuse_absent(
    state: &mut LuaState,
    table: Table,
    content: Table,
) -> Result<(), LuaError> {
    let inner = state.new_table();
    add_function(state, inner, b"__index", absent)?;
    content.set_metatable(Some(inner));
    let shown = protect(state, inner)?;
    if let Some(metatable) = table.metatable() {
        metatable.raw_set_int(state, SHOWN, LuaValue::Table(shown))?;
    }
    Ok(())
}

/// The content of a table that `protect` has made.
pub(super) fn content(value: LuaValue) -> Option<Table> {
    let LuaValue::Table(table) = value else { return None };
    let metatable = table.metatable()?;
    if metatable.get_int(MARK) != mark() {
        return None;
    }
    match metatable.get_int(CONTENT) {
        LuaValue::Table(content) => Some(content),
        _ => None,
    }
}

fn refuse(state: &mut LuaState) -> Result<usize, LuaError> {
    Err(refusal(state, REFUSED))
}

fn absent(state: &mut LuaState) -> Result<usize, LuaError> {
    let name = match value(state, 1) {
        LuaValue::Str(name) => name.as_bytes().to_vec(),
        other => {
            state.push(other);
            state.to_display_string(-1)?
        }
    };
    let text = b"Script attempted to access nonexistent global variable '";
    Err(refusal(state, [text.as_slice(), &name, b"'"].concat()))
}

/// Teaches the functions of `globals`, not yet protected, about tables that are.
pub(super) fn teach(state: &mut LuaState, globals: Table) -> Result<(), LuaError> {
    wrap(state, globals, b"rawset", |state| {
        if content(value(state, 0)).is_some() {
            return Err(plain_error(REFUSED));
        }
        call_original(state)
    })?;
    wrap(state, globals, b"rawget", on_content)?;
    wrap(state, globals, b"next", on_content)?;
    wrap(state, globals, b"pairs", on_copy)?;
    wrap(state, globals, b"setmetatable", |state| {
        if content(value(state, 0)).is_some() {
            return Err(plain_error(REFUSED));
        }
        let is_table = matches!(value(state, 0), LuaValue::Table(_));
        if is_table && !matches!(value(state, 1), LuaValue::Table(_) | LuaValue::Nil) {
            return Err(bad_argument(state, 2, "nil or table expected"));
        }
        call_original(state)
    })?;
    if let LuaValue::Table(table) = globals.get_str_bytes(b"table") {
        wrap(state, table, b"foreach", on_copy)?;
    }
    Ok(())
}

/// `getmetatable`, which shows of the strings' metatable a copy that cannot be changed.
pub(super) fn teach_getmetatable(
    state: &mut LuaState,
    globals: Table,
    of_strings: Table,
) -> Result<(), LuaError> {
    let original = globals.get_str_bytes(b"getmetatable");
    state.push(original);
    state.push(LuaValue::Table(of_strings));
    lua_vm::api::push_cclosure(state, getmetatable, 2)?;
    let function = state.pop();
    set_field(state, globals, b"getmetatable", function)
}

fn getmetatable(state: &mut LuaState) -> Result<usize, LuaError> {
    let shown = match value(state, 0) {
        LuaValue::Str(_) => upvalue(state, 1),
        table if content(table).is_some() => match table {
            LuaValue::Table(table) => {
                table.metatable().map_or(LuaValue::Nil, |metatable| metatable.get_int(SHOWN))
            }
            _ => LuaValue::Nil,
        },
        _ => return call_original(state),
    };
    state.push(shown);
    Ok(1)
}

fn on_content(state: &mut LuaState) -> Result<usize, LuaError> {
    if let Some(content) = content(value(state, 0)) {
        set_argument(state, 0, LuaValue::Table(content));
    }
    call_original(state)
}

/// Walks over a copy, for the walk's own state would give the content away.
fn on_copy(state: &mut LuaState) -> Result<usize, LuaError> {
    if let Some(content) = content(value(state, 0)) {
        let copy = copy(state, content)?;
        set_argument(state, 0, LuaValue::Table(copy));
    }
    call_original(state)
}

/// A table with the same fields.
pub(super) fn copy(state: &mut LuaState, from: Table) -> Result<Table, LuaError> {
    let copy = state.new_table();
    let mut key = LuaValue::Nil;
    while let Some((next, value)) = from.try_next_pair(&key)? {
        copy.raw_set(state, next, value)?;
        key = next;
    }
    Ok(copy)
}
