//! The terminal: size, colours, multiplexer, character set.

use std::io::{self, IsTerminal};

use rustix::termios::{Winsize, tcgetwinsize};

use crate::base::failure::{Failure, FailureKind};
use crate::cli::surroundings::Surroundings;
use crate::config::{ColourMode, Settings};
use crate::console::view::theme::{ColourDepth, ColourWish, TerminalSays};

use super::Findings;

const PART: &str = "terminal";
const COMFORTABLE: (u16, u16) = (80, 24);
const SMALLEST: (u16, u16) = (60, 15);

pub(super) fn examine(settings: &Settings, around: &Surroundings, findings: &mut Findings) {
    match window() {
        Some(window) => size(&window, findings),
        None => {
            findings.warn(PART, "size", "there is no terminal here", "The console needs one; the shell's verbs do not");
        }
    }
    kind(around, findings);
    colours(settings, around, findings);
    multiplexer(around, findings);
    characters(settings, around, findings);
}

fn window() -> Option<Winsize> {
    let (out, err, input) = (io::stdout(), io::stderr(), io::stdin());
    if out.is_terminal() {
        tcgetwinsize(&out).ok()
    } else if err.is_terminal() {
        tcgetwinsize(&err).ok()
    } else if input.is_terminal() {
        tcgetwinsize(&input).ok()
    } else {
        None
    }
}

fn size(window: &Winsize, findings: &mut Findings) {
    let (width, height) = (window.ws_col, window.ws_row);
    let found = format!("{width}x{height}");
    if width < SMALLEST.0 || height < SMALLEST.1 {
        let failure = Failure::new(FailureKind::Usage, found)
            .hint(format!("Make it at least {}x{}: the console draws nothing below", SMALLEST.0, SMALLEST.1));
        findings.problem(PART, "size", &failure);
    } else if width < COMFORTABLE.0 || height < COMFORTABLE.1 {
        let advice = format!("From {}x{} on every view has room", COMFORTABLE.0, COMFORTABLE.1);
        findings.warn(PART, "size", found, &advice);
    } else {
        findings.ok(PART, "size", found);
    }
}

fn kind(around: &Surroundings, findings: &mut Findings) {
    match around.variable("TERM") {
        Some("dumb") => findings.warn(PART, "TERM", "dumb", "Set TERM to what the terminal is, such as xterm-256color"),
        Some(term) => findings.ok(PART, "TERM", term),
        None => findings.warn(PART, "TERM", "not set", "Set TERM to what the terminal is, such as xterm-256color"),
    }
}

fn colours(settings: &Settings, around: &Surroundings, findings: &mut Findings) {
    let wish = ColourWish::parse(settings.color.as_str()).unwrap_or_default();
    let says = TerminalSays {
        no_color: around.variable("NO_COLOR"),
        colorterm: around.variable("COLORTERM"),
        term: around.variable("TERM"),
    };
    let depth = match ColourDepth::detect(wish, says) {
        ColourDepth::None => "none",
        ColourDepth::Ansi16 => "16",
        ColourDepth::Ansi256 => "256",
        ColourDepth::True => "all",
    };
    let why = match (settings.color, around.variable("NO_COLOR")) {
        (ColourMode::Auto, Some(_)) => "NO_COLOR is set",
        (ColourMode::Auto, None) => "by TERM and COLORTERM; where that is wrong, --color or `color` tells",
        _ => "as configured",
    };
    findings.ok(PART, "colours", format!("{depth} ({why})"));
}

fn multiplexer(around: &Surroundings, findings: &mut Findings) {
    let in_tmux = around.variable("TMUX").is_some();
    if in_tmux && around.variable("TERM").is_some_and(|term| !term.starts_with("tmux") && !term.starts_with("screen")) {
        let advice = "In ~/.tmux.conf: set -g default-terminal tmux-256color";
        return findings.warn(PART, "tmux", "TERM is not tmux's own: colours and keys may be wrong", advice);
    }
    if in_tmux {
        let found = "yes; copying needs `set -g set-clipboard on`, a quick <esc> needs `set -sg escape-time 10`";
        return findings.ok(PART, "tmux", found);
    }
    if around.variable("STY").is_some() {
        findings.warn(PART, "screen", "GNU screen", "It passes no clipboard and fewer colours; tmux does");
    }
}

fn characters(settings: &Settings, around: &Surroundings, findings: &mut Findings) {
    let said = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| Some((*name, around.variable(name)?)));
    let is_utf8 = |locale: &str| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    };
    match said {
        _ if settings.ascii => findings.ok(PART, "characters", "ASCII alone, as configured"),
        Some((name, locale)) if is_utf8(locale) => {
            findings.ok(PART, "characters", format!("UTF-8, by {name}={locale}"));
        }
        said => {
            let found = said.map_or_else(|| "no locale is set".to_owned(), |(name, locale)| format!("{name}={locale}"));
            let advice = "Set LANG=C.UTF-8, or `ascii = true` in config.toml";
            findings.warn(PART, "characters", found, advice);
        }
    }
}
