//! Replies of commands as values of Lua, and values that scripts return as replies.

use lua_types::{GcRef, LuaError, LuaString, LuaValue};
use lua_vm::state::{LuaState, LuaTableRefExt as _};
use redarium_resp::{Encoder, Protocol};

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

/// How a value is written that a script has returned.
pub(super) struct Writer<'a, 'b> {
    pub(super) out: &'a mut Encoder<'b>,
    /// Where the buffer may end at most; beyond it the reply is refused.
    pub(super) end: usize,
    /// What the script has chosen with `redis.setresp`: in RESP3 a boolean is one.
    pub(super) protocol: Protocol,
}

impl Writer<'_, '_> {
    /// Writes a value; an error if the reply becomes too large.
    pub(super) fn write(
        &mut self,
        state: &mut LuaState,
        value: LuaValue,
        depth: usize,
    ) -> Result<(), LuaError> {
        if depth > DEPTH_MAX {
            self.out.error("ERR reached lua stack limit");
            return Ok(());
        }
        if self.out.out.len() > self.end {
            return Err(plain_error("not enough memory"));
        }
        match value {
            LuaValue::Str(text) => self.out.bulk(text.as_bytes()),
            LuaValue::Float(number) => self.out.integer(whole(number)),
            LuaValue::Int(number) => self.out.integer(number),
            LuaValue::Bool(value) if self.protocol == Protocol::Resp3 => self.out.bool(value),
            LuaValue::Bool(true) => self.out.integer(1),
            LuaValue::Table(table) => return self.write_table(state, table, depth),
            _ => self.out.null(),
        }
        Ok(())
    }

    fn write_table(
        &mut self,
        state: &mut LuaState,
        table: Table,
        depth: usize,
    ) -> Result<(), LuaError> {
        if let LuaValue::Str(text) = field(state, table, b"err") {
            self.out.error(text.as_bytes());
        } else if let LuaValue::Str(text) = field(state, table, b"ok") {
            self.out.simple(text.as_bytes());
        } else if let LuaValue::Float(number) = field(state, table, b"double") {
            self.out.double(number);
        } else if let LuaValue::Table(map) = field(state, table, b"map") {
            let len = len(map)?;
            self.out.map(len);
            self.write_pairs(state, map, depth, true)?;
        } else if let LuaValue::Table(set) = field(state, table, b"set") {
            let len = len(set)?;
            self.out.set(len);
            self.write_pairs(state, set, depth, false)?;
        } else if let LuaValue::Str(digits) = field(state, table, b"big_number") {
            let line: Vec<u8> = digits
                .as_bytes()
                .iter()
                .map(|&byte| if byte == b'\r' || byte == b'\n' { b' ' } else { byte })
                .collect();
            self.out.big_number(line);
        } else if let Some((format, text)) = verbatim(state, table) {
            self.out.verbatim(format, text.as_bytes());
        } else {
            self.write_array(state, table, depth)?;
        }
        Ok(())
    }

    fn write_array(
        &mut self,
        state: &mut LuaState,
        table: Table,
        depth: usize,
    ) -> Result<(), LuaError> {
        let mut len = 0;
        while !table.get_int(len as i64 + 1).is_nil() {
            len += 1;
        }
        self.out.array(len);
        for index in 0..len {
            self.write(state, table.get_int(index as i64 + 1), depth + 1)?;
        }
        Ok(())
    }

    fn write_pairs(
        &mut self,
        state: &mut LuaState,
        table: Table,
        depth: usize,
        with_values: bool,
    ) -> Result<(), LuaError> {
        let mut key = LuaValue::Nil;
        while let Some((next, value)) = table.try_next_pair(&key)? {
            key = next;
            self.write(state, key, depth + 1)?;
            if with_values {
                self.write(state, value, depth + 1)?;
            }
        }
        Ok(())
    }
}

/// A number without what follows the point, as a processor of 64 bits cuts it: what does not fit is the smallest integer.
fn whole(number: f64) -> i64 {
    const END: f64 = 9_223_372_036_854_775_808.0;
    if (-END..END).contains(&number) { number as i64 } else { i64::MIN }
}

fn field(state: &mut LuaState, table: Table, name: &[u8]) -> LuaValue {
    let LuaValue::Str(name) = new_string(state, name) else { return LuaValue::Nil };
    table.get_short_str(&name)
}

fn len(table: Table) -> Result<usize, LuaError> {
    let (mut key, mut len) = (LuaValue::Nil, 0);
    while let Some((next, _)) = table.try_next_pair(&key)? {
        key = next;
        len += 1;
    }
    Ok(len)
}

fn verbatim(state: &mut LuaState, table: Table) -> Option<([u8; 3], GcRef<LuaString>)> {
    let LuaValue::Table(parts) = field(state, table, b"verbatim_string") else { return None };
    let (LuaValue::Str(format), LuaValue::Str(text)) =
        (field(state, parts, b"format"), field(state, parts, b"string"))
    else {
        return None;
    };
    let mut three = [b' '; 3];
    for (slot, byte) in three.iter_mut().zip(format.as_bytes()) {
        *slot = *byte;
    }
    Some((three, text))
}
