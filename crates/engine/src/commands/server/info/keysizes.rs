//! INFO keysizes: how many keys of each type are how long, in classes of powers of two.
//!
//! Redis keeps these numbers up to date all the time; here they are counted when they are asked for.

use super::Lines;
use crate::context::Ctx;
use crate::value::Type;
use redarium_structures::ordered::OrderedMap;

/// Types with the name of their line, in Redis's order.
const KINDS: &[(Type, &str)] = &[
    (Type::String, "strings_sizes"),
    (Type::List, "lists_items"),
    (Type::Set, "sets_items"),
    (Type::ZSet, "zsets_items"),
    (Type::Hash, "hashes_items"),
];

/// O(keys).
pub(super) fn keysizes(ctx: &Ctx<'_>, lines: &mut Lines) {
    for (number, db) in ctx.keys.dbs.iter().enumerate() {
        for &(kind, name) in KINDS {
            let values = db.table().iter().map(|(_, entry)| &entry.value);
            let mut classes = OrderedMap::<u64, u64>::new();
            for value in values.filter(|value| value.type_of() == kind) {
                *classes.get_or_default(class_of(value.len() as u64)) += 1;
            }
            if !classes.is_empty() {
                let parts: Vec<_> = classes
                    .iter()
                    .map(|(&least, count)| format!("{}={count}", short(least)))
                    .collect();
                lines.field(&format!("db{number}_distrib_{name}"), parts.join(","));
            }
        }
    }
}

/// The largest power of two that is not above a length; 0 for nothing.
fn class_of(len: u64) -> u64 {
    len.checked_ilog2().map_or(0, |power| 1 << power)
}

/// A power of two with a unit.
fn short(number: u64) -> String {
    let units = ["", "K", "M", "G", "T", "P", "E"];
    let step = number.checked_ilog2().unwrap_or(0) as usize / 10;
    format!("{}{}", number >> (10 * step), units.get(step).unwrap_or(&""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_fall_into_classes_of_powers_of_two() {
        for (len, text) in [
            (0, "0"),
            (1, "1"),
            (3, "2"),
            (512, "512"),
            (1023, "512"),
            (1024, "1K"),
            (5_000_000, "4M"),
            (u64::MAX, "8E"),
        ] {
            assert_eq!(short(class_of(len)), text, "{len}");
        }
    }
}
