//! Every view as it stands on the screen: sizes by states, with and without colour.
//!
//! To take new frames after a change: `INSTA_UPDATE=always cargo test --test it screens::`, and read the difference.

use std::fmt::Write;
use std::time::Duration;

use ratatui::buffer::{Buffer, Cell};
use stackdeck::console::app::Model;
use stackdeck::console::app::trail::{CloudTab, InstanceTab};
use stackdeck::console::view::theme::{ColourDepth, fallback};

use super::console::{break_down, frame, grow_old, normal, press, started};
use super::states;

/// The sizes of every frame.
pub(super) const SIZES: [(u16, u16); 3] = [(80, 24), (120, 36), (200, 50)];

/// A name, and what is done to a model.
type Happening = (&'static str, fn(&mut Model));

/// The views, and how one gets there from the start.
const VIEWS: [Happening; 23] = [
    ("services", |_| {}),
    ("instances", |model| press(model, "2")),
    ("service", |model| states::service(model, "payments")),
    ("service-graphs", |model| states::opened(model, "payments", "m")),
    ("service-heat", |model| states::opened(model, "payments", "h")),
    ("instance-overview", |model| states::instance(model, InstanceTab::Overview)),
    ("instance-graphs", |model| states::instance(model, InstanceTab::Graphs)),
    ("instance-network", |model| states::instance(model, InstanceTab::Network)),
    ("instance-volumes", |model| states::instance(model, InstanceTab::Volumes)),
    ("instance-metadata", |model| states::instance(model, InstanceTab::Metadata)),
    ("instance-image", |model| states::instance(model, InstanceTab::Image)),
    ("instance-pools", |model| states::instance(model, InstanceTab::Pools)),
    ("instance-history", |model| states::instance(model, InstanceTab::History)),
    ("instance-faults", |model| states::instance(model, InstanceTab::Faults)),
    ("instance-console", |model| states::instance(model, InstanceTab::Console)),
    ("instance-raw", |model| states::instance(model, InstanceTab::Raw)),
    ("cloud-endpoints", |model| states::cloud(model, CloudTab::Endpoints)),
    ("cloud-compute", |model| states::cloud(model, CloudTab::Compute)),
    ("cloud-hypervisors", |model| states::cloud(model, CloudTab::Hypervisors)),
    ("cloud-agents", |model| states::cloud(model, CloudTab::Agents)),
    ("cloud-quotas", |model| states::cloud(model, CloudTab::Quotas)),
    ("timeline", |model| press(model, "6")),
    ("service-timeline", |model| states::opened(model, "payments", "t")),
];

/// What the model is in when a view is opened.
const STATES: [states::Scene; 2] = [("loading", started), ("normal", normal)];

/// What happens to it afterwards.
const LATER: [Happening; 2] = [
    ("stale", |model| grow_old(model, Duration::from_secs(20))),
    ("broken", |model| break_down(model, Duration::from_secs(300))),
];

#[test]
fn every_view_in_every_size_and_state() {
    let theme = fallback(ColourDepth::None);
    for (view, open) in VIEWS {
        for size in SIZES {
            let mut page = String::new();
            for (state, make) in STATES {
                let mut model = make();
                open(&mut model);
                section(&mut page, state, &text(&frame(&mut model, size, &theme)));
            }
            for (state, happen) in LATER {
                let mut model = normal();
                open(&mut model);
                happen(&mut model);
                section(&mut page, state, &text(&frame(&mut model, size, &theme)));
            }
            keep(&format!("{view}-{}x{}", size.0, size.1), &page);
        }
    }
}

#[test]
fn the_looks_of_the_main_views_with_and_without_colour() {
    for (name, theme) in [("colour", fallback(ColourDepth::True)), ("no-colour", fallback(ColourDepth::None))] {
        for (view, open) in [VIEWS[0], VIEWS[1], VIEWS[3], VIEWS[5], VIEWS[16]] {
            let mut page = String::new();
            let mut model = normal();
            open(&mut model);
            section(&mut page, "normal", &looks(&frame(&mut model, (80, 24), &theme)));
            break_down(&mut model, Duration::from_secs(300));
            section(&mut page, "broken", &looks(&frame(&mut model, (80, 24), &theme)));
            keep(&format!("looks-{view}-{name}"), &page);
        }
    }
}

#[test]
fn overlays() {
    let theme = fallback(ColourDepth::None);
    for size in [(80, 24), (120, 36)] {
        let mut page = String::new();
        for (name, make) in states::OVERLAYS {
            let mut model = make();
            section(&mut page, name, &text(&frame(&mut model, size, &theme)));
        }
        keep(&format!("overlays-{}x{}", size.0, size.1), &page);
    }
}

#[test]
fn a_screen_too_small_says_what_is_needed() {
    let theme = fallback(ColourDepth::None);
    let page = text(&frame(&mut normal(), (50, 10), &theme));
    assert!(page.contains("needed 60x15") && page.contains("now    50x10"), "{page}");
}

pub(super) fn section(page: &mut String, title: &str, body: &str) {
    let _ = writeln!(page, "=== {title}\n{body}");
}

pub(super) fn keep(name: &str, page: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, page));
}

/// A frame's text, row by row.
pub(crate) fn text(frame: &Buffer) -> String {
    let mut out = String::new();
    for row in rows(frame) {
        let line: String = row.iter().map(Cell::symbol).collect();
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}

/// A frame's text, below each row a letter for every look, and what the letters mean.
pub(super) fn looks(frame: &Buffer) -> String {
    let mut out = String::new();
    let mut legend: Vec<String> = Vec::new();
    for row in rows(frame) {
        let line: String = row.iter().map(Cell::symbol).collect();
        let letters: String = row.iter().map(|cell| letter(cell, &mut legend)).collect();
        let _ = writeln!(out, "{}", line.trim_end());
        if !letters.trim().is_empty() {
            let _ = writeln!(out, "{}", letters.trim_end());
        }
    }
    for (letter, look) in (b'a'..).map(char::from).zip(&legend) {
        let _ = writeln!(out, "{letter} = {look}");
    }
    out
}

fn letter(cell: &Cell, legend: &mut Vec<String>) -> char {
    let style = cell.style();
    let mut look: Vec<String> = Vec::new();
    look.extend(style.fg.filter(|fg| *fg != ratatui::style::Color::Reset).map(|fg| fg.to_string()));
    look.extend(style.bg.filter(|bg| *bg != ratatui::style::Color::Reset).map(|bg| format!("on {bg}")));
    if !style.add_modifier.is_empty() {
        look.push(format!("{:?}", style.add_modifier));
    }
    if look.is_empty()
        || (cell.symbol() == " " && style.bg == Some(ratatui::style::Color::Reset) && style.add_modifier.is_empty())
    {
        return ' ';
    }
    let look = look.join(" ");
    let at = legend.iter().position(|known| *known == look).unwrap_or_else(|| {
        legend.push(look);
        legend.len() - 1
    });
    char::from(b'a' + u8::try_from(at).unwrap())
}

fn rows(frame: &Buffer) -> impl Iterator<Item = &[Cell]> {
    frame.content.chunks(usize::from(frame.area.width))
}
