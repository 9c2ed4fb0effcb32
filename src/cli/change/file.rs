//! The file of a saved plan: written as a whole or not at all, for its owner's eyes first.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use crate::base::failure::{Failure, FailureKind};
use crate::operation::saved::{Saved, Unfit};

/// More is no plan.
const LONGEST: u64 = 16 << 20;

/// Writes it aside and renames it, mode 0600.
///
/// # Errors
/// When the file cannot be written.
pub(super) fn write(file: &Path, saved: &Saved) -> Result<(), Failure> {
    let text = saved.text().map_err(|error| cannot("written", file, &error.into()))?;
    write_text(file, &text, 0o600)
}

/// Writes any text so, for these eyes.
///
/// # Errors
/// When the file cannot be written.
pub(super) fn write_text(file: &Path, text: &str, mode: u32) -> Result<(), Failure> {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{:08x}", fastrand::u32(..)));
    let aside = file.with_file_name(name);
    let written = || -> io::Result<()> {
        let mut out = OpenOptions::new().write(true).create_new(true).mode(mode).open(&aside)?;
        out.write_all(text.as_bytes())?;
        out.sync_all()?;
        fs::rename(&aside, file)
    };
    written().map_err(|error| {
        let _ = fs::remove_file(&aside);
        cannot("written", file, &error)
    })
}

/// Reads it, and verifies its hash.
///
/// # Errors
/// When the file cannot be read, is no plan, is newer than this program, or was changed by hand.
pub(super) fn read(file: &Path) -> Result<Saved, Failure> {
    let text = read_text(file).map_err(|error| cannot("read", file, &error))?;
    let named = |kind, message: &str| Failure::new(kind, format!("{} {message}", file.display()));
    Saved::read(&text).map_err(|unfit| match unfit {
        Unfit::Broken(line, why) => {
            let mut failure = named(FailureKind::Usage, "is no saved plan").cause(why);
            failure.place =
                Some(line.map_or_else(|| file.display().to_string(), |line| format!("{}:{line}", file.display())));
            failure.hint("A verb with --plan=FILE saves one")
        }
        Unfit::Newer(why) => named(FailureKind::Unsupported, "was written by a newer Stackdeck").cause(why),
        Unfit::Changed { says, is } => named(FailureKind::Conflict, "is not what was saved: its hash does not fit")
            .cause(format!("it says {says}, and is {is}"))
            .hint("Let whoever made it save it again; a plan is changed by making another"),
    })
}

fn read_text(file: &Path) -> io::Result<String> {
    use io::Read as _;
    let mut text = String::new();
    fs::File::open(file)?.take(LONGEST).read_to_string(&mut text)?;
    Ok(text)
}

fn cannot(be: &str, file: &Path, error: &io::Error) -> Failure {
    Failure::new(FailureKind::Usage, format!("{} cannot be {be}", file.display())).cause(error.to_string())
}
