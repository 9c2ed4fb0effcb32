//! One-line inputs: filter, search, command line, and the line of a picker.

use secrecy::{ExposeSecret as _, SecretString};
use tui_input::{Input, InputRequest};

use crate::base::key::{Key, KeyCode};
use crate::operation::OperationId;

/// Longer than this nobody types; a paste is cut there.
const LONGEST: usize = 1000;

/// What may follow what was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The whole line when it is taken.
    pub line: String,
    /// What it does.
    pub note: String,
}

/// A line being typed.
#[derive(Clone, Debug, Default)]
pub struct Prompt {
    /// The line and its cursor.
    pub input: Input,
    /// What may follow, best first.
    pub suggestions: Vec<Suggestion>,
    /// Which of them tab has put into the line.
    pub taken: Option<usize>,
    /// What is wrong with the line as it stands.
    pub problem: Option<String>,
    /// How far up the history one is: 0 is the newest.
    pub recalled: Option<usize>,
    /// What was typed before walking up the history.
    pub draft: String,
}

impl Prompt {
    /// A line that begins with some text.
    pub fn with(text: &str) -> Self {
        Self { input: Input::new(text.to_owned()), ..Self::default() }
    }

    /// The line.
    pub fn text(&self) -> &str {
        self.input.value()
    }

    /// Replaces the line.
    pub fn set(&mut self, text: &str) {
        self.input = Input::new(text.to_owned());
    }

    /// Takes an editing key; tells whether it was one.
    pub fn edit(&mut self, key: Key) -> bool {
        let Some(request) = editing(key) else { return false };
        let full = self.input.value().len() >= LONGEST && matches!(request, InputRequest::InsertChar(_));
        if !full {
            self.input.handle(request);
        }
        true
    }

    /// Takes pasted text: its first line, without control characters.
    pub fn paste(&mut self, text: &str) {
        let room = LONGEST.saturating_sub(self.input.value().len());
        for letter in first_line(text).chars().filter(|letter| !letter.is_control()).take(room) {
            self.input.handle(InputRequest::InsertChar(letter));
        }
    }
}

/// The first line that has text: what one selects in a terminal often begins or ends with a line's end.
fn first_line(text: &str) -> &str {
    text.lines().find(|line| !line.trim().is_empty()).unwrap_or("")
}

fn editing(key: Key) -> Option<InputRequest> {
    use InputRequest as Edit;
    Some(match (key.code, key.ctrl, key.alt) {
        (KeyCode::Char(letter), false, false) => Edit::InsertChar(letter),
        (KeyCode::Char('w'), true, false) | (KeyCode::Backspace, _, true) => Edit::DeletePrevWord,
        (KeyCode::Char('u'), true, false) => Edit::DeleteFromStart,
        (KeyCode::Char('k'), true, false) => Edit::DeleteTillEnd,
        (KeyCode::Char('a'), true, false) | (KeyCode::Home, ..) => Edit::GoToStart,
        (KeyCode::Char('e'), true, false) | (KeyCode::End, ..) => Edit::GoToEnd,
        (KeyCode::Char('b'), false, true) | (KeyCode::Left, true, _) => Edit::GoToPrevWord,
        (KeyCode::Char('f'), false, true) | (KeyCode::Right, true, _) => Edit::GoToNextWord,
        (KeyCode::Char('h'), true, false) | (KeyCode::Backspace, ..) => Edit::DeletePrevChar,
        (KeyCode::Delete, ..) => Edit::DeleteNextChar,
        (KeyCode::Left, ..) => Edit::GoToPrevChar,
        (KeyCode::Right, ..) => Edit::GoToNextChar,
        _ => return None,
    })
}

/// A password being typed: never shown, never printed.
#[derive(Clone, Default)]
pub struct Password {
    /// Whose, for the prompt.
    pub whom: String,
    /// The operation that it is to resume, and its cloud; `None` for signing in where we look.
    pub resumes: Option<(OperationId, String)>,
    typed: SecretString,
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Password").field("whom", &self.whom).finish_non_exhaustive()
    }
}

impl Password {
    /// An empty line for somebody's password.
    pub fn of(whom: String) -> Self {
        Self { whom, resumes: None, typed: SecretString::default() }
    }

    /// The same, to resume an operation.
    pub fn to_resume(operation: OperationId, cloud: String, whom: &str) -> Self {
        let whom = format!("{whom}, to resume {}", operation.short());
        Self { resumes: Some((operation, cloud)), ..Self::of(whom) }
    }

    /// Whether nothing was typed yet.
    pub fn is_empty(&self) -> bool {
        self.typed.expose_secret().is_empty()
    }

    /// Takes an editing key; tells whether it was one. Not even its length is shown, so there is no cursor to move.
    pub fn edit(&mut self, key: Key) -> bool {
        match (key.code, key.ctrl, key.alt) {
            (KeyCode::Char('u'), true, false) => self.typed = SecretString::default(),
            (KeyCode::Char(letter), false, false) => self.paste(letter.encode_utf8(&mut [0; 4])),
            (KeyCode::Backspace, ..) => {
                let typed = self.typed.expose_secret();
                let end = typed.char_indices().next_back().map_or(0, |(at, _)| at);
                self.typed = SecretString::from(&typed[..end]);
            }
            _ => return false,
        }
        true
    }

    /// Takes pasted text, without a line's end.
    pub fn paste(&mut self, text: &str) {
        let mut typed = String::with_capacity(self.typed.expose_secret().len() + text.len());
        typed.push_str(self.typed.expose_secret());
        typed.push_str(text.trim_end_matches(['\r', '\n']));
        self.typed = SecretString::from(typed);
    }

    /// What was typed.
    pub fn secret(&self) -> SecretString {
        self.typed.clone()
    }
}
