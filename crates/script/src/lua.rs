//! Lua 5.1 as Redis has it: [`LuaVm`], made of omniLua's machine and what Redis adds and takes away.
//!
//! Every value of the machine stays in here; what comes out is RESP and plain data.

mod arguments;
mod bit;
mod budget;
mod checks;
mod cjson;
mod cmsgpack;
mod coroutine;
mod digits;
mod error;
mod host;
mod library;
mod native;
mod protected;
mod random;
mod read_only;
mod redis;
mod reply;
mod sandbox;
mod strings;
mod structs;
mod trace;
mod vm;

pub use vm::LuaVm;
