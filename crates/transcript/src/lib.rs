//! Console sessions as text: what was typed, and what the answer was.
//!
//! A line with a prompt is input; every other line is the expected output of the input above, as redis-cli shows it.
//! The same text is a test, an example and a block of a lesson:
//!
//! ```text
//! # BLPOP waits for an element.
//! @ann> BLPOP jobs 0
//! (blocked)
//! > RPUSH jobs mail
//! (integer) 1
//! @ann< 1) "jobs"
//! 2) "mail"
//! > :advance 61s
//! ```
//!
//! - Prompts: `> `, `redis> `, `127.0.0.1:6379> ` and `127.0.0.1:6379[1]> ` for the client [`CLIENT`], `@name> ` for others.
//! - `@name< ` shows what a client receives later: one reply or push, its first line behind the mark.
//! - Below an input that is not answered at all (CLIENT REPLY OFF) stands nothing.
//! - `# text` directly above an input is a note.
//! - In outputs, a line `...` stands for any lines and `[..]` for any characters within a line.
//! - [`parse`] reads it, [`play`] compares it with what a [`Target`] answers, [`bless`] writes those answers into it.
//!
//! It knows nothing of commands or lessons, and of files and sockets only with the feature `host`.

mod bless;
mod compare;
mod directive;
#[cfg(feature = "host")]
pub mod files;
#[cfg(feature = "host")]
pub mod known_differences;
mod parse;
mod play;
#[cfg(feature = "host")]
pub mod server;
mod target;

pub use bless::bless;
pub use compare::{Mismatch, Report};
pub use directive::{DIRECTIVES, Directive};
pub use parse::{CLIENT, Command, Input, Item, Output, ParseError, Push, Transcript, parse};
pub use play::{Load, play, play_in_lab, resume};
pub use target::{Answer, Expected, LabTarget, Outcome, Target};
