//! What a running script does, line by line, for someone who wants to watch: the line, the function and its local variables.
//!
//! Off, it costs nothing: the machine looks at lines only where its mask says so. Values become text at once, so that
//! nothing here keeps a value of Lua alive or shows it as it became later.

use lua_types::LuaValue;
use lua_vm::debug::{LuaDebug, get_info, get_local};
use lua_vm::object::num_to_string;
use lua_vm::state::LuaState;

use super::arguments::Table;
use super::budget::Meter;
use crate::{LineStep, Local};

/// The machine's bit and number of a line's event.
pub(super) const MASK_LINE: i32 = 4;
pub(super) const EVENT_LINE: i32 = 2;

/// The most local variables of a step, bytes of a string and entries of a table that are shown.
const LOCALS_MAX: i32 = 32;
const TEXT_MAX: usize = 60;
const ENTRIES_MAX: usize = 8;

/// Takes note of the line that is about to run.
pub(super) fn note(state: &mut LuaState, meter: &Meter, event: &LuaDebug) {
    if meter.steps.borrow().steps.len() >= meter.steps_max.get() {
        meter.steps.borrow_mut().dropped += 1;
        return;
    }
    let mut record = LuaDebug { i_ci: event.i_ci, ..LuaDebug::default() };
    get_info(state, b"n", &mut record);
    let mut locals: Vec<Local> = Vec::new();
    for number in 1..=LOCALS_MAX {
        let Some(name) = get_local(state, Some(event), number) else { break };
        let value = state.pop();
        // What the machine keeps for a loop has a name in parentheses.
        if name.first() == Some(&b'(') {
            continue;
        }
        let value = shown(state, value, true);
        locals.retain(|local| local.name != name);
        locals.push(Local { name, value });
    }
    let step = LineStep {
        line: event.currentline.max(0).unsigned_abs(),
        depth: state.current_ci_idx().0,
        function: record.name,
        locals,
    };
    meter.steps.borrow_mut().steps.push(step);
}

/// A value as it would stand in code; tables within tables are dots.
fn shown(state: &mut LuaState, value: LuaValue, whole: bool) -> Vec<u8> {
    match value {
        LuaValue::Nil => b"nil".to_vec(),
        LuaValue::Bool(value) => value.to_string().into_bytes(),
        LuaValue::Float(_) | LuaValue::Int(_) => {
            num_to_string(state, &value).map(|text| text.as_bytes().to_vec()).unwrap_or_default()
        }
        LuaValue::Str(text) => quoted(text.as_bytes()),
        LuaValue::Table(table) if whole => shown_table(state, table),
        LuaValue::Table(_) => b"{...}".to_vec(),
        other => other.type_name().as_bytes().to_vec(),
    }
}

fn quoted(text: &[u8]) -> Vec<u8> {
    let cut = text.get(..TEXT_MAX);
    let shown = cut.unwrap_or(text).escape_ascii().to_string();
    let dots = if cut.is_some() { "..." } else { "" };
    format!("\"{shown}{dots}\"").into_bytes()
}

fn shown_table(state: &mut LuaState, table: Table) -> Vec<u8> {
    let mut parts: Vec<Vec<u8>> = Vec::new();
    let mut key = LuaValue::Nil;
    while let Some((next, value)) = table.next_pair(&key) {
        key = next;
        if parts.len() == ENTRIES_MAX {
            parts.push(b"...".to_vec());
            break;
        }
        let is_next = matches!(key, LuaValue::Int(index) if index == parts.len() as i64 + 1);
        let value = shown(state, value, false);
        let part = match key {
            _ if is_next => value,
            LuaValue::Str(name) => [name.as_bytes(), b" = ", &value].concat(),
            other => [b"[".as_slice(), &shown(state, other, false), b"] = ", &value].concat(),
        };
        parts.push(part);
    }
    [b"{".as_slice(), &parts.join(&b", "[..]), b"}"].concat()
}
