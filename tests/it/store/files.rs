//! The files of the journal: who may read them, and what happens when they are not ours or not whole.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use stackdeck::base::failure::{Failure, FailureKind};
use stackdeck::store::journal::{AppendError, Disk};
use stackdeck::store::{Journal, Lease};

use super::{Folder, append, done, filled, id};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn modes(state: &Path, names: &[&str]) -> Vec<u32> {
    names.iter().map(|name| mode(&state.join(name))).collect()
}

const FILES: [&str; 3] = ["journal.db", "journal.db-wal", "journal.db-shm"];

#[test]
fn all_is_for_the_user_alone() {
    let folder = Folder::new();
    let journal = filled(&folder);
    let _lease = Lease::take(&folder.state(), &id(1)).unwrap().unwrap();
    assert_eq!(mode(&folder.state()), 0o700);
    assert_eq!(modes(&folder.state(), &FILES), [0o600; 3]);
    assert_eq!(mode(&folder.state().join("operations")), 0o700);
    assert_eq!(mode(&folder.state().join(format!("operations/{}.lock", id(1)))), 0o600);
    assert_eq!(journal.disk(), Disk::Local);
}

#[test]
fn a_folder_that_a_group_shares_is_shared() {
    let folder = Folder::new();
    fs::create_dir(folder.state()).unwrap();
    fs::set_permissions(folder.state(), fs::Permissions::from_mode(0o2770)).unwrap();
    let _journal = filled(&folder);
    let _lease = Lease::take(&folder.state(), &id(1)).unwrap().unwrap();
    assert_eq!(modes(&folder.state(), &FILES), [0o660; 3]);
    assert_eq!(mode(&folder.state().join("operations")), 0o2770);
    assert_eq!(mode(&folder.state().join(format!("operations/{}.lock", id(1)))), 0o660);
}

#[test]
fn a_journal_of_a_newer_program_is_read_and_not_written() {
    let folder = Folder::new();
    let mut open = filled(&folder);
    folder.sqlite().pragma_update(None, "user_version", 2).unwrap();
    let expected = format!(
        "{} was written by a newer Stackdeck: its format is 2, this one's is 1",
        folder.state().join("journal.db").display()
    );
    let refused = Journal::open(&folder.state()).unwrap_err();
    assert_eq!((refused.kind, refused.to_string()), (FailureKind::Unsupported, expected.clone()));
    assert_eq!(refused.hints, ["Install the newer Stackdeck, or name another folder with `state_dir`"]);
    // Also by a worker that had it open when the newer one took it over.
    assert_eq!(append(&mut open, 1, &done(), None).unwrap_err().to_string(), expected);
    let reader = Journal::open_to_read(&folder.state()).unwrap().unwrap();
    assert_eq!(reader.records(&id(1)).unwrap().len(), 4);
    reader.verify(None).unwrap();
}

#[test]
fn another_programs_database_is_left_alone() {
    let folder = Folder::new();
    fs::create_dir(folder.state()).unwrap();
    folder.sqlite().execute_batch("CREATE TABLE album (title TEXT)").unwrap();
    let before = fs::read(folder.state().join("journal.db")).unwrap();
    for refused in [Journal::open(&folder.state()).unwrap_err(), Journal::open_to_read(&folder.state()).unwrap_err()] {
        assert!(refused.to_string().ends_with("is a database, but not a journal of Stackdeck"), "{refused}");
    }
    assert_eq!(fs::read(folder.state().join("journal.db")).unwrap(), before);
}

fn opened(folder: &Folder) -> Failure {
    match Journal::open(&folder.state()) {
        Err(failure) => failure,
        Ok(journal) => match journal.records(&id(1)) {
            Err(failure) => failure,
            Ok(records) => panic!("{} records were read", records.len()),
        },
    }
}

#[test]
fn a_damaged_file_is_told() {
    for (what, damage) in [
        ("garbage", (|bytes| bytes[..4096].fill(0x5a)) as fn(&mut Vec<u8>)),
        ("cut", |bytes| bytes.truncate(4096 + 100)),
        ("a page overwritten", |bytes| bytes[4096..].fill(0xff)),
    ] {
        let folder = Folder::new();
        drop(filled(&folder));
        let file = folder.state().join("journal.db");
        let mut bytes = fs::read(&file).unwrap();
        damage(&mut bytes);
        fs::write(&file, &bytes).unwrap();
        let failure = opened(&folder);
        assert!(failure.to_string().ends_with("it is damaged, or no journal"), "{what}: {failure:?}");
        let left = fs::read(&file).unwrap();
        assert!(left == bytes, "{what}: the evidence was changed");
        let reader = Journal::open_to_read(&folder.state());
        assert!(reader.is_err() || reader.unwrap().unwrap().verify(None).is_err(), "{what}");
    }
}

#[test]
fn a_file_in_the_folders_place_is_told() {
    let folder = Folder::new();
    fs::write(folder.state(), "").unwrap();
    let refused = Journal::open(&folder.state()).unwrap_err();
    assert_eq!(refused.kind, FailureKind::Usage);
    assert!(refused.to_string().starts_with(&folder.state().display().to_string()), "{refused}");
    assert!(refused.hints[0].contains("state_dir"), "{refused:?}");
}

#[test]
fn a_journal_that_somebody_holds_is_waited_for_and_moved_is_not_half_there() {
    let folder = Folder::new();
    let mut journal = filled(&folder);
    let held = folder.sqlite();
    held.execute_batch("BEGIN IMMEDIATE").unwrap();
    let waiting = std::thread::spawn(move || append(&mut journal, 1, &done(), Some(6)).map(|record| record.sequence));
    held.execute_batch("COMMIT").unwrap();
    assert_eq!(waiting.join().unwrap(), Ok(7));
    let mut journal = folder.journal();
    assert_eq!(append(&mut journal, 1, &done(), Some(6)), Err(AppendError::Moved { last: 7 }));
    assert_eq!(journal.head().unwrap().sequence, 7);
}
