//! Which words of a command are keys, and what the command does to them: for COMMAND GETKEYS and for rights.

use super::{CommandSpec, KeySpec};

/// A key among the words of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FoundKey {
    /// Its place, the command's name being word 0.
    pub(crate) at: usize,
    /// As COMMAND GETKEYSANDFLAGS lists them.
    pub(crate) flags: &'static [&'static str],
}

/// The keys among the words of a command, in the order of its key specifications.
pub(crate) fn keys_in(spec: &CommandSpec, words: &[&[u8]]) -> Vec<FoundKey> {
    let mut keys = Vec::new();
    for key in spec.keys {
        let flags = flags_for(spec.name, key, words);
        keys.extend(key.positions(words).into_iter().map(|at| FoundKey { at, flags }));
    }
    keys
}

/// The flags of a key; those of SET and BITFIELD depend on the options that are given.
fn flags_for(command: &str, spec: &KeySpec, words: &[&[u8]]) -> &'static [&'static str] {
    let has =
        |token: &str| words.iter().skip(2).any(|word| word.eq_ignore_ascii_case(token.as_bytes()));
    match command {
        "SET" if has("GET") => &["RW", "access", "update"],
        "SET" => &["OW", "update"],
        "BITFIELD" if !has("SET") && !has("INCRBY") => &["RO", "access"],
        "BITFIELD" => &["RW", "access", "update"],
        _ => spec.flags,
    }
}
