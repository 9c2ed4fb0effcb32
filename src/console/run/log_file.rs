//! A log file that does not grow for ever: when it is full it becomes `FILE.1`, in place of the one before.
//!
//! Several consoles may write to one file: each line is one write at its end. One that finds the file renamed goes on
//! in `FILE.1` until it looks again, at its own next limit.

use std::ffi::OsString;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::base::failure::{Failure, FailureKind};

/// How long it gets.
const FULL: u64 = 4 << 20;

/// The file, open for lines.
pub(super) struct LogFile {
    path: PathBuf,
    file: File,
    length: u64,
    full: u64,
}

impl LogFile {
    /// Opens it, with its folder; for the user alone.
    pub(super) fn open(path: PathBuf) -> Result<Self, Failure> {
        Self::with_limit(path, FULL)
    }

    fn with_limit(path: PathBuf, full: u64) -> Result<Self, Failure> {
        let failed = |error: io::Error| {
            Failure::new(FailureKind::Usage, format!("the log file {} cannot be opened", path.display()))
                .cause(error.to_string())
        };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
        }
        let (file, length) = open(&path).map_err(failed)?;
        Ok(Self { path, file, length, full })
    }

    fn renew(&mut self) -> io::Result<()> {
        // Another console may have renewed it already.
        if open(&self.path)?.1 >= self.full {
            let mut former = OsString::from(&self.path);
            former.push(".1");
            std::fs::rename(&self.path, former)?;
        }
        (self.file, self.length) = open(&self.path)?;
        Ok(())
    }
}

fn open(path: &Path) -> io::Result<(File, u64)> {
    let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
    let length = file.metadata()?.len();
    Ok((file, length))
}

impl Write for LogFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.length >= self.full && self.renew().is_err() {
            // Better no line than a full disk.
            return Ok(line.len());
        }
        let count = self.file.write(line)?;
        self.length += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_full_becomes_the_former_and_never_more_than_two_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/stackdeck.log");
        let mut log = LogFile::with_limit(path.clone(), 100).unwrap();
        for number in 0..100 {
            log.write_all(format!("line {number:04}\n").as_bytes()).unwrap();
        }
        let newest = std::fs::read_to_string(&path).unwrap();
        let former = std::fs::read_to_string(folder.path().join("state/stackdeck.log.1")).unwrap();
        assert!(newest.ends_with("line 0099\n") && newest.len() <= 110, "{newest}");
        assert!((100..=110).contains(&former.len()), "{former}");
        assert_eq!(std::fs::read_dir(folder.path().join("state")).unwrap().count(), 2);
    }
}
