//! The journal of simulations is the journal on disk.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use stackdeck::operation::record::{Record, Wait};
use stackdeck::operation::{Event, Outcome};
use stackdeck::store::MemoryJournal;
use stackdeck::store::journal::{AppendError, Entry};
use stackdeck::store::memory::Mishap;

use super::{Folder, anna, announcement, approved, at, done, id};

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(approved()),
        any::<u32>().prop_map(|pid| Event::Claimed { pid }),
        Just(Event::Announced(announcement())),
        (0..9_usize, any::<u16>(), 0..5_000_000_000_u64).prop_map(|(step, status, nanos)| Event::Answered {
            step,
            outcome: Outcome::Accepted {
                status,
                request_id: Some("req-2".into()),
                took: std::time::Duration::from_nanos(nanos),
                made: None,
            },
        }),
        (0..9_usize, any::<String>(), any::<Option<String>>()).prop_map(|(step, evidence, version)| Event::Passed {
            step,
            evidence,
            version
        }),
        (0..9_usize, "\\PC*").prop_map(|(step, why)| Event::Waiting { step, wait: Wait::Lost, why }),
        Just(Event::Resumed),
        Just(Event::Unknown("teleported".to_owned())),
        Just(done()),
    ]
}

/// What the caller has folded: nothing, all, or not all.
fn after() -> impl Strategy<Value = Option<u64>> {
    prop_oneof![Just(None), Just(Some(0)), (1..12_u64).prop_map(Some)]
}

fn in_memory(
    journal: &mut MemoryJournal,
    number: u32,
    event: &Event,
    after: Option<u64>,
) -> Result<Record, AppendError> {
    let (operation, by) = (id(number), anna());
    journal.append(Entry { operation: &operation, at: at(i64::from(number)), by: &by, event }, after)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 24, rng_seed: RngSeed::Fixed(3), failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn memory_and_disk_say_the_same(series in prop::collection::vec((1..4_u32, event(), after()), 0..12)) {
        let folder = Folder::new();
        let (mut disk, mut memory) = (folder.journal(), MemoryJournal::new());
        for (number, event, after) in &series {
            let on_disk = super::append(&mut disk, *number, event, *after);
            prop_assert_eq!(&on_disk, &in_memory(&mut memory, *number, event, *after));
            prop_assert!(on_disk.is_err() || on_disk.unwrap().event == *event, "{:?} was not kept", event);
        }
        prop_assert_eq!(disk.head().unwrap(), memory.head());
        prop_assert_eq!(disk.verify(None), memory.verify(None));
        prop_assert_eq!(disk.find("last"), memory.find("last"));
        for number in 1..4 {
            prop_assert_eq!(disk.records(&id(number)).unwrap(), memory.records(&id(number)));
            prop_assert_eq!(disk.records_after(&id(number), 3).unwrap(), memory.records_after(&id(number), 3));
        }
    }
}

#[test]
fn a_crash_before_the_record_is_durable_leaves_nothing() {
    let mut journal = MemoryJournal::new();
    in_memory(&mut journal, 1, &approved(), Some(0)).unwrap();
    journal.befall(2, Mishap::CrashBefore);
    in_memory(&mut journal, 1, &Event::Claimed { pid: 1 }, Some(1)).unwrap();
    let crashed = journal.announce(&id(1), at(3), &anna(), announcement(), Some(2));
    assert!(matches!(crashed, Err(AppendError::Failed(_))) && journal.has_crashed(), "{crashed:?}");
    in_memory(&mut journal, 1, &done(), None).unwrap_err();
    let mut next = journal.another();
    assert!(!next.has_crashed());
    assert_eq!(next.records(&id(1)).len(), 2);
    assert_eq!(in_memory(&mut next, 1, &done(), Some(2)).unwrap().sequence, 3);
    assert_eq!(next.verify(None).unwrap().head, next.head());
}

#[test]
fn a_crash_after_the_record_is_durable_leaves_it() {
    let mut journal = MemoryJournal::new();
    let console = journal.another();
    in_memory(&mut journal, 1, &approved(), Some(0)).unwrap();
    journal.befall(1, Mishap::CrashAfter);
    journal.announce(&id(1), at(3), &anna(), announcement(), Some(1)).unwrap_err();
    assert!(journal.has_crashed() && !console.has_crashed());
    let events: Vec<Event> = console.records(&id(1)).into_iter().map(|record| record.event).collect();
    assert_eq!(events, [approved(), Event::Announced(announcement())]);
}

#[test]
fn a_full_disk_leaves_nothing_and_passes() {
    let mut journal = MemoryJournal::new();
    journal.befall(1, Mishap::Full);
    let full = in_memory(&mut journal, 1, &approved(), Some(0)).unwrap_err();
    assert!(full.to_string().contains("full") && !journal.has_crashed(), "{full}");
    assert_eq!(in_memory(&mut journal, 1, &approved(), Some(0)).unwrap().sequence, 1);
}
