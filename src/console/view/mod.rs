//! Draws a `&Model`: themes, layout, widgets.
//!
//! The view decides nothing and remembers nothing: what is shown, selected and scrolled is in the model, and
//! [`screen`] has worked out every text and its tone, only for what fits. So a frame costs
//! what the screen holds, however many instances there are, and the same model always draws the same frame.
//!
//! Deliberately absent: time, keys, widgets with a state of their own, colours (they are the themes').

mod chart;
mod columns;
mod empty;
mod foot;
mod header;
mod ink;
mod popup;
mod prompt;
mod recent;
mod review;
mod small;
mod strip;
pub mod svg;
mod table;
mod tabs;
mod text;
pub mod theme;

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::console::app::Model;
use crate::console::app::layout::{self, Size};
use crate::console::app::pane::PaneId;
use crate::console::app::screen::{self, Panel};
use ink::Ink;
use theme::{Role, Theme};

/// Draws the whole screen.
pub fn draw(model: &Model, theme: &Theme, frame: &mut Frame<'_>) {
    let screen = frame.area();
    let mut ink = Ink { frame: frame.buffer_mut(), theme };
    let ground = ink.style(Role::Background);
    ink.wash(screen, ground);
    // The model learns of a new size a moment after the terminal has it; what is drawn must fit either way.
    let size = Size { width: screen.width, height: screen.height };
    if size.is_enough() {
        whole(&mut ink, screen, model);
    } else {
        small::draw(&mut ink, screen);
    }
    if theme.is_ascii() {
        ink::to_ascii(frame.buffer_mut());
    }
}

fn whole(ink: &mut Ink<'_>, area: Rect, model: &Model) {
    let line = |y: u16| Rect { y, height: 1, ..area };
    header::draw(ink, line(area.y), model);
    tabs::views(ink, line(area.y + 1), model);
    let air = Size { width: area.width, height: area.height }.air();
    body(ink, Rect { y: area.y + 2 + air, height: area.height - 4 - air, ..area }, model);
    foot::status(ink, line(area.bottom() - 2), model);
    foot::hints(ink, line(area.bottom() - 1), model);
    if let Some(over) = screen::overlay::overlay(model) {
        popup::draw(ink, area, model, &over);
    }
}

fn body(ink: &mut Ink<'_>, mut area: Rect, model: &Model) {
    let pane = model.pane();
    let tabs = layout::tab_bar(&pane);
    if tabs > 0 {
        tabs::body(ink, Rect { height: tabs, ..area }, &screen::tabs(model));
        area = Rect { y: area.y + tabs, height: area.height - tabs, ..area };
    }
    let strip = layout::strip(model.size, &pane).min(area.height);
    let above = Rect { height: area.height - strip, ..area };
    match screen::panel(model) {
        Panel::Table(panel) => table::draw(ink, above, &panel),
        Panel::Text(panel) => text::draw(ink, above, &panel),
        Panel::Graphs(panel) => chart::draw(ink, above, &panel),
    }
    if strip > 0 {
        let below = Rect { y: above.bottom(), height: strip, ..area };
        match &pane {
            PaneId::Graphs(key) => recent::draw(ink, below, model, key),
            _ => strip::draw(ink, below, model),
        }
    }
}
