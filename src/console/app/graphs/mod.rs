//! Graphs of what is measured: which there are of a service or an instance, over which time, and what one reads there.
//!
//! A graph is the same for every drawing: so many dots wide, each a value or a gap. The view places the dots.
//!
//! **A tick costs little.** Dots stand for fixed times, and the newest is not at the right edge: an eighth of the width
//! is kept free and filled as time goes on, then everything moves at once. So a sample draws one dot a line, and not
//! the whole graph anew.
//!
//! Deliberately absent: characters and colours (`view::chart`).

mod charts;
mod marks;

use std::time::Duration;

use crate::base::clock::Timestamp;
use crate::console::app::layout;
use crate::console::app::model::Model;
use crate::console::app::pane::PaneId;
use crate::fleet::metric::Metric;
use crate::series::Grid;

pub use charts::{Chart, Line};

/// How much time one looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Range {
    /// A quarter of an hour.
    Quarter,
    /// An hour.
    #[default]
    Hour,
    /// Six hours.
    SixHours,
    /// A day.
    Day,
}

impl Range {
    /// All, the shortest first.
    pub const ALL: [Self; 4] = [Self::Quarter, Self::Hour, Self::SixHours, Self::Day];

    /// How it is written.
    pub fn title(self) -> &'static str {
        match self {
            Self::Quarter => "15m",
            Self::Hour => "1h",
            Self::SixHours => "6h",
            Self::Day => "24h",
        }
    }

    /// How long it is.
    pub fn span(self) -> Duration {
        Duration::from_secs(match self {
            Self::Quarter => 15 * 60,
            Self::Hour => 3600,
            Self::SixHours => 6 * 3600,
            Self::Day => 24 * 3600,
        })
    }

    /// Seconds between two times on the axis.
    fn tick(self) -> i64 {
        match self {
            Self::Quarter => 5 * 60,
            Self::Hour => 15 * 60,
            Self::SixHours => 2 * 3600,
            Self::Day => 6 * 3600,
        }
    }
}

/// How the dots of a graph are drawn, by what the terminal can.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Drawing {
    /// Two dots wide and four high in each cell.
    #[default]
    Braille,
    /// One wide and two high: for fonts without Braille.
    Block,
    /// One in each cell.
    Ascii,
}

impl Drawing {
    /// Dots in a cell: across and down.
    pub fn dots(self) -> (u16, u16) {
        match self {
            Self::Braille => (2, 4),
            Self::Block => (1, 2),
            Self::Ascii => (1, 1),
        }
    }
}

/// How one looks at graphs: the same wherever one goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Look {
    /// How much time.
    pub range: Range,
    /// Until when, in the cloud's time; `None` goes on with it.
    pub frozen: Option<Timestamp>,
    /// The time that is read, in the cloud's time; `None` reads the newest.
    pub cursor: Option<Timestamp>,
    /// The first row of graphs, where not all have room; alone, the graph itself.
    pub first: usize,
    /// One graph has all the room.
    pub alone: bool,
    /// What the heat strips show.
    pub heat: usize,
}

/// The graphs of a pane, as far as there is room.
#[derive(Clone, Debug, PartialEq)]
pub struct GraphPanel {
    /// Where each stands.
    pub places: layout::Charts,
    /// Each, row by row.
    pub charts: Vec<Chart>,
    /// Dots across.
    pub dots: usize,
    /// Times on the axis: at which dot, and how it is written.
    pub times: Vec<(usize, String)>,
    /// The dots at which something was changed.
    pub marks: Vec<usize>,
    /// The dot that is read.
    pub cursor: Option<usize>,
    /// How they are drawn.
    pub drawing: Drawing,
}

/// The dots of a graph in time, and the newest that there can be.
pub(super) struct Axis {
    pub(super) grid: Grid,
    pub(super) now: Timestamp,
}

impl Axis {
    /// So many dots over a range, an eighth of them ahead of now at most.
    pub(super) fn new(range: Range, dots: usize, now: Timestamp) -> Self {
        let step = Grid::last(range.span(), dots, now).step().as_secs().max(1);
        let page = i64::try_from(step * (dots as u64 / 8).max(1)).unwrap_or(1);
        let end = (now.as_second().div_euclid(page) + 1) * page - 1;
        Self { grid: Grid::last(range.span(), dots, Timestamp::from_second(end).unwrap_or(now)), now }
    }

    /// Of a past, the dots up to now.
    pub(super) fn known<T>(&self, mut dots: Vec<Option<T>>) -> Vec<Option<T>> {
        for (at, dot) in dots.iter_mut().enumerate() {
            if self.grid.time(at) > self.now {
                *dot = None;
            }
        }
        dots
    }

    fn times(&self, range: Range) -> Vec<(usize, String)> {
        let (first, last) = (self.grid.time(0).as_second(), self.grid.time(self.grid.columns()).as_second());
        let tick = range.tick();
        let ticks = (first.div_euclid(tick) + 1..=last.div_euclid(tick)).filter_map(|at| {
            let time = Timestamp::from_second(at * tick).ok()?;
            Some((self.grid.column(time)?, time.strftime("%H:%M").to_string()))
        });
        ticks.collect()
    }
}

/// The graphs of a pane; `None` where it has none.
pub fn panel(model: &Model, pane: &PaneId) -> Option<GraphPanel> {
    let wanted = charts::wanted(model, pane)?;
    let places = places(model, pane, wanted.len());
    let first = model.look.first.min(last(places, wanted.len())) * places.across;
    let drawing = model.start.drawing;
    let dots = usize::from(places.plot * drawing.dots().0);
    let axis = Axis::new(model.look.range, dots, until(model));
    let shown = wanted.into_iter().skip(first).take(places.across * places.down);
    let cursor = model.look.cursor.map(|at| axis.grid.column(at).unwrap_or(0));
    Some(GraphPanel {
        charts: shown.map(|wanted| charts::chart(model, &wanted, &axis, cursor, places.width)).collect(),
        times: axis.times(model.look.range),
        marks: marks::of(model, pane, &axis),
        places,
        dots,
        cursor,
        drawing,
    })
}

/// Where so many graphs stand, or the one that has all the room.
fn places(model: &Model, pane: &PaneId, count: usize) -> layout::Charts {
    layout::charts(model.size, pane, if model.look.alone { 1 } else { count })
}

/// The last row that so many graphs can begin with.
fn last(places: layout::Charts, count: usize) -> usize {
    count.div_ceil(places.across).saturating_sub(places.down)
}

/// Begins with the row of graphs that is so many further down.
pub(super) fn scroll(model: &mut Model, pane: &PaneId, by: isize) {
    let count = charts::wanted(model, pane).map_or(1, |wanted| wanted.len());
    let last = last(places(model, pane, count), count);
    model.look.first = model.look.first.min(last).saturating_add_signed(by).min(last);
}

/// Lets one graph have all the room, the first of those that are seen; or lets the others come back.
pub(super) fn zoom(model: &mut Model, pane: &PaneId) {
    let count = charts::wanted(model, pane).map_or(1, |wanted| wanted.len());
    let across = layout::charts(model.size, pane, count).across;
    let Look { first, alone, .. } = &mut model.look;
    *first = if *alone { *first / across } else { *first * across };
    *alone = !*alone;
}

/// Until when graphs reach: frozen, or now.
pub fn until(model: &Model) -> Timestamp {
    model.look.frozen.unwrap_or_else(|| model.moment().cloud)
}

/// How wide a dot is at this size.
pub fn step(model: &Model, pane: &PaneId) -> Duration {
    let places = places(model, pane, charts::wanted(model, pane).map_or(1, |wanted| wanted.len()));
    Axis::new(model.look.range, usize::from(places.plot * model.start.drawing.dots().0), until(model)).grid.step()
}

/// What the heat strips can show.
pub const HEAT: [Metric; 6] =
    [Metric::Cpu, Metric::ResponseMean, Metric::Requests, Metric::Errors, Metric::Memory, Metric::ProbeTime];

/// What the heat strips show.
pub fn heat(model: &Model) -> Metric {
    HEAT[model.look.heat % HEAT.len()]
}
