//! Stackdeck's own settings: what was read, and where each value is from.

use std::path::Path;

use crate::cli::surroundings::Surroundings;
use crate::config::{Loaded, Settings};
use crate::console::app::keymap::Keymap;
use crate::console::app::tables::views;
use crate::console::view::theme::{self, ColourDepth, Shelf};

use super::Findings;

pub(super) const PART: &str = "configuration";

pub(super) fn examine(loaded: &Loaded, around: &Surroundings, findings: &mut Findings) {
    let settings = &loaded.settings;
    match &settings.file {
        Some(file) => findings.ok(PART, "file", file.display().to_string()),
        None => {
            let usual = around.paths.config.join("config.toml");
            findings.ok(PART, "file", format!("none; what is built in holds (it would be {})", usual.display()));
        }
    }
    for (key, origin) in &settings.origins {
        findings.ok(PART, key.as_str(), format!("from {origin}"));
    }
    for warning in &loaded.warnings {
        findings.warn_of(PART, "not taken", warning);
    }
    for warning in &views::misfits(&settings.views) {
        findings.warn_of(PART, "views", warning);
    }
    approvals(settings, findings);
    keys(settings, findings);
    theme(settings, around, findings);
}

/// Where a second person is wanted: whether anybody's signature could count. For the clouds that have a table of their
/// own, and for all others.
fn approvals(settings: &Settings, findings: &mut Findings) {
    for cloud in settings.clouds.keys().map(String::as_str).chain([""]) {
        let Some(above) = settings.rails(cloud).second_above else { continue };
        let subject = format!("approvals {cloud}");
        let subject = subject.trim_end();
        let Some(file) = settings.allowed_signers(cloud) else {
            let found = format!("wanted above {above} % of a service, and nobody's key counts");
            findings.warn(
                PART,
                subject,
                found,
                "`[operations] allowed_signers` names the file with the approvers' keys",
            );
            continue;
        };
        match std::fs::File::open(&file) {
            Ok(_) => findings.ok(PART, subject, format!("above {above} % of a service; keys in {}", file.display())),
            Err(error) => {
                let found = format!("the keys in {} cannot be read: {error}", file.display());
                findings.warn(PART, subject, found, "No approval counts until they can be");
            }
        }
    }
}

/// The user's keys, held against the table of commands.
fn keys(settings: &Settings, findings: &mut Findings) {
    let (_, failures) = Keymap::with(&settings.bindings);
    for failure in &failures {
        findings.warn_of(PART, "keys", failure);
    }
    if failures.is_empty() && !settings.bindings.is_empty() {
        findings.ok(PART, "keys", format!("{} of your own; all fit", settings.bindings.len()));
    }
}

/// The theme, its file and what that inherits.
fn theme(settings: &Settings, around: &Surroundings, findings: &mut Findings) {
    let folder = around.paths.config.join("themes");
    let shelf = Shelf { folder: Some(&folder), read: &|path: &Path| std::fs::read_to_string(path) };
    match theme::load(&settings.theme, &shelf, ColourDepth::True) {
        Err(failure) => findings.problem(PART, "theme", &failure),
        Ok(loaded) if loaded.warnings.is_empty() => findings.ok(PART, "theme", settings.theme.as_str()),
        Ok(loaded) => {
            for warning in loaded.warnings {
                findings.warn(PART, "theme", warning, "That part looks as in the theme that it inherits from");
            }
        }
    }
}
