//! Where everything of a skip list stands: a pure function of the view, in pixels.
//!
//! Levels are lanes, the lowest at the bottom; members are towers in their order, the header to the left of them and
//! the end to the right. Where members are left out there is a gap, and links that lead into it end there.

use crate::picture::model::{Link, Node, SortedSet};

/// Pixels from lane to lane.
const LANE: f64 = 36.0;
/// The highest lane.
const TOP: f64 = 28.0;
/// From the lowest lane down to the card of a member.
const CARD_TOP: f64 = 20.0;
/// The card's height.
const CARD: f64 = 44.0;
/// From the card down to the backward links.
const BACK: f64 = 16.0;
/// Between towers.
const SPACE: f64 = 30.0;
/// The narrowest card, and a letter on it.
const CARD_MIN: f64 = 44.0;
const LETTER: f64 = 7.4;
/// Letters of a member or score that are shown.
const LETTERS_MAX: usize = 16;
/// A gap and the end.
const GAP: f64 = 30.0;
const EDGE: f64 = 16.0;
/// Stands for a node that is not drawn.
pub(super) const OUTSIDE: u32 = u32::MAX;

/// Half of the square where a tower meets a lane.
const CELL: f64 = 7.0;

/// A drawn skip list.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Scene {
    /// Pixels.
    pub width: f64,
    /// Pixels.
    pub height: f64,
    /// The height of each level's lane, level 0 first.
    pub lanes: Vec<f64>,
    /// The header and the members.
    pub towers: Vec<Tower>,
    /// Forward links.
    pub arrows: Vec<Arrow>,
    /// Backward links.
    pub backs: Vec<Back>,
    /// Where members are left out, and how many.
    pub gaps: Vec<Gap>,
    /// Where lists end.
    pub end_x: f64,
    /// Top and bottom of the cards.
    pub cards: (f64, f64),
}

/// The header (id 0) or a member.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tower {
    /// The node.
    pub id: u32,
    /// Its middle.
    pub x: f64,
    /// The card's width.
    pub width: f64,
    /// Levels.
    pub height: usize,
    /// Members before it; none for the header.
    pub rank: Option<u64>,
    /// The score, shortened.
    pub score: String,
    /// The member's word, shortened.
    pub label: String,
    /// The member's word.
    pub member: String,
}

/// A forward link.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Arrow {
    /// Where it starts.
    pub from: u32,
    /// The level.
    pub level: usize,
    /// Where it leads; none at the end.
    pub to: Option<u32>,
    /// Pixels of both ends.
    pub x: (f64, f64),
    /// Its height.
    pub y: f64,
    /// Members further on.
    pub span: u32,
    /// Whether it leads into a gap or comes out of one.
    pub is_cut: bool,
}

/// A backward link, under the cards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Back {
    /// Where it starts.
    pub from: u32,
    /// Pixels of both ends.
    pub x: (f64, f64),
    /// Its height.
    pub y: f64,
}

/// Members that are left out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Gap {
    /// Its middle.
    pub x: f64,
    /// The first rank left out.
    pub from: u64,
    /// How many.
    pub count: u64,
}

impl Scene {
    /// Lays out a skip list.
    pub(super) fn new(set: &SortedSet) -> Self {
        let levels = set.level.max(1);
        let lanes: Vec<f64> =
            (0..levels).map(|level| TOP + (levels - 1 - level) as f64 * LANE).collect();
        let lowest = TOP + (levels - 1) as f64 * LANE;
        let cards = (lowest + CARD_TOP, lowest + CARD_TOP + CARD);
        let mut scene = Self { lanes, cards, height: cards.1 + BACK + 20.0, ..Self::default() };
        let right = scene.place(set);
        scene.end_x = right + SPACE * 0.4;
        scene.width = scene.end_x + EDGE;
        scene.link(set);
        scene
    }

    /// The tower of a node, if it is drawn.
    pub(super) fn tower(&self, id: u32) -> Option<&Tower> {
        self.towers.iter().find(|tower| tower.id == id)
    }

    /// The lane of a level; levels that are not there lie at the top.
    pub(super) fn lane(&self, level: usize) -> f64 {
        self.lanes.get(level).or(self.lanes.last()).copied().unwrap_or(TOP)
    }

    /// Puts towers and gaps side by side; the right edge of the last one.
    fn place(&mut self, set: &SortedSet) -> f64 {
        let mut x = EDGE;
        let header = Tower {
            id: 0,
            x: x + CARD_MIN / 2.0,
            width: CARD_MIN,
            height: set.level.max(1),
            rank: None,
            score: String::new(),
            label: "head".to_owned(),
            member: String::new(),
        };
        x += CARD_MIN + SPACE;
        self.towers.push(header);
        let mut next_rank = 0;
        for node in &set.nodes {
            x = self.gap(x, next_rank, node.rank);
            let (score, label) = (shortened(&node.score), shortened(&node.member));
            let letters = score.chars().count().max(label.chars().count());
            let width = (letters as f64 * LETTER + 12.0).max(CARD_MIN).round();
            self.towers.push(Tower {
                id: node.id,
                x: x + width / 2.0,
                width,
                height: node.links.len().max(1),
                rank: Some(node.rank),
                score,
                label,
                member: node.member.clone(),
            });
            x += width + SPACE;
            next_rank = node.rank + 1;
        }
        self.gap(x, next_rank, set.len)
    }

    fn gap(&mut self, x: f64, from: u64, to: u64) -> f64 {
        if to <= from {
            return x;
        }
        self.gaps.push(Gap { x: x + GAP / 2.0, from, count: to - from });
        x + GAP + SPACE
    }

    fn link(&mut self, set: &SortedSet) {
        let ranks: Vec<(u32, u64)> = set.nodes.iter().map(|node| (node.id, node.rank)).collect();
        // Ranks count from 1 in spans, with the header at 0.
        self.link_from(0, 0, &set.header, &ranks);
        for node in &set.nodes {
            self.link_from(node.id, node.rank + 1, &node.links, &ranks);
            self.link_back(node);
        }
        self.link_out_of_gaps(set);
    }

    fn link_from(&mut self, from: u32, position: u64, links: &[Link], ranks: &[(u32, u64)]) {
        let Some(start) = self.tower(from).map(|tower| tower.x + CELL) else { return };
        for (level, link) in links.iter().enumerate() {
            let end = match link.to {
                None => Some((self.end_x, false)),
                Some(to) => match self.tower(to) {
                    Some(tower) if ranks.iter().any(|(id, _)| *id == to) => {
                        Some((tower.x - CELL, false))
                    }
                    _ => self.gap_with(position + u64::from(link.span)).map(|gap| (gap.x, true)),
                },
            };
            let Some((end, is_cut)) = end else { continue };
            let (x, y) = ((start, end), self.lane(level));
            self.arrows.push(Arrow { from, level, to: link.to, x, y, span: link.span, is_cut });
        }
    }

    /// The gap with the member at this position, counted from 1.
    fn gap_with(&self, position: u64) -> Option<Gap> {
        let fits = |gap: &&Gap| position > gap.from && position <= gap.from + gap.count;
        self.gaps.iter().find(fits).copied()
    }

    fn link_back(&mut self, node: &Node) {
        let Some(tower) = self.tower(node.id) else { return };
        let (start, y) = (tower.x, self.cards.1 + BACK);
        let end = match node.back {
            None => return,
            Some(back) => match self.tower(back).filter(|it| it.rank.is_some()) {
                Some(tower) => tower.x,
                None => match self.gap_with(node.rank) {
                    Some(gap) => gap.x,
                    None => return,
                },
            },
        };
        self.backs.push(Back { from: node.id, x: (start, end), y });
    }

    /// Links whose start is left out: they come out of the gap before.
    fn link_out_of_gaps(&mut self, set: &SortedSet) {
        for node in &set.nodes {
            let Some(gap) = self.gaps.iter().rev().find(|gap| gap.from < node.rank).copied() else {
                continue;
            };
            let Some(end) = self.tower(node.id).map(|tower| tower.x - CELL) else { continue };
            for level in 0..node.links.len() {
                let to = Some(node.id);
                if !self.arrows.iter().any(|it| it.to == to && it.level == level) {
                    let (x, y) = ((gap.x, end), self.lane(level));
                    self.arrows.push(Arrow {
                        from: OUTSIDE,
                        level,
                        to,
                        x,
                        y,
                        span: 0,
                        is_cut: true,
                    });
                }
            }
        }
    }
}

/// A word that fits on a card.
fn shortened(word: &str) -> String {
    if word.chars().count() <= LETTERS_MAX {
        return word.to_owned();
    }
    let head: String = word.chars().take(LETTERS_MAX - 1).collect();
    format!("{head}\u{2026}")
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    fn link(to: u32, span: u32) -> Link {
        Link { to: (to != 0).then_some(to), span }
    }

    fn node(id: u32, rank: u64, links: Vec<Link>, back: u32) -> Node {
        let back = (back != 0).then_some(back);
        let (score, member) = (format!("{}", rank * 100), format!("m{id}"));
        Node { id, rank, score, member, links, back }
    }

    /// Three members; the second has two levels.
    fn small() -> SortedSet {
        SortedSet {
            len: 3,
            level: 2,
            from: 0,
            header: vec![link(5, 1), link(7, 2)],
            nodes: vec![
                node(5, 0, vec![link(7, 1)], 0),
                node(7, 1, vec![link(6, 1), link(0, 1)], 5),
                node(6, 2, vec![link(0, 0)], 7),
            ],
        }
    }

    fn written(scene: &Scene) -> String {
        let mut text = format!("{} x {}\n", scene.width, scene.height);
        for tower in &scene.towers {
            let _ = writeln!(
                text,
                "{} {} at {} high {}",
                tower.label, tower.score, tower.x, tower.height
            );
        }
        for arrow in &scene.arrows {
            let cut = if arrow.is_cut { " cut" } else { "" };
            let (from, to) = arrow.x;
            let _ = writeln!(text, "L{} {from}..{to} span {}{cut}", arrow.level, arrow.span);
        }
        for back in &scene.backs {
            let _ = writeln!(text, "back {}..{}", back.x.0, back.x.1);
        }
        for gap in &scene.gaps {
            let _ = writeln!(text, "{} left out from {} at {}", gap.count, gap.from, gap.x);
        }
        text
    }

    #[test]
    fn a_small_list_is_drawn_whole() {
        let expected = "\
340 x 164
head  at 38 high 2
m5 0 at 112 high 1
m7 100 at 186 high 2
m6 200 at 260 high 1
L0 45..105 span 1
L1 45..179 span 2
L0 119..179 span 1
L0 193..253 span 1
L1 193..324 span 1
L0 267..324 span 0
back 186..112
back 260..186
";
        assert_eq!(written(&Scene::new(&small())), expected);
    }

    #[test]
    fn members_that_are_left_out_leave_a_gap_that_links_lead_into() {
        let mut set = small();
        set.len = 50;
        set.nodes.remove(1);
        for node in &mut set.nodes {
            node.rank += u64::from(node.rank > 0) * 8;
        }
        set.header = vec![link(5, 1), link(7, 4)];
        let scene = Scene::new(&set);
        let gaps: Vec<(u64, u64)> = scene.gaps.iter().map(|gap| (gap.from, gap.count)).collect();
        assert_eq!(gaps, [(1, 9), (11, 39)], "between, and behind");
        let cut: Vec<_> =
            scene.arrows.iter().filter(|it| it.is_cut).map(|it| (it.from, it.level)).collect();
        assert_eq!(cut, [(0, 1), (5, 0), (OUTSIDE, 0)], "into the gap and out of it");
        let x: Vec<f64> = scene.towers.iter().map(|tower| tower.x).collect();
        assert!(x.is_sorted(), "from left to right: {x:?}");
    }

    #[test]
    fn long_words_are_shortened() {
        assert_eq!(shortened("ana"), "ana");
        assert_eq!(shortened("a-member-with-a-long-name"), "a-member-with-a\u{2026}");
    }
}
