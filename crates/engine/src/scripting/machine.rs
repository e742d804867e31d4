//! A virtual machine, made when it is first needed.
//!
//! It cannot be copied: a copy of a node begins without one, and loads again what it runs from the sources.
//! Here alone stands which machine it is, and that there may be none.

use std::fmt;
use std::rc::Rc;

use redarium_resp::encode::Protocol;
use redarium_script::{
    Budget, Callable, Host, LibraryId, LogLevel, ScriptVm, Start, UnknownCommand,
};
use redarium_structures::bytes::Bytes;
use redarium_structures::ordered::OrderedMap;

use super::libraries::{Function, Library};
#[cfg(feature = "lua")]
use crate::REDIS_VERSION;
use crate::error::CmdError;

/// What a build without an interpreter answers.
#[cfg(not(feature = "lua"))]
const NO_LUA: CmdError =
    CmdError::Msg("ERR this build has no Lua: scripts and functions cannot run");

/// A machine, or the place for one.
#[derive(Default)]
pub(crate) struct Machine {
    vm: Option<Box<dyn ScriptVm>>,
    /// The libraries that were loaded into it.
    libraries: OrderedMap<Vec<u8>, LibraryId>,
    /// Where the machine begins to draw random numbers that takes the place of an earlier one.
    random: Option<u64>,
}

impl Clone for Machine {
    /// The place for another one, which draws the same random numbers from here on.
    fn clone(&self) -> Self {
        let random = self.vm.as_ref().map(|vm| vm.random_state()).or(self.random);
        Self { random, ..Self::default() }
    }
}

impl fmt::Debug for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Machine")
            .field("is_made", &self.vm.is_some())
            .field("libraries", &self.libraries)
            .field("random", &self.random)
            .finish()
    }
}

#[cfg(feature = "lua")]
fn make() -> Result<Box<dyn ScriptVm>, CmdError> {
    Ok(Box::new(redarium_script::LuaVm::new(REDIS_VERSION)))
}

#[cfg(not(feature = "lua"))]
fn make() -> Result<Box<dyn ScriptVm>, CmdError> {
    Err(NO_LUA)
}

impl Machine {
    fn made(&mut self) -> Result<&mut dyn ScriptVm, CmdError> {
        if self.vm.is_none() {
            let mut vm = make()?;
            if let Some(random) = self.random {
                vm.set_random_state(random);
            }
            self.vm = Some(vm);
        }
        Ok(self.vm.as_deref_mut().expect("made just above"))
    }

    /// Begins a run.
    pub(crate) fn start(&mut self, what: Callable<'_>, start: Start<'_>) -> Result<(), CmdError> {
        self.made()?.start(what, start).map_err(CmdError::Bytes)
    }

    /// Takes the machine out while it runs.
    pub(crate) fn take(&mut self) -> Option<Box<dyn ScriptVm>> {
        self.vm.take()
    }

    /// Puts it back.
    pub(crate) fn put_back(&mut self, vm: Box<dyn ScriptVm>) {
        self.vm = Some(vm);
    }

    /// Makes sure that a script can be run.
    pub(crate) fn load(&mut self, sha: &str, source: &[u8]) -> Result<(), CmdError> {
        let vm = self.made()?;
        if vm.is_loaded(sha) { Ok(()) } else { vm.load(sha, source).map_err(CmdError::Bytes) }
    }

    /// Forgets a script.
    pub(crate) fn unload(&mut self, sha: &str) {
        if let Some(vm) = &mut self.vm {
            vm.unload(sha);
        }
    }

    /// Makes a library of its code, which may take the place of one with its name.
    pub(crate) fn make_library(
        &mut self,
        code: &[u8],
        budget: Budget,
    ) -> Result<NewLibrary, CmdError> {
        let made = self.made()?.load_library(&mut Nobody, code, budget).map_err(CmdError::Bytes)?;
        let library: Rc<[u8]> = made.name.as_slice().into();
        let functions = made.functions.into_iter().map(|function| {
            let redarium_script::Function { name, description, flags } = function;
            Rc::new(Function { library: Rc::clone(&library), name, description, flags })
        });
        let functions = functions.collect();
        let library = Library { name: made.name, code: Bytes::from(code), functions };
        Ok(NewLibrary { library, id: made.id })
    }

    /// Keeps a library that was made, in place of the one with its name.
    pub(crate) fn keep(&mut self, new: NewLibrary) -> Library {
        self.remove_library(&new.library.name);
        self.libraries.insert(new.library.name.clone(), new.id);
        new.library
    }

    /// Drops a library that was made.
    pub(crate) fn drop_new(&mut self, new: &NewLibrary) {
        if let Some(vm) = &mut self.vm {
            vm.remove_library(new.id);
        }
    }

    /// Forgets a library.
    pub(crate) fn remove_library(&mut self, name: &[u8]) {
        if let (Some(vm), Some(id)) = (&mut self.vm, self.libraries.remove(name)) {
            vm.remove_library(id);
        }
    }

    /// The library in the machine, loaded again if this machine does not have it yet.
    pub(crate) fn library(
        &mut self,
        library: &Library,
        budget: Budget,
    ) -> Result<LibraryId, CmdError> {
        if let Some(&id) = self.libraries.get(&library.name) {
            return Ok(id);
        }
        let new = self.make_library(&library.code, budget)?;
        let id = new.id;
        self.keep(new);
        Ok(id)
    }

    /// Bytes that it holds.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.vm.as_ref().map_or(0, |vm| vm.memory_bytes())
    }
}

/// A library in the machine that is not among those that are kept.
#[derive(Debug)]
pub(crate) struct NewLibrary {
    pub(crate) library: Library,
    id: LibraryId,
}

/// What the code of a library may ask while it is loaded: nothing.
struct Nobody;

impl Host for Nobody {
    fn call(&mut self, _: &[&[u8]], _: Protocol, reply: &mut Vec<u8>) {
        reply.extend_from_slice(b"-ERR commands cannot be called while a library is loaded\r\n");
    }

    fn log(&mut self, _: LogLevel, _: &[u8]) {}

    fn set_repl(&mut self, _: u8) {}

    fn may_run(&mut self, _: &[&[u8]]) -> Result<bool, UnknownCommand> {
        Err(UnknownCommand)
    }
}
