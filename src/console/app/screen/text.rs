//! Texts: what is told of an instance, its console log, its raw form, and our own log. One reads, scrolls, wraps and
//! searches all of them alike.
//!
//! Lines are counted as they are in the text; rows as they are on the screen, where a wrapped line takes several. Only
//! what is on the screen, or passed on the way there, is wrapped and made safe.

use crate::base::id::InstanceId;
use crate::base::text::width;
use crate::console::app::cell::{Cell, Tone};
use crate::console::app::layout;
use crate::console::app::log::LogLine;
use crate::console::app::model::Model;
use crate::console::app::pane::{PaneId, Scroll};
use crate::console::app::screen::{TextLine, TextPanel, status};
use crate::console::app::tables::instance_text as facts;
use crate::console::app::tables::operation_text;
use crate::console::app::trail::InstanceTab;
use crate::console::app::wrap::{flow, line_width, shifted};

/// Up to so many lines their rows are counted for the scroll bar; beyond, lines tell as much.
const COUNTED: usize = 400;

/// Where the lines are.
enum Lines<'a> {
    Facts(Vec<TextLine>),
    Plain(Vec<&'a str>),
    Log(Vec<&'a LogLine>),
}

/// A text as one reads it.
pub struct Text<'a> {
    lines: Lines<'a>,
    /// The lines that are shown; `None` for all.
    shown: Option<Vec<usize>>,
    wraps: bool,
    left: usize,
    /// Columns of the labels.
    labels: usize,
    /// Columns beside the labels.
    room: usize,
}

/// A place in a text: a line that is shown, by its number among these, and a row of it.
pub type Place = (usize, usize);

impl<'a> Text<'a> {
    /// The text of a pane, as one reads it there.
    pub fn of(model: &'a Model, pane: &PaneId) -> Self {
        let scroll = model.scrolls.get(pane).cloned().unwrap_or_else(|| Scroll::of(pane));
        let lines = lines(model, pane);
        let labels = match &lines {
            Lines::Facts(lines) => lines.iter().filter_map(|line| line.label).map(width).max().unwrap_or(0),
            Lines::Plain(_) | Lines::Log(_) => 0,
        };
        let beside = if labels == 0 { 0 } else { labels + layout::LABEL_GAP };
        let room = layout::text_width(model.size).saturating_sub(beside).max(1);
        let mut text = Self { lines, shown: None, wraps: scroll.wraps, left: scroll.left, labels, room };
        if scroll.narrows && !scroll.search.is_empty() {
            text.shown = Some(text.matching(&scroll.search));
        }
        text
    }

    /// How many lines are shown.
    pub fn len(&self) -> usize {
        self.shown.as_ref().map_or_else(|| self.count(), Vec::len)
    }

    /// Whether nothing is shown.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many lines there are.
    fn count(&self) -> usize {
        match &self.lines {
            Lines::Facts(lines) => lines.len(),
            Lines::Plain(lines) => lines.len(),
            Lines::Log(lines) => lines.len(),
        }
    }

    /// The lines that match.
    pub fn matching(&self, search: &str) -> Vec<usize> {
        let (wanted, words) = match search.strip_prefix('!') {
            Some(words) => (false, words.to_lowercase()),
            None => (true, search.to_lowercase()),
        };
        (0..self.count()).filter(|line| self.says(*line, &words) == wanted).collect()
    }

    fn says(&self, line: usize, words: &str) -> bool {
        let cells = |cells: &[Cell]| cells.iter().map(|cell| cell.text.as_str()).collect::<Vec<_>>().join(" ");
        let text = match &self.lines {
            Lines::Facts(lines) => format!("{} {}", lines[line].label.unwrap_or(""), cells(&lines[line].cells)),
            Lines::Plain(lines) => return lines[line].to_lowercase().contains(words),
            Lines::Log(lines) => cells(&lines[line].cells()),
        };
        text.to_lowercase().contains(words)
    }

    /// The number of a shown line among all.
    pub fn line(&self, at: usize) -> usize {
        self.shown.as_ref().map_or(at, |shown| shown.get(at).or(shown.last()).copied().unwrap_or(0))
    }

    /// The number of a line among those that are shown; of the next one if it is not.
    pub fn at(&self, line: usize) -> usize {
        self.shown.as_ref().map_or(line, |shown| shown.partition_point(|other| *other < line))
    }

    fn whole(&self, line: usize) -> (TextLine, usize) {
        match &self.lines {
            Lines::Facts(lines) => {
                let line = lines[line].clone();
                let first = line.cells.first();
                let indent = first.map_or(0, |cell| cell.text.len() - cell.text.trim_start().len());
                (line.clone(), if first.is_some_and(|cell| cell.glyph.is_some()) { 2 } else { indent })
            }
            Lines::Plain(lines) => {
                let text = lines[line];
                let indent = text.len() - text.trim_start_matches(' ').len();
                (TextLine { cells: vec![Cell::plain(text)], ..TextLine::default() }, indent)
            }
            Lines::Log(lines) => (TextLine { cells: lines[line].cells(), ..TextLine::default() }, LogLine::INDENT),
        }
    }

    /// The rows of a shown line.
    fn rows(&self, at: usize) -> Vec<TextLine> {
        let (line, hang) = self.whole(self.line(at));
        if !self.wraps {
            let cells = shifted(&line.cells, self.left);
            return vec![TextLine { cells, ..line }];
        }
        let goes_on = line.label.map(|_| "");
        let beside = if line.label.is_none() && self.labels > 0 { self.labels + layout::LABEL_GAP } else { 0 };
        let rows = flow(&line.cells, self.room + beside, hang).into_iter().enumerate();
        rows.map(|(row, cells)| TextLine { label: if row == 0 { line.label } else { goes_on }, cells, found: false })
            .collect()
    }

    fn height(&self, at: usize) -> usize {
        if self.wraps { self.rows(at).len() } else { 1 }
    }

    /// Where a window begins that shows the end and is full.
    pub fn last(&self, window: usize) -> Place {
        let mut missing = window;
        for at in (0..self.len()).rev() {
            let height = self.height(at);
            if height >= missing {
                return (at, height - missing);
            }
            missing -= height;
        }
        (0, 0)
    }

    /// Some rows further down or up; never beyond the ends.
    pub fn moved(&self, from: Place, rows: isize, window: usize) -> Place {
        let last = self.last(window);
        let (mut at, mut row) = from.min(last);
        let mut left = rows.unsigned_abs();
        if left > self.len().saturating_mul(COUNTED) {
            return if rows < 0 { (0, 0) } else { last };
        }
        while left > 0 && rows < 0 && (at, row) > (0, 0) {
            let step = left.min(row);
            (left, row) = (left - step, row - step);
            if left > 0 && at > 0 {
                (left, at) = (left - 1, at - 1);
                row = self.height(at) - 1;
            }
        }
        while left > 0 && rows > 0 && (at, row) < last {
            let step = left.min(self.height(at) - 1 - row);
            (left, row) = (left - step, row + step);
            if left > 0 {
                (left, at, row) = (left - 1, at + 1, 0);
            }
        }
        (at, row).min(last)
    }

    /// How far sideways it makes sense to go, with these lines on the screen.
    pub fn widest(&self, from: usize, window: usize) -> usize {
        let lines = (from..self.len()).take(window).map(|at| line_width(&self.whole(self.line(at)).0.cells));
        lines.max().unwrap_or(0).saturating_sub(self.room)
    }

    /// Columns beside the labels.
    pub fn room(&self) -> usize {
        self.room
    }

    fn visible(&self, (top, above): Place, window: usize, found: Option<usize>) -> Vec<TextLine> {
        let mut rows = Vec::new();
        for at in top..self.len() {
            let found = found == Some(self.line(at));
            rows.extend(self.rows(at).into_iter().map(|row| TextLine { found, ..row }));
            if rows.len() >= window + above {
                break;
            }
        }
        rows.into_iter().skip(above).take(window).collect()
    }

    /// What is above the window, and all: in rows where these are few, else in lines.
    fn extent(&self, (top, above): Place) -> (usize, usize) {
        if !self.wraps || self.len() > COUNTED {
            return (top, self.len());
        }
        let heights: Vec<usize> = (0..self.len()).map(|at| self.height(at)).collect();
        (heights.iter().take(top).sum::<usize>() + above, heights.iter().sum())
    }
}

/// The visible part.
pub(super) fn panel(model: &Model, pane: &PaneId) -> TextPanel {
    let scroll = model.scrolls.get(pane).cloned().unwrap_or_else(|| Scroll::of(pane));
    let window = layout::window(model.size, pane);
    let text = Text::of(model, pane);
    let place = (text.at(scroll.top), scroll.above).min(text.last(window));
    let lines = text.visible(place, window, scroll.found);
    let (top, total) = text.extent(place);
    let empty = if text.is_empty() { status::why_empty(model, pane) } else { Vec::new() };
    let search = if scroll.search.starts_with('!') { String::new() } else { scroll.search };
    TextPanel {
        lines,
        labels: text.labels,
        top,
        total,
        follows: pane.is_log().then_some(scroll.follows),
        search,
        empty,
    }
}

fn lines<'a>(model: &'a Model, pane: &PaneId) -> Lines<'a> {
    match pane {
        PaneId::Log => Lines::Log(model.log.iter().collect()),
        PaneId::Instance(id, InstanceTab::Console) => {
            let lines = model.detail_of(id).and_then(|detail| detail.console.value()).map(|log| log.lines.as_slice());
            Lines::Plain(lines.unwrap_or(&[]).iter().map(|line| &**line).collect())
        }
        PaneId::Instance(id, InstanceTab::Raw) => {
            let raw = model.detail_of(id).and_then(|detail| detail.raw.value());
            Lines::Plain(raw.map_or("", |text| text).lines().collect())
        }
        PaneId::Instance(id, tab) => Lines::Facts(fact_lines(model, id, *tab)),
        PaneId::Operation(id) => Lines::Facts(match model.operation(id) {
            Some(followed) => operation_text::lines(model, followed),
            None => Vec::new(),
        }),
        _ => Lines::Facts(Vec::new()),
    }
}

fn fact_lines(model: &Model, id: &InstanceId, tab: InstanceTab) -> Vec<TextLine> {
    let Some(instance) = model.instance(id) else { return Vec::new() };
    match tab {
        InstanceTab::Overview => facts::overview(model, instance),
        InstanceTab::Metadata => facts::metadata(instance),
        InstanceTab::Image => facts::image(model, instance),
        InstanceTab::Faults => facts::faults(model, instance),
        _ => Vec::new(),
    }
}

/// A line of a label and what it says.
pub(in crate::console::app) fn fact(label: &'static str, cell: Cell) -> TextLine {
    TextLine { label: Some(label), cells: vec![cell], found: false }
}

/// A line without a label.
pub(in crate::console::app) fn line(text: &str, tone: Tone) -> TextLine {
    TextLine { label: None, cells: vec![Cell::new(text, tone)], found: false }
}
