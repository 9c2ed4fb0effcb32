//! What may follow what was typed: fuzzy, best first, few.

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::base::nearest::nearest;
use crate::console::app::command::{self, Argument, COMMANDS, Command};
use crate::console::app::model::Model;
use crate::console::app::overlay::Overlay;
use crate::console::app::prompt::Suggestion;
use crate::console::app::tables;

/// As many as have room over the prompt on a small screen.
const SHOWN: usize = 8;

/// The command of a name: its own, an alias, or the beginning of just one name.
pub(super) fn command(name: &str) -> Option<&'static Command> {
    let typable = |command: &&Command| command.argument.is_some();
    if let Some(exact) = command::find(name).filter(typable) {
        return Some(exact);
    }
    let mut beginning = COMMANDS.iter().filter(typable).filter(|command| command.id.starts_with(name));
    match (beginning.next(), beginning.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    }
}

/// The command that was probably meant.
pub(super) fn nearest_command(name: &str) -> Option<&'static str> {
    nearest(name, COMMANDS.iter().filter(|command| command.argument.is_some()).map(|command| command.id))
}

/// Commands, or what may stand behind one.
pub(super) fn commands(model: &Model, typed: &str) -> Vec<Suggestion> {
    let Some((name, behind)) = typed.split_once(' ') else { return command_names(model, typed) };
    let Some(command) = command(name) else { return Vec::new() };
    let wanted = behind.trim_start();
    let line = |value: &str| Suggestion { line: format!("{name} {value}"), note: String::new() };
    arguments(model, command.argument, wanted).iter().map(|value| line(value)).collect()
}

fn command_names(model: &Model, typed: &str) -> Vec<Suggestion> {
    let here = command::contexts_below(model);
    let startable = |command: &&&Command| {
        command.argument.is_some() && command.contexts.iter().any(|context| here.contains(context))
    };
    let all: Vec<&Command> = COMMANDS.iter().filter(|command| startable(&command)).collect();
    let names = all.iter().map(|command| format!("{} {}", command.id, command.aliases.join(" ")));
    let found = best(typed, names);
    found
        .into_iter()
        .map(|at| all[at])
        .map(|command| {
            let note = match (command.available)(model) {
                Ok(()) => command.help.to_owned(),
                Err(reason) => format!("not now: {reason}"),
            };
            Suggestion { line: command.id.to_owned(), note }
        })
        .collect()
}

fn arguments(model: &Model, argument: Option<Argument>, typed: &str) -> Vec<String> {
    let names: Vec<&str> = match argument {
        Some(Argument::Service) => model.fleet.services.iter().map(|service| &*service.key.name).collect(),
        Some(Argument::Instance) => model.fleet.members.iter().map(|member| member.instance.name.as_str()).collect(),
        Some(Argument::Targets) => {
            let instances = model.fleet.members.iter().map(|member| member.instance.name.as_str());
            model.fleet.services.iter().map(|service| &*service.key.name).chain(instances).collect()
        }
        Some(Argument::Operation) => model.operations.iter().flatten().map(|one| one.id().as_str()).collect(),
        Some(Argument::Cloud) => model.start.clouds.iter().map(|cloud| cloud.name.as_str()).collect(),
        Some(Argument::Region) => {
            model.session.iter().flat_map(|session| &session.regions).map(String::as_str).collect()
        }
        Some(Argument::Column) => match tables::rows(model, &model.pane()) {
            Some(rows) => (0..rows.columns()).map(|at| rows.column(at).id).collect(),
            None => Vec::new(),
        },
        Some(Argument::Project | Argument::Text | Argument::None) | None => Vec::new(),
    };
    best(typed, names.iter()).into_iter().map(|at| names[at].to_owned()).collect()
}

/// Names of columns for the word that is being typed in a filter.
pub(super) fn columns(model: &Model, typed: &str) -> Vec<Suggestion> {
    let start = typed.rfind(char::is_whitespace).map_or(0, |at| at + 1);
    let (before, word) = typed.split_at(start);
    let (sign, name) = word.strip_prefix('!').map_or(("", word), |name| ("!", name));
    let Some(rows) = tables::rows(model, &model.pane()) else { return Vec::new() };
    if name.contains([':', '"']) || name.is_empty() {
        return Vec::new();
    }
    let all: Vec<_> = (0..rows.columns()).map(|at| rows.column(at)).collect();
    let beginning = all.iter().filter(|column| column.id.starts_with(&name.to_ascii_lowercase()));
    beginning
        .take(SHOWN)
        .map(|column| Suggestion { line: format!("{before}{sign}{}:", column.id), note: column.help.to_owned() })
        .collect()
}

/// Narrows the open picker down to what matches its line.
pub(super) fn narrow(model: &mut Model) {
    let Some(Overlay::Picker(picker)) = &mut model.overlay else { return };
    let typed = picker.prompt.text().trim();
    picker.matches = if typed.is_empty() {
        (0..picker.choices.len()).collect()
    } else {
        let texts = picker.choices.iter().map(|choice| format!("{} {}", choice.title, choice.note));
        ranked(typed, texts)
    };
    picker.cursor = 0;
}

/// Positions of the best few.
fn best(typed: &str, texts: impl Iterator<Item = impl AsRef<str>>) -> Vec<usize> {
    if typed.trim().is_empty() {
        return (0..texts.take(SHOWN).count()).collect();
    }
    let mut found = ranked(typed, texts);
    found.truncate(SHOWN);
    found
}

/// Positions of what matches, best first; the shorter text of two equals.
fn ranked(typed: &str, texts: impl Iterator<Item = impl AsRef<str>>) -> Vec<usize> {
    let mut matcher = Matcher::new(Config::DEFAULT);
    let pattern = Pattern::new(typed, CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy);
    let mut letters = Vec::new();
    let mut found: Vec<(u32, usize, usize)> = texts
        .enumerate()
        .filter_map(|(at, text)| {
            let text = text.as_ref();
            let score = pattern.score(Utf32Str::new(text, &mut letters), &mut matcher)?;
            Some((u32::MAX - score, text.len(), at))
        })
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(_, _, at)| at).collect()
}
