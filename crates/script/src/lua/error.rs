//! What a failed script answers: Redis's text with the name of the script and the line.

use lua_types::LuaValue;
use lua_vm::debug::{LuaDebug, get_info, get_stack};
use lua_vm::object::num_to_string;
use lua_vm::state::LuaState;

/// Where a script has failed.
pub(super) struct Place {
    pub(super) source: Vec<u8>,
    pub(super) line: i32,
}

/// The innermost function of Lua that is running, from this level of the stack outwards.
pub(super) fn place(state: &mut LuaState, from: i32) -> Option<Place> {
    // A function of Lua's own may have run into a table that refuses, which is a function of ours.
    for level in from..from + 3 {
        let mut record = LuaDebug::default();
        if !get_stack(state, level, &mut record) {
            return None;
        }
        get_info(state, b"nSl", &mut record);
        if record.what != Some(b"C") {
            let source = record.source?;
            return Some(Place { source, line: record.currentline });
        }
    }
    None
}

/// The text of an error object.
pub(super) fn text(state: &mut LuaState, error: LuaValue) -> Vec<u8> {
    if let LuaValue::Table(table) = error {
        return match table.get_str_bytes(b"err") {
            LuaValue::Str(text) => text.as_bytes().to_vec(),
            LuaValue::Float(number) => {
                let mut digits = Vec::new();
                redarium_resp::number::write_f64(&mut digits, number);
                digits
            }
            _ => b"ERR unknown error".to_vec(),
        };
    }
    let shown = match error {
        LuaValue::Str(text) => text.as_bytes().to_vec(),
        LuaValue::Nil => b"nil".to_vec(),
        LuaValue::Bool(value) => value.to_string().into_bytes(),
        LuaValue::Float(_) | LuaValue::Int(_) => {
            num_to_string(state, &error).map(|text| text.as_bytes().to_vec()).unwrap_or_default()
        }
        other => other.type_name().as_bytes().to_vec(),
    };
    [b"ERR ".as_slice(), &shown].concat()
}

/// The whole line that a client reads.
pub(super) fn line(text: Vec<u8>, name: &[u8], place: Option<&Place>) -> Vec<u8> {
    let Some(place) = place else { return text };
    [
        text.as_slice(),
        b" script: ",
        name,
        b", on ",
        &place.source,
        b":",
        place.line.to_string().as_bytes(),
        b".",
    ]
    .concat()
}
