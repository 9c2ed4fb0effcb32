//! Stackdeck's own settings: what was read, and where each value is from.

use crate::cli::surroundings::Surroundings;
use crate::config::Loaded;

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
}
