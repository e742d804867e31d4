//! Scripts and functions of a node: which it knows, the machines that run them, and the run that is under way.
//!
//! A run goes on in slices. What has not ended in its first slice is parked with its client; [`Engine`](crate::Engine)
//! gives it another slice each time the clock is looked at, and keeps everybody else waiting meanwhile.
//! What scripts are written in, and how that is run, is known to `redarium-script`; without the feature `lua` nothing is.

pub(crate) mod cache;
mod caller;
pub(crate) mod libraries;
mod machine;
pub(crate) mod run;

use std::collections::VecDeque;

use redarium_script::{Budget, Flags, LogLevel, Shebang};
use redarium_structures::bytes::Bytes;

use crate::commands::scripting::Policy;
use crate::config::Config;
use crate::context::Ctx;
use crate::error::CmdError;
use cache::Cache;
use libraries::{Libraries, Library};
use machine::Machine;
use run::Run;

/// Lines that scripts have logged and that are kept.
const LINES_MAX: usize = 64;

/// A line that a script has logged (`redis.log`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) level: LogLevel,
    pub(crate) text: Vec<u8>,
}

/// All that a node has to do with scripts. A copy of a node makes its own machines.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scripts {
    /// The scripts that the node knows.
    pub(crate) cache: Cache,
    /// The libraries of functions.
    pub(crate) libraries: Libraries,
    /// What runs scripts.
    script_machine: Machine,
    /// What runs functions.
    function_machine: Machine,
    /// The run that goes on in later slices.
    running: Option<Box<Run>>,
    /// What scripts have logged lately, oldest first.
    pub(crate) lines: VecDeque<Line>,
}

impl Scripts {
    /// Whether a script is half-way, so that nobody else's commands run.
    #[inline]
    pub(crate) fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// The run that is half-way.
    pub(crate) fn running(&self) -> Option<&Run> {
        self.running.as_deref()
    }

    pub(crate) fn running_mut(&mut self) -> Option<&mut Run> {
        self.running.as_deref_mut()
    }

    fn machine(&mut self, is_function: bool) -> &mut Machine {
        if is_function { &mut self.function_machine } else { &mut self.script_machine }
    }

    /// Forgets all scripts; their random numbers go on.
    pub(crate) fn forget_scripts(&mut self) {
        self.cache.clear();
        self.script_machine = self.script_machine.clone();
    }

    /// Bytes that the machines of scripts and of functions hold.
    pub(crate) fn machine_bytes(&self) -> (usize, usize) {
        (self.script_machine.memory_bytes(), self.function_machine.memory_bytes())
    }

    /// Makes libraries of their code, and a machine that has them.
    fn libraries_of<C: AsRef<[u8]>>(
        codes: &[C],
        budget: Budget,
    ) -> Result<(Libraries, Machine), CmdError> {
        let (mut libraries, mut machine) = (Libraries::default(), Machine::default());
        for code in codes {
            let new = machine.make_library(code.as_ref(), budget)?;
            if libraries.get(&new.library.name).is_some() {
                return Err(libraries::already_exists(&new.library.name));
            }
            libraries.check_functions(&new.library)?;
            libraries.put(machine.keep(new));
        }
        Ok((libraries, machine))
    }

    /// Puts libraries that a snapshot holds in place of all; the error says what is wrong with one.
    pub(crate) fn load_functions(
        &mut self,
        codes: &[Bytes],
        config: &Config,
    ) -> Result<(), CmdError> {
        if cfg!(feature = "lua") {
            (self.libraries, self.function_machine) =
                Self::libraries_of(codes, run::budget(config, true))?;
        }
        Ok(())
    }

    fn log(&mut self, level: LogLevel, text: &[u8]) {
        if self.lines.len() >= LINES_MAX {
            self.lines.pop_front();
        }
        self.lines.push_back(Line { level, text: text.to_vec() });
    }
}

/// The flags of a script, and whether it says any: the rules for those that do not are older.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ScriptFlags {
    pub(crate) flags: Flags,
    pub(crate) is_said: bool,
}

impl ScriptFlags {
    /// Those of a script by its first line; the error is Redis's.
    fn of_script(source: &[u8]) -> Result<Self, CmdError> {
        let Some(shebang) = Shebang::read(source) else {
            return Ok(Self { flags: Flags::default(), is_said: false });
        };
        let flags = shebang.script_flags().map_err(CmdError::Bytes)?;
        Ok(Self { flags, is_said: true })
    }
}

impl Ctx<'_> {
    /// Makes sure that a script can be run: by its source, or if the node knows it; its flags, `None` if it does not.
    pub(crate) fn prepare_script(
        &mut self,
        sha: &str,
        source: Option<&[u8]>,
    ) -> Result<Option<ScriptFlags>, CmdError> {
        let scripts = &mut *self.scripts;
        let known = scripts.cache.used(sha);
        let is_new = known.is_none();
        let source = match (known, source) {
            (Some(known), _) => known.clone(),
            (None, Some(source)) => Bytes::from(source),
            (None, None) => return Ok(None),
        };
        let flags = ScriptFlags::of_script(&source)?;
        scripts.script_machine.load(sha, &source)?;
        if is_new && let Some(evicted) = scripts.cache.add(sha, source) {
            scripts.script_machine.unload(&evicted);
        }
        Ok(Some(flags))
    }

    /// Makes a library of its code; its name. Nothing has changed if that fails.
    pub(crate) fn load_library(
        &mut self,
        code: &[u8],
        is_replacing: bool,
    ) -> Result<Vec<u8>, CmdError> {
        let budget = run::budget(self.config, true);
        let Scripts { libraries, function_machine: machine, .. } = &mut *self.scripts;
        let is_taken = |name: &Vec<u8>| !is_replacing && libraries.get(name).is_some();
        if let Some(name) = libraries::name_in(code).filter(is_taken) {
            return Err(libraries::already_exists(&name));
        }
        let new = machine.make_library(code, budget)?;
        if let Err(error) = libraries.check_functions(&new.library) {
            machine.drop_new(&new);
            return Err(error);
        }
        let library = machine.keep(new);
        let name = library.name.clone();
        libraries.put(library);
        self.remember_libraries();
        Ok(name)
    }

    /// Removes a library; whether there was one.
    pub(crate) fn delete_library(&mut self, name: &[u8]) -> bool {
        let is_gone = self.scripts.libraries.remove(name);
        if is_gone {
            self.scripts.function_machine.remove_library(name);
            self.remember_libraries();
        }
        is_gone
    }

    /// Removes all libraries.
    pub(crate) fn delete_libraries(&mut self) {
        self.scripts.libraries = Libraries::default();
        self.scripts.function_machine = Machine::default();
        self.remember_libraries();
    }

    /// Makes libraries of their code, all or none.
    pub(crate) fn restore_libraries(
        &mut self,
        codes: &[Vec<u8>],
        policy: Policy,
    ) -> Result<(), CmdError> {
        let (new, machine) = Scripts::libraries_of(codes, run::budget(self.config, true))?;
        if policy == Policy::Flush {
            (self.scripts.libraries, self.scripts.function_machine) = (new, machine);
            self.remember_libraries();
            return Ok(());
        }
        let mut all = self.scripts.libraries.clone();
        for library in new.iter() {
            if !all.remove(&library.name) || policy == Policy::Replace {
                continue;
            }
            // Without the quotes that the same text has elsewhere.
            let text = [b"ERR Library ", &*library.name, b" already exists"].concat();
            return Err(CmdError::Bytes(text));
        }
        for library in new.iter() {
            all.check_functions(library)?;
            all.put(library.clone());
        }
        self.scripts.libraries = all;
        // It makes them again from their code when they are needed.
        self.scripts.function_machine = Machine::default();
        self.remember_libraries();
        Ok(())
    }

    /// Has snapshots hold the libraries as they are now.
    fn remember_libraries(&mut self) {
        let code = |library: &Library| library.code.clone();
        self.persistence.set_functions(self.scripts.libraries.iter().map(code).collect());
    }
}
