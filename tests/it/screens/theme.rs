//! Themes: every shipped one is whole and legible at every depth, and a user's file is told what is wrong with it.

use std::io;
use std::path::Path;

use ratatui::style::{Color, Modifier};
use stackdeck::console::view::theme::{self, ColourDepth, ColourWish, Rgb, Role, Shelf, TerminalSays, shown};

const DEPTHS: [ColourDepth; 4] = [ColourDepth::None, ColourDepth::Ansi16, ColourDepth::Ansi256, ColourDepth::True];

fn no_files(_: &Path) -> io::Result<String> {
    Err(io::ErrorKind::NotFound.into())
}

fn bare() -> Shelf<'static> {
    Shelf { folder: None, read: &no_files }
}

/// A shelf of files in memory, under `/themes`.
fn with_files(files: &[(&str, &str)], check: impl FnOnce(&Shelf<'_>)) {
    let read = |path: &Path| {
        let found = files.iter().find(|(name, _)| Path::new("/themes").join(name) == path);
        found.map(|(_, text)| (*text).to_owned()).ok_or(io::ErrorKind::NotFound.into())
    };
    check(&Shelf { folder: Some(Path::new("/themes")), read: &read });
}

#[test]
fn every_shipped_theme_gives_every_role_a_look_without_a_warning() {
    for name in theme::shipped() {
        for depth in DEPTHS {
            let loaded = theme::load(name, &bare(), depth).unwrap();
            assert_eq!(loaded.warnings, Vec::<String>::new(), "{name} at {depth:?}");
        }
    }
}

#[test]
fn text_stands_out_from_its_background_in_every_shipped_theme() {
    // Rules are seen, not read.
    let seen = [Role::Faint, Role::Border];
    let pop_up = [Role::Text, Role::Dim, Role::Strong, Role::Key, Role::Hint, Role::Input, Role::Match, Role::Bad];
    let floor = |role: Role| if seen.contains(&role) { 1.5 } else { 4.5 };
    for name in theme::shipped() {
        for depth in [ColourDepth::Ansi256, ColourDepth::True] {
            let theme = theme::load(name, &bare(), depth).unwrap().theme;
            let (ink, paper) = theme.terminal();
            let colour = |colour: Option<Color>, own: Rgb| colour.and_then(shown).unwrap_or(own);
            let check = |role: Role, under: Rgb| {
                let style = theme.style(role);
                let (fg, bg) = (colour(style.fg, ink), colour(style.bg, under));
                let contrast = fg.contrast(bg);
                assert!(contrast >= floor(role), "{name} {depth:?}: {} has contrast {contrast:.1}", role.key());
            };
            Role::ALL.into_iter().for_each(|role| check(role, paper));
            let raised = colour(theme.style(Role::Overlay).bg, paper);
            pop_up.into_iter().for_each(|role| check(role, raised));
            let row = colour(theme.style(Role::Selected).bg, paper);
            [Role::Good, Role::Warn, Role::Bad, Role::Busy, Role::Unknown]
                .into_iter()
                .for_each(|role| check(role, row));
        }
    }
}

#[test]
fn without_colour_no_style_holds_one_and_the_selection_is_reversed() {
    for name in theme::shipped() {
        let theme = theme::load(name, &bare(), ColourDepth::None).unwrap().theme;
        for role in Role::ALL {
            let style = theme.style(role);
            assert_eq!((style.fg, style.bg), (None, None), "{name}: {}", role.key());
        }
        for role in [Role::Selected, Role::OverlaySelected, Role::BadgeWarn] {
            assert!(theme.style(role).add_modifier.contains(Modifier::REVERSED), "{name}: {}", role.key());
        }
        assert_eq!(theme.cloud(Some("#ff0000")).bg, None);
    }
}

#[test]
fn each_depth_sends_only_the_colours_that_it_has() {
    let named = |colour: Color| !matches!(colour, Color::Rgb(..) | Color::Indexed(_));
    for name in ["dark", "light"] {
        for depth in DEPTHS {
            let theme = theme::load(name, &bare(), depth).unwrap().theme;
            let mut styles: Vec<_> = Role::ALL.into_iter().map(|role| theme.style(role)).collect();
            styles.push(theme.cloud(Some("#aa3377")));
            for colour in styles.into_iter().flat_map(|style| [style.fg, style.bg]).flatten() {
                let right = match depth {
                    ColourDepth::None => false,
                    ColourDepth::Ansi16 => named(colour),
                    ColourDepth::Ansi256 => matches!(colour, Color::Indexed(16..)),
                    ColourDepth::True => matches!(colour, Color::Rgb(..)),
                };
                assert!(right, "{name} {depth:?}: {colour:?}");
            }
        }
    }
}

#[test]
fn a_users_file_changes_what_it_names_and_is_told_what_is_wrong() {
    let night = "inherits = \"dark\"\n[palette]\nsky = \"#00ff00\"\n[roles]\nselcted = \"sky\"\nbad = \"embr\"\n";
    with_files(&[("night.toml", night)], |shelf| {
        let loaded = theme::load("night", shelf, ColourDepth::True).unwrap();
        assert_eq!(loaded.theme.style(Role::Accent).fg, Some(Color::Rgb(0, 255, 0)), "the heir's palette wins");
        assert_eq!(
            loaded.warnings,
            [
                "/themes/night.toml, line 5: unknown role `selcted`; did you mean `selected`?",
                "/themes/night.toml: role `bad` names the unknown colour `embr`; did you mean `ember`?",
            ]
        );
    });
}

#[test]
fn a_file_named_like_a_shipped_theme_may_inherit_that_theme() {
    with_files(&[("dark.toml", "inherits = \"dark\"\n[roles]\nbad = \"#ff0000\"")], |shelf| {
        let loaded = theme::load("dark", shelf, ColourDepth::True).unwrap();
        assert_eq!(loaded.theme.style(Role::Bad).fg, Some(Color::Rgb(255, 0, 0)));
        assert_eq!(loaded.warnings, Vec::<String>::new());
    });
}

#[test]
fn a_circle_of_heirs_is_told_and_not_followed() {
    with_files(&[("a.toml", "inherits = \"b\""), ("b.toml", "inherits = \"a\"")], |shelf| {
        let failure = theme::load("a", shelf, ColourDepth::True).unwrap_err();
        assert_eq!(failure.message, "theme a inherits itself: /themes/a.toml → /themes/b.toml → /themes/a.toml");
    });
}

#[test]
fn what_cannot_be_loaded_says_why_and_what_there_is() {
    let failure = theme::load("drak", &bare(), ColourDepth::True).unwrap_err();
    assert_eq!(failure.message, "there is no theme `drak`");
    assert_eq!(failure.hints[0], "did you mean `dark`?");
    with_files(&[("odd.toml", "[roles]\nbad = = 1\n")], |shelf| {
        let failure = theme::load("odd", shelf, ColourDepth::True).unwrap_err();
        assert!(failure.message.starts_with("/themes/odd.toml, line 2: "), "{}", failure.message);
    });
}

#[test]
fn the_depth_follows_from_flag_then_no_color_then_the_terminal() {
    let says = |no_color, colorterm, term| TerminalSays { no_color, colorterm, term };
    let detect = |wish: &str, says| ColourDepth::detect(ColourWish::parse(wish).unwrap(), says);
    for (wish, terminal, depth) in [
        ("auto", says(None, Some("truecolor"), Some("xterm-256color")), ColourDepth::True),
        ("auto", says(None, None, Some("xterm-256color")), ColourDepth::Ansi256),
        ("auto", says(None, None, Some("xterm")), ColourDepth::Ansi16),
        ("auto", says(None, None, Some("linux")), ColourDepth::Ansi16),
        ("auto", says(None, None, Some("vt100")), ColourDepth::None),
        ("auto", says(None, None, None), ColourDepth::Ansi16),
        ("auto", says(Some("1"), Some("truecolor"), Some("xterm")), ColourDepth::None),
        ("auto", says(Some(""), Some("truecolor"), Some("xterm")), ColourDepth::True),
        ("always", says(Some("1"), None, Some("xterm-256color")), ColourDepth::Ansi256),
        ("always", says(None, None, Some("vt100")), ColourDepth::Ansi16),
        ("never", says(None, Some("truecolor"), None), ColourDepth::None),
        ("16", says(Some("1"), Some("truecolor"), None), ColourDepth::Ansi16),
    ] {
        assert_eq!(detect(wish, terminal), depth, "{wish} {terminal:?}");
    }
    assert_eq!(ColourWish::parse("sometimes"), None);
    for word in ColourWish::WORDS {
        assert!(ColourWish::parse(word).is_some(), "{word}");
    }
}

#[test]
fn a_clouds_accent_is_legible_whatever_it_is() {
    let theme = theme::load("dark", &bare(), ColourDepth::True).unwrap().theme;
    for accent in ["#000000", "#ffffff", "#ff0000", "#777777", "bright-yellow"] {
        let style = theme.cloud(Some(accent));
        let (fg, bg) = (style.fg.and_then(shown).unwrap(), style.bg.and_then(shown).unwrap());
        assert!(fg.contrast(bg) >= 4.5, "{accent}");
    }
    assert_eq!(theme.cloud(Some("no colour")), theme.style(Role::Cloud), "an odd accent is no accent");
}
