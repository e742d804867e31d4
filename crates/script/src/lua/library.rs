//! Libraries of functions: what their code may do while it is loaded, and what it registers.

use lua_types::{LuaError, LuaValue};
use lua_vm::state::{ExternalRootKey, LuaState};

use super::arguments::{count, value};
use super::host;
use super::redis::raise;
use crate::{Flags, Function, Shebang};

/// A function that a library has registered.
#[derive(Clone, Debug)]
pub(super) struct Registered {
    pub(super) function: Function,
    /// Keeps the callback from being collected.
    pub(super) callback: ExternalRootKey,
}

/// What the first line of a library's code says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header<'a> {
    pub(super) name: &'a [u8],
    /// The code from the end of that line on.
    pub(super) body: &'a [u8],
}

/// Reads the first line; the error is Redis's.
pub(super) fn header(code: &[u8]) -> Result<Header<'_>, Vec<u8>> {
    let Some(shebang) = Shebang::read(code) else {
        return Err(b"ERR Missing library metadata".to_vec());
    };
    if shebang.body.is_empty() {
        return Err(b"ERR Invalid library metadata".to_vec());
    }
    let mut name = None;
    for word in &shebang.words {
        let Some(given) = word.strip_prefix(b"name=") else {
            return Err([b"ERR Invalid metadata value given: ".as_slice(), word].concat());
        };
        if name.replace(given).is_some() {
            return Err(
                b"ERR Invalid metadata value, name argument was given multiple times".to_vec()
            );
        }
    }
    let Some(name) = name else {
        return Err(b"ERR Library name was not given".to_vec());
    };
    if !is_name(name) {
        return Err([b"ERR ".as_slice(), NAMES.as_bytes()].concat());
    }
    let engine = shebang.engine.get(2..).unwrap_or_default();
    if !engine.eq_ignore_ascii_case(b"lua") {
        return Err([b"ERR Engine '".as_slice(), engine, b"' not found"].concat());
    }
    Ok(Header { name, body: shebang.body })
}

const NAMES: &str = "Library names can only contain letters, numbers, or underscores(_) and must be at least one character long";

fn is_name(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}

/// `redis.register_function`, in both of its forms.
pub(super) fn register_function(state: &mut LuaState) -> Result<usize, LuaError> {
    let registered = match count(state) {
        1 => from_table(value(state, 0)),
        2 => from_two(value(state, 0), value(state, 1)),
        _ => Err("wrong number of arguments to redis.register_function"),
    };
    let outcome = registered.and_then(|registered| {
        if !is_name(&registered.0.name) {
            return Err(NAMES);
        }
        let (function, callback) = registered;
        let callback = state.external_root_value(callback);
        let registered = Registered { function, callback };
        host::with(|_, run| add(run.registered.as_mut(), registered)).unwrap_or(Err(ONLY_LOADING))
    });
    match outcome {
        Ok(()) => Ok(0),
        Err(text) => Err(raise(state, format!("ERR {text}").as_bytes())),
    }
}

const ONLY_LOADING: &str = "redis.register_function can only be called on FUNCTION LOAD command";

fn add(list: Option<&mut Vec<Registered>>, new: Registered) -> Result<(), &'static str> {
    let list = list.ok_or(ONLY_LOADING)?;
    if list.iter().any(|old| old.function.name == new.function.name) {
        return Err("Function already exists in the library");
    }
    list.push(new);
    Ok(())
}

/// A string or the digits of a number.
fn text(value: LuaValue) -> Option<Vec<u8>> {
    match value {
        LuaValue::Str(text) => Some(text.as_bytes().to_vec()),
        LuaValue::Float(number) => {
            let mut digits = Vec::new();
            redarium_resp::number::write_f64(&mut digits, number);
            Some(digits)
        }
        _ => None,
    }
}

fn from_two(name: LuaValue, callback: LuaValue) -> Result<(Function, LuaValue), &'static str> {
    let name = text(name).ok_or("first argument to redis.register_function must be a string")?;
    if !matches!(callback, LuaValue::Function(_)) {
        return Err("second argument to redis.register_function must be a function");
    }
    let function = Function { name, description: None, flags: Flags::default() };
    Ok((function, callback))
}

fn from_table(given: LuaValue) -> Result<(Function, LuaValue), &'static str> {
    let LuaValue::Table(table) = given else {
        return Err(
            "calling redis.register_function with a single argument is only applicable to Lua table (representing named arguments).",
        );
    };
    let (mut name, mut description, mut callback) = (None, None, None);
    let mut flags = Flags::default();
    let mut key = LuaValue::Nil;
    while let Some((next, value)) = table.next_pair(&key) {
        key = next;
        let Some(field) = text(key) else {
            return Err("named argument key given to redis.register_function is not a string");
        };
        if field.eq_ignore_ascii_case(b"function_name") {
            name = Some(text(value).ok_or(
                "function_name argument given to redis.register_function must be a string",
            )?);
        } else if field.eq_ignore_ascii_case(b"description") {
            description =
                Some(text(value).ok_or(
                    "description argument given to redis.register_function must be a string",
                )?);
        } else if field.eq_ignore_ascii_case(b"callback") {
            if !matches!(value, LuaValue::Function(_)) {
                return Err(
                    "callback argument given to redis.register_function must be a function",
                );
            }
            callback = Some(value);
        } else if field.eq_ignore_ascii_case(b"flags") {
            flags = read_flags(value)?;
        } else {
            return Err("unknown argument given to redis.register_function");
        }
    }
    let name = name.ok_or("redis.register_function must get a function name argument")?;
    let callback = callback.ok_or("redis.register_function must get a callback argument")?;
    Ok((Function { name, description, flags }, callback))
}

fn read_flags(given: LuaValue) -> Result<Flags, &'static str> {
    let LuaValue::Table(table) = given else {
        return Err(
            "flags argument to redis.register_function must be a table representing function flags",
        );
    };
    let mut flags = Flags::default();
    for index in 1.. {
        match table.get_int(index) {
            LuaValue::Nil => break,
            LuaValue::Str(name) => {
                flags = flags.with(Flags::named(name.as_bytes()).ok_or("unknown flag given")?);
            }
            _ => return Err("unknown flag given"),
        }
    }
    Ok(flags)
}
