//! Searching and freezing texts.

use crate::console::app::effect::Effect;
use crate::console::app::layout;
use crate::console::app::model::Model;
use crate::console::app::pane::PaneId;
use crate::console::app::screen::text;

type Effects = Vec<Effect>;

/// Our own log has a filter of its own kind: its lines are the view's.
pub fn is_searchable(model: &Model) -> Result<(), String> {
    if model.pane() == PaneId::Log { Err("the log cannot be searched here".to_owned()) } else { Ok(()) }
}

/// Whether something is searched for.
pub fn has_search(model: &Model) -> Result<(), String> {
    let searched = model.scrolls.get(&model.pane()).is_some_and(|scroll| !scroll.search.is_empty());
    if searched { Ok(()) } else { Err("search with / first".to_owned()) }
}

/// Looks for words, from the top of the window on.
pub(super) fn look_for(model: &mut Model, words: &str) {
    let pane = model.pane();
    if let Some(scroll) = model.scrolls.get_mut(&pane) {
        scroll.search = words.to_owned();
        scroll.found = None;
    }
    if !words.is_empty() {
        jump(model, true);
    }
    model.touch();
}

/// The next match.
pub fn next_match(model: &mut Model, _: &str) -> Effects {
    jump(model, true);
    Vec::new()
}

/// The match before.
pub fn previous_match(model: &mut Model, _: &str) -> Effects {
    jump(model, false);
    Vec::new()
}

/// To a match after or before the present one; round the end of the text.
fn jump(model: &mut Model, forward: bool) {
    let pane = model.pane();
    let Some(scroll) = model.scrolls.get(&pane) else { return };
    let found = text::containing(model, &pane, &scroll.search.to_lowercase());
    let target = match (forward, scroll.found) {
        (true, Some(at)) => found.iter().find(|line| **line > at).or(found.first()),
        (true, None) => found.iter().find(|line| **line >= scroll.top).or(found.first()),
        (false, Some(at)) => found.iter().rev().find(|line| **line < at).or(found.last()),
        (false, None) => found.iter().rev().find(|line| **line < scroll.top).or(found.last()),
    };
    let Some(target) = target.copied() else {
        let text = format!("Nothing in this text matches {}", scroll.search);
        model.notices.tell(text, model.now);
        return;
    };
    let window = layout::window(model.size, &pane);
    if let Some(scroll) = model.scrolls.get_mut(&pane) {
        scroll.found = Some(target);
        scroll.follows = false;
        if target < scroll.top || target >= scroll.top + window {
            scroll.top = target.saturating_sub(window / 3);
        }
    }
    model.touch();
}

/// Freezes a log, or follows its end again.
pub fn follow(model: &mut Model, _: &str) -> Effects {
    let pane = model.pane();
    if let Some(scroll) = model.scrolls.get_mut(&pane) {
        scroll.follows = !scroll.follows;
        if scroll.follows {
            scroll.found = None;
        }
        if pane == PaneId::Log && scroll.follows {
            scroll.top = 0;
        }
    }
    model.touch();
    Vec::new()
}
