//! The last snapshot on disk.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use stackdeck::base::clock::Clock;
use stackdeck::fleet::Sources;
use stackdeck::fleet::snapshot::{Keep, Snapshot};
use stackdeck::store::cache::SnapshotFile;
use stackdeck::watch::{self, News, Settings};

use super::cloud::server;
use super::inventory::{at, row};

fn snapshot(count: usize) -> Snapshot {
    let mut sources = Sources::default();
    for number in 0..count {
        let row = row(server(&format!("id-{number:05}"), "ACTIVE", "2026-11-22T08:00:00Z"));
        sources.instances.insert(row.id.clone(), Arc::new(row));
    }
    Snapshot { as_of: at("2026-11-22T09:00:00Z"), sources }
}

#[test]
fn what_is_kept_comes_back_and_is_for_the_user_alone() {
    let dir = tempfile::tempdir().unwrap();
    let file = SnapshotFile::of(&dir.path().join("cache"), "prod eu/1", None, Some("demo"), false);
    assert_eq!(file.load(), None);
    file.keep(&snapshot(3));
    assert_eq!(file.load(), Some(snapshot(3)));
    file.keep(&snapshot(4));
    assert_eq!(file.load(), Some(snapshot(4)));
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(file.0.clone()), 0o600);
    assert_eq!(mode(dir.path().join("cache")), 0o700);
    assert_eq!(fs::read_dir(dir.path().join("cache")).unwrap().count(), 1, "nothing is left aside");
}

#[test]
fn each_scope_has_a_file_of_its_own() {
    let of = |region, project, all| SnapshotFile::of("/c".as_ref(), "prod", region, project, all);
    let files = [of(None, None, false), of(Some("a"), None, false), of(None, Some("a"), false), of(None, None, true)];
    for (at, file) in files.iter().enumerate() {
        assert!(files[at + 1..].iter().all(|other| other != file));
    }
}

#[test]
fn a_broken_file_or_another_version_is_not_there() {
    let dir = tempfile::tempdir().unwrap();
    let file = SnapshotFile::of(dir.path(), "prod", None, None, false);
    file.keep(&snapshot(3));
    let whole = fs::read(&file.0).unwrap();
    let other = [b"stackdeck cache 0\n", &whole[18..]].concat();
    for broken in [&whole[..whole.len() / 2], b"", b"nonsense", &other] {
        fs::write(&file.0, broken).unwrap();
        assert_eq!(file.load(), None);
    }
}

#[test]
fn the_last_runs_fleet_is_there_before_the_cloud() {
    let dir = tempfile::tempdir().unwrap();
    let file = SnapshotFile::of(dir.path(), "prod", None, None, false);
    let clock = Clock::manual(at("2026-11-22T10:00:00Z"));
    assert!(watch::cached(&file, &Settings::default(), &clock).is_none());
    file.keep(&snapshot(5));
    let Some(News::Fleet { fleet, as_of, from_cache: true, .. }) = watch::cached(&file, &Settings::default(), &clock)
    else {
        panic!("there is a snapshot");
    };
    assert_eq!((fleet.members.len(), as_of), (5, at("2026-11-22T09:00:00Z")));
}
