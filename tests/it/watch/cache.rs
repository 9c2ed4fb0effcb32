//! The last snapshot on disk.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use serde_json::json;
use stackdeck::base::clock::Clock;
use stackdeck::base::failure::{Failure, FailureKind};
use stackdeck::fleet::Sources;
use stackdeck::fleet::snapshot::{Keep, Snapshot};
use stackdeck::store::cache::SnapshotFile;
use stackdeck::watch::{Kept, News, Settings};

use super::cloud::server;
use super::inventory::{at, row};
use crate::fleet::build::{self, Row, Surroundings};
use crate::support::folder::Folder;

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
    let dir = Folder::new();
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
    let dir = Folder::new();
    let file = SnapshotFile::of(dir.path(), "prod", None, None, false);
    file.keep(&snapshot(3));
    let whole = fs::read(&file.0).unwrap();
    let other = [b"stackdeck cache 2\n", &whole[18..]].concat();
    let longer = [&whole[..], b"x"].concat();
    for broken in [&b""[..], b"nonsense", &other, &longer] {
        fs::write(&file.0, broken).unwrap();
        assert_eq!(file.load(), None);
    }
    for cut in 0..whole.len() {
        fs::write(&file.0, &whole[..cut]).unwrap();
        assert_eq!(file.load(), None, "cut at {cut}");
    }
}

/// A snapshot in which every field holds something.
fn full() -> Snapshot {
    let mut told = server("id-1", "SOMETHING_NEW", "2026-11-22T08:00:00.123456Z");
    told["metadata"] = json!({ "service": "payments" });
    told["fault"] = json!({ "code": 500, "message": "no valid host", "created": "2026-11-22T08:00:00Z" });
    told["addresses"] = json!({ "net": [
        { "addr": "10.0.0.3", "OS-EXT-IPS:type": "fixed", "OS-EXT-IPS-MAC:mac_addr": "fa:16:3e:00:00:01" } ] });
    told["flavor"] = json!({ "original_name": "m1.small", "vcpus": 1, "ram": 512, "disk": 0 });
    told["tags"] = json!(["tier=a"]);
    told["locked"] = json!(true);
    told["OS-EXT-STS:power_state"] = json!(1);
    let down = row(told);
    let sources = build::unanswered([down, build::instance("id-2").doing("rebooting", build::ago(3))])
        .pools(vec![build::pool("payments", &[("10.0.0.3", "ERROR"), ("10.0.0.4", "ONLINE")])])
        .ports(vec![build::port("id-1", "10.0.0.3")])
        .images(vec![build::image("img", "payments-1.5.0", &[("version", "1.5.0")])]);
    let mut sources =
        Sources { unconfirmed: ["id-2".into()].into(), reported: [("id-1".into(), "1.5.0".into())].into(), ..sources };
    sources.images.insert("gone".into(), None);
    let failure = Failure::new(FailureKind::Forbidden, "the role may not").hint("ask an admin").cause("403");
    sources.server_groups.learn(Ok(Arc::new(vec![build::server_group("payments", &["id-1"])])), build::ago(1));
    sources.server_groups.learn(Err(failure), build::now());
    Snapshot { as_of: at("2026-11-22T09:00:00.123456789Z"), sources }
}

#[test]
fn a_full_snapshot_comes_back_whole() {
    let dir = Folder::new();
    let file = SnapshotFile::of(dir.path(), "prod", None, None, true);
    file.keep(&full());
    assert_eq!(file.load(), Some(full()));
}

/// postcard writes no names of fields: a file of another shape would be misread rather than refused.
#[test]
fn another_shape_is_another_version() {
    let dir = Folder::new();
    let file = SnapshotFile::of(dir.path(), "prod", None, None, true);
    file.keep(&full());
    let bytes = fs::read(&file.0).unwrap();
    let sum = bytes[18..].iter().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(*byte)));
    assert_eq!(
        (String::from_utf8_lossy(&bytes[..18]).trim_end(), bytes.len(), sum),
        ("stackdeck cache 8", 748, 3_440_554_581),
        "the bytes of the same snapshot are others: give store::cache another VERSION, and pin it here"
    );
}

#[test]
fn the_last_runs_fleet_is_there_before_the_cloud() {
    let dir = Folder::new();
    let file = SnapshotFile::of(dir.path(), "prod", None, None, false);
    let clock = Clock::manual(at("2026-11-22T10:00:00Z"));
    assert!(Kept::load(&file, &Settings::default(), &clock).is_none());
    file.keep(&snapshot(5));
    let kept = Kept::load(&file, &Settings::default(), &clock).expect("there is a snapshot");
    let News::Fleet { fleet, as_of, from_cache: true, partial: false } = kept.news() else {
        panic!("it is told as what it is");
    };
    assert_eq!((fleet.members.len(), as_of), (5, at("2026-11-22T09:00:00Z")));
}
