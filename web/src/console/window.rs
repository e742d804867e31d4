//! Which of many rows of unlike heights are in sight.

/// The rows to be drawn and the room that the others leave.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Window {
    /// The first row that is drawn.
    pub from: usize,
    /// The row after the last one.
    pub to: usize,
    /// Pixels above.
    pub above: f64,
    /// Pixels below.
    pub below: f64,
}

/// Rows that touch the part from `top` to `top + height`, with as much again on both sides.
pub fn window(heights: impl Iterator<Item = f64>, top: f64, height: f64) -> Window {
    let (first, last) = (top - height, top + 2.0 * height);
    let mut window = Window::default();
    let mut y = 0.0;
    for (row, row_height) in heights.enumerate() {
        let end = y + row_height;
        if end < first {
            window.from = row + 1;
            window.above = end;
        } else if y <= last {
            window.to = row + 1;
        } else {
            window.below += row_height;
        }
        y = end;
    }
    window.to = window.to.max(window.from);
    window
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rows_in_sight_are_drawn() {
        let shown = window((0..1000).map(|_| 20.0), 4000.0, 400.0);
        assert_eq!((shown.from, shown.to), (179, 241), "a screen above and below");
        assert_eq!((shown.above, shown.below), (3580.0, 759.0 * 20.0), "the rest is room");
        let all = window((0..10).map(|_| 20.0), 0.0, 400.0);
        assert_eq!((all.from, all.to, all.below), (0, 10, 0.0), "few rows");
        assert_eq!(window(std::iter::empty(), 0.0, 400.0), Window::default(), "no rows");
    }
}
