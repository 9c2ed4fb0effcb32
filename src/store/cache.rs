//! The last snapshot of a cloud, so that the next start has something to show at once.
//!
//! One file for each cloud, region, project and breadth. It is written aside and renamed, so a reader never sees half
//! of one; it may be deleted at any time; and one that is broken or of another version is not there.

use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize as _;

use crate::fleet::snapshot::{Keep, Snapshot};
use crate::fleet::{Instance, Sources};

/// What a file begins with. Changes whenever the shape of [`Snapshot`] does: postcard writes no names of fields, so a
/// file of another shape would be misread rather than refused.
const VERSION: &[u8] = b"stackdeck cache 4\n";

/// In so many parts the instances are written, so that they can be read on as many threads.
const PARTS: usize = 4;

/// Behind the version: how many bytes each part takes. What surrounds the instances comes after them.
const LENGTH: usize = size_of::<u64>();

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
    match read(body) {
        Ok(snapshot) => Some(snapshot),
        Err(error) => {
            tracing::warn!("the cache {} is broken and is ignored: {error}", file.display());
            None
        }
    }
}

/// Ten thousand instances and as many ports take a while to read: the parts are read beside each other.
fn read(body: &[u8]) -> postcard::Result<Snapshot> {
    let mut rest = body;
    let mut parts = [&body[..0]; PARTS];
    let lengths = take(&mut rest, PARTS * LENGTH)?;
    for (part, length) in parts.iter_mut().zip(lengths.chunks_exact(LENGTH)) {
        let length = u64::from_le_bytes(length.try_into().map_err(|_| SHORT)?);
        *part = take(&mut rest, usize::try_from(length).map_err(|_| SHORT)?)?;
    }
    let (snapshot, parts) = std::thread::scope(|threads| {
        let parts = parts.map(|part| threads.spawn(|| read_instances(part)));
        let snapshot = read_around(rest);
        (snapshot, parts.map(|part| part.join().unwrap_or(Err(SHORT))))
    });
    let mut snapshot = snapshot?;
    let mut rows = Vec::new();
    for part in parts {
        rows.extend(part?.into_iter().map(|row| (row.id.clone(), row)));
    }
    snapshot.sources.instances = rows.into_iter().collect();
    Ok(snapshot)
}

const SHORT: postcard::Error = postcard::Error::DeserializeUnexpectedEnd;

fn take<'a>(rest: &mut &'a [u8], length: usize) -> postcard::Result<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(length).ok_or(SHORT)?;
    *rest = left;
    Ok(taken)
}

fn read_instances(bytes: &[u8]) -> postcard::Result<Vec<Arc<Instance>>> {
    let mut bytes = postcard::Deserializer::from_bytes(bytes);
    let mut rows = Vec::new();
    for _ in 0..u64::deserialize(&mut bytes)? {
        rows.push(Arc::new(Instance::deserialize(&mut bytes)?));
    }
    all_read(bytes.finalize()?)?;
    Ok(rows)
}

fn read_around(bytes: &[u8]) -> postcard::Result<Snapshot> {
    let (around, rest) = postcard::take_from_bytes(bytes)?;
    all_read(rest)?;
    let (as_of, place, unconfirmed, pools, ports, server_groups, images) = around;
    let sources = Sources { place, unconfirmed, pools, ports, server_groups, images, ..Sources::default() };
    Ok(Snapshot { as_of, sources })
}

fn all_read(rest: &[u8]) -> postcard::Result<()> {
    if rest.is_empty() { Ok(()) } else { Err(postcard::Error::DeserializeBadEncoding) }
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
    buffer.write_all(&[0; PARTS * LENGTH])?;
    let Sources { place, instances, unconfirmed, pools, ports, server_groups, images } = &snapshot.sources;
    let (mut rows, mut put, mut lengths) = (instances.values(), buffer, Vec::new());
    for part in 0..PARTS {
        let count = instances.len() * (part + 1) / PARTS - instances.len() * part / PARTS;
        let began = put.stream_position()?;
        put = postcard::to_io(&(count as u64), put).map_err(io::Error::other)?;
        for row in rows.by_ref().take(count) {
            put = postcard::to_io(&**row, put).map_err(io::Error::other)?;
        }
        lengths.extend((put.stream_position()? - began).to_le_bytes());
    }
    let around = (&snapshot.as_of, place, unconfirmed, pools, ports, server_groups, images);
    let mut put = postcard::to_io(&around, put).map_err(io::Error::other)?;
    put.seek(SeekFrom::Start(VERSION.len() as u64))?;
    put.write_all(&lengths)?;
    put.flush()
}
