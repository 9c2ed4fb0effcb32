//! Keys: to the line being typed if there is one, else to the command that they mean.

use crate::base::key::{Key, KeyCode};
use crate::console::app::command::{self, Command, Danger};
use crate::console::app::commands::line;
use crate::console::app::effect::Effect;
use crate::console::app::keymap::{Context, Meaning};
use crate::console::app::model::Model;
use crate::console::app::review;

/// What a key may start where nothing can be seen: to go, to come back, and to see again.
const UNSEEN: [&str; 4] = ["leave", "quit", "suspend", "redraw"];

/// A key was pressed.
pub(super) fn key(model: &mut Model, key: Key, burst: bool) -> Vec<Effect> {
    model.last_key = model.now;
    model.burst = burst;
    if !model.size.is_enough() {
        return unseen(model, key, burst);
    }
    if review::is_deaf(model) {
        return Vec::new();
    }
    let leaving = std::mem::take(&mut model.leaving);
    if is_text(key) {
        review::lend_to_name(model);
    }
    let contexts = command::contexts(model);
    let typing = contexts.contains(&Context::Line) || contexts.contains(&Context::Field);
    if typing && (is_text(key) || !means_something(model, contexts, key)) {
        line::edit(model, key);
        return Vec::new();
    }
    model.pending.push(key);
    match model.keymap.meaning(contexts, &model.pending) {
        Meaning::Begins => Vec::new(),
        Meaning::Starts(id) => begin(model, id, leaving, burst),
        Meaning::Nothing => {
            let alone = model.pending.len() == 1;
            model.pending.clear();
            // A key that does not go on with what was begun may begin something itself.
            if alone { Vec::new() } else { self::key(model, key, burst) }
        }
    }
}

/// The screen is too small to show anything: nobody can mean what lies on it, or over it.
fn unseen(model: &mut Model, key: Key, burst: bool) -> Vec<Effect> {
    let leaving = std::mem::take(&mut model.leaving);
    model.pending.clear();
    match model.keymap.meaning(&[Context::Everywhere], &[key]) {
        Meaning::Starts(id) if UNSEEN.contains(&id) => begin(model, id, leaving, burst),
        _ => Vec::new(),
    }
}

fn begin(model: &mut Model, id: &str, leaving: bool, burst: bool) -> Vec<Effect> {
    model.pending.clear();
    // Only ctrl-c right after ctrl-c leaves.
    model.leaving = leaving && id == "leave" && !burst;
    command::find(id).map(|command| start(model, command, "", burst)).unwrap_or_default()
}

/// Starts a command, unless it is not available, or dangerous and possibly pasted.
pub(in crate::console::app) fn start(model: &mut Model, command: &Command, argument: &str, burst: bool) -> Vec<Effect> {
    if burst && command.danger != Danger::None {
        let text = format!("Nothing was done: {} came among many keys at once, as from a paste", command.title);
        model.notices.tell(text, model.now);
        return Vec::new();
    }
    // What a change is aimed at by name is not what is under the cursor.
    let elsewhere = command.danger != Danger::None && !argument.is_empty();
    if let Err(reason) = (command.available)(model)
        && !elsewhere
    {
        model.notices.tell(format!("{}: {reason}", command.title), model.now);
        return Vec::new();
    }
    if !command.moves() {
        model.drawn.forget();
    }
    (command.run)(model, argument)
}

fn is_text(key: Key) -> bool {
    matches!(key.code, KeyCode::Char(_)) && !key.ctrl && !key.alt
}

fn means_something(model: &Model, contexts: &[Context], key: Key) -> bool {
    model.keymap.meaning(contexts, &[key]) != Meaning::Nothing
}
