//! The library `cjson`: JSON both ways.
//!
//! Its settings belong to the table that `cjson.new` makes; those of the global one last from script to script.

mod decode;
mod encode;
mod number;

use std::cell::RefCell;
use std::ops::RangeInclusive;

use lua_types::closure::LuaCClosure;
use lua_types::{GcRef, LuaClosure, LuaError, LuaValue};
use lua_vm::state::{LuaCFunction, LuaState};

use super::arguments::{Table, count, new_string, value};
use super::budget;
use super::checks::{VALUE_STEPS, bad_argument, charge, text, whole};
use super::reply::set_field;
use super::structs::push_all;

/// What the functions of one table are set to. Each keeps them in its first upvalue, a table of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i64)]
enum Setting {
    SparseConvert = 1,
    SparseRatio,
    SparseSafe,
    EncodeMaxDepth,
    DecodeMaxDepth,
    EncodeInvalidNumbers,
    DecodeInvalidNumbers,
    KeepBuffer,
    NumberPrecision,
}

/// Each setting and what it begins as.
const DEFAULTS: [(Setting, i32); 9] = [
    (Setting::SparseConvert, 0),
    (Setting::SparseRatio, 2),
    (Setting::SparseSafe, 10),
    (Setting::EncodeMaxDepth, 1000),
    (Setting::DecodeMaxDepth, 1000),
    (Setting::EncodeInvalidNumbers, 0),
    (Setting::DecodeInvalidNumbers, 1),
    (Setting::KeepBuffer, 1),
    (Setting::NumberPrecision, 14),
];

/// How much larger than a text of many small values these are themselves, at a guess.
const ROOM: usize = 16;

/// The names of a choice that is no more than yes or no.
const OFF_ON: &[&str] = &["off", "on"];

/// `null` of JSON, which nil could not stand for: a table would lose it.
const NULL: LuaValue = LuaValue::LightUserData(std::ptr::null_mut());

/// Whether a value is [`NULL`].
fn is_null(value: LuaValue) -> bool {
    matches!(value, LuaValue::LightUserData(pointer) if pointer.is_null())
}

/// Fills the table, with settings of its own.
pub(super) fn register(state: &mut LuaState, table: Table) -> Result<(), LuaError> {
    let settings = state.new_table_with_sizes(DEFAULTS.len() as u32, 0)?;
    for (setting, default) in DEFAULTS {
        set(state, settings, setting, default)?;
    }
    let functions: [(&[u8], LuaCFunction); 10] = [
        (b"encode", encode),
        (b"decode", decode),
        (b"encode_sparse_array", encode_sparse_array),
        (b"encode_max_depth", |state| bounded(state, Setting::EncodeMaxDepth, 1..=i32::MAX)),
        (b"decode_max_depth", |state| bounded(state, Setting::DecodeMaxDepth, 1..=i32::MAX)),
        (b"encode_number_precision", |state| bounded(state, Setting::NumberPrecision, 1..=14)),
        (b"encode_keep_buffer", |state| switch(state, Setting::KeepBuffer, OFF_ON)),
        (b"encode_invalid_numbers", |state| {
            switch(state, Setting::EncodeInvalidNumbers, &["off", "on", "null"])
        }),
        (b"decode_invalid_numbers", |state| switch(state, Setting::DecodeInvalidNumbers, OFF_ON)),
        (b"new", new),
    ];
    for (name, function) in functions {
        let func = state.register_c_function(function, true);
        let upvalues = RefCell::new(vec![LuaValue::Table(settings)]);
        let closure = GcRef::new(LuaCClosure { func, upvalues });
        closure.account_buffer(closure.buffer_bytes() as isize);
        set_field(state, table, name, LuaValue::Function(LuaClosure::C(closure)))?;
    }
    set_field(state, table, b"null", NULL)?;
    let name = new_string(state, b"cjson");
    set_field(state, table, b"_NAME", name)?;
    let version = new_string(state, b"2.1.0");
    set_field(state, table, b"_VERSION", version)
}

/// The settings of the function that runs.
fn settings(state: &LuaState) -> Option<Table> {
    let function = state.get_at(state.current_call_info().func);
    let LuaValue::Function(LuaClosure::C(closure)) = function else { return None };
    match closure.upvalues.borrow().first() {
        Some(LuaValue::Table(settings)) => Some(*settings),
        _ => None,
    }
}

fn get(state: &LuaState, setting: Setting) -> i32 {
    let stored = settings(state).map_or(LuaValue::Nil, |table| table.get_int(setting as i64));
    match stored {
        LuaValue::Float(number) => number as i32,
        _ => 0,
    }
}

fn set(
    state: &mut LuaState,
    settings: Table,
    setting: Setting,
    number: i32,
) -> Result<(), LuaError> {
    let key = LuaValue::Int(setting as i64);
    let number = LuaValue::Float(f64::from(number));
    state.table_set_with_tm(&LuaValue::Table(settings), key, number)
}

/// Sets the running function's setting.
fn store(state: &mut LuaState, setting: Setting, number: i32) -> Result<(), LuaError> {
    match settings(state) {
        Some(table) => set(state, table, setting, number),
        None => Ok(()),
    }
}

fn encode(state: &mut LuaState) -> Result<usize, LuaError> {
    only_one(state)?;
    budget::make_room(state, 0);
    let root = value(state, 0);
    let options = encode::Options {
        sparse_convert: get(state, Setting::SparseConvert) != 0,
        sparse_ratio: get(state, Setting::SparseRatio),
        sparse_safe: get(state, Setting::SparseSafe),
        depth_max: get(state, Setting::EncodeMaxDepth),
        invalid_numbers: match get(state, Setting::EncodeInvalidNumbers) {
            0 => encode::InvalidNumbers::Refuse,
            1 => encode::InvalidNumbers::Write,
            _ => encode::InvalidNumbers::Null,
        },
        precision: get(state, Setting::NumberPrecision),
    };
    let json = encode::encode(state, root, &options)?;
    let json = new_string(state, &json);
    state.push(json);
    Ok(1)
}

fn decode(state: &mut LuaState) -> Result<usize, LuaError> {
    only_one(state)?;
    let json = text(state, 1)?;
    let options = decode::Options {
        depth_max: get(state, Setting::DecodeMaxDepth),
        takes_invalid_numbers: get(state, Setting::DecodeInvalidNumbers) != 0,
    };
    budget::make_room(state, json.as_bytes().len().saturating_mul(ROOM));
    let root = decode::decode(state, json.as_bytes(), &options)?;
    state.push(root);
    Ok(1)
}

/// A table like this one, with settings that begin as the defaults.
fn new(state: &mut LuaState) -> Result<usize, LuaError> {
    budget::make_room(state, 0);
    // Each name has to be found again among all functions of the machine.
    charge(state, 100 * VALUE_STEPS, 0)?;
    let table = state.new_table();
    register(state, table)?;
    state.push(LuaValue::Table(table));
    Ok(1)
}

fn only_one(state: &mut LuaState) -> Result<(), LuaError> {
    if count(state) == 1 {
        return Ok(());
    }
    Err(bad_argument(state, 1, "expected 1 argument"))
}

/// Refuses more arguments than `most`.
fn accept(state: &mut LuaState, most: usize) -> Result<(), LuaError> {
    if count(state) <= most {
        return Ok(());
    }
    Err(bad_argument(state, most + 1, "found too many arguments"))
}

fn encode_sparse_array(state: &mut LuaState) -> Result<usize, LuaError> {
    accept(state, 3)?;
    let convert = choice(state, Setting::SparseConvert, OFF_ON)?;
    let ratio = integer(state, 2, Setting::SparseRatio, 0..=i32::MAX)?;
    let safe = integer(state, 3, Setting::SparseSafe, 0..=i32::MAX)?;
    Ok(push_all(state, &[convert, ratio, safe]))
}

/// The function of a setting that is a number.
fn bounded(
    state: &mut LuaState,
    setting: Setting,
    range: RangeInclusive<i32>,
) -> Result<usize, LuaError> {
    accept(state, 1)?;
    let number = integer(state, 1, setting, range)?;
    Ok(push_all(state, &[number]))
}

/// The function of a setting that is a choice.
fn switch(state: &mut LuaState, setting: Setting, choices: &[&str]) -> Result<usize, LuaError> {
    accept(state, 1)?;
    let chosen = choice(state, setting, choices)?;
    Ok(push_all(state, &[chosen]))
}

/// Sets a number unless the argument is nil; what it is then.
fn integer(
    state: &mut LuaState,
    number: usize,
    setting: Setting,
    range: RangeInclusive<i32>,
) -> Result<LuaValue, LuaError> {
    if !value(state, number - 1).is_nil() {
        let given = whole(state, number)?;
        let Some(given) = i32::try_from(given).ok().filter(|given| range.contains(given)) else {
            let text = format!("expected integer between {} and {}", range.start(), range.end());
            return Err(bad_argument(state, 1, text));
        };
        store(state, setting, given)?;
    }
    Ok(LuaValue::Float(f64::from(get(state, setting))))
}

/// Sets one of several choices, of which the first two are also false and true, unless the argument is nil; what it is then.
fn choice(state: &mut LuaState, setting: Setting, choices: &[&str]) -> Result<LuaValue, LuaError> {
    match value(state, 0) {
        LuaValue::Nil => {}
        LuaValue::Bool(is_on) => store(state, setting, i32::from(is_on))?,
        _ => {
            let given = text(state, 1)?;
            let given = given.as_bytes();
            let Some(index) = choices.iter().position(|choice| choice.as_bytes() == given) else {
                let text = [b"invalid option '".as_slice(), given, b"'"].concat();
                return Err(bad_argument(state, 1, text));
            };
            store(state, setting, index as i32)?;
        }
    }
    let chosen = get(state, setting);
    match choices.get(chosen as usize) {
        Some(name) if chosen > 1 => Ok(new_string(state, name.as_bytes())),
        _ => Ok(LuaValue::Bool(chosen == 1)),
    }
}
