//! Replies of commands as values of Lua, and values that scripts return as replies.

use lua_types::{LuaError, LuaValue};
use lua_vm::state::{LuaState, LuaTableRefExt as _};
use redarium_resp::Encoder;

use super::arguments::{Table, new_string, plain_error};

/// How deep a table may be nested that a script returns; Redis stops where Lua's stack ends.
const DEPTH_MAX: usize = 1000;

/// Sets a field of a table that is being made.
pub(super) fn set_field(
    state: &mut LuaState,
    table: Table,
    name: &[u8],
    value: LuaValue,
) -> Result<(), LuaError> {
    let key = new_string(state, name);
    table.raw_set(state, key, value)
}

/// A table with one field.
pub(super) fn tagged(
    state: &mut LuaState,
    name: &[u8],
    value: LuaValue,
) -> Result<LuaValue, LuaError> {
    let table = state.new_table_with_sizes(0, 1)?;
    set_field(state, table, name, value)?;
    Ok(LuaValue::Table(table))
}

/// Reads RESP and makes values of Lua of it.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Reader { bytes, at: 0 }
    }

    /// The first line, without its type, if the reply is an error.
    pub(super) fn error(&self) -> Option<&'a [u8]> {
        let line = self.bytes.strip_prefix(b"-")?;
        let end = line.iter().position(|&byte| byte == b'\r')?;
        line.get(..end)
    }

    fn line(&mut self) -> &'a [u8] {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let end = rest.iter().position(|&byte| byte == b'\r').unwrap_or(rest.len());
        self.at += end + 2;
        rest.get(..end).unwrap_or_default()
    }

    fn take(&mut self, len: usize) -> &'a [u8] {
        let taken = self.bytes.get(self.at..self.at + len).unwrap_or_default();
        self.at += len + 2;
        taken
    }

    /// The next value.
    pub(super) fn value(&mut self, state: &mut LuaState) -> Result<LuaValue, LuaError> {
        let Some(&kind) = self.bytes.get(self.at) else { return Ok(LuaValue::Nil) };
        self.at += 1;
        let line = self.line();
        let number = || std::str::from_utf8(line).ok().and_then(|text| text.parse::<i64>().ok());
        Ok(match kind {
            b'+' => {
                let text = new_string(state, line);
                tagged(state, b"ok", text)?
            }
            b'-' => {
                let text = new_string(state, line);
                tagged(state, b"err", text)?
            }
            b':' => LuaValue::Float(number().unwrap_or_default() as f64),
            b'$' => match number().and_then(|len| usize::try_from(len).ok()) {
                Some(len) => {
                    let bytes = self.take(len);
                    new_string(state, bytes)
                }
                None => LuaValue::Bool(false),
            },
            b'*' | b'>' => match number().and_then(|len| usize::try_from(len).ok()) {
                Some(len) => {
                    let table = state.new_table_with_sizes(len as u32, 0)?;
                    for index in 0..len {
                        let value = self.value(state)?;
                        table.raw_set_int(state, index as i64 + 1, value)?;
                    }
                    LuaValue::Table(table)
                }
                None => LuaValue::Bool(false),
            },
            b'%' => {
                let pairs = number().unwrap_or_default();
                let table = state.new_table_with_sizes(0, pairs as u32)?;
                for _ in 0..pairs {
                    let key = self.value(state)?;
                    let value = self.value(state)?;
                    table.raw_set(state, key, value)?;
                }
                tagged(state, b"map", LuaValue::Table(table))?
            }
            b'~' => {
                let len = number().unwrap_or_default();
                let table = state.new_table_with_sizes(0, len as u32)?;
                for _ in 0..len {
                    let member = self.value(state)?;
                    table.raw_set(state, member, LuaValue::Bool(true))?;
                }
                tagged(state, b"set", LuaValue::Table(table))?
            }
            b',' => {
                let value = redarium_resp::number::parse_f64(line).unwrap_or(f64::NAN);
                tagged(state, b"double", LuaValue::Float(value))?
            }
            b'#' => LuaValue::Bool(line == b"t"),
            b'(' => {
                let digits = new_string(state, line);
                tagged(state, b"big_number", digits)?
            }
            b'=' => {
                let text = self.take(number().unwrap_or_default() as usize);
                let format = new_string(state, text.get(..3).unwrap_or_default());
                let string = new_string(state, text.get(4..).unwrap_or_default());
                let table = state.new_table_with_sizes(0, 2)?;
                set_field(state, table, b"format", format)?;
                set_field(state, table, b"string", string)?;
                tagged(state, b"verbatim_string", LuaValue::Table(table))?
            }
            b'|' => {
                for _ in 0..2 * number().unwrap_or_default() {
                    self.value(state)?;
                }
                self.value(state)?
            }
            _ => LuaValue::Nil,
        })
    }
}

/// Writes what a script has returned; `limit` is the size in bytes beyond which it is refused.
pub(super) fn write(
    state: &mut LuaState,
    value: LuaValue,
    out: &mut Encoder<'_>,
    limit: usize,
    depth: usize,
) -> Result<(), LuaError> {
    if depth > DEPTH_MAX {
        out.error("ERR reached lua stack limit");
        return Ok(());
    }
    if out.out.len() > limit {
        return Err(plain_error("ERR the reply is larger than the script memory limit"));
    }
    match value {
        LuaValue::Str(text) => out.bulk(text.as_bytes()),
        LuaValue::Float(number) => out.integer(number as i64),
        LuaValue::Int(number) => out.integer(number),
        LuaValue::Bool(true) if out.is_resp3() => out.bool(true),
        LuaValue::Bool(true) => out.integer(1),
        LuaValue::Table(table) => return write_table(state, table, out, limit, depth),
        _ => out.null(),
    }
    Ok(())
}

fn write_table(
    state: &mut LuaState,
    table: Table,
    out: &mut Encoder<'_>,
    limit: usize,
    depth: usize,
) -> Result<(), LuaError> {
    if let LuaValue::Str(text) = table.get_str_bytes(b"err") {
        out.error(text.as_bytes());
        return Ok(());
    }
    if let LuaValue::Str(text) = table.get_str_bytes(b"ok") {
        out.simple(text.as_bytes());
        return Ok(());
    }
    let mark = out.begin_array();
    let mut len = 0;
    loop {
        let element = table.get_int(len as i64 + 1);
        if element.is_nil() {
            break;
        }
        write(state, element, out, limit, depth + 1)?;
        len += 1;
    }
    out.end_array(mark, len);
    Ok(())
}
