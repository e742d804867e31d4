//! Functions of `string` and `table` that can make much of little, under the budget, and with the texts of Lua 5.1.

use lua_stdlib::{string_lib, table_lib};
use lua_types::{LuaClosure, LuaError, LuaValue};
use lua_vm::api;
use lua_vm::state::{LuaState, LuaTableRefExt as _};

use super::arguments::{Table, count, new_string, plain_error, value};
use super::budget;
use super::checks::{bad_argument, refusal};
use super::digits;
use super::host;
use super::native::{call_original, set_argument, upvalue, wrap};
use super::read_only::content;
use super::sandbox::add_function;

/// The most repeated items and captures of a pattern.
const PATTERN_ITEMS_MAX: usize = 200;

/// Puts the functions into the libraries of `globals`.
pub(super) fn register(state: &mut LuaState, globals: Table) -> Result<(), LuaError> {
    if let LuaValue::Table(string) = globals.get_str_bytes(b"string") {
        add_function(state, string, b"rep", rep)?;
        add_function(state, string, b"format", format)?;
        add_function(state, string, b"gsub", gsub)?;
        add_function(state, string, b"find", find)?;
        add_function(state, string, b"match", string_match)?;
        add_function(state, string, b"gmatch", gmatch)?;
        add_function(state, string, b"gfind", gmatch)?;
        add_function(state, string, b"char", char)?;
    }
    if let LuaValue::Table(table) = globals.get_str_bytes(b"table") {
        add_function(state, table, b"concat", concat)?;
        add_function(state, table, b"insert", insert)?;
        add_function(state, table, b"remove", remove)?;
        add_function(state, table, b"sort", sort)?;
        add_function(state, table, b"setn", |state| Err(refusal(state, "'setn' is obsolete")))?;
    }
    wrap(state, globals, b"load", |state| {
        let given = value(state, 0);
        if !matches!(given, LuaValue::Function(_)) {
            let got = if count(state) == 0 { "no value" } else { given.type_name() };
            return Err(bad_argument(state, 1, format!("function expected, got {got}")));
        }
        load(state)
    })?;
    wrap(state, globals, b"loadstring", load)
}

/// The length of an argument that is a string, else 0.
fn length(state: &LuaState, index: usize) -> usize {
    match value(state, index) {
        LuaValue::Str(text) => text.as_bytes().len(),
        _ => 0,
    }
}

fn rep(state: &mut LuaState) -> Result<usize, LuaError> {
    let times = api::to_number_x(state, 2).unwrap_or_default().max(0.0);
    // A cast of a double stops at the ends of the type.
    let times = times as usize;
    budget::reserve(state, length(state, 0).saturating_mul(times))?;
    string_lib::str_rep(state)
}

fn format(state: &mut LuaState) -> Result<usize, LuaError> {
    let bytes: usize = (0..count(state)).map(|index| length(state, index)).sum();
    budget::reserve(state, bytes)?;
    print_doubles(state);
    string_lib::str_format(state).map_err(|error| with_texts_of_5_1(state, error))
}

/// Prints the doubles among the arguments of `string.format`.
fn print_doubles(state: &mut LuaState) {
    let LuaValue::Str(format) = value(state, 0) else { return };
    let mut texts = Vec::new();
    let number = |index| match value(state, index) {
        LuaValue::Float(number) => Some(number).filter(|number| number.is_finite()),
        _ => None,
    };
    let taken =
        digits::take_over(format.as_bytes(), number, |index, text| texts.push((index, text)));
    let Some(format) = taken else { return };
    for (index, text) in texts {
        let text = new_string(state, text.as_bytes());
        set_argument(state, index, text);
    }
    let format = new_string(state, &format);
    set_argument(state, 0, format);
}

/// What the machine says of a bad format since Lua 5.4 was two texts before.
fn with_texts_of_5_1(state: &LuaState, error: LuaError) -> LuaError {
    const NEW: &[u8] = b"invalid conversion ";
    let text = error.message_bytes().unwrap_or_default();
    let Some(at) = text.windows(NEW.len()).position(|window| window == NEW) else { return error };
    let given = text.get(at + NEW.len()..).unwrap_or_default();
    let given = given.split(|&byte| byte == b'\'').nth(1).unwrap_or_default();
    let digits = given.iter().filter(|byte| byte.is_ascii_digit()).count();
    if digits > 2 {
        return refusal(state, "invalid format (width or precision too long)");
    }
    refusal(state, [b"invalid option '".as_slice(), given, b"' to 'format'"].concat())
}

/// The matcher calls itself once for each repeated item and each capture of a pattern, so their number has an end.
fn check_pattern(state: &LuaState) -> Result<(), LuaError> {
    let LuaValue::Str(pattern) = value(state, 1) else { return Ok(()) };
    let pattern = pattern.as_bytes();
    if pattern.len() <= PATTERN_ITEMS_MAX {
        return Ok(());
    }
    let items = pattern.iter().filter(|byte| b"?*+-()".contains(byte)).count();
    if items > PATTERN_ITEMS_MAX { Err(refusal(state, "pattern too complex")) } else { Ok(()) }
}

fn gmatch(state: &mut LuaState) -> Result<usize, LuaError> {
    check_pattern(state)?;
    string_lib::gmatch(state)
}

fn find(state: &mut LuaState) -> Result<usize, LuaError> {
    if !api::to_boolean(state, 4) {
        check_pattern(state)?;
    }
    clamp_start(state)?;
    string_lib::str_find(state)
}

fn string_match(state: &mut LuaState) -> Result<usize, LuaError> {
    check_pattern(state)?;
    clamp_start(state)?;
    string_lib::str_match(state)
}

/// In Lua 5.1 a search that begins behind the end begins at the end. A long text is charged for being looked through.
fn clamp_start(state: &mut LuaState) -> Result<(), LuaError> {
    let len = length(state, 0);
    if count(state) >= 3
        && let Some(start) = api::to_number_x(state, 3)
        && start > len as f64 + 1.0
    {
        set_argument(state, 2, LuaValue::Float(len as f64 + 1.0));
    }
    if len >= 1024 { budget::work(state, len / 16) } else { Ok(()) }
}

fn char(state: &mut LuaState) -> Result<usize, LuaError> {
    for number in 1..=count(state) {
        if let Some(code) = api::to_number_x(state, number as i32)
            && !(0.0..256.0).contains(&code.trunc())
        {
            return Err(bad_argument(state, number, "invalid value"));
        }
    }
    string_lib::str_char(state)
}

fn gsub(state: &mut LuaState) -> Result<usize, LuaError> {
    check_pattern(state)?;
    let len = length(state, 0);
    let outcome = match value(state, 2) {
        LuaValue::Str(replacement) => {
            let added = replacement.as_bytes().len();
            let captures = replacement.as_bytes().split(|&byte| byte == b'%').count() - 1;
            let most = (len + 1).saturating_mul(added).saturating_add(len * (captures + 1));
            if most > 1 << 16 {
                // How often the pattern matches is known after a run that keeps nothing.
                let matches = count_matches(state)?;
                let size = matches.saturating_mul(added).saturating_add(len * (captures + 1));
                budget::reserve(state, size)?;
            }
            string_lib::str_gsub(state)
        }
        replacement @ (LuaValue::Table(_) | LuaValue::Function(_)) => {
            let before = host::with(|_, run| std::mem::take(&mut run.substituted));
            state.push(replacement);
            api::push_cclosure(state, substitute, 1)?;
            let counted = state.pop();
            set_argument(state, 2, counted);
            let outcome = string_lib::str_gsub(state);
            host::with(|_, run| run.substituted = before.unwrap_or_default());
            outcome
        }
        _ => string_lib::str_gsub(state),
    };
    outcome.map_err(shorten)
}

/// The text of Lua 5.1 ends where the machine's goes on.
fn shorten(error: LuaError) -> LuaError {
    const TEXT: &[u8] = b"invalid capture index";
    let Some(text) = error.message_bytes() else { return error };
    match text.windows(TEXT.len()).position(|window| window == TEXT) {
        Some(at) => plain_error(text.get(..at + TEXT.len()).unwrap_or_default()),
        None => error,
    }
}

fn count_matches(state: &mut LuaState) -> Result<usize, LuaError> {
    let arguments: Vec<LuaValue> = (0..count(state)).map(|index| value(state, index)).collect();
    let index = state.register_c_function(string_lib::str_gsub, true);
    state.push(LuaValue::Function(LuaClosure::LightC(index)));
    for (index, argument) in arguments.iter().enumerate() {
        let is_replacement = index == 2;
        let argument = if is_replacement { new_string(state, b"") } else { *argument };
        state.push(argument);
    }
    api::call_k(state, arguments.len() as i32, 2, 0, None)?;
    let matches = state.pop();
    state.pop();
    Ok(match matches {
        LuaValue::Int(number) => number.max(0) as usize,
        LuaValue::Float(number) => number as usize,
        _ => 0,
    })
}

/// Calls or looks into the replacement that a script has given, and adds up what comes of it.
fn substitute(state: &mut LuaState) -> Result<usize, LuaError> {
    let captures = count(state);
    let replacement = upvalue(state, 0);
    let result = if let LuaValue::Table(_) = replacement {
        let key = value(state, 0);
        state.table_get_with_tm(&replacement, &key)?
    } else {
        state.push(replacement);
        state.insert(1)?;
        api::call_k(state, captures as i32, 1, 0, None)?;
        state.pop()
    };
    if let LuaValue::Str(text) = result {
        let len = text.as_bytes().len();
        let sum = host::with(|_, run| {
            run.substituted += len;
            run.substituted
        });
        budget::reserve(state, sum.unwrap_or_default())?;
    }
    state.push(result);
    Ok(1)
}

/// The whole number in an argument, if it is one.
fn index(state: &LuaState, number: i32) -> Option<i64> {
    api::to_number_x(state, number).map(|number| number as i64)
}

fn concat(state: &mut LuaState) -> Result<usize, LuaError> {
    if let LuaValue::Table(table) = value(state, 0) {
        let separator = length(state, 1);
        let first = index(state, 3).unwrap_or(1);
        let last = index(state, 4).unwrap_or_else(|| table.getn() as i64);
        let mut bytes = 0_usize;
        let mut at = first;
        while at <= last {
            match table.get_int(at) {
                LuaValue::Str(text) => bytes += text.as_bytes().len(),
                LuaValue::Float(_) | LuaValue::Int(_) => bytes += 16,
                _ => break,
            }
            bytes = bytes.saturating_add(separator);
            at += 1;
        }
        budget::work(state, (at - first) as usize / 4)?;
        budget::reserve(state, bytes)?;
    }
    table_lib::concat(state)
}

/// Moving elements aside is work that grows with the table.
fn charge_shift(state: &mut LuaState, position: i32) -> Result<(), LuaError> {
    if let LuaValue::Table(table) = value(state, 0) {
        let len = table.getn() as i64;
        let moved = index(state, position).map_or(0, |position| len.saturating_sub(position));
        if moved > 64 {
            return budget::work(state, moved as usize / 4);
        }
    }
    Ok(())
}

fn insert(state: &mut LuaState) -> Result<usize, LuaError> {
    let given = count(state);
    if matches!(value(state, 0), LuaValue::Table(_)) && !(2..=3).contains(&given) {
        return Err(refusal(state, "wrong number of arguments to 'insert'"));
    }
    if given == 3 {
        if let (LuaValue::Table(table), Some(position)) = (value(state, 0), index(state, 2)) {
            let end = table.getn() as i64 + 1;
            if position < 1 || position > end {
                return insert_aside(state, table, position, end);
            }
        }
        charge_shift(state, 2)?;
    }
    table_lib::insert(state)
}

/// Lua 5.1 takes any position: behind the end it leaves a gap, before the start it moves everything from there on.
fn insert_aside(
    state: &mut LuaState,
    table: Table,
    position: i64,
    end: i64,
) -> Result<usize, LuaError> {
    if content(LuaValue::Table(table)).is_some() {
        return Err(plain_error("Attempt to modify a readonly table"));
    }
    let element = value(state, 2);
    let mut at = end;
    budget::work(state, end.saturating_sub(position).max(0) as usize)?;
    while at > position {
        let moved = table.get_int(at - 1);
        table.raw_set_int(state, at, moved)?;
        at -= 1;
    }
    state.gc_table_barrier_back(&table, &element);
    table.raw_set_int(state, position, element)?;
    Ok(0)
}

fn remove(state: &mut LuaState) -> Result<usize, LuaError> {
    charge_shift(state, 2)?;
    table_lib::remove(state)
}

fn sort(state: &mut LuaState) -> Result<usize, LuaError> {
    if let LuaValue::Table(table) = value(state, 0) {
        let len = table.getn() as usize;
        if len > 16 {
            budget::work(state, len * (len.ilog2() as usize + 1) / 2)?;
        }
    }
    table_lib::sort(state)
}

/// Only text is code, and what it concatenates is noted.
fn load(state: &mut LuaState) -> Result<usize, LuaError> {
    if let LuaValue::Str(source) = value(state, 0) {
        if source.as_bytes().first() == Some(&0x1B) {
            state.push(LuaValue::Nil);
            return Ok(1);
        }
        budget::work(state, source.as_bytes().len() / 4)?;
    }
    let results = call_original(state)?;
    let first = state.top_idx() - results as i32;
    if let LuaValue::Function(LuaClosure::Lua(function)) = state.get_at(first) {
        host::with(|_, run| run.meter.note_code(function.proto));
    }
    Ok(results)
}
