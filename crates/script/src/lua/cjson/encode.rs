//! Values as JSON.
//!
//! Tables may be nested as deeply as the settings allow: that costs no host stack.

use lua_types::{LuaError, LuaValue};
use lua_vm::state::LuaState;
use redarium_resp::number::write_f64_digits;

use super::is_null;
use crate::lua::arguments::Table;
use crate::lua::checks::{VALUE_STEPS, charge, has_slots, refusal};

/// The settings that matter here.
pub(super) struct Options {
    /// Whether an array with too many holes becomes an object.
    pub(super) sparse_convert: bool,
    /// How many times longer than it has elements an array may be; 0 for any.
    pub(super) sparse_ratio: i32,
    /// The length up to which holes do not matter.
    pub(super) sparse_safe: i32,
    pub(super) depth_max: i32,
    pub(super) invalid_numbers: InvalidNumbers,
    /// Significant digits.
    pub(super) precision: i32,
}

/// What becomes of a number that JSON has no words for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum InvalidNumbers {
    Refuse,
    Write,
    Null,
}

/// A table that is being written.
enum Open {
    Array { table: Table, len: i32, at: i32 },
    Object { table: Table, key: LuaValue, is_first: bool },
}

/// Writes a value.
pub(super) fn encode(
    state: &mut LuaState,
    root: LuaValue,
    options: &Options,
) -> Result<Vec<u8>, LuaError> {
    let mut writer = Writer { state, options, out: Vec::new(), open: Vec::new(), slots: 1 };
    writer.value(root)?;
    while writer.step()? {}
    Ok(writer.out)
}

struct Writer<'a> {
    state: &'a mut LuaState,
    options: &'a Options,
    out: Vec<u8>,
    open: Vec<Open>,
    /// Slots of Lua's stack that the real library would have in use: it ends where they do.
    slots: usize,
}

impl Writer<'_> {
    /// Writes the next part of the innermost table; false if none is open.
    fn step(&mut self) -> Result<bool, LuaError> {
        let held = self.out.len() + self.open.len() * size_of::<Open>();
        charge(self.state, VALUE_STEPS, held)?;
        match self.open.last_mut() {
            None => return Ok(false),
            Some(Open::Array { len, at, .. }) if at == len => {
                self.out.push(b']');
                self.close();
            }
            Some(Open::Array { table, at, .. }) => {
                if *at > 0 {
                    self.out.push(b',');
                }
                *at += 1;
                let element = table.get_int(i64::from(*at));
                self.slots += 1;
                self.value(element)?;
            }
            Some(Open::Object { table, key, is_first }) => {
                let Some((next, value)) = table.try_next_pair(key)? else {
                    self.out.push(b'}');
                    self.close();
                    return Ok(true);
                };
                if !*is_first {
                    self.out.push(b',');
                }
                *is_first = false;
                *key = next;
                self.key(next)?;
                self.slots += 2;
                self.value(value)?;
            }
        }
        Ok(true)
    }

    /// The innermost table is written.
    fn close(&mut self) {
        self.open.pop();
        self.release();
    }

    /// A part of the innermost table is written.
    fn release(&mut self) {
        match self.open.last() {
            Some(Open::Array { .. }) => self.slots -= 1,
            Some(Open::Object { .. }) => self.slots -= 2,
            None => {}
        }
    }

    /// Writes a value, or opens it if it is a table.
    fn value(&mut self, value: LuaValue) -> Result<(), LuaError> {
        match value {
            LuaValue::Table(table) => return self.begin(table),
            LuaValue::Str(text) => self.string(text.as_bytes())?,
            LuaValue::Float(number) => self.number(number)?,
            LuaValue::Int(number) => self.number(number as f64)?,
            LuaValue::Bool(true) => self.out.extend_from_slice(b"true"),
            LuaValue::Bool(false) => self.out.extend_from_slice(b"false"),
            LuaValue::Nil => self.out.extend_from_slice(b"null"),
            null if is_null(null) => self.out.extend_from_slice(b"null"),
            other => return Err(self.unfit(other, "type not supported")),
        }
        self.release();
        Ok(())
    }

    fn begin(&mut self, table: Table) -> Result<(), LuaError> {
        let depth = self.open.len() + 1;
        if depth > self.options.depth_max as usize || !has_slots(self.slots, 3) {
            let text = format!("Cannot serialise, excessive nesting ({depth})");
            return Err(refusal(self.state, text));
        }
        let len = self.array_len(table)?;
        if len > 0 {
            self.out.push(b'[');
            self.open.push(Open::Array { table, len, at: 0 });
        } else {
            self.out.push(b'{');
            self.open.push(Open::Object { table, key: LuaValue::Nil, is_first: true });
        }
        Ok(())
    }

    /// The length of a table whose keys are all positions of an array; 0 or less for another.
    fn array_len(&mut self, table: Table) -> Result<i32, LuaError> {
        let mut highest = 0_i32;
        let mut entries = 0_i32;
        let mut key = LuaValue::Nil;
        while let Some((next, _)) = table.try_next_pair(&key)? {
            charge(self.state, 1, 0)?;
            let position = match next {
                LuaValue::Int(number) => number as f64,
                LuaValue::Float(number) if number.fract() == 0.0 => number,
                _ => return Ok(-1),
            };
            if position < 1.0 {
                return Ok(-1);
            }
            if position > f64::from(highest) {
                // What is beyond an int of C becomes its smallest.
                highest = if position <= f64::from(i32::MAX) { position as i32 } else { i32::MIN };
            }
            entries += 1;
            key = next;
        }
        let Options { sparse_ratio, sparse_safe, sparse_convert, .. } = *self.options;
        let is_sparse = sparse_ratio > 0
            && highest > entries.wrapping_mul(sparse_ratio)
            && highest > sparse_safe;
        if !is_sparse {
            return Ok(highest);
        }
        if !sparse_convert {
            return Err(self.unfit(LuaValue::Table(table), "excessively sparse array"));
        }
        Ok(-1)
    }

    fn key(&mut self, key: LuaValue) -> Result<(), LuaError> {
        match key {
            LuaValue::Str(text) => self.string(text.as_bytes())?,
            LuaValue::Float(_) | LuaValue::Int(_) => {
                self.out.push(b'"');
                self.number(match key {
                    LuaValue::Int(number) => number as f64,
                    LuaValue::Float(number) => number,
                    _ => 0.0,
                })?;
                self.out.push(b'"');
            }
            other => return Err(self.unfit(other, "table key must be a number or string")),
        }
        self.out.push(b':');
        Ok(())
    }

    fn number(&mut self, number: f64) -> Result<(), LuaError> {
        if number.is_finite() {
            write_f64_digits(&mut self.out, number, self.options.precision as usize);
            return Ok(());
        }
        match self.options.invalid_numbers {
            InvalidNumbers::Refuse => {
                return Err(self.unfit(LuaValue::Float(number), "must not be NaN or Inf"));
            }
            InvalidNumbers::Null => self.out.extend_from_slice(b"null"),
            // The sign of what is not a number is not the same everywhere; on x86-64, 0/0 has it.
            InvalidNumbers::Write if number.is_nan() => self.out.extend_from_slice(b"-nan"),
            InvalidNumbers::Write if number > 0.0 => self.out.extend_from_slice(b"inf"),
            InvalidNumbers::Write => self.out.extend_from_slice(b"-inf"),
        }
        Ok(())
    }

    fn string(&mut self, text: &[u8]) -> Result<(), LuaError> {
        charge(self.state, 1 + text.len() / 16, self.out.len() + text.len())?;
        self.out.push(b'"');
        for &byte in text {
            match byte {
                b'"' | b'\\' | b'/' => self.out.extend_from_slice(&[b'\\', byte]),
                0x08 => self.out.extend_from_slice(b"\\b"),
                b'\t' => self.out.extend_from_slice(b"\\t"),
                b'\n' => self.out.extend_from_slice(b"\\n"),
                0x0C => self.out.extend_from_slice(b"\\f"),
                b'\r' => self.out.extend_from_slice(b"\\r"),
                ..0x20 | 0x7F => {
                    self.out.extend_from_slice(format!("\\u{byte:04x}").as_bytes());
                }
                _ => self.out.push(byte),
            }
        }
        self.out.push(b'"');
        Ok(())
    }

    /// The error about a value that JSON cannot hold.
    fn unfit(&self, value: LuaValue, why: &str) -> LuaError {
        refusal(self.state, format!("Cannot serialise {}: {why}", value.type_name()))
    }
}
