//! A theme file: a palette and the roles that use it. What is wrong with a part of it is a warning, and that part
//! keeps the look of the theme it inherits; only what cannot be read at all is a failure.

use std::collections::BTreeMap;

use ratatui::style::{Color, Modifier};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::base::failure::{Failure, FailureKind};
use crate::base::nearest::nearest;
use crate::console::view::theme::colour::{Rgb, ansi, ansi_names};
use crate::console::view::theme::role::Role;

/// One file, read but not yet resolved: roles still name colours of a palette that an heir may change.
#[derive(Clone, Debug, Default)]
pub(super) struct Sheet {
    pub(super) inherits: Option<String>,
    pub(super) palette: BTreeMap<String, Swatch>,
    pub(super) roles: BTreeMap<Role, Look>,
    pub(super) foreground: Option<Rgb>,
    pub(super) background: Option<Rgb>,
}

/// A colour of the palette.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Swatch {
    pub(super) rgb: Rgb,
    /// What stands for it among sixteen, where the nearest is not the right one.
    pub(super) ansi: Option<Color>,
}

/// What a role looks like.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Look {
    pub(super) fg: Option<String>,
    pub(super) bg: Option<String>,
    pub(super) style: Modifier,
    /// What carries the meaning where no colour may; the same as `style` unless told.
    pub(super) plain: Option<Modifier>,
}

/// The modifiers' names in a file.
const STYLES: [(&str, Modifier); 5] = [
    ("bold", Modifier::BOLD),
    ("dim", Modifier::DIM),
    ("italic", Modifier::ITALIC),
    ("reversed", Modifier::REVERSED),
    ("underlined", Modifier::UNDERLINED),
];

/// Reads a file's text.
pub(super) fn read(origin: &str, text: &str, warnings: &mut Vec<String>) -> Result<Sheet, Failure> {
    let root = DeTable::parse(text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_of(text, span.start));
        Failure::new(FailureKind::Usage, format!("{origin}, line {line}: {}", error.message().trim()))
            .hint("a theme file is TOML with the tables [palette] and [roles]; see themes/dark.toml")
    })?;
    let mut reader = Reader { origin, text, warnings, sheet: Sheet::default() };
    for (key, value) in root.get_ref() {
        reader.top(key, value);
    }
    Ok(reader.sheet)
}

struct Reader<'a> {
    origin: &'a str,
    text: &'a str,
    warnings: &'a mut Vec<String>,
    sheet: Sheet,
}

type Entry<'a> = (&'a Spanned<std::borrow::Cow<'a, str>>, &'a Spanned<DeValue<'a>>);

impl Reader<'_> {
    fn warn(&mut self, at: usize, what: &str) {
        let line = line_of(self.text, at);
        self.warnings.push(format!("{}, line {line}: {what}", self.origin));
    }

    fn unknown(&mut self, at: usize, kind: &str, name: &str, known: impl Iterator<Item = &'static str>) {
        let nearest = nearest(name, known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        self.warn(at, &format!("unknown {kind} `{name}`{nearest}"));
    }

    fn top(&mut self, key: &Spanned<std::borrow::Cow<'_, str>>, value: &Spanned<DeValue<'_>>) {
        let at = key.span().start;
        match (key.get_ref().as_ref(), value.get_ref()) {
            ("inherits", DeValue::String(name)) => self.sheet.inherits = Some(name.to_string()),
            ("description", DeValue::String(_)) => {}
            ("palette", DeValue::Table(table)) => table.iter().for_each(|entry| self.swatch(entry)),
            ("roles", DeValue::Table(table)) => table.iter().for_each(|entry| self.role(entry)),
            ("terminal", DeValue::Table(table)) => table.iter().for_each(|entry| self.terminal(entry)),
            (known @ ("inherits" | "description"), _) => self.warn(at, &format!("`{known}` must be text")),
            (known @ ("palette" | "roles" | "terminal"), _) => self.warn(at, &format!("`{known}` must be a table")),
            (name, _) => {
                let known = ["inherits", "description", "palette", "roles", "terminal"];
                self.unknown(at, "key", name, known.into_iter());
            }
        }
    }

    fn terminal(&mut self, (key, value): Entry<'_>) {
        let colour = value.get_ref().as_str().and_then(Rgb::parse);
        match (key.get_ref().as_ref(), colour) {
            ("foreground", Some(rgb)) => self.sheet.foreground = Some(rgb),
            ("background", Some(rgb)) => self.sheet.background = Some(rgb),
            ("foreground" | "background", None) => self.warn(value.span().start, "must be a colour as `#rrggbb`"),
            (name, _) => self.unknown(key.span().start, "key", name, ["foreground", "background"].into_iter()),
        }
    }

    fn swatch(&mut self, (key, value): Entry<'_>) {
        let (rgb, named) = match value.get_ref() {
            DeValue::String(rgb) => (Some(rgb.as_ref()), None),
            DeValue::Table(table) => {
                let text = |key: &str| table.get(key).and_then(|value| value.get_ref().as_str());
                (text("rgb"), text("ansi"))
            }
            _ => (None, None),
        };
        let Some(rgb) = rgb.and_then(Rgb::parse) else {
            let name = key.get_ref();
            return self.warn(value.span().start, &format!("colour `{name}` must be `#rrggbb`"));
        };
        let named_colour = named.and_then(ansi);
        if let (Some(name), None) = (named, named_colour) {
            self.unknown(value.span().start, "terminal colour", name, ansi_names());
        }
        self.sheet.palette.insert(key.get_ref().to_string(), Swatch { rgb, ansi: named_colour });
    }

    fn role(&mut self, (key, value): Entry<'_>) {
        let name = key.get_ref().as_ref();
        let Some(role) = Role::ALL.into_iter().find(|role| role.key() == name) else {
            return self.unknown(key.span().start, "role", name, Role::ALL.into_iter().map(Role::key));
        };
        let look = match value.get_ref() {
            DeValue::String(fg) => Look { fg: Some(fg.to_string()), ..Look::default() },
            DeValue::Table(table) => self.look(table),
            _ => return self.warn(value.span().start, "a role is a colour's name, or a table of fg, bg, style, plain"),
        };
        self.sheet.roles.insert(role, look);
    }

    fn look(&mut self, table: &DeTable<'_>) -> Look {
        let mut look = Look::default();
        for (key, value) in table {
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("fg", DeValue::String(name)) => look.fg = Some(name.to_string()),
                ("bg", DeValue::String(name)) => look.bg = Some(name.to_string()),
                ("style", value) => look.style = self.modifiers(key.span().start, value),
                ("plain", value) => look.plain = Some(self.modifiers(key.span().start, value)),
                (name, _) => self.unknown(key.span().start, "key", name, ["fg", "bg", "style", "plain"].into_iter()),
            }
        }
        look
    }

    fn modifiers(&mut self, at: usize, value: &DeValue<'_>) -> Modifier {
        let mut modifiers = Modifier::empty();
        let Some(names) = value.as_array() else {
            self.warn(at, "must be a list, such as [\"bold\"]");
            return modifiers;
        };
        for name in names {
            let text = name.get_ref().as_str().unwrap_or_default();
            match STYLES.iter().find(|(key, _)| *key == text) {
                Some((_, modifier)) => modifiers |= *modifier,
                None => self.unknown(name.span().start, "style", text, STYLES.iter().map(|(key, _)| *key)),
            }
        }
        modifiers
    }
}

fn line_of(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}
