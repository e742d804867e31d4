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
    TABLE.lookup(name).map(|row| row.spec)
}

/// A command with its arity, whose name is `name`, whatever its case. O(1).
#[inline]
pub(crate) fn lookup_row(name: &[u8]) -> Option<Row> {
    TABLE.lookup(name)
}

/// A command with what dispatch would have to derive from its spec each time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub(crate) spec: &'static CommandSpec,
    /// As [`CommandSpec::effective_arity`] says.
    pub(crate) arity: i64,
}

struct Table {
    sorted: Vec<&'static CommandSpec>,
    /// Open addressing over a power of two of at least four times the commands.
    slots: Vec<Option<Row>>,
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
        for spec in &sorted {
            let mut at = hash(spec.name.as_bytes()) & (slots.len() - 1);
            while slots.get(at).is_some_and(Option::is_some) {
                at = (at + 1) & (slots.len() - 1);
            }
            if let Some(slot) = slots.get_mut(at) {
                *slot = Some(Row { spec, arity: spec.effective_arity(false) });
            }
        }
        Self { sorted, slots }
    }

    #[inline]
    fn lookup(&self, name: &[u8]) -> Option<Row> {
        let mut at = hash(name) & (self.slots.len() - 1);
        loop {
            let row = (*self.slots.get(at)?)?;
            if row.spec.name.as_bytes().eq_ignore_ascii_case(name) {
                return Some(row);
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }
}

/// Mixes the length and five bytes of a name, whatever their case: enough to tell commands apart.
#[inline]
fn hash(name: &[u8]) -> usize {
    let len = name.len();
    let byte = |at: usize| name.get(at).map_or(0, |byte| u32::from(byte & 0xDF));
    let ends =
        byte(0) << 24 | byte(1) << 16 | byte(len.wrapping_sub(2)) << 8 | byte(len.wrapping_sub(1));
    let mixed = (ends ^ byte(len / 2) << 4 ^ (len as u32) << 12).wrapping_mul(0x9E37_79B1);
    (mixed >> 16) as usize
}
