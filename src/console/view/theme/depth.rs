//! How many colours the terminal takes, from what it says of itself. A function of values: reading the environment is
//! `run`'s matter.

/// How many colours may be sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ColourDepth {
    /// None at all, not even a reset: bold, underline and reverse video carry what must be seen.
    None,
    /// The sixteen that terminals name, in the shades that the user gave them.
    Ansi16,
    /// The 256 of xterm.
    #[default]
    Ansi256,
    /// All of them.
    True,
}

/// What `--color` or the configuration asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColourWish {
    /// As the terminal and `NO_COLOR` say.
    #[default]
    Auto,
    /// This, whatever the environment says.
    Depth(ColourDepth),
    /// Colours, whatever `NO_COLOR` says; how many, the terminal says.
    Always,
}

impl ColourWish {
    /// The words that [`ColourWish::parse`] knows.
    pub const WORDS: [&str; 6] = ["auto", "always", "never", "16", "256", "true"];

    /// Reads a word of a flag or a file.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "auto" => Self::Auto,
            "always" => Self::Always,
            "never" | "none" => Self::Depth(ColourDepth::None),
            "16" => Self::Depth(ColourDepth::Ansi16),
            "256" => Self::Depth(ColourDepth::Ansi256),
            "true" | "truecolor" | "24bit" => Self::Depth(ColourDepth::True),
            _ => return None,
        })
    }
}

/// What the terminal says of itself: the environment's variables of these names.
#[derive(Clone, Copy, Debug, Default)]
pub struct TerminalSays<'a> {
    /// `NO_COLOR`: set and not empty means none.
    pub no_color: Option<&'a str>,
    /// `COLORTERM`; ssh does not pass it on unless told to.
    pub colorterm: Option<&'a str>,
    /// `TERM`.
    pub term: Option<&'a str>,
}

impl ColourDepth {
    /// The depth to use.
    pub fn detect(wish: ColourWish, says: TerminalSays<'_>) -> Self {
        match wish {
            ColourWish::Depth(depth) => depth,
            ColourWish::Auto if says.no_color.is_some_and(|value| !value.is_empty()) => Self::None,
            ColourWish::Auto => Self::of_terminal(says),
            ColourWish::Always => match Self::of_terminal(says) {
                Self::None => Self::Ansi16,
                depth => depth,
            },
        }
    }

    fn of_terminal(says: TerminalSays<'_>) -> Self {
        let term = says.term.unwrap_or_default();
        if term == "dumb" || term.starts_with("vt1") || term.starts_with("vt2") || term.ends_with("-m") {
            return Self::None;
        }
        if matches!(says.colorterm, Some("truecolor" | "24bit")) || term.ends_with("-direct") {
            return Self::True;
        }
        if term.contains("256color") || says.colorterm.is_some_and(|value| !value.is_empty()) {
            return Self::Ansi256;
        }
        // Terminals that never say 256 in their name and know them all the same.
        if ["alacritty", "kitty", "foot", "wezterm", "ghostty", "xterm-kitty"].iter().any(|name| term.contains(name)) {
            return Self::Ansi256;
        }
        Self::Ansi16
    }
}
