//! A file of key bindings, parsed but not yet held against the command table.
//!
//! Two ways to write one thing, under the context that it is for:
//!
//! ```toml
//! [instances]
//! "ctrl-r" = "refresh"        # a key, or several in a row: "g g"
//! filter = ["/", "ctrl-f"]    # a command and all its keys
//! "x" = ""                    # a key that shall do nothing
//! ```
//!
//! A value that is a list makes the left side a command; a value that is one text makes the left side keys.

use std::path::Path;

use crokey::OneToThree;
use crokey::crossterm::event::KeyModifiers;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::base::failure::Failure;
use crate::base::key::{Key, KeyCode};
use crate::config::value::kind;
use crate::config::{fault, line_of, sort};

/// One binding as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The table that it stands in: a context of the console, by name.
    pub context: String,
    /// The keys, pressed one after the other. Empty only for a command that shall have no key at all.
    pub keys: Vec<Key>,
    /// The command's id; empty when the keys shall do nothing.
    pub command: String,
    /// The keys are all that the command has in this context: it was written with a list.
    pub only: bool,
    /// `keys.toml:12`.
    pub place: String,
}

/// Parses a file of bindings, in the order of its lines. What cannot be read is told; the rest is taken.
pub fn parse(text: &str, file: &Path) -> (Vec<Binding>, Vec<Failure>) {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut warnings: Vec<Failure> = errors
        .iter()
        .map(|error| {
            let line = line_of(text, error.span().map_or(0, |span| span.start));
            fault(file, line, format!("this is not TOML: {}", error.message().trim()))
        })
        .collect();
    let mut found = Vec::new();
    for (context, value) in table.get_ref() {
        let line = line_of(text, context.span().start);
        match value.get_ref() {
            DeValue::Table(rows) => {
                for (left, right) in rows {
                    row(text, file, context.get_ref(), (left, right), &mut found)
                        .unwrap_or_else(|failure| warnings.push(failure));
                }
            }
            _ => warnings.push(
                fault(file, line, format!("`{}` stands outside of a context", context.get_ref()))
                    .hint("put it under a table such as [global] or [instances]"),
            ),
        }
    }
    found.sort_by_key(|(at, _)| *at);
    sort(&mut warnings);
    (found.into_iter().map(|(_, binding)| binding).collect(), warnings)
}

type Row<'t, 'i> = (&'t Spanned<toml::de::DeString<'i>>, &'t Spanned<DeValue<'i>>);

fn row(
    text: &str,
    file: &Path,
    context: &str,
    (left, right): Row<'_, '_>,
    found: &mut Vec<(usize, Binding)>,
) -> Result<(), Failure> {
    let at = left.span().start;
    let line = line_of(text, at);
    let mut add = |keys: Vec<Key>, command: &str, only: bool, at: usize| {
        let place = format!("{}:{}", file.display(), line_of(text, at));
        found.push((at, Binding { context: context.to_owned(), keys, command: command.to_owned(), only, place }));
    };
    match right.get_ref() {
        DeValue::String(command) => {
            let keys = sequence(left.get_ref()).map_err(|message| fault(file, line, message))?;
            add(keys, command, false, at);
        }
        DeValue::Array(list) if list.is_empty() => add(Vec::new(), left.get_ref(), true, at),
        DeValue::Array(list) => {
            for written in list {
                let line = line_of(text, written.span().start);
                let Some(keys) = written.get_ref().as_str() else {
                    return Err(fault(file, line, format!("`{}` wants keys in quotes", left.get_ref())));
                };
                let keys = sequence(keys).map_err(|message| fault(file, line, message))?;
                add(keys, left.get_ref(), true, written.span().start);
            }
        }
        other => {
            let message = format!("`{}` wants a command or a list of keys, not {}", left.get_ref(), kind(other));
            return Err(fault(file, line, message));
        }
    }
    Ok(())
}

/// Keys pressed one after the other, written with spaces between: `g g`, `ctrl-x s`.
pub fn sequence(written: &str) -> Result<Vec<Key>, String> {
    let keys: Vec<Key> = written.split_whitespace().map(key).collect::<Result<_, _>>()?;
    match keys.len() {
        0 => Err("a key is missing: write `space` for the space bar".to_owned()),
        1..=4 => Ok(keys),
        _ => Err(format!("`{written}` is too long: a sequence has at most four keys")),
    }
}

/// One key: `g`, `G`, `ctrl-r`, `alt-enter`, `f5`, `space`.
pub fn key(written: &str) -> Result<Key, String> {
    let wrong = || format!("`{written}` is not a key: write it as g, G, ctrl-r, alt-enter, f5, space or pagedown");
    // Crokey lowers all letters and knows ASCII only: a single character is taken as it stands.
    let (modifiers, character) = match written.char_indices().next_back() {
        Some((at, last)) if at == 0 || (at > 1 && written[..at].ends_with('-')) => (&written[..at], Some(last)),
        _ => (written, None),
    };
    let spoken = if character.is_some() { format!("{modifiers}a") } else { modifiers.to_owned() };
    let parsed = crokey::parse(&spoken).map_err(|_| wrong())?;
    let OneToThree::One(code) = parsed.codes else { return Err(wrong()) };
    let ctrl = parsed.modifiers.contains(KeyModifiers::CONTROL);
    let alt = parsed.modifiers.contains(KeyModifiers::ALT);
    let shift = parsed.modifiers.contains(KeyModifiers::SHIFT);
    if !(KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT).contains(parsed.modifiers) {
        return Err(format!("`{written}` has a modifier that terminals do not send"));
    }
    let code = match character {
        Some(c) if c.is_control() || c.is_whitespace() => return Err(wrong()),
        Some(c) if shift => KeyCode::Char(c.to_uppercase().next().unwrap_or(c)),
        // With ctrl a terminal sends the same for both cases.
        Some(c) if ctrl => KeyCode::Char(c.to_ascii_lowercase()),
        Some(c) => KeyCode::Char(c),
        None => named(code).ok_or_else(wrong)?,
    };
    Ok(match code {
        KeyCode::Char(_) | KeyCode::BackTab => Key { code, ctrl, alt, shift: false },
        KeyCode::Tab if shift => Key { code: KeyCode::BackTab, ctrl, alt, shift: false },
        _ => Key { code, ctrl, alt, shift },
    })
}

fn named(code: crokey::crossterm::event::KeyCode) -> Option<KeyCode> {
    use crokey::crossterm::event::KeyCode as Crossterm;
    Some(match code {
        Crossterm::Char(c) => KeyCode::Char(c),
        Crossterm::Enter => KeyCode::Enter,
        Crossterm::Esc => KeyCode::Esc,
        Crossterm::Tab => KeyCode::Tab,
        Crossterm::BackTab => KeyCode::BackTab,
        Crossterm::Backspace => KeyCode::Backspace,
        Crossterm::Delete => KeyCode::Delete,
        Crossterm::Insert => KeyCode::Insert,
        Crossterm::Up => KeyCode::Up,
        Crossterm::Down => KeyCode::Down,
        Crossterm::Left => KeyCode::Left,
        Crossterm::Right => KeyCode::Right,
        Crossterm::Home => KeyCode::Home,
        Crossterm::End => KeyCode::End,
        Crossterm::PageUp => KeyCode::PageUp,
        Crossterm::PageDown => KeyCode::PageDown,
        Crossterm::F(number) => KeyCode::F(number),
        _ => return None,
    })
}
