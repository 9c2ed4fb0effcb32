//! The state folder: made for one user alone, or shared by a group when somebody has made it so.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use crate::base::failure::{Failure, FailureKind};

const SETGID_AND_GROUP_WRITES: u32 = 0o2020;

/// Makes the folder if it is not there, for the user alone; below a shared one, shared too.
///
/// # Errors
/// What the machine says, with the folder's path.
pub fn make(dir: &Path) -> Result<(), Failure> {
    if dir.is_dir() {
        return Ok(());
    }
    let shared = dir.parent().is_some_and(is_shared);
    let mode = if shared { 0o2770 } else { 0o700 };
    DirBuilder::new().recursive(true).mode(mode).create(dir).map_err(|error| refused(dir, "be made", &error))?;
    if shared {
        // What the umask took from the group.
        let _ = fs::set_permissions(dir, fs::Permissions::from_mode(mode));
    }
    Ok(())
}

/// Whether a group works in it together: setgid, and the group may write.
pub(in crate::store) fn is_shared(dir: &Path) -> bool {
    fs::metadata(dir).is_ok_and(|found| found.permissions().mode() & SETGID_AND_GROUP_WRITES == SETGID_AND_GROUP_WRITES)
}

/// Makes an empty file in it, readable for whoever may use the folder. `None` when it is there already.
pub(in crate::store) fn create(dir: &Path, file: &Path) -> Result<Option<File>, Failure> {
    let shared = is_shared(dir);
    let mode = if shared { 0o660 } else { 0o600 };
    match OpenOptions::new().read(true).write(true).create_new(true).mode(mode).open(file) {
        Ok(made) => {
            if shared {
                // What the umask took from the group.
                let _ = made.set_permissions(fs::Permissions::from_mode(mode));
            }
            // A file whose name is lost in a crash is as good as unwritten.
            File::open(dir).and_then(|dir| dir.sync_all()).map_err(|error| refused(dir, "be made durable", &error))?;
            Ok(Some(made))
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(None),
        Err(error) => Err(refused(file, "be made", &error)),
    }
}

/// Opens a file in it to read and write, makes it if need be, and truncates nothing.
pub(in crate::store) fn open(dir: &Path, file: &Path) -> Result<File, Failure> {
    match create(dir, file)? {
        Some(made) => Ok(made),
        None => File::options().read(true).write(true).open(file).map_err(|error| refused(file, "be written", &error)),
    }
}

/// What the machine says, for a person.
pub(in crate::store) fn refused(path: &Path, what: &str, error: &io::Error) -> Failure {
    let shown = path.display();
    if error.kind() == io::ErrorKind::StorageFull || error.kind() == io::ErrorKind::QuotaExceeded {
        return Failure::new(FailureKind::Quota, format!("{shown} cannot {what}: the disk is full"))
            .hint("Make room there, then try again");
    }
    Failure::new(FailureKind::Usage, format!("{shown} cannot {what}"))
        .cause(error.to_string())
        .hint("Give yourself access, or name another folder with `state_dir`")
}
