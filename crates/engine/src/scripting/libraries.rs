//! The libraries of functions that a node keeps, by name, and their functions.
//!
//! It knows nothing of how functions are run.

use std::rc::Rc;

use redarium_script::{Flags, Shebang};
use redarium_structures::bytes::Bytes;
use redarium_structures::ordered::OrderedMap;

use crate::error::CmdError;

/// A function of a library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Function {
    /// The library that it is part of.
    pub(crate) library: Rc<[u8]>,
    pub(crate) name: Vec<u8>,
    pub(crate) description: Option<Vec<u8>>,
    pub(crate) flags: Flags,
}

/// A library.
#[derive(Debug, Clone)]
pub(crate) struct Library {
    pub(crate) name: Vec<u8>,
    pub(crate) code: Bytes,
    pub(crate) functions: Vec<Rc<Function>>,
}

/// All libraries.
#[derive(Debug, Clone, Default)]
pub(crate) struct Libraries {
    by_name: OrderedMap<Vec<u8>, Library>,
    functions: OrderedMap<Vec<u8>, Rc<Function>>,
}

/// The refusal of a library whose name is taken.
pub(crate) fn already_exists(name: &[u8]) -> CmdError {
    CmdError::Bytes([b"ERR Library '", name, b"' already exists"].concat())
}

/// The name of a library as its first line says it; `None` where only loading can tell what is wrong with it.
pub(crate) fn name_in(code: &[u8]) -> Option<Vec<u8>> {
    let shebang = Shebang::read(code)?;
    let name = shebang.words.iter().find_map(|word| word.strip_prefix(b"name="))?;
    (shebang.engine == b"#!lua").then(|| name.to_vec())
}

impl Libraries {
    /// A library by its name.
    pub(crate) fn get(&self, name: &[u8]) -> Option<&Library> {
        self.by_name.get(name)
    }

    /// A function by its name.
    pub(crate) fn function(&self, name: &[u8]) -> Option<&Rc<Function>> {
        self.functions.get(name)
    }

    /// All libraries, in the order of their names.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &Library> {
        self.by_name.values()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.by_name.len()
    }

    /// How many functions there are in all.
    pub(crate) fn function_count(&self) -> usize {
        self.functions.len()
    }

    /// Refuses a library that has a function whose name is one of another library.
    pub(crate) fn check_functions(&self, library: &Library) -> Result<(), CmdError> {
        for function in &library.functions {
            let other = self.functions.get(&function.name);
            if other.is_some_and(|other| *other.library != *library.name) {
                let text = [b"ERR Function ", &*function.name, b" already exists"].concat();
                return Err(CmdError::Bytes(text));
            }
        }
        Ok(())
    }

    /// Adds a library in place of the one that has its name.
    pub(crate) fn put(&mut self, library: Library) {
        self.remove(&library.name);
        for function in &library.functions {
            self.functions.insert(function.name.clone(), Rc::clone(function));
        }
        self.by_name.insert(library.name.clone(), library);
    }

    /// Removes a library; whether there was one.
    pub(crate) fn remove(&mut self, name: &[u8]) -> bool {
        let Some(library) = self.by_name.remove(name) else { return false };
        for function in &library.functions {
            self.functions.remove(&function.name);
        }
        true
    }

    /// Bytes of memory that they take, roughly.
    pub(crate) fn memory_bytes(&self) -> usize {
        let code: usize = self.iter().map(|library| library.code.len() + library.name.len()).sum();
        let names: usize = self.functions.keys().map(|name| name.len() * 2).sum();
        code + names
            + self.len() * size_of::<Library>()
            + self.function_count() * size_of::<Function>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn library(name: &[u8], functions: &[&[u8]]) -> Library {
        let function = |function: &&[u8]| {
            let library: Rc<[u8]> = name.into();
            let (name, flags) = (function.to_vec(), Flags::default());
            Rc::new(Function { library, name, description: None, flags })
        };
        let functions = functions.iter().map(function).collect();
        Library { name: name.to_vec(), code: Bytes::from(&b"code"[..]), functions }
    }

    #[test]
    fn functions_belong_to_one_library() {
        let mut all = Libraries::default();
        all.put(library(b"a", &[b"f", b"g"]));
        let other = library(b"b", &[b"g"]);
        let refusal = all.check_functions(&other).unwrap_err();
        assert_eq!(refusal.into_bytes(), b"ERR Function g already exists", "taken by another");
        let same = library(b"a", &[b"g", b"h"]);
        assert!(all.check_functions(&same).is_ok(), "its own");
        all.put(same);
        assert!(all.function(b"f").is_none() && all.function(b"h").is_some(), "replaced");
        assert_eq!((all.len(), all.function_count()), (1, 2), "counted");
        assert!(all.remove(b"a") && !all.remove(b"a"), "removed once");
        assert_eq!(all.function_count(), 0, "with all of its functions");
    }
}
