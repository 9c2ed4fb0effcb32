//! What a cell of a table, a fact or a line says: text, how it is meant, and a glyph. Colours are the view's matter.

use crate::base::text::sanitise;

/// How something is meant. The theme decides how that looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tone {
    /// Plain.
    #[default]
    Normal,
    /// Of less weight.
    Dim,
    /// Well.
    Good,
    /// On its way.
    Busy,
    /// To be looked at.
    Warn,
    /// Broken.
    Bad,
    /// It cannot be told.
    Unknown,
    /// Ours: the product, keys, the current tab.
    Accent,
    /// A heading.
    Header,
}

/// A sign that carries the meaning where colour cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Glyph {
    /// Well.
    Ok,
    /// To be looked at.
    Warning,
    /// Broken.
    Down,
    /// On its way.
    Busy,
    /// It cannot be told.
    Unknown,
    /// Switched off on purpose.
    Off,
}

impl Glyph {
    /// The sign; `ascii` for terminals that show nothing else.
    pub fn sign(self, ascii: bool) -> &'static str {
        match (self, ascii) {
            (Self::Ok, false) => "●",
            (Self::Warning, false) => "▲",
            (Self::Down, false) => "✖",
            (Self::Busy, false) => "◌",
            (Self::Unknown, _) => "?",
            (Self::Off, false) => "○",
            (Self::Ok, true) => "+",
            (Self::Warning, true) => "!",
            (Self::Down, true) => "x",
            (Self::Busy, true) => "~",
            (Self::Off, true) => "-",
        }
    }
}

/// A piece of text with its meaning. Its text is safe for a terminal; how much of it fits is the drawer's matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// The text, sanitised.
    pub text: String,
    /// How it is meant.
    pub tone: Tone,
    /// A sign before the text.
    pub glyph: Option<Glyph>,
}

impl Cell {
    /// Plain text from anywhere: it is made safe here.
    pub fn plain(text: &str) -> Self {
        Self::new(text, Tone::Normal)
    }

    /// Text from anywhere, in a tone.
    pub fn new(text: &str, tone: Tone) -> Self {
        Self { text: sanitise(text).into_owned(), tone, glyph: None }
    }

    /// The same with a sign before it.
    #[must_use]
    pub fn sign(mut self, glyph: Glyph) -> Self {
        self.glyph = Some(glyph);
        self
    }

    /// A value that the cloud did not tell: never drawn as zero.
    pub fn missing() -> Self {
        Self { text: "–".to_owned(), tone: Tone::Dim, glyph: None }
    }

    /// The value, or the sign for none.
    pub fn maybe(text: Option<&str>) -> Self {
        text.map_or_else(Self::missing, Self::plain)
    }

    /// A number.
    pub fn number(number: impl std::fmt::Display) -> Self {
        Self { text: number.to_string(), tone: Tone::Normal, glyph: None }
    }
}
