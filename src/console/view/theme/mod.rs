//! How roles look: theme files, resolved once for the terminal's colour depth.
//!
//! A theme file names roles, not widgets, and may inherit from another. It is resolved when it is loaded, so drawing
//! only indexes an array. Where the terminal takes no colour, a theme holds none: reverse video, bold and underline
//! carry what must be seen, and the terminal library never gets a colour that it could turn into a reset.
//!
//! Deliberately absent: reading files and the environment. `run` passes what it has read.

mod colour;
mod depth;
mod file;
mod role;

use std::io;
use std::path::{Path, PathBuf};

use ratatui::style::{Modifier, Style};

use crate::base::failure::{Failure, FailureKind};
use crate::base::nearest::nearest;
use file::{Look, Sheet};

pub use colour::{Rgb, shown};
pub use depth::{ColourDepth, ColourWish, TerminalSays};
pub use role::Role;

/// The themes that are part of the program: name and file.
const SHIPPED: [(&str, &str); 3] = [
    ("dark", include_str!("../../../../themes/dark.toml")),
    ("light", include_str!("../../../../themes/light.toml")),
    ("mono", include_str!("../../../../themes/mono.toml")),
];

/// The theme used when nobody asks for one; also what a file inherits from that does not say.
pub const DEFAULT: &str = "dark";

/// A theme, resolved for one terminal: what every role looks like.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    styles: [Style; Role::ALL.len()],
    depth: ColourDepth,
    ascii: bool,
    foreground: Rgb,
    background: Rgb,
}

/// A theme and what was wrong with its file.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The theme; parts that could not be read look as in the theme that it inherits.
    pub theme: Theme,
    /// What was wrong, with file, line and the nearest right name.
    pub warnings: Vec<String>,
}

/// Where theme files are looked for.
pub struct Shelf<'a> {
    /// The user's folder of themes; `NAME.toml` in it comes before a shipped theme of that name.
    pub folder: Option<&'a Path>,
    /// Reads a file.
    pub read: &'a dyn Fn(&Path) -> io::Result<String>,
}

/// The names of the shipped themes.
pub fn shipped() -> impl Iterator<Item = &'static str> {
    SHIPPED.iter().map(|(name, _)| *name)
}

/// Loads a theme by name, or by the path of its file.
///
/// # Errors
/// When there is no such theme, its file cannot be read or is not TOML, or its heritage runs in a circle.
pub fn load(choice: &str, shelf: &Shelf<'_>, depth: ColourDepth) -> Result<Loaded, Failure> {
    let mut warnings = Vec::new();
    let mut heirs: Vec<Source> = Vec::new();
    let mut sheets = Vec::new();
    let mut next = Some(find(choice, None, shelf)?);
    while let Some(source) = next {
        if heirs.iter().any(|heir| heir.origin == source.origin) {
            let circle: Vec<&str> = heirs.iter().map(|heir| heir.origin.as_str()).collect();
            let message = format!("theme {} inherits itself: {} → {}", choice, circle.join(" → "), source.origin);
            return Err(Failure::new(FailureKind::Usage, message).hint("remove one `inherits` of the circle"));
        }
        let sheet = file::read(&source.origin, &source.text, &mut warnings)?;
        let parent = sheet.inherits.clone().or_else(|| (!source.shipped).then(|| DEFAULT.to_owned()));
        next = parent.map(|name| find(&name, Some(&source), shelf)).transpose()?;
        heirs.push(source);
        sheets.push(sheet);
    }
    let origin = heirs.first().map_or(choice, |heir| heir.origin.as_str());
    let theme = resolve(origin, &merge(sheets), depth, &mut warnings);
    Ok(Loaded { theme, warnings })
}

/// The shipped dark theme; what is used when the wanted one cannot be loaded.
pub fn fallback(depth: ColourDepth) -> Theme {
    let sheet = file::read(DEFAULT, SHIPPED[0].1, &mut Vec::new()).unwrap_or_default();
    resolve(DEFAULT, &sheet, depth, &mut Vec::new())
}

struct Source {
    origin: String,
    path: Option<PathBuf>,
    text: String,
    shipped: bool,
}

fn find(choice: &str, heir: Option<&Source>, shelf: &Shelf<'_>) -> Result<Source, Failure> {
    let is_path = choice.contains('/') || choice.ends_with(".toml");
    let beside = heir.and_then(|heir| heir.path.as_deref()).and_then(Path::parent);
    let mut places = Vec::new();
    if is_path {
        places.push(beside.map_or_else(|| PathBuf::from(choice), |folder| folder.join(choice)));
    } else {
        places.extend([beside, shelf.folder].into_iter().flatten().map(|folder| folder.join(format!("{choice}.toml"))));
    }
    for path in places {
        // A file that inherits its own name means the shipped theme of that name.
        if !is_path && heir.is_some_and(|heir| heir.path.as_deref() == Some(path.as_path())) {
            continue;
        }
        match (shelf.read)(&path) {
            Ok(text) => {
                return Ok(Source { origin: path.display().to_string(), path: Some(path), text, shipped: false });
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound && !is_path => {}
            Err(error) => {
                let message = format!("cannot read theme {}", path.display());
                return Err(Failure::new(FailureKind::Usage, message).cause(error.to_string()));
            }
        }
    }
    match SHIPPED.iter().find(|(name, _)| *name == choice) {
        Some((name, text)) => {
            Ok(Source { origin: (*name).to_owned(), path: None, text: (*text).to_owned(), shipped: true })
        }
        None => Err(missing(choice, heir, shelf)),
    }
}

fn missing(choice: &str, heir: Option<&Source>, shelf: &Shelf<'_>) -> Failure {
    let wanted = heir.map(|heir| format!(", which {} inherits", heir.origin)).unwrap_or_default();
    let names: Vec<&str> = shipped().collect();
    let mut failure = Failure::new(FailureKind::Usage, format!("there is no theme `{choice}`{wanted}"));
    if let Some(near) = nearest(choice, shipped()) {
        failure = failure.hint(format!("did you mean `{near}`?"));
    }
    let folder = shelf.folder.map(|folder| format!(", or a NAME.toml in {}", folder.display())).unwrap_or_default();
    failure.hint(format!("themes are {}{folder}, or the path of a file", names.join(", ")))
}

/// Heirs come first; what they say wins over their parents.
fn merge(sheets: Vec<Sheet>) -> Sheet {
    let mut whole = Sheet::default();
    for sheet in sheets.into_iter().rev() {
        whole.palette.extend(sheet.palette);
        whole.roles.extend(sheet.roles);
        whole.foreground = sheet.foreground.or(whole.foreground);
        whole.background = sheet.background.or(whole.background);
    }
    whole
}

fn resolve(origin: &str, sheet: &Sheet, depth: ColourDepth, warnings: &mut Vec<String>) -> Theme {
    let mut styles = [Style::new(); Role::ALL.len()];
    for role in Role::ALL {
        match sheet.roles.get(&role) {
            Some(look) => styles[role as usize] = style(origin, role, look, sheet, depth, warnings),
            None => warnings.push(format!("{origin}: role `{}` has no look", role.key())),
        }
    }
    Theme {
        styles,
        depth,
        ascii: false,
        foreground: sheet.foreground.unwrap_or(Rgb(220, 220, 220)),
        background: sheet.background.unwrap_or(Rgb(0, 0, 0)),
    }
}

fn style(
    origin: &str,
    role: Role,
    look: &Look,
    sheet: &Sheet,
    depth: ColourDepth,
    warnings: &mut Vec<String>,
) -> Style {
    if depth == ColourDepth::None {
        return Style::new().add_modifier(look.plain.unwrap_or(look.style));
    }
    let mut colour = |name: &Option<String>| {
        let name = name.as_deref()?;
        let swatch = sheet.palette.get(name).copied();
        let swatch = swatch.or_else(|| Rgb::parse(name).map(|rgb| file::Swatch { rgb, ansi: colour::ansi(name) }));
        if swatch.is_none() && name != "default" {
            let near = nearest(name, sheet.palette.keys().map(String::as_str));
            let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            warnings.push(format!("{origin}: role `{}` names the unknown colour `{name}`{near}", role.key()));
        }
        let swatch = swatch?;
        Some(match depth {
            ColourDepth::True => swatch.rgb.exact(),
            ColourDepth::Ansi256 => swatch.rgb.indexed(),
            ColourDepth::Ansi16 | ColourDepth::None => swatch.ansi.unwrap_or_else(|| swatch.rgb.named()),
        })
    };
    let (fg, bg) = (colour(&look.fg), colour(&look.bg));
    let modifiers = if fg.is_none() && bg.is_none() { look.plain.unwrap_or(look.style) } else { look.style };
    Style { fg, bg, ..Style::new() }.add_modifier(modifiers)
}

impl Theme {
    /// What the role looks like.
    pub fn style(&self, role: Role) -> Style {
        self.styles[role as usize]
    }

    /// The colours that it uses.
    pub fn depth(&self) -> ColourDepth {
        self.depth
    }

    /// The same theme for a terminal or a person that wants ASCII alone.
    #[must_use]
    pub fn ascii(mut self, ascii: bool) -> Self {
        self.ascii = ascii;
        self
    }

    /// Whether no other character than ASCII may be drawn.
    pub fn is_ascii(&self) -> bool {
        self.ascii
    }

    /// What the terminal's own foreground and background are taken to be, in pictures and for contrast.
    pub fn terminal(&self) -> (Rgb, Rgb) {
        (self.foreground, self.background)
    }

    /// The look of a cloud's name: its own accent where it carries one (`#rrggbb` or a terminal's colour name).
    pub fn cloud(&self, accent: Option<&str>) -> Style {
        let style = self.style(Role::Cloud);
        let Some((name, rgb)) = accent.and_then(|name| Some((name, Rgb::parse(name)?))) else { return style };
        let ink = if rgb.contrast(Rgb(0, 0, 0)) >= rgb.contrast(Rgb(255, 255, 255)) { 0 } else { 255 };
        let ink = Rgb(ink, ink, ink);
        match self.depth {
            ColourDepth::None => style,
            ColourDepth::Ansi16 => style.bg(colour::ansi(name).unwrap_or_else(|| rgb.named())).fg(ink.named()),
            ColourDepth::Ansi256 => style.bg(rgb.indexed()).fg(ink.indexed()),
            ColourDepth::True => style.bg(rgb.exact()).fg(ink.exact()),
        }
        .remove_modifier(Modifier::REVERSED)
    }
}
