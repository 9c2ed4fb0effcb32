//! The filter's small language, which never refuses to be typed:
//!
//! ```text
//! filter  =  term { blank term }            all terms must match
//! term    =  [ "!" ] [ column ":" ] value   "!" turns the term round
//! column  =  letters and "-", "_"           a column's name, shown or not
//! value   =  bare | '"' text '"'            in quotes: blanks, ":" and "!" as they are; \" and \\ escaped
//! ```
//!
//! A value matches where it occurs, in either case. A value with `*` must match the whole cell: `version:1.4.*`.
//! Without a column it is looked for in every shown column whose text does not change by itself.
//! `column:` without a value matches everything: it is still being typed. `column:""` matches an empty cell.

use std::fmt;

use crate::base::failure::{Failure, FailureKind};
use crate::base::nearest::nearest;
use crate::console::app::column::{Moment, Rows};

/// A parsed filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// All must match.
    pub terms: Vec<Term>,
}

/// One term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Must not match.
    pub inverse: bool,
    /// The column's name, in lower case; any column if `None`.
    pub column: Option<String>,
    /// What is looked for.
    pub value: String,
    /// It was quoted: `*` stands for itself, and empty means empty.
    pub quoted: bool,
}

impl Filter {
    /// Parses what was typed; every text is a filter.
    pub fn parse(text: &str) -> Self {
        let mut rest = text.trim_start();
        let mut terms = Vec::new();
        while !rest.is_empty() {
            let (term, after) = Term::parse(rest);
            terms.extend(term);
            rest = after.trim_start();
        }
        Self { terms }
    }

    /// Whether everything matches.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// What is wrong with it for a table: a column that it does not have.
    pub fn check(&self, rows: &dyn Rows) -> Result<(), Failure> {
        for term in &self.terms {
            if let Some(name) = &term.column
                && find_column(rows, name).is_none()
            {
                let names: Vec<&str> = (0..rows.columns()).map(|at| rows.column(at).id).collect();
                let failure = Failure::new(FailureKind::Usage, format!("There is no column {name} here"));
                return Err(match nearest(name, names.iter().copied()) {
                    Some(near) => failure.hint(format!("Did you mean {near}: ?")),
                    None => failure.hint("Quote the word if it is text to look for"),
                });
            }
        }
        Ok(())
    }

    /// The filter bound to a table's columns. Terms with unknown columns match everything: [`Filter::check`] tells.
    pub fn test(&self, rows: &dyn Rows) -> Test {
        let probes = self.terms.iter().filter_map(|term| {
            let column = match &term.column {
                None => None,
                Some(name) => Some(find_column(rows, name)?),
            };
            let value = term.value.to_lowercase();
            let value = match (term.quoted, value.contains('*')) {
                (false, false) if value.is_empty() => return None,
                (true, _) if value.is_empty() && column.is_some() => Value::Empty,
                (false, true) => Value::Glob(value.split('*').map(Into::into).collect()),
                _ => Value::Within(value.into()),
            };
            Some(Probe { inverse: term.inverse, column, value })
        });
        Test { probes: probes.collect() }
    }
}

/// The column of that name: its id, or its title without case.
pub fn find_column(rows: &dyn Rows, name: &str) -> Option<usize> {
    (0..rows.columns()).find(|at| rows.column(*at).is_called(name))
}

impl Term {
    fn parse(text: &str) -> (Option<Self>, &str) {
        let (inverse, rest) = match text.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (column, rest) = match rest.split_once(':') {
            Some((name, after)) if is_column_name(name) => (Some(name.to_ascii_lowercase()), after),
            _ => (None, rest),
        };
        let (value, quoted, rest) = match rest.strip_prefix('"') {
            Some(inner) => {
                let (value, rest) = unquote(inner);
                (value, true, rest)
            }
            None => {
                let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                (rest[..end].to_owned(), false, &rest[end..])
            }
        };
        let nothing = value.is_empty() && column.is_none();
        ((!nothing).then_some(Self { inverse, column, value, quoted }), rest)
    }
}

fn is_column_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|next| next.is_ascii_alphabetic() || next == '-' || next == '_')
}

/// Text up to the closing quote, or to the end where there is none; and what comes after.
fn unquote(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return (value, &text[at + 1..]),
            '\\' => match letters.next() {
                Some((_, next @ ('"' | '\\'))) => value.push(next),
                Some((_, next)) => value.extend(['\\', next]),
                None => value.push('\\'),
            },
            _ => value.push(letter),
        }
    }
    (value, "")
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, term) in self.terms.iter().enumerate() {
            let blank = if at == 0 { "" } else { " " };
            write!(f, "{blank}{term}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.inverse {
            f.write_str("!")?;
        }
        if let Some(column) = &self.column {
            write!(f, "{column}:")?;
        }
        if self.quoted {
            write!(f, "\"{}\"", self.value.replace('\\', "\\\\").replace('"', "\\\""))
        } else {
            f.write_str(&self.value)
        }
    }
}

/// A filter ready to be asked about rows.
pub struct Test {
    probes: Vec<Probe>,
}

struct Probe {
    inverse: bool,
    column: Option<usize>,
    value: Value,
}

enum Value {
    Empty,
    Within(Box<str>),
    Glob(Vec<Box<str>>),
}

impl Test {
    /// Whether some term looks at the whole row.
    pub fn wants_words(&self) -> bool {
        self.probes.iter().any(|probe| probe.column.is_none())
    }

    /// Whether the row matches; `words` is its whole text in lower case, a line for each cell.
    pub fn matches(&self, rows: &dyn Rows, at: usize, words: &str, moment: &Moment) -> bool {
        self.probes.iter().all(|probe| {
            let found = match probe.column {
                None => match &probe.value {
                    Value::Within(value) => words.contains(&**value),
                    value => words.lines().any(|cell| value.matches(cell)),
                },
                Some(column) => probe.value.matches(&rows.cell(at, column, moment).text.to_lowercase()),
            };
            found != probe.inverse
        })
    }
}

impl Value {
    fn matches(&self, cell: &str) -> bool {
        match self {
            Self::Empty => cell.is_empty() || cell == "–",
            Self::Within(value) => cell.contains(&**value),
            Self::Glob(parts) => glob(parts, cell),
        }
    }
}

/// Whether the text is these parts in their order, with anything between them.
fn glob(parts: &[Box<str>], text: &str) -> bool {
    let [first, between @ .., last] = parts else { return false };
    let Some(mut rest) = text.strip_prefix(&**first) else { return false };
    for part in between {
        let Some(at) = rest.find(&**part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.len() >= last.len() && rest.ends_with(&**last)
}
