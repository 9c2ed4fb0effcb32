//! Small files that several consoles share: a first line that says what it is, then one JSON value a line.
//!
//! Written whole, aside and renamed, so a reader never sees half of one; and under a lock, so that of two writers the
//! second one adds to what the first has written. One that is broken, or that a newer program wrote, is put aside and
//! told: it is a convenience, and nobody's console fails for it.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::base::clock::Timestamp;
use crate::base::failure::{Failure, FailureKind};
use crate::store::folder::refused;

/// A file of more than this is not ours.
const LONGEST: u64 = 16 << 20;

/// A file, and what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct Lines {
    pub(in crate::store) path: PathBuf,
    /// What is in it, in a word.
    pub(in crate::store) what: &'static str,
    /// The version of its shape that this program reads and writes.
    pub(in crate::store) version: u32,
}

/// What was read: values, and since when they are all there.
pub(in crate::store) type Found<T> = (Vec<T>, Option<Timestamp>);

#[derive(Serialize, Deserialize)]
struct Head {
    stackdeck: String,
    version: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    complete_since: Option<Timestamp>,
}

/// Why a file was of no use.
enum Useless {
    Broken(String),
    Newer(u32),
}

impl Lines {
    /// Keeps others from writing until it is dropped.
    pub(in crate::store) fn lock(&self) -> Result<File, Failure> {
        let path = self.beside("lock");
        let locked = || {
            let dir = self.path.parent().unwrap_or(Path::new("."));
            DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
            let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path)?;
            file.lock()?;
            Ok(file)
        };
        locked().map_err(|error: io::Error| refused(&path, "be locked", &error))
    }

    /// What is in it, nothing where it is not there; and what there is to tell of a file that was put aside.
    pub(in crate::store) fn read<T: DeserializeOwned>(&self) -> (Found<T>, Option<Failure>) {
        let nothing = (Vec::new(), None);
        match self.parse() {
            Ok(Ok(found)) => (found, None),
            Ok(Err(useless)) => (nothing, Some(self.put_aside(&useless))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => (nothing, None),
            Err(error) => (nothing, Some(refused(&self.path, "be read", &error))),
        }
    }

    fn parse<T: DeserializeOwned>(&self) -> io::Result<Result<Found<T>, Useless>> {
        let file = File::open(&self.path)?;
        if file.metadata()?.len() > LONGEST {
            return Ok(Err(Useless::Broken("it is too long".to_owned())));
        }
        let mut text = BufReader::new(file.take(LONGEST));
        let mut line = Vec::new();
        text.read_until(b'\n', &mut line)?;
        let head: Head = match serde_json::from_slice(&line) {
            Ok(head) => head,
            Err(error) => return Ok(Err(Useless::Broken(format!("line 1: {error}")))),
        };
        if head.stackdeck != self.what {
            return Ok(Err(Useless::Broken(format!("it says that it is {:?}", head.stackdeck))));
        }
        if head.version > self.version {
            return Ok(Err(Useless::Newer(head.version)));
        }
        let mut found = Vec::new();
        for number in 2.. {
            line.clear();
            if text.read_until(b'\n', &mut line)? == 0 {
                break;
            }
            match serde_json::from_slice(&line) {
                Ok(one) => found.push(one),
                Err(error) => return Ok(Err(Useless::Broken(format!("line {number}: {error}")))),
            }
        }
        Ok(Ok((found, head.complete_since)))
    }

    /// Values as its rows.
    pub(in crate::store) fn rows<T: Serialize>(&self, values: impl Iterator<Item = T>) -> Result<Vec<String>, Failure> {
        let rows = values.map(|value| serde_json::to_string(&value)).collect::<Result<_, _>>();
        rows.map_err(|error| {
            let message = format!("The {} cannot be written down", self.what);
            Failure::new(FailureKind::Bug, message).cause(error.to_string())
        })
    }

    /// Writes it: for the user alone, and whole or not at all.
    pub(in crate::store) fn write(&self, rows: &[String], complete_since: Option<Timestamp>) -> Result<(), Failure> {
        // Two programs may write at the same time where locks do not hold: each aside of its own.
        let aside = self.beside(&format!("{}-{}", std::process::id(), fastrand::u32(..)));
        let head = Head { stackdeck: self.what.to_owned(), version: self.version, complete_since };
        let write = || {
            let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside)?;
            let mut put = BufWriter::new(file);
            serde_json::to_writer(&mut put, &head)?;
            for row in rows {
                put.write_all(b"\n")?;
                put.write_all(row.as_bytes())?;
            }
            put.write_all(b"\n")?;
            put.flush()?;
            fs::rename(&aside, &self.path)
        };
        write().map_err(|error: io::Error| {
            // Best effort: the failure to tell is the first one.
            let _ = fs::remove_file(&aside);
            refused(&self.path, "be written", &error)
        })
    }

    fn put_aside(&self, why: &Useless) -> Failure {
        let aside = self.beside("aside");
        let (path, away) = (self.path.display(), aside.display());
        let (kind, message, cause) = match why {
            Useless::Newer(version) => {
                let own = self.version;
                let text =
                    format!("{path} was written by a newer Stackdeck: its format is {version}, this one's is {own}");
                (FailureKind::Unsupported, text, None)
            }
            Useless::Broken(why) => (FailureKind::Usage, format!("{path} is broken"), Some(why.clone())),
        };
        let hint = match fs::rename(&self.path, &aside) {
            Ok(()) => format!("It was put aside as {away}; a new one is begun"),
            Err(error) => format!("It could not be put aside: {error}. Remove it"),
        };
        let failure = Failure::new(kind, message).hint(hint);
        cause.into_iter().fold(failure, Failure::cause)
    }

    fn beside(&self, more: &str) -> PathBuf {
        let mut name = self.path.as_os_str().to_owned();
        name.push(format!(".{more}"));
        name.into()
    }
}
