//! What the chain finds, and what only an anchor finds.

use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};
use stackdeck::operation::Event;
use stackdeck::store::journal::{Broken, Fault, Head, Verified};

use super::{Folder, append, done, filled, id};

const RECORDED: [&str; 7] = ["operation", "at", "kind", "actor", "event", "previous", "hash"];

fn bytes(connection: &Connection, column: &str, sequence: i64) -> Vec<u8> {
    let query = format!("SELECT CAST({column} AS BLOB) FROM record WHERE sequence = ?1");
    connection.query_row(&query, [sequence], |row| row.get(0)).unwrap()
}

fn write(connection: &Connection, column: &str, sequence: i64, bytes: &[u8]) {
    let query = format!("UPDATE record SET {column} = CAST(?1 AS TEXT) WHERE sequence = ?2");
    assert_eq!(connection.execute(&query, params![bytes, sequence]).unwrap(), 1);
}

/// The recipe of the chain, written down a second time: what another tool would do.
fn hash(connection: &Connection, sequence: i64, previous: &str) -> String {
    let mut text = b"stackdeck journal 1".to_vec();
    let mut frame = |field: &[u8]| {
        text.extend((field.len() as u64).to_le_bytes());
        text.extend(field);
    };
    frame(previous.as_bytes());
    frame(sequence.to_string().as_bytes());
    RECORDED[..5].iter().for_each(|column| frame(&bytes(connection, column, sequence)));
    Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What somebody with the file and this source does: makes the chain hold again, from a record on.
fn recompute(connection: &Connection, from: i64, to: i64) {
    for sequence in from..=to {
        let previous = String::from_utf8(bytes(connection, "hash", sequence - 1)).unwrap();
        let hash = hash(connection, sequence, &previous);
        write(connection, "previous", sequence, previous.as_bytes());
        write(connection, "hash", sequence, hash.as_bytes());
    }
}

fn broken(sequence: u64, fault: Fault) -> Result<Verified, Broken> {
    Err(Broken { sequence, fault })
}

#[test]
fn a_journal_that_nobody_touched_verifies() {
    let folder = Folder::new();
    let journal = filled(&folder);
    let head = journal.head().unwrap();
    assert_eq!(journal.verify(None), Ok(Verified { head: head.clone(), anchored: false }));
    assert_eq!(journal.verify(Some(&head)), Ok(Verified { head: head.clone(), anchored: true }));
    assert_eq!(hash(&folder.sqlite(), 1, &Head::nothing().hash).as_bytes(), bytes(&folder.sqlite(), "hash", 1));
    // It has grown since the anchor was told.
    let mut journal = journal;
    append(&mut journal, 2, &done(), None).unwrap();
    assert_eq!(journal.verify(Some(&head)).unwrap().head.sequence, 7);
}

#[test]
fn a_flipped_bit_in_any_recorded_field_is_found() {
    let folder = Folder::new();
    let journal = filled(&folder);
    let connection = folder.unguarded();
    for column in RECORDED {
        let whole = bytes(&connection, column, 3);
        for at in 0..whole.len() {
            let mut flipped = whole.clone();
            flipped[at] ^= if at % 2 == 0 { 0x01 } else { 0x80 };
            write(&connection, column, 3, &flipped);
            assert_eq!(journal.verify(None), broken(3, Fault::Changed), "{column}, byte {at}");
        }
        write(&connection, column, 3, &whole);
    }
    connection.execute("UPDATE record SET sequence = 103 WHERE sequence = 3", []).unwrap();
    assert_eq!(journal.verify(None), broken(3, Fault::Missing { found: 4 }));
    connection.execute("UPDATE record SET sequence = 3 WHERE sequence = 103", []).unwrap();
    journal.verify(None).unwrap();
}

#[test]
fn what_was_moved_from_one_field_to_the_next_is_found() {
    let folder = Folder::new();
    let journal = filled(&folder);
    let connection = folder.unguarded();
    let (kind, mut actor) = (bytes(&connection, "kind", 2), bytes(&connection, "actor", 2));
    let (rest, moved) = kind.split_at(kind.len() - 1);
    actor.insert(0, moved[0]);
    write(&connection, "kind", 2, rest);
    write(&connection, "actor", 2, &actor);
    assert_eq!(journal.verify(None), broken(2, Fault::Changed));
}

#[test]
fn a_changed_record_is_not_acted_on() {
    let folder = Folder::new();
    let journal = filled(&folder);
    let connection = folder.unguarded();
    let event = String::from_utf8(bytes(&connection, "event", 1)).unwrap();
    write(&connection, "event", 1, event.replace("7d3c", "8e4d").as_bytes());
    let refused = journal.records(&id(1)).unwrap_err();
    assert_eq!(refused.to_string(), "record 1 of the journal is damaged: its hash");
    assert!(refused.hints[0].contains("audit --verify"), "{refused:?}");
    assert_eq!(journal.records(&id(2)).unwrap().len(), 2, "the others can be read");
}

#[test]
fn a_damaged_operation_is_named_in_the_list_and_hides_no_other() {
    for (sequence, column) in [(3, "event"), (5, "hash"), (3, "at"), (5, "operation")] {
        let folder = Folder::new();
        let journal = filled(&folder);
        write(&folder.unguarded(), column, sequence, b"damaged");
        let listed = journal.operations(10).unwrap();
        let whole: Vec<_> = listed.iter().flatten().map(|one| one.id.clone()).collect();
        assert_eq!(whole, [id(2), id(1)], "{column} of {sequence}");
        assert_eq!(journal.records(&id(1)).unwrap().len(), 4, "{column} of {sequence}");
        let named = listed.into_iter().find_map(Result::err);
        let named = named.or_else(|| journal.records(&id(2)).err()).unwrap().to_string();
        assert!(named.starts_with(&format!("record {sequence} of the journal is damaged")), "{named}");
    }
}

#[test]
fn a_record_taken_from_the_middle_is_found() {
    let folder = Folder::new();
    let journal = filled(&folder);
    folder.unguarded().execute("DELETE FROM record WHERE sequence = 4", []).unwrap();
    assert_eq!(journal.verify(None), broken(4, Fault::Missing { found: 5 }));
    let text = journal.verify(None).unwrap_err().to_string();
    assert_eq!(text, "Record 4 is missing: record 5 is in its place");
}

#[test]
fn a_record_with_a_hash_of_its_own_does_not_fit_in() {
    let folder = Folder::new();
    let journal = filled(&folder);
    let connection = folder.unguarded();
    write(&connection, "kind", 4, b"asked");
    let previous = String::from_utf8(bytes(&connection, "previous", 4)).unwrap();
    write(&connection, "hash", 4, hash(&connection, 4, &previous).as_bytes());
    assert_eq!(journal.verify(None), broken(5, Fault::Unlinked));
}

#[test]
fn a_recomputed_chain_is_found_by_the_anchor_alone() {
    let folder = Folder::new();
    let journal = filled(&folder);
    let (early, late) = (Head { sequence: 2, hash: head_hash(&folder, 2) }, journal.head().unwrap());
    let connection = folder.unguarded();
    write(&connection, "actor", 3, br#"{"user":"nobody","host":"","program":""}"#);
    recompute(&connection, 3, 6);
    assert!(!journal.verify(None).unwrap().anchored, "without an anchor it cannot be found");
    journal.verify(Some(&early)).unwrap();
    assert_eq!(journal.verify(Some(&late)), broken(6, Fault::Rewritten));
}

#[test]
fn a_removed_tail_is_found_by_the_anchor_alone() {
    let folder = Folder::new();
    let journal = filled(&folder);
    let head = journal.head().unwrap();
    folder.unguarded().execute("DELETE FROM record WHERE sequence > 4", []).unwrap();
    assert_eq!(journal.verify(None).unwrap().head.sequence, 4);
    assert_eq!(journal.verify(Some(&head)), broken(5, Fault::CutOff));
    // The whole journal is a tail as well.
    assert_eq!(Verified::nothing(Some(&head)), broken(1, Fault::CutOff));
    assert_eq!(Verified::nothing(None).unwrap().head, Head::nothing());
}

#[test]
fn a_tail_that_was_replaced_is_found_by_the_anchor_alone() {
    let folder = Folder::new();
    let mut journal = filled(&folder);
    let head = journal.head().unwrap();
    folder.unguarded().execute("DELETE FROM record WHERE sequence = 6", []).unwrap();
    append(&mut journal, 2, &done(), None).unwrap();
    journal.verify(None).unwrap();
    assert_eq!(journal.verify(Some(&head)), broken(6, Fault::Rewritten));
}

#[test]
fn what_a_newer_program_wrote_is_kept_and_verified() {
    let folder = Folder::new();
    let mut journal = filled(&folder);
    let (head, connection) = (journal.head().unwrap(), folder.sqlite());
    let insert = "INSERT INTO record SELECT 7, operation, at, 'teleported', actor,
                  '{\"kind\":\"teleported\",\"to\":\"Mars\"}', ?1, '' FROM record WHERE sequence = 6";
    connection.execute(insert, [&head.hash]).unwrap();
    let hash = hash(&connection, 7, &head.hash);
    connection.execute_batch("DROP TRIGGER record_is_not_changed").unwrap();
    write(&connection, "hash", 7, hash.as_bytes());
    assert_eq!(journal.verify(None).unwrap().head, Head { sequence: 7, hash });
    let last = journal.records(&id(1)).unwrap().pop().unwrap();
    assert_eq!(last.event, Event::Unknown("teleported".to_owned()));
    append(&mut journal, 1, &done(), Some(7)).unwrap();
    journal.verify(None).unwrap();
}

#[test]
fn a_slip_of_the_hand_changes_nothing() {
    let folder = Folder::new();
    let journal = filled(&folder);
    for slip in ["UPDATE record SET kind = 'asked'", "DELETE FROM record"] {
        let refused = folder.sqlite().execute(slip, []).unwrap_err();
        assert!(refused.to_string().contains("the journal is only appended to"), "{refused}");
    }
    journal.verify(None).unwrap();
}

#[test]
fn records_hidden_from_the_index_are_found() {
    let folder = Folder::new();
    let journal = filled(&folder);
    let connection = folder.sqlite();
    // An index that says of itself that it has no rows, as a crafted file may.
    connection.pragma_update(None, "writable_schema", true).unwrap();
    connection
        .execute_batch(
            "CREATE TABLE empty (operation TEXT, sequence INTEGER); CREATE INDEX of_empty ON empty (operation, sequence);
             UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'of_empty')
             WHERE name = 'record_by_operation';
             DELETE FROM sqlite_schema WHERE name IN ('empty', 'of_empty');",
        )
        .unwrap();
    drop((journal, connection));
    let journal = folder.journal();
    let found = journal.verify(None).unwrap_err();
    assert!(matches!(found.fault, Fault::Database(_)) && found.sequence == 6, "{found}");
    assert!(found.to_string().starts_with("All 6 records hold, but the database is damaged"), "{found}");
}

fn head_hash(folder: &Folder, sequence: i64) -> String {
    String::from_utf8(bytes(&folder.sqlite(), "hash", sequence)).unwrap()
}
