//! The last snapshot of a cloud, so that the next start has something to show at once.
//!
//! One file for each cloud, region, project and breadth. It is written aside and renamed, so a reader never sees half
//! of one; it may be deleted at any time; and one that is broken or of another version is not there.

use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use crate::base::texts;
use crate::fleet::snapshot::{Keep, Snapshot};
use crate::fleet::{Instance, Sources};

/// What a file begins with. Changes whenever the shape of [`Snapshot`] does: postcard writes no names of fields, so a
/// file of another shape would be misread rather than refused.
const VERSION: &[u8] = b"stackdeck cache 8\n";

/// In so many parts the instances are written, so that they can be read on as many threads.
const PARTS: usize = 2;

/// Behind the version: how many bytes each part takes, then what surrounds the instances. After all of that come the
/// texts that they repeat, each once.
const LENGTHS: usize = PARTS + 1;
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
    let handle = match File::open(file) {
        Ok(handle) => handle,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => {
            tracing::warn!("the cache {} cannot be read: {error}", file.display());
            return None;
        }
    };
    match read(&handle) {
        Ok(None) => {
            tracing::info!("the cache {} is of another version and is ignored", file.display());
            None
        }
        Ok(snapshot) => snapshot,
        Err(error) => {
            tracing::warn!("the cache {} is broken and is ignored: {error}", file.display());
            None
        }
    }
}

/// `None` for a file of another version. Ten thousand instances and as many ports take a while: the parts are read
/// beside each other.
fn read(file: &File) -> io::Result<Option<Snapshot>> {
    let version = stretch(file, 0, VERSION.len() as u64)?;
    if version != VERSION {
        return Ok(None);
    }
    let lengths = stretch(file, VERSION.len() as u64, (LENGTHS * LENGTH) as u64)?;
    let mut at = (VERSION.len() + LENGTHS * LENGTH) as u64;
    let mut stretches = [(0, 0); LENGTHS];
    for (found, length) in stretches.iter_mut().zip(lengths.chunks_exact(LENGTH)) {
        *found = (at, u64::from_le_bytes(length.try_into().map_err(io::Error::other)?));
        at = at.saturating_add(found.1);
    }
    let [ref parts @ .., around] = stretches;
    let table = stretch(file, at, file.metadata()?.len().saturating_sub(at))?;
    let table: Arc<[Arc<str>]> = whole::<Vec<&str>>(&table)?.into_iter().map(Arc::from).collect();
    let table = &table;
    let (around, parts) = std::thread::scope(|threads| {
        let bytes = |(at, length)| stretch(file, at, length);
        let one = |&at| threads.spawn(move || texts::reading(table, || read_instances(&bytes(at)?)));
        let parts: Vec<_> = parts.iter().map(one).collect();
        let around = texts::reading(table, || read_around(&bytes(around)?));
        let joined = parts.into_iter().map(|part| part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        (around, joined.collect::<Vec<_>>())
    });
    let mut snapshot = around?;
    let mut rows = Vec::new();
    for part in parts {
        rows.extend(part?.into_iter().map(|row| (row.id.clone(), row)));
    }
    snapshot.sources.instances = rows.into_iter().collect();
    Ok(Some(snapshot))
}

/// So many bytes from there on. A length that the file does not have is an error before it is memory.
fn stretch(file: &File, at: u64, length: u64) -> io::Result<Vec<u8>> {
    if at.saturating_add(length) > file.metadata()?.len() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let mut bytes = vec![0; usize::try_from(length).map_err(io::Error::other)?];
    file.read_exact_at(&mut bytes, at)?;
    Ok(bytes)
}

fn read_instances(bytes: &[u8]) -> io::Result<Vec<Arc<Instance>>> {
    let mut bytes = postcard::Deserializer::from_bytes(bytes);
    let mut rows = Vec::new();
    for _ in 0..u64::deserialize(&mut bytes).map_err(io::Error::other)? {
        rows.push(Arc::new(Instance::deserialize(&mut bytes).map_err(io::Error::other)?));
    }
    all_read(bytes.finalize().map_err(io::Error::other)?)?;
    Ok(rows)
}

fn read_around(bytes: &[u8]) -> io::Result<Snapshot> {
    let (as_of, place, unconfirmed, pools, ports, server_groups, images, reported) = whole(bytes)?;
    let sources = Sources { place, unconfirmed, pools, ports, server_groups, images, reported, ..Sources::default() };
    Ok(Snapshot { as_of, sources })
}

/// A value that takes all these bytes.
fn whole<'b, T: Deserialize<'b>>(bytes: &'b [u8]) -> io::Result<T> {
    let (value, rest) = postcard::take_from_bytes(bytes).map_err(io::Error::other)?;
    all_read(rest)?;
    Ok(value)
}

fn all_read(rest: &[u8]) -> io::Result<()> {
    if rest.is_empty() { Ok(()) } else { Err(io::Error::other("there are bytes left over")) }
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
    let mut put = io::BufWriter::with_capacity(1 << 16, handle);
    put.write_all(VERSION)?;
    put.write_all(&[0; LENGTHS * LENGTH])?;
    let (lengths, table) = texts::writing(|| rows(snapshot, &mut put));
    postcard::to_io(&table.iter().map(|text| &**text).collect::<Vec<&str>>(), &mut put).map_err(io::Error::other)?;
    put.seek(SeekFrom::Start(VERSION.len() as u64))?;
    put.write_all(&lengths?)?;
    put.flush()
}

/// The instances in parts, then what surrounds them; gives the length of each.
fn rows(snapshot: &Snapshot, mut put: &mut (impl Write + Seek)) -> io::Result<Vec<u8>> {
    let Sources { place, instances, unconfirmed, pools, ports, server_groups, images, reported } = &snapshot.sources;
    let (mut rows, mut lengths) = (instances.values(), Vec::new());
    for part in 0..PARTS {
        let count = instances.len() * (part + 1) / PARTS - instances.len() * part / PARTS;
        let began = put.stream_position()?;
        put = postcard::to_io(&(count as u64), put).map_err(io::Error::other)?;
        for row in rows.by_ref().take(count) {
            put = postcard::to_io(&**row, put).map_err(io::Error::other)?;
        }
        lengths.extend((put.stream_position()? - began).to_le_bytes());
    }
    let began = put.stream_position()?;
    let around = (&snapshot.as_of, place, unconfirmed, pools, ports, server_groups, images, reported);
    put = postcard::to_io(&around, put).map_err(io::Error::other)?;
    lengths.extend((put.stream_position()? - began).to_le_bytes());
    Ok(lengths)
}
