//! Where things are on the screen, and how wide.

use serde::{Deserialize, Serialize};

/// A part of the page that can be in front or folded away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Pane {
    /// The list of keys.
    Keys,
    /// The console.
    #[default]
    Console,
    /// The picture.
    Memory,
    /// The clock and the history.
    Time,
}

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// The value of the attribute that style sheets look at.
    pub fn attribute(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }
}

/// Widths in pixels that the outer zones can have.
pub const LEFT: (f64, f64) = (200.0, 480.0);
/// See [`LEFT`].
pub const RIGHT: (f64, f64) = (320.0, 960.0);

/// Where things are. Remembered from visit to visit.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Layout {
    /// Pixels of the list of keys.
    pub left: f64,
    /// Pixels of the picture.
    pub right: f64,
    /// Whether the list of keys is folded away.
    pub keys_folded: bool,
    /// Whether the picture is folded away.
    pub memory_folded: bool,
    /// Light or dark.
    pub theme: Theme,
    /// What this session is called.
    pub title: String,
    /// Whether the consoles of several clients stand side by side where there is room.
    #[serde(default = "yes")]
    pub is_split: bool,
    /// The pane in front, where there is room for one only.
    #[serde(skip)]
    pub front: Pane,
    /// Whether the drawer with the list of keys is open, where there is room for two.
    #[serde(skip)]
    pub drawer: bool,
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            left: 264.0,
            right: 560.0,
            keys_folded: false,
            memory_folded: false,
            theme: Theme::System,
            title: "Playground".to_owned(),
            is_split: true,
            front: Pane::Console,
            drawer: false,
        }
    }
}

fn yes() -> bool {
    true
}

/// What can happen to it.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The list of keys is to be so wide.
    Left(f64),
    /// The picture is to be so wide.
    Right(f64),
    /// A pane is folded away or comes back.
    Fold(Pane),
    /// Consoles stand side by side, or behind tabs.
    Split(bool),
    /// A pane comes to the front.
    Front(Pane),
    /// The drawer opens or closes.
    Drawer(bool),
    /// Light or dark.
    Theme(Theme),
    /// A new name for the session.
    Title(String),
}

impl Layout {
    /// With widths that are possible, whatever was remembered.
    #[must_use]
    pub fn within_bounds(mut self) -> Self {
        self.left = self.left.clamp(LEFT.0, LEFT.1);
        self.right = self.right.clamp(RIGHT.0, RIGHT.1);
        self
    }

    pub(super) fn apply(&mut self, change: Change) {
        match change {
            Change::Left(width) => self.left = width.clamp(LEFT.0, LEFT.1).round(),
            Change::Right(width) => self.right = width.clamp(RIGHT.0, RIGHT.1).round(),
            Change::Fold(Pane::Keys) => self.keys_folded = !self.keys_folded,
            Change::Fold(Pane::Memory) => self.memory_folded = !self.memory_folded,
            Change::Fold(Pane::Console | Pane::Time) => {}
            Change::Split(on) => self.is_split = on,
            Change::Front(pane) => self.front = pane,
            Change::Drawer(open) => self.drawer = open,
            Change::Theme(theme) => self.theme = theme,
            Change::Title(title) => self.title = title,
        }
    }
}
