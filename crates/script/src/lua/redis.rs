//! The table `redis`: what a script can do beyond Lua.

use lua_types::{GcRef, LuaError, LuaString, LuaValue};
use lua_vm::api;
use lua_vm::state::LuaState;
use redarium_resp::Protocol;
use redarium_resp::number::{write_f64, write_i64};

use super::arguments::{Table, count, new_string, plain_error, value};
use super::host;
use super::reply::{Reader, set_field, tagged};
use super::sandbox::add_function;
use super::{budget, library};
use crate::{LogLevel, UnknownCommand};

/// How many arguments of a call fit without an allocation.
const WORDS_INLINE: usize = 16;

/// Fills the table for scripts, which have three functions more than functions of libraries have.
pub(super) fn register(state: &mut LuaState, table: Table, version: &str) -> Result<(), LuaError> {
    add_function(state, table, b"replicate_commands", |state| {
        state.push(LuaValue::Bool(true));
        Ok(1)
    })?;
    // There is no debugger behind these two, as on a server where none is attached.
    add_function(state, table, b"breakpoint", |state| {
        state.push(LuaValue::Bool(false));
        Ok(1)
    })?;
    add_function(state, table, b"debug", |_| Ok(0))?;
    register_for_functions(state, table, version)
}

/// Fills the table for functions of libraries.
pub(super) fn register_for_functions(
    state: &mut LuaState,
    table: Table,
    version: &str,
) -> Result<(), LuaError> {
    add_function(state, table, b"call", call)?;
    add_function(state, table, b"pcall", protected_call)?;
    add_function(state, table, b"error_reply", error_reply)?;
    add_function(state, table, b"status_reply", status_reply)?;
    add_function(state, table, b"sha1hex", sha1hex)?;
    add_function(state, table, b"setresp", setresp)?;
    add_function(state, table, b"set_repl", set_repl)?;
    add_function(state, table, b"acl_check_cmd", acl_check_cmd)?;
    for (name, flags) in [
        ("REPL_NONE", 0.0),
        ("REPL_AOF", 1.0),
        ("REPL_SLAVE", 2.0),
        ("REPL_REPLICA", 2.0),
        ("REPL_ALL", 3.0),
    ] {
        set_field(state, table, name.as_bytes(), LuaValue::Float(flags))?;
    }
    register_common(state, table, version)
}

/// Fills the table that a library's code sees while it is loaded.
pub(super) fn register_for_loading(
    state: &mut LuaState,
    table: Table,
    version: &str,
) -> Result<(), LuaError> {
    add_function(state, table, b"register_function", library::register_function)?;
    register_common(state, table, version)
}

fn register_common(state: &mut LuaState, table: Table, version: &str) -> Result<(), LuaError> {
    add_function(state, table, b"log", log)?;
    for (level, name) in
        ["LOG_DEBUG", "LOG_VERBOSE", "LOG_NOTICE", "LOG_WARNING"].iter().enumerate()
    {
        set_field(state, table, name.as_bytes(), LuaValue::Float(level as f64))?;
    }
    let text = new_string(state, version.as_bytes());
    set_field(state, table, b"REDIS_VERSION", text)?;
    let number = version
        .split('.')
        .fold(0_u32, |number, part| number << 8 | part.parse::<u32>().unwrap_or_default());
    set_field(state, table, b"REDIS_VERSION_NUM", LuaValue::Float(f64::from(number)))
}

/// A word of a call: a string of Lua, or the place of a number's digits.
#[derive(Clone, Copy)]
enum Word {
    Text(GcRef<LuaString>),
    Digits(usize, usize),
    Wrong,
}

/// The `index`th argument as a word; digits go to `digits`.
fn word(state: &LuaState, index: usize, digits: &mut Vec<u8>) -> Word {
    let start = digits.len();
    match value(state, index) {
        LuaValue::Str(text) => return Word::Text(text),
        LuaValue::Float(number) => write_f64(digits, number),
        LuaValue::Int(number) => write_i64(digits, number),
        _ => return Word::Wrong,
    }
    Word::Digits(start, digits.len())
}

/// Hands the words to `use_words`, without an allocation if there are few; `None` if one is neither string nor number.
fn with_words<R>(
    state: &LuaState,
    given: usize,
    digits: &mut Vec<u8>,
    use_words: impl FnOnce(&[&[u8]]) -> R,
) -> Option<R> {
    fn bytes<'a>(word: &'a Word, digits: &'a [u8]) -> &'a [u8] {
        match word {
            Word::Text(text) => text.as_bytes(),
            Word::Digits(start, end) => digits.get(*start..*end).unwrap_or_default(),
            Word::Wrong => b"",
        }
    }
    if given <= WORDS_INLINE {
        let mut words = [Word::Wrong; WORDS_INLINE];
        for (index, slot) in words.iter_mut().take(given).enumerate() {
            *slot = word(state, index, digits);
        }
        let words = words.get(..given).unwrap_or_default();
        if words.iter().any(|word| matches!(word, Word::Wrong)) {
            return None;
        }
        let mut slices: [&[u8]; WORDS_INLINE] = [b""; WORDS_INLINE];
        for (slice, word) in slices.iter_mut().zip(words) {
            *slice = bytes(word, digits);
        }
        return Some(use_words(slices.get(..given).unwrap_or_default()));
    }
    let words: Vec<Word> = (0..given).map(|index| word(state, index, digits)).collect();
    if words.iter().any(|word| matches!(word, Word::Wrong)) {
        return None;
    }
    let slices: Vec<&[u8]> = words.iter().map(|word| bytes(word, digits)).collect();
    Some(use_words(&slices))
}

/// Runs the command that the arguments name; `Err` is a call that failed.
fn run_command(state: &mut LuaState) -> Result<LuaValue, LuaError> {
    let given = count(state);
    if given == 0 {
        return Err(raise(
            state,
            b"ERR Please specify at least one argument for this redis lib call",
        ));
    }
    let outcome = host::with(|host, run| {
        let mut reply = std::mem::take(&mut run.reply);
        reply.clear();
        run.digits.clear();
        let protocol = run.protocol;
        let called = with_words(state, given, &mut run.digits, |words| {
            host.call(words, protocol, &mut reply);
        });
        (reply, called.is_some())
    });
    let Some((reply, called)) = outcome else {
        return Err(plain_error("redis.call/pcall can only be called inside a script invocation"));
    };
    let result = answer(state, &reply, called);
    host::with(|_, run| run.reply = reply);
    result
}

fn answer(state: &mut LuaState, reply: &[u8], called: bool) -> Result<LuaValue, LuaError> {
    if !called {
        return Err(raise(
            state,
            b"ERR Lua redis lib command arguments must be strings or integers",
        ));
    }
    budget::reserve(state, reply.len())?;
    let mut reader = Reader::new(reply);
    if let Some(text) = reader.error() {
        let error = raise(state, text);
        if let LuaError::Runtime(LuaValue::Table(table)) = error {
            set_field(state, table, b"ignore_error_stats_update", LuaValue::Bool(true))?;
        }
        return Err(error);
    }
    reader.value(state)
}

/// The table `{err = text}` as an error.
pub(super) fn raise(state: &mut LuaState, text: &[u8]) -> LuaError {
    let text = new_string(state, text);
    match tagged(state, b"err", text) {
        Ok(table) => LuaError::Runtime(table),
        Err(error) => error,
    }
}

fn call(state: &mut LuaState) -> Result<usize, LuaError> {
    let value = run_command(state)?;
    state.push(value);
    Ok(1)
}

fn protected_call(state: &mut LuaState) -> Result<usize, LuaError> {
    let value = match run_command(state) {
        Err(LuaError::Runtime(error)) if !state.sandbox_aborting() => error,
        other => other?,
    };
    state.push(value);
    Ok(1)
}

/// The one argument of a function that takes a string, or the error that it returns instead.
fn only_string(state: &mut LuaState) -> Result<GcRef<LuaString>, LuaValue> {
    if let (1, LuaValue::Str(text)) = (count(state), value(state, 0)) {
        return Ok(text);
    }
    let text = new_string(state, b"ERR wrong number or type of arguments");
    Err(tagged(state, b"err", text).unwrap_or_default())
}

/// An error's code is its first word if there are two; else it is ERR.
fn error_reply(state: &mut LuaState) -> Result<usize, LuaError> {
    let table = match only_string(state) {
        Ok(text) => {
            let text = text.as_bytes();
            let text = text.strip_prefix(b"-").unwrap_or(text);
            let text = if text.contains(&b' ') {
                text.to_vec()
            } else {
                [b"ERR ".as_slice(), text].concat()
            };
            let text = new_string(state, without_line_break(&text));
            tagged(state, b"err", text)?
        }
        Err(table) => table,
    };
    state.push(table);
    Ok(1)
}

/// Cuts line breaks off the end.
fn without_line_break(mut text: &[u8]) -> &[u8] {
    while let [before @ .., b'\r' | b'\n'] = text {
        text = before;
    }
    text
}

fn status_reply(state: &mut LuaState) -> Result<usize, LuaError> {
    let table = match only_string(state) {
        Ok(text) => tagged(state, b"ok", LuaValue::Str(text))?,
        Err(table) => table,
    };
    state.push(table);
    Ok(1)
}

fn sha1hex(state: &mut LuaState) -> Result<usize, LuaError> {
    if count(state) != 1 {
        return Err(raise(state, b"ERR wrong number of arguments"));
    }
    let text = api::to_lua_string(state, 1)?;
    let digest = sha1_smol::Sha1::from(text.as_ref().map_or(&b""[..], |text| text.as_bytes()));
    let digest = new_string(state, digest.digest().to_string().as_bytes());
    state.push(digest);
    Ok(1)
}

fn log(state: &mut LuaState) -> Result<usize, LuaError> {
    if count(state) < 2 {
        return Err(raise(state, b"ERR redis.log() requires two arguments or more."));
    }
    let (LuaValue::Float(_) | LuaValue::Int(_)) = value(state, 0) else {
        return Err(raise(state, b"ERR First argument must be a number (log level)."));
    };
    let level = match api::to_number_x(state, 1).unwrap_or(-1.0) as i64 {
        0 => LogLevel::Debug,
        1 => LogLevel::Verbose,
        2 => LogLevel::Notice,
        3 => LogLevel::Warning,
        _ => return Err(raise(state, b"ERR Invalid debug level.")),
    };
    let mut message = Vec::new();
    for number in 2..=count(state) as i32 {
        if let Some(text) = api::to_lua_string(state, number)? {
            if number > 2 {
                message.push(b' ');
            }
            message.extend_from_slice(text.as_bytes());
        }
    }
    host::with(|host, _| host.log(level, &message));
    Ok(0)
}

fn setresp(state: &mut LuaState) -> Result<usize, LuaError> {
    if count(state) != 1 {
        return Err(raise(state, b"ERR redis.setresp() requires one argument."));
    }
    let protocol = match api::to_number_x(state, 1).unwrap_or_default() as i64 {
        2 => Protocol::Resp2,
        3 => Protocol::Resp3,
        _ => return Err(raise(state, b"ERR RESP version must be 2 or 3.")),
    };
    host::with(|_, run| run.protocol = protocol);
    Ok(0)
}

fn set_repl(state: &mut LuaState) -> Result<usize, LuaError> {
    if count(state) != 1 {
        return Err(raise(state, b"ERR redis.set_repl() requires two arguments."));
    }
    let flags = api::to_number_x(state, 1).unwrap_or_default() as i64;
    let Some(flags) = u8::try_from(flags).ok().filter(|flags| *flags <= 3) else {
        return Err(raise(
            state,
            b"ERR Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.",
        ));
    };
    host::with(|host, _| host.set_repl(flags));
    Ok(0)
}

fn acl_check_cmd(state: &mut LuaState) -> Result<usize, LuaError> {
    let given = count(state);
    if given == 0 {
        return Err(raise(
            state,
            b"ERR Please specify at least one argument for this redis lib call",
        ));
    }
    let mut digits = Vec::new();
    let outcome = with_words(state, given, &mut digits, |words| {
        host::with(|host, _| host.may_run(words)).unwrap_or(Err(UnknownCommand))
    });
    match outcome {
        None => {
            Err(raise(state, b"ERR Lua redis lib command arguments must be strings or integers"))
        }
        Some(Err(UnknownCommand)) => {
            Err(raise(state, b"ERR Invalid command passed to redis.acl_check_cmd()"))
        }
        Some(Ok(may)) => {
            state.push(LuaValue::Bool(may));
            Ok(1)
        }
    }
}

/// `__redis__err__handler`: an error with the place where it arose, for `xpcall`.
pub(super) fn error_handler(state: &mut LuaState) -> Result<usize, LuaError> {
    let error = value(state, 0);
    let place = super::error::place(state, 1);
    let table = if let LuaValue::Table(table) = error {
        table
    } else {
        let text = super::error::text(state, error);
        let text = new_string(state, &text);
        let table = state.new_table();
        set_field(state, table, b"err", text)?;
        table
    };
    if let Some(place) = place {
        let source = new_string(state, &place.source);
        set_field(state, table, b"source", source)?;
        set_field(state, table, b"line", LuaValue::Float(f64::from(place.line)))?;
    }
    state.push(LuaValue::Table(table));
    Ok(1)
}
