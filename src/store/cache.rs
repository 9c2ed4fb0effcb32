//! The last snapshot of a cloud, so that the next start has something to show at once.
//!
//! One file for each cloud, region, project and breadth. It is written aside and renamed, so a reader never sees half
//! of one; it may be deleted at any time; and one that is broken or of another version is not there.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::fleet::snapshot::{Keep, Snapshot};

/// What a file begins with. Changes whenever the shape of [`Snapshot`] does: postcard writes no names of fields, so a
/// file of another shape would be misread rather than refused.
const VERSION: &[u8] = b"stackdeck cache 2\n";

/// The file of one cloud, region, project and breadth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotFile(pub PathBuf);

impl SnapshotFile {
    /// The file below `dir` for a cloud, region, project and breadth, as the user names them.
    pub fn of(dir: &Path, cloud: &str, region: Option<&str>, project: Option<&str>, all_projects: bool) -> Self {
        Self(file(dir, cloud, region, project, all_projects))
    }
}

impl Keep for SnapshotFile {
    fn load(&self) -> Option<Snapshot> {
        load(&self.0)
    }

    fn keep(&self, snapshot: &Snapshot) {
        if let Err(error) = save(&self.0, snapshot) {
            tracing::warn!("the cache {} cannot be written: {error}", self.0.display());
        }
    }
}

fn file(dir: &Path, cloud: &str, region: Option<&str>, project: Option<&str>, all_projects: bool) -> PathBuf {
    let place = [cloud, region.unwrap_or_default(), project.unwrap_or_default(), if all_projects { "all" } else { "" }];
    let readable: String = cloud.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).take(40).collect();
    dir.join(format!("{readable}-{:016x}.snapshot", hash(&place.join("\0"))))
}

/// FNV-1a: the same on every machine and in every build, unlike the standard library's.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The snapshot in `file`, if there is a readable one.
pub fn load(file: &Path) -> Option<Snapshot> {
    let bytes = match fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => {
            tracing::warn!("the cache {} cannot be read: {error}", file.display());
            return None;
        }
    };
    let Some(body) = bytes.strip_prefix(VERSION) else {
        tracing::info!("the cache {} is of another version and is ignored", file.display());
        return None;
    };
    match postcard::take_from_bytes(body) {
        Ok((snapshot, [])) => Some(snapshot),
        Ok((_, left)) => {
            tracing::warn!("the cache {} is broken and is ignored: {} bytes too many", file.display(), left.len());
            None
        }
        Err(error) => {
            tracing::warn!("the cache {} is broken and is ignored: {error}", file.display());
            None
        }
    }
}

/// Writes the snapshot: readable for the user alone, and whole or not at all.
pub fn save(file: &Path, snapshot: &Snapshot) -> io::Result<()> {
    let dir = file.parent().unwrap_or(Path::new("."));
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    // Two consoles may write at the same time: each aside of its own.
    let aside = file.with_extension(format!("{}-{}", std::process::id(), fastrand::u32(..)));
    let written = write(&aside, snapshot).and_then(|()| fs::rename(&aside, file));
    if written.is_err() {
        // Best effort: the failure to tell is the first one.
        let _ = fs::remove_file(&aside);
    }
    written
}

fn write(file: &Path, snapshot: &Snapshot) -> io::Result<()> {
    let handle = File::options().write(true).create_new(true).mode(0o600).open(file)?;
    let mut buffer = io::BufWriter::with_capacity(1 << 16, handle);
    buffer.write_all(VERSION)?;
    postcard::to_io(snapshot, &mut buffer).map_err(io::Error::other)?.flush()
}
