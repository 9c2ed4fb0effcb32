//! Which colour commands reach the terminal.

use super::pty::Options;
use super::world::Stage;

/// The parameters of every SGR.
fn colours(raw: &str) -> Vec<&str> {
    let parameters = raw.split("\x1b[").skip(1).filter_map(|rest| {
        let end = rest.find(|char: char| !char.is_ascii_digit() && char != ';')?;
        rest[end..].starts_with('m').then(|| &rest[..end])
    });
    parameters.collect()
}

fn is_colour(parameters: &str) -> bool {
    let first = parameters.split(';').next().and_then(|number| number.parse::<u8>().ok());
    first.is_some_and(|number| (30..=49).contains(&number) || (90..=107).contains(&number))
}

#[test]
fn no_color_means_no_colour_command_and_a_selection_that_shows() {
    let stage = Stage::quiet();
    let terminal = stage.console(&Options { environment: &[("NO_COLOR", "1")], ..Options::default() });
    terminal.seen(|seen| {
        let raw = seen.raw();
        let colours: Vec<_> = colours(&raw).into_iter().filter(|one| is_colour(one)).collect();
        assert!(colours.is_empty(), "{colours:?}");
        assert!(raw.contains("\x1b[7m") || raw.contains(";7m"), "no reverse video");
    });
}

#[test]
fn sixteen_colours_are_the_sixteen_codes() {
    let stage = Stage::quiet();
    let terminal = stage.console(&Options { arguments: &["--color", "16"], ..Options::default() });
    terminal.seen(|seen| {
        let raw = seen.raw();
        let all = colours(&raw);
        assert!(all.iter().any(|one| is_colour(one)), "{all:?}");
        assert!(!all.iter().any(|one| one.starts_with("38") || one.starts_with("48")), "{all:?}");
    });
}
