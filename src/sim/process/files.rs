//! Files of a simulated cloud's process: written aside and renamed, mode 0600, in folders of mode 0700.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use crate::base::failure::{Failure, FailureKind};

fn cannot(what: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::new(FailureKind::Usage, format!("Cannot {what} {}", path.display())).cause(error.to_string())
}

/// Makes a folder and those above it, for this user only.
pub(super) fn make_folder(path: &Path) -> Result<(), Failure> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|error| cannot("make the folder", path, &error))
}

/// Writes a file as a whole or not at all.
pub(super) fn write_aside(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}", std::process::id()));
    let aside = path.with_file_name(name);
    let write = || -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&aside)?;
        file.write_all(bytes)?;
        fs::rename(&aside, path)
    };
    write().map_err(|error| cannot("write", path, &error))
}

/// Opens a lock file.
pub(super) fn lock_file(path: &Path) -> Result<File, Failure> {
    let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path);
    opened.map_err(|error| cannot("open", path, &error))
}

/// The lock beside a `clouds.yaml`: held by whoever serves the cloud that it leads to.
pub(super) fn lock_beside(clouds: &Path) -> Result<File, Failure> {
    lock_file(&clouds.with_extension("lock"))
}

/// Takes that lock, and writes our number into it, for whoever wants to end us.
pub(super) fn lock_alive(clouds: &Path) -> Result<File, Failure> {
    let mut file = lock_beside(clouds)?;
    file.try_lock().map_err(|_| {
        Failure::new(FailureKind::Conflict, format!("Another simulated cloud serves {}", clouds.display()))
    })?;
    let number = std::process::id();
    file.set_len(0).and_then(|()| writeln!(file, "{number}")).map_err(|error| cannot("write", clouds, &error))?;
    Ok(file)
}
