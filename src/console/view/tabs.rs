//! Bars of tabs: the views on the second line with the way into the present one, and the tabs of an instance or cloud.

use ratatui::layout::Rect;

use crate::console::app::Model;
use crate::console::app::screen::{self, Tab};
use crate::console::view::ink::{Ink, columns};
use crate::console::view::theme::Role;

/// Between two tabs.
const GAP: u16 = 3;

/// Draws the views and, at the right end, the way into the present one.
pub(super) fn views(ink: &mut Ink<'_>, area: Rect, model: &Model) {
    let x = bar(ink, area, &screen::views(model), GAP);
    let crumbs = screen::crumbs(model);
    let mut parts: Vec<(&str, Role)> = Vec::new();
    for (at, crumb) in crumbs.iter().enumerate() {
        if at > 0 {
            parts.push((" › ", Role::Faint));
        }
        parts.push((&crumb.text, if at + 1 == crumbs.len() { Role::Strong } else { Role::Dim }));
    }
    let room = area.right().saturating_sub(x + GAP + 1);
    let wanted: u16 = parts.iter().map(|(text, _)| columns(text)).fold(0, u16::saturating_add);
    let start = area.right().saturating_sub(1 + wanted.min(room));
    ink.spans(start, area.y, wanted.min(room), &parts);
}

/// Draws the tabs of the body.
pub(super) fn body(ink: &mut Ink<'_>, area: Rect, tabs: &[Tab]) {
    let wanted = |gap: u16| tabs.iter().map(|tab| columns(tab.title) + gap).fold(2, u16::saturating_add);
    let gap = (1..=GAP).rev().find(|gap| wanted(*gap) <= area.width).unwrap_or(1);
    bar(ink, area, tabs, gap);
}

fn bar(ink: &mut Ink<'_>, area: Rect, tabs: &[Tab], gap: u16) -> u16 {
    let mut x = area.x + 1;
    let mut end = x;
    for tab in tabs {
        let (title, count) = if tab.current { (Role::TabActive, Role::Text) } else { (Role::Tab, Role::Dim) };
        end = x + ink.say(x, area.y, area.right().saturating_sub(x), tab.title, title);
        if let Some(number) = tab.count {
            end += 1 + ink.say(end + 1, area.y, area.right().saturating_sub(end + 1), &number.to_string(), count);
        }
        x = end + gap;
    }
    end
}
