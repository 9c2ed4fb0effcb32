//! How the screen is divided. `update` must know it to turn pages, `view` to place things: so it is told once, here.
//!
//! ```text
//! header      1   product, scope, facts, clock
//! tabs        1   views with counts, breadcrumbs, filter
//! air       0-1   where the screen is high enough
//! body        n   table (its first line is the heading) or text; an instance and the cloud have a tab bar on top
//! status      1   notice, or position, sort order, marks and age
//! hints       1   what the keys do; the prompt while one is open
//! ```

use crate::console::app::pane::PaneId;

/// Below this nothing is legible.
pub const SMALLEST: Size = Size { width: 60, height: 15 };

/// A size in cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
}

impl Default for Size {
    fn default() -> Self {
        Self { width: 80, height: 24 }
    }
}

impl Size {
    /// Whether there is room for anything at all.
    pub fn is_enough(self) -> bool {
        self.width >= SMALLEST.width && self.height >= SMALLEST.height
    }

    /// Height of the body: everything but header, tabs, status and hints, and the line of air where there is room.
    pub fn body(self) -> u16 {
        self.height.saturating_sub(4 + self.air())
    }

    /// Height of what separates the tabs from the body: a screen with room to spare is easier to read.
    pub fn air(self) -> u16 {
        u16::from(self.height >= 30)
    }
}

/// Height of the bar of an instance's or the cloud's own tabs, on top of the body.
pub fn tab_bar(pane: &PaneId) -> u16 {
    match pane {
        PaneId::Instance(..) | PaneId::Cloud(_) => 1,
        _ => 0,
    }
}

/// Height of the strip under the services: what is known of the one under the cursor; and of that under a service's
/// graphs: what has changed. None where rows are few.
pub fn strip(size: Size, pane: &PaneId) -> u16 {
    match pane {
        PaneId::Services if size.height >= 30 => (size.body() / 5).clamp(5, 10),
        PaneId::Graphs(_) if size.height >= 30 => (size.body() / 6).clamp(4, 9),
        _ => 0,
    }
}

/// Where graphs stand: in rows, each graph with a line above it and a line of times below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charts {
    /// How many stand beside each other.
    pub across: usize,
    /// How many rows of them have room.
    pub down: usize,
    /// Width of each, in cells.
    pub width: u16,
    /// Height of each.
    pub height: u16,
    /// Width of what is drawn in it, beside the axis.
    pub plot: u16,
}

/// Numbers on an axis, and a column of air behind them.
pub const AXIS: u16 = 8;
/// Lower than this a graph tells nothing.
const LOWEST: u16 = 6;

/// Where so many graphs stand.
pub fn charts(size: Size, pane: &PaneId, count: usize) -> Charts {
    let (width, height) = (size.width.saturating_sub(2), size.body().saturating_sub(tab_bar(pane) + strip(size, pane)));
    let across = if width >= 76 && count > 1 { 2 } else { 1 };
    let down = count.div_ceil(across).clamp(1, usize::from(height / LOWEST).max(1));
    let each = width / across as u16 - u16::from(across > 1);
    Charts {
        across,
        down,
        width: each,
        height: height / u16::try_from(down).unwrap_or(1),
        plot: each.saturating_sub(AXIS).max(1),
    }
}

/// The widest that a list over the view becomes; the keys in the help take so much of it.
pub const LIST: u16 = 104;
/// Keys in the help stand in a column of this width.
pub const KEYS: u16 = 22;

/// How wide a sentence in the help may be: what the box leaves beside the keys, its frame and the scroll bar.
pub fn help_text(size: Size) -> usize {
    let margin = if size.width < 100 { 0 } else { 4 };
    let inner = size.width.saturating_sub(margin).min(LIST + 4).saturating_sub(3);
    usize::from(inner.saturating_sub(KEYS + 4)).max(20)
}

/// How wide the lines of a list may be: what its box leaves beside its frame, the scroll bar, and air.
pub fn list_text(size: Size) -> usize {
    help_text(size) + usize::from(KEYS)
}

/// How wide a line of a review may be: what the box leaves beside its frame, a column of air, and the scroll bar.
pub fn review_text(size: Size) -> usize {
    let margin = if size.width < 100 { 0 } else { 4 };
    usize::from(size.width.saturating_sub(margin).min(LIST + 4).saturating_sub(5)).max(20)
}

/// Between the labels of a text and what they are labels of.
pub const LABEL_GAP: usize = 2;

/// How wide a line of a text may be: a column of air before it, one behind it, and the scroll bar.
pub fn text_width(size: Size) -> usize {
    usize::from(size.width.saturating_sub(3)).max(1)
}

/// How many rows or lines of a pane are on the screen at once: the body without tab bar, heading and strip.
pub fn window(size: Size, pane: &PaneId) -> usize {
    let heading = u16::from(pane.is_table());
    usize::from(size.body().saturating_sub(tab_bar(pane) + heading + strip(size, pane))).max(1)
}
