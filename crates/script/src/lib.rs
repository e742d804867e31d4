//! Scripts and functions: what runs them ([`ScriptVm`]), what they may ask of a node ([`Host`]), and Lua.
//!
//! A run is driven from outside, slice by slice: [`ScriptVm::start`], then [`ScriptVm::resume`] until it is no longer paused.
//! This crate knows RESP and Lua; it knows nothing of keys, clients, commands or time.

#[cfg(feature = "lua")]
pub mod lua;
pub mod shebang;

use redarium_resp::{Encoder, Protocol};

#[cfg(feature = "lua")]
pub use lua::LuaVm;
pub use shebang::{Flags, Shebang};

/// How important a line is that a script writes to the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// `redis.LOG_DEBUG`.
    Debug,
    /// `redis.LOG_VERBOSE`.
    Verbose,
    /// `redis.LOG_NOTICE`.
    Notice,
    /// `redis.LOG_WARNING`.
    Warning,
}

/// The answer of [`Host::may_run`] where the words name no command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownCommand;

/// What a script may ask of the node that runs it.
pub trait Host {
    /// Runs a command for `redis.call` and `redis.pcall`.
    ///
    /// The reply, which may be an error, is appended to `reply` as RESP in `protocol`: RESP2 unless the script has asked for RESP3.
    fn call(&mut self, words: &[&[u8]], protocol: Protocol, reply: &mut Vec<u8>);

    /// Writes a line to the node's log.
    fn log(&mut self, level: LogLevel, message: &[u8]);

    /// Takes note of `redis.set_repl`: bit 0 stands for the append-only file, bit 1 for replicas.
    fn set_repl(&mut self, flags: u8);

    /// Whether the user of the script may run this command with these words; an error if there is no such command.
    fn may_run(&mut self, words: &[&[u8]]) -> Result<bool, UnknownCommand>;
}

/// What a run may use up before it is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Instructions of the virtual machine; 0 for no limit.
    pub instructions: u64,
    /// Size in bytes of all that scripts hold; 0 for no limit.
    pub memory_bytes: usize,
}

/// A library that was loaded into the virtual machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LibraryId(pub u32);

/// What is to run.
#[derive(Clone, Copy, Debug)]
pub enum Callable<'a> {
    /// A script that was loaded under this digest.
    Script(&'a str),
    /// A function that a library has registered.
    Function {
        /// The library.
        library: LibraryId,
        /// The function's name.
        name: &'a [u8],
    },
}

/// What a run begins with.
#[derive(Clone, Copy, Debug)]
pub struct Start<'a> {
    /// `KEYS`, or the first argument of a function.
    pub keys: &'a [&'a [u8]],
    /// `ARGV`, or the second argument of a function.
    pub args: &'a [&'a [u8]],
    /// What the run may use up.
    pub budget: Budget,
}

/// Where a run stands after a slice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The slice is used up and the script goes on with the next.
    Paused,
    /// The script has returned; its reply stands in the encoder's buffer.
    Done,
    /// The script has failed with this error, to be sent after a `-`; nothing was written into the encoder's buffer.
    Failed(Vec<u8>),
}

/// Why a paused run is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kill {
    /// A client asked for it, with SCRIPT KILL or FUNCTION KILL.
    ByUser,
    /// The node is reset under it.
    Reset,
}

/// A function of a library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// By which FCALL finds it.
    pub name: Vec<u8>,
    /// What FUNCTION LIST shows.
    pub description: Option<Vec<u8>>,
    /// What it may do.
    pub flags: Flags,
}

/// What loading a library's code has yielded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Library {
    /// By which the virtual machine finds it.
    pub id: LibraryId,
    /// From the first line of its code.
    pub name: Vec<u8>,
    /// In the order of registration.
    pub functions: Vec<Function>,
}

/// A local variable, with its value as it would stand in code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local {
    /// Its name.
    pub name: Vec<u8>,
    /// Its value at that moment, cut where it is long.
    pub value: Vec<u8>,
}

/// A line of a script that was about to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineStep {
    /// The line's number, counted from 1.
    pub line: u32,
    /// How many functions are being called, this one included.
    pub depth: u32,
    /// What the function was called by, where that is known; the script itself has no name.
    pub function: Option<Vec<u8>>,
    /// The function's local variables, outer ones first.
    pub locals: Vec<Local>,
}

/// What was seen of a running script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// Lines in the order in which they ran.
    pub steps: Vec<LineStep>,
    /// How many more there were than had been asked for.
    pub dropped: u64,
}

/// What runs scripts.
pub trait ScriptVm {
    /// Compiles a script, whose first line may be a shebang; the error is Redis's, to be sent after a `-`.
    fn load(&mut self, sha: &str, source: &[u8]) -> Result<(), Vec<u8>>;

    /// Whether a script was loaded under this digest.
    fn is_loaded(&self, sha: &str) -> bool;

    /// Forgets a script.
    fn unload(&mut self, sha: &str);

    /// Runs a library's code, which registers its functions. The library stays until [`ScriptVm::remove_library`].
    ///
    /// Nothing here refuses a name that another library has: that is for the caller to see, who then removes the new one.
    fn load_library(
        &mut self,
        host: &mut dyn Host,
        code: &[u8],
        budget: Budget,
    ) -> Result<Library, Vec<u8>>;

    /// Forgets a library and its functions.
    fn remove_library(&mut self, id: LibraryId);

    /// Begins a run; what was running before is forgotten. An error if there is no such script or function.
    fn start(&mut self, what: Callable<'_>, start: Start<'_>) -> Result<(), Vec<u8>>;

    /// Runs on for about so many instructions (0 for no end of the slice). A reply goes to `out`.
    ///
    /// A script pauses only where it can: not within the comparator of `table.sort` or the callback of `string.gsub`.
    fn resume(
        &mut self,
        host: &mut dyn Host,
        slice_instructions: u64,
        out: Encoder<'_>,
    ) -> Progress;

    /// Ends a paused run; the error says why and where, to be sent after a `-`.
    fn kill(&mut self, reason: Kill) -> Vec<u8>;

    /// Size in bytes of all that scripts hold, for INFO and MEMORY STATS.
    fn memory_bytes(&self) -> usize;

    /// Notes the lines of runs that start from now on, up to this many; 0 for none, which costs nothing.
    fn set_trace(&mut self, steps_max: usize);

    /// What was noted since the last call.
    fn take_trace(&mut self) -> Trace;

    /// Where the sequence of `math.random` stands, which goes on from script to script.
    fn random_state(&self) -> u64;

    /// Goes on from where another machine's sequence stood: a copy of a node then draws the same numbers.
    fn set_random_state(&mut self, state: u64);
}
