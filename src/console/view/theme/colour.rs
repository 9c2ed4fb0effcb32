//! Colours and what becomes of them in a terminal that knows fewer.

use ratatui::style::Color;

/// A colour as a screen mixes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

/// The sixteen colours that every terminal names, and what xterm shows for them: themes of terminals differ, so this
/// is only used to find the nearest.
const ANSI: [(&str, Color, Rgb); 16] = [
    ("black", Color::Black, Rgb(0, 0, 0)),
    ("red", Color::Red, Rgb(205, 0, 0)),
    ("green", Color::Green, Rgb(0, 205, 0)),
    ("yellow", Color::Yellow, Rgb(205, 205, 0)),
    ("blue", Color::Blue, Rgb(0, 0, 238)),
    ("magenta", Color::Magenta, Rgb(205, 0, 205)),
    ("cyan", Color::Cyan, Rgb(0, 205, 205)),
    ("white", Color::Gray, Rgb(229, 229, 229)),
    ("bright-black", Color::DarkGray, Rgb(127, 127, 127)),
    ("bright-red", Color::LightRed, Rgb(255, 0, 0)),
    ("bright-green", Color::LightGreen, Rgb(0, 255, 0)),
    ("bright-yellow", Color::LightYellow, Rgb(255, 255, 0)),
    ("bright-blue", Color::LightBlue, Rgb(92, 92, 255)),
    ("bright-magenta", Color::LightMagenta, Rgb(255, 0, 255)),
    ("bright-cyan", Color::LightCyan, Rgb(0, 255, 255)),
    ("bright-white", Color::White, Rgb(255, 255, 255)),
];

/// The steps of the 256-colour cube.
const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

impl Rgb {
    /// Reads `#rrggbb` or one of the sixteen names.
    pub fn parse(text: &str) -> Option<Rgb> {
        let Some(hex) = text.strip_prefix('#') else {
            return ANSI.iter().find(|(name, ..)| *name == text).map(|(.., rgb)| *rgb);
        };
        if hex.len() != 6 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let part = |at: usize| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
        Some(Rgb(part(0)?, part(2)?, part(4)?))
    }

    /// As true colour.
    pub fn exact(self) -> Color {
        Color::Rgb(self.0, self.1, self.2)
    }

    /// The nearest of the 256, without the first sixteen, which terminals let people change.
    pub fn indexed(self) -> Color {
        let nearest = |part: u8| (0..6u8).min_by_key(|&at| STEPS[usize::from(at)].abs_diff(part)).unwrap_or(0);
        let (r, g, b) = (nearest(self.0), nearest(self.1), nearest(self.2));
        let cube = Rgb(STEPS[usize::from(r)], STEPS[usize::from(g)], STEPS[usize::from(b)]);
        let mean = (u32::from(self.0) + u32::from(self.1) + u32::from(self.2)) / 3;
        let step = u8::try_from(mean.saturating_sub(3) / 10).unwrap_or(23).min(23);
        let grey = Rgb(8 + step * 10, 8 + step * 10, 8 + step * 10);
        if self.distance(grey) < self.distance(cube) {
            Color::Indexed(232 + step)
        } else {
            Color::Indexed(16 + 36 * r + 6 * g + b)
        }
    }

    /// The nearest of the sixteen.
    pub fn named(self) -> Color {
        ANSI.iter().min_by_key(|(.., rgb)| self.distance(*rgb)).map_or(Color::Reset, |(_, colour, _)| *colour)
    }

    fn distance(self, other: Rgb) -> u32 {
        let square = |a: u8, b: u8, weight: u32| u32::from(a.abs_diff(b)).pow(2) * weight;
        // The eye tells greens apart best and blues least.
        square(self.0, other.0, 3) + square(self.1, other.1, 4) + square(self.2, other.2, 2)
    }

    /// How well `self` is read on `paper`, as WCAG 2 counts it: 1 is invisible, 21 is black on white.
    pub fn contrast(self, paper: Rgb) -> f64 {
        let (a, b) = (self.luminance(), paper.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }
}

/// The named colour, as theme files and terminals call it.
pub(super) fn ansi(name: &str) -> Option<Color> {
    if name == "default" {
        return Some(Color::Reset);
    }
    ANSI.iter().find(|(key, ..)| *key == name).map(|(_, colour, _)| *colour)
}

/// The names that [`ansi`] knows.
pub(super) fn ansi_names() -> impl Iterator<Item = &'static str> {
    ANSI.iter().map(|(name, ..)| *name).chain(["default"])
}

/// What a screen shows for a colour; `None` for the terminal's own.
pub fn shown(colour: Color) -> Option<Rgb> {
    match colour {
        Color::Rgb(r, g, b) => Some(Rgb(r, g, b)),
        Color::Indexed(at @ 232..) => {
            let grey = 8 + (at - 232) * 10;
            Some(Rgb(grey, grey, grey))
        }
        Color::Indexed(at @ 16..) => {
            let step = |by: u8| STEPS[usize::from((at - 16) / by % 6)];
            Some(Rgb(step(36), step(6), step(1)))
        }
        Color::Indexed(at) => Some(ANSI[usize::from(at)].2),
        Color::Reset => None,
        named => ANSI.iter().find(|(_, colour, _)| *colour == named).map(|(.., rgb)| *rgb),
    }
}
