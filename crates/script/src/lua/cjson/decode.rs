//! Values out of JSON.
//!
//! The input may be anything: its nesting costs no host stack, and errors say what was expected, what was found and where.

use lua_types::{LuaError, LuaValue};
use lua_vm::state::LuaState;

use super::{NULL, number};
use crate::lua::arguments::{Table, new_string};
use crate::lua::checks::{VALUE_STEPS, charge, has_slots, refusal};

/// The settings that matter here.
pub(super) struct Options {
    pub(super) depth_max: i32,
    /// Whether numbers count that JSON does not have.
    pub(super) takes_invalid_numbers: bool,
}

/// A word of JSON; the names are those that errors show.
enum Token {
    ObjectBegin,
    ObjectEnd,
    ArrayBegin,
    ArrayEnd,
    String(Vec<u8>),
    Number(f64),
    Boolean(bool),
    Null,
    Colon,
    Comma,
    End,
    Error(&'static str),
}

impl Token {
    fn name(&self) -> &'static str {
        match self {
            Token::ObjectBegin => "T_OBJ_BEGIN",
            Token::ObjectEnd => "T_OBJ_END",
            Token::ArrayBegin => "T_ARR_BEGIN",
            Token::ArrayEnd => "T_ARR_END",
            Token::String(_) => "T_STRING",
            Token::Number(_) => "T_NUMBER",
            Token::Boolean(_) => "T_BOOLEAN",
            Token::Null => "T_NULL",
            Token::Colon => "T_COLON",
            Token::Comma => "T_COMMA",
            Token::End => "T_END",
            Token::Error(what) => what,
        }
    }
}

/// A table that is being filled.
enum Open {
    Array { table: Table, len: i64 },
    Object { table: Table, key: LuaValue },
}

/// Reads a whole document.
pub(super) fn decode(
    state: &mut LuaState,
    json: &[u8],
    options: &Options,
) -> Result<LuaValue, LuaError> {
    if let [0, _, ..] | [_, 0, ..] = json {
        return Err(refusal(state, "JSON parser does not support UTF-16 or UTF-32"));
    }
    let mut parser = Parser { json, at: 0, place: 0, options, open: Vec::new(), slots: 1 };
    let root = parser.document(state)?;
    match parser.token(state)? {
        Token::End => Ok(root),
        found => Err(parser.unexpected(state, "the end", &found)),
    }
}

struct Parser<'a> {
    json: &'a [u8],
    at: usize,
    /// Where the token begins that was read last, or where it turned out to be none.
    place: usize,
    options: &'a Options,
    open: Vec<Open>,
    /// Slots of Lua's stack that the real library would have in use: it ends where they do.
    slots: usize,
}

impl Parser<'_> {
    fn document(&mut self, state: &mut LuaState) -> Result<LuaValue, LuaError> {
        let mut token = self.token(state)?;
        loop {
            let mut value = match token {
                Token::String(text) => new_string(state, &text),
                Token::Number(number) => LuaValue::Float(number),
                Token::Boolean(is_true) => LuaValue::Bool(is_true),
                Token::Null => NULL,
                Token::ArrayBegin => {
                    let table = self.descend(state, 2)?;
                    token = self.token(state)?;
                    if !matches!(token, Token::ArrayEnd) {
                        self.open.push(Open::Array { table, len: 0 });
                        self.slots += 1;
                        continue;
                    }
                    LuaValue::Table(table)
                }
                Token::ObjectBegin => {
                    let table = self.descend(state, 3)?;
                    token = self.token(state)?;
                    if !matches!(token, Token::ObjectEnd) {
                        let key = self.key(state, token)?;
                        self.open.push(Open::Object { table, key });
                        self.slots += 2;
                        token = self.token(state)?;
                        continue;
                    }
                    LuaValue::Table(table)
                }
                found => return Err(self.unexpected(state, "value", &found)),
            };
            // What is complete may complete the tables around it.
            loop {
                if self.open.is_empty() {
                    return Ok(value);
                }
                self.keep(state, value)?;
                let next = self.token(state)?;
                match (self.open.last_mut(), next) {
                    (Some(Open::Array { table, .. }), Token::ArrayEnd) => {
                        value = LuaValue::Table(*table);
                        self.slots -= 1;
                    }
                    (Some(Open::Object { table, .. }), Token::ObjectEnd) => {
                        value = LuaValue::Table(*table);
                        self.slots -= 2;
                    }
                    (Some(Open::Array { .. }), Token::Comma) => {
                        token = self.token(state)?;
                        break;
                    }
                    (Some(Open::Object { .. }), Token::Comma) => {
                        let name = self.token(state)?;
                        let name = self.key(state, name)?;
                        if let Some(Open::Object { key, .. }) = self.open.last_mut() {
                            *key = name;
                        }
                        token = self.token(state)?;
                        break;
                    }
                    (Some(Open::Array { .. }), found) => {
                        return Err(self.unexpected(state, "comma or array end", &found));
                    }
                    (_, found) => {
                        return Err(self.unexpected(state, "comma or object end", &found));
                    }
                }
                self.open.pop();
            }
        }
    }

    /// A new table one level deeper, for which the real library asks for so many slots.
    fn descend(&mut self, state: &mut LuaState, slots: usize) -> Result<Table, LuaError> {
        let depth = self.open.len() + 1;
        if depth > self.options.depth_max as usize || !has_slots(self.slots, slots) {
            let at = self.at;
            let text = format!("Found too many nested data structures ({depth}) at character {at}");
            return Err(refusal(state, text));
        }
        Ok(state.new_table())
    }

    /// The key of an object and the colon behind it.
    fn key(&mut self, state: &mut LuaState, token: Token) -> Result<LuaValue, LuaError> {
        let Token::String(name) = token else {
            return Err(self.unexpected(state, "object key string", &token));
        };
        match self.token(state)? {
            Token::Colon => Ok(new_string(state, &name)),
            found => Err(self.unexpected(state, "colon", &found)),
        }
    }

    /// Puts a value into the innermost table.
    fn keep(&mut self, state: &mut LuaState, value: LuaValue) -> Result<(), LuaError> {
        let (table, key) = match self.open.last_mut() {
            Some(Open::Array { table, len }) => {
                *len += 1;
                (*table, LuaValue::Int(*len))
            }
            Some(Open::Object { table, key }) => (*table, *key),
            None => return Ok(()),
        };
        state.table_set_with_tm(&LuaValue::Table(table), key, value)
    }

    fn unexpected(&self, state: &LuaState, expected: &str, found: &Token) -> LuaError {
        let place = self.place + 1;
        let text = format!("Expected {expected} but found {} at character {place}", found.name());
        refusal(state, text)
    }

    /// The byte so far behind the next; a zero byte beyond the end, as in C.
    fn peek(&self, offset: usize) -> u8 {
        self.json.get(self.at + offset).copied().unwrap_or(0)
    }

    fn token(&mut self, state: &mut LuaState) -> Result<Token, LuaError> {
        while matches!(self.peek(0), b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
        }
        // White space counts, too.
        let steps = (self.at - self.place) / 16 + VALUE_STEPS;
        charge(state, steps, self.open.len() * size_of::<Open>())?;
        self.place = self.at;
        let sign = match self.peek(0) {
            b'{' => Token::ObjectBegin,
            b'}' => Token::ObjectEnd,
            b'[' => Token::ArrayBegin,
            b']' => Token::ArrayEnd,
            b':' => Token::Colon,
            b',' => Token::Comma,
            0 => return Ok(Token::End),
            b'"' => return Ok(self.string()),
            _ => return Ok(self.word()),
        };
        self.at += 1;
        Ok(sign)
    }

    /// A number, `true`, `false` or `null`.
    fn word(&mut self) -> Token {
        let rest = self.json.get(self.at..).unwrap_or_default();
        let is_number = matches!(rest, [b'-' | b'0'..=b'9', ..]);
        let words: [(&[u8], Token); 3] = [
            (b"true", Token::Boolean(true)),
            (b"false", Token::Boolean(false)),
            (b"null", Token::Null),
        ];
        for (word, token) in words {
            if rest.starts_with(word) {
                self.at += word.len();
                return token;
            }
        }
        let is_invalid = number::is_invalid(rest);
        let is_taken = is_invalid && self.options.takes_invalid_numbers;
        if !is_number && !is_taken {
            return Token::Error("invalid token");
        }
        if is_invalid && !is_taken {
            return Token::Error("invalid number");
        }
        let (number, len) = number::read(rest);
        if len == 0 {
            return Token::Error("invalid number");
        }
        self.at += len;
        Token::Number(number)
    }

    /// A string; what stands between its quotes may be any byte but zero.
    fn string(&mut self) -> Token {
        self.at += 1;
        let mut text = Vec::new();
        loop {
            let byte = match self.peek(0) {
                b'"' => break,
                0 => return self.error("unexpected end of string"),
                b'\\' => match self.peek(1) {
                    escaped @ (b'"' | b'\\' | b'/') => escaped,
                    b'b' => 0x08,
                    b'f' => 0x0C,
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'u' => {
                        let Some((character, len)) = self.unicode_escape() else {
                            return self.error("invalid unicode escape code");
                        };
                        let mut room = [0; 4];
                        text.extend_from_slice(character.encode_utf8(&mut room).as_bytes());
                        self.at += len;
                        continue;
                    }
                    _ => return self.error("invalid escape code"),
                },
                byte => {
                    text.push(byte);
                    self.at += 1;
                    continue;
                }
            };
            text.push(byte);
            self.at += 2;
        }
        self.at += 1;
        Token::String(text)
    }

    /// A token that is none, from here on.
    fn error(&mut self, what: &'static str) -> Token {
        self.place = self.at;
        Token::Error(what)
    }

    /// The character of `\u0041`, or of two of these that make up one, and its length.
    fn unicode_escape(&self) -> Option<(char, usize)> {
        let first = self.four_digits(2)?;
        if first & 0xF800 != 0xD800 {
            return Some((char::from_u32(first)?, 6));
        }
        if first & 0x400 != 0 || self.peek(6) != b'\\' || self.peek(7) != b'u' {
            return None;
        }
        let second = self.four_digits(8)?;
        if second & 0xFC00 != 0xDC00 {
            return None;
        }
        let code = ((first & 0x3FF) << 10 | second & 0x3FF) + 0x1_0000;
        Some((char::from_u32(code)?, 12))
    }

    fn four_digits(&self, offset: usize) -> Option<u32> {
        (offset..offset + 4).try_fold(0, |number, offset| {
            Some(number << 4 | char::from(self.peek(offset)).to_digit(16)?)
        })
    }
}
