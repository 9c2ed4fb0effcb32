//! Cursor and marks stick to rows, whatever happens around them.

use std::collections::BTreeSet;

use proptest::prelude::*;
use stackdeck::console::app::column::RowId;

use super::console::{Console, fleet};

#[test]
fn the_cursor_stays_on_its_row_while_others_come_and_go() {
    let mut console = Console::showing(&["a-1", "b-1", "c-1"]);
    console.keys("j");
    console.fleet(fleet(&["a-0", "a-1", "aa-1", "b-1", "c-1"]));
    assert_eq!(console.cursor().as_deref(), Some("b"));
    assert_eq!(console.notice(), "");
}

#[test]
fn a_row_that_goes_leaves_the_cursor_on_the_next_and_is_told_by_name() {
    let mut console = Console::showing(&["a-1", "b-1", "c-1"]);
    console.keys("j");
    console.fleet(fleet(&["a-1", "c-1"]));
    assert_eq!(console.cursor().as_deref(), Some("c"));
    assert!(console.notice().starts_with("b is gone"), "{}", console.notice());
}

#[test]
fn marks_survive_sorting_and_filtering_and_gone_ones_are_told() {
    let mut console = Console::showing(&["web-1", "web-2", "web-3", "web-4"]);
    console.keys("2 space j ctrl-space");
    assert_eq!(console.marked(), ["web-1", "web-2", "web-3"]);
    console.keys("N");
    assert_eq!(console.marked(), ["web-3", "web-2", "web-1"]);
    console.text("/web-4");
    console.keys("enter");
    assert_eq!(console.model.table().unwrap().hidden_marks(), 3);
    console.keys("esc");
    console.fleet(fleet(&["web-1", "web-4"]));
    assert_eq!(console.marked(), ["web-1"]);
    assert!(console.model.notices.newest_first().any(|notice| notice.text.starts_with("2 marked rows are gone")));
    console.keys("*");
    assert_eq!(console.marked(), ["web-4"]);
    console.keys("M");
    assert!(console.marked().is_empty());
}

#[derive(Clone, Debug)]
enum Step {
    Keys(&'static str),
    Filter(u8),
    Refresh(BTreeSet<u8>),
}

fn step() -> impl Strategy<Value = Step> {
    const KEYS: &[&str] = &["j", "k", "G", "g g", "N", "H", "A", "space", "ctrl-space", "*", "pgdn", "esc"];
    prop_oneof![
        proptest::sample::select(KEYS).prop_map(Step::Keys),
        (0_u8..20).prop_map(Step::Filter),
        proptest::collection::btree_set(0_u8..20, 0..20).prop_map(Step::Refresh),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cursor_and_marks_follow_identity(steps in proptest::collection::vec(step(), 1..25)) {
        let mut console = Console::showing(&["web-1", "web-2"]);
        console.keys("2");
        for step in steps {
            let table = console.model.table().unwrap();
            let (before, marks) = (table.cursor().cloned(), table.marks().clone());
            match step {
                Step::Keys(keys) => {
                    // Esc at the top would go home: another table.
                    if keys != "esc" || !table.filter_text.is_empty() {
                        console.keys(keys);
                    }
                }
                Step::Filter(number) => {
                    console.keys("/ ctrl-u");
                    console.text(&format!("{number}"));
                    console.keys("enter");
                }
                Step::Refresh(numbers) => {
                    let names: Vec<String> = numbers.iter().map(|number| format!("web-{number}")).collect();
                    console.fleet(fleet(&names.iter().map(String::as_str).collect::<Vec<_>>()));
                    let table = console.model.table().unwrap();
                    let there = |id: &RowId| table.order().iter().any(|(other, _)| other == id);
                    if let Some(before) = before.filter(there) {
                        prop_assert_eq!(table.cursor(), Some(&before));
                    }
                    for mark in &marks {
                        let RowId::Instance(id) = mark else { continue };
                        prop_assert_eq!(table.marks().contains(mark), console.model.fleet.member(id).is_some());
                    }
                }
            }
            let table = console.model.table().unwrap();
            prop_assert_eq!(table.cursor().is_none(), table.is_empty());
            prop_assert_eq!(table.cursor(), table.order().get(table.position()).map(|(id, _)| id));
            let panel = console.panel();
            prop_assert_eq!(panel.rows.iter().filter(|row| row.cursor).count(), usize::from(!table.is_empty()));
        }
    }
}
