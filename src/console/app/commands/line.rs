//! Lines being typed: opening, editing, completing, taking and dropping them.

use crate::base::key::Key;
use crate::console::app::command::Argument;
use crate::console::app::commands::{list, look, rollout, scope, suggest, text};
use crate::console::app::effect::Effect;
use crate::console::app::model::Model;
use crate::console::app::overlay::{Given, Overlay};
use crate::console::app::pane::Scroll;
use crate::console::app::prompt::Prompt;
use crate::console::app::review::Focus;
use crate::console::app::tables;
use crate::console::app::update::{refresh_table, start, table_mut};
use crate::console::app::{command, commands::go};

type Effects = Vec<Effect>;

/// As many lines as anybody remembers.
const HISTORY: usize = 100;

/// Opens the command line.
pub fn command_line(model: &mut Model, _: &str) -> Effects {
    model.overlay = Some(Overlay::Command(Prompt::default()));
    changed(model);
    Vec::new()
}

/// Filters by what is given; opens the line without it.
pub fn filter(model: &mut Model, wanted: &str) -> Effects {
    if !wanted.is_empty() {
        apply_filter(model, wanted);
        return Vec::new();
    }
    let present = model.table().map(|table| table.filter_text.clone()).unwrap_or_default();
    model.overlay = Some(Overlay::Filter(Prompt { draft: present.clone(), ..Prompt::with(&present) }));
    changed(model);
    Vec::new()
}

fn apply_filter(model: &mut Model, wanted: &str) {
    let pane = model.pane();
    if let Some(table) = table_mut(model, &pane) {
        table.set_filter(wanted);
    }
    refresh_table(model, &pane, false);
    model.touch();
}

/// What is wrong with the present table's filter.
fn filter_problem(model: &Model) -> Option<String> {
    let pane = model.pane();
    let rows = tables::rows(model, &pane)?;
    let failure = model.tables.get(&pane)?.filter.check(&*rows).err()?;
    Some(failure.hints.iter().fold(failure.message, |text, hint| format!("{text}. {hint}")))
}

/// Looks for what is given; opens the line without it.
pub fn search(model: &mut Model, wanted: &str) -> Effects {
    if wanted.is_empty() {
        let present = model.scrolls.get(&model.pane()).cloned().unwrap_or_default();
        model.overlay = Some(Overlay::Search(Prompt::with(&present.search), Box::new(present)));
        model.touch();
    } else if !text::look_for(model, wanted) {
        text::found_nothing(model);
    }
    Vec::new()
}

/// Looks for what stands in the line, each time from where one was before.
fn look_for(model: &mut Model, typed: &str, before: Scroll) {
    model.scrolls.insert(model.pane(), before);
    let problem = (!text::look_for(model, typed)).then(|| "nothing matches".to_owned());
    if let Some(Overlay::Search(prompt, _)) = &mut model.overlay {
        prompt.problem = problem;
    }
}

/// A key for the line that is open.
pub(in crate::console::app) fn edit(model: &mut Model, key: Key) {
    let edited = match &mut model.overlay {
        Some(Overlay::Password(password)) => password.edit(key),
        Some(Overlay::Command(prompt) | Overlay::Filter(prompt) | Overlay::Search(prompt, _)) => prompt.edit(key),
        Some(Overlay::Picker(picker)) => picker.prompt.edit(key),
        // A name is typed by hand: that is what it is for.
        Some(Overlay::Review(review)) if review.focus == Focus::Typed && model.burst => {
            model.notices.tell("The name must be typed by hand", model.now);
            false
        }
        Some(Overlay::Review(review)) => {
            let edited = review.prompt().is_some_and(|prompt| prompt.edit(key));
            if edited && review.focus == Focus::Reason {
                review.take_reason();
            }
            edited
        }
        Some(
            Overlay::Help { .. } | Overlay::Columns(_) | Overlay::Notices(_) | Overlay::Row(_) | Overlay::Abort(_),
        )
        | None => false,
    };
    if edited {
        changed(model);
    }
}

/// The line has changed: what follows from it is live.
pub(in crate::console::app) fn changed(model: &mut Model) {
    model.touch();
    match &model.overlay {
        Some(Overlay::Filter(prompt)) => {
            let typed = prompt.text().to_owned();
            apply_filter(model, &typed);
        }
        Some(Overlay::Search(prompt, before)) => {
            let (typed, before) = (prompt.text().to_owned(), before.clone());
            look_for(model, &typed, *before);
        }
        Some(Overlay::Picker(_)) => suggest::narrow(model),
        _ => {}
    }
    let suggestions = match &model.overlay {
        Some(Overlay::Filter(prompt)) => suggest::columns(model, prompt.text()),
        Some(Overlay::Command(prompt)) => suggest::commands(model, prompt.text()),
        _ => return,
    };
    let problem = filter_problem(model);
    if let Some(Overlay::Filter(prompt) | Overlay::Command(prompt)) = &mut model.overlay {
        prompt.suggestions = suggestions;
        prompt.taken = None;
        prompt.recalled = None;
    }
    if let Some(Overlay::Filter(prompt)) = &mut model.overlay {
        prompt.problem = problem;
    }
}

/// Takes the next suggestion.
pub fn complete(model: &mut Model, _: &str) -> Effects {
    take_suggestion(model, 1);
    Vec::new()
}

/// Takes the suggestion before.
pub fn complete_back(model: &mut Model, _: &str) -> Effects {
    take_suggestion(model, -1);
    Vec::new()
}

/// Whether there may be suggestions.
pub fn can_complete(model: &Model) -> Result<(), String> {
    let completes = matches!(model.overlay, Some(Overlay::Command(_) | Overlay::Filter(_)));
    if completes { Ok(()) } else { Err("there is nothing to complete here".to_owned()) }
}

fn take_suggestion(model: &mut Model, by: isize) {
    let Some(Overlay::Filter(prompt) | Overlay::Command(prompt)) = &mut model.overlay else { return };
    let Ok(count) = isize::try_from(prompt.suggestions.len()) else { return };
    if count == 0 {
        return;
    }
    let next = match prompt.taken {
        Some(at) => (isize::try_from(at).unwrap_or(0) + by).rem_euclid(count),
        None if by < 0 => count - 1,
        None => 0,
    };
    let line = prompt.suggestions[next.unsigned_abs()].line.clone();
    let (suggestions, only) = (prompt.suggestions.clone(), count == 1);
    prompt.set(&line);
    changed(model);
    // Pressing again goes on through the same suggestions; after the only one, what follows it is of more use.
    if let Some(Overlay::Filter(prompt) | Overlay::Command(prompt)) = &mut model.overlay
        && !only
    {
        prompt.suggestions = suggestions;
        prompt.taken = Some(next.unsigned_abs());
    }
}

/// Up: an older line of the history, or the choice above.
pub fn older(model: &mut Model, _: &str) -> Effects {
    walk(model, 1);
    Vec::new()
}

/// Down: a newer line of the history, or the choice below.
pub fn newer(model: &mut Model, _: &str) -> Effects {
    walk(model, -1);
    Vec::new()
}

fn walk(model: &mut Model, by: isize) {
    model.touch();
    let history = &model.command_history;
    match &mut model.overlay {
        Some(Overlay::Picker(picker)) => {
            let last = picker.matches.len().saturating_sub(1);
            picker.cursor = picker.cursor.saturating_add_signed(-by).min(last);
        }
        Some(Overlay::Command(prompt)) => {
            let place = prompt.recalled.map_or(0, |at| at + 1).saturating_add_signed(by).min(history.len());
            if prompt.recalled.is_none() {
                prompt.draft = prompt.text().to_owned();
            }
            let line = match place.checked_sub(1) {
                Some(at) => history[history.len() - 1 - at].clone(),
                None => prompt.draft.clone(),
            };
            prompt.set(&line);
            prompt.recalled = place.checked_sub(1);
            prompt.suggestions.clear();
        }
        _ => {}
    }
}

/// Takes what was typed or chosen.
pub fn accept(model: &mut Model, _: &str) -> Effects {
    model.touch();
    match model.overlay.take() {
        Some(Overlay::Command(prompt)) => run(model, prompt.text()),
        Some(Overlay::Search(prompt, _)) => {
            if prompt.problem.is_some() {
                text::found_nothing(model);
            }
            Vec::new()
        }
        Some(Overlay::Picker(picker)) => {
            let chosen = picker.matches.get(picker.cursor).and_then(|at| picker.choices.get(*at)).cloned();
            let Some(chosen) = chosen else {
                model.overlay = Some(Overlay::Picker(picker));
                return Vec::new();
            };
            if let Some(why) = chosen.barred {
                model.notices.tell(format!("{} cannot be used: {why}", chosen.title), model.now);
                model.overlay = Some(Overlay::Picker(picker));
                return Vec::new();
            }
            match chosen.gives {
                Given::Scope(to) => scope::switch(model, to),
                Given::Text(text) => look::copy_text(model, &chosen.title, text),
                Given::Rollout(chosen) => rollout::review(model, *chosen),
            }
        }
        Some(Overlay::Password(password)) if password.is_empty() => {
            model.overlay = Some(Overlay::Password(password));
            Vec::new()
        }
        Some(Overlay::Password(mut password)) => match password.resumes.take() {
            Some((operation, cloud)) => {
                vec![Effect::ResumeWith { operation, cloud, password: password.secret() }]
            }
            None => {
                model.sign_in = crate::console::app::scope::SignIn::Connecting;
                vec![Effect::SignIn(password.secret())]
            }
        },
        Some(Overlay::Columns(chooser)) => {
            list::take_columns(model, &chooser);
            Vec::new()
        }
        Some(
            Overlay::Filter(_)
            | Overlay::Help { .. }
            | Overlay::Notices(_)
            | Overlay::Row(_)
            | Overlay::Review(_)
            | Overlay::Abort(_),
        )
        | None => Vec::new(),
    }
}

/// Closes it. A filter or a search is again what it was before.
pub fn cancel(model: &mut Model, _: &str) -> Effects {
    model.touch();
    match model.overlay.take() {
        Some(Overlay::Filter(prompt)) => apply_filter(model, &prompt.draft),
        Some(Overlay::Search(_, before)) => {
            model.scrolls.insert(model.pane(), *before);
        }
        _ => {}
    }
    Vec::new()
}

/// Runs a line of the command line.
fn run(model: &mut Model, typed: &str) -> Effects {
    let line = typed.trim();
    if line.is_empty() {
        return Vec::new();
    }
    model.command_history.retain(|known| known != line);
    model.command_history.push(line.to_owned());
    if model.command_history.len() > HISTORY {
        model.command_history.remove(0);
    }
    let (name, argument) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    if let Some(command) = suggest::command(name) {
        let here = command::contexts(model);
        if !command.contexts.iter().any(|context| here.contains(context)) && command.argument.is_some() {
            let places: Vec<&str> = command.contexts.iter().map(|context| context.title()).collect();
            model.notices.tell(format!("{} works in: {}", command.id, places.join(", ")), model.now);
            return Vec::new();
        }
        if command.argument == Some(Argument::None) && !argument.trim().is_empty() {
            model.notices.tell(format!("{} takes nothing behind it", command.id), model.now);
            return Vec::new();
        }
        return start(model, command, argument.trim(), model.burst);
    }
    by_name(model, line)
}

/// What is no command may be the name of a service or an instance.
fn by_name(model: &mut Model, name: &str) -> Effects {
    if model.fleet.services.iter().any(|service| service.key.name.eq_ignore_ascii_case(name)) {
        return go::instances(model, name);
    }
    let is_named =
        |instance: &crate::fleet::Instance| instance.name.eq_ignore_ascii_case(name) || instance.id.as_str() == name;
    if model.fleet.members.iter().any(|member| is_named(&member.instance)) {
        return go::instance(model, name);
    }
    let text = match suggest::nearest_command(name) {
        Some(near) => format!("There is no command {name}. Did you mean :{near}?"),
        None => format!("There is no command, service or instance {name}; ? lists the commands"),
    };
    model.notices.tell(text, model.now);
    Vec::new()
}
