//! Lua 5.1 as Redis has it: [`LuaVm`], made of omniLua's machine and what Redis adds and takes away.
//!
//! Every value of the machine stays in here; what comes out is RESP and plain data.

mod arguments;
mod budget;
mod error;
mod host;
mod redis;
mod reply;
mod sandbox;
mod vm;

pub use vm::LuaVm;
