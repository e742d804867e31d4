//! Values out of `MessagePack`.
//!
//! The input may be anything: its nesting costs no host stack, and what it claims to hold is not believed before it is there.

use lua_types::{LuaError, LuaValue};
use lua_vm::state::LuaState;

use crate::lua::arguments::{Table, new_string, plain_error};
use crate::lua::checks::{VALUE_STEPS, charge, has_slots, refusal};

/// Reads values one behind the other.
pub(super) struct Decoder<'a> {
    rest: &'a [u8],
    /// Slots of Lua's stack that the real library would have in use: it ends where they do.
    slots: usize,
}

/// A table that is being filled.
enum Open {
    Array { table: Table, len: u32, at: u32 },
    Map { table: Table, left: u32, key: Option<LuaValue> },
}

/// What stands at a place of the input.
enum Token {
    Value(LuaValue),
    Array(u32),
    Map(u32),
}

impl<'a> Decoder<'a> {
    /// Begins with so many slots in use.
    pub(super) fn new(input: &'a [u8], slots: usize) -> Self {
        Decoder { rest: input, slots }
    }

    /// Whether everything was read.
    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// How many bytes were not read.
    pub(super) fn left(&self) -> usize {
        self.rest.len()
    }

    /// Reads a value; it takes one slot.
    pub(super) fn next(&mut self, state: &mut LuaState) -> Result<LuaValue, LuaError> {
        let mut open: Vec<Open> = Vec::new();
        loop {
            charge(state, VALUE_STEPS, open.len() * size_of::<Open>())?;
            if !has_slots(self.slots, 1) {
                let text = "stack overflow (too many return values at once; use unpack_one or unpack_limit instead.)";
                return Err(refusal(state, text));
            }
            match self.token(state)? {
                Token::Array(len) => {
                    let table = state.new_table();
                    self.slots += 1;
                    if !has_slots(self.slots, 1) {
                        let text = "stack overflow (in function mp_decode_to_lua_array)";
                        return Err(refusal(state, text));
                    }
                    open.push(Open::Array { table, len, at: 0 });
                }
                Token::Map(left) => {
                    let table = state.new_table();
                    self.slots += 1;
                    open.push(Open::Map { table, left, key: None });
                }
                Token::Value(value) => {
                    self.slots += 1;
                    if open.is_empty() {
                        return Ok(value);
                    }
                    self.settle(state, &mut open, value)?;
                }
            }
            // Tables that are full are values themselves.
            while let Some(full) = self.close(&mut open) {
                if open.is_empty() {
                    return Ok(full);
                }
                self.settle(state, &mut open, full)?;
            }
        }
    }

    /// Takes the innermost table if nothing is missing in it; else makes ready for its next part.
    fn close(&mut self, open: &mut Vec<Open>) -> Option<LuaValue> {
        let table = match open.last_mut()? {
            Open::Array { table, len, at } if at == len => *table,
            Open::Array { .. } => {
                self.slots += 1;
                return None;
            }
            Open::Map { table, left: 0, key: None } => *table,
            Open::Map { .. } => return None,
        };
        open.pop();
        Some(LuaValue::Table(table))
    }

    /// Puts a value that has its slot into the innermost table.
    fn settle(
        &mut self,
        state: &mut LuaState,
        open: &mut [Open],
        value: LuaValue,
    ) -> Result<(), LuaError> {
        let (table, key) = match open.last_mut() {
            Some(Open::Array { table, at, .. }) => {
                *at += 1;
                (*table, LuaValue::Int(i64::from(*at)))
            }
            Some(Open::Map { table, left, key }) => {
                let Some(key) = key.take() else {
                    *key = Some(value);
                    return Ok(());
                };
                *left -= 1;
                (*table, key)
            }
            None => return Ok(()),
        };
        self.slots -= 2;
        match key {
            LuaValue::Nil => return Err(plain_error("table index is nil")),
            LuaValue::Float(number) if number.is_nan() => {
                return Err(plain_error("table index is NaN"));
            }
            _ => {}
        }
        state.table_set_with_tm(&LuaValue::Table(table), key, value)
    }

    fn token(&mut self, state: &mut LuaState) -> Result<Token, LuaError> {
        let mark = u8::from_be_bytes(self.array(state)?);
        let number = |number: f64| Ok(Token::Value(LuaValue::Float(number)));
        match mark {
            0x00..=0x7F => number(f64::from(mark)),
            0xE0..=0xFF => number(f64::from(mark.cast_signed())),
            0xC0 => Ok(Token::Value(LuaValue::Nil)),
            0xC2 | 0xC3 => Ok(Token::Value(LuaValue::Bool(mark == 0xC3))),
            0xCA => number(f64::from(f32::from_be_bytes(self.array(state)?))),
            0xCB => number(f64::from_be_bytes(self.array(state)?)),
            0xCC => number(f64::from(u8::from_be_bytes(self.array(state)?))),
            0xCD => number(f64::from(u16::from_be_bytes(self.array(state)?))),
            0xCE => number(f64::from(u32::from_be_bytes(self.array(state)?))),
            0xD0 => number(f64::from(i8::from_be_bytes(self.array(state)?))),
            0xD1 => number(f64::from(i16::from_be_bytes(self.array(state)?))),
            0xD2 => number(f64::from(i32::from_be_bytes(self.array(state)?))),
            // Without a sign or with one, the real library makes one with a sign of it.
            0xCF | 0xD3 => number(i64::from_be_bytes(self.array(state)?) as f64),
            0xA0..=0xBF => self.string(state, usize::from(mark & 0x1F)),
            0xD9 => {
                let len = u8::from_be_bytes(self.array(state)?);
                self.string(state, usize::from(len))
            }
            0xDA => {
                let len = u16::from_be_bytes(self.array(state)?);
                self.string(state, usize::from(len))
            }
            0xDB => {
                let len = u32::from_be_bytes(self.array(state)?);
                self.string(state, len as usize)
            }
            0x90..=0x9F => Ok(Token::Array(u32::from(mark & 0x0F))),
            0xDC => Ok(Token::Array(u32::from(u16::from_be_bytes(self.array(state)?)))),
            0xDD => Ok(Token::Array(u32::from_be_bytes(self.array(state)?))),
            0x80..=0x8F => Ok(Token::Map(u32::from(mark & 0x0F))),
            0xDE => Ok(Token::Map(u32::from(u16::from_be_bytes(self.array(state)?)))),
            0xDF => Ok(Token::Map(u32::from_be_bytes(self.array(state)?))),
            _ => Err(refusal(state, "Bad data format in input.")),
        }
    }

    fn string(&mut self, state: &mut LuaState, len: usize) -> Result<Token, LuaError> {
        let bytes = self.bytes(state, len)?;
        charge(state, len / 64, len)?;
        Ok(Token::Value(new_string(state, bytes)))
    }

    fn bytes(&mut self, state: &LuaState, len: usize) -> Result<&'a [u8], LuaError> {
        let Some((bytes, rest)) = self.rest.split_at_checked(len) else {
            return Err(refusal(state, "Missing bytes in input."));
        };
        self.rest = rest;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self, state: &LuaState) -> Result<[u8; N], LuaError> {
        let bytes = self.bytes(state, N)?;
        Ok(bytes.try_into().unwrap_or([0; N]))
    }
}
