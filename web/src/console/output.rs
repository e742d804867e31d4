//! The lines of one client's console, kept in blocks small enough that only the visible ones need be drawn.

use std::rc::Rc;

use yew::AttrValue;

use super::facts::Facts;

/// Lines of one block at most; the unit of what is drawn.
const BLOCK_LINES: usize = 40;

/// Lines that a reply may have before it is folded, and how many are then shown.
const REPLY_FOLDS: (usize, usize) = (1000, 40);

/// The same for what the page says.
const QUIET_FOLDS: (usize, usize) = (12, 7);

/// Lines that each look into a fold adds.
const UNFOLD_SHOWS: usize = 2000;

/// Blocks that a console keeps; older ones go.
const BLOCKS_MAX: usize = 20_000;

/// What a block is, for its looks and for screen readers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// What was typed, behind its prompt.
    Input {
        /// Such as `127.0.0.1:6379>`.
        prompt: AttrValue,
        /// What it did, once it is known.
        facts: Option<Rc<Facts>>,
    },
    /// A reply.
    Reply,
    /// An error.
    Error,
    /// A message that answers no command.
    Push,
    /// Bytes of a request.
    Sent,
    /// Bytes of an answer.
    Received,
    /// What the page adds, quieter than replies.
    Quiet,
    /// Commands to choose from.
    Offer(Rc<Vec<(AttrValue, Offer)>>),
    /// The rest of a long reply.
    Fold {
        /// What is not shown.
        rest: AttrValue,
        /// How many lines that is.
        lines: usize,
        /// Whether somebody wants to see them, so that they come as soon as they are in sight.
        is_wanted: bool,
    },
}

/// What a button in the console does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offer {
    /// Enters a command.
    Run(AttrValue),
    /// Loads words as a set.
    AsSet,
    /// Loads words as groups of anagrams.
    AsAnagrams,
}

/// A few lines of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Unlike any other in this console.
    pub id: u32,
    /// What it is.
    pub kind: Kind,
    /// The lines.
    pub text: AttrValue,
    /// Whether it ends what it belongs to, so that space follows.
    pub is_last: bool,
    /// The bytes of the reply that begins here.
    pub wire: Option<Rc<[u8]>>,
    /// The number of the command that brought it, if that was another client's.
    pub cause: Option<usize>,
    /// Bytes of each line, so that nobody has to count them again.
    lens: Vec<u32>,
}

impl Block {
    /// Rows that it takes at this many columns.
    pub fn rows(&self, columns: usize) -> usize {
        let columns = columns.max(1);
        let lead = match &self.kind {
            Kind::Input { prompt, .. } => prompt.len() + 1,
            _ => 0,
        };
        let rows = |len: usize| len.div_ceil(columns).max(1);
        let lens = self.lens.iter().enumerate();
        lens.map(|(at, len)| rows(*len as usize + if at == 0 { lead } else { 0 })).sum()
    }
}

/// All blocks of a console.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Output {
    blocks: Vec<Rc<Block>>,
    next_id: u32,
    lines: usize,
}

impl Output {
    /// The blocks, oldest first.
    pub fn blocks(&self) -> &[Rc<Block>] {
        &self.blocks
    }

    /// Lines in all blocks.
    pub fn lines(&self) -> usize {
        self.lines
    }

    /// Adds what was typed.
    pub fn input(&mut self, prompt: &str, line: &str) {
        self.push(Kind::Input { prompt: prompt.to_owned().into(), facts: None }, line, false);
    }

    /// Tells of the last input what it did.
    pub fn explain(&mut self, facts: Facts) {
        let last = self.blocks.iter_mut().rev().find(|it| matches!(it.kind, Kind::Input { .. }));
        if let Some(block) = last
            && let Kind::Input { facts: known, .. } = &mut Rc::make_mut(block).kind
        {
            *known = Some(Rc::new(facts));
        }
    }

    /// Adds a reply with its bytes.
    pub fn reply(&mut self, kind: &Kind, text: &str, wire: Rc<[u8]>, cause: Option<usize>) {
        let first = self.blocks.len();
        self.add(kind, text);
        // The oldest blocks may have gone meanwhile; then this is not the one, and has no menu.
        if let Some(block) = self.blocks.get_mut(first) {
            let block = Rc::make_mut(block);
            block.wire = Some(wire);
            block.cause = cause;
        }
    }

    /// Adds text of a kind; cut into blocks, and folded if it is long.
    pub fn add(&mut self, kind: &Kind, text: &str) {
        let (over, shows) = if *kind == Kind::Quiet { QUIET_FOLDS } else { REPLY_FOLDS };
        let lines = text.lines().count();
        if lines <= over {
            self.add_lines(kind, text);
        } else {
            let (shown, rest) = split_lines(text, shows);
            self.add_lines(kind, shown);
            self.fold(rest, lines - shows, false);
        }
    }

    /// Adds buttons under a sentence.
    pub fn offer(&mut self, text: &str, offers: Vec<(AttrValue, Offer)>) {
        self.push(Kind::Offer(Rc::new(offers)), text, true);
    }

    /// Shows more of a folded reply.
    pub fn unfold(&mut self, id: u32) {
        let Some((place, block)) =
            self.blocks.iter().cloned().enumerate().find(|(_, block)| block.id == id)
        else {
            return;
        };
        let Kind::Fold { rest, lines, .. } = &block.kind else { return };
        let after = self.blocks.split_off(place + 1);
        self.blocks.pop();
        self.lines -= 1;
        let kind = self.blocks.last().map_or(Kind::Reply, |before| before.kind.clone());
        let (shown, rest) = split_lines(rest, UNFOLD_SHOWS);
        self.add_lines(&kind, shown);
        if !rest.is_empty() {
            self.fold(rest, lines - UNFOLD_SHOWS, true);
        }
        self.blocks.extend(after);
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.blocks.clear();
        self.lines = 0;
    }

    fn fold(&mut self, rest: &str, lines: usize, is_wanted: bool) {
        self.push(Kind::Fold { rest: rest.to_owned().into(), lines, is_wanted }, "", true);
    }

    fn add_lines(&mut self, kind: &Kind, text: &str) {
        let mut rest = text;
        loop {
            let (block, after) = split_lines(rest, BLOCK_LINES);
            self.push(kind.clone(), block, after.is_empty());
            rest = after;
            if rest.is_empty() {
                return;
            }
        }
    }

    fn push(&mut self, kind: Kind, text: &str, is_last: bool) {
        let mut lens: Vec<u32> = text.lines().map(|line| line.len() as u32).collect();
        if lens.is_empty() {
            lens.push(0);
        }
        self.lines += lens.len();
        let text = text.to_owned().into();
        let id = self.next_id;
        let block = Block { id, kind, text, is_last, wire: None, cause: None, lens };
        self.next_id += 1;
        self.blocks.push(Rc::new(block));
        if self.blocks.len() > BLOCKS_MAX {
            let gone = self.blocks.drain(..BLOCKS_MAX / 10);
            self.lines -= gone.map(|block| block.lens.len()).sum::<usize>();
        }
    }
}

/// The first `count` lines and what follows them; a line feed at the very end belongs to the text.
fn split_lines(text: &str, count: usize) -> (&str, &str) {
    let end = text.match_indices('\n').nth(count - 1).map_or(text.len(), |(at, _)| at);
    match text.get(end + 1..) {
        Some(rest) if !rest.is_empty() => (text.get(..end).unwrap_or_default(), rest),
        _ => (text, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(count: usize) -> String {
        (1..=count).map(|n| format!("{n}) \"x\"")).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn long_replies_are_folded_and_unfolded_in_parts() {
        let mut output = Output::default();
        output.add(&Kind::Reply, &numbers(1000));
        assert_eq!((output.blocks().len(), output.lines()), (25, 1000), "all of it, in blocks");
        output.clear();
        output.add(&Kind::Reply, &numbers(5000));
        output.add(&Kind::Quiet, "after");
        let fold = Rc::clone(&output.blocks()[1]);
        assert!(matches!(fold.kind, Kind::Fold { lines: 4960, .. }), "{:?}", fold.kind);
        output.unfold(fold.id);
        let next = output.blocks().iter().find(|it| matches!(it.kind, Kind::Fold { .. })).cloned();
        assert!(next.is_some_and(|it| matches!(it.kind, Kind::Fold { lines: 2960, .. })));
        assert_eq!(output.blocks().last().map(|it| it.text.as_str()), Some("after"), "stays last");
        let mut ids: Vec<u32> = output.blocks().iter().map(|it| it.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), output.blocks().len(), "no two blocks share an id");
    }

    #[test]
    fn old_blocks_go() {
        let mut output = Output::default();
        for _ in 0..=BLOCKS_MAX {
            output.add(&Kind::Reply, "OK");
        }
        assert!(output.blocks().len() <= BLOCKS_MAX, "{}", output.blocks().len());
        assert_eq!(output.lines(), output.blocks().len(), "the count is kept");
    }

    #[test]
    fn rows_follow_the_width() {
        let mut output = Output::default();
        output.input("127.0.0.1:6379>", "GET a");
        output.add(&Kind::Reply, "1234567890\nx\n");
        let rows: Vec<usize> = output.blocks().iter().map(|block| block.rows(10)).collect();
        assert_eq!(rows, [3, 2], "wrapped");
    }
}
