//! One block of bytes: a listpack, an intset or a string, and what steps do to it.

use redarium_engine::trace::Step;
use redarium_engine::types::string::StringStep;
use redarium_structures::int_set::IntSetStep;
use redarium_structures::list_pack::ListPackStep;

use super::figure::{Figure, Grid, Lit, Mark, Part, Row};
use super::model::{Block, Cell, Strip};
use crate::format::{counted, grouped};

/// Stands for what is not known while a step is played.
const UNKNOWN: &str = "\u{2026}";

impl Strip {
    /// Gives each cell a name of its own, so that it keeps it from state to state.
    pub(super) fn name_cells(&mut self) {
        for (id, cell) in (1..).zip(&mut self.cells) {
            cell.id = id;
        }
    }

    /// Does what a step did; a sentence about it, or none if the step is of something else.
    pub(super) fn apply(&mut self, step: &Step, lit: &mut Lit) -> Option<String> {
        match (self.block, step) {
            (Block::ListPack, Step::ListPack(step)) => Some(self.apply_to_pack(*step, lit)),
            (Block::IntSet, Step::IntSet(step)) => Some(self.apply_to_numbers(*step, lit)),
            (Block::Text, Step::String(step)) => Some(self.apply_to_text(*step, lit)),
            _ => None,
        }
    }

    fn apply_to_pack(&mut self, step: ListPackStep, lit: &mut Lit) -> String {
        match step {
            ListPackStep::Visit { offset, index } => match self.at(offset) {
                Some(cell) => {
                    lit.visit(u64::from(cell.id));
                    format!("looks at entry {index}: {}", shown(cell))
                }
                None => format!("looks at entry {index}, which is not drawn"),
            },
            ListPackStep::Insert { offset, bytes, moved } => {
                let place = self.cells.partition_point(|cell| cell.offset < offset);
                self.shift(place, bytes as isize);
                let is_drawn = place < self.cells.len() || self.cells.len() == self.len;
                if is_drawn {
                    self.insert(place, offset, bytes, lit);
                }
                self.len += 1;
                self.bytes += bytes;
                format!(
                    "writes an entry of {} at byte {offset}{}",
                    counted(bytes, "byte"),
                    after_moving(moved)
                )
            }
            ListPackStep::Remove { offset, bytes, moved } => {
                let from = self.cells.partition_point(|cell| cell.offset < offset);
                let to = self.cells.partition_point(|cell| cell.offset < offset + bytes);
                let gone: Vec<Cell> = self.cells.drain(from..to).collect();
                self.len -= gone.len();
                self.bytes -= bytes;
                self.shift(from, -(bytes as isize));
                let names: Vec<&str> = gone.iter().map(shown).collect();
                let then = if moved > 0 {
                    format!(", and {} close the gap", counted(moved, "byte"))
                } else {
                    String::new()
                };
                format!("takes out {}: {}{then}", counted(bytes, "byte"), names.join(", "))
            }
            ListPackStep::Replace { offset, from, to, moved } => {
                let place = self.cells.partition_point(|cell| cell.offset < offset);
                if self.at(offset).is_some() {
                    self.cells.remove(place);
                    self.shift(place, to as isize - from as isize);
                    self.insert(place, offset, to, lit);
                }
                self.bytes = self.bytes + to - from;
                format!("writes over the entry at byte {offset}{}", after_moving(moved))
            }
            ListPackStep::Grow { from, to } => self.make_room("asks for a larger block", from, to),
            ListPackStep::Shrink { from, to } => self.make_room("gives memory back", from, to),
        }
    }

    fn apply_to_numbers(&mut self, step: IntSetStep, lit: &mut Lit) -> String {
        match step {
            IntSetStep::Probe { index, value } => {
                if let Some(cell) = self.cells.get(index) {
                    lit.visit(u64::from(cell.id));
                }
                format!("compares with number {index}: {value}")
            }
            IntSetStep::Upgrade { from, to } => {
                self.width = to;
                self.lay_numbers();
                format!("writes every number anew, with {to} bytes instead of {from}")
            }
            IntSetStep::Insert { index, moved } => {
                if index < self.cells.len() || self.cells.len() == self.len {
                    self.insert(index.min(self.cells.len()), 0, self.width, lit);
                }
                self.len += 1;
                self.lay_numbers();
                format!("writes a number at place {index}{}", after_moving(moved))
            }
            IntSetStep::Remove { index, moved } => {
                if index < self.cells.len() {
                    self.cells.remove(index);
                }
                self.len = self.len.saturating_sub(1);
                self.lay_numbers();
                format!("takes out the number at place {index}{}", after_moving(moved))
            }
        }
    }

    fn apply_to_text(&mut self, step: StringStep, lit: &mut Lit) -> String {
        match step {
            StringStep::Grow { from, to } => self.make_room("moves to a larger buffer", from, to),
            StringStep::Write { at, len } => {
                let drawn = self.cells.len();
                let all = drawn == self.len;
                for offset in at..at + len {
                    if offset < drawn {
                        let fresh = self.fresh(offset, 1);
                        lit.change(u64::from(fresh.id));
                        if let Some(cell) = self.cells.get_mut(offset) {
                            *cell = fresh;
                        }
                    } else if all && offset < super::figure::MARKS_MAX {
                        // Bytes that nobody has written yet are zeros.
                        while self.cells.len() < offset {
                            let zero = Cell {
                                text: "\\x00".to_owned(),
                                ..self.fresh(self.cells.len(), 1)
                            };
                            self.cells.push(zero);
                        }
                        self.insert(offset, offset, 1, lit);
                    }
                }
                self.len = self.len.max(at + len);
                self.bytes = self.len;
                format!("writes {} at {at}", counted(len, "byte"))
            }
            StringStep::Bit { at, from, to } => {
                let byte = (at / 8) as usize;
                if let Some(cell) = self.cells.get(byte) {
                    lit.visit(u64::from(cell.id));
                }
                format!("bit {at}, in byte {byte}: {} becomes {}", u8::from(from), u8::from(to))
            }
        }
    }

    fn make_room(&mut self, what: &str, from: usize, to: usize) -> String {
        self.capacity = to;
        format!("{what}: {} instead of {}", counted(to, "byte"), grouped(from))
    }

    fn at(&self, offset: usize) -> Option<&Cell> {
        self.cells.iter().find(|cell| cell.offset == offset)
    }

    fn fresh(&self, offset: usize, bytes: usize) -> Cell {
        let id = self.cells.iter().map(|cell| cell.id).max().unwrap_or(0).max(1 << 16) + 1;
        Cell { id, offset, bytes, ..Cell::default() }
    }

    fn insert(&mut self, place: usize, offset: usize, bytes: usize, lit: &mut Lit) {
        let cell = self.fresh(offset, bytes);
        lit.change(u64::from(cell.id));
        self.cells.insert(place, cell);
    }

    /// Moves the cells from a place on.
    fn shift(&mut self, place: usize, by: isize) {
        for cell in self.cells.iter_mut().skip(place) {
            cell.offset = cell.offset.saturating_add_signed(by);
        }
    }

    fn lay_numbers(&mut self) {
        self.bytes = self.header + self.len * self.width;
        self.capacity = self.bytes;
        for (index, cell) in self.cells.iter_mut().enumerate() {
            cell.offset = self.header + index * self.width;
            cell.bytes = self.width;
        }
    }

    /// Whether this is the same memory, as far as both know it.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let agree = |(a, b): (&Cell, &Cell)| {
            (a.offset, a.bytes) == (b.offset, b.bytes)
                && (a.text.is_empty() || b.text.is_empty() || a.text == b.text)
        };
        (self.block, self.bytes, self.len) == (other.block, other.bytes, other.len)
            && self.cells.iter().zip(&other.cells).all(agree)
    }

    /// Learns from the last state what cells hold that steps have written.
    pub(super) fn learn(&mut self, names: &[(u32, Cell)]) {
        for cell in self.cells.iter_mut().filter(|cell| cell.text.is_empty()) {
            if let Some((_, known)) = names.iter().find(|(id, _)| *id == cell.id) {
                cell.text.clone_from(&known.text);
                cell.encoding.clone_from(&known.encoding);
            }
        }
    }

    /// An empty block of the same kind.
    pub(super) fn emptied(&self) -> Self {
        let trailer = usize::from(self.block == Block::ListPack);
        let bytes = self.header + trailer;
        Self { len: 0, bytes, capacity: bytes, cells: Vec::new(), ..self.clone() }
    }

    /// The drawing.
    pub(super) fn figure(&self, key: &str, kind: &str) -> Figure {
        let (what, unit) = match self.block {
            Block::ListPack => ("Listpack", "entry"),
            Block::IntSet => ("Intset", "number"),
            Block::Text => ("String", "byte"),
        };
        let mut title = format!("{what}, {}", counted(self.bytes, "byte"));
        if self.capacity > self.bytes {
            title = format!("{title} in a block of {}", grouped(self.capacity));
        }
        if self.block == Block::IntSet {
            title = format!("{title}, {} each", counted(self.width, "byte"));
        }
        let edge = |text: &str, about: &str| Mark {
            class: "edge",
            text: text.to_owned(),
            about: about.to_owned(),
            ..Mark::default()
        };
        let mut marks: Vec<Mark> = Vec::with_capacity(self.cells.len() + 2);
        match self.block {
            Block::ListPack => {
                marks.push(edge("head", "6 bytes: the length in bytes, and the number of entries"));
            }
            Block::IntSet => marks.push(edge(
                "head",
                "8 bytes: the bytes of each number, and how many numbers there are",
            )),
            Block::Text => {}
        }
        marks.extend(self.cells.iter().enumerate().map(|(index, cell)| Mark {
            id: u64::from(cell.id),
            class: self.role(kind, index),
            text: shown(cell).to_owned(),
            note: cell.offset.to_string(),
            about: about(cell),
            line: self.line(key, kind, index),
        }));
        let left = self.len - self.cells.len().min(self.len);
        if self.block == Block::ListPack && left == 0 {
            marks.push(edge("FF", "1 byte: the end"));
        }
        let more = if left > 0 {
            format!("and {} that are not drawn", counted(left, unit))
        } else {
            String::new()
        };
        let rows = vec![Row { marks, more, ..Row::default() }];
        let label = format!(
            "{what} of {key} with {}; arrow keys go from one to the next",
            counted(self.len, unit)
        );
        Figure { label, parts: vec![Part { title, class: "strip", rows }], grid: self.grid() }
    }

    /// The second of a pair looks other than the first.
    fn role(&self, kind: &str, index: usize) -> &'static str {
        let is_paired = self.block == Block::ListPack && matches!(kind, "hash" | "zset");
        match self.block {
            Block::Text => "byte",
            _ if is_paired && index % 2 == 1 => "cell second",
            _ if is_paired => "cell first",
            _ => "cell",
        }
    }

    /// The question for a cell.
    fn line(&self, key: &str, kind: &str, index: usize) -> Option<String> {
        let word = |index: usize| {
            self.cells.get(index).map(|cell| cell.text.as_str()).filter(|text| !text.is_empty())
        };
        match kind {
            "zset" => Some(format!("ZREVRANK {key} {}", word(index - index % 2)?)),
            "hash" => Some(format!("HGET {key} {}", word(index - index % 2)?)),
            "set" => Some(format!("SISMEMBER {key} {}", word(index)?)),
            "list" => Some(format!("LINDEX {key} {index}")),
            "string" => Some(format!("GETRANGE {key} {index} {index}")),
            _ => None,
        }
    }

    fn grid(&self) -> Grid {
        let columns = vec!["Offset", "Bytes", "Value", "Encoding"];
        let rows = self.cells.iter().map(|cell| {
            vec![
                cell.offset.to_string(),
                cell.bytes.to_string(),
                shown(cell).to_owned(),
                cell.encoding.clone(),
            ]
        });
        Grid { columns, rows: rows.collect() }
    }
}

fn shown(cell: &Cell) -> &str {
    if cell.text.is_empty() { UNKNOWN } else { &cell.text }
}

fn about(cell: &Cell) -> String {
    let encoding =
        if cell.encoding.is_empty() { String::new() } else { format!(", {}", cell.encoding) };
    format!("{} at byte {}, {}{encoding}", shown(cell), cell.offset, counted(cell.bytes, "byte"))
}

fn after_moving(moved: usize) -> String {
    if moved > 0 {
        format!(", after {} have made room", counted(moved, "byte"))
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pack(words: &[(&str, usize)]) -> Strip {
        let mut strip = Strip { header: 6, bytes: 7, capacity: 7, ..Strip::default() };
        for (text, bytes) in words {
            let offset = strip.bytes - 1;
            strip.cells.push(Cell {
                offset,
                bytes: *bytes,
                text: (*text).to_owned(),
                ..Cell::default()
            });
            strip.bytes += bytes;
            strip.len += 1;
        }
        strip.name_cells();
        strip
    }

    #[test]
    fn a_small_hash_is_drawn_as_its_entries() {
        let figure =
            pack(&[("name", 6), ("ana", 5), ("age", 5), ("7", 2)]).figure("user:1", "hash");
        assert_eq!(figure.written(), "Listpack, 25 bytes\n  head|name|ana|age|7|FF\n");
        let marks = &figure.parts[0].rows[0].marks;
        assert_eq!(
            marks[2].line.as_deref(),
            Some("HGET user:1 name"),
            "the value asks for its field"
        );
        assert_eq!(
            (marks[2].note.as_str(), marks[2].class),
            ("12", "cell second"),
            "where it lies"
        );
        assert_eq!(figure.grid.rows[3][2], "7", "the table says the same");
    }

    #[test]
    fn entries_move_when_others_come_and_go() {
        let mut strip = pack(&[("a", 3), ("b", 3), ("c", 3)]);
        let mut lit = Lit::default();
        let step = |step| Step::ListPack(step);
        let told = strip.apply(&step(ListPackStep::Visit { offset: 9, index: 1 }), &mut lit);
        assert_eq!(told.as_deref(), Some("looks at entry 1: b"));
        let told =
            strip.apply(&step(ListPackStep::Remove { offset: 6, bytes: 3, moved: 7 }), &mut lit);
        assert_eq!(told.as_deref(), Some("takes out 3 bytes: a, and 7 bytes close the gap"));
        let told =
            strip.apply(&step(ListPackStep::Insert { offset: 9, bytes: 4, moved: 4 }), &mut lit);
        assert_eq!(
            told.as_deref(),
            Some("writes an entry of 4 bytes at byte 9, after 4 bytes have made room")
        );
        strip
            .apply(&step(ListPackStep::Replace { offset: 13, from: 3, to: 5, moved: 1 }), &mut lit);
        assert!(strip.is_same(&pack(&[("b", 3), ("xx", 4), ("ccc", 5)])), "{strip:?}");
        assert!(!strip.is_same(&pack(&[("q", 3), ("xx", 4), ("ccc", 5)])), "b is known");
    }

    #[test]
    fn numbers_lie_at_multiples_of_their_width() {
        let mut strip = Strip { block: Block::IntSet, header: 8, width: 2, ..Strip::default() };
        strip.lay_numbers();
        let mut lit = Lit::default();
        for index in [0, 1, 0] {
            strip.apply(&Step::IntSet(IntSetStep::Insert { index, moved: 0 }), &mut lit);
        }
        strip.apply(&Step::IntSet(IntSetStep::Upgrade { from: 2, to: 8 }), &mut lit);
        strip.apply(&Step::IntSet(IntSetStep::Remove { index: 0, moved: 16 }), &mut lit);
        let offsets: Vec<usize> = strip.cells.iter().map(|cell| cell.offset).collect();
        assert_eq!((strip.bytes, offsets), (24, vec![8, 16]), "8 bytes each");
    }
}
