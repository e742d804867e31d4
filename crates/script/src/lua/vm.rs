//! The machine and what runs on it: set-up, start, slices, end.

use std::collections::BTreeMap;
use std::rc::Rc;

use lua_gc::HeapGuard;
use lua_types::{LuaClosure, LuaError, LuaStatus, LuaValue, LuaVersion};
use lua_vm::api;
use lua_vm::do_::lua_resume;
use lua_vm::state::{ExternalRootKey, LuaState, LuaTableRefExt as _, reset_thread};
use omnilua::{HostHooks, LuaRuntime};
use redarium_resp::{Encoder, Protocol};

use super::arguments::Table;
use super::budget::{self, Exhausted, Meter};
use super::host::{self, Run};
use super::library::{self, Registered};
use super::random::Generator;
use super::reply::Writer;
use super::sandbox::Globals;
use super::{arguments, error, read_only, reply, sandbox};
use crate::{
    Budget, Callable, Host, Kill, Library, LibraryId, Progress, ScriptVm, Shebang, Start, Trace,
};

/// Size in bytes beyond which no reply goes, where scripts have no memory limit.
const REPLY_MAX: usize = 512 << 20;
const NO_BUDGET: Budget = Budget { instructions: 0, memory_bytes: 0 };

/// A run that was started and has not ended.
struct Running {
    /// What errors call it: the digest of a script, the name of a function.
    name: Vec<u8>,
    /// What ends it when a client asks for that.
    kill: &'static str,
    budget: Budget,
    run: Run,
}

/// Lua 5.1 with what Redis adds: one machine for all scripts and libraries of a node.
pub struct LuaVm {
    machine: LuaRuntime,
    globals: Globals,
    scripts: BTreeMap<String, ExternalRootKey>,
    libraries: BTreeMap<LibraryId, Vec<Registered>>,
    next_library: u32,
    running: Option<Running>,
    meter: Rc<Meter>,
    random: Generator,
}

impl std::fmt::Debug for LuaVm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LuaVm").field("scripts", &self.scripts.len()).finish_non_exhaustive()
    }
}

impl LuaVm {
    /// A machine with nothing loaded; `redis_version` is what scripts see as `redis.REDIS_VERSION`.
    pub fn new(redis_version: &str) -> Self {
        let mut machine = LuaRuntime::with_hooks_versioned(HostHooks::default(), LuaVersion::V51)
            .expect("an empty machine can be set up");
        let random = Generator::new();
        let state = machine.state_mut();
        let guard = HeapGuard::push(&state.global().heap);
        let LuaValue::Table(lua) = state.v51_thread_lgt(0) else {
            unreachable!("the globals of Lua 5.1 are a table")
        };
        let globals = sandbox::furnish(state, lua, &random, redis_version)
            .expect("the globals are tables of names and functions");
        for table in globals.all() {
            state.external_root_value(LuaValue::Table(table));
        }
        drop(guard);
        // The script runs on the main thread, which would otherwise be barred from pausing.
        state.dec_nny();
        LuaVm {
            machine,
            globals,
            scripts: BTreeMap::new(),
            libraries: BTreeMap::new(),
            next_library: 0,
            running: None,
            meter: Rc::new(Meter::default()),
            random,
        }
    }

    /// Takes the machine back to where nothing runs.
    fn clear(&mut self) {
        self.running = None;
        let state = self.machine.state_mut();
        state.hook = None;
        if state.status != LuaStatus::Ok as u8 || state.current_ci_idx().0 != 0 {
            reset_thread(state, LuaStatus::Ok as i32);
            state.n_ccalls = 0;
            state.allowhook = true;
        }
        let _ = api::set_top(state, 0);
    }

    /// Compiles code whose globals are `globals`.
    fn compile(&mut self, code: &[u8], name: &[u8], globals: Table) -> Result<LuaValue, Vec<u8>> {
        let state = self.machine.state_mut();
        state.v51_set_thread_lgt(0, LuaValue::Table(globals));
        let mut once = Some(code.to_vec());
        let reader: lua_vm::zio::ChunkReader = Box::new(move |_| Ok(once.take()));
        let status = api::load(state, reader, Some(name), Some(b"t"));
        let loaded = state.pop();
        match (status, loaded) {
            (Ok(LuaStatus::Ok), LuaValue::Function(LuaClosure::Lua(function))) => {
                self.meter.note_code(function.proto);
                Ok(loaded)
            }
            (_, LuaValue::Str(text)) => Err(text.as_bytes().to_vec()),
            _ => Err(b"not enough memory".to_vec()),
        }
    }

    /// The error's text and place, with the machine standing where it failed; afterwards nothing runs.
    fn failure(&mut self, error: LuaValue) -> (Vec<u8>, Option<error::Place>) {
        let budget = self.running.as_ref().map(|running| running.budget);
        let state = self.machine.state_mut();
        let _guard = HeapGuard::push(&state.global().heap);
        let place = error::place(state, 0);
        let text = match (self.meter.exhausted(state), budget) {
            (Some(exhausted), Some(budget)) => budget::text(exhausted, budget),
            _ => error::text(state, error),
        };
        self.clear();
        (text, place)
    }

    /// The same, as the line that a client reads.
    fn failure_line(&mut self, error: LuaValue) -> Vec<u8> {
        let name = self.running.as_ref().map_or_else(Vec::new, |running| running.name.clone());
        let (text, place) = self.failure(error);
        error::line(text, &name, place.as_ref())
    }

    /// Runs on until the slice ends, or the script.
    fn run_on(&mut self, host: &mut dyn Host, slice: u64) -> (LuaStatus, LuaValue) {
        let Some(running) = &mut self.running else {
            return (LuaStatus::ErrRun, LuaValue::Nil);
        };
        self.meter.slice.set(slice);
        self.meter.paused.set(false);
        let state = self.machine.state_mut();
        // What was yielded to the outside is nothing; arguments are passed at the start only.
        let arguments = std::mem::take(&mut running.run.arguments);
        let mut results = 0;
        let status =
            host::lend(host, &mut running.run, || lua_resume(state, None, arguments, &mut results));
        let top = state.top_idx();
        let value = match status {
            LuaStatus::Ok if results > 0 => state.get_at(top - results),
            LuaStatus::Ok | LuaStatus::Yield => LuaValue::Nil,
            _ => state.get_at(top - 1),
        };
        (status, value)
    }

    /// Puts a function and its arguments on the stack, with a budget.
    fn set_up(
        &mut self,
        function: LuaValue,
        arguments: &[LuaValue],
        name: &[u8],
        budget: Budget,
        kill: &'static str,
    ) {
        let state = self.machine.state_mut();
        state.push(function);
        for argument in arguments {
            state.push(*argument);
        }
        budget::arm(state, budget, &self.meter);
        let run = Run {
            meter: Rc::clone(&self.meter),
            arguments: arguments.len() as i32,
            ..Run::default()
        };
        self.running = Some(Running { name: name.to_vec(), kill, budget, run });
    }

    /// Runs a library's code with the few globals that it has then.
    fn run_library(
        &mut self,
        host: &mut dyn Host,
        code: LuaValue,
        budget: Budget,
    ) -> Result<Vec<Registered>, Vec<u8>> {
        let Globals { of_functions, content_of_functions, content_while_loading, .. } =
            self.globals;
        let state = self.machine.state_mut();
        let _guard = HeapGuard::push(&state.global().heap);
        let _ = read_only::set_content(state, of_functions, content_while_loading);
        self.set_up(code, &[], b"", budget, "");
        if let Some(running) = &mut self.running {
            running.run.registered = Some(Vec::new());
        }
        let (status, value) = self.run_on(host, 0);
        let registered = self.running.as_mut().and_then(|running| running.run.registered.take());
        let registered = registered.unwrap_or_default();
        let outcome = if status == LuaStatus::Ok {
            self.clear();
            Ok(())
        } else {
            let (text, _) = self.failure(value);
            Err([b"ERR Error registering functions: ", text.as_slice()].concat())
        };
        let state = self.machine.state_mut();
        let _ = read_only::set_content(state, of_functions, content_of_functions);
        let outcome = outcome.and_then(|()| {
            let is_empty = registered.is_empty();
            if is_empty { Err(b"ERR No functions registered".to_vec()) } else { Ok(()) }
        });
        if let Err(error) = outcome {
            for function in registered {
                state.external_unroot_value(function.callback);
            }
            return Err(error);
        }
        Ok(registered)
    }
}

impl ScriptVm for LuaVm {
    fn load(&mut self, sha: &str, source: &[u8]) -> Result<(), Vec<u8>> {
        let body = Shebang::read(source).map_or(source, |shebang| shebang.body);
        let loaded =
            self.compile(body, b"@user_script", self.globals.of_scripts).map_err(|text| {
                [b"ERR Error compiling script (new function): ", text.as_slice()].concat()
            })?;
        let state = self.machine.state_mut();
        let key = state.external_root_value(loaded);
        if let Some(old) = self.scripts.insert(sha.to_owned(), key) {
            state.external_unroot_value(old);
        }
        Ok(())
    }

    fn is_loaded(&self, sha: &str) -> bool {
        self.scripts.contains_key(sha)
    }

    fn unload(&mut self, sha: &str) {
        if let Some(key) = self.scripts.remove(sha) {
            self.machine.state_mut().external_unroot_value(key);
        }
    }

    fn load_library(
        &mut self,
        host: &mut dyn Host,
        code: &[u8],
        budget: Budget,
    ) -> Result<Library, Vec<u8>> {
        let header = library::header(code)?;
        self.clear();
        let loaded = self
            .compile(header.body, b"@user_function", self.globals.of_functions)
            .map_err(|text| [b"ERR Error compiling function: ", text.as_slice()].concat())?;
        let registered = self.run_library(host, loaded, budget)?;
        let id = LibraryId(self.next_library);
        self.next_library += 1;
        let functions = registered.iter().map(|entry| entry.function.clone()).collect();
        self.libraries.insert(id, registered);
        Ok(Library { id, name: header.name.to_vec(), functions })
    }

    fn remove_library(&mut self, id: LibraryId) {
        for entry in self.libraries.remove(&id).unwrap_or_default() {
            self.machine.state_mut().external_unroot_value(entry.callback);
        }
    }

    fn start(&mut self, what: Callable<'_>, start: Start<'_>) -> Result<(), Vec<u8>> {
        self.clear();
        let key = match what {
            Callable::Script(sha) => {
                self.scripts.get(sha).copied().ok_or(&b"NOSCRIPT No matching script."[..])
            }
            Callable::Function { library, name } => self
                .libraries
                .get(&library)
                .and_then(|functions| functions.iter().find(|entry| entry.function.name == name))
                .map(|entry| entry.callback)
                .ok_or(&b"ERR Function not found"[..]),
        }?;
        let globals = self.globals;
        let state = self.machine.state_mut();
        let _guard = HeapGuard::push(&state.global().heap);
        let function = state.external_rooted_value(key).unwrap_or_default();
        let tables = words_table(state, start.keys)
            .and_then(|keys| Ok([keys, words_table(state, start.args)?]))
            .map_err(|error| unfit(&error))?;
        match what {
            Callable::Script(sha) => {
                state.v51_set_thread_lgt(0, LuaValue::Table(globals.of_scripts));
                for (name, table) in [&b"KEYS"[..], b"ARGV"].into_iter().zip(tables) {
                    state.gc_table_barrier_back(&globals.content, &table);
                    reply::set_field(state, globals.content, name, table)
                        .map_err(|error| unfit(&error))?;
                }
                let kill = "ERR Script killed by user with SCRIPT KILL.";
                self.set_up(function, &[], sha.as_bytes(), start.budget, kill);
            }
            Callable::Function { name, .. } => {
                state.v51_set_thread_lgt(0, LuaValue::Table(globals.of_functions));
                let kill = "ERR Script killed by user with FUNCTION KILL.";
                self.set_up(function, &tables, name, start.budget, kill);
            }
        }
        Ok(())
    }

    fn resume(
        &mut self,
        host: &mut dyn Host,
        slice_instructions: u64,
        mut out: Encoder<'_>,
    ) -> Progress {
        if self.running.is_none() {
            return Progress::Failed(b"ERR no script is running".to_vec());
        }
        let (status, value) = self.run_on(host, slice_instructions);
        match status {
            LuaStatus::Yield => return Progress::Paused,
            LuaStatus::Ok => {}
            _ => return Progress::Failed(self.failure_line(value)),
        }
        let (budget, protocol) = self
            .running
            .as_ref()
            .map_or((NO_BUDGET, Protocol::Resp2), |running| (running.budget, running.run.protocol));
        let start = out.out.len();
        let limit = if budget.memory_bytes == 0 { REPLY_MAX } else { budget.memory_bytes };
        let end = start.saturating_add(limit);
        let state = self.machine.state_mut();
        let guard = HeapGuard::push(&state.global().heap);
        let written = Writer { out: &mut out, end, protocol }.write(state, value, 0);
        drop(guard);
        let name = self.running.as_ref().map_or_else(Vec::new, |running| running.name.clone());
        self.clear();
        if written.is_err() {
            out.out.truncate(start);
            let text = budget::text(Exhausted::Memory, Budget { memory_bytes: limit, ..budget });
            return Progress::Failed(error::line(text, &name, None));
        }
        Progress::Done
    }

    fn kill(&mut self, reason: Kill) -> Vec<u8> {
        let text = match (reason, &self.running) {
            (Kill::ByUser, Some(running)) => running.kill,
            _ => "ERR Script ended, for the node is reset",
        };
        let name = self.running.as_ref().map_or_else(Vec::new, |running| running.name.clone());
        let state = self.machine.state_mut();
        let guard = HeapGuard::push(&state.global().heap);
        let place = error::place(state, 0);
        drop(guard);
        self.clear();
        error::line(text.as_bytes().to_vec(), &name, place.as_ref())
    }

    fn memory_bytes(&self) -> usize {
        self.machine.state().global().total_bytes()
    }

    fn set_trace(&mut self, steps_max: usize) {
        self.meter.steps_max.set(steps_max);
        self.meter.steps.take();
    }

    fn take_trace(&mut self) -> Trace {
        self.meter.steps.take()
    }

    fn random_state(&self) -> u64 {
        self.random.state()
    }

    fn set_random_state(&mut self, state: u64) {
        self.random.set_state(state);
    }
}

/// What is answered where the machine cannot hold the arguments.
fn unfit(error: &LuaError) -> Vec<u8> {
    format!("ERR the arguments of the script cannot be stored: {}", error.message_lossy())
        .into_bytes()
}

/// A table of words, numbered from 1.
fn words_table(state: &mut LuaState, words: &[&[u8]]) -> Result<LuaValue, LuaError> {
    let table = state.new_table_with_sizes(words.len() as u32, 0)?;
    for (index, word) in words.iter().enumerate() {
        let word = arguments::new_string(state, word);
        table.raw_set_int(state, index as i64 + 1, word)?;
    }
    Ok(LuaValue::Table(table))
}

#[cfg(test)]
mod tests {
    use redarium_resp::Protocol;

    use super::*;
    use crate::{LogLevel, UnknownCommand};

    /// A node with one string.
    #[derive(Default)]
    struct Toy {
        value: Vec<u8>,
    }

    impl Host for Toy {
        fn call(&mut self, words: &[&[u8]], _: Protocol, reply: &mut Vec<u8>) {
            match words {
                [b"SET", _, value] => {
                    self.value = value.to_vec();
                    reply.extend_from_slice(b"+OK\r\n");
                }
                [b"INCR", _] => {
                    let number = String::from_utf8_lossy(&self.value).parse::<i64>();
                    let next = number.unwrap_or_default() + 1;
                    self.value = next.to_string().into_bytes();
                    reply.extend_from_slice(format!(":{next}\r\n").as_bytes());
                }
                _ => reply.extend_from_slice(b"-ERR unknown\r\n"),
            }
        }
        fn log(&mut self, _: LogLevel, _: &[u8]) {}
        fn set_repl(&mut self, _: u8) {}
        fn may_run(&mut self, _: &[&[u8]]) -> Result<bool, UnknownCommand> {
            Ok(true)
        }
    }

    const BUDGET: Budget = Budget { instructions: 10_000_000, memory_bytes: 32 << 20 };

    fn eval(vm: &mut LuaVm, source: &str, keys: &[&[u8]], args: &[&[u8]]) -> String {
        let sha = sha1_smol::Sha1::from(source).digest().to_string();
        if let Err(error) = vm.load(&sha, source.as_bytes()) {
            return String::from_utf8_lossy(&error).into_owned();
        }
        let start = Start { keys, args, budget: BUDGET };
        vm.start(Callable::Script(&sha), start).expect("it was loaded");
        let mut out = Vec::new();
        let progress = vm.resume(&mut Toy::default(), 0, Encoder::new(&mut out, Protocol::Resp2));
        match progress {
            Progress::Failed(text) => format!("-{}", String::from_utf8_lossy(&text)),
            Progress::Done => String::from_utf8_lossy(&out).into_owned(),
            Progress::Paused => "paused".to_owned(),
        }
    }

    #[test]
    fn a_script_calls_a_command() {
        let mut vm = LuaVm::new("8.6.3");
        let source = "return redis.call('SET', KEYS[1], ARGV[1])";
        assert_eq!(eval(&mut vm, source, &[b"k"], &[b"v"]), "+OK\r\n", "a status");
        assert_eq!(
            eval(&mut vm, "return {1, 'a', {2}}", &[], &[]),
            "*3\r\n:1\r\n$1\r\na\r\n*1\r\n:2\r\n",
            "an array"
        );
    }

    #[test]
    fn a_failure_names_the_script_and_the_line() {
        let mut vm = LuaVm::new("8.6.3");
        let source = "local x = 1\nerror('raised string')";
        let text = eval(&mut vm, source, &[], &[]);
        assert_eq!(
            text,
            "-ERR user_script:2: raised string script: 868f28d27be8360570a19ce9ac039cf49cfaa199, on @user_script:2.",
            "as Redis says it"
        );
        assert_eq!(eval(&mut vm, "return 1", &[], &[]), ":1\r\n", "the machine goes on");
        assert_eq!(
            eval(&mut vm, "local x = = 1", &[], &[]),
            "ERR Error compiling script (new function): user_script:1: unexpected symbol near '='",
            "a syntax error"
        );
    }

    #[test]
    fn a_loop_pauses_and_can_be_killed() {
        let mut vm = LuaVm::new("8.6.3");
        vm.load("x", b"while true do end").expect("it is Lua");
        let start = Start { keys: &[], args: &[], budget: BUDGET };
        vm.start(Callable::Script("x"), start).expect("it was loaded");
        for _ in 0..3 {
            let mut out = Vec::new();
            let out = Encoder::new(&mut out, Protocol::Resp2);
            assert_eq!(vm.resume(&mut Toy::default(), 10_000, out), Progress::Paused, "endless");
        }
        let text = vm.kill(Kill::ByUser);
        assert!(
            text.starts_with(b"ERR Script killed by user with SCRIPT KILL."),
            "{}",
            String::from_utf8_lossy(&text)
        );
        assert_eq!(eval(&mut vm, "return 1", &[], &[]), ":1\r\n", "the machine goes on");
    }

    #[test]
    fn a_trace_shows_lines_and_local_variables() {
        let mut vm = LuaVm::new("8.6.3");
        vm.set_trace(100);
        let source = "local t = {1, 'a'}\nfor i = 1, 2 do\n  t[i] = i\nend\nreturn t";
        eval(&mut vm, source, &[], &[]);
        let trace = vm.take_trace();
        let steps: Vec<String> = trace
            .steps
            .iter()
            .map(|step| {
                let locals: Vec<String> = step
                    .locals
                    .iter()
                    .map(|local| {
                        let (name, value) = (&local.name, &local.value);
                        let text = [name.as_slice(), b"=", value].concat();
                        String::from_utf8(text).expect("ASCII")
                    })
                    .collect();
                format!("{}: {}", step.line, locals.join(" "))
            })
            .collect();
        assert_eq!(
            steps,
            [
                "1: ",
                "2: t={1, \"a\"}",
                "3: t={1, \"a\"} i=1",
                "2: t={1, \"a\"}",
                "3: t={1, \"a\"} i=2",
                "2: t={1, 2}",
                "5: t={1, 2}",
            ],
            "every line with what is known there"
        );
        vm.set_trace(2);
        eval(&mut vm, source, &[], &[]);
        let trace = vm.take_trace();
        assert_eq!((trace.steps.len(), trace.dropped), (2, 5), "bounded");
        vm.set_trace(0);
        eval(&mut vm, source, &[], &[]);
        assert_eq!(vm.take_trace(), Trace::default(), "off");
    }
}
