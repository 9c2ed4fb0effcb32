//! How the screen is divided. `update` must know it to turn pages, `view` to place things: so it is told once, here.
//!
//! ```text
//! header      1   product, scope, facts, clock
//! tabs        1   views with counts, breadcrumbs, filter
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

    /// Height of the body: everything but header, tabs, status and hints.
    pub fn body(self) -> u16 {
        self.height.saturating_sub(4)
    }
}

/// Height of the bar of an instance's or the cloud's own tabs, on top of the body.
pub fn tab_bar(pane: &PaneId) -> u16 {
    match pane {
        PaneId::Instance(..) | PaneId::Cloud(_) => 1,
        PaneId::Services | PaneId::Instances(_) | PaneId::Log => 0,
    }
}

/// How many rows or lines of a pane are on the screen at once: the body without tab bar and heading.
pub fn window(size: Size, pane: &PaneId) -> usize {
    let heading = u16::from(pane.is_table());
    usize::from(size.body().saturating_sub(tab_bar(pane) + heading)).max(1)
}
