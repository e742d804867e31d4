//! The machine and what runs on it: set-up, start, slices, end.

use std::collections::BTreeMap;
use std::rc::Rc;

use lua_gc::HeapGuard;
use lua_types::{LuaError, LuaStatus, LuaValue, LuaVersion};
use lua_vm::api;
use lua_vm::do_::lua_resume;
use lua_vm::state::{ExternalRootKey, LuaState, LuaTableRefExt as _};
use omnilua::{HostHooks, LuaRuntime};
use redarium_resp::Encoder;

use super::arguments::Table;
use super::budget::{self, Meter};
use super::host::{self, Run};
use super::random::Generator;
use super::{arguments, error, reply, sandbox};
use crate::{Budget, Callable, Host, Kill, Library, LibraryId, Progress, ScriptVm, Shebang, Start};

/// A run that was started and has not ended.
struct Running {
    /// What errors call it: the digest of a script, the name of a function.
    name: Vec<u8>,
    budget: Budget,
    run: Run,
}

/// Lua 5.1 with what Redis adds: one machine for all scripts and libraries of a node.
pub struct LuaVm {
    machine: LuaRuntime,
    scripts: BTreeMap<String, ExternalRootKey>,
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
    pub fn new(_redis_version: &str) -> Self {
        let mut machine = LuaRuntime::with_hooks_versioned(HostHooks::default(), LuaVersion::V51)
            .expect("an empty machine can be set up");
        let state = machine.state_mut();
        let guard = HeapGuard::push(&state.global().heap);
        let globals = globals(state);
        let random = Generator::new();
        sandbox::furnish(state, globals)
            .and_then(|()| random.register(state, globals))
            .expect("the globals are tables of names and functions");
        drop(guard);
        // The script runs on the main thread, which would otherwise be barred from pausing.
        state.dec_nny();
        let meter = Rc::new(Meter::default());
        LuaVm { machine, scripts: BTreeMap::new(), running: None, meter, random }
    }

    /// Takes the machine back to where nothing runs.
    fn clear(&mut self) {
        self.running = None;
        let state = self.machine.state_mut();
        if state.status != LuaStatus::Ok as u8 || state.current_ci_idx().0 != 0 {
            api_reset(state);
        }
        let _ = api::set_top(state, 0);
    }

    /// The error of a run whose machine stands where it failed.
    fn failure(&mut self, error: LuaValue) -> Vec<u8> {
        let name = self.running.as_ref().map_or_else(Vec::new, |running| running.name.clone());
        let state = self.machine.state_mut();
        let _guard = HeapGuard::push(&state.global().heap);
        let place = error::place(state);
        let text = error::text(state, error);
        self.clear();
        error::line(text, &name, place.as_ref())
    }
}

/// Ends what is on the stack of a thread.
fn api_reset(state: &mut LuaState) {
    lua_vm::state::reset_thread(state, LuaStatus::Ok as i32);
    state.n_ccalls = 0;
}

/// The table of globals.
fn globals(state: &LuaState) -> Table {
    match state.v51_thread_lgt(0) {
        LuaValue::Table(table) => table,
        _ => unreachable!("the globals of Lua 5.1 are a table"),
    }
}

impl ScriptVm for LuaVm {
    fn load(&mut self, sha: &str, source: &[u8]) -> Result<(), Vec<u8>> {
        let body = Shebang::read(source).map_or(source, |shebang| shebang.body).to_vec();
        let state = self.machine.state_mut();
        let mut once = Some(body);
        let reader: lua_vm::zio::ChunkReader = Box::new(move |_| Ok(once.take()));
        let status = api::load(state, reader, Some(b"@user_script"), Some(b"t"));
        let loaded = state.pop();
        if !matches!(status, Ok(LuaStatus::Ok)) {
            let text = match loaded {
                LuaValue::Str(text) => text.as_bytes().to_vec(),
                _ => Vec::new(),
            };
            return Err([b"ERR Error compiling script (new function): ", text.as_slice()].concat());
        }
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
        _host: &mut dyn Host,
        _code: &[u8],
        _budget: Budget,
    ) -> Result<Library, Vec<u8>> {
        Err(b"ERR libraries cannot be loaded yet".to_vec())
    }

    fn remove_library(&mut self, _id: LibraryId) {}

    fn start(&mut self, what: Callable<'_>, start: Start<'_>) -> Result<(), Vec<u8>> {
        self.clear();
        let Callable::Script(sha) = what else {
            return Err(b"ERR Function not found".to_vec());
        };
        let Some(&key) = self.scripts.get(sha) else {
            return Err(b"NOSCRIPT No matching script.".to_vec());
        };
        let state = self.machine.state_mut();
        let _guard = HeapGuard::push(&state.global().heap);
        // What an ended run has left behind is not the next one's to pay for.
        let limit = start.budget.memory_bytes;
        if limit > 0 && state.global().total_bytes() > limit / 2 {
            state.gc().full_collect();
        }
        let function = state.external_rooted_value(key).unwrap_or_default();
        let globals = globals(state);
        let made = words_table(state, start.keys)
            .and_then(|keys| reply::set_field(state, globals, b"KEYS", keys))
            .and_then(|()| words_table(state, start.args))
            .and_then(|args| reply::set_field(state, globals, b"ARGV", args));
        if made.is_err() {
            return Err(b"ERR the keys and arguments of the script do not fit into memory".to_vec());
        }
        budget::arm(state, start.budget, &self.meter);
        state.push(function);
        self.running = Some(Running {
            name: sha.as_bytes().to_vec(),
            budget: start.budget,
            run: Run::default(),
        });
        Ok(())
    }

    fn resume(
        &mut self,
        host: &mut dyn Host,
        slice_instructions: u64,
        mut out: Encoder<'_>,
    ) -> Progress {
        let Some(running) = &mut self.running else {
            return Progress::Failed(b"ERR no script is running".to_vec());
        };
        self.meter.slice.set(slice_instructions);
        let limit = running.budget.memory_bytes;
        let state = self.machine.state_mut();
        let mut results = 0;
        let status =
            host::lend(host, &mut running.run, || lua_resume(state, None, 0, &mut results));
        let top = state.top_idx();
        match status {
            LuaStatus::Yield => Progress::Paused,
            LuaStatus::Ok => {
                let value = if results > 0 { state.get_at(top - results) } else { LuaValue::Nil };
                let start = out.out.len();
                let limit = if limit == 0 { usize::MAX } else { start.saturating_add(limit) };
                let _guard = HeapGuard::push(&state.global().heap);
                let written = reply::write(state, value, &mut out, limit, 0);
                match written {
                    Ok(()) => {
                        self.clear();
                        Progress::Done
                    }
                    Err(error) => {
                        out.out.truncate(start);
                        let value = error.into_value();
                        Progress::Failed(self.failure(value))
                    }
                }
            }
            _ => {
                let error = state.get_at(top - 1);
                Progress::Failed(self.failure(error))
            }
        }
    }

    fn kill(&mut self, reason: Kill) -> Vec<u8> {
        let _ = reason;
        let state = self.machine.state_mut();
        let guard = HeapGuard::push(&state.global().heap);
        let text = arguments::new_string(state, b"Script killed by user with SCRIPT KILL.");
        drop(guard);
        self.failure(text)
    }

    fn memory_bytes(&self) -> usize {
        self.machine.state().global().total_bytes()
    }

    fn random_state(&self) -> u64 {
        self.random.state()
    }

    fn set_random_state(&mut self, state: u64) {
        self.random.set_state(state);
    }
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
}
