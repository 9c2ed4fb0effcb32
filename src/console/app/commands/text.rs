//! Reading texts: searching, narrowing, wrapping, moving sideways, freezing.

use crate::console::app::effect::Effect;
use crate::console::app::layout;
use crate::console::app::model::Model;
use crate::console::app::pane::Scroll;
use crate::console::app::screen::text::Text;

type Effects = Vec<Effect>;

/// Whether something is searched for.
pub fn has_search(model: &Model) -> Result<(), String> {
    let searched = model.scrolls.get(&model.pane()).is_some_and(|scroll| !scroll.search.is_empty());
    if searched { Ok(()) } else { Err("search with / first".to_owned()) }
}

/// Changes how the text in the body is read.
fn with_scroll(model: &mut Model, change: impl FnOnce(&mut Scroll)) -> Effects {
    if let Some(scroll) = model.scrolls.get_mut(&model.pane()) {
        change(scroll);
    }
    model.touch();
    Vec::new()
}

/// Looks for words, from the top of the window on. Tells whether they are there.
pub(super) fn look_for(model: &mut Model, words: &str) -> bool {
    with_scroll(model, |scroll| {
        scroll.search = words.to_owned();
        scroll.found = None;
    });
    // A log that shows only what matches goes on following its end.
    let follows = model.scrolls.get(&model.pane()).is_some_and(|scroll| scroll.follows && scroll.narrows);
    if words.is_empty() {
        return true;
    }
    let text = Text::of(model, &model.pane());
    if follows { !text.matching(words).is_empty() } else { jump(model, true) }
}

/// Says that nothing was found.
pub(super) fn found_nothing(model: &mut Model) {
    let Some(scroll) = model.scrolls.get(&model.pane()) else { return };
    let text = format!("Nothing in this text matches {}", scroll.search);
    model.notices.tell(text, model.now);
}

/// The next match.
pub fn next_match(model: &mut Model, _: &str) -> Effects {
    if !jump(model, true) {
        found_nothing(model);
    }
    Vec::new()
}

/// The match before.
pub fn previous_match(model: &mut Model, _: &str) -> Effects {
    if !jump(model, false) {
        found_nothing(model);
    }
    Vec::new()
}

/// To a match after or before the present one; round the end of the text. Tells whether there is one.
fn jump(model: &mut Model, forward: bool) -> bool {
    let pane = model.pane();
    let window = layout::window(model.size, &pane);
    let Some(scroll) = model.scrolls.get(&pane) else { return false };
    let text = Text::of(model, &pane);
    let found = text.matching(&scroll.search);
    let target = match (forward, scroll.found) {
        (true, Some(at)) => found.iter().find(|line| **line > at).or(found.first()),
        (true, None) => found.iter().find(|line| **line >= scroll.top).or(found.first()),
        (false, Some(at)) => found.iter().rev().find(|line| **line < at).or(found.last()),
        (false, None) => found.iter().rev().find(|line| **line < scroll.top).or(found.last()),
    };
    let Some(target) = target.copied() else { return false };
    let top = (text.at(scroll.top), scroll.above);
    let end = text.moved(top, isize::try_from(window).unwrap_or(0), 1);
    let at = (text.at(target), 0);
    let begin = (at < top || at >= end).then(|| text.moved(at, -isize::try_from(window / 3).unwrap_or(0), window));
    let begin = begin.map(|(at, row)| (text.line(at), row));
    with_scroll(model, |scroll| {
        scroll.found = Some(target);
        scroll.follows = false;
        if let Some((line, row)) = begin {
            (scroll.top, scroll.above) = (line, row);
        }
    });
    true
}

/// Shows only the lines that match, or these among all.
pub fn narrow(model: &mut Model, _: &str) -> Effects {
    with_scroll(model, |scroll| scroll.narrows = !scroll.narrows)
}

/// Lets long lines go on in the next row, or leave the screen.
pub fn wrap(model: &mut Model, _: &str) -> Effects {
    with_scroll(model, |scroll| {
        scroll.wraps = !scroll.wraps;
        (scroll.above, scroll.left) = (0, 0);
    })
}

/// To the left by half a screen.
pub fn left(model: &mut Model, _: &str) -> Effects {
    sideways(model, |left, step, _| left.saturating_sub(step))
}

/// To the right by half a screen, as far as there is text.
pub fn right(model: &mut Model, _: &str) -> Effects {
    sideways(model, |left, step, widest| (left + step).min(widest.max(left)))
}

fn sideways(model: &mut Model, moved: impl FnOnce(usize, usize, usize) -> usize) -> Effects {
    let pane = model.pane();
    let Some(scroll) = model.scrolls.get(&pane) else { return Vec::new() };
    let text = Text::of(model, &pane);
    let widest = text.widest(text.at(scroll.top), layout::window(model.size, &pane));
    let left = moved(scroll.left, (text.room() / 2).max(1), widest);
    with_scroll(model, |scroll| scroll.left = left)
}

/// Whether lines leave the screen: then one can move sideways.
pub fn is_not_wrapped(model: &Model) -> Result<(), String> {
    let wraps = model.scrolls.get(&model.pane()).is_some_and(|scroll| scroll.wraps);
    if wraps { Err("long lines are wrapped here".to_owned()) } else { Ok(()) }
}

/// Freezes a log, or follows its end again.
pub fn follow(model: &mut Model, _: &str) -> Effects {
    with_scroll(model, |scroll| {
        scroll.follows = !scroll.follows;
        if scroll.follows {
            scroll.found = None;
        }
    })
}
