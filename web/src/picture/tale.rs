//! What a command did, state by state: its steps are replayed over the memory as it was before.
//!
//! If the replay does not arrive at the memory as it is now, which happens where steps were dropped or lie outside of
//! what is shown, the states in between are not drawn: a picture never shows what was not there.

use std::rc::Rc;

use redarium_engine::trace::Step;
use redarium_structures::int_set::IntSetStep;
use redarium_structures::list_pack::ListPackStep;
use redarium_structures::quick_list::QuickListStep;

use super::figure::{Figure, Lit};
use super::model::{Body, Cell, Trace};
use crate::format::counted;

/// The steps of a command as text, with what they cost.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Story {
    /// Which trace it is.
    pub serial: u32,
    /// A sentence for each step.
    pub texts: Vec<String>,
    /// What it cost.
    pub cost: String,
    /// What follows from the way, for commands that ask for it.
    pub result: String,
}

/// The memory after some of the steps.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    /// The memory.
    pub body: Rc<Body>,
    /// What is lit.
    pub lit: Lit,
}

/// A story with the state before the first step, and after each.
#[derive(Debug, Clone, PartialEq)]
pub struct Tale {
    /// The text.
    pub story: Rc<Story>,
    /// One more than there are sentences.
    pub moments: Vec<Moment>,
    /// Whether the states in between are known; else each shows the memory as it is now.
    pub is_replayed: bool,
}

impl Tale {
    /// The tale of the last command, if there is one, over the memory as it is now.
    pub fn new(trace: Option<&Trace>, now: &Rc<Body>) -> Self {
        let still = Moment { body: Rc::clone(now), lit: Lit::default() };
        let Some(trace) = trace else {
            return Self { story: Rc::default(), moments: vec![still], is_replayed: true };
        };
        let before = trace.before.clone().or_else(|| now.emptied());
        let (texts, mut moments, is_replayed) = match before {
            Some(before) if before.is_alike(now) => replay(trace, before, now),
            before => convert(trace, before, now),
        };
        if let Some(last) = moments.last_mut() {
            last.lit.cursor = None;
        }
        let cost = cost(trace, &moments);
        let story = Story { serial: trace.serial, texts, cost, result: String::new() };
        Self { story: Rc::new(story), moments, is_replayed }
    }
}

/// Sentences, states, and whether the states are those that were.
type Told = (Vec<String>, Vec<Moment>, bool);

/// Replays steps of one structure.
fn replay(trace: &Trace, mut state: Body, now: &Rc<Body>) -> Told {
    if let Body::Strip(strip) = &mut state {
        strip.name_cells();
    }
    let (mut lit, mut texts) = (Lit::default(), Vec::new());
    let mut states = vec![(state.clone(), lit.clone())];
    for step in &trace.steps {
        if let Some(text) = state.apply(step, &mut lit) {
            texts.push(text);
            states.push((state.clone(), lit.clone()));
        }
    }
    let is_true = trace.dropped == 0 && state.is_same(now);
    if is_true {
        let names = state.names(now);
        for (body, _) in &mut states {
            body.learn(now, &names);
        }
        if let Some((last, _)) = states.last_mut() {
            last.settle(now);
        }
    }
    let moment = |(body, lit): (Body, Lit)| {
        if is_true {
            Moment { body: Rc::new(body), lit }
        } else {
            Moment { body: Rc::clone(now), lit: Lit::default() }
        }
    };
    (texts, states.into_iter().map(moment).collect(), is_true)
}

/// Steps of a command that has changed the encoding: first the one, then the other, each as it was at its end.
fn convert(trace: &Trace, before: Option<Body>, now: &Rc<Body>) -> Told {
    let before = before.map_or_else(|| Rc::clone(now), Rc::new);
    let mut shown = before;
    let (mut texts, mut moments) =
        (Vec::new(), vec![Moment { body: Rc::clone(&shown), lit: Lit::default() }]);
    for step in &trace.steps {
        let text = if let Step::Conversion(conversion) = step {
            shown = Rc::clone(now);
            let len = counted(conversion.len, "element");
            format!("{len}: {} becomes {}", conversion.from.name(), conversion.to.name())
        } else if let Some(text) = (*shown).clone().apply(step, &mut Lit::default()) {
            text
        } else {
            continue;
        };
        texts.push(text);
        moments.push(Moment { body: Rc::clone(&shown), lit: Lit::default() });
    }
    if let Some(last) = moments.last_mut() {
        last.body = Rc::clone(now);
    }
    (texts, moments, true)
}

fn cost(trace: &Trace, moments: &[Moment]) -> String {
    let Some(last) = moments.last() else { return String::new() };
    let moved: usize = trace.steps.iter().map(moved).sum();
    let visited = last.lit.visited.len();
    let steps = counted(moments.len() - 1 + trace.dropped as usize, "step");
    let mut parts = Vec::new();
    if visited > 0 {
        parts.push(format!("looked at {}", counted(visited, "place")));
    }
    if moved > 0 {
        parts.push(format!("moved {}", counted(moved, "byte")));
    }
    let what = if parts.is_empty() { "went".to_owned() } else { parts.join(" and ") };
    format!("{} {what} in {steps}", trace.command)
}

/// Bytes that a step has moved to make room or to close a gap.
fn moved(step: &Step) -> usize {
    let in_pack = |step: &ListPackStep| match *step {
        ListPackStep::Insert { moved, .. }
        | ListPackStep::Remove { moved, .. }
        | ListPackStep::Replace { moved, .. } => moved,
        _ => 0,
    };
    match step {
        Step::ListPack(step) | Step::QuickList(QuickListStep::Pack { step, .. }) => in_pack(step),
        Step::IntSet(IntSetStep::Insert { moved, .. } | IntSetStep::Remove { moved, .. }) => *moved,
        _ => 0,
    }
}

impl Body {
    /// The name of its picture, as in `data-testid`.
    pub fn picture(&self) -> &'static str {
        use super::model::Block;
        match self {
            Self::SkipList(_) => "skiplist",
            Self::Table(_) => "dict",
            Self::Chain(_) => "quicklist",
            Self::Strip(strip) => match strip.block {
                Block::ListPack => "listpack",
                Block::IntSet => "intset",
                Block::Text => "string",
            },
        }
    }

    fn is_alike(&self, other: &Self) -> bool {
        self.picture() == other.picture()
    }

    fn apply(&mut self, step: &Step, lit: &mut Lit) -> Option<String> {
        match self {
            Self::Strip(strip) => strip.apply(step, lit),
            Self::Table(table) => table.apply(step, lit),
            Self::Chain(chain) => chain.apply(step, lit),
            Self::SkipList(_) => None,
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Strip(a), Self::Strip(b)) => a.is_same(b),
            (Self::Table(a), Self::Table(b)) => a.is_same(b),
            (Self::Chain(a), Self::Chain(b)) => a.is_same(b),
            _ => false,
        }
    }

    /// What the cells of the last state turn out to hold.
    fn names(&self, now: &Self) -> Vec<(u32, Cell)> {
        match (self, now) {
            (Self::Strip(strip), Self::Strip(now)) => {
                strip.cells.iter().map(|cell| cell.id).zip(now.cells.iter().cloned()).collect()
            }
            _ => Vec::new(),
        }
    }

    fn learn(&mut self, now: &Self, names: &[(u32, Cell)]) {
        match (self, now) {
            (Self::Strip(strip), _) => strip.learn(names),
            (Self::Table(table), Self::Table(now)) => table.learn(now),
            (Self::Chain(chain), Self::Chain(now)) => chain.learn(now),
            _ => {}
        }
    }

    /// Becomes the memory as it is now, with the names that its cells had on the way.
    fn settle(&mut self, now: &Self) {
        let mut settled = now.clone();
        if let (Self::Strip(strip), Self::Strip(settled)) = (&*self, &mut settled) {
            for (cell, known) in settled.cells.iter_mut().zip(&strip.cells) {
                cell.id = known.id;
            }
        }
        *self = settled;
    }

    /// The same structure with nothing in it; none if it does not begin that way.
    fn emptied(&self) -> Option<Self> {
        match self {
            Self::Strip(strip) => Some(Self::Strip(strip.emptied())),
            Self::Table(_) => Some(Self::Table(super::model::Table::default())),
            Self::Chain(_) | Self::SkipList(_) => None,
        }
    }

    /// The drawing; none of a skip list, which has one of its own.
    pub fn figure(&self, key: &str, kind: &str) -> Figure {
        match self {
            Self::Strip(strip) => strip.figure(key, kind),
            Self::Table(table) => table.figure(key, kind),
            Self::Chain(chain) => chain.figure(key),
            Self::SkipList(_) => Figure::default(),
        }
    }
}
