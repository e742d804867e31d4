//! A hash table: its buckets with their chains, and what steps do to it.

use redarium_engine::trace::Step;
use redarium_structures::hash_table::HashTableStep;

use super::figure::{Figure, Grid, Lit, MARKS_MAX, Mark, Part, Row};
use super::model::{Buckets, Item, Table};
use crate::format::{counted, grouped};

/// The name of a bucket in what is lit; items have the numbers below.
fn bucket_id(array: usize, index: usize) -> u64 {
    (array as u64 + 1) << 48 | index as u64
}

impl Table {
    /// Does what a step did; a sentence about it, or none if the step is of something else.
    pub(super) fn apply(&mut self, step: &Step, lit: &mut Lit) -> Option<String> {
        let Step::HashTable(step) = step else { return None };
        Some(match *step {
            HashTableStep::Bucket { table, index } => {
                lit.visit(bucket_id(table, index));
                format!("the hash chooses bucket {index}{}", self.of_array(table))
            }
            HashTableStep::Compare { id } => {
                lit.visit(u64::from(id));
                format!("compares with {}", self.name(id))
            }
            HashTableStep::Link { id, table, index } => {
                self.put(table, index, Item { id, ..Item::default() });
                self.len += 1;
                lit.change(u64::from(id));
                format!("a new entry becomes the head of bucket {index}{}", self.of_array(table))
            }
            HashTableStep::Scan { table, index } => {
                lit.visit(bucket_id(table, index));
                format!("the scan visits bucket {index}{}", self.of_array(table))
            }
            HashTableStep::Unlink { id, table, index } => {
                let name = self.name(id);
                self.take(table, index, id);
                self.len = self.len.saturating_sub(1);
                lit.change(bucket_id(table, index));
                format!("{name} leaves bucket {index}{}", self.of_array(table))
            }
            HashTableStep::RehashStart { from, to } => {
                let new =
                    Buckets { size: to, used: 0, chains: vec![Vec::new(); to.min(MARKS_MAX)] };
                if from == 0 {
                    self.arrays = vec![new];
                    format!("makes an array of {}", counted(to, "bucket"))
                } else {
                    self.arrays.push(new);
                    self.rehash_index = Some(0);
                    format!(
                        "makes a second array of {}; entries move there little by little",
                        counted(to, "bucket")
                    )
                }
            }
            HashTableStep::RehashBucket { index } => {
                lit.visit(bucket_id(0, index));
                self.rehash_index = Some(index + 1);
                format!("all of bucket {index} moves to the second array")
            }
            HashTableStep::Move { id, from, to } => {
                let item = self.take(0, from, id).unwrap_or(Item { id, ..Item::default() });
                self.put(1, to, item);
                lit.change(u64::from(id));
                format!("{} moves from bucket {from} to bucket {to}", self.name(id))
            }
            HashTableStep::RehashDone => {
                if self.arrays.len() > 1 {
                    self.arrays.remove(0);
                }
                self.rehash_index = None;
                "the first array is empty and goes; the second takes its place".to_owned()
            }
        })
    }

    fn of_array(&self, array: usize) -> &'static str {
        match array {
            _ if self.arrays.len() < 2 => "",
            0 => " of the first array",
            _ => " of the second array",
        }
    }

    fn name(&self, id: u32) -> String {
        let mut items = self.arrays.iter().flat_map(|array| array.chains.iter().flatten());
        match items.find(|item| item.id == id) {
            Some(item) if !item.name.is_empty() => item.name.clone(),
            _ => "an entry".to_owned(),
        }
    }

    fn put(&mut self, array: usize, index: usize, item: Item) {
        let Some(array) = self.arrays.get_mut(array) else { return };
        array.used += 1;
        if let Some(chain) = array.chains.get_mut(index) {
            chain.insert(0, item);
        }
    }

    fn take(&mut self, array: usize, index: usize, id: u32) -> Option<Item> {
        let array = self.arrays.get_mut(array)?;
        array.used = array.used.saturating_sub(1);
        let chain = array.chains.get_mut(index)?;
        let place = chain.iter().position(|item| item.id == id)?;
        Some(chain.remove(place))
    }

    /// Whether this is the same memory, as far as both know it.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let numbers = |table: &Self| (table.len, table.rehash_index, table.arrays.len());
        let agree = |(a, b): (&Vec<Item>, &Vec<Item>)| {
            a.len() == b.len()
                && a.iter().zip(b).all(|(a, b)| {
                    a.id == b.id && (a.name.is_empty() || b.name.is_empty() || a.name == b.name)
                })
        };
        numbers(self) == numbers(other)
            && self.arrays.iter().zip(&other.arrays).all(|(a, b)| {
                (a.size, a.used) == (b.size, b.used) && a.chains.iter().zip(&b.chains).all(agree)
            })
    }

    /// Learns the words of items that steps have made.
    pub(super) fn learn(&mut self, from: &Self) {
        let known = |id: u32| {
            let mut items = from.arrays.iter().flat_map(|array| array.chains.iter().flatten());
            items.find(|item| item.id == id).map(|item| item.name.clone())
        };
        for item in self.arrays.iter_mut().flat_map(|array| array.chains.iter_mut().flatten()) {
            if item.name.is_empty() {
                item.name = known(item.id).unwrap_or_default();
            }
        }
    }

    /// The drawing; `kind` is the type of the key.
    pub(super) fn figure(&self, key: &str, kind: &str) -> Figure {
        let parts: Vec<Part> = self
            .arrays
            .iter()
            .enumerate()
            .map(|(at, array)| self.part(at, array, key, kind))
            .collect();
        let label = format!(
            "Hash table of {key} with {}; arrow keys go from one to the next",
            counted(self.len, unit(kind))
        );
        Figure { label, parts, grid: self.grid() }
    }

    fn part(&self, at: usize, array: &Buckets, key: &str, kind: &str) -> Part {
        let load = array.used as f64 / array.size.max(1) as f64;
        let mut title = format!(
            "{} in {}, load {load:.2}",
            counted(array.used, unit(kind)),
            counted(array.size, "bucket")
        );
        if self.arrays.len() > 1 {
            title = format!("Array {at}: {title}");
        }
        if let Some(next) = self.rehash_index.filter(|_| at == 0) {
            title = format!("{title}; bucket {next} moves next");
        }
        let rows_max = MARKS_MAX / self.arrays.len().max(1) / 2;
        let row = |(index, chain): (usize, &Vec<Item>)| Row {
            name: index.to_string(),
            id: bucket_id(at, index),
            marks: chain.iter().take(12).map(|item| mark(item, index, key, kind)).collect(),
            more: if chain.len() > 12 { format!("+{}", chain.len() - 12) } else { String::new() },
        };
        let mut rows: Vec<Row> = array.chains.iter().enumerate().take(rows_max).map(row).collect();
        if array.size > rows.len() {
            let more = format!("and {} more buckets", grouped(array.size - rows.len()));
            rows.push(Row { more, ..Row::default() });
        }
        Part { title, class: "buckets", rows }
    }

    fn grid(&self) -> Grid {
        let columns = vec!["Array", "Bucket", "Entries, the newest first"];
        let rows = self.arrays.iter().enumerate().flat_map(|(at, array)| {
            let filled = array.chains.iter().enumerate().filter(|(_, chain)| !chain.is_empty());
            filled.map(move |(index, chain)| {
                let names: Vec<&str> = chain.iter().map(|item| item.name.as_str()).collect();
                vec![at.to_string(), index.to_string(), names.join(", ")]
            })
        });
        Grid { columns, rows: rows.take(MARKS_MAX).collect() }
    }
}

fn unit(kind: &str) -> &'static str {
    if kind == "hash" { "field" } else { "member" }
}

fn mark(item: &Item, index: usize, key: &str, kind: &str) -> Mark {
    let name = if item.name.is_empty() { "\u{2026}" } else { &item.name };
    let ask = match kind {
        "hash" => "HGET",
        "zset" => "ZSCORE",
        _ => "SISMEMBER",
    };
    Mark {
        id: u64::from(item.id),
        class: "cell",
        text: name.to_owned(),
        about: format!("{name}, in bucket {index}"),
        line: (!item.name.is_empty()).then(|| format!("{ask} {key} {name}")),
        ..Mark::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(chains: &[&[u32]]) -> Table {
        let item = |id: &u32| Item { id: *id, name: format!("m{id}") };
        let chains: Vec<Vec<Item>> =
            chains.iter().map(|chain| chain.iter().map(item).collect()).collect();
        let used = chains.iter().map(Vec::len).sum();
        Table {
            len: used,
            arrays: vec![Buckets { size: chains.len(), used, chains }],
            rehash_index: None,
        }
    }

    #[test]
    fn a_table_is_drawn_bucket_by_bucket() {
        let figure = whole(&[&[1], &[], &[3, 2], &[]]).figure("tags", "set");
        assert_eq!(
            figure.written(),
            "3 members in 4 buckets, load 0.75\n  0 m1\n  1\n  2 m3|m2\n  3\n"
        );
        assert_eq!(figure.parts[0].rows[2].marks[0].line.as_deref(), Some("SISMEMBER tags m3"));
        assert_eq!(figure.grid.rows, [["0", "0", "m1"], ["0", "2", "m3, m2"]]);
    }

    #[test]
    fn entries_move_to_a_larger_array_one_bucket_at_a_time() {
        let mut table = whole(&[&[1], &[3, 2]]);
        let mut lit = Lit::default();
        let steps = [
            HashTableStep::RehashStart { from: 2, to: 4 },
            HashTableStep::Link { id: 4, table: 1, index: 0 },
            HashTableStep::RehashBucket { index: 0 },
            HashTableStep::Move { id: 1, from: 0, to: 2 },
        ];
        let told: Vec<_> = steps
            .iter()
            .map(|step| table.apply(&Step::HashTable(*step), &mut lit).unwrap())
            .collect();
        assert_eq!(told[3], "m1 moves from bucket 0 to bucket 2");
        assert_eq!(
            table.figure("t", "set").written(),
            "Array 0: 2 members in 2 buckets, load 1.00; bucket 1 moves next\n  0\n  1 m3|m2\n\
             Array 1: 2 members in 4 buckets, load 0.50\n  0 \u{2026}\n  1\n  2 m1\n  3\n"
        );
        for step in [
            HashTableStep::RehashBucket { index: 1 },
            HashTableStep::Move { id: 3, from: 1, to: 1 },
            HashTableStep::Move { id: 2, from: 1, to: 3 },
            HashTableStep::RehashDone,
        ] {
            table.apply(&Step::HashTable(step), &mut lit);
        }
        assert!(table.is_same(&whole(&[&[4], &[3], &[1], &[2]])), "{table:?}");
    }
}
