//! The table of all commands, and looking one up by name.

use std::sync::LazyLock;

use crate::command::CommandSpec;
use crate::commands::FAMILIES;

/// All commands, sorted by name.
pub fn commands() -> &'static [&'static CommandSpec] {
    &TABLE.sorted
}

/// The command called `name`, whatever its case. O(1).
#[inline]
pub fn lookup(name: &[u8]) -> Option<&'static CommandSpec> {
    TABLE.lookup(name)
}

struct Table {
    sorted: Vec<&'static CommandSpec>,
    /// Open addressing over a power of two of at least four times the commands: index into `sorted`.
    slots: Vec<Option<u16>>,
}

static TABLE: LazyLock<Table> = LazyLock::new(Table::new);

impl Table {
    fn new() -> Self {
        let mut sorted: Vec<&'static CommandSpec> = FAMILIES
            .iter()
            .flat_map(|files| files.iter())
            .flat_map(|commands| commands.iter())
            .collect();
        sorted.sort_by_key(|spec| spec.name);
        let mut slots = vec![None; (sorted.len() * 4).next_power_of_two()];
        for (index, spec) in sorted.iter().enumerate() {
            let mut at = hash(spec.name.as_bytes()) as usize & (slots.len() - 1);
            while slots.get(at).is_some_and(Option::is_some) {
                at = (at + 1) & (slots.len() - 1);
            }
            if let Some(slot) = slots.get_mut(at) {
                *slot = Some(index as u16);
            }
        }
        Self { sorted, slots }
    }

    #[inline]
    fn lookup(&self, name: &[u8]) -> Option<&'static CommandSpec> {
        let mut at = hash(name) as usize & (self.slots.len() - 1);
        loop {
            let index = (*self.slots.get(at)?)?;
            let spec = *self.sorted.get(usize::from(index))?;
            if spec.name.as_bytes().eq_ignore_ascii_case(name) {
                return Some(spec);
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }
}

/// FNV-1a over the upper-case letters of a name.
#[inline]
fn hash(name: &[u8]) -> u32 {
    name.iter().fold(0x811C_9DC5, |hash, byte| {
        (hash ^ u32::from(byte.to_ascii_uppercase())).wrapping_mul(0x0100_0193)
    })
}
