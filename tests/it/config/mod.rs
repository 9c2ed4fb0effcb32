//! Settings: layers, origins, and what is said of mistakes.

mod files;
mod freeze;
mod keys;
mod layers;
mod rails;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use stackdeck::base::failure::Failure;
use stackdeck::config::{Flags, Loaded, Paths, load};

use crate::support::folder::Folder;

/// A home of its own.
struct Home(Folder);

impl Home {
    fn new() -> Self {
        Self(Folder::new())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let file = self.path().join(name);
        std::fs::write(&file, text).unwrap();
        file
    }

    fn try_load(&self, flags: &Flags, environment: &[(&str, &str)]) -> Result<Loaded, Failure> {
        let environment: BTreeMap<String, String> =
            environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let paths = Paths {
            config: self.path().to_owned(),
            state: self.path().join("state"),
            cache: self.path().join("cache"),
        };
        load(flags, &environment, &paths)
    }

    fn load(&self) -> Loaded {
        self.try_load(&Flags::default(), &[]).unwrap()
    }
}

/// What a file's text gives, with warnings as `line: message (hints)`.
fn read(text: &str) -> (Loaded, Vec<String>) {
    let home = Home::new();
    home.write("config.toml", text);
    let loaded = home.load();
    let told = loaded.warnings.iter().map(told).collect();
    (loaded, told)
}

fn told(failure: &Failure) -> String {
    let place = failure.place.as_deref().unwrap_or("-");
    let place = place.rsplit('/').next().unwrap_or(place);
    let hints = if failure.hints.is_empty() { String::new() } else { format!(" ({})", failure.hints.join("; ")) };
    format!("{place}: {}{hints}", failure.message)
}
