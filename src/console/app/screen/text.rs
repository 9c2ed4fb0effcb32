//! The texts of an instance: overview, metadata, image, faults, console log, raw. Only the visible lines are made safe.

use crate::base::id::InstanceId;
use crate::console::app::cell::{Cell, Tone};
use crate::console::app::layout;
use crate::console::app::model::Model;
use crate::console::app::pane::PaneId;
use crate::console::app::screen::{TextLine, TextPanel, status};
use crate::console::app::tables::instance_text as facts;
use crate::console::app::trail::InstanceTab;

/// How many lines a text has.
pub fn count(model: &Model, pane: &PaneId) -> usize {
    let PaneId::Instance(id, tab) = pane else { return 0 };
    match tab {
        InstanceTab::Console => console(model, id).map_or(0, <[Box<str>]>::len),
        InstanceTab::Raw => raw(model, id).map_or(0, |text| text.lines().count()),
        _ => fact_lines(model, id, *tab).len(),
    }
}

/// The lines of a text that have some words in them; the words in lower case.
pub fn containing(model: &Model, pane: &PaneId, words: &str) -> Vec<usize> {
    let PaneId::Instance(id, tab) = pane else { return Vec::new() };
    let matching = |(at, line): (usize, &str)| line.to_lowercase().contains(words).then_some(at);
    match tab {
        InstanceTab::Console => {
            console(model, id).unwrap_or(&[]).iter().map(|line| &**line).enumerate().filter_map(matching).collect()
        }
        InstanceTab::Raw => raw(model, id).unwrap_or("").lines().enumerate().filter_map(matching).collect(),
        _ => {
            let lines = fact_lines(model, id, *tab);
            let text = |line: &TextLine| {
                let cells = line.cells.iter().map(|cell| cell.text.as_str());
                line.label.into_iter().chain(cells).collect::<Vec<_>>().join(" ")
            };
            let texts: Vec<String> = lines.iter().map(text).collect();
            texts.iter().map(String::as_str).enumerate().filter_map(matching).collect()
        }
    }
}

/// The visible part.
pub(super) fn panel(model: &Model, pane: &PaneId) -> TextPanel {
    let scroll = model.scrolls.get(pane).cloned().unwrap_or_default();
    let window = layout::window(model.size, pane);
    let total = count(model, pane);
    let top = scroll.top.min(total.saturating_sub(1));
    let mut lines = visible(model, pane, top, window);
    if let Some(line) = scroll.found.and_then(|found| found.checked_sub(top)).and_then(|at| lines.get_mut(at)) {
        line.found = true;
    }
    let follows = matches!(pane, PaneId::Instance(_, InstanceTab::Console)).then_some(scroll.follows);
    let empty = if total == 0 { status::why_empty(model, pane) } else { Vec::new() };
    TextPanel { lines, top, total, follows, search: scroll.search, empty }
}

fn visible(model: &Model, pane: &PaneId, top: usize, window: usize) -> Vec<TextLine> {
    let PaneId::Instance(id, tab) = pane else { return Vec::new() };
    let plain = |line: &str| TextLine { cells: vec![Cell::plain(line)], ..TextLine::default() };
    match tab {
        InstanceTab::Console => {
            console(model, id).unwrap_or(&[]).iter().skip(top).take(window).map(|line| plain(line)).collect()
        }
        InstanceTab::Raw => raw(model, id).unwrap_or("").lines().skip(top).take(window).map(plain).collect(),
        _ => fact_lines(model, id, *tab).into_iter().skip(top).take(window).collect(),
    }
}

fn console<'a>(model: &'a Model, id: &InstanceId) -> Option<&'a [Box<str>]> {
    model.detail_of(id)?.console.value().map(|log| log.lines.as_slice())
}

fn raw<'a>(model: &'a Model, id: &InstanceId) -> Option<&'a str> {
    model.detail_of(id)?.raw.value().map(|text| &**text)
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
