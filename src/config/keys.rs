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
//!
//! A line that cannot be read costs itself alone: it is blanked before the file is parsed ([`mend`]), since a parser
//! that has lost its place takes the lines below with it.

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

/// A list with more lines than this is taken for a broken one.
const LONGEST: usize = 40;

/// What is said of a fault that costs one line.
const LEFT_OUT: &str = "this line is left out: what is built in stands in its place, and the other lines hold";

/// Parses a file of bindings, in the order of its lines. What cannot be read is told; the rest is taken.
pub fn parse(text: &str, file: &Path) -> (Vec<Binding>, Vec<Failure>) {
    let (mended, broken) = mend(text);
    let (table, errors) = DeTable::parse_recoverable(&mended);
    let mut reading = Reading { text: &mended, file, found: Vec::new(), warnings: Vec::new() };
    for (line, message) in broken {
        reading.warnings.push(fault(file, line, message).hint(LEFT_OUT));
    }
    for error in &errors {
        let at = error.span().map_or(0, |span| span.start);
        let twice = twice(&mended, at, table.get_ref());
        let told = twice.unwrap_or_else(|| format!("this is not TOML: {}", error.message().trim()));
        reading.warnings.push(fault(file, line_of(&mended, at), told));
    }
    for (context, value) in table.get_ref() {
        match value.get_ref() {
            DeValue::Table(rows) => rows.iter().for_each(|row| reading.row(context.get_ref(), row)),
            _ => {
                let line = line_of(&mended, context.span().start);
                let message = format!("`{}` stands outside of a context", context.get_ref());
                let told = fault(file, line, message).hint("put it under a table such as [global] or [instances]");
                reading.warnings.push(told);
            }
        }
    }
    let Reading { mut found, mut warnings, .. } = reading;
    found.sort_by_key(|(at, _)| *at);
    sort(&mut warnings);
    (found.into_iter().map(|(_, binding)| binding).collect(), warnings)
}

type Row<'t, 'i> = (&'t Spanned<toml::de::DeString<'i>>, &'t Spanned<DeValue<'i>>);

/// A file that is being read.
struct Reading<'a> {
    text: &'a str,
    file: &'a Path,
    /// With the byte where each stands.
    found: Vec<(usize, Binding)>,
    warnings: Vec<Failure>,
}

impl Reading<'_> {
    fn row(&mut self, context: &str, (left, right): Row<'_, '_>) {
        let (at, name) = (left.span().start, left.get_ref());
        match right.get_ref() {
            DeValue::String(command) => match sequence(name) {
                Ok(keys) => self.add(at, context, keys, command, false),
                Err(message) => self.refuse(at, message, LEFT_OUT),
            },
            DeValue::Array(list) if list.is_empty() => self.add(at, context, Vec::new(), name, true),
            DeValue::Array(list) => {
                for written in list {
                    let at = written.span().start;
                    let wants = || format!("`{name}` wants keys in quotes");
                    match written.get_ref().as_str().ok_or_else(wants).and_then(sequence) {
                        Ok(keys) => self.add(at, context, keys, name, true),
                        Err(message) => self.refuse(at, message, "the other keys of this list hold"),
                    }
                }
            }
            other => {
                self.refuse(at, format!("`{name}` wants a command or a list of keys, not {}", kind(other)), LEFT_OUT);
            }
        }
    }

    fn add(&mut self, at: usize, context: &str, keys: Vec<Key>, command: &str, only: bool) {
        let place = format!("{}:{}", self.file.display(), line_of(self.text, at));
        let binding = Binding { context: context.to_owned(), keys, command: command.to_owned(), only, place };
        self.found.push((at, binding));
    }

    fn refuse(&mut self, at: usize, message: String, stands: &str) {
        self.warnings.push(fault(self.file, line_of(self.text, at), message).hint(stands));
    }
}

/// What is written twice, and which of both stands.
fn twice(text: &str, at: usize, table: &DeTable<'_>) -> Option<String> {
    let from = text.get(at..)?;
    let head = text.get(..at)?.rfind('\n').map_or(0, |end| end + 1);
    let line = text.get(head..)?.lines().next()?;
    if line.trim_start().starts_with('[') {
        let name = line.split('#').next().unwrap_or(line).trim();
        return Some(format!("{name} is opened a second time: the lines of both hold"));
    }
    let header = text.get(..at)?.lines().rev().find(|line| line.trim_start().starts_with('['))?;
    let context = header.split('#').next()?.trim().trim_matches(['[', ']', '"', '\'', ' ']);
    let named = |name: &str| from.trim_start_matches(['"', '\'']).starts_with(name);
    let rows = table.get(context)?.get_ref().as_table()?.iter();
    let before = rows.filter(|(key, _)| key.span().start < at && named(key.get_ref()));
    let (key, stands) = before.max_by_key(|(key, _)| key.get_ref().len())?;
    let (key, line) = (key.get_ref(), line_of(text, key.span().start));
    let stands = match stands.get_ref() {
        DeValue::String(command) if command.is_empty() => "nothing".to_owned(),
        DeValue::String(command) => format!("`{command}`"),
        _ => "the list".to_owned(),
    };
    Some(format!("`{key}` is bound a second time in [{context}]: {stands} of line {line} stands"))
}

/// The text with every line blanked that is no row, and the rows of a table whose name cannot be read; and what is
/// wrong with these lines. No other byte moves, so that places stay right.
fn mend(text: &str) -> (String, Vec<(usize, String)>) {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let (mut mended, mut broken) = (String::with_capacity(text.len()), Vec::new());
    let blank = |line: &str| line.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect::<String>();
    let mut lost = false;
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let header = line.trim_start().starts_with('[');
        let length = length(&lines[at..]);
        lost &= !header;
        match length {
            Some(length) if !lost => mended.extend(lines[at..at + length].iter().copied()),
            Some(length) => mended.extend(lines[at..at + length].iter().map(|line| blank(line))),
            None => {
                lost |= header;
                mended.push_str(&blank(line));
                broken.push((at + 1, complaint(line, header)));
            }
        }
        at += length.unwrap_or(1);
    }
    (mended, broken)
}

/// How many lines the row takes that begins here: a list may go on below. `None` if it is no row.
fn length(lines: &[&str]) -> Option<usize> {
    let whole = |text: &str| DeTable::parse(text).is_ok();
    if whole(lines.first()?) {
        return Some(1);
    }
    // What is a row by itself is not the rest of this one.
    let rest = lines
        .iter()
        .take(LONGEST)
        .skip(1)
        .take_while(|line| line.trim().is_empty() || is_comment(line) || !whole(line));
    let mut joined = (*lines.first()?).to_owned();
    rest.enumerate().find_map(|(more, line)| {
        joined.push_str(line);
        whole(&joined).then_some(more + 2)
    })
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#')
}

/// What is wrong with a line that is none of TOML's.
fn complaint(line: &str, header: bool) -> String {
    let line = line.trim();
    let why = DeTable::parse(line).err().map(|error| error.message().trim().to_owned()).unwrap_or_default();
    if header {
        return format!("`{line}` is not TOML ({why}): the lines below are left out up to the next table");
    }
    let end = |c: char| c == '=' || c == ':' || c.is_whitespace();
    let left = line.split_once('=').map_or_else(|| line.split(end).next().unwrap_or(line), |(left, _)| left);
    format!("the line of `{}` is not TOML ({why})", left.trim().trim_matches(['"', '\'']))
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
