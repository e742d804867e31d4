//! The table of all commands, and looking one up by name.

use std::sync::LazyLock;

use redarium_structures::order;

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

/// How many numbers of commands and subcommands there are.
pub(crate) fn id_count() -> usize {
    TABLE.by_id.len()
}

/// The command or subcommand with this number, and the command that contains it.
pub(crate) fn by_id(id: CommandId) -> Option<Named> {
    TABLE.by_id.get(id as usize).copied()
}

/// The command called `name`, or the subcommand called `config|get`, whatever the case.
pub(crate) fn by_full_name(name: &[u8]) -> Option<(CommandId, Named)> {
    let mut words = name.split(|&byte| byte == b'|');
    let row = TABLE.lookup(words.next()?)?;
    let Some(word) = words.next() else { return Some((row.id, (row.spec, None))) };
    let at = row.spec.subcommand_at(word)?;
    let id = subcommand_id(row.id, at);
    words.next().is_none().then_some((id, by_id(id)?))
}

/// The number of a container's subcommand that stands at this place.
#[inline]
pub(crate) fn subcommand_id(container: CommandId, at: usize) -> CommandId {
    container + 1 + at as CommandId
}

/// Number of a command or subcommand, for tables and sets of them; it holds for one build of the engine only.
///
/// Commands are numbered in the order of their names, each followed by its subcommands.
pub(crate) type CommandId = u16;

/// A command or subcommand, and the command that contains it.
pub(crate) type Named = (&'static CommandSpec, Option<&'static CommandSpec>);

/// A command with what dispatch would have to derive from its spec each time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub(crate) spec: &'static CommandSpec,
    /// As [`CommandSpec::effective_arity`] says.
    pub(crate) arity: i64,
    pub(crate) id: CommandId,
}

struct Table {
    sorted: Vec<&'static CommandSpec>,
    by_id: Vec<Named>,
    /// Open addressing over a power of two of at least four times the commands.
    slots: Vec<Option<(NameKey, Row)>>,
}

static TABLE: LazyLock<Table> = LazyLock::new(Table::new);

impl Table {
    fn new() -> Self {
        let mut sorted: Vec<&'static CommandSpec> = FAMILIES
            .iter()
            .flat_map(|files| files.iter())
            .flat_map(|commands| commands.iter())
            .collect();
        order::sort_by_key(&mut sorted, |spec| spec.name);
        let mut slots: Vec<Option<(NameKey, Row)>> =
            vec![None; (sorted.len() * 4).next_power_of_two()];
        let mut by_id: Vec<Named> = Vec::new();
        for spec in &sorted {
            let id = by_id.len() as CommandId;
            by_id.push((spec, None));
            by_id.extend(spec.subcommands.iter().map(|sub| (sub, Some(*spec))));
            let key = NameKey::new(spec.name.as_bytes());
            let mut at = key.hash() & (slots.len() - 1);
            while slots.get(at).is_some_and(Option::is_some) {
                at = (at + 1) & (slots.len() - 1);
            }
            if let Some(slot) = slots.get_mut(at) {
                *slot = Some((key, Row { spec, arity: spec.effective_arity(false), id }));
            }
        }
        Self { sorted, by_id, slots }
    }

    #[inline]
    fn lookup(&self, name: &[u8]) -> Option<Row> {
        let key = NameKey::new(name);
        let mut at = key.hash() & (self.slots.len() - 1);
        loop {
            let (slot, row) = self.slots.get(at)?.as_ref()?;
            if *slot == key
                && (name.len() <= NameKey::EXACT_MAX
                    || row.spec.name.as_bytes().eq_ignore_ascii_case(name))
            {
                return Some(*row);
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }
}

/// Length, first and last eight bytes of a name in upper case: names up to 16 bytes are equal if these are.
///
/// Looking at a whole name byte by byte would take as long as the rest of a short command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct NameKey {
    len: usize,
    first: u64,
    last: u64,
}

impl NameKey {
    /// Bytes of the longest name of which the key says all.
    const EXACT_MAX: usize = 16;

    #[inline]
    fn new(name: &[u8]) -> Self {
        let (first, last) = match (name.first_chunk(), name.last_chunk()) {
            (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
            _ => match (name.first_chunk(), name.last_chunk()) {
                (Some(first), Some(last)) => {
                    (u64::from(u32::from_le_bytes(*first)), u64::from(u32::from_le_bytes(*last)))
                }
                _ => match *name {
                    [a, b, c] => (u64::from(u32::from_le_bytes([a, b, c, 0])), 0),
                    [a, b] => (u64::from(u16::from_le_bytes([a, b])), 0),
                    [a] => (u64::from(a), 0),
                    _ => (0, 0),
                },
            },
        };
        Self { len: name.len(), first: upper(first), last: upper(last) }
    }

    #[inline]
    fn hash(self) -> usize {
        let mixed = (self.first ^ self.last.rotate_left(29) ^ self.len as u64)
            .wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (mixed >> 40) as usize
    }
}

/// Eight bytes with ASCII letters in upper case, all at once.
#[inline]
fn upper(bytes: u64) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * EACH;
    let low = bytes & !HIGH;
    let from_a = low + (0x80 - u64::from(b'a')) * EACH;
    let beyond_z = low + (0x7F - u64::from(b'z')) * EACH;
    let letters = from_a & !beyond_z & !bytes & HIGH;
    bytes ^ (letters >> 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_in_any_case_and_nothing_else_is() {
        for spec in commands() {
            let (upper, lower) = (spec.name.as_bytes(), spec.name.to_ascii_lowercase());
            for name in [upper, lower.as_bytes()] {
                let found = lookup(name).map(|spec| spec.name);
                assert_eq!(found, Some(spec.name), "{}", spec.name);
            }
            for at in 0..upper.len() {
                for changed in [upper[at] ^ 0x80, upper[at] ^ 0x40, upper[at].wrapping_add(1)] {
                    let mut other = upper.to_vec();
                    other[at] = changed;
                    let found = lookup(&other).map(|spec| spec.name.as_bytes());
                    assert!(
                        found.is_none_or(|found| found.eq_ignore_ascii_case(&other)),
                        "{other:?} is no {found:?}"
                    );
                }
            }
        }
        assert!(lookup(b"").is_none(), "a name without a letter");
    }

    #[test]
    fn eight_bytes_in_upper_case_are_those_of_the_standard_library() {
        for byte in 0..=255u8 {
            let expected = [byte.to_ascii_uppercase(); 8];
            assert_eq!(upper(u64::from_le_bytes([byte; 8])).to_le_bytes(), expected, "{byte}");
        }
    }
}
