//! Appending to the journal and reading it.

use stackdeck::base::failure::FailureKind;
use stackdeck::operation::{Event, Operation};
use stackdeck::store::Journal;
use stackdeck::store::journal::{AppendError, Head, Listed};

use super::{Folder, anna, announcement, append, approved, at, change, done, filled, id};

#[test]
fn what_is_appended_is_read_back_whole() {
    let folder = Folder::new();
    let mut journal = folder.journal();
    let first = append(&mut journal, 1, &approved(), Some(0)).unwrap();
    let second = append(&mut journal, 1, &Event::Claimed { pid: 77 }, Some(1)).unwrap();
    assert_eq!((first.sequence, second.sequence), (1, 2));
    assert_eq!((first.at, &first.by, &first.event), (at(1), &anna(), &approved()));
    drop(journal);
    let journal = Journal::open_to_read(&folder.state()).unwrap().unwrap();
    let records = journal.records(&id(1)).unwrap();
    assert_eq!(records, [first, second.clone()]);
    assert_eq!(Operation::fold(&records).unwrap().last, 2);
    assert_eq!(journal.records_after(&id(1), 1).unwrap(), [second]);
    assert_eq!(journal.records(&id(9)).unwrap(), []);
}

#[test]
fn a_permit_is_what_was_announced() {
    let folder = Folder::new();
    let mut journal = folder.journal();
    append(&mut journal, 1, &approved(), Some(0)).unwrap();
    let (record, permit) = journal.announce(&id(1), at(5), &anna(), announcement(), Some(1)).unwrap();
    assert_eq!(permit.change(), &change());
    assert_eq!((permit.operation(), permit.step(), permit.attempt()), (&id(1), 0, 1));
    assert_eq!(record.event, Event::Announced(announcement()));
    let elsewhere = Journal::open_to_read(&folder.state()).unwrap().unwrap();
    assert_eq!(elsewhere.records_after(&id(1), 1).unwrap(), [record]);
}

#[test]
fn an_append_by_somebody_who_has_not_seen_all_is_refused() {
    let folder = Folder::new();
    let (mut one, mut other) = (folder.journal(), folder.journal());
    append(&mut one, 1, &approved(), Some(0)).unwrap();
    assert_eq!(append(&mut other, 1, &approved(), Some(0)), Err(AppendError::Moved { last: 1 }));
    append(&mut other, 2, &approved(), Some(0)).unwrap();
    // Records of another operation do not matter.
    append(&mut one, 1, &Event::Claimed { pid: 77 }, Some(1)).unwrap();
    assert_eq!(append(&mut other, 1, &done(), Some(1)), Err(AppendError::Moved { last: 3 }));
    let announced = other.announce(&id(1), at(9), &anna(), announcement(), Some(1));
    assert!(matches!(announced, Err(AppendError::Moved { last: 3 })), "{announced:?}");
    // A wish is legal in any state.
    append(&mut other, 1, &done(), None).unwrap();
    assert_eq!(one.head().unwrap().sequence, 4, "what was refused left nothing");
    one.verify(None).unwrap();
}

#[test]
fn operations_are_listed_newest_first() {
    let folder = Folder::new();
    let journal = filled(&folder);
    let listed = journal.operations(10).unwrap();
    let of = |number, records, first, last| Ok(Listed { id: id(number), records, first, last });
    assert_eq!(listed, [of(2, 2, 3, 5), of(1, 4, 1, 6)]);
    assert_eq!(journal.operations(1).unwrap(), listed[..1]);
}

#[test]
fn an_operation_is_found_by_what_people_write() {
    let folder = Folder::new();
    assert_eq!(folder.journal().find("last").unwrap_err().to_string(), "there are no operations yet");
    let journal = filled(&folder);
    let (whole, short) = (id(1).to_string(), id(1).short().to_lowercase());
    for text in [whole.as_str(), whole.to_lowercase().as_str(), short.as_str()] {
        assert_eq!(journal.find(text).unwrap(), id(1), "{text}");
    }
    assert_eq!(journal.find("last").unwrap(), id(2));
    let beginning = &whole[..6];
    assert!(id(2).to_string().starts_with(beginning));
    let ambiguous = journal.find(beginning).unwrap_err();
    assert_eq!(ambiguous.kind, FailureKind::Usage);
    assert_eq!(ambiguous.to_string(), format!("{beginning} may be 2 operations, for example {} and {}", id(2), id(1)));
    let mut typo = id(1).short().to_owned();
    typo.replace_range(1..2, "Z");
    let missing = journal.find(&typo).unwrap_err();
    assert_eq!(missing.kind, FailureKind::NotFound);
    assert_eq!(missing.hints, [format!("Is {} meant?", id(1).short())]);
    let brief = journal.find("01").unwrap_err();
    assert!(brief.hints[0].contains("at least four characters"), "{brief:?}");
}

#[test]
fn the_head_is_printed_and_read_back() {
    let folder = Folder::new();
    assert_eq!(folder.journal().head().unwrap(), Head::nothing());
    let head = filled(&folder).head().unwrap();
    assert_eq!(head.sequence, 6);
    let printed = head.to_string();
    assert_eq!(printed.len(), "6:".len() + 64);
    assert_eq!(printed.parse::<Head>().unwrap(), head);
    for wrong in ["", "6", &head.hash, &printed[..20], &format!("six:{}", head.hash), &format!("{printed}0")] {
        assert!(wrong.parse::<Head>().unwrap_err().contains("SEQUENCE:HASH"), "{wrong}");
    }
}

#[test]
fn a_reader_sees_by_a_number_that_others_have_written() {
    let folder = Folder::new();
    let mut journal = filled(&folder);
    let reader = Journal::open_to_read(&folder.state()).unwrap().unwrap();
    let before = reader.version().unwrap();
    assert_eq!(reader.version().unwrap(), before, "nobody has written");
    append(&mut journal, 2, &done(), None).unwrap();
    assert_ne!(reader.version().unwrap(), before);
    assert_eq!(reader.records_after(&id(2), 5).unwrap().len(), 1);
}

#[test]
fn a_reader_writes_nothing() {
    let folder = Folder::new();
    assert!(Journal::open_to_read(&folder.state()).unwrap().is_none());
    assert!(!folder.state().exists(), "a reader has made the folder");
    std::fs::create_dir(folder.state()).unwrap();
    assert!(Journal::open_to_read(&folder.state()).unwrap().is_none());
    assert_eq!(std::fs::read_dir(folder.state()).unwrap().count(), 0, "a reader has made a file");
    filled(&folder);
    let mut reader = Journal::open_to_read(&folder.state()).unwrap().unwrap();
    let refused = append(&mut reader, 1, &done(), None).unwrap_err();
    assert!(refused.to_string().ends_with("cannot be written: it, or its folder, is read-only for you"), "{refused}");
    assert_eq!(reader.head().unwrap().sequence, 6);
}

#[test]
fn a_record_that_this_program_does_not_know_is_not_written() {
    let folder = Folder::new();
    let mut journal = filled(&folder);
    let refused = append(&mut journal, 1, &Event::Unknown("teleported".to_owned()), None).unwrap_err();
    assert_eq!(refused.to_string(), "a record of kind teleported cannot be written");
    assert_eq!(journal.head().unwrap().sequence, 6);
}
