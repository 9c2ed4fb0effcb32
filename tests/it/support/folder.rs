//! A folder that goes away at the end. Before, all that was left in it is searched for secrets.

use std::ops::Deref;
use std::path::Path;

use super::secrets;

/// The one way to a folder of one's own in these tests.
#[derive(Debug)]
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

impl AsRef<Path> for Folder {
    fn as_ref(&self) -> &Path {
        self.path()
    }
}

impl Deref for Folder {
    type Target = Path;

    fn deref(&self) -> &Path {
        self.path()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A test that fails for another reason tells that reason.
        if !std::thread::panicking() {
            let left = secrets::left_in(self.path());
            assert!(left.is_empty(), "{left:#?}");
        }
    }
}
